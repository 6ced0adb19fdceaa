/**
 * IN over a list of expressions.
 *
 * A list of constants becomes a condition on numbers, or a set that a row asks once (texts and dates once
 * for each distinct value). Items that depend on the row are compared one by one. Three-valued: without a
 * match, a NULL among the items makes the result NULL.
 *
 * @module
 */
import { datumKey, equalDatums } from "../../query/functions/compare.ts";
import type { InListScalar } from "../../query/plan.ts";
import type { Dictionary } from "../../storage/dictionary.ts";
import { BOOLEAN, type Datum } from "../../storage/sql_type.ts";
import type { Chunk } from "../../storage/vector.ts";
import { type DenseVector, vectorFromDatums } from "../vector_build.ts";
import { readDatums } from "../vector_read.ts";
import { BooleanNode } from "./boolean_node.ts";
import { listCondition } from "./number_condition.ts";
import { NumberConditionNode } from "./number_condition_node.ts";
import { callRows, RowCallNode, type RowFunction } from "./row_call.ts";
import { ConstantNode, type NodeCompiler, type ScalarNode, traitsOf } from "./scalar_node.ts";

/** The node of `argument IN (items)`. */
export function compileInList(
  scalar: InListScalar,
  argument: ScalarNode,
  items: readonly ScalarNode[],
  compiler: NodeCompiler,
): ScalarNode {
  if (argument.constant === null) return new ConstantNode(BOOLEAN, null);
  const constants: Datum[] = [];
  for (const item of items) if (item.constant !== undefined) constants.push(item.constant);
  if (constants.length < items.length) return new RowListNode(argument, items);
  const { type } = argument;
  const known = constants.filter((one) => one !== null);
  const missing = known.length < constants.length ? null : false;
  const keys = new Set(known.map((one) => datumKey(one, type)));
  const { environment } = compiler;
  const rowFunction: RowFunction = {
    evaluate: ([value]) => keys.has(datumKey(value!, type)) || missing,
    strict: true,
    volatile: false,
    total: true,
    context: {
      nowMicros: environment.nowMicros,
      timeZone: environment.timeZone,
      random: environment.random,
      argumentTypes: [type],
      resultType: BOOLEAN,
    },
    span: scalar.span,
  };
  const condition = missing === false ? listCondition(type, known) : undefined;
  return condition === undefined
    ? new ConstantListNode(rowFunction, argument)
    : new NumberConditionNode([argument], condition, rowFunction);
}

/** A list of constants that are no numbers. */
class ConstantListNode extends RowCallNode {
  readonly #function: RowFunction;
  readonly #argument: ScalarNode;
  #dictionary: Dictionary | null = null;
  /** Results by code of `#dictionary`. */
  #results: readonly Datum[] = [];

  constructor(rowFunction: RowFunction, argument: ScalarNode) {
    super(rowFunction, [argument]);
    this.#function = rowFunction;
    this.#argument = argument;
  }

  override evaluate(chunk: Chunk): DenseVector {
    const { size } = chunk;
    const vector = this.#argument.evaluate(chunk);
    if (vector.kind !== "code" || vector.dictionary.size > size) {
      return callRows(this.#function, [vector], size);
    }
    const results = this.#resultsOf(vector.dictionary);
    const { values, nulls } = vector;
    const out = new Array<Datum>(size);
    for (let i = 0; i < size; i++) out[i] = nulls !== null && nulls[i] === 1 ? null : results[values[i]!]!;
    return vectorFromDatums(BOOLEAN, out, size);
  }

  #resultsOf(dictionary: Dictionary): readonly Datum[] {
    if (this.#dictionary !== dictionary || this.#results.length < dictionary.size) {
      const { evaluate, context } = this.#function;
      this.#dictionary = dictionary;
      this.#results = Array.from(
        { length: dictionary.size },
        (_, code) => evaluate([dictionary.strings[code]!], context),
      );
    }
    return this.#results;
  }
}

/** A list with items that depend on the row. */
class RowListNode extends BooleanNode {
  readonly #argument: ScalarNode;
  readonly #items: readonly ScalarNode[];

  constructor(argument: ScalarNode, items: readonly ScalarNode[]) {
    super(traitsOf([argument, ...items], false));
    this.#argument = argument;
    this.#items = items;
  }

  evaluate(chunk: Chunk): DenseVector {
    const { size } = chunk;
    const { type } = this.#argument;
    const values = readDatums(this.#argument.evaluate(chunk), size);
    const items = this.#items.map((node) => readDatums(node.evaluate(chunk), size));
    const out = this.output(size);
    const nulls = new Uint8Array(size);
    let nullCount = 0;
    for (let i = 0; i < size; i++) {
      const value = values[i]!;
      const found = value !== null &&
        items.some((item) => item[i] !== null && equalDatums(item[i]!, value, type));
      out[i] = Number(found);
      if (!found && (value === null || items.some((item) => item[i] === null))) nullCount += nulls[i] = 1;
    }
    return { kind: "bool", values: out, nulls: nullCount > 0 ? nulls : null };
  }
}

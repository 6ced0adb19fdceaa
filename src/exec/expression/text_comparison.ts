/**
 * Comparisons of texts, a chunk at a time. Codes of one dictionary are equal when their texts are.
 *
 * @module
 */
import { compareText } from "../../storage/dictionary.ts";
import type { Chunk } from "../../storage/vector.ts";
import * as kernel from "../kernels/comparison.gen.ts";
import { mergeNulls, refineKnown } from "../kernels/nulls.ts";
import type { DenseVector } from "../vector_build.ts";
import { BooleanNode } from "./boolean_node.ts";
import { compareInt32 } from "./comparison_kernels.ts";
import type { ComparisonOperator, NumberCondition } from "./number_condition.ts";
import { refineNumbers, selectNumbers } from "./number_filter.ts";
import { type ScalarNode, traitsOf } from "./scalar_node.ts";
import type { SelectiveNode } from "./selective.ts";

/** A text equal, or unequal, to a constant. */
export class TextEqualityNode extends BooleanNode implements SelectiveNode {
  readonly subject: ScalarNode;
  readonly text: string;
  readonly negated: boolean;

  constructor(argument: ScalarNode, text: string, negated: boolean) {
    super(traitsOf([argument], false));
    this.subject = argument;
    this.text = text;
    this.negated = negated;
  }

  evaluate(chunk: Chunk): DenseVector {
    const { size } = chunk;
    const vector = this.subject.evaluate(chunk);
    const out = this.output(size);
    if (vector.kind === "code") {
      const code = vector.dictionary.find(this.text);
      if (this.negated) kernel.unequalInt32VC(vector.values, code, size, out);
      else kernel.equalInt32VC(vector.values, code, size, out);
    } else if (vector.kind === "str") {
      for (let i = 0; i < size; i++) out[i] = Number((vector.values[i] === this.text) !== this.negated);
    }
    return this.result(out, vector.nulls, size);
  }

  select(chunk: Chunk, rows: Int32Array): number {
    const vector = this.subject.evaluate(chunk);
    if (vector.kind !== "code") return -1;
    const count = selectNumbers(
      vector.values,
      this.#codeCondition(vector.dictionary.find(this.text)),
      0,
      chunk.size,
      rows,
    );
    return vector.nulls === null ? count : refineKnown(vector.nulls, rows, count);
  }

  refine(chunk: Chunk, rows: Int32Array, count: number): number {
    const vector = this.subject.evaluate(chunk);
    if (vector.kind !== "code") return -1;
    const kept = refineNumbers(
      vector.values,
      this.#codeCondition(vector.dictionary.find(this.text)),
      rows,
      count,
    );
    return vector.nulls === null ? kept : refineKnown(vector.nulls, rows, kept);
  }

  /** Code -1, of a text that the dictionary does not have, equals none. */
  #codeCondition(code: number): NumberCondition {
    return this.negated ? { kind: "unequal", value: code } : { kind: "range", low: code, high: code };
  }
}

/** Two texts. */
export class TextComparisonNode extends BooleanNode {
  readonly #operator: ComparisonOperator;
  readonly #left: ScalarNode;
  readonly #right: ScalarNode;
  #nulls = new Uint8Array(0);

  constructor(operator: ComparisonOperator, left: ScalarNode, right: ScalarNode) {
    super(traitsOf([left, right], false));
    this.#operator = operator;
    this.#left = left;
    this.#right = right;
  }

  evaluate(chunk: Chunk): DenseVector {
    const { size } = chunk;
    const left = this.#left.evaluate(chunk);
    const right = this.#right.evaluate(chunk);
    const out = this.output(size);
    if (this.#nulls.length < size) this.#nulls = new Uint8Array(size);
    const equality = this.#operator === "=" || this.#operator === "<>";
    const codes = left.kind === "code" && right.kind === "code" && left.dictionary === right.dictionary;
    if (codes && equality) compareInt32(this.#operator, left.values, right.values, size, out);
    else compareTexts(this.#operator, left, right, size, out);
    return this.result(out, mergeNulls(left.nulls, right.nulls, size, this.#nulls), size);
  }
}

function compareTexts(
  operator: ComparisonOperator,
  left: DenseVector,
  right: DenseVector,
  size: number,
  out: Uint8Array,
): void {
  const leftTexts = textsOf(left, size);
  const rightTexts = textsOf(right, size);
  if (operator === "=" || operator === "<>") {
    const equal = operator === "=";
    for (let i = 0; i < size; i++) out[i] = Number((leftTexts[i] === rightTexts[i]) === equal);
    return;
  }
  const orders = new Int32Array(size);
  for (let i = 0; i < size; i++) orders[i] = compareText(leftTexts[i]!, rightTexts[i]!);
  compareInt32(operator, orders, new Int32Array(size), size, out);
}

/** Strings of a text vector; anything under NULLs. */
export function textsOf(vector: DenseVector, size: number): readonly string[] {
  if (vector.kind === "str") return vector.values;
  if (vector.kind !== "code") return new Array<string>(size).fill("");
  const { strings } = vector.dictionary;
  const out = new Array<string>(size);
  for (let i = 0; i < size; i++) out[i] = strings[vector.values[i]!] ?? "";
  return out;
}

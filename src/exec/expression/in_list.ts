/**
 * IN over a list of expressions.
 *
 * Constants are kept in a set by their key, so that a row costs one lookup; items that depend on the row are
 * compared one by one. Three-valued: without a match, a NULL among the items makes the result NULL.
 *
 * @module
 */
import { datumKey } from "../../query/functions/compare.ts";
import { BOOLEAN, type Datum, type SqlType } from "../../storage/sql_type.ts";
import type { Chunk } from "../../storage/vector.ts";
import type { DenseVector } from "../vector_build.ts";
import { readDatums } from "../vector_read.ts";
import { type ScalarNode, traitsOf } from "./scalar_node.ts";

/** `argument IN (items)`. */
export class InListNode implements ScalarNode {
  readonly type: SqlType = BOOLEAN;
  readonly columns: ReadonlySet<number>;
  readonly fallible: boolean;
  readonly volatile: boolean;
  readonly #argument: ScalarNode;
  readonly #keys: ReadonlySet<string | number | bigint>;
  readonly #hasNull: boolean;
  readonly #others: readonly ScalarNode[];

  constructor(argument: ScalarNode, items: readonly ScalarNode[]) {
    const traits = traitsOf([argument, ...items], false);
    this.columns = traits.columns;
    this.fallible = traits.fallible;
    this.volatile = traits.volatile;
    this.#argument = argument;
    const constants: Datum[] = [];
    for (const item of items) if (item.constant !== undefined) constants.push(item.constant);
    this.#hasNull = constants.includes(null);
    this.#keys = new Set(constants.filter((one) => one !== null).map((one) => datumKey(one, argument.type)));
    this.#others = items.filter((item) => item.constant === undefined);
  }

  evaluate(chunk: Chunk): DenseVector {
    const { size } = chunk;
    const { type } = this.#argument;
    const values = readDatums(this.#argument.evaluate(chunk), size);
    const others = this.#others.map((node) => readDatums(node.evaluate(chunk), size));
    const out = new Uint8Array(size);
    const nulls = new Uint8Array(size);
    let nullCount = 0;
    for (let i = 0; i < size; i++) {
      const value = values[i]!;
      let unknown = value === null || this.#hasNull;
      const key = datumKey(value, type);
      let found = value !== null && this.#keys.has(key);
      for (let j = 0; j < others.length && !found; j++) {
        const other = others[j]![i]!;
        if (other === null) unknown = true;
        else if (value !== null) found = datumKey(other, type) === key;
      }
      if (found) out[i] = 1;
      else if (unknown) nullCount += nulls[i] = 1;
    }
    return { kind: "bool", values: out, nulls: nullCount > 0 ? nulls : null };
  }
}

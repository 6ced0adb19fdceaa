/**
 * DISTINCT: accumulators see a row of a group when its count leaves 0 and when it is 0 again.
 *
 * @module
 */
import { gatherVector } from "../../exec/gather_vector.ts";
import type { DenseVector } from "../../exec/vector_build.ts";
import type { SqlType } from "../../storage/sql_type.ts";
import type { GroupAccumulator } from "./group_accumulator.ts";
import { GroupedRows, idsOf } from "./grouped_rows.ts";

/** See the module header. */
export class DistinctRows implements GroupAccumulator {
  /** What sees the distinct rows. */
  readonly inner: GroupAccumulator[] = [];
  readonly #rows: GroupedRows;
  #pairs: Int32Array = new Int32Array(0);
  #crossed: Int32Array = new Int32Array(0);
  #crossings: Int32Array = new Int32Array(0);

  constructor(types: readonly SqlType[]) {
    this.#rows = new GroupedRows(types, false);
  }

  get stateBytes(): number {
    return this.inner.reduce((bytes, each) => bytes + each.stateBytes, this.#rows.stateBytes);
  }

  get examined(): number {
    return this.inner.reduce((items, each) => items + each.examined, 0);
  }

  reserve(groupCount: number): void {
    for (const each of this.inner) each.reserve(groupCount);
  }

  add(ids: Int32Array, args: readonly DenseVector[], weights: Int32Array, size: number): void {
    if (this.#pairs.length < size) {
      this.#pairs = new Int32Array(size);
      this.#crossed = new Int32Array(size);
      this.#crossings = new Int32Array(size);
    }
    this.#rows.assign(ids, args, size, this.#pairs);
    const count = this.#count(weights, size);
    if (count > 0) {
      const crossed = this.#crossed;
      const groups = new Int32Array(count);
      for (let i = 0; i < count; i++) groups[i] = ids[crossed[i]!]!;
      // Rows picked from a dense vector are a dense vector.
      const picked = args.map((vector) => gatherVector(vector, crossed, count) as DenseVector);
      for (const each of this.inner) each.add(groups, picked, this.#crossings, count);
    }
    if (this.#rows.isSparse) this.#rows.keep(this.#rows.live(), (group) => group);
  }

  /** The counts of its rows are 0 already. */
  clear(group: number): void {
    for (const each of this.inner) each.clear(group);
  }

  renumber(groups: Int32Array): void {
    this.#rows.keep(this.#rows.live(), idsOf(groups));
    for (const each of this.inner) each.renumber(groups);
  }

  /** Counts rows; gives the number of those whose count left 0 or came back to it. */
  #count(weights: Int32Array, size: number): number {
    const rows = this.#rows;
    let count = 0;
    for (let i = 0; i < size; i++) {
      const before = rows.add(this.#pairs[i]!, weights[i]!);
      const crossing = Math.sign(before + weights[i]!) - Math.sign(before);
      this.#crossed[count] = i;
      this.#crossings[count] = crossing;
      count += Number(crossing !== 0);
    }
    return count;
  }
}

/**
 * any_value and first: the value of one row of each group, kept as it comes.
 *
 * Lazy columns stay lazy, so wide text is only decoded for groups that are shown. Once every group has its
 * value a row costs one test.
 *
 * @module
 */
import type { SqlType } from "../../storage/sql_type.ts";
import type { Vector } from "../../storage/vector.ts";
import { ColumnBuffer } from "../column_buffer.ts";
import { gatherVector } from "../gather_vector.ts";
import { materialize } from "../materialize.ts";
import { type Accumulator, grownInt32 } from "./accumulator.ts";

/** The first value of each group. */
export class FirstAccumulator implements Accumulator<Vector> {
  readonly #skipsNulls: boolean;
  readonly #values: ColumnBuffer;
  /** Where each group's value is in `#values`, plus 1; 0 for none. */
  #places: Int32Array = new Int32Array(16);
  #rows: Int32Array = new Int32Array(0);

  constructor(type: SqlType, skipsNulls: boolean) {
    this.#skipsNulls = skipsNulls;
    this.#values = new ColumnBuffer(type);
  }

  get memoryBytes(): number {
    return this.#values.memoryBytes + this.#places.byteLength;
  }

  reserve(groupCount: number): void {
    this.#places = grownInt32(this.#places, groupCount);
  }

  add(ids: Int32Array | null, args: readonly Vector[], size: number): void {
    if (this.#rows.length < size) this.#rows = new Int32Array(size);
    const candidates = rowsWithoutPlace(this.#places, ids, size, this.#rows);
    if (candidates === 0) return;
    const values = gatherVector(args[0]!, this.#rows, candidates);
    const { nulls } = this.#skipsNulls ? materialize(values, candidates) : { nulls: null };
    const places = this.#places;
    let count = 0;
    for (let i = 0; i < candidates; i++) {
      const group = ids === null ? 0 : ids[this.#rows[i]!]!;
      if (places[group] !== 0 || (nulls !== null && nulls[i] === 1)) continue;
      this.#rows[count++] = i;
      places[group] = this.#values.length + count;
    }
    this.#values.appendSelected(values, this.#rows, count);
  }

  /** Nothing is left to do. */
  prepare(): boolean {
    return true;
  }

  result(from: number, to: number): Vector {
    const rows = new Int32Array(to - from);
    for (let group = from; group < to; group++) rows[group - from] = this.#places[group]! - 1;
    return this.#values.gather(rows, to - from);
  }
}

/** Rows whose group has no value yet; of one group there may be several. */
function rowsWithoutPlace(
  places: Int32Array,
  ids: Int32Array | null,
  size: number,
  rows: Int32Array,
): number {
  if (ids === null) {
    if (places[0] !== 0) return 0;
    for (let i = 0; i < size; i++) rows[i] = i;
    return size;
  }
  let count = 0;
  for (let i = 0; i < size; i++) {
    rows[count] = i;
    if (places[ids[i]!] === 0) count++;
  }
  return count;
}

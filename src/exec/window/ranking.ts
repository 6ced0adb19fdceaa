/**
 * Window functions that depend on positions alone: row_number, rank, dense_rank, percent_rank, cume_dist and
 * ntile. O(1) a row.
 *
 * @module
 */
import { QueryError } from "../../base/error.ts";
import type { Datum } from "../../storage/sql_type.ts";
import type { Vector } from "../../storage/vector.ts";
import type { WindowOrder } from "./partitioned_order.ts";
import type { WindowComputation } from "./window_computation.ts";

/** The functions of this module. */
export type RankingFunction = "row_number" | "rank" | "dense_rank" | "percent_rank" | "cume_dist" | "ntile";

/** A number for each row, from its position. */
export class RankingComputation implements WindowComputation {
  readonly #kind: RankingFunction;
  readonly #order: WindowOrder;
  /** The argument of ntile by row. */
  readonly #buckets: readonly Datum[];
  readonly #values: Float64Array;
  #nulls: Uint8Array | null = null;

  constructor(kind: RankingFunction, order: WindowOrder, buckets: readonly Datum[]) {
    this.#kind = kind;
    this.#order = order;
    this.#buckets = buckets;
    this.#values = new Float64Array(order.rowCount);
  }

  compute(from: number, to: number): void {
    const { order, groupStarts, groupEnds } = this.#order;
    const values = this.#values;
    const rows = to - from;
    switch (this.#kind) {
      case "row_number":
        for (let at = from; at < to; at++) values[order[at]!] = at - from + 1;
        return;
      case "rank":
        for (let at = from; at < to; at++) values[order[at]!] = groupStarts[at]! - from + 1;
        return;
      case "dense_rank": {
        let rank = 0;
        for (let at = from; at < to; at++) {
          if (groupStarts[at] === at) rank++;
          values[order[at]!] = rank;
        }
        return;
      }
      case "percent_rank":
        for (let at = from; at < to; at++) {
          values[order[at]!] = rows === 1 ? 0 : (groupStarts[at]! - from) / (rows - 1);
        }
        return;
      case "cume_dist":
        for (let at = from; at < to; at++) values[order[at]!] = (groupEnds[at]! - from) / rows;
        return;
      case "ntile":
        return this.#computeBuckets(from, to);
    }
  }

  /** The number of buckets is that of the partition's first row; the first ones get a row more each. */
  #computeBuckets(from: number, to: number): void {
    const { order } = this.#order;
    const given = this.#buckets[order[from]!] ?? null;
    if (given === null) {
      this.#nulls ??= new Uint8Array(this.#order.rowCount);
      for (let at = from; at < to; at++) this.#nulls[order[at]!] = 1;
      return;
    }
    const buckets = Number(given);
    if (buckets <= 0) {
      throw new QueryError(
        "invalid-value",
        `The argument of ntile must be greater than zero: received ${buckets}`,
      );
    }
    const rows = to - from;
    const small = Math.floor(rows / buckets);
    const larger = rows % buckets;
    for (let i = 0; i < rows; i++) {
      const rest = i - larger * (small + 1);
      const bucket = rest < 0 ? Math.floor(i / (small + 1)) : larger + Math.floor(rest / small);
      this.#values[order[from + i]!] = bucket + 1;
    }
  }

  result(): Vector {
    if (this.#kind === "ntile") {
      return { kind: "i32", values: Int32Array.from(this.#values), nulls: this.#nulls };
    }
    return { kind: "f64", values: this.#values, nulls: null };
  }
}

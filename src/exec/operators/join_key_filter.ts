/**
 * The keys of a join's build side as a filter of the scan that feeds the probe side (sideways information
 * passing): rows that cannot match are dropped before anything else of them is read.
 *
 * It applies to key columns of whole numbers in a small range, one bit a possible value. When it lets nearly
 * everything through it switches itself off. O(1) a row.
 *
 * @module
 */
import type { Vector } from "../../storage/vector.ts";
import type { ColumnFilter } from "../key_table.ts";
import type { JoinBuild } from "./hash_join_build.ts";
import type { KeyFilter } from "./scan.ts";

const TRIAL_ROWS = 32768;
const SHARE_MAX = 0.75;

/** Keeps rows whose value is in one key column of a build side. */
export class JoinKeyFilter implements KeyFilter {
  readonly ordinal: number;
  readonly #build: JoinBuild;
  readonly #column: number;
  /** `null` until the build side is complete and asked for. */
  #filter: ColumnFilter | undefined | null = null;
  #seen = 0;
  #kept = 0;

  /** `column`: which key column of the build side. */
  constructor(ordinal: number, build: JoinBuild, column: number) {
    this.ordinal = ordinal;
    this.#build = build;
    this.#column = column;
  }

  get active(): boolean {
    if (this.#filter === null) this.#filter = this.#build.table.columnFilter(this.#column);
    if (this.#filter === undefined) return false;
    return this.#seen < TRIAL_ROWS || this.#kept < this.#seen * SHARE_MAX;
  }

  excludes(min: number, max: number): boolean {
    if (!this.active || !this.#filter) return false;
    const { min: least, range } = this.#filter;
    return max < least || min > least + range - 2;
  }

  refine(values: Vector, offsets: Int32Array, count: number): number {
    if (!this.#filter) return count;
    const { words, min, range } = this.#filter;
    let kept = count;
    if (values.kind === "i32") kept = refineInt32(values.values, offsets, count, words, min - 1, range);
    else if (values.kind === "f64") {
      kept = refineFloat64(values.values, offsets, count, words, min - 1, range);
    }
    this.#seen += count;
    this.#kept += kept;
    return kept;
  }
}

// A NULL reads as value 0: kept or not, the join itself rejects it.

function refineInt32(
  values: Int32Array,
  offsets: Int32Array,
  count: number,
  words: Uint32Array,
  base: number,
  range: number,
): number {
  let kept = 0;
  for (let i = 0; i < count; i++) {
    const code = values[i]! - base;
    offsets[kept] = offsets[i]!;
    if (code > 0 && code < range) kept += words[code >>> 5]! >>> (code & 31) & 1;
  }
  return kept;
}

function refineFloat64(
  values: Float64Array,
  offsets: Int32Array,
  count: number,
  words: Uint32Array,
  base: number,
  range: number,
): number {
  let kept = 0;
  for (let i = 0; i < count; i++) {
    const distance = values[i]! - base;
    offsets[kept] = offsets[i]!;
    if (distance > 0 && distance < range) {
      const code = distance | 0;
      kept += words[code >>> 5]! >>> (code & 31) & 1;
    }
  }
  return kept;
}

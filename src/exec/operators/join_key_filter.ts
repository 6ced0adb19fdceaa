/**
 * The keys of a join's build side as a filter of the scan that feeds the probe side (sideways information
 * passing): rows that cannot match are dropped before anything else of them is read.
 *
 * It applies to keys of one whole-number column that are looked up in an array. When it lets nearly everything
 * through it switches itself off. O(1) a row.
 *
 * @module
 */
import type { Vector } from "../../storage/vector.ts";
import type { JoinBuild } from "./hash_join_build.ts";
import type { KeyFilter } from "./scan.ts";

const TRIAL_ROWS = 65536;
const SHARE_MAX = 0.8;

/** Keeps rows whose key is in a build side. */
export class JoinKeyFilter implements KeyFilter {
  readonly ordinal: number;
  readonly #build: JoinBuild;
  #seen = 0;
  #kept = 0;

  constructor(ordinal: number, build: JoinBuild) {
    this.ordinal = ordinal;
    this.#build = build;
  }

  get active(): boolean {
    if (this.#build.table.direct === undefined) return false;
    return this.#seen < TRIAL_ROWS || this.#kept < this.#seen * SHARE_MAX;
  }

  excludes(min: number, max: number): boolean {
    const direct = this.#build.table.direct;
    return direct !== undefined && (max < direct.min || min > direct.min + direct.range - 2);
  }

  refine(values: Vector, offsets: Int32Array, count: number): number {
    const direct = this.#build.table.direct;
    if (direct === undefined) return count;
    let kept = count;
    const { ids, min, range } = direct;
    if (values.kind === "i32") kept = refineInt32(values.values, offsets, count, ids, min - 1, range);
    else if (values.kind === "f64") kept = refineFloat64(values.values, offsets, count, ids, min - 1, range);
    this.#seen += count;
    this.#kept += kept;
    return kept;
  }
}

// Code 0, that of NULL, is looked up for nothing: values stand for themselves and NULL rows read value 0, whose
// match the join itself rejects.

function refineInt32(
  values: Int32Array,
  offsets: Int32Array,
  count: number,
  ids: Int32Array,
  base: number,
  range: number,
): number {
  let kept = 0;
  for (let i = 0; i < count; i++) {
    const code = values[i]! - base;
    offsets[kept] = offsets[i]!;
    if (code > 0 && code < range && ids[code] !== 0) kept++;
  }
  return kept;
}

function refineFloat64(
  values: Float64Array,
  offsets: Int32Array,
  count: number,
  ids: Int32Array,
  base: number,
  range: number,
): number {
  let kept = 0;
  for (let i = 0; i < count; i++) {
    const code = values[i]! - base;
    offsets[kept] = offsets[i]!;
    if (code > 0 && code < range && ids[code | 0] !== 0) kept++;
  }
  return kept;
}

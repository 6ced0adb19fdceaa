/**
 * Filters that run inside storage, on segments, before rows become chunks.
 *
 * @module
 */
import type { PlanColumn, Scalar } from "../../query/plan.ts";
import type { SegmentView } from "../../storage/table_view.ts";
import type { EvaluationEnvironment } from "./environment.ts";

/** A scanned column and where it stands in its table. */
export type ScanColumn = PlanColumn & { readonly ordinal: number };

/** Selects live rows of segments. */
export interface ScanFilter {
  /** Conjuncts that the filter leaves to `compilePredicate` over the scanned columns, in their order. */
  readonly residual: readonly Scalar[];
  /** What the zone maps say: no row passes, or every live row does, or rows must be looked at. */
  prune(segment: SegmentView): "none" | "some" | "all";
  /**
   * Writes the offsets in [from, to) of live rows that pass to `selection`, ascending; gives their count.
   * `selection` has room for to - from offsets.
   */
  filter(segment: SegmentView, from: number, to: number, selection: Int32Array): number;
}

/** Compiles those of `conjuncts` that can run on segments. */
export function compileScanFilter(
  conjuncts: readonly Scalar[],
  _columns: readonly ScanColumn[],
  _environment: EvaluationEnvironment,
): ScanFilter {
  return {
    residual: conjuncts,
    prune: (segment) => segment.slotCount === segment.deletedCount ? "none" : "all",
    filter: selectLive,
  };
}

/** The offsets in [from, to) of rows that are not deleted. O(to - from). */
export function selectLive(segment: SegmentView, from: number, to: number, selection: Int32Array): number {
  const end = Math.min(to, segment.slotCount);
  const { tombstones } = segment;
  let count = 0;
  if (tombstones === null) {
    for (let offset = from; offset < end; offset++) selection[count++] = offset;
    return count;
  }
  for (let offset = from; offset < end; offset++) {
    selection[count] = offset;
    count += tombstones[offset >>> 5]! >>> (offset & 31) & 1 ^ 1;
  }
  return count;
}

/**
 * Columns that a view reads, and changes reduced to them.
 *
 * An UPDATE comes as the old row with weight -1 and the new row with weight +1. When only columns changed that
 * the view does not read, the two cancel out before any join is walked: a new comment of a nation costs
 * nothing, though a quarter of all orders hang on it. O(changed rows).
 *
 * @module
 */
import type { ColumnId, Scalar, ScanPlan } from "../query/plan.ts";
import { freeColumns } from "../query/plan_walk.ts";
import { rowKey, type WeightedRow } from "./zset.ts";

/** The columns that `scalars` refer to. */
export function columnsOf(scalars: Iterable<Scalar>): ReadonlySet<ColumnId> {
  const used = new Set<ColumnId>();
  for (const scalar of scalars) for (const id of freeColumns(scalar)) used.add(id);
  return used;
}

/** `delta` of the table of `scan`, less the rows that are equal in the columns `used` and cancel out. */
export function reducedTo(
  used: ReadonlySet<ColumnId>,
  scan: ScanPlan,
  delta: readonly WeightedRow[],
): readonly WeightedRow[] {
  // Inserts alone and deletes alone have nothing to cancel.
  if (delta.every(({ weight }) => weight > 0) || delta.every(({ weight }) => weight < 0)) return delta;
  const columns = scan.columns.filter(({ id }) => used.has(id));
  const types = columns.map(({ type }) => type);
  const net = new Map<string, { row: WeightedRow["row"]; weight: number }>();
  for (const { row, weight } of delta) {
    const key = rowKey(columns.map(({ ordinal }) => row[ordinal]!), types);
    const entry = net.get(key);
    if (entry === undefined) net.set(key, { row, weight });
    else entry.weight += weight;
  }
  return [...net.values()].filter(({ weight }) => weight !== 0);
}

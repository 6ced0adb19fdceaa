/**
 * Which columns a plan node must give, and the sets of column ids that the builders of plan nodes work with.
 *
 * @module
 */
import type { ColumnId, PlanColumn, Scalar } from "../query/plan.ts";
import { freeColumns } from "../query/plan_walk.ts";

/** The columns that are wanted from a plan. */
export interface Need {
  readonly all: ReadonlySet<ColumnId>;
  /** Those whose values are needed for most rows. */
  readonly soon: ReadonlySet<ColumnId>;
}

/** The ids that scalars read. */
export function references(scalars: readonly Scalar[]): Set<ColumnId> {
  const ids = new Set<ColumnId>();
  for (const scalar of scalars) for (const id of freeColumns(scalar)) ids.add(id);
  return ids;
}

/** Union of sets of ids. */
export function union(...sets: readonly Iterable<ColumnId>[]): Set<ColumnId> {
  const all = new Set<ColumnId>();
  for (const set of sets) for (const id of set) all.add(id);
  return all;
}

/** The ids in `set` that `columns` have. */
export function restrict(set: ReadonlySet<ColumnId>, columns: readonly PlanColumn[]): Set<ColumnId> {
  return new Set(columns.filter((column) => set.has(column.id)).map((column) => column.id));
}

/**
 * Bound statements that change data: what the binder makes of INSERT, UPDATE, DELETE and MERGE.
 *
 * Each holds a plan that produces the rows to write, in storage types, so that the kernel only runs the
 * plan and hands the columns to a transaction. Expressions over existing and proposed rows refer to columns
 * by id, as everywhere.
 *
 * @module
 */
import type { BoundQuery, ColumnId, Plan, PlanColumn, ProjectItem, Scalar } from "./plan.ts";
import type { SqlType } from "../storage/sql_type.ts";

export type BoundStatement =
  | BoundSelect
  | BoundInsert
  | BoundUpdate
  | BoundDelete
  | BoundMerge;

export interface BoundSelect {
  readonly kind: "select";
  readonly query: BoundQuery;
  /** Data-modifying common tables, as for writes. */
  readonly before?: BoundWrite["before"];
}

interface BoundWrite {
  readonly table: string;
  readonly parameters: readonly SqlType[];
  /** Data-modifying common tables, run before in order; each result is visible as a common table. */
  readonly before?: readonly {
    readonly cte: number;
    readonly name: string;
    readonly statement: BoundStatement;
  }[];
}

/** Columns of the table's row as seen by RETURNING, SET and conditions, in table order. */
export type RowColumns = readonly PlanColumn[];

/** RETURNING: items over `row` (the new row, or the old one for DELETE) and, for UPDATE, the FROM columns. */
export interface BoundReturning {
  readonly items: readonly ProjectItem[];
}

export interface BoundInsert extends BoundWrite {
  readonly kind: "insert";
  /** Produces one column per table column, in table order, cast for assignment, defaults filled in. */
  readonly source: Plan;
  readonly sourceColumns: readonly ColumnId[];
  readonly onConflict?: {
    /** Column names of the unique key; absent for DO NOTHING without a target. */
    readonly key?: readonly string[];
    readonly action:
      | { readonly kind: "nothing" }
      | { readonly kind: "update"; readonly set: readonly BoundAssignment[]; readonly where: Scalar | null };
    /** The existing row and the proposed one (`excluded`), for `set` and `where`. */
    readonly existing: RowColumns;
    readonly proposed: RowColumns;
  };
  /** The inserted or updated row, for RETURNING. */
  readonly row: RowColumns;
  readonly returning?: BoundReturning;
}

export interface BoundAssignment {
  readonly ordinal: number;
  readonly expression: Scalar;
}

export interface BoundUpdate extends BoundWrite {
  readonly kind: "update";
  /** Produces `rowId` and one column per entry of `assigned`, cast for assignment, and what RETURNING needs. */
  readonly source: Plan;
  readonly rowId: ColumnId;
  readonly assigned: readonly { readonly ordinal: number; readonly column: ColumnId }[];
  /** The row after the update, for RETURNING, by fresh ids in table order. */
  readonly row: RowColumns;
  readonly returning?: BoundReturning;
}

export interface BoundDelete extends BoundWrite {
  readonly kind: "delete";
  readonly source: Plan;
  readonly rowId: ColumnId;
  readonly row: RowColumns;
  readonly returning?: BoundReturning;
}

/**
 * MERGE: `source` is the join of target and source; `action` (INTEGER) says which WHEN applies to the row
 * (index into `whens`, NULL for none), computed in the plan.
 */
export interface BoundMerge extends BoundWrite {
  readonly kind: "merge";
  readonly source: Plan;
  /** NULL where no target row matched. */
  readonly rowId: ColumnId;
  readonly action: ColumnId;
  readonly whens: readonly (
    | { readonly kind: "delete" }
    | { readonly kind: "nothing" }
    | {
      readonly kind: "update";
      readonly assigned: readonly { readonly ordinal: number; readonly column: ColumnId }[];
    }
    | { readonly kind: "insert"; readonly columns: readonly ColumnId[] }
  )[];
  readonly row: RowColumns;
  readonly returning?: BoundReturning;
}

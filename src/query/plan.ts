/**
 * The bound query: relational algebra over typed scalar expressions.
 *
 * The binder makes it from the AST, the planner rewrites it, the batch executor and the circuit run it.
 * Every column that a node produces has a {@linkcode ColumnId} that is unique in the whole plan, and
 * expressions refer to columns by id, never by position. So a rewrite may move a node without touching
 * expressions, and an expression is correlated exactly when it names an id that its input does not produce.
 * Nodes are frozen plain data.
 *
 * @module
 */
import type { Span } from "./ast.ts";
import type { Datum, SqlType } from "../storage/sql_type.ts";

/** Identifies one column of one node, unique within a plan. */
export type ColumnId = number;

/** A column that a node produces. */
export interface PlanColumn {
  readonly id: ColumnId;
  readonly name: string;
  readonly type: SqlType;
  /** False only when the column is known to hold no NULL. */
  readonly nullable: boolean;
}

// --- Scalar expressions -------------------------------------------------------------------------

/**
 * A scalar expression whose names and types are resolved.
 *
 * @internal
 */
export type Scalar =
  | ColumnScalar
  | LiteralScalar
  | ParameterScalar
  | CallScalar
  | CastScalar
  | LogicalScalar
  | NotScalar
  | IsNullScalar
  | InListScalar
  | CaseScalar
  | CoalesceScalar
  | SubqueryScalar;

interface ScalarBase {
  readonly type: SqlType;
  /** Where it stands in the SQL text, for run-time errors. */
  readonly span?: Span;
}
export interface ColumnScalar extends ScalarBase {
  readonly kind: "column";
  readonly id: ColumnId;
  readonly name: string;
}
export interface LiteralScalar extends ScalarBase {
  readonly kind: "literal";
  readonly value: Datum;
}
/** A parameter that stays open, so that a prepared plan can be reused; `index` counts from 0. */
export interface ParameterScalar extends ScalarBase {
  readonly kind: "parameter";
  readonly index: number;
}
/**
 * A call of a scalar function or operator. `name` is the registry's (`+`, `=`, `like`, `substring`, ...)
 * and the arguments have exactly the types of one of its signatures: the binder has inserted the casts.
 */
export interface CallScalar extends ScalarBase {
  readonly kind: "call";
  readonly name: string;
  readonly arguments: readonly Scalar[];
}
export interface CastScalar extends ScalarBase {
  readonly kind: "cast";
  readonly argument: Scalar;
  /** TRY_CAST: NULL instead of an error. */
  readonly tolerant: boolean;
  /** Written by the user, or needed by assignment: checks VARCHAR(n) by truncating, as PostgreSQL does. */
  readonly explicit: boolean;
}
/** Flat, at least two arguments, three-valued. */
export interface LogicalScalar extends ScalarBase {
  readonly kind: "and" | "or";
  readonly arguments: readonly Scalar[];
}
export interface NotScalar extends ScalarBase {
  readonly kind: "not";
  readonly argument: Scalar;
}
export interface IsNullScalar extends ScalarBase {
  readonly kind: "isNull";
  readonly argument: Scalar;
  readonly negated: boolean;
}
/** All items have the type of the argument. NOT IN is `not` around it. */
export interface InListScalar extends ScalarBase {
  readonly kind: "inList";
  readonly argument: Scalar;
  readonly items: readonly Scalar[];
}
/** Searched CASE; branches are evaluated only for rows that reach them. */
export interface CaseScalar extends ScalarBase {
  readonly kind: "case";
  readonly branches: readonly { readonly when: Scalar; readonly then: Scalar }[];
  readonly otherwise: Scalar;
}
/** Later arguments are evaluated only for rows where the earlier ones are NULL. */
export interface CoalesceScalar extends ScalarBase {
  readonly kind: "coalesce";
  readonly arguments: readonly Scalar[];
}
/**
 * A subquery in an expression; the planner turns every one into a join before execution.
 * Correlated columns are column scalars whose id the subquery's plan does not produce.
 */
export interface SubqueryScalar extends ScalarBase {
  readonly kind: "subquery";
  readonly form:
    /** The single column of the single row, NULL when there is none. */
    | { readonly kind: "scalar" }
    | { readonly kind: "exists" }
    /** `(left...) operator ANY|ALL (plan)`; IN is `=` ANY, NOT IN is `not` around it. */
    | {
      readonly kind: "quantified";
      readonly quantifier: "any" | "all";
      readonly left: readonly Scalar[];
      /**
       * The comparison, in terms of `left` and of the columns of `plan`. For rows of more than one
       * column it is the conjunction (or lexicographic comparison).
       */
      readonly comparison: Scalar;
    }
    /** ARRAY(SELECT ...). */
    | { readonly kind: "array" };
  readonly plan: Plan;
}

/** One key of a sort order. */
export interface SortKey {
  readonly expression: Scalar;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}

// --- Plan nodes ---------------------------------------------------------------------------------

/**
 * A node of the bound plan, with its inputs.
 *
 * @internal
 */
export type Plan =
  | ScanPlan
  | ValuesPlan
  | FilterPlan
  | ProjectPlan
  | JoinPlan
  | AggregatePlan
  | WindowPlan
  | DistinctPlan
  | SetOperationPlan
  | SortPlan
  | LimitPlan
  | TableFunctionPlan
  | WithPlan
  | CteScanPlan
  | FixpointPlan
  | SamplePlan;

/** Reads a table or a stored view. `columns` may be pruned to those in use. */
export interface ScanPlan {
  readonly kind: "scan";
  readonly table: string;
  /** Alias, for EXPLAIN. */
  readonly alias: string;
  readonly columns: readonly (PlanColumn & { readonly ordinal: number })[];
  /** AT VERSION: the table as it was then. */
  readonly version?: number;
  /** When set, the scan also produces the row id, as a BIGINT column (DML needs it). */
  readonly rowId?: PlanColumn;
}
/** Literal rows; with no columns and one empty row it is SELECT without FROM. */
export interface ValuesPlan {
  readonly kind: "values";
  readonly columns: readonly PlanColumn[];
  readonly rows: readonly (readonly Scalar[])[];
}
export interface FilterPlan {
  readonly kind: "filter";
  readonly input: Plan;
  readonly predicate: Scalar;
}
/** Produces exactly `items`; passing a column through is an item that keeps its id. */
export interface ProjectPlan {
  readonly kind: "project";
  readonly input: Plan;
  readonly items: readonly ProjectItem[];
}
export interface ProjectItem extends PlanColumn {
  readonly expression: Scalar;
}
export type JoinKind =
  | "inner"
  | "left"
  | "right"
  | "full"
  /** Left rows with at least one match; produces the left columns. */
  | "semi"
  /** Left rows without a match (NOT EXISTS); produces the left columns. */
  | "anti"
  /** All left rows plus `mark`: TRUE on a match, NULL when undecided by NULLs, else FALSE. */
  | "mark"
  /** As left, but a second match is an error (`cardinality-violation`): scalar subqueries. */
  | "single"
  /** For each left row the one right row nearest by `asof`; with `asofLeft` unmatched left rows stay. */
  | "asof"
  | "asofLeft";
export interface JoinPlan {
  readonly kind: "join";
  readonly join: JoinKind;
  readonly left: Plan;
  readonly right: Plan;
  /** `null` for a cross product. */
  readonly condition: Scalar | null;
  /** The right side refers to columns of the left (LATERAL, or a subquery before decorrelation). */
  readonly lateral: boolean;
  /** Where the subquery of a single join stands in the text. */
  readonly span?: Span;
  /** The BOOLEAN column of a mark join. */
  readonly mark?: PlanColumn;
  /** The inequality of an ASOF join: `left operator right`. */
  readonly asof?: {
    readonly left: Scalar;
    readonly operator: ">=" | ">" | "<=" | "<";
    readonly right: Scalar;
  };
}
export interface AggregateCall extends PlanColumn {
  readonly function: string;
  readonly arguments: readonly Scalar[];
  readonly distinct: boolean;
  readonly filter: Scalar | null;
  /** ORDER BY inside the call, or WITHIN GROUP (ORDER BY ...). */
  readonly orderBy: readonly SortKey[];
}
/**
 * Groups by `groups`. Produces the group columns, the aggregates and the `grouping` columns.
 * With `sets`, once per set of indexes into `groups`; a group column that is not in the set is NULL.
 * Without groups and without sets there is exactly one output row.
 */
export interface AggregatePlan {
  readonly kind: "aggregate";
  readonly input: Plan;
  readonly groups: readonly ProjectItem[];
  readonly sets?: readonly (readonly number[])[];
  readonly aggregates: readonly AggregateCall[];
  /** GROUPING(...) calls: INTEGER bit masks over the given group indexes, first argument highest. */
  readonly grouping?: readonly (PlanColumn & { readonly groups: readonly number[] })[];
}
export interface FrameBoundPlan {
  readonly kind: "unboundedPreceding" | "preceding" | "currentRow" | "following" | "unboundedFollowing";
  /** Constant during the query. */
  readonly offset?: Scalar;
}
export interface WindowFramePlan {
  readonly unit: "rows" | "range" | "groups";
  readonly start: FrameBoundPlan;
  readonly end: FrameBoundPlan;
  readonly exclude: "no others" | "current row" | "group" | "ties";
}
export interface WindowCall extends PlanColumn {
  /** A window function (`row_number`, `lag`, ...) or an aggregate. */
  readonly function: string;
  readonly arguments: readonly Scalar[];
  readonly distinct: boolean;
  readonly filter: Scalar | null;
  readonly ignoreNulls: boolean;
  readonly partitionBy: readonly Scalar[];
  readonly orderBy: readonly SortKey[];
  readonly frame: WindowFramePlan;
}
/** Produces the input's columns and then `calls`. */
export interface WindowPlan {
  readonly kind: "window";
  readonly input: Plan;
  readonly calls: readonly WindowCall[];
}
/** Removes duplicates of whole rows, or keeps the first row per `on` in the order of `orderBy`. */
export interface DistinctPlan {
  readonly kind: "distinct";
  readonly input: Plan;
  readonly on?: {
    readonly keys: readonly Scalar[];
    readonly orderBy: readonly SortKey[];
    /** As those of a {@linkcode SortPlan}. */
    readonly ties?: readonly ColumnId[];
  };
}
/** Columns correspond by position; `columns` are new ids. */
export interface SetOperationPlan {
  readonly kind: "setOperation";
  readonly operator: "union" | "intersect" | "except";
  readonly all: boolean;
  readonly left: Plan;
  readonly right: Plan;
  readonly leftColumns: readonly ColumnId[];
  readonly rightColumns: readonly ColumnId[];
  readonly columns: readonly PlanColumn[];
}
export interface SortPlan {
  readonly kind: "sort";
  readonly input: Plan;
  readonly keys: readonly SortKey[];
  /**
   * Columns of the input by which rows follow that are equal in the keys, so that every executor takes the same
   * rows below a limit. Set by the planner; without them the rows that come first are taken.
   */
  readonly ties?: readonly ColumnId[];
}
export interface LimitPlan {
  readonly kind: "limit";
  readonly input: Plan;
  /** `null`: no limit. Constant during the query. */
  readonly limit: Scalar | null;
  readonly offset: Scalar | null;
  /** The sort keys that decide ties, for FETCH ... WITH TIES; the input is sorted by them. */
  readonly withTies?: readonly SortKey[];
}
/**
 * Calls set-returning functions for every input row and produces the input's columns and then `columns`.
 * Several calls run in step, shorter ones padded with NULL (ROWS FROM, unnest of several arrays).
 */
export interface TableFunctionPlan {
  readonly kind: "tableFunction";
  readonly input: Plan;
  readonly calls: readonly {
    readonly function: string;
    readonly arguments: readonly Scalar[];
    readonly width: number;
  }[];
  readonly columns: readonly PlanColumn[];
  /** The last column counts rows from 1 (WITH ORDINALITY). */
  readonly ordinality: boolean;
  /** Keeps input rows for which no row comes out (LEFT JOIN LATERAL). */
  readonly outer: boolean;
}
/** Common tables that are computed once and read by {@linkcode CteScanPlan}. */
export interface WithPlan {
  readonly kind: "with";
  readonly tables: readonly { readonly cte: number; readonly name: string; readonly plan: Plan }[];
  readonly input: Plan;
}
/** Reads common table `cte`; `source` is the id in its plan. */
export interface CteScanPlan {
  readonly kind: "cteScan";
  readonly cte: number;
  readonly name: string;
  readonly columns: readonly (PlanColumn & { readonly source: ColumnId })[];
}
/**
 * A recursive common table, as a table of a {@linkcode WithPlan}: `base`, then `step` over the rows of the
 * round before (its cteScan of `cte`) until no new row comes. `all` keeps duplicates.
 */
export interface FixpointPlan {
  readonly kind: "fixpoint";
  readonly cte: number;
  readonly base: Plan;
  readonly step: Plan;
  readonly baseColumns: readonly ColumnId[];
  readonly stepColumns: readonly ColumnId[];
  readonly columns: readonly PlanColumn[];
  readonly all: boolean;
}
export interface SamplePlan {
  readonly kind: "sample";
  readonly input: Plan;
  readonly method: "bernoulli" | "system" | "reservoir";
  /** Percent, or rows for the reservoir. */
  readonly amount: Scalar;
  readonly seed: Scalar | null;
}

/**
 * A query ready to plan: its tree, the columns shown to the user in order, and parameter types.
 *
 * @internal
 */
export interface BoundQuery {
  readonly plan: Plan;
  readonly columns: readonly PlanColumn[];
  readonly parameters: readonly SqlType[];
  /** Names of `:name` parameters by index, when there are any. */
  readonly parameterNames?: readonly string[];
}

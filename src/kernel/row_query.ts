/**
 * Expressions with subqueries over rows that a statement holds: RETURNING and ON CONFLICT DO UPDATE.
 *
 * ```
 *   project ordinal, items
 *     filter condition
 *       rows at hand, as a common table: ordinal, columns
 * ```
 *
 * So the planner turns the subqueries into joins, and one run answers for all rows: O(rows + subquery), not
 * O(rows * subquery). The ordinal says which row an answer belongs to, in whatever order they come.
 *
 * @module
 */
import type { CommonTableRows } from "../exec/execution.ts";
import type { ColumnId, CteScanPlan, Plan, PlanColumn, ProjectItem, Scalar } from "../query/plan.ts";
import { planNodes, planScalars, scalarChildren, someScalar } from "../query/plan_walk.ts";
import { vectorOfDatums } from "../storage/datum_vector.ts";
import { BIGINT, type Datum } from "../storage/sql_type.ts";
import type { Kernel } from "./kernel.ts";
import { largestIdBelow, optimizePlan } from "./prepare.ts";

/** The common table of the rows at hand; the binder counts from 1. */
export const ROWS_AT_HAND = 0;

/** A plan over rows at hand. */
export interface RowQuery {
  readonly plan: Plan;
  /** The columns of the plan: the ordinal, then one for each expression. */
  readonly columns: readonly PlanColumn[];
  /** The columns of the common table: the ordinal, then those of the rows. */
  readonly input: readonly PlanColumn[];
}

/** What to compute of rows with `columns`; rows for which `condition` does not hold give nothing. */
export interface RowQuestion {
  readonly columns: readonly PlanColumn[];
  readonly expressions: readonly Scalar[];
  readonly condition: Scalar | null;
}

/** True when a subquery stands in `scalar`. */
export function hasSubquery(scalar: Scalar): boolean {
  return someScalar(scalar, ({ kind }) => kind === "subquery");
}

/** The tables that the subqueries of `scalars` read. */
export function tablesOfSubqueries(scalars: readonly Scalar[]): readonly string[] {
  return scalars.flatMap((scalar): readonly string[] =>
    scalar.kind === "subquery"
      ? [...tablesBelow(scalar.plan), ...tablesOfSubqueries(scalarChildren(scalar))]
      : tablesOfSubqueries(scalarChildren(scalar))
  );
}

function tablesBelow(plan: Plan): readonly string[] {
  return [...planNodes(plan)].flatMap((node) => [
    ...(node.kind === "scan" ? [node.table] : []),
    ...tablesOfSubqueries(planScalars(node)),
  ]);
}

/** Plans `question`. */
export function planRowQuery(kernel: Kernel, question: RowQuestion): RowQuery {
  const { columns, expressions, condition } = question;
  const id = freshId(question);
  const ordinal = { id, name: "ordinal", type: BIGINT, nullable: false };
  const input = [ordinal, ...columns];
  const scan: CteScanPlan = {
    kind: "cteScan",
    cte: ROWS_AT_HAND,
    name: "rows",
    // Ids of their own: the planner renames the columns of a scan that it copies, and not its sources.
    columns: input.map((column, i) => ({ ...column, source: id + 1 + expressions.length + i })),
  };
  const kept: Plan = condition === null ? scan : { kind: "filter", input: scan, predicate: condition };
  const items: readonly ProjectItem[] = [
    { ...ordinal, expression: { kind: "column", id, name: "ordinal", type: BIGINT } },
    ...expressions.map((expression, i) => {
      const column = { id: id + 1 + i, name: `item${i}`, type: expression.type, nullable: true };
      return { ...column, expression };
    }),
  ];
  const plan = optimizePlan(kernel, { kind: "project", input: kept, items });
  return {
    plan,
    columns: items.map(({ expression: _, ...column }) => column),
    input: input.map((column, i) => ({ ...column, id: scan.columns[i]!.source })),
  };
}

function freshId({ columns, expressions, condition }: RowQuestion): ColumnId {
  const scalars = condition === null ? expressions : [...expressions, condition];
  return 1 + Math.max(0, ...columns.map((column) => column.id), ...scalars.map(largestIdBelow));
}

/** `rows` as the common table that `query` reads; the ordinal is the index. */
export function rowsAtHand(query: RowQuery, rows: readonly (readonly Datum[])[]): CommonTableRows {
  const types = query.input.map((column) => column.type);
  return {
    ids: query.input.map((column) => column.id),
    types,
    rowCount: rows.length,
    columns: types.map((type, i) =>
      vectorOfDatums(type, rows.map((row, ordinal) => i === 0 ? ordinal : row[i - 1] ?? null))
    ),
  };
}

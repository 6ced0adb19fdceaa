/**
 * How much memory the operators of a plan will take, before they are made: rows as the planner expects them, times
 * what a row or a group takes.
 *
 * | operator | keeps |
 * |---|---|
 * | filter, project, join of tables by their columns | nothing |
 * | GROUP BY | a row a group; for ordered and distinct aggregates a value a row |
 * | DISTINCT, set operations | different rows |
 * | window, DISTINCT ON, ORDER BY with LIMIT | all rows, in order |
 * | other joins | the rows of the sides that are no tables |
 *
 * Good for the order of magnitude: within a factor of 4 where the expected number of rows is right. O(plan).
 *
 * @module
 */
import type { AggregatePlan, JoinPlan, LimitPlan, Plan, PlanColumn, Scalar } from "../query/plan.ts";
import { children, columnIds, freeColumns, planColumns, splitConjuncts } from "../query/plan_walk.ts";
import type { SqlType } from "../storage/sql_type.ts";

/** Rows that a plan is expected to give. */
export type EstimateRows = (plan: Plan) => number;

/** Of a row in a table of distinct rows, beside its values. */
const ROW_BYTES = 26;
/** Of a row that is kept in order. */
const ORDERED_ROW_BYTES = 60;
/** Of a key of a group, whose values are kept once. */
const KEY_BYTES = 5;
/** Of a value that an aggregate keeps for each row. */
const AGGREGATE_ROW_BYTES = 40;
/** Of the number of matches of a key. */
const MATCH_BYTES = 18;
/** Of a side of a join that starts empty. */
const OPERATOR_BYTES = 2_000;

/** Bytes of a value, by the kinds that are not 8. */
const VALUE_BYTES: Readonly<Partial<Record<SqlType["kind"], number>>> = {
  boolean: 4,
  text: 40,
  numeric: 48,
  json: 100,
  array: 100,
  interval: 24,
};

/** Of the rows that are ranked beyond those that are wanted: the share, the most, and the least. */
const SPARE_SHARE = 10;
const SPARE_MAX = 8192;
const SPARE_MIN = 128;

/** Aggregates that keep a value for each row. */
const KEEPS_ROWS: ReadonlySet<string> = new Set([
  "array_agg",
  "string_agg",
  "list",
  "first",
  "last",
  "any_value",
  "mode",
  "percentile_cont",
  "percentile_disc",
  "median",
  "json_agg",
  "jsonb_agg",
]);

/** Bytes of the state of a plan's operators. */
export function estimateStateBytes(plan: Plan, rowsOf: EstimateRows): number {
  // The order of its tables first: a common table is estimated before it is read.
  const rows = rowsOf(plan);
  const below = children(plan).reduce((bytes, child) => bytes + estimateStateBytes(child, rowsOf), 0);
  return below + ownBytes(plan, rows, rowsOf);
}

function ownBytes(plan: Plan, rows: number, rowsOf: EstimateRows): number {
  switch (plan.kind) {
    case "aggregate":
      return aggregateBytes(plan, rows, rowsOf(plan.input));
    case "window":
      return rowsOf(plan.input) * (ORDERED_ROW_BYTES + 2 * widthOf(planColumns(plan)));
    case "distinct":
      // With ON: without it the planner groups by all columns.
      return rowsOf(plan.input) * (ORDERED_ROW_BYTES + widthOf(planColumns(plan.input)));
    case "limit":
      return rankedRows(plan, rows, rowsOf) * (ORDERED_ROW_BYTES + widthOf(planColumns(plan)));
    case "setOperation":
      if (plan.operator === "union" && plan.all) return 0;
      return rowBytes(plan) * (
        differentRows(plan.left, columnsWithin(plan.left, plan.leftColumns), rowsOf) +
        differentRows(plan.right, columnsWithin(plan.right, plan.rightColumns), rowsOf)
      );
    case "fixpoint":
      return rows * (ORDERED_ROW_BYTES + widthOf(plan.columns));
    case "join":
      return joinBytes(plan, rowsOf);
    default:
      return 0;
  }
}

/** Rows that a limit keeps: all, or the first ones where the others can be read from a table again. */
function rankedRows(plan: LimitPlan, rows: number, rowsOf: EstimateRows): number {
  let below: Plan = plan.input;
  while (below.kind === "sort" || below.kind === "filter" || below.kind === "project") below = below.input;
  const all = rowsOf(plan.input);
  if (below.kind !== "scan" || plan.limit === null) return all;
  const spare = Math.max(SPARE_MIN, Math.min(SPARE_MAX, rowsOf(below) / SPARE_SHARE));
  return Math.min(all, spare + 2 * rows);
}

function aggregateBytes(plan: AggregatePlan, groups: number, rows: number): number {
  let group = ROW_BYTES + plan.groups.length * KEY_BYTES;
  let bytes = 0;
  for (const call of plan.aggregates) {
    group += 8 + valueBytes(call.type);
    if (!call.distinct && call.orderBy.length === 0 && !KEEPS_ROWS.has(call.function)) continue;
    const values = [...call.arguments, ...call.orderBy.map((key) => key.expression)];
    bytes += rows * (AGGREGATE_ROW_BYTES + values.reduce((sum, { type }) => sum + valueBytes(type), 0));
  }
  return bytes + groups * group;
}

/** Rows of `input` that differ in `columns`: as many as there would be groups. */
function differentRows(input: Plan, columns: readonly PlanColumn[], rowsOf: EstimateRows): number {
  const groups = columns.map((column) => ({
    ...column,
    expression: { kind: "column" as const, id: column.id, name: column.name, type: column.type },
  }));
  return rowsOf({ kind: "aggregate", input, groups, aggregates: [] });
}

function columnsWithin(plan: Plan, ids: readonly number[]): readonly PlanColumn[] {
  const columns = planColumns(plan);
  return ids.flatMap((id) => columns.filter((column) => column.id === id));
}

/** Of a row in a table of distinct rows. */
function rowBytes(plan: Plan): number {
  return ROW_BYTES + widthOf(planColumns(plan));
}

/** Matches are counted but for whole tables. A table is looked up by its own index, another input is kept by its key. */
function joinBytes(plan: JoinPlan, rowsOf: EstimateRows): number {
  let bytes = 0;
  for (const input of [plan.left, plan.right]) {
    const isPart = plan.join === "inner" && !plan.lateral && isInnerJoin(input);
    if (plan.join !== "inner" && input.kind !== "scan") bytes += rowsOf(input) * MATCH_BYTES;
    if (isPart || isStored(input, plan)) continue;
    bytes += OPERATOR_BYTES + rowsOf(input) * (ROW_BYTES + 8 + widthOf(planColumns(input)));
  }
  return bytes;
}

/** Joined together with the join above. */
function isInnerJoin(plan: Plan): boolean {
  if (plan.kind === "filter") return isInnerJoin(plan.input);
  return plan.kind === "join" && plan.join === "inner" && !plan.lateral;
}

/** Whether `input` is a table, filtered at most, that the join meets by columns. */
function isStored(input: Plan, { condition, lateral }: JoinPlan): boolean {
  let table = input;
  while (table.kind === "filter") table = table.input;
  if (table.kind !== "scan" || lateral) return false;
  const ids = columnIds(input);
  const isWithin = (scalar: Scalar): boolean => {
    const free = [...freeColumns(scalar)];
    return free.length > 0 && free.every((id) => ids.has(id));
  };
  const keys = splitConjuncts(condition).flatMap((conjunct) =>
    conjunct.kind === "call" && conjunct.name === "=" ? conjunct.arguments.filter(isWithin) : []
  );
  return keys.every((key) => key.kind === "column");
}

function widthOf(columns: readonly PlanColumn[]): number {
  return columns.reduce((bytes, { type }) => bytes + valueBytes(type), 0);
}

function valueBytes(type: SqlType): number {
  return VALUE_BYTES[type.kind] ?? 8;
}

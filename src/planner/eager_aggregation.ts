/**
 * Rule "eager aggregation": aggregates one side of a join before the join instead of after it.
 *
 * When each group is one row of the left side, and all aggregates read the right side, the right side is
 * grouped by its join columns alone:
 *
 * ```text
 *   group by l.key: count(r.x)             project coalesce(n, 0)
 *     l LEFT JOIN r ON l.key = r.fk   =>     l LEFT JOIN (group by r.fk: count(r.x) as n) ON l.key = r.fk
 * ```
 *
 * The join then has at most one match per row and its result is never as large as the right side. It pays
 * when the left side is not selective: otherwise the right side's other rows would be grouped for nothing.
 *
 * @module
 */
import type {
  AggregateCall,
  AggregatePlan,
  ColumnId,
  JoinPlan,
  Plan,
  ProjectItem,
  Scalar,
} from "../query/plan.ts";
import { columnIds, planColumns, splitConjuncts } from "../query/plan_walk.ts";
import { Cardinality } from "./cardinality.ts";
import { emptyAggregate } from "./empty_aggregate.ts";
import { isVolatile, type Rule, type RuleContext } from "./environment.ts";
import { FunctionalDependencies } from "./functional_dependency.ts";
import { rejectsNulls } from "./nullability.ts";
import { rewritePlan } from "./rewrite.ts";
import { coalesce, columnEquality, isComparison, isNull, literal, readsOnly, reference } from "./scalar.ts";

export const eagerAggregation: Rule = {
  name: "eager aggregation",
  apply: (plan, context) => {
    const { catalog, functions, statistics } = context.environment;
    const keys = new FunctionalDependencies(catalog, (scalar) => !isVolatile(scalar, functions));
    const cardinality = new Cardinality(statistics, keys);
    return rewritePlan(plan, (node) => {
      if (node.kind === "with") {
        for (const table of node.tables) cardinality.registerTable(table.cte, table.plan);
      }
      return node.kind === "aggregate" ? aggregateEarly(node, { keys, cardinality, context }) : node;
    });
  },
};

interface Tools {
  readonly keys: FunctionalDependencies;
  readonly cardinality: Cardinality;
  readonly context: RuleContext;
}

/** Aggregates that skip NULL arguments: an unmatched row of an outer join adds nothing to them. */
const SKIPS_NULLS: ReadonlySet<string> = new Set(["count", "sum", "min", "max", "avg", "any_value"]);
/** The right side must shrink to this part for its grouping to pay. */
const SHRINKS_TO = 0.5;

function aggregateEarly(plan: AggregatePlan, tools: Tools): Plan {
  const join = plan.input;
  if (join.kind !== "join" || (join.join !== "inner" && join.join !== "left") || join.lateral) return plan;
  if (plan.sets !== undefined || plan.grouping !== undefined || plan.groups.length === 0) return plan;
  const pairs = joinPairs(join);
  if (pairs === undefined || !groupsAreLeftRows(plan, join, tools)) return plan;
  const right = columnIds(join.right);
  const left = columnIds(join.left);
  const early = plan.aggregates.filter((call) => !isLeftValue(call, left));
  if (early.length === 0 || !early.every((call) => isEarly(call, join, right, tools))) return plan;
  if (!pays(join, pairs.map((pair) => pair.right), tools)) return plan;
  return joinEarly(plan, join, early, tools);
}

interface JoinPair {
  readonly left: Scalar & { readonly kind: "column" };
  readonly right: Scalar & { readonly kind: "column" };
}

/** The join's condition as equalities of columns, or undefined. */
function joinPairs(join: JoinPlan): readonly JoinPair[] | undefined {
  const left = columnIds(join.left);
  const pairs: JoinPair[] = [];
  for (const conjunct of splitConjuncts(join.condition)) {
    const equality = columnEquality(conjunct);
    if (equality === undefined || !equality.rejectsNull) return undefined;
    if (left.has(equality.left.id) === left.has(equality.right.id)) return undefined;
    pairs.push(
      left.has(equality.left.id) ? equality : { left: equality.right, right: equality.left },
    );
  }
  return pairs.length === 0 ? undefined : pairs;
}

/** Whether the groups are exactly the rows of the left side. */
function groupsAreLeftRows(plan: AggregatePlan, join: JoinPlan, { keys }: Tools): boolean {
  const left = columnIds(join.left);
  const ids = plan.groups.map((group) =>
    group.expression.kind === "column" ? group.expression.id : undefined
  );
  return ids.every((id) => id !== undefined && left.has(id)) &&
    keys.isUnique(join.left, ids.flatMap((id) => id ?? []));
}

/** An `any_value` of left columns: the value itself. */
function isLeftValue(call: AggregateCall, left: ReadonlySet<ColumnId>): boolean {
  return call.function === "any_value" && call.filter === null && readsOnly(call.arguments[0]!, left);
}

function isEarly(
  call: AggregateCall,
  join: JoinPlan,
  right: ReadonlySet<ColumnId>,
  { context }: Tools,
): boolean {
  const { functions } = context.environment;
  const scalars = [...call.arguments, ...call.orderBy.map((key) => key.expression)];
  if (call.filter !== null) scalars.push(call.filter);
  if (!scalars.every((scalar) => readsOnly(scalar, right) && !isVolatile(scalar, functions))) return false;
  if (join.join === "inner") return true;
  if (!SKIPS_NULLS.has(call.function) || call.filter !== null) return false;
  const isStrict = (name: string): boolean =>
    isComparison(name) || functions.scalar(name)?.nulls === "strict";
  return call.arguments.every((argument) => rejectsNulls(isNull(argument, true), right, isStrict));
}

function pays(join: JoinPlan, columns: readonly Scalar[], { cardinality }: Tools): boolean {
  const rows = cardinality.estimate(join.right).rows;
  if (cardinality.estimate(join).rows < rows * 0.8) return false;
  const grouped: AggregatePlan = {
    kind: "aggregate",
    input: join.right,
    groups: columns.flatMap((column) =>
      column.kind === "column" ? [{ ...column, nullable: true, expression: column }] : []
    ),
    aggregates: [],
  };
  return cardinality.estimate(grouped).rows <= rows * SHRINKS_TO;
}

/** The left side joined with the grouped right side, and the aggregates' values for each row. */
function joinEarly(
  plan: AggregatePlan,
  join: JoinPlan,
  early: readonly AggregateCall[],
  { context }: Tools,
): Plan {
  const columns = new Map(planColumns(join.right).map((column) => [column.id, column]));
  const ids = new Set((joinPairs(join) ?? []).map((pair) => pair.right.id));
  const groups = [...ids].flatMap((id): ProjectItem[] => {
    const column = columns.get(id);
    return column === undefined ? [] : [{ ...column, expression: reference(column) }];
  });
  const values = new Map<AggregateCall, Scalar>();
  const aggregates = early.map((call): AggregateCall => {
    const own = context.newColumn(call.name, call.type, call.nullable);
    values.set(call, join.join === "inner" ? reference(own) : restored(call, reference(own), context));
    return { ...call, ...own };
  });
  const items = plan.aggregates.map((call): ProjectItem => {
    const { id, name, type, nullable } = call;
    return { id, name, type, nullable, expression: values.get(call) ?? call.arguments[0]! };
  });
  const right: AggregatePlan = { kind: "aggregate", input: join.right, groups, aggregates };
  return { kind: "project", input: { ...join, right }, items: [...plan.groups, ...items] };
}

/** The aggregate over a left row without match: it had one row of NULLs, which only count(*) counts. */
function restored(call: AggregateCall, value: Scalar, context: RuleContext): Scalar {
  if (call.function === "count" && call.arguments.length === 0) return coalesce(value, literal(1, call.type));
  const empty = emptyAggregate(call, context.environment);
  return empty.kind === "literal" && empty.value === null ? value : coalesce(value, empty);
}

/**
 * Dependent joins to plain joins, by the cheapest method that applies.
 *
 * 1. The right side does not read the left: it is a plain join already.
 * 2. Inner joins run the right side's operators on top of the left rows, as far as those work row by row; a
 *    global aggregate becomes a left join with a GROUP BY.
 * 3. Correlated conditions and projections are lifted into the join.
 * 4. What remains takes the general way over the domain of the outer columns: dependent_domain.ts.
 *
 * @module
 */
import { InvariantError } from "../base/error.ts";
import type { Span } from "../query/ast.ts";
import type {
  AggregatePlan,
  ColumnId,
  JoinPlan,
  Plan,
  PlanColumn,
  ProjectItem,
  Scalar,
} from "../query/plan.ts";
import {
  columnIds,
  freeColumns,
  planColumns,
  splitConjuncts,
  substituteColumns,
} from "../query/plan_walk.ts";
import { copyPlan } from "../query/plan_copy.ts";
import { BIGINT, BOOLEAN } from "../storage/sql_type.ts";
import {
  type Domain,
  DomainPusher,
  innerJoin,
  type Pushed,
  restoreEmptyGroups,
  sameDomain,
  valuesOver,
} from "./dependent_domain.ts";
import type { RuleContext } from "./environment.ts";
import { liftCorrelation, type Lifted, withoutOuterColumns } from "./lift_correlation.ts";
import { distinctRows } from "./normalize.ts";
import { mayBeNull, notNullColumns } from "./nullability.ts";
import { constantCount, isExactlyOneRow } from "./row_bound.ts";
import {
  choose,
  coalesce,
  comparisonOf,
  equal,
  FALSE,
  filtered,
  isNull,
  notDistinct,
  nullOf,
  readsAny,
  readsOnly,
  reference,
  TRUE,
  withConjuncts,
} from "./scalar.ts";

/** The kinds of join that a right side may depend on the left in. */
export type DependentKind = "inner" | "left" | "single" | "semi" | "anti" | "mark";

/** A join whose right side may read columns of the left. */
export interface DependentJoin {
  readonly kind: DependentKind;
  readonly left: Plan;
  readonly right: Plan;
  readonly condition: Scalar | null;
  readonly mark?: PlanColumn;
  readonly span?: Span;
}

/** The same join without correlation. Produces at least the columns of the dependent join. */
export function unnestJoin(join: DependentJoin, context: RuleContext): Plan {
  const outer = columnIds(join.left);
  const right = onlyExistence(join) ? stripOrder(join.right, join) : join.right;
  const dependent = { ...join, right: withoutOuterColumns(right, outer) };
  if (!readsAny(dependent.right, outer)) return plainJoin(dependent, dependent.right, dependent.condition);
  if (join.kind === "inner") {
    return filtered(rowWise(dependent.right, join.left, context), splitConjuncts(join.condition));
  }
  if (join.kind === "left" || join.kind === "single") {
    const one = oneRowJoin(dependent, context);
    if (one !== undefined) return one;
    const outerCalls = outerTableFunction(dependent, context);
    if (outerCalls !== undefined) return outerCalls;
  }
  const lifted = liftCorrelation(dependent.right, { outer, duplicatesIrrelevant: onlyExistence(join) });
  return lifted === undefined ? joinByDomain(dependent, context) : liftedJoin(dependent, lifted, context);
}

function onlyExistence(join: DependentJoin): boolean {
  return join.kind === "semi" || join.kind === "anti" || join.kind === "mark";
}

function plainJoin(join: DependentJoin, right: Plan, condition: Scalar | null): JoinPlan {
  const { kind, left, mark, span } = join;
  return {
    kind: "join",
    join: kind,
    left,
    right,
    condition,
    lateral: false,
    ...(mark === undefined ? {} : { mark }),
    ...(span === undefined ? {} : { span }),
  };
}

/** Without what has no influence on whether a row exists. */
function stripOrder(plan: Plan, join: DependentJoin): Plan {
  switch (plan.kind) {
    case "sort":
      return stripOrder(plan.input, join);
    case "project": {
      const input = stripOrder(plan.input, join);
      if (join.condition === null) return input;
      return input === plan.input ? plan : { ...plan, input };
    }
    case "limit": {
      const keepsOne = plan.offset === null && (plan.limit === null || (constantCount(plan.limit) ?? 0) >= 1);
      return keepsOne && join.condition === null ? stripOrder(plan.input, join) : plan;
    }
    case "aggregate":
      if (plan.groups.length === 0 || plan.sets !== undefined) return plan;
      if (join.condition === null) return stripOrder(plan.input, join);
      return plan.aggregates.length === 0 ? { kind: "project", input: plan.input, items: plan.groups } : plan;
    default:
      return plan;
  }
}

// --- Row by row ---------------------------------------------------------------------------------

/**
 * The rows of `plan` for each row of `base`, beside that row: `base` takes the place of the outer columns.
 */
function rowWise(plan: Plan, base: Plan, context: RuleContext): Plan {
  const outer = columnIds(base);
  if (!readsAny(plan, outer)) {
    const unit = plan.kind === "values" && plan.columns.length === 0 && plan.rows.length === 1;
    return unit ? base : innerJoin(base, plan, null);
  }
  switch (plan.kind) {
    case "filter":
      return filtered(rowWise(plan.input, base, context), splitConjuncts(plan.predicate));
    case "project": {
      const input = rowWise(plan.input, base, context);
      const items = plan.items.filter((item) => !outer.has(item.id));
      return { kind: "project", input, items: [...passThrough(base), ...items] };
    }
    case "tableFunction":
      return { ...plan, input: rowWise(plan.input, base, context) };
    case "sort":
      return rowWise(plan.input, base, context);
    case "values":
      return valuesOver(plan, base, context);
    case "with": {
      if (plan.tables.some((table) => readsAny(table.plan, outer))) break;
      return { ...plan, input: rowWise(plan.input, base, context) };
    }
    case "aggregate":
      if (plan.groups.length > 0 || plan.sets !== undefined) break;
      return aggregateJoin(plan, base, context);
    case "join": {
      if (plan.join === "inner") {
        const left = rowWise(plan.left, base, context);
        return filtered(rowWise(plan.right, left, context), splitConjuncts(plan.condition));
      }
      if (!isDependentKind(plan.join)) break;
      const left = rowWise(plan.left, base, context);
      return unnestJoin(dependentJoin(plan, plan.join, left), context);
    }
    default:
      break;
  }
  return joinByDomain({ kind: "inner", left: base, right: plan, condition: null }, context);
}

/** A join node as a join that depends, over the left side `left`. */
export function dependentJoin(node: JoinPlan, kind: DependentKind, left: Plan): DependentJoin {
  const { right, condition, mark, span } = node;
  const optional = { ...(mark === undefined ? {} : { mark }), ...(span === undefined ? {} : { span }) };
  return { kind, left, right, condition, ...optional };
}

function isDependentKind(kind: JoinPlan["join"]): kind is DependentKind {
  return kind === "left" || kind === "single" || kind === "semi" || kind === "anti" || kind === "mark";
}

function passThrough(plan: Plan): readonly ProjectItem[] {
  return planColumns(plan).map((column) => ({ ...column, expression: reference(column) }));
}

/** `base` with the correlated global aggregate: a left join with the aggregate grouped by the outer columns. */
function aggregateJoin(plan: AggregatePlan, base: Plan, context: RuleContext): Plan {
  return overDomain(base, plan, context, (left, pusher, columns) => {
    const grouped = pusher.groupByDomain(plan);
    const condition = withConjuncts(null, sameDomain(columns, undefined, grouped.columns));
    return restoreEmptyGroups({ plan, grouped: grouped.plan, left, condition }, context);
  });
}

/**
 * A left or single join whose right side has one row for each left row, or one row and a filter on top:
 * no outer join is needed.
 */
function oneRowJoin(join: DependentJoin, context: RuleContext): Plan | undefined {
  if (join.condition !== null) return undefined;
  if (isExactlyOneRow(join.right)) return rowWise(join.right, join.left, context);
  // The guarded columns take the ids that the join's readers use, so what they guard gets others.
  const copy = copyPlan(join.right, context.newId);
  const { projections, filter } = peel(copy.plan);
  if (filter === undefined || !isExactlyOneRow(filter.input)) return undefined;
  const plan = [...projections].reverse().reduce<Plan>((input, each) => {
    const carried = planColumns(filter.input).filter((column) =>
      !each.items.some((item) => item.id === column.id)
    );
    return { ...each, input, items: [...each.items, ...passThroughOf(carried)] };
  }, filter.input);
  const guarded = planColumns(join.right).map((column): ProjectItem => {
    const value = reference({ ...column, id: copy.ids.get(column.id) ?? column.id });
    return { ...column, nullable: true, expression: choose(filter.predicate, value, nullOf(column.type)) };
  });
  const input = rowWise(plan, join.left, context);
  return { kind: "project", input, items: [...passThrough(join.left), ...guarded] };
}

function passThroughOf(columns: readonly PlanColumn[]): readonly ProjectItem[] {
  return columns.map((column) => ({ ...column, expression: reference(column) }));
}

type ProjectNode = Plan & { readonly kind: "project" };

function peel(
  plan: Plan,
): {
  readonly projections: readonly ProjectNode[];
  readonly filter: (Plan & { readonly kind: "filter" }) | undefined;
} {
  const projections: ProjectNode[] = [];
  let node = plan;
  while (node.kind === "project" || node.kind === "sort") {
    if (node.kind === "project") projections.push(node);
    node = node.input;
  }
  return { projections, filter: node.kind === "filter" ? node : undefined };
}

/** `left LEFT JOIN LATERAL f(left.x)`: the function is called on the left rows and keeps those without rows. */
function outerTableFunction(join: DependentJoin, context: RuleContext): Plan | undefined {
  if (join.kind !== "left" || join.condition !== null) return undefined;
  const projections: ProjectNode[] = [];
  let node = join.right;
  while (node.kind === "project") {
    projections.push(node);
    node = node.input;
  }
  if (node.kind !== "tableFunction" || node.input.kind !== "values") return undefined;
  if (node.input.columns.length > 0 || node.input.rows.length !== 1) return undefined;
  const counter = context.newColumn("ordinality", BIGINT, true);
  const ordinal = node.ordinality ? node.columns[node.columns.length - 1]! : counter;
  const columns = node.ordinality ? node.columns : [...node.columns, counter];
  let plan: Plan = { ...node, input: join.left, columns, ordinality: true, outer: true };
  for (const each of projections.reverse()) {
    const guarded = each.items.map((item): ProjectItem => ({
      ...item,
      nullable: true,
      expression: item.expression.kind === "column" && !columnIds(join.left).has(item.expression.id)
        ? item.expression
        : choose(isNull(reference(ordinal), true), item.expression, nullOf(item.type)),
    }));
    const kept = guarded.some((item) => item.id === ordinal.id) ? [] : passThroughOf([ordinal]);
    plan = { kind: "project", input: plan, items: [...passThrough(join.left), ...guarded, ...kept] };
  }
  return plan;
}

// --- Lifted conditions --------------------------------------------------------------------------

function liftedJoin(join: DependentJoin, lifted: Lifted, context: RuleContext): Plan {
  const own = join.condition === null ? null : substituteColumns(join.condition, lifted.computed);
  if (join.kind === "mark" && own !== null) {
    const { right, conjuncts } = twoValued(join.left, lifted);
    return plainJoin(join, right, withConjuncts(own, conjuncts));
  }
  const condition = withConjuncts(own, lifted.conjuncts);
  if (onlyExistence(join) || lifted.computed.size === 0) return plainJoin(join, lifted.plan, condition);
  const matched = context.newColumn("matched", BOOLEAN, false);
  const right: Plan = {
    kind: "project",
    input: lifted.plan,
    items: [...passThrough(lifted.plan), { ...matched, expression: TRUE }],
  };
  const joined = plainJoin(join, right, condition);
  const computed = planColumns(join.right).flatMap((column): ProjectItem[] => {
    const expression = lifted.computed.get(column.id);
    if (expression === undefined) return [];
    const guarded = choose(isNull(reference(matched), true), expression, nullOf(column.type));
    return [{ ...column, nullable: true, expression: guarded }];
  });
  return { kind: "project", input: joined, items: [...passThrough(joined), ...computed] };
}

/**
 * Conditions that decide whether a right row belongs to the subquery, for a mark join: there NULL must count
 * as FALSE, while the NULL of the comparison itself must not.
 */
function twoValued(
  left: Plan,
  lifted: Lifted,
): { readonly right: Plan; readonly conjuncts: readonly Scalar[] } {
  let right = lifted.plan;
  const outer = columnIds(left);
  const inner = columnIds(right);
  const notNull = notNullColumns(left, right);
  const conjuncts = lifted.conjuncts.map((conjunct): Scalar => {
    if (!mayBeNull(conjunct, notNull)) return conjunct;
    const comparison = comparisonOf(conjunct);
    if (comparison?.operator !== "=") return coalesce(conjunct, FALSE);
    const sides = [comparison.left, comparison.right];
    const own = sides.find((side) => freeColumns(side).size > 0 && readsOnly(side, inner));
    const other = sides.find((side) => side !== own && readsOnly(side, outer));
    if (own === undefined || other === undefined) return coalesce(conjunct, FALSE);
    if (mayBeNull(own, notNull)) right = filtered(right, [isNull(own, true)]);
    return mayBeNull(other, notNull) ? notDistinct(other, own) : equal(other, own);
  });
  return { right, conjuncts };
}

// --- The general way ----------------------------------------------------------------------------

function joinByDomain(join: DependentJoin, context: RuleContext): Plan {
  return overDomain(join.left, join.right, context, (left, pusher, columns) => {
    const pushed = pusher.push(join.right);
    const twoValuedMark = join.kind === "mark";
    const same = sameDomain(columns, undefined, pushed.columns, twoValuedMark);
    return plainJoin({ ...join, left }, pushed.plan, withConjuncts(join.condition, same));
  });
}

/**
 * Runs `build` with a pusher of the domain that `dependent` reads from `left`. When the domain is scanned,
 * `left` is computed once, as a common table, and the domain from it.
 */
function overDomain(
  left: Plan,
  dependent: Plan,
  context: RuleContext,
  build: (left: Plan, pusher: DomainPusher, columns: readonly PlanColumn[]) => Plan,
): Plan {
  const free = freeColumns(dependent);
  const columns = planColumns(left).filter((column) => free.has(column.id));
  if (columns.length === 0) {
    throw new InvariantError("invariant", "The plan does not depend on the other side");
  }
  let domainTable: number | undefined;
  const names = columns.map((column) => context.newColumn(column.name, column.type, column.nullable));
  const scan = (): Pushed => {
    domainTable ??= context.newId();
    const own = columns.map((column) => context.newColumn(column.name, column.type, column.nullable));
    const plan: Plan = {
      kind: "cteScan",
      cte: domainTable,
      name: "domain",
      columns: own.map((column, index) => ({ ...column, source: names[index]!.id })),
    };
    return { plan, columns: new Map(columns.map((column, index) => [column.id, own[index]!])) };
  };
  const domain: Domain = { columns, scan };
  const joined = build(left, new DomainPusher(domain, context), columns);
  if (domainTable === undefined) return joined;
  const copy = copyPlan(left, context.newId);
  const outerTable = context.newId();
  const scanOf = (cte: number, ids: readonly PlanColumn[], sources: readonly ColumnId[]): Plan => ({
    kind: "cteScan",
    cte,
    name: "outer",
    columns: ids.map((column, index) => ({ ...column, source: sources[index]! })),
  });
  const copied = (column: PlanColumn): ColumnId => copy.ids.get(column.id) ?? column.id;
  const leftColumns = planColumns(left);
  const outerScan = scanOf(outerTable, leftColumns, leftColumns.map(copied));
  return {
    kind: "with",
    tables: [
      { cte: outerTable, name: "outer", plan: copy.plan },
      {
        cte: domainTable,
        name: "domain",
        plan: distinctRows(scanOf(outerTable, names, columns.map(copied))),
      },
    ],
    input: replaceNode(joined, left, outerScan),
  };
}

/** `plan` with the node `old`, one of its inputs at any depth, replaced. */
function replaceNode(plan: Plan, old: Plan, replacement: Plan): Plan {
  if (plan === old) return replacement;
  switch (plan.kind) {
    case "project":
      return { ...plan, input: replaceNode(plan.input, old, replacement) };
    case "join":
      return { ...plan, left: replaceNode(plan.left, old, replacement) };
    default:
      throw new InvariantError("invariant", "The outer plan was not found");
  }
}

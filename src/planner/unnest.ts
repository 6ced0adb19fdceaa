/**
 * Rule "unnest": no subquery scalar and no lateral join remains after it.
 *
 * Plans are unnested bottom-up: when a dependent join is taken apart, the subqueries inside its right side
 * are joins already. A node whose scalars hold subqueries gets them joined to its input; the conjuncts of a
 * filter without subqueries are applied first, so that subqueries see fewer rows.
 *
 * @module
 */
import { QueryError } from "../base/error.ts";
import type { JoinPlan, LimitPlan, Plan, Scalar, ValuesPlan } from "../query/plan.ts";
import {
  columnIds,
  mapChildren,
  mapPlanScalars,
  mapScalar,
  planColumns,
  planScalars,
  splitConjuncts,
} from "../query/plan_walk.ts";
import { innerJoin } from "./dependent_domain.ts";
import { dependentJoin, type DependentKind, unnestJoin } from "./dependent_join.ts";
import type { Rule, RuleContext } from "./environment.ts";
import { limitByRowNumber } from "./row_limit.ts";
import { filtered, hasSubquery, readsAny } from "./scalar.ts";
import { SubqueryJoiner } from "./unnest_subquery.ts";

export const unnest: Rule = { name: "unnest", apply: unnestPlan };

function unnestPlan(plan: Plan, context: RuleContext): Plan {
  const inputs = mapChildren(plan, (child) => unnestPlan(child, context));
  const known = new Map<Plan, Plan>();
  const node = mapPlanScalars(inputs, (scalar) => unnestInside(scalar, known, context));
  if (node.kind === "join" && node.lateral) return unnestLateral(node, context);
  if (!planScalars(node).some(hasSubquery)) return node;
  switch (node.kind) {
    case "filter":
      return unnestFilter(node.input, splitConjuncts(node.predicate), context);
    case "join":
      return unnestCondition(node, context);
    case "values":
      return unnestValues(node, context);
    case "limit":
      return unnestLimit(node, context);
    default:
      return unnestInput(node, context);
  }
}

/**
 * Unnests the plans of the subqueries in `scalar`. A subquery that stands in a node twice, in a row comparison
 * for example, has one plan, and `known` sees to it that it keeps one.
 */
function unnestInside(scalar: Scalar, known: Map<Plan, Plan>, context: RuleContext): Scalar {
  if (!hasSubquery(scalar)) return scalar;
  return mapScalar(scalar, (each) => {
    if (each.kind !== "subquery") return each;
    const plan = known.get(each.plan) ?? unnestPlan(each.plan, context);
    known.set(each.plan, plan);
    return { ...each, plan };
  });
}

function unnestInput(node: Plan, context: RuleContext): Plan {
  const input = inputOf(node);
  if (input === undefined) return node;
  const joiner = new SubqueryJoiner(input, context);
  const replaced = mapPlanScalars(node, (scalar) => joiner.replace(scalar));
  return mapChildren(replaced, () => joiner.plan);
}

function inputOf(node: Plan): Plan | undefined {
  return "input" in node ? node.input : undefined;
}

function unnestFilter(input: Plan, conjuncts: readonly Scalar[], context: RuleContext): Plan {
  const plain = conjuncts.filter((conjunct) => !hasSubquery(conjunct));
  const joiner = new SubqueryJoiner(filtered(input, plain), context);
  const rest: Scalar[] = [];
  for (const conjunct of conjuncts) {
    if (!hasSubquery(conjunct) || joiner.filter(conjunct)) continue;
    rest.push(joiner.replace(conjunct));
  }
  return filtered(joiner.plan, rest);
}

function unnestValues(node: ValuesPlan, context: RuleContext): Plan {
  const unit: Plan = { kind: "values", columns: [], rows: [[]] };
  const rows = node.rows.map((row): Plan => {
    const joiner = new SubqueryJoiner(unit, context);
    const items = node.columns.map((column, index) => ({
      ...(node.rows.length === 1 ? column : context.newColumn(column.name, column.type, true)),
      expression: joiner.replace(row[index]!),
    }));
    return { kind: "project", input: joiner.plan, items };
  });
  return rows.reduce((left, right, index): Plan => ({
    kind: "setOperation",
    operator: "union",
    all: true,
    left,
    right,
    leftColumns: planColumns(left).map((column) => column.id),
    rightColumns: planColumns(right).map((column) => column.id),
    columns: index === rows.length - 1
      ? node.columns
      : node.columns.map((column) => context.newColumn(column.name, column.type, true)),
  }));
}

/** A limit that is computed: a filter on row numbers, with the order restored above. */
function unnestLimit(node: LimitPlan, context: RuleContext): Plan {
  const sort = node.input.kind === "sort" ? node.input : undefined;
  const joiner = new SubqueryJoiner(sort?.input ?? node.input, context);
  const replaced = mapPlanScalars(node, (scalar) => joiner.replace(scalar));
  if (replaced.kind !== "limit") return node;
  const input: Plan = sort === undefined ? joiner.plan : { ...sort, input: joiner.plan };
  const limited = limitByRowNumber(replaced, input, [], context);
  return sort === undefined ? limited : { ...sort, input: limited };
}

function unnestLateral(node: JoinPlan, context: RuleContext): Plan {
  const { left, right, condition } = node;
  if (!readsAny(right, columnIds(left))) return unnestPlan({ ...node, lateral: false }, context);
  if (!isDependent(node.join)) {
    throw new QueryError("unsupported", `A ${node.join} join cannot be LATERAL`, {
      hint: "use INNER JOIN LATERAL or LEFT JOIN LATERAL",
    });
  }
  if (condition !== null && hasSubquery(condition)) return byLateralFilter(node, context);
  return unnestJoin(dependentJoin(node, node.join, left), context);
}

function isDependent(kind: JoinPlan["join"]): kind is DependentKind {
  return kind === "inner" || kind === "left" || kind === "single" || kind === "semi" || kind === "anti" ||
    kind === "mark";
}

/** A join with subqueries in its condition. */
function unnestCondition(node: JoinPlan, context: RuleContext): Plan {
  if (node.join === "inner") {
    const joined = innerJoin(node.left, node.right, null);
    return unnestFilter(joined, splitConjuncts(node.condition), context);
  }
  const left = new SubqueryJoiner(node.left, context);
  const right = new SubqueryJoiner(node.right, context);
  const leftIds = columnIds(node.left);
  const rightIds = columnIds(node.right);
  const attach = (scalar: Scalar): Scalar =>
    mapScalar(scalar, (each) => {
      if (each.kind !== "subquery") return each;
      if (!readsAny(each, rightIds)) return left.replace(each);
      return readsAny(each, leftIds) ? each : right.replace(each);
    });
  const replaced = mapPlanScalars(node, attach);
  if (replaced.kind !== "join") return node;
  const joined: JoinPlan = { ...replaced, left: left.plan, right: right.plan };
  if (joined.condition === null || !hasSubquery(joined.condition)) return joined;
  return byLateralFilter(joined, context);
}

/**
 * Subqueries that read both sides: the condition becomes a filter on the right side, which then depends on
 * the left, and that join is unnested.
 */
function byLateralFilter(node: JoinPlan, context: RuleContext): Plan {
  if (!isDependent(node.join) || node.join === "mark") {
    throw new QueryError(
      "unsupported",
      `A subquery over both sides of a ${node.join} join is not supported`,
      {
        hint: "join first and filter by the subquery afterwards",
        ...(node.condition?.span === undefined ? {} : { details: { span: node.condition.span } }),
      },
    );
  }
  const right = unnestFilter(node.right, splitConjuncts(node.condition), context);
  return unnestLateral({ ...node, right, condition: null, lateral: true }, context);
}

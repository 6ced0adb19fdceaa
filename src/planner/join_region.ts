/**
 * Join regions: the maximal trees of inner joins, as a set of inputs and a set of conditions.
 *
 * Inside a region order is free, so rules work on the set. Besides inner joins a region takes in single joins
 * with a one-row right side and no condition: an uncorrelated scalar subquery is an input of one row.
 *
 * @module
 */
import { InvariantError } from "../base/error.ts";
import type { ColumnId, Plan, ProjectItem, Scalar } from "../query/plan.ts";
import { columnIds, planColumns, splitConjuncts, substituteColumns } from "../query/plan_walk.ts";
import { scalarKey } from "../query/plan_key.ts";
import { isExactlyOneRow } from "./row_bound.ts";
import { isVolatile, type PlannerFunctions } from "./environment.ts";
import { filtered, readsOnly, reference, withConjuncts } from "./scalar.ts";

/** The inputs of a tree of inner joins, in order, and all conditions on them. */
export interface JoinRegion {
  readonly inputs: readonly Plan[];
  readonly conjuncts: readonly Scalar[];
  /** Columns that projections inside the region compute, in terms of the inputs. */
  readonly computed: readonly ProjectItem[];
}

/** Whether `plan` is a join inside a region. */
export function isRegionJoin(plan: Plan): plan is Plan & { readonly kind: "join" } {
  if (plan.kind !== "join" || plan.lateral) return false;
  if (plan.join === "inner") return true;
  return plan.join === "single" && plan.condition === null && isExactlyOneRow(plan.right);
}

/** Whether `plan` is a region with filters and projections on top. */
function isInside(plan: Plan, functions: PlannerFunctions): boolean {
  switch (plan.kind) {
    case "join":
      return isRegionJoin(plan);
    case "filter":
      return !isVolatile(plan.predicate, functions) && isInside(plan.input, functions);
    case "project":
      return !plan.items.some((item) => isVolatile(item.expression, functions)) &&
        isInside(plan.input, functions);
    default:
      return false;
  }
}

/** The region whose topmost join is `plan`; a plan that is no such join is a region of one input. */
export function joinRegion(plan: Plan, functions: PlannerFunctions): JoinRegion {
  const inputs: Plan[] = [];
  const conjuncts: Scalar[] = [];
  const computed = new Map<ColumnId, ProjectItem>();
  const expressions = new Map<ColumnId, Scalar>();
  const visit = (node: Plan): void => {
    if (!isInside(node, functions)) {
      inputs.push(node);
    } else if (node.kind === "filter") {
      visit(node.input);
      conjuncts.push(...splitConjuncts(node.predicate));
    } else if (node.kind === "project") {
      visit(node.input);
      const own = node.items.filter((item) =>
        item.expression.kind !== "column" || item.expression.id !== item.id
      )
        .map((item) => ({ ...item, expression: substituteColumns(item.expression, expressions) }));
      for (const item of own) {
        computed.set(item.id, item);
        expressions.set(item.id, item.expression);
      }
    } else if (node.kind === "join") {
      visit(node.left);
      visit(node.right);
      conjuncts.push(...splitConjuncts(node.condition));
    }
  };
  visit(plan);
  return {
    inputs,
    conjuncts: conjuncts.map((conjunct) => substituteColumns(conjunct, expressions)),
    computed: [...computed.values()],
  };
}

/** `plan`, the join of a region's inputs, with the region's computed columns. */
export function withComputed(plan: Plan, computed: readonly ProjectItem[]): Plan {
  if (computed.length === 0) return plan;
  const items = planColumns(plan).map((column) => ({ ...column, expression: reference(column) }));
  return { kind: "project", input: plan, items: [...items, ...computed] };
}

/** Joins `left` with `right`; an input of one row is broadcast, and its conditions filter. */
export function regionJoin(left: Plan, right: Plan, conjuncts: readonly Scalar[]): Plan {
  const oneRow = isExactlyOneRow(right);
  if (!oneRow && isExactlyOneRow(left)) return regionJoin(right, left, conjuncts);
  if (oneRow) {
    const joined: Plan = { kind: "join", join: "single", left, right, condition: null, lateral: false };
    return filtered(joined, conjuncts);
  }
  return {
    kind: "join",
    join: "inner",
    left,
    right,
    condition: withConjuncts(null, conjuncts),
    lateral: false,
  };
}

/** The region's inputs joined from the left in the given order, each condition as early as possible. */
export function joinInOrder(region: JoinRegion): Plan {
  let rest = region.conjuncts;
  const take = (columns: ReadonlySet<ColumnId>): readonly Scalar[] => {
    const taken = rest.filter((conjunct) => readsOnly(conjunct, columns));
    rest = rest.filter((conjunct) => !taken.includes(conjunct));
    return taken;
  };
  const [first, ...others] = region.inputs;
  if (first === undefined) throw new InvariantError("invariant", "A join region has inputs");
  const available = new Set(columnIds(first));
  let plan = filtered(first, take(available));
  for (const input of others) {
    for (const id of columnIds(input)) available.add(id);
    plan = regionJoin(plan, input, take(available));
  }
  return withComputed(filtered(plan, rest), region.computed);
}

/** `conjuncts` without repetitions. */
export function distinctScalars(conjuncts: readonly Scalar[]): readonly Scalar[] {
  const seen = new Set<string>();
  return conjuncts.filter((conjunct) => {
    const key = scalarKey(conjunct);
    return seen.has(key) ? false : seen.add(key) !== undefined;
  });
}

/**
 * Simple unnesting: lifts correlated conditions and projections out of a plan, up to the join above it.
 *
 * `EXISTS (SELECT ... FROM r WHERE r.k = l.k AND r.x > 5)` becomes a semi join with the condition `r.k = l.k`
 * over `r` filtered by `r.x > 5`. It works through filters, projections and joins; an aggregate, a window or
 * a limit below the correlation needs the general method. O(size of the plan).
 *
 * @module
 */
import type { ColumnId, JoinPlan, Plan, ProjectItem, Scalar } from "../query/plan.ts";
import {
  columnIds,
  freeColumns,
  planColumns,
  splitConjuncts,
  substituteColumns,
} from "../query/plan_walk.ts";
import { filtered, readsAny, reference, withConjuncts } from "./scalar.ts";

/** A plan with its correlation taken out. */
export interface Lifted {
  readonly plan: Plan;
  /** Conditions over `plan` and the outer columns, for the join above. */
  readonly conjuncts: readonly Scalar[];
  /** Columns that `plan` no longer produces: what to compute for them above the join. */
  readonly computed: ReadonlyMap<ColumnId, Scalar>;
}

/** How to lift. */
export interface LiftOptions {
  /** The columns of the other side of the join. */
  readonly outer: ReadonlySet<ColumnId>;
  /** Only whether rows exist matters: a semi join may become an inner join. */
  readonly duplicatesIrrelevant: boolean;
}

/** `plan` without correlation, or undefined when it takes more than lifting. */
export function liftCorrelation(plan: Plan, options: LiftOptions): Lifted | undefined {
  const lifted = lift(plan, options);
  return lifted === undefined || readsAny(lifted.plan, options.outer) ? undefined : lifted;
}

const NO_COMPUTED: ReadonlyMap<ColumnId, Scalar> = new Map();

function lift(plan: Plan, options: LiftOptions): Lifted | undefined {
  if (!readsAny(plan, options.outer)) return { plan, conjuncts: [], computed: NO_COMPUTED };
  switch (plan.kind) {
    case "filter": {
      const below = lift(plan.input, options);
      if (below === undefined) return undefined;
      const split = splitBy(splitConjuncts(plan.predicate), below.computed, options);
      return {
        ...below,
        plan: filtered(below.plan, split.own),
        conjuncts: [...below.conjuncts, ...split.lifted],
      };
    }
    case "project":
      return liftProject(plan, options);
    case "join":
      return liftJoin(plan, options);
    case "sort":
      return lift(plan.input, options);
    case "tableFunction": {
      const below = lift(plan.input, options);
      if (below === undefined || below.computed.size > 0) return undefined;
      return { ...below, plan: { ...plan, input: below.plan } };
    }
    case "values": {
      if (plan.rows.length !== 1) return undefined;
      const computed = new Map(plan.columns.map((column, index) => [column.id, plan.rows[0]![index]!]));
      return { plan: { kind: "values", columns: [], rows: [[]] }, conjuncts: [], computed };
    }
    case "with": {
      const below = lift(plan.input, options);
      return below === undefined ? undefined : { ...below, plan: { ...plan, input: below.plan } };
    }
    default:
      return undefined;
  }
}

/** Conjuncts that stay and those that need outer columns, with computed columns put in. */
function splitBy(
  conjuncts: readonly Scalar[],
  computed: ReadonlyMap<ColumnId, Scalar>,
  options: LiftOptions,
): { readonly own: readonly Scalar[]; readonly lifted: readonly Scalar[] } {
  const own: Scalar[] = [];
  const lifted: Scalar[] = [];
  for (const conjunct of conjuncts) {
    const complete = substituteColumns(conjunct, computed);
    (readsAny(complete, options.outer) ? lifted : own).push(complete);
  }
  return { own, lifted };
}

function liftProject(plan: Plan & { readonly kind: "project" }, options: LiftOptions): Lifted | undefined {
  const below = lift(plan.input, options);
  if (below === undefined) return undefined;
  const computed = new Map<ColumnId, Scalar>();
  const items: ProjectItem[] = [];
  const needed = new Set<ColumnId>();
  for (const item of plan.items) {
    const expression = substituteColumns(item.expression, below.computed);
    if (readsAny(expression, options.outer)) {
      computed.set(item.id, expression);
      for (const id of freeColumns(expression)) needed.add(id);
    } else {
      items.push({ ...item, expression });
    }
  }
  for (const conjunct of below.conjuncts) for (const id of freeColumns(conjunct)) needed.add(id);
  const present = new Set(items.map((item) => item.id));
  for (const column of planColumns(below.plan)) {
    if (needed.has(column.id) && !present.has(column.id)) {
      items.push({ ...column, expression: reference(column) });
    }
  }
  return { plan: { kind: "project", input: below.plan, items }, conjuncts: below.conjuncts, computed };
}

function liftJoin(plan: JoinPlan, options: LiftOptions): Lifted | undefined {
  if (plan.lateral) return undefined;
  const left = lift(plan.left, options);
  if (left === undefined) return undefined;
  const asInner = plan.join === "inner" || (plan.join === "semi" && options.duplicatesIrrelevant);
  if (asInner) {
    const right = lift(plan.right, options);
    if (right === undefined) return undefined;
    const computed = new Map([...left.computed, ...right.computed]);
    const split = splitBy(splitConjuncts(plan.condition), computed, options);
    const condition = withConjuncts(null, split.own);
    return {
      plan: { ...plan, join: "inner", left: left.plan, right: right.plan, condition },
      conjuncts: [...left.conjuncts, ...right.conjuncts, ...split.lifted],
      computed,
    };
  }
  if (plan.join === "full" || plan.join === "right" || readsAny(plan.right, options.outer)) return undefined;
  const condition = plan.condition === null ? null : substituteColumns(plan.condition, left.computed);
  const reads = condition !== null && readsAny(condition, options.outer);
  const asof = plan.asof !== undefined && readsAny(plan.asof.left, new Set(left.computed.keys()));
  if (reads || asof) return undefined;
  return { ...left, plan: { ...plan, left: left.plan, condition } };
}

/** `plan` without the columns that `outer` has too: passed-on outer columns, which the other side produces. */
export function withoutOuterColumns(plan: Plan, outer: ReadonlySet<ColumnId>): Plan {
  const own = [...columnIds(plan)];
  if (!own.some((id) => outer.has(id))) return plan;
  const items = planColumns(plan).filter((column) => !outer.has(column.id))
    .map((column) => ({ ...column, expression: reference(column) }));
  return { kind: "project", input: plan, items };
}

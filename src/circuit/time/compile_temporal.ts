/**
 * The operators of a plan node that depends on the time.
 *
 * ```
 * filter ts > now() - interval '1 day' and status = 1      count(*) filter (where ts > now() - interval '1 day')
 *
 *   filter status = 1 ─► temporal filter                     temporal mark m ─► count(*) filter (where m)
 * ```
 *
 * Conjuncts of a filter that compare with the time are temporal filters, which keep no rows whose time has passed.
 * Anywhere else a comparison with the time is a column that the input gets. What depends on time or chance otherwise
 * has no operator: {@linkcode timeObstacle} names it.
 *
 * @module
 */
import { reference, TRUE } from "../../planner/scalar.ts";
import type { FilterPlan, Plan, PlanColumn, Scalar } from "../../query/plan.ts";
import { scalarKey } from "../../query/plan_key.ts";
import {
  children,
  conjunction,
  freeColumns,
  mapChildren,
  mapPlanScalars,
  planColumns,
  planScalars,
  producedColumns,
  splitConjuncts,
} from "../../query/plan_walk.ts";
import { BOOLEAN } from "../../storage/sql_type.ts";
import { givenInput } from "../batch_template.ts";
import type { CircuitNode } from "../circuit_node.ts";
import { FilterNode, RenameNode } from "../nodes/linear.ts";
import { TemporalFilterNode } from "../nodes/temporal_filter.ts";
import { TemporalMarkNode } from "../nodes/temporal_mark.ts";
import {
  openEnded,
  replacePredicates,
  type TemporalPredicate,
  temporalPredicate,
  timeConstruct,
} from "./temporal_predicate.ts";
import type { TimeContext } from "./time_step.ts";

/** Where the scalars of a node stand, for messages. */
const PLACES: Readonly<Record<Plan["kind"], string>> = {
  scan: "in a table",
  values: "in VALUES or a SELECT without FROM",
  filter: "in a condition",
  project: "in the select list",
  join: "in a join condition",
  aggregate: "in GROUP BY or an aggregate",
  window: "in a window function",
  distinct: "in DISTINCT ON",
  setOperation: "in a set operation",
  sort: "in ORDER BY with LIMIT",
  limit: "in LIMIT",
  tableFunction: "in a table function",
  with: "in WITH",
  cteScan: "in WITH",
  fixpoint: "in a recursive query",
  sample: "in TABLESAMPLE",
};

/** Kinds whose input may get marks. */
const MARKABLE: ReadonlySet<Plan["kind"]> = new Set(["filter", "project", "join", "aggregate", "window"]);

/**
 * The conditions of inner joins that depend on time as filters above them: joins are taken apart and put together
 * without regard to time.
 */
export function liftTimeConditions(plan: Plan, context: TimeContext): Plan {
  const lifted = mapChildren(plan, (child) => liftTimeConditions(child, context));
  if (lifted.kind !== "join" || lifted.join !== "inner" || lifted.lateral) return lifted;
  const moving: Scalar[] = [];
  const withoutMoving = (condition: Scalar | null): Scalar | null => {
    const conjuncts = splitConjuncts(condition);
    moving.push(...conjuncts.filter((conjunct) => !context.isDeterministic(conjunct)));
    return conjunction(conjuncts.filter((conjunct) => context.isDeterministic(conjunct)));
  };
  const left = liftFilters(lifted.left, withoutMoving);
  const right = liftFilters(lifted.right, withoutMoving);
  const condition = withoutMoving(lifted.condition);
  if (moving.length === 0) return lifted;
  return { kind: "filter", input: { ...lifted, left, right, condition }, predicate: conjunction(moving)! };
}

/** Takes the conditions that depend on time out of the filters above an inner join. */
function liftFilters(plan: Plan, withoutMoving: (condition: Scalar | null) => Scalar | null): Plan {
  if (plan.kind !== "filter") return plan;
  const input = liftFilters(plan.input, withoutMoving);
  if (input.kind !== "join" || input.join !== "inner" || input.lateral) return { ...plan, input };
  const predicate = withoutMoving(plan.predicate);
  return predicate === null ? input : { ...plan, input, predicate };
}

/** What in `plan` depends on time or chance in a way that has no operator; undefined when nothing does. */
export function timeObstacle(plan: Plan, context: TimeContext): string | undefined {
  return obstacle(plan, context, false);
}

/** `whole`: the subtree is recomputed by the batch executor, whose clock stands still. */
function obstacle(plan: Plan, context: TimeContext, whole: boolean): string | undefined {
  const isWhole = whole || plan.kind === "fixpoint" || (plan.kind === "join" && plan.lateral);
  for (const scalar of planScalars(plan)) {
    const rest = isWhole || !MARKABLE.has(plan.kind) ? scalar : replacePredicates(
      scalar,
      context,
      (predicate, original) => sideOf(plan, predicate) === undefined ? original : TRUE,
    );
    if (!context.isDeterministic(rest)) return timeConstruct(rest, PLACES[plan.kind], context);
  }
  for (const child of children(plan)) {
    // Without LIMIT the order of the rows has no effect.
    const input = child.kind === "sort" && plan.kind !== "limit" ? child.input : child;
    const found = obstacle(input, context, isWhole);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The input that has the columns of a predicate. */
function sideOf(plan: Plan, { row }: TemporalPredicate): number | undefined {
  const needed = [...freeColumns(row)];
  const side = children(plan).findIndex((child) => {
    const ids = new Set(planColumns(child).map((column) => column.id));
    return needed.every((id) => ids.has(id));
  });
  return side < 0 ? undefined : side;
}

/** Whether an expression of the node itself depends on the time. */
export function dependsOnTime(plan: Plan, context: TimeContext): boolean {
  return MARKABLE.has(plan.kind) && planScalars(plan).some((scalar) => !context.isDeterministic(scalar));
}

/** The operators of a filter that depends on the time. */
export function temporalFilter(plan: FilterPlan, input: CircuitNode, context: TimeContext): CircuitNode {
  const fixed: Scalar[] = [];
  const rest: Scalar[] = [];
  const byRow = new Map<string, { predicates: TemporalPredicate[]; nullsPass: boolean }>();
  for (const conjunct of splitConjuncts(plan.predicate)) {
    if (context.isDeterministic(conjunct)) {
      fixed.push(conjunct);
      continue;
    }
    const strict = temporalPredicate(conjunct, context);
    const predicate = strict ?? openEnded(conjunct, context);
    if (predicate === undefined) {
      rest.push(conjunct);
      continue;
    }
    const key = scalarKey(predicate.row);
    const group = byRow.get(key) ?? { predicates: [], nullsPass: true };
    group.predicates.push(predicate);
    if (strict !== undefined) group.nullsPass = false;
    byRow.set(key, group);
  }
  const { execution } = context;
  const condition = conjunction(fixed);
  let node = condition === null ? input : new FilterNode(input, condition, execution);
  for (const { predicates, nullsPass } of byRow.values()) {
    node = new TemporalFilterNode(
      node,
      { row: predicates[0]!.row, bounds: predicates, nullsPass },
      execution,
    );
  }
  if (rest.length === 0) return node;
  const marks = new Marks([node.columns], firstFreeId(plan), context);
  const marked = rest.map((conjunct) => marks.replace(conjunct, () => 0));
  return withColumns(
    new FilterNode(marks.on(node, 0), conjunction(marked)!, execution),
    input.columns,
  );
}

/** The node over inputs that have a column in place of each comparison with the time. */
export interface MarkedPlan {
  readonly plan: Plan;
  /** What the inputs of `plan` stand for. */
  readonly inputs: ReadonlyMap<Plan, CircuitNode>;
}

/** Replaces the comparisons with the time in the expressions of a node by columns of its inputs. */
export function markedPlan(
  plan: Plan,
  compile: (input: Plan) => CircuitNode,
  context: TimeContext,
): MarkedPlan {
  const nodes = children(plan).map(compile);
  const marks = new Marks(nodes.map((node) => node.columns), firstFreeId(plan), context);
  const replaced = mapPlanScalars(
    plan,
    (scalar) => marks.replace(scalar, (predicate) => sideOf(plan, predicate)!),
  );
  const inputs = new Map<Plan, CircuitNode>();
  let side = 0;
  const over = mapChildren(replaced, () => {
    const node = marks.on(nodes[side]!, side++);
    const given = givenInput(0, node.columns);
    inputs.set(given, node);
    return given;
  });
  return { plan: over, inputs };
}

/** `node` with these of its columns. */
export function withColumns(node: CircuitNode, columns: readonly PlanColumn[]): CircuitNode {
  const positions = columns.map(({ id }) => node.columns.findIndex((column) => column.id === id));
  return new RenameNode(node, columns, positions);
}

/** Columns for the predicates of a node. */
class Marks {
  readonly #context: TimeContext;
  /** By input, and by the expression of the row. */
  readonly #groups: readonly Map<string, { predicates: TemporalPredicate[]; columns: PlanColumn[] }>[];
  #nextId: number;

  constructor(inputs: readonly unknown[], nextId: number, context: TimeContext) {
    this.#context = context;
    this.#groups = inputs.map(() => new Map());
    this.#nextId = nextId;
  }

  replace(scalar: Scalar, side: (predicate: TemporalPredicate) => number): Scalar {
    return replacePredicates(scalar, this.#context, (predicate) => {
      const groups = this.#groups[side(predicate)]!;
      const key = scalarKey(predicate.row);
      const group = groups.get(key) ?? { predicates: [], columns: [] };
      groups.set(key, group);
      const known = group.predicates.findIndex(({ operator, time }) =>
        operator === predicate.operator && scalarKey(time.scalar) === scalarKey(predicate.time.scalar)
      );
      if (known >= 0) return reference(group.columns[known]!);
      const column = { id: this.#nextId++, name: "mark", type: BOOLEAN, nullable: true };
      group.predicates.push(predicate);
      group.columns.push(column);
      return reference(column);
    });
  }

  /** An input with the columns that are read of it. */
  on(input: CircuitNode, side: number): CircuitNode {
    let node = input;
    for (const { predicates, columns } of this.#groups[side]!.values()) {
      const row = predicates[0]!.row;
      node = new TemporalMarkNode(node, { row, bounds: predicates, columns }, this.#context.execution);
    }
    return node;
  }
}

/** An id that no column in the node has. */
function firstFreeId(plan: Plan): number {
  let largest = 0;
  for (const id of producedColumns(plan)) largest = Math.max(largest, id);
  return largest + 1;
}

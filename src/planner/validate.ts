/**
 * The invariants of a plan, checked: a tripwire for rewrites, run in tests and in debug builds.
 *
 * - Every id that a node's scalars name is produced by its inputs (for a lateral right side: or by the left).
 * - No two nodes produce one id, except for passing a column through: a project or group item, or an
 *   `any_value`, that is just the column of the same id.
 * - Set operations and fixpoints pair columns that exist, common table scans name columns of their table.
 * - Of a planned query: no subquery scalar and no lateral join remains.
 *
 * O(size of the plan).
 *
 * @module
 */
import { InvariantError } from "../base/error.ts";
import type { ColumnId, Plan, Scalar } from "../query/plan.ts";
import {
  children,
  columnIds,
  freeColumns,
  planColumns,
  planScalars,
  scalarChildren,
} from "../query/plan_walk.ts";

/** What to expect of the plan. */
export interface ValidateOptions {
  /** The plan went through the planner: no subqueries, no lateral joins. */
  readonly planned?: boolean;
  /** Columns and common tables that the plan may take from outside. */
  readonly outer?: ReadonlySet<ColumnId>;
  readonly outerTables?: ReadonlyMap<number, ReadonlySet<ColumnId>>;
}

/** Throws {@linkcode InvariantError} that names the first broken invariant. */
export function validatePlan(plan: Plan, options: ValidateOptions = {}): void {
  const validator = new Validator(options.planned ?? false);
  validator.check(plan, options.outer ?? new Set(), new Map(options.outerTables ?? []));
}

type Tables = Map<number, ReadonlySet<ColumnId>>;

class Validator {
  readonly #planned: boolean;
  readonly #producer = new Map<ColumnId, Plan>();
  readonly #subqueries = new Set<Plan>();

  constructor(planned: boolean) {
    this.#planned = planned;
  }

  check(plan: Plan, outer: ReadonlySet<ColumnId>, tables: Tables): void {
    this.#checkInputs(plan, outer, tables);
    const visible = new Set(outer);
    for (const child of children(plan)) for (const column of planColumns(child)) visible.add(column.id);
    for (const scalar of planScalars(plan)) this.#checkScalar(scalar, { plan, visible, tables });
    this.#checkPairs(plan, tables);
    this.#checkProduced(plan);
  }

  #checkInputs(plan: Plan, outer: ReadonlySet<ColumnId>, tables: Tables): void {
    if (plan.kind === "join" && plan.lateral) {
      if (this.#planned) fail(plan, "A lateral join remains");
      this.check(plan.left, outer, tables);
      this.check(plan.right, new Set([...outer, ...columnIds(plan.left)]), tables);
    } else if (plan.kind === "with") {
      for (const table of plan.tables) {
        const inner = new Map(tables);
        if (table.plan.kind === "fixpoint") inner.set(table.cte, columnIds(table.plan));
        this.check(table.plan, outer, inner);
        tables.set(table.cte, columnIds(table.plan));
      }
      this.check(plan.input, outer, tables);
    } else {
      for (const child of children(plan)) this.check(child, outer, tables);
    }
  }

  #checkScalar(
    scalar: Scalar,
    scope: { readonly plan: Plan; readonly visible: ReadonlySet<ColumnId>; readonly tables: Tables },
  ): void {
    if (scalar.kind === "column" && !scope.visible.has(scalar.id)) {
      fail(scope.plan, `No input produces column ${scalar.name}#${scalar.id}`);
    }
    if (scalar.kind !== "subquery") {
      for (const child of scalarChildren(scalar)) this.#checkScalar(child, scope);
      return;
    }
    if (this.#planned) fail(scope.plan, "A subquery remains");
    // A subquery may stand twice, in `left` and in the comparison: it is one plan.
    if (this.#subqueries.has(scalar.plan)) return;
    this.#subqueries.add(scalar.plan);
    this.check(scalar.plan, scope.visible, new Map(scope.tables));
    const visible = new Set([...scope.visible, ...columnIds(scalar.plan)]);
    for (const child of scalarChildren(scalar)) this.#checkScalar(child, { ...scope, visible });
  }

  #checkPairs(plan: Plan, tables: Tables): void {
    if (plan.kind === "setOperation") {
      expectAll(plan, plan.leftColumns, columnIds(plan.left));
      expectAll(plan, plan.rightColumns, columnIds(plan.right));
      expectCounts(plan, [plan.leftColumns.length, plan.rightColumns.length, plan.columns.length]);
    } else if (plan.kind === "fixpoint") {
      expectAll(plan, plan.baseColumns, columnIds(plan.base));
      expectAll(plan, plan.stepColumns, columnIds(plan.step));
      expectCounts(plan, [plan.baseColumns.length, plan.stepColumns.length, plan.columns.length]);
    } else if (plan.kind === "cteScan") {
      const known = tables.get(plan.cte);
      if (known === undefined) fail(plan, `No common table ${plan.cte} is in scope`);
      expectAll(plan, plan.columns.map((column) => column.source), known);
    } else if (plan.kind === "values") {
      for (const row of plan.rows) expectCounts(plan, [row.length, plan.columns.length]);
    } else if (plan.kind === "join" && (plan.join === "mark") !== (plan.mark !== undefined)) {
      fail(plan, "A mark join has a mark column, and no other join has one");
    }
  }

  #checkProduced(plan: Plan): void {
    const seen = new Set<ColumnId>();
    const passed = passedThrough(plan);
    for (const column of planColumns(plan)) {
      if (seen.has(column.id)) fail(plan, `Column ${column.name}#${column.id} is produced twice`);
      seen.add(column.id);
      if (passed.has(column.id)) continue;
      if (this.#producer.has(column.id)) {
        fail(plan, `Column ${column.name}#${column.id} is produced by two nodes`);
      }
      this.#producer.set(column.id, plan);
    }
  }
}

/** The ids that `plan` hands on from its inputs. */
function passedThrough(plan: Plan): ReadonlySet<ColumnId> {
  switch (plan.kind) {
    case "scan":
    case "values":
    case "cteScan":
    case "setOperation":
    case "fixpoint":
      return new Set();
    case "project":
      return selfReferences(plan.items.map((item) => [item.id, item.expression]));
    case "aggregate":
      return selfReferences([
        ...plan.groups.map((group): [ColumnId, Scalar] => [group.id, group.expression]),
        ...plan.aggregates
          .filter((call) => call.function === "any_value" && call.arguments.length === 1)
          .map((call): [ColumnId, Scalar] => [call.id, call.arguments[0]!]),
      ]);
    default: {
      const passed = new Set<ColumnId>();
      for (const child of children(plan)) for (const column of planColumns(child)) passed.add(column.id);
      return passed;
    }
  }
}

function selfReferences(items: readonly (readonly [ColumnId, Scalar])[]): ReadonlySet<ColumnId> {
  return new Set(
    items.flatMap(([id, expression]) => expression.kind === "column" && expression.id === id ? [id] : []),
  );
}

function expectAll(plan: Plan, ids: readonly ColumnId[], known: ReadonlySet<ColumnId>): void {
  for (const id of ids) if (!known.has(id)) fail(plan, `Column ${id} is not produced by the input`);
}

function expectCounts(plan: Plan, counts: readonly number[]): void {
  if (counts.some((count) => count !== counts[0])) {
    fail(plan, `Column counts differ: received ${counts.join(", ")}`);
  }
}

function fail(plan: Plan, message: string): never {
  throw new InvariantError("invariant", `${message} in ${plan.kind}`, {
    details: { node: plan.kind, free: [...freeColumns(plan)] },
  });
}

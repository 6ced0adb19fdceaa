/**
 * Rule "prune columns": every node produces only what its readers need.
 *
 * Scans read fewer columns, unused computed columns, aggregates and window calls vanish, and so do outer joins
 * that nobody reads from and that cannot multiply rows. Common tables are pruned to what all their scans read.
 * O(size of the plan).
 *
 * @module
 */
import type {
  AggregatePlan,
  ColumnId,
  FixpointPlan,
  JoinPlan,
  Plan,
  ProjectItem,
  Scalar,
  SetOperationPlan,
  WithPlan,
} from "../query/plan.ts";
import { columnIds, freeColumns, planColumns, planScalars } from "../query/plan_walk.ts";
import { isVolatile, type Rule, type RuleContext } from "./environment.ts";
import { FunctionalDependencies } from "./functional_dependency.ts";
import { reference } from "./scalar.ts";

type Needed = ReadonlySet<ColumnId>;

export const pruneColumns: Rule = {
  name: "prune columns",
  apply: (plan, context) => {
    const needed = new Set(context.environment.required ?? planColumns(plan).map((column) => column.id));
    return new Pruner(context).prune(plan, needed);
  },
};

class Pruner {
  readonly #keys: FunctionalDependencies;
  /** Columns that scans of a common table read. */
  readonly #sources = new Map<number, Set<ColumnId>>();

  constructor(context: RuleContext) {
    const { catalog, functions } = context.environment;
    this.#keys = new FunctionalDependencies(catalog, (scalar) => !isVolatile(scalar, functions));
  }

  /** `plan` producing `needed` and, where that is cheaper, more. */
  prune(plan: Plan, needed: Needed): Plan {
    switch (plan.kind) {
      case "scan": {
        const { rowId, ...scan } = plan;
        const columns = scan.columns.filter((column) => needed.has(column.id));
        return rowId !== undefined && needed.has(rowId.id)
          ? { ...scan, columns, rowId }
          : { ...scan, columns };
      }
      case "values": {
        const kept = plan.columns.map((column) => needed.has(column.id));
        const columns = plan.columns.filter((_, index) => kept[index]);
        return { ...plan, columns, rows: plan.rows.map((row) => row.filter((_, index) => kept[index])) };
      }
      case "cteScan": {
        const columns = plan.columns.filter((column) => needed.has(column.id));
        const sources = this.#sources.get(plan.cte) ?? new Set();
        for (const column of columns) sources.add(column.source);
        this.#sources.set(plan.cte, sources);
        return { ...plan, columns };
      }
      case "filter":
      case "sort":
      case "limit":
      case "sample":
      case "distinct": {
        if (plan.kind === "distinct" && plan.on === undefined) {
          return { ...plan, input: this.prune(plan.input, columnIds(plan.input)) };
        }
        return { ...plan, input: this.prune(plan.input, union(needed, planScalars(plan))) };
      }
      case "tableFunction":
        return { ...plan, input: this.prune(plan.input, union(needed, planScalars(plan))) };
      case "project": {
        const items = plan.items.filter((item) => needed.has(item.id));
        const input = this.prune(plan.input, union([], items.map((item) => item.expression)));
        return isNarrowing(items) ? input : { ...plan, items, input };
      }
      case "window": {
        const calls = plan.calls.filter((call) => needed.has(call.id));
        if (calls.length === 0) return this.prune(plan.input, needed);
        const node = { ...plan, calls };
        return { ...node, input: this.prune(plan.input, union(needed, planScalars(node))) };
      }
      case "aggregate":
        return this.#aggregate(plan, needed);
      case "join":
        return this.#join(plan, needed);
      case "setOperation":
        return this.#setOperation(plan, needed);
      case "with":
        return this.#with(plan, needed);
      case "fixpoint":
        return this.#fixpoint(plan);
    }
  }

  #aggregate(plan: AggregatePlan, needed: Needed): Plan {
    const aggregates = plan.aggregates.filter((call) => needed.has(call.id));
    const grouping = plan.grouping?.filter((column) => needed.has(column.id));
    const node: AggregatePlan = {
      ...plan,
      aggregates,
      ...(grouping === undefined ? {} : { grouping }),
    };
    return { ...node, input: this.prune(plan.input, union([], planScalars(node))) };
  }

  #join(plan: JoinPlan, needed: Needed): Plan {
    const right = columnIds(plan.right);
    const reads = [...needed].some((id) => right.has(id));
    if (plan.join === "mark" && plan.mark !== undefined && !needed.has(plan.mark.id)) {
      return this.prune(plan.left, needed);
    }
    const addsColumnsOnly = plan.join === "single" ||
      (plan.join === "left" && this.#keys.isUniqueMatch(plan.right, plan.condition));
    if (addsColumnsOnly && !reads) return this.prune(plan.left, needed);
    const all = union(needed, planScalars(plan));
    return { ...plan, left: this.prune(plan.left, all), right: this.prune(plan.right, all) };
  }

  #setOperation(plan: SetOperationPlan, needed: Needed): Plan {
    const bag = plan.operator === "union" && plan.all;
    const kept = plan.columns.map((column) => !bag || needed.has(column.id));
    const leftColumns = plan.leftColumns.filter((_, index) => kept[index]);
    const rightColumns = plan.rightColumns.filter((_, index) => kept[index]);
    return {
      ...plan,
      left: this.prune(plan.left, new Set(leftColumns)),
      right: this.prune(plan.right, new Set(rightColumns)),
      leftColumns,
      rightColumns,
      columns: plan.columns.filter((_, index) => kept[index]),
    };
  }

  /** The readers first, then the tables from the last to the first: later ones read earlier ones. */
  #with(plan: WithPlan, needed: Needed): Plan {
    const input = this.prune(plan.input, needed);
    const tables = [...plan.tables];
    for (let i = tables.length - 1; i >= 0; i--) {
      const table = tables[i]!;
      const sources = this.#sources.get(table.cte);
      if (sources === undefined) {
        tables.splice(i, 1);
      } else {
        tables[i] = { ...table, plan: this.prune(table.plan, sources) };
      }
    }
    return tables.length === 0 ? input : { ...plan, tables, input };
  }

  /** All columns decide whether a row is new, so all stay. */
  #fixpoint(plan: FixpointPlan): Plan {
    return {
      ...plan,
      base: this.prune(plan.base, new Set(plan.baseColumns)),
      step: this.prune(plan.step, new Set(plan.stepColumns)),
    };
  }
}

function union(needed: Iterable<ColumnId>, scalars: readonly Scalar[]): Needed {
  const all = new Set(needed);
  for (const scalar of scalars) for (const id of freeColumns(scalar)) all.add(id);
  return all;
}

/** Whether a projection of `items` only drops columns. */
function isNarrowing(items: readonly ProjectItem[]): boolean {
  return items.every((item) => item.expression.kind === "column" && item.expression.id === item.id);
}

/** `plan` producing exactly `ids`, in that order. */
export function exactColumns(plan: Plan, ids: readonly ColumnId[]): Plan {
  const columns = planColumns(plan);
  if (columns.length === ids.length && columns.every((column, index) => column.id === ids[index])) {
    return plan;
  }
  const items = ids.flatMap((id) => columns.filter((column) => column.id === id))
    .map((column) => ({ ...column, expression: reference(column) }));
  return { kind: "project", input: plan, items };
}

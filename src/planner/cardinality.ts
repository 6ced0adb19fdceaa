/**
 * Cardinality estimates: how many rows a plan produces, and what its columns look like.
 *
 * From row counts, bounds and distinct counts of the tables: equality keeps 1 / distinct, ranges interpolate
 * between the bounds, several conditions are damped instead of taken as independent, joins divide by the larger
 * number of distinct values, and a match on a key bounds the fan-out exactly. The distinct count of a column
 * stays that of its table when other columns are filtered: for joins, it stands for the size of the domain.
 * Remembered per node; O(size of the plan).
 *
 * @module
 */
import { unreachable } from "../base/assert.ts";
import type { Statistics } from "../query/catalog.ts";
import type { ColumnId, JoinPlan, Plan, PlanColumn, ProjectItem, Scalar } from "../query/plan.ts";
import { columnIds, freeColumns, splitConjuncts } from "../query/plan_walk.ts";
import type { FunctionalDependencies } from "./functional_dependency.ts";
import { constantCount } from "./row_bound.ts";
import { readsOnly } from "./scalar.ts";
import {
  type ColumnEstimate,
  type ColumnEstimates,
  datumNumber,
  distinctOf,
  narrowed,
  selectivity,
} from "./selectivity.ts";

/** What is expected of a plan's output. */
export interface PlanEstimate {
  readonly rows: number;
  /** Rows before filters: the size of the domain that the plan's key ranges over. */
  readonly baseRows: number;
  readonly columns: ColumnEstimates;
}

/** Rows expected of a table or function that nothing is known of. */
const UNKNOWN_ROWS = 1000;
/** Rows that a set-returning call is expected to give. */
const FUNCTION_ROWS = 10;
/** Rounds that a recursive table is expected to take. */
const FIXPOINT_ROUNDS = 10;

/** Estimates plans; answers are remembered for the life of the object. */
export class Cardinality {
  readonly #statistics: Statistics;
  readonly #keys: FunctionalDependencies;
  readonly #known = new WeakMap<Plan, PlanEstimate>();
  readonly #tables = new Map<number, PlanEstimate>();

  constructor(statistics: Statistics, keys: FunctionalDependencies) {
    this.#statistics = statistics;
    this.#keys = keys;
  }

  /** The estimate of `plan`. Common tables must have been met in their WITH before. */
  estimate(plan: Plan): PlanEstimate {
    const known = this.#known.get(plan);
    if (known !== undefined) return known;
    const estimate = this.#derive(plan);
    this.#known.set(plan, estimate);
    return estimate;
  }

  /** Makes the size of a common table known to its scans. */
  registerTable(cte: number, plan: Plan): void {
    this.#tables.set(cte, this.estimate(plan));
  }

  #derive(plan: Plan): PlanEstimate {
    switch (plan.kind) {
      case "scan":
        return this.#scan(plan);
      case "values": {
        const rows = plan.rows.length;
        return sized(
          rows,
          new Map(plan.columns.map((column) => [column.id, { distinct: Math.max(rows, 1) }])),
        );
      }
      case "filter": {
        const input = this.estimate(plan.input);
        const conjuncts = splitConjuncts(plan.predicate);
        const rows = atLeastOne(input.rows * selectivity(conjuncts, input.columns), input.rows);
        return { rows, baseRows: input.baseRows, columns: narrowed(conjuncts, input.columns) };
      }
      case "project": {
        const input = this.estimate(plan.input);
        return { ...input, columns: projected(plan.items, input) };
      }
      case "join":
        return this.#join(plan);
      case "aggregate": {
        const input = this.estimate(plan.input);
        const rows = this.#groupRows(plan, input);
        const columns = new Map<ColumnId, ColumnEstimate>();
        for (const group of plan.groups) {
          const distinct = Math.min(distinctOf(group.expression, input.columns, input.rows), rows);
          const own = group.expression.kind === "column" ? input.columns.get(group.expression.id) : undefined;
          // A key of the groups ranges over the domain of the column.
          columns.set(group.id, own ?? { distinct });
        }
        for (const call of plan.aggregates) columns.set(call.id, { distinct: rows, aggregated: true });
        return { rows, baseRows: rows, columns };
      }
      case "window": {
        const input = this.estimate(plan.input);
        const columns = new Map(input.columns);
        for (const call of plan.calls) columns.set(call.id, { distinct: Math.max(input.rows, 1) });
        return { ...input, columns };
      }
      case "distinct": {
        const input = this.estimate(plan.input);
        const rows = plan.on === undefined ? input.rows : groupCount(plan.on.keys, input);
        return { ...input, rows };
      }
      case "setOperation":
        return this.#setOperation(plan);
      case "sort":
        return this.estimate(plan.input);
      case "limit": {
        const input = this.estimate(plan.input);
        return { ...input, rows: Math.min(input.rows, constantCount(plan.limit) ?? input.rows) };
      }
      case "tableFunction": {
        const input = this.estimate(plan.input);
        const rows = input.rows * FUNCTION_ROWS;
        const columns = new Map(input.columns);
        for (const column of plan.columns) columns.set(column.id, { distinct: Math.max(rows, 1) });
        return { rows, baseRows: rows, columns };
      }
      case "with":
        for (const table of plan.tables) {
          if (table.plan.kind === "fixpoint") this.#tables.set(table.cte, this.estimate(table.plan.base));
          this.registerTable(table.cte, table.plan);
        }
        return this.estimate(plan.input);
      case "cteScan": {
        const table = this.#tables.get(plan.cte);
        const rows = table?.rows ?? UNKNOWN_ROWS;
        const columns = new Map(
          plan.columns.map((column) => [column.id, table?.columns.get(column.source) ?? { distinct: rows }]),
        );
        return { rows, baseRows: rows, columns };
      }
      case "fixpoint": {
        const base = this.estimate(plan.base);
        const rows = base.rows * FIXPOINT_ROUNDS;
        return sized(rows, unknownColumns(plan.columns, rows));
      }
      case "sample": {
        const input = this.estimate(plan.input);
        const amount = constantCount(plan.amount) ?? 10;
        const rows = plan.method === "reservoir" ? Math.min(amount, input.rows) : input.rows * amount / 100;
        return { ...input, rows };
      }
      default:
        return unreachable(plan);
    }
  }

  #scan(plan: Plan & { readonly kind: "scan" }): PlanEstimate {
    const table = this.#statistics.table(plan.table);
    const rows = table?.rowCount ?? UNKNOWN_ROWS;
    const columns = new Map<ColumnId, ColumnEstimate>();
    for (const column of plan.columns) {
      if (table === undefined) {
        columns.set(column.id, { distinct: Math.max(rows / 10, 1) });
        continue;
      }
      const statistics = table.column(column.ordinal);
      const { min, max, nullCount } = statistics;
      const low = datumNumber(min, column.type);
      const high = datumNumber(max, column.type);
      columns.set(column.id, {
        get distinct(): number {
          return Math.max(statistics.distinctCount, 1);
        },
        nulls: rows === 0 ? 0 : nullCount / rows,
        ...(low === undefined ? {} : { min: low }),
        ...(high === undefined ? {} : { max: high }),
      });
    }
    if (plan.rowId !== undefined) columns.set(plan.rowId.id, { distinct: Math.max(rows, 1) });
    return sized(rows, columns);
  }

  #groupRows(plan: Plan & { readonly kind: "aggregate" }, input: PlanEstimate): number {
    if (plan.groups.length === 0 && plan.sets === undefined) return 1;
    const rowsOf = (keys: readonly Scalar[]): number => keys.length === 0 ? 1 : groupCount(keys, input);
    const expressions = plan.groups.map((group) => group.expression);
    if (plan.sets === undefined) return rowsOf(expressions);
    const sum = plan.sets.reduce((total, set) => total + rowsOf(set.map((index) => expressions[index]!)), 0);
    return Math.max(sum, 1);
  }

  #setOperation(plan: Plan & { readonly kind: "setOperation" }): PlanEstimate {
    const left = this.estimate(plan.left);
    const right = this.estimate(plan.right);
    const rows = plan.operator === "union"
      ? (left.rows + right.rows) * (plan.all ? 1 : 0.9)
      : plan.operator === "intersect"
      ? Math.min(left.rows, right.rows)
      : left.rows;
    const columns = new Map(plan.columns.map((column, index): [ColumnId, ColumnEstimate] => {
      const a = left.columns.get(plan.leftColumns[index]!)?.distinct ?? left.rows;
      const b = right.columns.get(plan.rightColumns[index]!)?.distinct ?? right.rows;
      return [column.id, { distinct: Math.max(1, plan.operator === "union" ? Math.max(a, b) : a) }];
    }));
    return sized(rows, columns);
  }

  #join(plan: JoinPlan): PlanEstimate {
    const left = this.estimate(plan.left);
    const right = this.estimate(plan.right);
    const columns = new Map([...left.columns, ...right.columns]);
    const conjuncts = splitConjuncts(plan.condition);
    const matches = (): number =>
      left.rows * right.rows * this.joinSelectivity(plan.left, plan.right, conjuncts);
    switch (plan.join) {
      case "inner": {
        const rows = atLeastOne(matches(), left.rows * right.rows);
        return { rows, baseRows: Math.max(rows, Math.min(left.baseRows, right.baseRows)), columns };
      }
      case "left":
        return { rows: Math.max(matches(), left.rows), baseRows: left.baseRows, columns };
      case "right":
        return { rows: Math.max(matches(), right.rows), baseRows: right.baseRows, columns };
      case "full":
        return sized(Math.max(matches(), left.rows, right.rows), columns);
      case "semi":
      case "anti": {
        const matched = this.semiSelectivity(plan.left, plan.right, conjuncts);
        const kept = plan.join === "semi" ? matched : Math.max(1 - matched, 0.1);
        return { ...left, rows: atLeastOne(left.rows * kept, left.rows) };
      }
      case "mark":
        if (plan.mark !== undefined) columns.set(plan.mark.id, { distinct: 2 });
        return { ...left, columns };
      case "single":
      case "asof":
      case "asofLeft":
        return { ...left, columns };
      default:
        return unreachable(plan.join);
    }
  }

  /** The part of the cross product of `left` and `right` that satisfies `conjuncts`. */
  joinSelectivity(left: Plan, right: Plan, conjuncts: readonly Scalar[]): number {
    const a = this.estimate(left);
    const b = this.estimate(right);
    const columns = new Map([...a.columns, ...b.columns]);
    const { pairs, rest } = splitEqualities(conjuncts, columnIds(left), columnIds(right));
    const single = pairs.map(([x, y]) =>
      1 / Math.max(distinctOf(x, columns, a.rows), distinctOf(y, columns, b.rows), 1)
    );
    let equal = single.reduce((product, each) => product * each, 1);
    if (pairs.length > 1) {
      const domains = [
        ...this.#isUniqueOn(left, pairs.map(([x]) => x)) ? [a.baseRows] : [],
        ...this.#isUniqueOn(right, pairs.map(([, y]) => y)) ? [b.baseRows] : [],
      ];
      equal = domains.length > 0 ? Math.max(equal, 1 / Math.max(...domains, 1)) : damped(single);
    }
    return equal * selectivity(rest, columns);
  }

  #isUniqueOn(plan: Plan, scalars: readonly Scalar[]): boolean {
    return this.#keys.isUnique(plan, scalars.flatMap((each) => each.kind === "column" ? [each.id] : []));
  }

  /** The part of the rows of `left` that meet a row of `right`. */
  semiSelectivity(left: Plan, right: Plan, conjuncts: readonly Scalar[]): number {
    const a = this.estimate(left);
    const b = this.estimate(right);
    const columns = new Map([...a.columns, ...b.columns]);
    const { pairs, rest } = splitEqualities(conjuncts, columnIds(left), columnIds(right));
    if (pairs.length === 0) return rest.length === 0 ? 1 : 0.5;
    const parts = pairs.map(([x, y]) => {
      const present = presentValues(distinctOf(y, columns, b.rows), b.rows);
      return Math.min(1, present / Math.max(distinctOf(x, columns, a.rows), 1));
    });
    return Math.min(...parts) * (rest.length > 0 ? 0.9 : 1);
  }
}

function sized(rows: number, columns: ColumnEstimates): PlanEstimate {
  return { rows, baseRows: rows, columns };
}

function atLeastOne(rows: number, of: number): number {
  return Math.min(Math.max(rows, 1), Math.max(of, 0));
}

function unknownColumns(columns: readonly PlanColumn[], rows: number): ColumnEstimates {
  return new Map(columns.map((column) => [column.id, { distinct: Math.max(rows, 1) }]));
}

function projected(items: readonly ProjectItem[], input: PlanEstimate): ColumnEstimates {
  return new Map(items.map((item): [ColumnId, ColumnEstimate] => {
    const known = item.expression.kind === "column" ? input.columns.get(item.expression.id) : undefined;
    return [item.id, known ?? { distinct: distinctOf(item.expression, input.columns, input.rows) }];
  }));
}

/** The number of different values that `rows` draws from `distinct` values are expected to hit. */
export function presentValues(distinct: number, rows: number): number {
  if (distinct <= 1 || rows >= distinct * 20) return Math.max(Math.min(distinct, rows), 0);
  return distinct * (1 - Math.exp(-rows / distinct));
}

function groupCount(keys: readonly Scalar[], input: PlanEstimate): number {
  const counts = keys.map((key) => presentValues(distinctOf(key, input.columns, input.rows), input.rows));
  const groups = 1 / damped(counts.map((count) => 1 / Math.max(count, 1)));
  return Math.max(1, Math.min(groups, input.rows));
}

/** The product of selectivities, of which all but the strongest count less and less. */
export function damped(parts: readonly number[]): number {
  return [...parts].sort((a, b) => a - b).reduce(
    (product, part, index) => product * part ** (1 / (1 + index / 2)),
    1,
  );
}

/** The conjuncts that equate a scalar over `left` with one over `right`, and the others. */
export function splitEqualities(
  conjuncts: readonly Scalar[],
  left: ReadonlySet<ColumnId>,
  right: ReadonlySet<ColumnId>,
): { readonly pairs: readonly (readonly [Scalar, Scalar])[]; readonly rest: readonly Scalar[] } {
  const pairs: (readonly [Scalar, Scalar])[] = [];
  const rest: Scalar[] = [];
  const over = (scalar: Scalar, columns: ReadonlySet<ColumnId>): boolean =>
    freeColumns(scalar).size > 0 && readsOnly(scalar, columns);
  for (const conjunct of conjuncts) {
    const equality = conjunct.kind === "call" &&
      (conjunct.name === "=" || conjunct.name === "is not distinct from");
    const [a, b] = equality ? conjunct.arguments : [];
    if (a !== undefined && b !== undefined && over(a, left) && over(b, right)) pairs.push([a, b]);
    else if (a !== undefined && b !== undefined && over(b, left) && over(a, right)) pairs.push([b, a]);
    else rest.push(conjunct);
  }
  return { pairs, rest };
}

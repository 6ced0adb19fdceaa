/**
 * A naive interpreter of bound plans, the oracle of the planner's tests.
 *
 * It evaluates plans as they are written, correlated subqueries and lateral joins by running them for every
 * outer row, without any rewriting. Rows are maps from column ids to datums. Quadratic and worse: for tables of
 * a few rows.
 *
 * @module
 */
import { QueryError } from "../../../src/base/error.ts";
import { unreachable } from "../../../src/base/assert.ts";
import { castDatum } from "../../../src/query/functions/cast.ts";
import { compareDatums, datumKey } from "../../../src/query/functions/compare.ts";
import type {
  AggregateCall,
  AggregatePlan,
  ColumnId,
  FixpointPlan,
  JoinPlan,
  Plan,
  Scalar,
  SetOperationPlan,
  SortKey,
  SubqueryScalar,
  WindowCall,
} from "../../../src/query/plan.ts";
import { planColumns } from "../../../src/query/plan_walk.ts";
import type { Datum, SqlType } from "../../../src/storage/sql_type.ts";
import { FUNCTIONS } from "./sql_planning.ts";

type Row = ReadonlyMap<ColumnId, Datum>;
/** Rows of the stored tables, cells in table order. */
export type StoredRows = Readonly<Record<string, readonly (readonly Datum[])[]>>;

/** Runs plans over stored rows. */
export class PlanInterpreter {
  readonly #stored: StoredRows;
  readonly #tables = new Map<number, { readonly rows: readonly Row[] }>();

  constructor(stored: StoredRows) {
    this.#stored = stored;
  }

  /** The rows of `plan`; `outer` holds the columns that it may refer to. */
  rows(plan: Plan, outer: Row = new Map()): Row[] {
    const scalar = (each: Scalar, row: Row): Datum => this.value(each, merge(outer, row));
    switch (plan.kind) {
      case "scan":
        return this.#stored[plan.table]!.map((cells) =>
          new Map(plan.columns.map((column) => [column.id, cells[column.ordinal]!]))
        );
      case "values":
        return plan.rows.map((cells) =>
          new Map(plan.columns.map((column, index) => [column.id, scalar(cells[index]!, new Map())]))
        );
      case "filter":
        return this.rows(plan.input, outer).filter((row) => scalar(plan.predicate, row) === true);
      case "project":
        return this.rows(plan.input, outer).map((row) =>
          new Map(plan.items.map((item) => [item.id, scalar(item.expression, row)]))
        );
      case "join":
        return this.#join(plan, outer);
      case "aggregate":
        return this.#aggregate(plan, outer);
      case "window": {
        const rows = this.rows(plan.input, outer);
        const columns = plan.calls.map((call) => this.#window(call, rows, outer));
        return rows.map((row, index) =>
          merge(row, new Map(plan.calls.map((call, place) => [call.id, columns[place]![index]!])))
        );
      }
      case "distinct": {
        const rows = this.rows(plan.input, outer);
        const sorted = plan.on === undefined ? rows : this.#sorted(rows, plan.on.orderBy, outer);
        const seen = new Set<string>();
        return sorted.filter((row) => {
          const key = plan.on === undefined
            ? planColumns(plan.input).map((column) => keyOf(row.get(column.id)!, column.type)).join("|")
            : plan.on.keys.map((each) => keyOf(scalar(each, row), each.type)).join("|");
          return seen.has(key) ? false : seen.add(key) !== undefined;
        });
      }
      case "setOperation":
        return this.#setOperation(plan, outer);
      case "sort":
        return this.#sorted(this.rows(plan.input, outer), plan.keys, outer);
      case "limit": {
        const rows = this.rows(plan.input, outer);
        const offset = Number((plan.offset === null ? null : scalar(plan.offset, new Map())) ?? 0);
        const limit = (plan.limit === null ? null : scalar(plan.limit, new Map())) ?? null;
        let end = limit === null ? rows.length : offset + Number(limit);
        if (plan.withTies !== undefined && end > 0 && end < rows.length) {
          const last = rows[end - 1]!;
          while (end < rows.length && this.#compare(rows[end]!, last, plan.withTies, outer) === 0) end++;
        }
        return rows.slice(offset, end);
      }
      case "tableFunction":
        throw new TypeError("The interpreter has no table functions");
      case "with":
        for (const table of plan.tables) {
          this.#tables.set(table.cte, { rows: this.rows(table.plan, outer) });
        }
        return this.rows(plan.input, outer);
      case "cteScan":
        return this.#tables.get(plan.cte)!.rows.map((row) =>
          new Map(plan.columns.map((column) => [column.id, row.get(column.source)!]))
        );
      case "fixpoint":
        return this.#fixpoint(plan, outer);
      case "sample":
        return this.rows(plan.input, outer);
      default:
        return unreachable(plan);
    }
  }

  #join(plan: JoinPlan, outer: Row): Row[] {
    const left = this.rows(plan.left, outer);
    const fixed = plan.lateral ? undefined : this.rows(plan.right, outer);
    const nullsOf = (side: Plan): Row => new Map(planColumns(side).map((column) => [column.id, null]));
    const result: Row[] = [];
    const matchedRight = new Set<Row>();
    for (const l of left) {
      const right = fixed ?? this.rows(plan.right, merge(outer, l));
      let undecided = false;
      const matches = right.filter((r) => {
        const holds = plan.condition === null || this.value(plan.condition, merge(merge(outer, l), r));
        if (holds === null) undecided = true;
        return holds === true;
      });
      for (const r of matches) matchedRight.add(r);
      switch (plan.join) {
        case "semi":
          if (matches.length > 0) result.push(l);
          break;
        case "anti":
          if (matches.length === 0) result.push(l);
          break;
        case "mark":
          result.push(
            merge(l, new Map([[plan.mark!.id, matches.length > 0 ? true : undecided ? null : false]])),
          );
          break;
        case "single":
        case "left":
          if (plan.join === "single" && matches.length > 1) {
            throw new QueryError("cardinality-violation", "More than one row");
          }
          for (const r of matches.length > 0 ? matches : [nullsOf(plan.right)]) result.push(merge(l, r));
          break;
        case "inner":
          for (const r of matches) result.push(merge(l, r));
          break;
        case "full":
          for (const r of matches.length > 0 ? matches : [nullsOf(plan.right)]) result.push(merge(l, r));
          break;
        case "right":
          for (const r of matches) result.push(merge(l, r));
          break;
        case "asof":
        case "asofLeft":
          throw new TypeError("The interpreter has no ASOF joins");
        default:
          unreachable(plan.join);
      }
    }
    if (plan.join === "full" || plan.join === "right") {
      for (const r of fixed ?? []) if (!matchedRight.has(r)) result.push(merge(nullsOf(plan.left), r));
    }
    return result;
  }

  #aggregate(plan: AggregatePlan, outer: Row): Row[] {
    const rows = this.rows(plan.input, outer);
    const sets = plan.sets ?? [plan.groups.map((_, index) => index)];
    return sets.flatMap((set) => {
      const groups = new Map<string, { readonly first: Row; readonly rows: Row[] }>();
      if (set.length === 0 && plan.groups.length >= 0 && set.length === 0) {
        groups.set("", { first: new Map(), rows: [] });
      }
      for (const row of rows) {
        const key = set.map((index) => {
          const { expression } = plan.groups[index]!;
          return keyOf(this.value(expression, merge(outer, row)), expression.type);
        }).join("|");
        const known = groups.get(key);
        if (known === undefined) groups.set(key, { first: row, rows: [row] });
        else known.rows.push(row);
      }
      return [...groups.values()].map(({ first, rows: members }) => {
        const result = new Map<ColumnId, Datum>();
        plan.groups.forEach((group, index) => {
          result.set(
            group.id,
            set.includes(index) ? this.value(group.expression, merge(outer, first)) : null,
          );
        });
        for (const call of plan.aggregates) result.set(call.id, this.#aggregated(call, members, outer));
        for (const column of plan.grouping ?? []) {
          result.set(
            column.id,
            column.groups.reduce((mask, index) => mask * 2 + (set.includes(index) ? 0 : 1), 0),
          );
        }
        return result;
      });
    });
  }

  #aggregated(
    call: Pick<AggregateCall, "function" | "arguments" | "distinct" | "filter" | "orderBy" | "type">,
    rows: readonly Row[],
    outer: Row,
  ): Datum {
    const definition = FUNCTIONS.aggregate(call.function);
    if (definition === undefined) throw new TypeError(`No aggregate ${call.function}`);
    const context = {
      nowMicros: 0,
      timeZone: "UTC",
      random: () => 0,
      argumentTypes: call.arguments.map((each) => each.type),
      resultType: call.type,
    };
    const kept = rows.filter((row) =>
      call.filter === null || this.value(call.filter, merge(outer, row)) === true
    );
    const state = definition.init(context);
    const seen = new Set<string>();
    for (const row of this.#sorted(kept, call.orderBy, outer)) {
      const args = call.arguments.map((each) => this.value(each, merge(outer, row)));
      const key = args.map((each, index) => keyOf(each, call.arguments[index]!.type)).join("|");
      if (!call.distinct || !seen.has(key)) definition.add(state, args);
      seen.add(key);
    }
    return definition.value(state, context);
  }

  #window(call: WindowCall, rows: readonly Row[], outer: Row): Datum[] {
    return rows.map((row) => {
      const key = (each: Row): string =>
        call.partitionBy.map((part) => keyOf(this.value(part, merge(outer, each)), part.type)).join("|");
      const partition = this.#sorted(rows.filter((each) => key(each) === key(row)), call.orderBy, outer);
      const peers = partition.filter((each) => this.#compare(each, row, call.orderBy, outer) === 0);
      switch (call.function) {
        case "row_number":
          return partition.indexOf(row) + 1;
        case "rank":
          return partition.indexOf(peers[0]!) + 1;
        default: {
          const end = partition.indexOf(peers[peers.length - 1]!) + 1;
          return this.#aggregated({ ...call, orderBy: [] }, partition.slice(0, end), outer);
        }
      }
    });
  }

  #sorted(rows: readonly Row[], keys: readonly SortKey[], outer: Row): Row[] {
    return keys.length === 0 ? [...rows] : [...rows].sort((a, b) => this.#compare(a, b, keys, outer));
  }

  #compare(a: Row, b: Row, keys: readonly SortKey[], outer: Row): number {
    for (const { expression, descending, nullsFirst } of keys) {
      const x = this.value(expression, merge(outer, a));
      const y = this.value(expression, merge(outer, b));
      if (x === null && y === null) continue;
      if (x === null) return nullsFirst ? -1 : 1;
      if (y === null) return nullsFirst ? 1 : -1;
      const order = compareDatums(x, y, expression.type);
      if (order !== 0) return descending ? -order : order;
    }
    return 0;
  }

  #setOperation(plan: SetOperationPlan, outer: Row): Row[] {
    const side = (input: Plan, ids: readonly ColumnId[]): { readonly key: string; readonly row: Row }[] =>
      this.rows(input, outer).map((row) => ({
        key: ids.map((id, index) => keyOf(row.get(id)!, plan.columns[index]!.type)).join("|"),
        row: new Map(plan.columns.map((column, index) => [column.id, row.get(ids[index]!)!])),
      }));
    const left = side(plan.left, plan.leftColumns);
    const right = side(plan.right, plan.rightColumns);
    const counts = new Map<string, number>();
    for (const { key } of right) counts.set(key, (counts.get(key) ?? 0) + 1);
    const take = (key: string): boolean => {
      const count = counts.get(key) ?? 0;
      if (count > 0) counts.set(key, count - 1);
      return count > 0;
    };
    if (plan.operator === "union") {
      const all = [...left, ...right];
      return (plan.all ? all : unique(all)).map(({ row }) => row);
    }
    const kept = plan.operator === "intersect"
      ? (plan.all ? left.filter(({ key }) => take(key)) : unique(left.filter(({ key }) => counts.has(key))))
      : (plan.all
        ? left.filter(({ key }) => !take(key))
        : unique(left.filter(({ key }) => !counts.has(key))));
    return kept.map(({ row }) => row);
  }

  #fixpoint(plan: FixpointPlan, outer: Row): Row[] {
    const renamed = (rows: readonly Row[], ids: readonly ColumnId[]): Row[] =>
      rows.map((row) => new Map(plan.columns.map((column, index) => [column.id, row.get(ids[index]!)!])));
    const seen = new Set<string>();
    const fresh = (rows: readonly Row[]): Row[] =>
      rows.filter((row) => {
        const key = plan.columns.map((column) => keyOf(row.get(column.id)!, column.type)).join("|");
        return !seen.has(key) && seen.add(key) !== undefined || plan.all;
      });
    let delta = fresh(renamed(this.rows(plan.base, outer), plan.baseColumns));
    const result = [...delta];
    for (let round = 0; delta.length > 0 && round < 100; round++) {
      this.#tables.set(plan.cte, { rows: delta });
      delta = fresh(renamed(this.rows(plan.step, outer), plan.stepColumns));
      result.push(...delta);
    }
    return result;
  }

  /** The value of `scalar` for a row. */
  value(scalar: Scalar, row: Row): Datum {
    switch (scalar.kind) {
      case "column": {
        const value = row.get(scalar.id);
        if (value === undefined) throw new TypeError(`No column ${scalar.name}#${scalar.id}`);
        return value;
      }
      case "literal":
        return scalar.value;
      case "parameter":
        throw new TypeError("The interpreter has no parameters");
      case "call":
        return call(scalar, scalar.arguments.map((each) => this.value(each, row)));
      case "cast": {
        const value = this.value(scalar.argument, row);
        return castDatum(value, scalar.argument.type, scalar.type, scalar.explicit);
      }
      case "and":
      case "or": {
        const decisive = scalar.kind === "or";
        const values = scalar.arguments.map((each) => this.value(each, row));
        return values.includes(decisive) ? decisive : values.includes(null) ? null : !decisive;
      }
      case "not": {
        const value = this.value(scalar.argument, row);
        return value === null ? null : value === false;
      }
      case "isNull":
        return (this.value(scalar.argument, row) === null) !== scalar.negated;
      case "inList": {
        const value = this.value(scalar.argument, row);
        return anyOf(scalar.items.map((item) => equal(value, this.value(item, row), scalar.argument.type)));
      }
      case "case":
        for (const branch of scalar.branches) {
          if (this.value(branch.when, row) === true) return this.value(branch.then, row);
        }
        return this.value(scalar.otherwise, row);
      case "coalesce":
        for (const each of scalar.arguments) {
          const value = this.value(each, row);
          if (value !== null) return value;
        }
        return null;
      case "subquery":
        return this.#subquery(scalar, row);
      default:
        return unreachable(scalar);
    }
  }

  #subquery(scalar: SubqueryScalar, row: Row): Datum {
    const rows = this.rows(scalar.plan, row);
    const first = planColumns(scalar.plan)[0];
    switch (scalar.form.kind) {
      case "scalar":
        if (rows.length > 1) throw new QueryError("cardinality-violation", "More than one row");
        return rows[0]?.get(first!.id) ?? null;
      case "exists":
        return rows.length > 0;
      case "array":
        return rows.map((each) => each.get(first!.id)!);
      case "quantified": {
        const { comparison, quantifier } = scalar.form;
        const values = rows.map((each) => this.value(comparison, merge(row, each)));
        const decisive = quantifier === "any";
        return values.includes(decisive) ? decisive : values.includes(null) ? null : !decisive;
      }
      default:
        return unreachable(scalar.form);
    }
  }
}

const EMPTY: Row = new Map();

function merge(a: Row, b: Row): Row {
  if (a === EMPTY || a.size === 0) return b;
  return b.size === 0 ? a : new Map([...a, ...b]);
}

function unique<Item extends { readonly key: string }>(items: readonly Item[]): Item[] {
  return [...new Map([...items].reverse().map((item) => [item.key, item])).values()];
}

function keyOf(value: Datum, type: SqlType): string {
  return value === null ? "null" : `${typeof value}:${String(datumKey(value, type))}`;
}

function equal(a: Datum, b: Datum, type: SqlType): boolean | null {
  return a === null || b === null ? null : compareDatums(a, b, type) === 0;
}

function anyOf(values: readonly (boolean | null)[]): boolean | null {
  return values.includes(true) ? true : values.includes(null) ? null : false;
}

const resolved = new WeakMap<Scalar, ReturnType<typeof FUNCTIONS.resolveScalar>>();

function call(scalar: Scalar & { readonly kind: "call" }, values: readonly Datum[]): Datum {
  const argumentTypes = scalar.arguments.map((each) => each.type);
  let known = resolved.get(scalar);
  if (known === undefined) resolved.set(scalar, known = FUNCTIONS.resolveScalar(scalar.name, argumentTypes));
  if (known.function.nulls === "strict" && values.includes(null)) return null;
  const context = { nowMicros: 0, timeZone: "UTC", random: () => 0, argumentTypes, resultType: scalar.type };
  return known.signature.evaluate(values, context);
}

/** Rows as sorted texts, for comparing bags of rows; `ids` are the columns to show. */
export function rowTexts(rows: readonly Row[], ids: readonly ColumnId[]): string[] {
  const text = (value: Datum): string =>
    JSON.stringify(value, (_, each) => typeof each === "bigint" ? `${each}` : each) ?? "undefined";
  return rows.map((row) => ids.map((id) => text(row.get(id)!)).join(" ")).sort();
}

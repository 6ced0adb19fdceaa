/**
 * The naive reference engine: evaluates a bound plan, straight from the binder, in the plainest way there is.
 *
 * Joins are nested loops, groups a Map, subqueries run again for every row, windows look at the whole partition
 * for every row (reference_window.ts). It reads like the definition of each operator and has no fast path, so
 * that it is right by inspection; the batch executor and the circuits are held to it. It shares the binder and
 * the function library with the engine: what those get wrong, only the peers can tell.
 *
 * Cost: the product of the sizes of everything that is joined or correlated. For small tables only.
 *
 * @module
 */
import { unreachable } from "../../src/base/assert.ts";
import { LimitError, QueryError } from "../../src/base/error.ts";
import { evaluateRow, type RowEnvironment, type RowLookup } from "../../src/exec/row_evaluator.ts";
import type { CallContext } from "../../src/query/function.ts";
import type {
  AggregateCall,
  AggregatePlan,
  BoundQuery,
  ColumnId,
  FixpointPlan,
  JoinPlan,
  LimitPlan,
  Plan,
  Scalar,
  SetOperationPlan,
  SortKey,
  SubqueryScalar,
  TableFunctionPlan,
} from "../../src/query/plan.ts";
import { compareDatums } from "../../src/query/functions/compare.ts";
import { planColumns, someScalar } from "../../src/query/plan_walk.ts";
import type { Datum } from "../../src/storage/sql_type.ts";
import { windowValues } from "./reference_window.ts";
import { compareKeys, distinctRows, rowKey, sortByKeys } from "./row_order.ts";

/** Rows with the columns that their places stand for. */
export interface Relation {
  readonly columns: readonly ColumnId[];
  readonly rows: readonly (readonly Datum[])[];
}

/** What a plan is evaluated in. */
export interface ReferenceEnvironment extends RowEnvironment {
  /** Rows of a table, in the order of its columns. */
  readonly table: (name: string) => readonly (readonly Datum[])[];
}

/** Rows beyond which a query is not worth evaluating naively. */
const ROWS_MAX = 20_000;

/**
 * The rows of `query`, in the order of its columns.
 *
 * @throws {QueryError} as the expressions do
 */
export function evaluateQuery(query: BoundQuery, env: ReferenceEnvironment): (readonly Datum[])[] {
  const evaluation = new Evaluation(env);
  const relation = evaluation.run(query.plan, unknownColumn);
  const places = query.columns.map(({ id }) => relation.columns.indexOf(id));
  return relation.rows.map((row) => places.map((place) => row[place]!));
}

function unknownColumn(id: ColumnId): Datum {
  throw new QueryError("unknown-column", `No input produces column ${id}`);
}

/** One evaluation of a plan: keeps the common tables. */
export class Evaluation {
  readonly #env: ReferenceEnvironment;
  readonly #commonTables = new Map<number, Relation>();
  #steps = 0;

  constructor(env: ReferenceEnvironment) {
    this.#env = env;
  }

  /** The rows of `plan`; `outer` gives the columns of enclosing queries. */
  run(plan: Plan, outer: RowLookup): Relation {
    const relation = this.#run(plan, outer);
    this.#spend(relation.rows.length);
    return relation;
  }

  #spend(rows: number): void {
    this.#steps += rows;
    if (this.#steps > ROWS_MAX * 20 || rows > ROWS_MAX) {
      throw new LimitError("row-limit", "The query is too large for the reference engine");
    }
  }

  #run(plan: Plan, outer: RowLookup): Relation {
    switch (plan.kind) {
      case "scan": {
        const rows = this.#env.table(plan.table).map((row, index) => [
          ...plan.columns.map(({ ordinal }) => row[ordinal]!),
          ...(plan.rowId === undefined ? [] : [index]),
        ]);
        return { columns: [...plan.columns, ...(plan.rowId ? [plan.rowId] : [])].map(({ id }) => id), rows };
      }
      case "values":
        return {
          columns: plan.columns.map(({ id }) => id),
          rows: plan.rows.map((row) => row.map((item) => this.value(item, outer))),
        };
      case "filter": {
        const input = this.run(plan.input, outer);
        return { ...input, rows: this.#filter(input, plan.predicate, outer) };
      }
      case "project": {
        const input = this.run(plan.input, outer);
        return {
          columns: plan.items.map(({ id }) => id),
          rows: this.#each(input, outer, (row) => plan.items.map((item) => this.value(item.expression, row))),
        };
      }
      case "join":
        return this.#join(plan, outer);
      case "aggregate":
        return this.#aggregate(plan, outer);
      case "window": {
        const input = this.run(plan.input, outer);
        const lookups = input.rows.map((row) => lookupIn(input.columns, row, outer));
        const values = plan.calls.map((call) => windowValues(call, lookups, this, this.#env));
        return {
          columns: [...input.columns, ...plan.calls.map(({ id }) => id)],
          rows: input.rows.map((row, i) => [...row, ...values.map((column) => column[i]!)]),
        };
      }
      case "distinct": {
        const input = this.run(plan.input, outer);
        const types = planColumns(plan.input).map((column) => column.type);
        const seen = new Set<string>();
        const sorted = plan.on === undefined ? input.rows : this.#sort(input, plan.on.orderBy, outer);
        const keys = plan.on?.keys;
        const rows = sorted.filter((row) => {
          const key = keys === undefined ? rowKey(row, types) : rowKey(
            keys.map((one) => this.value(one, lookupIn(input.columns, row, outer))),
            keys.map((one) => one.type),
          );
          return seen.size < seen.add(key).size;
        });
        return { ...input, rows };
      }
      case "setOperation":
        return this.#setOperation(plan, outer);
      case "sort": {
        const input = this.run(plan.input, outer);
        return { ...input, rows: this.#sort(input, plan.keys, outer) };
      }
      case "limit":
        return this.#limit(plan, outer);
      case "tableFunction":
        return this.#tableFunction(plan, outer);
      case "with":
        for (const table of plan.tables) this.#commonTables.set(table.cte, this.run(table.plan, outer));
        return this.run(plan.input, outer);
      case "cteScan": {
        const source = this.#commonTables.get(plan.cte)!;
        const places = plan.columns.map((column) => source.columns.indexOf(column.source));
        return {
          columns: plan.columns.map(({ id }) => id),
          rows: source.rows.map((row) => places.map((place) => row[place]!)),
        };
      }
      case "fixpoint":
        return this.#fixpoint(plan, outer);
      case "sample":
        throw new QueryError("unsupported", "The reference engine does not sample");
      default:
        return unreachable(plan);
    }
  }

  /** The value of an expression; subqueries run once for each evaluation. */
  value(scalar: Scalar, row: RowLookup): Datum {
    if (!hasSubquery(scalar)) return evaluateRow(scalar, row, this.#env);
    switch (scalar.kind) {
      case "subquery":
        return this.#subquery(scalar, row);
      case "and":
      case "or": {
        const decisive = scalar.kind === "or";
        let unknown = false;
        for (const argument of scalar.arguments) {
          const value = this.value(argument, row);
          if (value === decisive) return decisive;
          unknown ||= value === null;
        }
        return unknown ? null : !decisive;
      }
      case "case": {
        const branch = scalar.branches.find(({ when }) => this.value(when, row) === true);
        return this.value(branch?.then ?? scalar.otherwise, row);
      }
      case "coalesce": {
        for (const argument of scalar.arguments) {
          const value = this.value(argument, row);
          if (value !== null) return value;
        }
        return null;
      }
      case "call":
        return evaluateRow({ ...scalar, arguments: this.#literals(scalar.arguments, row) }, row, this.#env);
      case "inList": {
        const [argument, ...items] = this.#literals([scalar.argument, ...scalar.items], row);
        return evaluateRow({ ...scalar, argument: argument!, items }, row, this.#env);
      }
      case "cast":
      case "not":
      case "isNull": {
        const [argument] = this.#literals([scalar.argument], row);
        return evaluateRow({ ...scalar, argument: argument! }, row, this.#env);
      }
      case "column":
      case "literal":
      case "parameter":
        return evaluateRow(scalar, row, this.#env);
      default:
        return unreachable(scalar);
    }
  }

  #literals(scalars: readonly Scalar[], row: RowLookup): Scalar[] {
    return scalars.map((one) => ({ kind: "literal", type: one.type, value: this.value(one, row) }));
  }

  #subquery({ form, plan }: SubqueryScalar, row: RowLookup): Datum {
    const { columns, rows } = this.run(plan, row);
    switch (form.kind) {
      case "exists":
        return rows.length > 0;
      case "scalar":
        if (rows.length > 1) {
          throw new QueryError("cardinality-violation", "A subquery gave more than one row");
        }
        return rows[0]?.[0] ?? null;
      case "array":
        return rows.map((one) => one[0]!);
      case "quantified": {
        const decisive = form.quantifier === "any";
        let unknown = false;
        for (const one of rows) {
          const value = this.value(form.comparison, lookupIn(columns, one, row));
          if (value === decisive) return decisive;
          unknown ||= value === null;
        }
        return unknown ? null : !decisive;
      }
      default:
        return unreachable(form);
    }
  }

  #each<Result>({ columns, rows }: Relation, outer: RowLookup, make: (row: RowLookup) => Result): Result[] {
    return rows.map((row) => make(lookupIn(columns, row, outer)));
  }

  #filter({ columns, rows }: Relation, predicate: Scalar, outer: RowLookup): Relation["rows"] {
    return rows.filter((row) => this.value(predicate, lookupIn(columns, row, outer)) === true);
  }

  /** Stable, like every sort here: what the keys do not decide keeps its order. */
  #sort({ columns, rows }: Relation, keys: readonly SortKey[], outer: RowLookup): Relation["rows"] {
    return sortByKeys(
      rows.map((row) => ({
        row,
        keys: keys.map((key) => this.value(key.expression, lookupIn(columns, row, outer))),
      })),
      keys,
    ).map(({ row }) => row);
  }

  #limit(plan: LimitPlan, outer: RowLookup): Relation {
    const input = this.run(plan.input, outer);
    const count = (scalar: Scalar | null): number | undefined => {
      const value = scalar === null ? null : this.value(scalar, outer);
      if (value === null) return undefined;
      if (Number(value) < 0) throw new QueryError("invalid-value", "LIMIT and OFFSET must not be negative");
      return Number(value);
    };
    const offset = count(plan.offset) ?? 0;
    const limit = count(plan.limit);
    let end = limit === undefined ? input.rows.length : Math.min(offset + limit, input.rows.length);
    const keys = plan.withTies;
    if (keys !== undefined && end > offset) {
      const keyed = (row: readonly Datum[]) =>
        keys.map((key) => this.value(key.expression, lookupIn(input.columns, row, outer)));
      const last = keyed(input.rows[end - 1]!);
      while (end < input.rows.length && compareKeys(keyed(input.rows[end]!), last, keys) === 0) end++;
    }
    return { ...input, rows: input.rows.slice(offset, end) };
  }

  #join(plan: JoinPlan, outer: RowLookup): Relation {
    const left = this.run(plan.left, outer);
    const fixed = plan.lateral ? undefined : this.run(plan.right, outer);
    const rightColumns = fixed?.columns ?? planColumns(plan.right).map(({ id }) => id);
    const columns = [...left.columns, ...rightColumns];
    const matched = new Set<readonly Datum[]>();
    const rows: (readonly Datum[])[] = [];
    for (const l of left.rows) {
      const right = fixed ?? this.run(plan.right, lookupIn(left.columns, l, outer));
      this.#spend(right.rows.length);
      let unknown = false;
      let matches: Relation["rows"] = right.rows.filter((r) => {
        const row = lookupIn([...left.columns, ...right.columns], [...l, ...r], outer);
        const value = plan.condition === null || this.value(plan.condition, row);
        unknown ||= value === null;
        return value === true;
      });
      if (plan.asof !== undefined) {
        matches = this.#nearest(plan.asof, matches, [left.columns, right.columns], l, outer);
      }
      for (const r of matches) matched.add(r);
      const arranged = matches.map((r) => rightColumns.map((id) => r[right.columns.indexOf(id)]!));
      const nulls = rightColumns.map(() => null);
      switch (plan.join) {
        case "semi":
        case "anti":
          if (matches.length > 0 === (plan.join === "semi")) rows.push(l);
          break;
        case "mark":
          rows.push([...l, matches.length > 0 ? true : unknown ? null : false]);
          break;
        case "single":
          if (matches.length > 1) throw new QueryError("cardinality-violation", "A second row matches");
          rows.push([...l, ...(arranged[0] ?? nulls)]);
          break;
        case "left":
        case "full":
        case "asofLeft":
          for (const r of matches.length === 0 ? [nulls] : arranged) rows.push([...l, ...r]);
          break;
        case "inner":
        case "right":
        case "asof":
          for (const r of arranged) rows.push([...l, ...r]);
          break;
        default:
          unreachable(plan.join);
      }
    }
    if (fixed !== undefined && (plan.join === "right" || plan.join === "full")) {
      for (const r of fixed.rows) if (!matched.has(r)) rows.push([...left.columns.map(() => null), ...r]);
    }
    if (plan.join === "semi" || plan.join === "anti") return { columns: left.columns, rows };
    return { columns: plan.join === "mark" ? [...left.columns, plan.mark!.id] : columns, rows };
  }

  /** The one right row nearest by the inequality; the first of several that are equally near. */
  #nearest(
    asof: NonNullable<JoinPlan["asof"]>,
    rows: Relation["rows"],
    [leftColumns, rightColumns]: readonly [readonly ColumnId[], readonly ColumnId[]],
    left: readonly Datum[],
    outer: RowLookup,
  ): Relation["rows"] {
    const bound = this.value(asof.left, lookupIn(leftColumns, left, outer));
    let best: { readonly row: readonly Datum[]; readonly key: Datum } | undefined;
    const upward = asof.operator.startsWith("<");
    for (const row of rows) {
      const key = this.value(asof.right, lookupIn(rightColumns, row, outer));
      if (key === null || bound === null) continue;
      const order = compareDatums(bound, key, asof.right.type) * (upward ? -1 : 1);
      if (order < 0 || (order === 0 && !asof.operator.endsWith("="))) continue;
      if (best === undefined || compareDatums(key, best.key, asof.right.type) * (upward ? -1 : 1) > 0) {
        best = { row, key };
      }
    }
    return best === undefined ? [] : [best.row];
  }

  #aggregate(plan: AggregatePlan, outer: RowLookup): Relation {
    const input = this.run(plan.input, outer);
    const lookups = input.rows.map((row) => lookupIn(input.columns, row, outer));
    const keys = lookups.map((row) => plan.groups.map((group) => this.value(group.expression, row)));
    const rows: (readonly Datum[])[] = [];
    for (const set of plan.sets ?? [plan.groups.map((_, i) => i)]) {
      const groups = new Map<string, { readonly key: Datum[]; readonly rows: RowLookup[] }>();
      if (set.length === 0 && (plan.sets !== undefined || plan.groups.length === 0)) {
        groups.set("", { key: plan.groups.map(() => null), rows: [] });
      }
      lookups.forEach((row, i) => {
        const key = plan.groups.map((_, g) => set.includes(g) ? keys[i]![g]! : null);
        const text = set.length === 0 ? "" : rowKey(key, plan.groups.map((group) => group.expression.type));
        let group = groups.get(text);
        if (group === undefined) groups.set(text, group = { key, rows: [] });
        group.rows.push(row);
      });
      for (const group of groups.values()) {
        const grouping = (plan.grouping ?? []).map((call) =>
          call.groups.reduce((bits, index) => bits * 2 + (set.includes(index) ? 0 : 1), 0)
        );
        rows.push([
          ...group.key,
          ...plan.aggregates.map((call) => this.aggregate(call, group.rows)),
          ...grouping,
        ]);
      }
    }
    return {
      columns: [...plan.groups, ...plan.aggregates, ...(plan.grouping ?? [])].map(({ id }) => id),
      rows,
    };
  }

  /** One aggregate over `rows`: filter, sort, remove duplicates, add one by one. */
  aggregate(
    call: Pick<AggregateCall, "function" | "arguments" | "distinct" | "filter" | "orderBy" | "type">,
    rows: readonly RowLookup[],
  ): Datum {
    const types = call.arguments.map((argument) => argument.type);
    const { function: definition } = this.#env.functions.resolveAggregate(call.function, types);
    const context: CallContext = { ...this.#env, argumentTypes: types, resultType: call.type };
    const { filter } = call;
    const passing = filter === null ? rows : rows.filter((row) => this.value(filter, row) === true);
    let inputs = passing.map((row) => ({
      args: call.arguments.map((argument) => this.value(argument, row)),
      keys: call.orderBy.map((key) => this.value(key.expression, row)),
    }));
    inputs = sortByKeys(inputs, call.orderBy);
    if (call.distinct) {
      const seen = new Set<string>();
      inputs = inputs.filter(({ args }) => seen.size < seen.add(rowKey(args, types)).size);
    }
    const state = definition.init(context);
    for (const { args } of inputs) definition.add(state, args);
    return definition.value(state, context);
  }

  #setOperation(plan: SetOperationPlan, outer: RowLookup): Relation {
    const side = (input: Plan, ids: readonly ColumnId[]) => {
      const { columns, rows } = this.run(input, outer);
      return rows.map((row) => ids.map((id) => row[columns.indexOf(id)]!));
    };
    const left = side(plan.left, plan.leftColumns);
    const right = side(plan.right, plan.rightColumns);
    const types = plan.columns.map((column) => column.type);
    const counts = new Map<string, number>();
    for (const row of right) {
      const key = rowKey(row, types);
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    let rows: Datum[][];
    if (plan.operator === "union") rows = [...left, ...right];
    else {
      const keep = plan.operator === "intersect";
      rows = left.filter((row) => {
        const key = rowKey(row, types);
        const count = counts.get(key) ?? 0;
        if (plan.all && count > 0) counts.set(key, count - 1);
        return (count > 0) === keep;
      });
    }
    return { columns: plan.columns.map(({ id }) => id), rows: plan.all ? rows : distinctRows(rows, types) };
  }

  #tableFunction(plan: TableFunctionPlan, outer: RowLookup): Relation {
    const input = this.run(plan.input, outer);
    const rows: Datum[][] = [];
    for (const row of input.rows) {
      const lookup = lookupIn(input.columns, row, outer);
      const results = plan.calls.map((call) => {
        const types = call.arguments.map((argument) => argument.type);
        const { signature } = this.#env.functions.resolveTable(call.function, types);
        const args = call.arguments.map((argument) => this.value(argument, lookup));
        return [
          ...signature.evaluate(args, { ...this.#env, argumentTypes: types, resultType: { kind: "null" } }),
        ];
      });
      const height = Math.max(...results.map((result) => result.length));
      for (let i = 0; i < height; i++) {
        const values = plan.calls.flatMap((call, c) =>
          results[c]![i] ?? new Array<Datum>(call.width).fill(null)
        );
        rows.push([...row, ...values, ...(plan.ordinality ? [i + 1] : [])]);
      }
      if (height === 0 && plan.outer) rows.push([...row, ...plan.columns.map(() => null)]);
    }
    return { columns: [...input.columns, ...plan.columns.map(({ id }) => id)], rows };
  }

  #fixpoint(plan: FixpointPlan, outer: RowLookup): Relation {
    const columns = plan.columns.map(({ id }) => id);
    const types = plan.columns.map((column) => column.type);
    const arrange = (relation: Relation, ids: readonly ColumnId[]) =>
      relation.rows.map((row) => ids.map((id) => row[relation.columns.indexOf(id)]!));
    const seen = new Set<string>();
    const fresh = (rows: Datum[][]) =>
      plan.all ? rows : rows.filter((row) => seen.size < seen.add(rowKey(row, types)).size);
    let round = fresh(arrange(this.run(plan.base, outer), plan.baseColumns));
    const all = [...round];
    while (round.length > 0) {
      this.#commonTables.set(plan.cte, { columns, rows: round });
      round = fresh(arrange(this.run(plan.step, outer), plan.stepColumns));
      for (const row of round) all.push(row);
      this.#spend(all.length);
    }
    return { columns, rows: all };
  }
}

/** Columns of a row, then those of the enclosing queries. */
function lookupIn(columns: readonly ColumnId[], row: readonly Datum[], outer: RowLookup): RowLookup {
  return (id) => {
    const place = columns.indexOf(id);
    return place < 0 ? outer(id) : row[place]!;
  };
}

const withSubquery = new WeakMap<Scalar, boolean>();

function hasSubquery(scalar: Scalar): boolean {
  let known = withSubquery.get(scalar);
  if (known === undefined) {
    known = someScalar(scalar, (part) => part.kind === "subquery");
    withSubquery.set(scalar, known);
  }
  return known;
}

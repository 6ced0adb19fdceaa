/**
 * The reference for plans: nested loops over arrays of datums, written to be obviously right.
 *
 * It shares no operator with the engine: only scalar evaluation by row and the definitions of aggregates.
 *
 * @module
 */
import { evaluateRow } from "../../../../src/exec/row_evaluator.ts";
import { unreachable } from "../../../../src/base/assert.ts";
import { compareDatums } from "../../../../src/query/functions/compare.ts";
import type { FunctionRegistry } from "../../../../src/query/function_registry.ts";
import type {
  AggregatePlan,
  ColumnId,
  JoinPlan,
  Plan,
  Scalar,
  SortKey,
  WindowCall,
} from "../../../../src/query/plan.ts";
import { planColumns } from "../../../../src/query/plan_walk.ts";
import type { Datum, SqlType } from "../../../../src/storage/sql_type.ts";

/** A row by column id. */
type Row = ReadonlyMap<ColumnId, Datum>;

/** What a plan reads. */
export interface NaiveEnvironment {
  readonly functions: FunctionRegistry;
  /** Rows of a table, in the order of its columns. */
  table(name: string): readonly (readonly Datum[])[];
}

/** All rows of `plan`, in the order of `planColumns`. */
export function evaluatePlan(plan: Plan, environment: NaiveEnvironment): Datum[][] {
  const rows = new NaivePlan(environment).rows(plan);
  const ids = planColumns(plan).map((column) => column.id);
  return rows.map((row) => ids.map((id) => row.get(id)!));
}

class NaivePlan {
  readonly #environment: NaiveEnvironment;
  readonly #tables = new Map<number, readonly Row[]>();

  constructor(environment: NaiveEnvironment) {
    this.#environment = environment;
  }

  #value(scalar: Scalar, row: Row): Datum {
    return evaluateRow(scalar, (id) => row.get(id)!, {
      parameters: [],
      functions: this.#environment.functions,
      nowMicros: 0,
      timeZone: "UTC",
      random: () => 0.5,
    });
  }

  #holds(scalar: Scalar | null, row: Row): boolean {
    return scalar === null || this.#value(scalar, row) === true;
  }

  rows(plan: Plan): readonly Row[] {
    switch (plan.kind) {
      case "scan":
        return this.#environment.table(plan.table).map((row) =>
          new Map(plan.columns.map((column) => [column.id, row[column.ordinal]!]))
        );
      case "values":
        return plan.rows.map((row) =>
          new Map(plan.columns.map((column, j) => [column.id, this.#value(row[j]!, new Map())]))
        );
      case "filter":
        return this.rows(plan.input).filter((row) => this.#holds(plan.predicate, row));
      case "project":
        return this.rows(plan.input).map((row) =>
          new Map(plan.items.map((item) => [item.id, this.#value(item.expression, row)]))
        );
      case "join":
        return this.#join(plan);
      case "aggregate":
        return this.#aggregate(plan);
      case "window":
        return this.#window(plan.calls, this.rows(plan.input));
      case "distinct": {
        const rows = this.rows(plan.input);
        if (plan.on === undefined) return this.#distinct(rows, planColumns(plan));
        const { keys, orderBy } = plan.on;
        const seen = new Set<string>();
        return this.#sorted(rows, orderBy).filter((row) => {
          const key = keyOf(keys.map((key) => this.#value(key, row)), keys.map(({ type }) => type));
          return !seen.has(key) && seen.add(key) !== undefined;
        });
      }
      case "setOperation": {
        const rename = (rows: readonly Row[], ids: readonly ColumnId[]): Row[] =>
          rows.map((row) => new Map(plan.columns.map((column, j) => [column.id, row.get(ids[j]!)!])));
        const left = rename(this.rows(plan.left), plan.leftColumns);
        const right = rename(this.rows(plan.right), plan.rightColumns);
        if (plan.operator === "union") {
          return plan.all ? [...left, ...right] : this.#distinct([...left, ...right], plan.columns);
        }
        const counts = new Map<string, number>();
        for (const row of right) {
          const key = this.#key(row, plan.columns);
          counts.set(key, (counts.get(key) ?? 0) + 1);
        }
        if (!plan.all) {
          const kept = left.filter((row) =>
            counts.has(this.#key(row, plan.columns)) === (plan.operator === "intersect")
          );
          return this.#distinct(kept, plan.columns);
        }
        return left.filter((row) => {
          const key = this.#key(row, plan.columns);
          const count = counts.get(key) ?? 0;
          counts.set(key, count - 1);
          return count > 0 === (plan.operator === "intersect");
        });
      }
      case "sort":
        return this.#sorted(this.rows(plan.input), plan.keys);
      case "limit": {
        const rows = this.rows(plan.input);
        const offset = plan.offset === null ? 0 : Number(this.#value(plan.offset, new Map()));
        const limit = plan.limit === null ? Infinity : Number(this.#value(plan.limit, new Map()));
        let end = offset + limit;
        const ties = plan.withTies;
        if (ties !== undefined && limit > 0) {
          while (end < rows.length && this.#compare(rows[end - 1]!, rows[end]!, ties) === 0) end++;
        }
        return rows.slice(offset, end);
      }
      case "with":
        for (const table of plan.tables) this.#tables.set(table.cte, this.rows(table.plan));
        return this.rows(plan.input);
      case "cteScan":
        return this.#tables.get(plan.cte)!.map((row) =>
          new Map(plan.columns.map((column) => [column.id, row.get(column.source)!]))
        );
      case "fixpoint": {
        const rename = (rows: readonly Row[], ids: readonly ColumnId[]): Row[] =>
          rows.map((row) => new Map(plan.columns.map((column, j) => [column.id, row.get(ids[j]!)!])));
        const all: Row[] = [];
        const seen = new Set<string>();
        const fresh = (rows: readonly Row[]): Row[] =>
          rows.filter((row) => {
            const key = this.#key(row, plan.columns);
            if (!plan.all && seen.has(key)) return false;
            seen.add(key);
            all.push(row);
            return true;
          });
        let delta = fresh(rename(this.rows(plan.base), plan.baseColumns));
        while (delta.length > 0) {
          this.#tables.set(plan.cte, delta);
          delta = fresh(rename(this.rows(plan.step), plan.stepColumns));
        }
        return all;
      }
      case "tableFunction":
      case "sample":
        throw new RangeError(`No reference for ${plan.kind}`);
      default:
        return unreachable(plan);
    }
  }

  #key(row: Row, columns: readonly { readonly id: ColumnId; readonly type: SqlType }[]): string {
    return keyOf(columns.map(({ id }) => row.get(id)!), columns.map(({ type }) => type));
  }

  #distinct(
    rows: readonly Row[],
    columns: readonly { readonly id: ColumnId; readonly type: SqlType }[],
  ): Row[] {
    const seen = new Set<string>();
    return rows.filter((row) => {
      const key = this.#key(row, columns);
      return !seen.has(key) && seen.add(key) !== undefined;
    });
  }

  #compare(a: Row, b: Row, keys: readonly SortKey[]): number {
    for (const { expression, descending, nullsFirst } of keys) {
      const x = this.#value(expression, a);
      const y = this.#value(expression, b);
      if (x === null || y === null) {
        if (x !== y) return (x === null) === nullsFirst ? -1 : 1;
        continue;
      }
      const order = compareDatums(x, y, expression.type) * (descending ? -1 : 1);
      if (order !== 0) return order;
    }
    return 0;
  }

  #sorted(rows: readonly Row[], keys: readonly SortKey[]): Row[] {
    return rows.toSorted((a, b) => this.#compare(a, b, keys));
  }

  #join(plan: JoinPlan): Row[] {
    const left = this.rows(plan.left);
    const right = this.rows(plan.right);
    const nulls = (input: Plan): Row => new Map(planColumns(input).map((column) => [column.id, null]));
    const condition = plan.condition;
    const matched = new Set<Row>();
    const out: Row[] = [];
    for (const l of left) {
      const pairs = right.map((r) => ({ r, row: new Map([...l, ...r]) }));
      const matches = pairs.filter(({ row }) => this.#holds(condition, row));
      for (const { r } of matches) matched.add(r);
      switch (plan.join) {
        case "inner":
        case "right":
        case "left":
        case "full":
        case "single":
          out.push(...matches.map(({ row }) => row));
          if (matches.length === 0 && plan.join !== "inner" && plan.join !== "right") {
            out.push(new Map([...l, ...nulls(plan.right)]));
          }
          break;
        case "semi":
          if (matches.length > 0) out.push(l);
          break;
        case "anti":
          if (matches.length === 0) out.push(l);
          break;
        case "mark": {
          const unknown = condition !== null && pairs.some(({ row }) => this.#value(condition, row) === null);
          out.push(new Map([...l, [plan.mark!.id, matches.length > 0 ? true : unknown ? null : false]]));
          break;
        }
        case "asof":
        case "asofLeft": {
          const { left: a, operator, right: b } = plan.asof!;
          const near = matches.filter(({ row }) => {
            const [x, y] = [this.#value(a, row), this.#value(b, row)];
            if (x === null || y === null) return false;
            const order = compareDatums(x, y, a.type);
            return operator === ">="
              ? order >= 0
              : operator === ">"
              ? order > 0
              : operator === "<="
              ? order <= 0
              : order < 0;
          });
          const sign = operator === ">=" || operator === ">" ? -1 : 1;
          near.sort((p, q) => compareDatums(this.#value(b, p.row), this.#value(b, q.row), b.type) * sign);
          if (near.length > 0) out.push(near[0]!.row);
          else if (plan.join === "asofLeft") out.push(new Map([...l, ...nulls(plan.right)]));
          break;
        }
        default:
          unreachable(plan.join);
      }
    }
    if (plan.join === "right" || plan.join === "full") {
      for (const r of right) if (!matched.has(r)) out.push(new Map([...nulls(plan.left), ...r]));
    }
    return out;
  }

  #aggregate(plan: AggregatePlan): Row[] {
    const rows = this.rows(plan.input);
    const out: Row[] = [];
    for (const set of plan.sets ?? [plan.groups.map((_, i) => i)]) {
      const groups = new Map<string, Row[]>();
      if (set.length === 0) groups.set(keyOf([], []), []);
      for (const row of rows) {
        const key = keyOf(
          set.map((i) => this.#value(plan.groups[i]!.expression, row)),
          set.map((i) => plan.groups[i]!.type),
        );
        const group = groups.get(key);
        if (group === undefined) groups.set(key, [row]);
        else group.push(row);
      }
      for (const group of groups.values()) {
        const result = new Map<ColumnId, Datum>();
        plan.groups.forEach((each, i) => {
          result.set(each.id, set.includes(i) ? this.#value(each.expression, group[0]!) : null);
        });
        for (const call of plan.aggregates) {
          const sorted = this.#sorted(group, call.orderBy);
          result.set(call.id, this.#call(call, sorted));
        }
        for (const grouping of plan.grouping ?? []) {
          result.set(
            grouping.id,
            grouping.groups.reduce((mask, g) => mask * 2 + (set.includes(g) ? 0 : 1), 0),
          );
        }
        out.push(result);
      }
    }
    return out;
  }

  /** The value of an aggregate over `rows`. */
  #call(
    call: {
      readonly function: string;
      readonly arguments: readonly Scalar[];
      readonly distinct: boolean;
      readonly filter: Scalar | null;
      readonly type: SqlType;
    },
    rows: readonly Row[],
  ): Datum {
    const argumentTypes = call.arguments.map((argument) => argument.type);
    const definition = this.#environment.functions.resolveAggregate(call.function, argumentTypes).function;
    const context = {
      nowMicros: 0,
      timeZone: "UTC",
      random: () => 0.5,
      argumentTypes,
      resultType: call.type,
    };
    const state = definition.init(context);
    const seen = new Set<string>();
    for (const row of rows) {
      if (!this.#holds(call.filter, row)) continue;
      const args = call.arguments.map((argument) => this.#value(argument, row));
      const key = keyOf(args, argumentTypes);
      if (call.distinct && seen.has(key)) continue;
      seen.add(key);
      definition.add(state, args);
    }
    return definition.value(state, context);
  }

  #window(calls: readonly WindowCall[], rows: readonly Row[]): Row[] {
    return rows.map((row) => {
      const result = new Map(row);
      for (const call of calls) result.set(call.id, this.#windowValue(call, rows, row));
      return result;
    });
  }

  #windowValue(call: WindowCall, rows: readonly Row[], row: Row): Datum {
    const types = call.partitionBy.map(({ type }) => type);
    const keyOfRow = (each: Row): string =>
      keyOf(call.partitionBy.map((key) => this.#value(key, each)), types);
    const own = keyOfRow(row);
    const partition = this.#sorted(rows.filter((each) => keyOfRow(each) === own), call.orderBy);
    const at = partition.indexOf(row);
    const isPeer = (other: Row): boolean => this.#compare(row, other, call.orderBy) === 0;
    const firstPeer = partition.findIndex(isPeer);
    const lastPeer = partition.findLastIndex(isPeer);
    const [first, second, third] = call.arguments;
    switch (call.function) {
      case "row_number":
        return at + 1;
      case "rank":
        return firstPeer + 1;
      case "dense_rank": {
        let rank = 1;
        for (let i = 1; i <= at; i++) {
          if (this.#compare(partition[i - 1]!, partition[i]!, call.orderBy) !== 0) rank++;
        }
        return rank;
      }
      case "percent_rank":
        return partition.length === 1 ? 0 : firstPeer / (partition.length - 1);
      case "cume_dist":
        return (lastPeer + 1) / partition.length;
      case "ntile": {
        const buckets = Number(this.#value(first!, partition[0]!));
        const sizes = Array.from(
          { length: buckets },
          (_, i) => Math.floor(partition.length / buckets) + (i < partition.length % buckets ? 1 : 0),
        );
        let bucket = 0;
        for (let end = sizes[0]!; end <= at; end += sizes[bucket]!) bucket++;
        return bucket + 1;
      }
      case "lag":
      case "lead": {
        const offset = second === undefined ? 1 : this.#value(second, row);
        if (offset === null) return null;
        const step = Number(offset) * (call.function === "lag" ? -1 : 1);
        let target = at;
        if (!call.ignoreNulls) target = at + step;
        else {
          for (let left = Math.abs(step); left > 0; left--) {
            target += Math.sign(step);
            while (partition[target] !== undefined && this.#value(first!, partition[target]!) === null) {
              target += Math.sign(step);
            }
          }
        }
        const found = partition[target];
        if (found !== undefined) return this.#value(first!, found);
        return third === undefined ? null : this.#value(third, row);
      }
      default:
        return this.#frameValue(call, this.#frame(call, partition, at), row);
    }
  }

  #frameValue(call: WindowCall, frame: readonly Row[], row: Row): Datum {
    const [first, second] = call.arguments;
    const known = call.ignoreNulls ? frame.filter((each) => this.#value(first!, each) !== null) : frame;
    const valueOf = (each: Row | undefined): Datum => each === undefined ? null : this.#value(first!, each);
    switch (call.function) {
      case "first_value":
        return valueOf(known[0]);
      case "last_value":
        return valueOf(known.at(-1));
      case "nth_value": {
        const nth = this.#value(second!, row);
        return nth === null ? null : valueOf(known[Number(nth) - 1]);
      }
      default:
        return this.#call(call, frame);
    }
  }

  #frame(call: WindowCall, partition: readonly Row[], at: number): Row[] {
    const { unit, start, end, exclude } = call.frame;
    const row = partition[at]!;
    const groupOf = (index: number): number => {
      let group = 0;
      for (let i = 1; i <= index; i++) {
        if (this.#compare(partition[i - 1]!, partition[i]!, call.orderBy) !== 0) group++;
      }
      return group;
    };
    const inside = (index: number, bound: typeof start, isStart: boolean): boolean => {
      if (bound.kind === "unboundedPreceding" || bound.kind === "unboundedFollowing") return true;
      if (unit === "range" && bound.offset !== undefined) {
        return this.#inRange(call, partition[index]!, row, bound, isStart);
      }
      const offset = bound.offset === undefined ? 0 : Number(this.#value(bound.offset, new Map()));
      const limit = bound.kind === "preceding" ? -offset : offset;
      const distance = unit === "rows" ? index - at : groupOf(index) - groupOf(at);
      return isStart ? distance >= limit : distance <= limit;
    };
    return partition.filter((each, index) => {
      if (!inside(index, start, true) || !inside(index, end, false)) return false;
      const peer = this.#compare(row, each, call.orderBy) === 0;
      switch (exclude) {
        case "no others":
          return true;
        case "current row":
          return index !== at;
        case "group":
          return !peer;
        case "ties":
          return !peer || index === at;
      }
    });
  }

  #inRange(
    call: WindowCall,
    other: Row,
    row: Row,
    bound: WindowCall["frame"]["start"],
    isStart: boolean,
  ): boolean {
    const { expression, descending, nullsFirst } = call.orderBy[0]!;
    const [own, value] = [this.#value(expression, row), this.#value(expression, other)];
    if (own === null && value === null) return true;
    // A NULL comes before or after all values, whatever the offset.
    if (own === null) return isStart === nullsFirst;
    if (value === null) return isStart !== nullsFirst;
    const offset = Number(this.#value(bound.offset!, new Map()));
    const sign = (bound.kind === "preceding" ? -1 : 1) * (descending ? -1 : 1);
    const limit = Number(own) + sign * offset;
    const order = (Number(value) - limit) * (descending ? -1 : 1);
    return isStart ? order >= 0 : order <= 0;
  }
}

/** Equal for equal rows. */
export function keyOf(values: readonly Datum[], types: readonly SqlType[]): string {
  return JSON.stringify(
    values.map((value, i) => {
      if (value === null) return null;
      const type = types[i]!;
      if (typeof value === "number") return `n${value + 0}`;
      if (typeof value === "bigint") return `n${value}`;
      if (type.kind === "numeric") {
        const { coefficient, scale } = value as { coefficient: bigint; scale: number };
        let text = coefficient.toString().padStart(scale + 1, "0");
        text = scale === 0 ? text : `${text.slice(0, -scale)}.${text.slice(-scale)}`.replace(/\.?0+$/, "");
        return `n${text}`;
      }
      if (type.kind === "array" && Array.isArray(value)) return keyOf(value, value.map(() => type.element));
      return value;
    }),
  );
}

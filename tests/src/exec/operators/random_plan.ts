/**
 * Random tables and random plans over them.
 *
 * @module
 */
import type { SeededRandom } from "../../../../src/base/random.ts";
import type {
  AggregateCall,
  FrameBoundPlan,
  JoinPlan,
  Plan,
  PlanColumn,
  Scalar,
  SortKey,
  WindowCall,
} from "../../../../src/query/plan.ts";
import { planColumns } from "../../../../src/query/plan_walk.ts";
import {
  BIGINT,
  BOOLEAN,
  DATE,
  type Datum,
  decimalType,
  DOUBLE,
  INTEGER,
  NUMERIC,
  sameType,
  type SqlType,
  TEXT,
} from "../../../../src/storage/sql_type.ts";
import type { TableSnapshot } from "../../../../src/storage/table_view.ts";
import { fakeTable } from "./fake_table.ts";
import { call, literal, REGISTRY } from "./plan_run.ts";

const DECIMAL = decimalType(15, 2);
const TYPES: readonly SqlType[] = [INTEGER, BIGINT, TEXT, DOUBLE, DECIMAL, DATE, BOOLEAN, NUMERIC];

/** A random value; small domains, so that values meet. */
export function randomValue(random: SeededRandom, type: SqlType): Datum {
  if (random.next() < 0.12) return null;
  switch (type.kind) {
    case "integer":
    case "date":
      return random.next() < 0.05 ? random.pick([2147483647, -2147483648]) : random.integer(-3, 6);
    case "bigint":
      return random.next() < 0.05
        ? random.pick<Datum>([2 ** 40, -(2 ** 45), 9007199254740993n, -(2n ** 62n)])
        : random.integer(-2, 5);
    case "decimal":
      return random.next() < 0.05 ? 90071992547409930n : random.integer(-5, 5) * 25;
    case "double":
      return random.pick([0, -0, 0.5, 1.25, -3, 1e16, NaN, Infinity]);
    case "text":
      return random.pick(["", "a", "b", "ab", "é", "\u{1f600}", "\uffee", "z"]);
    case "boolean":
      return random.next() < 0.5;
    default: {
      const scale = random.integer(0, 2);
      return { coefficient: BigInt(random.integer(-3, 3)) * 10n ** BigInt(scale), scale };
    }
  }
}

/** A table of random columns; the first two are an INTEGER and a TEXT. */
export function randomTable(
  random: SeededRandom,
  name: string,
): { readonly snapshot: TableSnapshot; readonly rows: Datum[][] } {
  const types = [INTEGER, TEXT, random.pick(TYPES), random.pick(TYPES)];
  const columns = types.map((type, i) => ({ name: `${name}${i}`, type }));
  const size = random.pick([0, 1, 3, 8, 20]);
  const rows = Array.from({ length: size }, () => types.map((type) => randomValue(random, type)));
  const slots = random.pick([2, 5, 64]);
  return { snapshot: fakeTable(name, columns, rows, { slots, deleteEvery: random.integer(2, 9) }), rows };
}

/** Makes plans of every kind. */
export class PlanMaker {
  readonly #random: SeededRandom;
  readonly #tables: readonly TableSnapshot[];
  #nextId = 1;

  constructor(random: SeededRandom, tables: readonly TableSnapshot[]) {
    this.#random = random;
    this.#tables = tables;
  }

  /** A plan of at most `depth` nodes above a leaf. */
  plan(depth: number): Plan {
    if (depth === 0) return this.#leaf();
    switch (this.#random.integer(0, 10)) {
      case 0:
        return this.#filter(depth);
      case 1:
        return this.#project(depth);
      case 2:
      case 3:
      case 4:
        return this.#join(depth);
      case 5:
      case 6:
        return this.#aggregate(depth);
      case 7:
        return this.#setOperation(depth);
      case 8:
        return this.#window(depth);
      case 9:
        return { kind: "distinct", input: this.#project(depth) };
      default:
        return this.#with(depth);
    }
  }

  #leaf(): Plan {
    const table = this.#random.pick(this.#tables);
    return {
      kind: "scan",
      table: table.table,
      alias: table.table,
      columns: table.columns.map((column, ordinal) => ({ ...column, id: this.#nextId++, ordinal })),
    };
  }

  #made(type: SqlType): PlanColumn {
    const id = this.#nextId++;
    return { id, name: `c${id}`, type, nullable: true };
  }

  #column(plan: Plan, type?: SqlType): Scalar | undefined {
    const columns = planColumns(plan).filter((column) =>
      type === undefined || column.type.kind === type.kind
    );
    if (columns.length === 0) return undefined;
    const { id, name, type: own } = this.#random.pick(columns);
    return { kind: "column", id, name, type: own };
  }

  #condition(plan: Plan): Scalar {
    const column = this.#column(plan)!;
    const other = this.#column(plan, column.type)!;
    const operator = this.#random.pick(["=", "<", ">=", "<>"]);
    if (this.#random.next() < 0.3) return { kind: "isNull", argument: column, negated: true, type: BOOLEAN };
    const right = this.#random.next() < 0.5 ? other : this.#literal(column.type);
    return call(operator, [column, right]);
  }

  #literal(type: SqlType): Scalar {
    return literal(type.kind === "array" ? null : randomValue(this.#random, type), type);
  }

  #filter(depth: number): Plan {
    const input = this.plan(depth - 1);
    return { kind: "filter", input, predicate: this.#condition(input) };
  }

  #project(depth: number): Plan {
    const input = this.plan(depth - 1);
    const items = Array.from({ length: this.#random.integer(1, 3) }, () => {
      const expression = this.#random.next() < 0.2 ? this.#condition(input) : this.#column(input)!;
      return { ...this.#made(expression.type), expression };
    });
    return { kind: "project", input, items };
  }

  #join(depth: number): Plan {
    const left = this.plan(depth - 1);
    const right = this.plan(this.#random.integer(0, depth - 1));
    const conjuncts: Scalar[] = [];
    for (let i = this.#random.integer(0, 2); i >= 0; i--) {
      const a = this.#column(left)!;
      const b = this.#column(right, a.type);
      if (b === undefined || !sameType(a.type, b.type)) continue;
      const operator = this.#random.pick(["=", "=", "=", "is not distinct from", "<"]);
      conjuncts.push(call(operator, this.#random.next() < 0.8 ? [a, b] : operator === "<" ? [a, b] : [b, a]));
    }
    const condition: Scalar | null = conjuncts.length === 0
      ? null
      : conjuncts.length === 1
      ? conjuncts[0]!
      : { kind: "and", arguments: conjuncts, type: BOOLEAN };
    const join = this.#random.pick<JoinPlan["join"]>([
      "inner",
      "left",
      "right",
      "full",
      "semi",
      "anti",
      "mark",
    ]);
    const plan: JoinPlan = { kind: "join", join, left, right, condition, lateral: false };
    return join === "mark" ? { ...plan, mark: this.#made(BOOLEAN) } : plan;
  }

  #aggregateCall(input: Plan): AggregateCall {
    const name = this.#random.pick([
      "count",
      "count",
      "sum",
      "avg",
      "min",
      "max",
      "bool_or",
      "array_agg",
      "stddev",
    ]);
    const argument = this.#argumentFor(name, input);
    const args = argument === undefined ? [] : [argument];
    const fn = argument === undefined ? "count" : name;
    const { resultType } = REGISTRY.resolveAggregate(fn, args.map(({ type }) => type));
    const ordered = fn === "array_agg" ? this.#totalOrder(input) : [];
    return {
      ...this.#made(resultType),
      function: fn,
      arguments: args,
      distinct: args.length > 0 && fn !== "array_agg" && this.#random.next() < 0.2,
      filter: this.#random.next() < 0.2 ? this.#condition(input) : null,
      orderBy: ordered,
    };
  }

  #argumentFor(name: string, input: Plan): Scalar | undefined {
    switch (name) {
      case "sum":
      case "avg":
      case "stddev":
        return this.#column(input, this.#random.pick([INTEGER, BIGINT, DOUBLE, DECIMAL, NUMERIC]));
      case "bool_or":
        return this.#column(input, BOOLEAN);
      default:
        return this.#random.next() < 0.2 ? undefined : this.#column(input);
    }
  }

  #aggregate(depth: number): Plan {
    const input = this.plan(depth - 1);
    const groups = Array.from({ length: this.#random.integer(0, 3) }, () => {
      const expression = this.#column(input)!;
      return { ...this.#made(expression.type), expression };
    });
    const aggregates = Array.from({ length: this.#random.integer(1, 3) }, () => this.#aggregateCall(input));
    if (groups.length < 2 || this.#random.next() < 0.6) {
      return { kind: "aggregate", input, groups, aggregates };
    }
    const sets = Array.from(
      { length: this.#random.integer(1, 3) },
      () => groups.map((_, i) => i).filter(() => this.#random.next() < 0.5),
    );
    const grouping = [{ ...this.#made(INTEGER), groups: [1, 0] }];
    return { kind: "aggregate", input, groups, sets, aggregates, grouping };
  }

  #setOperation(depth: number): Plan {
    const left = this.#project(depth);
    const columns = planColumns(left);
    const source = this.plan(this.#random.integer(0, depth - 1));
    const items = columns.map(({ type }) => {
      const column = this.#column(source, type);
      const expression = column !== undefined && sameType(column.type, type) ? column : this.#literal(type);
      return { ...this.#made(type), expression };
    });
    const right: Plan = { kind: "project", input: source, items };
    return {
      kind: "setOperation",
      operator: this.#random.pick(["union", "intersect", "except"]),
      all: this.#random.next() < 0.5,
      left,
      right,
      leftColumns: columns.map(({ id }) => id),
      rightColumns: items.map(({ id }) => id),
      columns: columns.map(({ type }) => this.#made(type)),
    };
  }

  /** Keys under which only equal rows tie. */
  #totalOrder(input: Plan): SortKey[] {
    return planColumns(input).map(({ id, name, type }) => ({
      expression: { kind: "column", id, name, type },
      descending: this.#random.next() < 0.3,
      nullsFirst: this.#random.next() < 0.3,
    }));
  }

  #window(depth: number): Plan {
    const input = this.plan(depth - 1);
    const specs = [this.#windowSpec(input), this.#windowSpec(input)];
    const calls = Array.from(
      { length: this.#random.integer(1, 4) },
      () => this.#windowCall(input, this.#random.pick(specs)),
    );
    return { kind: "window", input, calls };
  }

  #windowSpec(input: Plan): Pick<WindowCall, "partitionBy" | "orderBy"> {
    const partitionBy = this.#random.next() < 0.6 ? [this.#column(input)!] : [];
    // A total order makes row_number and ROWS frames the same in every implementation.
    return { partitionBy, orderBy: this.#totalOrder(input) };
  }

  #windowCall(input: Plan, spec: Pick<WindowCall, "partitionBy" | "orderBy">): WindowCall {
    const name = this.#random.pick([
      ...["row_number", "rank", "dense_rank", "percent_rank", "cume_dist", "ntile", "lag", "lead"],
      ...[
        "first_value",
        "last_value",
        "nth_value",
        "count",
        "sum",
        "avg",
        "min",
        "max",
        "array_agg",
        "stddev",
      ],
    ]);
    const isWindow = REGISTRY.window(name) !== undefined;
    const args = this.#windowArguments(name, input);
    const fn = args === undefined ? "count" : name;
    const types = (args ?? []).map(({ type }) => type);
    const resolved = isWindow && args !== undefined
      ? REGISTRY.resolveWindow(fn, types)
      : REGISTRY.resolveAggregate(fn, types);
    const frame = this.#frame();
    const ranged = frame.unit === "range" && (frame.start.offset ?? frame.end.offset) !== undefined;
    const key = this.#column(input, INTEGER);
    const rangeFrame = ranged && key !== undefined
      ? {
        orderBy: [{
          expression: key,
          descending: this.#random.next() < 0.5,
          nullsFirst: this.#random.next() < 0.5,
        }],
      }
      : {};
    const positional = [
      "row_number",
      "ntile",
      "lag",
      "lead",
      "first_value",
      "last_value",
      "nth_value",
      "array_agg",
    ];
    const useRange = ranged && key !== undefined && !positional.includes(fn);
    return {
      ...this.#made(resolved.resultType),
      function: fn,
      arguments: args ?? [],
      distinct: false,
      filter: !isWindow && this.#random.next() < 0.2 ? this.#condition(input) : null,
      ignoreNulls: ["lag", "lead", "first_value", "last_value", "nth_value"].includes(fn) &&
        this.#random.next() < 0.3,
      ...spec,
      ...(useRange ? rangeFrame : {}),
      frame: ranged && !useRange ? { ...frame, unit: "rows" } : frame,
    };
  }

  #windowArguments(name: string, input: Plan): readonly Scalar[] | undefined {
    const column = this.#column(input)!;
    switch (name) {
      case "row_number":
      case "rank":
      case "dense_rank":
      case "percent_rank":
      case "cume_dist":
        return [];
      case "ntile":
        return [literal(this.#random.integer(1, 4))];
      case "lag":
      case "lead":
        return this.#random.pick([
          [column],
          [column, literal(this.#random.integer(0, 2))],
          [column, literal(this.#random.integer(-1, 2)), this.#column(input, column.type)!],
        ]).filter((each, i) => i < 2 || sameType(each.type, column.type));
      case "first_value":
      case "last_value":
        return [column];
      case "nth_value":
        return [column, literal(this.#random.integer(1, 3))];
      default: {
        const argument = this.#argumentFor(name, input);
        return argument === undefined ? undefined : [argument];
      }
    }
  }

  #frame(): WindowCall["frame"] {
    const unit = this.#random.pick(["rows", "range", "groups"] as const);
    const kinds: readonly FrameBoundPlan["kind"][] = [
      "unboundedPreceding",
      "preceding",
      "currentRow",
      "following",
      "unboundedFollowing",
    ];
    const from = this.#random.integer(0, 3);
    const to = Math.max(from, this.#random.integer(1, 4));
    const bound = (kind: FrameBoundPlan["kind"]): FrameBoundPlan =>
      kind === "preceding" || kind === "following"
        ? { kind, offset: literal(this.#random.integer(0, 2), unit === "range" ? INTEGER : BIGINT) }
        : { kind };
    const exclude = this.#random.pick(["no others", "no others", "current row", "group", "ties"] as const);
    return { unit, start: bound(kinds[from]!), end: bound(kinds[to]!), exclude };
  }

  #with(depth: number): Plan {
    const table = this.plan(depth - 1);
    const cte = 1000 + this.#nextId++;
    const read = (): Plan => ({
      kind: "cteScan",
      cte,
      name: "t",
      columns: planColumns(table).map((column) => ({ ...column, id: this.#nextId++, source: column.id })),
    });
    const [left, right] = [read(), read()];
    const a = planColumns(left)[0]!;
    const b = planColumns(right)[0]!;
    const condition = call("=", [{ kind: "column", ...a }, { kind: "column", ...b }]);
    const input: Plan = { kind: "join", join: "inner", left, right, condition, lateral: false };
    return { kind: "with", tables: [{ cte, name: "t", plan: table }], input };
  }
}

/**
 * The typed builder: queries written in TypeScript.
 *
 * It makes the same AST as SQL text, so both give the same plan. Column names are checked by the compiler when
 * the builder knows the row type; values become literals, never text, so nothing has to be escaped.
 *
 * @example Revenue by day
 * ```ts
 * import { assert } from "@std/assert";
 * import { column, count, from, sum } from "./builder.ts";
 *
 * const query = from<{ day: Date; price: number }>("orders")
 *   .where(column("price").gt(100))
 *   .groupBy("day")
 *   .select({ day: column("day"), orders: count(), revenue: sum(column("price")) })
 *   .orderBy("day")
 *   .limit(10)
 *   .build();
 * assert(query.kind === "query");
 * ```
 *
 * @module
 */
import { QueryError } from "../base/error.ts";
import type {
  Expression,
  FunctionCall,
  Identifier,
  NamedTable,
  OrderItem,
  Query,
  Select,
  SelectItem,
  TableReference,
} from "./ast.ts";

/** A JavaScript value that can stand in an expression. */
export type LiteralValue = string | number | bigint | boolean | null | Date;

/** An operand: an expression of this module, or a value. */
export type Operand = Scalar | LiteralValue;

/** An expression under construction. Immutable. */
export class Scalar {
  /** The AST so far. */
  readonly expression: Expression;

  /** Takes any expression of the AST. */
  constructor(expression: Expression) {
    this.expression = expression;
  }

  /** `this = other`. */
  eq(other: Operand): Scalar {
    return binary("=", this, other);
  }
  /** `this <> other`. */
  ne(other: Operand): Scalar {
    return binary("<>", this, other);
  }
  /** `this < other`. */
  lt(other: Operand): Scalar {
    return binary("<", this, other);
  }
  /** `this <= other`. */
  lte(other: Operand): Scalar {
    return binary("<=", this, other);
  }
  /** `this > other`. */
  gt(other: Operand): Scalar {
    return binary(">", this, other);
  }
  /** `this >= other`. */
  gte(other: Operand): Scalar {
    return binary(">=", this, other);
  }
  /** `this + other`. */
  plus(other: Operand): Scalar {
    return binary("+", this, other);
  }
  /** `this - other`. */
  minus(other: Operand): Scalar {
    return binary("-", this, other);
  }
  /** `this * other`. */
  times(other: Operand): Scalar {
    return binary("*", this, other);
  }
  /** `this / other`: between integers the quotient is truncated. */
  dividedBy(other: Operand): Scalar {
    return binary("/", this, other);
  }
  /** `this BETWEEN low AND high`, both included. */
  between(low: Operand, high: Operand): Scalar {
    return new Scalar({
      kind: "between",
      argument: this.expression,
      low: toExpression(low),
      high: toExpression(high),
      negated: false,
      symmetric: false,
    });
  }
  /** `this IN (items)`. */
  in(items: readonly Operand[]): Scalar {
    return new Scalar({
      kind: "inList",
      argument: this.expression,
      items: items.map(toExpression),
      negated: false,
    });
  }
  /** `this LIKE pattern`: `%` stands for any text, `_` for one character. */
  like(pattern: Operand): Scalar {
    return new Scalar({
      kind: "like",
      operator: "like",
      argument: this.expression,
      pattern: toExpression(pattern),
      negated: false,
    });
  }
  /** `this IS NULL`. */
  isNull(): Scalar {
    return new Scalar({ kind: "is", argument: this.expression, test: "null", negated: false });
  }
  /** `this IS NOT NULL`. */
  isNotNull(): Scalar {
    return new Scalar({ kind: "is", argument: this.expression, test: "null", negated: true });
  }
  /** `this AND others`. */
  and(...others: readonly Scalar[]): Scalar {
    return new Scalar({ kind: "and", arguments: [this, ...others].map(toExpression) });
  }
  /** `this OR others`. */
  or(...others: readonly Scalar[]): Scalar {
    return new Scalar({ kind: "or", arguments: [this, ...others].map(toExpression) });
  }
  /** `NOT this`. */
  not(): Scalar {
    return new Scalar({ kind: "not", argument: this.expression });
  }
  /** A key of ORDER BY, greatest first; NULLs come first. */
  desc(): Ordering {
    return { expression: this.expression, direction: "desc" };
  }
  /** A key of ORDER BY, smallest first; NULLs come last. */
  asc(): Ordering {
    return { expression: this.expression, direction: "asc" };
  }
}

/** A key of ORDER BY. */
export type Ordering = OrderItem;

/** A column by name; `table.column` names the table too. */
export function column(name: string): Scalar {
  return new Scalar({ kind: "column", name: name.split(".").map(identifier) });
}

/** A parameter, `$1` by its number or `:name` by its name. */
export function parameter(numberOrName: number | string): Scalar {
  return new Scalar(
    typeof numberOrName === "number"
      ? { kind: "parameter", index: numberOrName }
      : { kind: "parameter", name: numberOrName },
  );
}

/** A literal. */
export function literal(value: LiteralValue): Scalar {
  return new Scalar(literalExpression(value));
}

/** A call of any function. */
export function call(name: string, ...args: readonly Operand[]): Scalar {
  return new Scalar(callExpression(name, args));
}

/** `count(*)`, or `count(argument)`. */
export function count(argument?: Operand): Scalar {
  if (argument !== undefined) return call("count", argument);
  return new Scalar({ ...callExpression("count", []), star: true });
}

/** `count(DISTINCT argument)`. */
export function countDistinct(argument: Operand): Scalar {
  return new Scalar({ ...callExpression("count", [argument]), distinct: true });
}

/** `sum(argument)`. */
export function sum(argument: Operand): Scalar {
  return call("sum", argument);
}

/** `avg(argument)`. */
export function avg(argument: Operand): Scalar {
  return call("avg", argument);
}

/** `min(argument)`. */
export function min(argument: Operand): Scalar {
  return call("min", argument);
}

/** `max(argument)`. */
export function max(argument: Operand): Scalar {
  return call("max", argument);
}

/**
 * Starts a query over `table`; `Row` is the type of its rows, where it is known.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { createDatabase } from "../kernel/database.ts";
 * import { column, from, sum } from "./builder.ts";
 *
 * await using db = createDatabase();
 * await db.exec("CREATE TABLE sale (shop TEXT, amount INTEGER); INSERT INTO sale VALUES ('a', 2), ('a', 3), ('b', 1)");
 * const query = from<{ shop: string; amount: number }>("sale")
 *   .where(column("amount").gt(1))
 *   .groupBy("shop")
 *   .select({ shop: column("shop"), total: sum(column("amount")) });
 * assert((await db.query(query.build())).column("total")[0] === 5);
 * ```
 */
export function from<Row extends object = Record<string, unknown>>(
  table: string,
  alias?: string,
): QueryBuilder<Row> {
  return new QueryBuilder<Row>({ kind: "select", items: [], from: [namedTable(table, alias)] }, {});
}

/** The column names of `Row`. */
export type ColumnName<Row> = Extract<keyof Row, string>;
type Tail = Pick<Query, "orderBy" | "limit" | "offset">;

/** A query under construction. Immutable: every method gives a new builder. */
export class QueryBuilder<Row extends object> {
  readonly #select: Select;
  readonly #tail: Tail;

  /**
   * Begin with {@linkcode from}.
   *
   * @internal
   */
  constructor(select: Select, tail: Tail) {
    this.#select = select;
    this.#tail = tail;
  }

  /** Inner join. */
  join<Other extends object = Record<string, unknown>>(
    table: string,
    on: Scalar,
    alias?: string,
  ): QueryBuilder<Row & Other> {
    return this.#joined<Other>("inner", table, on, alias);
  }

  /** Left outer join. */
  leftJoin<Other extends object = Record<string, unknown>>(
    table: string,
    on: Scalar,
    alias?: string,
  ): QueryBuilder<Row & Other> {
    return this.#joined<Other>("left", table, on, alias);
  }

  /** Keeps rows for which `condition` holds; several calls are joined by AND. */
  where(condition: Scalar): QueryBuilder<Row> {
    const { where } = this.#select;
    return this.#with({
      where: where === undefined ? condition.expression : conjoin(where, condition.expression),
    });
  }

  /** Groups by columns or expressions. */
  groupBy(...keys: readonly (ColumnName<Row> | Scalar)[]): QueryBuilder<Row> {
    const items = keys.map((key) => ({ kind: "expression", expression: named(key) }) as const);
    return this.#with({ groupBy: { items } });
  }

  /** Keeps groups for which `condition` holds. */
  having(condition: Scalar): QueryBuilder<Row> {
    return this.#with({ having: condition.expression });
  }

  /** Chooses the output: expressions by their output name. */
  select<Output extends Record<string, Scalar>>(
    output: Output,
  ): QueryBuilder<{ [Name in keyof Output]: unknown }> {
    const items = Object.entries(output).map(([name, { expression }]) => ({
      expression,
      alias: identifier(name),
    }));
    return new QueryBuilder({ ...this.#select, items }, this.#tail);
  }

  /** Chooses columns as they are. */
  columns(...names: readonly ColumnName<Row>[]): QueryBuilder<Row> {
    return this.#with({ items: names.map((name) => ({ expression: named(name) })) });
  }

  /** Removes duplicate rows. */
  distinct(): QueryBuilder<Row> {
    return this.#with({ distinct: true });
  }

  /** Sorts by output columns, or by keys made with `asc()` and `desc()`. */
  orderBy(...keys: readonly (ColumnName<Row> | Ordering)[]): QueryBuilder<Row> {
    const items = keys.map((key) => typeof key === "string" ? { expression: named(key) } : key);
    return new QueryBuilder(this.#select, { ...this.#tail, orderBy: items });
  }

  /** Keeps the first `rows` rows. */
  limit(rows: number): QueryBuilder<Row> {
    return new QueryBuilder(this.#select, { ...this.#tail, limit: literalExpression(rows) });
  }

  /** Skips the first `rows` rows. */
  offset(rows: number): QueryBuilder<Row> {
    return new QueryBuilder(this.#select, { ...this.#tail, offset: literalExpression(rows) });
  }

  /** The query. Without `select` it shows every column. */
  build(): Query {
    const items: readonly SelectItem[] = this.#select.items.length > 0
      ? this.#select.items
      : [{ expression: { kind: "star", table: [] } }];
    return Object.freeze({ kind: "query", body: Object.freeze({ ...this.#select, items }), ...this.#tail });
  }

  #with(change: Partial<Select>): QueryBuilder<Row> {
    return new QueryBuilder({ ...this.#select, ...change }, this.#tail);
  }

  #joined<Other extends object>(
    type: "inner" | "left",
    table: string,
    on: Scalar,
    alias: string | undefined,
  ): QueryBuilder<Row & Other> {
    const left: TableReference = this.#select.from[0]!;
    const right = namedTable(table, alias);
    const join: TableReference = { kind: "join", type, left, right, on: on.expression };
    return new QueryBuilder<Row & Other>({ ...this.#select, from: [join] }, this.#tail);
  }
}

function identifier(name: string): Identifier {
  return { name };
}

function namedTable(table: string, alias: string | undefined): NamedTable {
  const name = table.split(".").map(identifier);
  return alias === undefined
    ? { kind: "table", name }
    : { kind: "table", name, alias: { name: identifier(alias) } };
}

function named(key: string | Scalar): Expression {
  return typeof key === "string" ? column(key).expression : key.expression;
}

function conjoin(left: Expression, right: Expression): Expression {
  return { kind: "and", arguments: left.kind === "and" ? [...left.arguments, right] : [left, right] };
}

function binary(operator: string, left: Scalar, right: Operand): Scalar {
  return new Scalar({ kind: "binary", operator, left: left.expression, right: toExpression(right) });
}

function callExpression(name: string, args: readonly Operand[]): FunctionCall {
  return {
    kind: "call",
    name: name.split(".").map(identifier),
    arguments: args.map((value) => ({ value: toExpression(value) })),
  };
}

function toExpression(operand: Operand): Expression {
  return operand instanceof Scalar ? operand.expression : literalExpression(operand);
}

function literalExpression(value: LiteralValue): Expression {
  if (value === null) return { kind: "null" };
  if (value instanceof Date) return timestampLiteral(value);
  switch (typeof value) {
    case "boolean":
      return { kind: "boolean", value };
    case "string":
      return { kind: "string", value };
    case "bigint":
    case "number":
      return numberLiteral(value);
  }
}

function numberLiteral(value: number | bigint): Expression {
  if (typeof value === "number" && !Number.isFinite(value)) {
    throw new QueryError("invalid-parameter", `A number in a query must be finite: received ${value}`, {
      hint: "use a parameter of type DOUBLE",
    });
  }
  if (value < 0) return { kind: "unary", operator: "-", argument: numberLiteral(-value) };
  return { kind: "number", text: String(value) };
}

function timestampLiteral(value: Date): Expression {
  if (Number.isNaN(value.getTime())) {
    throw new QueryError("invalid-parameter", "A date in a query must be valid: received an invalid Date", {
      hint: "check how the Date was made",
    });
  }
  const type = { kind: "type", name: "timestamp", modifiers: [], dimensions: 0, withTimeZone: true } as const;
  return { kind: "typed", type, value: value.toISOString() };
}

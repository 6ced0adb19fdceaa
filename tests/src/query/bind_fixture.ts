/**
 * A catalogue from DDL text, the built-in functions, and short forms of binding.
 *
 * @module
 */
import { LiveViewError } from "../../../src/base/error.ts";
import type { ColumnDefinition, Constraint, CreateTable, DataStatement } from "../../../src/query/ast.ts";
import {
  type BindEnvironment,
  bindQuery,
  bindStatement,
  resolveTypeName,
} from "../../../src/query/binder.ts";
import type { BoundStatement } from "../../../src/query/bound_statement.ts";
import type { Catalog, CatalogColumn, CatalogTable, CatalogView } from "../../../src/query/catalog.ts";
import { FunctionRegistry } from "../../../src/query/function_registry.ts";
import { BUILTIN_FUNCTIONS } from "../../../src/query/functions/library.ts";
import type { BoundQuery } from "../../../src/query/plan.ts";
import { planToText } from "../../../src/query/plan_text.ts";
import { parseStatements } from "../../../src/sql/parse.ts";

/** The built-in functions. */
export const FUNCTIONS = new FunctionRegistry(BUILTIN_FUNCTIONS);

function constraintsOf(node: CreateTable): readonly Constraint[] {
  return [
    ...node.constraints,
    ...node.columns.flatMap((column) =>
      column.constraints.map((one) =>
        one.kind === "primaryKey" || one.kind === "unique" ? { ...one, columns: [column.name] } : one
      )
    ),
  ];
}

function columnOf(
  { name, type, constraints }: ColumnDefinition,
  primaryKey: readonly string[],
): CatalogColumn {
  let column: CatalogColumn = {
    name: name.name,
    type: resolveTypeName(type!),
    nullable: !primaryKey.includes(name.name) && !constraints.some((one) => one.kind === "notNull"),
  };
  for (const one of constraints) {
    if (one.kind === "default") column = { ...column, defaultValue: one.expression };
    if (one.kind === "generated") column = { ...column, generated: one.expression };
    if (one.kind === "identity") column = { ...column, identity: one.always ? "always" : "default" };
  }
  return column;
}

function tableOf(node: CreateTable): CatalogTable {
  const constraints = constraintsOf(node);
  const keys = (kind: "primaryKey" | "unique"): string[][] =>
    constraints.flatMap((one) => one.kind === kind ? [(one.columns ?? []).map((column) => column.name)] : []);
  const primaryKey = keys("primaryKey")[0] ?? [];
  return {
    kind: "table",
    name: node.name.map((part) => part.name).join("."),
    columns: node.columns.map((column) => columnOf(column, primaryKey)),
    primaryKey,
    uniqueKeys: keys("unique"),
    checks: [],
  };
}

/** The catalogue that a script of CREATE TABLE and CREATE VIEW describes. */
export function catalogOf(ddl: string): Catalog {
  const relations = new Map<string, CatalogTable | CatalogView>();
  for (const node of parseStatements(ddl)) {
    if (node.kind === "createTable") {
      const table = tableOf(node);
      relations.set(table.name, table);
    } else if (node.kind === "createView") {
      const name = node.name.map((part) => part.name).join(".");
      const columns = node.columns === undefined
        ? {}
        : { columns: node.columns.map((column) => column.name) };
      relations.set(name, { kind: "view", name, query: node.query, ...columns });
    }
  }
  return { relation: (name) => relations.get(name), relationNames: () => [...relations.keys()] };
}

export const SHOP = catalogOf(`
  CREATE TABLE customers (id BIGINT PRIMARY KEY, name TEXT NOT NULL, country VARCHAR(2), born DATE);
  CREATE TABLE orders (
    id BIGINT PRIMARY KEY, customer_id BIGINT NOT NULL, placed TIMESTAMP NOT NULL,
    price DECIMAL(15,2) NOT NULL, quantity INTEGER NOT NULL DEFAULT 1, note TEXT, tags TEXT[], extra JSON);
  CREATE TABLE events (at TIMESTAMP, kind TEXT, value DOUBLE PRECISION, customer_id BIGINT);
  CREATE TABLE stock (
    sku TEXT PRIMARY KEY, amount INTEGER NOT NULL DEFAULT 0, price DECIMAL(10,2), seen TIMESTAMPTZ DEFAULT now(),
    total DECIMAL(20,2) GENERATED ALWAYS AS (price * amount) STORED, UNIQUE (price, amount));
  CREATE TABLE numbered (id BIGINT GENERATED ALWAYS AS IDENTITY, v INTEGER);
  CREATE VIEW german AS SELECT id, name FROM customers WHERE country = 'DE';
  CREATE VIEW renamed (a, b) AS SELECT id, name FROM german;
  CREATE VIEW ring1 AS SELECT * FROM ring2;
  CREATE VIEW ring2 AS SELECT * FROM ring1;
`);

export const ENVIRONMENT: BindEnvironment = { catalog: SHOP, functions: FUNCTIONS };

function only(sql: string): DataStatement {
  const [statement] = parseStatements(sql);
  switch (statement?.kind) {
    case "query":
    case "insert":
    case "update":
    case "delete":
    case "merge":
      return statement;
    default:
      throw new TypeError(`Not a data statement: ${sql}`);
  }
}

/** The bound query of `sql`. */
export function query(sql: string, environment: BindEnvironment = ENVIRONMENT): BoundQuery {
  const statement = only(sql);
  if (statement.kind !== "query") throw new TypeError(`Not a query: ${sql}`);
  return bindQuery(statement, environment);
}

/** The bound statement of `sql`. */
export function statement(sql: string, environment: BindEnvironment = ENVIRONMENT): BoundStatement {
  return bindStatement(only(sql), environment);
}

/** The plan of `sql` as text without ids, its lines trimmed at the common indent. */
export function plan(sql: string): string {
  return planToText(query(sql).plan, { ids: false });
}

/** Names of the output columns. */
export function names(sql: string): string[] {
  return query(sql).columns.map((column) => column.name);
}

/** The error of binding `sql`: its code, and the text that its span marks. */
export function failure(
  sql: string,
): { readonly code: string; readonly message: string; readonly marked: string } {
  try {
    statement(sql);
  } catch (error) {
    if (!(error instanceof LiveViewError)) throw error;
    const span = error.details["span"];
    const place = typeof span === "object" && span !== null && "from" in span && "to" in span
      ? span
      : undefined;
    const marked = place === undefined ? "" : sql.slice(Number(place.from), Number(place.to));
    return { code: error.code, message: error.message, marked };
  }
  throw new TypeError(`Bound without an error: ${sql}`);
}

/**
 * A catalogue from DDL text, the built-in functions with what tests need besides, and short forms of binding.
 *
 * @module
 */
import type { Constraint, CreateTable, DataStatement } from "../../../src/query/ast.ts";
import {
  type BindEnvironment,
  bindQuery,
  bindStatement,
  resolveTypeName,
} from "../../../src/query/binder.ts";
import type { BoundStatement } from "../../../src/query/bound_statement.ts";
import type { Catalog, CatalogTable, CatalogView } from "../../../src/query/catalog.ts";
import type { ScalarFunction, TableFunctionDefinition } from "../../../src/query/function.ts";
import { FunctionRegistry } from "../../../src/query/function_registry.ts";
import { BUILTIN_FUNCTIONS } from "../../../src/query/functions/library.ts";
import type { BoundQuery } from "../../../src/query/plan.ts";
import { planToText } from "../../../src/query/plan_text.ts";
import { parseStatements } from "../../../src/sql/parse.ts";
import { arrayType, type SqlType } from "../../../src/storage/sql_type.ts";

function elementOf(types: readonly SqlType[]): SqlType {
  const [first] = types;
  return first?.kind === "array" ? first.element : { kind: "text" };
}

/** Functions that the tests call but never run. */
const SCALARS: readonly ScalarFunction[] = [
  {
    name: "array",
    signatures: [{
      parameters: ["anyelement"],
      variadic: true,
      returns: ([element]) => arrayType(element ?? { kind: "text" }),
      evaluate: (args) => args,
    }],
    volatility: "immutable",
    nulls: "called",
  },
  {
    name: "subscript",
    signatures: [{ parameters: ["anyarray", "integer"], returns: elementOf, evaluate: () => null }],
    volatility: "immutable",
    nulls: "strict",
  },
];

const TABLES: readonly TableFunctionDefinition[] = [
  {
    name: "generate_series",
    signatures: [
      {
        parameters: ["integer", "integer", "integer"],
        optional: 1,
        returns: () => [{ name: "generate_series", type: { kind: "integer" } }],
        evaluate: () => [],
      },
      {
        parameters: ["timestamp", "timestamp", "interval"],
        returns: () => [{ name: "generate_series", type: { kind: "timestamp" } }],
        evaluate: () => [],
      },
    ],
  },
  {
    name: "unnest",
    signatures: [{
      parameters: ["anyarray"],
      returns: (types) => [{ name: "unnest", type: elementOf(types) }],
      evaluate: () => [],
    }],
  },
  {
    name: "json_each",
    signatures: [{
      parameters: ["json"],
      returns: () => [{ name: "key", type: { kind: "text" } }, { name: "value", type: { kind: "json" } }],
      evaluate: () => [],
    }],
  },
];

export const FUNCTIONS = new FunctionRegistry({
  scalars: [...SCALARS, ...BUILTIN_FUNCTIONS.scalars],
  aggregates: BUILTIN_FUNCTIONS.aggregates,
  windows: BUILTIN_FUNCTIONS.windows,
  tables: [...TABLES, ...BUILTIN_FUNCTIONS.tables],
});

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

function tableOf(node: CreateTable): CatalogTable {
  const constraints = constraintsOf(node);
  const keys = (kind: "primaryKey" | "unique"): string[][] =>
    constraints.flatMap((one) => one.kind === kind ? [(one.columns ?? []).map((column) => column.name)] : []);
  const primaryKey = keys("primaryKey")[0] ?? [];
  return {
    kind: "table",
    name: node.name.map((part) => part.name).join("."),
    columns: node.columns.map((column) => {
      const kinds = new Set(column.constraints.map((one) => one.kind));
      const expressions = column.constraints.flatMap((one) =>
        one.kind === "default"
          ? [{ defaultValue: one.expression }]
          : one.kind === "generated"
          ? [{ generated: one.expression }]
          : one.kind === "identity"
          ? [{ identity: one.always ? "always" as const : "default" as const }]
          : []
      );
      return Object.assign({
        name: column.name.name,
        type: resolveTypeName(column.type!),
        nullable: !kinds.has("notNull") && !primaryKey.includes(column.name.name),
      }, ...expressions);
    }),
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

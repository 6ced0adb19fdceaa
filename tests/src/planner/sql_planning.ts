/**
 * From SQL text to plans, for the planner's tests: a catalogue written in a few words, and plans as text.
 *
 * @module
 */
import type { Catalog, CatalogTable, Statistics } from "../../../src/query/catalog.ts";
import { bindQuery } from "../../../src/query/binder.ts";
import { FunctionRegistry } from "../../../src/query/function_registry.ts";
import { BUILTIN_FUNCTIONS } from "../../../src/query/functions/library.ts";
import type { BoundQuery, Plan, Scalar } from "../../../src/query/plan.ts";
import { children } from "../../../src/query/plan_walk.ts";
import { resolveTypeName } from "../../../src/query/binder.ts";
import { parseStatement } from "../../../src/sql/parse.ts";
import type { Datum } from "../../../src/storage/sql_type.ts";
import { optimize } from "../../../src/planner/optimize.ts";
import { validatePlan } from "../../../src/planner/validate.ts";

export const FUNCTIONS: FunctionRegistry = new FunctionRegistry(BUILTIN_FUNCTIONS);

/** A table as the tests write it: `a integer key, b text not null, c double precision`. */
export interface TestTable {
  readonly columns: string;
  readonly rowCount?: number;
  /** Distinct values by column; the row count for keys, else a tenth. */
  readonly distinct?: Readonly<Record<string, number>>;
  readonly bounds?: Readonly<Record<string, readonly [Datum, Datum]>>;
}
export type TestTables = Readonly<Record<string, TestTable>>;

/** A catalogue of `tables`. */
export function catalogOf(tables: TestTables): Catalog {
  const relations = new Map(Object.entries(tables).map(([name, table]) => [name, catalogTable(name, table)]));
  return { relation: (name) => relations.get(name), relationNames: () => [...relations.keys()] };
}

function catalogTable(name: string, { columns }: TestTable): CatalogTable {
  const primaryKey: string[] = [];
  const parsed = columns.split(/,(?![^(]*\))/).map((text) => {
    const [, column = "", type = "", flags = ""] =
      /^\s*(\w+)\s+(.*?)\s*((?:\bkey\b|\bnot null\b|\s)*)$/.exec(text) ?? [];
    if (/\bkey\b/.test(flags)) primaryKey.push(column);
    const statement = parseStatement(`SELECT CAST(NULL AS ${type})`);
    if (statement.kind !== "query" || statement.body.kind !== "select") throw new TypeError(text);
    const cast = statement.body.items[0]?.expression;
    if (cast?.kind !== "cast") throw new TypeError(text);
    return { name: column, type: resolveTypeName(cast.type), nullable: flags.trim() === "" };
  });
  return { kind: "table", name, columns: parsed, primaryKey, uniqueKeys: [], checks: [] };
}

/** Statistics of `tables`. */
export function statisticsOf(tables: TestTables): Statistics {
  const catalog = catalogOf(tables);
  return {
    table: (name) => {
      const table = tables[name];
      const relation = catalog.relation(name);
      if (table === undefined || relation === undefined || relation.kind === "view") return undefined;
      const rowCount = table.rowCount ?? 1000;
      return {
        rowCount,
        column: (ordinal) => {
          const column = relation.columns[ordinal]!;
          const onlyKey = relation.primaryKey.length === 1 && relation.primaryKey[0] === column.name;
          const [min, max] = table.bounds?.[column.name] ?? [null, null];
          const distinctCount = table.distinct?.[column.name] ??
            (onlyKey ? rowCount : Math.ceil(rowCount / 10));
          return { min, max, nullCount: 0, distinctCount };
        },
      };
    },
  };
}

/** The bound plan of a query. */
export function bound(sql: string, tables: TestTables): BoundQuery {
  const statement = parseStatement(sql);
  if (statement.kind !== "query") throw new TypeError(`Not a query: ${sql}`);
  return bindQuery(statement, { catalog: catalogOf(tables), functions: FUNCTIONS });
}

/** The optimized plan of a query, checked. */
export function optimized(
  sql: string,
  tables: TestTables,
): { readonly query: BoundQuery; readonly plan: Plan } {
  const query = bound(sql, tables);
  return { query, plan: optimizedPlan(query, tables) };
}

/** The optimized plan of a bound query, checked. */
export function optimizedPlan(query: BoundQuery, tables: TestTables): Plan {
  let next = 0;
  validatePlan(query.plan);
  const plan = optimize(query.plan, {
    catalog: catalogOf(tables),
    statistics: statisticsOf(tables),
    functions: FUNCTIONS,
    nextColumnId: () => ++next,
    validate: true,
    required: query.columns.map((column) => column.id),
  });
  validatePlan(plan, { planned: true });
  return plan;
}

/** A plan as indented lines. */
export function planText(plan: Plan, indent = ""): string {
  const lines = children(plan).map((child) => planText(child, `${indent}  `));
  return [`${indent}${nodeText(plan)}`, ...lines].join("\n");
}

function nodeText(plan: Plan): string {
  switch (plan.kind) {
    case "scan":
      return `scan ${plan.alias}(${plan.columns.map((column) => column.name).join(" ")})`;
    case "filter":
      return `filter ${scalarText(plan.predicate)}`;
    case "project":
      return `project ${plan.items.map((item) => itemText(item)).join(", ")}`;
    case "join":
      return `${plan.lateral ? "lateral " : ""}${plan.join}${
        plan.condition === null ? "" : ` ${scalarText(plan.condition)}`
      }`;
    case "aggregate":
      return `aggregate [${plan.groups.map((group) => itemText(group)).join(", ")}] ${
        plan.aggregates.map((call) =>
          `${call.function}(${call.distinct ? "distinct " : ""}${
            call.arguments.map((each) => scalarText(each)).join(", ")
          })`
        ).join(", ")
      }`.trim();
    case "window":
      return `window ${plan.calls.map((call) => call.function).join(", ")}`;
    case "limit":
      return `limit ${plan.limit === null ? "all" : scalarText(plan.limit)}`;
    case "sort":
      return `sort ${plan.keys.map((key) => scalarText(key.expression)).join(", ")}`;
    case "setOperation":
      return `${plan.operator}${plan.all ? " all" : ""}`;
    case "cteScan":
      return `cteScan ${plan.name}`;
    case "with":
      return `with ${plan.tables.map((table) => table.name).join(", ")}`;
    case "tableFunction":
      return `tableFunction ${plan.calls.map((call) => call.function).join(", ")}`;
    case "values":
      return `values ${plan.rows.length}`;
    default:
      return plan.kind;
  }
}

function itemText(item: { readonly name: string; readonly expression: Scalar }): string {
  return item.expression.kind === "column"
    ? item.expression.name
    : `${item.name}=${scalarText(item.expression)}`;
}

/** A scalar as text. */
export function scalarText(scalar: Scalar): string {
  switch (scalar.kind) {
    case "column":
      return scalar.name;
    case "literal":
      return JSON.stringify(scalar.value, (_, value) => typeof value === "bigint" ? String(value) : value);
    case "call":
      return scalar.arguments.length === 2
        ? `(${scalarText(scalar.arguments[0]!)} ${scalar.name} ${scalarText(scalar.arguments[1]!)})`
        : `${scalar.name}(${scalar.arguments.map(scalarText).join(", ")})`;
    case "cast":
      return `${scalarText(scalar.argument)}::${scalar.type.kind}`;
    case "and":
    case "or":
      return `(${scalar.arguments.map(scalarText).join(` ${scalar.kind} `)})`;
    case "not":
      return `not ${scalarText(scalar.argument)}`;
    case "isNull":
      return `${scalarText(scalar.argument)} is ${scalar.negated ? "not " : ""}null`;
    case "inList":
      return `${scalarText(scalar.argument)} in [${scalar.items.map(scalarText).join(", ")}]`;
    default:
      return scalar.kind;
  }
}

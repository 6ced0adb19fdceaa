/**
 * Running SHOW and DESCRIBE: the catalogue as result rows.
 *
 * @module
 */
import { QueryError, SchemaError } from "../base/error.ts";
import type { Describe, Show } from "../query/ast.ts";
import { suggestion } from "../query/name_suggestion.ts";
import { type Datum, TEXT, typeName } from "../storage/sql_type.ts";
import type { Kernel } from "./kernel.ts";
import { prepareQuery } from "./prepare.ts";
import { QueryContext } from "./query_context.ts";
import { QueryResult } from "./query_result.ts";
import { relationName } from "./relation_name.ts";
import { datumsToVector } from "./result_vector.ts";

/** Answers SHOW. */
export function runShow(kernel: Kernel, statement: Show): QueryResult {
  const like = statement.like === undefined ? undefined : likePattern(statement.like);
  switch (statement.subject) {
    case "tables":
      return relations(kernel, like, ["table", "materialized view", "view"]);
    case "views":
      return relations(kernel, like, ["view"]);
    case "materialized views":
      return relations(kernel, like, ["materialized view"]);
    case "columns":
      return columnsOf(kernel, statement.name === undefined ? "" : relationName(statement.name));
    case "indexes":
      return textRows(
        kernel,
        ["table", "index"],
        kernel.store.tables().flatMap((table) =>
          table.indexes.map((index) => [table.name, index.definition.name])
        ),
      );
    case "all":
      return textRows(kernel, ["name", "setting"], Object.entries(settings(kernel)));
  }
  const value = settings(kernel)[statement.subject];
  if (value !== undefined) return textRows(kernel, [statement.subject], [[value]]);
  throw new QueryError("unknown-object", `Cannot show "${statement.subject}"`, {
    details: { subject: statement.subject },
    hint: "SHOW TABLES, VIEWS, MATERIALIZED VIEWS, COLUMNS FROM t, INDEXES or ALL",
  });
}

/** Answers DESCRIBE. */
export function runDescribe(kernel: Kernel, statement: Describe, context: QueryContext): QueryResult {
  if (statement.query !== undefined) {
    const { columns } = prepareQuery(kernel, statement.query, context).query;
    return describeRows(
      kernel,
      columns.map(({ name, type, nullable }) => [name, typeName(type), nullable ? "YES" : "NO", null, null]),
    );
  }
  if (statement.name === undefined) return runShow(kernel, { kind: "show", subject: "tables" });
  return columnsOf(kernel, relationName(statement.name));
}

function columnsOf(kernel: Kernel, name: string): QueryResult {
  const relation = kernel.catalog.relation(name);
  if (relation === undefined) {
    throw new SchemaError("unknown-object", `There is no relation "${name}"`, {
      details: { name },
      hint: suggestion(name, kernel.catalog.relationNames()) ?? "SHOW TABLES lists them",
    });
  }
  if (relation.kind === "view") {
    return runDescribe(kernel, { kind: "describe", query: relation.query }, new QueryContext());
  }
  return describeRows(
    kernel,
    relation.columns.map((column) => [
      column.name,
      typeName(column.type),
      column.nullable ? "YES" : "NO",
      relation.primaryKey.includes(column.name)
        ? "PRIMARY KEY"
        : uniqueLabel(relation.uniqueKeys, column.name),
      column.defaultValue === undefined ? null : "DEFAULT",
    ]),
  );
}

function uniqueLabel(keys: readonly (readonly string[])[], column: string): string | null {
  return keys.some((key) => key.includes(column)) ? "UNIQUE" : null;
}

function describeRows(kernel: Kernel, rows: readonly (readonly Datum[])[]): QueryResult {
  return textRows(kernel, ["column", "type", "null", "key", "default"], rows);
}

function relations(kernel: Kernel, like: RegExp | undefined, kinds: readonly string[]): QueryResult {
  const rows = kernel.catalog.relationNames().flatMap((name): Datum[][] => {
    const relation = kernel.catalog.relation(name);
    if (relation === undefined || kernel.catalog.systemTable(name) !== undefined) return [];
    const kind = relation.kind === "materializedView" ? "materialized view" : relation.kind;
    if (!kinds.includes(kind) || (like !== undefined && !like.test(name))) return [];
    const rowCount = kernel.store.table(name)?.rowCount;
    return [[name, kind, rowCount === undefined ? null : String(rowCount)]];
  });
  rows.sort((a, b) => String(a[0]) < String(b[0]) ? -1 : 1);
  return textRows(kernel, ["name", "kind", "rows"], rows);
}

function settings(kernel: Kernel): Readonly<Record<string, string>> {
  return {
    time_zone: kernel.timeZone,
    timezone: kernel.timeZone,
    version: String(kernel.store.version),
    ...Object.fromEntries(Object.entries(kernel.limits).map(([name, value]) => [name, String(value)])),
  };
}

function likePattern(pattern: string): RegExp {
  const body = pattern.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replaceAll("%", ".*").replaceAll("_", ".");
  return new RegExp(`^${body}$`, "is");
}

/** A result of text columns. */
export function textRows(
  kernel: Kernel,
  names: readonly string[],
  rows: readonly (readonly Datum[])[],
): QueryResult {
  return new QueryResult({
    columns: names.map((name) => ({ name, type: TEXT, nullable: true })),
    vectors: names.map((_, i) => datumsToVector(rows.map((row) => row[i] ?? null))),
    rowCount: rows.length,
    version: kernel.store.version,
    command: "SHOW",
  });
}

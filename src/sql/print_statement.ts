/**
 * Prints data changes, and hands the other statements on.
 *
 * @module
 */
import type {
  Assignment,
  Delete,
  Insert,
  Merge,
  MergeAction,
  OnConflict,
  SelectItem,
  Statement,
  Update,
  With,
} from "../query/ast.ts";
import { printDefinition } from "./print_definition.ts";
import { printIndexKey } from "./print_expression.ts";
import { printSelectItems, printTable, printTables, printWith } from "./print_query.ts";
import type { Printer } from "./printer.ts";

/** The text of a statement, without a semicolon. */
export function printStatementNode(printer: Printer, node: Statement): string {
  switch (node.kind) {
    case "query":
      return printer.query(node);
    case "insert":
      return insert(printer, node);
    case "update":
      return update(printer, node);
    case "delete":
      return deletion(printer, node);
    case "merge":
      return merge(printer, node);
    default:
      return printDefinition(printer, node);
  }
}

function withClause(printer: Printer, node: With | undefined): string[] {
  return node === undefined ? [] : [printWith(printer, node)];
}

function returning(printer: Printer, items: readonly SelectItem[] | undefined): string[] {
  if (items === undefined) return [];
  printer.need("RETURNING", items[0] ?? {});
  return [`RETURNING ${printSelectItems(printer, items)}`];
}

function insert(printer: Printer, node: Insert): string {
  const parts = withClause(printer, node.with);
  if (node.or !== undefined) printer.need("INSERT OR", node);
  parts.push(
    `INSERT ${node.or === undefined ? "" : `OR ${node.or.toUpperCase()} `}INTO ${printer.name(node.table)}`,
  );
  if (node.alias !== undefined) parts.push(`AS ${printer.identifier(node.alias)}`);
  if (node.columns !== undefined) parts.push(`(${printer.identifiers(node.columns)})`);
  if (node.overriding !== undefined) {
    printer.need("IDENTITY", node);
    parts.push(`OVERRIDING ${node.overriding.toUpperCase()} VALUE`);
  }
  parts.push(node.query === undefined ? "DEFAULT VALUES" : printer.query(node.query));
  if (node.onConflict !== undefined) parts.push(onConflict(printer, node.onConflict));
  return [...parts, ...returning(printer, node.returning)].join(" ");
}

function onConflict(printer: Printer, node: OnConflict): string {
  printer.need("ON CONFLICT", node);
  const parts = ["ON CONFLICT"];
  if (node.constraint !== undefined || node.target?.some((key) => key.kind !== "column") === true) {
    printer.need("ON CONFLICT with an expression or a constraint", node);
  }
  if (node.target !== undefined) {
    parts.push(`(${node.target.map((key) => printIndexKey(printer, key)).join(", ")})`);
  }
  if (node.constraint !== undefined) parts.push(`ON CONSTRAINT ${printer.identifier(node.constraint)}`);
  if (node.targetWhere !== undefined) parts.push(`WHERE ${printer.expression(node.targetWhere)}`);
  if (node.action.kind === "nothing") parts.push("DO NOTHING");
  else {
    parts.push(`DO UPDATE SET ${assignments(printer, node.action.set)}`);
    if (node.action.where !== undefined) parts.push(`WHERE ${printer.expression(node.action.where)}`);
  }
  return parts.join(" ");
}

function assignments(printer: Printer, nodes: readonly Assignment[]): string {
  return nodes.map(({ columns, value, parenthesized }) => {
    const names = columns.map((name) => printer.name(name)).join(", ");
    const list = columns.length > 1 || parenthesized === true;
    return `${list ? `(${names})` : names} = ${printer.expression(value)}`;
  }).join(", ");
}

function update(printer: Printer, node: Update): string {
  const parts = withClause(printer, node.with);
  parts.push(`UPDATE ${printTable(printer, node.table)} SET ${assignments(printer, node.set)}`);
  if (node.from !== undefined) {
    printer.need("UPDATE FROM", node);
    parts.push(`FROM ${printTables(printer, node.from)}`);
  }
  if (node.where !== undefined) parts.push(`WHERE ${printer.expression(node.where)}`);
  return [...parts, ...returning(printer, node.returning)].join(" ");
}

function deletion(printer: Printer, node: Delete): string {
  const parts = withClause(printer, node.with);
  parts.push(`DELETE FROM ${printTable(printer, node.table)}`);
  if (node.using !== undefined) {
    printer.need("DELETE USING", node);
    parts.push(`USING ${printTables(printer, node.using)}`);
  }
  if (node.where !== undefined) parts.push(`WHERE ${printer.expression(node.where)}`);
  return [...parts, ...returning(printer, node.returning)].join(" ");
}

function merge(printer: Printer, node: Merge): string {
  printer.need("MERGE", node);
  const parts = withClause(printer, node.with);
  const target = printTable(printer, node.table);
  parts.push(
    `MERGE INTO ${target} USING ${printTable(printer, node.source)} ON ${printer.expression(node.on)}`,
  );
  for (const when of node.whens) {
    if (when.by === "source") printer.need("MERGE NOT MATCHED BY SOURCE", node);
    const by = when.by === undefined ? "" : ` BY ${when.by.toUpperCase()}`;
    const condition = when.condition === undefined ? "" : ` AND ${printer.expression(when.condition)}`;
    const matched = when.matched ? "MATCHED" : "NOT MATCHED";
    parts.push(`WHEN ${matched}${by}${condition} THEN ${mergeAction(printer, when.action)}`);
  }
  return [...parts, ...returning(printer, node.returning)].join(" ");
}

function mergeAction(printer: Printer, action: MergeAction): string {
  switch (action.kind) {
    case "delete":
      return "DELETE";
    case "nothing":
      return "DO NOTHING";
    case "update":
      return `UPDATE SET ${assignments(printer, action.set)}`;
    case "insert": {
      const columns = action.columns === undefined ? "" : ` (${printer.identifiers(action.columns)})`;
      if (action.values === undefined) return `INSERT${columns} DEFAULT VALUES`;
      return `INSERT${columns} VALUES (${printer.expressions(action.values)})`;
    }
  }
}

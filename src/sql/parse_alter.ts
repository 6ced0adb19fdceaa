/**
 * ALTER TABLE, ALTER VIEW and ALTER MATERIALIZED VIEW.
 *
 * @module
 */
import type { AlterTable, AlterTableAction, AlterView, Identifier, Statement } from "../query/ast.ts";
import { parseColumn, parseTableConstraint } from "./parse_column.ts";
import { parseAlterDynamicTable } from "./parse_dynamic_table.ts";
import { parseProperties } from "./parse_property.ts";
import type { Parser } from "./parser.ts";

/** ALTER, after its first word. */
export function parseAlter(parser: Parser, from: number): Statement {
  if (parser.takeAll("dynamic", "table")) return parser.node(from, parseAlterDynamicTable(parser));
  if (parser.take("table")) return parser.node(from, alterTable(parser));
  if (parser.take("view")) return parser.node(from, alterView(parser, false));
  if (parser.takeAll("materialized", "view")) return parser.node(from, alterView(parser, true));
  return parser.fail("TABLE, VIEW, MATERIALIZED VIEW or DYNAMIC TABLE");
}

function alterTable(parser: Parser): AlterTable {
  const ifExists = parser.takeAll("if", "exists");
  const name = parser.name("a table name");
  const renaming = parser.isWord("rename");
  const actions = renaming ? [renameAction(parser)] : parser.list(alterAction);
  return { kind: "alterTable", name, ifExists, actions };
}

function renameAction(parser: Parser): AlterTableAction {
  parser.expectWords("rename");
  if (parser.take("to")) return { kind: "renameTable", to: parser.identifier() };
  if (parser.take("constraint")) return { kind: "renameConstraint", ...renamed(parser) };
  parser.take("column");
  return { kind: "renameColumn", ...renamed(parser) };
}

function renamed(parser: Parser): { name: Identifier; to: Identifier } {
  const name = parser.identifier();
  parser.expectWords("to");
  return { name, to: parser.identifier() };
}

function alterAction(parser: Parser): AlterTableAction {
  if (parser.take("add")) return addAction(parser);
  if (parser.take("drop")) return dropAction(parser);
  if (parser.take("alter")) return alterColumn(parser);
  if (parser.isWord("set") && parser.markAt(1, "(")) {
    parser.advance();
    return { kind: "setProperties", properties: parseProperties(parser) };
  }
  return parser.fail("ADD, DROP, ALTER, RENAME or SET");
}

function addAction(parser: Parser): AlterTableAction {
  const constraint = parseTableConstraint(parser);
  if (constraint !== undefined) return { kind: "addConstraint", constraint };
  parser.take("column");
  const ifNotExists = parser.takeAll("if", "not", "exists");
  return { kind: "addColumn", ifNotExists, column: parseColumn(parser) };
}

function dropAction(parser: Parser): AlterTableAction {
  const kind = parser.take("constraint") ? "dropConstraint" : "dropColumn";
  if (kind === "dropColumn") parser.take("column");
  const ifExists = parser.takeAll("if", "exists");
  const name = parser.identifier();
  return { kind, ifExists, name, cascade: parser.takeAnyOf("cascade", "restrict") === "cascade" };
}

function alterColumn(parser: Parser): AlterTableAction {
  parser.take("column");
  const name = parser.identifier();
  if (parser.takeAnyOf("set data type", "type") !== undefined) {
    const type = parser.type();
    if (!parser.take("using")) return { kind: "setType", name, type };
    return { kind: "setType", name, type, using: parser.expression() };
  }
  switch (parser.takeAnyOf("set default", "drop default", "set not null", "drop not null")) {
    case "set default":
      return { kind: "setDefault", name, expression: parser.expression() };
    case "drop default":
      return { kind: "dropDefault", name };
    case "set not null":
      return { kind: "setNotNull", name };
    case "drop not null":
      return { kind: "dropNotNull", name };
    default:
      return parser.fail("TYPE, SET or DROP");
  }
}

function alterView(parser: Parser, materialized: boolean): AlterView {
  const ifExists = parser.takeAll("if", "exists");
  const name = parser.name("a view name");
  const base = { kind: "alterView" as const, materialized, name, ifExists };
  if (parser.take("set")) {
    return { ...base, action: { kind: "setProperties", properties: parseProperties(parser) } };
  }
  parser.expectWords("rename");
  if (parser.take("to")) return { ...base, action: { kind: "rename", to: parser.identifier() } };
  parser.take("column");
  return { ...base, action: { kind: "renameColumn", ...renamed(parser) } };
}

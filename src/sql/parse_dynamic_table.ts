/**
 * Snowflake's dynamic tables: CREATE and ALTER DYNAMIC TABLE.
 *
 * Properties come as data with lower-case names (`lag`, `target_lag`, `warehouse`, `refresh_mode`, `cluster_by`);
 * what they mean is the business of the plugin that carries the statements out.
 *
 * @module
 */
import type {
  AlterDynamicTable,
  ColumnDefinition,
  CreateDynamicTable,
  Property,
  PropertyValue,
} from "../query/ast.ts";
import { parseColumn } from "./parse_column.ts";
import { parseAssignedProperty } from "./parse_property.ts";
import type { Draft, Parser } from "./parser.ts";

/** CREATE DYNAMIC TABLE, after the word TABLE. */
export function parseCreateDynamicTable(
  parser: Parser,
  options: { readonly orReplace: boolean; readonly orAlter: boolean; readonly transient: boolean },
): CreateDynamicTable {
  const ifNotExists = parser.takeAll("if", "not", "exists");
  const name = parser.name("a table name");
  const properties: Property[] = [];
  const columns = parser.isMark("(") ? parser.parenthesizedList(column) : undefined;
  while (!parser.isWord("as")) {
    if (parser.token.type !== "word") parser.fail("a property or AS");
    properties.push(property(parser));
    parser.takeMark(",");
  }
  parser.expectWords("as");
  const node: Draft<CreateDynamicTable> = {
    kind: "createDynamicTable",
    name,
    orReplace: options.orReplace,
    ifNotExists,
    transient: options.transient,
    properties,
    query: parser.query(),
  };
  if (options.orAlter) node.orAlter = true;
  if (columns !== undefined) node.columns = columns;
  return node;
}

/** A column; its COMMENT is read and has no effect. */
function column(parser: Parser): ColumnDefinition {
  const { from } = parser.token;
  if (parser.nameAt(0) && parser.wordAt(1, "comment") && parser.peek(2).type === "string") {
    const name = parser.identifier("a column name");
    skipComment(parser);
    return parser.node<ColumnDefinition>(from, { name, constraints: [] });
  }
  const node = parseColumn(parser, true);
  skipComment(parser);
  return node;
}

function skipComment(parser: Parser): void {
  if (parser.take("comment")) parser.string();
}

/** A property without `=`, or `NAME = value`. */
function property(parser: Parser): Property {
  const { from } = parser.token;
  if (parser.take("cluster")) {
    parser.expectWords("by");
    return parser.node<Property>(from, { name: "cluster_by", value: expressionList(parser) });
  }
  const flag = parser.takeAnyOf("copy grants", "copy tags", "require user");
  if (flag !== undefined) return parser.node<Property>(from, { name: flag.replace(" ", "_"), value: true });
  const region = parser.takeAnyOf("frozen where", "immutable where");
  if (region !== undefined) {
    const value = parser.parenthesized((inner) => inner.expression());
    return parser.node<Property>(from, { name: "frozen_where", value });
  }
  if (parser.takeAll("execute", "as", "user")) {
    return parser.node<Property>(from, { name: "execute_as_user", value: parser.identifier().name });
  }
  if (parser.takeAll("backfill", "from")) {
    const value = parser.name().map((part) => part.name).join(".");
    return parser.node<Property>(from, { name: "backfill_from", value });
  }
  for (const name of ["lag", "target_lag", "warehouse", "refresh_mode", "initialize"]) {
    parser.want(name.toUpperCase());
  }
  return parseAssignedProperty(parser);
}

function expressionList(parser: Parser): PropertyValue {
  return parser.parenthesizedList((inner) => inner.expression());
}

/** ALTER DYNAMIC TABLE, after the word TABLE. */
export function parseAlterDynamicTable(parser: Parser): AlterDynamicTable {
  const ifExists = parser.takeAll("if", "exists");
  const name = parser.name("a table name");
  return { kind: "alterDynamicTable", name, ifExists, action: action(parser) };
}

function action(parser: Parser): AlterDynamicTable["action"] {
  if (parser.isMark(",")) {
    parser.advance();
    const also = parser.list((inner) => inner.name("a table name"));
    parser.expectWords("refresh");
    return { kind: "refresh", also };
  }
  const { from } = parser.token;
  const word = parser.takeAnyOf(
    "suspend",
    "resume",
    "refresh",
    "rename to",
    "swap with",
    "cluster by",
    "set",
    "unset",
  );
  switch (word) {
    case "suspend":
    case "resume":
      return parser.take("recluster") ? { kind: word, recluster: true } : { kind: word };
    case "refresh":
      return { kind: "refresh" };
    case "rename to":
      return { kind: "rename", to: parser.identifier() };
    case "swap with":
      return { kind: "swap", with: parser.name("a table name") };
    case "cluster by": {
      const value = expressionList(parser);
      return {
        kind: "setProperties",
        properties: [parser.node<Property>(from, { name: "cluster_by", value })],
      };
    }
    case "set": {
      const properties = [property(parser)];
      while (parser.takeMark(",") || parser.token.type === "word") properties.push(property(parser));
      return { kind: "setProperties", properties };
    }
    case "unset":
      return { kind: "unsetProperties", names: parser.list(unsetName) };
    default:
      return parser.fail("SUSPEND, RESUME, REFRESH, RENAME TO, SWAP WITH, SET or UNSET");
  }
}

function unsetName(parser: Parser): string {
  const words = parser.takeAnyOf("frozen where", "immutable where", "execute as user");
  if (words === undefined) return parser.identifier().name;
  return words === "execute as user" ? "execute_as_user" : "frozen_where";
}

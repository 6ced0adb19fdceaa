/**
 * Statements that define objects: CREATE, DROP, TRUNCATE, REFRESH and COMMENT.
 *
 * @module
 */
import type {
  Comment,
  CreateIndex,
  CreateMaterializedView,
  CreateTable,
  CreateTableAs,
  CreateView,
  Drop,
  LikeOption,
  QualifiedName,
  RefreshMaterializedView,
  Statement,
  Truncate,
} from "../query/ast.ts";
import { parseOrderItem } from "./parse_call.ts";
import { parseColumn, parseTableConstraint } from "./parse_column.ts";
import { parseCreateDynamicTable } from "./parse_dynamic_table.ts";
import { parseAssignedProperty, parseProperties } from "./parse_property.ts";
import type { Draft, Parser } from "./parser.ts";

const CREATABLE = "TABLE, VIEW, MATERIALIZED VIEW, INDEX or DYNAMIC TABLE";

/** CREATE, after its first word. */
export function parseCreate(parser: Parser, from: number): Statement {
  const replaced = parser.takeAnyOf("or replace", "or alter");
  const orReplace = replaced === "or replace";
  const recursive = parser.isWord("recursive") && parser.wordAt(1, "view");
  if (recursive) parser.advance();
  const lifetime = recursive
    ? undefined
    : parser.takeAnyOf("local temporary", "local temp", "temporary", "temp", "transient", "unlogged");
  if (parser.takeAll("dynamic", "table")) {
    const options = { orReplace, orAlter: replaced === "or alter", transient: lifetime === "transient" };
    return parser.node(from, parseCreateDynamicTable(parser, options));
  }
  if (replaced === "or alter") parser.fail("DYNAMIC TABLE");
  const temporary = lifetime?.includes("temp") ?? false;
  if (parser.take("table")) return parser.node(from, createTable(parser, orReplace, temporary));
  const withinView = temporary || parser.take("recursive") || recursive;
  if (parser.take("view")) {
    return parser.node(
      from,
      createView(parser, { orReplace, temporary, recursive: withinView && !temporary }),
    );
  }
  if (parser.takeAll("materialized", "view")) {
    return parser.node(from, createMaterializedView(parser, orReplace));
  }
  const unique = !orReplace && parser.take("unique");
  if (!orReplace && parser.take("index")) return parser.node(from, createIndex(parser, unique));
  return parser.fail(CREATABLE);
}

function createTable(parser: Parser, orReplace: boolean, temporary: boolean): CreateTable | CreateTableAs {
  const ifNotExists = parser.takeAll("if", "not", "exists");
  const name = parser.name("a table name");
  const base = { name, orReplace, ifNotExists, temporary };
  const onlyNames = parser.isMark("(") && parser.nameAt(1) &&
    (parser.markAt(2, ",") || parser.markAt(2, ")"));
  const names = onlyNames ? parser.identifierList() : undefined;
  const elements = !onlyNames && parser.isMark("(") ? tableElements(parser) : undefined;
  const properties = parser.isWord("with") && parser.markAt(1, "(") ? withProperties(parser) : [];
  if (elements !== undefined && !parser.isWord("as")) {
    return { kind: "createTable", ...base, ...elements, properties };
  }
  if (!parser.take("as")) parser.fail(names === undefined ? '"(" or AS' : "AS");
  if (elements !== undefined) parser.reject("CREATE TABLE AS cannot define columns: give names only");
  const query = parser.query();
  const columns = names === undefined ? {} : { columns: names };
  return { kind: "createTableAs", ...base, ...columns, query, withData: withData(parser), properties };
}

function withProperties(parser: Parser): ReturnType<typeof parseProperties> {
  parser.expectWords("with");
  return parseProperties(parser);
}

/** `WITH [NO] DATA`; with data unless said otherwise. */
function withData(parser: Parser): boolean {
  return parser.takeAnyOf("with no data", "with data") !== "with no data";
}

type TableElements = Pick<CreateTable, "columns" | "constraints" | "like" | "likeOptions">;

const LIKE_PARTS = [
  ...["all", "defaults", "constraints", "indexes", "generated", "identity"] as const,
  ...["comments", "compression", "statistics", "storage"] as const,
];

function tableLikeOptions(parser: Parser): LikeOption[] {
  const options: LikeOption[] = [];
  for (;;) {
    const word = parser.takeAnyOf("including", "excluding");
    if (word === undefined) return options;
    const part = parser.takeAnyOf(...LIKE_PARTS) ?? parser.fail("ALL, DEFAULTS, CONSTRAINTS or INDEXES");
    options.push({ part, including: word === "including" });
  }
}

function tableElements(parser: Parser): TableElements {
  const columns: Draft<CreateTable>["columns"][number][] = [];
  const constraints: Draft<CreateTable>["constraints"][number][] = [];
  let like: QualifiedName | undefined;
  const likeOptions: LikeOption[] = [];
  const element = (): void => {
    if (parser.isWord("like")) {
      if (like !== undefined) parser.reject("CREATE TABLE can have one LIKE only");
      parser.advance();
      like = parser.name("a table name");
      likeOptions.push(...tableLikeOptions(parser));
      return;
    }
    const constraint = parseTableConstraint(parser);
    if (constraint === undefined) columns.push(parseColumn(parser));
    else constraints.push(constraint);
  };
  parser.expectMark("(");
  if (!parser.isMark(")")) parser.list(element);
  parser.expectMark(")");
  if (like === undefined) return { columns, constraints };
  return { columns, constraints, like, ...(likeOptions.length === 0 ? {} : { likeOptions }) };
}

function createView(
  parser: Parser,
  options: Pick<CreateView, "orReplace" | "temporary" | "recursive">,
): CreateView {
  const ifNotExists = parser.takeAll("if", "not", "exists");
  const name = parser.name("a view name");
  const columns = parser.isMark("(") || options.recursive ? { columns: parser.identifierList() } : {};
  const properties = parser.isWord("with") ? withProperties(parser) : [];
  parser.expectWords("as");
  const query = parser.query();
  const node: Draft<CreateView> = {
    kind: "createView",
    ...options,
    name,
    ifNotExists,
    ...columns,
    properties,
    query,
  };
  if (parser.take("with")) {
    node.checkOption = parser.takeAnyOf("local", "cascaded") ?? "cascaded";
    parser.expectWords("check", "option");
  }
  return node;
}

function createMaterializedView(parser: Parser, orReplace: boolean): CreateMaterializedView {
  const ifNotExists = parser.takeAll("if", "not", "exists");
  const name = parser.name("a view name");
  const columns = parser.isMark("(") ? { columns: parser.identifierList() } : {};
  const properties = parser.isWord("with") ? withProperties(parser) : [];
  while (parser.nameAt(0) && parser.operatorAt(1, "=")) properties.push(parseAssignedProperty(parser));
  parser.expectWords("as");
  const query = parser.query();
  return {
    kind: "createMaterializedView",
    name,
    orReplace,
    ifNotExists,
    ...columns,
    properties,
    query,
    withData: withData(parser),
  };
}

function createIndex(parser: Parser, unique: boolean): CreateIndex {
  const concurrently = parser.take("concurrently");
  const ifNotExists = parser.takeAll("if", "not", "exists");
  const name = ifNotExists || !parser.isWord("on") ? { name: [parser.identifier()] } : {};
  parser.expectWords("on");
  const node: Draft<CreateIndex> = {
    kind: "createIndex",
    ...name,
    unique,
    ifNotExists,
    concurrently,
    table: parser.name("a table name"),
    items: [],
  };
  if (parser.take("using")) node.method = parser.identifier().name;
  node.items = parser.parenthesizedList((inner) => {
    if (!inner.isMark("(") && !inner.nameAt(0)) inner.fail("a column or an expression in parentheses");
    return parseOrderItem(inner);
  });
  if (parser.take("include")) node.include = parser.identifierList();
  if (parser.takeAll("nulls", "not", "distinct")) node.nullsNotDistinct = true;
  if (parser.take("where")) node.where = parser.expression();
  return node;
}

const DROPPABLE = ["table", "view", "materialized view", "index", "dynamic table", "schema"] as const;

/** DROP, after its first word. */
export function parseDrop(parser: Parser): Drop {
  const object = parser.takeAnyOf(...DROPPABLE);
  if (object === undefined) parser.fail(CREATABLE);
  const ifExists = parser.takeAll("if", "exists");
  const names = parser.list((inner) => inner.name());
  return {
    kind: "drop",
    object,
    names,
    ifExists,
    behavior: parser.takeAnyOf("cascade", "restrict") ?? "restrict",
  };
}

/** TRUNCATE, after its first word. */
export function parseTruncate(parser: Parser): Truncate {
  parser.take("table");
  const tables = parser.list((inner) => inner.name("a table name"));
  const identity = parser.takeAnyOf("restart identity", "continue identity");
  const cascade = parser.takeAnyOf("cascade", "restrict") === "cascade";
  const node: Draft<Truncate> = { kind: "truncate", tables, cascade };
  if (identity === "restart identity") node.restartIdentity = true;
  return node;
}

/** REFRESH MATERIALIZED VIEW, after its first word. */
export function parseRefresh(parser: Parser): RefreshMaterializedView {
  parser.expectWords("materialized", "view");
  const concurrently = parser.take("concurrently");
  const name = parser.name("a view name");
  return { kind: "refreshMaterializedView", concurrently, name, withData: withData(parser) };
}

/** COMMENT ON, after its first word. */
export function parseComment(parser: Parser): Comment {
  parser.expectWords("on");
  const object = parser.takeAnyOf("table", "column", "view", "materialized view", "index");
  if (object === undefined) parser.fail("TABLE, COLUMN, VIEW, MATERIALIZED VIEW or INDEX");
  const name = parser.name();
  parser.expectWords("is");
  return { kind: "comment", object, name, text: parser.take("null") ? null : parser.string() };
}

/**
 * Queries: WITH, SELECT, VALUES, TABLE, set operations and the clauses after them.
 *
 * @module
 */
import type {
  CommonTable,
  Expression,
  GroupBy,
  GroupItem,
  NamedTable,
  Query,
  QueryBody,
  Select,
  SelectItem,
  SetOperation,
  WindowSpecification,
  With,
} from "../query/ast.ts";
import type { Identifier } from "../query/ast.ts";
import { NOT_COLUMN_ALIAS } from "./keywords.ts";
import { parseOrderItem, parseWindow } from "./parse_call.ts";
import { parseStar } from "./parse_primary.ts";
import { parseTableReference } from "./parse_table_reference.ts";
import type { Draft, Parser } from "./parser.ts";
import { POWER } from "./precedence.ts";

/** A full query. Parentheses that add nothing are dropped. */
export function parseQuery(parser: Parser): Query {
  return parser.deeper(() => {
    const { from } = parser.token;
    const ctes = parser.isWord("with") ? parseWith(parser) : undefined;
    return queryAfterWith(parser, from, ctes);
  });
}

/** The rest of a query whose WITH clause was read. */
export function queryAfterWith(parser: Parser, from: number, ctes: With | undefined): Query {
  const node: Draft<Query> = { kind: "query", body: setExpression(parser, 0) };
  if (ctes !== undefined) node.with = ctes;
  if (parser.take("order")) {
    parser.expectWords("by");
    const all = parser.isWord("all") && parser.peek(1).type !== "operator";
    node.orderBy = all ? (parser.advance(), "all") : parser.list(parseOrderItem);
  }
  while (limitClause(parser, node) || lockClause(parser, node));
  const { body } = node;
  const plain = ctes === undefined && node.orderBy === undefined && node.limit === undefined &&
    node.offset === undefined && node.fetch === undefined && node.locks === undefined;
  return body.kind === "query" && plain ? body : parser.node<Query>(from, node);
}

/** One of LIMIT, OFFSET and FETCH, each at most once. */
function limitClause(parser: Parser, node: Draft<Query>): boolean {
  if (node.limit === undefined && node.fetch === undefined && parser.take("limit")) {
    node.limit = parser.take("all") ? "all" : parser.expression();
    if (node.limit !== "all" && node.offset === undefined && parser.takeMark(",")) {
      node.offset = node.limit;
      node.limit = parser.expression();
    }
    return true;
  }
  if (node.offset === undefined && parser.take("offset")) {
    node.offset = parser.expression();
    parser.takeAnyOf("rows", "row");
    return true;
  }
  if (node.limit !== undefined || node.fetch !== undefined || !parser.take("fetch")) return false;
  if (parser.takeAnyOf("first", "next") === undefined) parser.fail("FIRST or NEXT");
  const count = parser.isWord("row") || parser.isWord("rows") ? undefined : parser.expression(POWER.additive);
  if (parser.takeAnyOf("rows", "row") === undefined) parser.fail("ROWS");
  const withTies = parser.takeAll("with", "ties");
  if (!withTies) parser.expectWords("only");
  node.fetch = count === undefined ? { withTies } : { count, withTies };
  return true;
}

function lockClause(parser: Parser, node: Draft<Query>): boolean {
  if (!parser.isWord("for")) return false;
  parser.advance();
  const mode = parser.takeAnyOf("no key update", "update", "key share", "share");
  if (mode === undefined) parser.fail("UPDATE or SHARE");
  const of = parser.take("of") ? parser.list((inner) => inner.name()) : [];
  const wait = parser.takeAnyOf("nowait", "skip locked");
  node.locks = [...(node.locks ?? []), wait === undefined ? { mode, of } : { mode, of, wait }];
  return true;
}

/** The WITH clause. */
export function parseWith(parser: Parser): With {
  parser.expectWords("with");
  const recursive = parser.take("recursive");
  return { recursive, tables: parser.list(commonTable) };
}

function commonTable(parser: Parser): CommonTable {
  const { from } = parser.token;
  const name = parser.identifier();
  const columns = parser.isMark("(") ? parser.identifierList() : undefined;
  parser.expectWords("as");
  const materialized = parser.takeAnyOf("materialized", "not materialized");
  const statement = parser.parenthesized((inner) => {
    const found = inner.deeper(() => inner.statement());
    switch (found.kind) {
      case "query":
      case "insert":
      case "update":
      case "delete":
      case "merge":
        return found;
      default:
        return inner.reject(
          "Unexpected statement in WITH, expected a query or a data change",
          found.span ?? inner.token,
        );
    }
  });
  const node: Draft<CommonTable> = { name, statement };
  if (columns !== undefined) node.columns = columns;
  if (materialized !== undefined) node.materialized = materialized === "materialized";
  searchClause(parser, node);
  cycleClause(parser, node);
  return parser.node<CommonTable>(from, node);
}

function searchClause(parser: Parser, node: Draft<CommonTable>): void {
  if (!parser.take("search")) return;
  const order = parser.takeAnyOf("depth", "breadth");
  if (order === undefined) parser.fail("DEPTH or BREADTH");
  parser.expectWords("first", "by");
  const by = parser.list((inner) => inner.identifier());
  parser.expectWords("set");
  node.search = { depthFirst: order === "depth", by, set: parser.identifier() };
}

function cycleClause(parser: Parser, node: Draft<CommonTable>): void {
  if (!parser.take("cycle")) return;
  const columns = parser.list((inner) => inner.identifier());
  parser.expectWords("set");
  const set = parser.identifier();
  let values: { to: Expression; otherwise: Expression } | undefined;
  if (parser.take("to")) {
    const to = parser.expression();
    parser.expectWords("default");
    values = { to, otherwise: parser.expression() };
  }
  parser.expectWords("using");
  node.cycle = { columns, set, ...values, using: parser.identifier() };
}

/** Set operations bind to the left; INTERSECT binds tighter than UNION and EXCEPT. */
function setExpression(parser: Parser, power: number): QueryBody {
  const { from } = parser.token;
  let left = queryPrimary(parser);
  for (let length = 1;; length++) {
    const word = parser.isWord("union") || parser.isWord("except") || parser.isWord("minus") ||
        parser.isWord("intersect")
      ? parser.token.value
      : undefined;
    if (word === undefined) return left;
    const operator = word === "union" || word === "intersect" ? word : "except";
    const own = operator === "intersect" ? 2 : 1;
    if (own <= power) return left;
    parser.checkChain(length);
    parser.advance();
    const all = parser.take("all");
    if (!all) parser.take("distinct");
    const byName = parser.takeAll("by", "name");
    const right = setExpression(parser, own);
    const node: Draft<SetOperation> = { kind: "setOperation", operator, all, left, right };
    if (byName) node.byName = true;
    left = parser.node<SetOperation>(from, node);
  }
}

function queryPrimary(parser: Parser): QueryBody {
  const { from } = parser.token;
  if (parser.isMark("(")) {
    const query = parser.parenthesized((inner) => inner.query());
    return query.parenthesized === true ? query : { ...query, parenthesized: true };
  }
  if (parser.take("values")) {
    const rows = parser.list((inner) => inner.parenthesizedList((value) => value.expression()));
    return parser.node<QueryBody>(from, { kind: "values", rows });
  }
  if (parser.take("table")) return tableCommand(parser, from);
  if (!parser.take("select")) parser.fail("SELECT");
  return select(parser, from);
}

/** `TABLE t` is short for `SELECT * FROM t`. */
function tableCommand(parser: Parser, from: number): Select {
  const start = parser.token.from;
  const only = parser.take("only");
  const name = parser.name("a table name");
  const table = only ? { kind: "table" as const, name, only } : { kind: "table" as const, name };
  const star = parser.node<Expression>(start, { kind: "star", table: [] });
  return parser.node<Select>(from, {
    kind: "select",
    items: [parser.node<SelectItem>(start, { expression: star })],
    from: [parser.node<NamedTable>(start, table)],
  });
}

/** PostgreSQL allows a SELECT without items. */
function hasItems(parser: Parser): boolean {
  const { type, value } = parser.token;
  if (type === "end") return parser.tracing;
  if (type === "mark") return value !== ")" && value !== ";";
  return type !== "word" ||
    !["from", "where", "group", "having", "window", "order", "limit", "into", "union", "except", "intersect"]
      .includes(value);
}

function select(parser: Parser, from: number): Select {
  const node: Draft<Select> = { kind: "select", items: [], from: [] };
  if (parser.take("distinct")) {
    node.distinct = parser.take("on") ? parser.parenthesizedList((inner) => inner.expression()) : true;
  } else parser.take("all");
  if (node.distinct !== undefined || hasItems(parser)) node.items = parseSelectItems(parser);
  if (parser.take("into")) {
    parser.takeAnyOf("temporary", "temp", "unlogged");
    parser.take("table");
    node.into = parser.name("a table name");
  }
  if (parser.take("from")) node.from = parser.list(parseTableReference);
  if (parser.take("where")) node.where = parser.expression();
  if (parser.take("group")) node.groupBy = groupBy(parser);
  if (parser.take("having")) node.having = parser.expression();
  if (parser.take("window")) node.windows = parser.list(namedWindow);
  if (parser.take("qualify")) {
    node.qualify = parser.expression();
    if (node.windows === undefined && parser.take("window")) node.windows = parser.list(namedWindow);
  }
  return parser.node<Select>(from, node);
}

const AFTER_GROUP_BY: ReadonlySet<string> = new Set(
  ["having", "window", "qualify", "order", "limit", "offset", "fetch", "for", "union", "except", "intersect"]
    .concat(["minus", "returning", "on", "with"]),
);

function groupBy(parser: Parser): GroupBy {
  parser.expectWords("by");
  if (parser.isWord("all")) {
    const next = parser.peek(1);
    const ends = next.type === "end" || (next.type === "mark" && next.value !== "(" && next.value !== "[") ||
      (next.type === "word" && AFTER_GROUP_BY.has(next.value));
    parser.advance();
    return ends ? { all: true, items: [] } : { items: parser.list(groupItem) };
  }
  const distinct = parser.take("distinct");
  const items = parser.list(groupItem);
  return distinct ? { distinct, items } : { items };
}

function groupItem(parser: Parser): GroupItem {
  const { from } = parser.token;
  if (parser.isMark("(") && parser.markAt(1, ")")) {
    parser.advance();
    parser.advance();
    return parser.node<GroupItem>(from, { kind: "empty" });
  }
  const rollup = parser.isWord("rollup");
  if ((rollup || parser.isWord("cube")) && parser.markAt(1, "(")) {
    parser.advance();
    const items = parser.parenthesizedList((inner) => inner.expression());
    return parser.node<GroupItem>(from, { kind: rollup ? "rollup" : "cube", items });
  }
  if (parser.takeAll("grouping", "sets")) {
    const items = parser.deeper(() => parser.parenthesizedList(groupItem));
    return parser.node<GroupItem>(from, { kind: "sets", items });
  }
  return parser.node<GroupItem>(from, { kind: "expression", expression: parser.expression() });
}

function namedWindow(parser: Parser): { name: Identifier; specification: WindowSpecification } {
  const name = parser.identifier();
  parser.expectWords("as");
  return { name, specification: parseWindow(parser) };
}

/** A list of output columns, as after SELECT and RETURNING. */
export function parseSelectItems(parser: Parser): SelectItem[] {
  return parser.list(parseSelectItem);
}

/** One output column. */
export function parseSelectItem(parser: Parser): SelectItem {
  const { from } = parser.token;
  if (parser.takeOperator("*")) {
    return parser.node<SelectItem>(from, { expression: parseStar(parser, from, []) });
  }
  const node: Draft<SelectItem> = { expression: parser.expression() };
  if (parser.take("as")) {
    if (!parser.nameAt(0)) parser.fail("an alias");
    node.alias = parser.anyIdentifier();
  } else if (node.expression.kind !== "star") {
    parser.want("alias");
    const { type, value } = parser.token;
    if (type === "quoted" || (type === "word" && !NOT_COLUMN_ALIAS.has(value))) {
      node.alias = parser.anyIdentifier();
    }
  }
  return parser.node<SelectItem>(from, node);
}

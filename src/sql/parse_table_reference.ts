/**
 * Table references: names, subqueries, functions, joins, PIVOT, samples and aliases.
 *
 * @module
 */
import type {
  ColumnType,
  Expression,
  JoinedTable,
  NamedTable,
  PivotedTable,
  SelectItem,
  TableAlias,
  TableFunction,
  TableReference,
  TableSample,
} from "../query/ast.ts";
import { CALL_WORDS, JOIN_STARTS, JOIN_WORDS, NILADIC, NOT_TABLE_ALIAS } from "./keywords.ts";
import { parseCall } from "./parse_call.ts";
import { startsQuery } from "./parse_primary.ts";
import type { Draft, Parser } from "./parser.ts";

/** A table with all the joins that follow it. */
export function parseTableReference(parser: Parser): TableReference {
  return parser.deeper(() => {
    const { from } = parser.token;
    let left = tablePrimary(parser);
    for (let length = 1; startsJoin(parser); length++) {
      parser.checkChain(length);
      left = join(parser, left, from);
    }
    return left;
  });
}

function startsJoin(parser: Parser): boolean {
  return parser.isOneOf(JOIN_STARTS);
}

function join(parser: Parser, left: TableReference, from: number): JoinedTable {
  const natural = parser.take("natural");
  const asof = parser.take("asof");
  const type = natural || !parser.take("cross")
    ? parser.takeAnyOf("inner", "left", "right", "full", "semi", "anti")
    : "cross";
  if (type === "left" || type === "right" || type === "full") parser.take("outer");
  parser.expectWords("join");
  const rightFrom = parser.token.from;
  let right = tablePrimary(parser);
  const node: Draft<JoinedTable> = { kind: "join", type: type ?? "inner", left, right };
  if (natural) node.natural = true;
  if (asof) node.asof = true;
  if (type === "cross" || natural) return parser.node<JoinedTable>(from, node);
  for (let length = 1; startsJoin(parser); length++) {
    parser.checkChain(length);
    right = parser.deeper(() => join(parser, right, rightFrom));
  }
  node.right = right;
  if (parser.take("match_condition")) node.match = parser.parenthesized((inner) => inner.expression());
  if (parser.take("on")) node.on = parser.expression();
  else if (parser.take("using")) {
    node.using = parser.identifierList();
    if (parser.take("as")) node.usingAlias = parser.identifier();
  } else if (node.match === undefined) parser.fail("ON or USING");
  return parser.node<JoinedTable>(from, node);
}

function tablePrimary(parser: Parser): TableReference {
  const { from } = parser.token;
  parser.want("table");
  const lateral = parser.take("lateral");
  if (parser.isMark("(") && !startsQuery(parser, 1)) {
    if (lateral) parser.fail("a query");
    const inner = parser.parenthesized(parseTableReference);
    if (inner.kind !== "join") parser.fail("a join");
    const alias = parseAlias(parser);
    return pivots(parser, alias === undefined ? inner : parser.node(from, { ...inner, alias }), from);
  }
  const node: Draft<TableReference> = unaliased(parser, from, lateral);
  const alias = parseAlias(parser);
  if (alias !== undefined) node.alias = alias;
  const sample = node.kind === "table" ? tableSample(parser) : undefined;
  if (sample !== undefined) node.sample = sample;
  return pivots(parser, parser.node<TableReference>(from, node), from);
}

function unaliased(parser: Parser, from: number, lateral: boolean): TableReference {
  const flag = lateral ? { lateral } : {};
  if (parser.isMark("(")) {
    const query = parser.parenthesized((inner) => inner.query());
    return parser.node<TableReference>(from, { kind: "derived", query, ...flag });
  }
  if (parser.isWord("rows") && parser.wordAt(1, "from") && parser.markAt(2, "(")) {
    parser.advance();
    parser.advance();
    const calls = parser.parenthesizedList(recordCall);
    return ordinality(parser, { kind: "tableFunction", rowsFrom: true, calls, ...flag });
  }
  if (parser.isWord("table") && parser.markAt(1, "(")) {
    parser.advance();
    const call = parser.parenthesized((inner) => inner.expression());
    return { kind: "tableFunction", calls: [{ call }], ...flag };
  }
  const only = parser.take("only");
  if (only && parser.takeMark("(")) {
    const name = parser.name("a table name");
    parser.expectMark(")");
    return { kind: "table", name, only };
  }
  const call = only ? undefined : tableCall(parser);
  if (call !== undefined) return ordinality(parser, { kind: "tableFunction", calls: [{ call }], ...flag });
  if (lateral) parser.fail("a query or a function");
  const name = parser.name("a table name");
  parser.takeOperator("*");
  const table: Draft<NamedTable> = { kind: "table", name };
  if (only) table.only = true;
  if (parser.isWord("at") && parser.wordAt(1, "version")) table.version = atVersion(parser);
  return table;
}

/** `AT VERSION 12`. */
function atVersion(parser: Parser): number {
  parser.expectWords("at", "version");
  const { type, value } = parser.token;
  if (type !== "number" || !Number.isSafeInteger(Number(value))) parser.fail("a version, such as 12");
  parser.advance();
  return Number(value);
}

/** A function call in FROM, when one stands here. */
function tableCall(parser: Parser): Expression | undefined {
  const { type, value, from } = parser.token;
  if (type === "word" && NILADIC.has(value)) {
    const name = [parser.anyIdentifier()];
    if (parser.isMark("(")) return parseCall(parser, name, from);
    return parser.node<Expression>(from, { kind: "call", name, arguments: [], bare: true });
  }
  if (type === "word" && CALL_WORDS.has(value) && parser.markAt(1, "(")) return parser.expression();
  if (type === "word" && JOIN_WORDS.has(value)) return parseCall(parser, [parser.anyIdentifier()], from);
  const start = parser.index;
  const name = parser.name("a table name");
  if (parser.isMark("(")) return parseCall(parser, name, from);
  parser.seek(start);
  return undefined;
}

function recordCall(parser: Parser): { call: Expression; types?: readonly ColumnType[] } {
  const call = tableCall(parser);
  if (call === undefined) parser.fail("a function");
  return parser.take("as") ? { call, types: columnTypes(parser) } : { call };
}

function ordinality(parser: Parser, node: TableFunction): TableFunction {
  return parser.takeAll("with", "ordinality") ? { ...node, ordinality: true } : node;
}

/** `PIVOT (aggregates FOR column IN (values))`, any number of times. */
function pivots(parser: Parser, table: TableReference, from: number): TableReference {
  let result = table;
  while (parser.isWord("pivot") && parser.markAt(1, "(")) {
    parser.advance();
    parser.expectMark("(");
    const aggregates = parser.list(pivotItem);
    parser.expectWords("for");
    const column = parser.name();
    parser.expectWords("in");
    const values = parser.parenthesizedList(pivotItem);
    parser.expectMark(")");
    const node: Draft<PivotedTable> = { kind: "pivot", table: result, aggregates, column, values };
    const alias = parseAlias(parser);
    if (alias !== undefined) node.alias = alias;
    result = parser.node<PivotedTable>(from, node);
  }
  return result;
}

function pivotItem(parser: Parser): SelectItem {
  const { from } = parser.token;
  const node: Draft<SelectItem> = { expression: parser.expression() };
  if (parser.take("as") || (parser.isName() && !parser.isWord("for"))) node.alias = parser.anyIdentifier();
  return parser.node<SelectItem>(from, node);
}

/** `[AS] name [(columns)]`, or column types for functions that return records. */
export function parseAlias(parser: Parser): TableAlias | undefined {
  const { from } = parser.token;
  const as = parser.take("as");
  if (as && parser.isMark("(")) {
    const name = { name: "", span: { from: parser.token.from, to: parser.token.from } };
    return parser.node<TableAlias>(from, { name, types: columnTypes(parser) });
  }
  parser.want("alias");
  const { type, value } = parser.token;
  if (!as && type !== "quoted" && (type !== "word" || NOT_TABLE_ALIAS.has(value))) return undefined;
  const node: Draft<TableAlias> = { name: parser.identifier("an alias") };
  if (parser.isMark("(")) {
    const typed = parser.nameAt(1) && !parser.markAt(2, ",") && !parser.markAt(2, ")");
    if (typed) node.types = columnTypes(parser);
    else node.columns = parser.identifierList();
  }
  return parser.node<TableAlias>(from, node);
}

function columnTypes(parser: Parser): ColumnType[] {
  return parser.parenthesizedList((inner) => ({ name: inner.identifier(), type: inner.type() }));
}

function tableSample(parser: Parser): TableSample | undefined {
  const standard = parser.isWord("tablesample");
  if (!standard && !(parser.isWord("sample") && (parser.markAt(1, "(") || parser.markAt(2, "(")))) {
    return undefined;
  }
  parser.advance();
  const node: Draft<TableSample> = { arguments: [] };
  if (!parser.isMark("(")) node.method = parser.name().map((part) => part.name).join(".");
  parser.expectMark("(");
  node.arguments = parser.expressions();
  const unit = parser.takeAnyOf("rows", "percent");
  if (unit !== undefined) node.unit = unit;
  parser.expectMark(")");
  if (parser.takeAnyOf("repeatable", "seed") !== undefined) {
    node.seed = parser.parenthesized((inner) => inner.expression());
  }
  return node;
}

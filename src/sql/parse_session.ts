/**
 * Statements about the session: SHOW, DESCRIBE, SET, transactions, ANALYZE, EXPLAIN and COPY.
 *
 * @module
 */
import type {
  Analyze,
  Begin,
  Copy,
  DataStatement,
  Describe,
  Explain,
  Property,
  PropertyValue,
  Rollback,
  SetVariable,
  Show,
} from "../query/ast.ts";
import { startsQuery } from "./parse_primary.ts";
import { parseOptions, parsePropertyValue } from "./parse_property.ts";
import type { Draft, Parser } from "./parser.ts";

const SHOWN = [
  "dynamic tables",
  "materialized views",
  "tables",
  "views",
  "columns",
  "indexes",
  "schemas",
  "databases",
  "warehouses",
  "functions",
  "parameters",
  "alerts",
] as const;

/** SHOW, after its first word. */
export function parseShow(parser: Parser): Show {
  if (parser.takeAll("time", "zone")) return { kind: "show", subject: "timezone" };
  if (parser.takeAll("transaction", "isolation", "level")) {
    return { kind: "show", subject: "transaction_isolation" };
  }
  if (parser.take("all")) return { kind: "show", subject: "all" };
  const terse = parser.isWord("terse") && parser.peek(1).type === "word" && (parser.advance(), true);
  const objects = parser.takeAnyOf(...SHOWN);
  if (objects === undefined) return { kind: "show", subject: settingName(parser) };
  const node: Draft<Show> = { kind: "show", subject: objects };
  if (terse) node.terse = true;
  if (parser.take("like")) node.like = parser.string();
  if (parser.take("in") || parser.take("from")) showScope(parser, node);
  if (parser.takeAll("starts", "with")) node.startsWith = parser.string();
  if (parser.take("limit")) {
    if (parser.token.type !== "number") parser.fail("a number");
    node.limit = Number(parser.advance().value);
  }
  return node;
}

function showScope(parser: Parser, node: Draft<Show>): void {
  const scope = parser.takeAnyOf("account", "schema", "database", "table", "view", "dynamic table");
  if (scope !== undefined) node.scope = scope;
  const more = parser.isName() && !parser.isWord("starts") && !parser.isWord("limit");
  if (scope === undefined || (scope !== "account" && more)) node.name = parser.name();
}

function settingName(parser: Parser): string {
  return parser.name("a setting").map((part) => part.name).join(".");
}

/** DESCRIBE or DESC, after its first word. */
export function parseDescribe(parser: Parser): Describe {
  const object = parser.isWord("table") || !startsQuery(parser);
  if (!object) return { kind: "describe", query: parser.query() };
  if (parser.nameAt(1)) parser.takeAnyOf("dynamic table", "materialized view", "table", "view");
  return { kind: "describe", name: parser.name("a table name") };
}

/** SET, after its first word. */
export function parseSet(parser: Parser): SetVariable {
  const local = parser.isWord("local") && parser.peek(1).type === "word" && (parser.advance(), true);
  if (!local && parser.isWord("session") && parser.peek(1).type === "word" && !parser.wordAt(1, "to")) {
    parser.advance();
  }
  if (parser.take("transaction")) {
    const modes = parseTransactionModes(parser);
    if (modes.length === 0) parser.fail("a transaction mode");
    return { kind: "set", name: "transaction", value: modes, local: true };
  }
  const zone = parser.takeAll("time", "zone");
  const node: Draft<SetVariable> = { kind: "set", name: zone ? "timezone" : settingName(parser), local };
  if (!zone && !parser.take("to") && !parser.takeOperator("=")) parser.fail('TO or "="');
  if (parser.take("default") || (zone && parser.take("local"))) return node;
  const [first, ...more] = zone ? [timeZone(parser)] : parser.list(parsePropertyValue);
  if (first !== undefined) node.value = more.length === 0 ? first : [first, ...more];
  return node;
}

function timeZone(parser: Parser): PropertyValue {
  return parser.isWord("interval") ? parser.expression() : parsePropertyValue(parser);
}

/** RESET, after its first word; RESET ALL has the name `all`. */
export function parseReset(parser: Parser): SetVariable {
  if (parser.take("all")) return { kind: "set", name: "all", local: false };
  const name = parser.takeAll("time", "zone") ? "timezone" : settingName(parser);
  return { kind: "set", name, local: false };
}

/** BEGIN or START TRANSACTION, after its first word. */
export function parseBegin(parser: Parser): Begin {
  parser.takeAnyOf("work", "transaction");
  return { kind: "begin", modes: parseTransactionModes(parser) };
}

const MODES = [
  "isolation level serializable",
  "isolation level repeatable read",
  "isolation level read committed",
  "isolation level read uncommitted",
  "read only",
  "read write",
  "not deferrable",
  "deferrable",
] as const;

function parseTransactionModes(parser: Parser): string[] {
  const modes: string[] = [];
  for (;;) {
    const comma = modes.length > 0 && parser.takeMark(",");
    const mode = parser.takeAnyOf(...MODES);
    if (mode !== undefined) modes.push(mode);
    else if (comma) parser.fail("a transaction mode");
    else return modes;
  }
}

/** ROLLBACK or ABORT, after its first word. */
export function parseRollback(parser: Parser): Rollback {
  parser.takeAnyOf("work", "transaction");
  if (!parser.take("to")) return { kind: "rollback" };
  parser.take("savepoint");
  return { kind: "rollback", savepoint: parser.identifier() };
}

/** ANALYZE, after its first word. */
export function parseAnalyze(parser: Parser): Analyze {
  const node: Draft<Analyze> = { kind: "analyze" };
  if (!parser.isName()) return node;
  node.table = parser.name("a table name");
  if (parser.isMark("(")) node.columns = parser.identifierList();
  return node;
}

const EXPLAINABLE: ReadonlySet<string> = new Set(
  ["select", "with", "values", "table", "insert", "update", "delete", "merge", "create", "refresh", "alter"],
);

/** EXPLAIN, after its first word. */
export function parseExplain(parser: Parser): Explain {
  let options: Property[] = [];
  let analyze = false;
  if (parser.isMark("(") && !startsQuery(parser, 1)) {
    options = parseOptions(parser);
    analyze = options.some(({ name, value }) => name === "analyze" && value !== false);
  } else {
    analyze = parser.takeAnyOf("analyze", "analyse") !== undefined;
    const { from } = parser.token;
    if (parser.take("verbose")) options = [parser.node<Property>(from, { name: "verbose" })];
  }
  if (!parser.isOneOf(EXPLAINABLE) && !parser.isMark("(")) parser.fail("a statement that can be explained");
  return { kind: "explain", analyze, options, statement: parser.deeper((inner) => inner.statement()) };
}

/** COPY, after its first word. */
export function parseCopy(parser: Parser): Copy {
  const source = copySource(parser);
  const direction = parser.takeAnyOf("from", "to");
  if (direction === undefined || (source.kind === "query" && direction === "from")) parser.fail("TO");
  const stream = parser.takeAnyOf("stdin", "stdout");
  const file = stream ?? parser.string("a file name, STDIN or STDOUT");
  parser.take("with");
  const options = parser.isMark("(") ? parseOptions(parser) : [];
  const node: Draft<Copy> = { kind: "copy", direction, source, file, options };
  if (parser.take("where")) node.where = parser.expression();
  return node;
}

function copySource(parser: Parser): Copy["source"] {
  if (!parser.isMark("(")) {
    const name = parser.name("a table name");
    return parser.isMark("(")
      ? { kind: "table", name, columns: parser.identifierList() }
      : { kind: "table", name };
  }
  const { from, to } = parser.peek(1);
  const found = parser.parenthesized((inner) => inner.deeper(() => inner.statement()));
  if (!isDataStatement(found)) parser.reject("COPY takes a query or a data change", { from, to });
  return { kind: "query", query: found };
}

function isDataStatement(statement: { readonly kind: string }): statement is DataStatement {
  return ["query", "insert", "update", "delete", "merge"].includes(statement.kind);
}

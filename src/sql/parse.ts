/**
 * The entry of the parser: SQL text to statements, one statement or one expression.
 *
 * Wires the statement families together, enforces the limits, and on failure parses once more with a trace to
 * say what was expected. Linear in the text; no state outlives a call.
 *
 * @module
 */
import { QueryError } from "../base/error.ts";
import type { Expression, Statement } from "../query/ast.ts";
import { lex } from "./lex.ts";
import { parseAlter } from "./parse_alter.ts";
import { parseDataChange } from "./parse_data_statement.ts";
import { parseComment, parseCreate, parseDrop, parseRefresh, parseTruncate } from "./parse_definition.ts";
import { parseExpression as expressionRule } from "./parse_expression.ts";
import { parseQuery, parseWith, queryAfterWith } from "./parse_query.ts";
import {
  parseAnalyze,
  parseBegin,
  parseCopy,
  parseDescribe,
  parseExplain,
  parseReset,
  parseRollback,
  parseSet,
  parseShow,
} from "./parse_session.ts";
import { parseType } from "./parse_type.ts";
import { type ParseOptions, Parser, type Rules, type Trace } from "./parser.ts";
import { limitError, syntaxError, syntaxHint } from "./sql_error.ts";
import type { Token } from "./token.ts";

export type { ParseOptions } from "./parser.ts";

const TOKEN_COUNT_MAX = 200_000;

const RULES: Rules = {
  expression: expressionRule,
  query: parseQuery,
  statement: parseAnyStatement,
  type: parseType,
};

/** What begins with a word of its own; each rule starts after that word. */
const STATEMENTS: Readonly<Record<string, (parser: Parser, from: number) => Statement>> = {
  create: parseCreate,
  alter: parseAlter,
  drop: parseDrop,
  truncate: parseTruncate,
  refresh: parseRefresh,
  comment: parseComment,
  explain: parseExplain,
  copy: parseCopy,
  show: parseShow,
  describe: parseDescribe,
  desc: parseDescribe,
  set: parseSet,
  reset: parseReset,
  analyze: parseAnalyze,
  analyse: parseAnalyze,
  begin: parseBegin,
  start: (parser) => {
    if (!parser.isWord("transaction")) parser.fail("TRANSACTION");
    return parseBegin(parser);
  },
  commit: parseCommit,
  end: parseCommit,
  rollback: parseRollback,
  abort: parseRollback,
  savepoint: (parser) => ({ kind: "savepoint", name: parser.identifier(), release: false }),
  release: (parser) => {
    parser.take("savepoint");
    return { kind: "savepoint", name: parser.identifier(), release: true };
  },
};

function parseCommit(parser: Parser): Statement {
  parser.takeAnyOf("work", "transaction");
  return { kind: "commit" };
}

function parseAnyStatement(parser: Parser): Statement {
  const { from, type, value } = parser.token;
  if (parser.isWord("with")) {
    const ctes = parseWith(parser);
    return parseDataChange(parser, from, ctes) ?? queryAfterWith(parser, from, ctes);
  }
  const query = ["select", "values", "table"].some((word) => parser.isWord(word)) || parser.isMark("(");
  if (query) return parser.query();
  const change = parseDataChange(parser, from, undefined);
  if (change !== undefined) return change;
  for (const word in STATEMENTS) parser.want(word.toUpperCase());
  const rule = type === "word" && Object.hasOwn(STATEMENTS, value) ? STATEMENTS[value] : undefined;
  if (rule === undefined) return parser.fail();
  parser.advance();
  return parser.node(from, rule(parser, from));
}

function statementList(parser: Parser): Statement[] {
  const statements: Statement[] = [];
  for (;;) {
    while (parser.takeMark(";"));
    if (parser.atEnd()) {
      if (parser.tracing) parser.statement();
      return statements;
    }
    statements.push(parser.statement());
    if (!parser.isMark(";")) return parser.atEnd() ? statements : parser.fail();
  }
}

/** What is expected besides words and marks. */
const MARKERS: ReadonlySet<string> = new Set(
  ["name", "table", "column", "function", "type", "alias", "operator"],
);

/** Runs a rule; on a syntax error runs it again with a trace at the failing place. */
function run<R>(sql: string, options: ParseOptions, rule: (parser: Parser) => R): R {
  requireSize(sql, options.characterCountMax);
  const tokens = lex(sql, options.tokenCountMax ?? TOKEN_COUNT_MAX);
  try {
    return rule(new Parser({ sql, tokens, rules: RULES, options }));
  } catch (error) {
    if (!(error instanceof QueryError) || error.place === undefined) throw error;
    throw explained(error, { sql, tokens, options, rule, at: error.place.from });
  }
}

/** Runs before the text is looked at. */
function requireSize(sql: string, limit = Infinity): void {
  if (sql.length <= limit) return;
  const reason = `Statement is too long: ${sql.length} characters, and the limit is ${limit}`;
  throw limitError(sql, { from: limit, to: sql.length }, reason, {
    code: "token-limit",
    limit,
    option: "statementCharactersMax",
  });
}

interface Attempt<R> {
  readonly sql: string;
  readonly tokens: readonly Token[];
  readonly options: ParseOptions;
  readonly rule: (parser: Parser) => R;
  readonly at: number;
}

/** The same error with what was expected, and a hint. */
function explained<R>(error: QueryError, attempt: Attempt<R>): QueryError {
  const { sql } = attempt;
  const expected = traced(attempt);
  const place = error.place;
  const reason = error.details["reason"];
  if (place === undefined || typeof reason !== "string" || !reason.startsWith("Unexpected")) return error;
  return syntaxError(sql, place, reason, { expected, hint: syntaxHint(sql, place, expected) });
}

function traced<R>({ sql, tokens, options, rule, at }: Attempt<R>): string[] {
  const trace: Trace = { at, expected: new Set() };
  try {
    rule(new Parser({ sql, tokens, rules: RULES, options, trace }));
  } catch (error) {
    // The first failure again: only the trace matters.
    if (!(error instanceof QueryError)) throw error;
  }
  return [...trace.expected].filter((what) => MARKERS.has(what) || /^(?:[A-Z_]+|[^\w\s"]+)$/.test(what));
}

/** The statements of `sql`, which are separated by semicolons. */
export function parseStatements(sql: string, options: ParseOptions = {}): Statement[] {
  return run(sql, options, statementList);
}

/** The one statement of `sql`. */
export function parseStatement(sql: string, options: ParseOptions = {}): Statement {
  return run(sql, options, (parser) => {
    const statement = parser.statement();
    while (parser.takeMark(";"));
    if (!parser.atEnd()) parser.fail("end of input");
    return statement;
  });
}

/** The one expression of `sql`. */
export function parseExpression(sql: string, options: ParseOptions = {}): Expression {
  return run(sql, options, (parser) => {
    const expression = parser.expression();
    if (!parser.atEnd()) parser.fail("end of input");
    return expression;
  });
}

/**
 * What may stand at `offset`, for completion: upper-case keywords, marks, and the markers `name`, `table`,
 * `column`, `function`, `type`, `alias` and `operator`. A word that ends at `offset` is taken as half typed.
 */
export function expectedAt(sql: string, offset: number, options: ParseOptions = {}): string[] {
  const text = sql.slice(0, offset).replace(/[\p{L}_][\p{L}\p{N}_$]*$/u, "");
  let tokens: Token[];
  try {
    tokens = lex(text, options.tokenCountMax ?? TOKEN_COUNT_MAX);
  } catch (error) {
    if (error instanceof QueryError) return [];
    throw error;
  }
  return traced({ sql: text, tokens, options, rule: statementList, at: text.length }).sort();
}

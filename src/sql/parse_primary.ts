/**
 * What an expression can begin with: literals, names, parentheses, CASE, casts, constructors.
 *
 * @module
 */
import type {
  Case,
  ColumnReference,
  Expression,
  FunctionCall,
  Identifier,
  IntervalLiteral,
  QualifiedName,
  SelectItem,
  Star,
  TypedLiteral,
  TypeName,
} from "../query/ast.ts";
import {
  CALL_WORDS,
  CALLABLE_WORDS,
  INTERVAL_UNITS,
  JOIN_WORDS,
  NILADIC,
  QUERY_TAIL,
  RESERVED,
} from "./keywords.ts";
import { parseCall, parseSpecialCall, SPECIAL_CALLS } from "./parse_call.ts";
import { parseIntervalFields } from "./parse_type.ts";
import type { Draft, Parser } from "./parser.ts";
import { COMPARISONS, POWER } from "./precedence.ts";

/** Whether a query (in any number of parentheses) starts `offset` tokens ahead. */
export function startsQuery(parser: Parser, offset = 0): boolean {
  let at = offset;
  while (at < offset + parser.depthMax && parser.markAt(at, "(")) at++;
  return isQueryWord(parser, at) && (at === offset || isQueryInParentheses(parser, offset, at));
}

function isQueryWord(parser: Parser, at: number): boolean {
  if (at === 0) parser.want("SELECT");
  const { type, value } = parser.peek(at);
  if (type !== "word") return false;
  if (value === "select" || value === "with") return true;
  return (value === "values" && parser.markAt(at + 1, "(")) || (value === "table" && parser.nameAt(at + 1));
}

/**
 * Tokens from `open` are parentheses before a query word at `word`: `((SELECT 1) + 2)` is an expression,
 * `((SELECT 1) UNION SELECT 2)` and `((SELECT 1))` are queries. Decides by what follows each closing one.
 */
function isQueryInParentheses(parser: Parser, open: number, word: number): boolean {
  let remaining = word - open;
  for (let depth = remaining, at = word;; at++) {
    const token = parser.peek(at);
    if (token.type === "end") return true;
    if (token.type !== "mark") continue;
    if (token.value === "(") depth++;
    else if (token.value === ")" && --depth < remaining) {
      const next = parser.peek(at + 1);
      if (next.type === "word" && QUERY_TAIL.has(next.value)) return true;
      const closes = next.type === "end" ||
        (next.type === "mark" && (next.value === ")" || next.value === ";"));
      if (!closes) return false;
      if (--remaining === 0) return true;
    }
  }
}

/** What may begin an operand, for completion. */
const PREFIX_WORDS = "column function ( ARRAY CASE CAST EXISTS FALSE INTERVAL NOT NULL ROW TRUE".split(" ");

/** An operand with its prefix operators. */
export function parsePrefix(parser: Parser): Expression {
  const { type, value, from, prefix } = parser.token;
  if (parser.tracing) { for (const word of PREFIX_WORDS) parser.want(word); }
  switch (type) {
    case "number":
      parser.advance();
      return parser.node<Expression>(from, { kind: "number", text: value });
    case "string":
      parser.advance();
      return parser.node<Expression>(
        from,
        prefix === undefined ? { kind: "string", value } : { kind: "string", value, prefix },
      );
    case "parameter":
      parser.advance();
      return parser.node<Expression>(from, { kind: "parameter", index: Number(value) });
    case "operator":
      return prefixOperator(parser);
    case "mark":
      return prefixMark(parser);
    case "end":
      return parser.fail("an expression");
    case "word":
      return prefixWord(parser, from, value) ?? prefixName(parser);
    case "quoted":
      return prefixName(parser);
  }
}

function prefixOperator(parser: Parser): Expression {
  const { value: operator, from } = parser.token;
  if (
    COMPARISONS.has(operator) || operator === "=>" || (operator.length === 1 && "*/%^".includes(operator))
  ) {
    parser.fail("an expression");
  }
  parser.advance();
  const power = operator === "+" || operator === "-" ? POWER.sign - 1 : POWER.other;
  return parser.node<Expression>(from, { kind: "unary", operator, argument: parser.expression(power) });
}

function prefixMark(parser: Parser): Expression {
  const { value, from, to } = parser.token;
  if (value === "(") return parenthesized(parser, from);
  if (value === ":" && parser.nameAt(1) && parser.peek(1).from === to) {
    parser.advance();
    const { from: start, to: end } = parser.advance();
    return parser.node<Expression>(from, { kind: "parameter", name: parser.sql.slice(start, end) });
  }
  if (value === "[") return arrayItems(parser, from);
  return parser.fail("an expression");
}

function parenthesized(parser: Parser, from: number): Expression {
  if (startsQuery(parser, 1)) {
    const query = parser.parenthesized(() => parser.query());
    return parser.node<Expression>(from, { kind: "subquery", query });
  }
  const items = parser.parenthesized(() => parser.expressions());
  const [only] = items;
  if (only !== undefined && items.length === 1) return only;
  return parser.node<Expression>(from, { kind: "row", items, explicit: false });
}

function arrayItems(parser: Parser, from: number): Expression {
  return parser.deeper(() => {
    parser.expectMark("[");
    parser.bracketDepth++;
    const items = parser.isMark("]")
      ? []
      : parser.list(() => parser.isMark("[") ? arrayItems(parser, parser.token.from) : parser.expression());
    parser.bracketDepth--;
    parser.expectMark("]");
    return parser.node<Expression>(from, { kind: "array", items });
  });
}

/** Words with a grammar of their own; `undefined` when this one is an ordinary name here. */
function prefixWord(parser: Parser, from: number, word: string): Expression | undefined {
  switch (word) {
    case "null":
      parser.advance();
      return parser.node<Expression>(from, { kind: "null" });
    case "true":
    case "false":
      parser.advance();
      return parser.node<Expression>(from, { kind: "boolean", value: word === "true" });
    case "default":
      parser.advance();
      return parser.node<Expression>(from, { kind: "default" });
    case "not":
      parser.advance();
      return parser.node<Expression>(from, { kind: "not", argument: parser.expression(POWER.not - 1) });
    case "case":
      return parseCase(parser, from);
    case "interval":
      return intervalLiteral(parser, from);
    case "timestamp":
    case "time":
    case "double":
    case "bit":
    case "character":
    case "char":
    case "national":
      return typedLiteral(parser, from);
    case "array":
      parser.advance();
      if (parser.isMark("[")) return arrayItems(parser, from);
      if (!parser.isMark("(")) parser.fail('"[" or "("');
      return parser.node<Expression>(from, {
        kind: "arrayQuery",
        query: parser.parenthesized(() => parser.query()),
      });
    case "cast":
      return parseCast(parser, from);
  }
  if (NILADIC.has(word)) return niladic(parser, from);
  return parser.markAt(1, "(") ? prefixCallWord(parser, from, word) : undefined;
}

/** Words with a grammar of their own when a parenthesis follows. */
function prefixCallWord(parser: Parser, from: number, word: string): Expression | undefined {
  switch (word) {
    case "exists":
      parser.advance();
      return parser.node<Expression>(from, {
        kind: "exists",
        query: parser.parenthesized(() => parser.query()),
      });
    case "try_cast":
    case "safe_cast":
      return parseCast(parser, from);
    case "row": {
      parser.advance();
      const items = parser.parenthesized(() => parser.isMark(")") ? [] : parser.expressions());
      return parser.node<Expression>(from, { kind: "row", items, explicit: true });
    }
    default:
      return SPECIAL_CALLS.has(word) ? parseSpecialCall(parser, from, word) : undefined;
  }
}

function parseCast(parser: Parser, from: number): Expression {
  const tolerant = parser.advance().value !== "cast";
  parser.expectMark("(");
  const argument = parser.expression();
  parser.expectWords("as");
  const type = parser.type();
  parser.expectMark(")");
  return parser.node<Expression>(from, { kind: "cast", argument, type, style: "cast", tolerant });
}

function parseCase(parser: Parser, from: number): Case {
  parser.advance();
  const branches: { when: Expression; then: Expression }[] = [];
  const node: Draft<Case> = { kind: "case", branches };
  if (!parser.isWord("when")) node.operand = parser.expression();
  while (parser.take("when")) {
    const when = parser.expression();
    parser.expectWords("then");
    branches.push({ when, then: parser.expression() });
  }
  if (branches.length === 0) parser.fail("WHEN");
  if (parser.take("else")) node.otherwise = parser.expression();
  parser.expectWords("end");
  return parser.node<Case>(from, node);
}

/** `INTERVAL '3' DAY`, `INTERVAL (2) '3.14159 s'`, and `INTERVAL 3 DAY` as other dialects write it. */
function intervalLiteral(parser: Parser, from: number): Expression | undefined {
  const next = parser.peek(1);
  const node: Draft<IntervalLiteral> = { kind: "interval", value: next.value };
  if (next.type === "string" || (next.type === "number" && INTERVAL_UNITS.has(parser.peek(2).value))) {
    parser.advance();
    parser.advance();
    const { fields, precision } = parseIntervalFields(parser);
    if (fields !== undefined) node.fields = fields;
    if (precision !== undefined) node.precision = precision;
    return parser.node<IntervalLiteral>(from, node);
  }
  const precision = parser.markAt(1, "(") && parser.peek(2).type === "number" && parser.markAt(3, ")");
  if (!precision || parser.peek(4).type !== "string") return undefined;
  node.precision = Number(parser.peek(2).value);
  for (let i = 0; i < 4; i++) parser.advance();
  node.value = parser.advance().value;
  return parser.node<IntervalLiteral>(from, node);
}

/** `TIMESTAMP(3) WITH TIME ZONE '...'` and other types of several words before a string. */
function typedLiteral(parser: Parser, from: number): Expression | undefined {
  let at = 1;
  while (parser.wordAt(at, "precision") || parser.wordAt(at, "varying") || parser.wordAt(at, "character")) {
    at++;
  }
  if (parser.markAt(at, "(") && parser.peek(at + 1).type === "number" && parser.markAt(at + 2, ")")) at += 3;
  if ((parser.wordAt(at, "with") || parser.wordAt(at, "without")) && parser.wordAt(at + 1, "time")) at += 3;
  if (at === 1 || parser.peek(at).type !== "string") return undefined;
  const type = parser.type();
  return parser.node<TypedLiteral>(from, { kind: "typed", type, value: parser.advance().value });
}

/** `CURRENT_DATE`; also with parentheses, as Snowflake writes `CURRENT_TIMESTAMP()`. */
function niladic(parser: Parser, from: number): FunctionCall {
  const name = [parser.anyIdentifier()];
  if (parser.isMark("(")) return parseCall(parser, name, from);
  return parser.node<FunctionCall>(from, { kind: "call", name, arguments: [], bare: true });
}

/** A column, a call, a typed literal or `t.*`. */
function prefixName(parser: Parser): Expression {
  const { from, type, value } = parser.token;
  if (type === "word" && RESERVED.has(value)) parser.fail("an expression");
  const joinWord = type === "word" && JOIN_WORDS.has(value);
  const name = qualified(parser);
  const callWord = type === "word" && name.length === 1 && CALL_WORDS.has(value);
  if (joinWord && name.length === 1 && !parser.isMark("(") && parser.token.type !== "string") {
    parser.fail('"("');
  }
  if (parser.isMark("(") && (!callWord || CALLABLE_WORDS.has(value) || !literalFollows(parser))) {
    if (callWord && !CALLABLE_WORDS.has(value)) {
      if (value === "interval") parser.advance();
      parser.fail();
    }
    return parseCall(parser, name, from);
  }
  if ((parser.token.type === "string" && parser.token.prefix === undefined) || parser.isMark("(")) {
    return namedLiteral(parser, name, from);
  }
  if (parser.isMark(".") && parser.operatorAt(1, "*")) {
    parser.advance();
    parser.advance();
    return parseStar(parser, from, name);
  }
  return parser.node<ColumnReference>(from, { kind: "column", name });
}

function qualified(parser: Parser): QualifiedName {
  const name: Identifier[] = [parser.anyIdentifier()];
  while (parser.isMark(".") && !parser.operatorAt(1, "*")) {
    parser.advance();
    name.push(parser.anyIdentifier());
  }
  return name;
}

/** Whether `numeric(10, 2) '1.5'` stands here: a modifier list before a string. */
function literalFollows(parser: Parser): boolean {
  let at = 1;
  while (parser.peek(at).type === "number" || parser.markAt(at, ",")) at++;
  return parser.markAt(at, ")") && parser.peek(at + 1).type === "string";
}

function namedLiteral(parser: Parser, name: QualifiedName, from: number): TypedLiteral {
  const modifiers = parser.isMark("(") ? parser.parenthesizedList(() => Number(parser.advance().value)) : [];
  const words = name.map((part) => part.quoted === true ? `"${part.name.replaceAll('"', '""')}"` : part.name);
  const type = parser.node<TypeName>(from, { kind: "type", name: words.join("."), modifiers, dimensions: 0 });
  return parser.node<TypedLiteral>(from, { kind: "typed", type, value: parser.advance().value });
}

/** What follows `*` or `t.*`: EXCLUDE, REPLACE and RENAME. */
export function parseStar(parser: Parser, from: number, table: QualifiedName): Star {
  const node: Draft<Star> = { kind: "star", table };
  if ((parser.isWord("exclude") || parser.isWord("except")) && parser.markAt(1, "(")) {
    parser.advance();
    node.exclude = parser.parenthesizedList((inner) => inner.name());
  } else if (parser.isWord("exclude") && parser.nameAt(1)) {
    parser.advance();
    node.exclude = [parser.name()];
  }
  if (parser.isWord("replace") && parser.markAt(1, "(")) {
    parser.advance();
    node.replace = parser.parenthesizedList(replacement);
  }
  if (parser.isWord("rename") && (parser.markAt(1, "(") || parser.nameAt(1))) {
    parser.advance();
    node.rename = parser.isMark("(") ? parser.parenthesizedList(renaming) : [renaming(parser)];
  }
  return parser.node<Star>(from, node);
}

function replacement(parser: Parser): SelectItem {
  const { from } = parser.token;
  const expression = parser.expression();
  parser.expectWords("as");
  return parser.node<SelectItem>(from, { expression, alias: parser.anyIdentifier() });
}

function renaming(parser: Parser): { from: Identifier; to: Identifier } {
  const from = parser.identifier();
  parser.expectWords("as");
  return { from, to: parser.anyIdentifier() };
}

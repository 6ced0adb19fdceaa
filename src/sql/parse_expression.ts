/**
 * Expressions: a Pratt parser over the binding powers of precedence.ts.
 *
 * Operators are read in a loop, so only nesting costs stack; AND and OR come out flat. Linear in the tokens,
 * but for the look-ahead that tells `((SELECT 1) + 2)` from `((SELECT 1) UNION SELECT 2)`, which is bounded by
 * nesting depth times tokens.
 *
 * @module
 */
import type {
  Between,
  Binary,
  Expression,
  Identifier,
  InList,
  InQuery,
  IsDistinctFrom,
  IsTest,
  Like,
  Logical,
  PathAccess,
  QuantifiedArray,
  QuantifiedQuery,
  Slice,
} from "../query/ast.ts";
import { parsePrefix, startsQuery } from "./parse_primary.ts";
import type { Draft, Parser } from "./parser.ts";
import { COMPARISONS, operatorPower, POWER } from "./precedence.ts";

const RANGE_WORDS: ReadonlySet<string> = new Set(["between", "in", "like", "ilike", "similar"]);
const INFIX_WORDS = ["AND", "OR", "IS", "IN", "BETWEEN", "LIKE", "NOT"];

/** What an infix rule gets: the operand read so far, where it began, and the power it must exceed. */
interface Left {
  readonly left: Expression;
  readonly from: number;
  readonly power: number;
}

/** An expression whose operators all bind tighter than `power`. */
export function parseExpression(parser: Parser, power: number): Expression {
  return parser.deeper(() => {
    const first = parser.token;
    let left = parsePrefix(parser);
    let accessible = first.type === "parameter" || (first.type === "mark" && first.value !== "[") ||
      left.kind === "column";
    for (let length = 1;; length++) {
      if (parser.tracing) wantInfix(parser);
      const next = infix(parser, { left, from: first.from, power }, accessible);
      if (next === undefined) return left;
      parser.checkChain(length);
      accessible = next.kind === "subscript" || next.kind === "slice" || next.kind === "field";
      left = next;
    }
  });
}

function wantInfix(parser: Parser): void {
  parser.want("operator");
  for (const word of INFIX_WORDS) parser.want(word);
}

function infix(parser: Parser, input: Left, accessible: boolean): Expression | undefined {
  const { type, value } = parser.token;
  if (type === "word") return infixWord(parser, input, value);
  if (type === "operator") return infixOperator(parser, input, value);
  return type === "mark" ? postfix(parser, input, accessible) : undefined;
}

function infixOperator(
  parser: Parser,
  { left, from, power }: Left,
  operator: string,
): Expression | undefined {
  const own = operatorPower(operator);
  if (own <= power) return undefined;
  parser.advance();
  const quantified = parseQuantified(parser, { left, from, power }, normal(operator));
  if (quantified !== undefined) return quantified;
  const node = parser.node<Binary>(from, {
    kind: "binary",
    operator: normal(operator),
    left,
    right: parser.expression(own),
  });
  if (own === POWER.comparison && parser.token.type === "operator" && COMPARISONS.has(parser.token.value)) {
    parser.fail();
  }
  return node;
}

function normal(operator: string): string {
  return operator === "!=" ? "<>" : operator;
}

/** `ANY (...)`, `SOME (...)` or `ALL (...)` after an operator. */
function parseQuantified(parser: Parser, { left, from }: Left, operator: string): Expression | undefined {
  const any = parser.isWord("any") || parser.isWord("some");
  if (!any && !parser.isWord("all")) return undefined;
  parser.advance();
  const quantifier = any ? "any" : "all";
  if (parser.isMark("(") && startsQuery(parser, 1)) {
    const query = parser.parenthesized(() => parser.query());
    return parser.node<QuantifiedQuery>(from, { kind: "quantifiedQuery", operator, quantifier, left, query });
  }
  const array = parser.parenthesized(() => parser.expression());
  return parser.node<QuantifiedArray>(from, { kind: "quantifiedArray", operator, quantifier, left, array });
}

/** `::type`, `[index]`, `.field` and `:path`. */
function postfix(parser: Parser, { left, from, power }: Left, accessible: boolean): Expression | undefined {
  const { value, to } = parser.token;
  if (power >= POWER.cast) return undefined;
  switch (value) {
    case "::":
      parser.advance();
      return parser.node<Expression>(from, {
        kind: "cast",
        argument: left,
        type: parser.type(),
        style: "colon",
        tolerant: false,
      });
    case "[":
      if (!accessible && left.kind !== "call" && left.kind !== "array") return undefined;
      return subscript(parser, left, from);
    case ".": {
      if (!accessible) return undefined;
      parser.advance();
      const name = parser.takeOperator("*") ? "*" : parser.anyIdentifier();
      return parser.node<Expression>(from, { kind: "field", argument: left, name });
    }
    case ":": {
      const names = (left.kind === "column" || left.kind === "path") && parser.peek(1).from === to &&
        parser.nameAt(1) && parser.bracketDepth === 0;
      return names ? path(parser, left, from) : undefined;
    }
    default:
      return undefined;
  }
}

function path(parser: Parser, argument: Expression, from: number): PathAccess {
  parser.advance();
  const names: Identifier[] = [parser.anyIdentifier()];
  while (parser.takeMark(".")) names.push(parser.anyIdentifier());
  return parser.node<PathAccess>(from, { kind: "path", argument, path: names });
}

function subscript(parser: Parser, argument: Expression, from: number): Expression {
  parser.expectMark("[");
  parser.bracketDepth++;
  const namedParameter = parser.isMark(":") && parser.peek(1).type === "word" &&
    parser.peek(1).from === parser.token.to;
  const low = parser.isMark(":") && !namedParameter ? undefined : parser.expression();
  const isSlice = low === undefined ? (parser.advance(), true) : parser.takeMark(":");
  const high = isSlice && !parser.isMark("]") ? parser.expression() : undefined;
  parser.bracketDepth--;
  parser.expectMark("]");
  if (!isSlice && low !== undefined) {
    return parser.node<Expression>(from, { kind: "subscript", argument, index: low });
  }
  const node: Draft<Slice> = { kind: "slice", argument };
  if (low !== undefined) node.low = low;
  if (high !== undefined) node.high = high;
  return parser.node<Slice>(from, node);
}

function infixWord(parser: Parser, input: Left, word: string): Expression | undefined {
  const { power } = input;
  const negated = word === "not" && parser.peek(1).type === "word" && RANGE_WORDS.has(parser.peek(1).value);
  switch (negated ? parser.peek(1).value : word) {
    case "and":
      return power < POWER.and ? logical(parser, input, "and") : undefined;
    case "or":
      return power < POWER.or ? logical(parser, input, "or") : undefined;
    case "is":
      return power < POWER.is ? isTest(parser, input) : undefined;
    case "isnull":
    case "notnull":
      if (power >= POWER.is) return undefined;
      parser.advance();
      return parser.node<IsTest>(input.from, {
        kind: "is",
        argument: input.left,
        test: "null",
        negated: word === "notnull",
      });
    case "in":
      return power < POWER.range ? inList(parser, input, negated) : undefined;
    case "between":
      return power < POWER.range ? between(parser, input, negated) : undefined;
    case "like":
    case "ilike":
    case "similar":
      return power < POWER.range ? like(parser, input, negated) : undefined;
    default:
      return infixName(parser, input, word);
  }
}

/** `AT TIME ZONE`, `COLLATE`, `OVERLAPS` and `OPERATOR(schema.op)`. */
function infixName(parser: Parser, { left, from, power }: Left, word: string): Expression | undefined {
  switch (word) {
    case "at": {
      const local = parser.wordAt(1, "local");
      if (power >= POWER.at || !(local || parser.wordAt(1, "time"))) return undefined;
      parser.advance();
      if (parser.take("local")) return parser.node<Expression>(from, { kind: "atTimeZone", argument: left });
      parser.expectWords("time", "zone");
      return parser.node<Expression>(from, {
        kind: "atTimeZone",
        argument: left,
        zone: parser.expression(POWER.at),
      });
    }
    case "collate":
      if (power >= POWER.collate) return undefined;
      parser.advance();
      return parser.node<Expression>(from, { kind: "collate", argument: left, collation: parser.name() });
    case "overlaps":
      if (power >= POWER.other) return undefined;
      parser.advance();
      return parser.node<Binary>(from, {
        kind: "binary",
        operator: "overlaps",
        left,
        right: parser.expression(POWER.other),
      });
    case "operator": {
      if (power >= POWER.other || !parser.markAt(1, "(")) return undefined;
      parser.advance();
      parser.expectMark("(");
      const schema: Identifier[] = [];
      while (parser.nameAt(0)) {
        schema.push(parser.anyIdentifier());
        parser.expectMark(".");
      }
      if (parser.token.type !== "operator") parser.fail("an operator");
      const operator = normal(parser.advance().value);
      parser.expectMark(")");
      return parser.node<Binary>(from, {
        kind: "binary",
        operator,
        schema,
        left,
        right: parser.expression(POWER.other),
      });
    }
    default:
      return undefined;
  }
}

function logical(parser: Parser, { left, from }: Left, kind: "and" | "or"): Logical {
  const items = left.kind === kind ? [...left.arguments] : [left];
  const own = kind === "and" ? POWER.and : POWER.or;
  while (parser.take(kind)) {
    items.push(parser.expression(own));
    parser.checkChain(items.length - 1);
  }
  return parser.node<Logical>(from, { kind, arguments: items });
}

function isTest(parser: Parser, { left, from }: Left): Expression {
  parser.advance();
  const negated = parser.take("not");
  if (parser.take("distinct")) {
    parser.expectWords("from");
    const right = parser.expression(POWER.is);
    if (parser.isWord("is")) parser.fail();
    return parser.node<IsDistinctFrom>(from, { kind: "isDistinctFrom", left, right, negated });
  }
  const test = parser.takeAnyOf(
    "null",
    "true",
    "false",
    "unknown",
    "document",
    "normalized",
    "json value",
    "json scalar",
    "json array",
    "json object",
    "json",
  );
  if (test === undefined) parser.fail("NULL, TRUE, FALSE, UNKNOWN or DISTINCT FROM");
  return parser.node<IsTest>(from, { kind: "is", argument: left, test, negated });
}

function inList(parser: Parser, { left, from }: Left, negated: boolean): Expression {
  if (negated) parser.advance();
  parser.advance();
  if (startsQuery(parser, 1) && parser.isMark("(")) {
    const query = parser.parenthesized(() => parser.query());
    return parser.node<InQuery>(from, { kind: "inQuery", argument: left, query, negated });
  }
  const items = parser.parenthesized(() => parser.expressions());
  return parser.node<InList>(from, { kind: "inList", argument: left, items, negated });
}

function between(parser: Parser, { left, from }: Left, negated: boolean): Between {
  if (negated) parser.advance();
  parser.advance();
  const symmetric = parser.take("symmetric");
  if (!symmetric) parser.take("asymmetric");
  const low = parser.expression(POWER.range);
  parser.expectWords("and");
  const high = parser.expression(POWER.range);
  failAtRange(parser);
  return parser.node<Between>(from, { kind: "between", argument: left, low, high, negated, symmetric });
}

function like(parser: Parser, input: Left, negated: boolean): Expression {
  const { left, from } = input;
  if (negated) parser.advance();
  const word = parser.advance().value;
  const operator = word === "like" || word === "ilike" ? word : "similar";
  if (operator === "similar") parser.expectWords("to");
  else {
    const quantified = parseQuantified(parser, input, (negated ? "not " : "") + operator);
    if (quantified !== undefined) return quantified;
  }
  const node: Draft<Like> = {
    kind: "like",
    operator,
    argument: left,
    pattern: parser.expression(POWER.range),
    negated,
  };
  if (parser.take("escape")) node.escape = parser.expression(POWER.range);
  failAtRange(parser);
  return parser.node<Like>(from, node);
}

/** BETWEEN, IN and LIKE do not associate. */
function failAtRange(parser: Parser): void {
  const { type, value } = parser.token;
  if (type !== "word") return;
  const next = parser.peek(1);
  if (RANGE_WORDS.has(value)) parser.fail();
  if (value === "not" && next.type === "word" && RANGE_WORDS.has(next.value)) parser.fail();
}

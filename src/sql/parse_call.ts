/**
 * Function calls: arguments, the special grammars of EXTRACT and its kin, aggregates' clauses and windows.
 *
 * @module
 */
import type {
  Argument,
  Expression,
  FrameBound,
  FunctionCall,
  OrderItem,
  QualifiedName,
  StringLiteral,
  WindowFrame,
  WindowName,
  WindowSpecification,
} from "../query/ast.ts";
import type { Draft, Parser } from "./parser.ts";
import { POWER } from "./precedence.ts";

/** Functions whose arguments can be separated by words. */
export const SPECIAL_CALLS: ReadonlySet<string> = new Set([
  "extract",
  "position",
  "substring",
  "trim",
  "overlay",
]);

/** The call of `name`, from its opening parenthesis on. */
export function parseCall(parser: Parser, name: QualifiedName, from: number): FunctionCall {
  const node: Draft<FunctionCall> = { kind: "call", name, arguments: [] };
  parser.expectMark("(");
  if (parser.takeOperator("*")) {
    node.star = true;
  } else if (!parser.isMark(")")) argumentList(parser, node);
  parser.expectMark(")");
  return callTail(parser, node, from);
}

function argumentList(parser: Parser, node: Draft<FunctionCall>): void {
  if (parser.take("distinct")) node.distinct = true;
  else if (parser.isWord("all") && !parser.markAt(1, ")")) parser.advance();
  const json = node.name[0]?.name.startsWith("json") === true;
  const none = node.distinct !== true && (parser.isWord("order") || (json && parser.isWord("returning")));
  if (!none) node.arguments = parser.list(argument);
  if (parser.takeAll("order", "by")) node.orderBy = parser.list(parseOrderItem);
  if (node.arguments.length > 0 && parser.take("separator")) {
    node.arguments = [...node.arguments, { value: parser.expression() }];
  }
  nullTreatment(parser, node);
  if (!json) return;
  const onNull = parser.takeAnyOf("absent on null", "null on null");
  if (onNull !== undefined) node.onNull = onNull === "null on null" ? "null" : "absent";
  if (parser.take("returning")) node.returning = parser.type();
}

function argument(parser: Parser): Argument {
  if (parser.take("variadic")) return { value: parser.expression(), variadic: true };
  if (parser.nameAt(0) && (parser.operatorAt(1, "=>") || parser.markAt(1, ":="))) {
    const name = parser.anyIdentifier();
    parser.advance();
    return { value: parser.expression(), name };
  }
  const value = parser.expression();
  if (value.kind === "string" && parser.takeMark(":")) return { key: value, value: parser.expression() };
  if (parser.isWord("value") && !["mark", "end"].includes(parser.peek(1).type)) {
    parser.advance();
    return { key: value, value: parser.expression() };
  }
  return { value };
}

function nullTreatment(parser: Parser, node: Draft<FunctionCall>): void {
  if (node.nulls !== undefined) return;
  const words = parser.takeAnyOf("ignore nulls", "respect nulls");
  if (words !== undefined) node.nulls = words === "ignore nulls" ? "ignore" : "respect";
}

/** What may follow the closing parenthesis: WITHIN GROUP, FILTER, IGNORE NULLS, OVER. */
function callTail(parser: Parser, node: Draft<FunctionCall>, from: number): FunctionCall {
  if (parser.takeAll("within", "group")) {
    node.withinGroup = parser.parenthesized(() => {
      parser.expectWords("order", "by");
      return parser.list(parseOrderItem);
    });
  }
  nullTreatment(parser, node);
  if (parser.take("filter")) {
    node.filter = parser.parenthesized(() => {
      parser.expectWords("where");
      return parser.expression();
    });
  }
  nullTreatment(parser, node);
  if (parser.take("over")) node.over = parser.isMark("(") ? parseWindow(parser) : windowName(parser);
  return parser.node<FunctionCall>(from, node);
}

function windowName(parser: Parser): WindowName {
  const { from } = parser.token;
  return parser.node<WindowName>(from, { kind: "windowName", name: parser.identifier() });
}

/** The call of one of {@linkcode SPECIAL_CALLS}; plain argument lists have no `syntax`. */
export function parseSpecialCall(parser: Parser, from: number, word: string): FunctionCall {
  const name = [parser.anyIdentifier()];
  parser.expectMark("(");
  const { values, syntax } = specialArguments(parser, word);
  parser.expectMark(")");
  const node: Draft<FunctionCall> = { kind: "call", name, arguments: values.map((value) => ({ value })) };
  if (syntax !== undefined) node.syntax = syntax;
  return callTail(parser, node, from);
}

/** Arguments in the order of the plain function, and the special syntax they were written in. */
interface SpecialArguments {
  readonly values: Expression[];
  readonly syntax?: string;
}

function specialArguments(parser: Parser, word: string): SpecialArguments {
  switch (word) {
    case "extract":
      return extractArguments(parser);
    case "position":
      return positionArguments(parser);
    case "trim":
      return trimArguments(parser);
    case "overlay":
      return overlayArguments(parser);
    default:
      return substringArguments(parser);
  }
}

function plainArguments(parser: Parser, first: Expression): SpecialArguments {
  const values = [first];
  while (parser.takeMark(",")) values.push(parser.expression());
  return { values };
}

function extractArguments(parser: Parser): SpecialArguments {
  const { from, type } = parser.token;
  const value = type === "string" ? parser.advance().value : parser.anyIdentifier().name;
  const field = parser.node<StringLiteral>(from, { kind: "string", value });
  if (!parser.takeMark(",")) parser.expectWords("from");
  return { values: [field, parser.expression()], syntax: "extract" };
}

function positionArguments(parser: Parser): SpecialArguments {
  const first = parser.expression(POWER.range);
  if (!parser.take("in")) return plainArguments(parser, first);
  return { values: [first, parser.expression(POWER.range)], syntax: "position" };
}

/** The text comes first, as in `btrim(text, characters)`. */
function trimArguments(parser: Parser): SpecialArguments {
  const side = parser.takeAnyOf("both", "leading", "trailing");
  const syntax = `trim ${side ?? "both"}`;
  if (parser.take("from")) return { values: parser.expressions(), syntax };
  const first = parser.expression();
  if (parser.take("from")) {
    const [text, ...more] = parser.expressions();
    return { values: text === undefined ? [first] : [text, first, ...more], syntax };
  }
  const { values } = plainArguments(parser, first);
  return { values, syntax };
}

function overlayArguments(parser: Parser): SpecialArguments {
  const first = parser.expression();
  if (!parser.take("placing")) return plainArguments(parser, first);
  const values = [first, parser.expression()];
  parser.expectWords("from");
  values.push(parser.expression());
  if (parser.take("for")) values.push(parser.expression());
  return { values, syntax: "overlay" };
}

function substringArguments(parser: Parser): SpecialArguments {
  const first = parser.expression(POWER.range);
  if (parser.take("from")) {
    const values = [first, parser.expression()];
    if (parser.take("for")) values.push(parser.expression());
    return { values, syntax: "substring from" };
  }
  if (parser.take("for")) {
    const length = parser.expression();
    if (!parser.take("from")) return { values: [first, length], syntax: "substring for" };
    return { values: [first, parser.expression(), length], syntax: "substring from" };
  }
  if (parser.take("similar")) {
    const pattern = parser.expression(POWER.range);
    parser.expectWords("escape");
    return { values: [first, pattern, parser.expression()], syntax: "substring similar" };
  }
  return plainArguments(parser, first);
}

/** One item of ORDER BY. */
export function parseOrderItem(parser: Parser): OrderItem {
  const { from } = parser.token;
  const node: Draft<OrderItem> = { expression: parser.expression() };
  const direction = parser.takeAnyOf("asc", "desc");
  if (direction !== undefined) node.direction = direction;
  else if (parser.take("using")) {
    if (parser.token.type !== "operator") parser.fail("an operator");
    node.using = parser.advance().value;
  }
  if (parser.take("nulls")) {
    const place = parser.takeAnyOf("first", "last");
    if (place === undefined) parser.fail("FIRST or LAST");
    node.nulls = place;
  }
  return parser.node<OrderItem>(from, node);
}

const FRAME_UNITS = ["rows", "range", "groups"] as const;

/** A window in parentheses. */
export function parseWindow(parser: Parser): WindowSpecification {
  const { from } = parser.token;
  parser.expectMark("(");
  const node: Draft<WindowSpecification> = { kind: "window", partitionBy: [], orderBy: [] };
  const clause = parser.isWord("partition") || FRAME_UNITS.some((unit) => parser.isWord(unit));
  if (!clause && parser.isName()) node.base = parser.identifier();
  if (parser.take("partition")) {
    parser.expectWords("by");
    node.partitionBy = parser.expressions();
  }
  if (parser.take("order")) {
    parser.expectWords("by");
    node.orderBy = parser.list(parseOrderItem);
  }
  const unit = parser.takeAnyOf(...FRAME_UNITS);
  if (unit !== undefined) node.frame = frame(parser, unit);
  parser.expectMark(")");
  return parser.node<WindowSpecification>(from, node);
}

function frame(parser: Parser, unit: WindowFrame["unit"]): WindowFrame {
  const between = parser.take("between");
  const node: Draft<WindowFrame> = { unit, start: bound(parser) };
  if (between) {
    parser.expectWords("and");
    node.end = bound(parser);
  }
  if (parser.take("exclude")) {
    const exclude = parser.takeAnyOf("current row", "group", "ties", "no others");
    if (exclude === undefined) parser.fail("CURRENT ROW, GROUP, TIES or NO OTHERS");
    node.exclude = exclude;
  }
  return node;
}

function bound(parser: Parser): FrameBound {
  if (parser.isWord("unbounded") && (parser.wordAt(1, "preceding") || parser.wordAt(1, "following"))) {
    parser.advance();
    return { kind: parser.advance().value === "preceding" ? "unboundedPreceding" : "unboundedFollowing" };
  }
  if (parser.takeAll("current", "row")) return { kind: "currentRow" };
  const offset = parser.expression(POWER.range);
  const kind = parser.takeAnyOf("preceding", "following");
  if (kind === undefined) parser.fail("PRECEDING or FOLLOWING");
  return { kind, offset };
}

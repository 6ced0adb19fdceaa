/**
 * Property lists: `(name = value, ...)` as in WITH, COPY and EXPLAIN, and `NAME = value ...` as in Snowflake.
 *
 * @module
 */
import type { Property, PropertyValue } from "../query/ast.ts";
import { RESERVED } from "./keywords.ts";
import type { Draft, Parser } from "./parser.ts";

const BOOLEANS: Readonly<Record<string, boolean>> = { true: true, on: true, false: false, off: false };

/** A value: a string, a number, a word (kept as a string, ON and TRUE as booleans), or a list of them. */
export function parsePropertyValue(parser: Parser): PropertyValue {
  const { type, value } = parser.token;
  if (type === "string") return parser.advance().value;
  if (type === "number") return Number(parser.advance().value.replaceAll("_", ""));
  if ((parser.isOperator("-") || parser.isOperator("+")) && parser.peek(1).type === "number") {
    const sign = parser.advance().value === "-" ? -1 : 1;
    return sign * Number(parser.advance().value);
  }
  if (parser.isMark("(")) return parser.deeper(() => parser.parenthesizedList(parsePropertyValue));
  if (type === "parameter") return parser.expression(14);
  if (parser.isOperator("*")) return parser.advance().value;
  if (type === "word" && Object.hasOwn(BOOLEANS, value)) {
    parser.advance();
    return BOOLEANS[value] ?? false;
  }
  if (type === "word" && RESERVED.has(value)) parser.fail("a value");
  return parser.anyIdentifier().name;
}

/** `(name [= value], ...)` as in WITH and SET. */
export function parseProperties(parser: Parser): Property[] {
  return parser.parenthesizedList(() => {
    const { from } = parser.token;
    const node: Draft<Property> = { name: propertyName(parser) };
    if (parser.takeOperator("=")) node.value = parsePropertyValue(parser);
    return parser.node<Property>(from, node);
  });
}

/** `(name [value], ...)` as in COPY and EXPLAIN. */
export function parseOptions(parser: Parser): Property[] {
  return parser.parenthesizedList(() => {
    const { from } = parser.token;
    const node: Draft<Property> = { name: propertyName(parser) };
    if (!parser.isMark(",") && !parser.isMark(")")) node.value = parsePropertyValue(parser);
    return parser.node<Property>(from, node);
  });
}

function propertyName(parser: Parser): string {
  const parts = [parser.anyIdentifier().name];
  while (parser.takeMark(".")) {
    parts.push(parser.anyIdentifier().name);
  }
  return parts.join(".");
}

/** `NAME = value`. */
export function parseAssignedProperty(parser: Parser): Property {
  const { from } = parser.token;
  const { name } = parser.anyIdentifier();
  parser.expectOperator("=");
  return parser.node<Property>(from, { name, value: parsePropertyValue(parser) });
}

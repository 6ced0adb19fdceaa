/**
 * Type names: `varchar(10)`, `timestamp(3) with time zone`, `interval day to second`, `integer[]`.
 *
 * @module
 */
import type { TypeName } from "../query/ast.ts";
import { CALL_WORDS, INTERVAL_UNITS, JOIN_WORDS, RESERVED, TYPE_WORDS } from "./keywords.ts";
import type { Draft, Parser } from "./parser.ts";

/** Words that continue the name of a type. */
const CONTINUATIONS: ReadonlyMap<string, readonly string[]> = new Map([
  ["double", ["precision"]],
  ["character", ["varying"]],
  ["char", ["varying"]],
  ["bit", ["varying"]],
  ["national", ["character", "char"]],
]);

/** A type as written. */
export function parseType(parser: Parser): TypeName {
  const { from } = parser.token;
  const node: Draft<TypeName> = { kind: "type", name: typeWords(parser), modifiers: [], dimensions: 0 };
  if (node.name === "interval") {
    const fields = parseIntervalFields(parser);
    if (fields.fields !== undefined) node.intervalFields = fields.fields;
    if (fields.precision !== undefined) node.modifiers = [fields.precision];
    else if (fields.fields === undefined && parser.isMark("(")) node.modifiers = modifiers(parser);
  } else if (parser.isMark("(")) node.modifiers = modifiers(parser);
  if (node.name === "timestamp" || node.name === "time") {
    if (parser.takeAll("with", "time", "zone")) node.withTimeZone = true;
    else if (parser.takeAll("without", "time", "zone")) node.withTimeZone = false;
  }
  node.dimensions = dimensions(parser);
  return parser.node<TypeName>(from, node);
}

/** The name in canonical form: lower case, one space between words; quoted where the quotes matter. */
function typeWords(parser: Parser): string {
  const { type, value } = parser.token;
  parser.want("type");
  if (type !== "quoted" && (type !== "word" || RESERVED.has(value))) parser.fail("a type");
  if (type === "word" && (JOIN_WORDS.has(value) || (CALL_WORDS.has(value) && !TYPE_WORDS.has(value)))) {
    parser.fail("a type");
  }
  const parts = [typePart(parser)];
  while (parser.takeMark(".")) {
    parts.push(typePart(parser));
  }
  let name = parts.join(".");
  for (const word of CONTINUATIONS.get(name) ?? []) {
    if (parser.take(word)) {
      name += ` ${word}`;
      break;
    }
  }
  if (name === "national") parser.fail("CHARACTER");
  if (name.startsWith("national ") && parser.take("varying")) name += " varying";
  return name;
}

function typePart(parser: Parser): string {
  const { name, quoted } = parser.anyIdentifier();
  return quoted === true ? `"${name.replaceAll('"', '""')}"` : name;
}

function modifiers(parser: Parser): number[] {
  return parser.parenthesizedList(() => {
    const negative = parser.takeOperator("-");
    const value = Number(parser.token.value);
    if (parser.token.type !== "number" || !Number.isInteger(value)) parser.fail("a number");
    parser.advance();
    return negative ? -value : value;
  });
}

function dimensions(parser: Parser): number {
  if (parser.take("array")) {
    if (parser.takeMark("[")) {
      arrayBound(parser);
      parser.expectMark("]");
    }
    return 1;
  }
  let count = 0;
  while (
    parser.isMark("[") &&
    (parser.markAt(1, "]") || (parser.peek(1).type === "number" && parser.markAt(2, "]")))
  ) {
    parser.advance();
    if (!parser.isMark("]")) arrayBound(parser);
    parser.expectMark("]");
    count++;
  }
  return count;
}

/** PostgreSQL ignores the bounds of array types, and so do we. */
function arrayBound(parser: Parser): void {
  if (parser.token.type !== "number") parser.fail("a number");
  parser.advance();
}

function singular(unit: string): string {
  return unit.replace(/s$/, "");
}

/** The fields after INTERVAL: `day to second(3)`; the precision belongs to the last field. */
export function parseIntervalFields(parser: Parser): { fields?: string; precision?: number } {
  if (!parser.isOneOf(INTERVAL_UNITS)) return {};
  let fields = singular(parser.advance().value);
  if (parser.isWord("to") && INTERVAL_UNITS.has(parser.peek(1).value)) {
    parser.advance();
    fields += ` to ${singular(parser.advance().value)}`;
  }
  if (!fields.endsWith("second") || !parser.isMark("(")) return { fields };
  const [precision] = modifiers(parser);
  return precision === undefined ? { fields } : { fields, precision };
}

/**
 * Quoting for SQL, and `format`.
 *
 * @module
 */
import { QueryError } from "../../base/error.ts";
import { characterCount } from "./code_points.ts";

/** Words that PostgreSQL quotes as identifiers: its keywords that are not free everywhere. */
const KEYWORDS: ReadonlySet<string> = new Set(
  ("all analyse analyze and any array as asc asymmetric authorization between bigint binary bit boolean both " +
    "case cast char character check coalesce collate collation column concurrently constraint create cross " +
    "current_catalog current_date current_role current_schema current_time current_timestamp current_user dec " +
    "decimal default deferrable desc distinct do else end except exists extract false fetch float for foreign " +
    "freeze from full grant greatest group grouping having ilike in initially inner inout int integer intersect " +
    "interval into is isnull join lateral leading least left like limit localtime localtimestamp national " +
    "natural nchar none normalize not notnull null nullif numeric offset on only or order out outer overlaps " +
    "overlay placing position precision primary real references returning right row select session_user setof " +
    "similar smallint some substring symmetric system_user table tablesample then time timestamp to trailing " +
    "treat trim true union unique user using values varchar variadic verbose when where window with xmlattributes")
    .split(" "),
);

/** The name as SQL must write it. */
export function quoteIdentifier(name: string): string {
  if (/^[a-z_][a-z0-9_]*$/.test(name) && !KEYWORDS.has(name)) return name;
  return `"${name.replaceAll('"', '""')}"`;
}

/** The text as a SQL literal. */
export function quoteLiteral(text: string): string {
  const quoted = `'${text.replaceAll("'", "''")}'`;
  return text.includes("\\") ? `E${quoted.replaceAll("\\", "\\\\")}` : quoted;
}

const SPECIFIER = /%(?:(\d+)\$)?(-)?(?:(\d+)|\*(?:(\d+)\$)?)?([sIL%])/y;

function invalidFormat(format: string, why: string): QueryError {
  return new QueryError("invalid-value", `Invalid format: ${why}: received ${JSON.stringify(format)}`, {
    details: { format },
    hint: "specifiers are %s, %I, %L and %%, with position as in %1$s",
  });
}

/** `format(format, ...)`: the arguments are already texts, or NULL. */
export function formatText(format: string, args: readonly (string | null)[]): string {
  let result = "";
  let next = 0;
  const take = (position: string | undefined): string | null => {
    const index = position === undefined ? next : Number(position) - 1;
    next = index + 1;
    const value = args[index];
    if (value === undefined) throw invalidFormat(format, "too few arguments");
    return value;
  };
  for (let at = 0; at < format.length;) {
    const percent = format.indexOf("%", at);
    if (percent < 0) return result + format.slice(at);
    result += format.slice(at, percent);
    SPECIFIER.lastIndex = percent;
    const match = SPECIFIER.exec(format);
    if (match === null) throw invalidFormat(format, "unknown specifier");
    at = SPECIFIER.lastIndex;
    const [, position, minus, digits, widthPosition, kind] = match;
    if (kind === "%") {
      result += "%";
      continue;
    }
    const dynamic = match[0].includes("*");
    const width = dynamic ? Number(take(widthPosition) ?? 0) : Number(digits ?? 0);
    result += padTo(converted(kind!, take(position), format), width, minus !== undefined || width < 0);
  }
  return result;
}

function converted(kind: string, value: string | null, format: string): string {
  switch (kind) {
    case "I":
      if (value === null) throw invalidFormat(format, "NULL cannot be an identifier");
      return quoteIdentifier(value);
    case "L":
      return value === null ? "NULL" : quoteLiteral(value);
    default:
      return value ?? "";
  }
}

function padTo(text: string, width: number, alignLeft: boolean): string {
  const padding = " ".repeat(Math.max(0, Math.abs(width) - characterCount(text)));
  return alignLeft ? text + padding : padding + text;
}

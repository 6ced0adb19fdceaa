/**
 * The options of COPY, checked once and named as the readers and writers name them.
 *
 * @module
 */
import { QueryError } from "../../src/base/error.ts";
import type { Copy, PropertyValue } from "../../src/query/ast.ts";
import { suggestion } from "../../src/query/name_suggestion.ts";
import { type FileFormat, formatCalled, formatOfName } from "./file_format.ts";

/** What COPY was told. */
export interface CopyOptions {
  readonly format: FileFormat;
  readonly header?: boolean;
  /** HEADER MATCH: the names in the file must be those of the columns. */
  readonly matchHeader: boolean;
  readonly delimiter?: string;
  readonly nullText?: string;
  readonly quote?: string;
  readonly escape?: string;
  readonly encoding?: string;
  readonly forceQuote?: readonly string[] | "all";
}

const NAMES = [
  "format",
  "header",
  "delimiter",
  "null",
  "quote",
  "escape",
  "encoding",
  "force_quote",
  "freeze",
];

/** The options of `statement`. Without FORMAT the name of the file decides, and else PostgreSQL's text format. */
export function copyOptions(statement: Copy): CopyOptions {
  const given = new Map<string, PropertyValue | undefined>();
  for (const { name, value } of statement.options) {
    if (!NAMES.includes(name)) {
      throw new QueryError("invalid-statement", `COPY has no option "${name}"`, {
        details: { option: name },
        hint: suggestion(name, NAMES) ?? `options are ${NAMES.join(", ")}`,
      });
    }
    given.set(name, value);
  }
  const text = (name: string): string | undefined => {
    const value = given.get(name);
    if (value === undefined || typeof value === "string") return value;
    throw wrongValue(name, value, "a text in quotes");
  };
  const header = headerOf(given);
  const optional = {
    delimiter: text("delimiter"),
    nullText: text("null"),
    quote: text("quote"),
    escape: text("escape"),
    encoding: text("encoding"),
    forceQuote: forceQuoteOf(given),
    header: header === "match" ? true : header,
  };
  return {
    format: copyFormat(statement, text("format")),
    matchHeader: header === "match",
    ...withoutUndefined(optional),
  };
}

/** An object without the members that are undefined. */
type Defined<Members> = { [Name in keyof Members]?: Exclude<Members[Name], undefined> };

function withoutUndefined<Members extends object>(members: Members): Defined<Members> {
  // Entries of the object with its own types, less the undefined ones.
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Defined<
    Members
  >;
}

function copyFormat(statement: Copy, named: string | undefined): FileFormat {
  if (named !== undefined) return formatCalled(named);
  return formatOfName(statement.file) ?? "text";
}

function headerOf(given: ReadonlyMap<string, PropertyValue | undefined>): boolean | "match" | undefined {
  if (!given.has("header")) return undefined;
  const value = given.get("header");
  if (value === undefined) return true;
  if (typeof value === "boolean") return value;
  if (value === 1 || value === 0) return value === 1;
  if (value === "match") return "match";
  throw wrongValue("header", value, "TRUE, FALSE or MATCH");
}

function forceQuoteOf(
  given: ReadonlyMap<string, PropertyValue | undefined>,
): readonly string[] | "all" | undefined {
  const value = given.get("force_quote");
  if (value === undefined) return undefined;
  if (value === "*") return "all";
  const list: unknown = value;
  if (Array.isArray(list) && list.every((item) => typeof item === "string")) return list;
  throw wrongValue("force_quote", value, "a list of columns, or *");
}

function wrongValue(name: string, value: PropertyValue, wanted: string): QueryError {
  return new QueryError("invalid-statement", `COPY option "${name}" takes ${wanted}`, {
    details: { option: name, value },
    hint: `received ${typeof value === "object" ? "a list or an expression" : String(value)}`,
  });
}

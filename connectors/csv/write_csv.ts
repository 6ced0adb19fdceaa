/**
 * Results as CSV or as PostgreSQL's COPY text format, in chunks of text.
 *
 * Values are written as PostgreSQL writes them, and what was written reads back the same.
 *
 * @module
 */
import { materialize } from "../../src/exec/materialize.ts";
import { readDatums } from "../../src/exec/vector_read.ts";
import { formatDatum } from "../../src/query/functions/text_format.ts";
import type { Datum, SqlType } from "../../src/storage/sql_type.ts";
import type { Vector } from "../../src/storage/vector.ts";
import { checkDialect, CSV_DIALECT, type CsvDialect, TEXT_DIALECT } from "./csv_dialect.ts";

/** How rows are written. */
export interface CsvWriteOptions extends Partial<Omit<CsvDialect, "nulls" | "backslash">> {
  readonly format?: "csv" | "text";
  /** Write the names of the columns first; true for CSV by default. */
  readonly header?: boolean;
  /** The text for NULL: empty in CSV, `\N` in the text format. */
  readonly nullText?: string;
  /** Columns whose values are always quoted, NULL aside; or all. */
  readonly forceQuote?: readonly string[] | "all";
}

/** What is needed of a result; a `QueryResult` has it. */
export interface CsvResult {
  readonly columns: readonly { readonly name: string; readonly sqlType: SqlType }[];
  readonly rowCount: number;
  vector(index: number): Vector;
}

const CHUNK_ROWS = 4096;

/** The text of `result`, some thousand rows at a time. */
export function* writeCsv(
  result: CsvResult,
  options: CsvWriteOptions = {},
): Generator<string, void, undefined> {
  const text = options.format === "text";
  const dialect = checkDialect(writeDialect(options));
  const fieldOf = text ? backslashField(dialect) : quotedField(dialect);
  const nullText = dialect.nulls[0]!;
  if (options.header ?? !text) {
    yield result.columns.map(({ name }) => fieldOf(name, false)).join(dialect.delimiter) + "\n";
  }
  const columns = result.columns.map(({ name, sqlType }, i) => ({
    datums: readDatums(materialize(result.vector(i), result.rowCount), result.rowCount),
    type: sqlType,
    force: options.forceQuote === "all" || (options.forceQuote?.includes(name) ?? false),
  }));
  for (let from = 0; from < result.rowCount; from += CHUNK_ROWS) {
    let chunk = "";
    for (let row = from; row < Math.min(from + CHUNK_ROWS, result.rowCount); row++) {
      columns.forEach(({ datums, type, force }, i) => {
        if (i > 0) chunk += dialect.delimiter;
        const datum: Datum = datums[row]!;
        chunk += datum === null ? nullText : fieldOf(formatDatum(datum, type), force);
      });
      chunk += "\n";
    }
    yield chunk;
  }
}

function writeDialect(options: CsvWriteOptions): CsvDialect {
  const base = options.format === "text" ? TEXT_DIALECT : CSV_DIALECT;
  const quote = options.quote === undefined ? base.quote : options.quote;
  return {
    delimiter: options.delimiter ?? base.delimiter,
    quote,
    escape: options.escape === undefined ? quote : options.escape,
    backslash: base.backslash,
    nulls: [options.nullText ?? base.nulls[0]!],
  };
}

type FieldWriter = (text: string, force: boolean) => string;

/** Quotes what could be misread: delimiters, quotes, line breaks, the text for NULL. */
function quotedField(dialect: CsvDialect): FieldWriter {
  const { delimiter, quote, nulls } = dialect;
  const escape = dialect.escape ?? quote;
  return (text, force) => {
    if (quote === null) return text;
    const special = force || text === nulls[0] || text === "\\." || text.includes(delimiter) ||
      text.includes(quote) ||
      text.includes("\n") || text.includes("\r");
    if (!special) return text;
    let body = text;
    if (escape !== quote && escape !== null) body = body.replaceAll(escape, escape + escape);
    return quote + body.replaceAll(quote, escape + quote) + quote;
  };
}

const BACKSLASHES: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
};

function backslashField({ delimiter }: CsvDialect): FieldWriter {
  return (text) => {
    const escaped = text.replace(/[\\\b\f\n\r\t\v]/g, (character) => BACKSLASHES[character]!);
    return delimiter === "\t" ? escaped : escaped.replaceAll(delimiter, `\\${delimiter}`);
  };
}

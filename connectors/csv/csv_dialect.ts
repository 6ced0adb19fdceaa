/**
 * How a delimited text file is written: delimiter, quotes, escapes, NULL.
 *
 * Two families share the reader. CSV quotes fields (RFC 4180, and PostgreSQL's COPY FORMAT csv); PostgreSQL's
 * COPY text format has no quotes and escapes with backslashes.
 *
 * @module
 */
import { QueryError } from "../../src/base/error.ts";

/** See the module header. Characters are single bytes. */
export interface CsvDialect {
  readonly delimiter: string;
  /** Null for no quoting. */
  readonly quote: string | null;
  /** Within quotes, makes the next quote or escape ordinary; the quote itself by default. */
  readonly escape: string | null;
  /** Backslash sequences in unquoted fields, as in COPY's text format. */
  readonly backslash: boolean;
  /** Unquoted texts that mean NULL. */
  readonly nulls: readonly string[];
}

/** RFC 4180; an unquoted empty field is NULL, as in PostgreSQL. */
export const CSV_DIALECT: CsvDialect = {
  delimiter: ",",
  quote: '"',
  escape: '"',
  backslash: false,
  nulls: [""],
};

/** COPY's text format. */
export const TEXT_DIALECT: CsvDialect = {
  delimiter: "\t",
  quote: null,
  escape: null,
  backslash: true,
  nulls: ["\\N"],
};

/** Checks what a user chose. */
export function checkDialect(dialect: CsvDialect): CsvDialect {
  for (const name of ["delimiter", "quote", "escape"] as const) {
    const value = dialect[name];
    if (value !== null && !isSingleByte(value)) {
      throw new QueryError(
        "invalid-parameter",
        `The ${name} must be one ASCII character: received ${JSON.stringify(value)}`,
        {
          details: { [name]: value },
          hint: "use a character such as ',', ';', '|' or a tab, but no line break",
        },
      );
    }
  }
  if (dialect.delimiter === dialect.quote) {
    throw new QueryError(
      "invalid-parameter",
      `Delimiter and quote are the same: received ${JSON.stringify(dialect.quote)}`,
      {
        hint: "choose two different characters",
      },
    );
  }
  return dialect;
}

function isSingleByte(text: string): boolean {
  return text.length === 1 && text.charCodeAt(0) < 128 && text !== "\n" && text !== "\r";
}

/** A dialect as bytes, for the scanner. 256 stands for "none" and equals no byte. */
export interface ScanBytes {
  readonly delimiter: number;
  readonly quote: number;
  readonly escape: number;
  /** Bytes at which an unquoted field may end or needs attention. */
  readonly special: Uint8Array;
}

const NONE = 256;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const BACKSLASH = 92;

/** The bytes of `dialect`. */
export function scanBytes(dialect: CsvDialect): ScanBytes {
  const code = (text: string | null) => text === null ? NONE : text.charCodeAt(0);
  const special = new Uint8Array(256);
  special[code(dialect.delimiter)] = 1;
  special[LINE_FEED] = 1;
  special[CARRIAGE_RETURN] = 1;
  if (dialect.backslash) special[BACKSLASH] = 1;
  const quote = code(dialect.quote);
  return {
    delimiter: code(dialect.delimiter),
    quote,
    escape: dialect.quote === null ? NONE : code(dialect.escape ?? dialect.quote),
    special,
  };
}

/**
 * The plain form of the scanner: one record after the other as strings.
 *
 * It looks at the first records of a file, where the number of fields is not known yet, and is what the tests
 * hold the fast scanner against.
 *
 * @module
 */
import type { CsvDialect } from "./csv_dialect.ts";

/** A field as text. */
export interface PlainField {
  readonly text: string;
  readonly quoted: boolean;
}

/** Up to `recordsMax` records of `text`. A quote that is not closed runs to the end. */
export function splitRecords(text: string, dialect: CsvDialect, recordsMax = Infinity): PlainField[][] {
  const records: PlainField[][] = [];
  const { delimiter, quote } = dialect;
  const escape = dialect.escape ?? quote;
  let p = 0;
  while (p < text.length && records.length < recordsMax) {
    const record: PlainField[] = [];
    for (;;) {
      let value = "";
      const quoted = quote !== null && text[p] === quote;
      if (quoted) {
        for (p++; p < text.length; p++) {
          const next = text[p + 1];
          if (text[p] === escape && next !== undefined && (next === quote || next === escape)) {
            value += text[++p];
          } else if (text[p] === quote) break;
          else value += text[p];
        }
        p++;
      }
      while (p < text.length && text[p] !== delimiter && text[p] !== "\n" && text[p] !== "\r") {
        if (dialect.backslash && text[p] === "\\" && p + 1 < text.length) value += text[p++];
        value += text[p++];
      }
      record.push({ text: value, quoted });
      if (text[p] !== delimiter || p >= text.length) break;
      p++;
    }
    if (text[p] === "\r" && text[p + 1] === "\n") p++;
    p++;
    records.push(record);
  }
  return records;
}

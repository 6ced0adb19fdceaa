/**
 * Detection of what a CSV file does not say: its delimiter, and whether its first record holds names.
 *
 * A delimiter is judged by the sample: the one that cuts the most records into the same number of fields, two
 * at least, wins; of two equally consistent ones that with more fields. The first record is a header when no
 * field of it looks like a value (number, date, boolean) and all are different and not empty.
 *
 * @module
 */
import { CLASS_TEXT, classifyText } from "../files/value_class.ts";
import type { CsvDialect } from "./csv_dialect.ts";
import { type PlainField, splitRecords } from "./split_records.ts";

/** In order of preference. */
const CANDIDATES = [",", "\t", ";", "|"];
const SAMPLE_RECORDS = 200;

/** The delimiter of `sample`, a comma when nothing speaks for another one. */
export function detectDelimiter(sample: string, dialect: CsvDialect): string {
  let best = CANDIDATES[0]!;
  let bestScore = 0;
  for (const delimiter of CANDIDATES) {
    if (delimiter === dialect.quote) continue;
    const records = splitRecords(sample, { ...dialect, delimiter }, SAMPLE_RECORDS).filter((record) =>
      !isBlank(record)
    );
    // The sample may end within a record.
    if (records.length > 2) records.pop();
    const score = consistency(records);
    if (score > bestScore) {
      best = delimiter;
      bestScore = score;
    }
  }
  return best;
}

/** True for the record that a blank line makes. */
export function isBlank(record: readonly PlainField[]): boolean {
  return record.length === 1 && record[0]!.text === "" && !record[0]!.quoted;
}

function consistency(records: readonly (readonly PlainField[])[]): number {
  const width = records[0]?.length ?? 0;
  if (width < 2) return 0;
  const same = records.filter((record) => record.length === width).length;
  return same / records.length + Math.min(width, 1000) / 1e6;
}

/** True when the first of `records` holds names. */
export function detectHeader(records: readonly (readonly PlainField[])[]): boolean {
  const first = records[0];
  if (first === undefined) return false;
  const names = first.map((field) => field.text.trim());
  if (names.includes("") && names.length < 2) return false;
  if (new Set(names).size < names.length) return false;
  return names.every((name, i) => name === "" ? i === 0 : classifyText(name) === CLASS_TEXT);
}

/**
 * Rows of the benchmark as dbgen writes them: fields joined by "|", decimals with two places, dates in ISO form, a
 * newline after each row.
 *
 * Rows are formatted straight into bytes, so that gigabytes of text pass without a string.
 *
 * @module
 */

import { InvariantError } from "../../src/base/error.ts";
import type { BatchColumn, ColumnBatch } from "../../src/storage/column_batch.ts";
import { TPCH_LAYOUT, type TpchColumn, type TpchTable } from "./tables.ts";

const DIGIT_ZERO = 0x30;
const MINUS = 0x2d;
const POINT = 0x2e;
const BAR = 0x7c;
const NEWLINE = 0x0a;
const BUFFER_BYTES = 1 << 18;
// Longer than any row of the eight tables.
const ROW_ROOM = 1024;

/** Formats the batches of one table and hands the bytes to `write`; they hold until it returns. */
export class RowFormatter {
  readonly #columns: readonly TpchColumn[];
  readonly #write: (bytes: Uint8Array) => void;
  readonly #buffer = new Uint8Array(BUFFER_BYTES);
  #end = 0;

  constructor(table: TpchTable, write: (bytes: Uint8Array) => void) {
    this.#columns = TPCH_LAYOUT[table].columns;
    this.#write = write;
  }

  /** Adds the rows of a batch. */
  add(batch: ColumnBatch): void {
    const fields = this.#columns.map((column) => fieldWriter(column, batch.columns[column.name]));
    const buffer = this.#buffer;
    for (let row = 0; row < batch.rowCount; row++) {
      if (this.#end > BUFFER_BYTES - ROW_ROOM) this.#flush();
      let end = this.#end;
      for (const write of fields) {
        end = write(row, buffer, end);
        buffer[end++] = BAR;
      }
      buffer[end - 1] = NEWLINE;
      this.#end = end;
    }
  }

  /** Hands on what is left. */
  finish(): void {
    this.#flush();
  }

  #flush(): void {
    this.#write(this.#buffer.subarray(0, this.#end));
    this.#end = 0;
  }
}

type FieldWriter = (row: number, buffer: Uint8Array, end: number) => number;

function fieldWriter(column: TpchColumn, data: BatchColumn | undefined): FieldWriter {
  if (data?.kind === "codes") {
    const encoder = new TextEncoder();
    const texts = data.dictionary.map((text) => encoder.encode(text));
    return (row, buffer, end) => writeBytes(texts[data.codes[row]!]!, buffer, end);
  }
  if (data?.kind === "utf8") {
    const { bytes, offsets } = data;
    return (row, buffer, end) => {
      const to = offsets[row + 1]!;
      for (let i = offsets[row]!; i < to; i++) buffer[end++] = bytes[i]!;
      return end;
    };
  }
  if (data?.kind === "numbers") {
    const { values } = data;
    if (column.values === "decimal") return (row, buffer, end) => writeDecimal(values[row]!, buffer, end);
    if (column.values === "date") return (row, buffer, end) => writeDay(values[row]!, buffer, end);
    return (row, buffer, end) => writeInteger(values[row]!, buffer, end);
  }
  throw new InvariantError("invariant", `Column ${column.name} has no values that can be written`, {
    details: { column: column.name, kind: data?.kind },
  });
}

function writeBytes(text: Uint8Array, buffer: Uint8Array, end: number): number {
  for (let i = 0; i < text.length; i++) buffer[end++] = text[i]!;
  return end;
}

function writeDigits(value: number, digits: number, buffer: Uint8Array, end: number): number {
  let rest = value;
  for (let i = end + digits - 1; i >= end; i--) {
    buffer[i] = DIGIT_ZERO + rest % 10;
    rest = Math.floor(rest / 10);
  }
  return end + digits;
}

function writeInteger(value: number, buffer: Uint8Array, end: number): number {
  if (value < 0) {
    buffer[end++] = MINUS;
    value = -value;
  }
  let digits = 1;
  for (let limit = 10; limit <= value; limit *= 10) digits++;
  return writeDigits(value, digits, buffer, end);
}

function writeDecimal(cents: number, buffer: Uint8Array, end: number): number {
  if (cents < 0) {
    buffer[end++] = MINUS;
    cents = -cents;
  }
  end = writeInteger(Math.floor(cents / 100), buffer, end);
  buffer[end++] = POINT;
  return writeDigits(cents % 100, 2, buffer, end);
}

// The civil date of a day, by Howard Hinnant's algorithm: years of March to February, in eras of 400 years.
function writeDay(day: number, buffer: Uint8Array, end: number): number {
  const fromEra = day + 719_468;
  const era = Math.floor(fromEra / 146_097);
  const dayOfEra = fromEra - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  end = writeDigits(year, 4, buffer, end);
  buffer[end++] = MINUS;
  end = writeDigits(month, 2, buffer, end);
  buffer[end++] = MINUS;
  return writeDigits(dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1, 2, buffer, end);
}

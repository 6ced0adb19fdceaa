/**
 * Results as Arrow: a table of flechette, or the bytes of the IPC format.
 *
 * Numbers are copied as whole arrays, texts with a dictionary stay dictionary columns, and decimals keep all
 * digits as 128-bit numbers. NUMERIC, whose values have scales of their own, becomes a decimal of the largest
 * scale in the column; INTERVAL, arrays and JSON become text.
 *
 * @module
 */
import {
  type Batch,
  batchType,
  Column,
  type DataType,
  decimal,
  dictionary,
  int32,
  type Table,
  tableFromColumns,
  tableToIPC,
  utf8,
} from "@uwdata/flechette";
import { materialize } from "../../src/exec/materialize.ts";
import { readDatums } from "../../src/exec/vector_read.ts";
import { asNumeric } from "../../src/query/functions/datum.ts";
import { digitCount, rescale } from "../../src/query/functions/numeric_value.ts";
import { formatDatum } from "../../src/query/functions/text_format.ts";
import type { Datum, SqlType } from "../../src/storage/sql_type.ts";
import type { CodeVector, Vector } from "../../src/storage/vector.ts";
import { arrowTypeOf, DECIMAL_DIGITS_MAX } from "./arrow_type.ts";
import { writeSafeInts, writeWideInt } from "./wide_number.ts";

/** What is needed of a result; a `QueryResult` has it. */
export interface VectorResult {
  readonly columns: readonly { readonly name: string; readonly sqlType: SqlType }[];
  readonly rowCount: number;
  vector(index: number): Vector;
}

/** The buffers of a batch. */
interface Buffers {
  readonly type: DataType;
  readonly values: ArrayBufferView;
  readonly offsets?: Int32Array;
}

/** `result` as an Arrow table of one record batch. */
export function resultToArrow(result: VectorResult): Table {
  return tableFromColumns(result.columns.map(({ name, sqlType }, i): [string, Column<unknown>] => {
    const vector = materialize(result.vector(i), result.rowCount);
    if (vector.kind === "code") return [name, dictionaryColumn(vector, result.rowCount)];
    const datums = (): Datum[] => readDatums(vector, result.rowCount);
    return [
      name,
      new Column([
        batchOf(buffersOf(vector, sqlType, result.rowCount, datums), vector.nulls, result.rowCount),
      ]),
    ];
  }));
}

/** `result` as Arrow IPC: a stream by default, or the file format, which Feather is. */
export function writeArrow(result: VectorResult, format: "stream" | "file" = "stream"): Uint8Array {
  const bytes = tableToIPC(resultToArrow(result), { format });
  return bytes ?? new Uint8Array();
}

function batchOf(buffers: Buffers, nulls: Uint8Array | null, length: number): Batch<unknown> {
  const { nullCount, validity } = validityOf(nulls, length);
  // The package gives the class as any.
  const Constructor = batchType(buffers.type) as new (options: object) => Batch<unknown>;
  return new Constructor({ length, nullCount, validity, ...buffers });
}

function validityOf(nulls: Uint8Array | null, length: number): { nullCount: number; validity: Uint8Array } {
  let nullCount = 0;
  if (nulls === null) return { nullCount, validity: new Uint8Array(0) };
  const validity = new Uint8Array((length + 7) >> 3);
  for (let i = 0; i < length; i++) {
    if (nulls[i] === 1) nullCount++;
    else validity[i >> 3]! |= 1 << (i & 7);
  }
  return nullCount === 0 ? { nullCount, validity: new Uint8Array(0) } : { nullCount, validity };
}

function dictionaryColumn(vector: CodeVector, length: number): Column<unknown> {
  const places = new Map<number, number>();
  const texts: string[] = [];
  const values = new Int32Array(length);
  for (let i = 0; i < length; i++) {
    if (vector.nulls !== null && vector.nulls[i] === 1) continue;
    const code = vector.values[i]!;
    let place = places.get(code);
    if (place === undefined) {
      place = texts.push(vector.dictionary.strings[code]!) - 1;
      places.set(code, place);
    }
    values[i] = place;
  }
  const entryBuffers = textBuffers(texts);
  const entries = new Column([batchOf(entryBuffers, null, texts.length)]);
  // The package finds a dictionary by the identity of its type.
  const batch = batchOf({ type: dictionary(entryBuffers.type, int32()), values }, vector.nulls, length);
  // Batches of dictionary type take their dictionary after they are made.
  (batch as Batch<unknown> & { setDictionary(column: Column<unknown>): void }).setDictionary(entries);
  return new Column([batch]);
}

function textBuffers(texts: readonly (string | null)[]): Buffers {
  const encoder = new TextEncoder();
  const parts = texts.map((text) => text === null ? EMPTY : encoder.encode(text));
  const offsets = new Int32Array(parts.length + 1);
  parts.forEach((part, i) => offsets[i + 1] = offsets[i]! + part.length);
  const values = new Uint8Array(offsets[parts.length]!);
  parts.forEach((part, i) => values.set(part, offsets[i]!));
  return { type: utf8(), values, offsets };
}

const EMPTY = new Uint8Array(0);

function buffersOf(vector: Vector, type: SqlType, length: number, datums: () => Datum[]): Buffers {
  const arrow = arrowTypeOf(type);
  switch (type.kind) {
    case "boolean":
      return { type: arrow, values: bits(datums()) };
    case "smallint":
      return { type: arrow, values: Int16Array.from(datums(), Number) };
    case "integer":
    case "date":
      return {
        type: arrow,
        values: vector.kind === "i32" ? vector.values.slice(0, length) : Int32Array.from(datums(), Number),
      };
    case "bigint":
    case "time":
    case "timestamp":
    case "timestamptz":
      return { type: arrow, values: wholeBuffer(vector, length, datums, 1) };
    case "decimal":
      if (type.precision > DECIMAL_DIGITS_MAX) break;
      return { type: arrow, values: wholeBuffer(vector, length, datums, 2) };
    case "real":
      return { type: arrow, values: Float32Array.from(datums(), Number) };
    case "double":
      return {
        type: arrow,
        values: vector.kind === "f64" ? vector.values.slice(0, length) : Float64Array.from(datums(), Number),
      };
    case "numeric":
      return numericBuffers(datums());
    default:
  }
  return textBuffers(datums().map((datum) => datum === null ? null : formatDatum(datum, type)));
}

function bits(datums: readonly Datum[]): Uint8Array {
  const values = new Uint8Array((datums.length + 7) >> 3);
  datums.forEach((datum, i) => {
    if (datum === true) values[i >> 3]! |= 1 << (i & 7);
  });
  return values;
}

/** Whole numbers in `words` 64-bit words each. */
function wholeBuffer(
  vector: Vector,
  length: number,
  datums: () => Datum[],
  words: 1 | 2,
): BigInt64Array | BigUint64Array {
  if (vector.kind === "f64" || vector.kind === "i32") {
    const { buffer } = writeSafeInts(vector.values, length, words);
    return words === 1 ? new BigInt64Array(buffer) : new BigUint64Array(buffer);
  }
  const values = new BigUint64Array(words * length);
  datums().forEach((datum, i) => {
    if (typeof datum === "number" || typeof datum === "bigint") writeWideInt(values, words * i, words, datum);
  });
  return words === 1 ? new BigInt64Array(values.buffer) : values;
}

/** NUMERIC as decimal(38, largest scale), or as text when a value is special or has too many digits. */
function numericBuffers(datums: readonly Datum[]): Buffers {
  const scale = datums.reduce(
    (most: number, datum) => datum === null ? most : Math.max(most, asNumeric(datum).scale),
    0,
  );
  const values = new BigUint64Array(2 * datums.length);
  for (let i = 0; i < datums.length; i++) {
    const datum = datums[i]!;
    if (datum === null) continue;
    const { coefficient, scale: own, special } = asNumeric(datum);
    const scaled = special === undefined && scale <= DECIMAL_DIGITS_MAX
      ? rescale(coefficient, own, scale)
      : undefined;
    if (scaled === undefined || digitCount(scaled) > DECIMAL_DIGITS_MAX) {
      return textBuffers(
        datums.map((value) => value === null ? null : formatDatum(value, { kind: "numeric" })),
      );
    }
    writeWideInt(values, 2 * i, 2, scaled);
  }
  return { type: decimal(DECIMAL_DIGITS_MAX, scale, 128), values };
}

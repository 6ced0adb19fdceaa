/**
 * Arrow IPC files and streams, and tables of flechette, to column batches: one per record batch.
 *
 * The buffers of numbers and texts are taken as they are; dictionary columns stay codes. Lists, structs and
 * maps become JSON.
 *
 * @module
 */
import {
  type Batch,
  type Column,
  CompressionType,
  type DataType,
  DateUnit,
  setCompressionCodec,
  type Table,
  tableFromIPC,
  TimeUnit,
  Type,
} from "@uwdata/flechette";
import { decompressZstd } from "hyparquet-compressors";
import { InvariantError, LiveViewError, SchemaError } from "../../src/base/error.ts";
import type { BatchColumn, ColumnBatch } from "../../src/storage/column_batch.ts";
import type { Interval } from "../../src/storage/sql_type.ts";
import { type ByteInput, readAll, toByteSource } from "../files/byte_source.ts";
import type { ColumnSource, ReadOptions } from "../files/column_source.ts";
import { inputError, reasonOf } from "../files/input_error.ts";
import { jsonText } from "../files/json_text.ts";
import { invalidUtf8At } from "../files/utf8.ts";
import { sqlTypeOf } from "./arrow_type.ts";
import { decodeLz4Frame } from "./lz4_frame.ts";
import { readInt64s, readUint64s, readWideInts, type WholeValues } from "./wide_number.ts";

/**
 * Opens an Arrow IPC file or stream.
 *
 * @throws {SchemaError} `invalid-input` when it is none
 */
export async function readArrow(input: ByteInput, options: ReadOptions = {}): Promise<ColumnSource> {
  const source = toByteSource(input);
  const bytes = await readAll(source);
  registerCodecs();
  let table: Table;
  try {
    table = tableFromIPC(bytes);
  } catch (cause) {
    throw inputError({ file: source.name }, reasonOf(cause), {
      cause,
      hint: "check that the file is a whole Arrow IPC file",
    });
  }
  return {
    columns: tableColumns(table),
    rowCount: table.numRows,
    batches: async function* () {
      let rows = 0;
      for (const batch of arrowBatches(table, source.name)) {
        yield batch;
        rows += batch.rowCount;
        // All bytes are read before the first batch, so progress goes by rows.
        const share = table.numRows === 0 ? 1 : rows / table.numRows;
        options.onProgress?.({
          rows,
          bytes: Math.round(share * source.position),
          totalBytes: source.position,
        });
      }
    },
  };
}

let registered = false;

function registerCodecs(): void {
  if (registered) return;
  registered = true;
  const encode = (): never => {
    throw new InvariantError("invariant", "Compression is not provided", { hint: "write without a codec" });
  };
  setCompressionCodec(CompressionType.LZ4_FRAME, { decode: decodeLz4Frame, encode });
  setCompressionCodec(CompressionType.ZSTD, {
    decode: (bytes) => decompressZstd(bytes),
    encode,
  });
}

/** Names and types of the columns of `table`. */
export function tableColumns(table: Table): ColumnSource["columns"] {
  return table.schema.fields.map(({ name, type, nullable }) => ({ name, type: sqlTypeOf(type), nullable }));
}

/** A whole table as one batch, for `db.insert`. */
export function arrowToBatch(table: Table): ColumnBatch {
  const batches = [...arrowBatches(table, "the table")];
  const [only] = batches;
  if (batches.length === 1 && only !== undefined) return only;
  if (only === undefined) return { rowCount: 0, columns: {} };
  throw new SchemaError("invalid-input", `The table has ${batches.length} record batches`, {
    hint: "insert them one by one: for (const batch of arrowBatches(table)) await db.insert(name, batch)",
  });
}

/** The record batches of a table. */
export function* arrowBatches(table: Table, name = "the table"): Generator<ColumnBatch, void, undefined> {
  const first = table.children[0];
  if (first === undefined) return;
  const dictionaries = new Map<Column<unknown>, Texts>();
  let rowStart = 0;
  for (let i = 0; i < first.data.length; i++) {
    // Without prototype: a column may be called __proto__. Object.create gives any.
    const columns = Object.create(null) as Record<string, BatchColumn>;
    table.children.forEach((column, c) => {
      const field = String(table.names[c]);
      try {
        columns[field] = arrowColumn(column.data[i]!, dictionaries);
      } catch (cause) {
        if (!(cause instanceof LiveViewError)) throw cause;
        const { row } = cause.details;
        throw inputError(
          { file: name, column: field, ...(typeof row === "number" ? { row: rowStart + row + 1 } : {}) },
          reasonOf(cause),
          { cause, ...(cause.hint === undefined ? {} : { hint: cause.hint }) },
        );
      }
    });
    yield { rowCount: first.data[i]!.length, columns };
    rowStart += first.data[i]!.length;
  }
}

/** The texts of a dictionary; NULL entries are null. */
type Texts = readonly (string | null)[];

/** What is read of a batch besides its public fields. */
interface RawBatch {
  readonly length: number;
  readonly nullCount: number;
  readonly type: DataType;
  readonly validity?: Uint8Array;
  readonly values?: ArrayLike<unknown>;
  readonly offsets?: Int32Array | BigInt64Array;
  readonly dictionary?: Column<unknown>;
  at(index: number): unknown;
}

function arrowColumn(batch: Batch<unknown>, dictionaries: Map<Column<unknown>, Texts>): BatchColumn {
  // Batches that show dates as Date objects wrap the one with the buffers.
  const raw = ("source" in batch ? batch.source : batch) as unknown as RawBatch;
  const rest = nullsOf(raw);
  const { type } = raw;
  switch (type.typeId) {
    case Type.Dictionary:
      return dictionaryColumn(raw, rest, dictionaries);
    case Type.Utf8:
    case Type.LargeUtf8:
      return textColumn(raw, rest);
    case Type.Bool:
      return {
        kind: "numbers",
        values: Uint8Array.from({ length: raw.length }, (_, i) => raw.at(i) === true ? 1 : 0),
        ...rest,
      };
    case Type.Interval:
    case Type.Duration:
      return { kind: "datums", values: collect(raw, (value, row) => intervalOf(value, type, row)), ...rest };
    case Type.Int:
    case Type.Float:
    case Type.Decimal:
    case Type.Date:
    case Type.Time:
    case Type.Timestamp:
      return numberColumn(raw, rest);
    case Type.Binary:
    case Type.LargeBinary:
    case Type.FixedSizeBinary:
    case Type.BinaryView:
      return { kind: "strings", values: collect(raw, hexText) };
    case Type.Utf8View:
    case Type.Null:
      return { kind: "strings", values: collect(raw, (value) => String(value)) };
    default:
      return { kind: "strings", values: collect(raw, jsonText) };
  }
}

type Rest = { readonly nulls?: Uint8Array };

function nullsOf({ length, nullCount, validity }: RawBatch): Rest {
  if (nullCount === 0 || validity === undefined || validity.length === 0) return {};
  const nulls = new Uint8Array(length);
  for (let i = 0; i < length; i++) nulls[i] = ((validity[i >> 3]! >> (i & 7)) & 1) ^ 1;
  return { nulls };
}

function collect<Value>(raw: RawBatch, show: (value: unknown, row: number) => Value): (Value | null)[] {
  return Array.from({ length: raw.length }, (_, i) => {
    const value = raw.at(i);
    return value === null || value === undefined ? null : show(value, i);
  });
}

function hexText(value: unknown): string {
  const bytes = value instanceof Uint8Array ? value : new Uint8Array();
  return `\\x${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

function textColumn(raw: RawBatch, rest: Rest): BatchColumn {
  const bytes = raw.values as Uint8Array;
  const offsets = raw.offsets instanceof Int32Array
    ? raw.offsets.subarray(0, raw.length + 1)
    : Int32Array.from(raw.offsets ?? [], Number);
  for (let i = 0; i < raw.length; i++) {
    if (invalidUtf8At(bytes, offsets[i]!, offsets[i + 1]!) >= 0) {
      throw new SchemaError("invalid-input", "the text is not valid UTF-8", {
        details: { row: i },
        hint: "leave the column out",
      });
    }
  }
  return { kind: "utf8", bytes, offsets, ...rest };
}

function dictionaryColumn(raw: RawBatch, rest: Rest, dictionaries: Map<Column<unknown>, Texts>): BatchColumn {
  const { type, dictionary } = raw;
  if (type.typeId !== Type.Dictionary || dictionary === undefined) {
    throw new InvariantError("invariant", "A dictionary batch has no dictionary");
  }
  const value = type.dictionary.typeId;
  if (value !== Type.Utf8 && value !== Type.LargeUtf8 && value !== Type.Utf8View) {
    throw new SchemaError("invalid-input", "a dictionary of other values than text is not supported", {
      hint: "decode the dictionary where the data is written",
    });
  }
  let texts = dictionaries.get(dictionary);
  if (texts === undefined) {
    texts = Array.from(dictionary as Iterable<unknown>, (text) => text === null ? null : String(text));
    dictionaries.set(dictionary, texts);
  }
  const codes =
    raw.values instanceof Uint8Array || raw.values instanceof Uint16Array || raw.values instanceof Int32Array
      ? raw.values.subarray(0, raw.length)
      : Int32Array.from({ length: raw.length }, (_, i) => Number(raw.values![i]));
  return withoutNullEntries(codes, texts, rest);
}

function withoutNullEntries(
  codes: Uint8Array | Uint16Array | Int32Array,
  texts: Texts,
  rest: Rest,
): BatchColumn {
  const dictionary = texts.map((text) => text ?? "");
  if (!texts.includes(null)) return { kind: "codes", codes, dictionary, ...rest };
  const nulls = Uint8Array.from(codes, (code, i) => texts[code] === null || rest.nulls?.[i] === 1 ? 1 : 0);
  return { kind: "codes", codes, dictionary, nulls };
}

function numberColumn(raw: RawBatch, rest: Rest): BatchColumn {
  const { type, length } = raw;
  const whole = wholeValues(raw);
  switch (type.typeId) {
    case Type.Date:
      return { ...(type.unit === DateUnit.DAY ? whole : divided(whole, 86_400_000, rest)), ...rest };
    case Type.Time:
    case Type.Timestamp:
      return { ...inMicros(whole, type.unit, rest), ...rest };
    case Type.Float:
      if (raw.values instanceof Uint16Array) {
        return {
          kind: "numbers",
          values: Float64Array.from({ length }, (_, i) => Number(raw.at(i) ?? 0)),
          ...rest,
        };
      }
      return { ...whole, ...rest };
    default:
      return { ...whole, ...rest };
  }
}

/** The values of a batch of numbers, without interpretation. */
function wholeValues(
  raw: RawBatch,
): WholeValues | { readonly kind: "numbers"; readonly values: NumberValues } {
  const { values, length, type } = raw;
  if (values instanceof BigInt64Array) return readInt64s(values, length);
  if (values instanceof BigUint64Array) {
    return type.typeId === Type.Decimal
      ? readWideInts(values, length, type.bitWidth / 64)
      : readUint64s(values, length);
  }
  // All other buffers of number types are typed arrays of numbers.
  return { kind: "numbers", values: (values as NumberValues).subarray(0, length) };
}

type NumberValues =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array;
type AnyWhole = ReturnType<typeof wholeValues>;

function inMicros(whole: AnyWhole, unit: number, rest: Rest): WholeValues {
  switch (unit) {
    case TimeUnit.SECOND:
      return times(whole, 1e6);
    case TimeUnit.MILLISECOND:
      return times(whole, 1000);
    case TimeUnit.MICROSECOND:
      return times(whole, 1);
    default:
      return divided(whole, 1000, rest);
  }
}

function times(whole: AnyWhole, factor: number): WholeValues {
  return {
    kind: "numbers",
    values: Float64Array.from(whole.values as ArrayLike<number | bigint>, (value) => Number(value) * factor),
  };
}

/** Exact division; a remainder is an error, since nothing is rounded silently. `row` is that of a lone value. */
function divided(whole: AnyWhole, divisor: number, { nulls, row }: Rest & { row?: number }): WholeValues {
  const values = Float64Array.from(whole.values as ArrayLike<number | bigint>, (value, i) => {
    if (nulls?.[i] === 1) return 0;
    const quotient = typeof value === "bigint"
      ? Number(value / BigInt(divisor))
      : Math.trunc(value / divisor);
    const exact = typeof value === "bigint"
      ? BigInt(quotient) * BigInt(divisor) === value
      : quotient * divisor === value;
    if (exact) return quotient;
    throw new SchemaError("invalid-input", `the time is finer than the type holds: received ${value}`, {
      details: { row: row ?? i },
      hint: "round the values where the data is written",
    });
  });
  return { kind: "numbers", values };
}

/** An interval of Arrow (array of months, days, nanoseconds; or milliseconds) or a duration. */
function intervalOf(value: unknown, type: DataType, row: number): Interval {
  if (type.typeId === Type.Duration) {
    const micros = type.unit === TimeUnit.NANOSECOND
      ? wholeMicros(Number(value), row)
      : Number(value) * [1e6, 1e3, 1][type.unit]!;
    return { months: 0, days: 0, micros };
  }
  if (typeof value === "number") return { months: value, days: 0, micros: 0 };
  const parts = Array.from(value as ArrayLike<number | bigint>, Number);
  if (parts.length === 2) return { months: 0, days: parts[0]!, micros: parts[1]! * 1000 };
  return { months: parts[0] ?? 0, days: parts[1] ?? 0, micros: wholeMicros(parts[2] ?? 0, row) };
}

function wholeMicros(nanos: number, row: number): number {
  return divided({ kind: "numbers", values: Float64Array.of(nanos) }, 1000, { row }).values[0] as number;
}

/**
 * Builders that turn decoded Parquet values into batch columns.
 *
 * Values come in parts, as typed arrays, or as plain arrays where NULLs or dictionaries were; a missing value
 * is `undefined` or `null`.
 *
 * @module
 */
import { InvariantError, type SchemaError } from "../../src/base/error.ts";
import type { BatchColumn } from "../../src/storage/column_batch.ts";
import { inputError, type InputPlace } from "../files/input_error.ts";
import { jsonText } from "../files/json_text.ts";
import { invalidUtf8At } from "../files/utf8.ts";
import type { ParquetColumn } from "./parquet_type.ts";

/** Values as the decoder gives them. */
export type DecodedValues = ArrayLike<unknown>;

/** Where a row group's part of a column stands. */
export interface GroupPlace {
  readonly file: string;
  readonly column: string;
  /** Rows of the file before the group. */
  readonly rowStart: number;
}

/** The place of a row of the group, from 0. */
function rowPlace({ file, column, rowStart }: GroupPlace, row: number): InputPlace {
  return { file, column, row: rowStart + row + 1 };
}

/** Collects the values of one column in one row group. */
export interface ColumnBuilder {
  /** Values of the rows from `at` on. */
  add(values: DecodedValues, at: number): void;
  finish(): BatchColumn;
}

/** A builder for a column whose values are numbers, or stand for such. */
export function numberBuilder(column: ParquetColumn, rowCount: number, place: GroupPlace): ColumnBuilder {
  const values = new Float64Array(rowCount);
  const nulls = new NullMarks(rowCount);
  const beyond = new Map<number, bigint>();
  const convert = converterOf(column, place);
  return {
    add(part, at) {
      if (convert === undefined && part instanceof Int32Array) {
        values.set(part, at);
        return;
      }
      for (let i = 0; i < part.length; i++) {
        const raw = part[i];
        if (raw === undefined || raw === null) {
          nulls.mark(at + i);
          continue;
        }
        const value = convert === undefined ? raw : convert(raw, at + i);
        if (typeof value === "number") {
          values[at + i] = value;
        } else {
          if (typeof value !== "bigint") throw unexpected(column, value);
          if (BigInt(Number(value)) !== value || !Number.isSafeInteger(Number(value))) {
            beyond.set(at + i, value);
          }
          values[at + i] = Number(value);
        }
      }
    },
    finish() {
      if (beyond.size === 0) return { kind: "numbers", values, ...nulls.rest() };
      const exact = Array.from(values, (value, row) => beyond.get(row) ?? BigInt(value));
      return { kind: "bigints", values: exact, ...nulls.rest() };
    },
  };
}

type Convert = (raw: unknown, row: number) => unknown;

function converterOf(column: ParquetColumn, place: GroupPlace): Convert | undefined {
  const { form } = column;
  switch (form.kind) {
    case "number":
      return form.factor === 1 ? undefined : (raw, row) => {
        const value = scaled(raw, form.factor);
        if (value === undefined) throw inexactTime(raw, rowPlace(place, row));
        return value;
      };
    case "unsigned": {
      const range = form.bits === 32 ? 2 ** 32 : 2n ** 64n;
      return typeof range === "number"
        ? (raw) => Number(raw) < 0 ? Number(raw) + range : raw
        : (raw) =>
          (typeof raw === "number" || typeof raw === "bigint") && raw < 0 ? BigInt(raw) + range : raw;
    }
    case "boolean":
      return (raw) => raw === true ? 1 : 0;
    case "decimalBytes":
      return (raw) => raw instanceof Uint8Array ? signedNumber(raw) : raw;
    default:
      return undefined;
  }
}

/** A time in microseconds; undefined when it is not a whole number of them. */
function scaled(raw: unknown, factor: number): number | bigint | undefined {
  if (typeof raw !== "number" && typeof raw !== "bigint") return undefined;
  if (factor > 1) return typeof raw === "bigint" ? raw * BigInt(factor) : raw * factor;
  const whole = BigInt(raw);
  return whole % 1000n === 0n ? Number(whole / 1000n) : undefined;
}

function inexactTime(raw: unknown, place: InputPlace): SchemaError {
  if (typeof raw !== "number" && typeof raw !== "bigint") {
    return inputError(place, `unexpected value ${String(raw)}`, {
      hint: "check that the file is a whole Parquet file",
    });
  }
  return inputError(place, `the time has nanoseconds: received ${raw}`, {
    hint: "TIMESTAMP has microseconds; round the values where the file is written, or leave the column out",
  });
}

function signedNumber(bytes: Uint8Array): number | bigint {
  if (bytes.length <= 6) {
    let value = bytes.length > 0 && bytes[0]! > 127 ? -1 : 0;
    for (const byte of bytes) value = value * 256 + byte;
    return value;
  }
  let value = bytes[0]! > 127 ? -1n : 0n;
  for (const byte of bytes) value = value * 256n + BigInt(byte);
  return value;
}

function unexpected(column: ParquetColumn, value: unknown): InvariantError {
  return new InvariantError(
    "invariant",
    `Unexpected value in column ${column.name}: received ${String(value)}`,
    {
      details: { column: column.name },
    },
  );
}

/** Marks of NULLs, made when there is one. */
class NullMarks {
  readonly #rowCount: number;
  #bytes: Uint8Array | undefined;

  constructor(rowCount: number) {
    this.#rowCount = rowCount;
  }

  mark(row: number): void {
    (this.#bytes ??= new Uint8Array(this.#rowCount))[row] = 1;
  }

  rest(): { nulls?: Uint8Array } {
    return this.#bytes === undefined ? {} : { nulls: this.#bytes };
  }
}

/** A builder for values that become strings one by one. */
export function stringBuilder(rowCount: number, show: (value: unknown) => string): ColumnBuilder {
  const values = new Array<string | null>(rowCount).fill(null);
  return {
    add(part, at) {
      for (let i = 0; i < part.length; i++) {
        const raw = part[i];
        if (raw !== undefined && raw !== null) values[at + i] = show(raw);
      }
    },
    finish: () => ({ kind: "strings", values }),
  };
}

/** How the forms that {@linkcode stringBuilder} takes are shown. */
export function showOf(form: "hex" | "uuid" | "json"): (value: unknown) => string {
  if (form === "json") return jsonText;
  return (value) => {
    if (!(value instanceof Uint8Array)) return String(value);
    const hex = Array.from(value, (byte) => byte.toString(16).padStart(2, "0")).join("");
    if (form === "hex" || hex.length !== 32) return `\\x${hex}`;
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  };
}

/** A builder for texts that come as bytes. */
export function utf8Builder(rowCount: number, place: GroupPlace): ColumnBuilder {
  const parts = new Array<Uint8Array | undefined>(rowCount);
  return {
    add(values, at) {
      for (let i = 0; i < values.length; i++) {
        const value = values[i];
        if (value instanceof Uint8Array) parts[at + i] = value;
      }
    },
    finish: () => joinedTexts(parts, rowCount, place),
  };
}

function joinedTexts(
  parts: readonly (Uint8Array | undefined)[],
  rowCount: number,
  place: GroupPlace,
): BatchColumn {
  const nulls = new NullMarks(rowCount);
  let length = 0;
  for (const part of parts) length += part?.length ?? 0;
  const bytes = new Uint8Array(length);
  const offsets = new Int32Array(rowCount + 1);
  let at = 0;
  for (let row = 0; row < rowCount; row++) {
    const part = parts[row];
    if (part === undefined) nulls.mark(row);
    else {
      if (invalidUtf8At(part, 0, part.length) >= 0) {
        throw inputError(rowPlace(place, row), "the text is not valid UTF-8", {
          hint: "leave the column out",
        });
      }
      bytes.set(part, at);
      at += part.length;
    }
    offsets[row + 1] = at;
  }
  return { kind: "utf8", bytes, offsets, ...nulls.rest() };
}

/** Distinct texts of a column up to this number are kept as codes. */
const DICTIONARY_MAX = 1 << 16;

/**
 * The dictionary of a text column over all row groups. `code` is what the decoder calls in place of decoding
 * a text: once per dictionary entry, or per value where the file has no dictionary.
 */
export class TextDictionary {
  readonly #codes = new Map<string, number>();
  readonly #texts: string[] = [];
  readonly #decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  readonly #place: InputPlace;

  constructor(place: InputPlace) {
    this.#place = place;
  }

  /** Too many different texts for codes. */
  get full(): boolean {
    return this.#texts.length >= DICTIONARY_MAX;
  }

  /** The code of a text, or the text itself when the dictionary is full. */
  code(bytes: Uint8Array | undefined): number | string | undefined {
    if (bytes === undefined) return undefined;
    const text = this.#decode(bytes);
    const known = this.#codes.get(text);
    if (known !== undefined) return known;
    if (this.full) return text;
    const code = this.#texts.length;
    this.#texts.push(text);
    this.#codes.set(text, code);
    return code;
  }

  /** A builder for the values that `code` gave. */
  builder(rowCount: number): ColumnBuilder {
    const codes = new Int32Array(rowCount);
    const nulls = new NullMarks(rowCount);
    const beyond = new Map<number, string>();
    const texts = this.#texts;
    return {
      add(values, at) {
        for (let i = 0; i < values.length; i++) {
          const value = values[i];
          if (typeof value === "number") codes[at + i] = value;
          else if (typeof value === "string") beyond.set(at + i, value);
          else nulls.mark(at + i);
        }
      },
      finish() {
        const rest = nulls.rest();
        if (beyond.size === 0) return { kind: "codes", codes, dictionary: texts.slice(), ...rest };
        return {
          kind: "strings",
          values: Array.from(codes, (code, row) => beyond.get(row) ?? texts[code]!),
          ...rest,
        };
      },
    };
  }

  #decode(bytes: Uint8Array): string {
    try {
      return this.#decoder.decode(bytes);
    } catch (cause) {
      throw inputError(this.#place, "the text is not valid UTF-8", { cause, hint: "leave the column out" });
    }
  }
}

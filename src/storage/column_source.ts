/**
 * Input columns made ready to be written: checked against the column's type, NULLs as bytes.
 *
 * All columns of a statement are prepared before the first is written, so a rejected value leaves no trace.
 * Checking an array of numbers is one measuring pass; only when it fails is the culprit searched for.
 *
 * @module
 */
import { unreachable } from "../base/assert.ts";
import { SchemaError } from "../base/error.ts";
import type { BatchColumn, NumberArray } from "./column_batch.ts";
import { densify } from "./gather.ts";
import { measure } from "./number_column.ts";
import type { Datum, SqlType } from "./sql_type.ts";
import { typeName } from "./sql_type.ts";
import { decodeText, isAscii } from "./utf8_text.ts";
import {
  acceptDatum,
  acceptText,
  isInRange,
  isWholeInRange,
  nullError,
  numberRange,
  valueError,
  type ValueSite,
} from "./value_check.ts";
import type { NullBytes, Vector } from "./vector.ts";
import { emptyBounds } from "./zone_map.ts";

/** A column to be written: values in storage units, checked. */
export type PreparedColumn =
  | { readonly kind: "numbers"; readonly values: NumberArray; readonly nulls: NullBytes }
  | {
    readonly kind: "bigints";
    readonly values: BigInt64Array | readonly bigint[];
    readonly nulls: NullBytes;
  }
  | { readonly kind: "strings"; readonly values: readonly (string | null)[]; readonly nulls: NullBytes }
  | {
    readonly kind: "codes";
    readonly codes: Uint8Array | Uint16Array | Int32Array;
    readonly dictionary: readonly string[];
    readonly nulls: NullBytes;
  }
  | {
    readonly kind: "utf8";
    readonly bytes: Uint8Array;
    readonly offsets: Int32Array;
    readonly nulls: NullBytes;
  }
  | { readonly kind: "objects"; readonly values: readonly Datum[]; readonly nulls: NullBytes }
  /** NULL in every row. */
  | { readonly kind: "nulls" };

/** A column of an input batch; absent columns are NULL. */
export function prepareBatchColumn(
  site: ValueSite,
  column: BatchColumn | undefined,
  rowCount: number,
): PreparedColumn {
  if (column === undefined) return prepareNulls(site, rowCount);
  const nulls = checkNulls(site, column.nulls ?? null, rowCount);
  switch (column.kind) {
    case "numbers":
      checkLength(site, column.values.length, rowCount);
      return prepareNumbers(site, column.values, nulls, rowCount);
    case "bigints":
      checkLength(site, column.values.length, rowCount);
      return prepareBigints(site, column.values, nulls, rowCount);
    case "strings":
      checkLength(site, column.values.length, rowCount);
      return prepareStrings(site, column.values, nulls, rowCount);
    case "codes":
      checkLength(site, column.codes.length, rowCount);
      return prepareCodes(site, column.codes, column.dictionary, nulls, rowCount);
    case "utf8":
      checkLength(site, column.offsets.length - 1, rowCount);
      return prepareUtf8(site, column.bytes, column.offsets, nulls, rowCount);
    case "datums":
      checkLength(site, column.values.length, rowCount);
      return prepareDatums(site, nulls === null ? column.values : nulled(column.values, nulls), rowCount);
    default:
      return unreachable(column);
  }
}

/** The first `rowCount` rows of a vector. */
export function prepareVector(site: ValueSite, vector: Vector, rowCount: number): PreparedColumn {
  const dense = densify(vector, rowCount);
  const nulls = checkNulls(site, dense.nulls, rowCount);
  switch (dense.kind) {
    case "i32":
    case "f64":
    case "bool":
      return prepareNumbers(site, dense.values, nulls, rowCount);
    case "big":
      return prepareBigints(site, dense.values, nulls, rowCount);
    case "code":
      return prepareCodes(site, dense.values, dense.dictionary.strings, nulls, rowCount);
    case "str":
      return prepareStrings(site, dense.values, nulls, rowCount);
    case "object":
      return prepareDatums(site, nulls === null ? dense.values : nulled(dense.values, nulls), rowCount);
    default:
      return unreachable(dense);
  }
}

/** The first `rowCount` datums. */
export function prepareDatums(site: ValueSite, values: readonly Datum[], rowCount: number): PreparedColumn {
  const { type } = site.column;
  const accepted = new Array<Datum>(rowCount);
  let nulls: NullBytes = null;
  let anyBigint = false;
  for (let i = 0; i < rowCount; i++) {
    const value = acceptDatum(site, values[i], i);
    accepted[i] = value;
    if (value === null) (nulls ??= new Uint8Array(rowCount))[i] = 1;
    else if (typeof value === "bigint") anyBigint = true;
  }
  // acceptDatum has checked that every value has the form of the type.
  if (isText(type)) return { kind: "strings", values: accepted as (string | null)[], nulls };
  if (numberRange(type) === undefined) return { kind: "objects", values: accepted, nulls };
  if (anyBigint) {
    return {
      kind: "bigints",
      values: accepted.map((value) => BigInt(value as bigint ?? 0n)),
      nulls,
    };
  }
  return { kind: "numbers", values: Float64Array.from(accepted, Number), nulls };
}

/** NULL in every row. */
export function prepareNulls(site: ValueSite, rowCount: number): PreparedColumn {
  if (rowCount > 0 && !site.column.nullable) throw nullError(site, 0);
  return { kind: "nulls" };
}

/** The rows at `inputs`. */
export function preparedAt(source: PreparedColumn, inputs: Int32Array): PreparedColumn {
  if (source.kind === "nulls") return source;
  const nulls = source.nulls === null ? null : new Uint8Array(inputs.length);
  if (nulls !== null) pickNumbers(source.nulls ?? nulls, inputs, nulls);
  switch (source.kind) {
    case "numbers": {
      const values = new Float64Array(inputs.length);
      pickNumbers(source.values, inputs, values);
      return { kind: "numbers", values, nulls };
    }
    case "bigints":
      return { kind: "bigints", values: Array.from(inputs, (input) => source.values[input]), nulls };
    case "strings":
      return { kind: "strings", values: Array.from(inputs, (input) => source.values[input]), nulls };
    case "objects":
      return { kind: "objects", values: Array.from(inputs, (input) => source.values[input]), nulls };
    case "codes": {
      const codes = new Int32Array(inputs.length);
      pickNumbers(source.codes, inputs, codes);
      return { ...source, codes, nulls };
    }
    case "utf8": {
      const { bytes, offsets } = source;
      const values = Array.from(
        inputs,
        (input) => decodeText(bytes, offsets[input], offsets[input + 1], false),
      );
      return { kind: "strings", values, nulls };
    }
    default:
      return unreachable(source);
  }
}

function pickNumbers(
  values: NumberArray,
  inputs: Int32Array,
  into: Float64Array | Int32Array | Uint8Array,
): void {
  for (let i = 0; i < inputs.length; i++) into[i] = values[inputs[i]];
}

/** The value in row `row`. */
export function preparedDatum(source: PreparedColumn, type: SqlType, row: number): Datum {
  if (source.kind === "nulls" || (source.nulls !== null && source.nulls[row] !== 0)) return null;
  switch (source.kind) {
    case "numbers":
      return type.kind === "boolean" ? source.values[row] === 1 : source.values[row];
    case "bigints":
    case "strings":
    case "objects":
      return source.values[row];
    case "codes":
      return source.dictionary[source.codes[row]];
    case "utf8":
      return decodeText(source.bytes, source.offsets[row], source.offsets[row + 1], false);
    default:
      return unreachable(source);
  }
}

function nulled(values: readonly Datum[], nulls: Uint8Array): Datum[] {
  return values.map((value, i) => nulls[i] === 1 ? null : value);
}

function isText(type: SqlType): boolean {
  return type.kind === "text" || type.kind === "json";
}

function checkLength(site: ValueSite, length: number, rowCount: number): void {
  if (length >= rowCount) return;
  throw new SchemaError(
    "invalid-input",
    `Column ${site.column.name} of table ${site.table} needs ${rowCount} values: received ${length}`,
    { details: { table: site.table, column: site.column.name }, hint: "give every column rowCount values" },
  );
}

/** `nulls` or, when no row is NULL, `null`. */
function checkNulls(site: ValueSite, nulls: NullBytes, rowCount: number): NullBytes {
  if (nulls === null) return null;
  checkLength(site, nulls.length, rowCount);
  for (let row = 0; row < rowCount; row++) {
    if (nulls[row] === 0) continue;
    if (!site.column.nullable) throw nullError(site, row);
    return nulls;
  }
  return null;
}

function prepareNumbers(
  site: ValueSite,
  values: NumberArray,
  nulls: NullBytes,
  rowCount: number,
): PreparedColumn {
  const { type } = site.column;
  if (type.kind === "numeric") return prepareNumerics(site, values, nulls, rowCount);
  const range = numberRange(type);
  if (range === undefined) throw kindError(site, "numbers");
  if (type.kind === "double") return { kind: "numbers", values, nulls };
  if (type.kind === "real") return { kind: "numbers", values: new Float32Array(values), nulls };
  const bounds = emptyBounds();
  measure(values, nulls, 0, rowCount, bounds);
  if (bounds.hasNaN || bounds.hasFraction || bounds.low < range.low || bounds.high > range.high) {
    for (let row = 0; row < rowCount; row++) {
      const isNull = nulls !== null && nulls[row] !== 0;
      if (!isNull && !isInRange(range, values[row])) throw valueError(site, values[row], row);
    }
  }
  return { kind: "numbers", values, nulls };
}

function prepareNumerics(
  site: ValueSite,
  values: NumberArray,
  nulls: NullBytes,
  rowCount: number,
): PreparedColumn {
  const objects = new Array<Datum>(rowCount).fill(null);
  for (let row = 0; row < rowCount; row++) {
    if (nulls !== null && nulls[row] !== 0) continue;
    if (!Number.isSafeInteger(values[row])) throw valueError(site, values[row], row);
    objects[row] = { coefficient: BigInt(values[row]), scale: 0 };
  }
  return { kind: "objects", values: objects, nulls };
}

function prepareBigints(
  site: ValueSite,
  values: BigInt64Array | readonly bigint[],
  nulls: NullBytes,
  rowCount: number,
): PreparedColumn {
  const { type } = site.column;
  if (numberRange(type) === undefined) throw kindError(site, "bigints");
  let narrow = true;
  for (let row = 0; row < rowCount; row++) {
    if (nulls !== null && nulls[row] !== 0) continue;
    const value = values[row];
    const safe = Number.isSafeInteger(Number(value));
    if (!safe) narrow = false;
    if (type.kind === "decimal" || type.kind === "bigint") {
      if (!isWholeInRange(type, value)) throw valueError(site, value, row);
    } else if (!safe) throw valueError(site, value, row);
  }
  if (!narrow) return { kind: "bigints", values, nulls };
  const numbers = new Float64Array(rowCount);
  for (let row = 0; row < rowCount; row++) numbers[row] = Number(values[row] ?? 0n);
  return prepareNumbers(site, numbers, nulls, rowCount);
}

function prepareStrings(
  site: ValueSite,
  values: readonly (string | null)[],
  nulls: NullBytes,
  rowCount: number,
): PreparedColumn {
  const { type } = site.column;
  if (!isText(type)) throw kindError(site, "strings");
  const limited = type.kind === "text" && type.maxLength !== undefined;
  let found = nulls;
  let fitted: (string | null)[] | undefined;
  for (let row = 0; row < rowCount; row++) {
    const text = values[row];
    if (text === null || text === undefined) {
      if (!site.column.nullable) throw nullError(site, row);
      // Vectors of strings have "" under a NULL, batches may have null without NULL bytes.
      if (found === nulls) found = nulls === null ? new Uint8Array(rowCount) : nulls.slice(0, rowCount);
      // The branch above has assigned an array.
      (found as Uint8Array)[row] = 1;
    } else if (limited && (nulls === null || nulls[row] === 0)) {
      const cut = acceptText(site, text, row);
      if (cut !== text) (fitted ??= values.slice(0, rowCount))[row] = cut;
    }
  }
  return { kind: "strings", values: fitted ?? values, nulls: found };
}

function prepareCodes(
  site: ValueSite,
  codes: Uint8Array | Uint16Array | Int32Array,
  dictionary: readonly string[],
  nulls: NullBytes,
  rowCount: number,
): PreparedColumn {
  const { type } = site.column;
  if (!isText(type)) throw kindError(site, "codes");
  const limit = type.kind === "text" ? type.maxLength : undefined;
  const longest = limit === undefined ? -1 : dictionary.findIndex((text) => text.length > limit);
  if (longest >= 0) {
    const strings = Array.from(
      { length: rowCount },
      (_, row) => nulls !== null && nulls[row] !== 0 ? null : dictionary[codes[row]],
    );
    return prepareStrings(site, strings, nulls, rowCount);
  }
  for (let row = 0; row < rowCount; row++) {
    const known = codes[row] >= 0 && codes[row] < dictionary.length;
    if (!known && (nulls === null || nulls[row] === 0)) throw valueError(site, `code ${codes[row]}`, row);
  }
  return { kind: "codes", codes, dictionary, nulls };
}

function prepareUtf8(
  site: ValueSite,
  bytes: Uint8Array,
  offsets: Int32Array,
  nulls: NullBytes,
  rowCount: number,
): PreparedColumn {
  const { type } = site.column;
  if (!isText(type)) throw kindError(site, "utf8");
  const limit = type.kind === "text" ? type.maxLength ?? Infinity : Infinity;
  let longest = 0;
  for (let row = 0; row < rowCount; row++) {
    const length = offsets[row + 1] - offsets[row];
    if (!(length >= 0 && offsets[row + 1] <= bytes.length)) throw valueError(site, `${length} bytes`, row);
    if (length > longest) longest = length;
  }
  if (longest <= limit) return { kind: "utf8", bytes, offsets, nulls };
  const ascii = isAscii(bytes, offsets[0], offsets[rowCount]);
  const strings = Array.from(
    { length: rowCount },
    (_, row) => decodeText(bytes, offsets[row], offsets[row + 1], ascii),
  );
  return prepareStrings(site, strings, nulls, rowCount);
}

function kindError(site: ValueSite, kind: string): SchemaError {
  const { table, column } = site;
  return new SchemaError(
    "invalid-input",
    `Column ${column.name} of table ${table} takes ${typeName(column.type)}: received ${kind}`,
    {
      details: { table, column: column.name, kind },
      hint: "give numbers in storage units, strings for text, datums for the rest",
    },
  );
}

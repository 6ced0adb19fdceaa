/**
 * One vector put together from the vectors of several branches, each for some of the rows.
 *
 * ```
 * branch 1 on rows 0 2 :  [ 7  9 ]      \
 * branch 2 on rows 1 3 :  [ 4  5 ]       >   result [ 7 4 9 5 ]
 * ```
 *
 * The kind adapts while pieces come: `f64` to `big`, and codes (of a dictionary of its own) to strings.
 * O(rows) for each chunk.
 *
 * @module
 */
import { assert, unreachable } from "../../base/assert.ts";
import { Dictionary } from "../../storage/dictionary.ts";
import type { SqlType } from "../../storage/sql_type.ts";
import type { Datum } from "../../storage/sql_type.ts";
import type { CodeVector } from "../../storage/vector.ts";
import { selectAll } from "../kernels/nulls.ts";
import { type DenseVector, type PlainKind, plainKind } from "../vector_build.ts";
import { readDatums } from "../vector_read.ts";

/** Beyond this many texts, codes are not worth their dictionary. */
const DICTIONARY_MAX = 4096;

/** Where the values of a piece are: at the row's own index, or packed in the order of the selection. */
export type PieceLayout = "whole" | "packed";

/** Collects pieces. Every row must be written exactly once between `begin` and `finish`. */
export class ScatterBuffer {
  readonly #type: SqlType;
  readonly #plain: PlainKind;
  #size = 0;
  #capacity = 0;
  #int32 = new Int32Array(0);
  #float64 = new Float64Array(0);
  #bytes = new Uint8Array(0);
  #nulls = new Uint8Array(0);
  #hasNull = false;
  #bigints: bigint[] | null = null;
  #items: Datum[] = [];
  #dictionary: Dictionary | null;
  #strings: string[] | null = null;
  readonly #translations = new Map<Dictionary, Int32Array>();

  constructor(type: SqlType) {
    this.#type = type;
    this.#plain = plainKind(type);
    this.#dictionary = this.#plain === "str" ? new Dictionary() : null;
  }

  /** Starts a vector of `size` rows. */
  begin(size: number): void {
    this.#size = size;
    this.#hasNull = false;
    this.#bigints = null;
    this.#strings = null;
    this.#items = [];
    if (this.#dictionary !== null && this.#dictionary.size > DICTIONARY_MAX) {
      this.#dictionary = null;
      this.#translations.clear();
    }
    if (this.#plain === "str" && this.#dictionary === null) this.#strings = new Array<string>(size).fill("");
    if (this.#capacity >= size) return;
    this.#capacity = size;
    if (this.#plain === "i32" || this.#plain === "str") this.#int32 = new Int32Array(size);
    if (this.#plain === "f64") this.#float64 = new Float64Array(size);
    if (this.#plain === "bool") this.#bytes = new Uint8Array(size);
  }

  /** Writes rows `rows[0 .. count]`. */
  scatter(vector: DenseVector, rows: Int32Array, count: number, layout: PieceLayout): void {
    const from = layout === "whole" ? rows : identity(count);
    this.#scatterNulls(vector, from, rows, count);
    switch (vector.kind) {
      case "i32":
        if (this.#plain === "i32") return scatterInt32(vector.values, from, rows, count, this.#int32);
        break;
      case "f64":
        if (this.#plain !== "f64") break;
        if (this.#bigints !== null) return this.#scatterDatums(vector, from, rows, count);
        return scatterFloat64(vector.values, from, rows, count, this.#float64);
      case "bool":
        return scatterBytes(vector.values, from, rows, count, this.#bytes);
      case "code":
        return this.#scatterCodes(vector, from, rows, count);
      case "big":
      case "str":
      case "object":
        break;
      default:
        unreachable(vector);
    }
    this.#scatterDatums(vector, from, rows, count);
  }

  /** The vector. Its arrays hold until the next `begin`. */
  finish(): DenseVector {
    const nulls = this.#hasNull ? this.#nulls : null;
    switch (this.#plain) {
      case "i32":
        return { kind: "i32", values: this.#int32, nulls };
      case "f64":
        if (this.#bigints !== null) return { kind: "big", values: this.#bigints, nulls };
        return { kind: "f64", values: this.#float64, nulls };
      case "bool":
        return { kind: "bool", values: this.#bytes, nulls };
      case "str":
        if (this.#strings !== null) return { kind: "str", values: this.#strings, nulls };
        assert(this.#dictionary !== null, "Without strings there is a dictionary");
        return { kind: "code", values: this.#int32, dictionary: this.#dictionary, nulls };
      case "object":
        return { kind: "object", values: this.#items, nulls };
      default:
        return unreachable(this.#plain);
    }
  }

  #scatterNulls(vector: DenseVector, from: Int32Array, rows: Int32Array, count: number): void {
    const { nulls } = vector;
    if (nulls === null && !this.#hasNull) return;
    if (!this.#hasNull) {
      if (this.#nulls.length < this.#size) this.#nulls = new Uint8Array(this.#size);
      else this.#nulls.fill(0);
      this.#hasNull = true;
    }
    if (nulls === null) { for (let j = 0; j < count; j++) this.#nulls[rows[j]!] = 0; }
    else scatterBytes(nulls, from, rows, count, this.#nulls);
  }

  #scatterCodes(vector: CodeVector, from: Int32Array, rows: Int32Array, count: number): void {
    if (this.#strings !== null) return this.#scatterDatums(vector, from, rows, count);
    const dictionary = this.#dictionary!;
    let table = this.#translations.get(vector.dictionary);
    if (table === undefined || table.length < vector.dictionary.size) {
      const larger = new Int32Array(vector.dictionary.size).fill(-1);
      if (table !== undefined) larger.set(table);
      this.#translations.set(vector.dictionary, table = larger);
    }
    for (let j = 0; j < count; j++) {
      const row = from[j]!;
      if (vector.nulls !== null && vector.nulls[row] === 1) {
        this.#int32[rows[j]!] = 0;
        continue;
      }
      const code = vector.values[row]!;
      if (table[code] === -1) table[code] = dictionary.encode(vector.dictionary.strings[code]!);
      this.#int32[rows[j]!] = table[code]!;
    }
  }

  /** Kinds that differ from what is collected. */
  #scatterDatums(vector: DenseVector, from: Int32Array, rows: Int32Array, count: number): void {
    if (vector.kind === "big" && this.#bigints === null) this.#bigints = this.#toBigints();
    if (this.#plain === "str" && this.#strings === null && vector.kind === "str") {
      this.#strings = this.#toStrings();
    }
    const values = readDatums(vector, vector.values.length);
    for (let j = 0; j < count; j++) this.#write(rows[j]!, values[from[j]!] ?? null);
  }

  #write(row: number, value: Datum): void {
    if (this.#bigints !== null) {
      this.#bigints[row] = BigInt(Number.isInteger(value) ? Number(value) : value as bigint ?? 0n);
    } else if (this.#strings !== null) this.#strings[row] = String(value ?? "");
    else if (this.#plain === "i32" || this.#plain === "str") this.#int32[row] = Number(value);
    else if (this.#plain === "f64") this.#float64[row] = Number(value);
    else if (this.#plain === "bool") this.#bytes[row] = Number(value);
    else this.#items[row] = value;
  }

  /** Rows not yet written hold whatever is there: they will be. */
  #toBigints(): bigint[] {
    const out = new Array<bigint>(this.#size);
    for (let i = 0; i < this.#size; i++) {
      const value = this.#float64[i]!;
      out[i] = Number.isSafeInteger(value) ? BigInt(value) : 0n;
    }
    return out;
  }

  #toStrings(): string[] {
    const strings = this.#dictionary?.strings ?? [];
    const out = new Array<string>(this.#size);
    for (let i = 0; i < this.#size; i++) out[i] = strings[this.#int32[i]!] ?? "";
    return out;
  }
}

let identityRows = new Int32Array(0);

/** 0, 1, 2, ... */
function identity(count: number): Int32Array {
  if (identityRows.length < count) {
    identityRows = new Int32Array(count * 2);
    selectAll(0, count * 2, identityRows);
  }
  return identityRows;
}

function scatterInt32(
  values: Int32Array,
  from: Int32Array,
  rows: Int32Array,
  count: number,
  out: Int32Array,
): void {
  for (let j = 0; j < count; j++) out[rows[j]!] = values[from[j]!]!;
}

function scatterFloat64(
  values: Float64Array,
  from: Int32Array,
  rows: Int32Array,
  count: number,
  out: Float64Array,
): void {
  for (let j = 0; j < count; j++) out[rows[j]!] = values[from[j]!]!;
}

function scatterBytes(
  values: Uint8Array,
  from: Int32Array,
  rows: Int32Array,
  count: number,
  out: Uint8Array,
): void {
  for (let j = 0; j < count; j++) out[rows[j]!] = values[from[j]!]!;
}

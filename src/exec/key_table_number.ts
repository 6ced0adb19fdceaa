/**
 * Encoder of key columns of doubles, and of whole numbers whose range is too wide to count through.
 *
 * Codes follow the order of first appearance. O(1) expected a row.
 *
 * @module
 */
import type { SqlType } from "../storage/sql_type.ts";
import type { NullBytes, Vector } from "../storage/vector.ts";
import { DatumEncoder } from "./key_table_datum.ts";
import type { KeyEncoder } from "./key_table_encoder.ts";
import { NumberInterner } from "./key_table_interner.ts";
import { type DenseVector, plainKind } from "./vector_build.ts";

/** Numbers to codes by interning. */
export class NumberEncoder implements KeyEncoder {
  readonly #type: SqlType;
  readonly #interner = new NumberInterner();
  /** By id, which is code - 1. */
  #values: Float64Array = new Float64Array(1024);
  #range = 1024;
  #packed: Float64Array = new Float64Array(0);
  #rows: Int32Array = new Int32Array(0);
  #ids: Int32Array = new Int32Array(0);
  #fresh: Int32Array = new Int32Array(0);

  constructor(type: SqlType) {
    this.#type = type;
  }

  get range(): number {
    return this.#range;
  }

  get memoryBytes(): number {
    return this.#interner.memoryBytes + this.#values.byteLength;
  }

  encode(vector: DenseVector, size: number, codes: Int32Array): boolean {
    if (!isNumbers(vector)) return false;
    const count = this.#pack(vector.values, vector.nulls, size);
    const before = this.#interner.count;
    const added = this.#interner.assign(this.#packed, count, this.#ids, this.#fresh);
    this.#keep(before, added);
    this.#spread(codes, size, count);
    return true;
  }

  find(vector: DenseVector, size: number, codes: Int32Array): void {
    if (isNumbers(vector)) {
      const count = this.#pack(vector.values, vector.nulls, size);
      this.#interner.find(this.#packed, count, this.#ids);
      this.#spread(codes, size, count);
      for (let j = 0; j < count; j++) if (this.#ids[j]! < 0) codes[this.#rows[j]!] = -1;
      return;
    }
    if (vector.kind === "big") {
      const values = new Float64Array(size);
      // A bigint beyond the safe range is no number that this encoder holds.
      for (let i = 0; i < size; i++) values[i] = safeNumber(vector.values[i]!);
      this.find({ kind: "f64", values, nulls: vector.nulls }, size, codes);
      return;
    }
    codes.fill(-1, 0, size);
  }

  widened(_vector: DenseVector, _size: number, _codes: Int32Array, _count: number): KeyEncoder {
    const wider = new DatumEncoder(this.#type);
    // Added in the order of their codes, values keep them.
    for (let id = 0; id < this.#interner.count; id++) wider.add(this.#values[id]!);
    return wider;
  }

  decode(codes: Int32Array, count: number): Vector {
    const values = plainKind(this.#type) === "i32" ? new Int32Array(count) : new Float64Array(count);
    let nulls: Uint8Array | null = null;
    for (let i = 0; i < count; i++) {
      const code = codes[i]!;
      if (code === 0) (nulls ??= new Uint8Array(count))[i] = 1;
      else values[i] = this.#values[code - 1]!;
    }
    return values instanceof Int32Array ? { kind: "i32", values, nulls } : { kind: "f64", values, nulls };
  }

  /** Values that are not NULL to `#packed`, their rows to `#rows`; gives their count. */
  #pack(values: Int32Array | Float64Array | Uint8Array, nulls: NullBytes, size: number): number {
    if (this.#packed.length < size) {
      this.#packed = new Float64Array(size);
      this.#rows = new Int32Array(size);
      this.#ids = new Int32Array(size);
      this.#fresh = new Int32Array(size);
    }
    const packed = this.#packed;
    const rows = this.#rows;
    let count = 0;
    for (let i = 0; i < size; i++) {
      packed[count] = values[i]!;
      rows[count] = i;
      count += nulls === null ? 1 : nulls[i]! ^ 1;
    }
    return count;
  }

  #spread(codes: Int32Array, size: number, count: number): void {
    if (count < size) codes.fill(0, 0, size);
    for (let j = 0; j < count; j++) codes[this.#rows[j]!] = this.#ids[j]! + 1;
  }

  #keep(before: number, added: number): void {
    const count = before + added;
    if (this.#values.length < count) {
      const grown = new Float64Array(Math.max(count, this.#values.length + (this.#values.length >> 2)));
      grown.set(this.#values);
      this.#values = grown;
    }
    for (let j = 0; j < added; j++) this.#values[before + j] = this.#packed[this.#fresh[j]!]! + 0;
    while (this.#range <= count + 1) this.#range *= 2;
  }
}

function isNumbers(vector: DenseVector): vector is Extract<DenseVector, { kind: "i32" | "f64" | "bool" }> {
  return vector.kind === "f64" || vector.kind === "i32" || vector.kind === "bool";
}

function safeNumber(value: bigint): number {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : 0.5;
}

/**
 * Encoder of key columns by canonical key in a Map: for NUMERIC, INTERVAL, JSON, arrays, and bigints.
 *
 * The slow way that fits every value: O(1) expected with one Map access a row.
 *
 * @module
 */
import { datumKey } from "../query/functions/compare.ts";
import type { Datum, SqlType } from "../storage/sql_type.ts";
import type { Vector } from "../storage/vector.ts";
import type { KeyEncoder } from "./key_table_encoder.ts";
import { type DenseVector, vectorFromDatums } from "./vector_build.ts";
import { readDatums } from "./vector_read.ts";

const ENTRY_BYTES = 120;

/** Any values to codes, by {@linkcode datumKey} unless told otherwise. */
export class DatumEncoder implements KeyEncoder {
  readonly #type: SqlType;
  readonly #keyOf: typeof datumKey;
  readonly #codes = new Map<string | number | bigint, number>();
  /** By code; the first is NULL. */
  readonly #values: Datum[] = [null];
  #range = 1024;

  constructor(type: SqlType, keyOf: typeof datumKey = datumKey) {
    this.#type = type;
    this.#keyOf = keyOf;
  }

  get range(): number {
    return this.#range;
  }

  get memoryBytes(): number {
    return this.#values.length * ENTRY_BYTES;
  }

  /** The code of a value, added when new. */
  add(value: Datum): number {
    if (value === null) return 0;
    const key = this.#keyOf(value, this.#type);
    const known = this.#codes.get(key);
    if (known !== undefined) return known;
    const code = this.#values.length;
    this.#codes.set(key, code);
    this.#values.push(value);
    while (this.#range <= code) this.#range *= 2;
    return code;
  }

  encode(vector: DenseVector, size: number, codes: Int32Array): boolean {
    const values = readDatums(vector, size);
    for (let i = 0; i < size; i++) codes[i] = this.add(values[i]!);
    return true;
  }

  find(vector: DenseVector, size: number, codes: Int32Array): void {
    const values = readDatums(vector, size);
    for (let i = 0; i < size; i++) {
      const value = values[i]!;
      codes[i] = value === null ? 0 : this.#codes.get(this.#keyOf(value, this.#type)) ?? -1;
    }
  }

  widened(): KeyEncoder {
    return this;
  }

  decode(codes: Int32Array, count: number): Vector {
    const values = new Array<Datum>(count);
    for (let i = 0; i < count; i++) values[i] = this.#values[codes[i]!]!;
    return vectorFromDatums(this.#type, values, count);
  }
}

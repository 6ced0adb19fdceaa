/**
 * Results of a function of one small integer, kept in the array kind of their type.
 *
 * @module
 */
import { Dictionary } from "../../storage/dictionary.ts";
import type { Datum, SqlType } from "../../storage/sql_type.ts";
import type { NullBytes } from "../../storage/vector.ts";
import { clearBytes, clearFloat64, clearInt32 } from "../kernels/nulls.ts";
import { type DenseVector, type PlainKind, plainKind, vectorFromDatums } from "../vector_build.ts";

const UNKNOWN = 0;
const VALUE = 1;
const NULL = 2;

/** Results by key, computed when a key is first asked for. */
export class ResultTable {
  readonly #type: SqlType;
  readonly #kind: PlainKind;
  readonly #compute: (key: number) => Datum;
  #states = new Uint8Array(0);
  #int32 = new Int32Array(0);
  #float64 = new Float64Array(0);
  #bytes = new Uint8Array(0);
  #datums: Datum[] | null = null;
  #dictionary: Dictionary | null = null;
  #hasNull = false;
  /** Keys below this are all known. */
  #complete = 0;
  #out: { int32: Int32Array; float64: Float64Array; bytes: Uint8Array; nulls: Uint8Array };

  constructor(type: SqlType, compute: (key: number) => Datum) {
    this.#type = type;
    this.#kind = plainKind(type);
    this.#compute = compute;
    if (this.#kind === "object") this.#datums = [];
    if (this.#kind === "str") this.#dictionary = new Dictionary();
    const none = new Uint8Array(0);
    this.#out = { int32: new Int32Array(0), float64: new Float64Array(0), bytes: none, nulls: none };
  }

  /** 1 for each key whose result is TRUE, when results are booleans. */
  get booleans(): Uint8Array {
    return this.#bytes;
  }

  /** Computes the results of the first `size` keys that are not NULL; keys are below `keyCount`. */
  prepare(keys: Int32Array, nulls: NullBytes, size: number, keyCount: number): void {
    this.#reserve(keyCount);
    if (this.#complete === keyCount) return;
    const states = this.#states;
    for (let i = 0; i < size; i++) {
      const key = keys[i]!;
      if (states[key] === UNKNOWN && (nulls === null || nulls[i] === 0)) this.#set(key, this.#compute(key));
    }
  }

  /** Computes the results of all keys below `keyCount`, so that `prepare` has nothing to look at. */
  complete(keyCount: number): void {
    this.#reserve(keyCount);
    for (let key = this.#complete; key < keyCount; key++) {
      if (this.#states[key] === UNKNOWN) this.#set(key, this.#compute(key));
    }
    this.#complete = keyCount;
  }

  /** The results of prepared keys. The vector's arrays hold until the next call. */
  read(keys: Int32Array, keyNulls: NullBytes, size: number): DenseVector {
    const nulls = this.#readNulls(keys, keyNulls, size);
    if (this.#datums !== null) {
      const datums = this.#datums;
      const values = new Array<Datum>(size);
      for (let i = 0; i < size; i++) values[i] = nulls !== null && nulls[i] === 1 ? null : datums[keys[i]!]!;
      return vectorFromDatums(this.#type, values, size);
    }
    const out = this.#out;
    switch (this.#kind) {
      case "i32":
      case "str":
        if (out.int32.length < size) out.int32 = new Int32Array(size);
        pickInt32(this.#int32, keys, size, out.int32);
        if (nulls !== null) clearInt32(out.int32, nulls, size);
        if (this.#dictionary === null) return { kind: "i32", values: out.int32, nulls };
        return { kind: "code", values: out.int32, dictionary: this.#dictionary, nulls };
      case "f64":
        if (out.float64.length < size) out.float64 = new Float64Array(size);
        pickFloat64(this.#float64, keys, size, out.float64);
        if (nulls !== null) clearFloat64(out.float64, nulls, size);
        return { kind: "f64", values: out.float64, nulls };
      default:
        if (out.bytes.length < size) out.bytes = new Uint8Array(size);
        pickUint8(this.#bytes, keys, size, out.bytes);
        if (nulls !== null) clearBytes(out.bytes, nulls, size);
        return { kind: "bool", values: out.bytes, nulls };
    }
  }

  #readNulls(keys: Int32Array, keyNulls: NullBytes, size: number): NullBytes {
    if (!this.#hasNull) return keyNulls;
    const out = this.#out;
    if (out.nulls.length < size) out.nulls = new Uint8Array(size);
    const { nulls } = out;
    const states = this.#states;
    for (let i = 0; i < size; i++) {
      const unknown = keyNulls === null ? 0 : keyNulls[i]!;
      nulls[i] = unknown | Number(states[keys[i]!] === NULL);
    }
    return nulls;
  }

  #set(key: number, value: Datum): void {
    if (value === null) {
      this.#hasNull = true;
      this.#states[key] = NULL;
      return;
    }
    if (typeof value === "bigint" && this.#datums === null) this.#becomeDatums();
    if (this.#datums !== null) this.#datums[key] = value;
    else if (this.#dictionary !== null) this.#int32[key] = this.#dictionary.encode(String(value));
    else if (this.#kind === "i32") this.#int32[key] = Number(value);
    else if (this.#kind === "f64") this.#float64[key] = Number(value);
    else this.#bytes[key] = Number(value);
    this.#states[key] = VALUE;
  }

  /** A result beyond 2^53 came. */
  #becomeDatums(): void {
    this.#datums = Array.from(this.#float64);
  }

  #reserve(keyCount: number): void {
    if (this.#states.length >= keyCount && this.#states.length > 0) return;
    // NULL has key 0, in an empty table too.
    const length = Math.max(keyCount, this.#states.length * 2, 1);
    this.#states = extended(new Uint8Array(length), this.#states);
    if (this.#kind === "i32" || this.#kind === "str") {
      this.#int32 = extended(new Int32Array(length), this.#int32);
    } else if (this.#kind === "f64") this.#float64 = extended(new Float64Array(length), this.#float64);
    else if (this.#kind === "bool") this.#bytes = extended(new Uint8Array(length), this.#bytes);
  }
}

function extended<Values extends Uint8Array | Int32Array | Float64Array>(into: Values, from: Values): Values {
  into.set(from);
  return into;
}

function pickInt32(values: Int32Array, keys: Int32Array, size: number, out: Int32Array): void {
  for (let i = 0; i < size; i++) out[i] = values[keys[i]!]!;
}

function pickFloat64(values: Float64Array, keys: Int32Array, size: number, out: Float64Array): void {
  for (let i = 0; i < size; i++) out[i] = values[keys[i]!]!;
}

function pickUint8(values: Uint8Array, keys: Int32Array, size: number, out: Uint8Array): void {
  for (let i = 0; i < size; i++) out[i] = values[keys[i]!]!;
}

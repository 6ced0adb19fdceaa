/**
 * Results by small integer key, kept in the array kind of their type.
 *
 * @module
 */
import { Dictionary } from "../../storage/dictionary.ts";
import type { Datum, SqlType } from "../../storage/sql_type.ts";
import type { NullBytes } from "../../storage/vector.ts";
import { clearBytes, clearFloat64, clearInt32 } from "../kernels/nulls.ts";
import { pickFloat64, pickInt32, pickUint8 } from "../kernels/pick.ts";
import { type DenseVector, type PlainKind, plainKind, vectorFromDatums } from "../vector_build.ts";

const UNKNOWN = 0;
const PENDING = 1;
const VALUE = 2;
const NULL = 3;

/** Computes the results of the first `count` of `keys`, which are distinct. */
export type ComputeResults = (keys: Int32Array, count: number) => readonly Datum[];

/** Results by key, computed in batches when keys are first asked for. */
export class ResultTable {
  readonly #type: SqlType;
  readonly #kind: PlainKind;
  readonly #compute: ComputeResults;
  #states = new Uint8Array(0);
  #int32 = new Int32Array(0);
  #float64 = new Float64Array(0);
  #bytes = new Uint8Array(0);
  #datums: Datum[] | null = null;
  readonly #dictionary: Dictionary | null;
  #hasNull = false;
  /** Keys below this are all known. */
  #complete = 0;
  #pending = new Int32Array(0);
  #outInt32 = new Int32Array(0);
  #outFloat64 = new Float64Array(0);
  #outBytes = new Uint8Array(0);
  #outNulls = new Uint8Array(0);

  constructor(type: SqlType, compute: ComputeResults) {
    this.#type = type;
    this.#kind = plainKind(type);
    this.#compute = compute;
    this.#dictionary = this.#kind === "str" ? new Dictionary() : null;
    if (this.#kind === "object") this.#datums = [];
  }

  /** 1 for each known key whose result is TRUE, when results are booleans. Moves when the table grows. */
  get booleans(): Uint8Array {
    return this.#bytes;
  }

  /** Computes the results of the first `size` keys that are not NULL; keys are below `keyCount`. */
  prepare(keys: Int32Array, nulls: NullBytes, size: number, keyCount: number): void {
    this.#reserve(keyCount);
    if (this.#complete >= keyCount) return;
    if (this.#pending.length < size) this.#pending = new Int32Array(size);
    const count = collectUnknown(keys, nulls, size, this.#states, this.#pending);
    if (count > 0) this.#computePending(count);
  }

  /** Computes the results of all keys below `keyCount`. */
  complete(keyCount: number): void {
    this.#reserve(keyCount);
    if (this.#complete >= keyCount) return;
    this.#pending = new Int32Array(Math.max(this.#pending.length, keyCount - this.#complete));
    let count = 0;
    for (let key = this.#complete; key < keyCount; key++) {
      if (this.#states[key] === UNKNOWN) this.#pending[count++] = key;
    }
    if (count > 0) this.#computePending(count);
    this.#complete = keyCount;
  }

  /** The results of prepared keys. The vector's arrays hold until the next call. */
  read(keys: Int32Array, keyNulls: NullBytes, size: number): DenseVector {
    const nulls = this.#readNulls(keys, keyNulls, size);
    if (this.#datums !== null) return this.#readDatums(this.#datums, keys, nulls, size);
    switch (this.#kind) {
      case "i32":
      case "str":
        if (this.#outInt32.length < size) this.#outInt32 = new Int32Array(size);
        pickInt32(this.#int32, keys, size, this.#outInt32);
        if (nulls !== null) clearInt32(this.#outInt32, nulls, size);
        if (this.#dictionary === null) return { kind: "i32", values: this.#outInt32, nulls };
        return { kind: "code", values: this.#outInt32, dictionary: this.#dictionary, nulls };
      case "f64":
        if (this.#outFloat64.length < size) this.#outFloat64 = new Float64Array(size);
        pickFloat64(this.#float64, keys, size, this.#outFloat64);
        if (nulls !== null) clearFloat64(this.#outFloat64, nulls, size);
        return { kind: "f64", values: this.#outFloat64, nulls };
      default:
        if (this.#outBytes.length < size) this.#outBytes = new Uint8Array(size);
        pickUint8(this.#bytes, keys, size, this.#outBytes);
        if (nulls !== null) clearBytes(this.#outBytes, nulls, size);
        return { kind: "bool", values: this.#outBytes, nulls };
    }
  }

  #readDatums(datums: readonly Datum[], keys: Int32Array, nulls: NullBytes, size: number): DenseVector {
    const values = new Array<Datum>(size);
    for (let i = 0; i < size; i++) values[i] = nulls !== null && nulls[i] === 1 ? null : datums[keys[i]!]!;
    return vectorFromDatums(this.#type, values, size);
  }

  #readNulls(keys: Int32Array, keyNulls: NullBytes, size: number): NullBytes {
    if (!this.#hasNull) return keyNulls;
    if (this.#outNulls.length < size) this.#outNulls = new Uint8Array(size);
    const nulls = this.#outNulls;
    const states = this.#states;
    for (let i = 0; i < size; i++) {
      const unknown = keyNulls === null ? 0 : keyNulls[i]!;
      nulls[i] = unknown | Number(states[keys[i]!] === NULL);
    }
    return nulls;
  }

  #computePending(count: number): void {
    const keys = this.#pending;
    let results: readonly Datum[] | undefined;
    try {
      results = this.#compute(keys, count);
    } finally {
      for (let j = 0; j < count; j++) {
        if (results === undefined) this.#states[keys[j]!] = UNKNOWN;
        else this.#set(keys[j]!, results[j]!);
      }
    }
  }

  #set(key: number, value: Datum): void {
    if (value === null) {
      this.#hasNull = true;
      this.#states[key] = NULL;
      return;
    }
    // A result beyond 2^53: from here on results are kept as they are.
    if (typeof value === "bigint" && this.#datums === null) this.#datums = Array.from(this.#float64);
    if (this.#datums !== null) this.#datums[key] = value;
    else if (this.#dictionary !== null) this.#int32[key] = this.#dictionary.encode(String(value));
    else if (this.#kind === "i32") this.#int32[key] = Number(value);
    else if (this.#kind === "f64") this.#float64[key] = Number(value);
    else this.#bytes[key] = Number(value);
    this.#states[key] = VALUE;
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

/** Writes the distinct unknown keys to `pending` and marks them; gives their number. */
function collectUnknown(
  keys: Int32Array,
  nulls: NullBytes,
  size: number,
  states: Uint8Array,
  pending: Int32Array,
): number {
  let count = 0;
  for (let i = 0; i < size; i++) {
    const key = keys[i]!;
    if (states[key] !== UNKNOWN || (nulls !== null && nulls[i] === 1)) continue;
    states[key] = PENDING;
    pending[count++] = key;
  }
  return count;
}

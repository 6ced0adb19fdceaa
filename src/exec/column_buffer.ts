/**
 * A growable column of one SQL type: what results, build sides of hash joins and inputs of sorts are kept in.
 *
 * The physical kind is that of the first vector and then adapts to what comes:
 *
 * ```
 * lazy (row ids) --another source or kind--> dense
 * code --another dictionary--> code over a dictionary of its own
 * code --strings--> str
 * i32, f64 --a bigint--> big
 * anything else that differs --> object, by way of datums
 * ```
 *
 * Appending is O(n) amortised; a change of kind costs O(length) once. Fixed-width kinds take 1 to 8 bytes a
 * value and 1 for NULL once there is one.
 *
 * @module
 */
import { assert, unreachable } from "../base/assert.ts";
import { Dictionary } from "../storage/dictionary.ts";
import type { Datum, SqlType } from "../storage/sql_type.ts";
import type { StoredColumn } from "../storage/table_view.ts";
import type { NullBytes, Vector } from "../storage/vector.ts";
import { gatherVector } from "./gather_vector.ts";
import { materialize } from "./materialize.ts";
import { type DenseVector, nullVector, plainKind, vectorFromDatums } from "./vector_build.ts";
import { datumAt, readDatums } from "./vector_read.ts";

const FIRST_CAPACITY = 1024;
/** Estimate for a string or bigint that nobody else holds. */
const ITEM_BYTES = 40;

type FixedArray = Int32Array | Float64Array | Uint8Array;

/** A growable column. Vectors that it gives out share its memory until it grows or is appended to. */
export class ColumnBuffer {
  readonly type: SqlType;
  #kind: Vector["kind"];
  /** False until a vector has been appended: leading NULLs do not fix the kind. */
  #settled = false;
  #length = 0;
  #int32 = new Int32Array(0);
  #float64 = new Float64Array(0);
  #bytes = new Uint8Array(0);
  /** Of kinds big, str and object. */
  #bigints: bigint[] = [];
  #strings: string[] = [];
  #objects: Datum[] = [];
  /** Stays empty while there is no NULL, and for kind lazy, where -1 is NULL. */
  #nulls = new Uint8Array(0);
  #dictionary: Dictionary | null = null;
  #dictionaryOwned = false;
  /** Code of another dictionary -> code of the own one, -1 where not yet known. */
  readonly #translations = new Map<Dictionary, Int32Array>();
  #source: StoredColumn | null = null;

  constructor(type: SqlType) {
    this.type = type;
    this.#kind = plainKind(type);
  }

  /** Number of values. */
  get length(): number {
    return this.#length;
  }

  /** The physical kind that the column has now. */
  get kind(): Vector["kind"] {
    return this.#kind;
  }

  /** Approximate memory in bytes. */
  get memoryBytes(): number {
    const items = this.#bigints.length + this.#strings.length + this.#objects.length;
    const owned = this.#dictionaryOwned ? this.#dictionary!.memoryBytes : 0;
    return this.#int32.byteLength + this.#float64.byteLength + this.#bytes.byteLength +
      this.#nulls.byteLength + items * ITEM_BYTES + owned;
  }

  /** Appends the first `size` values of `vector`. */
  append(vector: Vector, size: number): void {
    if (size === 0) return;
    if (vector.kind !== "lazy" && vector.kind !== this.#kind && isAllNull(vector, size)) {
      this.appendNulls(size);
      return;
    }
    const fitting = this.#reconcile(vector, size);
    this.#reserve(this.#length + size);
    this.#copy(fitting, size);
    this.#length += size;
  }

  /** Appends rows `selection[0 .. count]` of `vector`. */
  appendSelected(vector: Vector, selection: Int32Array, count: number): void {
    if (count > 0) this.append(gatherVector(vector, selection, count), count);
  }

  /** Appends `count` NULLs. */
  appendNulls(count: number): void {
    if (count === 0) return;
    const from = this.#length;
    const to = from + count;
    this.#reserve(to);
    if (this.#kind === "lazy") {
      this.#int32.fill(-1, from, to);
    } else {
      this.#reserveNulls();
      this.#nulls = grown(this.#nulls, to, 0);
      this.#nulls.fill(1, from, to);
      this.#clear(from, to);
    }
    this.#length = to;
  }

  /** Appends one value in storage units. */
  appendDatum(value: Datum): void {
    if (value === null) this.appendNulls(1);
    else this.append(vectorFromDatums(this.type, [value], 1), 1);
  }

  /** The whole column without copying; its arrays may be longer than the column. */
  toVector(): Vector {
    return this.#view(this.#kind, 0, this.#length);
  }

  /** Values [from, to) without copying where the kind allows. */
  slice(from: number, to: number): Vector {
    assert(0 <= from && from <= to && to <= this.#length, () => `Invalid slice: received ${from} to ${to}`);
    return this.#view(this.#kind, from, to);
  }

  /** Values at `rows[0 .. count]` as a new vector; row -1 gives NULL. */
  gather(rows: Int32Array, count: number): Vector {
    if (!hasNegative(rows, count)) return gatherVector(this.toVector(), rows, count);
    if (this.#length === 0) return nullVector(this.type, count);
    const padded = new Int32Array(count);
    const missing = new Uint8Array(count);
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      missing[i] = row >>> 31;
      padded[i] = row < 0 ? 0 : row;
    }
    return markNulls(gatherVector(this.toVector(), padded, count), missing, count);
  }

  /** The value at `index`. */
  datumAt(index: number): Datum {
    assert(0 <= index && index < this.#length, () => `Index outside the column: received ${index}`);
    return datumAt(this.toVector(), index);
  }

  /** Makes own kind and the vector's kind the same, changing whichever must change. */
  #reconcile(vector: Vector, size: number): Vector {
    if (!this.#settled) this.#settle(vector);
    const kind = this.#kind;
    if (vector.kind === "lazy") {
      if (kind === "lazy" && vector.source === this.#source) return vector;
      if (kind === "lazy") this.#become(materialize(this.toVector(), this.#length));
      return this.#reconcile(materialize(vector, size), size);
    }
    if (kind === "lazy") {
      this.#become(materialize(this.toVector(), this.#length));
      return this.#reconcile(vector, size);
    }
    if (vector.kind === "code" && kind === "code") {
      if (vector.dictionary === this.#dictionary) return vector;
      return this.#translate(vector.values, vector.dictionary, vector.nulls, size);
    }
    if (vector.kind === kind) return vector;
    if (kind === "code" && vector.kind === "str") {
      this.#become(toStringVector(this.toVector(), this.#length));
      return vector;
    }
    if (kind === "str" && vector.kind === "code") return toStringVector(vector, size);
    return this.#reconcileValues(vector, size);
  }

  /** Differing kinds of numbers, and whatever else: through datums. */
  #reconcileValues(vector: DenseVector, size: number): Vector {
    const own = this.toVector();
    const bigints = own.kind === "big" || vector.kind === "big";
    if (bigints && isNumeric(own.kind) && isNumeric(vector.kind)) {
      if (own.kind !== "big") this.#become(toBigintVector(own, this.#length));
      return vector.kind === "big" ? vector : toBigintVector(vector, size);
    }
    const converted = vectorFromDatums(this.type, readDatums(vector, size), size);
    if (converted.kind === this.#kind) return converted;
    const values = readDatums(materialize(own, this.#length), this.#length);
    this.#become({ kind: "object", values, nulls: this.#nullBytes() });
    return { kind: "object", values: readDatums(vector, size), nulls: vector.nulls };
  }

  /** Takes the kind of the first vector; leading NULLs are written anew in that kind. */
  #settle(vector: Vector): void {
    const leading = this.#length;
    this.#length = 0;
    this.#settled = true;
    this.#kind = vector.kind === "object" ? plainKind(this.type) : vector.kind;
    if (vector.kind === "lazy") this.#source = vector.source;
    if (vector.kind === "code") this.#dictionary = vector.dictionary;
    this.appendNulls(leading);
  }

  /** Replaces the contents by an equal vector of another kind. */
  #become(vector: DenseVector): void {
    const length = this.#length;
    this.#int32 = new Int32Array(0);
    this.#float64 = new Float64Array(0);
    this.#bytes = new Uint8Array(0);
    this.#bigints = [];
    this.#strings = [];
    this.#objects = [];
    this.#nulls = new Uint8Array(0);
    this.#source = null;
    this.#dictionary = vector.kind === "code" ? vector.dictionary : null;
    this.#dictionaryOwned = false;
    this.#kind = vector.kind;
    this.#length = 0;
    this.#reserve(length);
    this.#copy(vector, length);
    this.#length = length;
  }

  /** Codes of another dictionary as codes of the own one. */
  #translate(codes: Int32Array, from: Dictionary, nulls: NullBytes, size: number): Vector {
    const dictionary = this.#ownDictionary();
    let table = this.#translations.get(from);
    if (table === undefined || table.length < from.size) {
      table = grown(table ?? new Int32Array(0), from.size, -1);
      this.#translations.set(from, table);
    }
    const out = new Int32Array(size);
    for (let i = 0; i < size; i++) {
      if (nulls !== null && nulls[i] === 1) continue;
      const code = codes[i]!;
      if (table[code] === -1) table[code] = dictionary.encode(from.strings[code]!);
      out[i] = table[code]!;
    }
    return { kind: "code", values: out, dictionary, nulls };
  }

  /** Moves the own codes into a dictionary that no table shares. */
  #ownDictionary(): Dictionary {
    assert(this.#dictionary !== null, "A column of codes has a dictionary");
    if (this.#dictionaryOwned) return this.#dictionary;
    const from = this.#dictionary;
    this.#dictionary = new Dictionary();
    this.#dictionaryOwned = true;
    const own = this.#translate(this.#int32, from, this.#nullBytes(), this.#length);
    assert(own.kind === "code", "Translated codes are codes");
    this.#int32.set(own.values);
    return this.#dictionary;
  }

  #reserve(capacity: number): void {
    switch (this.#kind) {
      case "i32":
      case "code":
      case "lazy":
        this.#int32 = grown(this.#int32, capacity, 0);
        break;
      case "f64":
        this.#float64 = grown(this.#float64, capacity, 0);
        break;
      case "bool":
        this.#bytes = grown(this.#bytes, capacity, 0);
        break;
      case "big":
      case "str":
      case "object":
        break;
      default:
        unreachable(this.#kind);
    }
    if (this.#nulls.length > 0) this.#nulls = grown(this.#nulls, capacity, 0);
  }

  /** Called when the first NULL comes. */
  #reserveNulls(): void {
    if (this.#nulls.length > 0) return;
    const { length } = this.#fixed() ?? { length: FIRST_CAPACITY };
    this.#nulls = new Uint8Array(Math.max(length, this.#length * 2, FIRST_CAPACITY));
    this.#reserve(this.#nulls.length);
  }

  #fixed(): FixedArray | undefined {
    switch (this.#kind) {
      case "i32":
      case "code":
      case "lazy":
        return this.#int32;
      case "f64":
        return this.#float64;
      case "bool":
        return this.#bytes;
      default:
        return undefined;
    }
  }

  /** Copies `size` values behind the end. Kinds agree and there is room. */
  #copy(vector: Vector, size: number): void {
    const at = this.#length;
    switch (vector.kind) {
      case "i32":
      case "code":
        this.#int32.set(vector.values.subarray(0, size), at);
        break;
      case "lazy":
        this.#int32.set(vector.rows.subarray(0, size), at);
        return;
      case "f64":
        this.#float64.set(vector.values.subarray(0, size), at);
        break;
      case "bool":
        this.#bytes.set(vector.values.subarray(0, size), at);
        break;
      case "big":
        appendItems(this.#bigints, vector.values, size);
        break;
      case "str":
        appendItems(this.#strings, vector.values, size);
        break;
      case "object":
        appendItems(this.#objects, vector.values, size);
        break;
      default:
        unreachable(vector);
    }
    if (vector.nulls !== null) {
      this.#reserveNulls();
      this.#nulls = grown(this.#nulls, at + size, 0);
      this.#nulls.set(vector.nulls.subarray(0, size), at);
    } else if (this.#nulls.length > 0) {
      this.#nulls.fill(0, at, at + size);
    }
  }

  /** Writes what stands under NULLs. */
  #clear(from: number, to: number): void {
    this.#fixed()?.fill(0, from, to);
    for (let i = from; i < to; i++) {
      if (this.#kind === "big") this.#bigints[i] = 0n;
      else if (this.#kind === "str") this.#strings[i] = "";
      else if (this.#kind === "object") this.#objects[i] = null;
      else return;
    }
  }

  #nullBytes(): NullBytes {
    return this.#nulls.length > 0 ? this.#nulls : null;
  }

  #view(kind: Vector["kind"], from: number, to: number): Vector {
    const whole = from === 0;
    const nulls = whole || this.#nulls.length === 0 ? this.#nullBytes() : this.#nulls.subarray(from, to);
    const int32 = whole ? this.#int32 : this.#int32.subarray(from, to);
    switch (kind) {
      case "i32":
        return { kind, values: int32, nulls };
      case "code":
        return { kind, values: int32, dictionary: this.#dictionary!, nulls };
      case "lazy":
        return { kind, rows: int32, source: this.#source! };
      case "f64":
        return { kind, values: whole ? this.#float64 : this.#float64.subarray(from, to), nulls };
      case "bool":
        return { kind, values: whole ? this.#bytes : this.#bytes.subarray(from, to), nulls };
      case "big":
        return { kind, values: whole ? this.#bigints : this.#bigints.slice(from, to), nulls };
      case "str":
        return { kind, values: whole ? this.#strings : this.#strings.slice(from, to), nulls };
      case "object":
        return { kind, values: whole ? this.#objects : this.#objects.slice(from, to), nulls };
      default:
        return unreachable(kind);
    }
  }
}

/** `array`, or a copy with room for `capacity` values and `fill` in what is new. Doubles. */
function grown<Values extends FixedArray>(array: Values, capacity: number, fill: number): Values {
  if (array.length >= capacity) return array;
  const length = Math.max(capacity, array.length * 2, FIRST_CAPACITY);
  // The constructor of one typed array kind makes that kind.
  const larger = new (array.constructor as new (length: number) => Values)(length);
  larger.set(array);
  if (fill !== 0) larger.fill(fill, array.length);
  return larger;
}

function appendItems<Item>(into: Item[], from: readonly Item[], size: number): void {
  for (let i = 0; i < size; i++) into.push(from[i]!);
}

function hasNegative(rows: Int32Array, count: number): boolean {
  let signs = 0;
  for (let i = 0; i < count; i++) signs |= rows[i]!;
  return signs < 0;
}

function isNumeric(kind: Vector["kind"]): boolean {
  return kind === "i32" || kind === "f64" || kind === "big";
}

function isAllNull(vector: DenseVector, size: number): boolean {
  if (vector.nulls === null) return false;
  for (let i = 0; i < size; i++) if (vector.nulls[i] === 0) return false;
  return true;
}

function toStringVector(vector: Vector, size: number): DenseVector {
  assert(vector.kind === "code", "Only codes become strings");
  const { strings } = vector.dictionary;
  const out = new Array<string>(size);
  for (let i = 0; i < size; i++) out[i] = strings[vector.values[i]!] ?? "";
  return { kind: "str", values: out, nulls: vector.nulls };
}

function toBigintVector(vector: Vector, size: number): DenseVector {
  assert(vector.kind === "i32" || vector.kind === "f64", "Only whole numbers become bigints");
  const out = new Array<bigint>(size);
  for (let i = 0; i < size; i++) out[i] = BigInt(vector.values[i]!);
  return { kind: "big", values: out, nulls: vector.nulls };
}

/** `vector`, freshly made, with NULL wherever `missing` is 1. */
function markNulls(vector: Vector, missing: Uint8Array, count: number): Vector {
  if (vector.kind === "lazy") {
    for (let i = 0; i < count; i++) if (missing[i] === 1) vector.rows[i] = -1;
    return vector;
  }
  const nulls = vector.nulls === null ? missing : vector.nulls.map((byte, i) => byte | missing[i]!);
  if (vector.kind === "i32" || vector.kind === "f64" || vector.kind === "bool" || vector.kind === "code") {
    for (let i = 0; i < count; i++) if (missing[i] === 1) vector.values[i] = 0;
    return { ...vector, nulls };
  }
  return clearItems(vector, nulls, count);
}

function clearItems(vector: DenseVector, nulls: Uint8Array, count: number): Vector {
  const keep = (i: number) => i < count && nulls[i] === 0;
  if (vector.kind === "big") {
    return { kind: "big", values: vector.values.map((value, i) => keep(i) ? value : 0n), nulls };
  }
  if (vector.kind === "str") {
    return { kind: "str", values: vector.values.map((value, i) => keep(i) ? value : ""), nulls };
  }
  assert(vector.kind === "object", () => `Unexpected vector kind: received ${vector.kind}`);
  return { kind: "object", values: vector.values.map((value, i) => keep(i) ? value : null), nulls };
}

/**
 * Keys to look up, many at a time: vectors hashed column by column, as the rows of an index are.
 *
 * A hash is that of the datums, whatever kind of vector holds them, so that keys of a change find stored rows and
 * rows of other changes. A NULL hashes to a constant and finds nothing unless NULLs are equal. Loading is
 * O(keys * parts); the arrays are used again.
 *
 * @module
 */
import { unreachable } from "../base/assert.ts";
import { combineHashes, hashNumber, hashText, mix32 } from "../base/hash.ts";
import { equalDatums, hashDatum } from "./datum_order.ts";
import { presentDatum } from "./datum_vector.ts";
import { type DenseVector, densify, segmentDatum } from "./gather.ts";
import { CodeHashes } from "./index_key.ts";
import type { SqlType } from "./sql_type.ts";
import type { SegmentColumn } from "./table_view.ts";
import type { NullBytes, Vector } from "./vector.ts";

/** Takes the place of a NULL's hash. */
const NULL_HASH = 0x6e756c6c;

/** Arrays up to this length are kept for the next time. */
const KEPT_LENGTH = 65536;

/** See the module header. */
export class ProbeKeys {
  readonly #codeHashes: CodeHashes[] = [];
  #vectors: readonly DenseVector[] = [];
  #hashes = new Int32Array(16);
  #nulls = new Uint8Array(16);
  #hasNull = false;
  #areIntegers = false;
  size = 0;

  /** By key; the array may be longer than `size`. */
  get hashes(): Int32Array {
    return this.#hashes;
  }

  /** 1 for keys with a NULL in a part; null when there are none. */
  get nulls(): NullBytes {
    return this.#hasNull ? this.#nulls : null;
  }

  /** Whether all keys are single 32-bit integers: their hashes are equal only when they are. */
  get areIntegers(): boolean {
    return this.#areIntegers && this.#vectors.length === 1;
  }

  /** Takes the first `size` of these keys, which must hold until they have been looked up. */
  load(vectors: readonly Vector[], size: number): void {
    this.size = size;
    this.#vectors = vectors.map((vector) => densify(vector, size));
    if (this.#hashes.length < size) {
      this.#hashes = new Int32Array(size);
      this.#nulls = new Uint8Array(size);
    }
    this.#hasNull = this.#vectors.some(({ nulls }) => nulls !== null && hasOne(nulls, size));
    if (this.#hasNull) this.#nulls.fill(0, 0, size);
    if (this.#vectors.length === 0) this.#hashes.fill(0, 0, size);
    for (let part = 0; part < this.#vectors.length; part++) this.#hashPart(part);
  }

  /** Forgets the keys. */
  clear(): void {
    this.size = 0;
    this.#vectors = [];
    if (this.#hashes.length <= KEPT_LENGTH) return;
    this.#hashes = new Int32Array(16);
    this.#nulls = new Uint8Array(16);
  }

  /** Part `part` of key `i` as a number; NaN when it is none. */
  number(part: number, i: number): number {
    const vector = this.#vectors[part];
    switch (vector.kind) {
      case "i32":
      case "f64":
      case "bool":
        return vector.values[i];
      case "big":
        return Number.isSafeInteger(Number(vector.values[i])) ? Number(vector.values[i]) : NaN;
      default:
        return NaN;
    }
  }

  /** Whether part `part` of key `i` is the value in slot `offset`, which is not NULL. */
  equalsSlot(part: number, i: number, column: SegmentColumn, type: SqlType, offset: number): boolean {
    const vector = this.#vectors[part];
    if (vector.nulls !== null && vector.nulls[i] === 1) return false;
    if (column.kind === "numbers" && (vector.kind === "i32" || vector.kind === "f64")) {
      const value = vector.values[i];
      const stored = column.values[offset];
      return value === stored || (value !== value && stored !== stored);
    }
    if (column.kind === "codes" && vector.kind === "code" && column.dictionary === vector.dictionary) {
      return column.values[offset] === vector.values[i];
    }
    return equalDatums(segmentDatum(column, type, offset), presentDatum(vector, i));
  }

  /** Whether key `i` is key `j` of `other`; NULL equals NULL. */
  equals(i: number, other: ProbeKeys, j: number): boolean {
    for (let part = 0; part < this.#vectors.length; part++) {
      if (!equalValues(this.#vectors[part], i, other.#vectors[part], j)) return false;
    }
    return true;
  }

  #hashPart(part: number): void {
    const { size } = this;
    const vector = this.#vectors[part];
    const hashes = this.#hashes;
    const combine = part > 0;
    this.#areIntegers = false;
    switch (vector.kind) {
      case "i32":
        hashInt32(vector.values, size, combine, hashes);
        this.#areIntegers = true;
        break;
      case "f64":
        this.#areIntegers = hashFloat64(vector.values, size, combine, hashes);
        break;
      case "code":
        hashCodes(this.#codeHashes[part] ??= new CodeHashes(), vector, size, combine, hashes);
        break;
      case "str":
        for (let i = 0; i < size; i++) put(hashes, i, hashText(vector.values[i] ?? ""), combine);
        break;
      case "bool":
      case "big":
      case "object":
        for (let i = 0; i < size; i++) put(hashes, i, hashDatum(presentDatum(vector, i)), combine);
        break;
      default:
        unreachable(vector);
    }
    const { nulls } = vector;
    if (nulls === null || !this.#hasNull) return;
    for (let i = 0; i < size; i++) {
      if (nulls[i] === 0) continue;
      this.#nulls[i] = 1;
      // What stands under a NULL was hashed: keys with a NULL agree on the whole hash instead.
      hashes[i] = NULL_HASH;
    }
  }
}

function hasOne(nulls: Uint8Array, size: number): boolean {
  for (let i = 0; i < size; i++) if (nulls[i] === 1) return true;
  return false;
}

function put(hashes: Int32Array, i: number, hash: number, combine: boolean): void {
  hashes[i] = combine ? combineHashes(hashes[i], hash) : hash;
}

function hashInt32(values: Int32Array, size: number, combine: boolean, hashes: Int32Array): void {
  if (combine) { for (let i = 0; i < size; i++) hashes[i] = combineHashes(hashes[i], mix32(values[i])); }
  else for (let i = 0; i < size; i++) hashes[i] = mix32(values[i]);
}

/** Whether all are 32-bit integers, where they are the first part. */
function hashFloat64(values: Float64Array, size: number, combine: boolean, hashes: Int32Array): boolean {
  if (combine) {
    for (let i = 0; i < size; i++) hashes[i] = combineHashes(hashes[i], hashNumber(values[i]));
    return false;
  }
  let integers = 0;
  for (let i = 0; i < size; i++) {
    const value = values[i];
    const integer = value | 0;
    if (integer === value) {
      hashes[i] = mix32(integer);
      integers++;
    } else hashes[i] = hashNumber(value);
  }
  return integers === size;
}

function hashCodes(
  codeHashes: CodeHashes,
  { values, dictionary }: DenseVector & { readonly kind: "code" },
  size: number,
  combine: boolean,
  hashes: Int32Array,
): void {
  if (dictionary.size === 0) return;
  for (let i = 0; i < size; i++) put(hashes, i, codeHashes.hash(dictionary, values[i]), combine);
}

/** Whether value `i` of one vector is value `j` of another; NULL equals NULL. */
export function equalValues(x: DenseVector, i: number, y: DenseVector, j: number): boolean {
  const leftNull = x.nulls !== null && x.nulls[i] === 1;
  const rightNull = y.nulls !== null && y.nulls[j] === 1;
  if (leftNull || rightNull) return leftNull === rightNull;
  if ((x.kind === "i32" || x.kind === "f64") && (y.kind === "i32" || y.kind === "f64")) {
    const left = x.values[i];
    const right = y.values[j];
    return left === right || (left !== left && right !== right);
  }
  if (x.kind === "code" && y.kind === "code" && x.dictionary === y.dictionary) {
    return x.values[i] === y.values[j];
  }
  return equalDatums(presentDatum(x, i), presentDatum(y, j));
}

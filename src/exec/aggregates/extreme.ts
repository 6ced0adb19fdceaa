/**
 * min and max: the best value by group.
 *
 * Numbers are kept in a Float64Array, text with one dictionary as ranks would be but by code, and all other
 * kinds as datums. O(1) a row.
 *
 * @module
 */
import { compareDatums } from "../../query/functions/compare.ts";
import type { Dictionary } from "../../storage/dictionary.ts";
import type { Datum, SqlType } from "../../storage/sql_type.ts";
import type { NullBytes, Vector } from "../../storage/vector.ts";
import { type DenseVector, plainKind, vectorFromDatums } from "../vector_build.ts";
import { readDatums } from "../vector_read.ts";
import { type Accumulator, grownFloat64, grownInt32, grownUint8 } from "./accumulator.ts";

/** What is kept at the moment. */
type ExtremeState = "numbers" | "codes" | "datums";

/** The smallest or greatest value of each group. */
export class ExtremeAccumulator implements Accumulator {
  readonly #type: SqlType;
  readonly #greatest: boolean;
  #state: ExtremeState;
  #groupCount = 0;
  /** 1 where the group has a value. */
  #seen: Uint8Array = new Uint8Array(16);
  #numbers: Float64Array = new Float64Array(0);
  #codes: Int32Array = new Int32Array(0);
  #dictionary: Dictionary | null = null;
  #datums: Datum[] = [];

  constructor(type: SqlType, greatest: boolean) {
    this.#type = type;
    this.#greatest = greatest;
    const kind = plainKind(type);
    this.#state = kind === "i32" || kind === "f64" || kind === "bool"
      ? "numbers"
      : type.kind === "text"
      ? "codes"
      : "datums";
    this.reserve(16);
  }

  get memoryBytes(): number {
    return this.#seen.byteLength + this.#numbers.byteLength + this.#codes.byteLength +
      this.#datums.length * 40;
  }

  reserve(groupCount: number): void {
    this.#groupCount = Math.max(this.#groupCount, groupCount);
    this.#seen = grownUint8(this.#seen, groupCount);
    if (this.#state === "numbers") this.#numbers = grownFloat64(this.#numbers, groupCount);
    else if (this.#state === "codes") this.#codes = grownInt32(this.#codes, groupCount);
  }

  add(ids: Int32Array | null, args: readonly DenseVector[], size: number): void {
    const vector = args[0]!;
    if (
      this.#state === "numbers" && (vector.kind === "i32" || vector.kind === "f64" || vector.kind === "bool")
    ) {
      return this.#addNumbers(ids, vector.values, vector.nulls, size);
    }
    if (
      this.#state === "codes" && vector.kind === "code" &&
      (this.#dictionary ?? vector.dictionary) === vector.dictionary
    ) {
      this.#dictionary = vector.dictionary;
      return this.#addCodes(ids, vector.values, vector.nulls, size);
    }
    this.#toDatums();
    this.#addDatums(ids, vector, size);
  }

  result(from: number, to: number): Vector {
    if (this.#state === "numbers") return this.#numberVector(from, to);
    if (this.#state === "codes" && this.#dictionary !== null) {
      const nulls = missing(this.#seen, from, to);
      return { kind: "code", values: this.#codes.slice(from, to), dictionary: this.#dictionary, nulls };
    }
    const values = new Array<Datum>(to - from);
    for (let group = from; group < to; group++) {
      values[group - from] = this.#seen[group] === 1 ? this.#datums[group]! : null;
    }
    return vectorFromDatums(this.#type, values, to - from);
  }

  #numberVector(from: number, to: number): Vector {
    const nulls = missing(this.#seen, from, to);
    const numbers = this.#numbers.subarray(from, to);
    switch (plainKind(this.#type)) {
      case "i32":
        return { kind: "i32", values: Int32Array.from(numbers), nulls };
      case "bool":
        return { kind: "bool", values: Uint8Array.from(numbers), nulls };
      default:
        return { kind: "f64", values: numbers.slice(), nulls };
    }
  }

  #addNumbers(
    ids: Int32Array | null,
    values: Int32Array | Float64Array | Uint8Array,
    nulls: NullBytes,
    size: number,
  ): void {
    const best = this.#numbers;
    const seen = this.#seen;
    const groups = ids ?? zeroIds(size);
    if (values instanceof Float64Array) {
      if (this.#greatest) greatestFloat64(best, seen, groups, values, nulls, size);
      else smallestFloat64(best, seen, groups, values, nulls, size);
    } else {
      const whole = values instanceof Int32Array ? values : Int32Array.from(values.subarray(0, size));
      if (this.#greatest) greatestInt32(best, seen, groups, whole, nulls, size);
      else smallestInt32(best, seen, groups, whole, nulls, size);
    }
  }

  #addCodes(ids: Int32Array | null, values: Int32Array, nulls: NullBytes, size: number): void {
    const ranks = this.#dictionary!.ranks();
    const best = this.#codes;
    const sign = this.#greatest ? 1 : -1;
    for (let i = 0; i < size; i++) {
      if (nulls !== null && nulls[i] === 1) continue;
      const group = ids === null ? 0 : ids[i]!;
      const code = values[i]!;
      if (this.#seen[group] === 0) {
        this.#seen[group] = 1;
        best[group] = code;
      } else if ((ranks[code]! - ranks[best[group]!]!) * sign > 0) best[group] = code;
    }
  }

  #addDatums(ids: Int32Array | null, vector: DenseVector, size: number): void {
    const values = readDatums(vector, size);
    const sign = this.#greatest ? 1 : -1;
    for (let i = 0; i < size; i++) {
      const value = values[i]!;
      if (value === null) continue;
      const group = ids === null ? 0 : ids[i]!;
      if (this.#seen[group] === 0) {
        this.#seen[group] = 1;
        this.#datums[group] = value;
      } else if (compareDatums(value, this.#datums[group]!, this.#type) * sign > 0) {
        this.#datums[group] = value;
      }
    }
  }

  #toDatums(): void {
    if (this.#state === "datums") return;
    const count = this.#groupCount;
    for (let group = 0; group < count; group++) {
      if (this.#seen[group] === 0) this.#datums[group] = null;
      else if (this.#state === "codes") this.#datums[group] = this.#dictionary!.strings[this.#codes[group]!]!;
      else if (this.#type.kind === "boolean") this.#datums[group] = this.#numbers[group] === 1;
      else this.#datums[group] = this.#numbers[group]!;
    }
    this.#state = "datums";
    this.#numbers = new Float64Array(0);
    this.#codes = new Int32Array(0);
  }
}

let zeros = new Int32Array(2048);
/** Ids of rows that all belong to group 0. */
export function zeroIds(size: number): Int32Array {
  if (zeros.length < size) zeros = new Int32Array(size);
  return zeros;
}

/** 1 where `seen` is 0, for groups [from, to). */
function missing(seen: Uint8Array, from: number, to: number): NullBytes {
  let nulls: Uint8Array | null = null;
  for (let i = from; i < to; i++) if (seen[i] === 0) (nulls ??= new Uint8Array(to - from))[i - from] = 1;
  return nulls;
}

type ExtremeLoop<Values> = (
  best: Float64Array,
  seen: Uint8Array,
  ids: Int32Array,
  values: Values,
  nulls: NullBytes,
  size: number,
) => void;

const smallestInt32: ExtremeLoop<Int32Array> = (best, seen, ids, values, nulls, size) => {
  for (let i = 0; i < size; i++) {
    if (nulls !== null && nulls[i] === 1) continue;
    const id = ids[i]!;
    if (seen[id] === 0 || values[i]! < best[id]!) {
      seen[id] = 1;
      best[id] = values[i]!;
    }
  }
};

const greatestInt32: ExtremeLoop<Int32Array> = (best, seen, ids, values, nulls, size) => {
  for (let i = 0; i < size; i++) {
    if (nulls !== null && nulls[i] === 1) continue;
    const id = ids[i]!;
    if (seen[id] === 0 || values[i]! > best[id]!) {
      seen[id] = 1;
      best[id] = values[i]!;
    }
  }
};

// NaN is the greatest number: it never replaces in the first loop and always stays in the second.

const smallestFloat64: ExtremeLoop<Float64Array> = (best, seen, ids, values, nulls, size) => {
  for (let i = 0; i < size; i++) {
    if (nulls !== null && nulls[i] === 1) continue;
    const id = ids[i]!;
    const value = values[i]!;
    if (seen[id] === 0 || value < best[id]! || best[id] !== best[id]) {
      seen[id] = 1;
      best[id] = value;
    }
  }
};

const greatestFloat64: ExtremeLoop<Float64Array> = (best, seen, ids, values, nulls, size) => {
  for (let i = 0; i < size; i++) {
    if (nulls !== null && nulls[i] === 1) continue;
    const id = ids[i]!;
    const value = values[i]!;
    if (seen[id] === 0 || value > best[id]! || value !== value) {
      seen[id] = 1;
      best[id] = value;
    }
  }
};

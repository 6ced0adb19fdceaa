/**
 * The values of one aggregate as they were given out, by group: what a changed group takes back.
 *
 * ```
 * change ─► new values of its groups ─► compare with those shown ─► -old +new of the groups that differ
 * ```
 *
 * Numbers and booleans are held in a Float64Array, everything else, and whole numbers once one has passed 2^53,
 * as datums. O(1) a group and call.
 *
 * @module
 */
import { grownFloat64, grownUint8 } from "../../exec/aggregates/accumulator.ts";
import { type DenseVector, plainKind, vectorFromDatums } from "../../exec/vector_build.ts";
import { datumAt } from "../../exec/vector_read.ts";
import { asNumeric } from "../../query/functions/datum.ts";
import { identityKey } from "../../query/functions/identity.ts";
import type { Datum, SqlType } from "../../storage/sql_type.ts";
import type { NullBytes, Vector } from "../../storage/vector.ts";
import { pick } from "./number_accumulators.ts";

const DATUM_BYTES = 48;
/** An array for so many rows is used again. */
const FEW_ROWS = 8;

type Numbers = Int32Array | Float64Array | Uint8Array;

/** The groups that a change takes back, and the places in the new values that it brings. */
export interface ShownChange {
  readonly gone: Int32Array;
  readonly goneCount: number;
  readonly places: Int32Array;
  readonly placeCount: number;
  /** The groups at the places. */
  readonly groups: Int32Array;
}

/** See the module header. */
export class ShownColumn {
  readonly #type: SqlType;
  /** By group; instead of them `#datums`. */
  #numbers: Float64Array = new Float64Array(16);
  #nulls: Uint8Array = new Uint8Array(16);
  #datums: Datum[] | null;
  /** The values of a small exchange. */
  #few: Numbers | undefined;

  constructor(type: SqlType) {
    const kind = plainKind(type);
    this.#type = type;
    this.#datums = kind === "str" || kind === "object" ? [] : null;
  }

  get stateBytes(): number {
    if (this.#datums !== null) return this.#datums.length * DATUM_BYTES;
    return this.#numbers.byteLength + this.#nulls.byteLength;
  }

  /** Makes room for groups below `groupCount`. */
  reserve(groupCount: number): void {
    if (this.#datums !== null) {
      while (this.#datums.length < groupCount) this.#datums.push(null);
      return;
    }
    this.#numbers = grownFloat64(this.#numbers, groupCount);
    this.#nulls = grownUint8(this.#nulls, groupCount);
  }

  /** Sets `changed[i]` where the value of `groups[i]` is not what is shown. */
  compare(groups: Int32Array, count: number, fresh: DenseVector, changed: Uint8Array): void {
    if (this.#datums === null && isNumbers(fresh)) {
      compareNumbers(this.#numbers, this.#nulls, groups, count, fresh, changed);
      return;
    }
    if (this.#datums === null) this.#toDatums();
    for (let i = 0; i < count; i++) {
      if (changed[i] === 1) continue;
      const shown = this.#datums![groups[i]!]!;
      if (!isSame(shown, datumAt(fresh, i), this.#type)) changed[i] = 1;
    }
  }

  /**
   * The shown values of groups and then the new ones at places; those are shown from now on. The vector holds until
   * the next call.
   */
  exchange(change: ShownChange, fresh: DenseVector): Vector {
    const { gone, goneCount, places, placeCount, groups } = change;
    const size = goneCount + placeCount;
    if (this.#datums === null && isNumbers(fresh)) {
      const values = size <= FEW_ROWS
        ? this.#few ??= numbersFor(this.#type, FEW_ROWS)
        : numbersFor(this.#type, size);
      const nulls = exchangeNumbers(this.#numbers, this.#nulls, change, fresh, values);
      // The array is the one of the kind.
      return { kind: plainKind(this.#type), values, nulls } as Vector;
    }
    // They are datums since the comparison.
    const shown = this.#datums!;
    const values = new Array<Datum>(size);
    for (let i = 0; i < goneCount; i++) values[i] = shown[gone[i]!]!;
    for (let i = 0; i < placeCount; i++) {
      const value = datumAt(fresh, places[i]!);
      values[goneCount + i] = value;
      shown[groups[i]!] = value;
    }
    return vectorFromDatums(this.#type, values, size);
  }

  /** The shown values of groups. */
  read(groups: Int32Array): Vector {
    const size = groups.length;
    if (this.#datums !== null) {
      return vectorFromDatums(this.#type, Array.from(groups, (group) => this.#datums![group]!), size);
    }
    const values = numbersFor(this.#type, size);
    let nulls: Uint8Array | null = null;
    for (let i = 0; i < size; i++) {
      values[i] = this.#numbers[groups[i]!]!;
      if (this.#nulls[groups[i]!] === 1) (nulls ??= new Uint8Array(size))[i] = 1;
    }
    // The array is the one of the kind.
    return { kind: plainKind(this.#type), values, nulls } as Vector;
  }

  /** A group has left. */
  clear(group: number): void {
    if (this.#datums !== null) this.#datums[group] = null;
  }

  /** Gives the groups `groups` the ids from 0 on; the others are gone. */
  renumber(groups: Int32Array): void {
    if (this.#datums !== null) {
      this.#datums = Array.from(groups, (group) => this.#datums![group]!);
      return;
    }
    const nulls = new Uint8Array(Math.max(16, groups.length));
    for (let i = 0; i < groups.length; i++) nulls[i] = this.#nulls[groups[i]!]!;
    this.#nulls = nulls;
    this.#numbers = pick(this.#numbers, groups);
  }

  #toDatums(): void {
    this.#datums = Array.from(this.#numbers, (value, group): Datum => {
      if (this.#nulls[group] === 1) return null;
      return this.#type.kind === "boolean" ? value === 1 : value;
    });
  }
}

type NumberVector = Extract<DenseVector, { kind: "i32" | "f64" | "bool" }>;

function isNumbers(vector: DenseVector): vector is NumberVector {
  return vector.kind === "i32" || vector.kind === "f64" || vector.kind === "bool";
}

function numbersFor(type: SqlType, size: number): Numbers {
  const kind = plainKind(type);
  if (kind === "i32") return new Int32Array(size);
  return kind === "bool" ? new Uint8Array(size) : new Float64Array(size);
}

function compareNumbers(
  shown: Float64Array,
  shownNulls: Uint8Array,
  groups: Int32Array,
  count: number,
  fresh: NumberVector,
  changed: Uint8Array,
): void {
  const { values, nulls } = fresh;
  for (let i = 0; i < count; i++) {
    const group = groups[i]!;
    const isNull = nulls === null ? 0 : nulls[i]!;
    if (shownNulls[group] !== isNull) changed[i] = 1;
    else if (isNull === 0 && !Object.is(shown[group], values[i])) changed[i] = 1;
  }
}

function exchangeNumbers(
  shown: Float64Array,
  shownNulls: Uint8Array,
  { gone, goneCount, places, placeCount, groups }: ShownChange,
  fresh: NumberVector,
  values: Numbers,
): NullBytes {
  let nulls: Uint8Array | null = null;
  for (let i = 0; i < goneCount; i++) {
    const group = gone[i]!;
    values[i] = shown[group]!;
    if (shownNulls[group] === 1) (nulls ??= new Uint8Array(values.length))[i] = 1;
  }
  for (let i = 0; i < placeCount; i++) {
    const place = places[i]!;
    const group = groups[i]!;
    const isNull = fresh.nulls === null ? 0 : fresh.nulls[place]!;
    // Under a NULL the value is 0.
    const value = isNull === 1 ? 0 : fresh.values[place]!;
    values[goneCount + i] = value;
    shown[group] = value;
    shownNulls[group] = isNull;
    if (isNull === 1) (nulls ??= new Uint8Array(values.length))[goneCount + i] = 1;
  }
  return nulls;
}

/** Whether two values look the same. */
function isSame(a: Datum, b: Datum, type: SqlType): boolean {
  if (a === null || b === null) return a === b;
  if (Array.isArray(a) && Array.isArray(b)) return areSame(a, b, type.kind === "array" ? type.element : type);
  switch (type.kind) {
    case "text":
    case "json":
      return a === b;
    case "numeric": {
      const left = asNumeric(a);
      const right = asNumeric(b);
      return left.coefficient === right.coefficient && left.scale === right.scale &&
        left.special === right.special;
    }
    case "interval":
      return identityKey(a, type) === identityKey(b, type);
    default:
      return Object.is(a, b);
  }
}

/** Arrays by their elements, which may be arrays of the same type: dimensions are no part of it. */
function areSame(a: readonly Datum[], b: readonly Datum[], element: SqlType): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!isSame(a[i]!, b[i]!, element)) return false;
  return true;
}

/**
 * Value lanes: one value for each slot, written and read at random; the results of a window call.
 *
 * Numbers are held as doubles, and as datums from the first one on that no double holds exactly; everything else
 * is held as datums. O(1) a value.
 *
 * @module
 */
import { grownFloat64, grownUint8 } from "../../exec/aggregates/accumulator.ts";
import { type DenseVector, plainKind, vectorFromDatums } from "../../exec/vector_build.ts";
import { readDatums } from "../../exec/vector_read.ts";
import { asNumeric } from "../../query/functions/datum.ts";
import { identityKey } from "../../query/functions/identity.ts";
import type { Datum, SqlType } from "../../storage/sql_type.ts";

const DATUM_BYTES = 40;

/** See the module header. */
export class ValueLane {
  readonly type: SqlType;
  readonly #kind: ReturnType<typeof plainKind>;
  #numbers: Float64Array = new Float64Array(0);
  #nulls: Uint8Array = new Uint8Array(0);
  /** Set once the values are held as datums. */
  #datums: Datum[] | null;

  constructor(type: SqlType) {
    this.type = type;
    this.#kind = plainKind(type);
    this.#datums = this.#kind === "str" || this.#kind === "object" ? [] : null;
  }

  get stateBytes(): number {
    return this.#numbers.byteLength + this.#nulls.byteLength + (this.#datums?.length ?? 0) * DATUM_BYTES;
  }

  /** Makes room for slots below `slotCount`; new ones hold 0 or NULL. */
  reserve(slotCount: number): void {
    if (this.#datums !== null) {
      while (this.#datums.length < slotCount) this.#datums.push(null);
      return;
    }
    this.#numbers = grownFloat64(this.#numbers, slotCount);
    this.#nulls = grownUint8(this.#nulls, slotCount);
  }

  /** Sets the number at a slot of a lane of numbers to 0. */
  clear(slot: number): void {
    this.#numbers[slot] = 0;
  }

  /** The number at a slot of a lane of numbers. */
  numberAt(slot: number): number {
    return this.#numbers[slot]!;
  }

  /** Whether a slot holds this value, as far as can be told without much work. */
  holds(slot: number, value: Datum): boolean {
    if (this.#datums !== null) return sameDatum(this.#datums[slot]!, value, this.type);
    if (value === null || this.#nulls[slot] === 1) return value === null && this.#nulls[slot] === 1;
    return typeof value === "number" && Object.is(this.#numbers[slot], value);
  }

  /** Writes to `into` the indexes i below `count` for which slot `slots[i]` holds another value than `vector[i]`. */
  differing(slots: Int32Array, vector: DenseVector, count: number, into: Int32Array): number {
    this.#fit(vector, count);
    if (this.#datums !== null) return this.#differingDatums(slots, readDatums(vector, count), into);
    return differingNumbers(
      slots,
      { numbers: this.#numbers, nulls: this.#nulls },
      { numbers: doublesOf(vector, count), nulls: vector.nulls },
      count,
      into,
    );
  }

  /** Writes the values of `vector` at `picks[0 .. count]` to their slots. `differing` has seen the vector. */
  write(slots: Int32Array, vector: DenseVector, size: number, picks: Int32Array, count: number): void {
    if (this.#datums !== null) {
      const values = readDatums(vector, size);
      for (let k = 0; k < count; k++) this.#datums[slots[picks[k]!]!] = values[picks[k]!]!;
      return;
    }
    const from = doublesOf(vector, size);
    const { nulls } = vector;
    for (let k = 0; k < count; k++) {
      const i = picks[k]!;
      this.#numbers[slots[i]!] = from[i]!;
      this.#nulls[slots[i]!] = nulls === null ? 0 : nulls[i]!;
    }
  }

  /** The values of `slots[0 .. count]`, and then those of a part that was gathered before. */
  gather(slots: Int32Array, count: number): GatheredValues {
    if (this.#datums !== null) {
      const datums = new Array<Datum>(count);
      for (let i = 0; i < count; i++) datums[i] = this.#datums[slots[i]!]!;
      return { datums };
    }
    const numbers = new Float64Array(count);
    let nulls: Uint8Array | null = null;
    for (let i = 0; i < count; i++) {
      numbers[i] = this.#numbers[slots[i]!]!;
      if (this.#nulls[slots[i]!] === 1) (nulls ??= new Uint8Array(count))[i] = 1;
    }
    return { numbers, nulls };
  }

  /** The two parts one after the other, as a vector of the type. */
  joined(
    first: GatheredValues,
    firstCount: number,
    second: GatheredValues,
    secondCount: number,
  ): DenseVector {
    const size = firstCount + secondCount;
    if ("datums" in first || "datums" in second) {
      const datums = [...this.#datumsOf(first, firstCount), ...this.#datumsOf(second, secondCount)];
      return vectorFromDatums(this.type, datums, size);
    }
    const numbers = new Float64Array(size);
    numbers.set(first.numbers);
    numbers.set(second.numbers, firstCount);
    let nulls: Uint8Array | null = null;
    if (first.nulls !== null || second.nulls !== null) {
      nulls = new Uint8Array(size);
      if (first.nulls !== null) nulls.set(first.nulls);
      if (second.nulls !== null) nulls.set(second.nulls, firstCount);
    }
    return this.#vector(numbers, nulls);
  }

  /** The value of slot `live[i]` becomes that of slot i; the others are gone. */
  renumber(live: Int32Array): void {
    const kept = this.gather(live, live.length);
    if ("datums" in kept) {
      this.#datums = [...kept.datums];
      return;
    }
    this.#numbers = kept.numbers;
    this.#nulls = kept.nulls ?? new Uint8Array(live.length);
  }

  #vector(numbers: Float64Array, nulls: Uint8Array | null): DenseVector {
    switch (this.#kind) {
      case "i32":
        return { kind: "i32", values: new Int32Array(numbers), nulls };
      case "bool":
        return { kind: "bool", values: new Uint8Array(numbers), nulls };
      default:
        return { kind: "f64", values: numbers, nulls };
    }
  }

  #datumsOf(values: GatheredValues, count: number): readonly Datum[] {
    return "datums" in values ? values.datums : readDatums(this.#vector(values.numbers, values.nulls), count);
  }

  /** Goes over to datums before the first vector that doubles cannot hold. */
  #fit(vector: DenseVector, count: number): void {
    if (this.#datums !== null || count === 0) return;
    if (vector.kind === "i32" || vector.kind === "f64" || vector.kind === "bool") return;
    const { length } = this.#numbers;
    this.#datums = [...readDatums(this.#vector(this.#numbers, this.#nulls), length)];
    this.#numbers = new Float64Array(0);
    this.#nulls = new Uint8Array(0);
  }

  #differingDatums(slots: Int32Array, values: readonly Datum[], into: Int32Array): number {
    let found = 0;
    for (let i = 0; i < values.length; i++) {
      if (!sameDatum(this.#datums![slots[i]!]!, values[i]!, this.type)) into[found++] = i;
    }
    return found;
  }
}

/** Values that were read from a lane. */
export type GatheredValues =
  | { readonly numbers: Float64Array; readonly nulls: Uint8Array | null }
  | { readonly datums: readonly Datum[] };

interface Doubles {
  readonly numbers: Float64Array;
  readonly nulls: Uint8Array | null;
}

function doublesOf(vector: DenseVector, count: number): Float64Array {
  if (vector.kind === "f64") return vector.values;
  const doubles = new Float64Array(count);
  if (vector.kind === "i32" || vector.kind === "bool") doubles.set(vector.values.subarray(0, count));
  return doubles;
}

function differingNumbers(
  slots: Int32Array,
  held: { readonly numbers: Float64Array; readonly nulls: Uint8Array },
  given: Doubles,
  count: number,
  into: Int32Array,
): number {
  let found = 0;
  for (let i = 0; i < count; i++) {
    const slot = slots[i]!;
    const isNull = given.nulls !== null && given.nulls[i] === 1;
    if (isNull || held.nulls[slot] === 1) {
      if (isNull !== (held.nulls[slot] === 1)) into[found++] = i;
    } else if (!Object.is(held.numbers[slot], given.numbers[i])) into[found++] = i;
  }
  return found;
}

/** Whether two values of one type look the same. */
export function sameDatum(a: Datum, b: Datum, type: SqlType): boolean {
  if (Object.is(a, b)) return true;
  if (a === null || b === null || type.kind === "text" || typeof a === "number") return false;
  if (type.kind === "numeric") {
    const x = asNumeric(a);
    const y = asNumeric(b);
    // Only numbers of different scales need a closer look.
    if (x.scale === y.scale) return x.coefficient === y.coefficient && x.special === y.special;
  }
  return identityKey(a, type) === identityKey(b, type);
}

/**
 * Sort lanes: the sort keys of rows by slot, and the order that they give.
 *
 * Keys that are numbers are held as doubles, where a comparison is two tests for all but NULL and NaN; other keys,
 * and numbers beyond 2^53, are held as datums. O(keys) a comparison.
 *
 * @module
 */
import { grownFloat64, grownUint8 } from "../../exec/aggregates/accumulator.ts";
import type { SortDirection } from "../../exec/operators/sort_order.ts";
import { type DenseVector, plainKind } from "../../exec/vector_build.ts";
import { readDatums } from "../../exec/vector_read.ts";
import { compareDatums } from "../../query/functions/compare.ts";
import type { Datum } from "../../storage/sql_type.ts";

const DATUM_BYTES = 40;
const IS_NAN = 1;
const IS_NULL = 2;

/** One sort key by slot. */
export class SortLane {
  readonly #direction: SortDirection;
  readonly #sign: 1 | -1;
  /** NaN for NULL and NaN. */
  #numbers: Float64Array = new Float64Array(0);
  /** 0 for a number, `IS_NAN` or `IS_NULL`. */
  #classes: Uint8Array = new Uint8Array(0);
  #datums: Datum[] | null;

  constructor(direction: SortDirection) {
    this.#direction = direction;
    this.#sign = direction.descending ? -1 : 1;
    const kind = plainKind(direction.type);
    this.#datums = kind === "str" || kind === "object" ? [] : null;
  }

  get stateBytes(): number {
    return this.#numbers.byteLength + this.#classes.byteLength + (this.#datums?.length ?? 0) * DATUM_BYTES;
  }

  /** Makes room for slots below `slotCount`. */
  reserve(slotCount: number): void {
    if (this.#datums !== null) {
      while (this.#datums.length < slotCount) this.#datums.push(null);
      return;
    }
    this.#numbers = grownFloat64(this.#numbers, slotCount);
    this.#classes = grownUint8(this.#classes, slotCount);
  }

  /** Writes `vector[i]` to slot `slots[i]`. */
  write(slots: Int32Array, vector: DenseVector, count: number): void {
    if (vector.kind === "big") this.#becomeDatums();
    if (this.#datums !== null) {
      const values = readDatums(vector, count);
      for (let i = 0; i < count; i++) this.#datums[slots[i]!] = values[i]!;
      return;
    }
    // Neither text nor objects, and no bigints: an array of numbers.
    const values = vector.values as ArrayLike<number>;
    const { nulls } = vector;
    for (let i = 0; i < count; i++) {
      const slot = slots[i]!;
      const isNull = nulls !== null && nulls[i] === 1;
      const value = isNull ? NaN : values[i]!;
      this.#numbers[slot] = value;
      this.#classes[slot] = isNull ? IS_NULL : value === value ? 0 : IS_NAN;
    }
  }

  /** Negative when the key of slot `a` comes before that of slot `b`. */
  compare(a: number, b: number): number {
    if (this.#datums !== null) return this.#compareDatums(a, b, this);
    const numbers = this.#numbers;
    const x = numbers[a]!;
    const y = numbers[b]!;
    if (x < y) return -this.#sign;
    if (x > y) return this.#sign;
    return x === y ? 0 : this.#compareClasses(this.#classes[a]!, this.#classes[b]!);
  }

  /** Negative when the key of slot `a` comes before the key that a lane in the same order has at slot `b`. */
  compareWith(a: number, b: number, other: SortLane): number {
    if (this.#datums !== null || other.#datums !== null) return this.#compareDatums(a, b, other);
    const x = this.#numbers[a]!;
    const y = other.#numbers[b]!;
    if (x < y) return -this.#sign;
    if (x > y) return this.#sign;
    return x === y ? 0 : this.#compareClasses(this.#classes[a]!, other.#classes[b]!);
  }

  /** The key of slot `live[i]` becomes that of slot i. */
  renumber(live: Int32Array): void {
    if (this.#datums !== null) {
      const datums = this.#datums;
      this.#datums = Array.from(live, (slot) => datums[slot]!);
      return;
    }
    this.#numbers = Float64Array.from(live, (slot) => this.#numbers[slot]!);
    this.#classes = Uint8Array.from(live, (slot) => this.#classes[slot]!);
  }

  #compareClasses(x: number, y: number): number {
    if (x === IS_NULL || y === IS_NULL) {
      return (Number(x === IS_NULL) - Number(y === IS_NULL)) * (this.#direction.nullsFirst ? -1 : 1);
    }
    return (x - y) * this.#sign;
  }

  #compareDatums(a: number, b: number, other: SortLane): number {
    const x = this.#datumAt(a);
    const y = other.#datumAt(b);
    if (x === null || y === null) {
      return (Number(x === null) - Number(y === null)) * (this.#direction.nullsFirst ? -1 : 1);
    }
    return compareDatums(x, y, this.#direction.type) * this.#sign;
  }

  #datumAt(slot: number): Datum {
    if (this.#datums !== null) return this.#datums[slot]!;
    return this.#classes[slot] === IS_NULL ? null : this.#numbers[slot]!;
  }

  #becomeDatums(): void {
    if (this.#datums !== null) return;
    this.#datums = Array.from(this.#numbers, (_, slot) => this.#datumAt(slot));
    this.#numbers = new Float64Array(0);
    this.#classes = new Uint8Array(0);
  }
}

/**
 * The order of slots: by their sort keys and, where those are equal, by when their rows came.
 */
export class SlotOrder {
  readonly lanes: readonly SortLane[];
  /** When the row of a slot came. */
  #ages: Float64Array = new Float64Array(0);
  #now = 0;

  constructor(directions: readonly SortDirection[]) {
    this.lanes = directions.map((direction) => new SortLane(direction));
  }

  get stateBytes(): number {
    return this.lanes.reduce((bytes, lane) => bytes + lane.stateBytes, this.#ages.byteLength);
  }

  reserve(slotCount: number): void {
    this.#ages = grownFloat64(this.#ages, slotCount);
    for (const lane of this.lanes) lane.reserve(slotCount);
  }

  /** The rows of `slots` come now, with these keys. */
  write(slots: Int32Array, keys: readonly DenseVector[], count: number): void {
    for (let i = 0; i < count; i++) this.#ages[slots[i]!] = this.#now++;
    this.lanes.forEach((lane, j) => lane.write(slots, keys[j]!, count));
  }

  /** The order of the keys alone. */
  compareKeys(a: number, b: number): number {
    const { lanes } = this;
    for (let j = 0; j < lanes.length; j++) {
      const order = lanes[j]!.compare(a, b);
      if (order !== 0) return order;
    }
    return 0;
  }

  /** The order; 0 for the same slot only. */
  compare(a: number, b: number): number {
    return this.compareKeys(a, b) || this.#ages[a]! - this.#ages[b]!;
  }

  renumber(live: Int32Array): void {
    this.#ages = Float64Array.from(live, (slot) => this.#ages[slot]!);
    for (const lane of this.lanes) lane.renumber(live);
  }
}

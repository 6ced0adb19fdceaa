/**
 * Sort keys of rows, by row number: what ordered state compares.
 *
 * Numbers are kept in arrays of numbers, texts and everything else as datums; a column of numbers that meets one
 * beyond 2^53 becomes one of datums. A comparison is O(keys).
 *
 * @module
 */
import { grownFloat64, grownUint8 } from "../../exec/aggregates/accumulator.ts";
import { materialize } from "../../exec/materialize.ts";
import type { SortDirection } from "../../exec/operators/sort_order.ts";
import { type DenseVector, plainKind } from "../../exec/vector_build.ts";
import { datumAt } from "../../exec/vector_read.ts";
import { compareDatums, compareDoubles } from "../../query/functions/compare.ts";
import type { Datum } from "../../storage/sql_type.ts";
import type { Vector } from "../../storage/vector.ts";

/** Estimate for a datum that is not a number. */
const DATUM_BYTES = 40;

/** One key of every row. */
interface KeyValues {
  readonly stateBytes: number;
  /** Appends those of rows `rows`; undefined when the column cannot hold them. */
  append(vector: DenseVector, rows: Int32Array): boolean;
  compare(a: number, b: number): number;
  /** Writes the positions of values that are not after that of row `bound`; gives their number. */
  selectUpTo(vector: DenseVector, size: number, bound: number, into: Int32Array): number;
  kept(rows: Int32Array): KeyValues;
}

/** See the module header. */
export class SortKeys {
  #columns: KeyValues[];
  readonly #directions: readonly SortDirection[];

  constructor(directions: readonly SortDirection[]) {
    this.#directions = directions;
    this.#columns = directions.map((direction) => {
      const kind = plainKind(direction.type);
      return kind === "str" || kind === "object" ? new DatumKeys(direction) : new NumberKeys(direction);
    });
  }

  /** Approximate memory in bytes. */
  get stateBytes(): number {
    let bytes = 0;
    for (const column of this.#columns) bytes += column.stateBytes;
    return bytes;
  }

  /** Appends the keys of rows `rows` of a change of `size` rows. */
  append(vectors: readonly Vector[], size: number, rows: Int32Array): void {
    this.#columns.forEach((column, j) => {
      const vector = materialize(vectors[j]!, size);
      if (column.append(vector, rows)) return;
      // Only columns of numbers refuse a vector.
      const wider = DatumKeys.of(column as NumberKeys, this.#directions[j]!);
      wider.append(vector, rows);
      this.#columns[j] = wider;
    });
  }

  /** Negative when row `a` comes before row `b` by the first `count` keys. */
  compare(a: number, b: number, count: number = this.#columns.length): number {
    const columns = this.#columns;
    for (let j = 0; j < count; j++) {
      const order = columns[j]!.compare(a, b);
      if (order !== 0) return order;
    }
    return 0;
  }

  /** Writes to `into` which of the rows of a change have a first key not after that of row `bound`. */
  selectUpTo(vectors: readonly Vector[], size: number, bound: number, into: Int32Array): number {
    return this.#columns[0]!.selectUpTo(materialize(vectors[0]!, size), size, bound, into);
  }

  /** Keeps the keys of `rows`, which then count from 0. */
  keep(rows: Int32Array): void {
    this.#columns = this.#columns.map((column) => column.kept(rows));
  }
}

class NumberKeys implements KeyValues {
  readonly #direction: SortDirection;
  readonly #sign: number;
  readonly #nullSign: number;
  #values: Float64Array = new Float64Array(64);
  /** Absent while there is no NULL. */
  #nulls: Uint8Array | null = null;
  #count = 0;

  constructor(direction: SortDirection) {
    this.#direction = direction;
    this.#sign = direction.descending ? -1 : 1;
    this.#nullSign = direction.nullsFirst ? -1 : 1;
  }

  get stateBytes(): number {
    return this.#values.byteLength + (this.#nulls?.byteLength ?? 0);
  }

  append(vector: DenseVector, rows: Int32Array): boolean {
    const from = this.#count;
    const count = from + rows.length;
    const values = this.#values = grownFloat64(this.#values, count);
    switch (vector.kind) {
      case "f64":
        appendFloat64(vector.values, rows, values, from);
        break;
      case "i32":
        appendInt32(vector.values, rows, values, from);
        break;
      case "bool":
        appendUint8(vector.values, rows, values, from);
        break;
      default:
        return false;
    }
    this.#count = count;
    if (vector.nulls !== null || this.#nulls !== null) this.#appendNulls(vector.nulls, rows, from);
    return true;
  }

  compare(a: number, b: number): number {
    if (this.#nulls !== null) {
      const order = this.#nulls[a]! - this.#nulls[b]!;
      if (order !== 0) return order * this.#nullSign;
      if (this.#nulls[a] === 1) return 0;
    }
    const left = this.#values[a]!;
    const right = this.#values[b]!;
    if (left < right) return -this.#sign;
    if (left > right) return this.#sign;
    return left === right ? 0 : compareDoubles(left, right) * this.#sign;
  }

  selectUpTo(vector: DenseVector, size: number, bound: number, into: Int32Array): number {
    const isPlain = vector.nulls === null && (this.#nulls === null || this.#nulls[bound] === 0);
    const limit = this.#values[bound]!;
    if (isPlain && vector.kind === "f64" && limit === limit) {
      return selectFloat64(vector.values, size, limit, this.#sign, into);
    }
    if (isPlain && vector.kind === "i32") return selectInt32(vector.values, size, limit, this.#sign, into);
    if (vector.kind !== "f64" && vector.kind !== "i32" && vector.kind !== "bool") {
      return DatumKeys.of(this, this.#direction, bound).selectUpTo(vector, size, 0, into);
    }
    const { values, nulls } = vector;
    const isNull = this.#nulls !== null && this.#nulls[bound] === 1;
    let count = 0;
    for (let i = 0; i < size; i++) {
      const isValueNull = nulls !== null && nulls[i] === 1;
      const order = isNull || isValueNull
        ? (Number(isValueNull) - Number(isNull)) * this.#nullSign
        : compareDoubles(values[i]!, limit) * this.#sign;
      if (order <= 0) into[count++] = i;
    }
    return count;
  }

  kept(rows: Int32Array): NumberKeys {
    const kept = new NumberKeys(this.#direction);
    kept.append({ kind: "f64", values: this.#values, nulls: this.#nulls }, rows);
    return kept;
  }

  /** All keys. */
  datums(): Datum[] {
    return Array.from({ length: this.#count }, (_, row) => this.datum(row));
  }

  datum(row: number): Datum {
    return this.#nulls?.[row] === 1 ? null : this.#values[row]!;
  }

  #appendNulls(from: Uint8Array | null, rows: Int32Array, at: number): void {
    const nulls = this.#nulls = grownUint8(this.#nulls ?? new Uint8Array(0), this.#values.length);
    if (from === null) return;
    for (let i = 0; i < rows.length; i++) nulls[at + i] = from[rows[i]!]!;
  }
}

class DatumKeys implements KeyValues {
  readonly #direction: SortDirection;
  #values: Datum[] = [];

  constructor(direction: SortDirection) {
    this.#direction = direction;
  }

  /** The same keys; only that of one row, which then is the first, where it is given. */
  static of(keys: NumberKeys, direction: SortDirection, row?: number): DatumKeys {
    const same = new DatumKeys(direction);
    same.#values = row === undefined ? keys.datums() : [keys.datum(row)];
    return same;
  }

  get stateBytes(): number {
    return this.#values.length * DATUM_BYTES;
  }

  append(vector: DenseVector, rows: Int32Array): boolean {
    for (const row of rows) this.#values.push(datumAt(vector, row));
    return true;
  }

  selectUpTo(vector: DenseVector, size: number, bound: number, into: Int32Array): number {
    const limit = this.#values[bound]!;
    let count = 0;
    for (let i = 0; i < size; i++) if (this.#compare(datumAt(vector, i), limit) <= 0) into[count++] = i;
    return count;
  }

  compare(a: number, b: number): number {
    return this.#compare(this.#values[a]!, this.#values[b]!);
  }

  #compare(left: Datum, right: Datum): number {
    if (left === right) return 0;
    const { type, descending, nullsFirst } = this.#direction;
    if (left === null || right === null) return (left === null) === nullsFirst ? -1 : 1;
    const order = compareDatums(left, right, type);
    return descending ? -order : order;
  }

  kept(rows: Int32Array): DatumKeys {
    const kept = new DatumKeys(this.#direction);
    kept.#values = Array.from(rows, (row) => this.#values[row]!);
    return kept;
  }
}

function appendFloat64(values: Float64Array, rows: Int32Array, into: Float64Array, at: number): void {
  for (let i = 0; i < rows.length; i++) into[at + i] = values[rows[i]!]!;
}

function appendInt32(values: Int32Array, rows: Int32Array, into: Float64Array, at: number): void {
  for (let i = 0; i < rows.length; i++) into[at + i] = values[rows[i]!]!;
}

function appendUint8(values: Uint8Array, rows: Int32Array, into: Float64Array, at: number): void {
  for (let i = 0; i < rows.length; i++) into[at + i] = values[rows[i]!]!;
}

/** NaN is the greatest: after every number in ascending order, before it in descending order. */
function selectFloat64(
  values: Float64Array,
  size: number,
  limit: number,
  sign: number,
  into: Int32Array,
): number {
  let count = 0;
  if (sign > 0) { for (let i = 0; i < size; i++) if (values[i]! <= limit) into[count++] = i; }
  else for (let i = 0; i < size; i++) if (!(values[i]! < limit)) into[count++] = i;
  return count;
}

function selectInt32(
  values: Int32Array,
  size: number,
  limit: number,
  sign: number,
  into: Int32Array,
): number {
  let count = 0;
  if (sign > 0) { for (let i = 0; i < size; i++) if (values[i]! <= limit) into[count++] = i; }
  else for (let i = 0; i < size; i++) if (values[i]! >= limit) into[count++] = i;
  return count;
}

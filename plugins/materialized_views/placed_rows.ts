/**
 * Where the stored rows of a view are, by the places that its operators have for them.
 *
 * ```
 * change   -old +new at place 7, -old at place 3 ─► rows[7]: overwritten, rows[3]: deleted
 * ```
 *
 * So rows need not be found by value, which takes an index over whole rows. It begins with the rows that fill the
 * table, follows while every change says its places, and is given up with the first one that does not. O(1) a row.
 *
 * @module
 */
import { gatherVector } from "../../src/exec/gather_vector.ts";
import { type Delta, type Places, placesOf, type PlaceSpace } from "../../src/circuit/delta.ts";
import { vectorDatum } from "../../src/storage/datum_vector.ts";
import type { Datum } from "../../src/storage/sql_type.ts";
import { ProbeKeys } from "../../src/storage/probe_keys.ts";
import { RowPairs } from "../../src/storage/row_pairs.ts";
import type { Table } from "../../src/storage/table.ts";
import { sortRowsWith } from "../../src/storage/row_sort.ts";
import type { RowVectors } from "../../src/storage/row_replacement.ts";
import type { Transaction } from "../../src/storage/transaction.ts";

/** Changes up to this size are written row by row. */
const FEW_ROWS = 32;

const NO_ROW = -1;

/** By place: the row of the change that comes there plus 1, while a change is written; 0 otherwise. */
let coming: Int32Array = new Int32Array(64);

/** See the module header. */
export class PlacedRows {
  readonly #space: PlaceSpace;
  #generation: number;
  /** By place: the row id, or -1. */
  #rows: Int32Array = new Int32Array(16).fill(NO_ROW);

  /** The rows of `places` are `rows`, and there are no others. */
  constructor({ space, generation, of }: Places, rows: Int32Array) {
    this.#space = space;
    this.#generation = generation;
    for (let i = 0; i < of.length; i++) {
      this.#reserve(of[i]!);
      this.#rows[of[i]!] = rows[i]!;
    }
  }

  /** Looks up by value where the rows of a table are that all stand in `delta`; undefined when one is not there. */
  static find(table: Table, delta: Delta): PlacedRows | undefined {
    const { size, columns } = delta;
    const places = placesOf(delta);
    if (places === undefined || size !== table.rowCount) return undefined;
    const keys = new ProbeKeys();
    keys.load(table.rowOrdinals.map((ordinal) => columns[ordinal]!), size);
    const pairs = new RowPairs(size);
    table.findByValues(keys, pairs);
    const rows = new Int32Array(size);
    for (let i = 0, at = 0; i < size; i++) {
      const start = at;
      while (at < pairs.count && pairs.probes[at] === i) at++;
      // With a NULL, or among rows that are equal and look different, it has to be found by itself.
      rows[i] = at - start === 1 ? pairs.rows[start]! : table.findByValue(datumsAt(columns, i));
      if (rows[i]! < 0) return undefined;
    }
    return new PlacedRows(places, rows);
  }

  /** Whether the places of a change are those that are known here. */
  follows(places: Places): boolean {
    if (places.space !== this.#space) return false;
    if (places.generation === this.#generation) return true;
    const { generation, kept } = this.#space;
    if (places.generation !== this.#generation + 1 || generation !== places.generation) return false;
    const rows = new Int32Array(Math.max(16, kept.length)).fill(NO_ROW);
    for (let place = 0; place < kept.length; place++) rows[place] = this.#rows[kept[place]!] ?? NO_ROW;
    this.#rows = rows;
    this.#generation = generation;
    return true;
  }

  /** Applies a change whose places it follows to the table; gives how many rows that go were not there. */
  write(transaction: Transaction, table: Table, change: Delta): number {
    const { of } = placesOf(change)!;
    return change.size <= FEW_ROWS
      ? this.#writeFew(transaction, table, change, of)
      : this.#writeMany(transaction, table, change, of);
  }

  #writeFew(
    transaction: Transaction,
    table: Table,
    { size, columns, weights }: Delta,
    of: Int32Array,
  ): number {
    let lost = 0;
    for (let i = 0; i < size; i++) {
      if (weights[i]! > 0) continue;
      const place = of[i]!;
      const row = this.#rowAt(place);
      if (row < 0) {
        lost++;
        continue;
      }
      const next = comingAt(of, weights, size, place);
      if (next >= 0) transaction.replaceAt(table, row, columns, { before: i, after: next });
      else {
        transaction.deleteRow(table, row);
        this.#rows[place] = NO_ROW;
      }
    }
    for (let i = 0; i < size; i++) {
      if (weights[i]! < 0 || this.#rowAt(of[i]!) >= 0) continue;
      this.#reserve(of[i]!);
      this.#rows[of[i]!] = transaction.insertRow(table, datumsAt(columns, i));
    }
    return lost;
  }

  #writeMany(
    transaction: Transaction,
    table: Table,
    { size, columns, weights }: Delta,
    of: Int32Array,
  ): number {
    let greatest = 0;
    for (let i = 0; i < size; i++) if (of[i]! > greatest) greatest = of[i]!;
    this.#reserve(greatest);
    const rows = this.#rows;
    if (coming.length <= greatest) coming = new Int32Array(Math.max(greatest + 1, coming.length * 2));
    for (let i = 0; i < size; i++) if (weights[i]! > 0) coming[of[i]!] = i + 1;
    const overwritten = new Int32Array(size);
    const inputs = new Int32Array(size);
    const deleted = new Int32Array(size);
    let overwrittenCount = 0;
    let deletedCount = 0;
    let lost = 0;
    for (let i = 0; i < size; i++) {
      if (weights[i]! > 0) continue;
      const place = of[i]!;
      const row = rows[place]!;
      if (row < 0) lost++;
      else if (coming[place]! > 0) {
        overwritten[overwrittenCount] = row;
        inputs[overwrittenCount++] = coming[place]! - 1;
        coming[place] = 0;
      } else {
        deleted[deletedCount++] = row;
        rows[place] = NO_ROW;
      }
    }
    const inserted = new Int32Array(size);
    let insertedCount = 0;
    for (let i = 0; i < size; i++) {
      if (coming[of[i]!] !== i + 1 || weights[i]! < 0) continue;
      inserted[insertedCount++] = i;
      coming[of[i]!] = 0;
    }
    if (overwrittenCount > 0) {
      // In the order in which they are stored.
      sortRowsWith(overwritten, inputs, overwrittenCount);
      const vectors = { columns, count: size };
      const targets = overwritten.subarray(0, overwrittenCount);
      transaction.replaceManyAt(table, targets, vectors, inputs.subarray(0, overwrittenCount));
    }
    if (deletedCount > 0) transaction.deleteRows(table, deleted.subarray(0, deletedCount));
    if (insertedCount > 0) {
      const { columns: picked, count } = rowsAt(columns, inserted, insertedCount);
      const ids = transaction.insertVectors(table, picked, count).rowIds();
      for (let i = 0; i < count; i++) rows[of[inserted[i]!]!] = ids[i]!;
    }
    return lost;
  }

  #rowAt(place: number): number {
    return place < this.#rows.length ? this.#rows[place]! : NO_ROW;
  }

  #reserve(place: number): void {
    const { length } = this.#rows;
    if (place < length) return;
    const rows = new Int32Array(Math.max(place + 1, length * 2)).fill(NO_ROW, length);
    rows.set(this.#rows);
    this.#rows = rows;
  }
}

/** The row of a small change that comes to `place`, or -1. */
function comingAt(of: Int32Array, weights: Int32Array, size: number, place: number): number {
  for (let i = 0; i < size; i++) if (of[i] === place && weights[i]! > 0) return i;
  return -1;
}

function datumsAt(columns: Delta["columns"], i: number): Datum[] {
  const row = new Array<Datum>(columns.length);
  for (let j = 0; j < row.length; j++) row[j] = vectorDatum(columns[j]!, i);
  return row;
}

function rowsAt(columns: Delta["columns"], rows: Int32Array, count: number): RowVectors {
  return { columns: columns.map((column) => gatherVector(column, rows, count)), count };
}

/**
 * Arrangement: the rows of a relation, found by a key.
 *
 * ```
 * rows     distinct rows -> row id, weight by row id        1.5 and 1.50 are two rows, and one key
 * keys     distinct keys -> key id, first row of the key
 *            key 7 ──► row 3 ──► row 0        #heads, #next
 * ```
 *
 * A row whose weight falls to 0 keeps its id, so that it costs nothing when it comes back; once half of the rows
 * are such, the arrangement is made anew. Rows of numbers, where nobody holds on to their ids, are kept in a row
 * store instead and forgotten at once. Changing and finding a row are O(columns), finding by key O(matches).
 * The term is that of McSherry et al., "Shared Arrangements", VLDB 2020.
 *
 * @module
 */
import { type KeyColumn, KeyTable } from "../../exec/key_table.ts";
import { grownInt32 } from "../../exec/aggregates/accumulator.ts";
import { RowPairs } from "../../storage/row_pairs.ts";
import { INTEGER, type SqlType } from "../../storage/sql_type.ts";
import type { Vector } from "../../storage/vector.ts";
import { gatherVector } from "../../exec/gather_vector.ts";
import type { Delta } from "../delta.ts";
import { RowStore } from "./row_store.ts";

/** Rows below which dead ones are not worth removing. */
const REBUILD_ROWS = 1024;

/** What an arrangement is made of. */
export interface ArrangementOptions {
  /** Types of the rows. */
  readonly types: readonly SqlType[];
  /** Types of the key. */
  readonly keyTypes: readonly SqlType[];
  /** Whether rows with NULL in their key are found by a NULL. */
  readonly nullIsKey: boolean;
}

/** Pairs of a probing row and a row of the arrangement. */
export interface Matches {
  readonly count: number;
  /** Position of the probing key. */
  readonly probes: Int32Array;
  /** Row ids of the arrangement. */
  readonly rows: Int32Array;
}

/** See the module header. */
export class Arrangement {
  readonly #options: ArrangementOptions;
  #rows: KeyTable | RowStore;
  #keys: KeyTable;
  #weights: Int32Array = new Int32Array(64);
  /** First row of each key, plus 1. */
  #heads: Int32Array = new Int32Array(64);
  /** Next row of the same key, plus 1. */
  #next: Int32Array = new Int32Array(64);
  /** With a row store: the row before of the same key, plus 1, and the key; how many keys have rows. */
  #previous: Int32Array = new Int32Array(0);
  #keyOf: Int32Array = new Int32Array(0);
  #liveKeys = 0;
  /** Rows whose weight is not 0. */
  #liveCount = 0;
  #ids: Int32Array = new Int32Array(0);
  #keyIds: Int32Array = new Int32Array(0);

  constructor(options: ArrangementOptions) {
    this.#options = options;
    this.#rows = this.#newRows();
    this.#keys = this.#newKeys();
  }

  /** Distinct rows. */
  get rowCount(): number {
    return this.#liveCount;
  }

  /** Approximate memory in bytes. */
  get stateBytes(): number {
    return this.#rows.memoryBytes + this.#keys.memoryBytes + this.#weights.byteLength +
      this.#heads.byteLength + this.#next.byteLength + this.#previous.byteLength + this.#keyOf.byteLength;
  }

  /** Forgets rows at once from now on, if they are such rows; there is none yet. `release` is to follow each change. */
  forgetAtOnce(): void {
    this.#rows = RowStore.of(this.#options.types) ?? this.#rows;
  }

  /** Forgets the rows of the last change, of `size` rows, that are gone; their ids may be given to others. */
  release(size: number): void {
    const rows = this.#rows;
    if (!(rows instanceof RowStore)) return;
    for (let i = 0; i < size; i++) {
      const id = this.#ids[i]!;
      if (this.#weights[id] !== 0 || !rows.has(id)) continue;
      this.#unlink(id);
      rows.release(id);
    }
  }

  #unlink(id: number): void {
    const keyId = this.#keyOf[id]!;
    if (keyId < 0) return;
    const next = this.#next[id]!;
    const previous = this.#previous[id]!;
    if (next !== 0) this.#previous[next - 1] = previous;
    if (previous !== 0) this.#next[previous - 1] = next;
    else {
      this.#heads[keyId] = next;
      if (next === 0) this.#liveKeys--;
    }
  }

  /**
   * Adds a change; `keys` are the keys of its rows. False, adding nothing, when rows of numbers are kept and these are
   * no numbers: then `compact` is to be called with `isWider`.
   */
  apply(delta: Delta, keys: readonly Vector[]): boolean {
    const { size, columns, weights } = delta;
    if (size === 0) return true;
    this.#ids = grownInt32(this.#ids, size);
    const ids = this.#ids;
    const added = this.#rows.assign(rowColumns(columns, size), size, ids);
    if (added < 0) return false;
    this.#weights = grownInt32(this.#weights, this.#rows.count);
    this.#next = grownInt32(this.#next, this.#rows.count);
    if (added > 0) this.#link(this.#rows.freshRows.slice(0, added), keys, ids);
    for (let i = 0; i < size; i++) {
      const id = ids[i]!;
      const before = this.#weights[id]!;
      const after = before + weights[i]!;
      this.#weights[id] = after;
      this.#liveCount += Number(after !== 0) - Number(before !== 0);
    }
    return true;
  }

  /** Row ids of the last change that was added, by its rows; the array may be longer. */
  get changedIds(): Int32Array {
    return this.#ids;
  }

  /** Row ids that have been given out are below this. */
  get idLimit(): number {
    return this.#rows.count;
  }

  /**
   * Removes rows that are gone when there are many of them; `keysOf` gives the keys of rows. Gives the ids of the
   * rows that stay when it did so: they are 0, 1, 2, ... from now on.
   */
  compact(
    keysOf: (columns: readonly Vector[], size: number) => readonly Vector[],
    isWider = false,
  ): Int32Array | undefined {
    if (!isWider && !this.#isSparse) return undefined;
    const live = this.liveIds();
    const all = this.rowsAt(live, live.length);
    const isStore = this.#rows instanceof RowStore && !isWider;
    this.#rows = isStore ? RowStore.of(this.#options.types) ?? this.#newRows() : this.#newRows();
    this.#keys = this.#newKeys();
    this.#weights = new Int32Array(64);
    this.#heads = new Int32Array(64);
    this.#next = new Int32Array(64);
    this.#previous = new Int32Array(0);
    this.#keyOf = new Int32Array(0);
    this.#liveKeys = 0;
    this.#liveCount = 0;
    this.apply(all, keysOf(all.columns, all.size));
    return live;
  }

  /** Whether so many rows, or keys, are gone that the others are worth putting together. */
  get #isSparse(): boolean {
    const { count } = this.#rows;
    if (this.#rows instanceof RowStore && this.#keys.count >= REBUILD_ROWS) {
      if (this.#liveKeys * 2 <= this.#keys.count) return true;
    }
    return count >= REBUILD_ROWS && this.#liveCount * 2 <= count;
  }

  /** Ids of all rows, ascending. */
  liveIds(): Int32Array {
    const rows = new Int32Array(this.#liveCount);
    let count = 0;
    for (let id = 0; id < this.#rows.count; id++) if (this.#weights[id] !== 0) rows[count++] = id;
    return rows;
  }

  /** Weights by row id; the array is replaced when it grows. */
  get weights(): Int32Array {
    return this.#weights;
  }

  /** The rows with each of `size` keys. */
  find(keys: readonly Vector[], size: number): Matches {
    const pairs = new RowPairs(Math.max(16, size));
    this.findMany(keys, size, pairs);
    return pairs;
  }

  /** Appends pairs of a key's number and a row with that key. */
  findMany(keys: readonly Vector[], size: number, pairs: RowPairs): void {
    this.#keyIds = grownInt32(this.#keyIds, size);
    const keyIds = this.#keyIds;
    this.#keys.find(rowColumns(keys, size), size, keyIds);
    const weights = this.#weights;
    const next = this.#next;
    for (let i = 0; i < size; i++) {
      const keyId = keyIds[i]!;
      if (keyId < 0) continue;
      for (let link = this.#heads[keyId]!; link !== 0; link = next[link - 1]!) {
        if (weights[link - 1] !== 0) pairs.add(i, link - 1);
      }
    }
  }

  /** The values of the column at `position` in rows `rows[0 .. count]`. */
  columnAt(position: number, rows: Int32Array, count: number): Vector {
    return this.#rows.columnAt(position, rows, count);
  }

  /** Rows by id, with their weights. */
  rowsAt(rows: Int32Array, count: number): Delta {
    const weights = new Int32Array(count);
    for (let i = 0; i < count; i++) weights[i] = this.#weights[rows[i]!]!;
    const columns = this.#rows.keysAt(rows, count);
    return { size: count, columns: columns.slice(0, this.#options.types.length), weights };
  }

  /** All rows. */
  all(): Delta {
    const rows = this.liveIds();
    return this.rowsAt(rows, rows.length);
  }

  #link(fresh: Int32Array, keys: readonly Vector[], ids: Int32Array): void {
    const count = fresh.length;
    const keyIds = new Int32Array(count);
    const picked = keys.map((key) => gatherVector(key, fresh, count));
    this.#keys.assign(rowColumns(picked, count), count, keyIds);
    this.#heads = grownInt32(this.#heads, this.#keys.count);
    for (let i = 0; i < count; i++) {
      const keyId = keyIds[i]!;
      if (keyId < 0) continue;
      const row = ids[fresh[i]!]!;
      this.#next[row] = this.#heads[keyId]!;
      this.#heads[keyId] = row + 1;
    }
    if (this.#rows instanceof RowStore) this.#linkBack(fresh, keyIds, ids);
  }

  /** What a row store needs to unlink rows. */
  #linkBack(fresh: Int32Array, keyIds: Int32Array, ids: Int32Array): void {
    this.#previous = grownInt32(this.#previous, this.#rows.count);
    this.#keyOf = grownInt32(this.#keyOf, this.#rows.count);
    for (let i = 0; i < fresh.length; i++) {
      const row = ids[fresh[i]!]!;
      this.#keyOf[row] = keyIds[i]!;
      this.#previous[row] = 0;
      if (keyIds[i]! < 0) continue;
      const next = this.#next[row]!;
      if (next === 0) this.#liveKeys++;
      else this.#previous[next - 1] = row + 1;
    }
  }

  #newRows(): KeyTable {
    return new KeyTable(keyColumns(this.#options.types, true, true));
  }

  #newKeys(): KeyTable {
    return new KeyTable(keyColumns(this.#options.keyTypes, this.#options.nullIsKey, false));
  }
}

/** A table needs a column: rows and keys without any have a constant one. */
function keyColumns(types: readonly SqlType[], nullIsKey: boolean, exact: boolean): readonly KeyColumn[] {
  return types.length === 0 ? [{ type: INTEGER }] : types.map((type) => ({ type, nullIsKey, exact }));
}

function rowColumns(columns: readonly Vector[], size: number): readonly Vector[] {
  if (columns.length > 0) return columns;
  return [{ kind: "i32", values: new Int32Array(size), nulls: null }];
}

/**
 * Stored tables as circuits look into them: as they are now, the writes of the transaction under way included.
 *
 * @module
 */
import { InvariantError } from "../base/error.ts";
import type { ProbeKeys } from "../storage/probe_keys.ts";
import type { RowPairs } from "../storage/row_pairs.ts";
import type { Store } from "../storage/store.ts";
import type { Table } from "../storage/table.ts";
import type { TableIndex } from "../storage/table_index.ts";
import type { StoredColumn } from "../storage/table_view.ts";

/** Rows of a key when nothing is known. */
const FAN_OUT_UNKNOWN = 10;

/** Tables with their indexes. */
export interface TableLookup {
  /** Makes sure that there is an index over `ordinals`. */
  ensureIndex(table: string, ordinals: readonly number[]): void;
  /** Appends pairs of a key's number and a row with that key in the index over `ordinals`; a NULL finds nothing. */
  findMany(table: string, ordinals: readonly number[], keys: ProbeKeys, pairs: RowPairs): void;
  /** Writes the number of rows with each key to `counts`, counting no further than `limits`. */
  countMany(
    table: string,
    ordinals: readonly number[],
    keys: ProbeKeys,
    limits: Int32Array,
    counts: Int32Array,
  ): void;
  /** Row ids of all rows, in pieces. */
  rows(table: string): Iterable<Int32Array>;
  /** A column, until the next write. */
  column(table: string, ordinal: number): StoredColumn;
  rowCount(table: string): number;
  /** About how many rows agree on `ordinals`. */
  fanOut(table: string, ordinals: readonly number[]): number;
  /** The columns of the smallest key within `ordinals`; undefined when they hold no key. */
  uniqueWithin(table: string, ordinals: readonly number[]): readonly number[] | undefined;
}

/** The tables of a store. */
export class LiveTables implements TableLookup {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  ensureIndex(table: string, ordinals: readonly number[]): void {
    this.#store.ensureIndex(table, ordinals);
  }

  findMany(table: string, ordinals: readonly number[], keys: ProbeKeys, pairs: RowPairs): void {
    this.#index(table, ordinals).findMany(keys, pairs);
  }

  countMany(
    table: string,
    ordinals: readonly number[],
    keys: ProbeKeys,
    limits: Int32Array,
    counts: Int32Array,
  ): void {
    this.#index(table, ordinals).countMany(keys, limits, counts);
  }

  rows(table: string): Iterable<Int32Array> {
    return this.#table(table).liveRows();
  }

  column(table: string, ordinal: number): StoredColumn {
    return this.#table(table).storedColumn(ordinal);
  }

  rowCount(table: string): number {
    return this.#table(table).rowCount;
  }

  fanOut(table: string, ordinals: readonly number[]): number {
    if (this.uniqueWithin(table, ordinals) !== undefined) return 1;
    const { statistics, rowCount } = this.#table(table);
    if (rowCount === 0) return FAN_OUT_UNKNOWN;
    const distinct = Math.max(1, ...ordinals.map((ordinal) => statistics.column(ordinal).distinctCount));
    return Math.max(1, rowCount / distinct);
  }

  uniqueWithin(table: string, ordinals: readonly number[]): readonly number[] | undefined {
    return this.#table(table).indexes
      .map(({ definition }) => definition)
      .filter((key) => key.unique && key.ordinals.every((ordinal) => ordinals.includes(ordinal)))
      .sort((a, b) => a.ordinals.length - b.ordinals.length)[0]?.ordinals;
  }

  #index(table: string, ordinals: readonly number[]): TableIndex {
    const index = this.#table(table).indexes.find(({ definition }) =>
      definition.ordinals.length === ordinals.length &&
      definition.ordinals.every((ordinal, i) => ordinal === ordinals[i])
    );
    if (index !== undefined) return index;
    throw new InvariantError("invariant", `Table ${table} has no index over columns [${ordinals}]`);
  }

  #table(name: string): Table {
    const table = this.#store.table(name);
    if (table === undefined) throw new InvariantError("invariant", `Table ${name} is gone`);
    return table;
  }
}

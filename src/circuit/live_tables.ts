/**
 * Stored tables as circuits look into them: as they are now, the writes of the transaction under way included.
 *
 * @module
 */
import { InvariantError } from "../base/error.ts";
import type { Store } from "../storage/store.ts";
import type { Datum } from "../storage/sql_type.ts";
import type { Table } from "../storage/table.ts";
import type { StoredColumn } from "../storage/table_view.ts";

/** Tables with their indexes. */
export interface TableLookup {
  /** Makes sure that there is an index over `ordinals`. */
  ensureIndex(table: string, ordinals: readonly number[]): void;
  /** Appends the ids of the rows with this key to `into`; a NULL finds nothing. */
  find(table: string, ordinals: readonly number[], key: readonly Datum[], into: number[]): void;
  /** A column, until the next write. */
  column(table: string, ordinal: number): StoredColumn;
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

  find(table: string, ordinals: readonly number[], key: readonly Datum[], into: number[]): void {
    const index = this.#table(table).indexes.find(({ definition }) =>
      definition.ordinals.length === ordinals.length &&
      definition.ordinals.every((ordinal, i) => ordinal === ordinals[i])
    );
    if (index === undefined) {
      throw new InvariantError("invariant", `Table ${table} has no index over columns [${ordinals}]`);
    }
    index.findAll(key, into);
  }

  column(table: string, ordinal: number): StoredColumn {
    const { definition, segments } = this.#table(table);
    return {
      type: definition.columns[ordinal]!.type,
      segments: segments.map((segment) => segment.columns[ordinal]!),
    };
  }

  #table(name: string): Table {
    const table = this.#store.table(name);
    if (table === undefined) throw new InvariantError("invariant", `Table ${name} is gone`);
    return table;
  }
}

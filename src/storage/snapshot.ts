/**
 * Snapshots: tables as they were at one version, for as long as they are held.
 *
 * Taking one is O(1) a table; the first write to a segment column afterwards copies it.
 *
 * @module
 */
import { InvariantError } from "../base/error.ts";
import { getBit } from "../base/bitmap.ts";
import { HashIndex } from "./hash_index.ts";
import { KeyReader } from "./index_key.ts";
import { MemoryAccount } from "./memory_account.ts";
import type { Pin } from "./pin.ts";
import type { Datum } from "./sql_type.ts";
import type { Table } from "./table.ts";
import type { TableIndex } from "./table_index.ts";
import {
  type IndexView,
  SEGMENT_BITS,
  type SegmentView,
  type StoredColumn,
  type StoredColumnDefinition,
  type TableSnapshot,
} from "./table_view.ts";

/** A {@linkcode TableSnapshot} over a pin. */
export class PinnedTable implements TableSnapshot {
  readonly table: string;
  readonly version: number;
  readonly #source: Table;
  readonly #pin: Pin;
  readonly #columns: (StoredColumn | undefined)[] = [];
  #indexes: readonly IndexView[] | undefined;
  #released = false;

  /** Takes over one hold on `pin`. */
  constructor(source: Table, pin: Pin, version: number) {
    this.table = source.name;
    this.version = version;
    this.#source = source;
    this.#pin = pin;
  }

  get columns(): readonly StoredColumnDefinition[] {
    return this.#pin.columns;
  }

  get rowCount(): number {
    return this.#pin.rowCount;
  }

  get segments(): readonly SegmentView[] {
    this.#checkHeld();
    return this.#pin.segments;
  }

  column(ordinal: number): StoredColumn {
    this.#checkHeld();
    return this.#columns[ordinal] ??= {
      type: this.#pin.columns[ordinal].type,
      segments: this.#pin.segments.map((segment) => segment.columns[ordinal]),
    };
  }

  get indexes(): readonly IndexView[] {
    if (this.#source.modification !== this.#pin.modification) return [];
    return this.#indexes ??= this.#source.indexes.map((index) =>
      new PinnedIndex(this.#source, index, this.#pin)
    );
  }

  release(): void {
    if (this.#released) return;
    this.#released = true;
    this.#source.pins.release(this.#pin);
  }

  #checkHeld(): void {
    if (!this.#released) return;
    throw new InvariantError("closed", `Cannot read the snapshot of table ${this.table}: it was released`, {
      hint: "release snapshots after the last read",
    });
  }
}

/**
 * An index as a snapshot sees it: the table's own while the table has not changed since, and a private one over
 * the pinned rows afterwards, built on the first look-up that needs it.
 */
class PinnedIndex implements IndexView {
  readonly ordinals: readonly number[];
  readonly unique: boolean;
  readonly #source: Table;
  readonly #index: TableIndex;
  readonly #pin: Pin;
  #private: HashIndex | undefined;

  constructor(source: Table, index: TableIndex, pin: Pin) {
    this.ordinals = index.definition.ordinals;
    this.unique = index.definition.unique;
    this.#source = source;
    this.#index = index;
    this.#pin = pin;
  }

  find(key: readonly Datum[], into: number[]): void {
    if (this.#source.modification === this.#pin.modification) this.#index.findAll(key, into);
    else (this.#private ??= this.#build()).findAll(key, into);
  }

  #build(): HashIndex {
    const types = this.#pin.columns.map((column) => column.type);
    const reader = new KeyReader(this.#pin, this.ordinals, types);
    const index = new HashIndex({ reader, unique: false, nullsEqual: false, account: new MemoryAccount() });
    for (const [number, segment] of this.#pin.segments.entries()) {
      for (let offset = 0; offset < segment.slotCount; offset++) {
        if (segment.tombstones !== null && getBit(segment.tombstones, offset)) continue;
        index.add(number << SEGMENT_BITS | offset);
      }
    }
    return index;
  }
}

/** All tables at one version. */
export class StoreSnapshot {
  readonly version: number;
  readonly #tables: ReadonlyMap<string, TableSnapshot>;

  constructor(version: number, tables: ReadonlyMap<string, TableSnapshot>) {
    this.version = version;
    this.#tables = tables;
  }

  /** The table of that name, `undefined` when it did not exist or was not asked for. */
  table(name: string): TableSnapshot | undefined {
    return this.#tables.get(name);
  }

  /** Lets storage reuse what the snapshot pinned. Idempotent. */
  release(): void {
    for (const table of this.#tables.values()) table.release();
  }
}

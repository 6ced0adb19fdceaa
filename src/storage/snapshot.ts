/**
 * Snapshots: tables as they were at one version, for as long as they are held.
 *
 * Taking one is O(1) a table; the first write to a segment column afterwards copies it.
 *
 * @module
 */
import { InvariantError } from "../base/error.ts";
import { MemoryAccount } from "./memory_account.ts";
import type { Pin } from "./pin.ts";
import type { Datum } from "./sql_type.ts";
import type { Table } from "./table.ts";
import { TableIndex } from "./table_index.ts";
import type {
  IndexView,
  KeyBound,
  SegmentView,
  StoredColumn,
  StoredColumnDefinition,
  TableSnapshot,
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
  readonly range?: (lower: KeyBound | undefined, upper: KeyBound | undefined, into: number[]) => void;
  readonly #source: Table;
  readonly #index: TableIndex;
  readonly #pin: Pin;
  #private: TableIndex | undefined;

  constructor(source: Table, index: TableIndex, pin: Pin) {
    this.ordinals = index.definition.ordinals;
    this.unique = index.definition.unique;
    this.#source = source;
    this.#index = index;
    this.#pin = pin;
    if (!index.definition.ordered) return;
    this.range = (lower, upper, into) =>
      this.#current().ordered?.scan(lower, upper, (row) => into.push(row) > 0);
  }

  find(key: readonly Datum[], into: number[]): void {
    this.#current().findAll(key, into);
  }

  #current(): TableIndex {
    if (this.#source.modification === this.#pin.modification) return this.#index;
    return this.#private ??= new TableIndex({
      definition: { ...this.#index.definition, unique: false },
      source: this.#pin,
      types: this.#pin.columns.map((column) => column.type),
      account: new MemoryAccount(),
      rows: () => pinnedRows(this.#pin),
    });
  }
}

/** Row ids of the live rows of a pin, a segment at a time. */
function* pinnedRows(pin: Pin): Generator<Int32Array, void, undefined> {
  for (const [index, segment] of pin.segments.entries()) yield segment.liveRows(index);
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

/**
 * The indexes of a table: primary key first, other unique ones next, then the rest.
 *
 * @module
 */
import { assert } from "../base/assert.ts";
import { duplicateKeyError } from "./constraint_error.ts";
import { equalDatums, identicalDatums } from "./datum_order.ts";
import { hashKey } from "./index_key.ts";
import type { Datum } from "./sql_type.ts";
import type { Table } from "./table.ts";
import type { IndexDefinition, TableDefinition } from "./table_definition.ts";
import { TableIndex } from "./table_index.ts";

/** All indexes of one table. */
export class TableIndexes {
  readonly #table: Table;
  readonly all: TableIndex[] = [];
  /** For finding rows by value without a key: over the columns that tell them apart, all if that is not known. */
  #rowIndex: TableIndex | undefined;

  constructor(table: Table) {
    this.#table = table;
    const { name, primaryKey, uniqueKeys = [] } = table.definition;
    if (primaryKey.length > 0) {
      this.add({ name: `${name}_pkey`, ordinals: primaryKey, unique: true, ordered: false });
    }
    for (const key of uniqueKeys) this.add({ ...key, unique: true, ordered: false });
  }

  /** Adds an index and fills it; returns -1, or for a unique one the first row that repeats a key. */
  add(definition: IndexDefinition): number {
    const index = this.#make(definition, this.#table.definition, false);
    const duplicate = definition.unique ? index.buildChecked() : -1;
    if (duplicate >= 0) {
      index.clear();
      return duplicate;
    }
    const at = definition.unique ? this.all.findIndex((other) => !other.definition.unique) : -1;
    this.all.splice(at < 0 ? this.all.length : at, 0, index);
    return -1;
  }

  drop(index: TableIndex): void {
    index.clear();
    this.all.splice(this.all.indexOf(index), 1);
  }

  /** The index of the primary key. */
  get primaryKey(): TableIndex {
    const { name, primaryKey } = this.#table.definition;
    assert(primaryKey.length > 0, () => `Table ${name} has no primary key`);
    return this.all[0];
  }

  /** The row with this primary key, or -1. */
  findByPrimaryKey(key: readonly Datum[]): number {
    const { name, primaryKey } = this.#table.definition;
    assert(key.length === primaryKey.length, () => `A key of table ${name} has ${primaryKey.length} parts`);
    return this.primaryKey.find(key);
  }

  /**
   * A row whose values are all equal to `values`, NULL equal to NULL; -1 when there is none. A row that looks the
   * same comes before one that is only equal, as 1.5 is to 1.50.
   */
  findByValue(values: readonly Datum[]): number {
    const table = this.#table;
    const { columns, primaryKey } = table.definition;
    if (primaryKey.length > 0) {
      const row = this.findByPrimaryKey(primaryKey.map((ordinal) => values[ordinal]));
      const equal = row >= 0 && columns.every((_, i) => equalDatums(table.get(row, i), values[i]));
      return equal ? row : -1;
    }
    const index = this.rowIndex;
    const { ordinals } = index.definition;
    const key = ordinals.length === values.length ? values : ordinals.map((ordinal) => values[ordinal]);
    const row = index.find(key);
    if (row < 0 || this.#isIdentical(row, values)) return row;
    const rows: number[] = [];
    index.findAll(key, rows);
    return rows.find((one) => this.#isIdentical(one, values)) ??
      rows.find((one) => columns.every((_, i) => equalDatums(table.get(one, i), values[i]))) ?? -1;
  }

  /** Takes a row with the values `before` out of those in which it gets another key with the values `after`. */
  leave(row: number, before: readonly Datum[], after: readonly Datum[]): void {
    for (const index of this.all) {
      if (hasOtherKey(index, before, after)) index.remove(row, this.#hashIn(index, before));
    }
  }

  /** Puts a row with the values `after` into those that it has left, none of them unique. */
  enter(row: number, before: readonly Datum[], after: readonly Datum[]): void {
    for (const index of this.all) {
      if (hasOtherKey(index, before, after)) index.add(row, this.#hashIn(index, after));
    }
  }

  /** The hash of the key of `values`, where it is worth computing. */
  #hashIn(index: TableIndex, values: readonly Datum[]): number | undefined {
    if (index !== this.#rowIndex) return undefined;
    const { ordinals } = index.definition;
    return hashKey(ordinals.length === values.length ? values : ordinals.map((ordinal) => values[ordinal]));
  }

  /** The index to find rows by value with, made when first asked for. */
  get rowIndex(): TableIndex {
    if (this.#rowIndex !== undefined) return this.#rowIndex;
    const { definition } = this.#table;
    // Ascending, so that all columns are a row.
    const ordinals = (definition.identity ?? [...definition.columns.keys()]).toSorted((a, b) => a - b);
    const index = { name: `${definition.name}_rows`, ordinals, unique: false, ordered: false };
    this.#rowIndex = this.#make(index, definition, true);
    this.all.push(this.#rowIndex);
    return this.#rowIndex;
  }

  /** Gives the index over whole rows up until it is asked for again. */
  dropRowIndex(): void {
    if (this.#rowIndex === undefined) return;
    this.drop(this.#rowIndex);
    this.#rowIndex = undefined;
  }

  #isIdentical(row: number, values: readonly Datum[]): boolean {
    return values.every((value, ordinal) => identicalDatums(this.#table.get(row, ordinal), value));
  }

  /** A segment has lost its rows and slots. */
  removeSegment(segment: number): void {
    for (const index of this.all) index.removeSegment(segment);
  }

  /**
   * Builds all anew after columns moved: `moved` gives the new ordinal of each old column, -1 when it is gone.
   * Throws `duplicate-key` when a unique index does not hold any more; the indexes are then as before.
   */
  rebuild(definition: TableDefinition, moved: readonly number[]): void {
    const rebuilt: TableIndex[] = [];
    for (const old of this.all) {
      const ordinals = old.definition.ordinals.map((ordinal) => moved[ordinal]);
      // An index over whole rows is made again when it is next asked for.
      if (ordinals.includes(-1) || old === this.#rowIndex) continue;
      const index = this.#make({ ...old.definition, ordinals }, definition, false);
      const duplicate = index.definition.unique ? index.buildChecked() : -1;
      rebuilt.push(index);
      if (duplicate < 0) continue;
      const key = index.reader.key(duplicate);
      for (const other of rebuilt) other.clear();
      throw duplicateKeyError(definition, index.definition, key, duplicate);
    }
    for (const index of this.all) index.clear();
    this.#rowIndex = undefined;
    this.all.splice(0, this.all.length, ...rebuilt);
  }

  #make(definition: IndexDefinition, table: TableDefinition, nullsEqual: boolean): TableIndex {
    return new TableIndex({
      definition,
      source: this.#table,
      types: table.columns.map((column) => column.type),
      account: this.#table.account,
      rows: () => this.#table.liveRows(),
      nullsEqual,
    });
  }
}

function hasOtherKey(
  { definition: { ordinals } }: TableIndex,
  before: readonly Datum[],
  after: readonly Datum[],
): boolean {
  for (const ordinal of ordinals) if (!identicalDatums(before[ordinal], after[ordinal])) return true;
  return false;
}

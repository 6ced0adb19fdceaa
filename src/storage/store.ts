/**
 * The store: all tables of a database, their version, the one write transaction, snapshots and the change log.
 *
 * Synchronous and single-threaded: a transaction may stay open across turns of the event loop, and meanwhile
 * snapshots show the state before it. Beginning, committing and taking a snapshot are O(tables involved).
 *
 * @module
 */
import { InvariantError, QueryError, SchemaError } from "../base/error.ts";
import { ChangeLog } from "./change_log.ts";
import { pinCommitted } from "./committed_view.ts";
import type { TableDelta } from "./delta.ts";
import { History } from "./history.ts";
import { MemoryAccount } from "./memory_account.ts";
import { pinPast } from "./past_table.ts";
import type { Pin } from "./pin.ts";
import { findReferenceViolations, type ReferenceViolation } from "./reference_check.ts";
import * as schema from "./schema_change.ts";
import { PinnedTable, StoreSnapshot } from "./snapshot.ts";
import type { Datum, SqlType } from "./sql_type.ts";
import { Table } from "./table.ts";
import {
  type CheckConstraint,
  checkDefinition,
  checkOrdinals,
  type IndexDefinition,
  type Reference,
  type TableDefinition,
  type UniqueKey,
} from "./table_definition.ts";
import type { StoredTableStatistics } from "./table_statistics.ts";
import type { StoredColumnDefinition, TableSnapshot } from "./table_view.ts";
import type { TableWriter } from "./table_writer.ts";
import { type Commit, Transaction, type TransactionHost } from "./transaction.ts";
import { TransactionDelta } from "./transaction_delta.ts";
import { duplicateKeyError } from "./constraint_error.ts";

/** Limits of a store. */
export interface StoreOptions {
  /** Bytes that all tables may take; unlimited by default. */
  readonly memoryBytesMax?: number;
  /** Rows that the change log may retain for consumers that lag; 1,000,000 by default. */
  readonly logRowsMax?: number;
  /** Bytes of the last commits that are kept to roll tables back; 4 MiB by default, 0 for none. */
  readonly historyBytesMax?: number;
}

const LOG_ROWS_MAX = 1_000_000;
const HISTORY_BYTES_MAX = 4 * 2 ** 20;

/** All tables of a database. */
export class Store {
  readonly log: ChangeLog;
  readonly history: History;
  readonly #account: MemoryAccount;
  readonly #tables = new Map<string, Table>();
  readonly #transactionHost: TransactionHost = {
    requireTable: (name) => this.#requireTable(name),
    beforeWrite: (table) => this.log.settle(table.name),
    snapshotOf: (table) => new PinnedTable(table, table.pin(), this.#version),
    finishCommit: (writers) => this.#finishCommit(writers),
    finishRollback: (writers) => this.#endTransaction(writers),
  };
  #version = 0;
  #transaction: Transaction | undefined;
  /** Committed states of tables that the open transaction has changed, once somebody asked. */
  readonly #committed = new Map<Table, Pin>();

  constructor(options: StoreOptions = {}) {
    const { memoryBytesMax, logRowsMax = LOG_ROWS_MAX, historyBytesMax = HISTORY_BYTES_MAX } = options;
    this.history = new History(historyBytesMax);
    this.#account = new MemoryAccount(memoryBytesMax === undefined ? {} : { bytesMax: memoryBytesMax });
    this.log = new ChangeLog(logRowsMax, (name) => this.#tables.get(name)?.version ?? this.#version);
  }

  /** Number of the last commit that changed something. */
  get version(): number {
    return this.#version;
  }

  /** Bytes of all tables. */
  memoryBytes(): number {
    return this.#account.bytes;
  }

  /** Creates an empty table. */
  createTable(definition: TableDefinition): Table {
    checkDefinition(definition);
    this.#requireFree(definition.name);
    const table = new Table(definition, this.#account);
    table.version = this.#version;
    this.#tables.set(definition.name, table);
    this.history.begin(table, this.#version);
    return table;
  }

  /** Drops a table; held snapshots keep its rows. */
  dropTable(name: string): void {
    const table = this.#tableToChange(name);
    this.#tables.delete(name);
    this.log.reset(name, this.#version);
    this.history.end(table);
    table.account.close();
  }

  /** Gives a table another name. */
  renameTable(name: string, newName: string): void {
    const table = this.#tableToChange(name);
    this.#requireFree(newName);
    this.#tables.delete(name);
    this.#tables.set(newName, table);
    table.redefine({ ...table.definition, name: newName });
    this.log.reset(name, this.#version);
  }

  /** The table of that name. */
  table(name: string): Table | undefined {
    return this.#tables.get(name);
  }

  /** All tables, in order of creation. */
  tables(): readonly Table[] {
    return [...this.#tables.values()];
  }

  /** Appends a column that holds `fill` in every row. */
  addColumn(name: string, column: StoredColumnDefinition, fill: Datum): void {
    this.#change(name, (table) => schema.addColumn(table, column, fill));
  }

  /** Removes a column with its indexes; `checks` replaces the table's CHECKs, since ordinals move. */
  dropColumn(name: string, ordinal: number, checks: readonly CheckConstraint[] = []): void {
    this.#change(name, (table) => schema.dropColumn(table, ordinal, checks));
  }

  renameColumn(name: string, ordinal: number, newName: string): void {
    this.#change(name, (table) => schema.renameColumn(table, ordinal, newName));
  }

  /** Gives a column another type; `convert` sees every value that is not NULL. */
  alterColumnType(name: string, ordinal: number, type: SqlType, convert: (value: Datum) => Datum): void {
    this.#change(name, (table) => schema.alterColumnType(table, ordinal, type, convert));
  }

  setNotNull(name: string, ordinal: number): void {
    this.#change(name, (table) => schema.setNullable(table, ordinal, false));
  }

  dropNotNull(name: string, ordinal: number): void {
    this.#change(name, (table) => schema.setNullable(table, ordinal, true));
  }

  /** Replaces the CHECKs of a table. Existing rows are not checked. */
  setChecks(name: string, checks: readonly CheckConstraint[]): void {
    const table = this.#tableToChange(name);
    table.redefine({ ...table.definition, checks });
  }

  /** Adds an index. A unique one throws `duplicate-key` when two rows agree. */
  createIndex(name: string, index: IndexDefinition): void {
    const table = this.#tableToChange(name);
    checkOrdinals(table.definition, index.ordinals);
    if (table.indexes.some((other) => other.definition.name === index.name)) {
      throw new SchemaError("duplicate-object", `Table ${name} has an index ${index.name} already`, {
        details: { table: name, index: index.name },
        hint: "choose another name",
      });
    }
    const duplicate = table.addIndex(index.name, index.ordinals, index.unique, index.ordered);
    // Plans rely on keys: rows of before may have broken this one.
    if (duplicate < 0 && index.unique) this.history.begin(table, this.#version);
    if (duplicate < 0) return;
    const key = index.ordinals.map((ordinal) => table.get(duplicate, ordinal));
    throw duplicateKeyError(table.definition, index, key, duplicate);
  }

  dropIndex(name: string, indexName: string): void {
    const table = this.#tableToChange(name);
    const index = table.indexes.find((other) => other.definition.name === indexName);
    if (index === undefined) {
      throw new SchemaError("unknown-object", `Table ${name} has no index ${indexName}`, {
        details: { table: name, index: indexName },
        hint: `its indexes are ${table.indexes.map((other) => other.definition.name).join(", ")}`,
      });
    }
    table.dropIndex(index);
  }

  /** The table that has an index of that name. */
  tableOfIndex(indexName: string): Table | undefined {
    return this.tables().find((table) => table.indexes.some((index) => index.definition.name === indexName));
  }

  /** Makes sure that rows can be found by the columns `ordinals`; the index is built when first asked. */
  ensureIndex(name: string, ordinals: readonly number[]): void {
    const table = this.#requireTable(name);
    const has = table.indexes.some(({ definition }) =>
      definition.ordinals.length === ordinals.length &&
      definition.ordinals.every((ordinal, i) => ordinal === ordinals[i])
    );
    if (!has) table.addIndex(`${name}_by_${ordinals.join("_")}`, ordinals, false, false);
  }

  /** Makes columns the primary key of a table that has none. Throws `duplicate-key` when rows agree on them. */
  setPrimaryKey(name: string, ordinals: readonly number[]): void {
    const table = this.#tableToChange(name);
    if (table.definition.primaryKey.length > 0) {
      throw new SchemaError("duplicate-object", `Table ${name} has a primary key already`, {
        details: { table: name },
        hint: "add a UNIQUE constraint instead",
      });
    }
    for (const ordinal of ordinals) this.setNotNull(name, ordinal);
    this.createIndex(name, { name: `${name}_pkey`, ordinals, unique: true, ordered: false });
    // The primary key's index is the first one, by which rows are found by key.
    const index = table.indexes.findIndex(({ definition }) => definition.name === `${name}_pkey`);
    table.indexes.unshift(...table.indexes.splice(index, 1));
    table.redefine({ ...table.definition, primaryKey: ordinals });
  }

  /** Adds a UNIQUE constraint. Throws `duplicate-key` when rows agree on its columns. */
  addUniqueKey(name: string, key: UniqueKey): void {
    const table = this.#tableToChange(name);
    this.createIndex(name, { ...key, unique: true, ordered: false });
    table.redefine({ ...table.definition, uniqueKeys: [...table.definition.uniqueKeys ?? [], key] });
  }

  /** Declares a foreign key; rows are checked on demand. */
  addReference(name: string, reference: Reference): void {
    const table = this.#tableToChange(name);
    checkOrdinals(table.definition, reference.ordinals);
    table.redefine({ ...table.definition, references: [...table.definition.references ?? [], reference] });
  }

  /** Drops a UNIQUE, FOREIGN KEY or CHECK constraint by name; false when there is none. */
  dropConstraint(name: string, constraint: string): boolean {
    const table = this.#tableToChange(name);
    const { uniqueKeys = [], references = [], checks = [] } = table.definition;
    const differs = (one: { readonly name: string }) => one.name !== constraint;
    if ([...uniqueKeys, ...references, ...checks].every(differs)) return false;
    if (!uniqueKeys.every(differs)) this.dropIndex(name, constraint);
    table.redefine({
      ...table.definition,
      uniqueKeys: uniqueKeys.filter(differs),
      references: references.filter(differs),
      checks: checks.filter(differs),
    });
    return true;
  }

  /** Rows of a table whose declared references find nothing, at most `limit`. */
  checkReferences(name: string, limit = 100): ReferenceViolation[] {
    return findReferenceViolations(this.#requireTable(name), (other) => this.#tables.get(other), limit);
  }

  /** What is known of the tables' values, always of the current rows. */
  statistics(): { table(name: string): StoredTableStatistics | undefined } {
    return { table: (name) => this.#tables.get(name)?.statistics };
  }

  /** Begins the write transaction. There is one at a time; who wants another waits for its end. */
  begin(): Transaction {
    if (this.#transaction !== undefined) {
      throw new InvariantError("invariant", "Cannot begin a transaction: another one is open", {
        hint: "commit it or roll it back first",
      });
    }
    return this.#transaction = new Transaction(this.#transactionHost);
  }

  /** Pins the committed state of the named tables, all by default, at one version. */
  snapshot(names?: readonly string[]): StoreSnapshot {
    const tables = new Map<string, TableSnapshot>();
    for (const name of names ?? this.#tables.keys()) {
      const table = this.#tables.get(name);
      if (table !== undefined) {
        tables.set(name, new PinnedTable(table, this.#pinCommitted(table), this.#version));
      }
    }
    return new StoreSnapshot(this.#version, tables);
  }

  /**
   * A table as it was at `version`.
   *
   * @throws {QueryError} `version-unavailable` when it has not been, or is not kept any more
   */
  snapshotAt(name: string, version: number): TableSnapshot {
    const table = this.#requireTable(name);
    this.#requireVersion(table, version);
    const present = this.#pinCommitted(table);
    const commits = this.history.since(table, version);
    if (commits.length === 0) return new PinnedTable(table, present, version);
    try {
      return new PinnedTable(table, pinPast(table, present, commits, version), version);
    } finally {
      table.pins.release(present);
    }
  }

  #requireVersion(table: Table, version: number): void {
    const oldestVersion = this.history.floorOf(table);
    if (Number.isSafeInteger(version) && version >= oldestVersion && version <= this.#version) return;
    throw new QueryError(
      "version-unavailable",
      `Table ${table.name} cannot be read at version ${version}: its versions are ${oldestVersion} to ${this.#version}`,
      {
        details: { table: table.name, version, oldestVersion, newestVersion: this.#version },
        hint: "keep more with the limit historyBytesMax; a change of columns or keys ends what was before",
      },
    );
  }

  #pinCommitted(table: Table): Pin {
    const writer = this.#transaction?.writerOf(table);
    if (writer === undefined || writer.log.isEmpty) return table.pin();
    let pin = this.#committed.get(table);
    if (pin === undefined) this.#committed.set(table, pin = pinCommitted(table, writer));
    pin.holders++;
    return pin;
  }

  #finishCommit(writers: readonly TableWriter[]): Commit {
    if (writers.some(({ log }) => !log.isEmpty)) this.#version++;
    const deltas: TableDelta[] = [];
    for (const { table, log } of writers) {
      if (log.isEmpty) continue;
      table.version = this.#version;
      const delta = new TransactionDelta(table, log, this.#version);
      deltas.push(delta);
      this.log.append(delta);
      if (!this.history.append(table, log, this.#version)) table.leaveLog(log);
    }
    this.#endTransaction(writers);
    return { version: this.#version, deltas };
  }

  #endTransaction(writers: readonly TableWriter[]): void {
    for (const writer of writers) writer.end();
    if (this.#committed.size > 0) {
      for (const [table, pin] of this.#committed) table.pins.release(pin);
      this.#committed.clear();
    }
    this.#transaction = undefined;
  }

  #change(name: string, change: (table: Table) => void): void {
    const table = this.#tableToChange(name);
    table.beginWrite();
    change(table);
    table.version = ++this.#version;
    this.log.reset(name, this.#version);
    this.history.begin(table, this.#version);
  }

  /** A table that no open transaction has written to. */
  #tableToChange(name: string): Table {
    const table = this.#requireTable(name);
    if (this.#transaction?.writerOf(table) === undefined) return table;
    throw new SchemaError(
      "dependent-objects",
      `Cannot change table ${name}: the open transaction has written to it`,
      {
        details: { table: name },
        hint: "commit or roll back first",
      },
    );
  }

  #requireTable(name: string): Table {
    const table = this.#tables.get(name);
    if (table !== undefined) return table;
    throw new SchemaError("unknown-object", `There is no table ${name}`, {
      details: { table: name },
      hint: this.#tables.size === 0 ? "create it first" : `tables are ${[...this.#tables.keys()].join(", ")}`,
    });
  }

  #requireFree(name: string): void {
    if (!this.#tables.has(name)) return;
    throw new SchemaError("duplicate-object", `There is a table ${name} already`, {
      details: { table: name },
      hint: "drop it first or choose another name",
    });
  }
}

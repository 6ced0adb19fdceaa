/**
 * The retained deltas of a store's tables, for consumers that lag behind.
 *
 * A consumer registers the version that it reflects; deltas stay until every consumer of the table has passed
 * them. A new delta is copied only when the table is about to change again while somebody still needs it: a
 * consumer at the head costs nothing. Beyond `logRowsMax` retained rows the oldest deltas go, and whoever still
 * needed them must rebuild. O(deltas) to read, O(1) amortised to append.
 *
 * @module
 */
import { StoredDelta, type TableDelta } from "./delta.ts";

/** Someone who reads changes. */
export class LogConsumer {
  readonly tables: readonly string[];
  #asOf: number;
  readonly #close: (consumer: LogConsumer) => void;

  constructor(tables: readonly string[], asOf: number, close: (consumer: LogConsumer) => void) {
    this.tables = tables;
    this.#asOf = asOf;
    this.#close = close;
  }

  /** The version that the consumer reflects. */
  get asOf(): number {
    return this.#asOf;
  }

  /** The consumer reflects `version` now. */
  advance(version: number): void {
    this.#asOf = Math.max(this.#asOf, version);
  }

  /** No more changes are needed. */
  close(): void {
    this.#close(this);
  }
}

interface TableLog {
  deltas: TableDelta[];
  /** Deltas up to this version are gone. */
  floor: number;
  readonly consumers: Set<LogConsumer>;
}

/** Deltas by table, oldest first. */
export class ChangeLog {
  readonly #tables = new Map<string, TableLog>();
  readonly #rowsMax: number;
  readonly #versionOf: (table: string) => number;
  #rowCount = 0;

  /** `versionOf` gives the version of a table's last change. */
  constructor(rowsMax: number, versionOf: (table: string) => number) {
    this.#rowsMax = rowsMax;
    this.#versionOf = versionOf;
  }

  /** Rows of the deltas that were copied. */
  get rowCount(): number {
    return this.#rowCount;
  }

  /** Keeps the changes of `tables` after `asOf` until the consumer advances. */
  register(tables: readonly string[], asOf: number): LogConsumer {
    const consumer = new LogConsumer(tables, asOf, (closed) => this.#unregister(closed));
    for (const table of tables) this.#log(table).consumers.add(consumer);
    return consumer;
  }

  /** Takes in the delta of a commit. */
  append(delta: TableDelta): void {
    const log = this.#tables.get(delta.table);
    if (log !== undefined) log.deltas.push(delta);
  }

  /** To be called before `table` changes: what is still needed is copied, the rest forgotten. */
  settle(table: string): void {
    const log = this.#tables.get(table);
    if (log === undefined || log.deltas.length === 0) return;
    this.#forget(log, leastAsOf(log));
    const last = log.deltas.length - 1;
    if (last < 0 || log.deltas[last] instanceof StoredDelta) return;
    const stored = StoredDelta.from(log.deltas[last]);
    log.deltas[last] = stored;
    this.#rowCount += stored.rowCount;
    this.#enforceLimit();
  }

  /** The deltas of `table` after `version`, oldest first, or word that they are not all there. */
  since(table: string, version: number): readonly TableDelta[] | "needsRebuild" {
    const log = this.#tables.get(table);
    if (log === undefined) return "needsRebuild";
    if (version < log.floor) return "needsRebuild";
    return log.deltas.filter((delta) => delta.version > version);
  }

  /** The changes of `table` up to `version` cannot be told: it was dropped, or its columns changed. */
  reset(table: string, version: number): void {
    const log = this.#tables.get(table);
    if (log === undefined) return;
    this.#forget(log, version);
    log.floor = Math.max(log.floor, version);
  }

  #log(table: string): TableLog {
    let log = this.#tables.get(table);
    if (log === undefined) {
      log = { deltas: [], floor: this.#versionOf(table), consumers: new Set() };
      this.#tables.set(table, log);
    }
    return log;
  }

  #unregister(consumer: LogConsumer): void {
    for (const table of consumer.tables) {
      const log = this.#tables.get(table);
      if (log === undefined) continue;
      log.consumers.delete(consumer);
      if (log.consumers.size > 0) continue;
      this.#forget(log, Infinity);
      this.#tables.delete(table);
    }
  }

  #forget(log: TableLog, version: number): void {
    let count = 0;
    while (count < log.deltas.length && log.deltas[count].version <= version) {
      const delta = log.deltas[count++];
      if (delta instanceof StoredDelta) this.#rowCount -= delta.rowCount;
      log.floor = Math.max(log.floor, delta.version);
    }
    if (count > 0) log.deltas = log.deltas.slice(count);
  }

  #enforceLimit(): void {
    while (this.#rowCount > this.#rowsMax) {
      let oldest: TableLog | undefined;
      for (const log of this.#tables.values()) {
        if (!(log.deltas[0] instanceof StoredDelta)) continue;
        if (oldest === undefined || log.deltas[0].version < oldest.deltas[0].version) oldest = log;
      }
      if (oldest === undefined) return;
      this.#forget(oldest, oldest.deltas[0].version);
    }
  }
}

function leastAsOf(log: TableLog): number {
  let least = Infinity;
  for (const consumer of log.consumers) least = Math.min(least, consumer.asOf);
  return least;
}

/**
 * The rows of a live query as they are now: a store for pages and charts.
 *
 * ```
 * changes ─► multiset by the text of the row ─► listeners, once a change
 * ```
 *
 * A snapshot replaces the rows, a delta takes out and puts in. A delta that takes out a row that is not there would
 * mean that something was missed: the store then asks for the contents anew. O(rows of the change).
 *
 * @module
 */
import type { LiveConnection, LiveStatus, WireChange } from "./live_connection.ts";
import { type ClientColumn, RowReader } from "./wire_rows.ts";

/** A row and how often it is there. */
interface Entry<Row> {
  readonly row: Row;
  count: number;
}

/** What listeners are told. */
export interface LiveRowsChange<Row> {
  /** Of the commit; of the last one where several were merged. */
  readonly version: number;
  /** The rows were replaced: `inserted` has all of them. */
  readonly snapshot: boolean;
  /** Rows that came. */
  readonly inserted: readonly Row[];
  /** Rows that went. */
  readonly deleted: readonly Row[];
}

/** See the module header. */
export class LiveRows<Row> {
  readonly #connection: LiveConnection;
  readonly #entries = new Map<string, Entry<Row>>();
  readonly #listeners = new Set<(change: LiveRowsChange<Row>) => void>();
  readonly #done: Promise<void>;
  readonly #ready: Promise<void>;
  #resolveReady: () => void = () => {};
  #rejectReady: (error: unknown) => void = () => {};
  #columns: readonly ClientColumn[] = [];
  #reader: RowReader<Row> = new RowReader([]);
  #rows: readonly Row[] | undefined;
  #version: number | undefined;
  #error: unknown;
  #resyncs = 0;

  /** Follows `connection` from now on, and ends with it. */
  constructor(connection: LiveConnection) {
    this.#connection = connection;
    this.#ready = new Promise((resolve, reject) => {
      this.#resolveReady = resolve;
      this.#rejectReady = reject;
    });
    // Who does not wait for it sees it in `error`.
    this.#ready.catch(() => {});
    this.#done = this.#follow();
  }

  /** Resolves when the first contents are there; rejects when they cannot be had. */
  get ready(): Promise<void> {
    return this.#ready;
  }

  /** The rows, in the order in which they came; the same array until they change. */
  get rows(): readonly Row[] {
    if (this.#rows === undefined) {
      const rows: Row[] = [];
      for (const { row, count } of this.#entries.values()) for (let i = 0; i < count; i++) rows.push(row);
      this.#rows = rows;
    }
    return this.#rows;
  }

  /** Names and types, once there is something. */
  get columns(): readonly ClientColumn[] {
    return this.#columns;
  }

  /** The version of the last change. */
  get version(): number | undefined {
    return this.#version;
  }

  /** How the connection is doing. */
  get status(): LiveStatus {
    return this.#connection.status;
  }

  /** What ended it, when it failed. */
  get error(): unknown {
    return this.#error;
  }

  /** How often the contents had to be asked for again because a change did not fit; 0 in a healthy world. */
  get resyncs(): number {
    return this.#resyncs;
  }

  /** Calls `listener` after every change; gives what ends that. */
  subscribe(listener: (change: LiveRowsChange<Row>) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Ends the connection; the rows stay. */
  async close(): Promise<void> {
    await this.#connection.return();
    await this.#done;
  }

  /** As `close`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #follow(): Promise<void> {
    try {
      for await (const change of this.#connection) this.#apply(change);
      this.#resolveReady();
    } catch (error) {
      this.#error = error;
      this.#rejectReady(error);
    }
  }

  #apply(change: WireChange): void {
    if (change.columns !== this.#columns) {
      this.#columns = change.columns;
      this.#reader = new RowReader(change.columns);
    }
    if (change.snapshot) this.#entries.clear();
    const deleted: Row[] = [];
    for (const values of change.deleted) {
      const row = this.#remove(JSON.stringify(values));
      if (row === undefined) return this.#resync();
      deleted.push(row);
    }
    const inserted = change.inserted.map((values) => this.#add(JSON.stringify(values), values));
    this.#rows = undefined;
    this.#version = change.version;
    this.#resolveReady();
    const told = { version: change.version, snapshot: change.snapshot, inserted, deleted };
    for (const listener of [...this.#listeners]) listener(told);
  }

  #add(key: string, values: readonly unknown[]): Row {
    const entry = this.#entries.get(key);
    if (entry !== undefined) {
      entry.count++;
      return entry.row;
    }
    const row = this.#reader.fromArray(values);
    this.#entries.set(key, { row, count: 1 });
    return row;
  }

  #remove(key: string): Row | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    if (--entry.count === 0) this.#entries.delete(key);
    return entry.row;
  }

  #resync(): void {
    this.#resyncs++;
    this.#connection.restart();
  }
}

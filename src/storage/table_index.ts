/**
 * An index of a table: its definition with the structure that serves it, kept while rows come and go.
 *
 * Rows enter after they were written and leave before they are changed, because keys are read from the rows.
 * A hash index is built when first needed and maintained from then on when it is not unique; unique ones always
 * are, as every insert asks them.
 *
 * @module
 */
import { HashIndex } from "./hash_index.ts";
import { KeyReader, type KeySource } from "./index_key.ts";
import type { MemoryAccount } from "./memory_account.ts";
import { OrderedIndex } from "./ordered_index.ts";
import type { Datum, SqlType } from "./sql_type.ts";
import type { IndexDefinition } from "./table_definition.ts";

/** What an index is made for. */
export interface TableIndexOptions {
  readonly definition: IndexDefinition;
  readonly source: KeySource;
  /** Types of all columns of the table. */
  readonly types: readonly SqlType[];
  readonly account: MemoryAccount;
  /** Row ids of all live rows, to build from. */
  readonly rows: () => Iterable<Int32Array>;
  /** NULL is a key value like others: an index over whole rows. */
  readonly nullsEqual?: boolean;
}

/** Row ids by key. */
export class TableIndex {
  readonly definition: IndexDefinition;
  readonly reader: KeyReader;
  readonly #hash: HashIndex | undefined;
  readonly #ordered: OrderedIndex | undefined;
  readonly #rows: () => Iterable<Int32Array>;
  /** Whether rows that come and go must be told. */
  #built: boolean;

  constructor(options: TableIndexOptions) {
    const { definition, account } = options;
    this.definition = definition;
    this.reader = new KeyReader(options.source, definition.ordinals, options.types);
    this.#rows = options.rows;
    const { unique, ordered } = definition;
    this.#hash = ordered && !unique
      ? undefined
      : new HashIndex({ reader: this.reader, unique, nullsEqual: options.nullsEqual ?? false, account });
    this.#ordered = ordered ? new OrderedIndex(this.reader, account) : undefined;
    this.#built = unique;
  }

  /** The ordered structure, built if need be; `undefined` for a hash index. */
  get ordered(): OrderedIndex | undefined {
    if (this.#ordered !== undefined) this.#build();
    return this.#ordered;
  }

  get byteLength(): number {
    return (this.#hash?.byteLength ?? 0) + (this.#ordered?.byteLength ?? 0);
  }

  /** Number of distinct keys, where the structure knows it. */
  get keyCount(): number | undefined {
    return this.#built ? this.#hash?.keyCount : undefined;
  }

  /** Adds the first `count` of `rows`; returns how many were added before a duplicate key, `count` if none. */
  addAll(rows: Int32Array, count: number): number {
    if (!this.#built) return count;
    const added = this.#hash?.addAll(rows, count) ?? count;
    if (this.#ordered !== undefined) { for (let i = 0; i < added; i++) this.#ordered.add(rows[i]); }
    return added;
  }

  /** Adds a row; false on a duplicate key. */
  add(row: number): boolean {
    if (!this.#built) return true;
    if (this.#hash !== undefined && this.#hash.add(row) >= 0) return false;
    this.#ordered?.add(row);
    return true;
  }

  /** Removes a row that still has its key. */
  remove(row: number): void {
    if (!this.#built) return;
    this.#hash?.remove(row);
    this.#ordered?.remove(row);
  }

  /** A row with the key, or -1. */
  find(key: readonly Datum[]): number {
    this.#build();
    if (this.#hash !== undefined) return this.#hash.find(key);
    const rows: number[] = [];
    this.findAll(key, rows);
    return rows[0] ?? -1;
  }

  /** Appends the row ids with the key; a NULL finds nothing. */
  findAll(key: readonly Datum[], into: number[]): void {
    this.#build();
    if (this.#hash !== undefined) {
      this.#hash.findAll(key, into);
    } else if (!key.includes(null)) {
      const bound = { key, inclusive: true };
      this.#ordered?.scan(bound, bound, (row) => into.push(row) > 0);
    }
  }

  /** A row with the key of `row`, itself perhaps; -1 when there is none. */
  findEqual(row: number): number {
    this.#build();
    return this.#hash?.findEqual(row) ?? -1;
  }

  /** Whether a unique index has all live rows; else the first row id that repeats a key. */
  buildChecked(): number {
    this.clear();
    this.#built = true;
    for (const rows of this.#rows()) {
      const added = this.addAll(rows, rows.length);
      if (added < rows.length) return rows[added];
    }
    return -1;
  }

  /** Forgets all rows: the table has none, or the index is dropped. */
  clear(): void {
    this.#hash?.clear();
    this.#ordered?.clear();
    this.#built = this.definition.unique;
  }

  #build(): void {
    if (this.#built) return;
    this.#built = true;
    for (const rows of this.#rows()) {
      this.#hash?.addAll(rows, rows.length);
      if (this.#hash === undefined) { for (const row of rows) this.#ordered?.add(row); }
    }
    if (this.#hash !== undefined && this.#ordered !== undefined) {
      for (const rows of this.#rows()) for (const row of rows) this.#ordered.add(row);
    }
  }
}

/**
 * An index of a table: its definition with the structure that serves it, kept while rows come and go.
 *
 * Rows enter after they were written and leave before they are changed, because keys are read from the rows.
 * An index begins as a sorted run, which takes no memory, and becomes a hash table when rows do not come in key
 * order; an ordered index is a sorted list of row ids from the start. One that is not unique is built when first
 * asked and maintained from then on; unique ones always are, as every insert asks them.
 *
 * @module
 */
import { HashIndex } from "./hash_index.ts";
import { KeyReader, type KeySource } from "./index_key.ts";
import type { MemoryAccount } from "./memory_account.ts";
import { OrderedIndex } from "./ordered_index.ts";
import type { ProbeKeys } from "./probe_keys.ts";
import { RowList } from "./row_list.ts";
import type { RowPairs } from "./row_pairs.ts";
import { SortedRun } from "./sorted_run.ts";
import type { Datum, SqlType } from "./sql_type.ts";
import type { IndexDefinition } from "./table_definition.ts";
import { SEGMENT_BITS } from "./table_view.ts";

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
  readonly #options: TableIndexOptions;
  readonly #hash: HashIndex;
  readonly #ordered: OrderedIndex | undefined;
  /** Serves look-ups instead of the hash table while it is there. */
  #run: SortedRun | undefined;
  /** Whether rows that come and go must be told. */
  #built: boolean;
  readonly #single = new Int32Array(1);

  constructor(options: TableIndexOptions) {
    const { definition, account, source } = options;
    this.definition = definition;
    this.#options = options;
    this.reader = new KeyReader(source, definition.ordinals, options.types);
    const { unique, ordered } = definition;
    this.#hash = new HashIndex({
      reader: this.reader,
      unique,
      nullsEqual: options.nullsEqual ?? false,
      account,
    });
    this.#ordered = ordered ? new OrderedIndex(this.reader, account) : undefined;
    this.#built = unique;
    this.#run = this.#newRun();
  }

  /** The ordered structure, built if need be; `undefined` for a hash index. */
  get ordered(): OrderedIndex | undefined {
    if (this.#ordered !== undefined) this.#build();
    return this.#ordered;
  }

  get byteLength(): number {
    return this.#hash.byteLength + (this.#ordered?.byteLength ?? 0);
  }

  /** Number of distinct keys, where the structure knows it. */
  get keyCount(): number | undefined {
    return this.#built && this.#run === undefined ? this.#hash.keyCount : undefined;
  }

  /** Adds the first `count` of `rows`; returns how many were added before a duplicate key, `count` if none. */
  addAll(rows: Int32Array, count: number): number {
    if (!this.#built) return count;
    let added = count;
    if (this.#run === undefined || !this.#run.addAll(rows, count)) {
      if (this.#run !== undefined) this.#leaveRun(rows, count);
      added = this.#hash.addAll(rows, count);
    }
    if (this.#ordered !== undefined) { for (let i = 0; i < added; i++) this.#ordered.add(rows[i]); }
    return added;
  }

  /** Adds a row; false on a duplicate key. `hash` is that of its key, if known. */
  add(row: number, hash?: number): boolean {
    if (!this.#built) return true;
    if (this.#run !== undefined || this.#ordered !== undefined) {
      this.#single[0] = row;
      return this.addAll(this.#single, 1) === 1;
    }
    return this.#hash.add(row, hash) < 0;
  }

  /** Removes a row that still has its key; `hash` is that of the key, if known. */
  remove(row: number, hash?: number): void {
    if (!this.#built) return;
    // A run keeps the slots of deleted rows and checks changed rows when they are added again.
    if (this.#run === undefined) this.#hash.remove(row, hash);
    this.#ordered?.remove(row);
  }

  /** Removes rows that still have their keys. */
  removeAll(rows: Int32Array): void {
    if (!this.#built) return;
    if (this.#run === undefined) this.#hash.removeAll(rows, rows.length);
    if (this.#ordered !== undefined) { for (const row of rows) this.#ordered.remove(row); }
  }

  /** A row with the key, or -1; a NULL finds nothing. */
  find(key: readonly Datum[]): number {
    this.#build();
    return this.#run === undefined ? this.#hash.find(key) : this.#run.find(key);
  }

  /** Appends the row ids with the key; a NULL finds nothing. */
  findAll(key: readonly Datum[], into: number[]): void {
    this.#build();
    if (this.#run === undefined) this.#hash.findAll(key, into);
    else this.#run.findAll(key, into);
  }

  /** Appends pairs of a key's number and a row with that key; a NULL finds nothing. */
  findMany(keys: ProbeKeys, pairs: RowPairs): void {
    this.#build();
    if (this.#run === undefined) this.#hash.findMany(keys, pairs);
    else this.#run.findMany(keys, pairs);
  }

  /** Writes the number of rows with each key to `counts`, counting no further than `limits`. */
  countMany(keys: ProbeKeys, limits: Int32Array, counts: Int32Array): void {
    this.#build();
    if (this.#run === undefined) this.#hash.countMany(keys, limits, counts);
    else this.#run.countMany(keys, limits, counts);
  }

  /** Builds anew from all live rows; returns -1, or in a unique index the first row that repeats a key. */
  buildChecked(): number {
    this.clear();
    this.#built = true;
    for (const rows of this.#options.rows()) {
      const added = this.addAll(rows, rows.length);
      if (added < rows.length) return rows[added];
    }
    return -1;
  }

  /** The slots of a segment are given up, their rows deleted. */
  removeSegment(index: number): void {
    this.#run?.removeSegment(index);
  }

  /** Forgets all rows: the table has none, or the index is dropped. */
  clear(): void {
    this.#hash.clear();
    this.#ordered?.clear();
    this.#built = this.definition.unique;
    this.#run = this.#newRun();
  }

  #newRun(): SortedRun | undefined {
    const { source, nullsEqual } = this.#options;
    return nullsEqual ? undefined : new SortedRun(source, this.definition.ordinals, this.definition.unique);
  }

  #build(): void {
    if (this.#built) return;
    this.#built = true;
    const { source, rows } = this.#options;
    // A run covers deleted slots too.
    for (let index = 0; this.#run !== undefined && index < source.segments.length; index++) {
      const slots = Int32Array.from(
        { length: source.segments[index].slotCount },
        (_, i) => index << SEGMENT_BITS | i,
      );
      if (!this.#run.addAll(slots, slots.length)) this.#run = undefined;
    }
    if (this.#run === undefined) { for (const part of rows()) this.#hash.addAll(part, part.length); }
    if (this.#ordered === undefined) return;
    const all = new RowList();
    for (const part of rows()) all.addAll(part);
    this.#ordered.build(all.view());
  }

  /** Builds the hash table of all live rows but the first `count` of `except`. */
  #leaveRun(except: Int32Array, count: number): void {
    this.#run = undefined;
    const skipped = new Set(count === except.length ? except : except.subarray(0, count));
    let total = 0;
    for (const { slotCount, deletedCount } of this.#options.source.segments) {
      total += slotCount - deletedCount;
    }
    if (this.definition.unique) this.#hash.reserve(total);
    for (const part of this.#options.rows()) {
      const rows = skipped.size === 0 ? part : without(part, skipped);
      this.#hash.addAll(rows, rows.length);
    }
  }
}

function without(rows: Int32Array, skipped: ReadonlySet<number>): Int32Array {
  const kept = new Int32Array(rows.length);
  let count = 0;
  for (const row of rows) if (!skipped.has(row)) kept[count++] = row;
  return kept.subarray(0, count);
}

/**
 * The data of the live bench: readings in shards, and views as dashboards have them, half over one shard each and half
 * over all rows.
 *
 * @module
 */
import type { SeededRandom } from "../../mod.ts";

const BUCKETS = 12;
/** Rows that the table grows to before as many go as come. */
const ROWS_MAX = 20_000;

/** The table. */
export const TABLE =
  "CREATE TABLE reading (id INTEGER PRIMARY KEY, shard INTEGER, bucket INTEGER, value DECIMAL(12,2))";

/** Names of the views. */
export function viewNames(count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => `board_${i}`);
}

/** The statements that make the views. */
export function viewStatements(count: number): readonly string[] {
  return viewNames(count).map((name, i) => {
    const filter = i % 2 === 0 ? `shard = ${i}` : `value >= ${i / 100}`;
    return `CREATE MATERIALIZED VIEW ${name} AS
      SELECT bucket, count(*) AS n, sum(value) AS total, max(value) AS top FROM reading WHERE ${filter} GROUP BY bucket`;
  });
}

/** A row to be inserted, or changed. */
export type Reading = {
  readonly id: number;
  readonly shard: number;
  readonly bucket: number;
  readonly value: number;
};

/** What one commit does. */
export interface ReadingChanges {
  readonly inserts: readonly Reading[];
  readonly updates: readonly { readonly id: number; readonly value: number }[];
  readonly deletes: readonly { readonly id: number }[];
}

/** Endless changes: ids ascend, the oldest rows go first. */
export class ReadingStream {
  readonly #random: SeededRandom;
  readonly #shards: number;
  #next = 0;
  #first = 0;

  constructor(random: SeededRandom, shards: number) {
    this.#random = random;
    this.#shards = shards;
  }

  /** The changes of a commit; every shard is among the inserted rows when there are enough of them. */
  batch(size: number): ReadingChanges {
    const rowCount = this.#next - this.#first;
    const deleteCount = rowCount >= ROWS_MAX ? Math.floor(size * 0.4) : 0;
    const updateCount = rowCount > size ? Math.floor(size * 0.2) : 0;
    const deletes = Array.from({ length: deleteCount }, () => ({ id: this.#first++ }));
    const updated = new Set<number>();
    while (updated.size < updateCount) updated.add(this.#random.integer(this.#first, this.#next - 1));
    const updates = [...updated].map((id) => ({ id, value: this.#value() }));
    const inserts = Array.from({ length: size - deleteCount - updateCount }, () => {
      const id = this.#next++;
      return { id, shard: id % this.#shards, bucket: this.#random.integer(1, BUCKETS), value: this.#value() };
    });
    return { inserts, updates, deletes };
  }

  #value(): number {
    return this.#random.integer(1, 100_000) / 100;
  }
}

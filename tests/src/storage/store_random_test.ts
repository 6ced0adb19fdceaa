/**
 * Random histories of a store against a Map of rows: statements that fail and succeed, savepoints, rollbacks,
 * snapshots held across changes, deltas, indexes, compaction.
 *
 * LIVEVIEW_SEED replays a failure, LIVEVIEW_RUNS multiplies the runs.
 *
 * @module
 */
import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { LiveViewError } from "../../../src/base/error.ts";
import { SeededRandom } from "../../../src/base/random.ts";
import { identicalDatums } from "../../../src/storage/datum_order.ts";
import type { TableDelta } from "../../../src/storage/delta.ts";
import type { LogConsumer } from "../../../src/storage/change_log.ts";
import { mergeDeltas } from "../../../src/storage/delta_merge.ts";
import type { Datum } from "../../../src/storage/sql_type.ts";
import { Store } from "../../../src/storage/store.ts";
import type { TableDefinition } from "../../../src/storage/table_definition.ts";
import type { TableSnapshot } from "../../../src/storage/table_view.ts";
import type { Savepoint, Transaction } from "../../../src/storage/transaction.ts";
import {
  breaksKey,
  checkIndexes,
  checkSnapshot,
  measureBytes,
  randomDatum,
  randomRow,
  type Rows,
  SHAPES,
} from "./table_model.ts";
import { vectorDatum } from "../../../src/storage/datum_vector.ts";

const SEED = Number(Deno.env.get("LIVEVIEW_SEED") ?? 1);
const RUNS = 12 * Number(Deno.env.get("LIVEVIEW_RUNS") ?? 1);

/** One random history. */
class History {
  readonly #random: SeededRandom;
  readonly #definition: TableDefinition;
  readonly #store = new Store();
  #committed: Rows = new Map();
  #current: Rows = new Map();
  /** What a consumer makes of the deltas alone, and one that lags. */
  readonly #shadow: Rows = new Map();
  readonly #lagging: Rows = new Map();
  readonly #consumer: LogConsumer;
  #transaction: Transaction | undefined;
  #savepoints: { savepoint: Savepoint; rows: Rows }[] = [];
  #held: { snapshot: TableSnapshot; rows: Rows }[] = [];
  #nextKey = 0;

  /** With `shape` given, that one of the table shapes. */
  constructor(seed: number, shape?: TableDefinition) {
    this.#random = new SeededRandom(seed);
    this.#definition = shape ?? this.#random.pick(SHAPES);
    this.#store.createTable(this.#definition);
    this.#consumer = this.#store.log.register([this.#name], 0);
    if (this.#random.next() < 0.7) {
      const ordinals = this.#random.next() < 0.5 ? [2] : [1, 2];
      const ordered = this.#random.next() < 0.3;
      this.#store.createIndex(this.#name, { name: "extra", ordinals, unique: false, ordered });
    }
  }

  get #name(): string {
    return this.#definition.name;
  }

  /** Fills the table with `count` rows at once, of which all but a `keep`th are deleted again. */
  load(count: number, keep: number): void {
    const rows = Array.from({ length: count }, () => this.#newRow(1));
    const transaction = this.#store.begin();
    const ids = transaction.insert(this.#name, { rows }).rowIds();
    for (const [i, id] of ids.entries()) this.#current.set(id, rows[i]);
    const gone = ids.filter((_, i) => i % keep !== 0);
    transaction.deleteRows(this.#name, gone);
    for (const id of gone) this.#current.delete(id);
    this.#commit(transaction);
  }

  run(steps: number): void {
    for (let step = 0; step < steps; step++) {
      if (this.#transaction === undefined) this.#outside();
      else this.#inside(this.#transaction);
      if (this.#random.next() < 0.1) this.#checkCommitted();
    }
    this.#transaction?.rollback();
    this.#transaction = undefined;
    this.#current = new Map(this.#committed);
    this.#checkCommitted();
    for (const { snapshot, rows } of this.#held) {
      checkSnapshot(snapshot, rows, this.#random);
      snapshot.release();
    }
    const table = this.#store.table(this.#name)!;
    assertEquals(table.memoryBytes, measureBytes(table));
    this.#store.dropTable(this.#name);
    assertEquals(this.#store.memoryBytes(), 0);
  }

  #outside(): void {
    this.#current = new Map(this.#committed);
    this.#savepoints = [];
    this.#transaction = this.#store.begin();
  }

  #inside(transaction: Transaction): void {
    const random = this.#random;
    const roll = random.next();
    if (random.next() < 0.02) this.#compact(transaction);
    else if (roll < 0.2) this.#insertBatch(transaction);
    else if (roll < 0.32) this.#insertRow(transaction);
    else if (roll < 0.46) this.#updateRows(transaction);
    else if (roll < 0.58) this.#updateRow(transaction);
    else if (roll < 0.7) this.#deleteRows(transaction);
    else if (roll < 0.73) this.#deleteByValue(transaction);
    else if (roll < 0.735) this.#truncate(transaction);
    else if (roll < 0.77) {
      this.#savepoints.push({ savepoint: transaction.savepoint(), rows: new Map(this.#current) });
    } else if (roll < 0.79) this.#rollbackTo(transaction);
    else if (roll < 0.81) this.#hold(transaction);
    else if (roll < 0.85) this.#checkOwn(transaction);
    else if (roll < 0.95) this.#commit(transaction);
    else if (roll < 0.97) this.#rollback(transaction);
    else this.#findByKey(transaction);
  }

  /** Runs a statement that must fail exactly when `after` breaks a key, and leave no trace then. */
  #statement(after: Rows, run: () => void): void {
    const fails = breaksKey(this.#definition, after.values());
    try {
      run();
      assert(!fails, "a broken key was not noticed");
      this.#current = after;
    } catch (error) {
      if (!(error instanceof LiveViewError) || error.code !== "duplicate-key") throw error;
      assert(fails, error.message);
    }
  }

  /** A random row, with probability `fresh` under a key that was not used before. */
  #newRow(fresh: number): Datum[] {
    const row = randomRow(this.#random, this.#definition);
    if (this.#random.next() >= fresh) return row;
    const key = this.#nextKey++;
    if (this.#name === "keyed") row[0] = key;
    if (this.#name === "composite") {
      row[1] = key;
      row[4] = key < 30_000 ? key : null;
    }
    return row;
  }

  #insertBatch(transaction: Transaction): void {
    const fresh = this.#random.pick([0.9, 0.99, 1, 1]);
    const rows = Array.from({ length: this.#random.pick([0, 1, 5, 40, 300]) }, () => this.#newRow(fresh));
    const after = new Map(this.#current);
    for (const [i, row] of rows.entries()) after.set(-1 - i, row);
    this.#statement(after, () => {
      const result = transaction.insert(this.#name, { rows });
      for (const [i, id] of result.rowIds().entries()) {
        assert(!after.has(id), "a new row id is in use");
        after.delete(-1 - i);
        after.set(id, rows[i]);
      }
    });
  }

  #insertRow(transaction: Transaction): void {
    const row = this.#newRow(0.7);
    const after = new Map(this.#current).set(-1, row);
    this.#statement(after, () => {
      const id = transaction.insertRow(this.#name, row);
      after.delete(-1);
      assert(!after.has(id), "a new row id is in use");
      after.set(id, row);
    });
  }

  #pickRows(count: number): number[] {
    const ids = [...this.#current.keys()];
    const picked = new Set<number>();
    for (let i = 0; i < count && ids.length > 0; i++) picked.add(this.#random.pick(ids));
    return [...picked];
  }

  #randomValue(ordinal: number): Datum {
    const { nullable, type } = this.#definition.columns[ordinal];
    if (nullable && this.#random.next() < 0.2) return null;
    return randomDatum(this.#random, type, this.#random.next() < 0.5);
  }

  #updateRows(transaction: Transaction): void {
    const random = this.#random;
    const ids = this.#pickRows(random.pick([1, 4, 60]));
    const ordinals = this.#definition.columns.map((_, ordinal) => ordinal).filter(() => random.next() < 0.4);
    const shift = random.next() < 0.3 && this.#definition.columns[0].type.kind === "integer";
    const values = ordinals.map((ordinal) =>
      ids.map((id): Datum => {
        const old = this.#current.get(id)![ordinal];
        if (shift && ordinal === 0) return typeof old === "number" ? old + 1 : null;
        return random.next() < 0.1 ? old : this.#randomValue(ordinal);
      })
    );
    const after = new Map(this.#current);
    for (const [i, id] of ids.entries()) {
      const row = [...after.get(id)!];
      for (const [j, ordinal] of ordinals.entries()) row[ordinal] = values[j][i];
      after.set(id, row);
    }
    this.#statement(after, () => {
      transaction.updateRows(this.#name, ids, ordinals.map((ordinal, j) => ({ ordinal, values: values[j] })));
    });
  }

  #updateRow(transaction: Transaction): void {
    const [id] = this.#pickRows(1);
    if (id === undefined) return;
    const ordinals = this.#definition.columns.map((_, ordinal) => ordinal).filter(() =>
      this.#random.next() < 0.4
    );
    const values = ordinals.map((ordinal) => this.#randomValue(ordinal));
    const row = [...this.#current.get(id)!];
    for (const [j, ordinal] of ordinals.entries()) row[ordinal] = values[j];
    const after = new Map(this.#current).set(id, row);
    this.#statement(after, () => transaction.updateRow(this.#name, id, ordinals, values));
  }

  #deleteRows(transaction: Transaction): void {
    const ids = this.#pickRows(this.#random.pick([1, 3, 50, 500]));
    assertEquals(transaction.deleteRows(this.#name, ids), ids.length);
    for (const id of ids) this.#current.delete(id);
  }

  #deleteByValue(transaction: Transaction): void {
    const wanted = this.#pickRows(3).map((id) => this.#current.get(id)!);
    const absent = randomRow(this.#random, this.#definition);
    transaction.deleteByValue(this.#name, [...wanted, absent]);
    // Among equal rows any may go: see which did.
    const own = transaction.snapshot(this.#name);
    const left = new Map(this.#current);
    for (const id of left.keys()) {
      const segment = own.segments[id >>> 16];
      if (segment.tombstones !== null && (segment.tombstones[(id & 65535) >>> 5] >>> (id & 31) & 1) === 1) {
        left.delete(id);
      }
    }
    own.release();
    assert(this.#current.size - left.size >= wanted.length, "deleteByValue missed a row");
    assert(this.#current.size - left.size <= wanted.length + 1, "deleteByValue took too many");
    this.#current = left;
  }

  #truncate(transaction: Transaction): void {
    assertEquals(transaction.truncate(this.#name), this.#current.size);
    this.#current = new Map();
  }

  #compact(transaction: Transaction): void {
    const moved = transaction.compact(this.#name, this.#random.pick([10, 1000, 100_000]));
    if (moved === 0) return;
    const own = transaction.snapshot(this.#name);
    const rows: Rows = new Map();
    for (const [index, segment] of own.segments.entries()) {
      for (let offset = 0; offset < segment.slotCount; offset++) {
        const dead = segment.tombstones !== null &&
          (segment.tombstones[offset >>> 5] >>> (offset & 31) & 1) === 1;
        if (!dead) rows.set(index << 16 | offset, transaction.row(this.#name, index << 16 | offset));
      }
    }
    own.release();
    const sorted = (from: Rows): string[] =>
      Array.from(from.values(), (row) => row.map(String).join()).sort();
    assertEquals(sorted(rows), sorted(this.#current));
    this.#current = rows;
  }

  #rollbackTo(transaction: Transaction): void {
    const target = this.#savepoints.pop();
    if (target === undefined) return;
    transaction.rollbackTo(target.savepoint);
    this.#current = target.rows;
  }

  #hold(transaction: Transaction): void {
    const own = this.#random.next() < 0.5;
    const snapshot = own ? transaction.snapshot(this.#name) : this.#store.snapshot().table(this.#name)!;
    this.#held.push({ snapshot, rows: new Map(own ? this.#current : this.#committed) });
    if (this.#held.length < 4) return;
    const [{ snapshot: old, rows }] = this.#held.splice(this.#random.integer(0, 3), 1);
    checkSnapshot(old, rows, this.#random);
    checkIndexes(old, rows, this.#random);
    old.release();
  }

  #checkOwn(transaction: Transaction): void {
    const own = transaction.snapshot(this.#name);
    checkSnapshot(own, this.#current, this.#random);
    checkIndexes(own, this.#current, this.#random);
    own.release();
  }

  #findByKey(transaction: Transaction): void {
    const { primaryKey } = this.#definition;
    if (primaryKey.length === 0) return;
    const row = randomRow(this.#random, this.#definition);
    const key = primaryKey.map((ordinal) => row[ordinal]);
    const found = transaction.findByKey(this.#name, key);
    const matches = [...this.#current].filter(([, other]) => primaryKey.every((o, i) => other[o] === key[i]));
    assertEquals(found, matches[0]?.[0] ?? -1);
  }

  #commit(transaction: Transaction): void {
    const compacted = this.#random.next() < 0.1;
    const { deltas, version } = transaction.commit();
    this.#transaction = undefined;
    this.#savepoints = [];
    this.#committed = new Map(this.#current);
    assertEquals(version, this.#store.version);
    for (const delta of deltas) applyDelta(this.#shadow, delta);
    assertSameRows(this.#shadow, this.#committed);
    if (compacted) this.#catchUp();
    if (this.#random.next() < 0.05) this.#store.statistics().table(this.#name)?.column(0);
  }

  #catchUp(): void {
    const deltas = this.#store.log.since(this.#name, this.#consumer.asOf);
    assert(deltas !== "needsRebuild", "the log lost deltas");
    if (this.#random.next() < 0.5) { for (const delta of deltas) applyDelta(this.#lagging, delta); }
    else if (deltas.length > 0) {
      applyDelta(
        this.#lagging,
        mergeDeltas(deltas, this.#definition.columns.map((c) => c.type)),
      );
    }
    this.#consumer.advance(this.#store.version);
    assertSameRows(this.#lagging, this.#committed);
  }

  #rollback(transaction: Transaction): void {
    transaction.rollback();
    this.#transaction = undefined;
    this.#current = new Map(this.#committed);
  }

  #checkCommitted(): void {
    const snapshot = this.#store.snapshot().table(this.#name)!;
    checkSnapshot(snapshot, this.#committed, this.#random);
    checkIndexes(snapshot, this.#committed, this.#random);
    snapshot.release();
  }
}

function applyDelta(rows: Rows, delta: TableDelta): void {
  let count = 0;
  for (const chunk of delta.chunks()) {
    for (let i = 0; i < chunk.size; i++, count++) {
      const id = chunk.rowIds[i];
      const row = chunk.columns.map((column) => vectorDatum(column, i));
      if (chunk.weights[i] === 1) {
        assert(!rows.has(id), `row ${id} was added twice`);
        rows.set(id, row);
      } else {
        const known = rows.get(id);
        assert(known !== undefined, `row ${id} was removed but not known`);
        assert(
          known.every((value, o) => identicalDatums(value, row[o])),
          `row ${id} was removed with other values`,
        );
        rows.delete(id);
      }
    }
  }
  assertEquals(count, delta.rowCount);
}

function assertSameRows(actual: Rows, expected: Rows): void {
  assertEquals(actual.size, expected.size);
  for (const [id, row] of expected) {
    const other = actual.get(id);
    assert(
      other !== undefined && row.every((value, o) => identicalDatums(value, other[o])),
      `row ${id} differs`,
    );
  }
}

describe("Store under random histories", () => {
  for (let run = 0; run < RUNS; run++) {
    const seed = SEED + run;
    it(`agrees with a map of rows, seed ${seed}`, () => new History(seed).run(250));
  }

  for (let run = 0; run < Math.max(1, RUNS / 6); run++) {
    const seed = SEED + run;
    it(`agrees with a map of rows over several segments, seed ${seed}`, () => {
      const history = new History(seed, SHAPES[seed % SHAPES.length]);
      history.load(140_000, 3 + seed % 2 * 20);
      history.run(40);
    });
  }
});

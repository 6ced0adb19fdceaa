/**
 * A database that lives in a Durable Object: its memory is the isolate's, its snapshot is in the object's SQLite.
 *
 * ```
 *  request ──► app ──► database ──► dirty tables ─┐
 *  alarm ───► runDue (views) ──► snapshot ◄───────┘ at most snapshotDelayMs after the first change
 *                                   │
 *  start ◄── definitions, rows ◄── SQLite
 * ```
 *
 * The runtime may end the object at any time. It restarts with the last snapshot: what was committed in the
 * `snapshotDelayMs` before a crash is lost, and nothing when it was merely put to sleep, which takes longer. Versions
 * begin anew, so the app gets a new instance id, and clients get the whole contents in place of what they hold.
 *
 * @module
 */
import { type Clock, systemClock } from "../../src/base/clock.ts";
import { materializedViews, type MaterializedViewsApi } from "../../plugins/materialized_views/plugin.ts";
import type { Plugin } from "../../src/kernel/plugin.ts";
import { RecordedDatabase, tableChanges, type TableChangesApi } from "./recorded_database.ts";
import { type SnapshotStorage, SnapshotStore, type TableImage } from "./snapshot_store.ts";
import { restoreTable, tableImage } from "./table_image.ts";

/** The part of a Durable Object's storage that is used here. */
export interface ObjectStorage extends SnapshotStorage {
  /** Has `alarm` called at a time in milliseconds since 1970; replaces an earlier alarm. */
  setAlarm(at: number): Promise<void>;
}

/** When a snapshot is written, and further plugins. */
export interface DatabaseObjectOptions {
  /** Milliseconds that a change may wait for its snapshot; 1,000 by default. Objects sleep after ten seconds. */
  readonly snapshotDelayMs?: number;
  /** Changed rows after which a snapshot is written at once; 10,000 by default. */
  readonly snapshotRowsMax?: number;
  /** The machine's clock by default. */
  readonly clock?: Clock;
  /** Loaded after those that the object needs. */
  readonly plugins?: readonly Plugin[];
}

/** The database of the object. */
export type ObjectDatabase = RecordedDatabase<
  readonly [
    Plugin<"materializedViews", MaterializedViewsApi>,
    Plugin<"tableChanges", TableChangesApi>,
    ...Plugin[],
  ]
>;

const SNAPSHOT_DELAY_MS = 1_000;
const SNAPSHOT_ROWS_MAX = 10_000;

/** See the module header. */
export class DatabaseObject {
  /** What is served. */
  readonly db: ObjectDatabase;
  readonly #storage: ObjectStorage;
  readonly #store: SnapshotStore;
  readonly #clock: Clock;
  readonly #delayMs: number;
  readonly #rowsMax: number;
  /** When views want to be refreshed, and when a snapshot is due: milliseconds since 1970. */
  #refreshAt = Infinity;
  #snapshotAt = Infinity;
  #alarmAt = Infinity;
  #restoring = true;
  /** The snapshot that is being written. */
  #writing: Promise<void> | undefined;

  private constructor(storage: ObjectStorage, options: DatabaseObjectOptions) {
    this.#storage = storage;
    this.#store = new SnapshotStore(storage);
    this.#clock = options.clock ?? systemClock;
    this.#delayMs = options.snapshotDelayMs ?? SNAPSHOT_DELAY_MS;
    this.#rowsMax = options.snapshotRowsMax ?? SNAPSHOT_ROWS_MAX;
    const plugins = [
      materializedViews({ wakeUp: (delayMs) => this.#wantRefresh(delayMs) }),
      tableChanges((rowCount) => this.#changed(rowCount)),
      ...(options.plugins ?? []),
    ] as const;
    this.db = new RecordedDatabase({ clock: this.#clock, plugins }, (sql) => this.#store.addDefinition(sql));
  }

  /** Restores what `storage` holds. */
  static async open(storage: ObjectStorage, options: DatabaseObjectOptions = {}): Promise<DatabaseObject> {
    const object = new DatabaseObject(storage, options);
    await object.#restore();
    return object;
  }

  /** Refreshes views and writes a snapshot where they are due: what the runtime calls at an alarm. */
  async alarm(): Promise<void> {
    this.#alarmAt = Infinity;
    const now = this.#clock.now();
    if (this.#refreshAt <= now) {
      this.#refreshAt = Infinity;
      await this.db.plugins.materializedViews.runDue();
    }
    if (this.#snapshotAt <= now) await this.snapshot();
    this.#setAlarm();
  }

  /** Writes what changed since the last snapshot. */
  async snapshot(): Promise<void> {
    await this.#writing;
    this.#writing = this.#writeSnapshot();
    try {
      await this.#writing;
    } finally {
      this.#writing = undefined;
    }
  }

  /** Bytes of the tables in storage. */
  storedBytes(): number {
    return this.#store.byteLength();
  }

  async #restore(): Promise<void> {
    await this.db.replay(this.#store.definitions());
    for (const name of this.#store.tableNames()) await restoreTable(this.db, name, this.#store.read(name));
    this.db.plugins.tableChanges.take();
    this.#restoring = false;
  }

  async #writeSnapshot(): Promise<void> {
    this.#snapshotAt = Infinity;
    const { db } = this;
    const changes = db.plugins.tableChanges;
    // One transaction: the tables are read as of one version.
    await db.transaction(async (transaction) => {
      const changed = changes.take();
      try {
        const images: TableImage[] = [];
        for (const name of changed.names) {
          images.push(await tableImage(transaction, db.catalog, name));
        }
        this.#store.write(images, [...changed.dropped]);
      } catch (error) {
        changes.giveBack(changed);
        throw error;
      }
    });
  }

  #changed(rowCount: number): void {
    if (this.#restoring) return;
    const delayMs = rowCount >= this.#rowsMax ? 0 : this.#delayMs;
    this.#snapshotAt = Math.min(this.#snapshotAt, this.#clock.now() + delayMs);
    this.#setAlarm();
  }

  #wantRefresh(delayMs: number): void {
    this.#refreshAt = this.#clock.now() + delayMs;
    this.#setAlarm();
  }

  #setAlarm(): void {
    const at = Math.min(this.#refreshAt, this.#snapshotAt);
    if (at === Infinity || at === this.#alarmAt) return;
    this.#alarmAt = at;
    // The runtime holds back answers until what was written to storage is safe, and alarms are.
    void this.#storage.setAlarm(at);
  }
}

/**
 * Who listens to a view: subscriptions, and the changes kept for those that come back.
 *
 * @module
 */
import { QueryError } from "../../src/base/error.ts";
import { type Delta, rowsOfDelta } from "../../src/circuit/delta.ts";
import type { SubscribeOptions } from "../../src/kernel/hooks.ts";
import type { PluginHost } from "../../src/kernel/plugin_host.ts";
import type { Alarms } from "./alarms.ts";
import { RetainedChanges } from "./retained_changes.ts";
import { Subscription } from "./subscription.ts";
import type { ViewTable } from "./view_table.ts";

/** See the module header. */
export class ViewSubscribers {
  readonly #host: PluginHost;
  readonly #alarms: Alarms;
  readonly #table: ViewTable;
  /** Rows of changes that are kept for subscribers that come back. */
  readonly #retainedRowsMax: number;
  readonly #subscriptions = new Set<Subscription>();
  #retained: RetainedChanges | undefined;

  constructor(
    table: ViewTable,
    { host, alarms, retainedRowsMax }: {
      readonly host: PluginHost;
      readonly alarms: Alarms;
      readonly retainedRowsMax: number;
    },
  ) {
    this.#host = host;
    this.#alarms = alarms;
    this.#table = table;
    this.#retainedRowsMax = retainedRowsMax;
  }

  get count(): number {
    return this.#subscriptions.size;
  }

  /** Hands over a change that was published. */
  push(version: number, change: Delta): void {
    if (this.#subscriptions.size === 0 && this.#retained === undefined) return;
    const rows = rowsOfDelta(change);
    this.#retained?.push({ version, rows });
    for (const subscription of this.#subscriptions) subscription.push(version, rows);
  }

  /** Subscribes; `onClose` is called once at the end. */
  subscribe(options: SubscribeOptions, onClose: () => void = () => {}): Subscription {
    const { fromVersion } = options;
    const version = this.#host.store.version;
    if (fromVersion !== undefined && !(fromVersion <= version)) {
      throw new QueryError("version-unavailable", `Cannot subscribe from version ${fromVersion}`, {
        details: { fromVersion, version },
        hint: `the last version is ${version}`,
      });
    }
    const subscription = new Subscription({
      columns: this.#table.columns,
      queueMax: options.queueMax,
      rowsMax: this.#retainedRowsMax,
      coalesceMs: options.coalesceMs,
      alarms: this.#alarms,
      signal: options.signal,
      onClose: () => {
        this.#subscriptions.delete(subscription);
        onClose();
      },
    });
    if (subscription.closed) {
      onClose();
      return subscription;
    }
    this.#retained ??= new RetainedChanges(this.#retainedRowsMax, version);
    const missed = fromVersion === undefined ? undefined : this.#retained.since(fromVersion);
    if (missed !== undefined) missed.forEach((change) => subscription.push(change.version, change.rows));
    else if (fromVersion !== undefined || (options.snapshot ?? true)) this.#pushSnapshot(subscription);
    this.#subscriptions.add(subscription);
    return subscription;
  }

  close(): void {
    for (const subscription of this.#subscriptions) subscription.close();
  }

  #pushSnapshot(subscription: Subscription): void {
    const snapshot = this.#host.store.snapshot([this.#table.name]);
    try {
      const table = snapshot.table(this.#table.name);
      if (table === undefined) return;
      const rows = rowsOfDelta(this.#table.rows(() => table));
      subscription.pushSnapshot(snapshot.version, rows.map(({ row }) => row));
    } finally {
      snapshot.release();
    }
  }
}

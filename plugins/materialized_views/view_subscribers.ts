/**
 * Who listens to a view: subscriptions, and the changes kept for those that come back.
 *
 * @module
 */
import { QueryError } from "../../src/base/error.ts";
import { type Delta, rowsOfDelta } from "../../src/circuit/delta.ts";
import type { SubscribeOptions, SubscriptionEnd } from "../../src/kernel/hooks.ts";
import type { PluginHost } from "../../src/kernel/plugin_host.ts";
import type { ResultColumn } from "../../src/kernel/query_result.ts";
import { typeName } from "../../src/storage/sql_type.ts";
import type { Alarms } from "./alarms.ts";
import { RetainedChanges } from "./retained_changes.ts";
import { SubscriberGroup } from "./subscriber_group.ts";
import { Subscription } from "./subscription.ts";
import { ViewChange } from "./view_change.ts";
import type { ViewTable } from "./view_table.ts";

/** See the module header. */
export class ViewSubscribers {
  readonly #host: PluginHost;
  readonly #alarms: Alarms;
  readonly #table: ViewTable;
  readonly #columns: readonly ResultColumn[];
  /** Rows of changes that are kept for subscribers that come back. */
  readonly #retainedRowsMax: number;
  /** By the time for which changes are held. */
  readonly #groups = new Map<number, SubscriberGroup>();
  #retained: RetainedChanges | undefined;
  /** Up to this version the name may have meant another view. */
  #namedAt: number;

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
    this.#columns = table.columns.map(({ name, type, nullable }) => ({
      name,
      type: typeName(type),
      sqlType: type,
      nullable,
    }));
    this.#retainedRowsMax = retainedRowsMax;
    this.#namedAt = host.store.version;
  }

  get count(): number {
    let count = 0;
    for (const group of this.#groups.values()) count += group.size;
    return count;
  }

  /** The view has another name: who comes back under it may have been at another view. */
  renamed(): void {
    this.#namedAt = this.#host.store.version;
  }

  /** Hands over a change that was published. */
  push(version: number, delta: Delta): void {
    if (this.#retained === undefined) return;
    const change = new ViewChange(this.#columns, { version, rows: rowsOfDelta(delta) });
    this.#retained.push(change);
    for (const group of this.#groups.values()) group.push(change);
  }

  /** Subscribes; `onClose` is called once at the end. */
  subscribe(options: SubscribeOptions, onClose: () => void = () => {}): Subscription {
    const { fromVersion } = options;
    const { version } = this.#host.store;
    if (fromVersion !== undefined && !(fromVersion <= version)) {
      throw new QueryError("version-unavailable", `Cannot subscribe from version ${fromVersion}`, {
        details: { fromVersion, version },
        hint: `the last version is ${version}`,
      });
    }
    const coalesceMs = requireDuration(options.coalesceMs ?? 0);
    const subscription = new Subscription({
      columns: this.#columns,
      queueMax: options.queueMax,
      rowsMax: this.#retainedRowsMax,
      signal: options.signal,
      onClose: () => {
        this.#leave(subscription, coalesceMs);
        onClose();
      },
    });
    if (subscription.closed) {
      onClose();
      return subscription;
    }
    this.#retained ??= new RetainedChanges(this.#retainedRowsMax, version);
    const missed = this.#since(fromVersion);
    if (missed !== undefined) missed.forEach((change) => subscription.push(change));
    else if (fromVersion !== undefined || (options.snapshot ?? true)) this.#pushSnapshot(subscription);
    this.#join(subscription, coalesceMs);
    return subscription;
  }

  close(end: SubscriptionEnd): void {
    for (const group of [...this.#groups.values()]) {
      for (const subscription of [...group]) subscription.close(end);
    }
  }

  /** What came after `version`; undefined when that is not known. */
  #since(version: number | undefined): readonly ViewChange[] | undefined {
    if (version === undefined || version <= this.#namedAt) return undefined;
    return this.#retained?.since(version);
  }

  #join(subscription: Subscription, coalesceMs: number): void {
    let group = this.#groups.get(coalesceMs);
    if (group === undefined) {
      group = new SubscriberGroup({ coalesceMs, rowsMax: this.#retainedRowsMax, alarms: this.#alarms });
      this.#groups.set(coalesceMs, group);
    }
    group.join(subscription);
  }

  #leave(subscription: Subscription, coalesceMs: number): void {
    const group = this.#groups.get(coalesceMs);
    group?.leave(subscription);
    if (group?.size === 0) this.#groups.delete(coalesceMs);
  }

  #pushSnapshot(subscription: Subscription): void {
    const snapshot = this.#host.store.snapshot([this.#table.name]);
    try {
      const table = snapshot.table(this.#table.name);
      if (table === undefined) return;
      const rows = rowsOfDelta(this.#table.rows(() => table));
      subscription.push(
        new ViewChange(this.#columns, { version: snapshot.version, snapshot: true, rows }),
      );
    } finally {
      snapshot.release();
    }
  }
}

function requireDuration(ms: number): number {
  if (Number.isFinite(ms) && ms >= 0) return ms;
  throw new QueryError("invalid-parameter", `coalesceMs cannot be ${ms}`, {
    details: { coalesceMs: ms },
    hint: "give milliseconds, 0 or more",
  });
}

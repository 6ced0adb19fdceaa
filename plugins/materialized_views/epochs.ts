/**
 * The epochs of circuits: what a commit changed, what changed since a version, and tables as they are.
 *
 * @module
 */
import type { Epoch } from "../../src/circuit/circuit_node.ts";
import { type Delta, sumOfDeltas, uniformDelta } from "../../src/circuit/delta.ts";
import { createExecution, runToEnd } from "../../src/exec/execution.ts";
import type { PluginHost } from "../../src/kernel/plugin_host.ts";
import type { ScanPlan } from "../../src/query/plan.ts";
import type { TableDelta } from "../../src/storage/delta.ts";
import type { SqlType } from "../../src/storage/sql_type.ts";
import type { Transaction } from "../../src/storage/transaction.ts";

/** The changes of a commit: those of tables, and those of views as they become known. */
export class CommitEpoch implements Epoch {
  readonly #host: PluginHost;
  readonly #tables = new Map<string, TableDelta>();
  readonly #views = new Map<string, Delta>();

  constructor(host: PluginHost, deltas: readonly TableDelta[]) {
    this.#host = host;
    for (const delta of deltas) if (delta.rowCount > 0) this.#tables.set(delta.table, delta);
  }

  /** Whether a table or view has changed. */
  has(name: string): boolean {
    return this.#tables.has(name) || this.#views.has(name);
  }

  /** Rows of the changes of these tables and views. */
  rowCount(names: readonly string[]): number {
    return names.reduce(
      (rows, name) => rows + (this.#views.get(name)?.size ?? this.#tables.get(name)?.rowCount ?? 0),
      0,
    );
  }

  /** The change of a view, for the views that read it. */
  addView(name: string, delta: Delta): void {
    this.#views.set(name, delta);
  }

  get nowMicros(): number {
    return microsOf(this.#host);
  }

  tableDelta(table: string, ordinals: readonly number[]): Delta | undefined {
    const view = this.#views.get(table);
    if (view !== undefined) return { ...view, columns: ordinals.map((ordinal) => view.columns[ordinal]!) };
    const delta = this.#tables.get(table);
    if (delta === undefined) return undefined;
    return sumOfDeltas(partsOf(delta, ordinals), typesOf(this.#host, table, ordinals));
  }
}

/** What changed since a version: the retained log, and views that the transaction under way has refreshed. */
export class LogEpoch implements Epoch {
  /** Changed rows of all sources. */
  readonly rowCount: number;
  readonly #host: PluginHost;
  readonly #logged: ReadonlyMap<string, readonly TableDelta[]>;
  readonly #views: ReadonlyMap<string, Delta>;

  private constructor(
    host: PluginHost,
    logged: ReadonlyMap<string, readonly TableDelta[]>,
    views: ReadonlyMap<string, Delta>,
  ) {
    this.#host = host;
    this.#logged = logged;
    this.#views = views;
    let rows = 0;
    for (const deltas of logged.values()) for (const delta of deltas) rows += delta.rowCount;
    for (const name of logged.keys()) rows += views.get(name)?.size ?? 0;
    this.rowCount = rows;
  }

  /** The changes of `sources` after `version`; undefined when the log does not reach back so far. */
  static since(
    host: PluginHost,
    sources: readonly string[],
    version: number,
    views: ReadonlyMap<string, Delta>,
  ): LogEpoch | undefined {
    const logged = new Map<string, readonly TableDelta[]>();
    for (const source of sources) {
      const deltas = host.store.log.since(source, version);
      if (deltas === "needsRebuild") return undefined;
      logged.set(source, deltas);
    }
    return new LogEpoch(host, logged, views);
  }

  get nowMicros(): number {
    return microsOf(this.#host);
  }

  tableDelta(table: string, ordinals: readonly number[]): Delta | undefined {
    const parts = (this.#logged.get(table) ?? []).flatMap((delta) => partsOf(delta, ordinals));
    const view = this.#views.get(table);
    if (view !== undefined) {
      parts.push({ ...view, columns: ordinals.map((ordinal) => view.columns[ordinal]!) });
    }
    return parts.length === 0 ? undefined : sumOfDeltas(parts, typesOf(this.#host, table, ordinals));
  }
}

/** The first epoch of a circuit: all rows of the tables, as a transaction sees them. */
export class InitialEpoch implements Epoch {
  readonly #host: PluginHost;
  readonly #transaction: Transaction;

  constructor(host: PluginHost, transaction: Transaction) {
    this.#host = host;
    this.#transaction = transaction;
  }

  get nowMicros(): number {
    return microsOf(this.#host);
  }

  tableDelta(table: string, ordinals: readonly number[]): Delta {
    const types = typesOf(this.#host, table, ordinals);
    const columns = ordinals.map((ordinal, id) => ({
      id,
      ordinal,
      name: `${ordinal}`,
      type: types[id]!,
      nullable: true,
    }));
    const plan: ScanPlan = { kind: "scan", table, alias: table, columns };
    const environment = this.#host.environment((name) => this.#transaction.snapshot(name));
    const limits = { ...environment.limits, rowsMax: Infinity };
    const execution = createExecution({ plan, columns }, { ...environment, limits });
    try {
      const rows = runToEnd(execution);
      return uniformDelta(rows.columns, rows.rowCount, 1);
    } finally {
      execution.close();
    }
  }
}

function typesOf(host: PluginHost, table: string, ordinals: readonly number[]): readonly SqlType[] {
  const columns = host.store.table(table)?.definition.columns ?? [];
  return ordinals.map((ordinal) => columns[ordinal]!.type);
}

function partsOf(delta: TableDelta, ordinals: readonly number[]): Delta[] {
  return Array.from(delta.chunks(), ({ size, columns, weights }) => ({
    size,
    columns: ordinals.map((ordinal) => columns[ordinal]!),
    weights,
  }));
}

function microsOf(host: PluginHost): number {
  return Math.round(host.clock.now() * 1000);
}

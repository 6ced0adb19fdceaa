/**
 * The epochs of circuits: what a commit changed, what changed since a version, and tables as they are.
 *
 * @module
 */
import { InvariantError } from "../../src/base/error.ts";
import type { Epoch } from "../../src/circuit/circuit_node.ts";
import type { Delta } from "../../src/circuit/delta.ts";
import { RelationChange, type Route, type RouteValues } from "../../src/circuit/relation_change.ts";
import type { PluginHost } from "../../src/kernel/plugin_host.ts";
import type { Plan, PlanColumn, Scalar, ScanPlan } from "../../src/query/plan.ts";
import { BOOLEAN, type Datum, type SqlType } from "../../src/storage/sql_type.ts";
import type { TableDelta } from "../../src/storage/delta.ts";
import type { Transaction } from "../../src/storage/transaction.ts";
import { allRows, readTables } from "./transaction_snapshots.ts";

/** Changes of tables and views that are known. */
export class ChangeEpoch implements Epoch {
  readonly nowMicros: number;
  readonly version: number;
  readonly #host: PluginHost;
  readonly #changes = new Map<string, RelationChange>();

  /** An epoch in which nothing but the time has changed. */
  constructor(host: PluginHost) {
    this.#host = host;
    this.nowMicros = microsOf(host);
    this.version = host.store.version + 1;
  }

  /** The changes of a commit. */
  static ofCommit(host: PluginHost, deltas: readonly TableDelta[]): ChangeEpoch {
    const epoch = new ChangeEpoch(host);
    for (const delta of deltas) if (delta.rowCount > 0) epoch.#add(delta.table, [delta], []);
    return epoch;
  }

  /**
   * The changes of `sources` after `version`, those of `views` that the transaction under way has made included;
   * undefined when the log does not reach back so far.
   */
  static since(
    host: PluginHost,
    sources: readonly string[],
    version: number,
    views: ReadonlyMap<string, Delta>,
  ): ChangeEpoch | undefined {
    const epoch = new ChangeEpoch(host);
    for (const source of sources) {
      const deltas = host.store.log.since(source, version);
      if (deltas === "needsRebuild") return undefined;
      const view = views.get(source);
      epoch.#add(source, deltas, view === undefined ? [] : [view]);
    }
    return epoch;
  }

  /** Tables and views that have changed. */
  get relations(): Iterable<string> {
    return this.#changes.keys();
  }

  /** Whether a table or view has changed. */
  has(name: string): boolean {
    return this.#changes.has(name);
  }

  /** Rows of the changes of these tables and views. */
  rowCount(names: readonly string[]): number {
    let rows = 0;
    for (const name of names) rows += this.#changes.get(name)?.size ?? 0;
    return rows;
  }

  /** The one of these that has changed most; the first where none has. */
  mostChanged(names: readonly string[]): string {
    let most = names[0] ?? "";
    if (names.length < 2) return most;
    let rows = 0;
    for (const name of names) {
      const size = this.#changes.get(name)?.size ?? 0;
      if (size > rows) [most, rows] = [name, size];
    }
    return most;
  }

  /** The change of a view, for the views that read it. */
  addView(name: string, delta: Delta): void {
    this.#add(name, [], [delta]);
  }

  tableDelta(table: string, ordinals: readonly number[], route?: Route): Delta | undefined {
    return this.#changes.get(table)?.select(ordinals, route);
  }

  valuesOf(table: string, ordinal: number): RouteValues {
    return this.#changes.get(table)?.values(ordinal) ?? new Set();
  }

  #add(name: string, deltas: readonly TableDelta[], views: readonly Delta[]): void {
    const columns = this.#host.store.table(name)?.definition.columns ?? [];
    const change = RelationChange.of(columns, deltas, views);
    if (change.size > 0) this.#changes.set(name, change);
  }
}

/** The first epoch of operators: all rows of the tables, as a transaction sees them. */
export class InitialEpoch implements Epoch {
  readonly nowMicros: number;
  readonly version: number;
  readonly #host: PluginHost;
  readonly #transaction: Transaction;

  constructor(host: PluginHost, transaction: Transaction) {
    this.nowMicros = microsOf(host);
    this.version = host.store.version + 1;
    this.#host = host;
    this.#transaction = transaction;
  }

  tableDelta(table: string, ordinals: readonly number[], route?: Route): Delta {
    const types = typesOf(this.#host, table);
    const columnOf = (ordinal: number, id: number) => ({
      id,
      ordinal,
      name: `${ordinal}`,
      type: types[ordinal]!,
      nullable: true,
    });
    const columns = ordinals.map(columnOf);
    const routed = route === undefined ? [] : [columnOf(route.ordinal, columns.length)];
    const scan: ScanPlan = { kind: "scan", table, alias: table, columns: [...columns, ...routed] };
    const plan: Plan = route === undefined
      ? scan
      : { kind: "filter", input: scan, predicate: hasValue(routed[0]!, route.value) };
    return readTables(this.#transaction, (snapshot) => allRows(this.#host, { plan, columns }, snapshot));
  }

  valuesOf(table: string): RouteValues {
    throw new InvariantError("invariant", `All rows of ${table} are no change`);
  }
}

/** `column = value`; values of routes are datums, but for bigints that a number holds. */
function hasValue({ id, name, type }: PlanColumn, value: unknown): Scalar {
  return {
    kind: "call",
    name: "=",
    type: BOOLEAN,
    arguments: [{ kind: "column", id, name, type }, { kind: "literal", value: value as Datum, type }],
  };
}

function typesOf(host: PluginHost, table: string): readonly SqlType[] {
  return (host.store.table(table)?.definition.columns ?? []).map((column) => column.type);
}

function microsOf(host: PluginHost): number {
  return Math.round(host.clock.now() * 1000);
}

/**
 * One materialized view: its circuit or full plan, its stored rows, its subscribers.
 *
 * A view is stored as a table of kind `view`. A commit changes it through the same transaction as its sources,
 * so both are published together. A query that the circuit does not cover is recomputed when a source changes,
 * and the difference is written, so that views and subscribers above it still get the minimal change.
 *
 * @module
 */
import { LiveViewError } from "../../src/base/error.ts";
import { type Circuit, compileCircuit } from "../../src/circuit/circuit.ts";
import { isNotIncremental } from "../../src/circuit/join_graph.ts";
import type { TableChanges } from "../../src/circuit/delta_join.ts";
import { type WeightedRow, ZSet } from "../../src/circuit/zset.ts";
import { createExecution, runToEnd } from "../../src/exec/execution.ts";
import { materialize } from "../../src/exec/materialize.ts";
import type { RowEnvironment } from "../../src/exec/row_evaluator.ts";
import { storedDatum } from "../../src/exec/stored_gather.ts";
import { readDatums } from "../../src/exec/vector_read.ts";
import type { SubscribeOptions } from "../../src/kernel/hooks.ts";
import type { PluginHost } from "../../src/kernel/plugin_host.ts";
import { requireUniqueNames } from "../../src/kernel/run_definition.ts";
import type { Query } from "../../src/query/ast.ts";
import type { BoundQuery } from "../../src/query/plan.ts";
import { planNodes } from "../../src/query/plan_walk.ts";
import { type Datum, type SqlType, TEXT } from "../../src/storage/sql_type.ts";
import type { TableSnapshot } from "../../src/storage/table_view.ts";
import type { Transaction } from "../../src/storage/transaction.ts";
import { transactionTables } from "./transaction_tables.ts";
import { Subscription } from "./subscription.ts";

/** How a view is doing. */
export interface ViewStatus {
  /** Its name. */
  readonly name: string;
  /** `incremental`: work follows the change. `full`: recomputed when a source changes. */
  readonly refreshMode: "incremental" | "full";
  /** Why the mode is `full`: the construct. */
  readonly refreshModeReason: string | undefined;
  /** Tables and views that it reads. */
  readonly sources: readonly string[];
  /** Rows stored. */
  readonly rowCount: number;
  /** The version that the contents reflect. */
  readonly asOf: number;
  /** Refreshes since it was created. */
  readonly refreshCount: number;
  /** Rows of source tables looked at by incremental refreshes. */
  readonly examinedRows: number;
  /** Subscriptions that are open. */
  readonly subscriberCount: number;
}

/** What a view is made from. */
export interface ViewDefinition {
  readonly name: string;
  readonly query: Query;
  readonly columns: readonly string[] | undefined;
}

/** See the module header. */
export class MaintainedView {
  readonly name: string;
  readonly #host: PluginHost;
  readonly #definition: ViewDefinition;
  readonly #bound: BoundQuery;
  readonly #columns: readonly { readonly name: string; readonly type: SqlType; readonly nullable: boolean }[];
  readonly #subscriptions = new Set<Subscription>();
  #circuit: Circuit | undefined;
  #reason: string | undefined;
  /** The change of the commit under way, for subscribers once it is published. */
  #pending: readonly WeightedRow[] = [];
  #asOf = 0;
  #refreshCount = 0;

  constructor(host: PluginHost, definition: ViewDefinition) {
    this.name = definition.name;
    this.#host = host;
    this.#definition = definition;
    this.#bound = host.bind(definition.query);
    this.#columns = this.#bound.columns.map((column, i) => ({
      name: definition.columns?.[i] ?? column.name,
      type: column.type.kind === "null" ? TEXT : column.type,
      nullable: column.nullable,
    }));
    requireUniqueNames(definition.name, this.#columns);
    this.#compile();
  }

  /** Tables and views that it reads. */
  get sources(): readonly string[] {
    const tables = new Set<string>();
    for (const node of planNodes(this.#bound.plan)) if (node.kind === "scan") tables.add(node.table);
    return [...tables];
  }

  /** Makes the table that holds the rows, and the indexes that the circuit looks up. */
  install(): void {
    this.#host.store.createTable({
      name: this.name,
      kind: "view",
      columns: this.#columns.map(({ name, type }) => ({ name, type, nullable: true })),
      primaryKey: [],
      uniqueKeys: [],
      references: [],
    });
    for (const { table, ordinals } of this.#circuit?.wantedIndexes() ?? []) {
      this.#host.store.ensureIndex(table, ordinals);
    }
  }

  uninstall(): void {
    this.#host.store.dropTable(this.name);
  }

  /** Fills the view for the first time. */
  build(transaction: Transaction): void {
    const rows = this.#circuit === undefined
      ? this.#compute(transaction)
      : this.#circuit.initialize(transactionTables(transaction, this.#host.store), this.#environment());
    this.#write(transaction, [...rows]);
    this.#asOf = this.#host.store.version + 1;
  }

  /** Applies the changes of a commit; gives the change of the view. */
  maintain(transaction: Transaction, changes: TableChanges): readonly WeightedRow[] {
    if (!this.sources.some((table) => changes.has(table))) return [];
    const change = this.#circuit === undefined ? this.#difference(transaction) : [
      ...this.#circuit.apply(
        transactionTables(transaction, this.#host.store),
        changes,
        this.#environment(),
      ),
    ];
    this.#refreshCount++;
    this.#write(transaction, change);
    this.#pending = change;
    return change;
  }

  /** Recomputes the view and writes what differs. */
  refresh(transaction: Transaction): void {
    const change = this.#difference(transaction);
    this.#refreshCount++;
    this.#write(transaction, change);
    this.#pending = change;
    if (this.#circuit === undefined) return;
    // The accumulators start anew too, so that a refresh heals whatever was wrong.
    this.#compile();
    this.#circuit.initialize(transactionTables(transaction, this.#host.store), this.#environment());
  }

  /** The commit is visible: tell the subscribers. */
  publish(version: number): void {
    this.#asOf = version;
    if (this.#pending.length === 0) return;
    const change = this.#pending;
    this.#pending = [];
    for (const subscription of this.#subscriptions) subscription.push(version, change);
  }

  subscribe(options: SubscribeOptions): Subscription {
    const subscription = new Subscription({
      columns: this.#columns,
      queueMax: options.queueMax,
      signal: options.signal,
      onClose: () => this.#subscriptions.delete(subscription),
    });
    if (options.snapshot ?? true) {
      const snapshot = this.#host.store.snapshot([this.name]);
      try {
        const table = snapshot.table(this.name);
        if (table !== undefined) {
          subscription.pushSnapshot(snapshot.version, [...readRows(table, this.#columns)]);
        }
      } finally {
        snapshot.release();
      }
    }
    this.#subscriptions.add(subscription);
    return subscription;
  }

  status(): ViewStatus {
    return {
      name: this.name,
      refreshMode: this.#circuit === undefined ? "full" : "incremental",
      refreshModeReason: this.#reason,
      sources: this.sources,
      rowCount: this.#host.store.table(this.name)?.rowCount ?? 0,
      asOf: this.#asOf,
      refreshCount: this.#refreshCount,
      examinedRows: this.#circuit?.examinedRows ?? 0,
      subscriberCount: this.#subscriptions.size,
    };
  }

  close(): void {
    for (const subscription of this.#subscriptions) subscription.close();
  }

  #compile(): void {
    const { functions, store } = this.#host;
    const compiled = compileCircuit(this.#bound, {
      primaryKey: (table) => store.table(table)?.definition.primaryKey ?? [],
      aggregate: (call) =>
        functions.resolveAggregate(
          call.function,
          [...call.arguments, ...call.orderBy.map((key) => key.expression)].map((argument) => argument.type),
        ).function,
      isDeterministic: (scalar) => this.#host.isImmutable(scalar),
    });
    this.#circuit = isNotIncremental(compiled) ? undefined : compiled;
    this.#reason = isNotIncremental(compiled) ? compiled.construct : undefined;
  }

  /** The query over the tables as the transaction sees them. */
  #compute(transaction: Transaction): ZSet {
    const { plan, columns } = this.#host.plan(this.#definition.query);
    const execution = createExecution(
      { plan, columns },
      this.#host.environment((table) => transaction.snapshot(table)),
    );
    try {
      const { columns: vectors, rowCount } = runToEnd(execution);
      const values = vectors.map((vector) => readDatums(materialize(vector, rowCount), rowCount));
      const rows = new ZSet(this.#columns.map((column) => column.type));
      for (let i = 0; i < rowCount; i++) rows.add(values.map((column) => column[i]!), 1);
      return rows;
    } finally {
      execution.close();
    }
  }

  #difference(transaction: Transaction): readonly WeightedRow[] {
    const difference = this.#compute(transaction);
    for (const row of readRows(transaction.snapshot(this.name), this.#columns)) difference.add(row, -1);
    return [...difference];
  }

  #write(transaction: Transaction, change: readonly WeightedRow[]): void {
    // Rows that go make room before rows that come.
    for (const { row, weight } of change) {
      for (let i = weight; i < 0; i++) {
        if (transaction.deleteByValue(this.name, [row]) === 0) {
          throw new LiveViewError("invariant", `View "${this.name}" lost a row that its change removes`);
        }
      }
    }
    for (const { row, weight } of change) {
      for (let i = weight; i > 0; i--) transaction.insertRow(this.name, row);
    }
  }

  #environment(): RowEnvironment {
    const { nowMicros, timeZone, random } = this.#host.environment(() => {
      throw new LiveViewError("invariant", "A circuit reads tables through its transaction");
    });
    return { parameters: [], functions: this.#host.functions, nowMicros, timeZone, random };
  }
}

/** The rows of a stored view. */
function* readRows(
  snapshot: TableSnapshot,
  columns: readonly unknown[],
): Generator<readonly Datum[]> {
  const stored = columns.map((_, ordinal) => snapshot.column(ordinal));
  for (const [index, segment] of snapshot.segments.entries()) {
    for (let offset = 0; offset < segment.slotCount; offset++) {
      const deleted = segment.tombstones !== null &&
        (segment.tombstones[offset >>> 5]! >>> (offset & 31) & 1) === 1;
      if (!deleted) yield stored.map((column) => storedDatum(column, index << 16 | offset));
    }
  }
}

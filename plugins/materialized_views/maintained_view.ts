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
import { isNotIncremental } from "../../src/circuit/compile_circuit.ts";
import {
  consolidated,
  type Delta,
  negated,
  rowsOfDelta,
  sumOfDeltas,
  uniformDelta,
} from "../../src/circuit/delta.ts";
import { createExecution, runToEnd } from "../../src/exec/execution.ts";
import type { SubscribeOptions } from "../../src/kernel/hooks.ts";
import type { PluginHost } from "../../src/kernel/plugin_host.ts";
import { requireUniqueNames } from "../../src/kernel/run_definition.ts";
import type { Query } from "../../src/query/ast.ts";
import type { BoundQuery, Plan, PlanColumn } from "../../src/query/plan.ts";
import { tablesRead } from "../../src/query/plan_walk.ts";
import { type Datum, type SqlType, TEXT } from "../../src/storage/sql_type.ts";
import type { TableSnapshot } from "../../src/storage/table_view.ts";
import type { Transaction } from "../../src/storage/transaction.ts";
import { type CommitEpoch, InitialEpoch } from "./epochs.ts";
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
  /** Rows that the operators of its circuit have looked at. */
  readonly examinedRows: number;
  /** Memory of the circuit's state. */
  readonly stateBytes: number;
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
  #pending: Delta | undefined;
  /** The circuit has seen a commit that is not published yet. */
  #unpublished = false;
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
    return [...tablesRead(this.#bound.plan)];
  }

  /** Makes the table that holds the rows. */
  install(): void {
    this.#host.store.createTable({
      name: this.name,
      kind: "view",
      columns: this.#columns.map(({ name, type }) => ({ name, type, nullable: true })),
      primaryKey: [],
      uniqueKeys: [],
      references: [],
    });
  }

  uninstall(): void {
    this.#host.store.dropTable(this.name);
  }

  /** Fills the view for the first time. */
  build(transaction: Transaction): void {
    this.#write(transaction, this.#contents(transaction));
    this.#asOf = this.#host.store.version + 1;
  }

  /** Applies the changes of a commit; gives the change of the view. */
  maintain(transaction: Transaction, epoch: CommitEpoch): Delta | undefined {
    if (!this.sources.some((table) => epoch.has(table))) return undefined;
    // The commit before this one failed after the circuit had seen it.
    const change = this.#circuit === undefined || this.#unpublished
      ? this.#heal(transaction)
      : this.#incrementally(this.#circuit, epoch);
    this.#unpublished = true;
    this.#refreshCount++;
    this.#write(transaction, change);
    this.#pending = change;
    return change.size === 0 ? undefined : change;
  }

  /** Recomputes the view and writes what differs. */
  refresh(transaction: Transaction): void {
    const change = this.#heal(transaction);
    this.#refreshCount++;
    this.#write(transaction, change);
    this.#pending = change;
  }

  /** The commit is visible: tell the subscribers. */
  publish(version: number): void {
    this.#asOf = version;
    this.#unpublished = false;
    const change = this.#pending;
    this.#pending = undefined;
    if (change === undefined || change.size === 0 || this.#subscriptions.size === 0) return;
    const rows = rowsOfDelta(change);
    for (const subscription of this.#subscriptions) subscription.push(version, rows);
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
          const rows = rowsOfDelta(this.#scan(() => table));
          subscription.pushSnapshot(snapshot.version, rows.map(({ row }) => row));
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
      stateBytes: this.#circuit?.stateBytes ?? 0,
      subscriberCount: this.#subscriptions.size,
    };
  }

  close(): void {
    for (const subscription of this.#subscriptions) subscription.close();
  }

  #compile(): void {
    const { functions } = this.#host;
    const compiled = compileCircuit(this.#host.plan(this.#definition.query), {
      execution: this.#host.environment(() => {
        throw new LiveViewError("invariant", "A circuit reads tables through its epochs");
      }),
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

  /** The change by the circuit; after an error its state is not to be trusted. */
  #incrementally(circuit: Circuit, epoch: CommitEpoch): Delta {
    this.#unpublished = true;
    return circuit.apply(epoch);
  }

  /** All rows, from the circuit in its first epoch or from the query. */
  #contents(transaction: Transaction): Delta {
    return this.#circuit === undefined
      ? this.#compute(transaction)
      : this.#circuit.apply(new InitialEpoch(this.#host, transaction));
  }

  /** What differs between the rows as they should be and as they are stored; a circuit starts anew. */
  #heal(transaction: Transaction): Delta {
    if (this.#circuit !== undefined) this.#compile();
    const types = this.#columns.map((column) => column.type);
    const stored = this.#scan((name) => transaction.snapshot(name));
    return consolidated(sumOfDeltas([this.#contents(transaction), negated(stored)], types), types);
  }

  /** The query over the tables as the transaction sees them. */
  #compute(transaction: Transaction): Delta {
    const { plan, columns } = this.#host.plan(this.#definition.query);
    return this.#run(plan, columns, (name) => transaction.snapshot(name));
  }

  /** The stored rows. */
  #scan(snapshot: (name: string) => TableSnapshot): Delta {
    const columns = this.#columns.map((column, ordinal) => ({ ...column, id: ordinal, ordinal }));
    return this.#run({ kind: "scan", table: this.name, alias: this.name, columns }, columns, snapshot);
  }

  #run(plan: Plan, columns: readonly PlanColumn[], snapshot: (name: string) => TableSnapshot): Delta {
    const environment = this.#host.environment(snapshot);
    const limits = { ...environment.limits, rowsMax: Infinity };
    const execution = createExecution({ plan, columns }, { ...environment, limits });
    try {
      const rows = runToEnd(execution);
      return uniformDelta(rows.columns, rows.rowCount, 1);
    } finally {
      execution.close();
    }
  }

  #write(transaction: Transaction, change: Delta): void {
    const gone: (readonly Datum[])[] = [];
    const come: (readonly Datum[])[] = [];
    for (const { row, weight } of rowsOfDelta(change)) {
      for (let i = weight; i < 0; i++) gone.push(row);
      for (let i = weight; i > 0; i--) come.push(row);
    }
    // Rows that go make room before rows that come.
    if (gone.length > 0 && transaction.deleteByValue(this.name, gone) !== gone.length) {
      throw new LiveViewError("invariant", `View "${this.name}" lost a row that its change removes`);
    }
    if (come.length > 0) transaction.insert(this.name, { rows: come });
  }
}

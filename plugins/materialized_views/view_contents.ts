/**
 * The contents of one view: its circuit or full plan, and its stored rows.
 *
 * A view is stored as a table of kind `view`. A query that the circuit does not cover is recomputed, and the
 * difference is written, so that views and subscribers above it still get the minimal change.
 *
 * @module
 */
import { LiveViewError } from "../../src/base/error.ts";
import { type Circuit, compileCircuit } from "../../src/circuit/circuit.ts";
import type { Epoch } from "../../src/circuit/circuit_node.ts";
import { isNotIncremental } from "../../src/circuit/compile_circuit.ts";
import { LiveTables } from "../../src/circuit/live_tables.ts";
import {
  consolidated,
  type Delta,
  negated,
  rowsOfDelta,
  sumOfDeltas,
  uniformDelta,
} from "../../src/circuit/delta.ts";
import { createExecution, runToEnd } from "../../src/exec/execution.ts";
import type { PluginHost } from "../../src/kernel/plugin_host.ts";
import { requireUniqueNames } from "../../src/kernel/run_definition.ts";
import type { Query } from "../../src/query/ast.ts";
import type { BoundQuery, Plan, PlanColumn } from "../../src/query/plan.ts";
import { planNodes, planScalars, tablesRead } from "../../src/query/plan_walk.ts";
import { type Datum, sameType, type SqlType, TEXT } from "../../src/storage/sql_type.ts";
import type { TableSnapshot } from "../../src/storage/table_view.ts";
import type { Transaction } from "../../src/storage/transaction.ts";
import { InitialEpoch } from "./epochs.ts";

/** What a view is made from. */
export interface ViewDefinition {
  readonly name: string;
  readonly query: Query;
  readonly columns: readonly string[] | undefined;
}

/** A column of a view. */
export interface ViewColumn {
  readonly name: string;
  readonly type: SqlType;
  readonly nullable: boolean;
}

/** See the module header. */
export class ViewContents {
  /** Tables and views that it reads. */
  readonly sources: readonly string[];
  readonly columns: readonly ViewColumn[];
  /** Whether the answer may change while its sources do not: it depends on time or chance. */
  readonly isTimeDependent: boolean;
  readonly #host: PluginHost;
  readonly #query: Query;
  /** As planned at the definition: `SELECT *` means the columns of then. */
  readonly #planned: BoundQuery;
  #name: string;
  #circuit: Circuit | undefined;
  #reason: string | undefined;

  constructor(host: PluginHost, definition: ViewDefinition) {
    this.#host = host;
    this.#name = definition.name;
    this.#query = definition.query;
    const bound = host.bind(definition.query);
    this.#planned = host.plan(definition.query);
    this.sources = [...tablesRead(bound.plan)];
    this.isTimeDependent = [...planNodes(this.#planned.plan)].some((node) =>
      planScalars(node).some((scalar) => !host.isImmutable(scalar))
    );
    this.columns = bound.columns.map((column, i) => ({
      name: definition.columns?.[i] ?? column.name,
      type: column.type.kind === "null" ? TEXT : column.type,
      nullable: column.nullable,
    }));
    requireUniqueNames(definition.name, this.columns);
    this.#compile();
  }

  /** The construct that stands against a circuit; undefined when there is one. */
  get notIncremental(): string | undefined {
    return this.#reason;
  }

  /** Memory of the circuit's state. */
  get stateBytes(): number {
    return this.#circuit?.stateBytes ?? 0;
  }

  /** Rows that the operators of the circuit have looked at. */
  get examinedRows(): number {
    return this.#circuit?.examinedRows ?? 0;
  }

  /** Rows stored. */
  get rowCount(): number {
    return this.#host.store.table(this.#name)?.rowCount ?? 0;
  }

  /** Makes the table that holds the rows. */
  install(): void {
    this.#host.store.createTable({
      name: this.#name,
      kind: "view",
      columns: this.columns.map(({ name, type }) => ({ name, type, nullable: true })),
      primaryKey: [],
      uniqueKeys: [],
      references: [],
    });
  }

  uninstall(): void {
    this.#host.store.dropTable(this.#name);
  }

  rename(name: string): void {
    this.#host.store.renameTable(this.#name, name);
    this.#name = name;
  }

  /** The change that the circuit makes of the changes of the sources; undefined when there is no circuit. */
  follow(epoch: Epoch): Delta | undefined {
    return this.#circuit?.apply(epoch);
  }

  /** All rows, from the circuit in its first epoch or from the query. */
  compute(transaction: Transaction): Delta {
    if (this.#circuit !== undefined) return this.#circuit.apply(new InitialEpoch(this.#host, transaction));
    const { plan, columns } = this.#plan();
    return this.#run(plan, columns, (name) => transaction.snapshot(name));
  }

  /** What differs between the rows as they should be and as they are stored; a circuit starts anew. */
  recompute(transaction: Transaction): Delta {
    this.reset();
    const types = this.columns.map((column) => column.type);
    const stored = this.stored((name) => transaction.snapshot(name));
    return consolidated(sumOfDeltas([this.compute(transaction), negated(stored)], types), types);
  }

  /** Gives up the state of the circuit. */
  reset(): void {
    if (this.#circuit !== undefined) this.#compile();
  }

  /** The stored rows. */
  stored(snapshot: (name: string) => TableSnapshot): Delta {
    const columns = this.columns.map((column, ordinal) => ({ ...column, id: ordinal, ordinal }));
    return this.#run({ kind: "scan", table: this.#name, alias: this.#name, columns }, columns, snapshot);
  }

  write(transaction: Transaction, change: Delta): void {
    const gone: (readonly Datum[])[] = [];
    const come: (readonly Datum[])[] = [];
    for (const { row, weight } of rowsOfDelta(change)) {
      for (let i = weight; i < 0; i++) gone.push(row);
      for (let i = weight; i > 0; i--) come.push(row);
    }
    // Rows that go make room before rows that come.
    if (gone.length > 0 && transaction.deleteByValue(this.#name, gone) !== gone.length) {
      throw new LiveViewError("invariant", `View "${this.#name}" lost a row that its change removes`);
    }
    if (come.length > 0) transaction.insert(this.#name, { rows: come });
  }

  /** A plan for the sizes of now, unless `SELECT *` means other columns by now. */
  #plan(): BoundQuery {
    const { columns } = this.#planned;
    const fresh = this.#host.plan(this.#query);
    const same = fresh.columns.length === columns.length &&
      fresh.columns.every((column, i) =>
        column.name === columns[i]!.name && sameType(column.type, columns[i]!.type)
      );
    return same ? fresh : this.#planned;
  }

  #compile(): void {
    const { functions } = this.#host;
    const compiled = compileCircuit(this.#plan(), {
      execution: this.#host.environment(() => {
        throw new LiveViewError("invariant", "A circuit reads tables through its epochs");
      }),
      tables: new LiveTables(this.#host.store),
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
}

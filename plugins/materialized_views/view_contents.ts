/**
 * The contents of one view: its query in a circuit, and its stored rows.
 *
 * A query that has no circuit is recomputed, and the difference is written, so that views and subscribers above it
 * still get the minimal change.
 *
 * @module
 */
import type { Circuit } from "../../src/circuit/circuit.ts";
import { QueryError } from "../../src/base/error.ts";
import type { CircuitOutput, Receiver } from "../../src/circuit/circuit_vertex.ts";
import { consolidated, type Delta, negated, sumOfDeltas } from "../../src/circuit/delta.ts";
import { withRetention } from "../../src/circuit/time/retention.ts";
import type { RowError } from "../../src/circuit/quarantine.ts";
import { estimateStateBytes } from "../../src/circuit/state_estimate.ts";
import { FunctionalDependencies } from "../../src/planner/functional_dependency.ts";
import type { PluginHost } from "../../src/kernel/plugin_host.ts";
import { QueryContext } from "../../src/kernel/query_context.ts";
import { requireUniqueNames } from "../../src/kernel/run_definition.ts";
import type { Query } from "../../src/query/ast.ts";
import { mentionedRelations } from "../../src/query/mentioned_relations.ts";
import type { Catalog } from "../../src/query/catalog.ts";
import type { BoundQuery, Plan } from "../../src/query/plan.ts";
import { mapChildren, planNodes, planScalars, scansOf, tablesRead } from "../../src/query/plan_walk.ts";
import { sameType, type SqlType, TEXT } from "../../src/storage/sql_type.ts";
import type { Transaction } from "../../src/storage/transaction.ts";
import { InitialEpoch } from "./epochs.ts";
import type { RefreshPolicy, Retention } from "./refresh_policy.ts";
import { allRows, readTables } from "./transaction_snapshots.ts";
import { type ViewColumn, ViewTable } from "./view_table.ts";

/** What a view is made from. */
export interface ViewDefinition {
  readonly name: string;
  readonly query: Query;
  /** For whom plugins rewrite the query. */
  readonly context?: QueryContext;
  readonly columns: readonly string[] | undefined;
  readonly policy: RefreshPolicy;
}

/** Which operators a query gets. */
export interface OperatorOptions {
  /** Why it is to have none. */
  readonly full: string | undefined;
  /** Leave rows out for which an expression fails. */
  readonly quarantine: boolean;
  /** Is told what state is expected before any is made, and throws when that is too much. */
  readonly onEstimate?: ((bytes: number) => void) | undefined;
  /** Is told what state there is after each operator that is made, and throws when that is too much. */
  readonly onState?: ((bytes: number) => void) | undefined;
}

/** See the module header. */
export class ViewContents {
  /** Tables and views that it reads. */
  readonly sources: readonly string[];
  readonly table: ViewTable;
  readonly #host: PluginHost;
  readonly #query: Query;
  readonly #context: QueryContext;
  /** Columns of the query at the definition. */
  readonly #defined: BoundQuery["columns"];
  /** As planned at the definition: `SELECT *` means the columns of then. */
  readonly #planned: BoundQuery;
  /** Columns of the sources at the definition. */
  readonly #columnNames: ReadonlyMap<string, readonly string[]>;
  readonly #readsClock: boolean;
  /** Plain views that the query names. */
  readonly #plainViews: ReadonlySet<string>;
  #retention: Retention | undefined;
  #output: CircuitOutput | undefined;
  #reason: string | undefined;
  #stateBytesEstimate = 0;

  constructor(host: PluginHost, definition: ViewDefinition) {
    this.#host = host;
    this.#query = definition.query;
    this.#context = definition.context ?? new QueryContext();
    const bound = host.bind(definition.query, this.#context);
    this.#planned = host.plan(definition.query, this.#context);
    requirePresent(bound);
    this.#defined = bound.columns;
    this.sources = [...tablesRead(bound.plan)];
    this.#plainViews = new Set(
      [...mentionedRelations(definition.query)].filter((name) =>
        host.catalog.relation(name)?.kind === "view"
      ),
    );
    this.#columnNames = new Map(this.sources.map((source) => [source, columnNames(host, source)]));
    this.#readsClock = [...planNodes(this.#planned.plan)].some((node) =>
      planScalars(node).some((scalar) => !host.isImmutable(scalar))
    );
    const columns = bound.columns.map((column, i) => ({
      name: definition.columns?.[i] ?? column.name,
      type: column.type.kind === "null" ? TEXT : column.type,
      nullable: column.nullable,
    }));
    requireUniqueNames(definition.name, columns);
    this.table = new ViewTable(host, definition.name, columns, identityOf(host, this.#planned));
    this.retain(definition.policy.retention);
  }

  /** Whether the query names this plain view: it is what that view was at the definition. */
  mentions(view: string): boolean {
    return this.#plainViews.has(view);
  }

  /** Whether the query would fail, or give other columns, under the catalogue `after`. */
  breaksUnder(after: Catalog): boolean {
    return this.#host.breaksUnder(after, this.#query, this.#defined);
  }

  /** Lets rows stay for so long, from the next start on. */
  retain(retention: Retention | undefined): void {
    if (retention !== undefined) this.#retained(this.#planned, retention);
    this.#retention = retention;
  }

  /** The construct that stands against a circuit; undefined when there is one. */
  get notIncremental(): string | undefined {
    return this.#reason;
  }

  /** Whether the answer may change at any time while its sources do not. */
  get isTimeDependent(): boolean {
    return (this.#readsClock || this.#retention !== undefined) && this.#reason !== undefined;
  }

  /** When the answer changes by the clock alone, in microseconds since 1970; undefined for never, or unknown. */
  get dueMicros(): number | undefined {
    return this.#output?.dueMicros;
  }

  /** Whether there are operators, be they broken. */
  get hasOperators(): boolean {
    return this.#output !== undefined;
  }

  /** Whether the circuit can tell what a change of the sources does. */
  get canFollow(): boolean {
    return this.#output !== undefined && this.#output.notIncremental === undefined && !this.#output.isBroken;
  }

  /** Memory of the circuit's state, that which is shared with other views included. */
  get stateBytes(): number {
    return this.#output?.stateBytes ?? 0;
  }

  /** What the state was expected to take when it was made last; 0 before. */
  get stateBytesEstimate(): number {
    return this.#stateBytesEstimate;
  }

  /** Rows that the operators of the circuit have looked at. */
  get examinedRows(): number {
    return this.#output?.examinedRows ?? 0;
  }

  /** Whether the query can be answered without its operators for a while: the clock does not ask for them. */
  get mayDrop(): boolean {
    return !this.#readsClock && this.#retention === undefined;
  }

  /** Rows of all sources. */
  get sourceRows(): number {
    let rows = 0;
    for (const name of this.sources) rows += this.#host.store.table(name)?.rowCount ?? 0;
    return rows;
  }

  /** Rows that are left out because an expression fails for them. */
  get errorRowCount(): number {
    return this.#output?.rowErrors.reduce((rows, { count }) => rows + count, 0) ?? 0;
  }

  /** These rows, as far as they are kept. */
  rowErrors(): readonly RowError[] {
    return this.#output?.rowErrors.flatMap((errors) => errors.values()) ?? [];
  }

  /** Puts the query into `circuit`, and gives all its rows. */
  start(transaction: Transaction, circuit: Circuit, receiver: Receiver, how: OperatorOptions): Delta {
    const query = this.#plan();
    this.#stateBytesEstimate = how.full === undefined
      ? Math.ceil(estimateStateBytes(query.plan, this.#host.estimator()))
      : 0;
    how.onEstimate?.(this.#stateBytesEstimate);
    const { output, rows } = circuit.add(query, receiver, {
      sources: this.sources,
      transaction,
      epoch: new InitialEpoch(this.#host, transaction),
      full: how.full,
      quarantine: how.quarantine,
      onState: how.onState,
    });
    try {
      const all = rows ?? this.#run(query, transaction);
      this.#output?.release();
      this.#output = output;
      this.#reason = output.notIncremental;
      return all;
    } catch (error) {
      output.release();
      throw error;
    }
  }

  /**
   * As {@linkcode start}, with new state; gives what differs between the rows as they should be and as they are
   * stored. After an error the output of before stays, and is broken: the next change starts anew.
   */
  restart(transaction: Transaction, circuit: Circuit, receiver: Receiver, how: OperatorOptions): Delta {
    this.invalidate();
    return this.#difference(this.start(transaction, circuit, receiver, how), transaction);
  }

  /** Applies a change of the answer, in which each row stands once, to the stored rows. */
  write(transaction: Transaction, change: Delta): void {
    this.table.write(transaction, change, this.#placedRows);
  }

  readonly #placedRows = (): Delta | undefined => this.#output?.placedRows();

  /** Runs the query without operators, and gives up those that are there; gives what differs. */
  recompute(transaction: Transaction): Delta {
    const rows = this.#run(this.#plan(), transaction);
    this.release();
    return this.#difference(rows, transaction);
  }

  /** Gives up the state that no other view uses: the next change starts anew. */
  invalidate(): void {
    this.#output?.invalidate();
  }

  /** Takes the query out of its circuit. */
  release(): void {
    this.#output?.release();
    this.#output = undefined;
  }

  /** A plan for the sizes of now, unless `SELECT *` means other columns by now. */
  #plan(): BoundQuery {
    const { columns } = this.#planned;
    const fresh = this.#host.plan(this.#query, this.#context);
    const same = fresh.columns.length === columns.length &&
      fresh.columns.every((column, i) =>
        column.name === columns[i]!.name && sameType(column.type, columns[i]!.type)
      );
    const query = same ? fresh : { ...this.#planned, plan: this.#placed(this.#planned.plan) };
    return this.#retention === undefined ? query : this.#retained(query, this.#retention);
  }

  /** The plan with the columns of its scans where they are by now: others may have been dropped. */
  #placed(plan: Plan): Plan {
    const node = mapChildren(plan, (child) => this.#placed(child));
    if (node.kind !== "scan") return node;
    const before = this.#columnNames.get(node.table) ?? [];
    const now = columnNames(this.#host, node.table);
    const columns = node.columns.flatMap((column) => {
      const ordinal = now.indexOf(before[column.ordinal] ?? "");
      return ordinal < 0 ? [] : [{ ...column, ordinal }];
    });
    return { ...node, columns };
  }

  /** `query` without the rows that are too old. */
  #retained(query: BoundQuery, { length, column: name }: Retention): BoundQuery {
    const { columns } = this.table;
    const position = name === undefined
      ? onlyTimeColumn(columns)
      : columns.findIndex((column) => column.name === name);
    const column = query.columns[position];
    if (column === undefined) {
      throw new QueryError(
        "unknown-column",
        name === undefined
          ? "A retention needs to know which column tells the age of a row"
          : `The view has no column "${name}" to tell the age of a row`,
        {
          details: { retentionColumn: name, columns: columns.map((known) => known.name) },
          hint: "name a column of type DATE or TIMESTAMP as retention_column",
        },
      );
    }
    const { plan } = query;
    return plan.kind === "sort"
      ? { ...query, plan: { ...plan, input: withRetention(plan.input, column, length) } }
      : { ...query, plan: withRetention(plan, column, length) };
  }

  /** From the stored rows to `rows`. */
  #difference(rows: Delta, transaction: Transaction): Delta {
    const types = this.table.columns.map((column) => column.type);
    const stored = readTables(transaction, (snapshot) => this.table.rows(snapshot));
    return consolidated(sumOfDeltas([rows, negated(stored)], types), types);
  }

  #run(query: BoundQuery, transaction: Transaction): Delta {
    return readTables(transaction, (snapshot) => allRows(this.#host, query, snapshot));
  }
}

const TIME_KINDS: ReadonlySet<SqlType["kind"]> = new Set(["date", "timestamp", "timestamptz"]);

/** The position of the column of times, -1 when there is none or several. */
function onlyTimeColumn(columns: readonly ViewColumn[]): number {
  const isTime = ({ type }: ViewColumn): boolean => TIME_KINDS.has(type.kind);
  return columns.filter(isTime).length === 1 ? columns.findIndex(isTime) : -1;
}

function columnNames(host: PluginHost, table: string): readonly string[] {
  return (host.store.table(table)?.definition.columns ?? []).map(({ name }) => name);
}

/** @throws {QueryError} `unsupported` when the query reads a table AT VERSION */
export function requirePresent({ plan }: BoundQuery): void {
  const past = scansOf(plan).find((scan) => scan.version !== undefined);
  if (past === undefined) return;
  throw new QueryError(
    "unsupported",
    `A maintained query cannot read "${past.table}" AT VERSION ${past.version}`,
    {
      details: { table: past.table, version: past.version },
      hint: "use CREATE TABLE ... AS for what does not change any more",
    },
  );
}

/** The columns of the smallest key of a query's rows, if one is known. */
function identityOf(host: PluginHost, { plan, columns }: BoundQuery): readonly number[] | undefined {
  const keys = new FunctionalDependencies(host.catalog, (scalar) => host.isImmutable(scalar)).keys(plan)
    .map((key) => key.map((id) => columns.findIndex((column) => column.id === id)))
    .filter((key) => key.length > 0 && !key.includes(-1));
  return keys.sort((left, right) => left.length - right.length)[0];
}

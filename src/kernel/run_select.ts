/**
 * Running queries: from a prepared plan over pinned snapshots to a result, in slices.
 *
 * @module
 */
import { SchemaError } from "../base/error.ts";
import { type CommonTableRows, createExecution, type Execution } from "../exec/execution.ts";
import type { Query } from "../query/ast.ts";
import type { Plan, PlanColumn } from "../query/plan.ts";
import type { Task } from "../scheduler/task.ts";
import type { Datum } from "../storage/sql_type.ts";
import type { TableSnapshot } from "../storage/table_view.ts";
import type { Vector } from "../storage/vector.ts";
import { committedReader, findByPrimaryKey } from "./key_lookup.ts";
import type { Kernel } from "./kernel.ts";
import { requireReadOnlyPlan } from "./plan_reads.ts";
import { type BoundParameters, type PreparedQuery, prepareQuery, withParameters } from "./prepare.ts";
import type { QueryContext } from "./query_context.ts";
import { QueryResult, type ResultSource } from "./query_result.ts";
import { datumsToVector } from "./result_vector.ts";
import type { Session } from "./session.ts";

/** Answers `query` at the current version, or inside the session's transaction. */
export async function runSelect(
  kernel: Kernel,
  query: Query,
  context: QueryContext,
  session: Session,
): Promise<QueryResult> {
  const { prepared, parameters } = prepareSelect(kernel, query, context);
  const { atVersion } = context.options;
  // Caches and look-ups know the present.
  const answered = atVersion === undefined
    ? kernel.hooks.first("answerQuery", prepared.query, context)
    : undefined;
  if (answered !== undefined) return answered;
  const found = atVersion === undefined ? lookUp(kernel, prepared, parameters, session) : undefined;
  if (found !== undefined) {
    return new QueryResult({
      ...found,
      version: kernel.store.version,
      command: "SELECT",
      output: outputOptions(context),
    });
  }
  // As it is now, when the snapshots are taken.
  const present = { dataVersion: kernel.store.version, stalenessMs: 0 };
  const freshness = atVersion === undefined
    ? kernel.hooks.waterfall("freshness", present, prepared.tables)
    : { dataVersion: atVersion, stalenessMs: 0 };
  const run = await runPlan(kernel, {
    plan: prepared.query.plan,
    columns: prepared.query.columns,
    tables: prepared.tables,
    estimate: prepared.estimate,
    parameters,
    context,
    session,
    name: "query",
  });
  return new QueryResult({
    columns: prepared.query.columns,
    vectors: run.columns,
    rowCount: run.rowCount,
    version: atVersion ?? run.version,
    freshness,
    command: "SELECT",
    changeCount: 0,
    output: outputOptions(context),
  });
}

/** The answer to a query that asks for one row by its primary key, without a pipeline. */
function lookUp(
  kernel: Kernel,
  { query }: PreparedQuery,
  parameters: readonly Datum[],
  session: Session,
): Pick<ResultSource, "columns" | "vectors" | "rowCount"> | undefined {
  const { transaction } = session;
  // Another session's uncommitted writes are in place: its rows must be read through a snapshot.
  if (transaction === undefined && kernel.writerLock.held) return undefined;
  const reader = transaction ?? committedReader(kernel.store);
  const rows = findByPrimaryKey(kernel, reader, query.plan, kernel.rowEnvironment(parameters));
  if (rows === undefined) return undefined;
  const { rowCount } = rows;
  const vectors = query.columns.map(({ id }) =>
    datumsToVector(Array.from({ length: rowCount }, (_, row) => rows.value(id, row)))
  );
  return { columns: query.columns, vectors, rowCount };
}

/** Prepares a query with its parameters. */
export function prepareSelect(
  kernel: Kernel,
  query: Query,
  context: QueryContext,
): BoundParameters<PreparedQuery> {
  const bound = withParameters(
    { context, timeZone: kernel.timeZone },
    (types) => prepareQuery(kernel, query, context, types),
    (prepared) => prepared.query.parameters,
  );
  if (context.options.readOnly === true) requireReadOnlyPlan(kernel, bound.prepared);
  return bound;
}

/** How a statement's values are to be shown. */
export function outputOptions(
  context: QueryContext,
): { readonly exact: boolean; readonly temporal: boolean } {
  return { exact: context.options.exact ?? false, temporal: context.options.temporal ?? false };
}

/** A plan and what it runs with. */
export interface PlanRun {
  readonly plan: Plan;
  readonly columns: readonly PlanColumn[];
  readonly tables: readonly string[];
  /** Rows that a node of the plan is expected to give. */
  readonly estimate?: (plan: Plan) => number;
  readonly parameters: readonly Datum[];
  readonly context: QueryContext;
  readonly session: Session;
  readonly name: string;
  /** Rows of common tables that the plan reads but does not define. */
  readonly commonTables?: ReadonlyMap<number, CommonTableRows>;
  /** Tables as the statement saw them when it began; opened on demand when absent. */
  readonly snapshots?: Map<string, TableSnapshot>;
  /** Collect what each operator did, for EXPLAIN ANALYZE. */
  readonly collectStatistics?: boolean;
}

/** What a plan gave. */
export interface PlanOutcome {
  readonly columns: readonly Vector[];
  readonly rowCount: number;
  readonly version: number;
  readonly statistics: ReturnType<Execution["operatorStatistics"]>;
}

/** Runs a plan under the scheduler. */
export async function runPlan(kernel: Kernel, run: PlanRun): Promise<PlanOutcome> {
  const source = withPast(kernel, openSource(kernel, run));
  let execution: Execution | undefined;
  try {
    const populated = (table: string, version?: number) => {
      requirePopulated(kernel, table);
      return source.snapshot(table, version ?? run.context.options.atVersion);
    };
    execution = createExecution({ plan: run.plan, columns: run.columns }, {
      ...kernel.environment(populated, {
        parameters: run.parameters,
        rowsMax: run.context.options.rowsMax,
      }),
      collectStatistics: run.collectStatistics ?? false,
      ...(run.estimate === undefined ? {} : { estimate: run.estimate }),
      ...(run.commonTables === undefined ? {} : { commonTables: run.commonTables }),
      ...(run.collectStatistics === true ? { clock: kernel.clock } : {}),
    });
    await runTask(kernel, run, execution);
    const { columns, rowCount } = execution.result();
    return { columns, rowCount, version: source.version, statistics: execution.operatorStatistics() };
  } finally {
    execution?.close();
    source.release();
  }
}

async function runTask(kernel: Kernel, run: PlanRun, execution: Execution): Promise<void> {
  const { options } = run.context;
  let task: Task = {
    name: run.name,
    priority: options.priority ?? 0,
    step: (budget) => execution.step(budget),
    ...(options.tenant === undefined ? {} : { tenant: options.tenant }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    ...(options.deadlineMs === undefined ? {} : { deadlineMs: options.deadlineMs }),
  };
  while (kernel.hooks.handles("admitTask")) {
    const admission = kernel.hooks.first("admitTask", task);
    if (admission === undefined) break;
    if (admission.kind === "reject") throw admission.error;
    if (admission.kind === "admit") {
      task = { ...task, priority: admission.priority ?? task.priority };
      break;
    }
    await admission.until;
  }
  await kernel.scheduler.run(task);
}

interface Source {
  readonly version: number;
  snapshot(table: string, version?: number): TableSnapshot;
  release(): void;
}

/** `source`, with tables at other versions. */
function withPast(kernel: Kernel, source: Source): Source {
  const past = new Map<string, TableSnapshot>();
  return {
    version: source.version,
    snapshot: (table, version) => {
      if (version === undefined) return source.snapshot(table);
      const key = `${version} ${table}`;
      let snapshot = past.get(key);
      if (snapshot === undefined) past.set(key, snapshot = kernel.store.snapshotAt(table, version));
      return snapshot;
    },
    release: () => {
      past.forEach((snapshot) => snapshot.release());
      source.release();
    },
  };
}

function requireSnapshot(snapshot: TableSnapshot | undefined, table: string): TableSnapshot {
  if (snapshot !== undefined) return snapshot;
  throw new SchemaError("unknown-object", `Table "${table}" was dropped while the query was prepared`, {
    details: { table },
    hint: "run the query again",
  });
}

/** @throws {SchemaError} `not-populated` */
export function requirePopulated(kernel: Kernel, table: string): void {
  if (kernel.store.table(table)?.definition.isPopulated !== false) return;
  throw new SchemaError("not-populated", `Materialized view "${table}" has not been populated`, {
    details: { view: table },
    hint: `use REFRESH MATERIALIZED VIEW ${table}`,
  });
}

/** All tables of the query at one version; inside a transaction with its own writes. */
function openSource(kernel: Kernel, run: PlanRun): Source {
  const { transaction } = run.session;
  if (transaction === undefined) {
    const pinned = kernel.store.snapshot(
      run.tables.filter((table) => kernel.store.table(table) !== undefined),
    );
    return {
      version: pinned.version,
      snapshot: (table) => requireSnapshot(pinned.table(table), table),
      release: () => pinned.release(),
    };
  }
  const opened = run.snapshots ?? new Map<string, TableSnapshot>();
  return {
    version: kernel.store.version,
    snapshot: (table) => {
      let snapshot = opened.get(table);
      if (snapshot === undefined) opened.set(table, snapshot = transaction.snapshot(table));
      return snapshot;
    },
    release: () => {
      // Snapshots that outlive this plan belong to who gave them.
      if (run.snapshots === undefined) opened.forEach((snapshot) => snapshot.release());
    },
  };
}

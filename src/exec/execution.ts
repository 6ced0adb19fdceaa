/**
 * Runs a bound query: makes pipelines of its plan and runs them in slices.
 *
 * ```
 * plan -> tasks (pipelines, build sides first) -> step(), step(), ... -> result()
 * ```
 *
 * All state is in objects and every step is synchronous, so that a scheduler may stop between any two steps
 * and go on later, or never. The snapshots that the environment gives stay open until the caller releases them.
 *
 * @module
 */
import { assert } from "../base/assert.ts";
import type { Clock } from "../base/clock.ts";
import { LimitError } from "../base/error.ts";
import type { FunctionRegistry } from "../query/function_registry.ts";
import type { Plan, PlanColumn } from "../query/plan.ts";
import type { SqlType } from "../storage/sql_type.ts";
import type { TableSnapshot } from "../storage/table_view.ts";
import type { Chunk, Vector } from "../storage/vector.ts";
import type { EvaluationEnvironment } from "./expression/environment.ts";
import { materialize } from "./materialize.ts";
import { MemoryBudget, MemoryShare } from "./operators/memory_budget.ts";
import { RowBudget, type Sink, type Task } from "./operators/operator.ts";
import { RowStore } from "./operators/row_store.ts";
import { PhysicalBuilder } from "./physical.ts";

/** What a query runs with. */
export interface ExecutionEnvironment extends EvaluationEnvironment {
  /** The table as the query sees it, or as it was at `version`; the same snapshot for each call with one name. */
  snapshot(table: string, version?: number): TableSnapshot;
  readonly functions: FunctionRegistry;
  readonly limits: {
    /** Most rows of the result. */
    readonly rowsMax: number;
    /** Most bytes that the operators hold together. */
    readonly memoryBytesMax: number;
    /** Most rows that one join gives. */
    readonly joinFanOutMax: number;
  };
  readonly collectStatistics?: boolean;
  /** For `timeMs` of the statistics. */
  readonly clock?: Clock;
  /** How many rows a plan is expected to give. */
  estimate?(plan: Plan): number;
  /** Rows of common tables that the plan reads but does not define, by number. */
  readonly commonTables?: ReadonlyMap<number, CommonTableRows>;
}

/** Rows of a common table; `columns` are the ids that a cteScan names as `source`. */
export interface CommonTableRows extends ResultSet {
  readonly ids: readonly number[];
  readonly types: readonly SqlType[];
}

/** The rows of a query. */
export interface ResultSet {
  readonly rowCount: number;
  /** One dense vector for each column; its arrays may be longer than `rowCount`. */
  readonly columns: readonly Vector[];
}

/** What one operator did. */
export interface OperatorStatistics {
  /** The node of the plan that it carries out. */
  readonly plan: Plan;
  /** The operator: `scan`, `hash join`, ... */
  readonly name: string;
  /** Rows received from its inputs. */
  readonly rowsIn: number;
  /** Rows handed on. */
  readonly rowsOut: number;
  /** Stored or buffered rows looked at. */
  readonly rowsExamined: number;
  /** Own time, without that of its inputs; when there was a clock. */
  readonly timeMs?: number;
}

/** A query under way. */
export interface Execution {
  readonly columns: readonly PlanColumn[];
  /** Works on about `rowBudget` rows; true when the result is complete. Throws what the query throws. */
  step(rowBudget: number): boolean;
  /** The result, after `step` has returned true. */
  result(): ResultSet;
  /** What each operator has done so far; inputs before what reads them. */
  operatorStatistics(): readonly OperatorStatistics[];
  /** Drops everything. Idempotent. */
  close(): void;
}

/** Prepares a query to run. */
export function createExecution(
  query: { readonly plan: Plan; readonly columns: readonly PlanColumn[] },
  environment: ExecutionEnvironment,
): Execution {
  return new QueryExecution(query, environment);
}

/** Runs an execution to its end in one go. */
export function runToEnd(execution: Execution): ResultSet {
  while (!execution.step(Number.MAX_SAFE_INTEGER));
  return execution.result();
}

class QueryExecution implements Execution {
  readonly columns: readonly PlanColumn[];
  readonly #builder: PhysicalBuilder;
  readonly #sink: ResultSink;
  readonly #budget = new RowBudget();
  #tasks: readonly Task[];
  #current = 0;
  #result: ResultSet | null = null;
  #closed = false;

  constructor(
    query: { readonly plan: Plan; readonly columns: readonly PlanColumn[] },
    environment: ExecutionEnvironment,
  ) {
    this.columns = query.columns;
    const memory = new MemoryBudget(environment.limits.memoryBytesMax);
    this.#builder = new PhysicalBuilder(environment, memory);
    const ids = query.columns.map((column) => column.id);
    const stream = this.#builder.build(query.plan, { all: new Set(ids), soon: new Set() });
    const positions = this.#builder.positions(stream, ids);
    this.#sink = new ResultSink(
      query.columns,
      positions,
      environment.limits.rowsMax,
      new MemoryShare(memory),
    );
    this.#builder.run(stream, this.#sink);
    this.#tasks = this.#builder.tasks;
  }

  step(rowBudget: number): boolean {
    assert(!this.#closed, "An execution does no step after close()");
    this.#budget.rows = rowBudget;
    while (this.#current < this.#tasks.length) {
      if (!this.#tasks[this.#current]!.run(this.#budget)) return false;
      this.#current++;
    }
    return true;
  }

  result(): ResultSet {
    assert(this.#current === this.#tasks.length, "The result is asked for after the last step");
    return this.#result ??= this.#sink.result();
  }

  operatorStatistics(): readonly OperatorStatistics[] {
    return this.#builder.statistics();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const task of this.#tasks) task.close();
    this.#tasks = [];
    this.#current = 0;
  }
}

/** Collects the rows of the result. */
class ResultSink implements Sink {
  readonly #positions: readonly number[];
  readonly #rowsMax: number;
  readonly #memory: MemoryShare;
  readonly #rows: RowStore;

  constructor(
    columns: readonly PlanColumn[],
    positions: readonly number[],
    rowsMax: number,
    memory: MemoryShare,
  ) {
    this.#positions = positions;
    this.#rowsMax = rowsMax;
    this.#memory = memory;
    this.#rows = new RowStore(columns.map((column) => column.type));
  }

  consume(chunk: Chunk): void {
    this.#rows.append(this.#positions.map((position) => chunk.columns[position]!), chunk.size);
    if (this.#rows.rowCount > this.#rowsMax) {
      throw new LimitError(
        "row-limit",
        `Query gives more rows than allowed: it made ${this.#rows.rowCount} rows and the limit is ${this.#rowsMax}`,
        {
          details: { limit: this.#rowsMax, actual: this.#rows.rowCount },
          hint: "add LIMIT, or raise resultRowsMax",
        },
      );
    }
    this.#memory.set(this.#rows.memoryBytes);
  }

  finish(): boolean {
    return true;
  }

  result(): ResultSet {
    const { rowCount } = this.#rows;
    return { rowCount, columns: this.#rows.vectors().map((vector) => materialize(vector, rowCount)) };
  }
}

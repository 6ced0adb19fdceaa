/**
 * From a logical plan to pipelines.
 *
 * A {@linkcode Stream} is an open pipeline: a source and streaming operators, to which the builder of a plan
 * node adds its own or which it closes with a sink. Closed pipelines become tasks in the order in which they
 * must run: the build side of a join before its probe side.
 *
 * What a node must give is passed down: all columns that are used above, and those whose values are needed
 * soon, before a join or filter can drop rows. Scans give the others lazily, as row ids.
 *
 * @module
 */
import { assert, unreachable } from "../base/assert.ts";
import type { ColumnId, Plan, PlanColumn } from "../query/plan.ts";
import type { ExecutionEnvironment, OperatorStatistics } from "./execution.ts";
import type { KeyBounds } from "./key_table_encoder.ts";
import { CountedOperator, CountedSink, CountedSource } from "./operators/counted.ts";
import { type MemoryBudget, MemoryShare } from "./operators/memory_budget.ts";
import type { RowCounts, Sink, Source, StreamOperator, Task } from "./operators/operator.ts";
import { Chain, Pipeline } from "./operators/pipeline.ts";
import type { RowStore } from "./operators/row_store.ts";
import type { ScanSource } from "./operators/scan.ts";
import type { Need } from "./need.ts";
import { buildAggregate } from "./physical_aggregate.ts";
import { buildCteScan, buildFixpoint, buildWith } from "./physical_common_table.ts";
import { buildSample, buildTableFunction } from "./physical_expand.ts";
import { buildJoin } from "./physical_join.ts";
import { buildDistinct, buildFilter, buildProject, buildScan, buildValues } from "./physical_row.ts";
import { buildLimit, buildSort } from "./physical_sort.ts";
import { buildSetOperation } from "./physical_set.ts";
import { buildWindow } from "./physical_window.ts";

/** An open pipeline. */
export interface Stream {
  readonly source: Source;
  readonly operators: readonly StreamOperator[];
  /** What stands at each position of its chunks. */
  readonly columns: readonly PlanColumn[];
  /** About how many rows come out. */
  readonly rowsExpected: number;
  /** Bounds of whole-number columns, exact or wider. */
  readonly bounds: (id: ColumnId) => KeyBounds | undefined;
  /** The scan that feeds it, while dropping rows of the scan early changes nothing but speed. */
  readonly scan: { readonly source: ScanSource; readonly ordinals: ReadonlyMap<ColumnId, number> } | null;
}

/** No bounds are known. */
export const NO_BOUNDS = (): undefined => undefined;

/** A common table that is complete when it is read. */
export interface CommonTable {
  /** The ids of its columns, in the order of the store. */
  readonly ids: readonly ColumnId[];
  readonly store: () => RowStore;
  readonly rowsExpected: number;
  readonly bounds: (id: ColumnId) => KeyBounds | undefined;
}

interface OperatorRecord {
  readonly plan: Plan;
  readonly name: string;
  readonly counts: RowCounts;
}

/** Builds the pipelines of one execution. */
export class PhysicalBuilder {
  readonly environment: ExecutionEnvironment;
  readonly memory: MemoryBudget;
  /** Closed pipelines in the order to run them. */
  readonly tasks: Task[] = [];
  readonly commonTables: Map<number, CommonTable>;
  readonly #records: OperatorRecord[];

  /** With `outer` the pipelines run inside one of its tasks, and see its common tables. */
  constructor(environment: ExecutionEnvironment, memory: MemoryBudget, outer?: PhysicalBuilder) {
    this.environment = environment;
    this.memory = memory;
    this.commonTables = new Map(outer?.commonTables);
    this.#records = outer === undefined ? [] : outer.#records;
  }

  /** A builder for pipelines that a task of this one runs. */
  nested(): PhysicalBuilder {
    return new PhysicalBuilder(this.environment, this.memory, this);
  }

  /** The stream of `plan`; it gives at least the columns in `need.all`. */
  build(plan: Plan, need: Need): Stream {
    switch (plan.kind) {
      case "scan":
        return buildScan(this, plan, [], need);
      case "values":
        return buildValues(this, plan, need);
      case "filter":
        return buildFilter(this, plan, need);
      case "project":
        return buildProject(this, plan, need);
      case "join":
        return buildJoin(this, plan, need);
      case "aggregate":
        return buildAggregate(this, plan, need);
      case "distinct":
        return buildDistinct(this, plan, need);
      case "setOperation":
        return buildSetOperation(this, plan);
      case "sort":
        return buildSort(this, plan, need);
      case "limit":
        return buildLimit(this, plan, need);
      case "tableFunction":
        return buildTableFunction(this, plan, need);
      case "with":
        return buildWith(this, plan, need);
      case "cteScan":
        return buildCteScan(this, plan, need);
      case "fixpoint":
        return buildFixpoint(this, plan, need);
      case "sample":
        return buildSample(this, plan, need);
      case "window":
        return buildWindow(this, plan, need);
      default:
        return unreachable(plan);
    }
  }

  /** About how many rows `plan` gives. */
  estimate(plan: Plan, fallback: number): number {
    const estimate = this.environment.estimate?.(plan);
    return estimate === undefined || !Number.isFinite(estimate) ? fallback : estimate;
  }

  /** A share of the memory limit. */
  memoryShare(): MemoryShare {
    return new MemoryShare(this.memory);
  }

  /** Closes a pipeline with a sink. With `plan` the sink's rows are counted under `name`. */
  run(stream: Stream, sink: Sink, plan?: Plan, name = ""): void {
    const counted = plan === undefined
      ? sink
      : new CountedSink(sink, this.record(plan, name), this.environment.clock);
    this.tasks.push(new Pipeline(this.chain(stream), counted));
  }

  /** The stream as one source. */
  chain(stream: Stream): Source {
    return stream.operators.length === 0 ? stream.source : new Chain(stream.source, stream.operators);
  }

  /** `stream` with one operator more. */
  append(
    stream: Stream,
    operator: StreamOperator,
    node: { readonly plan: Plan; readonly name: string },
    change: Partial<Stream> = {},
  ): Stream {
    const counted = new CountedOperator(operator, this.record(node.plan, node.name), this.environment.clock);
    return { ...stream, ...change, operators: [...stream.operators, counted] };
  }

  /** A stream that starts with `source`. */
  start(
    source: Source,
    columns: readonly PlanColumn[],
    node: { readonly plan: Plan; readonly counts: RowCounts },
    rowsExpected: number,
  ): Stream {
    return {
      source: new CountedSource(source, node.counts, this.environment.clock),
      operators: [],
      columns,
      rowsExpected: this.estimate(node.plan, rowsExpected),
      bounds: NO_BOUNDS,
      scan: null,
    };
  }

  /** Counters that show up in the statistics. */
  record(plan: Plan, name: string): RowCounts {
    const known = this.#records.find((record) => record.plan === plan && record.name === name);
    if (known !== undefined) return known.counts;
    const counts = { rowsIn: 0, rowsOut: 0, rowsExamined: 0, timeMs: 0 };
    this.#records.push({ plan, name, counts });
    return counts;
  }

  /** What each operator has done so far. */
  statistics(): readonly OperatorStatistics[] {
    const timed = this.environment.clock !== undefined;
    return this.#records.map(({ plan, name, counts: { timeMs, ...counts } }) => ({
      plan,
      name,
      ...counts,
      ...(timed ? { timeMs } : {}),
    }));
  }

  /** Where columns stand in the chunks of a stream. */
  positions(stream: Stream, ids: readonly ColumnId[]): number[] {
    return ids.map((id) => {
      const position = stream.columns.findIndex((column) => column.id === id);
      assert(position >= 0, () => `Column is not produced: received id ${id}`);
      return position;
    });
  }
}

/**
 * Window functions: keeps its input, orders it once for each window, and computes the calls partition by
 * partition.
 *
 * Rows come out in the order in which they came in, with the values of the calls as further columns.
 * O(n log n) for each distinct window, and what the calls cost.
 *
 * @module
 */
import type { SqlType } from "../../storage/sql_type.ts";
import { type Chunk, CHUNK_ROWS, type Vector } from "../../storage/vector.ts";
import { grownInt32 } from "../aggregates/accumulator.ts";
import type { ProjectionEvaluator } from "../expression/compile.ts";
import type { KeyTable } from "../key_table.ts";
import type { FramePositions } from "../window/frame.ts";
import { PartitionedOrder, type WindowOrder } from "../window/partitioned_order.ts";
import type { WindowComputation } from "../window/window_computation.ts";
import type { MemoryShare } from "./memory_budget.ts";
import type { RowBudget, Sink, Source } from "./operator.ts";
import { RowStore } from "./row_store.ts";
import { sliceVector } from "./select_rows.ts";
import type { CompareRows } from "./sort_order.ts";

/** The values of expressions by row. */
export interface ScalarRows {
  readonly rowCount: number;
  column(j: number): Vector;
}

/** Calls over one window. */
export interface WindowSpec {
  /** Positions of the partition keys among the scalars. */
  readonly partitionBy: readonly number[];
  readonly table: KeyTable;
  /** Makes the order of rows from the scalars; `null` without ORDER BY. */
  readonly compare: ((scalars: ScalarRows) => CompareRows) | null;
  /** Makes the computations, in the order of `calls`, and the frames that they read. */
  readonly prepare: (
    order: WindowOrder,
    scalars: ScalarRows,
  ) => { readonly frames: readonly FramePositions[]; readonly computations: readonly WindowComputation[] };
  /** Which calls of the node these are. */
  readonly calls: readonly number[];
}

/** What a window operator is made of. */
export interface WindowOptions {
  /** Types of the input's columns. */
  readonly types: readonly SqlType[];
  /** All expressions of all windows over the input. */
  readonly scalars: ProjectionEvaluator;
  readonly specs: readonly WindowSpec[];
  readonly memory: MemoryShare;
}

/** Collects rows and computes window calls. */
export class WindowSink implements Sink {
  readonly #options: WindowOptions;
  readonly rows: RowStore;
  readonly #scalars: RowStore;
  /** For each spec the partition of each row. */
  readonly #ids: Int32Array[];
  readonly #chunkIds: Int32Array = new Int32Array(CHUNK_ROWS);
  #spec = 0;
  #work: SpecWork | null = null;
  /** The values of the calls by row, once finished. */
  readonly results: Vector[] = [];

  constructor(options: WindowOptions) {
    this.#options = options;
    this.rows = new RowStore(options.types);
    this.#scalars = new RowStore(options.scalars.types);
    this.#ids = options.specs.map(() => new Int32Array(0));
  }

  consume(chunk: Chunk): void {
    const { size } = chunk;
    const from = this.rows.rowCount;
    const scalars = this.#options.scalars.evaluate(chunk);
    let bytes = 0;
    this.#options.specs.forEach((spec, j) => {
      spec.table.assign(spec.partitionBy.map((position) => scalars[position]!), size, this.#chunkIds);
      this.#ids[j] = grownInt32(this.#ids[j]!, from + size);
      this.#ids[j]!.set(this.#chunkIds.subarray(0, size), from);
      bytes += spec.table.memoryBytes + this.#ids[j]!.byteLength * 4;
    });
    this.rows.append(chunk.columns, size);
    this.#scalars.append(scalars, size);
    this.#options.memory.set(bytes + this.rows.memoryBytes + this.#scalars.memoryBytes);
  }

  finish(budget: RowBudget): boolean {
    const { specs } = this.#options;
    while (this.#spec < specs.length) {
      const spec = specs[this.#spec]!;
      this.#work ??= this.#start(spec);
      if (!this.#work.run(budget)) return false;
      const { computations } = this.#work;
      spec.calls.forEach((call, j) => this.results[call] = computations[j]!.result());
      this.#work = null;
      this.#spec++;
    }
    return true;
  }

  #start(spec: WindowSpec): SpecWork {
    const order = new PartitionedOrder(
      this.#ids[this.#spec]!,
      this.rows.rowCount,
      spec.table.count,
      spec.compare === null ? null : spec.compare(this.#scalars),
    );
    return new SpecWork(order, () => spec.prepare(order, this.#scalars));
  }
}

/** Sorting and computing one window, in slices. */
class SpecWork {
  readonly #order: PartitionedOrder;
  readonly #prepare: () => ReturnType<WindowSpec["prepare"]>;
  #prepared: ReturnType<WindowSpec["prepare"]> | null = null;
  #partition = 0;

  constructor(order: PartitionedOrder, prepare: () => ReturnType<WindowSpec["prepare"]>) {
    this.#order = order;
    this.#prepare = prepare;
  }

  get computations(): readonly WindowComputation[] {
    return this.#prepared!.computations;
  }

  run(budget: RowBudget): boolean {
    const { partitions, partitionCount } = this.#order;
    if (!this.#order.run(budget)) return false;
    this.#prepared ??= this.#prepare();
    for (; this.#partition < partitionCount; this.#partition++) {
      if (budget.rows <= 0) return false;
      const from = partitions[this.#partition]!;
      const to = partitions[this.#partition + 1]!;
      for (const frame of this.#prepared.frames) frame.compute(from, to, from, to);
      for (const computation of this.#prepared.computations) computation.compute(from, to, from, to);
      budget.rows -= (to - from) * (this.#prepared.computations.length + 1);
    }
    return true;
  }
}

/** Reads the rows of a finished window operator. */
export class WindowSource implements Source {
  readonly #sink: WindowSink;
  readonly #rowPositions: readonly number[];
  readonly #calls: readonly number[];
  #at = 0;

  /** `rowPositions` and `calls`: the input columns and the calls to give. */
  constructor(sink: WindowSink, rowPositions: readonly number[], calls: readonly number[]) {
    this.#sink = sink;
    this.#rowPositions = rowPositions;
    this.#calls = calls;
  }

  next(_budget: RowBudget): Chunk | null {
    const { rows, results } = this.#sink;
    const from = this.#at;
    if (from >= rows.rowCount) return null;
    const to = Math.min(rows.rowCount, from + CHUNK_ROWS);
    this.#at = to;
    const input = rows.slice(from, to);
    return {
      size: to - from,
      columns: [
        ...this.#rowPositions.map((position) => input.columns[position]!),
        ...this.#calls.map((call) => sliceVector(results[call]!, from, to)),
      ],
    };
  }
}

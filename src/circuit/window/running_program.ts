/**
 * Aggregates from the start of the partition to the current row: running totals.
 *
 * ```
 * rows         0 . . . 63 | 64 . . . 127 | 128 . . .        states are kept before rows 64, 128, ...
 * ```
 *
 * A change takes the state that is kept before it, adds the rows up to it, and goes on to the end of the
 * partition, whose values all change: O(rows behind it + 64).
 *
 * @module
 */
import type { ExecutionEnvironment } from "../../exec/execution.ts";
import { type DenseVector, vectorFromDatums } from "../../exec/vector_build.ts";
import { readDatums } from "../../exec/vector_read.ts";
import type { PlanColumn, Scalar, WindowCall } from "../../query/plan.ts";
import type { Datum } from "../../storage/sql_type.ts";
import { type CallProgram, type CallResults, matters, type RunChange } from "./call_program.ts";
import { peersFrom } from "./frame_reach.ts";
import { RowScalars } from "./row_scalars.ts";
import type { Arguments, RunningAggregate } from "./running_aggregate.ts";
import { Slices } from "./slices.ts";
import type { SlotRows } from "./slot_rows.ts";

/** Rows from one kept state to the next. */
const STEP = 64;
const STATE_BYTES = 120;

/** See the module header. */
export class RunningProgram implements CallProgram {
  readonly calls: readonly number[];
  readonly scalars: readonly Scalar[];
  readonly #call: WindowCall;
  readonly #aggregate: RunningAggregate<unknown>;
  readonly #values: RowScalars;
  readonly #rows: SlotRows;
  readonly #slices = new Slices();
  /** For each partition the states before rows STEP, 2 * STEP, ... */
  #kept: (unknown[] | undefined)[] = [];
  #keptCount = 0;

  constructor(
    number: number,
    call: WindowCall,
    aggregate: RunningAggregate<unknown>,
    input: { readonly columns: readonly PlanColumn[]; readonly rows: SlotRows },
    environment: ExecutionEnvironment,
  ) {
    this.calls = [number];
    this.#call = call;
    this.#aggregate = aggregate;
    this.scalars = call.filter === null ? call.arguments : [...call.arguments, call.filter];
    this.#rows = input.rows;
    this.#values = new RowScalars(this.scalars, input.columns, input.rows, environment);
  }

  get stateBytes(): number {
    return this.#kept.length * 8 + this.#keptCount * STATE_BYTES;
  }

  place(): void {}

  renumber(_live: Int32Array, partitions: Int32Array): void {
    this.#kept = Array.from(partitions, (partition) => this.#kept[partition]);
    this.#keptCount = this.#kept.reduce((count, states) => count + (states?.length ?? 0), 0);
  }

  compute(change: RunChange, bit: number, results: CallResults): number {
    const slices = this.#slices;
    slices.clear();
    const firsts: { readonly partition: number; readonly step: number }[] = [];
    const { partitions, starts } = change.marks;
    for (let i = 0; i < partitions.length; i++) {
      const from = this.#firstChanged(change, partitions[i]!, starts[i]!, starts[i + 1]!, bit);
      if (from < 0) continue;
      const partition = partitions[i]!;
      const run = change.runs.run(partition);
      const step = Math.floor(from / STEP);
      this.#forget(partition, step);
      slices.begin();
      slices.addNeeded(run, step * STEP, from);
      slices.addWanted(run, from, run.length);
      firsts.push({ partition, step });
    }
    const { size, wanted, slots } = slices;
    if (size === 0) return 0;
    const args = this.#arguments(this.#values.evaluate(this.#rows.rowsOf(slots, size)), size);
    const order = slices.windowOrder(this.#call.frame.unit === "rows" ? null : change.runs.order);
    const values = new Array<Datum>(size).fill(null);
    const bounds = slices.starts;
    firsts.forEach((first, slice) => {
      this.#run(first, bounds[slice]!, bounds[slice + 1]!, { ...args, groupEnds: order.groupEnds, values });
    });
    const { type } = this.#call;
    const picked = new Array<Datum>(wanted.length);
    for (let i = 0; i < picked.length; i++) picked[i] = values[wanted[i]!]!;
    const vector = vectorFromDatums(type, picked, picked.length);
    results.add(this.calls[0]!, slices.wantedSlots(), vector);
    return size;
  }

  /** The first row of a partition whose value may change; the number of its rows for none, -1 for no change. */
  #firstChanged(change: RunChange, partition: number, mark: number, end: number, bit: number): number {
    const { slots, positions } = change.marks;
    let m = mark;
    while (m < end && !matters(change, slots[m]!, bit)) m++;
    if (m === end) return -1;
    if (this.#call.frame.unit === "rows") return positions[m]!;
    return peersFrom(change.runs.run(partition), slots[m]!, change.runs.order);
  }

  /** Forgets the states behind row `step * STEP`. */
  #forget(partition: number, step: number): void {
    const states = this.#kept[partition] ??= [];
    if (states.length <= step) return;
    this.#keptCount -= states.length - step;
    states.length = step;
  }

  /** Adds rows [from, to), which begin at a kept state, and writes their values. */
  #run(
    { partition, step }: { readonly partition: number; readonly step: number },
    from: number,
    to: number,
    { args, passes, groupEnds, values }: {
      readonly args: Arguments;
      readonly passes: readonly Datum[] | null;
      readonly groupEnds: Int32Array;
      readonly values: Datum[];
    },
  ): void {
    const aggregate = this.#aggregate;
    const kept = this.#kept[partition]!;
    let state = step === 0 ? aggregate.init() : aggregate.copy(kept[step - 1]);
    let first = from;
    for (let row = from; row < to; row++) {
      if (passes === null || passes[row] === true) state = aggregate.add(state, args, row);
      if ((row + 1 - from) % STEP === 0) {
        kept.push(aggregate.copy(state));
        this.#keptCount++;
      }
      if (groupEnds.length > 0 && groupEnds[row]! > row + 1) continue;
      values.fill(aggregate.value(state), first, row + 1);
      first = row + 1;
    }
  }

  #arguments(
    vectors: readonly DenseVector[],
    size: number,
  ): { readonly args: Arguments; readonly passes: readonly Datum[] | null } {
    const datums = vectors.map((vector) => readDatums(vector, size));
    if (this.#call.filter === null) return { args: datums, passes: null };
    return { args: datums.slice(0, -1), passes: datums.at(-1)! };
  }
}

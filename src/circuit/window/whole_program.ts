/**
 * Aggregates over the whole partition: accumulators of groups, to which rows are added and from which they are
 * taken back.
 *
 * What a changed row costs is said in `group_accumulator.ts`; besides, the rows of a partition when its value
 * changes. Where min or max of doubles is 0, its sign is that of the first zero in window order: those rows are
 * looked through.
 *
 * @module
 */
import { assert } from "../../base/assert.ts";
import type { ExecutionEnvironment } from "../../exec/execution.ts";
import { gatherVector } from "../../exec/gather_vector.ts";
import { materialize } from "../../exec/materialize.ts";
import type { DenseVector } from "../../exec/vector_build.ts";
import { readDatums } from "../../exec/vector_read.ts";
import type { PlanColumn, Scalar, WindowCall } from "../../query/plan.ts";
import { GroupProgram } from "../group/group_program.ts";
import { type CallProgram, type CallResults, matters, type RunChange } from "./call_program.ts";
import { FRESH, GONE, REPLACED } from "./partitioned_runs.ts";
import { RowScalars } from "./row_scalars.ts";
import type { SlotRows } from "./slot_rows.ts";
import type { SortedRun } from "./sorted_run.ts";
import { ValueLane } from "./value_lane.ts";

/** What a whole program is made of. */
export interface WholeProgramOptions {
  /** Numbers of the calls in the plan, and the calls. */
  readonly numbers: readonly number[];
  readonly calls: readonly WindowCall[];
  readonly columns: readonly PlanColumn[];
  readonly rows: SlotRows;
}

/** See the module header. */
export class WholeProgram implements CallProgram {
  readonly calls: readonly number[];
  readonly scalars: readonly Scalar[];
  readonly #rows: SlotRows;
  readonly #groups: GroupProgram;
  readonly #inputs: RowScalars;
  /** The value of each call by partition. */
  readonly #values: readonly ValueLane[];
  /** For each call what tells the sign of its zero; null when the accumulators do. */
  readonly #zeroValues: readonly (RowScalars | null)[];

  constructor({ numbers, calls, columns, rows }: WholeProgramOptions, environment: ExecutionEnvironment) {
    this.calls = numbers;
    this.#rows = rows;
    this.#groups = new GroupProgram(calls.map((call) => ({ ...call, orderBy: [] })), columns, environment);
    this.scalars = this.#groups.scalars;
    this.#inputs = new RowScalars(this.scalars, columns, rows, environment);
    this.#values = calls.map((call) => new ValueLane(call.type));
    this.#zeroValues = calls.map((call) =>
      hasTwoZeros(call)
        ? new RowScalars(
          call.filter === null ? call.arguments : [...call.arguments, call.filter],
          columns,
          rows,
          environment,
        )
        : null
    );
  }

  get stateBytes(): number {
    return this.#values.reduce((bytes, lane) => bytes + lane.stateBytes, this.#groups.stateBytes);
  }

  place(): void {}

  renumber(_live: Int32Array, partitions: Int32Array): void {
    this.#groups.renumber(partitions);
    for (const lane of this.#values) lane.renumber(partitions);
  }

  compute(change: RunChange, bit: number, results: CallResults): number {
    const { runs, marks: { partitions } } = change;
    const before = this.#groups.examined;
    let examined = this.#add(change, bit);
    for (const lane of this.#values) lane.reserve(runs.partitionCount);
    const live = new Int32Array(partitions.filter((partition) => runs.run(partition).length > 0));
    for (const partition of partitions) {
      if (runs.run(partition).length === 0) this.#groups.clear(partition);
    }
    this.calls.forEach((call, j) => {
      let vector = this.#groups.readers[j]!(live, live.length);
      const zeros = this.#zeroValues[j]!;
      if (zeros !== null) vector = this.#signed(vector, live, zeros, change);
      examined += this.#give(call, this.#values[j]!, vector, live, change, results);
    });
    return examined + this.#groups.examined - before;
  }

  /** Gives a value to all rows of the partitions where it is another one, and to the fresh rows of the others. */
  #give(
    call: number,
    lane: ValueLane,
    vector: DenseVector,
    live: Int32Array,
    { runs, kinds, marks }: RunChange,
    results: CallResults,
  ): number {
    const picks = new Int32Array(live.length);
    const pickCount = lane.differing(live, vector, live.length, picks);
    lane.write(live, vector, live.length, picks, pickCount);
    const isNew = new Uint8Array(live.length);
    for (let k = 0; k < pickCount; k++) isNew[picks[k]!] = 1;
    const targets: number[] = [];
    const places: number[] = [];
    let next = 0;
    for (let i = 0; i < live.length; i++) {
      if (isNew[i] === 1) {
        for (const slot of runs.run(live[i]!).all()) {
          targets.push(slot);
          places.push(i);
        }
        continue;
      }
      while (marks.partitions[next] !== live[i]) next++;
      for (let m = marks.starts[next]!; m < marks.starts[next + 1]!; m++) {
        if (kinds[marks.slots[m]!] !== FRESH) continue;
        targets.push(marks.slots[m]!);
        places.push(i);
      }
    }
    const values = gatherVector(vector, new Int32Array(places), places.length);
    results.add(call, new Int32Array(targets), materialize(values, places.length));
    return targets.length;
  }

  /** Takes back rows that are gone, and adds those that came. */
  #add(change: RunChange, bit: number): number {
    const { runs, rows, kinds, oldRows, marks: { slots } } = change;
    const size = slots.length * 2;
    const ids = new Int32Array(size);
    const rowIds = new Int32Array(size);
    const weights = new Int32Array(size);
    let count = 0;
    for (const slot of slots) {
      if (!matters(change, slot, bit)) continue;
      const kind = kinds[slot]!;
      if (kind === FRESH || kind === REPLACED) {
        ids[count] = runs.partitionOf(slot);
        rowIds[count] = rows.rowOf(slot);
        weights[count++] = 1;
      }
      if (kind === GONE || kind === REPLACED) {
        ids[count] = runs.partitionOf(slot);
        rowIds[count] = kind === GONE ? rows.rowOf(slot) : oldRows[slot]!;
        weights[count++] = -1;
      }
    }
    if (count === 0) return 0;
    const vectors = this.#inputs.evaluate(rowIds.subarray(0, count));
    this.#groups.add(ids, runs.partitionCount, vectors, weights, count);
    return count;
  }

  /** `vector`, the values of the partitions `live`, with the sign of the first zero where it is 0. */
  #signed(vector: DenseVector, live: Int32Array, zeros: RowScalars, { runs }: RunChange): DenseVector {
    assert(vector.kind === "f64", () => `Doubles come as f64: received ${vector.kind}`);
    const { values, nulls } = vector;
    let signed: Float64Array | null = null;
    for (let i = 0; i < live.length; i++) {
      if (values[i] !== 0 || (nulls !== null && nulls[i] === 1)) continue;
      signed ??= values.slice(0, live.length);
      signed[i] = this.#firstZero(runs.run(live[i]!), zeros);
    }
    return signed === null ? vector : { kind: "f64", values: signed, nulls };
  }

  #firstZero(run: SortedRun, zeros: RowScalars): number {
    const [vector, passes] = zeros.evaluate(this.#rows.rowsOf(run.all(), run.length));
    assert(vector?.kind === "f64", () => `Doubles come as f64: received ${vector?.kind}`);
    const passing = passes === undefined ? null : readDatums(passes, run.length);
    const { values, nulls } = vector;
    let row = 0;
    while (
      values[row] !== 0 || (nulls !== null && nulls[row] === 1) || (passing !== null && passing[row] !== true)
    ) row++;
    return values[row]!;
  }
}

function hasTwoZeros({ function: name, type }: WindowCall): boolean {
  return (name === "min" || name === "max") && (type.kind === "double" || type.kind === "real");
}

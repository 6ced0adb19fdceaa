/**
 * Window functions: the rows of each partition in window order, and the value of each call for each row.
 *
 * ```
 * change ─► slots ─► place in the runs ─► programs: new values of the rows that see it ─► rows that differ
 *                                         (call_program.ts says at which cost)
 * ```
 *
 * Rows whose sort keys are equal stand in the order in which they came, and a row that is replaced by one with equal
 * sort keys gives it its place. Calls over different windows share the rows: there is one set of runs for each
 * PARTITION BY and ORDER BY. A filter on the number of rows makes it a top k by partition: rows behind the bound
 * are not given at all.
 *
 * O(log n) a changed row, besides what the programs cost.
 *
 * @module
 */
import { grownInt32, grownUint8 } from "../../exec/aggregates/accumulator.ts";
import type { ExecutionEnvironment } from "../../exec/execution.ts";
import type { DenseVector } from "../../exec/vector_build.ts";
import { readDatums } from "../../exec/vector_read.ts";
import type { PlanColumn, Scalar, WindowPlan } from "../../query/plan.ts";
import { scalarKey } from "../../query/plan_key.ts";
import { planColumns } from "../../query/plan_walk.ts";
import type { SqlType } from "../../storage/sql_type.ts";
import type { CircuitNode } from "../circuit_node.ts";
import { type Delta, distinctDelta, emptyDelta } from "../delta.ts";
import type { CallProgram, CallResults } from "../window/call_program.ts";
import { callPrograms } from "../window/call_programs.ts";
import { FRESH, GONE, type Marks, PartitionedRuns, REPLACED } from "../window/partitioned_runs.ts";
import { RowScalars } from "../window/row_scalars.ts";
import { SlotRows } from "../window/slot_rows.ts";
import { sameDatum, ValueLane } from "../window/value_lane.ts";

/** The row of a slot stays, and a value changes. */
const CHANGED = 4;
/** Programs from this one on share a bit. */
const LAST_BIT = 31;

const NONE = new Int32Array(0);

/** Calls with one PARTITION BY and ORDER BY. */
interface WindowGroup {
  readonly runs: PartitionedRuns;
  /** Positions of the keys among those of the node. */
  readonly partitionKeys: readonly number[];
  readonly sortKeys: readonly number[];
  readonly programs: readonly { readonly program: CallProgram; readonly bit: number }[];
}

/** New values of a call, some of which differ from those before. */
interface NewValues {
  readonly call: number;
  readonly slots: Int32Array;
  readonly values: DenseVector;
  readonly picks: Int32Array;
  readonly count: number;
}

/** See the module header. */
export class WindowNode implements CircuitNode {
  readonly name = "window";
  readonly inputs: readonly [CircuitNode];
  readonly columns: readonly PlanColumn[];
  readonly #types: readonly SqlType[];
  readonly #positions: readonly number[];
  readonly #rows: SlotRows;
  readonly #lanes: readonly ValueLane[];
  readonly #groups: readonly WindowGroup[];
  readonly #keys: RowScalars;
  /** What the calls read of a row, with the bits of the programs that do. */
  readonly #arguments: readonly { readonly type: SqlType; readonly bits: number }[];
  readonly #argumentScalars: RowScalars;
  readonly #bound: number;
  /** By slot, 0 between changes: what happened, whose expressions changed, and the row before. */
  #kinds: Uint8Array = new Uint8Array(16);
  #programs: Int32Array = new Int32Array(16);
  #oldRows: Int32Array = new Int32Array(16);
  #changed: Int32Array = new Int32Array(16);
  #changedCount = 0;
  #results: NewValues[] = [];
  examinedRows = 0;

  /** `bound`: rows whose only call, which numbers them, gives a greater number need not be given. */
  constructor(input: CircuitNode, plan: WindowPlan, environment: ExecutionEnvironment, bound = Infinity) {
    this.inputs = [input];
    this.columns = planColumns(plan);
    this.#types = this.columns.map((column) => column.type);
    this.#positions = input.columns.map((_, position) => position);
    this.#rows = new SlotRows(input.columns.map((column) => column.type));
    this.#lanes = plan.calls.map((call) => new ValueLane(call.type));
    this.#bound = bound;
    const keys = new DistinctScalars();
    this.#groups = this.#makeGroups(plan, keys, environment);
    this.#keys = new RowScalars(keys.list, input.columns, this.#rows, environment);
    const read = new DistinctScalars();
    const bits: number[] = [];
    for (const { program, bit } of this.#groups.flatMap(({ programs }) => programs)) {
      for (const scalar of program.scalars) {
        const position = read.add(scalar);
        bits[position] = (bits[position] ?? 0) | bit;
      }
    }
    this.#arguments = read.list.map(({ type }, j) => ({ type, bits: bits[j]! }));
    this.#argumentScalars = new RowScalars(read.list, input.columns, this.#rows, environment);
  }

  get stateBytes(): number {
    let bytes = this.#rows.stateBytes + this.#kinds.byteLength + this.#programs.byteLength +
      this.#oldRows.byteLength;
    for (const lane of this.#lanes) bytes += lane.stateBytes;
    for (const { runs, programs } of this.#groups) {
      bytes += runs.stateBytes;
      for (const { program } of programs) bytes += program.stateBytes;
    }
    return bytes;
  }

  apply([delta]: readonly Delta[]): Delta {
    this.examinedRows += delta!.size;
    if (delta!.size === 0) return emptyDelta(this.#types);
    const hadCopies = this.#rows.extraCount > 0;
    const { gone, fresh } = this.#rows.sum(delta!);
    if (gone.length === 0 && fresh.length === 0) return emptyDelta(this.#types);
    const placed = this.#place(fresh);
    for (const slot of gone) this.#kinds[slot] = GONE;
    for (const slot of placed) this.#kinds[slot] = FRESH;
    const slots = this.#paired(gone, placed);
    this.#compute(slots);
    const hasCopies = hadCopies || this.#rows.extraCount > 0;
    const change = this.#emit(slots);
    this.#settle(slots);
    // Without copies a row of the input stands once among the rows before, and once among those after.
    return hasCopies ? change : distinctDelta(change);
  }

  output(): Delta {
    const live = this.#rows.liveSlots();
    const slots = this.#bounded(live);
    return this.#delta(
      new Int32Array(0),
      new Int32Array(0),
      this.#lanes.map((lane) => lane.gather(slots, 0)),
      slots,
    );
  }

  /** Slots for rows that come, in no run yet. */
  #place(fresh: Int32Array): Int32Array {
    const slots = new Int32Array(fresh.length);
    for (let i = 0; i < fresh.length; i++) slots[i] = this.#rows.add(fresh[i]!);
    const { slotCount } = this.#rows;
    this.#kinds = grownUint8(this.#kinds, slotCount);
    this.#programs = grownInt32(this.#programs, slotCount);
    this.#oldRows = grownInt32(this.#oldRows, slotCount);
    for (const lane of this.#lanes) lane.reserve(slotCount);
    for (const { runs } of this.#groups) runs.reserve(slotCount);
    if (fresh.length === 0) return slots;
    const keys = this.#keys.evaluate(fresh);
    const pick = (positions: readonly number[]) => positions.map((position) => keys[position]!);
    for (const { runs, partitionKeys, sortKeys } of this.#groups) {
      runs.place(slots, pick(partitionKeys), pick(sortKeys), slots.length);
    }
    return slots;
  }

  /**
   * The changed slots in the order of the first window. Where a row goes and another one with equal keys comes,
   * that takes the slot of the first, and its own is free again.
   */
  #paired(gone: Int32Array, fresh: Int32Array): Int32Array {
    const all = new Int32Array(gone.length + fresh.length);
    all.set(gone);
    all.set(fresh, gone.length);
    const { runs } = this.#groups[0]!;
    const sorted = runs.sorted(all);
    if (gone.length === 0 || fresh.length === 0) return sorted;
    // Rows that go were there before those that come: they are first among equals.
    for (let from = 0; from < sorted.length;) {
      let next = from;
      while (next < sorted.length && this.#isGonePeer(sorted[from]!, sorted[next]!)) next++;
      const middle = next;
      while (next < sorted.length && runs.arePeers(sorted[from]!, sorted[next]!)) next++;
      for (let i = from, j = middle; i < middle && j < next; i++, j++) this.#pair(sorted[i]!, sorted[j]!);
      from = Math.max(next, from + 1);
    }
    return this.#notOfKind(sorted, 0, NONE);
  }

  #isGonePeer(first: number, slot: number): boolean {
    return this.#kinds[slot] === GONE && this.#groups[0]!.runs.arePeers(first, slot);
  }

  #pair(gone: number, fresh: number): void {
    if (!this.#groups.every(({ runs }) => runs.arePeers(gone, fresh))) return;
    const row = this.#rows.rowOf(fresh);
    this.#rows.withdraw(fresh);
    this.#kinds[fresh] = 0;
    this.#oldRows[gone] = this.#rows.rowOf(gone);
    this.#rows.replace(gone, row);
    this.#kinds[gone] = REPLACED;
  }

  #compute(slots: Int32Array): void {
    this.#compareArguments(this.#ofKind(slots, REPLACED));
    const fresh = this.#ofKind(slots, FRESH);
    const rows = this.#rows.rowsOf(fresh, fresh.length);
    const marks = this.#groups.map(({ runs }, i): Marks =>
      runs.apply(i === 0 ? slots : runs.sorted(slots.slice()), this.#kinds)
    );
    const results: CallResults = { add: (call, targets, values) => this.#collect(call, targets, values) };
    this.#groups.forEach(({ runs, programs }, i) => {
      const change = {
        runs,
        marks: marks[i]!,
        rows: this.#rows,
        kinds: this.#kinds,
        programs: this.#programs,
        oldRows: this.#oldRows,
      };
      for (const { program, bit } of programs) {
        if (fresh.length > 0) program.place(fresh, rows);
        this.examinedRows += program.compute(change, bit, results);
      }
    });
  }

  /** Notes for replaced rows which programs read something else than before. */
  #compareArguments(slots: Int32Array): void {
    if (slots.length === 0 || this.#arguments.length === 0) return;
    const size = slots.length;
    const oldRows = new Int32Array(size);
    for (let i = 0; i < size; i++) oldRows[i] = this.#oldRows[slots[i]!]!;
    const old = this.#argumentScalars.evaluate(oldRows).map((vector) => readDatums(vector, size));
    const now = this.#argumentScalars.evaluate(this.#rows.rowsOf(slots, size));
    this.#arguments.forEach(({ type, bits }, j) => {
      const values = readDatums(now[j]!, size);
      for (let i = 0; i < size; i++) {
        if (!sameDatum(old[j]![i]!, values[i]!, type)) this.#programs[slots[i]!]! |= bits;
      }
    });
  }

  #collect(call: number, slots: Int32Array, values: DenseVector): void {
    const picks = new Int32Array(slots.length);
    const count = this.#lanes[call]!.differing(slots, values, slots.length, picks);
    if (count === 0) return;
    this.#results.push({ call, slots, values, picks, count });
    this.#changed = grownInt32(this.#changed, this.#changedCount + count);
    for (let k = 0; k < count; k++) {
      const slot = slots[picks[k]!]!;
      if (this.#kinds[slot] !== 0) continue;
      this.#kinds[slot] = CHANGED;
      this.#changed[this.#changedCount++] = slot;
    }
  }

  /** Takes the new values over; gives the rows that differ, as they were and as they are. */
  #emit(slots: Int32Array): Delta {
    const changed = this.#changed.subarray(0, this.#changedCount);
    const minus = this.#bounded(this.#notOfKind(slots, FRESH, changed));
    const minusRows = this.#rows.rowsOf(minus, minus.length);
    for (let i = 0; i < minus.length; i++) {
      if (this.#kinds[minus[i]!] === REPLACED) minusRows[i] = this.#oldRows[minus[i]!]!;
    }
    const before = this.#lanes.map((lane) => lane.gather(minus, minus.length));
    for (const { call, slots: targets, values, picks, count } of this.#results) {
      this.#lanes[call]!.write(targets, values, targets.length, picks, count);
    }
    const plus = this.#bounded(this.#notOfKind(slots, GONE, changed));
    return this.#delta(minus, minusRows, before, plus);
  }

  /** The rows of `minus` with weight -1 and their values `before`, and those of `plus` with weight 1. */
  #delta(
    minus: Int32Array,
    minusRows: Int32Array,
    before: readonly ReturnType<ValueLane["gather"]>[],
    plus: Int32Array,
  ): Delta {
    const size = minus.length + plus.length;
    const rows = joined(minusRows, this.#rows.rowsOf(plus, plus.length));
    const values = this.#lanes.map((lane, call) =>
      lane.joined(before[call]!, minus.length, lane.gather(plus, plus.length), plus.length)
    );
    const weights = new Int32Array(size).fill(1);
    weights.fill(-1, 0, minus.length);
    return { size, columns: [...this.#rows.columnsAt(rows, this.#positions), ...values], weights };
  }

  #ofKind(slots: Int32Array, kind: number): Int32Array {
    const found = new Int32Array(slots.length);
    let count = 0;
    for (let i = 0; i < slots.length; i++) if (this.#kinds[slots[i]!] === kind) found[count++] = slots[i]!;
    return count === slots.length ? found : found.slice(0, count);
  }

  /** The slots of other kinds, and then `others`. */
  #notOfKind(slots: Int32Array, kind: number, others: Int32Array): Int32Array {
    const found = new Int32Array(slots.length + others.length);
    let count = 0;
    for (let i = 0; i < slots.length; i++) if (this.#kinds[slots[i]!] !== kind) found[count++] = slots[i]!;
    found.set(others, count);
    count += others.length;
    return count === found.length ? found : found.slice(0, count);
  }

  /** The slots with a number, when only such rows are given. */
  #bounded(slots: Int32Array): Int32Array {
    if (this.#bound === Infinity) return slots;
    const lane = this.#lanes[0]!;
    return slots.filter((slot) => lane.numberAt(slot) > 0);
  }

  /** Ends the change: slots of rows that are gone are free, and much free room is given back. */
  #settle(slots: Int32Array): void {
    for (const slot of slots) {
      if (this.#kinds[slot] === GONE) {
        this.#rows.release(slot);
        if (this.#bound !== Infinity) this.#lanes[0]!.clear(slot);
      }
      this.#kinds[slot] = 0;
      this.#programs[slot] = 0;
    }
    for (let i = 0; i < this.#changedCount; i++) this.#kinds[this.#changed[i]!] = 0;
    this.#changedCount = 0;
    this.#results = [];
    if (this.#rows.isSparse) this.#compact();
  }

  #compact(): void {
    const live = this.#rows.liveSlots();
    this.#rows.compact(live);
    for (const lane of this.#lanes) lane.renumber(live);
    for (const { runs, programs } of this.#groups) {
      const partitions = runs.livePartitions();
      for (const { program } of programs) program.renumber(live, partitions);
      runs.renumber(live, partitions);
    }
    const capacity = Math.max(16, live.length);
    this.#kinds = new Uint8Array(capacity);
    this.#programs = new Int32Array(capacity);
    this.#oldRows = new Int32Array(capacity);
    this.#changed = new Int32Array(16);
  }

  #makeGroups(plan: WindowPlan, keys: DistinctScalars, environment: ExecutionEnvironment): WindowGroup[] {
    const numbers = new Map<string, number[]>();
    plan.calls.forEach(({ partitionBy, orderBy }, number) => {
      const key = JSON.stringify([
        partitionBy.map(scalarKey),
        orderBy.map((sort) => [scalarKey(sort.expression), sort.descending, sort.nullsFirst]),
      ]);
      const group = numbers.get(key);
      if (group === undefined) numbers.set(key, [number]);
      else group.push(number);
    });
    let programCount = 0;
    return [...numbers.values()].map((group): WindowGroup => {
      const { partitionBy, orderBy } = plan.calls[group[0]!]!;
      const runs = new PartitionedRuns(
        partitionBy.map((key) => key.type),
        orderBy.map(({ expression, descending, nullsFirst }) => ({
          type: expression.type,
          descending,
          nullsFirst,
        })),
      );
      const input = {
        runs,
        rows: this.#rows,
        columns: this.inputs[0].columns,
        lanes: this.#lanes,
        bound: this.#bound,
      };
      return {
        runs,
        partitionKeys: partitionBy.map((key) => keys.add(key)),
        sortKeys: orderBy.map(({ expression }) => keys.add(expression)),
        programs: callPrograms(group, plan.calls, input, environment).map((program) => ({
          program,
          bit: 1 << Math.min(LAST_BIT, programCount++),
        })),
      };
    });
  }
}

/** Expressions, each once. */
class DistinctScalars {
  readonly list: Scalar[] = [];
  readonly #positions = new Map<string, number>();

  add(scalar: Scalar): number {
    const key = scalarKey(scalar);
    const known = this.#positions.get(key);
    if (known !== undefined) return known;
    this.#positions.set(key, this.list.length);
    return this.list.push(scalar) - 1;
  }
}

function joined(first: Int32Array, second: Int32Array): Int32Array {
  if (second.length === 0) return first;
  const all = new Int32Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}

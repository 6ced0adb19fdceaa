/**
 * What computes the values of window calls again where a change may have touched them.
 *
 * | program | calls | a change costs |
 * |---|---|---|
 * | rank | row_number, rank, dense_rank | the rows behind it until the values are the same again |
 * | share | percent_rank, cume_dist, ntile | the rows that get another value, and two of each bucket |
 * | whole | aggregates over the whole partition | O(log n), and the partition when the value changes |
 * | running | aggregates over frames that are unbounded on one side | O(log n + 32), the rows whose total changes |
 * | pick | the value of another row | O(log n) for each row that picks another one |
 * | slice | everything else | the rows whose frame sees it, with their frames; the partition in the worst case |
 *
 * @module
 */
import type { DenseVector } from "../../exec/vector_build.ts";
import type { Scalar } from "../../query/plan.ts";
import { type Marks, type PartitionedRuns, REPLACED } from "./partitioned_runs.ts";
import type { SlotRows } from "./slot_rows.ts";
import type { ValueLane } from "./value_lane.ts";

/** A change of the rows of one window. */
export interface RunChange {
  readonly runs: PartitionedRuns;
  readonly marks: Marks;
  readonly rows: SlotRows;
  /** What happened to each slot. */
  readonly kinds: Uint8Array;
  /** Of replaced slots: one bit for each program whose expressions have other values than before. */
  readonly programs: Int32Array;
  /** Of replaced slots: the id of the row before. */
  readonly oldRows: Int32Array;
}

/** Takes new values of calls. */
export interface CallResults {
  /** `values[i]` is the value of call number `call` at `slots[i]`, the same as before or not. */
  add(call: number, slots: Int32Array, values: DenseVector): void;
}

/** See the module header. */
export interface CallProgram {
  /** The calls of the plan that it computes. */
  readonly calls: readonly number[];
  /** What the calls read of a row besides its place in the window. */
  readonly scalars: readonly Scalar[];
  readonly stateBytes: number;
  /** Rows with these ids come to `slots`. */
  place(slots: Int32Array, rows: Int32Array): void;
  /**
   * Gives new values, those of all fresh slots among them, and the number of rows that it has looked at; `bit` is
   * the program's in `programs`.
   */
  compute(change: RunChange, bit: number, results: CallResults): number;
  /** Slot `live[i]` becomes slot i, and partition `partitions[i]` partition i. */
  renumber(live: Int32Array, partitions: Int32Array): void;
}

/** The values that calls have now, by call number. */
export type CallLanes = readonly ValueLane[];

/** Whether a mark is a change for the program with this bit. */
export function matters({ kinds, programs }: RunChange, slot: number, bit: number): boolean {
  return kinds[slot] !== REPLACED || (programs[slot]! & bit) !== 0;
}

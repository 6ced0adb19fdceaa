/**
 * The programs for the calls over one window.
 *
 * | frame or function | program |
 * |---|---|
 * | row_number, rank, dense_rank | rank |
 * | percent_rank, cume_dist, ntile of a constant | share |
 * | an aggregate over the whole partition | whole |
 * | an aggregate over frames that are unbounded on one side | running |
 * | first_value, last_value, nth_value over frames that are unbounded, or with IGNORE NULLS; lag and lead with it | pick |
 * | bounds on both sides, with EXCLUDE or not; lag and lead | slice of the rows that see a change |
 *
 * What is left is a slice of the whole partition: unbounded frames with EXCLUDE; aggregates over unbounded frames
 * whose value depends on the order of rows, or that cannot take rows back; DISTINCT in a running frame; min, max and
 * DISTINCT over the whole where equal values may look different; ntile and nth_value of a number that rows tell, and
 * distances that rows tell with IGNORE NULLS. Calls with the same reach are computed together. No call needs the
 * whole operator to be recomputed.
 *
 * @module
 */
import type { ExecutionEnvironment } from "../../exec/execution.ts";
import { guardedWindow } from "../../exec/guarded_call.ts";
import { constantValue } from "../../exec/operators/values.ts";
import { finishSum, ScalarList, windowPreparation } from "../../exec/physical_window.ts";
import type { AggregateDefinition, CallContext } from "../../query/function.ts";
import { hasForms } from "../../query/functions/identity.ts";
import type { FrameBoundPlan, PlanColumn, WindowCall, WindowFramePlan } from "../../query/plan.ts";
import { scalarKey } from "../../query/plan_key.ts";
import type { CallLanes, CallProgram } from "./call_program.ts";
import { type FrameEnd, FrameEnds } from "./frame_ends.ts";
import {
  type FrameReach,
  GroupsReach,
  PartitionReach,
  RangeReach,
  type RangeSide,
  RowsReach,
} from "./frame_reach.ts";
import { literalNumber } from "./number_bound.ts";
import { OffsetReach } from "./offset_reach.ts";
import type { PartitionedRuns } from "./partitioned_runs.ts";
import { type Pick, PickProgram } from "./pick_program.ts";
import { RangeBounds } from "./range_bounds.ts";
import { RankProgram } from "./rank_program.ts";
import { RowScalars } from "./row_scalars.ts";
import { RunningDefinition, RunningExtreme, RunningSum } from "./running_aggregate.ts";
import { RunningProgram } from "./running_program.ts";
import { BucketProgram, ShareProgram } from "./share_program.ts";
import { SliceProgram } from "./slice_program.ts";
import type { SlotRows } from "./slot_rows.ts";
import { WholeProgram, type WholeProgramOptions } from "./whole_program.ts";

/** Aggregates that cannot take rows back and do not depend on the order of the rows. */
const WITHOUT_ORDER = new Set(["min", "max", "median", "quantile"]);
const NO_AGGREGATES = new Set([
  "row_number",
  "rank",
  "dense_rank",
  "percent_rank",
  "cume_dist",
  "ntile",
  "lag",
  "lead",
  "first_value",
  "last_value",
  "nth_value",
]);

/** Those of them that look at the frame. */
const FRAMED = new Set(["first_value", "last_value", "nth_value"]);
const NO_FRAME: WindowFramePlan = {
  unit: "rows",
  start: { kind: "currentRow" },
  end: { kind: "currentRow" },
  exclude: "no others",
};

/** What the programs of a window work with. */
export interface ProgramInput {
  readonly runs: PartitionedRuns;
  readonly rows: SlotRows;
  readonly columns: readonly PlanColumn[];
  readonly lanes: CallLanes;
  /** The greatest number that is asked for of a call, which then is the only one. */
  readonly bound: number;
}

/** A call with its number in the plan. */
interface NumberedCall {
  readonly number: number;
  readonly call: WindowCall;
}

/** Programs for the calls with these numbers, which are over one window. */
export function callPrograms(
  numbers: readonly number[],
  calls: readonly WindowCall[],
  input: ProgramInput,
  environment: ExecutionEnvironment,
): CallProgram[] {
  return new ProgramCompiler(input, environment).compile(numbers, calls);
}

class ProgramCompiler {
  readonly #input: ProgramInput;
  readonly #environment: ExecutionEnvironment;

  constructor(input: ProgramInput, environment: ExecutionEnvironment) {
    this.#input = input;
    this.#environment = environment;
  }

  compile(numbers: readonly number[], calls: readonly WindowCall[]): CallProgram[] {
    const programs: CallProgram[] = [];
    const slices = new Map<string, NumberedCall[]>();
    const whole: NumberedCall[] = [];
    for (const number of numbers) {
      const call = narrowed(guardedWindow(calls[number]!));
      if (this.#isAccumulated(call)) {
        whole.push({ number, call });
        continue;
      }
      const program = this.#ownProgram(number, call);
      if (program !== undefined) {
        programs.push(program);
        continue;
      }
      const key = reachKey(call);
      const group = slices.get(key) ?? [];
      slices.set(key, group);
      group.push({ number, call });
    }
    for (const group of slices.values()) programs.push(this.#slice(group));
    if (whole.length > 0) programs.push(new WholeProgram(this.#optionsOf(whole), this.#environment));
    return programs;
  }

  /** The program of a call that is no slice. */
  #ownProgram(number: number, call: WindowCall): CallProgram | undefined {
    const { lanes, bound } = this.#input;
    switch (call.function) {
      case "row_number":
      case "rank":
      case "dense_rank":
        return new RankProgram(number, call.function, lanes, bound);
      case "percent_rank":
      case "cume_dist":
        return new ShareProgram(number, call.function);
      case "ntile": {
        const buckets = literalNumber(call.arguments[0]!) ?? 0;
        // Another number is an error of the slice.
        return buckets > 0 ? new BucketProgram(number, buckets, lanes) : undefined;
      }
      case "lag":
      case "lead":
      case "first_value":
      case "last_value":
      case "nth_value":
        return this.#pick(number, call);
      default:
        if (call.frame.exclude !== "no others") return undefined;
        return this.#aggregate(number, call);
    }
  }

  /** The program of a call that takes the value of another row, unless a slice does. */
  #pick(number: number, call: WindowCall): CallProgram | undefined {
    const bounds: RangeBounds[] = [];
    const pick = this.#pickOf(call, bounds);
    if (pick === undefined) return undefined;
    const { runs, columns, rows } = this.#input;
    return new PickProgram({ number, call, pick, bounds, runs, columns, rows }, this.#environment);
  }

  #pickOf(call: WindowCall, bounds: RangeBounds[]): Pick | undefined {
    const { function: name, frame, ignoreNulls, arguments: [, second] } = call;
    if (name === "lag" || name === "lead") {
      const distance = second === undefined ? 1 : literalNumber(second);
      if (!ignoreNulls || distance === undefined) return undefined;
      return { kind: "neighbour", distance: name === "lag" ? -distance : distance };
    }
    if (frame.exclude !== "no others") return undefined;
    if (!ignoreNulls && !isUnbounded(frame.start) && !isUnbounded(frame.end)) return undefined;
    const nth = name === "first_value" ? 1 : name === "last_value" ? -1 : literalNumber(second!) ?? 0;
    // Another number is an error of the slice.
    if (nth === 0 || (name === "nth_value" && nth < 0)) return undefined;
    return { kind: "frame", nth, ends: this.#ends(call, bounds) };
  }

  /** Where frames begin and end; adds to `bounds` those that are read for it. */
  #ends(call: WindowCall, bounds: RangeBounds[]): FrameEnds {
    const { unit, start, end } = call.frame;
    // Offsets that are none fail here, as they do for a slice.
    if (start.offset !== undefined || end.offset !== undefined) {
      windowPreparation(this.#environment, [call], new ScalarList());
    }
    const [first, last] = [start, end].map((bound): FrameEnd => ({
      kind: bound.kind,
      distance: unit === "range" ? 0 : this.#distance(bound),
      side: unit === "range" ? this.#rangeSide(call, bound, bounds) : "peers",
    }));
    return new FrameEnds(this.#input.runs, unit, first!, last!);
  }

  /** Whether a call is an aggregate over the whole partition, in which the order of rows does not matter. */
  #isAccumulated(call: WindowCall): boolean {
    if (NO_AGGREGATES.has(call.function) || call.frame.exclude !== "no others" || !isWhole(call)) {
      return false;
    }
    if (this.#isByOrder(call)) return false;
    const formed = call.arguments.some(({ type }) => hasForms(type));
    const isExtreme = call.function === "min" || call.function === "max";
    const isDouble = call.type.kind === "double" || call.type.kind === "real";
    // Of equal values these and DISTINCT take the first one in window order.
    if (WITHOUT_ORDER.has(call.function) && formed && !(isExtreme && isDouble)) return false;
    return !call.distinct || call.function === "count" || !formed;
  }

  #isByOrder(call: WindowCall): boolean {
    const { ordered, remove } = this.#definitionOf(call);
    return ordered === true || (remove === undefined && !WITHOUT_ORDER.has(call.function));
  }

  #definitionOf(call: WindowCall): AggregateDefinition {
    const types = call.arguments.map((argument) => argument.type);
    return this.#environment.functions.resolveAggregate(call.function, types).function;
  }

  #aggregate(number: number, call: WindowCall): CallProgram | undefined {
    const { frame } = call;
    const isForward = frame.start.kind === "unboundedPreceding";
    if (isForward === (frame.end.kind === "unboundedFollowing")) return undefined;
    if (call.distinct || this.#isByOrder(call)) return undefined;
    const environment = this.#environment;
    const argumentTypes = call.arguments.map((argument) => argument.type);
    const context: CallContext = {
      nowMicros: environment.nowMicros,
      timeZone: environment.timeZone,
      random: environment.random,
      argumentTypes,
      resultType: call.type,
    };
    const aggregate = runningAggregate(call, this.#definitionOf(call), context, !isForward);
    if (aggregate === undefined) return undefined;
    const { columns, rows, lanes } = this.#input;
    const bounds: RangeBounds[] = [];
    const ends = this.#ends(call, bounds);
    return new RunningProgram({ number, call, aggregate, ends, bounds, columns, rows, lanes }, environment);
  }

  #slice(group: readonly NumberedCall[]): CallProgram {
    const bounds: RangeBounds[] = [];
    const reach = this.#reach(group[0]!.call, bounds);
    const options = { ...this.#optionsOf(group), reach, bounds };
    return new SliceProgram(options, new ScalarList(), this.#environment);
  }

  #optionsOf(group: readonly NumberedCall[]): WholeProgramOptions {
    const { columns, rows } = this.#input;
    return {
      numbers: group.map(({ number }) => number),
      calls: group.map(({ call }) => call),
      columns,
      rows,
    };
  }

  /** Adds to `bounds` those that the reach reads. */
  #reach(call: WindowCall, bounds: RangeBounds[]): FrameReach {
    const { function: name, frame } = call;
    if (name === "lag" || name === "lead") return this.#neighbourReach(call);
    if (readsPartition(call)) return new PartitionReach();
    if (isUnbounded(frame.start) || isUnbounded(frame.end)) return new PartitionReach();
    if (frame.unit === "range") {
      const start = this.#rangeSide(call, frame.start, bounds);
      return new RangeReach(this.#input.runs, start, this.#rangeSide(call, frame.end, bounds));
    }
    const before = Math.max(0, -this.#distance(frame.start));
    const after = Math.max(0, this.#distance(frame.end));
    return frame.unit === "rows"
      ? new RowsReach(before, after)
      : new GroupsReach(this.#input.runs, before, after);
  }

  #neighbourReach({ function: name, arguments: args, ignoreNulls }: WindowCall): FrameReach {
    const offset = args[1];
    if (ignoreNulls) return new PartitionReach();
    const distance = offset === undefined ? 1 : literalNumber(offset);
    if (distance === undefined) {
      const { columns, rows } = this.#input;
      return new OffsetReach(new RowScalars([offset!], columns, rows, this.#environment), name === "lag");
    }
    const back = name === "lag" ? distance : -distance;
    return new RowsReach(Math.max(0, back), Math.max(0, -back));
  }

  #rangeSide(call: WindowCall, { kind, offset }: FrameBoundPlan, bounds: RangeBounds[]): RangeSide {
    if (offset === undefined) return "peers";
    const lanes = new RangeBounds(call.orderBy[0]!, { kind, offset }, this.#input, this.#environment);
    bounds.push(lanes);
    return lanes;
  }

  /** The rows or groups from the current one to a bound, negative before it. */
  #distance({ kind, offset }: FrameBoundPlan): number {
    if (offset === undefined) return 0;
    const value = Number(constantValue(offset, this.#environment));
    return kind === "preceding" ? -value : value;
  }
}

/** A call with the same values and a smaller frame: of a last or first row it does not matter what is before. */
function narrowed(call: WindowCall): WindowCall {
  const { function: name, frame } = call;
  if (NO_AGGREGATES.has(name) && !FRAMED.has(name)) return { ...call, frame: NO_FRAME };
  if (call.ignoreNulls || frame.exclude !== "no others") return call;
  if (name === "last_value" && frame.start.kind === "unboundedPreceding" && endsBehindRow(frame)) {
    return { ...call, frame: { ...frame, start: { kind: "currentRow" } } };
  }
  if (name === "first_value" && frame.end.kind === "unboundedFollowing" && beginsBeforeRow(frame)) {
    return { ...call, frame: { ...frame, end: { kind: "currentRow" } } };
  }
  return call;
}

/** Calls with equal keys have the same reach. */
function reachKey(call: WindowCall): string {
  const { function: name, frame } = call;
  if (name === "lag" || name === "lead") {
    return JSON.stringify([name, call.ignoreNulls, call.arguments.slice(1, 2).map(scalarKey)]);
  }
  if (readsPartition(call)) return "partition";
  const bound = ({ kind, offset }: FrameBoundPlan) => [kind, offset === undefined ? null : scalarKey(offset)];
  return JSON.stringify([frame.unit, bound(frame.start), bound(frame.end)]);
}

/** Calls whose value may depend on any row of the partition. */
function readsPartition({ function: name, ignoreNulls }: WindowCall): boolean {
  return ignoreNulls || name === "ntile";
}

function runningAggregate(
  call: WindowCall,
  definition: AggregateDefinition,
  context: CallContext,
  isBackward: boolean,
): RunningSum | RunningExtreme | RunningDefinition | undefined {
  const finish = finishSum(call);
  if (finish !== undefined) {
    const isCount = call.function === "count";
    return new RunningSum(finish, !isCount, !isCount && call.function !== "sum");
  }
  if (call.function === "min" || call.function === "max") {
    return new RunningExtreme(call.type, call.function === "max", isBackward);
  }
  // What cannot take rows back keeps them all, so that copies would be large.
  if (definition.merge === undefined || definition.remove === undefined) return undefined;
  return new RunningDefinition(definition, context);
}

/** Whether the frame is the whole partition for every row. */
function isWhole({ frame, orderBy }: WindowCall): boolean {
  const allPeers = orderBy.length === 0 && frame.unit !== "rows";
  const isEdge = ({ kind }: FrameBoundPlan) => isUnbounded({ kind }) || (allPeers && kind === "currentRow");
  return isEdge(frame.start) && isEdge(frame.end);
}

function isUnbounded({ kind }: FrameBoundPlan): boolean {
  return kind === "unboundedPreceding" || kind === "unboundedFollowing";
}

/** Whether the frame holds the current row, or begins behind it, and is not before it. */
function endsBehindRow({ end }: WindowFramePlan): boolean {
  return end.kind === "currentRow" || end.kind === "following" || end.kind === "unboundedFollowing";
}

function beginsBeforeRow({ start }: WindowFramePlan): boolean {
  return start.kind === "currentRow" || start.kind === "preceding" || start.kind === "unboundedPreceding";
}

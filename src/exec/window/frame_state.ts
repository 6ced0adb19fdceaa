/**
 * Any aggregate over frames, through its definition.
 *
 * While frames only move forward the state follows them: rows that enter are added, rows that leave removed
 * when the definition can, so a partition costs O(n). A definition that cannot remove is followed as long as
 * the frame's start stays, and computed anew for each row otherwise, as are frames with EXCLUDE and DISTINCT:
 * O(n * frame).
 *
 * @module
 */
import { datumKey } from "../../query/functions/compare.ts";
import type { AggregateDefinition, CallContext } from "../../query/function.ts";
import type { Datum } from "../../storage/sql_type.ts";
import type { Vector } from "../../storage/vector.ts";
import { vectorFromDatums } from "../vector_build.ts";
import type { FramePositions } from "./frame.ts";
import type { WindowOrder } from "./partitioned_order.ts";
import type { WindowComputation } from "./window_computation.ts";

/** States that follow frames. */
export class FrameStateComputation implements WindowComputation {
  readonly #definition: AggregateDefinition;
  readonly #context: CallContext;
  readonly #order: WindowOrder;
  readonly #frames: FramePositions;
  readonly #args: readonly (readonly Datum[])[];
  readonly #counts: ((row: number) => boolean) | null;
  readonly #distinct: boolean;
  readonly #results: Datum[];
  readonly #ranges: Int32Array = new Int32Array(6);

  constructor(options: {
    readonly definition: AggregateDefinition;
    readonly context: CallContext;
    readonly order: WindowOrder;
    readonly frames: FramePositions;
    /** The arguments by row, one array each. */
    readonly args: readonly (readonly Datum[])[];
    /** Whether a row passes FILTER; `null` without one. */
    readonly counts: ((row: number) => boolean) | null;
    readonly distinct: boolean;
  }) {
    this.#definition = options.definition;
    this.#context = options.context;
    this.#order = options.order;
    this.#frames = options.frames;
    this.#args = options.args;
    this.#counts = options.counts;
    this.#distinct = options.distinct;
    this.#results = new Array<Datum>(options.order.rowCount).fill(null);
  }

  compute(_from: number, _to: number, first: number, end: number): void {
    const moving = this.#frames.frame.exclude === "no others" && !this.#distinct;
    if (moving) this.#follow(first, end);
    else for (let at = first; at < end; at++) this.#results[this.#order.order[at]!] = this.#recompute(at);
  }

  result(): Vector {
    return vectorFromDatums(this.#context.resultType, this.#results, this.#order.rowCount);
  }

  #follow(first: number, last: number): void {
    const { starts, ends } = this.#frames;
    const { init, value, remove } = this.#definition;
    let state = init(this.#context);
    let start = starts[first]!;
    let end = start;
    let known: Datum | undefined;
    for (let at = first; at < last; at++) {
      const low = starts[at]!;
      const high = ends[at]!;
      if (low < start || high < end || (low > start && (remove === undefined || low >= end))) {
        state = init(this.#context);
        start = low;
        end = low;
        known = undefined;
      }
      if (low !== start || high !== end) known = undefined;
      for (; end < high; end++) this.#add(state, end);
      for (; start < low; start++) this.#remove(state, start);
      known ??= value(state, this.#context);
      this.#results[this.#order.order[at]!] = known;
    }
  }

  #add(state: unknown, position: number): void {
    const row = this.#order.order[position]!;
    if (this.#counts === null || this.#counts(row)) this.#definition.add(state, this.#argumentsOf(row));
  }

  #remove(state: unknown, position: number): void {
    const row = this.#order.order[position]!;
    if (this.#counts === null || this.#counts(row)) this.#definition.remove!(state, this.#argumentsOf(row));
  }

  #argumentsOf(row: number): Datum[] {
    return this.#args.map((values) => values[row]!);
  }

  #recompute(at: number): Datum {
    const { order } = this.#order;
    const ranges = this.#ranges;
    const length = this.#frames.rangesOf(at, ranges);
    const state = this.#definition.init(this.#context);
    const seen = this.#distinct ? new Set<string>() : null;
    for (let j = 0; j < length; j += 2) {
      for (let position = ranges[j]!; position < ranges[j + 1]!; position++) {
        const row = order[position]!;
        if (this.#counts !== null && !this.#counts(row)) continue;
        const args = this.#argumentsOf(row);
        if (seen !== null) {
          const key = JSON.stringify(args.map((arg, i) => keyText(arg, this.#context, i)));
          if (seen.has(key)) continue;
          seen.add(key);
        }
        this.#definition.add(state, args);
      }
    }
    return this.#definition.value(state, this.#context);
  }
}

function keyText(value: Datum, context: CallContext, index: number): string {
  if (value === null) return "";
  const key = datumKey(value, context.argumentTypes[index]!);
  return `${typeof key === "string" ? "s" : "n"}${key}`;
}

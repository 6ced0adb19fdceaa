/**
 * States of aggregates that take one row after the other: what running totals are made of.
 *
 * The values are those of the batch executor's kernels: count, sum and avg of whole numbers from count and sum,
 * min and max the first of the best values, all others by their definition.
 *
 * @module
 */
import type { FinishSum } from "../../exec/window/frame_sum.ts";
import type { AggregateDefinition, CallContext } from "../../query/function.ts";
import { compareDatums } from "../../query/functions/compare.ts";
import { addWhole, asWhole, type WholeNumber } from "../../query/functions/datum.ts";
import type { Datum, SqlType } from "../../storage/sql_type.ts";

/** The arguments of an aggregate by row, one array each, of rows that pass its FILTER. */
export type Arguments = readonly (readonly Datum[])[];

/** See the module header. */
export interface RunningAggregate<State> {
  init(): State;
  copy(state: State): State;
  /** The state with row `row` added, behind its rows; it may be the same object. */
  add(state: State, args: Arguments, row: number): State;
  /** The state with the rows of another one added, behind its rows; it may be the same object. */
  merge(state: State, other: State): State;
  value(state: State): Datum;
  /** Whether the row changes a state at all. */
  counts(args: Arguments, row: number): boolean;
  /** Whether two states with equal values give equal values whatever is added to both. */
  readonly isTold: boolean;
}

interface SumState {
  count: number;
  sum: WholeNumber;
}

/** count, and sum and avg of whole numbers. */
export class RunningSum implements RunningAggregate<SumState> {
  readonly isTold: boolean;
  readonly #finish: FinishSum;
  readonly #sums: boolean;

  /** `sums`: whether the sum counts, and not only the number of rows; `isMean`: whether both do. */
  constructor(finish: FinishSum, sums: boolean, isMean: boolean) {
    this.isTold = !isMean;
    this.#finish = finish;
    this.#sums = sums;
  }

  init(): SumState {
    return { count: 0, sum: 0 };
  }

  copy(state: SumState): SumState {
    return { ...state };
  }

  add(state: SumState, args: Arguments, row: number): SumState {
    const value = args.length === 0 ? 0 : args[0]![row]!;
    if (value === null) return state;
    state.count++;
    if (this.#sums) state.sum = addWhole(state.sum, asWhole(value));
    return state;
  }

  merge(state: SumState, { count, sum }: SumState): SumState {
    state.count += count;
    if (this.#sums) state.sum = addWhole(state.sum, sum);
    return state;
  }

  value({ count, sum }: SumState): Datum {
    return this.#finish(count, sum);
  }

  counts([values]: Arguments, row: number): boolean {
    return values?.[row] !== null;
  }
}

/** min and max: NULL before the first value. */
export class RunningExtreme implements RunningAggregate<Datum> {
  readonly isTold = true;
  readonly #type: SqlType;
  readonly #sign: 1 | -1;
  readonly #isBackward: boolean;

  /** `isBackward`: rows come from the last one of the window order on; of equal values the first in it is taken. */
  constructor(type: SqlType, greatest: boolean, isBackward: boolean) {
    this.#type = type;
    this.#sign = greatest ? 1 : -1;
    this.#isBackward = isBackward;
  }

  init(): Datum {
    return null;
  }

  copy(state: Datum): Datum {
    return state;
  }

  add(state: Datum, [values]: Arguments, row: number): Datum {
    return this.merge(state, values![row]!);
  }

  merge(state: Datum, other: Datum): Datum {
    if (other === null) return state;
    if (state === null) return other;
    const order = compareDatums(other, state, this.#type) * this.#sign;
    return order > 0 || (order === 0 && this.#isBackward) ? other : state;
  }

  value(state: Datum): Datum {
    return state;
  }

  counts([values]: Arguments, row: number): boolean {
    return values![row] !== null;
  }
}

/** Aggregates whose states can be merged. */
export class RunningDefinition implements RunningAggregate<unknown> {
  readonly isTold = false;
  readonly #definition: AggregateDefinition;
  readonly #context: CallContext;

  constructor(definition: AggregateDefinition, context: CallContext) {
    this.#definition = definition;
    this.#context = context;
  }

  init(): unknown {
    return this.#definition.init(this.#context);
  }

  copy(state: unknown): unknown {
    const copy = this.init();
    this.#definition.merge!(copy, state);
    return copy;
  }

  add(state: unknown, args: Arguments, row: number): unknown {
    this.#definition.add(state, args.map((values) => values[row]!));
    return state;
  }

  merge(state: unknown, other: unknown): unknown {
    this.#definition.merge!(state, other);
    return state;
  }

  value(state: unknown): Datum {
    return this.#definition.value(state, this.#context);
  }

  counts(): boolean {
    return true;
  }
}

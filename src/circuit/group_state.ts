/**
 * Incremental GROUP BY: accumulators per group, and the change of the output rows.
 *
 * ```
 * change ─► group of its key ─► add or remove in each accumulator ─► touched
 * flush  ─► per touched group: retract the old output row, emit the new one, unless they are equal
 * ```
 *
 * An aggregate that can remove costs O(1) per change. One that cannot, and any DISTINCT one, keeps the counted
 * set of its arguments and is computed anew from it, O(distinct arguments of the group), when the group is
 * touched. A group whose count falls to 0 is forgotten.
 *
 * @module
 */
import { evaluateRow, type RowEnvironment, type RowLookup } from "../exec/row_evaluator.ts";
import type { AggregateDefinition, CallContext } from "../query/function.ts";
import type { AggregateCall, AggregatePlan, Scalar } from "../query/plan.ts";
import type { Datum, SqlType } from "../storage/sql_type.ts";
import { rowKey, ZSet } from "./zset.ts";

interface Call {
  readonly definition: AggregateDefinition;
  readonly arguments: readonly Scalar[];
  readonly argumentTypes: readonly SqlType[];
  readonly filter: Scalar | null;
  readonly distinct: boolean;
  /** Adds and removes go straight to the accumulator. */
  readonly direct: boolean;
  readonly type: SqlType;
}

/** The accumulator of one aggregate of one group. */
interface Accumulator {
  state: unknown;
  /** Arguments with their counts, for aggregates that are not direct. */
  readonly counted: ZSet | undefined;
}

interface Group {
  readonly key: readonly Datum[];
  weight: number;
  readonly accumulators: readonly Accumulator[];
  output: readonly Datum[] | undefined;
}

/** Groups of one GROUP BY. */
export class GroupState {
  readonly #keys: readonly Scalar[];
  readonly #keyTypes: readonly SqlType[];
  readonly #calls: readonly Call[];
  readonly #types: readonly SqlType[];
  readonly #global: boolean;
  readonly #groups = new Map<string, Group>();
  readonly #touched = new Set<string>();

  constructor(
    plan: AggregatePlan,
    definitionOf: (call: AggregateCall) => AggregateDefinition,
  ) {
    this.#keys = plan.groups.map((group) => group.expression);
    this.#keyTypes = plan.groups.map((group) => group.type);
    this.#calls = plan.aggregates.map((call) => toCall(call, definitionOf(call)));
    this.#types = [...this.#keyTypes, ...plan.aggregates.map((call) => call.type)];
    this.#global = plan.groups.length === 0;
  }

  /** Groups held. */
  get groupCount(): number {
    return this.#groups.size;
  }

  /** Types of an output row: the group's keys, then the aggregates. */
  get types(): readonly SqlType[] {
    return this.#types;
  }

  /** Adds one input row `weight` times. */
  add(row: RowLookup, weight: number, env: RowEnvironment): void {
    const keyRow = this.#keys.map((scalar) => evaluateRow(scalar, row, env));
    const key = rowKey(keyRow, this.#keyTypes);
    const group = this.#group(key, keyRow, env);
    group.weight += weight;
    this.#calls.forEach((call, i) => {
      if (call.filter !== null && evaluateRow(call.filter, row, env) !== true) return;
      const args = call.arguments.map((scalar) => evaluateRow(scalar, row, env));
      accumulate(call, group.accumulators[i]!, args, weight);
    });
    this.#touched.add(key);
  }

  /** Makes the one group of an aggregate without GROUP BY, which has a row even over no input. */
  start(env: RowEnvironment): void {
    if (!this.#global) return;
    const key = rowKey([], []);
    this.#group(key, [], env);
    this.#touched.add(key);
  }

  /** Adds the change of the output since the last flush to `into`. */
  flush(env: RowEnvironment, into: (row: readonly Datum[], weight: number) => void): void {
    for (const key of this.#touched) {
      const group = this.#groups.get(key)!;
      const before = group.output;
      const after = group.weight > 0 || this.#global ? this.#outputOf(group, env) : undefined;
      if (after === undefined) this.#groups.delete(key);
      group.output = after;
      const unchanged = before !== undefined && after !== undefined &&
        rowKey(before, this.#types) === rowKey(after, this.#types);
      if (unchanged) continue;
      if (before !== undefined) into(before, -1);
      if (after !== undefined) into(after, 1);
    }
    this.#touched.clear();
  }

  #group(key: string, keyRow: readonly Datum[], env: RowEnvironment): Group {
    let group = this.#groups.get(key);
    if (group === undefined) {
      group = {
        key: keyRow,
        weight: 0,
        accumulators: this.#calls.map((call) => ({
          state: call.direct ? call.definition.init(contextOf(call, env)) : undefined,
          counted: call.direct ? undefined : new ZSet(call.argumentTypes),
        })),
        output: undefined,
      };
      this.#groups.set(key, group);
    }
    return group;
  }

  #outputOf(group: Group, env: RowEnvironment): readonly Datum[] {
    const values = this.#calls.map((call, i) => {
      const context = contextOf(call, env);
      return call.definition.value(stateOf(call, group.accumulators[i]!, context), context);
    });
    return [...group.key, ...values];
  }
}

function toCall(call: AggregateCall, definition: AggregateDefinition): Call {
  const args = [
    ...call.arguments,
    ...(definition.ordered === true ? call.orderBy.map((key) => key.expression) : []),
  ];
  return {
    definition,
    arguments: args,
    argumentTypes: args.map((argument) => argument.type),
    filter: call.filter,
    distinct: call.distinct,
    direct: definition.remove !== undefined && !call.distinct,
    type: call.type,
  };
}

function accumulate(call: Call, accumulator: Accumulator, args: readonly Datum[], weight: number): void {
  if (accumulator.counted !== undefined) {
    accumulator.counted.add(args, weight);
    return;
  }
  const { add, remove } = call.definition;
  for (let i = weight; i > 0; i--) add(accumulator.state, args);
  for (let i = weight; i < 0; i++) remove?.(accumulator.state, args);
}

function stateOf(call: Call, accumulator: Accumulator, context: CallContext): unknown {
  if (accumulator.counted === undefined) return accumulator.state;
  const state = call.definition.init(context);
  for (const { row, weight } of accumulator.counted) {
    for (let i = call.distinct ? 1 : weight; i > 0; i--) call.definition.add(state, row);
  }
  return state;
}

function contextOf(call: Call, env: RowEnvironment): CallContext {
  return {
    nowMicros: env.nowMicros,
    timeZone: env.timeZone,
    random: env.random,
    argumentTypes: call.argumentTypes,
    resultType: call.type,
  };
}

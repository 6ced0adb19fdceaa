/**
 * Aggregates by their definition, one state a group: those that can take rows back.
 *
 * @module
 */
import type { DenseVector } from "../../exec/vector_build.ts";
import { readDatums } from "../../exec/vector_read.ts";
import type { AggregateDefinition, CallContext } from "../../query/function.ts";
import type { Datum } from "../../storage/sql_type.ts";
import type { GroupAccumulator } from "./group_accumulator.ts";

const STATE_BYTES = 120;

/** See the module header. */
export class RowWiseStates implements GroupAccumulator {
  readonly examined = 0;
  readonly #definition: AggregateDefinition;
  readonly #remove: NonNullable<AggregateDefinition["remove"]>;
  readonly #context: CallContext;
  #states: unknown[] = [];

  constructor(
    definition: AggregateDefinition,
    remove: NonNullable<AggregateDefinition["remove"]>,
    context: CallContext,
  ) {
    this.#definition = definition;
    this.#remove = remove;
    this.#context = context;
  }

  get stateBytes(): number {
    return this.#states.length * STATE_BYTES;
  }

  reserve(groupCount: number): void {
    while (this.#states.length < groupCount) this.#states.push(undefined);
  }

  add(ids: Int32Array, args: readonly DenseVector[], weights: Int32Array, size: number): void {
    const columns = args.map((vector) => readDatums(vector, size));
    const { add } = this.#definition;
    let removed = false;
    for (let i = 0; i < size; i++) {
      const weight = weights[i]!;
      if (weight < 0) removed = true;
      if (weight <= 0) continue;
      const row = rowOf(columns, i);
      const state = this.#stateOf(ids[i]!);
      for (let copy = 0; copy < weight; copy++) add(state, row);
    }
    if (!removed) return;
    // A definition takes back only what it was given before.
    for (let i = 0; i < size; i++) {
      const weight = weights[i]!;
      if (weight >= 0) continue;
      const row = rowOf(columns, i);
      const state = this.#stateOf(ids[i]!);
      for (let copy = 0; copy > weight; copy--) this.#remove(state, row);
    }
  }

  /** The value of a group. */
  value(group: number): Datum {
    return this.#definition.value(this.#stateOf(group), this.#context);
  }

  clear(group: number): void {
    this.#states[group] = undefined;
  }

  renumber(groups: Int32Array): void {
    this.#states = Array.from(groups, (group) => this.#states[group]);
  }

  #stateOf(group: number): unknown {
    return this.#states[group] ??= this.#definition.init(this.#context);
  }
}

function rowOf(columns: readonly (readonly Datum[])[], i: number): Datum[] {
  const row: Datum[] = new Array<Datum>(columns.length);
  for (let j = 0; j < columns.length; j++) row[j] = columns[j]![i]!;
  return row;
}

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
    for (let i = 0; i < size; i++) {
      const row: Datum[] = new Array<Datum>(columns.length);
      for (let j = 0; j < columns.length; j++) row[j] = columns[j]![i]!;
      const state = this.#stateOf(ids[i]!);
      for (let weight = weights[i]!; weight > 0; weight--) add(state, row);
      for (let weight = weights[i]!; weight < 0; weight++) this.#remove(state, row);
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

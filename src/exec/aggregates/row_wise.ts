/**
 * Any aggregate, row by row through its definition: what has no faster form, and custom metrics.
 *
 * One state object a group, one call of `add` a row. The values of arguments are read in batches.
 *
 * @module
 */
import type { AggregateDefinition, CallContext } from "../../query/function.ts";
import type { Datum } from "../../storage/sql_type.ts";
import type { Vector } from "../../storage/vector.ts";
import { type DenseVector, vectorFromDatums } from "../vector_build.ts";
import { readDatums } from "../vector_read.ts";
import type { Accumulator } from "./accumulator.ts";

const STATE_BYTES = 100;

/** States of an {@linkcode AggregateDefinition}. */
export class RowWiseAccumulator implements Accumulator {
  readonly #definition: AggregateDefinition;
  readonly #context: CallContext;
  readonly #states: unknown[] = [];
  #rowCount = 0;

  constructor(definition: AggregateDefinition, context: CallContext) {
    this.#definition = definition;
    this.#context = context;
  }

  /** States may keep what they were given. */
  get memoryBytes(): number {
    return this.#states.length * STATE_BYTES + this.#rowCount * 8;
  }

  reserve(groupCount: number): void {
    while (this.#states.length < groupCount) this.#states.push(this.#definition.init(this.#context));
  }

  add(ids: Int32Array | null, args: readonly DenseVector[], size: number): void {
    const columns = args.map((vector) => readDatums(vector, size));
    const { add } = this.#definition;
    this.#rowCount += size;
    for (let i = 0; i < size; i++) {
      const row: Datum[] = new Array<Datum>(columns.length);
      for (let j = 0; j < columns.length; j++) row[j] = columns[j]![i]!;
      add(this.#states[ids === null ? 0 : ids[i]!], row);
    }
  }

  /** The value of one group. */
  value(group: number): Datum {
    return this.#definition.value(this.#states[group], this.#context);
  }

  result(from: number, to: number): Vector {
    const values = new Array<Datum>(to - from);
    for (let group = from; group < to; group++) values[group - from] = this.value(group);
    return vectorFromDatums(this.#context.resultType, values, to - from);
  }
}

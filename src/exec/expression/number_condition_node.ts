/**
 * Conditions on a number, a chunk at a time: as booleans, or as the rows that pass.
 *
 * @module
 */
import type { Datum } from "../../storage/sql_type.ts";
import type { Chunk } from "../../storage/vector.ts";
import * as kernel from "../kernels/comparison.gen.ts";
import { refineKnown } from "../kernels/nulls.ts";
import type { DenseVector } from "../vector_build.ts";
import { BooleanNode } from "./boolean_node.ts";
import type { NumberCondition } from "./number_condition.ts";
import { refineNumbers, selectNumbers } from "./number_filter.ts";
import { callRows, type RowFunction } from "./row_call.ts";
import { type ScalarNode, traitsOf } from "./scalar_node.ts";
import type { SelectiveNode } from "./selective.ts";

/** A number under a condition: compared with a constant, or looked up in a list. */
export class NumberConditionNode extends BooleanNode implements SelectiveNode {
  readonly subject: ScalarNode;
  readonly condition: NumberCondition;
  readonly #arguments: readonly ScalarNode[];
  readonly #function: RowFunction;

  /** `rowFunction` takes `args`, of which the first is what the condition is about. */
  constructor(
    args: readonly [ScalarNode, ...ScalarNode[]],
    condition: NumberCondition,
    rowFunction: RowFunction,
  ) {
    super(traitsOf(args, false));
    this.subject = args[0];
    this.#arguments = args;
    this.condition = condition;
    this.#function = rowFunction;
  }

  /** Whether one value, which is not NULL, passes. */
  testDatum(value: Datum): boolean {
    const constants = this.#arguments.slice(1).map((node) => node.constant ?? null);
    return this.#function.evaluate([value, ...constants], this.#function.context) === true;
  }

  evaluate(chunk: Chunk): DenseVector {
    const { size } = chunk;
    const vector = this.subject.evaluate(chunk);
    const out = this.output(size);
    switch (vector.kind) {
      case "i32":
        testInt32(vector.values, this.condition, size, out);
        break;
      case "f64":
        testFloat64(vector.values, this.condition, size, out);
        break;
      case "bool":
        testAny(vector.values, this.condition, size, out);
        break;
      default:
        return callRows(this.#function, this.#arguments.map((node) => node.evaluate(chunk)), size);
    }
    return this.result(out, vector.nulls, size);
  }

  select(chunk: Chunk, rows: Int32Array): number {
    const vector = this.subject.evaluate(chunk);
    if (vector.kind !== "i32" && vector.kind !== "f64" && vector.kind !== "bool") return -1;
    const count = selectNumbers(vector.values, this.condition, 0, chunk.size, rows);
    return vector.nulls === null ? count : refineKnown(vector.nulls, rows, count);
  }

  refine(chunk: Chunk, rows: Int32Array, count: number): number {
    const vector = this.subject.evaluate(chunk);
    if (vector.kind !== "i32" && vector.kind !== "f64" && vector.kind !== "bool") return -1;
    const kept = refineNumbers(vector.values, this.condition, rows, count);
    return vector.nulls === null ? kept : refineKnown(vector.nulls, rows, kept);
  }
}

/** Writes 1 where the condition holds. */
export function testInt32(
  values: Int32Array,
  condition: NumberCondition,
  size: number,
  out: Uint8Array,
): void {
  if (condition.kind === "unequal") return kernel.unequalInt32VC(values, condition.value, size, out);
  if (condition.kind !== "range") return testAny(values, condition, size, out);
  const { low, high } = condition;
  if (low === high) return kernel.equalInt32VC(values, low, size, out);
  if (low === -Infinity) return kernel.lessEqualInt32VC(values, high, size, out);
  if (high === Infinity) return kernel.greaterEqualInt32VC(values, low, size, out);
  testAny(values, condition, size, out);
}

/** Writes 1 where the condition holds. */
export function testFloat64(
  values: Float64Array,
  condition: NumberCondition,
  size: number,
  out: Uint8Array,
): void {
  if (condition.kind === "unequal") return kernel.unequalFloat64VC(values, condition.value, size, out);
  if (condition.kind === "atLeast") return kernel.greaterEqualFloat64VC(values, condition.low, size, out);
  if (condition.kind !== "range") return testAny(values, condition, size, out);
  const { low, high } = condition;
  if (low === high) return kernel.equalFloat64VC(values, low, size, out);
  if (low === -Infinity) return kernel.lessEqualFloat64VC(values, high, size, out);
  testAny(values, condition, size, out);
}

let scratchRows = new Int32Array(0);

function testAny(
  values: Int32Array | Float64Array | Uint8Array,
  condition: NumberCondition,
  size: number,
  out: Uint8Array,
): void {
  if (scratchRows.length < size) scratchRows = new Int32Array(size);
  const count = selectNumbers(values, condition, 0, size, scratchRows);
  out.fill(0, 0, size);
  for (let j = 0; j < count; j++) out[scratchRows[j]!] = 1;
}

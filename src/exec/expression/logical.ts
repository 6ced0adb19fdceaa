/**
 * AND, OR, NOT and IS NULL: three-valued logic over vectors of booleans.
 *
 * Arguments are evaluated in the order written, on the whole chunk. When that fails, an argument is
 * evaluated again on the rows alone that the arguments before it leave undecided, so that
 * `x <> 0 AND 1 / x > 2` does not divide by zero. O(arguments * rows).
 *
 * @module
 */
import type { Chunk } from "../../storage/vector.ts";
import type { DenseVector } from "../vector_build.ts";
import { asBooleans, BooleanNode } from "./boolean_node.ts";
import { evaluateSubset, tryEvaluate } from "./row_subset.ts";
import { type ScalarNode, traitsOf } from "./scalar_node.ts";

/** AND or OR of two or more arguments. OR is the AND of the negations, negated. */
export class LogicalNode extends BooleanNode {
  readonly #arguments: readonly ScalarNode[];
  /** 1 for OR: arguments and result are flipped. */
  readonly #flip: number;
  #values = new Uint8Array(0);
  #nulls = new Uint8Array(0);
  #selection = new Int32Array(0);

  constructor(kind: "and" | "or", args: readonly ScalarNode[]) {
    super(traitsOf(args, false));
    this.#arguments = args;
    this.#flip = kind === "or" ? 1 : 0;
  }

  evaluate(chunk: Chunk): DenseVector {
    const { size } = chunk;
    if (this.#values.length < size) {
      this.#values = new Uint8Array(size);
      this.#nulls = new Uint8Array(size);
    }
    const values = this.#values;
    const nulls = this.#nulls;
    values.fill(1, 0, size);
    nulls.fill(0, 0, size);
    this.#arguments.forEach((node, position) => this.#combine(node, chunk, position === 0));
    if (this.#flip === 1) flipWhereKnown(values, nulls, size);
    return { kind: "bool", values, nulls: hasOne(nulls, size) ? nulls : null };
  }

  #combine(node: ScalarNode, chunk: Chunk, first: boolean): void {
    const { size } = chunk;
    const whole = first ? node.evaluate(chunk) : tryEvaluate(node, chunk);
    if (whole !== null) {
      const argument = asBooleans(whole);
      if (argument.nulls === null) andKnown(this.#values, this.#nulls, argument.values, this.#flip, size);
      else andUnknown(this.#values, this.#nulls, argument.values, argument.nulls, this.#flip, size);
      return;
    }
    if (this.#selection.length < size) this.#selection = new Int32Array(size);
    const count = selectUndecided(this.#values, this.#nulls, size, this.#selection);
    const some = asBooleans(evaluateSubset(node, chunk, this.#selection, count));
    const rows = this.#selection;
    for (let j = 0; j < count; j++) {
      const i = rows[j]!;
      if (some.nulls !== null && some.nulls[j] === 1) {
        this.#nulls[i] = 1;
        this.#values[i] = 0;
      } else if ((some.values[j]! ^ this.#flip) === 0) {
        this.#nulls[i] = 0;
        this.#values[i] = 0;
      }
    }
  }
}

function andKnown(
  values: Uint8Array,
  nulls: Uint8Array,
  other: Uint8Array,
  flip: number,
  size: number,
): void {
  for (let i = 0; i < size; i++) {
    const v = other[i]! ^ flip;
    values[i]! &= v;
    nulls[i]! &= v;
  }
}

function andUnknown(
  values: Uint8Array,
  nulls: Uint8Array,
  other: Uint8Array,
  otherNulls: Uint8Array,
  flip: number,
  size: number,
): void {
  for (let i = 0; i < size; i++) {
    const unknown = otherNulls[i]!;
    const v = (other[i]! ^ flip) & (unknown ^ 1);
    const isFalse = (v ^ 1) & (unknown ^ 1) | (values[i]! ^ 1) & (nulls[i]! ^ 1);
    values[i]! &= v;
    nulls[i] = (nulls[i]! | unknown) & (isFalse ^ 1);
  }
}

function flipWhereKnown(values: Uint8Array, nulls: Uint8Array, size: number): void {
  for (let i = 0; i < size; i++) values[i] = (values[i]! ^ 1) & (nulls[i]! ^ 1);
}

function selectUndecided(values: Uint8Array, nulls: Uint8Array, size: number, out: Int32Array): number {
  let count = 0;
  for (let i = 0; i < size; i++) {
    out[count] = i;
    count += values[i]! | nulls[i]!;
  }
  return count;
}

function hasOne(bytes: Uint8Array, size: number): boolean {
  let or = 0;
  for (let i = 0; i < size; i++) or |= bytes[i]!;
  return or === 1;
}

/** NOT: NULL stays NULL. */
export class NotNode extends BooleanNode {
  readonly argument: ScalarNode;
  #values = new Uint8Array(0);

  constructor(argument: ScalarNode) {
    super(traitsOf([argument], false));
    this.argument = argument;
  }

  evaluate(chunk: Chunk): DenseVector {
    const { size } = chunk;
    const { values, nulls } = asBooleans(this.argument.evaluate(chunk));
    if (this.#values.length < size) this.#values = new Uint8Array(size);
    const out = this.#values;
    if (nulls === null) { for (let i = 0; i < size; i++) out[i] = values[i]! ^ 1; }
    else for (let i = 0; i < size; i++) out[i] = (values[i]! ^ 1) & (nulls[i]! ^ 1);
    return { kind: "bool", values: out, nulls };
  }
}

/** IS NULL and IS NOT NULL. */
export class IsNullNode extends BooleanNode {
  readonly argument: ScalarNode;
  readonly negated: boolean;
  #values = new Uint8Array(0);

  constructor(argument: ScalarNode, negated: boolean) {
    super(traitsOf([argument], false));
    this.argument = argument;
    this.negated = negated;
  }

  evaluate(chunk: Chunk): DenseVector {
    const { size } = chunk;
    const { nulls } = this.argument.evaluate(chunk);
    if (this.#values.length < size) this.#values = new Uint8Array(size);
    const flip = this.negated ? 1 : 0;
    const out = this.#values;
    if (nulls === null) out.fill(flip, 0, size);
    else for (let i = 0; i < size; i++) out[i] = nulls[i]! ^ flip;
    return { kind: "bool", values: out, nulls: null };
  }
}

/**
 * What nodes with a boolean result share: the array of results, and NULL handling.
 *
 * @module
 */
import { assert } from "../../base/assert.ts";
import { BOOLEAN, type SqlType } from "../../storage/sql_type.ts";
import type { BooleanVector, Chunk, NullBytes } from "../../storage/vector.ts";
import { clearBytes } from "../kernels/nulls.ts";
import type { DenseVector } from "../vector_build.ts";
import type { NodeTraits, ScalarNode } from "./scalar_node.ts";

/** The vector of a boolean expression. */
export function asBooleans(vector: DenseVector): BooleanVector {
  if (vector.kind === "bool") return vector;
  // A bare NULL has no kind of its own.
  assert(vector.kind === "object", () => `A boolean vector is needed: received ${vector.kind}`);
  return { kind: "bool", values: new Uint8Array(vector.values.length), nulls: vector.nulls };
}

/** A node whose results are booleans. */
export abstract class BooleanNode implements ScalarNode {
  readonly type: SqlType = BOOLEAN;
  readonly columns: ReadonlySet<number>;
  readonly fallible: boolean;
  readonly volatile: boolean;
  #values = new Uint8Array(0);

  constructor(traits: NodeTraits) {
    this.columns = traits.columns;
    this.fallible = traits.fallible;
    this.volatile = traits.volatile;
  }

  abstract evaluate(chunk: Chunk): DenseVector;

  /** The array to write results to, with room for `size`. The same each time. */
  protected output(size: number): Uint8Array {
    if (this.#values.length < size) this.#values = new Uint8Array(size);
    return this.#values;
  }

  /** `values` as a vector, with 0 under NULLs. */
  protected result(values: Uint8Array, nulls: NullBytes, size: number): DenseVector {
    if (nulls !== null) clearBytes(values, nulls, size);
    return { kind: "bool", values, nulls };
  }
}

/**
 * Columns of the input.
 *
 * @module
 */
import type { SqlType } from "../../storage/sql_type.ts";
import type { Chunk } from "../../storage/vector.ts";
import { StoredReader } from "../stored_gather.ts";
import type { DenseVector } from "../vector_build.ts";
import type { ScalarNode } from "./scalar_node.ts";

/** Column `position` of the input, decoded when it comes lazy. */
export class ColumnNode implements ScalarNode {
  readonly type: SqlType;
  readonly position: number;
  readonly columns: ReadonlySet<number>;
  readonly fallible = false;
  readonly volatile = false;
  readonly #reader = new StoredReader();

  constructor(type: SqlType, position: number) {
    this.type = type;
    this.position = position;
    this.columns = new Set([position]);
  }

  evaluate(chunk: Chunk): DenseVector {
    const vector = chunk.columns[this.position]!;
    return vector.kind === "lazy" ? this.#reader.read(vector.source, vector.rows, chunk.size) : vector;
  }
}

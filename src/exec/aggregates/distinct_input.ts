/**
 * DISTINCT and FILTER of aggregate calls: which rows of a chunk an accumulator sees.
 *
 * A row counts for DISTINCT when its group and arguments are a new key. O(arguments) a row.
 *
 * @module
 */
import { assert } from "../../base/assert.ts";
import { INTEGER, type SqlType } from "../../storage/sql_type.ts";
import type { Vector } from "../../storage/vector.ts";
import { gatherVector } from "../gather_vector.ts";
import { KeyTable } from "../key_table.ts";
import type { DenseVector } from "../vector_build.ts";
import type { DenseColumns } from "./aggregate_program.ts";

/** The first rows of each group and argument values. */
export class DistinctInput {
  readonly #positions: readonly number[];
  readonly #filter: number;
  readonly #table: KeyTable;
  #ids: Int32Array = new Int32Array(0);
  #zeros: Int32Array = new Int32Array(0);
  /** Rows of the last chunk to be added, ascending. */
  selected: Int32Array = new Int32Array(0);

  /** `positions` and `filter`: where the arguments and the condition stand among the vectors; -1 for none. */
  constructor(types: readonly SqlType[], positions: readonly number[], filter: number) {
    this.#positions = positions;
    this.#filter = filter;
    this.#table = new KeyTable([{ type: INTEGER }, ...types.map((type) => ({ type }))]);
  }

  get memoryBytes(): number {
    return this.#table.memoryBytes;
  }

  /** Finds the rows to add among `size` rows of the groups `ids` and writes them to `selected`. */
  select(ids: Int32Array | null, chunk: DenseColumns, size: number): void {
    if (this.#ids.length < size) {
      this.#ids = new Int32Array(size);
      this.#zeros = new Int32Array(size);
    }
    const columns: Vector[] = [
      { kind: "i32", values: ids ?? this.#zeros, nulls: null },
      ...this.#positions.map((position) => chunk.at(position)),
    ];
    if (this.#filter < 0) {
      const added = this.#table.assign(columns, size, this.#ids);
      this.selected = this.#table.freshRows.slice(0, added);
      return;
    }
    const rows = trueRows(chunk.at(this.#filter), size);
    const picked = columns.map((vector) => gatherVector(vector, rows, rows.length));
    const added = this.#table.assign(picked, rows.length, this.#ids);
    this.selected = this.#table.freshRows.subarray(0, added).map((row) => rows[row]!);
  }
}

/** The rows where a BOOLEAN vector is TRUE. */
export function trueRows(vector: DenseVector, size: number): Int32Array {
  assert(
    vector.kind === "bool" || vector.kind === "object",
    () => `Not a condition: received ${vector.kind}`,
  );
  const rows = new Int32Array(size);
  if (vector.kind === "object") return rows.subarray(0, 0);
  const { values, nulls } = vector;
  let count = 0;
  for (let i = 0; i < size; i++) {
    rows[count] = i;
    count += nulls === null ? values[i]! : values[i]! & (nulls[i]! ^ 1);
  }
  return rows.subarray(0, count);
}

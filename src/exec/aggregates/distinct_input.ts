/**
 * DISTINCT and FILTER of aggregate calls: which rows of a chunk an accumulator sees.
 *
 * A row counts for DISTINCT when its group and arguments are a new key. O(arguments) a row.
 *
 * @module
 */
import { assert } from "../../base/assert.ts";
import { INTEGER } from "../../storage/sql_type.ts";
import { gatherVector } from "../gather_vector.ts";
import { type KeyColumn, KeyTable } from "../key_table.ts";
import type { DenseVector } from "../vector_build.ts";
import { DistinctBits } from "./distinct_bits.ts";
import type { DenseColumns } from "./aggregate_program.ts";

const BATCH_ROWS = 4096;

/** What a {@linkcode DistinctInput} is made of. */
export interface DistinctOptions {
  /** The arguments. */
  readonly columns: readonly KeyColumn[];
  /** Where the arguments stand among the vectors. */
  readonly positions: readonly number[];
  /** Where the condition stands, -1 for none. */
  readonly filter: number;
  readonly rowsExpected: number;
}

/** The first rows of each group and argument values. */
export class DistinctInput {
  readonly #positions: readonly number[];
  readonly #filter: number;
  readonly #table: KeyTable;
  /** Instead of `#table` while values are whole numbers of a small range. */
  #bits: DistinctBits | null;
  #ids: Int32Array = new Int32Array(0);
  #zeros: Int32Array = new Int32Array(0);
  /** Rows of the last chunk to be added, ascending. */
  selected: Int32Array = new Int32Array(0);

  constructor({ columns, positions, filter, rowsExpected }: DistinctOptions) {
    this.#positions = positions;
    this.#filter = filter;
    this.#table = new KeyTable([{ type: INTEGER }, ...columns]);
    const bounds = columns.length === 1 ? columns[0]!.bounds : undefined;
    this.#bits = DistinctBits.fits(bounds) ? new DistinctBits(bounds, rowsExpected) : null;
  }

  get memoryBytes(): number {
    return this.#table.memoryBytes + (this.#bits?.memoryBytes ?? 0);
  }

  /** Finds the rows to add among `size` rows of the groups `ids` below `groupCount`: `selected`. */
  select(ids: Int32Array | null, groupCount: number, chunk: DenseColumns, size: number): void {
    if (this.#ids.length < size) {
      this.#ids = new Int32Array(size);
      this.#zeros = new Int32Array(size);
    }
    const groups = ids ?? this.#zeros;
    const columns = this.#positions.map((position) => chunk.at(position));
    if (this.#filter < 0) {
      this.selected = this.#fresh(groups, groupCount, columns, size);
      return;
    }
    const rows = trueRows(chunk.at(this.#filter), size);
    const count = rows.length;
    // Rows picked from a dense vector are a dense vector.
    const picked = columns.map((vector) => gatherVector(vector, rows, count) as DenseVector);
    const fresh = this.#fresh(rows.map((row) => groups[row]!), groupCount, picked, count);
    this.selected = fresh.map((row) => rows[row]!);
  }

  /** The rows whose group and values are new. */
  #fresh(
    groups: Int32Array,
    groupCount: number,
    columns: readonly DenseVector[],
    size: number,
  ): Int32Array {
    if (this.#bits !== null) {
      const added = this.#bits.reserve(groupCount)
        ? this.#bits.select(groups, columns[0]!, size, this.#ids)
        : -1;
      if (added >= 0) return this.#ids.slice(0, added);
      this.#leaveBits(this.#bits);
    }
    const added = this.#table.assign(
      [{ kind: "i32", values: groups, nulls: null }, ...columns],
      size,
      this.#ids,
    );
    return this.#table.freshRows.slice(0, added);
  }

  /** From now on keys are hashed. */
  #leaveBits(bits: DistinctBits): void {
    this.#bits = null;
    const assigned = new Int32Array(BATCH_ROWS);
    bits.forEachBatch(BATCH_ROWS, (ids, vector, size) => {
      this.#table.assign([{ kind: "i32", values: ids, nulls: null }, vector], size, assigned);
    });
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

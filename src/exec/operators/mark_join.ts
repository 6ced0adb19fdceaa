/**
 * Mark join: every left row with TRUE, FALSE or NULL for "some right row satisfies the condition".
 *
 * A match by key is TRUE. Otherwise the mark is NULL when some right row makes the condition NULL: only rows
 * with a NULL in their key, or any row when the left key has one, can do so, or a residual condition that is
 * NULL. With one key and no residual that needs no look at rows:
 *
 * ```
 * match                                    TRUE
 * left key NULL, right side not empty      NULL
 * right side has a NULL key                NULL
 * otherwise                                FALSE
 * ```
 *
 * O(1) a left row in that form; else O(candidates).
 *
 * @module
 */
import { assert } from "../../base/assert.ts";
import { type Chunk, CHUNK_ROWS, type NullBytes, type Vector } from "../../storage/vector.ts";
import type { Evaluator, ProjectionEvaluator } from "../expression/compile.ts";
import { materialize } from "../materialize.ts";
import type { JoinBuild } from "./hash_join_build.ts";
import { EMPTY_CHUNK, type RowBudget, type StreamOperator } from "./operator.ts";
import { selectColumns } from "./select_rows.ts";

/** What a mark join is made of. */
export interface MarkJoinOptions {
  readonly build: JoinBuild;
  /** The key expressions over the left input. */
  readonly keys: ProjectionEvaluator;
  /** For each key whether NULL makes its equality NULL. */
  readonly strictKeys: readonly boolean[];
  /** Whether the condition is at most one equality. */
  readonly simple: boolean;
  /** The whole condition over pairs of the left and right columns named here; unless simple. */
  readonly condition: Evaluator | null;
  readonly left: readonly number[];
  readonly right: readonly number[];
  /** Left columns to give before the mark. */
  readonly leftOutput: readonly number[];
}

const FALSE = 0;
const TRUE = 1;
const UNKNOWN = 2;

/** Adds the mark to left rows. */
export class MarkJoinOperator implements StreamOperator {
  readonly #options: MarkJoinOptions;
  readonly #leftRows: Int32Array = new Int32Array(CHUNK_ROWS);
  readonly #rightRows: Int32Array = new Int32Array(CHUNK_ROWS);
  readonly #ids: Int32Array = new Int32Array(CHUNK_ROWS);
  /** By left row: FALSE, TRUE or UNKNOWN. */
  readonly #marks: Uint8Array = new Uint8Array(CHUNK_ROWS);
  readonly #keyNull: Uint8Array = new Uint8Array(CHUNK_ROWS);
  #input: Chunk | null = null;
  #row = 0;
  #candidate = 0;
  /** Build rows without an id. */
  #unkeyed: Int32Array | null = null;

  constructor(options: MarkJoinOptions) {
    this.#options = options;
  }

  accept(chunk: Chunk): void {
    const { size } = chunk;
    assert(size <= CHUNK_ROWS, () => `Chunk too long: received ${size} rows`);
    const keys = this.#options.keys.evaluate(chunk).map((vector) => materialize(vector, size));
    this.#options.build.table.find(keys, size, this.#ids);
    this.#keyNull.fill(0, 0, size);
    keys.forEach(({ nulls }, j) => {
      if (this.#options.strictKeys[j] === true) orNulls(this.#keyNull, nulls, size);
    });
    this.#marks.fill(FALSE, 0, size);
    this.#input = chunk;
    this.#row = 0;
    this.#candidate = 0;
    if (this.#options.simple) this.#markSimply(size);
  }

  next(budget: RowBudget): Chunk | null {
    const chunk = this.#input;
    if (chunk === null) return null;
    if (!this.#options.simple && this.#row < chunk.size) {
      const count = this.#fillPairs(chunk.size);
      budget.rows -= count;
      this.#decide(chunk, count);
      return EMPTY_CHUNK;
    }
    this.#input = null;
    const columns: Vector[] = this.#options.leftOutput.map((position) => chunk.columns[position]!);
    columns.push(this.#markVector(chunk.size));
    return { size: chunk.size, columns };
  }

  #markSimply(size: number): void {
    const { build } = this.#options;
    const otherwise = build.hasUnkeyed ? UNKNOWN : FALSE;
    const whenNull = build.rowCount > 0 ? UNKNOWN : FALSE;
    for (let i = 0; i < size; i++) {
      this.#marks[i] = this.#ids[i]! >= 0 ? TRUE : this.#keyNull[i] === 1 ? whenNull : otherwise;
    }
  }

  /** Pairs of rows with candidates: those of the key and those without one, or all when the left key is NULL. */
  #fillPairs(size: number): number {
    const { build } = this.#options;
    const unkeyed = this.#unkeyed ??= rowsWithoutId(build);
    let count = 0;
    while (this.#row < size && count < CHUNK_ROWS) {
      const row = this.#row;
      const all = this.#keyNull[row] === 1;
      const id = this.#ids[row]!;
      const from = id < 0 ? 0 : build.unique ? id : build.offsets[id]!;
      const own = all || id < 0 ? 0 : build.unique ? 1 : build.offsets[id + 1]! - from;
      const total = this.#marks[row] === TRUE ? 0 : all ? build.rowCount : own + unkeyed.length;
      const end = Math.min(total, this.#candidate + CHUNK_ROWS - count);
      for (let at = this.#candidate; at < end; at++) {
        this.#leftRows[count] = row;
        this.#rightRows[count++] = all
          ? at
          : at >= own
          ? unkeyed[at - own]!
          : build.unique
          ? from
          : build.linked[from + at]!;
      }
      this.#candidate = end;
      if (end >= total) {
        this.#row++;
        this.#candidate = 0;
      }
    }
    return count;
  }

  #decide(chunk: Chunk, count: number): void {
    if (count === 0) return;
    const { build, condition, left, right } = this.#options;
    const columns = [
      ...selectColumns(left.map((position) => chunk.columns[position]!), this.#leftRows, count),
      ...build.rows.gather(right, this.#rightRows, count),
    ];
    assert(condition !== null, "A mark join that is not simple has a condition");
    const decided = materialize(condition.evaluate({ size: count, columns }), count);
    for (let i = 0; i < count; i++) {
      const row = this.#leftRows[i]!;
      if (decided.nulls !== null && decided.nulls[i] === 1) {
        if (this.#marks[row] === FALSE) this.#marks[row] = UNKNOWN;
      } else if (decided.values[i] === 1) this.#marks[row] = TRUE;
    }
  }

  #markVector(size: number): Vector {
    const values = new Uint8Array(size);
    let nulls: Uint8Array | null = null;
    for (let i = 0; i < size; i++) {
      const mark = this.#marks[i]!;
      values[i] = mark & TRUE;
      if (mark === UNKNOWN) (nulls ??= new Uint8Array(size))[i] = 1;
    }
    return { kind: "bool", values, nulls };
  }
}

function orNulls(into: Uint8Array, nulls: NullBytes, size: number): void {
  if (nulls !== null) { for (let i = 0; i < size; i++) into[i]! |= nulls[i]!; }
}

function rowsWithoutId(build: JoinBuild): Int32Array {
  if (!build.hasUnkeyed) return new Int32Array(0);
  const rows: number[] = [];
  for (let row = 0; row < build.rowCount; row++) if (build.ids[row]! < 0) rows.push(row);
  return Int32Array.from(rows);
}

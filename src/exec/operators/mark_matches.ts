/**
 * Semi and anti joins that build on the left: the right side streams past and marks the kept left rows.
 *
 * It pays when the left side is the smaller one, however large the right side is: its keys filter the scan of
 * the right side, and nothing of the right side is kept. Without a residual condition a key is marked once;
 * with one, the rows of a key that are not marked yet are its candidates. O(right rows + pairs).
 *
 * @module
 */
import { type Chunk, CHUNK_ROWS } from "../../storage/vector.ts";
import type { ProjectionEvaluator } from "../expression/compile.ts";
import type { JoinBuild } from "./hash_join_build.ts";
import type { JoinResidual } from "./hash_join_probe.ts";
import { EMPTY_CHUNK, type RowBudget, type Sink, type Source, type StreamOperator } from "./operator.ts";
import { selectColumns } from "./select_rows.ts";

/** Marks the rows of a build side that match what it accepts. Gives no rows. */
export class MarkMatches implements StreamOperator {
  readonly #build: JoinBuild;
  readonly #keys: ProjectionEvaluator;
  /** Its `left` are columns of the probe side, its `right` those of the build side. */
  readonly #residual: JoinResidual | null;
  readonly #ids: Int32Array = new Int32Array(CHUNK_ROWS);
  readonly #probeRows: Int32Array = new Int32Array(CHUNK_ROWS);
  readonly #buildRows: Int32Array = new Int32Array(CHUNK_ROWS);
  readonly #selection: Int32Array = new Int32Array(CHUNK_ROWS);
  /** By key without a residual, else by row. */
  #marks: Uint8Array | null = null;
  #input: Chunk | null = null;
  #row = 0;
  #candidate = 0;

  constructor(build: JoinBuild, keys: ProjectionEvaluator, residual: JoinResidual | null) {
    this.#build = build;
    this.#keys = keys;
    this.#residual = residual;
  }

  accept(chunk: Chunk): void {
    this.#build.table.find(this.#keys.evaluate(chunk), chunk.size, this.#ids);
    if (this.#residual === null) {
      markKeys(this.#ids, chunk.size, this.#marksOf());
      return;
    }
    this.#input = chunk;
    this.#row = 0;
    this.#candidate = 0;
  }

  next(budget: RowBudget): Chunk | null {
    const chunk = this.#input;
    if (chunk === null) return null;
    const count = this.#fillPairs(chunk.size);
    if (this.#row >= chunk.size) this.#input = null;
    budget.rows -= count;
    if (count > 0) this.#markPairs(chunk, this.#residual!, count);
    return EMPTY_CHUNK;
  }

  /** Whether a build row has matched. */
  isMarked(row: number): boolean {
    if (this.#residual !== null) return this.#marksOf()[row] === 1;
    const id = this.#build.ids[row]!;
    return id >= 0 && this.#marksOf()[id] === 1;
  }

  #marksOf(): Uint8Array {
    return this.#marks ??= new Uint8Array(
      this.#residual === null ? this.#build.table.count : this.#build.rowCount,
    );
  }

  #fillPairs(size: number): number {
    const { unique, offsets, linked } = this.#build;
    const marks = this.#marksOf();
    let count = 0;
    while (this.#row < size && count < CHUNK_ROWS) {
      const id = this.#ids[this.#row]!;
      const from = id < 0 ? 0 : unique ? id : offsets[id]!;
      const to = id < 0 ? 0 : unique ? id + 1 : offsets[id + 1]!;
      let at = from + this.#candidate;
      for (; at < to && count < CHUNK_ROWS; at++) {
        const row = unique ? at : linked[at]!;
        if (marks[row] === 1) continue;
        this.#probeRows[count] = this.#row;
        this.#buildRows[count++] = row;
      }
      if (at >= to) {
        this.#row++;
        this.#candidate = 0;
      } else this.#candidate = at - from;
    }
    return count;
  }

  #markPairs(chunk: Chunk, residual: JoinResidual, count: number): void {
    const columns = [
      ...selectColumns(residual.left.map((position) => chunk.columns[position]!), this.#probeRows, count),
      ...this.#build.rows.gather(residual.right, this.#buildRows, count),
    ];
    const kept = residual.predicate.select({ size: count, columns }, this.#selection);
    const marks = this.#marksOf();
    for (let i = 0; i < kept; i++) marks[this.#buildRows[this.#selection[i]!]!] = 1;
  }
}

function markKeys(ids: Int32Array, size: number, marks: Uint8Array): void {
  for (let i = 0; i < size; i++) if (ids[i]! >= 0) marks[ids[i]!] = 1;
}

/** Ends a pipeline that works by side effect. */
export class DiscardSink implements Sink {
  consume(): void {}

  finish(): boolean {
    return true;
  }
}

/** Gives the build rows that are marked, or those that are not. */
export class MarkedSource implements Source {
  readonly #marking: MarkMatches;
  readonly #build: JoinBuild;
  readonly #positions: readonly number[];
  readonly #marked: boolean;
  readonly #rows: Int32Array = new Int32Array(CHUNK_ROWS);
  #at = 0;

  constructor(marking: MarkMatches, build: JoinBuild, positions: readonly number[], marked: boolean) {
    this.#marking = marking;
    this.#build = build;
    this.#positions = positions;
    this.#marked = marked;
  }

  next(budget: RowBudget): Chunk | null {
    const { rowCount } = this.#build;
    if (this.#at >= rowCount) return null;
    const from = this.#at;
    let count = 0;
    for (; this.#at < rowCount && count < CHUNK_ROWS; this.#at++) {
      if (this.#marking.isMarked(this.#at) === this.#marked) this.#rows[count++] = this.#at;
    }
    budget.rows -= this.#at - from;
    if (count === 0) return EMPTY_CHUNK;
    return { size: count, columns: this.#build.rows.gather(this.#positions, this.#rows, count) };
  }
}

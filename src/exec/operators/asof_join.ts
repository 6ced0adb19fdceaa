/**
 * ASOF join: for each left row the one right row with equal keys that is nearest by an inequality.
 *
 * ```
 * left.at >= right.at      the greatest right.at not above left.at
 * left.at >  right.at      ... below left.at
 * left.at <= right.at      the least right.at not below left.at
 * ```
 *
 * Right rows are sorted by key id and then by the ordering value, and each left row is found by binary search.
 * O(right log right + left log right).
 *
 * @module
 */
import { compareDatums } from "../../query/functions/compare.ts";
import type { Datum, SqlType } from "../../storage/sql_type.ts";
import { type Chunk, CHUNK_ROWS, type Vector } from "../../storage/vector.ts";
import type { Evaluator, ProjectionEvaluator } from "../expression/compile.ts";
import { materialize } from "../materialize.ts";
import { readDatums } from "../vector_read.ts";
import type { JoinBuild } from "./hash_join_build.ts";
import { EMPTY_CHUNK, type RowBudget, type Sink, type StreamOperator } from "./operator.ts";
import { selectColumns } from "./select_rows.ts";
import { MergeSort } from "./sort_order.ts";

/** The inequality `left operator right`. */
export type AsofOperator = ">=" | ">" | "<=" | "<";

/** What an ASOF join is made of. */
export interface AsofJoinOptions {
  readonly build: AsofBuild;
  /** The equality keys over the left input. */
  readonly keys: ProjectionEvaluator;
  /** The ordering value over the left input. */
  readonly value: Evaluator;
  readonly operator: AsofOperator;
  /** Whether left rows without a match stay. */
  readonly keepsLeft: boolean;
  readonly leftOutput: readonly number[];
  readonly rightOutput: readonly number[];
}

/** The right side: a hash join's build side whose rows are then sorted within each key. */
export class AsofBuild implements Sink {
  readonly rows: JoinBuild;
  readonly type: SqlType;
  readonly #value: Evaluator;
  /** Ordering values by row. */
  readonly #values: Datum[] = [];
  /** Rows by id and value; rows with a NULL are left out. */
  #sort: MergeSort | null = null;
  /** Start of each id's rows. */
  #offsets: Int32Array = new Int32Array(0);

  constructor(rows: JoinBuild, value: Evaluator) {
    this.rows = rows;
    this.type = value.type;
    this.#value = value;
  }

  consume(chunk: Chunk): void {
    const values = readDatums(materialize(this.#value.evaluate(chunk), chunk.size), chunk.size);
    for (const value of values) this.#values.push(value);
    this.rows.consume(chunk);
  }

  finish(budget: RowBudget): boolean {
    if (this.#sort === null) {
      if (!this.rows.finish(budget)) return false;
      this.#prepare();
    }
    return this.#sort!.run(budget);
  }

  #prepare(): void {
    const { ids, rowCount, table } = this.rows;
    const values = this.#values;
    const kept = new Int32Array(rowCount);
    const offsets = new Int32Array(table.count + 1);
    let count = 0;
    for (let row = 0; row < rowCount; row++) {
      if (ids[row]! < 0 || values[row] === null) continue;
      kept[count++] = row;
      offsets[ids[row]! + 1]!++;
    }
    for (let id = 0; id < table.count; id++) offsets[id + 1]! += offsets[id]!;
    this.#offsets = offsets;
    this.#sort = new MergeSort(
      kept.slice(0, count),
      (a, b) => ids[a]! - ids[b]! || compareDatums(values[a]!, values[b]!, this.type),
    );
  }

  /** The row nearest to `value` among those of `id`; -1 for none. */
  nearest(id: number, value: Datum, operator: AsofOperator): number {
    if (id < 0 || value === null) return -1;
    const order = this.#sort!.order;
    const start = this.#offsets[id]!;
    const end = this.#offsets[id + 1]!;
    // Below `from` every value comes before the left one; with `>=` and `<` also those that equal it.
    const inclusive = operator === ">=" || operator === "<";
    let from = start;
    let to = end;
    while (from < to) {
      const middle = (from + to) >>> 1;
      const comparison = compareDatums(this.#values[order[middle]!]!, value, this.type);
      if (comparison < 0 || (inclusive && comparison === 0)) from = middle + 1;
      else to = middle;
    }
    if (operator === ">=" || operator === ">") return from > start ? order[from - 1]! : -1;
    return from < end ? order[from]! : -1;
  }
}

/** Probes an {@linkcode AsofBuild}. */
export class AsofProbe implements StreamOperator {
  readonly #options: AsofJoinOptions;
  readonly #ids: Int32Array = new Int32Array(CHUNK_ROWS);
  readonly #leftRows: Int32Array = new Int32Array(CHUNK_ROWS);
  readonly #rightRows: Int32Array = new Int32Array(CHUNK_ROWS);
  #input: Chunk | null = null;

  constructor(options: AsofJoinOptions) {
    this.#options = options;
  }

  accept(chunk: Chunk): void {
    this.#input = chunk;
  }

  next(): Chunk | null {
    const chunk = this.#input;
    if (chunk === null) return null;
    this.#input = null;
    const { size } = chunk;
    const { build, keys, value, operator, keepsLeft, leftOutput, rightOutput } = this.#options;
    build.rows.table.find(keys.evaluate(chunk), size, this.#ids);
    const values = readDatums(materialize(value.evaluate(chunk), size), size);
    let count = 0;
    for (let row = 0; row < size; row++) {
      const found = build.nearest(this.#ids[row]!, values[row]!, operator);
      if (found < 0 && !keepsLeft) continue;
      this.#leftRows[count] = row;
      this.#rightRows[count++] = found;
    }
    if (count === 0) return EMPTY_CHUNK;
    const columns: Vector[] = leftOutput.map((position) => chunk.columns[position]!);
    return {
      size: count,
      columns: [
        ...(count === size ? columns : selectColumns(columns, this.#leftRows, count)),
        ...build.rows.rows.gather(rightOutput, this.#rightRows, count),
      ],
    };
  }
}

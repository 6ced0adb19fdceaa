/**
 * Set-returning functions in FROM: for each input row the rows that the calls give, side by side.
 *
 * The rows of a call are drawn one at a time, so a long or endless series can be stopped between any two.
 *
 * @module
 */
import { QueryError } from "../../base/error.ts";
import type { Datum, SqlType } from "../../storage/sql_type.ts";
import { type Chunk, CHUNK_ROWS } from "../../storage/vector.ts";
import type { ProjectionEvaluator } from "../expression/compile.ts";
import { vectorFromDatums } from "../vector_build.ts";
import { datumAt } from "../vector_read.ts";
import { EMPTY_CHUNK, type RowBudget, type StreamOperator } from "./operator.ts";
import { selectColumns } from "./select_rows.ts";

/** One call. */
export interface TableFunctionCall {
  readonly arguments: ProjectionEvaluator;
  /** Number of columns. */
  readonly width: number;
  readonly evaluate: (args: readonly Datum[]) => Iterable<readonly Datum[]>;
}

/** What the operator is made of. */
export interface TableFunctionOptions {
  readonly calls: readonly TableFunctionCall[];
  /** Types of the columns of all calls, and of the ordinality. */
  readonly types: readonly SqlType[];
  readonly ordinality: boolean;
  readonly outer: boolean;
  /** Input columns to give. */
  readonly inputOutput: readonly number[];
}

/** Adds the rows of table functions to each input row. */
export class TableFunctionOperator implements StreamOperator {
  readonly #options: TableFunctionOptions;
  readonly #rows: Int32Array = new Int32Array(CHUNK_ROWS);
  #input: Chunk | null = null;
  #row = 0;
  /** The open series of the current row; `null` before it was asked for. */
  #series: Iterator<readonly Datum[]>[] | null = null;
  #ordinal = 0;

  constructor(options: TableFunctionOptions) {
    this.#options = options;
  }

  accept(chunk: Chunk): void {
    this.#input = chunk;
    this.#row = 0;
    this.#series = null;
  }

  next(budget: RowBudget): Chunk | null {
    const chunk = this.#input;
    if (chunk === null) return null;
    const made: Datum[][] = this.#options.types.map(() => []);
    let count = 0;
    while (this.#row < chunk.size && count < CHUNK_ROWS) {
      if (this.#giveRow(chunk, made)) this.#rows[count++] = this.#row;
      if (this.#series === null) this.#row++;
    }
    budget.rows -= count;
    if (this.#row >= chunk.size) this.#input = null;
    if (count === 0) return EMPTY_CHUNK;
    const { inputOutput, types } = this.#options;
    return {
      size: count,
      columns: [
        ...selectColumns(inputOutput.map((position) => chunk.columns[position]!), this.#rows, count),
        ...types.map((type, j) => vectorFromDatums(type, made[j]!, count)),
      ],
    };
  }

  /** Adds the next row of the current input row, if there is one; closes the series when there is none. */
  #giveRow(chunk: Chunk, made: Datum[][]): boolean {
    const { calls, ordinality, outer } = this.#options;
    const first = this.#series === null;
    if (this.#series === null) {
      this.#ordinal = 0;
      this.#series = calls.map((call) => {
        const args = call.arguments.evaluate(chunk).map((vector) => datumAt(vector, this.#row));
        return call.evaluate(args)[Symbol.iterator]();
      });
    }
    const results = this.#series.map((iterator) => iterator.next());
    const ended = results.every((result) => result.done === true);
    if (ended) this.#series = null;
    if (ended && !(first && outer)) return false;
    let at = 0;
    results.forEach((result, j) => {
      const { width } = calls[j]!;
      const values = result.done === true ? undefined : result.value;
      if (values !== undefined && values.length !== width) {
        throw new QueryError("column-count", `Table function gives ${values.length} columns, not ${width}`);
      }
      for (let i = 0; i < width; i++) made[at++]!.push(values?.[i] ?? null);
    });
    this.#ordinal++;
    if (ordinality) made[at]!.push(ended ? null : this.#ordinal);
    return true;
  }
}

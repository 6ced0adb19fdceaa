/**
 * UNION ALL: one input after the other, columns by position.
 *
 * @module
 */
import type { Chunk } from "../../storage/vector.ts";
import type { RowBudget, Source } from "./operator.ts";

/** A source and where the columns to give stand in its chunks. */
export interface ConcatInput {
  readonly source: Source;
  readonly positions: readonly number[];
}

/** Gives the chunks of several sources. */
export class ConcatSource implements Source {
  readonly #inputs: readonly ConcatInput[];
  #index = 0;

  constructor(inputs: readonly ConcatInput[]) {
    this.#inputs = inputs;
  }

  next(budget: RowBudget): Chunk | null {
    while (this.#index < this.#inputs.length) {
      const { source, positions } = this.#inputs[this.#index]!;
      const chunk = source.next(budget);
      if (chunk !== null) {
        return chunk.size === 0
          ? chunk
          : { size: chunk.size, columns: positions.map((position) => chunk.columns[position]!) };
      }
      source.close?.();
      this.#index++;
    }
    return null;
  }

  close(): void {
    for (const input of this.#inputs) input.source.close?.();
  }
}

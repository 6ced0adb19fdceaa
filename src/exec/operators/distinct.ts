/**
 * DISTINCT and DISTINCT ON: passes the first row of each key. Streams; O(columns) a row.
 *
 * @module
 */
import { type Chunk, CHUNK_ROWS } from "../../storage/vector.ts";
import type { ProjectionEvaluator } from "../expression/compile.ts";
import type { KeyTable } from "../key_table.ts";
import { materialize } from "../materialize.ts";
import type { MemoryShare } from "./memory_budget.ts";
import { EMPTY_CHUNK, type StreamOperator } from "./operator.ts";
import { selectRows } from "./select_rows.ts";

/** Passes rows that it has not seen. */
export class DistinctOperator implements StreamOperator {
  readonly #table: KeyTable;
  readonly #memory: MemoryShare;
  readonly #keys: ProjectionEvaluator | null;
  #ids: Int32Array = new Int32Array(CHUNK_ROWS);
  #input: Chunk | null = null;

  /** `keys`: the expressions that must differ; whole rows when null. */
  constructor(table: KeyTable, memory: MemoryShare, keys: ProjectionEvaluator | null = null) {
    this.#table = table;
    this.#memory = memory;
    this.#keys = keys;
  }

  accept(chunk: Chunk): void {
    this.#input = chunk;
  }

  next(): Chunk | null {
    const input = this.#input;
    if (input === null) return null;
    this.#input = null;
    const { size } = input;
    if (this.#ids.length < size) this.#ids = new Int32Array(size);
    const columns = this.#keys === null
      ? input.columns.map((vector) => materialize(vector, size))
      : input.columns;
    const added = this.#table.assign(this.#keys?.evaluate(input) ?? columns, size, this.#ids);
    if (added === 0) return EMPTY_CHUNK;
    this.#memory.set(this.#table.memoryBytes);
    return added === size ? input : selectRows({ size, columns }, this.#table.freshRows, added);
  }
}

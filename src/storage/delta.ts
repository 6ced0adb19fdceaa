/**
 * Deltas: what a commit changed in one table, as a Z-set in chunks.
 *
 * A row with weight -1 carries the values it had before, a row with weight +1 those it has now. Each chunk has
 * weights of one sign, and all -1 chunks come first.
 *
 * @module
 */
import type { DenseVector } from "./gather.ts";
import { densify } from "./gather.ts";
import { CHUNK_ROWS, type Vector } from "./vector.ts";

/** Rows of a delta in columns. */
export interface DeltaChunk {
  /** Rows of the chunk. */
  readonly size: number;
  /** One vector per column of the table. */
  readonly columns: readonly Vector[];
  /** +1 or -1 a row. */
  readonly weights: Int32Array;
  /** Where the row is, or was, in the table. */
  readonly rowIds: Int32Array;
}

/** Rows of a delta that all went, or all came, with their columns on demand. */
export interface DeltaRun {
  /** Rows of the run. */
  readonly size: number;
  /** Of each row. */
  readonly weight: 1 | -1;
  /** Where the rows are, or were, in the table; ascending. */
  readonly rowIds: Int32Array;
  /** A column of the table. */
  column(ordinal: number): Vector;
}

/** The change of one table from one version to the next. */
export interface TableDelta {
  /** The table that changed. */
  readonly table: string;
  /** The version that the change leads to. */
  readonly version: number;
  /** Rows of all chunks together. */
  readonly rowCount: number;
  /** May be called several times, as long as the delta is valid: until the table's next change. */
  chunks(): Iterable<DeltaChunk>;
  /** The same rows, for who reads few columns of them. */
  runs(): readonly DeltaRun[];
}

/** A delta that holds its values and stays valid. */
export class StoredDelta implements TableDelta {
  readonly table: string;
  readonly version: number;
  readonly rowCount: number;
  readonly #chunks: readonly DeltaChunk[];

  constructor(table: string, version: number, chunks: readonly DeltaChunk[]) {
    this.table = table;
    this.version = version;
    this.#chunks = chunks;
    this.rowCount = chunks.reduce((sum, chunk) => sum + chunk.size, 0);
  }

  /** A copy of `delta` that outlives the table's next change. */
  static from(delta: TableDelta): StoredDelta {
    if (delta instanceof StoredDelta) return delta;
    const chunks: DeltaChunk[] = [];
    for (const chunk of delta.chunks()) {
      const columns = chunk.columns.map((vector): DenseVector => densify(vector, chunk.size));
      chunks.push({ ...chunk, columns });
    }
    return new StoredDelta(delta.table, delta.version, chunks);
  }

  chunks(): Iterable<DeltaChunk> {
    return this.#chunks;
  }

  runs(): readonly DeltaRun[] {
    return this.#chunks.map(({ size, columns, weights, rowIds }) => ({
      size,
      weight: weights[0]! < 0 ? -1 : 1,
      rowIds,
      column: (ordinal) => columns[ordinal]!,
    }));
  }
}

/** Cuts sorted row ids into chunks; `columnsOf` gives their columns. */
export function* chunksOfRows(
  rows: Int32Array,
  weight: 1 | -1,
  columnsOf: (rows: Int32Array) => readonly Vector[],
): Generator<DeltaChunk, void, undefined> {
  for (let from = 0; from < rows.length; from += CHUNK_ROWS) {
    const rowIds = rows.length <= CHUNK_ROWS ? rows : rows.subarray(from, from + CHUNK_ROWS);
    const weights = new Int32Array(rowIds.length).fill(weight);
    yield { size: rowIds.length, columns: columnsOf(rowIds), weights, rowIds };
  }
}

/**
 * What every reader of a file format gives: columns with types, then batches of typed columns.
 *
 * A reader looks at the beginning (or, for formats with a schema, at the schema) when it is opened, so the
 * columns are known before the first batch; the batches are then read one at a time, each once.
 *
 * @module
 */
import type { ColumnBatch } from "../../src/storage/column_batch.ts";
import type { SqlType } from "../../src/storage/sql_type.ts";

/** A column of a file. */
export interface SourceColumn {
  readonly name: string;
  readonly type: SqlType;
  /** False only where the format promises it. */
  readonly nullable: boolean;
}

/** How far a reader is. */
export interface ReadProgress {
  readonly rows: number;
  /** Bytes of the file that were read, before decompression. */
  readonly bytes: number;
  /** Absent for streams of unknown length. */
  readonly totalBytes?: number;
}

/** What all readers take. */
export interface ReadOptions {
  /** Called after every batch. */
  readonly onProgress?: (progress: ReadProgress) => void;
}

/** An opened file. */
export interface ColumnSource {
  readonly columns: readonly SourceColumn[];
  /** Known beforehand in formats that say so. */
  readonly rowCount?: number;
  /** The rows. May be called once. */
  batches(): AsyncIterable<ColumnBatch>;
}

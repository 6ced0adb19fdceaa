/**
 * Rows on their way into a table: what every reader of a body gives, and how a batch is cut.
 *
 * @module
 */
import type { InputRows } from "../../../src/kernel/insert.ts";
import type { BatchColumn, ColumnBatch } from "../../../src/storage/column_batch.ts";

/** Where a row stands in the body. */
export interface RowPlace {
  /** Number of the row, from 1. */
  readonly row: number;
  /** Its line, from 1, in formats that have lines. */
  readonly line?: number;
}

/** A row that was left out. */
export interface RowError extends RowPlace {
  /** The code of the error. */
  readonly code: string;
  /** What is wrong with it. */
  readonly reason: string;
}

/** Rows that are committed together. */
export interface IngestBatch {
  /** Rows that could be read. */
  readonly rowCount: number;
  /** Rows of the body that the batch stands for, those that could not be read among them. */
  readonly recordCount: number;
  /** Rows that could not be read; only where errors are skipped. */
  readonly unreadable: readonly RowError[];
  /** The rows from `from` up to `to`, to be inserted. */
  rows(from: number, to: number): InputRows;
  /** Where row `row` of the batch stands. */
  placeOf(row: number): RowPlace;
}

/** How a body is read. */
export interface ReadBatchOptions {
  /** Rows of a batch at most. */
  readonly batchRows: number;
  /** Leave out rows that cannot be read and name them, instead of failing. */
  readonly skipErrors: boolean;
  /** Rows to pass over: those that an earlier attempt has committed. */
  readonly skipRecords: number;
  /** Characters of one row at most. */
  readonly rowLengthMax: number;
}

/** A batch of typed columns. `firstRow` is the number of its first row in the body. */
export function columnsBatch(batch: ColumnBatch, firstRow: number): IngestBatch {
  return {
    rowCount: batch.rowCount,
    recordCount: batch.rowCount,
    unreadable: [],
    rows: (from, to) => from === 0 && to === batch.rowCount ? batch : sliceBatch(batch, from, to),
    placeOf: (row) => ({ row: firstRow + row }),
  };
}

/** Rows `from` to `to` of `batch`, sharing its memory. */
export function sliceBatch(batch: ColumnBatch, from: number, to: number): ColumnBatch {
  const columns = Object.entries(batch.columns).map((
    [name, column],
  ) => [name, sliceColumn(column, from, to)]);
  return { rowCount: to - from, columns: Object.fromEntries(columns) };
}

function sliceColumn(column: BatchColumn, from: number, to: number): BatchColumn {
  const nulls = column.nulls === undefined ? {} : { nulls: column.nulls.subarray(from, to) };
  switch (column.kind) {
    case "numbers":
      return { ...column, values: column.values.subarray(from, to), ...nulls };
    case "bigints":
      return { ...column, values: column.values.slice(from, to), ...nulls };
    case "datums":
    case "strings":
      return { ...column, values: column.values.slice(from, to), ...nulls } as BatchColumn;
    case "codes":
      return { ...column, codes: column.codes.subarray(from, to), ...nulls };
    case "utf8":
      return { ...column, offsets: column.offsets.subarray(from, to + 1), ...nulls };
  }
}

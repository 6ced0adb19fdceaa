/**
 * JSON documents, CSV and Arrow as batches: what the readers of files give, for a table.
 *
 * A JSON document is one batch: all of it is committed or none. CSV comes as a stream of batches; where errors are
 * skipped its fields are read as text, so that a field that does not fit its column is told apart from the others.
 *
 * @module
 */
import { SchemaError } from "../../../src/base/error.ts";
import { columnDatums } from "../../../src/kernel/batch_datums.ts";
import type { InputRows } from "../../../src/kernel/insert.ts";
import type { CatalogTable } from "../../../src/query/catalog.ts";
import type { BatchColumn, ColumnBatch } from "../../../src/storage/column_batch.ts";
import { type SqlType, TEXT } from "../../../src/storage/sql_type.ts";
import { readCsv } from "../../csv/read_csv.ts";
import { streamSource } from "../../files/byte_source.ts";
import { castColumn } from "../../files/cast_batch.ts";
import type { ColumnSource } from "../../files/column_source.ts";
import { kindOf, parseJsonText } from "../../json/parse_json.ts";
import { isObject } from "../../json/read_json.ts";
import { columnsBatch, type IngestBatch, type ReadBatchOptions } from "./ingest_batch.ts";

type Values = Readonly<Record<string, readonly unknown[]>>;

/** A document: an array of objects, one object, or an object of columns. */
export function jsonBatch(text: string): IngestBatch {
  const document = parseJsonText(text, { file: "the body" });
  if (Array.isArray(document)) return rowsBatch(document);
  if (!isObject(document)) {
    throw new SchemaError("invalid-input", `The body must hold rows: received ${kindOf(document)}`, {
      hint: "send [{...}, {...}], {...}, or columns as {name: [...]}",
    });
  }
  const columns = Object.values(document);
  const isColumns = columns.length > 0 && columns.every((values) => Array.isArray(values));
  // Every value is an array.
  return isColumns ? valuesBatch(document as Values, 1) : rowsBatch([document]);
}

function rowsBatch(rows: readonly Readonly<Record<string, unknown>>[]): IngestBatch {
  return {
    rowCount: rows.length,
    recordCount: rows.length,
    unreadable: [],
    rows: (from, to) => rows.slice(from, to),
    placeOf: (row) => ({ row: row + 1 }),
  };
}

/** Columns of plain values; they differ in length when the sender was wrong, which the table refuses. */
function valuesBatch(columns: Values, firstRow: number): IngestBatch {
  const rowCount = Object.values(columns).reduce((count, values) => Math.max(count, values.length), 0);
  const slice = (from: number, to: number): InputRows =>
    Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, values.slice(from, to)]));
  return {
    rowCount,
    recordCount: rowCount,
    unreadable: [],
    rows: (from, to) => from === 0 && to === rowCount ? columns : slice(from, to),
    placeOf: (row) => ({ row: firstRow + row }),
  };
}

/** How CSV is read. */
export interface CsvIngestOptions {
  readonly header?: boolean;
  readonly delimiter?: string;
}

/** The batches of a CSV body. */
export async function* csvBatches(
  body: ReadableStream<Uint8Array>,
  table: CatalogTable,
  options: ReadBatchOptions & CsvIngestOptions,
): AsyncGenerator<IngestBatch> {
  const { skipErrors, batchRows, header, delimiter } = options;
  const types = Object.fromEntries(table.columns.map(({ name, type }): [string, SqlType] => [
    name,
    skipErrors ? TEXT : type,
  ]));
  const source = await readCsv(streamSource(body, "the body"), {
    types,
    batchRows,
    ...(header === undefined ? {} : { header }),
    ...(header === false ? { names: table.columns.map(({ name }) => name) } : {}),
    ...(delimiter === undefined ? {} : { delimiter }),
  });
  for await (const { batch, firstRow } of remaining(source, options.skipRecords)) {
    yield skipErrors ? valuesBatch(textValues(batch), firstRow) : columnsBatch(batch, firstRow);
  }
}

function textValues(batch: ColumnBatch): Values {
  return Object.fromEntries(
    Object.entries(batch.columns).map(([name, column]) => [name, columnDatums(column, TEXT)]),
  );
}

/** The record batches of an Arrow stream or file, cast to the types of the table. */
export async function* arrowBatches(
  source: ColumnSource,
  table: CatalogTable,
  options: ReadBatchOptions,
): AsyncGenerator<IngestBatch> {
  const targets = new Map(table.columns.map(({ name, type }) => [name, type]));
  for await (const { batch, firstRow } of remaining(source, options.skipRecords)) {
    const columns = source.columns.map(({ name, type }): [string, BatchColumn] => {
      const column = batch.columns[name]!;
      const target = targets.get(name);
      const place = { file: "the body", column: name, rowStart: firstRow - 1 };
      return [name, target === undefined ? column : castColumn(column, type, target, place)];
    });
    yield columnsBatch({ rowCount: batch.rowCount, columns: Object.fromEntries(columns) }, firstRow);
  }
}

/** The batches after the first `skip` rows, whose batches are cut the same each time. */
async function* remaining(
  source: ColumnSource,
  skip: number,
): AsyncGenerator<{ readonly batch: ColumnBatch; readonly firstRow: number }> {
  let firstRow = 1;
  for await (const batch of source.batches()) {
    if (firstRow > skip) yield { batch, firstRow };
    firstRow += batch.rowCount;
  }
}

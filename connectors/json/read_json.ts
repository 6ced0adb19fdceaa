/**
 * A JSON document to column batches: an array of objects, or one object.
 *
 * The document is read whole, since its end may be needed to parse its beginning; types are inferred from all
 * rows. Large data is better kept as NDJSON, which is read in pieces.
 *
 * @module
 */
import type { BatchColumn, ColumnBatch } from "../../src/storage/column_batch.ts";
import type { SqlType } from "../../src/storage/sql_type.ts";
import { type ByteInput, type ByteSource, readAll, toByteSource } from "../files/byte_source.ts";
import type { ColumnSource, ReadOptions } from "../files/column_source.ts";
import { inputError } from "../files/input_error.ts";
import { invalidUtf8At } from "../files/utf8.ts";
import { type JsonColumn, jsonColumn, JsonEvidence, type JsonRow } from "./json_columns.ts";
import { kindOf, parseJsonText } from "./parse_json.ts";

/** How JSON is read. */
export interface JsonOptions extends ReadOptions {
  /** Types by column name; others are inferred. */
  readonly types?: Readonly<Record<string, SqlType>>;
  /** Rows in a batch at most; 65,536 by default. */
  readonly batchRows?: number;
  /** Member of a top-level object whose array holds the rows: `data` for `{"data": [...]}`. */
  readonly member?: string;
}

/** Rows of a batch where nothing else is said. */
export const JSON_BATCH_ROWS = 65_536;

/**
 * Reads a document.
 *
 * @throws {SchemaError} `invalid-input` with line or path
 */
export async function readJson(input: ByteInput, options: JsonOptions = {}): Promise<ColumnSource> {
  const source = toByteSource(input);
  const rows = rowsOf(await readDocument(source), source.name, options.member);
  const evidence = new JsonEvidence();
  for (const row of rows) evidence.add(row);
  const columns = evidence.columns(options.types);
  return {
    columns: columns.map(({ name, type }) => ({ name, type, nullable: true })),
    rowCount: rows.length,
    batches: () => batchesOf(rows, columns, source, options),
  };
}

async function readDocument(source: ByteSource): Promise<unknown> {
  const bytes = await readAll(source);
  const at = invalidUtf8At(bytes, 0, bytes.length);
  if (at >= 0) {
    throw inputError({ file: source.name, byteOffset: at }, "the text is not valid UTF-8", {
      hint: "JSON is UTF-8; convert the file",
    });
  }
  return parseJsonText(new TextDecoder().decode(bytes), { file: source.name });
}

function rowsOf(document: unknown, file: string, member: string | undefined): JsonRow[] {
  const found = member === undefined ? document : memberOf(document, member, file);
  const path = member === undefined ? "$" : `$.${member}`;
  if (isObject(found)) return [found];
  if (!Array.isArray(found)) {
    throw inputError({ file, path }, `expected an array of objects: received ${kindOf(found)}`, {
      hint: "give rows as [{...}, {...}]",
    });
  }
  return found.map((row: unknown, i) => {
    if (isObject(row)) return row;
    throw inputError({ file, path: `${path}[${i}]` }, `expected an object: received ${kindOf(row)}`, {
      hint: "give rows as [{...}, {...}]",
    });
  });
}

function memberOf(document: unknown, member: string, file: string): unknown {
  if (isObject(document) && Object.hasOwn(document, member)) return document[member];
  throw inputError({ file, path: "$" }, `there is no member ${JSON.stringify(member)}`, {
    hint: isObject(document)
      ? `members are ${Object.keys(document).join(", ")}`
      : "the document is no object",
  });
}

/** True for a JSON object. */
export function isObject(value: unknown): value is JsonRow {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

async function* batchesOf(
  rows: readonly JsonRow[],
  columns: readonly JsonColumn[],
  source: ByteSource,
  options: JsonOptions,
): AsyncGenerator<ColumnBatch> {
  const { batchRows = JSON_BATCH_ROWS, onProgress } = options;
  const path = options.member === undefined ? "$" : `$.${options.member}`;
  for (let from = 0; from < rows.length; from += batchRows) {
    const part = rows.slice(from, from + batchRows);
    const batch: Record<string, BatchColumn> = {};
    for (const column of columns) {
      batch[column.name] = jsonColumn(
        part,
        column,
        (row) => ({ file: source.name, path: `${path}[${from + row}]` }),
      );
    }
    yield { rowCount: part.length, columns: batch };
    onProgress?.({
      rows: from + part.length,
      bytes: source.position,
      ...(source.totalBytes === undefined ? {} : { totalBytes: source.totalBytes }),
    });
  }
}

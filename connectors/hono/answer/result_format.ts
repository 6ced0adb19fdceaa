/**
 * The formats of results: one table from format to media type and encoder.
 *
 * | format | media type | |
 * |---|---|---|
 * | `objects` | `application/json` | metadata, then rows as objects |
 * | `columns` | `application/json; shape=columns` | metadata with the values of each column as an array |
 * | `ndjson` | `application/x-ndjson` | a row a line, streamed |
 * | `csv` | `text/csv` | RFC 4180 with header, streamed |
 * | `arrow` | `application/vnd.apache.arrow.stream` | IPC stream with one record batch |
 * | `superjson` | `application/superjson+json` | JavaScript's own classes restored by superjson; small results only |
 *
 * An encoder gives its text in chunks of some thousand rows, so that a large result is never held as one text.
 *
 * @module
 */
import superjson from "superjson";
import { LimitError } from "../../../src/base/error.ts";
import type { QueryResult } from "../../../src/kernel/query_result.ts";
import { writeCsv } from "../../csv/write_csv.ts";
import type { ArrowFormat } from "../app_options.ts";
import { columnTexts } from "./json_text.ts";

/** See the module header. */
export type ResultFormat = "objects" | "columns" | "ndjson" | "csv" | "arrow" | "superjson";

/** How values are written, and with what. */
export interface EncodeOptions {
  /** BIGINT and DECIMAL as strings, always. */
  readonly exact: boolean;
  /** The option of the app. */
  readonly arrow: ArrowFormat | undefined;
}

/** How a format is named and written. */
export interface FormatDefinition {
  /** Without parameters. */
  readonly mediaType: string;
  /** As the header says it. */
  readonly contentType: string;
  /** The body in pieces. */
  encode(result: QueryResult, how: EncodeOptions): Iterable<string | Uint8Array>;
}

const CHUNK_ROWS = 4096;
/** superjson walks every value: beyond this it is the wrong tool. */
const SUPERJSON_ROWS_MAX = 10_000;

/** See the module header. */
export const RESULT_FORMATS: Readonly<Record<ResultFormat, FormatDefinition>> = {
  objects: {
    mediaType: "application/json",
    contentType: "application/json",
    encode: encodeObjects,
  },
  columns: {
    mediaType: "application/json",
    contentType: "application/json; shape=columns",
    encode: encodeColumns,
  },
  ndjson: {
    mediaType: "application/x-ndjson",
    contentType: "application/x-ndjson",
    encode: (result, { exact }) => encodeRows(result, exact, ["", "\n", "\n"]),
  },
  csv: {
    mediaType: "text/csv",
    contentType: "text/csv; charset=utf-8; header=present",
    encode: (result) => writeCsv(result),
  },
  arrow: {
    mediaType: "application/vnd.apache.arrow.stream",
    contentType: "application/vnd.apache.arrow.stream",
    encode: (result, { arrow }) => arrow === undefined ? [] : [arrow.write(result)],
  },
  superjson: {
    mediaType: "application/superjson+json",
    contentType: "application/superjson+json",
    encode: encodeSuperjson,
  },
};

/** What an answer says besides its rows. */
function metadata(result: QueryResult): string {
  return JSON.stringify({
    rowCount: result.rowCount,
    version: result.version,
    dataVersion: result.dataVersion,
    stalenessMs: result.stalenessMs,
    command: result.command,
    changeCount: result.changeCount,
    served: result.served,
  }).slice(1, -1);
}

function* encodeObjects(result: QueryResult, { exact }: EncodeOptions): Generator<string> {
  const columns = result.columns.map(({ name, type, nullable }) => ({ name, type, nullable }));
  yield `{${metadata(result)},"columns":${JSON.stringify(columns)},"rows":[`;
  yield* encodeRows(result, exact, ["", ",", ""]);
  yield "]}";
}

/** Rows as objects, with `marks` before the first, between two, and after the last. */
function* encodeRows(
  result: QueryResult,
  exact: boolean,
  [first, between, last]: readonly [string, string, string],
): Generator<string> {
  const { rowCount } = result;
  if (rowCount === 0) return;
  const columns = result.columns.map(({ name, sqlType }, i) => ({
    key: `${i === 0 ? "{" : ","}${JSON.stringify(name)}:`,
    texts: columnTexts(result.vector(i), sqlType, rowCount, exact),
  }));
  const empty = columns.length === 0 ? "{" : "";
  for (let from = 0; from < rowCount; from += CHUNK_ROWS) {
    let chunk = from === 0 ? first : between;
    const to = Math.min(from + CHUNK_ROWS, rowCount);
    for (let row = from; row < to; row++) {
      if (row > from) chunk += between;
      for (const { key, texts } of columns) chunk += key + texts[row]!;
      chunk += `${empty}}`;
    }
    yield to === rowCount ? chunk + last : chunk;
  }
}

function* encodeColumns(result: QueryResult, { exact }: EncodeOptions): Generator<string> {
  yield `{${metadata(result)},"columns":[`;
  for (const [i, { name, type, nullable, sqlType }] of result.columns.entries()) {
    const head = JSON.stringify({ name, type, nullable }).slice(0, -1);
    yield `${i === 0 ? "" : ","}${head},"values":[`;
    yield columnTexts(result.vector(i), sqlType, result.rowCount, exact).join(",");
    yield "]}";
  }
  yield "]}";
}

function encodeSuperjson(result: QueryResult): Iterable<string> {
  if (result.rowCount > SUPERJSON_ROWS_MAX) {
    throw new LimitError(
      "row-limit",
      `superjson takes ${SUPERJSON_ROWS_MAX} rows: the result has ${result.rowCount}`,
      {
        details: { limit: SUPERJSON_ROWS_MAX, actual: result.rowCount },
        hint: "ask for application/json, application/x-ndjson or Arrow",
      },
    );
  }
  const { rowCount, version, dataVersion, stalenessMs, command, changeCount, served } = result;
  return [superjson.stringify({
    rowCount,
    version,
    dataVersion,
    stalenessMs,
    command,
    changeCount,
    served,
    columns: result.columns.map(({ name, type, nullable }) => ({ name, type, nullable })),
    rows: result.rows(),
  })];
}

/**
 * NDJSON (one JSON object per line) to column batches, read in pieces.
 *
 * Columns and types come from the first batch, or from all rows in a pass of their own with
 * `sampleRows: "all"`. A member that appears later is an error that says so.
 *
 * Cost: O(bytes); memory for one batch.
 *
 * @module
 */
import type { BatchColumn, ColumnBatch } from "../../src/storage/column_batch.ts";
import { type ByteInput, type ByteSource, toByteSource } from "../files/byte_source.ts";
import type { ColumnSource } from "../files/column_source.ts";
import { inputError } from "../files/input_error.ts";
import { type JsonColumn, jsonColumn, JsonEvidence, type JsonRow, unknownMember } from "./json_columns.ts";
import { kindOf, parseJsonText } from "./parse_json.ts";
import { isObject, JSON_BATCH_ROWS, type JsonOptions } from "./read_json.ts";

/** How NDJSON is read. */
export interface NdjsonOptions extends Omit<JsonOptions, "member"> {
  /** Rows that columns are inferred from: those of the first batch by default, or all. */
  readonly sampleRows?: "batch" | "all";
}

const LINE_BYTES_MAX = 1 << 28;

/** Lines with their rows. */
interface Lines {
  readonly rows: JsonRow[];
  /** Line number of each row. */
  readonly numbers: number[];
}

/**
 * Opens a file and infers its columns.
 *
 * @throws {SchemaError} `invalid-input` with the line
 */
export async function readNdjson(input: ByteInput, options: NdjsonOptions = {}): Promise<ColumnSource> {
  const source = toByteSource(input);
  const evidence = new JsonEvidence();
  const groups = lineGroups(source, options.batchRows ?? JSON_BATCH_ROWS);
  let first: Lines | undefined;
  if (options.sampleRows === "all") {
    for await (const { rows } of lineGroups(source, options.batchRows ?? JSON_BATCH_ROWS)) {
      for (const row of rows) evidence.add(row);
    }
  } else {
    first = (await groups.next()).value ?? { rows: [], numbers: [] };
    for (const row of first.rows) evidence.add(row);
  }
  const columns = evidence.columns(options.types);
  return {
    columns: columns.map(({ name, type }) => ({ name, type, nullable: true })),
    batches: () => batchesOf(first, groups, columns, { source, options }),
  };
}

async function* batchesOf(
  first: Lines | undefined,
  groups: AsyncIterable<Lines>,
  columns: readonly JsonColumn[],
  { source, options }: { readonly source: ByteSource; readonly options: NdjsonOptions },
): AsyncGenerator<ColumnBatch> {
  const known = new Set(columns.map(({ name }) => name));
  let done = 0;
  const convert = (lines: Lines): ColumnBatch => {
    const placeOf = (row: number) => ({ file: source.name, line: lines.numbers[row]! });
    lines.rows.forEach((row, i) => {
      for (const name in row) if (!known.has(name)) throw unknownMember(name, placeOf(i));
    });
    const batch: Record<string, BatchColumn> = {};
    for (const column of columns) batch[column.name] = jsonColumn(lines.rows, column, placeOf);
    done += lines.rows.length;
    return { rowCount: lines.rows.length, columns: batch };
  };
  const report = () =>
    options.onProgress?.({
      rows: done,
      bytes: source.position,
      ...(source.totalBytes === undefined ? {} : { totalBytes: source.totalBytes }),
    });
  if (first !== undefined && first.rows.length > 0) {
    yield convert(first);
    report();
  }
  for await (const lines of groups) {
    yield convert(lines);
    report();
  }
}

/** The rows of a source in groups of at most `size`. */
async function* lineGroups(source: ByteSource, size: number): AsyncGenerator<Lines, undefined, undefined> {
  let group: Lines = { rows: [], numbers: [] };
  let number = 0;
  for await (const line of textLines(source)) {
    number++;
    if (line.trim() === "") continue;
    const place = { file: source.name, line: number };
    const row = parseJsonText(line, place);
    if (!isObject(row)) {
      throw inputError(place, `expected an object: received ${kindOf(row)}`, {
        hint: "each line is one object; for an array of objects use the format json",
      });
    }
    group.rows.push(row);
    group.numbers.push(number);
    if (group.rows.length === size) {
      yield group;
      group = { rows: [], numbers: [] };
    }
  }
  if (group.rows.length > 0) yield group;
  return undefined;
}

/** The lines of a source as text. */
async function* textLines(source: ByteSource): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let rest = "";
  let lines = 0;
  const decode = (chunk?: Uint8Array): string => {
    try {
      return decoder.decode(chunk, { stream: chunk !== undefined });
    } catch (cause) {
      throw inputError(
        { file: source.name, line: lines + 1 },
        "the text from this line on is not valid UTF-8",
        {
          cause,
          hint: "JSON is UTF-8; convert the file",
        },
      );
    }
  };
  for await (const chunk of source.chunks()) {
    const text = rest + decode(chunk);
    let from = 0;
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", from)) {
      lines++;
      yield text.slice(from, end);
      from = end + 1;
    }
    rest = text.slice(from);
    if (rest.length > LINE_BYTES_MAX) {
      throw inputError(
        { file: source.name, line: lines + 1 },
        `the line has more than ${LINE_BYTES_MAX} characters`,
        {
          hint: "each line is one object",
          details: { limit: LINE_BYTES_MAX },
        },
      );
    }
  }
  rest += decode();
  if (rest !== "") yield rest;
}

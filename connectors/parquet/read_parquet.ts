/**
 * Parquet files to column batches, one batch per row group.
 *
 * hyparquet decodes; what this module adds is exactness and speed: decimals and 64-bit numbers keep every
 * digit, and texts with a dictionary stay codes (see parquet_type.ts and column_builder.ts). Only the columns
 * that are asked for are read.
 *
 * Cost: O(values); memory for one row group.
 *
 * @module
 */
import {
  type ColumnData,
  type Compressors,
  type FileMetaData,
  parquetMetadataAsync,
  parquetRead,
  parquetSchema,
  type RowGroup,
} from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { LiveViewError, QueryError } from "../../src/base/error.ts";
import { suggestion } from "../../src/query/name_suggestion.ts";
import type { BatchColumn, ColumnBatch } from "../../src/storage/column_batch.ts";
import type { ColumnSource, ReadOptions } from "../files/column_source.ts";
import { inputError, type InputPlace, reasonOf } from "../files/input_error.ts";
import { memoryAccess, type RandomAccess } from "../files/random_access.ts";
import {
  type ColumnBuilder,
  type GroupPlace,
  numberBuilder,
  showOf,
  stringBuilder,
  TextDictionary,
  utf8Builder,
} from "./column_builder.ts";
import { type ParquetColumn, parquetColumn } from "./parquet_type.ts";

/** How a file is read. */
export interface ParquetOptions extends ReadOptions {
  /** Names of the columns to read; all by default. */
  readonly columns?: readonly string[];
}

/** The decoder's view of a file. */
interface AsyncBuffer {
  readonly byteLength: number;
  slice(start: number, end?: number): Promise<ArrayBuffer>;
}

/**
 * Opens a file and reads its schema.
 *
 * @throws {SchemaError} `invalid-input` when it is no Parquet file, or has types that SQL lacks
 */
export async function readParquet(
  input: RandomAccess | Uint8Array,
  options: ParquetOptions = {},
): Promise<ColumnSource> {
  const access = input instanceof Uint8Array ? memoryAccess(input) : input;
  const buffer: AsyncBuffer = {
    byteLength: access.byteLength,
    slice: (start, end) => access.read(start, end ?? access.byteLength),
  };
  const metadata = await placed(
    { file: access.name },
    () => parquetMetadataAsync(buffer, { geoparquet: false }),
  );
  const columns = selectColumns(metadata, access.name, options.columns);
  return {
    columns: columns.map(({ name, type, nullable }) => ({ name, type, nullable })),
    rowCount: Number(metadata.num_rows),
    batches: () => new ParquetFile(access, buffer, metadata, columns).batches(options),
  };
}

/** Gives errors of the decoder their place. */
async function placed<Result>(place: InputPlace, run: () => Promise<Result>): Promise<Result> {
  try {
    return await run();
  } catch (cause) {
    if (cause instanceof LiveViewError) throw cause;
    throw inputError(place, reasonOf(cause), { cause, hint: "check that the file is a whole Parquet file" });
  }
}

function selectColumns(metadata: FileMetaData, file: string, wanted?: readonly string[]): ParquetColumn[] {
  const nodes = parquetSchema(metadata).children;
  if (wanted === undefined) return nodes.map((node) => parquetColumn(node, file));
  return wanted.map((name) => {
    const node = nodes.find((candidate) => candidate.element.name === name);
    if (node !== undefined) return parquetColumn(node, file);
    const names = nodes.map((candidate) => candidate.element.name);
    throw new QueryError("unknown-column", `${file} has no column ${JSON.stringify(name)}`, {
      details: { column: name },
      hint: suggestion(name, names) ?? `columns are ${names.join(", ")}`,
    });
  });
}

class ParquetFile {
  readonly #access: RandomAccess;
  readonly #buffer: AsyncBuffer;
  readonly #metadata: FileMetaData;
  readonly #columns: readonly ParquetColumn[];
  readonly #dictionaries = new Map<ParquetColumn, TextDictionary>();

  constructor(
    access: RandomAccess,
    buffer: AsyncBuffer,
    metadata: FileMetaData,
    columns: readonly ParquetColumn[],
  ) {
    this.#access = access;
    this.#buffer = buffer;
    this.#columns = columns;
    const elements = new Map(
      parquetSchema(metadata).children.map((
        node,
      ) => [node.element, columns.find(({ name }) => name === node.element.name)]),
    );
    this.#metadata = {
      ...metadata,
      schema: metadata.schema.map((element) => elements.get(element)?.element ?? element),
    };
  }

  async *batches(options: ParquetOptions): AsyncGenerator<ColumnBatch> {
    let rows = 0;
    let bytes = 0;
    try {
      for (const group of this.#metadata.row_groups) {
        const rowCount = Number(group.num_rows);
        const columns: Record<string, BatchColumn> = {};
        for (const column of this.#columns) {
          columns[column.name] = await this.#readColumn(column, group, rows);
        }
        yield { rowCount, columns };
        rows += rowCount;
        bytes += Number(group.total_compressed_size ?? group.total_byte_size);
        options.onProgress?.({
          rows,
          bytes: Math.min(bytes, this.#access.byteLength),
          totalBytes: this.#access.byteLength,
        });
      }
    } finally {
      await this.#access.close();
    }
  }

  async #readColumn(column: ParquetColumn, group: RowGroup, rowStart: number): Promise<BatchColumn> {
    const rowCount = Number(group.num_rows);
    const place: InputPlace = { file: this.#access.name, column: column.name };
    const dictionary = this.#dictionaryFor(column, group, place);
    // The decoder does not wait for its callback, so what that throws would be lost: it only collects.
    const chunks: ColumnData[] = [];
    await placed(place, () =>
      parquetRead({
        file: this.#buffer,
        metadata: this.#metadata,
        columns: [column.name],
        rowStart,
        rowEnd: rowStart + rowCount,
        compressors: DECOMPRESSORS,
        utf8: false,
        parsers: {
          timestampFromMicroseconds: wholeNumber,
          timestampFromNanoseconds: (nanos: bigint) => nanos,
          stringFromBytes: dictionary === undefined ? sameBytes : (bytes) => dictionary.code(bytes),
          ...(column.form.kind === "json" ? NESTED_PARSERS : {}),
        },
        onChunk: (chunk) => chunks.push(chunk),
      }));
    const builder = builderOf(column, dictionary, rowCount, {
      file: this.#access.name,
      column: column.name,
      rowStart,
    });
    for (const chunk of chunks) builder.add(chunk.columnData, chunk.rowStart - rowStart);
    return builder.finish();
  }

  /** A dictionary where the file has one and it has not become too large. */
  #dictionaryFor(column: ParquetColumn, group: RowGroup, place: InputPlace): TextDictionary | undefined {
    if (column.form.kind !== "text") return undefined;
    const chunk = group.columns.find(({ meta_data }) => meta_data?.path_in_schema[0] === column.name);
    const encoded = chunk?.meta_data?.encodings.some((encoding) => encoding.endsWith("_DICTIONARY")) ?? false;
    let dictionary = this.#dictionaries.get(column);
    if (!encoded || dictionary?.full === true) return undefined;
    if (dictionary === undefined) this.#dictionaries.set(column, dictionary = new TextDictionary(place));
    return dictionary;
  }
}

function builderOf(
  column: ParquetColumn,
  dictionary: TextDictionary | undefined,
  rowCount: number,
  place: GroupPlace,
): ColumnBuilder {
  switch (column.form.kind) {
    case "text":
      return dictionary?.builder(rowCount) ?? utf8Builder(rowCount, place);
    case "hex":
    case "uuid":
    case "json":
      return stringBuilder(rowCount, showOf(column.form.kind));
    default:
      return numberBuilder(column, rowCount, place);
  }
}

// The package types its decompressors over ArrayBuffer views only; they take any.
const DECOMPRESSORS: Compressors = compressors as Compressors;

function sameBytes(bytes: Uint8Array): unknown {
  return bytes;
}

/** A 64-bit number as a number where that is exact. */
function wholeNumber(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

const DECODER = new TextDecoder();

/** Inside nested values the decoder's meanings are kept, as far as JSON can say them. */
const NESTED_PARSERS = {
  timestampFromMilliseconds: (millis: bigint): unknown => new Date(Number(millis)),
  timestampFromMicroseconds: (micros: bigint): unknown => new Date(Number(micros / 1000n)),
  timestampFromNanoseconds: (nanos: bigint): unknown => new Date(Number(nanos / 1000000n)),
  dateFromDays: (days: number): unknown => new Date(days * 86_400_000).toISOString().slice(0, 10),
  stringFromBytes: (bytes: Uint8Array): unknown => bytes && DECODER.decode(bytes),
};

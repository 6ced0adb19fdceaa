/**
 * Any file as a column source: the reader is chosen by format.
 *
 * @module
 */
import { QueryError } from "../../src/base/error.ts";
import type { SqlType } from "../../src/storage/sql_type.ts";
import { readArrow } from "../arrow/read_arrow.ts";
import { type CsvOptions, readCsv } from "../csv/read_csv.ts";
import { readJson } from "../json/read_json.ts";
import { readNdjson } from "../json/read_ndjson.ts";
import { readParquet } from "../parquet/read_parquet.ts";
import type { ColumnSource, ReadProgress } from "./column_source.ts";
import { FILE_FORMATS, type FileFormat, formatOfName } from "./file_format.ts";
import { fileAccess, fileName, type FilePath, fileSource } from "./file_source.ts";
import { memoryAccess } from "./random_access.ts";
import { readAll } from "./byte_source.ts";

/** How a file is opened. */
export interface OpenOptions {
  /** By the extension when absent. */
  readonly format?: FileFormat;
  /** Options of the CSV and text formats. */
  readonly csv?: Omit<CsvOptions, "format" | "types" | "onProgress" | "sampleRows">;
  /** For JSON: the member that holds the rows. */
  readonly member?: string;
  /** Types by column name, for CSV and JSON. */
  readonly types?: Readonly<Record<string, SqlType>>;
  /** Infer types from all rows, in a pass of their own. */
  readonly inferFromAll?: boolean;
  readonly onProgress?: (progress: ReadProgress) => void;
}

/** Opens `path`. */
export async function openColumnSource(path: FilePath, options: OpenOptions = {}): Promise<ColumnSource> {
  const format = options.format ?? requireFormat(path);
  const progress = options.onProgress === undefined ? {} : { onProgress: options.onProgress };
  const types = options.types === undefined ? {} : { types: options.types };
  switch (format) {
    case "csv":
    case "text":
      return await readCsv(await fileSource(path), {
        ...options.csv,
        ...types,
        ...progress,
        format,
        ...(options.inferFromAll === true ? { sampleRows: "all" } : {}),
      });
    case "json":
      return await readJson(await fileSource(path), {
        ...types,
        ...progress,
        ...(options.member === undefined ? {} : { member: options.member }),
      });
    case "ndjson":
      return await readNdjson(await fileSource(path), {
        ...types,
        ...progress,
        ...(options.inferFromAll === true ? { sampleRows: "all" } : {}),
      });
    case "parquet":
      return await readParquet(
        fileName(path).endsWith(".gz")
          ? memoryAccess(await readAll(await fileSource(path)), fileName(path))
          : await fileAccess(path),
        progress,
      );
    case "arrow":
      return await readArrow(await fileSource(path), progress);
  }
}

function requireFormat(path: FilePath): FileFormat {
  const format = formatOfName(fileName(path));
  if (format !== undefined) return format;
  throw new QueryError("invalid-parameter", `The format of ${fileName(path)} is not known by its name`, {
    details: { path: String(path) },
    hint: `say the format: ${FILE_FORMATS.join(", ")}`,
  });
}

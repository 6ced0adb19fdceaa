/**
 * File formats by name and by extension.
 *
 * @module
 */
import { QueryError } from "../../src/base/error.ts";
import { suggestion } from "../../src/query/name_suggestion.ts";

/** The formats. `text` is PostgreSQL's COPY format. */
export const FILE_FORMATS = ["csv", "text", "json", "ndjson", "parquet", "arrow"] as const;

/** A format. */
export type FileFormat = typeof FILE_FORMATS[number];

const BY_EXTENSION: Readonly<Record<string, FileFormat>> = {
  csv: "csv",
  tsv: "csv",
  tbl: "csv",
  txt: "csv",
  json: "json",
  ndjson: "ndjson",
  jsonl: "ndjson",
  parquet: "parquet",
  arrow: "arrow",
  arrows: "arrow",
  feather: "arrow",
  ipc: "arrow",
};

const ALIASES: Readonly<Record<string, FileFormat>> = {
  tsv: "csv",
  jsonl: "ndjson",
  feather: "arrow",
  ipc: "arrow",
};

/** The format that the name of a file suggests, `.gz` aside. */
export function formatOfName(name: string): FileFormat | undefined {
  const extension = /\.([a-z0-9]+)$/.exec(name.toLowerCase().replace(/\.gz$/, ""))?.[1] ?? "";
  return Object.hasOwn(BY_EXTENSION, extension) ? BY_EXTENSION[extension] : undefined;
}

/**
 * The format called `name`.
 *
 * @throws {QueryError} `invalid-parameter`
 */
export function formatCalled(name: string): FileFormat {
  const lower = name.toLowerCase();
  const found = FILE_FORMATS.find((format) => format === lower) ??
    (Object.hasOwn(ALIASES, lower) ? ALIASES[lower] : undefined);
  if (found !== undefined) return found;
  throw new QueryError("invalid-parameter", `Unknown file format: received ${JSON.stringify(name)}`, {
    details: { format: name },
    hint: suggestion(lower, FILE_FORMATS) ?? `formats are ${FILE_FORMATS.join(", ")}`,
  });
}

/** Name of a table for the rows of a file: its stem as an identifier that needs no quotes. */
export function tableNameOf(fileName: string): string {
  const stem = fileName.replace(/\.gz$/i, "").replace(/\.[^.]*$/, "");
  const name = stem.normalize("NFC").toLowerCase().replace(/[^\p{L}\p{N}_]+/gu, "_").replace(/^_+|_+$/g, "");
  return name === "" ? "data" : /^\p{N}/u.test(name) ? `t_${name}` : name;
}

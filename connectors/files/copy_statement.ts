/**
 * COPY: rows between tables and files, as in PostgreSQL, with more formats.
 *
 * The names of JSON, Parquet and Arrow columns are matched to those of the table; CSV and text go by position,
 * as PostgreSQL does.
 *
 * @module
 */
import { AccessError, QueryError } from "../../src/base/error.ts";
import type { Copy, DataStatement } from "../../src/query/ast.ts";
import type { PluginHost } from "../../src/kernel/plugin_host.ts";
import { QueryResult } from "../../src/kernel/query_result.ts";
import { relationName } from "../../src/kernel/relation_name.ts";
import type { StatementSession } from "../../src/kernel/statement_session.ts";
import { parseStatement } from "../../src/sql/parse.ts";
import { writeArrow } from "../arrow/write_arrow.ts";
import { readCsv } from "../csv/read_csv.ts";
import { writeCsv } from "../csv/write_csv.ts";
import { writeJson } from "../json/write_json.ts";
import { type CopyOptions, copyOptions } from "./copy_options.ts";
import { fileSource, writeBytes } from "./file_source.ts";
import { insertFile, tableColumns } from "./import_file.ts";
import { inputError } from "./input_error.ts";
import { quoteIdentifier } from "./sql_name.ts";

/** What COPY may touch. */
export interface CopyEnvironment {
  readonly host: PluginHost;
  /** Whether a file may be read or written. */
  allowed(action: "read" | "write", path: string): boolean;
  /** Takes the output of COPY ... TO STDOUT. */
  stdout(text: string): void;
}

/** Carries out `statement`. */
export async function runCopy(
  statement: Copy,
  session: StatementSession,
  environment: CopyEnvironment,
): Promise<QueryResult> {
  if (statement.where !== undefined) {
    throw new QueryError("unsupported", "COPY ... WHERE is not supported", {
      hint: "copy into a staging table and INSERT from it",
    });
  }
  const options = copyOptions(statement);
  const rows = statement.direction === "from"
    ? await copyFrom(statement, options, session, environment)
    : await copyTo(statement, options, session, environment);
  return new QueryResult({
    columns: [],
    vectors: [],
    rowCount: 0,
    version: environment.host.store.version,
    command: "COPY",
    changeCount: rows,
  });
}

function requireAllowed(environment: CopyEnvironment, action: "read" | "write", path: string): void {
  if (environment.allowed(action, path)) return;
  throw new AccessError("access-denied", `COPY may not ${action} ${JSON.stringify(path)}`, {
    details: { path },
    hint: `the option ${action} of fileFormats() decides which files may be used`,
  });
}

async function copyFrom(
  statement: Copy,
  options: CopyOptions,
  session: StatementSession,
  environment: CopyEnvironment,
): Promise<number> {
  const { source, file } = statement;
  if (source.kind !== "table") throw new QueryError("invalid-statement", "COPY FROM needs a table");
  if (file === "stdin") {
    throw new QueryError("unsupported", "COPY FROM STDIN has no input here", { hint: "name a file" });
  }
  requireAllowed(environment, "read", file);
  const table = relationName(source.name);
  const all = tableColumns(environment.host.catalog, table);
  const columns = source.columns === undefined ? all : source.columns.map(({ name }) => {
    const column = all.find((candidate) => candidate.name === name);
    if (column !== undefined) return column;
    throw new QueryError("unknown-column", `Table "${table}" has no column "${name}"`, {
      details: { table, column: name },
      hint: `columns are ${all.map((candidate) => candidate.name).join(", ")}`,
    });
  });
  return await session.atomic(async (within) => {
    if (options.format === "csv" || options.format === "text") {
      return await copyDelimited({ file, table, columns, options }, within);
    }
    return await insertFile(
      { path: file, table, columns, options: { format: options.format } },
      (batch) => within.insert(table, batch),
    );
  });
}

interface DelimitedCopy {
  readonly file: string;
  readonly table: string;
  readonly columns: ReturnType<typeof tableColumns>;
  readonly options: CopyOptions;
}

async function copyDelimited(copy: DelimitedCopy, session: StatementSession): Promise<number> {
  const { file, table, columns, options } = copy;
  const { format, matchHeader, nullText, header, delimiter, quote, escape, encoding } = options;
  const names = columns.map(({ name }) => name);
  const source = await fileSource(file);
  const dialect = {
    ...(format === "csv" ? { delimiter: delimiter ?? (/\.tsv(\.gz)?$/i.test(file) ? "\t" : ",") } : {}),
    ...(format === "text" && delimiter !== undefined ? { delimiter } : {}),
    ...(quote === undefined ? {} : { quote }),
    ...(escape === undefined ? {} : { escape }),
    ...(encoding === undefined ? {} : { encoding }),
    ...(nullText === undefined ? {} : { nulls: [nullText] }),
  };
  if (matchHeader) {
    const found = await readCsv(source, {
      ...dialect,
      format: format === "text" ? "text" : "csv",
      header: true,
    });
    found.columns.forEach(({ name }, i) => {
      if (name !== names[i]) {
        throw inputError(
          { file: source.name, line: 1 },
          `the header has "${name}" where "${names[i] ?? "no column"}" is expected`,
        );
      }
    });
  }
  const opened = await readCsv(source, {
    ...dialect,
    format: format === "text" ? "text" : "csv",
    header: header ?? false,
    names,
    types: Object.fromEntries(columns.map(({ name, type }) => [name, type])),
  });
  let rows = 0;
  for await (const batch of opened.batches()) rows += await session.insert(table, batch);
  return rows;
}

async function copyTo(
  statement: Copy,
  options: CopyOptions,
  session: StatementSession,
  environment: CopyEnvironment,
): Promise<number> {
  const { file } = statement;
  if (file !== "stdout") requireAllowed(environment, "write", file);
  const result = await session.run(sourceQuery(statement));
  if (options.format === "arrow" && file !== "stdout") {
    await writeBytes(
      file,
      writeArrow(result, /\.(arrow|feather|ipc)(\.gz)?$/i.test(file) ? "file" : "stream"),
    );
    return result.rowCount;
  }
  const chunks = textChunks(result, options, file);
  if (file === "stdout") {
    for (const chunk of chunks) environment.stdout(chunk);
  } else {
    await writeBytes(file, new TextEncoder().encode([...chunks].join("")));
  }
  return result.rowCount;
}

function textChunks(result: QueryResult, options: CopyOptions, file: string): Iterable<string> {
  switch (options.format) {
    case "csv":
    case "text": {
      const { format, header = false, delimiter, quote, escape, nullText, forceQuote } = options;
      return writeCsv(result, {
        format,
        header,
        ...(delimiter === undefined
          ? (/\.tsv(\.gz)?$/i.test(file) ? { delimiter: "\t" } : {})
          : { delimiter }),
        ...(quote === undefined ? {} : { quote }),
        ...(escape === undefined ? {} : { escape }),
        ...(nullText === undefined ? {} : { nullText }),
        ...(forceQuote === undefined ? {} : { forceQuote }),
      });
    }
    case "json":
    case "ndjson":
      return writeJson(result, options.format);
    default:
      throw new QueryError(
        "unsupported",
        `COPY TO cannot write ${options.format} ${file === "stdout" ? "to STDOUT" : "files"}`,
        {
          hint: "use csv, text, json, ndjson, or arrow for a file",
        },
      );
  }
}

/** The query of COPY (query) TO, or one over the table. */
function sourceQuery(statement: Copy): DataStatement {
  const { source } = statement;
  if (source.kind === "query") return source.query;
  const columns = source.columns === undefined
    ? "*"
    : source.columns.map(({ name }) => quoteIdentifier(name)).join(", ");
  const table = source.name.map(({ name }) => quoteIdentifier(name)).join(".");
  const parsed = parseStatement(`SELECT ${columns} FROM ${table}`);
  if (parsed.kind === "query") return parsed;
  throw new QueryError("invalid-statement", "COPY TO needs a table or a query");
}

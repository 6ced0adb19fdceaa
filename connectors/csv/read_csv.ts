/**
 * CSV and PostgreSQL's COPY text format to column batches.
 *
 * A window of some megabytes slides over the file. Of each window the scanner finds the fields, and then each
 * column is read by a loop of its own, so bytes become typed arrays without a string or an object per value.
 * Types that are not given are inferred from the first window, or from the whole file in a first pass with
 * `sampleRows: "all"`; a later text that does not fit is an error that names its place.
 *
 * Cost: O(bytes); memory for one window and one batch.
 *
 * @module
 */
import type { BatchColumn, ColumnBatch } from "../../src/storage/column_batch.ts";
import type { SqlType } from "../../src/storage/sql_type.ts";
import { type ByteInput, type ByteSource, toByteSource } from "../files/byte_source.ts";
import type { ColumnSource, ReadOptions, SourceColumn } from "../files/column_source.ts";
import { inputError } from "../files/input_error.ts";
import { type FractionType, TypeEvidence } from "../files/value_class.ts";
import { ByteWindow } from "./byte_window.ts";
import {
  checkDialect,
  CSV_DIALECT,
  type CsvDialect,
  type ScanBytes,
  scanBytes,
  TEXT_DIALECT,
} from "./csv_dialect.ts";
import { detectDelimiter, detectHeader, isBlank } from "./detect_dialect.ts";
import { type ColumnRule, parseColumn, type ParseContext } from "./parse_column.ts";
import { createFieldTable, type FieldTable, QUOTED, scanRecords, type ScanState } from "./scan_records.ts";
import { splitRecords } from "./split_records.ts";
import { asUtf8 } from "./text_encoding.ts";
import { backslashUnescape, quotedUnescape } from "./text_fields.ts";

/** How a file is read. What is absent is detected. */
export interface CsvOptions extends ReadOptions, Partial<Omit<CsvDialect, "backslash">> {
  /** COPY's text format: its defaults for delimiter, quote and NULL, and backslash sequences. */
  readonly format?: "csv" | "text";
  /** Whether the first record holds names; detected by default. */
  readonly header?: boolean;
  /** Types by column name; others are inferred. A text that does not fit its type is an error. */
  readonly types?: Readonly<Record<string, SqlType>>;
  /** Names of the columns, in place of those in the file. */
  readonly names?: readonly string[];
  /** `utf8` by default; a byte order mark is recognised. */
  readonly encoding?: string;
  /** Rows that types are inferred from: those of the first window by default, or all in a pass of their own. */
  readonly sampleRows?: number | "all";
  /** What numbers with a point become: `double` by default. */
  readonly fractions?: FractionType;
  /** Rows in a batch at most; 65,536 by default. */
  readonly batchRows?: number;
  /** Bytes in memory at a time, at least one record; 4 MiB by default. */
  readonly windowBytes?: number;
}

const WINDOW_BYTES = 1 << 22;
const RECORD_BYTES_MAX = 1 << 28;
const BATCH_ROWS = 65_536;
const FIELDS_MAX = 1 << 21;
const SAMPLE_BYTES = 1 << 16;

/**
 * Opens a file: finds its columns and their types.
 *
 * @throws {SchemaError} `invalid-input` with the place in the file
 */
export async function readCsv(input: ByteInput, options: CsvOptions = {}): Promise<ColumnSource> {
  const source = toByteSource(input);
  const file = await CsvFile.open(source, options);
  const evidence = options.sampleRows === "all"
    ? await (await CsvFile.open(source, options)).gatherAll()
    : await file.gather(options.sampleRows ?? Infinity);
  return file.source(evidence);
}

/** A file that is being read. `position` of the window is always at the beginning of a record. */
class CsvFile {
  readonly #source: ByteSource;
  readonly #options: CsvOptions;
  readonly #window: ByteWindow;
  readonly #dialect: CsvDialect;
  readonly #bytes: ScanBytes;
  readonly #nulls: readonly Uint8Array[];
  readonly #names: readonly string[];
  readonly #table: FieldTable;
  readonly #state: ScanState = { position: 0, line: 1, stop: "end", problemAt: 0, fieldCount: 0 };
  /** Where the records of the table begin. */
  #tableStart = 0;
  #tableLine = 1;
  #rows = 0;

  private constructor(source: ByteSource, options: CsvOptions, opened: OpenedCsv) {
    this.#source = source;
    this.#options = options;
    this.#window = opened.window;
    this.#dialect = opened.dialect;
    this.#bytes = scanBytes(opened.dialect);
    const encoder = new TextEncoder();
    this.#nulls = opened.dialect.nulls.map((text) => encoder.encode(text));
    this.#names = opened.names;
    const columnCount = Math.max(1, opened.names.length);
    const rowsMax = Math.max(
      1,
      Math.min(options.batchRows ?? BATCH_ROWS, Math.floor(FIELDS_MAX / columnCount)),
    );
    this.#table = createFieldTable(columnCount, rowsMax);
    this.#state.position = opened.position;
    this.#state.line = opened.line;
  }

  static async open(source: ByteSource, options: CsvOptions): Promise<CsvFile> {
    const opened = await openCsv(source, options);
    const file = new CsvFile(source, options, opened);
    if (opened.header) await file.#skipHeader();
    return file;
  }

  /** Evidence from the first rows, which stay to be read. */
  async gather(rowsMax: number): Promise<TypeEvidence[]> {
    await this.#scan();
    this.#table.rowCount = Math.min(this.#table.rowCount, rowsMax);
    const evidence = this.#newEvidence();
    this.#addEvidence(evidence);
    this.#state.position = this.#tableStart;
    this.#state.line = this.#tableLine;
    return evidence;
  }

  /** Evidence from all rows, which are used up. */
  async gatherAll(): Promise<TypeEvidence[]> {
    const evidence = this.#newEvidence();
    while (await this.#next()) this.#addEvidence(evidence);
    return evidence;
  }

  source(evidence: readonly TypeEvidence[]): ColumnSource {
    const rules = this.#names.map((name, i): ColumnRule => {
      const given = this.#options.types?.[name];
      return given === undefined
        ? { name, type: evidence[i]!.type(this.#options.fractions), inferred: true }
        : { name, type: given, inferred: false };
    });
    const columns = rules.map(({ name, type }): SourceColumn => ({ name, type, nullable: true }));
    return { columns, batches: () => this.#batches(rules) };
  }

  async *#batches(rules: readonly ColumnRule[]): AsyncGenerator<ColumnBatch> {
    if (rules.length === 0) return;
    const context = this.#parseContext();
    try {
      while (await this.#next()) {
        const table = this.#table;
        // Without prototype: a column may be called __proto__. Object.create gives any.
        const columns = Object.create(null) as Record<string, BatchColumn>;
        rules.forEach((rule, i) => columns[rule.name] = parseColumn(table, i, rule, context));
        this.#rows += table.rowCount;
        yield { rowCount: table.rowCount, columns };
        this.#options.onProgress?.({
          rows: this.#rows,
          bytes: this.#source.position,
          ...(this.#source.totalBytes === undefined ? {} : { totalBytes: this.#source.totalBytes }),
        });
      }
    } finally {
      await this.#window.close();
    }
  }

  /** Scans the next records into the table; false at the end of the file. */
  async #next(): Promise<boolean> {
    await this.#scan();
    return this.#table.rowCount > 0;
  }

  /** Fills the table. A problem behind whole records is raised by the scan that begins with it. */
  async #scan(): Promise<void> {
    const window = this.#window;
    for (;;) {
      this.#tableStart = this.#state.position;
      this.#tableLine = this.#state.line;
      window.buffer[window.end] = LINE_FEED;
      scanRecords(
        window.buffer,
        { bytes: this.#bytes, to: window.end, final: window.final },
        this.#state,
        this.#table,
      );
      if (this.#table.rowCount > 0) return;
      this.#raise();
      if (window.final && this.#state.position >= window.end) return;
      if (window.end - this.#state.position > RECORD_BYTES_MAX) throw this.#recordTooLong();
      window.consume(this.#state.position);
      await window.fill();
      this.#state.position = 0;
    }
  }

  async #skipHeader(): Promise<void> {
    const one = createFieldTable(this.#table.columnCount, 1);
    const window = this.#window;
    for (;;) {
      window.buffer[window.end] = LINE_FEED;
      scanRecords(
        window.buffer,
        { bytes: this.#bytes, to: window.end, final: window.final },
        this.#state,
        one,
      );
      if (one.rowCount > 0 || window.final) return;
      this.#raise();
      if (window.end - this.#state.position > RECORD_BYTES_MAX) throw this.#recordTooLong();
      window.consume(this.#state.position);
      await window.fill();
      this.#state.position = 0;
    }
  }

  #newEvidence(): TypeEvidence[] {
    return this.#names.map(() => new TypeEvidence());
  }

  #addEvidence(evidence: readonly TypeEvidence[]): void {
    const { buffer, starts, ends, flags, columnCount, rowCount } = this.#table;
    evidence.forEach((column, i) => {
      for (let row = 0, field = i; row < rowCount; row++, field += columnCount) {
        const start = starts[field]!;
        const end = ends[field]!;
        if ((flags[field]! & QUOTED) === 0 && this.#isNull(start, end)) column.nullCount++;
        else column.addBytes(buffer, start, end);
      }
    });
  }

  #isNull(start: number, end: number): boolean {
    const { buffer } = this.#table;
    return this.#nulls.some((text) => {
      if (end - start !== text.length) return false;
      for (let i = 0; i < text.length; i++) if (buffer[start + i] !== text[i]) return false;
      return true;
    });
  }

  #parseContext(): ParseContext {
    const { quote, escape } = this.#bytes;
    return {
      nulls: this.#nulls,
      unescape: this.#dialect.backslash ? backslashUnescape : quotedUnescape(quote, escape),
      placeOf: (row, column) => ({
        file: this.#source.name,
        line: this.#lineOf(row),
        column: this.#names[column]!,
      }),
      fileOffset: (at) => this.#window.fileOffset(at),
    };
  }

  /** The line of a row of the table: counted when an error needs it. */
  #lineOf(row: number): number {
    const { buffer, starts, columnCount } = this.#table;
    const to = starts[row * columnCount]!;
    let line = this.#tableLine;
    for (let p = this.#tableStart; p < to; p++) if (isLineEnd(buffer, p)) line++;
    return line;
  }

  /** Throws when the last scan stopped at a problem. */
  #raise(): void {
    const { stop, problemAt, fieldCount, line } = this.#state;
    const file = this.#source.name;
    const expected = this.#names.length;
    if (stop === "ragged") {
      throw inputError(
        { file, line },
        `the record has ${counted(fieldCount, "field")} where ${expected} are expected`,
        {
          hint: "check delimiter and quotes of this line",
          details: { fieldCount, expected },
        },
      );
    }
    if (stop === "unterminated" || stop === "after-quote") {
      const buffer = this.#window.buffer;
      let at = line;
      for (let p = this.#state.position; p < problemAt; p++) if (isLineEnd(buffer, p)) at++;
      const byteOffset = this.#window.fileOffset(problemAt);
      throw stop === "unterminated"
        ? inputError({ file, line: at, byteOffset }, "the quoted field has no closing quote", {
          hint: "double the quotes inside quoted fields, or choose another quote character",
        })
        : inputError({ file, line: at, byteOffset }, "there is text behind the closing quote of a field", {
          hint: "double the quotes inside quoted fields, or choose another quote character",
        });
    }
  }

  #recordTooLong(): Error {
    return inputError(
      { file: this.#source.name, line: this.#state.line },
      `the record has more than ${RECORD_BYTES_MAX} bytes`,
      { hint: "check the quotes of this line", details: { limit: RECORD_BYTES_MAX } },
    );
  }
}

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

function isLineEnd(buffer: Uint8Array, at: number): boolean {
  return buffer[at] === LINE_FEED || (buffer[at] === CARRIAGE_RETURN && buffer[at + 1] !== LINE_FEED);
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** What the beginning of a file says. */
interface OpenedCsv {
  readonly window: ByteWindow;
  readonly dialect: CsvDialect;
  readonly names: readonly string[];
  readonly header: boolean;
  /** Behind the byte order mark and blank lines. */
  readonly position: number;
  readonly line: number;
}

async function openCsv(source: ByteSource, options: CsvOptions): Promise<OpenedCsv> {
  const window = new ByteWindow(
    asUtf8(source, options.encoding ?? "utf8"),
    options.windowBytes ?? WINDOW_BYTES,
  );
  await window.fill();
  const { buffer, end } = window;
  const wide = options.encoding === undefined ? utf16OfMark(buffer, end) : undefined;
  if (wide !== undefined) {
    await window.close();
    return openCsv(source, { ...options, encoding: wide });
  }
  let position = end >= 3 && buffer[0] === 0xef && buffer[1] === 0xbb && buffer[2] === 0xbf ? 3 : 0;
  let line = 1;
  for (
    ;
    position < end && (buffer[position] === LINE_FEED || buffer[position] === CARRIAGE_RETURN);
    position++
  ) {
    if (isLineEnd(buffer, position)) line++;
  }
  const sample = sampleText(buffer, position, end);
  const dialect = dialectOf(options, sample);
  const records = splitRecords(sample, dialect, 2).filter((record) => !isBlank(record));
  const header = options.header ?? (options.format !== "text" && detectHeader(records));
  const names = options.names ?? columnNames(records[0] ?? [], header);
  if (names.length === 0) {
    throw inputError({ file: source.name }, "the file is empty", {
      hint: "name the columns to read an empty file",
    });
  }
  return { window, dialect, names, header, position, line };
}

/** The encoding that a byte order mark of two bytes stands for. */
function utf16OfMark(buffer: Uint8Array, end: number): string | undefined {
  if (end < 2) return undefined;
  if (buffer[0] === 0xff && buffer[1] === 0xfe) return "utf-16le";
  return buffer[0] === 0xfe && buffer[1] === 0xff ? "utf-16be" : undefined;
}

/** The beginning as text: some lines, or all there is when that is one record. */
function sampleText(buffer: Uint8Array, from: number, end: number): string {
  const decoder = new TextDecoder();
  const sample = decoder.decode(buffer.subarray(from, Math.min(end, from + SAMPLE_BYTES)));
  return end - from > SAMPLE_BYTES && !/[\r\n]/.test(sample)
    ? decoder.decode(buffer.subarray(from, end))
    : sample;
}

function dialectOf(options: CsvOptions, sample: string): CsvDialect {
  const base = options.format === "text" ? TEXT_DIALECT : CSV_DIALECT;
  const quote = options.quote === undefined ? base.quote : options.quote;
  const dialect: CsvDialect = {
    delimiter: options.delimiter ?? base.delimiter,
    quote,
    escape: options.escape === undefined ? quote : options.escape,
    backslash: base.backslash,
    nulls: options.nulls ?? base.nulls,
  };
  checkDialect(dialect);
  return options.delimiter === undefined && options.format !== "text"
    ? { ...dialect, delimiter: detectDelimiter(sample, dialect) }
    : dialect;
}

/** Names from the header, made different and not empty; `column1`, `column2`, ... without one. */
function columnNames(first: readonly { readonly text: string }[], header: boolean): string[] {
  const taken = new Set<string>();
  return first.map((field, i) => {
    const wanted = header && field.text.trim() !== "" ? field.text.trim() : `column${i + 1}`;
    let name = wanted;
    for (let n = 1; taken.has(name); n++) name = `${wanted}_${n}`;
    taken.add(name);
    return name;
  });
}

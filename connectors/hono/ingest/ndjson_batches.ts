/**
 * NDJSON as it arrives: lines to objects to batches, as fast as the batches are taken.
 *
 * ```
 * body ─ chunk ─ lines ─ JSON.parse ─ [ rows ] ─ full, or the body pauses ─► batch
 * ```
 *
 * The next chunk is read when the batch before it has been committed, so a slow table slows the sender down. A
 * body that pauses gives what has come so far: a trickle is not held back until a batch is full. A body that breaks
 * off gives nothing of the batch that it broke in.
 *
 * @module
 */
import { LiveViewError } from "../../../src/base/error.ts";
import { inputError, reasonOf } from "../../files/input_error.ts";
import { kindOf, parseJsonText } from "../../json/parse_json.ts";
import { isObject } from "../../json/read_json.ts";
import type { IngestBatch, ReadBatchOptions, RowError } from "./ingest_batch.ts";

/** Milliseconds without data after which the rows at hand are committed. */
const PAUSE_MS = 200;
/** Sixteen digits in a row may be a whole number that a double does not hold. */
const MANY_DIGITS = /\d{16}/;

type Row = Readonly<Record<string, unknown>>;

/** Lines of a body, put together to batches. */
class LineBatches {
  readonly #options: ReadBatchOptions;
  #rows: Row[] = [];
  #lines: number[] = [];
  #records: number[] = [];
  #unreadable: RowError[] = [];
  #recordCount = 0;
  #line = 0;
  #record = 0;

  constructor(options: ReadBatchOptions) {
    this.#options = options;
  }

  /** Rows and failures since the last batch. */
  get pendingCount(): number {
    return this.#recordCount;
  }

  get isFull(): boolean {
    return this.#recordCount >= this.#options.batchRows;
  }

  /** Takes lines from `text`, from offset `from`, until the batch is full; gives the offset after them. */
  take(text: string, from: number): number {
    const manyDigits = MANY_DIGITS.test(text);
    let at = from;
    while (!this.isFull) {
      const end = text.indexOf("\n", at);
      if (end < 0) break;
      this.addLine(text.slice(at, end), manyDigits);
      at = end + 1;
    }
    return at;
  }

  addLine(line: string, manyDigits = true): void {
    this.#line++;
    if (line === "" || line === "\r" || line.trim() === "") return;
    this.#record++;
    if (this.#record <= this.#options.skipRecords) return;
    this.#recordCount++;
    try {
      this.#rows.push(this.#parse(line, manyDigits));
      this.#lines.push(this.#line);
      this.#records.push(this.#record);
    } catch (error) {
      if (!this.#options.skipErrors || !(error instanceof LiveViewError)) throw error;
      const reason = reasonOf(error);
      this.#unreadable.push({ row: this.#record, line: this.#line, code: error.code, reason });
    }
  }

  /** What has come since the last batch. */
  batch(): IngestBatch {
    const rows = this.#rows;
    const lines = this.#lines;
    const records = this.#records;
    const batch: IngestBatch = {
      rowCount: rows.length,
      recordCount: this.#recordCount,
      unreadable: this.#unreadable,
      rows: (from, to) => from === 0 && to === rows.length ? rows : rows.slice(from, to),
      placeOf: (row) => ({ row: records[row]!, line: lines[row]! }),
    };
    this.#rows = [];
    this.#lines = [];
    this.#records = [];
    this.#unreadable = [];
    this.#recordCount = 0;
    return batch;
  }

  requireLength(rest: string): void {
    const limit = this.#options.rowLengthMax;
    if (rest.length <= limit) return;
    throw inputError(
      { file: "the body", line: this.#line + 1 },
      `the line has more than ${limit} characters`,
      {
        hint: "each line is one object",
        details: { limit },
      },
    );
  }

  #parse(line: string, manyDigits: boolean): Row {
    const value = manyDigits ? this.#parseSlowly(line) : this.#parseQuickly(line);
    if (isObject(value)) return value;
    throw inputError(
      { file: "the body", line: this.#line },
      `expected an object: received ${kindOf(value)}`,
      {
        hint: "each line is one object; send an array of objects as application/json",
      },
    );
  }

  #parseQuickly(line: string): unknown {
    try {
      return JSON.parse(line);
    } catch {
      return this.#parseSlowly(line);
    }
  }

  #parseSlowly(line: string): unknown {
    return parseJsonText(line, { file: "the body", line: this.#line });
  }
}

/** The batches of an NDJSON body. Throws what the body throws when it breaks off. */
export async function* ndjsonBatches(
  body: ReadableStream<Uint8Array>,
  options: ReadBatchOptions,
): AsyncGenerator<IngestBatch> {
  const lines = new LineBatches(options);
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const reader = body.getReader();
  let rest = "";
  try {
    for (let reading = reader.read();; reading = reader.read()) {
      if (lines.pendingCount > 0 && await pauses(reading)) yield lines.batch();
      const { done, value } = await reading;
      const text = rest + decoded(decoder, value);
      let at = lines.take(text, 0);
      while (lines.isFull) {
        yield lines.batch();
        at = lines.take(text, at);
      }
      rest = text.slice(at);
      lines.requireLength(rest);
      if (done) break;
    }
    if (rest !== "") lines.addLine(rest);
    if (lines.pendingCount > 0) yield lines.batch();
  } finally {
    // Whoever stops early reads no further; a body that broke off has nothing to cancel.
    await reader.cancel().catch(() => undefined);
  }
}

/** True when nothing comes for a while. */
async function pauses(reading: Promise<unknown>): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const pause = new Promise<"pause">((resolve) => timer = setTimeout(() => resolve("pause"), PAUSE_MS));
  try {
    return await Promise.race([reading.catch(() => undefined), pause]) === "pause";
  } finally {
    clearTimeout(timer);
  }
}

function decoded(decoder: TextDecoder, bytes: Uint8Array | undefined): string {
  try {
    return decoder.decode(bytes, { stream: bytes !== undefined });
  } catch (cause) {
    throw inputError({ file: "the body" }, "the text is not valid UTF-8", { cause, hint: "JSON is UTF-8" });
  }
}

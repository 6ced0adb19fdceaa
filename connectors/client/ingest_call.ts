/**
 * Rows to the server, in batches that are each inserted whole and once.
 *
 * Every batch has an idempotency key: where no answer comes it is sent again with the same key, and the server, which
 * remembers the keys that it has carried out, answers as it did the first time.
 *
 * @module
 */
import { ClientError } from "./client_error.ts";
import type { HttpCalls } from "./http_call.ts";

/** A row by column name. Dates become ISO 8601 text, a bigint its digits. */
export type IngestRow = Readonly<Record<string, unknown>>;

/** Options of an ingest. */
export interface IngestOptions {
  /**
   * Names this ingest: the same rows with the same key are inserted once, also by another process. Random by default,
   * which is enough for what one call sends again.
   */
  readonly idempotencyKey?: string;
  /** Rows of one batch; 5,000 by default. */
  readonly batchRows?: number;
  /** Ends it; what was sent and not answered may be in. */
  readonly signal?: AbortSignal;
}

/** What was inserted. */
export interface IngestReport {
  /** Rows that are in the table. */
  readonly rowCount: number;
  /** For `minVersion` of queries that have to see them; `undefined` without rows. */
  readonly version: number | undefined;
}

/** Fewer than the server commits at once by default: so a batch is one commit. */
const BATCH_ROWS = 5_000;

/** See {@linkcode Client.ingest}. */
export async function ingestRows(
  calls: HttpCalls,
  table: string,
  rows: Iterable<IngestRow> | AsyncIterable<IngestRow>,
  { idempotencyKey = crypto.randomUUID(), batchRows = BATCH_ROWS, signal }: IngestOptions = {},
): Promise<IngestReport> {
  let rowCount = 0;
  let version: number | undefined;
  let batchNumber = 0;
  let lines: string[] = [];
  const flush = async (): Promise<void> => {
    if (lines.length === 0) return;
    const batch = lines;
    lines = [];
    try {
      const response = await calls.sendRepeatedly({
        method: "POST",
        path: `/ingest/${encodeURIComponent(table)}`,
        headers: {
          "content-type": "application/x-ndjson",
          accept: "application/json",
          "idempotency-key": `${idempotencyKey}-${batchNumber++}`,
        },
        body: batch.join("\n") + "\n",
        signal,
      });
      const answer: unknown = await response.json();
      if (typeof answer === "object" && answer !== null && "version" in answer) {
        version = typeof answer.version === "number" ? answer.version : version;
      }
      rowCount += batch.length;
    } catch (error) {
      throw withAcknowledged(error, rowCount);
    }
  };
  for await (const row of rows) {
    lines.push(JSON.stringify(row, replacer));
    if (lines.length >= batchRows) await flush();
  }
  await flush();
  return { rowCount, version };
}

function replacer(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  // JSON has no word for them, and writes null.
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}

function withAcknowledged(error: unknown, acknowledged: number): unknown {
  if (!(error instanceof ClientError)) return error;
  return new ClientError(error.code, error.message, {
    status: error.status,
    retryAfterMs: error.retryAfterMs,
    details: { ...error.details, acknowledged },
    cause: error,
  });
}

/**
 * Batches into a table: each is committed whole, and counted when it is.
 *
 * An error stops at the batch that it is in, which is left out whole: `acknowledged` rows before it stay. With
 * `onError=skip` the rows that cannot be inserted are left out instead, found by halving the batch in one
 * transaction: O(failures * log(batch)) inserts.
 *
 * @module
 */
import {
  type ErrorCode,
  InvariantError,
  LimitError,
  LiveViewError,
  messageWithoutHint,
  QueryError,
  SchemaError,
} from "../../../src/base/error.ts";
import type { DatabaseTransaction } from "../../../src/kernel/database.ts";
import type { AppDatabase } from "../app_context.ts";
import type { IngestBatch, RowError, RowPlace } from "./ingest_batch.ts";

/** What became of the rows. */
export interface IngestReport {
  /** Rows that are committed. */
  readonly rows: number;
  /** Rows that were left out. */
  readonly skipped: number;
  /** The first rows that were left out. */
  readonly errors: readonly RowError[];
  /** Commits. */
  readonly batches: number;
  /** The version that holds them all, for `minVersion`. */
  readonly version: number;
}

/** How rows are inserted. */
export interface IngestRunOptions {
  readonly table: string;
  readonly skipErrors: boolean;
  /** Rows that the report names. */
  readonly errorsMax: number;
  /** Ends the run between two batches. */
  readonly signal: AbortSignal;
  /** Called after each commit, with the rows of the body that are done. */
  readonly onCommit: (report: IngestReport, recordCount: number) => void;
}

/** Errors that a row is to blame for. */
const ROW_ERRORS: ReadonlySet<ErrorCode> = new Set([
  "duplicate-key",
  "not-null-violation",
  "check-violation",
  "foreign-key-violation",
  "column-count",
  "invalid-input",
  "unknown-object",
  "invalid-value",
  "invalid-cast",
  "numeric-overflow",
  "type-mismatch",
  "division-by-zero",
]);

/** One body into one table. */
export class IngestRun {
  readonly #db: AppDatabase;
  readonly #options: IngestRunOptions;
  #rows = 0;
  #skipped = 0;
  #batches = 0;
  readonly #errors: RowError[] = [];

  constructor(db: AppDatabase, options: IngestRunOptions) {
    this.#db = db;
    this.#options = options;
  }

  /** What is committed so far. */
  get report(): IngestReport {
    return {
      rows: this.#rows,
      skipped: this.#skipped,
      errors: [...this.#errors],
      batches: this.#batches,
      version: this.#db.version,
    };
  }

  /**
   * Takes all batches.
   *
   * @throws {LiveViewError} with the rows that are committed as `details.acknowledged`
   */
  async take(batches: AsyncIterable<IngestBatch>): Promise<IngestReport> {
    try {
      for await (const batch of batches) {
        if (this.#options.signal.aborted) throw brokenOff(undefined);
        if (this.#options.skipErrors) await this.#commitFitting(batch);
        else await this.#commit(batch);
        this.#options.onCommit(this.report, batch.recordCount);
      }
      return this.report;
    } catch (error) {
      throw this.#acknowledging(error instanceof LiveViewError ? error : brokenOff(error));
    }
  }

  async #commit(batch: IngestBatch): Promise<void> {
    try {
      this.#rows += await this.#db.insert(this.#options.table, batch.rows(0, batch.rowCount));
      this.#batches++;
    } catch (error) {
      throw error instanceof LiveViewError ? placed(error, batch) : error;
    }
  }

  async #commitFitting(batch: IngestBatch): Promise<void> {
    for (const error of batch.unreadable) this.#skip(error);
    if (batch.rowCount === 0) return;
    try {
      this.#rows += await this.#db.insert(this.#options.table, batch.rows(0, batch.rowCount));
    } catch (error) {
      if (!isRowError(error)) throw error;
      const failed: RowError[] = [];
      await this.#db.transaction((tx) =>
        this.#insertFitting(tx, batch, { from: 0, to: batch.rowCount }, failed)
      );
      this.#rows += batch.rowCount - failed.length;
      failed.forEach((one) => this.#skip(one));
    }
    this.#batches++;
  }

  /** Inserts what fits of the rows `from` to `to`, of which at least one does not. */
  async #insertFitting(
    tx: DatabaseTransaction,
    batch: IngestBatch,
    { from, to }: { readonly from: number; readonly to: number },
    failed: RowError[],
  ): Promise<void> {
    const middle = from + Math.ceil((to - from) / 2);
    for (const part of [{ from, to: middle }, { from: middle, to }]) {
      if (part.from >= part.to) continue;
      try {
        await tx.insert(this.#options.table, batch.rows(part.from, part.to));
      } catch (error) {
        if (!isRowError(error)) throw error;
        if (part.to - part.from > 1) await this.#insertFitting(tx, batch, part, failed);
        else {failed.push({
            ...batch.placeOf(part.from),
            code: error.code,
            reason: messageWithoutHint(error),
          });}
      }
    }
  }

  #skip(error: RowError): void {
    this.#skipped++;
    if (this.#errors.length < this.#options.errorsMax) this.#errors.push(error);
  }

  #acknowledging(error: LiveViewError): LiveViewError {
    const { hint } = error;
    const Class = error instanceof QueryError
      ? QueryError
      : error instanceof LimitError
      ? LimitError
      : error instanceof InvariantError
      ? InvariantError
      : SchemaError;
    return new Class(error.code, messageWithoutHint(error), {
      details: {
        ...error.details,
        acknowledged: this.#rows,
        ...(this.#skipped === 0 ? {} : { skipped: this.#skipped, errors: this.#errors }),
      },
      ...(hint === undefined ? {} : { hint }),
      cause: error,
    });
  }
}

function isRowError(error: unknown): error is LiveViewError {
  return error instanceof LiveViewError && ROW_ERRORS.has(error.code);
}

/** `error`, which names a row of the batch, with its place in the body. */
function placed(error: LiveViewError, batch: IngestBatch): LiveViewError {
  const { row } = error.details;
  const place: RowPlace | undefined = typeof row === "number" && row >= 0 && row < batch.rowCount
    ? batch.placeOf(row)
    : undefined;
  const where = place?.line === undefined ? "" : `Line ${place.line}: `;
  return new SchemaError(error.code, where + messageWithoutHint(error), {
    details: { ...error.details, ...place },
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    cause: error,
  });
}

/** The connection went away while the body was read. */
function brokenOff(cause: unknown): LimitError {
  return new LimitError("aborted", "The body broke off", {
    hint: "send the rows after the acknowledged ones again, or all of them with the same Idempotency-Key",
    cause,
  });
}

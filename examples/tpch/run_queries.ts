/**
 * The 22 queries, run, timed and checked.
 *
 * @module
 */
import type { Clock } from "../../src/base/clock.ts";
import { LiveViewError } from "../../src/base/error.ts";
import type { QueryResult } from "../../src/kernel/query_result.ts";
import { type AnswerValue, checksumOfRows, expectedChecksum } from "./answers.ts";
import type { AnyDatabase } from "./load.ts";
import type { TpchQuery } from "./queries.ts";

/** What came of a query. */
export interface QueryRun {
  readonly query: TpchQuery;
  /** Times of all runs in milliseconds; empty when it failed. */
  readonly timesMs: readonly number[];
  readonly result: QueryResult | undefined;
  readonly checksum: string | undefined;
  /** The checksum that the answer should have; unknown for data without one. */
  readonly expected: string | undefined;
  readonly error: LiveViewError | undefined;
}

/** How queries are run. */
export interface RunOptions {
  readonly clock: Clock;
  /** Times that each query runs; the best counts. */
  readonly runs: number;
  /** The scale factor whose expected answers hold for the data; absent when none do. */
  readonly scaleFactor?: number;
}

/** Runs one query. */
export async function runQuery(db: AnyDatabase, query: TpchQuery, options: RunOptions): Promise<QueryRun> {
  const { clock, runs, scaleFactor } = options;
  const expected = scaleFactor === undefined ? undefined : expectedChecksum(query.name, scaleFactor);
  const timesMs: number[] = [];
  let result: QueryResult | undefined;
  try {
    for (let run = 0; run < runs; run++) {
      const startMs = clock.monotonic();
      result = await db.query(query.sql);
      timesMs.push(clock.monotonic() - startMs);
    }
  } catch (error) {
    if (!(error instanceof LiveViewError)) throw error;
    return { query, timesMs: [], result: undefined, checksum: undefined, expected, error };
  }
  // Values of TPC-H columns are numbers, texts, dates and NULL.
  const rows = (result?.rows() ?? []) as AnswerValue[][];
  return { query, timesMs, result, checksum: checksumOfRows(query.name, rows), expected, error: undefined };
}

/** The time that counts. */
export function bestMs(run: QueryRun): number {
  return Math.min(...run.timesMs);
}

/** Whether the answer is right: `unchecked` when nothing is known of it. */
export function verdictOf(run: QueryRun): "right" | "wrong" | "unchecked" {
  if (run.error !== undefined) return "wrong";
  if (run.expected === undefined) return "unchecked";
  return run.checksum === run.expected ? "right" : "wrong";
}

/** The geometric mean of some times. */
export function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}

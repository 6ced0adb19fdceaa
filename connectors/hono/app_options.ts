/**
 * Options of `liveviewApp`, with their defaults.
 *
 * @module
 */
import type { Clock } from "../../src/base/clock.ts";
import type { AuthenticationOptions } from "./auth/authenticator.ts";
import type { RateLimitOptions } from "./limits/rate_limit.ts";
import type { QueryResult } from "../../src/kernel/query_result.ts";
import type { ColumnSource } from "../files/column_source.ts";
import type { ChartKind } from "../charts/chart_kind.ts";
import type { LiveLimits } from "./live/live_limits.ts";
import type { SocketUpgrade } from "./live/socket_route.ts";

/** What a caller may do; `admin` implies `write` implies `read`. */
export type Access = "public" | "read" | "write" | "admin";

/** Limits of the adapter; each has a status. */
export interface HttpLimits {
  /** Bytes of a request body that is read whole: 413. */
  readonly bodyBytesMax: number;
  /** Bytes of an ingest body, after which what was committed stays: 413. */
  readonly ingestBytesMax: number;
  /** Rows of one ingest batch: each is committed whole. */
  readonly ingestBatchRows: number;
  /** Rows refused by `onError=skip` that the report names. */
  readonly ingestErrorsMax: number;
  /** Milliseconds that a query may take when it does not say less: 504. */
  readonly deadlineMsMax: number;
  /** Requests under way at once, streams included: 503. */
  readonly connectionsMax: number;
  /** Bytes of encoded answers that are kept. */
  readonly answerCacheBytesMax: number;
  /** Answers of ingests that are kept by `Idempotency-Key`. */
  readonly idempotencyKeysMax: number;
}

/** Which pages of other origins may call. */
export interface CorsOptions {
  /** `https://dashboard.example`, several, or `*` for all. */
  readonly origin: string | readonly string[];
  /** Send cookies along; needs named origins. */
  readonly credentials?: boolean;
  /** Seconds for which a browser keeps the permission; 600 by default. */
  readonly maxAgeS?: number;
}

/** Reads and writes Arrow IPC. */
export interface ArrowFormat {
  /** Opens a stream or file that is held whole. */
  read(bytes: Uint8Array): Promise<ColumnSource>;
  /** The stream of a result. */
  write(result: QueryResult): Uint8Array;
}

/** What holds when nothing is said. */
export const DEFAULT_HTTP_LIMITS: HttpLimits = {
  bodyBytesMax: 4 * 2 ** 20,
  ingestBytesMax: 4 * 2 ** 30,
  ingestBatchRows: 8_192,
  ingestErrorsMax: 100,
  deadlineMsMax: 60_000,
  connectionsMax: 10_000,
  answerCacheBytesMax: 64 * 2 ** 20,
  idempotencyKeysMax: 10_000,
};

/** See the module header. */
export interface LiveviewAppOptions {
  /** The machine's clock by default. */
  readonly clock?: Clock;
  /** Names this database in ETags and event ids; random by default. */
  readonly instance?: string;
  /** What a caller without credentials may do; `read` by default. */
  readonly anonymous?: "none" | Exclude<Access, "public">;
  /** How callers prove who they are; nobody can without. */
  readonly authentication?: AuthenticationOptions;
  /** Requests a second of each principal, or address where there is none: 429. No limit by default. */
  readonly rateLimit?: RateLimitOptions;
  /** The address of a caller; by default what the runtime tells, which behind a proxy is that of the proxy. */
  readonly address?: (request: Request, env: unknown) => string | undefined;
  /** Pages of other origins that may call; none by default. */
  readonly cors?: CorsOptions;
  /** Compress answers where the runtime can and the caller takes it; true by default. */
  readonly compress?: boolean;
  /** Arrow, for results and ingest: `arrowFormat`, which `liveviewApp` has and `edgeApp` has not. */
  readonly arrow?: ArrowFormat;
  /** Chart libraries for `/v1/charts/:kind`. */
  readonly charts?: readonly ChartKind[];
  /** Each limit has a default; see {@linkcode HttpLimits}. */
  readonly limits?: Partial<HttpLimits>;
  /** Intervals and limits of live streams and sockets; each has a default. */
  readonly live?: Partial<LiveLimits>;
  /** What opens WebSockets in this runtime, from `connectors/hono/runtime/`; without it `/v1/socket` is 501. */
  readonly sockets?: SocketUpgrade;
  /** Told of every error that becomes a 5xx. */
  readonly onError?: (error: unknown, request: Request) => void;
}

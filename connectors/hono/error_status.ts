/**
 * The HTTP status of each error code: one table, so that a new code without a status does not compile.
 *
 * 400 the request must change; 401 and 403 who asks; 404 what is asked for is not there; 409 data or catalogue
 * stand against it; 413, 422 and 429 limits; 499 the caller went away; 5xx the server's affair.
 *
 * @module
 */
import type { ErrorCode } from "../../src/base/error.ts";

/** A status that an error may have. */
export type ErrorStatus =
  | 400
  | 401
  | 403
  | 404
  | 405
  | 406
  | 409
  | 413
  | 415
  | 422
  | 429
  | 499
  | 500
  | 501
  | 503
  | 504;

/** See the module header. */
export const ERROR_STATUS: Readonly<Record<ErrorCode, ErrorStatus>> = {
  "syntax-error": 400,
  "unknown-column": 400,
  "unknown-table": 404,
  "unknown-function": 400,
  "unknown-type": 400,
  "ambiguous-name": 400,
  "type-mismatch": 400,
  "ungrouped-column": 400,
  "invalid-statement": 400,
  "invalid-parameter": 400,
  "unsupported": 501,
  "division-by-zero": 422,
  "numeric-overflow": 422,
  "invalid-value": 422,
  "invalid-cast": 422,
  "cardinality-violation": 422,
  "version-unavailable": 409,
  "unknown-route": 404,
  "method-not-allowed": 405,
  "not-acceptable": 406,
  "unsupported-media-type": 415,
  "idempotency-conflict": 422,
  "duplicate-key": 409,
  "not-null-violation": 422,
  "check-violation": 422,
  "foreign-key-violation": 409,
  "duplicate-object": 409,
  "unknown-object": 404,
  "dependent-objects": 409,
  "circular-definition": 409,
  "not-populated": 409,
  "column-count": 400,
  "invalid-input": 400,
  "access-denied": 403,
  "unauthenticated": 401,
  "memory-limit": 503,
  "row-limit": 422,
  "token-limit": 413,
  "depth-limit": 422,
  "fan-out-limit": 422,
  "log-limit": 503,
  "queue-limit": 503,
  "deadline-exceeded": 504,
  "aborted": 499,
  "stale": 503,
  "body-limit": 413,
  "rate-limit": 429,
  "connection-limit": 503,
  "plugin-failed": 500,
  "plugin-missing": 501,
  "plugin-duplicate": 500,
  "invariant": 500,
  "closed": 503,
  "transaction-closed": 409,
  "would-wait-for-itself": 500,
};

/** Seconds after which a request that failed for want of capacity may be sent again. */
export const RETRY_AFTER_S: Readonly<Partial<Record<ErrorCode, number>>> = {
  "memory-limit": 30,
  "log-limit": 30,
  "queue-limit": 1,
  "stale": 5,
  "rate-limit": 1,
  "connection-limit": 5,
  "closed": 5,
};

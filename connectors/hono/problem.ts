/**
 * Errors as problem documents (RFC 9457).
 *
 * What the engine refused is told in full: its message names the value and the way out. What nobody foresaw is
 * told as a fault without its message, which may hold what is not the caller's to see; it goes to `onError`.
 *
 * @module
 */
import { type ErrorCode, LiveViewError, messageWithoutHint, QueryError } from "../../src/base/error.ts";
import type { SourcePlace } from "../../src/base/error.ts";
import { ERROR_STATUS, type ErrorStatus, RETRY_AFTER_S } from "./error_status.ts";
import { wireValue } from "./wire_value.ts";

/** The body of an answer that is an error. */
export interface ProblemDocument {
  /** A URI that names the kind of problem: `urn:liveview:problem:<code>`. */
  readonly type: string;
  /** The kind in words; the same for every problem of the kind. */
  readonly title: string;
  /** The HTTP status. */
  readonly status: ErrorStatus;
  /** What happened this time, with the values received. */
  readonly detail: string;
  /** The code of the error, for programs. */
  readonly code: ErrorCode;
  /** What can be done about it. */
  readonly hint?: string;
  /** The values behind the message. */
  readonly details: Readonly<Record<string, unknown>>;
  /** Where in the SQL text. */
  readonly place?: SourcePlace;
}

/** The media type of {@linkcode ProblemDocument}. */
export const PROBLEM_TYPE = "application/problem+json";

/** Codes whose details are ours and not the caller's. */
const PRIVATE_CODES: ReadonlySet<ErrorCode> = new Set([
  "invariant",
  "plugin-failed",
  "would-wait-for-itself",
]);

/** The problem that `error` is; one that is no {@linkcode LiveViewError} is a fault without details. */
export function problemOf(error: unknown): ProblemDocument {
  if (!(error instanceof LiveViewError) || PRIVATE_CODES.has(error.code)) {
    const code = error instanceof LiveViewError ? error.code : "invariant";
    return {
      type: typeOf(code),
      title: titleOf(code),
      status: ERROR_STATUS[code],
      detail: "The server failed to answer; the reason is in its log",
      code,
      details: {},
    };
  }
  const { code, hint } = error;
  const place = error instanceof QueryError ? error.place : undefined;
  return {
    type: typeOf(code),
    title: titleOf(code),
    status: ERROR_STATUS[code],
    detail: messageWithoutHint(error),
    code,
    ...(hint === undefined ? {} : { hint }),
    // Details are plain data by contract, with values of the engine among them.
    details: wireValue(error.details) as Record<string, unknown>,
    ...(place === undefined ? {} : { place }),
  };
}

/** The answer for `error`. */
export function problemResponse(error: unknown): Response {
  const problem = problemOf(error);
  const headers = new Headers({ "content-type": PROBLEM_TYPE, "cache-control": "no-store" });
  const retryAfter = retryAfterSeconds(error);
  if (retryAfter !== undefined) headers.set("retry-after", String(retryAfter));
  if (error instanceof LiveViewError) {
    if (error.code === "unauthenticated") headers.set("www-authenticate", challengeOf(error));
    const allow = error.details["allow"];
    if (error.code === "method-not-allowed" && Array.isArray(allow)) headers.set("allow", allow.join(", "));
  }
  return new Response(JSON.stringify(problem), { status: problem.status, headers });
}

/** Whole seconds, at least 1; `undefined` where another try would fail as well. */
export function retryAfterSeconds(error: unknown): number | undefined {
  if (!(error instanceof LiveViewError)) return undefined;
  const ms = error.details["retryAfterMs"];
  return typeof ms === "number" ? Math.max(1, Math.ceil(ms / 1000)) : RETRY_AFTER_S[error.code];
}

function challengeOf(error: LiveViewError): string {
  return error.details["token"] === "invalid" ? `Bearer error="invalid_token"` : "Bearer";
}

function typeOf(code: ErrorCode): string {
  return `urn:liveview:problem:${code}`;
}

/** `unknown-column` as `Unknown column`. */
function titleOf(code: ErrorCode): string {
  return code[0]!.toUpperCase() + code.slice(1).replaceAll("-", " ");
}

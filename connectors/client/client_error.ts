/**
 * Errors of the client: what the server says in its problem document, and what happens on the way to it.
 *
 * @module
 */
import { type ErrorCode, LiveViewError } from "../../src/base/error.ts";

/** A problem document (RFC 9457) as the server sends it. */
export interface Problem {
  readonly title?: string;
  readonly status?: number;
  readonly detail?: string;
  readonly code?: string;
  readonly hint?: string;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly place?: { readonly line: number; readonly column: number };
}

/** A request that failed: `code` is the server's, `status` that of HTTP and 0 when no answer came. */
export class ClientError extends LiveViewError {
  /** `ClientError`. */
  override readonly name: string = "ClientError";
  /** Of the answer; 0 without one. */
  readonly status: number;
  /** Milliseconds after which the server wants to be asked again. */
  readonly retryAfterMs: number | undefined;

  /** As {@linkcode LiveViewError}, with what HTTP adds. */
  constructor(
    code: ErrorCode,
    message: string,
    options: {
      readonly status: number;
      readonly retryAfterMs?: number | undefined;
      readonly details?: Readonly<Record<string, unknown>> | undefined;
      readonly hint?: string | undefined;
      readonly cause?: unknown;
    },
  ) {
    super(code, message, {
      ...(options.details === undefined ? {} : { details: options.details }),
      ...(options.hint === undefined ? {} : { hint: options.hint }),
      ...(options.cause === undefined ? {} : { cause: options.cause }),
    });
    this.status = options.status;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** The error of a problem document; anything that is none is told by its status. */
export function errorOfProblem(
  problem: unknown,
  { status, retryAfterMs }: { readonly status: number; readonly retryAfterMs?: number | undefined },
): ClientError {
  const { code, detail, hint, details, place, title } = isProblem(problem) ? problem : {};
  // Servers of other versions may have codes that this one does not know: they pass through.
  const known = (code ?? (status === 0 ? "closed" : "invariant")) as ErrorCode;
  return new ClientError(known, detail ?? title ?? `The server answered with status ${status}`, {
    status,
    retryAfterMs,
    hint,
    details: place === undefined ? details : { ...details, place },
  });
}

/** The error of an answer that is no success. */
export async function errorOfResponse(response: Response): Promise<ClientError> {
  const seconds = Number(response.headers.get("retry-after") ?? NaN);
  const retryAfterMs = Number.isFinite(seconds) ? seconds * 1000 : undefined;
  let problem: unknown;
  try {
    problem = await response.json();
  } catch {
    // An answer of a proxy, or none: the status has to do.
  }
  return errorOfProblem(problem, { status: response.status, retryAfterMs });
}

/** Nothing came back. */
export function noAnswer(url: string, cause: unknown): ClientError {
  return new ClientError("closed", `No answer from ${url}`, {
    status: 0,
    cause,
    hint: "check that the server runs and can be reached",
  });
}

/** Whether asking again may help. */
export function isTransient(error: unknown): boolean {
  return error instanceof ClientError &&
    (error.status === 0 || error.status === 429 || error.status >= 500) &&
    error.status !== 501;
}

function isProblem(value: unknown): value is Problem {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

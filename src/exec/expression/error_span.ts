/**
 * Errors of single values, given the place of the expression that failed.
 *
 * @module
 */
import { QueryError } from "../../base/error.ts";
import type { Span } from "../../query/ast.ts";

/** `error` with `details.span` set, unless it is no query error or an inner expression has set it. */
export function withSpan(error: unknown, span: Span | undefined): unknown {
  if (!(error instanceof QueryError) || span === undefined || error.details["span"] !== undefined) {
    return error;
  }
  const { hint } = error;
  // The constructor writes the hint behind the message again.
  const message = hint === undefined ? error.message : error.message.slice(0, -(hint.length + 3));
  return new QueryError(error.code, message, {
    details: { ...error.details, span },
    ...(hint === undefined ? {} : { hint }),
    cause: error,
  });
}

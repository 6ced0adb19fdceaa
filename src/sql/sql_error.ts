/**
 * Errors with a place: what was found, line and column, the line with a caret, and a hint.
 *
 * One form serves the parser (which knows the text) and the binder (which knows only spans, and has the
 * text added by {@linkcode withSource}). Cost: linear in the text, on failure only.
 *
 * @module
 */
import {
  type ErrorCode,
  LimitError,
  messageWithoutHint,
  QueryError,
  type SourcePlace,
} from "../base/error.ts";
import type { Span } from "../query/ast.ts";

/** Longest excerpt of a source line in a message. */
const EXCERPT_LENGTH_MAX = 120;

/** What an editor's linter takes: offsets, severity and a message of one line. */
export interface Diagnostic {
  /** First offset of the place. */
  readonly from: number;
  /** Offset after the place. */
  readonly to: number;
  /** Always an error: the front end has no warnings. */
  readonly severity: "error";
  /** What is wrong, and the hint in brackets. */
  readonly message: string;
  /** The code of the error. */
  readonly code: ErrorCode;
}

/** The place of `span` in `sql`, with 1-based line and column. */
export function placeOf(sql: string, span: Span): SourcePlace {
  const from = Math.min(span.from, sql.length);
  let line = 1;
  let lineStart = 0;
  for (let at = sql.indexOf("\n"); at >= 0 && at < from; at = sql.indexOf("\n", at + 1)) {
    line++;
    lineStart = at + 1;
  }
  return { from, to: Math.max(span.to, from), line, column: from - lineStart + 1 };
}

/** The source line of `place`, cut around it when long, and a line with carets below it. */
export function caretLines(sql: string, place: SourcePlace): string {
  const lineStart = place.from - place.column + 1;
  const newline = sql.indexOf("\n", place.from);
  const lineEnd = newline < 0 ? sql.length : newline;
  const start = lineEnd - lineStart <= EXCERPT_LENGTH_MAX ? lineStart : Math.max(lineStart, place.from - 60);
  const text = sql.slice(start, Math.min(lineEnd, start + EXCERPT_LENGTH_MAX)).replace(/\r$/, "");
  const indent = text.slice(0, place.from - start).replace(/[^\t]/g, " ").padEnd(place.from - start);
  const width = Math.min(place.to, lineEnd, start + EXCERPT_LENGTH_MAX) - place.from;
  return `${text}\n${indent}${"^".repeat(Math.max(1, width))}`;
}

/** A message with its place: `reason at line 1, column 5`, then the caret lines. */
function placedMessage(sql: string, reason: string, place: SourcePlace): string {
  return `${reason} at line ${place.line}, column ${place.column}\n${caretLines(sql, place)}`;
}

/** A syntax error at `span`. `expected` says what could have stood there. */
export function syntaxError(
  sql: string,
  span: Span,
  reason: string,
  options: { readonly expected?: readonly string[]; readonly hint?: string | undefined } = {},
): QueryError {
  const place = placeOf(sql, span);
  return new QueryError("syntax-error", placedMessage(sql, reason, place), {
    place,
    details: {
      reason,
      found: sql.slice(place.from, Math.min(place.to, place.from + 40)),
      expected: options.expected ?? [],
    },
    ...(options.hint === undefined ? {} : { hint: options.hint }),
  });
}

/** A limit on statements, by the name of the option of a database that sets it. */
export type StatementLimit =
  | "statementCharactersMax"
  | "statementTokensMax"
  | "statementDepthMax"
  | "statementOperatorsMax";

const LIMIT_HINTS: Readonly<Record<StatementLimit, string>> = {
  statementCharactersMax: "split the script, pass long values as parameters",
  statementTokensMax: "split the statement, pass long lists as parameters",
  statementDepthMax: "nest less deep, compute parts in a common table expression",
  statementOperatorsMax: "group the operators in parentheses, write lists with IN or UNION ALL of VALUES",
};

/** A limit of the front end that was reached at `span`. */
export function limitError(
  sql: string,
  span: Span,
  reason: string,
  options: {
    readonly code: "token-limit" | "depth-limit";
    readonly limit: number;
    readonly option: StatementLimit;
  },
): LimitError {
  const place = placeOf(sql, span);
  return new LimitError(options.code, placedMessage(sql, reason, place), {
    details: { limit: options.limit, reason, ...place },
    hint: `${LIMIT_HINTS[options.option]}, or raise ${options.option}`,
  });
}

/** The same error with `place` set to `span` and the caret lines in its message. */
export function locate(error: QueryError, sql: string, span: Span): QueryError {
  const place = placeOf(sql, span);
  const reason = messageWithoutHint(error);
  return new QueryError(error.code, placedMessage(sql, reason, place), {
    place,
    details: { ...error.details, reason },
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    ...(error.cause === undefined ? {} : { cause: error.cause }),
  });
}

function isSpan(value: unknown): value is Span {
  return typeof value === "object" && value !== null && "from" in value && "to" in value &&
    typeof value.from === "number" && typeof value.to === "number";
}

/** Gives an error that was raised with `details.span` its place in `sql`; others come back unchanged. */
export function withSource(error: QueryError, sql: string): QueryError {
  const span = error.details["span"];
  return error.place === undefined && isSpan(span) ? locate(error, sql, span) : error;
}

/** The error as an editor shows it; errors without a place cover the whole text. */
export function describeError(sql: string, error: QueryError | LimitError): Diagnostic {
  const placed = error instanceof QueryError ? withSource(error, sql) : error;
  const span = placed instanceof QueryError
    ? placed.place
    : isSpan(placed.details)
    ? placed.details
    : undefined;
  const reason = placed.details["reason"];
  const text = typeof reason === "string" ? reason : placed.message;
  return {
    from: span?.from ?? 0,
    to: span?.to ?? sql.length,
    severity: "error",
    message: placed.hint === undefined || typeof reason !== "string" ? text : `${text} (${placed.hint})`,
    code: placed.code,
  };
}

/** A hint for a syntax error: a misspelt keyword, a stray comma, or the few things that fit. */
export function syntaxHint(
  sql: string,
  span: Span,
  expected: readonly string[],
): string | undefined {
  const found = sql.slice(span.from, Math.min(span.to, span.from + 40));
  const words = expected.filter((word) => /^[A-Z]{3,}$/.test(word));
  const keyword = nearest(found.toUpperCase(), words);
  if (keyword !== undefined) return `did you mean ${keyword}?`;
  const before = /([A-Za-z]+)\s+$/.exec(sql.slice(Math.max(0, span.from - 60), span.from))?.[1];
  const alias = before === undefined ? undefined : nearest(before.toUpperCase(), words);
  if (alias !== undefined) return `did you mean ${alias} instead of ${JSON.stringify(before)}?`;
  if (/,\s*$/.test(sql.slice(Math.max(0, span.from - 200), span.from))) return "remove the comma before it?";
  if (expected.length > 0 && expected.length <= 6) return `expected ${expected.join(" or ")}`;
  if (/^[)\]]$/.test(found)) return "remove it, or open a bracket before it";
  return undefined;
}

/** The candidate within two edits of `word` (fewer for short ones); ties go to the first. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = 3;
  for (const candidate of candidates) {
    const distance = editDistance(word, candidate);
    if (distance < bestDistance && distance < candidate.length / 2 && distance > 0) {
      bestDistance = distance;
      best = candidate;
    }
  }
  return best;
}

/** Edits (insert, delete, replace, swap of neighbours) between two words; 9 when clearly more than two. */
function editDistance(left: string, right: string): number {
  if (Math.abs(left.length - right.length) > 2) return 9;
  let beforeLast: number[] = [];
  let last = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let i = 1; i <= left.length; i++) {
    const row = [i];
    for (let j = 1; j <= right.length; j++) {
      const same = left[i - 1] === right[j - 1];
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1));
      if (i > 1 && j > 1 && left[i - 1] === right[j - 2] && left[i - 2] === right[j - 1]) {
        cost = Math.min(cost, (beforeLast[j - 2] ?? 0) + 1);
      }
      row.push(cost);
    }
    beforeLast = last;
    last = row;
  }
  return last[right.length] ?? 9;
}

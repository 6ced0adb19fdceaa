/**
 * The error family of LiveViewDB.
 *
 * Every error that leaves the engine is a {@linkcode LiveViewError}. Its class says who must act, its
 * `code` what happened (one literal union, so a switch over codes is checked by the compiler), `details`
 * carries the values as data, and the message ends in a way out. A message is in sentence case, without
 * full stop, and contains the value that was received.
 *
 * @module
 */

/** What happened. Stable: clients and HTTP adapters switch on it. */
export type ErrorCode =
  // QueryError: the statement must change
  | "syntax-error"
  | "unknown-column"
  | "unknown-table"
  | "unknown-function"
  | "unknown-type"
  | "ambiguous-name"
  | "type-mismatch"
  | "ungrouped-column"
  | "invalid-statement"
  | "invalid-parameter"
  | "unsupported"
  | "division-by-zero"
  | "numeric-overflow"
  | "invalid-value"
  | "invalid-cast"
  | "cardinality-violation"
  | "version-unavailable"
  // QueryError of an adapter: the request must change
  | "unknown-route"
  | "method-not-allowed"
  | "not-acceptable"
  | "unsupported-media-type"
  | "idempotency-conflict"
  // SchemaError: the data or the catalogue stands against it
  | "duplicate-key"
  | "not-null-violation"
  | "check-violation"
  | "foreign-key-violation"
  | "duplicate-object"
  | "unknown-object"
  | "dependent-objects"
  | "circular-definition"
  | "not-populated"
  | "column-count"
  | "invalid-input"
  // AccessError
  | "access-denied"
  | "unauthenticated"
  // LimitError
  | "memory-limit"
  | "row-limit"
  | "token-limit"
  | "depth-limit"
  | "fan-out-limit"
  | "log-limit"
  | "queue-limit"
  | "deadline-exceeded"
  | "aborted"
  | "stale"
  | "body-limit"
  | "rate-limit"
  | "connection-limit"
  // PluginError
  | "plugin-failed"
  | "plugin-missing"
  | "plugin-duplicate"
  // InvariantError: our own fault, or use after close
  | "invariant"
  | "closed"
  | "transaction-closed"
  | "would-wait-for-itself";

/** A place in SQL text, as UTF-16 offsets and 1-based line and column. */
export interface SourcePlace {
  /** First UTF-16 offset of the place. */
  readonly from: number;
  /** Offset after the last one. */
  readonly to: number;
  /** Line of `from`, counted from 1. */
  readonly line: number;
  /** Column of `from` in UTF-16 units, counted from 1. */
  readonly column: number;
}

/** What an error carries besides its message. */
export interface ErrorOptions {
  /** Values as plain data: the column, the row index, the limit, ... */
  readonly details?: Readonly<Record<string, unknown>>;
  /** What the reader can do about it; printed in brackets after the message. */
  readonly hint?: string;
  /** The error behind this one. */
  readonly cause?: unknown;
}

/** The base of every error that LiveViewDB throws. */
export class LiveViewError extends Error {
  /** The name of the class, as data: it survives bundling and `toJSON`. */
  override readonly name: string = "LiveViewError";
  /** What happened. */
  readonly code: ErrorCode;
  /** The values behind the message; empty when there are none. */
  readonly details: Readonly<Record<string, unknown>>;
  /** What the reader can do about it; part of the message too. */
  readonly hint: string | undefined;

  /** The message is `message`, with the hint in brackets after it. */
  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(
      options.hint === undefined ? message : `${message} (${options.hint})`,
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.code = code;
    this.details = options.details ?? {};
    this.hint = options.hint;
  }

  /** Plain data for logs and wire formats. */
  toJSON(): { name: string; code: ErrorCode; message: string; details: Readonly<Record<string, unknown>> } {
    return { name: this.name, code: this.code, message: this.message, details: this.details };
  }
}

/** The message of `error` without the hint in brackets, to stand within another message. */
export function messageWithoutHint(error: LiveViewError): string {
  const tail = error.hint === undefined ? "" : ` (${error.hint})`;
  return tail !== "" && error.message.endsWith(tail) ? error.message.slice(0, -tail.length) : error.message;
}

/** The author of the query must act: syntax, names, types, values. `place` is set where text is known. */
export class QueryError extends LiveViewError {
  /** `QueryError`. */
  override readonly name: string = "QueryError";
  /** Where in the SQL text, when it came as text. Set once, by the first layer that knows the text. */
  place: SourcePlace | undefined;

  /** As {@linkcode LiveViewError}, with the place in the text where it is known. */
  constructor(code: ErrorCode, message: string, options: ErrorOptions & { place?: SourcePlace } = {}) {
    super(code, message, options);
    this.place = options.place;
  }
}

/** Data or catalogue stand against the statement: keys, constraints, duplicate or missing objects. */
export class SchemaError extends LiveViewError {
  /** `SchemaError`. */
  override readonly name: string = "SchemaError";
}

/** The caller may not do this. */
export class AccessError extends LiveViewError {
  /** `AccessError`. */
  override readonly name: string = "AccessError";
}

/** A limit was reached: memory, rows, tokens, depth, time. `details.limit` and `details.actual` say which. */
export class LimitError extends LiveViewError {
  /** `LimitError`. */
  override readonly name: string = "LimitError";
}

/** A plugin failed; `details.plugin` and `details.hook` say where, `cause` keeps what it threw. */
export class PluginError extends LiveViewError {
  /** `PluginError`. */
  override readonly name: string = "PluginError";
}

/** A promise of the engine to itself was broken, or an object was used after `close()`. */
export class InvariantError extends LiveViewError {
  /** `InvariantError`. */
  override readonly name: string = "InvariantError";
}

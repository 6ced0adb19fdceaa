/**
 * Everything that grows has a limit: the settings of a database, with their defaults.
 *
 * @module
 */
import { LimitError } from "../base/error.ts";
import type { BindLimits } from "../query/bind_context.ts";
import type { ParseOptions } from "../sql/parse.ts";

/** Limits of a database; each has a typed error. */
export interface Limits {
  /** Bytes of tables, views, indexes and logs: `memory-limit`. */
  readonly memoryBytesMax: number;
  /** Bytes that the operators of one query may hold: `memory-limit`. */
  readonly queryBytesMax: number;
  /** Rows of one result: `row-limit`. */
  readonly resultRowsMax: number;
  /** Rows that one join may produce: `fan-out-limit`. */
  readonly joinRowsMax: number;
  /** Changed rows that the change log retains for consumers that lag: they rebuild beyond it. */
  readonly logRowsMax: number;
  /** Bytes, roughly, of the last commits that are kept for AT VERSION; 0 keeps none: `version-unavailable`. */
  readonly historyBytesMax: number;
  /** Statements whose plans are kept. */
  readonly planCacheMax: number;
  /** Tasks that may be under way at once: `queue-limit`. */
  readonly tasksMax: number;
  /** UTF-16 units of one text, a script as a whole: `token-limit`. */
  readonly statementCharactersMax: number;
  /** Tokens of one text, a script as a whole: `token-limit`. */
  readonly statementTokensMax: number;
  /** Levels that expressions and queries may nest: `depth-limit`. The stack of the runtime bounds it too. */
  readonly statementDepthMax: number;
  /**
   * Operators in a row at one level, as in `a + b + c`: `depth-limit`. What does not nest (AND, OR, joins) may
   * be four times as long.
   */
  readonly statementOperatorsMax: number;
}

/** What holds when nothing is said. */
export const DEFAULT_LIMITS: Limits = {
  memoryBytesMax: 8 * 2 ** 30,
  queryBytesMax: 4 * 2 ** 30,
  resultRowsMax: 20_000_000,
  joinRowsMax: 2_000_000_000,
  logRowsMax: 10_000_000,
  historyBytesMax: 4 * 2 ** 20,
  planCacheMax: 1_000,
  tasksMax: 10_000,
  statementCharactersMax: 64 * 2 ** 20,
  statementTokensMax: 200_000,
  statementDepthMax: 300,
  statementOperatorsMax: 1_000,
};

/** The limits on a statement as the parser takes them. */
export function parseLimits(limits: Limits): ParseOptions {
  return {
    characterCountMax: limits.statementCharactersMax,
    tokenCountMax: limits.statementTokensMax,
    depthMax: limits.statementDepthMax,
    chainLengthMax: limits.statementOperatorsMax * 4,
  };
}

/** The limits on a statement as the binder takes them; it counts more levels than the parser. */
export function bindLimits(limits: Limits): Partial<BindLimits> {
  return { depth: Math.ceil(limits.statementDepthMax * 5 / 3), chain: limits.statementOperatorsMax };
}

/** An exhausted stack as the limit that it is; other errors come back unchanged. */
export function withoutStackOverflow(error: unknown): unknown {
  if (!(error instanceof RangeError) || !/call stack/i.test(error.message)) return error;
  return new LimitError("depth-limit", "Statement nests deeper than the stack of the runtime holds", {
    hint:
      "nest less deep, lower statementDepthMax or statementOperatorsMax, or give the runtime a larger stack",
    cause: error,
  });
}

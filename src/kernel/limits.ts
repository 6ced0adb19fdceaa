/**
 * Everything that grows has a limit: the settings of a database, with their defaults.
 *
 * @module
 */

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
  /** Statements whose plans are kept. */
  readonly planCacheMax: number;
  /** Tasks that may be under way at once: `queue-limit`. */
  readonly tasksMax: number;
}

/** What holds when nothing is said. */
export const DEFAULT_LIMITS: Limits = {
  memoryBytesMax: 8 * 2 ** 30,
  queryBytesMax: 4 * 2 ** 30,
  resultRowsMax: 20_000_000,
  joinRowsMax: 2_000_000_000,
  logRowsMax: 10_000_000,
  planCacheMax: 1_000,
  tasksMax: 10_000,
};

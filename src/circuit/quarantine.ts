/**
 * Quarantine: the rows for which an expression failed, a Z-set of rows with their errors.
 *
 * A row that goes takes its error along. Of more than {@linkcode KEPT_MAX} different ones only the number is known.
 * O(columns) a row.
 *
 * @module
 */
import { type LiveViewError, messageWithoutHint, QueryError } from "../base/error.ts";
import type { PlanColumn } from "../query/plan.ts";
import type { Datum } from "../storage/sql_type.ts";
import { rowKey } from "./zset.ts";

/** A row that was left out. */
export interface RowError {
  readonly code: LiveViewError["code"];
  readonly message: string;
  readonly columns: readonly PlanColumn[];
  /** Its values in `columns`. */
  readonly row: readonly Datum[];
  /** How many rows look like this one. */
  readonly count: number;
  /** The version that brought it, as far back as the operator remembers; undefined where versions are not known. */
  readonly sinceVersion: number | undefined;
}

/** Different rows that are kept. */
export const KEPT_MAX = 1_000;

const BYTES_PER_ROW = 200;

/** Codes of errors that belong to the values of one row. */
const ROW_CODES: ReadonlySet<LiveViewError["code"]> = new Set([
  "division-by-zero",
  "numeric-overflow",
  "invalid-value",
  "invalid-cast",
]);

/** Whether an error tells of the values in a row, and not of the query. */
export function isRowError(error: unknown): error is QueryError {
  return error instanceof QueryError && ROW_CODES.has(error.code);
}

/** See the module header. */
export class Quarantine {
  readonly #columns: readonly PlanColumn[];
  readonly #rows = new Map<string, { -readonly [Key in keyof RowError]: RowError[Key] }>();
  /** Rows beyond those that are kept. */
  #unkeptCount = 0;
  #textLength = 0;
  #count = 0;

  constructor(columns: readonly PlanColumn[]) {
    this.#columns = columns;
  }

  /** Rows that fail, those that are not kept included. */
  get count(): number {
    return this.#count;
  }

  /** Approximate memory in bytes. */
  get memoryBytes(): number {
    return this.#rows.size * BYTES_PER_ROW + 2 * this.#textLength;
  }

  /** The rows that are kept. */
  values(): RowError[] {
    return [...this.#rows.values()].filter(({ count }) => count > 0);
  }

  /** Adds a row with a weight. */
  add(row: readonly Datum[], weight: number, error: LiveViewError, version: number | undefined): void {
    this.#count += weight;
    const key = `${error.code} ${rowKey(row, this.#columns.map((column) => column.type))}`;
    const known = this.#rows.get(key);
    if (known !== undefined) {
      known.count += weight;
      if (known.count !== 0) return;
      this.#rows.delete(key);
      this.#textLength -= key.length + known.message.length;
    } else if (this.#rows.size >= KEPT_MAX || (weight < 0 && this.#unkeptCount > 0)) {
      this.#unkeptCount += weight;
    } else {
      // Within a change a row may go before it comes.
      const message = messageWithoutHint(error);
      const { code } = error;
      this.#rows.set(key, {
        code,
        message,
        columns: this.#columns,
        row,
        count: weight,
        sinceVersion: version,
      });
      this.#textLength += key.length + message.length;
    }
  }
}

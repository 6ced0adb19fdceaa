/**
 * What an oracle is: something that holds tables and answers queries, with values as PostgreSQL writes them.
 *
 * @module
 */
import type { Query } from "../../src/query/ast.ts";
import type { RandomTable } from "./random_table.ts";

/** One value as text in PostgreSQL's output format, or NULL. */
export type Cell = string | null;

/**
 * Why a query failed, coarsely enough that two engines can agree:
 *
 * - the data cannot be computed with: `division-by-zero`, `overflow`, `value`, `cardinality`;
 * - the `statement` is wrong;
 * - a `limit` was reached;
 * - the engine broke: `crash`.
 */
export type FailureClass =
  | "division-by-zero"
  | "overflow"
  | "value"
  | "cardinality"
  | "statement"
  | "limit"
  | "crash";

/** What a query gave. */
export type Outcome =
  | {
    readonly kind: "rows";
    readonly rows: readonly (readonly Cell[])[];
    /** How each column's values are to be compared. */
    readonly types: readonly CellType[];
  }
  | { readonly kind: "failure"; readonly class: FailureClass; readonly message: string }
  /** The peer does not know the construct: no verdict. */
  | { readonly kind: "refused"; readonly reason: string };

/** Kinds of values that compare differently. */
export type CellType =
  | "boolean"
  | "smallint"
  | "integer"
  | "bigint"
  | "numeric"
  | "real"
  | "double"
  | "text"
  | "date"
  | "time"
  | "timestamp"
  | "timestamptz"
  | "interval"
  | "json"
  | "array"
  | "unknown";

/** The names of the oracles. */
export type PeerName = "engine" | "reference" | "postgres" | "duckdb";

/** An engine that answers. */
export interface QueryPeer {
  readonly name: PeerName;
  /** Replaces all tables. */
  load(tables: readonly RandomTable[]): Promise<void>;
  run(query: Query): Promise<Outcome>;
  close(): Promise<void>;
}

/** True for failures that depend on the values in the tables. */
export function isDataFailure(failure: FailureClass): boolean {
  return failure === "division-by-zero" || failure === "overflow" || failure === "value" ||
    failure === "cardinality";
}

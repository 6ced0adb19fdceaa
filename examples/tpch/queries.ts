/**
 * The 22 queries of TPC-H with their validation parameters, in PostgreSQL's SQL.
 *
 * Differences from the text of the specification: query 15 names its view in a WITH clause (clause 2.2.3.3
 * allows it), and the row limits of queries 2, 3, 10, 18 and 21 are written as LIMIT.
 *
 * Source: TPC Benchmark H, standard specification, revision 3.0.1, section 2.4 (query definitions).
 *
 * @module
 */

import { QUERIES_01_TO_11 } from "./queries_01_to_11.ts";
import { QUERIES_12_TO_22 } from "./queries_12_to_22.ts";

/** A query of the benchmark, `q01` to `q22`. */
export interface TpchQuery {
  readonly name: string;
  /** What the query is about, in the words of the specification. */
  readonly title: string;
  readonly sql: string;
}

/** All queries in order. */
export const TPCH_QUERIES: readonly TpchQuery[] = [...QUERIES_01_TO_11, ...QUERIES_12_TO_22]
  .map((query) => ({ ...query, sql: query.sql.trim() }));

/**
 * TPC-H for LiveViewDB: the data generator, the schema, the 22 queries with the checksums of their answers, the
 * refresh functions and a stream of random changes. Fingerprints of tables are in `fingerprint.ts`, which needs
 * `node:crypto`.
 *
 * Source: TPC Benchmark H, standard specification, revision 3.0.1. TPC-H is a benchmark of the Transaction
 * Processing Performance Council; results obtained with this module are no official TPC-H results.
 *
 * @module
 */

export { type AnswerValue, canonicalRows, checksumOfRows, expectedChecksum } from "./answers.ts";
export { isoDate, rowsOfBatch, type TpchRow } from "./batch_rows.ts";
export { generateTpch, type TpchBatch, type TpchOptions } from "./generate.ts";
export type { OrderBatches } from "./generate_orders.ts";
export { TPCH_QUERIES, type TpchQuery } from "./queries.ts";
export { randomUpdates, type TpchChange } from "./random_updates.ts";
export { REFRESH_SETS, refreshDelete, refreshInsert, type RefreshOptions, refreshOrders } from "./refresh.ts";
export {
  TPCH_DDL,
  TPCH_LAYOUT,
  TPCH_TABLES,
  type TpchColumn,
  type TpchRowCounts,
  tpchRowCounts,
  tpchSchema,
  type TpchTable,
  type TpchTableLayout,
} from "./tables.ts";
export { DEFAULT_TEXT_POOL_BYTES, OFFICIAL_TEXT_POOL_BYTES } from "./text_pool.ts";

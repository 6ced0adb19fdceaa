/**
 * TPC-H's tables for peers that gain nothing from keys.
 *
 * @module
 */
import { tpchSchema, type TpchTable } from "../examples/tpch/mod.ts";

/** CREATE TABLE without PRIMARY KEY and REFERENCES, which cost DuckDB memory and load time and help no query. */
export function tableWithoutKeys(table: TpchTable): string {
  return tpchSchema(table).replace(/ REFERENCES \w+ \(\w+\)/g, "").replace(/,\s*PRIMARY KEY \([^)]*\)/, "");
}

/**
 * DuckDB as a bench peer, with one thread or two (`--threads`): loads TPC-H from the files of `--dir`.
 *
 * @module
 */
import { DuckDBInstance } from "@duckdb/node-api";
import { TPCH_QUERIES, TPCH_TABLES } from "../../examples/tpch/mod.ts";
import { measure, option, report } from "../measurement.ts";
import { tableWithoutKeys } from "../schema.ts";
import { TILES } from "../tiles.ts";

const threads = option("threads", "1");
const subject = `duckdb_${threads}`;
const runs = Number(option("runs", "5"));
const only = option("only", "");
const dir = option("dir", ".cache/bench");

const instance = await DuckDBInstance.create(":memory:", { threads });
const connection = await instance.connect();
const start = performance.now();
for (const table of TPCH_TABLES) {
  await connection.run(tableWithoutKeys(table));
  await connection.run(`COPY ${table} FROM '${dir}/${table}.tbl' (DELIMITER '|', HEADER false)`);
}
report({ kind: "figure", subject, name: "load", value: Math.round(performance.now() - start), unit: "ms" });
for (const { name, sql } of [...TPCH_QUERIES, ...TILES]) {
  if (only !== "" && !only.split(",").includes(name)) continue;
  await measure(subject, name, runs, async () => {
    const reader = await connection.runAndReadAll(sql);
    return () => reader.getRowsJS();
  });
}
connection.closeSync();
instance.closeSync();

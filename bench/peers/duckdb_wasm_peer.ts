/**
 * duckdb-wasm as a bench peer: DuckDB in WebAssembly, as a page in a browser would use it.
 *
 * @module
 */
import { createRequire } from "node:module";
import * as duckdb from "@duckdb/duckdb-wasm/blocking";
import { TPCH_QUERIES, TPCH_TABLES } from "../../examples/tpch/mod.ts";
import { measure, option, report } from "../measurement.ts";
import { TILES } from "../tiles.ts";
import { tableWithoutKeys } from "../schema.ts";

const subject = "duckdb_wasm";
const runs = Number(option("runs", "3"));
const only = option("only", "");
const dir = option("dir", ".cache/bench");

const require = createRequire(import.meta.url);
const module = require.resolve("@duckdb/duckdb-wasm/dist/duckdb-eh.wasm");
const bundles = { mvp: { mainModule: module, mainWorker: "" }, eh: { mainModule: module, mainWorker: "" } };
const database = await duckdb.createDuckDB(bundles, new duckdb.VoidLogger(), duckdb.NODE_RUNTIME);
await database.instantiate(() => {});
const connection = database.connect();
const start = performance.now();
for (const table of TPCH_TABLES) {
  const file = `${table}.tbl`;
  database.registerFileURL(file, `${dir}/${file}`, duckdb.DuckDBDataProtocol.NODE_FS, false);
  connection.query(tableWithoutKeys(table));
  connection.query(`COPY ${table} FROM '${file}' (DELIMITER '|', HEADER false, AUTO_DETECT false)`);
  database.dropFile(file);
}
report({ kind: "figure", subject, name: "load", value: Math.round(performance.now() - start), unit: "ms" });
for (const { name, sql } of [...TPCH_QUERIES, ...TILES]) {
  if (only !== "" && !only.split(",").includes(name)) continue;
  await measure(subject, name, runs, () => {
    const result = connection.query(sql);
    // Decimals arrive as raw integers; counting the rows is what can be compared.
    return Promise.resolve(() => Array.from({ length: result.numRows }, () => []));
  });
}

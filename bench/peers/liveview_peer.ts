/**
 * LiveViewDB as a bench peer: loads TPC-H from the generator and runs queries and tiles.
 *
 * @module
 */
import { createDatabase } from "../../mod.ts";
import { generateTpch, TPCH_DDL, TPCH_QUERIES } from "../../examples/tpch/mod.ts";
import { measure, option, report } from "../measurement.ts";
import { TILES } from "../tiles.ts";

const subject = "liveviewdb";
const scaleFactor = Number(option("sf", "0.1"));
const runs = Number(option("runs", "5"));
const only = option("only", "");

await using db = createDatabase();
for (const ddl of TPCH_DDL) await db.exec(ddl);
let loadMs = 0;
let rowCount = 0;
for (const { table, batch } of generateTpch({ scaleFactor })) {
  const start = performance.now();
  await db.insert(table, batch);
  loadMs += performance.now() - start;
  rowCount += batch.rowCount;
}
report({ kind: "figure", subject, name: "load", value: Math.round(loadMs), unit: "ms" });
report({
  kind: "figure",
  subject,
  name: "load_rate",
  value: Math.round(rowCount / loadMs * 1000),
  unit: "rows/s",
});
const memory = db.memory();
report({ kind: "figure", subject, name: "memory", value: Math.round(memory.totalBytes / 1e6), unit: "MB" });
for (const table of memory.tables) {
  report({
    kind: "figure",
    subject,
    name: `memory_${table.name}`,
    value: Math.round(table.bytes / 1e5) / 10,
    unit: "MB",
  });
}
for (const { name, sql } of [...TPCH_QUERIES, ...TILES]) {
  if (only !== "" && !only.split(",").includes(name)) continue;
  await measure(subject, name, runs, async () => {
    const result = await db.query(sql);
    return () => result.rows();
  });
}

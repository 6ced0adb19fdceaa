/**
 * The long history of TPC-H views: after every commit all 22 views are held against the batch executor, and at
 * samples the queries against DuckDB over the same tables.
 *
 *     deno task tpch:views [--sf 0.1] [--commits 1000] [--seed 3] [--samples 5]
 *
 * Exits with 1 when an answer differs.
 *
 * @module
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { DuckDBInstance } from "@duckdb/node-api";
import { checksumOf } from "../../bench/measurement.ts";
import { tableWithoutKeys } from "../../bench/schema.ts";
import { TPCH_QUERIES } from "../../examples/tpch/queries.ts";
import { TPCH_LAYOUT, TPCH_TABLES } from "../../examples/tpch/tables.ts";
import { TpchHistory } from "./tpch_history.ts";

/** Queries whose answers DuckDB, over a copy of the tables, does not share. */
async function differencesFromDuckDb({ db }: TpchHistory): Promise<string[]> {
  const dir = mkdtempSync(join(tmpdir(), "liveview_tpch_"));
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  try {
    for (const table of TPCH_TABLES) {
      const file = join(dir, `${table}.csv`);
      // CHAR is padded in our files, and DuckDB would compare the padding.
      const columns = TPCH_LAYOUT[table].columns.map(({ name, type }) =>
        type.startsWith("CHAR") ? `rtrim(${name})` : name
      );
      await db.exec(`COPY (SELECT ${columns} FROM ${table}) TO '${file}' (FORMAT csv, HEADER false)`);
      await connection.run(tableWithoutKeys(table));
      await connection.run(`COPY ${table} FROM '${file}' (FORMAT csv, HEADER false)`);
    }
    const names: string[] = [];
    for (const { name, sql } of TPCH_QUERIES) {
      const theirs = checksumOf((await connection.runAndReadAll(sql)).getRowsJS());
      if (checksumOf((await db.query(sql)).rows()) !== theirs) names.push(name);
    }
    return names;
  } finally {
    connection.closeSync();
    instance.closeSync();
    rmSync(dir, { recursive: true });
  }
}

const { values } = parseArgs({
  args: process.argv.slice(2),
  options: {
    sf: { type: "string", default: "0.1" },
    commits: { type: "string", default: "1000" },
    seed: { type: "string", default: "3" },
    samples: { type: "string", default: "5" },
  },
});
const commits = Number(values.commits);
const every = Math.max(1, Math.ceil(commits / Number(values.samples)));
const history = await TpchHistory.start({ scaleFactor: Number(values.sf) }, Number(values.seed));
let failures = 0;
let maintainMs = 0;
for (let i = 1; i <= commits; i++) {
  const start = performance.now();
  const commit = await history.commit();
  maintainMs += performance.now() - start;
  for (const name of await history.differences()) {
    failures++;
    console.log(`${name} differs from its query after commit ${i} (${commit}), seed ${values.seed}`);
  }
  if (i % every !== 0 && i !== commits) continue;
  for (const name of await differencesFromDuckDb(history)) {
    failures++;
    console.log(`${name} differs from DuckDB after commit ${i} (${commit}), seed ${values.seed}`);
  }
  console.log(`${i} commits, ${(maintainMs / i).toFixed(1)} ms each, ${failures} differences`);
}
await history.db.close();
process.exit(failures === 0 ? 0 : 1);

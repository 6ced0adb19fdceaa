/** Tiles and TPC-H through two peers of the bench at a small scale: the answers agree. */
import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { execFile } from "node:child_process";
import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { DuckDBInstance } from "@duckdb/node-api";
import { TILES } from "../../../bench/tiles.ts";
import { generateTpch, TPCH_DDL, TPCH_QUERIES, TPCH_TABLES } from "../../../examples/tpch/mod.ts";
import { RowFormatter } from "../../../examples/tpch/row_text.ts";
import { createDatabase } from "../../../src/kernel/database.ts";

const ROOT = join(import.meta.dirname!, "../../..");

const SCALE = 0.01;

/**
 * percentile_cont of doubles: DuckDB interpolates in another order of operations than PostgreSQL, whose bits we
 * give, so the last bit may differ, and a checksum of rounded values with it. Its values are compared below.
 */
const INTERPOLATED = "p95_price_by_month";

/** The tables as text, for the peer that loads files. */
function writeTables(dir: string): void {
  const formatters = new Map(TPCH_TABLES.map((table) => {
    const file = join(dir, `${table}.tbl`);
    appendFileSync(file, "");
    return [table, new RowFormatter(table, (bytes) => appendFileSync(file, bytes))];
  }));
  for (const { table, batch } of generateTpch({ scaleFactor: SCALE })) formatters.get(table)!.add(batch);
  for (const formatter of formatters.values()) formatter.finish();
}

/** The checksums that a peer reports, by query. */
async function checksums(peer: string, dir: string): Promise<Record<string, string>> {
  const script = join(ROOT, "bench/peers", `${peer}.ts`);
  const { stdout } = await promisify(execFile)(
    Deno.execPath(),
    ["run", "-A", "--no-check", script, "--sf", String(SCALE), "--runs", "1", "--dir", dir],
    { cwd: ROOT, maxBuffer: 2 ** 26 },
  );
  const lines: Record<string, string>[] = stdout.trim().split("\n").map((line) => JSON.parse(line));
  return Object.fromEntries(
    lines.filter(({ kind }) => kind === "measurement").map(({ name, checksum }) => [name, checksum!]),
  );
}

describe("liveview_peer and duckdb_peer", () => {
  it("give the same answers to every tile and every query of TPC-H", async () => {
    const dir = mkdtempSync(join(tmpdir(), "liveview_bench_"));
    try {
      writeTables(dir);
      const ours = await checksums("liveview_peer", dir);
      assertEquals(Object.keys(ours).sort(), [...TPCH_QUERIES, ...TILES].map(({ name }) => name).sort());
      assert(Object.values(ours).some((checksum) => !checksum.startsWith("0:")));
      const theirs = await checksums("duckdb_peer", dir);
      assertEquals(ours[INTERPOLATED]!.split(":")[0], theirs[INTERPOLATED]!.split(":")[0]);
      for (const answers of [ours, theirs]) delete answers[INTERPOLATED];
      assertEquals(ours, theirs);
    } finally {
      rmSync(dir, { recursive: true });
    }
  });

  it("give the same interpolated percentiles but for the last bits", async () => {
    const { sql } = TILES.find(({ name }) => name === INTERPOLATED)!;
    const instance = await DuckDBInstance.create(":memory:");
    const duckdb = await instance.connect();
    const dir = mkdtempSync(join(tmpdir(), "liveview_bench_"));
    await using db = createDatabase();
    try {
      writeTables(dir);
      for (const ddl of TPCH_DDL) await db.exec(ddl);
      for (const { table, batch } of generateTpch({ scaleFactor: SCALE })) await db.insert(table, batch);
      await duckdb.run(`CREATE TABLE orders AS SELECT column3::DECIMAL(15,2) AS o_totalprice,
        column4::DATE AS o_orderdate FROM read_csv('${dir}/orders.tbl', delim = '|', header = false, all_varchar = true)`);
      const theirs = (await duckdb.runAndReadAll(sql)).getRowsJS().map(([, p95]) => Number(p95));
      const ours = (await db.query(sql)).column("p95").map(Number);
      assertEquals(ours.length, theirs.length);
      ours.forEach((value, i) => {
        assert(Math.abs(value - theirs[i]!) <= 1e-14 * value, `month ${i}: ${value} and ${theirs[i]}`);
      });
    } finally {
      rmSync(dir, { recursive: true });
      duckdb.closeSync();
      instance.closeSync();
    }
  });
});

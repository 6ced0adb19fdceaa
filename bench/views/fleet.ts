/**
 * What only a database with many views is asked: a change made visible in a hundred views, a thousand views that
 * it does not touch, a thousand that differ by a constant, a million changes and the memory after them, and at
 * which share of changed rows recomputing wins.
 *
 * `deno run -A bench/views/fleet.ts [--sf 0.1] [--parts latency,unrelated,tenants,soak,crossover]`
 *
 * @module
 */
import { createDatabase, materializedViews } from "../../mod.ts";
import { SeededRandom } from "../../src/base/random.ts";
import { option } from "../measurement.ts";
import { ChangeScript, type StartRows, startRows, VIEW_BENCH_DDL } from "./change_script.ts";
import { applyToLiveView } from "./live_changes.ts";
import { WORKLOADS } from "./workload.ts";

/** A line of the process. */
export interface FleetLine {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
}

const SEED = 7;
const LATENCY_CHANGES = 2_000;
const SOAK_CHANGES = 1_000_000;
const SOAK_BATCH = 10_000;
/** State that has grown beyond this is named. */
const SOAK_RATIO_MAX = 1.05;
const TENANTS = 1_000;
const SWEEP_PERCENT = [0.01, 0.1, 1, 3, 10, 30, 100];

const parts = option("parts", "latency,unrelated,tenants,soak,crossover").split(",");
const cellMs = Number(option("cell-ms", "3000"));

function say(name: string, value: number, unit: string): void {
  const shown = Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3));
  console.log(JSON.stringify({ name, value: shown, unit } satisfies FleetLine));
}

function open() {
  return createDatabase({ plugins: [materializedViews()] });
}

async function loaded(rows: StartRows) {
  const db = open();
  for (const ddl of VIEW_BENCH_DDL) await db.exec(ddl);
  await db.insert("nation", rows.nations);
  await db.insert("customer", rows.customers);
  await db.insert("orders", rows.orders);
  return db;
}

function percentile(times: readonly number[], share: number): number {
  return times.toSorted((left, right) => left - right)[Math.floor(times.length * share)]!;
}

/** A hundred different views over orders, of which every change touches nearly all. */
async function latency(rows: StartRows): Promise<void> {
  await using db = await loaded(rows);
  const keys = ["o_orderdate", "o_custkey", "o_orderstatus", "o_custkey % 100", "o_orderkey % 1000"];
  const filters = ["o_totalprice > 0", "o_custkey > 0", "o_orderkey > 0", "o_orderdate > DATE '1990-01-01'"];
  const values = [
    "count(*)",
    "sum(o_totalprice)",
    "avg(o_totalprice)",
    "min(o_totalprice)",
    "max(o_custkey)",
  ];
  let number = 0;
  for (const key of keys) {
    for (const filter of filters) {
      for (const value of values) {
        await db.exec(
          `CREATE MATERIALIZED VIEW v${number++} AS SELECT ${key} AS k, ${value} AS v FROM orders WHERE ${filter} GROUP BY 1`,
        );
      }
    }
  }
  const script = new ChangeScript(SEED, rows);
  const times: number[] = [];
  for (let i = 0; i < LATENCY_CHANGES; i++) {
    const batch = script.next(1);
    const start = performance.now();
    await applyToLiveView(db, batch);
    times.push(performance.now() - start);
  }
  const warm = times.slice(LATENCY_CHANGES / 4);
  say("one change visible in 100 views, p50", percentile(warm, 0.5), "ms");
  say("one change visible in 100 views, p99", percentile(warm, 0.99), "ms");
}

/** Changes per second of batches of sales over `TENANTS` tenants, with `views` views. */
async function saleRate(name: string, view: (number: number) => readonly string[]): Promise<void> {
  await using db = open();
  await db.exec(
    "CREATE TABLE sale (id INTEGER PRIMARY KEY, tenant INTEGER, day INTEGER, amount DECIMAL(10,2))",
  );
  for (let i = 0; i < TENANTS; i++) for (const sql of view(i)) await db.exec(sql);
  const random = new SeededRandom(SEED);
  let id = 0;
  for (const size of [1, 1_000, 10_000]) {
    let changes = 0;
    let spent = 0;
    while (spent < cellMs) {
      const batch = Array.from({ length: size }, () => ({
        id: id++,
        tenant: random.integer(0, TENANTS - 1),
        day: random.integer(1, 365),
        amount: random.integer(1, 100_000) / 100,
      }));
      const start = performance.now();
      await db.insert("sale", batch);
      spent += performance.now() - start;
      changes += size;
    }
    say(`${name}, batches of ${size}`, changes / spent * 1000, "changes/s");
  }
}

/** State and tables after a million changes against a fresh build of the same rows. */
async function soak(rows: StartRows): Promise<void> {
  const db = await loaded(rows);
  const views = WORKLOADS.flatMap((workload) => workload.views);
  for (const { name, sql } of views) await db.exec(`CREATE MATERIALIZED VIEW ${name} AS ${sql}`);
  const script = new ChangeScript(SEED, rows);
  const start = performance.now();
  for (let done = 0; done < SOAK_CHANGES; done += SOAK_BATCH) {
    await applyToLiveView(db, script.next(SOAK_BATCH));
  }
  say("soak, all views", SOAK_CHANGES / (performance.now() - start) * 1000, "changes/s");
  const after = memory(db, views);
  await db.close();
  const fresh = await loaded({ ...rows, orders: script.orders });
  for (const { name, sql } of views) await fresh.exec(`CREATE MATERIALIZED VIEW ${name} AS ${sql}`);
  // Indexes are built when they are first asked.
  await applyToLiveView(fresh, script.next(100));
  const baseline = memory(fresh, views);
  await fresh.close();
  for (const part of ["state", "tables"] as const) {
    const total = (sizes: ReadonlyMap<string, number>) =>
      [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0);
    say(`${part} after the soak / fresh build`, total(after[part]) / total(baseline[part]), "");
    for (const [name, bytes] of after[part]) {
      const ratio = bytes / baseline[part].get(name)!;
      if (ratio > SOAK_RATIO_MAX) say(`  of which ${name}, ${Math.round(bytes / 1000)} KB`, ratio, "");
    }
  }
}

/** Bytes of the state of each view, and of each table. */
function memory(db: Awaited<ReturnType<typeof loaded>>, views: readonly { readonly name: string }[]) {
  const { materializedViews: api } = db.plugins;
  return {
    state: new Map(views.map(({ name }) => [name, api.status(name).stateBytes])),
    tables: new Map(db.memory().tables.map(({ name, bytes }) => [name, bytes])),
  };
}

/** Refresh by changes and by recomputing, at growing shares of changed rows. */
async function crossover(rows: StartRows): Promise<void> {
  await using db = await loaded(rows);
  const { views } = WORKLOADS[0]!;
  await db.exec(`CREATE MATERIALIZED VIEW swept WITH (refresh = 'manual') AS ${views[0]!.sql}`);
  const script = new ChangeScript(SEED, rows);
  const refresh = async (full: boolean): Promise<number> => {
    const start = performance.now();
    await db.plugins.materializedViews.refresh("swept", { full });
    return performance.now() - start;
  };
  for (const percent of SWEEP_PERCENT) {
    const size = Math.max(1, Math.round(rows.orders.length * percent / 100));
    const times: Record<"chosen" | "full", number[]> = { chosen: [], full: [] };
    for (const mode of ["chosen", "full", "chosen", "full", "chosen", "full"] as const) {
      await applyToLiveView(db, script.next(size));
      times[mode].push(await refresh(mode === "full"));
    }
    say(`refresh after ${percent} % changed, as chosen`, Math.min(...times.chosen), "ms");
    say(`refresh after ${percent} % changed, full`, Math.min(...times.full), "ms");
  }
}

if (import.meta.main) {
  const rows = startRows(Number(option("sf", "0.1")));
  if (parts.includes("latency")) await latency(rows);
  if (parts.includes("unrelated")) {
    await saleRate("1,000 unrelated views", (i) => [
      `CREATE TABLE other${i} (k INTEGER, v INTEGER)`,
      `CREATE MATERIALIZED VIEW v${i} AS SELECT k, sum(v) AS s FROM other${i} GROUP BY k`,
    ]);
  }
  if (parts.includes("tenants")) {
    await saleRate("1,000 tenant views", (i) => [
      `CREATE MATERIALIZED VIEW v${i} AS SELECT day, sum(amount) AS s FROM sale WHERE tenant = ${i} GROUP BY day`,
    ]);
  }
  if (parts.includes("soak")) await soak(rows);
  if (parts.includes("crossover")) await crossover(rows);
}

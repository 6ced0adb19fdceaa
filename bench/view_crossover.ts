/**
 * The crossover of refreshes: by changes, from all rows, and what the adaptive choice makes of it.
 *
 * ```
 * for each share of changed rows, several times:   UPDATE ─► refresh of three equal views, in turning order
 *   incremental | full | auto                      milliseconds of each; auto against the better of the two
 * ```
 *
 * The first refreshes of each size warm the code up and let the adaptive view learn; what they cost is shown apart.
 * Answers of the three are compared after each size. Run: `deno run -A --no-check bench/view_crossover.ts [rows] [refreshes]`.
 *
 * @module
 */
import process from "node:process";
import { createDatabase, type Database, materializedViews, type RefreshRecord } from "../mod.ts";

type ViewDatabase = Database<readonly [ReturnType<typeof materializedViews>]>;

interface Workload {
  readonly name: string;
  readonly query: string;
  /** Changes rows with `slot < $1`. */
  readonly update: string;
}

const MODES = ["incremental", "full", "auto"] as const;
type Mode = typeof MODES[number];

const SHARES = [0.0001, 0.001, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1];

const WORKLOADS: readonly Workload[] = [
  {
    name: "GROUP BY",
    query: "SELECT k, sum(v) AS total, count(*) AS n FROM fact GROUP BY k",
    update: "UPDATE fact SET v = v + 1 WHERE slot < $1",
  },
  {
    name: "join",
    query: "SELECT d.g, sum(f.v) AS total FROM fact f JOIN dim d ON f.d = d.id GROUP BY d.g",
    update: "UPDATE fact SET v = v + 1 WHERE slot < $1",
  },
  {
    name: "MIN/MAX",
    query: "SELECT k, min(v) AS low, max(v) AS high FROM fact GROUP BY k",
    update: "UPDATE fact SET v = v + 1 WHERE slot < $1",
  },
];

async function open(rows: number): Promise<ViewDatabase> {
  const db = createDatabase({ plugins: [materializedViews()] });
  await db.exec(`
    CREATE TABLE dim (id INTEGER PRIMARY KEY, g INTEGER);
    CREATE TABLE fact (id INTEGER PRIMARY KEY, slot INTEGER, d INTEGER, k INTEGER, v INTEGER);
    INSERT INTO dim SELECT i, i % 50 FROM generate_series(0, ${Math.ceil(rows / 20)}) g(i);
    INSERT INTO fact SELECT i, (i * 7919) % ${rows}, i % ${Math.ceil(rows / 20)}, i % 1000, (i * 31) % 10007
      FROM generate_series(0, ${rows - 1}) g(i)`);
  return db;
}

function lastOf(db: ViewDatabase, mode: Mode): RefreshRecord {
  return db.plugins.materializedViews.history(`v_${mode}`).at(-1)!;
}

/** The mean of the lower three quarters: the rest has the pauses of the machine. */
function mean(values: readonly number[]): number {
  const kept = [...values].sort((a, b) => a - b).slice(0, Math.ceil(values.length * 0.75));
  return kept.reduce((sum, value) => sum + value, 0) / kept.length;
}

async function answer(db: ViewDatabase, mode: Mode): Promise<string> {
  return (await db.query(`SELECT * FROM v_${mode}`)).rows().map(String).sort().join(";");
}

/** Refreshes the three views after each of `rounds` updates; gives the milliseconds of each, and what auto did. */
async function measure(
  db: ViewDatabase,
  { update }: Workload,
  changed: number,
  rounds: number,
): Promise<{ readonly ms: Record<Mode, number[]>; readonly decisions: string }> {
  const ms: Record<Mode, number[]> = { incremental: [], full: [], auto: [] };
  const decisions: string[] = [];
  for (let round = 0; round < rounds; round++) {
    await db.query(update, { params: [changed] });
    for (let i = 0; i < MODES.length; i++) {
      const mode = MODES[(i + round) % MODES.length]!;
      await db.plugins.materializedViews.refresh(`v_${mode}`);
      ms[mode].push(lastOf(db, mode).durationMs);
    }
    const { decision, mode } = lastOf(db, "auto");
    decisions.push(
      decision === "incremental" ? mode === "full" ? "g" : "i" : decision === "rebuild" ? "b" : "r",
    );
  }
  return { ms, decisions: decisions.join("") };
}

const rows = Number(process.argv[2] ?? 100_000);
const rounds = Number(process.argv[3] ?? 24);
const warmUp = Math.floor(rounds / 3);
console.log(
  `${rows} rows, ${rounds} refreshes a size, means of the lower 3/4 of the last ${
    rounds - warmUp
  }; decisions: i incremental,`,
);
console.log("r recompute, b rebuild, g given up");
let worst = 0;
for (const workload of WORKLOADS) {
  await using db = await open(rows);
  for (const mode of MODES) {
    await db.plugins.materializedViews.create({
      name: `v_${mode}`,
      query: workload.query,
      refresh: "manual",
      refreshMode: mode,
    });
  }
  console.log(
    `\n${workload.name}\n  changed   incremental ms   full ms   auto ms   auto / better   all / better   decisions`,
  );
  for (const share of SHARES) {
    const changed = Math.max(1, Math.round(rows * share));
    const { ms, decisions } = await measure(db, workload, changed, rounds);
    const [incremental, full, auto] = MODES.map((mode) => mean(ms[mode].slice(warmUp))) as [
      number,
      number,
      number,
    ];
    const ratio = auto / Math.min(incremental, full);
    const total = (mode: Mode) => ms[mode].reduce((all, each) => all + each, 0);
    const overall = total("auto") / Math.min(total("incremental"), total("full"));
    worst = Math.max(worst, ratio);
    const cells = [incremental, full, auto].map((each) => each.toFixed(2).padStart(10)).join(" ");
    console.log(
      `${`${share * 100} %`.padStart(9)} ${cells} ${ratio.toFixed(2).padStart(12)} ${
        overall.toFixed(2).padStart(12)
      }      ${decisions}`,
    );
    const [first, ...others] = await Promise.all(MODES.map((mode) => answer(db, mode)));
    if (others.some((other) => other !== first)) throw new TypeError(`${workload.name}: the answers differ`);
  }
}
console.log(`\nworst auto / better: ${worst.toFixed(2)}`);

import process from "node:process";
import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { SeededRandom } from "../../../../src/base/random.ts";
import type { Datum } from "../../../../src/storage/sql_type.ts";
import type { WeightedRow } from "../../../../src/circuit/zset.ts";
import { CircuitTrial, come, go } from "./circuit_trial.ts";
import { RandomRows, shuffled } from "./random_rows.ts";

const TABLES = {
  t: "id integer key, k integer, v double precision, b bigint, n integer, m numeric, s text, day date, at timestamp",
};
const SEED = Number(process.env["LIVEVIEW_SEED"] ?? 17);
const RUNS = Number(process.env["LIVEVIEW_RUNS"] ?? 1);
const DAY = 86_400_000_000;

function randomRow(random: SeededRandom, id: number): Datum[] {
  const maybe = (value: Datum) => random.next() < 0.08 ? null : value;
  return [
    id,
    maybe(random.integer(1, 4)),
    maybe(random.pick([NaN, Infinity, -0, 0, 1e16, -1e16, random.integer(-50, 50) / 4])),
    maybe(random.next() < 0.02 ? 2n ** 60n : random.integer(0, 1000)),
    maybe(random.integer(0, 40)),
    maybe({ coefficient: BigInt(random.integer(-20, 20) * 10), scale: random.pick([1, 2]) }),
    maybe(random.pick(["a", "é", "z", "Z", `text ${random.integer(0, 9)}`])),
    maybe(19000 + random.integer(0, 30)),
    maybe((19000 + random.integer(0, 30)) * DAY + random.integer(0, 3) * 1000),
  ];
}

/** Rows that stay but for a column. */
function updates(table: RandomRows, random: SeededRandom, count: number): WeightedRow[] {
  const changes: WeightedRow[] = [];
  for (let i = 0; i < count && table.rows.length > 0; i++) {
    const at = random.integer(0, table.rows.length - 1);
    const old = table.rows[at]!;
    const column = random.integer(1, old.length - 1);
    const fresh = old.slice();
    fresh[column] = randomRow(random, 0)[column]!;
    table.rows[at] = fresh;
    changes.push(...go(old), ...come(fresh));
  }
  return shuffled(changes, random);
}

/** Calls and the window that they are over. */
const CALLS: Readonly<Record<string, readonly [string, string]>> = {
  numbers: ["row_number(), rank(), dense_rank()", "PARTITION BY k ORDER BY v DESC, id"],
  ranks: ["rank(), dense_rank()", "PARTITION BY k ORDER BY n"],
  ranks_of_all: ["rank(), dense_rank()", "ORDER BY s DESC NULLS LAST"],
  ranks_without_order: ["rank(), dense_rank()", "PARTITION BY k"],
  shares: ["percent_rank(), cume_dist()", "PARTITION BY k ORDER BY n NULLS FIRST"],
  buckets: ["ntile(7)", "PARTITION BY k ORDER BY b, id"],
  neighbours: ["lag(v), lead(s, 2, 'none'), lag(n, -1), lead(m, 0)", "PARTITION BY k ORDER BY m, id"],
  neighbours_by_row: ["lag(v, n), lead(s, n, s)", "PARTITION BY k ORDER BY id"],
  neighbours_with_values: [
    "lag(v) IGNORE NULLS, lead(v, 2) IGNORE NULLS",
    "PARTITION BY k ORDER BY day DESC, id",
  ],
  moving: [
    "sum(n), avg(n), min(b), max(s), count(*), count(v), sum(v), avg(v), first_value(id), nth_value(id, 2)",
    "PARTITION BY k ORDER BY v, id ROWS BETWEEN 6 PRECEDING AND CURRENT ROW",
  ],
  centred: ["sum(b), last_value(s)", "ORDER BY s NULLS FIRST, id ROWS BETWEEN 2 PRECEDING AND 3 FOLLOWING"],
  before: ["sum(n), array_agg(id)", "ORDER BY id ROWS BETWEEN 5 PRECEDING AND 3 PRECEDING"],
  behind: ["max(v), string_agg(s, ',')", "ORDER BY id ROWS BETWEEN 1 FOLLOWING AND 4 FOLLOWING"],
  excluding: [
    "sum(n), count(*)",
    "PARTITION BY k ORDER BY n, id ROWS BETWEEN 3 PRECEDING AND 3 FOLLOWING EXCLUDE CURRENT ROW",
  ],
  excluding_ties: [
    "count(*), sum(v), max(b)",
    "PARTITION BY k ORDER BY n GROUPS BETWEEN 2 PRECEDING AND 1 FOLLOWING EXCLUDE TIES",
  ],
  excluding_group: [
    "count(*), min(b)",
    "PARTITION BY k ORDER BY n RANGE BETWEEN 3 PRECEDING AND 2 FOLLOWING EXCLUDE GROUP",
  ],
  excluding_of_all: [
    "sum(n)",
    "PARTITION BY k ORDER BY n ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING EXCLUDE CURRENT ROW",
  ],
  groups: ["sum(n), count(s)", "PARTITION BY k ORDER BY day GROUPS BETWEEN 1 PRECEDING AND 2 FOLLOWING"],
  groups_before: ["count(*)", "ORDER BY n DESC GROUPS BETWEEN 3 PRECEDING AND 2 PRECEDING"],
  groups_behind: ["count(*)", "ORDER BY n NULLS FIRST GROUPS BETWEEN 1 FOLLOWING AND 2 FOLLOWING"],
  range: ["sum(n), avg(b), max(m)", "PARTITION BY k ORDER BY n RANGE BETWEEN 5 PRECEDING AND 2 FOLLOWING"],
  range_descending: ["count(*)", "ORDER BY b DESC NULLS LAST RANGE BETWEEN 10 PRECEDING AND CURRENT ROW"],
  range_of_doubles: [
    "count(*), sum(v)",
    "ORDER BY v NULLS FIRST RANGE BETWEEN 1.5 PRECEDING AND 0.5 FOLLOWING",
  ],
  range_of_numerics: ["count(*)", "PARTITION BY k ORDER BY m RANGE BETWEEN CURRENT ROW AND 1.25 FOLLOWING"],
  range_behind: ["count(*), sum(n)", "ORDER BY n RANGE BETWEEN 2 FOLLOWING AND 4 FOLLOWING"],
  range_before: ["count(*)", "ORDER BY n DESC NULLS FIRST RANGE BETWEEN 4 PRECEDING AND 2 PRECEDING"],
  range_of_days: [
    "sum(n), count(*)",
    "PARTITION BY k ORDER BY day RANGE BETWEEN INTERVAL '3 days' PRECEDING AND CURRENT ROW",
  ],
  range_of_times: [
    "count(*)",
    "ORDER BY at DESC RANGE BETWEEN INTERVAL '36 hours' PRECEDING AND INTERVAL '1 day' FOLLOWING",
  ],
  peers: ["count(*), sum(v)", "PARTITION BY k ORDER BY n RANGE BETWEEN CURRENT ROW AND CURRENT ROW"],
  running: [
    "sum(n), avg(b), count(*), count(s), min(m), max(s), sum(v), stddev_samp(n), bool_and(n > 3)",
    "PARTITION BY k ORDER BY id ROWS UNBOUNDED PRECEDING",
  ],
  running_peers: ["sum(b), max(n), avg(v), sum(n) FILTER (WHERE v > 0)", "PARTITION BY k ORDER BY n"],
  running_all: ["sum(n), count(DISTINCT n)", "ORDER BY id"],
  running_to_behind: ["sum(n)", "ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 FOLLOWING"],
  remaining: [
    "sum(n), min(v)",
    "PARTITION BY k ORDER BY id ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING",
  ],
  whole: [
    "sum(n), count(*), avg(v), min(v), max(v) FILTER (WHERE n > 35), max(s), min(b), count(DISTINCT n), sum(b) FILTER (WHERE n > 20), var_pop(n)",
    "PARTITION BY k",
  ],
  whole_of_all: ["count(*), max(n)", ""],
  whole_in_order: [
    "string_agg(s, ','), sum(b), min(m)",
    "PARTITION BY k ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING",
  ],
  edges: ["first_value(s), last_value(b)", "PARTITION BY k ORDER BY day, id"],
  edges_of_all: [
    "first_value(v), last_value(n), nth_value(s, 3)",
    "PARTITION BY k ORDER BY n, id RANGE BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING",
  ],
  edges_with_values: [
    "first_value(v) IGNORE NULLS, last_value(s) IGNORE NULLS",
    "PARTITION BY k ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW",
  ],
};

function callsSql([calls, over]: readonly [string, string]): string {
  const list = calls.split(/, (?=[a-z_]+\()/).map((call, i) => {
    const [, head, nulls] = /^(.*?)( IGNORE NULLS)?$/.exec(call)!;
    return `${head}${nulls ?? ""} OVER (${over}) AS c${i}`;
  });
  return `SELECT id, ${list.join(", ")} FROM t`;
}

const QUERIES: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.entries(CALLS).map(([name, call]) => [name, callsSql(call)])),
  copies: "SELECT k, n, row_number() OVER (PARTITION BY k ORDER BY n), sum(n) OVER (PARTITION BY k) FROM t",
  several_windows: `SELECT id, s, row_number() OVER (PARTITION BY k ORDER BY id),
      rank() OVER (PARTITION BY k, n ORDER BY v), sum(n) OVER (ORDER BY day), lag(s) OVER (ORDER BY v, id),
      count(*) OVER (PARTITION BY s), min(b) OVER (PARTITION BY k ORDER BY n RANGE 2 PRECEDING) FROM t`,
  computed: `SELECT id, sum(n + 1) OVER (PARTITION BY k % 2 ORDER BY -n, id ROWS 2 PRECEDING),
      row_number() OVER (PARTITION BY k % 2 ORDER BY -n, id) FROM t`,
  first_of_each: "SELECT k, id FROM t QUALIFY row_number() OVER (PARTITION BY k ORDER BY v DESC, id) = 1",
  best_of_each: "SELECT k, id FROM t QUALIFY 3 >= rank() OVER (PARTITION BY k ORDER BY n)",
  few_of_all: "SELECT id FROM t QUALIFY dense_rank() OVER (ORDER BY n) < 4",
  none: "SELECT id FROM t QUALIFY row_number() OVER (ORDER BY id) < 1",
  middle:
    `SELECT id FROM (SELECT id, row_number() OVER (ORDER BY s, id) AS r FROM t) x WHERE r BETWEEN 5 AND 9`,
  many_calls: `SELECT id, ${
    Array.from({ length: 35 }, (_, i) => `sum(n + ${i}) OVER (PARTITION BY k ORDER BY id) AS c${i}`).join(
      ", ",
    )
  } FROM t`,
};

describe("WindowNode", () => {
  for (const [name, sql] of Object.entries(QUERIES)) {
    it(`has the rows of the query after random changes: ${name.replaceAll("_", " ")}`, () => {
      const random = new SeededRandom(SEED);
      const table = new RandomRows(random, randomRow);
      const trial = new CircuitTrial(sql, TABLES);
      assert(trial.names.includes("window"), trial.names.join());
      trial.apply({ t: table.insert(300) });
      for (let step = 0; step <= 24 * RUNS; step++) {
        assertEquals(trial.maintained(), trial.queried(), `step ${step}, seed ${SEED}`);
        if (step % 8 === 0) assertEquals(trial.given(), trial.queried());
        const change = step % 3 === 1
          ? updates(table, random, random.pick([1, 3, 60]))
          : step === 12
          ? table.delete(250)
          : step === 18
          ? table.insert(1300)
          : step === 20
          ? table.delete(1200)
          : table.change();
        trial.apply({ t: change });
      }
      trial.apply({ t: table.delete(table.rows.length) });
      assertEquals(trial.maintained(), []);
      assertEquals(trial.given(), []);
    });
  }
});

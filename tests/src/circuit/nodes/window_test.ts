import process from "node:process";
import { describe, it } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { QueryError } from "../../../../src/base/error.ts";
import { SeededRandom } from "../../../../src/base/random.ts";
import { aggregates } from "../../../../src/kernel/extension_points.ts";
import { definePlugin } from "../../../../src/kernel/plugin.ts";
import { type Datum, INTEGER } from "../../../../src/storage/sql_type.ts";
import type { WeightedRow } from "../../../../src/circuit/zset.ts";
import { createDatabase, materializedViews } from "../../../../mod.ts";
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
  known_neighbours: [
    "lag(nullif(n % 3, 0), 2) IGNORE NULLS, lead(s, 3, 'x') IGNORE NULLS, lag(n, 0) IGNORE NULLS, lead(v, -2) IGNORE NULLS, lag(nullif(n % 5, 1), 1, n) IGNORE NULLS",
    "PARTITION BY k ORDER BY n, id",
  ],
  known_by_column: ["lag(v, n) IGNORE NULLS", "PARTITION BY k ORDER BY id"],
  more_buckets: ["ntile(3), ntile(500), ntile(2)", "ORDER BY day DESC, id"],
  buckets_by_column: ["ntile(n + 1)", "PARTITION BY k ORDER BY n, id"],
  shares_of_all: ["percent_rank(), cume_dist()", "ORDER BY day DESC"],
  picks_without_rows: [
    "first_value(n), last_value(n) IGNORE NULLS",
    "PARTITION BY k ORDER BY n, id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW EXCLUDE CURRENT ROW",
  ],
  picks_by_column: ["nth_value(n, id % 9 + 1)", "PARTITION BY k ORDER BY n, id ROWS UNBOUNDED PRECEDING"],
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
  running_all: ["sum(n), count(DISTINCT n), max_by(s, id)", "ORDER BY id"],
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
    "string_agg(s, ','), sum(b), min(m), json_agg(id), max_by(id, n), listagg(s), median(n), median(v), bit_xor(n)",
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

/** Frames of which one end, or both, does not move, and some that move. */
const FRAMES: Readonly<Record<string, string>> = {
  rows_to: "ROWS BETWEEN UNBOUNDED PRECEDING AND 3 PRECEDING",
  rows_up_to: "ROWS BETWEEN UNBOUNDED PRECEDING AND 2 FOLLOWING",
  rows_from: "ROWS BETWEEN 2 FOLLOWING AND UNBOUNDED FOLLOWING",
  rows_since: "ROWS BETWEEN 3 PRECEDING AND UNBOUNDED FOLLOWING",
  rows_on: "ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING",
  rows_around: "ROWS BETWEEN 4 PRECEDING AND 2 FOLLOWING",
  groups_to: "GROUPS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING",
  groups_up_to: "GROUPS BETWEEN UNBOUNDED PRECEDING AND 2 FOLLOWING",
  groups_from: "GROUPS BETWEEN 2 FOLLOWING AND UNBOUNDED FOLLOWING",
  groups_since: "GROUPS BETWEEN 1 PRECEDING AND UNBOUNDED FOLLOWING",
  groups_around: "GROUPS BETWEEN 1 PRECEDING AND 2 FOLLOWING",
  range_to: "RANGE BETWEEN UNBOUNDED PRECEDING AND 3 PRECEDING",
  range_up_to: "RANGE BETWEEN UNBOUNDED PRECEDING AND 4 FOLLOWING",
  range_from: "RANGE BETWEEN 2 FOLLOWING AND UNBOUNDED FOLLOWING",
  range_since: "RANGE BETWEEN 3 PRECEDING AND UNBOUNDED FOLLOWING",
  range_around: "RANGE BETWEEN 3 PRECEDING AND 1 FOLLOWING",
  peers_on: "RANGE BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING",
};
const PICKS = "first_value(n), last_value(n + 1), nth_value(n, 3)";
const KNOWN_PICKS =
  "first_value(nullif(n % 3, 0)) IGNORE NULLS, last_value(nullif(n % 4, 1)) IGNORE NULLS, nth_value(nullif(n % 3, 2), 2) IGNORE NULLS";
/** Of these peers differ. */
const ROW_PICKS = ", last_value(s), nth_value(v, 2), last_value(v) IGNORE NULLS, first_value(s) IGNORE NULLS";
const TOTALS =
  "sum(n), avg(b), count(*), count(v), min(b), max(s), sum(v), sum(n) FILTER (WHERE v > 0), min(n) FILTER (WHERE n > 20)";

/** Calls over all frames, in a window with ties and one with NULLs in its keys. */
const FRAMED: Readonly<Record<string, readonly [string, string]>> = Object.fromEntries(
  Object.entries(FRAMES).flatMap(([name, frame], i) => {
    const isUnique = frame.startsWith("ROWS");
    const [unique, more] = isUnique ? [", id", ROW_PICKS] : ["", ""];
    const key = ["n NULLS FIRST", "n DESC NULLS LAST", "n", "n DESC"][i % 4]! + unique;
    return [
      [`picks_${name}`, [PICKS, `PARTITION BY k ORDER BY ${key} ${frame}`]],
      [`known_picks_${name}`, [KNOWN_PICKS + more, `PARTITION BY k ORDER BY ${key} ${frame}`]],
      [`totals_${name}`, [
        TOTALS + (isUnique ? ", min(m), max(v)" : ""),
        `PARTITION BY k ORDER BY ${key} ${frame}`,
      ]],
    ];
  }),
);

function callsSql([calls, over]: readonly [string, string]): string {
  const list = calls.split(/, (?=[a-z_]+\()/).map((call, i) => {
    const [, head, nulls] = /^(.*?)( IGNORE NULLS)?$/.exec(call)!;
    return `${head}${nulls ?? ""} OVER (${over}) AS c${i}`;
  });
  return `SELECT id, ${list.join(", ")} FROM t`;
}

const QUERIES: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    Object.entries({ ...CALLS, ...FRAMED }).map(([name, call]) => [name, callsSql(call)]),
  ),
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
      trial.apply({ t: table.insert(200) });
      for (let step = 0; step <= 13 * RUNS; step++) {
        assertEquals(trial.maintained(), trial.queried(), `step ${step}, seed ${SEED}`);
        if (step % 8 === 0) assertEquals(trial.given(), trial.queried());
        const change = step % 3 === 1
          ? updates(table, random, random.pick([1, 3, 60]))
          : step === 5
          ? table.delete(250)
          : step === 8
          ? table.insert(900)
          : step === 12
          ? table.delete(800)
          : table.change();
        trial.apply({ t: change });
      }
      trial.apply({ t: table.delete(table.rows.length) });
      assertEquals(trial.maintained(), []);
      assertEquals(trial.given(), []);
    });
  }

  it("looks at the rows that see a change, whatever the size of the partition", () => {
    const bounds: Readonly<Record<string, number>> = {
      moving: 60,
      centred: 60,
      before: 40,
      range: 700,
      groups: 700,
      neighbours: 60,
      excluding: 60,
    };
    for (const [name, most] of Object.entries(bounds)) {
      for (const size of [1000, 10_000]) {
        const random = new SeededRandom(SEED);
        const spread = (row: Datum[]) =>
          row.with(1, 1).with(4, Number(row[0]) % 1000).with(7, Number(row[0]) % 1000);
        const table = new RandomRows(random, (own, id) => spread(randomRow(own, id)));
        const trial = new CircuitTrial(QUERIES[name]!, TABLES);
        trial.apply({ t: table.insert(size) });
        for (let i = 0; i < 10; i++) {
          const examined = [
            trial.apply({ t: table.insert(1) }),
            trial.apply({ t: table.delete(1) }),
            trial.apply({ t: updates(table, random, 1) }),
          ];
          assert(Math.max(...examined) <= most, `${name} of ${size} rows: ${examined}`);
        }
      }
    }
  });

  /** Rows that one change of a table with many rows looks at. */
  function examined(sql: string, change: (rows: readonly Datum[][]) => WeightedRow[]): number {
    const rows = Array.from({ length: 3000 }, (_, id): Datum[] => [id, 1, 2, 3, id % 7, null, "s", 5, 6]);
    const trial = new CircuitTrial(sql, TABLES);
    trial.apply({ t: come(...rows) });
    const count = trial.apply({ t: change(rows) });
    assertEquals(trial.maintained(), trial.queried());
    return count;
  }
  const append = (): WeightedRow[] => come([5000, 1, 2, 3, 1, null, "s", 5, 6]);

  it("goes on from the last rows of a running total", () => {
    assert(examined(QUERIES.running!, append) <= 700);
    assert(examined(callsSql(["sum(n)", "ORDER BY id"]), append) <= 70);
  });

  it("does not look at other rows when a column changes that no call reads", () => {
    const rename = (rows: readonly Datum[][]) => [...go(rows[10]!), ...come(rows[10]!.with(6, "other"))];
    for (const over of ["ORDER BY id", "PARTITION BY k ORDER BY id", "PARTITION BY k"]) {
      const sql = `SELECT id, s, sum(n) OVER (${over}), rank() OVER (${over}), ntile(3) OVER (ORDER BY id),
        percent_rank() OVER (${over}) FROM t`;
      assert(examined(sql, rename) <= 10);
    }
  });

  it("does not look at other rows when the value of the whole partition stays", () => {
    assert(examined(callsSql(["max(n), min(v)", "PARTITION BY k"]), append) <= 100);
    assert(examined(callsSql(["first_value(n)", "ORDER BY id"]), append) <= 10);
    assert(examined(callsSql(["rank(), dense_rank()", "ORDER BY id"]), append) <= 10);
  });

  it("stops where the numbers are as before", () => {
    const move = (rows: readonly Datum[][]) => [...go(rows[10]!), ...come(rows[10]!.with(4, 4))];
    assert(examined("SELECT id, row_number() OVER (ORDER BY n, id) FROM t", move) <= 1000);
    assert(examined("SELECT id, dense_rank() OVER (ORDER BY n) FROM t", move) <= 2200);
  });

  it("looks at the first rows of a partition when only those are asked for", () => {
    const first = (): WeightedRow[] => come([-1, 1, 2, 3, 1, null, "s", 5, 6]);
    for (const call of ["row_number", "rank", "dense_rank"]) {
      const sql = `SELECT id FROM t QUALIFY ${call}() OVER (PARTITION BY k ORDER BY id) <= 3`;
      assert(examined(sql, append) <= 8);
      assert(examined(sql, first) <= 15);
      assert(examined(sql, (rows) => go(rows[0]!, rows[3]!)) <= 15);
    }
  });

  it("numbers no row behind the bound when rows come and go there", () => {
    const sql = "SELECT id, dense_rank() OVER (ORDER BY n) AS d FROM t QUALIFY d <= 2";
    const trial = new CircuitTrial(sql, { t: "id integer key, n integer" });
    trial.apply({ t: come([1, 1], [2, 2], [3, 3], [4, 4]) });
    trial.apply({ t: [...come([5, 5], [6, 3]), ...go([3, 3])] });
    assertEquals(trial.maintained(), ["1|1 x1", "2|2 x1"]);
    trial.apply({ t: [...go([1, 1], [4, 4]), ...come([7, 7])] });
    assertEquals(trial.maintained(), ["2|1 x1", "6|2 x1"]);
    assertEquals(trial.given(), trial.maintained());
  });

  it("keeps rows with equal keys in the order in which they came, and replaced ones in their place", () => {
    const sql = "SELECT id, row_number() OVER (ORDER BY n) FROM t";
    const trial = new CircuitTrial(sql, { t: "id integer, n integer" });
    trial.apply({ t: come([3, 1], [1, 1], [2, 1]) });
    assertEquals(trial.maintained(), ["1|2 x1", "2|3 x1", "3|1 x1"]);
    trial.apply({ t: [...come([9, 1]), ...go([1, 1])] });
    assertEquals(trial.maintained(), ["2|3 x1", "3|1 x1", "9|2 x1"]);
  });

  it("replaces copies of a row by copies of another one", () => {
    const sql = "SELECT v, row_number() OVER (ORDER BY n), sum(v) OVER (ORDER BY n) FROM t";
    const trial = new CircuitTrial(sql, { t: "v integer, n integer" });
    trial.apply({ t: [{ row: [1, 7], weight: 3 }, { row: [2, 8], weight: 2 }] });
    trial.apply({
      t: [{ row: [1, 7], weight: -1 }, { row: [5, 7], weight: 2 }, { row: [2, 8], weight: -2 }],
    });
    assertEquals(trial.maintained(), ["1|1|12 x1", "1|2|12 x1", "5|3|12 x1", "5|4|12 x1"]);
    trial.apply({ t: [{ row: [5, 7], weight: -2 }, { row: [6, 7], weight: 3 }] });
    assertEquals(trial.maintained(), trial.queried());
  });

  it("numbers rows without columns", () => {
    const trial = new CircuitTrial("SELECT row_number() OVER () FROM t", { t: "v integer" });
    trial.apply({ t: come([1], [2], [2]) });
    assertEquals(trial.maintained(), ["1 x1", "2 x1", "3 x1"]);
    trial.apply({ t: go([2]) });
    assertEquals(trial.maintained(), ["1 x1", "2 x1"]);
  });

  it("gives all rows to conditions that do not bound the number", () => {
    const numbered = (condition: string, more = "") =>
      `SELECT id FROM (SELECT id, n, row_number() OVER (ORDER BY id) AS r${more} FROM t) x WHERE ${condition}`;
    const conditions = [
      numbered("r + 1 < 4"),
      numbered("r > 2 AND r <> 3"),
      numbered("r <= n"),
      numbered("r < 3 OR n = 1"),
      numbered("r <= 2 AND r <= s", ", sum(n) OVER () AS s"),
      "SELECT id FROM (SELECT id, sum(n) OVER () AS r FROM t) x WHERE r <= 2",
    ];
    for (const sql of conditions) {
      const trial = new CircuitTrial(sql, TABLES);
      trial.apply({ t: new RandomRows(new SeededRandom(SEED), randomRow).insert(9) });
      assertEquals(trial.maintained(), trial.queried(), sql);
    }
  });

  it("maintains a run that grows at its end", () => {
    const trial = new CircuitTrial("SELECT id, lag(id) OVER (ORDER BY id) FROM t", { t: "id integer" });
    for (let id = 0; id < 1400; id += 20) {
      trial.apply({ t: come(...Array.from({ length: 20 }, (_, i): Datum[] => [id + i])) });
    }
    for (let id = 1; id < 900; id += 2) trial.apply({ t: come([id * 1.5 | 0]) });
    assertEquals(trial.maintained(), trial.queried());
  });

  it("is as small as before when rows have come and gone", () => {
    for (
      const name of [
        "several_windows",
        "running_peers",
        "whole",
        "range",
        "first_of_each",
        "known_neighbours",
        "neighbours_by_row",
      ]
    ) {
      const random = new SeededRandom(SEED);
      const table = new RandomRows(random, randomRow);
      const trial = new CircuitTrial(QUERIES[name]!, TABLES);
      trial.apply({ t: table.insert(1500) });
      const sizes: number[] = [];
      for (let round = 0; round < 8; round++) {
        const fresh = table.insert(2500);
        trial.apply({ t: fresh });
        table.rows.splice(1500);
        trial.apply({ t: fresh.map(({ row }) => ({ row, weight: -1 })) });
        sizes.push(trial.stateBytes);
      }
      assertEquals(trial.maintained(), trial.queried());
      assert(sizes.at(-1)! <= sizes[1]!, `${name}: ${sizes.join(" ")}`);
    }
  });

  it("maintains running aggregates of plugins whose states cannot be merged", async () => {
    const net = definePlugin({
      name: "net",
      setup: () => ({
        api: {},
        provides: [aggregates.of({
          name: "net",
          signatures: [{ parameters: ["integer"], returns: INTEGER }],
          init: () => ({ sum: 0 }),
          add: (state: { sum: number }, [value]) => void (state.sum += Number(value)),
          remove: (state, [value]) => void (state.sum -= Number(value)),
          value: ({ sum }) => sum,
        })],
      }),
    });
    await using db = createDatabase({ plugins: [materializedViews(), net] });
    await db.exec("CREATE TABLE t (id INTEGER PRIMARY KEY, v INTEGER)");
    await db.exec("CREATE MATERIALIZED VIEW m AS SELECT id, net(v) OVER (ORDER BY id) AS n FROM t");
    await db.insert("t", [{ id: 1, v: 5 }, { id: 3, v: 2 }]);
    await db.insert("t", [{ id: 2, v: -1 }]);
    assertEquals((await db.query("SELECT * FROM m ORDER BY id")).rows(), [[1, 5], [2, 4], [3, 6]]);
    await db.delete("t", { id: 1 });
    assertEquals((await db.query("SELECT * FROM m ORDER BY id")).rows(), [[2, -1], [3, 1]]);
  });

  it("fails as the query does for numbers that are none", () => {
    for (const call of ["ntile(0)", "nth_value(n, 0)", "ntile(-1)"]) {
      const trial = new CircuitTrial(callsSql([call, "ORDER BY id"]), TABLES);
      assertThrows(() => trial.apply({ t: come(randomRow(new SeededRandom(SEED), 1)) }), QueryError);
    }
  });

  it("does nothing for a change that cancels out", () => {
    const trial = new CircuitTrial(QUERIES.moving!, TABLES);
    const row = randomRow(new SeededRandom(SEED), 1);
    trial.apply({ t: [...come(row), ...go(row)] });
    assertEquals([trial.last, trial.given()], [[], []]);
    trial.apply({ t: [] });
    assertEquals(trial.last, []);
  });
});

import process from "node:process";
import { describe, it } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { QueryError } from "../../../../src/base/error.ts";
import { SeededRandom } from "../../../../src/base/random.ts";
import type { Datum } from "../../../../src/storage/sql_type.ts";
import { CircuitTrial, come, go } from "./circuit_trial.ts";
import { RandomRows } from "./random_rows.ts";

const TABLES = {
  t: "id integer key, k integer, g text, v integer, b bigint, d double precision, e decimal(10,2), " +
    "n numeric, s text, y boolean, day date, w interval, j json",
};
const SEED = Number(process.env["LIVEVIEW_SEED"] ?? 13);
const RUNS = Number(process.env["LIVEVIEW_RUNS"] ?? 1);

/** `forms`: with values that are equal and look different. */
function rowMaker(forms: boolean, groups = 6): (random: SeededRandom, id: number) => Datum[] {
  return (random, id) => {
    const maybe = (value: Datum): Datum => random.next() < 0.1 ? null : value;
    const scale = forms ? random.integer(0, 2) : 0;
    return [
      id,
      maybe(random.integer(0, groups - 1)),
      maybe(random.pick(["", "x", "é", `g${random.integer(0, 3)}`])),
      maybe(random.integer(-5, 40)),
      maybe(random.next() < 0.03 ? random.pick([2n ** 60n, -(2n ** 55n)]) : random.integer(0, 9)),
      maybe(random.pick([NaN, Infinity, 0.1, 1e16, -1e16, 1, forms ? -0 : 2, 0, random.integer(0, 9) / 4])),
      maybe(random.integer(-1000, 1000)),
      maybe({ coefficient: BigInt(random.integer(0, 5)) * 10n ** BigInt(scale), scale }),
      maybe(random.pick(["a", "ba", "c", "é", `${random.integer(0, 20)}`])),
      maybe(random.next() < 0.5),
      maybe(random.integer(0, 4)),
      maybe({ months: 0, days: random.integer(0, 2), micros: 0 }),
      maybe(random.pick(["1", "[1, 2]", '{"a": 1}'])),
    ];
  };
}

const QUERIES: Readonly<Record<string, string>> = {
  numbers:
    "SELECT k, count(*), count(v), sum(v), avg(v), sum(b), avg(b), sum(e), avg(e), sum(d), avg(d) FROM t GROUP BY k",
  extremes:
    "SELECT k, min(v), max(v), min(b), max(b), min(d), max(d), min(s), max(s), min(e), max(day), min(w), min(y) FROM t GROUP BY k",
  filters:
    "SELECT k, count(*) FILTER (WHERE v > 5), sum(100 / v) FILTER (WHERE v <> 0), max(s) FILTER (WHERE y) FROM t GROUP BY k",
  distinct:
    "SELECT k, count(DISTINCT v), sum(DISTINCT v), avg(DISTINCT e), count(DISTINCT s), sum(DISTINCT d), max(DISTINCT v) FROM t GROUP BY k",
  distinct_filters:
    "SELECT k, count(DISTINCT v) FILTER (WHERE y), count(DISTINCT v), array_agg(DISTINCT s) FILTER (WHERE y) FROM t GROUP BY k",
  distinct_percentiles:
    "SELECT k, median(DISTINCT v), mode() WITHIN GROUP (ORDER BY s), stddev_samp(DISTINCT v) FROM t GROUP BY k",
  percentiles:
    "SELECT k, percentile_cont(0.3) WITHIN GROUP (ORDER BY v), percentile_disc(0.7) WITHIN GROUP (ORDER BY s DESC), " +
    "percentile_cont(ARRAY[0, 0.5, 1]) WITHIN GROUP (ORDER BY d DESC), median(v), median(w), quantile_disc(b, 0.9), " +
    "percentile_disc(0.5) WITHIN GROUP (ORDER BY y) FROM t GROUP BY k",
  modes:
    "SELECT k, mode() WITHIN GROUP (ORDER BY v), mode() WITHIN GROUP (ORDER BY s DESC), mode() WITHIN GROUP (ORDER BY b) FROM t GROUP BY k",
  fraction_by_group: "SELECT k, percentile_disc(k / 10.0) WITHIN GROUP (ORDER BY v) FROM t GROUP BY k",
  hypothetical: "SELECT k, rank(7) WITHIN GROUP (ORDER BY v), cume_dist(7) WITHIN GROUP (ORDER BY v DESC), " +
    "dense_rank(7) WITHIN GROUP (ORDER BY v DESC NULLS LAST), percent_rank('c') WITHIN GROUP (ORDER BY s NULLS FIRST), " +
    "dense_rank(NULL) WITHIN GROUP (ORDER BY v), rank(NULL) WITHIN GROUP (ORDER BY v DESC), " +
    "rank(0.5) WITHIN GROUP (ORDER BY d), rank(3) WITHIN GROUP (ORDER BY y::integer DESC) FROM t GROUP BY k",
  lists:
    "SELECT k, array_agg(v ORDER BY id), string_agg(s, ',' ORDER BY d DESC NULLS LAST, id), json_agg(v ORDER BY s NULLS FIRST, id DESC) FROM t GROUP BY k",
  distinct_lists:
    "SELECT k, array_agg(DISTINCT v), string_agg(DISTINCT s, '-' ORDER BY s DESC), list(DISTINCT n) FROM t GROUP BY k",
  ordered_by_bigint: "SELECT k, array_agg(id ORDER BY b NULLS FIRST, id) FROM t GROUP BY k",
  picks:
    "SELECT k, max_by(id, id), arg_min(s, id), min_by(v, id), first(s ORDER BY id), last(v ORDER BY id), first(id ORDER BY y, id) FROM t GROUP BY k",
  ties:
    "SELECT k, max_by(s, v), arg_min(b, y), array_agg(s ORDER BY v), string_agg(s, ',' ORDER BY y DESC), first(v ORDER BY day), " +
    "last(s ORDER BY day) FROM t GROUP BY k",
  picks_of_some: "SELECT k, max_by(v, CASE WHEN v > 38 THEN id END) FROM t GROUP BY k",
  moments:
    "SELECT k, stddev_samp(v), var_pop(e), corr(v, id), regr_slope(v, id), bool_and(y), bool_or(y), bit_or(v), bit_xor(v), " +
    "var_samp(b), stddev_pop(d), count_if(v > 3), every(y) FILTER (WHERE v > 30), bool_and(NULL), variance(id * 100000000::bigint) FROM t GROUP BY k",
  approximate: "SELECT k, approx_count_distinct(s), approx_quantile(v, 0.5) FROM t GROUP BY k",
  no_keys: "SELECT count(*), sum(v), min(s), median(d), array_agg(v ORDER BY id) FROM t WHERE v > 36",
  text_key: "SELECT g, count(*), min(id), sum(d) FROM t GROUP BY g",
  keys: "SELECT k, g, y, count(*), max(v) FROM t GROUP BY k, g, y",
  keys_alone: "SELECT day FROM t GROUP BY day",
  many_groups:
    "SELECT id % 1500 AS m, count(*), sum(b), sum(d), max(v), median(v), stddev_pop(d), bool_or(y), mode() WITHIN GROUP (ORDER BY v) FROM t GROUP BY 1",
  many_lists:
    "SELECT id % 1300 AS m, array_agg(id ORDER BY v, id), count(DISTINCT s), string_agg(s, ',' ORDER BY s, id) FROM t GROUP BY 1",
  rollup: "SELECT k, day, count(*), grouping(k, day), sum(v), max(v) FROM t GROUP BY ROLLUP (k, day)",
  cube: "SELECT k, y, sum(v), count(DISTINCT v), grouping(y) FROM t GROUP BY CUBE (k, y)",
  sets: "SELECT k, g, y, count(*), median(v) FROM t GROUP BY GROUPING SETS ((k), (g, y), (k), ())",
  having: "SELECT k, sum(v) FROM t GROUP BY k HAVING count(*) > 200 AND max(v) > 3",
};

/** Which form stands for a value is open: rows have one form each. */
const FORMED: Readonly<Record<string, string>> = {
  keys: "SELECT n, count(*), sum(v) FROM t GROUP BY n",
  zeros: "SELECT d, count(*), sum(d) FROM t GROUP BY d",
  sums: "SELECT k, sum(n), avg(n), sum(DISTINCT d), count(DISTINCT n), count(DISTINCT d) FROM t GROUP BY k",
};

const PICKED: Readonly<Record<string, string>> = {
  distinct: "SELECT k, sum(DISTINCT n), array_agg(DISTINCT n), stddev_samp(DISTINCT n) FROM t GROUP BY k",
  values:
    "SELECT k, min(n), max(w), median(n), mode() WITHIN GROUP (ORDER BY n), mode() WITHIN GROUP (ORDER BY d) FROM t GROUP BY k",
  lists: "SELECT k, json_agg(j ORDER BY id), max_by(n, id), count(DISTINCT j) FROM t GROUP BY k",
};

function checkRandomly(sql: string, forms: boolean, size: number): void {
  const random = new SeededRandom(SEED);
  const table = new RandomRows(random, rowMaker(forms));
  const trial = new CircuitTrial(sql, TABLES);
  trial.apply({ t: table.insert(size) });
  const empty = trial.stateBytes;
  for (let step = 0; step <= 10 * RUNS; step++) {
    assertEquals(trial.maintained(), trial.queried(), `step ${step}, seed ${SEED}`);
    if (step % 5 === 0) assertEquals(trial.given(), trial.maintained());
    trial.apply({ t: step === 7 ? table.delete(table.rows.length - 20) : table.change() });
  }
  trial.apply({ t: table.delete(table.rows.length) });
  assertEquals(trial.maintained(), trial.queried());
  assertEquals(trial.given(), trial.maintained());
  assert(trial.stateBytes < 4 * empty + 2 ** 20);
}

describe("GroupNode", () => {
  for (const [name, sql] of Object.entries({ ...QUERIES, ...PICKED })) {
    it(`has the rows of the query after random changes: ${name.replaceAll("_", " ")}`, () => {
      checkRandomly(sql, false, name.startsWith("many") ? 3000 : 600);
    });
  }
  for (const [name, sql] of Object.entries(FORMED)) {
    it(`shows a form that some row has: ${name}`, () => {
      const random = new SeededRandom(SEED);
      const table = new RandomRows(random, rowMaker(true));
      const trial = new CircuitTrial(sql, TABLES);
      trial.apply({ t: table.insert(300) });
      const without = (rows: readonly string[]) =>
        rows.map((row) => row.replace(/"scale":\d+|"coefficient":"\d+n"|^-?0\|/g, "")).sort();
      for (let step = 0; step < 10; step++) {
        const compare = name === "sums" ? (rows: readonly string[]) => rows : without;
        assertEquals(compare(trial.maintained()), compare(trial.queried()), `step ${step}, seed ${SEED}`);
        trial.apply({ t: table.change() });
      }
    });
  }

  it("counts 0 and -0 together in a mode, and shows one of them", () => {
    const trial = new CircuitTrial(
      "SELECT mode() WITHIN GROUP (ORDER BY d), mode() WITHIN GROUP (ORDER BY d DESC) FROM t",
      {
        t: "d double precision",
      },
    );
    trial.apply({ t: come([0], [-0], [1], [1], [-1], [-1]) });
    assertEquals(trial.maintained(), ["-1|1 x1"]);
    trial.apply({ t: come([0]) });
    assertEquals(trial.maintained(), ["-0|0 x1"]);
    trial.apply({ t: go([-1], [1], [0]) });
    assertEquals(trial.maintained(), ["-0|0 x1"]);
    trial.apply({ t: go([-0]) });
    assertEquals(trial.maintained(), ["-1|1 x1"]);
    trial.apply({ t: go([0], [1], [-1]) });
    assertEquals(trial.maintained(), ["null|null x1"]);
  });

  it("lists one of values that are equal and look different", () => {
    const trial = new CircuitTrial("SELECT array_agg(DISTINCT n), sum(DISTINCT n) FROM t", {
      t: "n numeric",
    });
    const forms = [[15n, 1], [1500n, 3], [2n, 0]].map(([coefficient, scale]): Datum[] => [{
      coefficient: BigInt(coefficient!),
      scale: Number(scale),
    }]);
    trial.apply({ t: come(...forms) });
    assertEquals(trial.maintained().map((row) => row.split("scale").length), [4]);
    trial.apply({ t: go(forms[0]!) });
    assertEquals(trial.maintained(), trial.queried());
  });

  it("forgets forms of keys that no row has any more", () => {
    const trial = new CircuitTrial("SELECT j, count(*) FROM t GROUP BY j", { t: "j json" });
    const rows = Array.from({ length: 3000 }, (_, i): Datum[] => [`[${" ".repeat(i)}1]`]);
    trial.apply({ t: come(["2"], ...rows) });
    const { stateBytes } = trial;
    trial.apply({ t: go(...rows.slice(1)) });
    assertEquals(trial.maintained(), ["2|1 x1", "[1]|1 x1"]);
    assert(trial.stateBytes < stateBytes / 4);
  });

  it("has one row without keys, also over no rows", () => {
    const trial = new CircuitTrial("SELECT count(*), sum(v) FROM t", { t: "v integer" });
    trial.apply({ t: [] });
    assertEquals(trial.maintained(), ["0|null x1"]);
    assertEquals(trial.given(), trial.maintained());
    trial.apply({ t: come([1]) });
    assertEquals(trial.maintained(), ["1|1 x1"]);
  });

  it("has a row for the empty set alone over no rows", () => {
    const trial = new CircuitTrial("SELECT v, count(*), grouping(v) FROM t GROUP BY ROLLUP (v)", {
      t: "v integer",
    });
    trial.apply({ t: [] });
    assertEquals(trial.maintained(), ["null|0|1 x1"]);
    trial.apply({ t: come([null]) });
    assertEquals(trial.maintained(), ["null|1|0 x1", "null|1|1 x1"]);
  });

  it("is silent about groups whose row stays", () => {
    const trial = new CircuitTrial("SELECT k, max(v) FROM t GROUP BY k", { t: "k integer, v integer" });
    trial.apply({ t: come([1, 5], [2, 5]) });
    trial.apply({ t: come([1, 3], [2, 7]) });
    assertEquals(trial.last.map(({ row, weight }) => [...row, weight]), [[2, 5, -1], [2, 7, 1]]);
  });

  it("keeps rows without ORDER BY in the order in which they came", () => {
    const trial = new CircuitTrial("SELECT array_agg(v), first(v), last(v), any_value(v) FROM t", {
      t: "v integer",
    });
    trial.apply({ t: come([null], [3], [1]) });
    trial.apply({ t: come([2]) });
    assertEquals(trial.maintained(), ["[null,3,1,2]|null|2|3 x1"]);
    trial.apply({ t: [...go([3], [null]), ...come([3])] });
    assertEquals(trial.maintained(), ["[3,1,2]|3|2|3 x1"]);
  });

  it("throws what the query throws", () => {
    const trial = new CircuitTrial("SELECT sum(v) FROM t", { t: "v double precision" });
    trial.apply({ t: come([1e308]) });
    assertThrows(() => trial.apply({ t: come([1.7e308]) }), QueryError);
  });

  it("sums what many copies of rows are worth", () => {
    const trial = new CircuitTrial("SELECT sum(v), sum(b), count_if(v > 1) FROM t", {
      t: "v integer, b bigint",
    });
    const weight = 2_000_000_000;
    trial.apply({ t: [{ row: [2_000_000_000, 2 ** 31], weight }] });
    assertEquals(trial.maintained(), ["4000000000000000000|4294967296000000000|2000000000 x1"]);
    trial.apply({ t: [{ row: [2_000_000_000, 2 ** 31], weight: 1 - weight }] });
    assertEquals(trial.maintained(), ["2000000000|2147483648|1 x1"]);
  });

  it("shows numbers beyond 2^53 beside NULL", () => {
    const trial = new CircuitTrial("SELECT k, sum(b) FROM t GROUP BY k", { t: "k integer, b bigint" });
    trial.apply({ t: come([1, null], [2, 3]) });
    trial.apply({ t: come([2, 2n ** 60n]) });
    assertEquals(trial.maintained(), ["1|null x1", "2|1152921504606846979 x1"]);
    assertEquals(trial.given(), trial.maintained());
  });

  it("sums whole numbers beyond 2^53 exactly, there and back", () => {
    const trial = new CircuitTrial("SELECT k, sum(b), avg(b) FROM t GROUP BY k", {
      t: "k integer, b bigint",
    });
    trial.apply({ t: come([1, 2 ** 53 - 1], [2, 1], [1, 2 ** 53 - 1], [1, 2n ** 62n]) });
    assertEquals(trial.maintained(), trial.queried());
    trial.apply({ t: go([1, 2n ** 62n]) });
    trial.apply({ t: go([1, 2 ** 53 - 1]) });
    assertEquals(trial.maintained(), trial.queried());
  });
});

describe("the work of a GroupNode", () => {
  const CHEAP = [
    "numbers",
    "extremes",
    "filters",
    "distinct",
    "percentiles",
    "modes",
    "picks",
    "hypothetical",
    "moments",
    "rollup",
    "approximate",
  ];
  for (const name of CHEAP) {
    it(`for one row grows at most with the logarithm of the group: ${name}`, () => {
      const work = [1000, 10_000].map((size) => {
        const random = new SeededRandom(SEED);
        const table = new RandomRows(random, rowMaker(false, 1));
        const trial = new CircuitTrial(QUERIES[name]!, TABLES);
        trial.apply({ t: table.insert(size) });
        let worst = 0;
        for (let i = 0; i < 20; i++) {
          worst = Math.max(worst, trial.apply({ t: table.insert(1) }), trial.apply({ t: table.delete(1) }));
        }
        return worst;
      });
      assert(work[1]! <= work[0]! * 1.6 + 20, `${work}`);
      assert(work[1]! < 400, `${work}`);
    });
  }

  it("finds the place of a row in a list in logarithmic time", () => {
    const work = [1000, 10_000].map((size) => {
      const random = new SeededRandom(SEED);
      const table = new RandomRows(random, rowMaker(false, 1));
      const trial = new CircuitTrial("SELECT k, array_agg(id ORDER BY s, id) FROM t GROUP BY k", TABLES);
      trial.apply({ t: table.insert(size) });
      return Math.max(trial.apply({ t: table.insert(1) }), trial.apply({ t: table.delete(1) }));
    });
    assert(work[1]! < 100, `${work}`);
  });

  for (
    const name of ["numbers", "extremes", "distinct", "percentiles", "lists", "rollup", "many_groups", "keys"]
  ) {
    it(`leaves its state as it was by rows that come and go: ${name}`, () => {
      const random = new SeededRandom(SEED);
      const table = new RandomRows(random, rowMaker(false));
      const trial = new CircuitTrial(QUERIES[name]!, TABLES);
      trial.apply({ t: table.insert(200) });
      const sizes: number[] = [];
      for (let round = 0; round < 2; round++) {
        const other = new RandomRows(new SeededRandom(round), rowMaker(false, 5000));
        trial.apply({ t: other.insert(4000) });
        trial.apply({ t: other.delete(4000) });
        trial.apply({ t: table.insert(1) });
        trial.apply({ t: table.delete(1) });
        sizes.push(trial.stateBytes);
      }
      assertEquals(trial.maintained(), trial.queried());
      assert(sizes[1]! <= sizes[0]! + 32_768, `${sizes}`);
      assert(sizes[1]! < 1_000_000, `${sizes}`);
    });
  }
});

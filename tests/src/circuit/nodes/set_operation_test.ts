import process from "node:process";
import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { SeededRandom } from "../../../../src/base/random.ts";
import type { Datum } from "../../../../src/storage/sql_type.ts";
import { CircuitTrial, come, go } from "./circuit_trial.ts";
import { RandomRows } from "./random_rows.ts";

const TABLES = { t: "id integer, k integer, s text", u: "id integer, k integer, s text" };
const SEED = Number(process.env["LIVEVIEW_SEED"] ?? 12);
const RUNS = Number(process.env["LIVEVIEW_RUNS"] ?? 1);

function randomRow(random: SeededRandom, id: number): Datum[] {
  const maybe = (value: Datum) => random.next() < 0.05 ? null : value;
  return [id, maybe(random.integer(0, 300)), maybe(random.pick(["a", "b", "é"]))];
}

const QUERIES: Readonly<Record<string, string>> = {
  distinct: "SELECT k, s FROM t",
  union: "SELECT k, s FROM t UNION SELECT k, s FROM u",
  intersect: "SELECT k FROM t INTERSECT SELECT k FROM u",
  intersect_all: "SELECT k FROM t INTERSECT ALL SELECT k FROM u",
  except: "SELECT k, s FROM t EXCEPT SELECT k, s FROM u",
  except_all: "SELECT s, k FROM t EXCEPT ALL SELECT s, k FROM u",
  same_table: "SELECT k FROM t WHERE s = 'a' EXCEPT SELECT k FROM t WHERE s = 'b'",
  keys_of_keys: "SELECT DISTINCT k FROM (SELECT k, s FROM t UNION SELECT k, s FROM u) x",
};

describe("SetNode", () => {
  for (const [name, sql] of Object.entries(QUERIES)) {
    it(`has the rows of the query after random changes: ${name.replaceAll("_", " ")}`, () => {
      const random = new SeededRandom(SEED);
      const t = new RandomRows(random, randomRow);
      const u = new RandomRows(random, randomRow);
      // The planner makes a group of DISTINCT wherever it meets one.
      const trial = new CircuitTrial(
        sql,
        TABLES,
        (plan) => name === "distinct" ? { kind: "distinct", input: plan } : plan,
      );
      trial.apply({ t: t.insert(1500), u: u.insert(200) });
      for (let step = 0; step <= 30 * RUNS; step++) {
        assertEquals(trial.maintained(), trial.queried(), `step ${step}, seed ${SEED}`);
        if (step % 10 === 0) assertEquals(trial.given(), trial.queried());
        trial.apply(random.next() < 0.5 ? { t: t.change() } : { t: t.change(), u: u.change() });
      }
      trial.apply({ t: t.delete(t.rows.length) });
      trial.apply({ u: u.delete(u.rows.length) });
      assertEquals(trial.maintained(), []);
      assertEquals(trial.given(), []);
    });
  }

  it("is the operator of set operations", () => {
    for (const [name, sql] of Object.entries(QUERIES).slice(1, 6)) {
      const { names } = new CircuitTrial(sql, TABLES);
      assert(names.includes(name.replaceAll("_", " ")), `${name}: ${names}`);
    }
  });

  it("gives one change for a row that moves between counts above 0", () => {
    const trial = new CircuitTrial("SELECT x FROM t UNION SELECT x FROM u", {
      t: "x integer",
      u: "x integer",
    });
    trial.apply({ t: come([1], [1]) });
    assertEquals(trial.last, [{ row: [1], weight: 1 }]);
    trial.apply({ t: go([1], [1]), u: come([1]) });
    assertEquals(trial.last, []);
    trial.apply({ u: go([1]) });
    assertEquals(trial.last, [{ row: [1], weight: -1 }]);
  });

  it("shows equal values in the form of the first, and in that of the next when it goes", () => {
    const trial = new CircuitTrial("SELECT x FROM t UNION SELECT x FROM u", {
      t: "x double precision",
      u: "x double precision",
    });
    trial.apply({ u: come([-0]) });
    assertEquals(trial.maintained(), ["-0 x1"]);
    trial.apply({ t: come([0], [0]) });
    assertEquals([trial.maintained(), trial.queried()], [["0 x1"], ["0 x1"]]);
    trial.apply({ t: go([0]) });
    assertEquals(trial.last, []);
    trial.apply({ t: go([0]) });
    assertEquals([trial.maintained(), trial.queried()], [["-0 x1"], ["-0 x1"]]);
    assertEquals(trial.given(), ["-0 x1"]);
  });

  it("counts values that look different together", () => {
    const rows = [[-0], [0], [-0], [0]];
    const cases: Readonly<Record<string, readonly string[]>> = {
      "INTERSECT": ["-0 x1"],
      "INTERSECT ALL": ["-0 x2"],
      "EXCEPT": [],
      "EXCEPT ALL": ["0 x2"],
    };
    for (const [operator, expected] of Object.entries(cases)) {
      const trial = new CircuitTrial(`SELECT x FROM t ${operator} SELECT x FROM u`, {
        t: "x double precision",
        u: "x double precision",
      });
      for (const row of rows) trial.apply({ t: come(row) });
      trial.apply({ u: come([0], [0]) });
      assertEquals(trial.maintained(), expected, operator);
    }
  });

  it("looks at a bounded number of rows for a changed one, whatever the number of equal rows", () => {
    for (const sql of Object.values(QUERIES).slice(1)) {
      for (const size of [1000, 10_000]) {
        const trial = new CircuitTrial(sql, TABLES);
        const row: Datum[] = [1, 7, "a"];
        trial.apply({ t: [{ row, weight: size }], u: [{ row, weight: size }] });
        for (const change of [come(row), go(row), go(row)]) assert(trial.apply({ t: change }) <= 8, sql);
      }
    }
  });

  it("is as small as before when rows have come and gone", () => {
    for (const x of ["k", "v"]) {
      const trial = new CircuitTrial(`SELECT ${x} FROM t EXCEPT SELECT ${x} FROM u`, {
        t: "k integer, v double precision",
        u: "k integer, v double precision",
      });
      trial.apply({ t: come([-1, -1]), u: come([-2, -2], [-3, -0]) });
      const sizes: number[] = [];
      for (let round = 0; round < 8; round++) {
        const rows = Array.from({ length: 5000 }, (_, i): Datum[] => [round * 5000 + i, i / 8]);
        trial.apply({ t: come(...rows) });
        trial.apply({ t: go(...rows) });
        assertEquals(trial.maintained(), ["-1 x1"]);
        sizes.push(trial.stateBytes);
      }
      assert(sizes.at(-1)! <= sizes[1]!, sizes.join(" "));
    }
  });
});

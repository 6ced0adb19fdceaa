import process from "node:process";
import { describe, it } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { QueryError } from "../../../../src/base/error.ts";
import { SeededRandom } from "../../../../src/base/random.ts";
import type { Plan } from "../../../../src/query/plan.ts";
import type { Datum } from "../../../../src/storage/sql_type.ts";
import { literal } from "../../exec/operators/plan_run.ts";
import { requireMaintained } from "../../../support/maintained_changes.ts";
import { CircuitTrial, come, go } from "./circuit_trial.ts";
import { RandomRows, shuffled } from "./random_rows.ts";

const TABLES = { t: "id integer key, v double precision, b bigint, s text" };
const SEED = Number(process.env["LIVEVIEW_SEED"] ?? 11);
const RUNS = Number(process.env["LIVEVIEW_RUNS"] ?? 1);

function randomRow(random: SeededRandom, id: number): Datum[] {
  const maybe = (value: Datum) => random.next() < 0.05 ? null : value;
  return [
    id,
    maybe(random.pick([NaN, Infinity, -0, 0, random.integer(-50, 50) / 2])),
    maybe(random.next() < 0.02 ? 2n ** 60n : random.integer(0, 1000)),
    maybe(random.pick(["a", "é", "z", "Z", `text ${random.integer(0, 99)}`])),
  ];
}

const QUERIES: Readonly<Record<string, string>> = {
  numbers: "SELECT id, v FROM t ORDER BY v, id LIMIT 7",
  descending: "SELECT id, s FROM t ORDER BY v DESC, id DESC LIMIT 5 OFFSET 3",
  texts: "SELECT * FROM t ORDER BY s DESC NULLS LAST, id LIMIT 10",
  nulls: "SELECT * FROM t ORDER BY b NULLS FIRST, id LIMIT 40",
  expression: "SELECT id FROM t ORDER BY abs(v) + 1, id LIMIT 9 OFFSET 2",
  ties: "SELECT v, s FROM t ORDER BY v FETCH FIRST 6 ROWS WITH TIES",
  many_ties: "SELECT id FROM t ORDER BY v IS NULL OFFSET 0 FETCH FIRST 3 ROWS WITH TIES",
  copies: "SELECT v FROM t ORDER BY v LIMIT 30 OFFSET 20",
  behind_end: "SELECT id FROM t ORDER BY id OFFSET 1200 LIMIT 50",
  no_limit: "SELECT id, v FROM t ORDER BY v DESC, id OFFSET 25",
  offset_of_nothing: "SELECT id FROM t ORDER BY id OFFSET 0",
  nothing: "SELECT id FROM t ORDER BY id LIMIT 0",
  wide: "SELECT id FROM t ORDER BY s, id LIMIT 600",
};

describe("TopKNode", () => {
  for (const [name, sql] of Object.entries(QUERIES)) {
    it(`has the rows of the query after random changes: ${name.replaceAll("_", " ")}`, () => {
      requireMaintained(sql, { tables: TABLES, row: randomRow, seed: SEED });
    });
  }

  it("decides between rows with equal keys by the other columns, as the batch executor does", () => {
    const queries = {
      ids: "SELECT id, v FROM t ORDER BY v IS NULL LIMIT 12",
      texts: "SELECT s, b FROM t ORDER BY v LIMIT 25",
      forms: "SELECT s IS NULL, v FROM t ORDER BY s IS NULL LIMIT 100 OFFSET 30",
      skipped: "SELECT s, v FROM t ORDER BY s OFFSET 40 FETCH FIRST 5 ROWS WITH TIES",
      others: "SELECT v, s FROM t ORDER BY b % 3 OFFSET 90",
      projected: "SELECT id % 7, s FROM t ORDER BY v LIMIT 30",
    };
    for (const [name, sql] of Object.entries(queries)) {
      const random = new SeededRandom(SEED);
      const table = new RandomRows(random, randomRow);
      const trial = new CircuitTrial(sql, TABLES);
      trial.apply({ t: table.insert(1500) });
      for (let step = 0; step <= 15 * RUNS; step++) {
        assertEquals(trial.maintained(), trial.queried(), `${name}, step ${step}, seed ${SEED}`);
        trial.apply({ t: table.change() });
      }
    }
  });

  it("takes the rows that came first where the plan decides nothing", () => {
    const withoutTies = (plan: Plan): Plan =>
      plan.kind === "limit" && plan.input.kind === "sort"
        ? { ...plan, input: { kind: "sort", input: plan.input.input, keys: plan.input.keys } }
        : plan;
    const trial = new CircuitTrial("SELECT id FROM t ORDER BY v LIMIT 2", TABLES, withoutTies);
    const rows = [3, 1, 2, 5].map((id): Datum[] => [id, 1, 0, ""]);
    trial.apply({ t: come(...rows) });
    assertEquals(trial.maintained(), ["1 x1", "3 x1"]);
    trial.apply({ t: go(rows[1]!) });
    assertEquals(trial.maintained(), ["2 x1", "3 x1"]);
  });

  it("counts the copies of a row", () => {
    const trial = new CircuitTrial("SELECT v FROM t ORDER BY v LIMIT 3 OFFSET 1", { t: "v integer" });
    trial.apply({ t: [{ row: [1], weight: 2 }, { row: [2], weight: 5 }, { row: [0], weight: 1 }] });
    assertEquals(trial.maintained(), ["1 x2", "2 x1"]);
    trial.apply({ t: [{ row: [1], weight: -1 }] });
    assertEquals(trial.maintained(), ["1 x1", "2 x2"]);
    assertEquals(trial.given(), trial.maintained());
  });

  it("looks at a bounded number of rows for a changed one, whatever the size of the table", () => {
    for (const sql of [QUERIES.numbers!, QUERIES.texts!, QUERIES.descending!]) {
      for (const size of [1000, 10_000, 50_000]) {
        const random = new SeededRandom(SEED);
        const table = new RandomRows(random, randomRow);
        const trial = new CircuitTrial(sql, TABLES);
        trial.apply({ t: table.insert(size) });
        for (let i = 0; i < 50; i++) {
          assert(trial.apply({ t: table.insert(1) }) <= 24);
          assert(trial.apply({ t: table.delete(1) }) <= 24);
        }
        const best: Datum[] = [-1, null, 0, null];
        assert(trial.apply({ t: come(best) }) <= 24);
        assert(trial.apply({ t: go(best) }) <= 24);
      }
    }
  });

  it("looks at few rows on average when the first one goes again and again", () => {
    const trial = new CircuitTrial("SELECT id FROM t ORDER BY id LIMIT 10", { t: "id integer key" });
    const rows = Array.from({ length: 20_000 }, (_, id): Datum[] => [id]);
    trial.apply({ t: come(...shuffled(rows, new SeededRandom(SEED))) });
    let examined = 0;
    for (let id = 0; id < 5000; id++) examined += trial.apply({ t: go([id]) });
    assertEquals(trial.maintained(), trial.queried());
    assert(examined / 5000 < 64, `${examined / 5000} rows for each`);
  });

  it("is as small as before when rows have come and gone", () => {
    const random = new SeededRandom(SEED);
    const table = new RandomRows(random, randomRow);
    const trial = new CircuitTrial(QUERIES.texts!, TABLES);
    trial.apply({ t: table.insert(3000) });
    const sizes: number[] = [];
    for (let round = 0; round < 12; round++) {
      const fresh = table.insert(5000);
      trial.apply({ t: fresh });
      table.rows.splice(3000);
      trial.apply({ t: fresh.map(({ row }) => ({ row, weight: -1 })) });
      assertEquals(trial.maintained(), trial.queried());
      sizes.push(trial.stateBytes);
    }
    assert(sizes.at(-1)! <= sizes[1]!, sizes.join(" "));
  });

  it("starts without rows", () => {
    const trial = new CircuitTrial(QUERIES.numbers!, TABLES);
    trial.apply({});
    assertEquals([trial.maintained(), trial.given()], [[], []]);
  });

  it("fails as the query does for a range that is none", () => {
    const trial = new CircuitTrial(
      "SELECT id FROM t ORDER BY id LIMIT 1",
      TABLES,
      (plan) => plan.kind === "limit" ? { ...plan, limit: literal(-1) } : plan,
    );
    assertThrows(() => trial.apply({ t: come([1, 1, 1, "a"]) }), QueryError);
  });

  it("leaves ranges that are too far down, or none, to the batch executor", () => {
    const far = new CircuitTrial("SELECT id FROM t ORDER BY id LIMIT 100000", TABLES);
    far.apply({ t: come([1, 1, 1, "a"]) });
    assertEquals(far.maintained(), ["1 x1"]);
    assert(far.examinedRows > 0 && far.stateBytes > 0);
  });
});

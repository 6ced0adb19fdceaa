import process from "node:process";
import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { SeededRandom } from "../../../../src/base/random.ts";
import type { Datum } from "../../../../src/storage/sql_type.ts";
import { requireMaintained } from "../../../support/maintained_changes.ts";
import { CircuitTrial, come, go } from "./circuit_trial.ts";
import { shuffled } from "./random_rows.ts";

const TABLES = { t: "id integer key, k integer, v double precision, s text" };
const SEED = Number(process.env["LIVEVIEW_SEED"] ?? 13);

function randomRow(random: SeededRandom, id: number): Datum[] {
  const maybe = (value: Datum) => random.next() < 0.05 ? null : value;
  return [
    id,
    maybe(random.integer(0, 60)),
    maybe(random.pick([NaN, -0, 0, random.integer(-20, 20) / 2])),
    maybe(random.pick(["a", "é", "z", `text ${random.integer(0, 99)}`])),
  ];
}

const QUERIES: Readonly<Record<string, string>> = {
  one_key: "SELECT DISTINCT ON (k) k, id, v FROM t ORDER BY k, v DESC, id",
  two_keys: "SELECT DISTINCT ON (k, s) * FROM t ORDER BY k, s, v NULLS FIRST, id",
  texts: "SELECT DISTINCT ON (v) v IS NULL, id FROM t ORDER BY v, s DESC, id DESC",
  ties: "SELECT DISTINCT ON (k) k, s, v FROM t ORDER BY k, v IS NULL",
  expressions: "SELECT DISTINCT ON (k % 3) id FROM t ORDER BY k % 3, abs(v), id",
};

describe("DistinctOnNode", () => {
  for (const [name, sql] of Object.entries(QUERIES)) {
    it(`has the rows of the query after random changes: ${name.replaceAll("_", " ")}`, () => {
      requireMaintained(sql, { tables: TABLES, row: randomRow, seed: SEED });
    });
  }

  it("takes the row that came first without an order", () => {
    const trial = new CircuitTrial("SELECT DISTINCT ON (k) id FROM t", TABLES);
    const rows = [[3, 1], [1, 1], [2, null], [5, null]].map(([id, k]): Datum[] => [id!, k!, 0, ""]);
    trial.apply({ t: come(...rows) });
    assertEquals(trial.maintained(), ["2 x1", "3 x1"]);
    trial.apply({ t: go(rows[0]!, rows[2]!) });
    assertEquals(trial.maintained(), ["1 x1", "5 x1"]);
  });

  it("starts without rows", () => {
    const trial = new CircuitTrial(QUERIES.one_key!, TABLES);
    trial.apply({});
    assertEquals([trial.maintained(), trial.given()], [[], []]);
  });

  it("knows a row that went and came back", () => {
    const trial = new CircuitTrial("SELECT DISTINCT ON (k) id FROM t ORDER BY k, v", TABLES);
    const rows = [1, 2, 3].map((id): Datum[] => [id, 1, id, ""]);
    trial.apply({ t: come(...rows) });
    trial.apply({ t: go(rows[1]!) });
    trial.apply({ t: come(rows[1]!) });
    trial.apply({ t: go(rows[0]!) });
    assertEquals(trial.maintained(), ["2 x1"]);
    trial.apply({ t: [...come(rows[0]!), ...go(rows[0]!)] });
    assertEquals(trial.last, []);
  });

  it("looks at a bounded number of rows for a changed one, whatever the rows of the key", () => {
    for (const size of [1000, 10_000]) {
      const trial = new CircuitTrial("SELECT DISTINCT ON (k) id FROM t ORDER BY k, id", TABLES);
      const rows = Array.from({ length: size }, (_, id): Datum[] => [id, 1, 0, ""]);
      trial.apply({ t: come(...shuffled(rows, new SeededRandom(SEED))) });
      for (const row of rows.slice(0, 300)) assert(trial.apply({ t: go(row) }) <= 40);
      for (const row of rows.slice(0, 300).reverse()) assert(trial.apply({ t: come(row) }) <= 40);
      assertEquals(trial.maintained(), ["0 x1"]);
    }
  });

  it("is as small as before when rows have come and gone", () => {
    const trial = new CircuitTrial(QUERIES.one_key!, TABLES);
    trial.apply({ t: come([-1, 3, 1, "a"], [-2, 3, 2, "b"]) });
    const before = trial.maintained();
    const sizes: number[] = [];
    for (let round = 0; round < 8; round++) {
      const rows = Array.from({ length: 5000 }, (_, i): Datum[] => [round * 5000 + i, i % 700, i, "c"]);
      trial.apply({ t: come(...rows) });
      trial.apply({ t: go(...rows) });
      assertEquals(trial.maintained(), before);
      sizes.push(trial.stateBytes);
    }
    assert(sizes.at(-1)! <= sizes[1]!, sizes.join(" "));
  });
});

import process from "node:process";
import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { SeededRandom } from "../../../../src/base/random.ts";
import { createDatabase } from "../../../../mod.ts";

const SEED = Number(process.env["LIVEVIEW_SEED"] ?? 21);
const ROWS = 9000;

/** Rows with few different keys; `v` has values that are equal and look different. */
const ROW_SQL = [
  "i AS id",
  "CASE WHEN i % 11 = 0 THEN NULL ELSE i % 3 END AS k",
  "'t' || (i % 500) AS t",
  "CASE WHEN i % 4 < 2 THEN -0.0::double precision * (i % 2) ELSE i % 5 END AS v",
].join(", ");

const QUERIES: readonly string[] = [
  "SELECT id FROM a ORDER BY k LIMIT 10",
  "SELECT * FROM a ORDER BY k DESC LIMIT 10 OFFSET 700",
  "SELECT * FROM a ORDER BY k NULLS FIRST, v DESC LIMIT 20",
  "SELECT t FROM a ORDER BY t LIMIT 30",
  "SELECT t, v FROM a ORDER BY k IS NULL LIMIT 2000",
  "SELECT v FROM a WHERE v <= 0 ORDER BY v LIMIT 10",
  "SELECT id % 10 FROM a ORDER BY t DESC LIMIT 7",
  "SELECT id FROM a ORDER BY k OFFSET 8990",
  "SELECT t FROM a ORDER BY k OFFSET 5 FETCH FIRST 1 ROWS WITH TIES",
  "SELECT DISTINCT ON (k) k, t, v FROM a ORDER BY k, v",
  "SELECT x.id FROM (SELECT id, k FROM a ORDER BY k LIMIT 100) x WHERE x.id % 2 = 0",
];

function show(value: unknown): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

describe("LIMIT and DISTINCT ON", () => {
  it("take the same of rows with equal keys whatever the order in which they came", async () => {
    const random = new SeededRandom(SEED);
    const results: string[][][] = [];
    for (const order of ["i", "i DESC", `(i * ${random.integer(1000, 2000) * 2 + 1}) % ${ROWS + 1}`]) {
      await using db = createDatabase();
      await db.exec("CREATE TABLE a (id INTEGER, k INTEGER, t TEXT, v DOUBLE PRECISION)");
      await db.exec(
        `INSERT INTO a SELECT ${ROW_SQL} FROM generate_series(1, ${ROWS}) s(i) ORDER BY ${order}`,
      );
      const answers: string[][] = [];
      for (const sql of QUERIES) {
        answers.push((await db.query(sql)).rows().map((row) => row.map(show).join("|")).sort());
      }
      results.push(answers);
    }
    QUERIES.forEach((sql, i) => {
      assertEquals(results[1]![i], results[0]![i], `${sql}, seed ${SEED}`);
      assertEquals(results[2]![i], results[0]![i], `${sql}, seed ${SEED}`);
    });
  });
});

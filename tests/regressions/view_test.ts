/**
 * Views that once differed from their queries.
 */
import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { ManualClock } from "../../src/base/clock.ts";
import { createDatabase, materializedViews } from "../../mod.ts";

/** A view, the changes after it, and its rows then. */
interface ViewRegression {
  readonly name: string;
  readonly setup: string;
  readonly query: string;
  readonly changes: readonly string[];
}

const REGRESSIONS: readonly ViewRegression[] = [
  {
    name: "finds a text key that was asked for before it came",
    setup: `CREATE TABLE a (t TEXT); INSERT INTO a VALUES ('x');
      CREATE TABLE b (id INTEGER PRIMARY KEY, t TEXT); INSERT INTO b VALUES (1, 'x'), (2, '')`,
    query: "SELECT b.id FROM a JOIN b ON a.t = b.t",
    changes: ["UPDATE b SET t = 'x' WHERE id = 2"],
  },
  {
    name: "does not divide by the difference of rows that were never there together",
    setup: `CREATE TABLE a (k INTEGER, v INTEGER); INSERT INTO a VALUES (1, 1);
      CREATE TABLE b (k INTEGER, v INTEGER); INSERT INTO b VALUES (1, 3)`,
    query: "SELECT 10 / (a.v - b.v) AS q FROM a JOIN b ON a.k = b.k",
    changes: [
      "BEGIN; UPDATE a SET v = 2; UPDATE b SET v = 1; COMMIT",
      "BEGIN; UPDATE a SET v = 3; UPDATE b SET v = 2; COMMIT",
    ],
  },
  {
    name: "lists rows in the order of a subquery",
    setup: "CREATE TABLE a (k INTEGER, t TEXT); INSERT INTO a VALUES (1, 'c'), (2, 'b'), (1, 'a')",
    query: "SELECT array_agg(t) AS all, count(*) AS n FROM (SELECT t FROM a ORDER BY t) x",
    changes: ["INSERT INTO a VALUES (1, 'd'), (2, 'aa')", "DELETE FROM a WHERE t = 'b'"],
  },
  {
    name: "numbers rows in the order of a subquery",
    setup: "CREATE TABLE a (k INTEGER, t TEXT); INSERT INTO a VALUES (1, 'c'), (2, 'b'), (1, 'a')",
    query: "SELECT t, row_number() OVER () AS n FROM (SELECT t FROM a ORDER BY t DESC) x",
    changes: ["INSERT INTO a VALUES (1, 'd'), (2, 'aa')", "DELETE FROM a WHERE t = 'b'"],
  },
  {
    name: "lists rows in the order in which they came",
    setup: "CREATE TABLE a (k INTEGER, t TEXT); INSERT INTO a VALUES (1, 'a'), (2, 'b'), (1, 'c')",
    query: "SELECT k, array_agg(t) AS all, first(t) AS first FROM a GROUP BY k",
    changes: ["INSERT INTO a VALUES (1, 'd'), (2, 'e')", "DELETE FROM a WHERE t = 'a'"],
  },
  {
    name: "joins JSON that is equal and looks different",
    setup: "CREATE TABLE a (j JSON); INSERT INTO a VALUES ('[1, 2]'); CREATE TABLE b (j JSON)",
    query: "SELECT a.j, b.j AS other FROM a JOIN b ON a.j = b.j",
    changes: ["INSERT INTO b VALUES ('[1,2]'), ('[1, 2]')", "DELETE FROM b WHERE CAST(j AS TEXT) = '[1,2]'"],
  },
  {
    name: "keeps 0 when -0 goes",
    setup:
      "CREATE TABLE a (id INTEGER PRIMARY KEY, d DOUBLE PRECISION); INSERT INTO a VALUES (1, 0), (2, -0.0)",
    query: "SELECT d FROM a",
    changes: [
      "INSERT INTO a VALUES (3, 0), (4, '-0')",
      "DELETE FROM a WHERE id = 4",
      "DELETE FROM a WHERE id = 1",
    ],
  },
  {
    name: "is made over a column whose values are all infinite",
    setup: "CREATE TABLE a (d DOUBLE PRECISION); INSERT INTO a VALUES ('Infinity')",
    query: "SELECT mode() WITHIN GROUP (ORDER BY d) AS m FROM a WHERE d > 1 AND d < 'NaN'",
    changes: ["INSERT INTO a VALUES (2), ('-Infinity')"],
  },
  {
    name: "is made where more NULLs were deleted than there are rows",
    setup:
      `CREATE TABLE a (k INTEGER, b BOOLEAN); INSERT INTO a VALUES (19, NULL), (19, NULL), (19, NULL), (19, NULL);
      BEGIN; DELETE FROM a; INSERT INTO a VALUES (0, true), (NULL, false), (14, true), (0, false); COMMIT`,
    query: "SELECT k % 3 AS m, b, count(*) AS n FROM a GROUP BY k % 3, b",
    changes: ["INSERT INTO a VALUES (2, true)"],
  },
];

describe("a view equals its query", () => {
  for (const { name, setup, query, changes } of REGRESSIONS) {
    it(name, async () => {
      await using db = createDatabase({ plugins: [materializedViews()] });
      const rows = async (sql: string): Promise<string[]> =>
        (await db.query(sql, { exact: true })).rows().map((row) => row.map(show).join("|")).sort();
      await db.exec(`${setup}; CREATE MATERIALIZED VIEW maintained AS ${query}`);
      assertEquals(await rows("SELECT * FROM maintained"), await rows(query), "when created");
      for (const change of changes) {
        await db.exec(change);
        assertEquals(await rows("SELECT * FROM maintained"), await rows(query), `after ${change}`);
      }
    });
  }
});

describe("a view with a retention", () => {
  for (const properties of ["refresh = 'eager'", "refresh = 'eager', retention = '60 days'"]) {
    it(`takes the changes that it has not seen once: ${properties}`, async () => {
      await using db = createDatabase({
        plugins: [materializedViews()],
        clock: new ManualClock(Date.UTC(2024, 4, 17)),
      });
      await db.exec(`CREATE TABLE a (id INTEGER PRIMARY KEY, at DATE); INSERT INTO a VALUES (1, '2024-05-09');
        CREATE MATERIALIZED VIEW late WITH (refresh = manual, retention = '30 days') AS SELECT at FROM a;
        DELETE FROM a; ALTER MATERIALIZED VIEW late SET (${properties})`);
      assertEquals((await db.query("SELECT * FROM late")).rowCount, 0);
      await db.exec("INSERT INTO a VALUES (2, '2024-05-01')");
      assertEquals((await db.query("SELECT * FROM late")).rowCount, 1);
    });
  }
});

function show(value: unknown): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

/** Definitions and what follows from them, against PostgreSQL: the rows at the end, or that the script fails. */
import { after, before, describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { PGlite } from "@electric-sql/pglite";
import { LiveViewError } from "../../../src/base/error.ts";
import { createDatabase } from "../../../src/kernel/database.ts";

const T =
  "CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT DEFAULT 'x', c DECIMAL(8,2)); INSERT INTO t VALUES (1, 'p', 1.5), (2, NULL, 2)";

/** What to run, and the query that shows the outcome. */
const SCRIPTS: readonly (readonly [script: string, query: string])[] = [
  [`${T}; CREATE TABLE IF NOT EXISTS t (z TEXT)`, "SELECT * FROM t ORDER BY a"],
  [`${T}; CREATE TABLE t (z TEXT)`, "SELECT 1"],
  [`${T}; CREATE TABLE u (LIKE t); INSERT INTO u VALUES (9, 'q', 1)`, "SELECT a, b, c FROM u"],
  ...["", "INCLUDING DEFAULTS", "INCLUDING INDEXES", "INCLUDING ALL", "INCLUDING ALL EXCLUDING INDEXES"]
    .flatMap(
      (options): readonly (readonly [string, string])[] => {
        const like = `${T}; CREATE TABLE u (LIKE t ${options})`;
        const check = like.replace("DECIMAL(8,2)", "DECIMAL(8,2) CHECK (c > 0)");
        return [
          [`${like}; INSERT INTO u (a) VALUES (9)`, "SELECT a, b, c FROM u"],
          [`${like}; INSERT INTO u (a) VALUES (9), (9)`, "SELECT count(*)::int FROM u"],
          [`${like}; INSERT INTO u (a) VALUES (NULL)`, "SELECT 1"],
          [`${check}; INSERT INTO u (a, c) VALUES (9, -1)`, "SELECT a, c FROM u"],
        ];
      },
    ),
  [
    "CREATE TABLE t (a INTEGER, b INTEGER GENERATED ALWAYS AS (a * 2) STORED); CREATE TABLE u (LIKE t INCLUDING GENERATED); INSERT INTO u (a) VALUES (4)",
    "SELECT a, b FROM u",
  ],
  [
    "CREATE TABLE t (a INTEGER); CREATE TABLE u (LIKE t INCLUDING CONSTRAINTS INCLUDING CONSTRAINTS)",
    "SELECT a FROM u",
  ],
  [`${T}; CREATE TABLE u AS SELECT a + 1 AS n, b FROM t`, "SELECT * FROM u ORDER BY n"],
  [`${T}; CREATE TABLE u AS SELECT a, b FROM t WITH NO DATA`, "SELECT count(*)::int FROM u"],
  [`${T}; CREATE TABLE u (x, y) AS SELECT a, b FROM t`, "SELECT x, y FROM u ORDER BY x"],
  [`${T}; CREATE TABLE IF NOT EXISTS t AS SELECT 5 AS q`, "SELECT count(*)::int FROM t"],
  [`${T}; CREATE TABLE u AS SELECT 1 / (a - 2) AS q FROM t`, "SELECT 1"],
  [`${T}; CREATE VIEW v AS SELECT a FROM t WHERE a > 1; ALTER VIEW v RENAME TO w`, "SELECT * FROM w"],
  [`${T}; ALTER VIEW IF EXISTS nothing RENAME TO w`, "SELECT 1"],
  [`${T}; ALTER VIEW nothing RENAME TO w`, "SELECT 1"],
  [`${T}; CREATE VIEW v AS SELECT 1 AS a; CREATE OR REPLACE VIEW v AS SELECT 2 AS a`, "SELECT a FROM v"],
  [`${T}; CREATE VIEW v AS SELECT a FROM t; DROP TABLE t`, "SELECT 1"],
  [`${T}; CREATE VIEW v AS SELECT a FROM t; DROP TABLE t CASCADE`, "SELECT * FROM v"],
  [`${T}; DROP TABLE IF EXISTS nothing, t`, "SELECT * FROM t"],
  [`${T}; CREATE VIEW v AS SELECT 1 AS a; DROP TABLE v`, "SELECT 1"],
  [`${T}; CREATE UNIQUE INDEX i ON t (b); INSERT INTO t VALUES (3, 'p', 0)`, "SELECT 1"],
  [`${T}; CREATE INDEX i ON t (b); CREATE INDEX IF NOT EXISTS i ON t (c)`, "SELECT a FROM t WHERE b = 'p'"],
  [`${T}; CREATE INDEX i ON t (b); CREATE INDEX i ON t (c)`, "SELECT 1"],
  [`${T}; CREATE INDEX i ON t (nothing)`, "SELECT 1"],
  [`${T}; DROP INDEX nothing`, "SELECT 1"],
  [`${T}; DROP INDEX IF EXISTS nothing`, "SELECT count(*)::int FROM t"],
  [`${T}; ALTER TABLE IF EXISTS nothing ADD COLUMN z TEXT`, "SELECT 1"],
  [`${T}; ALTER TABLE nothing ADD COLUMN z TEXT`, "SELECT 1"],
  [`${T}; ALTER TABLE t ADD COLUMN b TEXT`, "SELECT 1"],
  [`${T}; ALTER TABLE t ADD COLUMN IF NOT EXISTS b TEXT`, "SELECT a, b FROM t ORDER BY a"],
  [`${T}; ALTER TABLE t ADD COLUMN d INTEGER NOT NULL`, "SELECT 1"],
  [`${T}; ALTER TABLE t ADD COLUMN d INTEGER NOT NULL DEFAULT 4`, "SELECT d FROM t"],
  [`${T}; ALTER TABLE t DROP COLUMN nothing`, "SELECT 1"],
  [`${T}; ALTER TABLE t DROP COLUMN IF EXISTS nothing, DROP COLUMN c`, "SELECT * FROM t ORDER BY a"],
  [`${T}; ALTER TABLE t RENAME COLUMN b TO a`, "SELECT 1"],
  [
    `${T}; ALTER TABLE t ALTER COLUMN b SET DEFAULT 'y'; INSERT INTO t (a) VALUES (3)`,
    "SELECT b FROM t WHERE a = 3",
  ],
  [
    `${T}; ALTER TABLE t ALTER COLUMN b DROP DEFAULT; INSERT INTO t (a) VALUES (3)`,
    "SELECT b FROM t WHERE a = 3",
  ],
  [`${T}; ALTER TABLE t ALTER COLUMN b SET NOT NULL`, "SELECT 1"],
  [`${T}; ALTER TABLE t ALTER COLUMN c TYPE INTEGER`, "SELECT c FROM t ORDER BY a"],
  [`${T}; ALTER TABLE t ALTER COLUMN b TYPE INTEGER USING length(b)`, "SELECT 1"],
  [
    `${T}; ALTER TABLE t ALTER COLUMN b DROP DEFAULT, ALTER COLUMN b TYPE INTEGER USING length(b)`,
    "SELECT b FROM t ORDER BY a",
  ],
  [`${T}; ALTER TABLE t ALTER COLUMN b TYPE INTEGER USING b::integer`, "SELECT 1"],
  [`${T}; ALTER TABLE t DROP CONSTRAINT nothing`, "SELECT 1"],
  [`${T}; ALTER TABLE t DROP CONSTRAINT IF EXISTS nothing`, "SELECT count(*)::int FROM t"],
  [`${T}; ALTER TABLE t ADD CONSTRAINT k UNIQUE (c); INSERT INTO t VALUES (3, '', 1.50)`, "SELECT 1"],
  [`${T}; TRUNCATE t; INSERT INTO t VALUES (1, 'again', NULL)`, "SELECT * FROM t"],
  [`${T}; BEGIN; TRUNCATE t; ROLLBACK`, "SELECT count(*)::int FROM t"],
  [`${T}; TRUNCATE nothing`, "SELECT 1"],
  [`${T}; CREATE TABLE u (a INTEGER REFERENCES t (nothing))`, "SELECT 1"],
  [
    `${T}; CREATE TABLE u (a INTEGER, g INTEGER GENERATED ALWAYS AS (a * 2) STORED); INSERT INTO u VALUES (4); UPDATE u SET a = 5`,
    "SELECT a, g FROM u",
  ],
  [
    `CREATE TABLE u (id INTEGER GENERATED ALWAYS AS IDENTITY, v TEXT); INSERT INTO u (v) VALUES ('a'), ('b')`,
    "SELECT id, v FROM u ORDER BY id",
  ],
  [
    `CREATE TABLE u (id INTEGER GENERATED ALWAYS AS IDENTITY, v TEXT); INSERT INTO u VALUES (1, 'a')`,
    "SELECT 1",
  ],
  ["CREATE TABLE u (a INTEGER, a TEXT)", "SELECT 1"],
  ["CREATE TABLE u (a INTEGER PRIMARY KEY, PRIMARY KEY (a))", "SELECT 1"],
  ["CREATE TABLE u (a NOSUCHTYPE)", "SELECT 1"],
  ["CREATE TABLE u (a INTEGER DEFAULT nothing)", "SELECT 1"],
  ["CREATE TABLE u (a INTEGER CHECK (b > 1))", "SELECT 1"],
  ["CREATE TABLE u (a INTEGER DEFAULT 'x')", "SELECT 1"],
];

describe("definitions", () => {
  let postgres: PGlite;
  before(() => {
    postgres = new PGlite();
  });
  after(() => postgres.close());

  async function expected(script: string, query: string): Promise<unknown> {
    await postgres.exec("DROP SCHEMA public CASCADE; CREATE SCHEMA public");
    try {
      // One by one: a script is a single transaction there.
      for (const statement of script.split("; ")) await postgres.exec(statement);
      return (await postgres.query(query, [], { rowMode: "array" })).rows.map(String);
    } catch {
      await postgres.exec("ROLLBACK");
      return "fails";
    }
  }

  async function actual(script: string, query: string): Promise<unknown> {
    await using db = createDatabase();
    try {
      await db.exec(script);
      return (await db.query(query, { exact: true })).rows().map(String);
    } catch (error) {
      if (error instanceof LiveViewError && error.code !== "invariant") return "fails";
      throw error;
    }
  }

  for (const [script, query] of SCRIPTS) {
    it(script.replace(`${T}; `, ""), async () => {
      assertEquals(await actual(script, query), await expected(script, query));
    });
  }

  it("cannot change inside a transaction", async () => {
    assertEquals(await actual(`${T}; BEGIN; DROP TABLE t`, "SELECT 1"), "fails");
  });

  it("replace what is there, with OR REPLACE", async () => {
    const script = `${T}; CREATE OR REPLACE TABLE t (z INTEGER); INSERT INTO t VALUES (7)`;
    assertEquals(await actual(script, "SELECT * FROM t"), ["7"]);
    assertEquals(await actual(`${T}; CREATE OR REPLACE TABLE t AS SELECT 8 AS z`, "SELECT * FROM t"), ["8"]);
  });
});

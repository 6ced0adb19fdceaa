/**
 * Bad input as a user meets it: every error has a code, a place and a way out, and changes nothing.
 *
 * The cases of errors_test.ts are not repeated here.
 *
 * @module
 */
import { after, describe, it } from "node:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import {
  createDatabase,
  type Database,
  type ErrorCode,
  LiveViewError,
  materializedViews,
  QueryError,
} from "../../../mod.ts";
import { importFile } from "../../../connectors/files/import_file.ts";

type UserDatabase = Database<readonly [ReturnType<typeof materializedViews>]>;

const SCHEMA = `
  CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT NOT NULL, price DECIMAL(8,2) CHECK (price >= 0), at DATE);
  INSERT INTO item VALUES (1, 'pen', 1.50, '2024-05-01'), (2, 'ink', 4.00, NULL);
  CREATE VIEW cheap AS SELECT id, name FROM item WHERE price < 3;
  CREATE MATERIALIZED VIEW total AS SELECT name, sum(price) AS price FROM item GROUP BY name;
`;

const folder = mkdtempSync(join(tmpdir(), "liveview-bad-input-"));
after(() => rmSync(folder, { recursive: true, force: true }));

async function open(): Promise<UserDatabase> {
  const db = createDatabase({
    plugins: [materializedViews()],
    limits: { resultRowsMax: 1000, joinRowsMax: 10_000 },
  });
  await db.exec(SCHEMA);
  return db;
}

async function stateOf(db: UserDatabase): Promise<unknown> {
  return {
    relations: [...db.catalog.relationNames()].sort(),
    item: (await db.query("SELECT * FROM item ORDER BY id")).rows(),
    total: (await db.query("SELECT * FROM total ORDER BY name")).rows(),
    version: db.version,
  };
}

/** What a user does, and what the error says. */
interface BadInput {
  readonly title: string;
  readonly run: string | ((db: UserDatabase) => Promise<unknown>);
  readonly code: ErrorCode;
  /** Parts of the message. */
  readonly says: readonly string[];
}

function refuses({ title, run, code, says }: BadInput): void {
  it(`refuses ${title}`, async () => {
    await using db = await open();
    const before = await stateOf(db);
    const error = await assertRejects(
      async () => void (typeof run === "string" ? await db.exec(run) : await run(db)),
      LiveViewError,
    );
    assertEquals(error.code, code, error.message);
    for (const part of says) assertStringIncludes(error.message, part);
    const wayOut = error.hint !== undefined || /, expected /.test(error.message);
    assert(wayOut, `no way out in: ${error.message}`);
    if (typeof run === "string" && error instanceof QueryError) {
      assert(error.place !== undefined, `no place in: ${error.message}`);
      assertStringIncludes(error.message, `line ${error.place.line}, column ${error.place.column}`);
    }
    assertEquals(await stateOf(db), before);
  });
}

const SYNTAX: readonly BadInput[] = [
  { title: "an unfinished text", run: "SELECT 'abc", code: "syntax-error", says: ["line 1, column 8"] },
  { title: "an unfinished name", run: 'SELECT "abc', code: "syntax-error", says: ["line 1, column 8"] },
  { title: "an unfinished comment", run: "SELECT 1 /* x", code: "syntax-error", says: ["column 10"] },
  {
    title: "a missing operand",
    run: "SELECT 1 +\n  FROM item",
    code: "syntax-error",
    says: ["line 2, column 3"],
  },
  { title: "an open bracket", run: "SELECT (1 + 2", code: "syntax-error", says: ["column"] },
  { title: "a stray bracket", run: "SELECT 1)", code: "syntax-error", says: ["column 9"] },
  { title: "an unknown character", run: "SELECT 1 \\u0001 2", code: "syntax-error", says: ["column 10"] },
  { title: "a bad number", run: "SELECT 1e", code: "syntax-error", says: ["column"] },
  { title: "no statement", run: ";", code: "invalid-statement", says: ["no statement", "line 1, column 1"] },
  { title: "an empty text", run: "", code: "invalid-statement", says: ["no statement", "line 1, column 1"] },
  { title: "an unknown statement", run: "SELEKT 1", code: "syntax-error", says: ["SELEKT", "SELECT"] },
  {
    title: "too deep brackets",
    run: `SELECT ${"(".repeat(5000)}1${")".repeat(5000)}`,
    code: "depth-limit",
    says: ["line 1"],
  },
];

const NAMES: readonly BadInput[] = [
  {
    title: "a column of another table",
    run: "SELECT total.id FROM total",
    code: "unknown-column",
    says: ["id"],
  },
  {
    title: "an unknown column in INSERT",
    run: "INSERT INTO item (id, nam) VALUES (3, 'x')",
    code: "unknown-column",
    says: ['"name"'],
  },
  {
    title: "an unknown column in UPDATE",
    run: "UPDATE item SET nam = 'x'",
    code: "unknown-column",
    says: ['"name"'],
  },
  {
    title: "a write to a view",
    run: "INSERT INTO cheap VALUES (3, 'x')",
    code: "invalid-statement",
    says: ["cheap"],
  },
  {
    title: "a write to a materialized view",
    run: "DELETE FROM total",
    code: "invalid-statement",
    says: ["total"],
  },
  {
    title: "an ungrouped column",
    run: "SELECT name, sum(price) FROM item",
    code: "ungrouped-column",
    says: ["name"],
  },
  {
    title: "text where a number belongs",
    run: "SELECT sum(name) FROM item",
    code: "type-mismatch",
    says: ["sum"],
  },
  {
    title: "a condition that is none",
    run: "SELECT 1 FROM item WHERE name",
    code: "type-mismatch",
    says: ["WHERE"],
  },
  {
    title: "a count of distinct rows",
    run: "SELECT count(DISTINCT (id, name)) FROM item",
    code: "unsupported",
    says: ["line 1, column 23", "SELECT count(*) FROM (SELECT DISTINCT id, name FROM ...)"],
  },
  {
    title: "a count of several distinct columns",
    run: "SELECT count(DISTINCT id, upper(name)) FROM item",
    code: "unsupported",
    says: ["line 1, column 23", "SELECT DISTINCT id, ... FROM"],
  },
  {
    title: "a union of two widths",
    run: "SELECT 1 UNION SELECT 1, 2",
    code: "column-count",
    says: ["UNION"],
  },
];

const VALUES: readonly BadInput[] = [
  {
    title: "a remainder by zero",
    run: "SELECT id % (id - id) FROM item",
    code: "division-by-zero",
    says: ["zero"],
  },
  {
    title: "bigint overflow",
    run: "SELECT 9223372036854775807 + id FROM item",
    code: "numeric-overflow",
    says: ["9223372036854775808"],
  },
  { title: "a bad date", run: "SELECT date '2024-02-30'", code: "invalid-value", says: ["2024-02-30"] },
  {
    title: "a bad value on the third row",
    run: "INSERT INTO item SELECT x, 'n', x - 5, NULL FROM generate_series(3, 9) s(x)",
    code: "check-violation",
    says: ["price"],
  },
  {
    title: "a subquery with two rows",
    run: "UPDATE item SET name = (SELECT name FROM item)",
    code: "cardinality-violation",
    says: ["more than one row", "line 1, column 24"],
  },
  {
    title: "a correlated subquery with two rows",
    run: "SELECT id,\n  (SELECT i.id FROM item i WHERE i.id >= item.id) FROM item",
    code: "cardinality-violation",
    says: ["more than one row", "line 2, column 3"],
  },
  {
    title: "too many rows",
    run: "SELECT * FROM generate_series(1, 5000) s(x)",
    code: "row-limit",
    says: ["1000"],
  },
  {
    title: "a huge join",
    run: "SELECT count(*) FROM generate_series(1, 900) a(x), generate_series(1, 900) b(y)",
    code: "fan-out-limit",
    says: ["10000"],
  },
];

const DEFINITIONS: readonly BadInput[] = [
  {
    title: "a view that reads itself",
    run: "CREATE OR REPLACE VIEW cheap AS SELECT * FROM cheap",
    code: "circular-definition",
    says: ["cheap"],
  },
  {
    title: "a materialized view that reads itself",
    run: "CREATE OR REPLACE MATERIALIZED VIEW total AS SELECT name, price FROM total",
    code: "circular-definition",
    says: ["total"],
  },
  {
    title: "a view over nothing",
    run: "CREATE MATERIALIZED VIEW v AS SELECT * FROM itm",
    code: "unknown-table",
    says: ['"item"'],
  },
  { title: "a drop under a view", run: "DROP TABLE item", code: "dependent-objects", says: ["total"] },
  {
    title: "LIKE beside other columns",
    run: "CREATE TABLE t (LIKE item INCLUDING ALL, more INTEGER)",
    code: "unsupported",
    says: ["line 1, column 42", "ALTER TABLE"],
  },
  {
    title: "an unknown part of LIKE",
    run: "CREATE TABLE t (LIKE item INCLUDING ROWS)",
    code: "syntax-error",
    says: ["line 1, column 37", "DEFAULTS"],
  },
  {
    title: "a column of an unknown type",
    run: "CREATE TABLE t (a INTEGR)",
    code: "unknown-type",
    says: ["integr"],
  },
];

const CALLS: readonly BadInput[] = [
  {
    title: "a column of a wrong type in db.insert()",
    run: (db) => db.insert("item", [{ id: 3, name: "a" }, { id: 4, name: "b", price: "cheap" }]),
    code: "invalid-input",
    says: ["row 1", "price", "cheap"],
  },
  {
    title: "a duplicate key in db.insert()",
    run: (db) => db.insert("item", [{ id: 3, name: "a" }, { id: 1, name: "b" }]),
    code: "duplicate-key",
    says: ["item", "1"],
  },
  {
    title: "NULL in db.insert()",
    run: (db) => db.insert("item", [{ id: 3, name: null }]),
    code: "not-null-violation",
    says: ["name"],
  },
  {
    title: "a key without its column in db.update()",
    run: (db) => db.update("item", { name: "x" }),
    code: "invalid-input",
    says: ["id"],
  },
  {
    title: "a parameter that is missing",
    run: (db) => db.query("SELECT $1::integer + $2::integer", { params: [1] }),
    code: "invalid-parameter",
    says: ["parameter $2", "line 1, column 22"],
  },
  {
    title: "a parameter that is missing where its type is open",
    run: (db) => db.query("SELECT $1 + $2", { params: [1] }),
    code: "invalid-parameter",
    says: ["parameter $2", "line 1, column 13"],
  },
  {
    title: "parameters without any values",
    run: (db) => db.query("SELECT :a + :b"),
    code: "invalid-parameter",
    says: ["parameter :a", "line 1, column 8"],
  },
  {
    title: "two statements in db.query()",
    run: (db) => db.query("SELECT 1; SELECT 2"),
    code: "invalid-statement",
    says: ["received 2"],
  },
  {
    title: "a subscription to nothing",
    run: async (db) => await Promise.resolve(db.subscribe("totl")),
    code: "plugin-missing",
    says: ["totl"],
  },
];

/** A file that cannot be imported. */
interface BadFile {
  readonly name: string;
  readonly content: string | Uint8Array;
  readonly says: readonly string[];
}

const FILES: readonly BadFile[] = [
  { name: "ragged.csv", content: "a,b\n1,2\n3\n", says: ["ragged.csv", "line 3"] },
  { name: "long.csv", content: "a,b\n1,2\n3,4,5\n", says: ["long.csv", "line 3"] },
  { name: "quote.csv", content: 'a,b\n1,"x\n', says: ["quote.csv", "line 2"] },
  {
    name: "utf8.csv",
    content: new Uint8Array([97, 10, 120, 10, 0xff, 0xfe, 10]),
    says: ["utf8.csv", "line 3"],
  },
  { name: "bad.json", content: '[{"a":1},\n{"a":}]', says: ["bad.json", "line 2, column 6"] },
  { name: "bad.ndjson", content: '{"a":1}\n{"a":\n', says: ["bad.ndjson", "line 2, column 6"] },
  { name: "array.ndjson", content: '{"a":1}\n[1]\n', says: ["array.ndjson", "line 2"] },
  { name: "bad.parquet", content: "PAR1 this is no parquet file PAR1", says: ["bad.parquet"] },
  { name: "bad.arrow", content: "ARROW1\0\0nothing", says: ["bad.arrow"] },
  { name: "empty.csv", content: "", says: ["empty.csv"] },
];

describe("text that cannot be read", () => SYNTAX.forEach(refuses));
describe("names and types that do not fit", () => NAMES.forEach(refuses));
describe("values that cannot be computed", () => VALUES.forEach(refuses));
describe("definitions that cannot be made", () => DEFINITIONS.forEach(refuses));
describe("calls that cannot be carried out", () => CALLS.forEach(refuses));

describe("files that cannot be imported", () => {
  for (const { name, content, says } of FILES) {
    refuses({
      title: name,
      run: async (db) => {
        writeFileSync(join(folder, name), content);
        await importFile(db, join(folder, name));
      },
      code: "invalid-input",
      says,
    });
  }

  refuses({
    title: "a file of an unknown format",
    run: (db) => importFile(db, join(folder, "unknown.xyz")),
    code: "invalid-parameter",
    says: ["unknown.xyz"],
  });

  refuses({
    title: "a file that is not there",
    run: (db) => importFile(db, join(folder, "missing.csv")),
    code: "invalid-input",
    says: ["missing.csv"],
  });

  refuses({
    title: "values that do not fit an existing table",
    run: async (db) => {
      writeFileSync(join(folder, "item.csv"), "id,name,price\n3,a,1\n4,b,cheap\n");
      await importFile(db, join(folder, "item.csv"), { create: false });
    },
    code: "invalid-input",
    says: ["item.csv", "line 3", "price", "cheap"],
  });
});

describe("an error in a definition that a write sets off", () => {
  it("has no place, for the text is another", async () => {
    await using db = await open();
    await db.exec(
      "CREATE MATERIALIZED VIEW v AS SELECT id, (SELECT name FROM item WHERE price > 3) AS top FROM item",
    );
    const write =
      "INSERT INTO item (id, name, price) VALUES (3, 'a long name', 5), (4, 'another long name', 6)";
    const error = await assertRejects(() => db.exec(write), QueryError);
    assertEquals(error.code, "cardinality-violation");
    assertEquals(error.place, undefined);
  });
});

describe("a transaction whose callback throws", () => {
  it("passes the error on and changes nothing", async () => {
    await using db = await open();
    const before = await stateOf(db);
    const reason = new QueryError("invalid-value", "Not today", { hint: "try tomorrow" });
    const error = await assertRejects(
      () =>
        db.transaction(async (transaction) => {
          await transaction.insert("item", [{ id: 3, name: "a" }]);
          await transaction.exec("DELETE FROM item WHERE id = 1");
          throw reason;
        }),
      LiveViewError,
    );
    assert(error === reason);
    assertEquals(await stateOf(db), before);
  });
});

describe("use after close()", () => {
  it("is refused by every call", async () => {
    const db = await open();
    await db.close();
    const calls: readonly (() => Promise<unknown>)[] = [
      () => db.query("SELECT 1"),
      () => db.update("item", { id: 1, name: "x" }),
      () => db.delete("item", { id: 1 }),
      () => db.transaction(() => 1),
      () => db.explain("SELECT 1"),
      async () => await Promise.resolve(db.subscribe("total")),
    ];
    for (const call of calls) {
      const error = await assertRejects(call, LiveViewError);
      assertEquals(error.code, "closed");
      assert(error.hint !== undefined, error.message);
    }
  });
});

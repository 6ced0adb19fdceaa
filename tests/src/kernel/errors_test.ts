import { describe, it } from "node:test";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { type ErrorCode, LiveViewError } from "../../../src/base/error.ts";
import { createDatabase, type Database } from "../../../src/kernel/database.ts";

const SCHEMA = `
  CREATE TABLE item (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    price DECIMAL(8,2) CHECK (price >= 0),
    code TEXT UNIQUE,
    amount INTEGER DEFAULT 1
  );
  INSERT INTO item VALUES (1, 'pen', 1.50, 'A', 10), (2, 'ink', 4.00, 'B', 0), (3, 'cap', NULL, NULL, 5);
`;

async function open(): Promise<Database> {
  const db = createDatabase();
  await db.exec(SCHEMA);
  return db;
}

/** `sql` fails with `code`, says `includes`, and leaves the rows as they were. */
function refuses(title: string, sql: string, code: ErrorCode, includes: string): void {
  it(`refuses ${title}`, async () => {
    const db = await open();
    const before = (await db.query("SELECT * FROM item ORDER BY id")).rows();
    const error = await assertRejects(() => db.exec(sql), LiveViewError);
    assertEquals(error.code, code, error.message);
    assertStringIncludes(error.message, includes);
    assert(error.hint !== undefined, `no way out in: ${error.message}`);
    assertEquals((await db.query("SELECT * FROM item ORDER BY id")).rows(), before);
    await db.close();
  });
}

describe("a statement that cannot be understood", () => {
  refuses("a misspelt keyword", "SELECT * FORM item", "syntax-error", "line 1, column 10");
  refuses(
    "an unknown column, naming the nearest",
    "SELECT nmae FROM item",
    "unknown-column",
    'did you mean "name"?',
  );
  refuses(
    "an unknown table, naming the nearest",
    "SELECT * FROM items",
    "unknown-table",
    'did you mean "item"?',
  );
  refuses(
    "an unknown function, naming the nearest",
    "SELECT uper(name) FROM item",
    "unknown-function",
    "upper",
  );
  refuses("an unknown type", "SELECT id::intgr FROM item", "unknown-type", "intgr");
  refuses("an ambiguous name", "SELECT id FROM item a, item b", "ambiguous-name", "id");
  refuses("a type mismatch", "SELECT name + 1 FROM item", "type-mismatch", "+");
  refuses(
    "an ungrouped column",
    "SELECT name, count(*) FROM item GROUP BY price",
    "ungrouped-column",
    "name",
  );
  refuses("an aggregate in WHERE", "SELECT 1 FROM item WHERE count(*) > 1", "invalid-statement", "WHERE");
});

describe("a value that cannot be computed", () => {
  refuses("division by zero", "SELECT price / amount FROM item", "division-by-zero", "zero");
  refuses("integer overflow", "SELECT 2147483647 + id FROM item", "numeric-overflow", "2147483648");
  refuses("a bad cast", "SELECT name::integer FROM item", "invalid-value", "pen");
  refuses(
    "a scalar subquery with two rows",
    "SELECT (SELECT id FROM item)",
    "cardinality-violation",
    "more than one row",
  );
  refuses("a bad cast in an UPDATE", "UPDATE item SET amount = name::integer", "invalid-value", "pen");
});

describe("a row that cannot be stored", () => {
  refuses(
    "a duplicate key",
    "INSERT INTO item VALUES (9, 'x', 1, 'Z', 1), (1, 'y', 1, 'Y', 1)",
    "duplicate-key",
    "1",
  );
  refuses("a duplicate unique value", "UPDATE item SET code = 'A' WHERE id = 2", "duplicate-key", "A");
  refuses(
    "NULL in a NOT NULL column",
    "INSERT INTO item (id, name) VALUES (4, NULL)",
    "not-null-violation",
    "name",
  );
  refuses(
    "a row against a CHECK",
    "INSERT INTO item (id, name, price) VALUES (4, 'x', -1)",
    "check-violation",
    "price",
  );
  refuses("an update against a CHECK", "UPDATE item SET price = price - 3", "check-violation", "price");
  refuses("too few values", "INSERT INTO item (id, name) VALUES (4)", "column-count", "2");
  refuses(
    "too large a decimal",
    "UPDATE item SET price = 12345678.9 WHERE id = 1",
    "numeric-overflow",
    "12345678.9",
  );
});

describe("a definition that cannot be made", () => {
  refuses("a table whose name is taken", "CREATE TABLE item (a INTEGER)", "duplicate-object", "item");
  refuses("a column twice", "CREATE TABLE t (a INTEGER, a TEXT)", "duplicate-object", "a");
  refuses(
    "a drop with dependants",
    "CREATE VIEW v AS SELECT * FROM item; DROP TABLE item",
    "dependent-objects",
    "v",
  );
  refuses("a drop of nothing", "DROP TABLE nothing", "unknown-object", "nothing");
  refuses(
    "a circular view",
    "CREATE VIEW v AS SELECT 1 AS a; CREATE OR REPLACE VIEW v AS SELECT * FROM v",
    "circular-definition",
    "v",
  );
  refuses(
    "a view with two columns of one name",
    "CREATE VIEW v AS SELECT id, id FROM item",
    "duplicate-object",
    "id",
  );
  refuses(
    "a key over an unknown column",
    "CREATE TABLE t (a INTEGER, PRIMARY KEY (b))",
    "unknown-column",
    "b",
  );
});

describe("db.insert()", () => {
  it("names row and column of a value that does not fit", async () => {
    await using db = await open();
    const rows = [{ id: 4, name: "a" }, { id: "five", name: "b" }];
    const error = await assertRejects(() => db.insert("item", rows), LiveViewError);
    assertEquals(error.code, "invalid-input");
    assertEquals({ row: error.details.row, column: error.details.column }, { row: 1, column: "id" });
    assertEquals((await db.query("SELECT count(*) AS n FROM item")).column("n"), [3]);
  });

  it("names the nearest column when one is unknown", async () => {
    await using db = await open();
    await assertRejects(
      () => db.insert("item", [{ id: 4, nam: "a" }]),
      LiveViewError,
      'did you mean "name"?',
    );
  });

  it("refuses columns of different lengths", async () => {
    await using db = await open();
    await assertRejects(() => db.insert("item", { id: [4, 5], name: ["a"] }), LiveViewError, "1 values");
  });

  it("refuses an unknown table", async () => {
    await using db = await open();
    await assertRejects(() => db.insert("itm", [{ id: 1 }]), LiveViewError, 'did you mean "item"?');
  });
});

describe("limits", () => {
  it("stop a result with too many rows", async () => {
    await using db = createDatabase({ limits: { resultRowsMax: 100 } });
    const error = await assertRejects(
      () => db.query("SELECT * FROM generate_series(1, 1000)"),
      LiveViewError,
    );
    assertEquals(error.code, "row-limit");
  });

  it("stop a join with too large a fan-out", async () => {
    await using db = createDatabase({ limits: { joinRowsMax: 10_000 } });
    const sql = "SELECT count(*) FROM generate_series(1, 1000) a(x), generate_series(1, 1000) b(y)";
    const error = await assertRejects(() => db.query(sql), LiveViewError);
    assertEquals(error.code, "fan-out-limit");
  });

  it("stop a query that needs too much memory", async () => {
    await using db = createDatabase({ limits: { queryBytesMax: 1_000_000 } });
    const sql = "SELECT x, count(*) FROM generate_series(1, 1000000) a(x) GROUP BY x ORDER BY x";
    const error = await assertRejects(() => db.query(sql), LiveViewError);
    assertEquals(error.code, "memory-limit");
  });

  it("stop an insert beyond the memory of the database", async () => {
    await using db = createDatabase({ limits: { memoryBytesMax: 200_000 } });
    await db.exec("CREATE TABLE t (a BIGINT)");
    const sql = "INSERT INTO t SELECT x FROM generate_series(1, 1000000) a(x)";
    const error = await assertRejects(() => db.query(sql), LiveViewError);
    assertEquals(error.code, "memory-limit");
    assertEquals((await db.query("SELECT count(*) AS n FROM t")).column("n"), [0]);
  });

  it("stop a query at its deadline and when it is aborted", async () => {
    await using db = createDatabase();
    const sql =
      "SELECT count(*) FROM generate_series(1, 100000) a(x), generate_series(1, 100000) b(y) WHERE x + y < 0";
    const start = performance.now();
    const late = await assertRejects(() => db.query(sql, { deadlineMs: 50 }), LiveViewError);
    assertEquals(late.code, "deadline-exceeded");
    assert(performance.now() - start < 500, "the deadline was kept late");
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 20);
    const aborted = await assertRejects(() => db.query(sql, { signal: controller.signal }), LiveViewError);
    assertEquals(aborted.code, "aborted");
  });
});

describe("a closed database", () => {
  it("refuses everything", async () => {
    const db = await open();
    await db.close();
    for (const use of [() => db.query("SELECT 1"), () => db.exec("SELECT 1"), () => db.insert("item", [])]) {
      const error = await assertRejects(use, LiveViewError);
      assertEquals(error.code, "closed");
    }
  });
});

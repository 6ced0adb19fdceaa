import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { createDatabase } from "../../src/kernel/database.ts";

async function column(setup: string, query: string): Promise<unknown[]> {
  await using database = createDatabase();
  await database.exec(setup);
  return [...(await database.query(query)).column("c")];
}

const JSONS = `CREATE TABLE t (id INTEGER, j JSON);
  INSERT INTO t VALUES (1, '1.50'), (2, '[]'), (3, 'null'), (4, '[1, 2]'), (5, '{"a": 1}'), (6, '"text"')`;

describe("JSON is sorted as JSONB is, not as text", () => {
  it("by ORDER BY", async () => {
    assertEquals(await column(JSONS, "SELECT id AS c FROM t ORDER BY j"), [2, 3, 6, 1, 4, 5]);
  });

  it("by ORDER BY with LIMIT", async () => {
    const many = `${JSONS}; INSERT INTO t SELECT 7, '"text"' FROM generate_series(1, 5000)`;
    assertEquals(await column(many, "SELECT id AS c FROM t ORDER BY j LIMIT 2"), [2, 3]);
  });

  it("with empty arrays low only at the top", async () => {
    const setup = `CREATE TABLE t (id INTEGER, j JSON);
      INSERT INTO t VALUES (1, '{"k": []}'), (2, '{"k": null}'), (3, '[[]]'), (4, '[null]'), (5, '[]')`;
    assertEquals(await column(setup, "SELECT id AS c FROM t ORDER BY j"), [5, 4, 3, 2, 1]);
  });

  it("by windows", async () => {
    const ranks = "SELECT rank() OVER (ORDER BY j) AS c FROM t ORDER BY id";
    assertEquals(await column(JSONS, ranks), [4, 1, 2, 5, 6, 3]);
  });
});

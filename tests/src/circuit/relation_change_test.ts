import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { createDatabase, type Database, materializedViews } from "../../../mod.ts";

type ViewDatabase = Database<readonly [ReturnType<typeof materializedViews>]>;

const ROWS = 6000;

/** Views that are eager, and brought along by the changes since the last refresh. */
async function open(sql: string): Promise<ViewDatabase> {
  const db = createDatabase({ plugins: [materializedViews()] });
  await db.exec(`CREATE TABLE t (id INTEGER PRIMARY KEY, k INTEGER, v INTEGER);
    INSERT INTO t SELECT i, i % 10, i FROM generate_series(1, ${ROWS}) g(i);
    CREATE MATERIALIZED VIEW eager WITH (refresh_mode = 'incremental') AS ${sql};
    CREATE MATERIALIZED VIEW late WITH (refresh = manual, refresh_mode = 'incremental') AS ${sql}`);
  return db;
}

async function assertRight(db: ViewDatabase, sql: string): Promise<void> {
  await db.plugins.materializedViews.refresh("late");
  const rows = async (text: string) => (await db.query(text)).rows().map(String).sort();
  for (const name of ["eager", "late"]) assertEquals(await rows(`SELECT * FROM ${name}`), await rows(sql));
}

function examinedRows(db: ViewDatabase): readonly number[] {
  return ["eager", "late"].map((name) => db.plugins.materializedViews.status(name).examinedRows);
}

describe("RelationChange", () => {
  const sql = "SELECT k, count(*) AS n, count(v) AS values FROM t GROUP BY k";

  it("brings updates of more rows than a chunk has", async () => {
    await using db = await open(sql);
    await db.exec(`UPDATE t SET k = k + 1 WHERE id <= ${ROWS - 5}`);
    await assertRight(db, sql);
    await db.exec("UPDATE t SET v = -1 WHERE id < 10");
    await db.transaction(async (tx) => {
      await tx.exec("DELETE FROM t WHERE id < 3; UPDATE t SET k = 3 WHERE id < 20");
      await tx.exec(`INSERT INTO t SELECT i, 4, NULL FROM generate_series(${ROWS + 1}, ${2 * ROWS}) g(i)`);
    });
    await assertRight(db, sql);
  });

  it("leaves updates out that change no column that is read", async () => {
    const query = "SELECT k, count(*) AS n FROM t GROUP BY k";
    await using db = await open(query);
    const before = examinedRows(db);
    await db.exec(`UPDATE t SET v = v + 1 WHERE id <= ${ROWS - 5}`);
    await assertRight(db, query);
    assert(examinedRows(db).every((rows, i) => rows < before[i]! + ROWS), "changes were looked at");
  });

  it("tells NULL from a value", async () => {
    const query = "SELECT v FROM t WHERE id < 4";
    await using db = await open(query);
    for (const value of ["NULL", "0", "NULL", "7"]) {
      await db.exec(`UPDATE t SET v = ${value} WHERE id = 2`);
      await assertRight(db, query);
    }
  });
});

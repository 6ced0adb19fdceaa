import { describe, it } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { createDatabase, type Database, LiveViewError, materializedViews } from "../../../mod.ts";
import { liveviewApp } from "../../../connectors/hono/app.ts";
import type { LiveviewAppOptions } from "../../../connectors/hono/app_options.ts";
import { type Client, createClient, type LiveChange } from "../../../connectors/client/client.ts";

type ViewDatabase = Database<readonly [ReturnType<typeof materializedViews>]>;

interface Sum {
  readonly k: number;
  readonly total: number;
}

interface Setup extends AsyncDisposable {
  readonly db: ViewDatabase;
  readonly client: Client;
}

async function setUp(options: LiveviewAppOptions = {}): Promise<Setup> {
  const db = createDatabase({ plugins: [materializedViews()] });
  await db.exec(`CREATE TABLE t (id INTEGER PRIMARY KEY, k INTEGER, v INTEGER);
    CREATE MATERIALIZED VIEW sums AS SELECT k, sum(v) AS total FROM t GROUP BY k`);
  const app = liveviewApp(db, options);
  const client = createClient("http://localhost", { fetch: (request) => app.fetch(request), startMs: 1 });
  return { db, client, [Symbol.asyncDispose]: () => db.close() };
}

async function nextChange<Row>(changes: AsyncIterator<LiveChange<Row>>): Promise<LiveChange<Row>> {
  const { done, value } = await changes.next();
  assert(!done);
  return value;
}

async function subscribers(db: ViewDatabase): Promise<number> {
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setTimeout(resolve, 1));
  return db.plugins.materializedViews.status("sums").subscriberCount;
}

describe("client.live()", () => {
  it("gives the contents, then every change", async () => {
    await using setup = await setUp();
    const { db, client } = setup;
    await db.insert("t", [{ id: 1, k: 1, v: 2 }]);
    const changes = client.live<Sum>("sums")[Symbol.asyncIterator]();
    const first = await nextChange(changes);
    assertEquals([first.snapshot, first.inserted], [true, [{ k: 1, total: 2 }]]);
    await db.insert("t", [{ id: 2, k: 1, v: 3 }]);
    const second = await nextChange(changes);
    assertEquals([second.inserted, second.deleted], [[{ k: 1, total: 5 }], [{ k: 1, total: 2 }]]);
    await changes.return?.();
    assertEquals(await subscribers(db), 0);
  });

  it("takes SQL with parameters, an AST, and no snapshot", async () => {
    await using setup = await setUp();
    const { db, client } = setup;
    await db.insert("t", [{ id: 1, k: 1, v: 2 }, { id: 2, k: 2, v: 2 }]);
    const one = client.live("SELECT id FROM t WHERE k = $1", { params: [2], snapshot: false })
      [Symbol.asyncIterator]();
    const waiting = nextChange(one);
    const count = "SELECT count(*) AS n FROM liveview.views";
    while ((await db.query(count)).column("n")[0] !== 2) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await db.insert("t", [{ id: 3, k: 2, v: 0 }]);
    assertEquals((await waiting).inserted, [{ id: 3 }]);
    await one.return?.();
  });

  it("fails with the server's error where it cannot be", async () => {
    await using setup = await setUp();
    const cases: readonly (readonly [string, string])[] = [
      ["summs", "unknown-table"],
      ["SELECT nothing FROM t", "unknown-column"],
      ["SELECT 1 / 0 AS x", "division-by-zero"],
      ["WITH x AS (DELETE FROM t RETURNING id) SELECT * FROM x", "invalid-statement"],
    ];
    for (const [target, code] of cases) {
      const changes = setup.client.live(target)[Symbol.asyncIterator]();
      assertEquals((await assertRejects(() => changes.next(), LiveViewError)).code, code, target);
    }
  });

  it("ends when the view is dropped, and begins anew when it is replaced", async () => {
    await using setup = await setUp();
    const { db, client } = setup;
    const changes = client.live("sums")[Symbol.asyncIterator]();
    await nextChange(changes);
    const next = nextChange(changes);
    await db.exec("CREATE OR REPLACE MATERIALIZED VIEW sums AS SELECT count(*) AS n FROM t");
    const replaced = await next;
    assertEquals([replaced.snapshot, replaced.inserted], [true, [{ n: 0 }]]);
    const end = changes.next();
    await db.exec("DROP MATERIALIZED VIEW sums");
    assertEquals((await end).done, true);
  });

  it("ends by its signal while it waits", async () => {
    await using setup = await setUp();
    const controller = new AbortController();
    const changes = setup.client.live("sums", { signal: controller.signal })[Symbol.asyncIterator]();
    await nextChange(changes);
    const end = changes.next();
    setTimeout(() => controller.abort(), 5);
    assertEquals((await end).done, true);
    assertEquals(await subscribers(setup.db), 0);
  });
});

describe("LiveRows", () => {
  it("has the rows of the view after every change", async () => {
    await using setup = await setUp({ live: { eventCharactersMax: 20 } });
    const { db, client } = setup;
    await db.query("INSERT INTO t SELECT i, i % 10, i FROM generate_series(1, 100) AS x(i)");
    const rows = client.live<Sum>("sums").rows();
    await rows.ready;
    const told = { count: 0 };
    rows.subscribe(() => told.count++);
    for (let i = 0; i < 20; i++) {
      await db.query("UPDATE t SET v = v + 1, k = (k + id) % 7 WHERE id % 3 = $1", { params: [i % 3] });
    }
    while (rows.version !== db.version) await new Promise((resolve) => setTimeout(resolve, 1));
    const expected = (await db.query("SELECT * FROM sums ORDER BY k")).objects();
    assertEquals([...rows.rows].sort((a, b) => a.k - b.k) as unknown[], expected);
    assert(told.count > 0 && told.count <= 20);
    assertEquals(rows.resyncs, 0);
    await rows.close();
    assertEquals([rows.status, await subscribers(db)], ["ended", 0]);
  });
});

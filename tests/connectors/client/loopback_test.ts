/** The client and the server over real sockets of one machine. */
import { describe, it } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { createDatabase, type Database, materializedViews } from "../../../mod.ts";
import { liveviewApp } from "../../../connectors/hono/app.ts";
import type { LiveviewAppOptions } from "../../../connectors/hono/app_options.ts";
import { ClientError, createClient, type LiveStatus } from "../../../connectors/client/client.ts";

type ViewDatabase = Database<readonly [ReturnType<typeof materializedViews>]>;

interface Server {
  readonly db: ViewDatabase;
  readonly port: number;
  readonly url: string;
  /** Ends the process, as far as clients can tell. */
  kill(): Promise<void>;
}

async function start(
  rowCount: number,
  { port = 0, ...options }: LiveviewAppOptions & { port?: number } = {},
): Promise<Server> {
  const db = createDatabase({ plugins: [materializedViews()] });
  await db.exec(`CREATE TABLE t (id INTEGER PRIMARY KEY, k INTEGER, name TEXT);
    CREATE MATERIALIZED VIEW wide AS SELECT id, k, name FROM t;
    CREATE MATERIALIZED VIEW sums AS SELECT k % 7 AS g, sum(id) AS total FROM t GROUP BY 1`);
  await db.query("INSERT INTO t SELECT i, i, 'row ' || i FROM generate_series(1, $1) AS x(i)", {
    params: [rowCount],
  });
  const app = liveviewApp(db, { ...options, live: { retryMs: 1, ...options.live } });
  const controller = new AbortController();
  const server = Deno.serve(
    { port, hostname: "127.0.0.1", signal: controller.signal, onListen: () => {} },
    app.fetch,
  );
  return {
    db,
    port: server.addr.port,
    url: `http://127.0.0.1:${server.addr.port}`,
    kill: async () => {
      controller.abort();
      await db.close();
      await server.finished;
    },
  };
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; i < 2000; i++) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  assert(await condition(), "it did not come to that");
}

function textOf(rows: readonly object[]): string {
  return rows.map((row) => JSON.stringify(row)).sort().join();
}

async function contents(db: ViewDatabase, view: string): Promise<string> {
  return textOf((await db.query(`SELECT * FROM ${view}`)).objects());
}

describe("a live query over a network", () => {
  it("survives restarts of the server with the rows of the server that is", async () => {
    let server = await start(50);
    const statuses: LiveStatus[] = [];
    const client = createClient(server.url, { startMs: 2, maxMs: 10 });
    const rows = client.live("sums", { onStatus: (status) => statuses.push(status) }).rows();
    await rows.ready;
    for (let restart = 0; restart < 3; restart++) {
      for (let i = 0; i < 20; i++) {
        await server.db.query("UPDATE t SET k = k + 1 WHERE id % 5 = $1", { params: [i % 5] });
      }
      const { port } = server;
      await server.kill();
      await until(() => rows.status === "reconnecting");
      server = await start(60 + restart, { port });
      await server.db.query("UPDATE t SET k = k * 2");
      const expected = await contents(server.db, "sums");
      await until(() => textOf(rows.rows) === expected);
    }
    assertEquals(rows.resyncs, 0);
    assertEquals(new Set(statuses.slice(0, -1)), new Set(["live", "reconnecting"]));
    await rows.close();
    await until(() => server.db.plugins.materializedViews.status("sums").subscriberCount === 0);
    await server.kill();
  });

  it("holds back for a reader that pauses, and then has everything", async () => {
    const server = await start(1_000);
    const changes = createClient(server.url).live<{ id: number; k: number }>("wide")[Symbol.asyncIterator]();
    const held = new Map<number, number>();
    const take = async (): Promise<void> => {
      const { done, value } = await changes.next();
      assert(!done);
      for (const { id } of value.deleted) held.delete(id);
      for (const { id, k } of value.inserted) held.set(id, k);
    };
    await take();
    // Tens of megabytes, were all of it to be sent.
    await server.db.exec("UPDATE t SET name = repeat('x', 500)");
    for (let i = 0; i < 60; i++) await server.db.query("UPDATE t SET k = k + 1");
    let events = 0;
    while (held.get(1_000) !== 1_060) {
      await take();
      events++;
    }
    assert(events < 50, `${events} events`);
    assertEquals([...held.values()].reduce((sum, k) => sum + k, 0), 1_000 * 1_001 / 2 + 1_000 * 60);
    await changes.return?.();
    await until(() => server.db.plugins.materializedViews.status("wide").subscriberCount === 0);
    await server.kill();
  });

  it("waits where a server takes no more, and gets its place when another goes", async () => {
    const server = await start(5, { limits: { connectionsMax: 3 } });
    const client = createClient(server.url, { startMs: 2, maxMs: 5 });
    const first = [client.live("sums").rows(), client.live("sums").rows()];
    await Promise.all(first.map((rows) => rows.ready));
    const flood = Array.from({ length: 10 }, () => client.live("sums").rows());
    await until(() => flood.filter((rows) => rows.status === "reconnecting").length >= 8);
    assert(flood.every((rows) => rows.status !== "failed"));
    await Promise.all([...first, ...flood].map((rows) => rows.close()));
    await until(() => server.db.plugins.materializedViews.status("sums").subscriberCount === 0);
    await server.kill();
  });

  it("ends at once when it is aborted, whether it is connected or not", async () => {
    const server = await start(5);
    const controller = new AbortController();
    const connected = createClient(server.url).live("sums", { signal: controller.signal })
      [Symbol.asyncIterator]();
    const lost = createClient("http://127.0.0.1:1", { startMs: 10_000 })
      .live("sums", { signal: controller.signal })[Symbol.asyncIterator]();
    await connected.next();
    const ends = [connected.next(), lost.next()];
    setTimeout(() => controller.abort(), 20);
    assertEquals((await Promise.all(ends)).map(({ done }) => done), [true, true]);
    await server.kill();
  });

  it("fails when the caller may not, and says so", async () => {
    const server = await start(5, { anonymous: "none" });
    const rows = createClient(server.url).live("sums").rows();
    const error = await assertRejects(() => rows.ready, ClientError);
    assertEquals([error.code, error.status, rows.status], ["unauthenticated", 401, "failed"]);
    await server.kill();
  });
});

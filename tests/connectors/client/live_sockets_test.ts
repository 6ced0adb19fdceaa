/** Live queries that share a WebSocket, against a real server on loopback. */
import { describe, it } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import process from "node:process";
import { sign } from "hono/jwt";
import { createDatabase, type Database, materializedViews, SeededRandom } from "../../../mod.ts";
import { liveviewApp } from "../../../connectors/hono/app.ts";
import type { LiveviewAppOptions } from "../../../connectors/hono/app_options.ts";
import { denoSockets } from "../../../connectors/hono/runtime/deno.ts";
import {
  type Client,
  ClientError,
  type ClientOptions,
  type ClientSocket,
  createClient,
} from "../../../connectors/client/client.ts";

const SEED = Number(process.env["LIVEVIEW_SEED"] ?? 5);
const RUNS = 3 * Number(process.env["LIVEVIEW_RUNS"] ?? 1);

interface Served extends AsyncDisposable {
  readonly db: Database<readonly [ReturnType<typeof materializedViews>]>;
  readonly url: string;
}

async function serve(options: LiveviewAppOptions = {}): Promise<Served> {
  const db = createDatabase({ plugins: [materializedViews()] });
  await db.exec(`CREATE TABLE t (id INTEGER PRIMARY KEY, k INTEGER, v INTEGER);
    CREATE MATERIALIZED VIEW sums AS SELECT k, sum(v) AS total FROM t GROUP BY k`);
  const app = liveviewApp(db, { sockets: denoSockets, ...options });
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, app.fetch);
  return {
    db,
    url: `http://127.0.0.1:${server.addr.port}`,
    async [Symbol.asyncDispose]() {
      await db.close();
      await server.shutdown();
    },
  };
}

/** A client, and the sockets that it has opened. */
function connect(url: string, options: ClientOptions = {}): { client: Client; sockets: WebSocket[] } {
  const sockets: WebSocket[] = [];
  const openSocket = (address: string): ClientSocket => {
    const socket = new WebSocket(address);
    sockets.push(socket);
    return socket;
  };
  return { client: createClient(url, { transport: "socket", openSocket, startMs: 1, ...options }), sockets };
}

async function until(holds: () => boolean, what: string): Promise<void> {
  for (let i = 0; i < 2_000; i++) {
    if (holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  assert(false, what);
}

function texts(rows: readonly unknown[]): string {
  return rows.map((row) => JSON.stringify(row)).sort().join();
}

describe("live queries over sockets", () => {
  it("share one, which is closed with the last of them", async () => {
    await using served = await serve();
    const { client, sockets } = connect(served.url);
    const stores = Array.from(
      { length: 12 },
      (_, k) => client.live(`SELECT * FROM sums WHERE k = ${k}`).rows(),
    );
    await Promise.all(stores.map((store) => store.ready));
    await served.db.insert("t", [{ id: 1, k: 3, v: 5 }, { id: 2, k: 3, v: 6 }]);
    await until(() => stores[3]!.rows.length === 1, "the change comes");
    assertEquals(
      stores.map((store) => store.rows),
      stores.map((_, k) => k === 3 ? [{ k: 3, total: 11 }] : []),
    );
    assertEquals(sockets.length, 1);
    await Promise.all(stores.map((store) => store.close()));
    await until(() => sockets[0]!.readyState === WebSocket.CLOSED, "the socket is closed");
    assertEquals(served.db.plugins.materializedViews.status("sums").subscriberCount, 0);
  });

  it("take another socket beyond the hundred that the server allows", async () => {
    await using served = await serve();
    const { client, sockets } = connect(served.url);
    const stores = Array.from({ length: 130 }, () => client.live("sums").rows());
    await Promise.all(stores.map((store) => store.ready));
    assertEquals(sockets.length, 2);
    await Promise.all(stores.map((store) => store.close()));
  });

  it("fail one by one", async () => {
    await using served = await serve();
    const { client } = connect(served.url);
    const good = client.live("sums").rows();
    const bad = client.live("SELECT nothing FROM t").rows();
    const error = await assertRejects(() => bad.ready, ClientError, "nothing");
    assertEquals(error.code, "unknown-column");
    await good.ready;
    assertEquals(good.status, "live");
    await good.close();
  });

  it("send the token as the first message", async () => {
    const secret = "0123456789abcdef0123456789abcdef";
    await using served = await serve({
      anonymous: "none",
      authentication: { jwt: { keys: [{ algorithm: "HS256", key: secret }] } },
    });
    const token = await sign({ sub: "page", roles: ["read"] }, secret, "HS256");
    let asked = 0;
    // The first one has expired: it is asked for again.
    const source = () => asked++ === 0 ? "expired" : token;
    const { client } = connect(served.url, { token: source });
    const store = client.live("sums").rows();
    await store.ready;
    assertEquals(asked, 2);
    await store.close();
    const stranger = connect(served.url, { token: "another" }).client.live("sums").rows();
    const error = await assertRejects(() => stranger.ready, ClientError);
    assertEquals(error.status, 401);
  });

  it("say that a server has no sockets", async () => {
    const db = createDatabase({ plugins: [materializedViews()] });
    await db.exec("CREATE TABLE t (id INTEGER)");
    const app = liveviewApp(db);
    const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, app.fetch);
    const { client } = connect(`http://127.0.0.1:${server.addr.port}`);
    const error = await assertRejects(() => client.live("SELECT id FROM t").rows().ready, ClientError);
    assertEquals(error.status, 501);
    await db.close();
    await server.shutdown();
  });

  for (let run = 0; run < RUNS; run++) {
    it(`miss nothing and double nothing over sockets that break and servers that go, seed ${SEED + run}`, async () => {
      const random = new SeededRandom(SEED + run);
      let served = await serve();
      const client = createClient("http://127.0.0.1:1", {
        transport: "socket",
        startMs: 1,
        maxMs: 5,
        openSocket: () => {
          const socket = new WebSocket(`${served.url.replace("http", "ws")}/v1/socket`);
          let left = random.integer(5, 60);
          socket.addEventListener("message", () => --left === 0 && socket.close());
          return socket;
        },
      });
      const targets = ["sums", "SELECT id, v FROM t WHERE k = 1", "SELECT count(*) AS n FROM t"];
      const stores = targets.map((target) => client.live(target, { coalesceMs: random.pick([0, 2]) }).rows());
      for (let step = 0; step < 80; step++) {
        const params = [random.integer(1, 40), random.integer(0, 4), random.integer(-9, 9)];
        await served.db.query(
          random.next() < 0.7
            ? "INSERT INTO t VALUES ($1, $2, $3) ON CONFLICT (id) DO UPDATE SET k = excluded.k, v = excluded.v"
            : "DELETE FROM t WHERE id > $1 AND k = $2 AND v < $3",
          { params },
        );
        if (random.next() < 0.3) await new Promise((resolve) => setTimeout(resolve, random.integer(0, 4)));
        if (random.next() < 0.03) {
          const old = served;
          served = await serve();
          await old[Symbol.asyncDispose]();
        }
      }
      for (const [i, target] of targets.entries()) {
        const sql = i === 0 ? "SELECT * FROM sums" : target;
        const expected = texts((await served.db.query(sql)).objects());
        await until(() => texts(stores[i]!.rows) === expected, `${target} is as the server has it`);
        assertEquals(stores[i]!.resyncs, 0);
      }
      await Promise.all(stores.map((store) => store.close()));
      await served[Symbol.asyncDispose]();
    });
  }
});

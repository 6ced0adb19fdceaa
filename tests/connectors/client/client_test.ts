import { describe, it } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  column,
  createDatabase,
  type Database,
  from,
  LiveViewError,
  materializedViews,
} from "../../../mod.ts";
import { liveviewApp } from "../../../connectors/hono/app.ts";
import type { LiveviewHono } from "../../../connectors/hono/app_context.ts";
import type { LiveviewAppOptions } from "../../../connectors/hono/app_options.ts";
import { Backoff } from "../../../connectors/client/backoff.ts";
import {
  type Client,
  ClientError,
  type ClientOptions,
  createClient,
} from "../../../connectors/client/client.ts";

interface Setup extends AsyncDisposable {
  readonly db: Database<readonly [ReturnType<typeof materializedViews>]>;
  readonly app: LiveviewHono;
  connect(options?: ClientOptions): Client;
}

async function setUp(options: LiveviewAppOptions = {}): Promise<Setup> {
  const db = createDatabase({ plugins: [materializedViews()] });
  await db.exec(
    "CREATE TABLE t (id INTEGER PRIMARY KEY, day DATE, at TIMESTAMP, big BIGINT, x DOUBLE, price DECIMAL(10,2))",
  );
  const app = liveviewApp(db, { anonymous: "write", ...options });
  return {
    db,
    app,
    connect: (own) =>
      createClient("http://localhost/", { fetch: (request) => app.fetch(request), startMs: 1, ...own }),
    [Symbol.asyncDispose]: () => db.close(),
  };
}

const ROW = {
  id: 1,
  day: new Date("2024-05-01T00:00:00Z"),
  at: new Date("2024-05-01T12:34:56.789Z"),
  big: 9007199254740993n,
  x: NaN,
  price: 1.5,
};

describe("client.query()", () => {
  it("gives typed rows: dates, big whole numbers and NaN come back as they were sent", async () => {
    await using setup = await setUp();
    const client = setup.connect();
    const { rowCount, version } = await client.ingest("t", [ROW]);
    assertEquals([rowCount, version], [1, setup.db.version]);
    const result = await client.query<typeof ROW>("SELECT * FROM t WHERE id = $1", [1], {
      minVersion: version!,
    });
    assertEquals(result.rows, [ROW]);
    assertEquals([result.version, result.columns[1]?.type], [setup.db.version, "DATE"]);
  });

  it("takes an AST, named parameters, and writes when told to", async () => {
    await using setup = await setUp();
    const client = setup.connect();
    await client.query("INSERT INTO t (id) VALUES (:a), (:b)", { a: 1, b: 2 }, { write: true });
    assertEquals((await client.query(from("t").select({ id: column("id") }).orderBy("id").build())).rows, [{
      id: 1,
    }, { id: 2 }]);
  });

  it("throws what the server says", async () => {
    await using setup = await setUp();
    const client = setup.connect();
    const error = await assertRejects(() => client.query("SELECT nothing\nFROM t"), LiveViewError);
    assert(error instanceof ClientError);
    assertEquals([error.code, error.status, error.details["place"] !== undefined], [
      "unknown-column",
      400,
      true,
    ]);
    const refused = await assertRejects(() => client.query("DELETE FROM t"), ClientError);
    assertEquals([refused.code, refused.status], ["access-denied", 403]);
  });

  it("throws when nothing answers, or something else does", async () => {
    const dead = createClient("http://localhost", {
      fetch: () => Promise.reject(new DOMException("Refused")),
    });
    assertEquals((await assertRejects(() => dead.query("SELECT 1"), ClientError)).status, 0);
    const other = createClient("http://localhost", { fetch: () => new Response("<html>", { status: 502 }) });
    assertEquals((await assertRejects(() => other.query("SELECT 1"), ClientError)).status, 502);
    const wrong = createClient("http://localhost", { fetch: () => Response.json({ hello: 1 }) });
    assertEquals((await assertRejects(() => wrong.query("SELECT 1"), ClientError)).code, "invalid-input");
  });

  it("asks for a new token when the last one is refused", async () => {
    let asked = 0;
    const client = createClient("http://localhost", {
      token: () => `token-${++asked}`,
      fetch: ({ headers }) =>
        headers.get("authorization") === "Bearer token-2"
          ? Response.json({ columns: [], rows: [], version: 7 })
          : Response.json({ code: "unauthenticated", detail: "Expired" }, { status: 401 }),
    });
    assertEquals((await client.query("SELECT 1")).version, 7);
    await client.query("SELECT 1");
    assertEquals(asked, 2);
  });
});

describe("client.ingest()", () => {
  it("inserts each row once, however often answers are lost", async () => {
    await using setup = await setUp();
    const { app, db } = setup;
    for (const lost of ["before", "after"] as const) {
      let calls = 0;
      const client = setup.connect({
        fetch: async (request) => {
          const fails = ++calls % 3 !== 0;
          if (fails && lost === "before") throw new DOMException("Refused");
          const response = await app.fetch(request);
          if (!fails) return response;
          await response.body?.cancel();
          throw new DOMException("Lost");
        },
      });
      await db.exec("DELETE FROM t");
      const rows = Array.from({ length: 250 }, (_, id) => ({ id }));
      assertEquals((await client.ingest("t", rows, { batchRows: 100 })).rowCount, 250);
      assertEquals((await db.query("SELECT count(*) AS n FROM t")).column("n"), [250], lost);
      assertEquals(calls, 9);
    }
  });

  it("is the same ingest under the same key", async () => {
    await using setup = await setUp();
    const client = setup.connect();
    for (let i = 0; i < 2; i++) await client.ingest("t", [{ id: 1 }], { idempotencyKey: "one" });
    assertEquals((await setup.db.query("SELECT count(*) AS n FROM t")).column("n"), [1]);
    const error = await assertRejects(() => client.ingest("t", [{ id: 1 }]), ClientError);
    assertEquals(error.code, "duplicate-key");
  });

  it("says how many rows are in when a later batch fails", async () => {
    await using setup = await setUp();
    async function* rows() {
      for (const id of [1, 2, 3, 1]) yield await Promise.resolve({ id });
    }
    const error = await assertRejects(
      () => setup.connect().ingest("t", rows(), { batchRows: 2 }),
      ClientError,
    );
    assertEquals([error.code, error.details["acknowledged"]], ["duplicate-key", 2]);
  });

  it("gives up after triesMax, and at once when aborted", async () => {
    let calls = 0;
    const client = createClient("http://localhost", {
      startMs: 1,
      triesMax: 3,
      fetch: () => (calls++, Response.json({ code: "queue-limit" }, { status: 503 })),
    });
    assertEquals((await assertRejects(() => client.ingest("t", [{}]), ClientError)).code, "queue-limit");
    assertEquals(calls, 3);
    await assertRejects(() => client.ingest("t", [{}], { signal: AbortSignal.abort() }), ClientError);
  });
});

describe("Backoff", () => {
  it("doubles up to its limit, with jitter, and no less than the server asks for", () => {
    const backoff = new Backoff({ startMs: 100, maxMs: 400, random: () => 0.5 });
    assertEquals([backoff.next(), backoff.next(), backoff.next(), backoff.next()], [75, 150, 300, 300]);
    assertEquals(backoff.next(1000), 1250);
    backoff.succeeded();
    assertEquals(backoff.next(), 75);
  });
});

/** Connections that break anywhere, and servers that are restarted: the sum of the changes is always the contents. */
import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { createDatabase, type Database, materializedViews, SeededRandom } from "../../../mod.ts";
import { liveviewApp } from "../../../connectors/hono/app.ts";
import type { LiveviewHono } from "../../../connectors/hono/app_context.ts";
import { createClient, type LiveChange } from "../../../connectors/client/client.ts";

const SEED = Number(process.env["LIVEVIEW_SEED"] ?? 11);
const RUNS = 6 * Number(process.env["LIVEVIEW_RUNS"] ?? 1);

interface Server {
  readonly db: Database<readonly [ReturnType<typeof materializedViews>]>;
  readonly app: LiveviewHono;
}

async function start(random: SeededRandom): Promise<Server> {
  const db = createDatabase({ plugins: [materializedViews({ retainedRowsMax: random.integer(1, 400) })] });
  await db.exec(`CREATE TABLE t (id INTEGER PRIMARY KEY, k INTEGER, day DATE, v DECIMAL(12,2));
    CREATE MATERIALIZED VIEW v AS SELECT k, day, sum(v) AS total, count(*) AS n FROM t GROUP BY k, day;
    CREATE MATERIALIZED VIEW twice AS SELECT k FROM t`);
  // Versions of another instance are not those of this one.
  for (let i = random.integer(0, 20); i > 0; i--) await change(db, random);
  const limits = {
    eventCharactersMax: random.integer(20, 400),
    retryMs: 1,
    heartbeatMs: random.integer(4, 50),
  };
  return { db, app: liveviewApp(db, { live: limits }) };
}

async function change(db: Server["db"], random: SeededRandom): Promise<void> {
  const kind = random.next();
  const from = random.integer(1, 60);
  const params = [from, from + random.integer(0, 15), random.integer(0, 5)];
  if (kind < 0.5) {
    await db.query(
      `INSERT INTO t SELECT i, (i + $3) % 5, DATE '2024-05-01' + (i % 3)::integer, i * 1.25
         FROM generate_series($1, $2) AS x(i) ON CONFLICT (id) DO UPDATE SET v = t.v + 1, k = excluded.k`,
      { params },
    );
  } else if (kind < 0.8) await db.query("UPDATE t SET v = v + $3 WHERE id BETWEEN $1 AND $2", { params });
  else await db.query("DELETE FROM t WHERE id BETWEEN $1 AND $2 AND $3 >= 0", { params });
}

/** A body that breaks after some bytes, in chunks that end anywhere. */
function breaking(body: ReadableStream<Uint8Array>, random: SeededRandom): ReadableStream<Uint8Array> {
  let left = random.next() < 0.3 ? Infinity : random.integer(0, 3000);
  const reader = body.getReader();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await reader.read();
      if (done) return controller.close();
      for (let from = 0; from < value.length;) {
        const to = Math.min(value.length, from + random.integer(1, 300), from + left);
        left -= to - from;
        if (to > from) controller.enqueue(value.subarray(from, to));
        if (left <= 0) {
          await reader.cancel();
          return random.next() < 0.5
            ? controller.close()
            : controller.error(new DOMException("Lost", "NetworkError"));
        }
        from = to;
      }
    },
    cancel: () => reader.cancel(),
  });
}

/** A multiset of rows by their text. */
class Contents {
  readonly #counts = new Map<string, number>();

  apply({ snapshot, inserted, deleted }: LiveChange<object>): void {
    if (snapshot) this.#counts.clear();
    for (const row of deleted) {
      const key = JSON.stringify(row);
      const count = this.#counts.get(key) ?? 0;
      assert(count > 0, `a row went that was not there: ${key}`);
      if (count === 1) this.#counts.delete(key);
      else this.#counts.set(key, count - 1);
    }
    for (const row of inserted) {
      const key = JSON.stringify(row);
      this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
    }
  }

  toString(): string {
    return [...this.#counts].map(([key, count]) => `${key} x ${count}`).sort().join("\n");
  }
}

function textOf(rows: readonly object[]): string {
  const contents = new Contents();
  contents.apply({
    version: 0,
    snapshot: true,
    columns: [],
    inserted: rows,
    deleted: [],
    eventId: undefined,
  });
  return contents.toString();
}

async function pause(ms = 1): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

describe("a live query over connections that break and servers that are restarted", () => {
  for (let run = 0; run < RUNS; run++) {
    it(`misses nothing and doubles nothing, seed ${SEED + run}`, async () => {
      const random = new SeededRandom(SEED + run);
      let server: Server | undefined = await start(random);
      const client = createClient("http://localhost", {
        startMs: 1,
        maxMs: 5,
        fetch: async (request) => {
          if (server === undefined || random.next() < 0.1) throw new DOMException("Refused", "NetworkError");
          const response = await server.app.fetch(request);
          const body = response.body === null ? null : breaking(response.body, random);
          return new Response(body, { status: response.status, headers: response.headers });
        },
      });
      const targets = ["v", "twice", "SELECT day, max(v) AS top FROM t GROUP BY day"];
      const coalesceMs = random.pick([0, 0, 3]);
      const stores = targets.map((target) => client.live(target, { coalesceMs }).rows());
      const summed = targets.map(() => new Contents());
      const streams = targets.map((target) => client.live(target, { coalesceMs })[Symbol.asyncIterator]());
      const followed = streams.map(async (stream, i) => {
        for await (const one of { [Symbol.asyncIterator]: () => stream }) summed[i]!.apply(one);
      });
      for (let step = 0; step < 60; step++) {
        await change(server.db, random);
        if (random.next() < 0.3) await pause(random.integer(0, 6));
        if (random.next() < 0.04) {
          const old: Server = server;
          server = undefined;
          await old.db.close();
          await pause(random.integer(0, 8));
          server = await start(random);
        }
      }
      for (const [i, target] of targets.entries()) {
        const sql = i < 2 ? `SELECT * FROM ${target}` : target;
        const expected = textOf((await server.db.query(sql)).objects());
        for (let tries = 0; tries < 3000; tries++) {
          if (textOf(stores[i]!.rows as object[]) === expected && summed[i]!.toString() === expected) break;
          await pause();
        }
        assertEquals(summed[i]!.toString(), expected, target);
        assertEquals(textOf(stores[i]!.rows as object[]), expected, target);
        assertEquals(stores[i]!.resyncs, 0);
      }
      await Promise.all([
        ...stores.map((store) => store.close()),
        ...streams.map((stream) => stream.return?.()),
      ]);
      await Promise.all(followed);
      await pause(5);
      assertEquals(server.db.plugins.materializedViews.status("v").subscriberCount, 0);
      await server.db.close();
    });
  }
});

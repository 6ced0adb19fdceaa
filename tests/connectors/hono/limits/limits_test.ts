/** Rates, places and memories that are bounded. */
import { describe, it } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { liveviewApp } from "../../../../connectors/hono/app.ts";
import type { LiveviewAppOptions } from "../../../../connectors/hono/app_options.ts";
import { sha256Hex } from "../../../../connectors/hono/auth/api_key.ts";
import { IdempotencyMemory } from "../../../../connectors/hono/ingest/idempotency.ts";
import { ConnectionLimit } from "../../../../connectors/hono/limits/connection_limit.ts";
import { RateLimit } from "../../../../connectors/hono/limits/rate_limit.ts";
import { createDatabase, LimitError, ManualClock } from "../../../../mod.ts";
import { type Problem, problemIn } from "../conformance/fixture.ts";

function app(options: LiveviewAppOptions) {
  const db = createDatabase();
  const hono = liveviewApp(db, options);
  return async (path: string, init: RequestInit = {}, env?: unknown): Promise<Response> =>
    await hono.fetch(new Request(`http://localhost${path}`, init), env as object);
}

const from = (hostname: string) => ({ remoteAddr: { hostname } });

describe("RateLimit", () => {
  it("lets a burst through, then as many as fill up", () => {
    const clock = new ManualClock();
    const rate = new RateLimit({ perSecond: 10, burst: 3 }, clock);
    for (let i = 0; i < 3; i++) rate.take("a");
    const error = assertThrows(() => rate.take("a"), LimitError);
    assertEquals([error.code, error.details["retryAfterMs"]], ["rate-limit", 100]);
    rate.take("b");
    clock.advance(100);
    rate.take("a");
    assertThrows(() => rate.take("a"), LimitError);
  });

  it("forgets the caller that was quiet for longest when its table is full", () => {
    const rate = new RateLimit({ perSecond: 1, burst: 1, callersMax: 2 }, new ManualClock());
    for (const caller of ["a", "b", "c"]) rate.take(caller);
    assertEquals(rate.callerCount, 2);
    rate.take("a");
    assertThrows(() => rate.take("c"), LimitError);
  });
});

describe("limits of the app", () => {
  it("answer floods with 429 and Retry-After, by address", async () => {
    const clock = new ManualClock();
    const fetch = app({ clock, rateLimit: { perSecond: 0.5, burst: 2 } });
    const statusOf = async (address: string) => (await fetch("/v1/health", {}, from(address))).status;
    assertEquals([await statusOf("a"), await statusOf("a"), await statusOf("a")], [200, 200, 429]);
    assertEquals(await statusOf("b"), 200);
    const refused = await fetch("/v1/health", {}, from("a"));
    assertEquals(refused.headers.get("retry-after"), "2");
    assertEquals((await problemIn(refused)).code, "rate-limit");
    clock.advance(2_000);
    assertEquals(await statusOf("a"), 200);
  });

  it("count by principal where there is one, and guesses by address", async () => {
    const key = { sha256: await sha256Hex("k"), principal: { subject: "s", roles: ["read"], claims: {} } };
    const fetch = app({
      clock: new ManualClock(),
      rateLimit: { perSecond: 1, burst: 2 },
      authentication: { apiKeys: [key] },
    });
    const statusOf = async (address: string, apiKey: string) =>
      (await fetch("/v1/health", { headers: { "x-api-key": apiKey } }, from(address))).status;
    assertEquals([await statusOf("a", "k"), await statusOf("b", "k"), await statusOf("c", "k")], [
      200,
      200,
      429,
    ]);
    assertEquals([await statusOf("d", "x"), await statusOf("d", "y"), await statusOf("d", "z")], [
      401,
      401,
      429,
    ]);
  });

  it("bound the requests under way", async () => {
    let finish = () => {};
    const waiting = new Promise<void>((resolve) => finish = resolve);
    const fetch = app({
      limits: { connectionsMax: 1 },
      authentication: { authenticate: async () => (await waiting, undefined) },
    });
    const first = fetch("/v1/health");
    const second = await fetch("/v1/health");
    assertEquals([second.status, second.headers.get("retry-after")], [503, "5"]);
    await second.body?.cancel();
    finish();
    assertEquals((await first).status, 200);
    assertEquals((await fetch("/v1/health")).status, 200);
  });

  it("end queries at the deadline", async () => {
    const fetch = app({ limits: { deadlineMsMax: 1 } });
    const sql =
      "SELECT count(*) FROM generate_series(1, 3000) a(x), generate_series(1, 3000) b(y) WHERE x % 7 = y % 11";
    const problem: Problem = await problemIn(await fetch(`/v1/query?sql=${encodeURIComponent(sql)}`));
    assertEquals([problem.code, problem.status], ["deadline-exceeded", 504]);
  });

  it("keep what fails by our own fault to the log", async () => {
    const errors: unknown[] = [];
    const fetch = app({
      onError: (error) => errors.push(error),
      authentication: {
        authenticate: () => {
          throw new TypeError("the password of the database is swordfish");
        },
      },
    });
    const answer = await fetch("/v1/health");
    const text = await answer.text();
    assertEquals([answer.status, errors.length], [500, 1]);
    assert(!text.includes("swordfish"));
  });
});

describe("ConnectionLimit", () => {
  it("gives places back once", () => {
    const limit = new ConnectionLimit(1);
    const release = limit.acquire();
    assertThrows(() => limit.acquire(), LimitError);
    release();
    release();
    assertEquals(limit.count, 0);
    limit.acquire();
  });
});

describe("IdempotencyMemory", () => {
  it("forgets the oldest key that is not in use", async () => {
    const memory = new IdempotencyMemory(2);
    const running = await memory.open("caller", "a", "r");
    for (const key of ["b", "c"]) (await memory.open("caller", key, "r")).end();
    assertEquals(memory.size, 2);
    running.recordCount = 7;
    running.end();
    assertEquals((await memory.open("caller", "a", "r")).recordCount, 7);
  });

  it("keeps callers apart", async () => {
    const memory = new IdempotencyMemory(10);
    (await memory.open("one", "k", "r")).recordCount = 5;
    assertEquals((await memory.open("two", "k", "r")).recordCount, 0);
  });
});

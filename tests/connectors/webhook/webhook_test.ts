import { describe, it } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { createHmac } from "node:crypto";
import { createDatabase, LiveViewError, ManualClock, materializedViews, QueryError } from "../../../mod.ts";
import { sendChanges, type WebhookBody } from "../../../connectors/webhook/webhook.ts";

const SECRET = "whsec_" + btoa("0123456789abcdef0123");

async function open() {
  const db = createDatabase({ plugins: [materializedViews()] });
  await db.exec("CREATE TABLE t (v BIGINT); CREATE MATERIALIZED VIEW big AS SELECT v FROM t WHERE v > 100");
  return db;
}

/** A receiver that answers with the statuses in turn, the last one for ever. */
function receiver(...statuses: number[]) {
  const requests: { headers: Headers; text: string; body: WebhookBody }[] = [];
  let arrived: () => void = () => {};
  return {
    requests,
    async fetch(request: Request) {
      const text = await request.text();
      requests.push({ headers: request.headers, text, body: JSON.parse(text) });
      const status = statuses.length > 1 ? statuses.shift()! : statuses[0]!;
      arrived();
      return new Response(null, { status });
    },
    async count(wanted: number) {
      while (requests.length < wanted) await new Promise<void>((resolve) => arrived = resolve);
    },
  };
}

const url = "https://example.org/alerts";

describe("sendChanges()", () => {
  it("sends each change, signed as Standard Webhooks says", async () => {
    await using db = await open();
    const stop = new AbortController();
    const target = receiver(204);
    const clock = new ManualClock(1_700_000_000_999);
    const sending = sendChanges(db, "big", {
      url,
      secret: SECRET,
      signal: stop.signal,
      fetch: target.fetch,
      clock,
    });
    await db.insert("t", [{ v: 101 }, { v: 5 }, { v: 9007199254740993n }]);
    await target.count(1);
    await db.exec("DELETE FROM t WHERE v = 101");
    await target.count(2);
    stop.abort();
    await sending;
    const [first, second] = target.requests;
    assertEquals(first!.body.inserted, [{ v: 101 }, { v: "9007199254740993" }]);
    assertEquals(second!.body.deleted, [{ v: 101 }]);
    assertEquals(first!.headers.get("webhook-timestamp"), "1700000000");
    const id = first!.headers.get("webhook-id");
    const expected = createHmac("sha256", "0123456789abcdef0123").update(`${id}.1700000000.${first!.text}`);
    assertEquals(first!.headers.get("webhook-signature"), `v1,${expected.digest("base64")}`);
    assert(id !== second!.headers.get("webhook-id"));
  });

  it("repeats what is not taken, with the same id, and merges what waits behind it", async () => {
    await using db = await open();
    const stop = new AbortController();
    const target = receiver(500, 302, 200);
    const options = {
      url,
      secret: SECRET,
      signal: stop.signal,
      fetch: target.fetch,
      retryMs: 5,
      coalesceMs: 0,
    };
    const sending = sendChanges(db, "big", options);
    for (let v = 101; v <= 300; v++) await db.insert("t", [{ v }]);
    let rows = 0;
    while (rows < 200) {
      await target.count(target.requests.length + 1);
      rows = new Set(target.requests.flatMap(({ body }) => body.inserted.map((row) => row["v"]))).size;
    }
    stop.abort();
    await sending;
    const ids = target.requests.map(({ headers }) => headers.get("webhook-id"));
    assertEquals(new Set(ids.slice(0, 3)).size, 1);
    assert(target.requests.length < 150);
  });

  it("begins with the contents when asked", async () => {
    await using db = await open();
    await db.insert("t", [{ v: 500 }]);
    const stop = new AbortController();
    const target = receiver(200);
    const options = { url, secret: SECRET, snapshot: true, signal: stop.signal, fetch: target.fetch };
    const sending = sendChanges(db, "big", options);
    await target.count(1);
    stop.abort();
    await sending;
    assertEquals([target.requests[0]!.body.type, target.requests[0]!.body.inserted], ["snapshot", [{
      v: 500,
    }]]);
  });

  it("ends with an error when a receiver does not come back, and leaves no subscriber", async () => {
    await using db = await open();
    const target = receiver(503);
    const sending = sendChanges(db, "big", {
      url,
      secret: SECRET,
      fetch: target.fetch,
      triesMax: 3,
      retryMs: 1,
    });
    await db.insert("t", [{ v: 101 }]);
    const error = await assertRejects(() => sending, LiveViewError, "3 tries");
    assertEquals([error.code, error.details["failure"]], ["deadline-exceeded", "the receiver answered 503"]);
    assertEquals(target.requests.length, 3);
    assertEquals(db.plugins.materializedViews.status("big").subscriberCount, 0);
  });

  it("refuses short secrets and what is no URL", async () => {
    await using db = await open();
    for (
      const [bad, secret] of [["ftp://example.org", SECRET], ["alerts", SECRET], [url, "short"], [
        url,
        "whsec_!",
      ]]
    ) {
      await assertRejects(() => sendChanges(db, "big", { url: bad!, secret: secret! }), QueryError);
    }
  });
});

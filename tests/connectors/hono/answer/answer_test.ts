/** The cache of answers, entity tags, negotiation and metrics as text. */
import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { AnswerCache } from "../../../../connectors/hono/answer/answer_cache.ts";
import { hashText, matchesTag } from "../../../../connectors/hono/answer/entity_tag.ts";
import { negotiateFormat } from "../../../../connectors/hono/answer/negotiation.ts";
import { columnTexts } from "../../../../connectors/hono/answer/json_text.ts";
import { liveviewApp } from "../../../../connectors/hono/app.ts";
import { HttpMetrics } from "../../../../connectors/hono/http_metrics.ts";
import { prometheusText } from "../../../../connectors/hono/prometheus_text.ts";
import { createDatabase, definePlugin, ManualClock, materializedViews } from "../../../../mod.ts";

const answer = (tag: string, length: number) => ({ tag, body: new Uint8Array(length), headers: {} });

describe("AnswerCache", () => {
  it("finds an answer under its tag alone", () => {
    const cache = new AnswerCache(1 << 20);
    cache.set("q", answer("1", 10));
    assertEquals(cache.get("q", "1")?.body.length, 10);
    assertEquals(cache.get("q", "2"), undefined);
    cache.set("q", answer("2", 20));
    assertEquals([cache.get("q", "2")?.body.length, cache.size], [20, 1]);
  });

  it("stays below its bytes, and drops what was not used for longest", () => {
    const cache = new AnswerCache(10_000);
    for (let i = 0; i < 50; i++) {
      cache.set(`q${i}`, answer("1", 500));
      cache.get("q0", "1");
      assert(cache.bytes <= 10_000);
    }
    assert(cache.get("q0", "1") !== undefined && cache.get("q1", "1") === undefined);
    cache.set("large", answer("1", 5_000));
    assertEquals(cache.get("large", "1"), undefined);
  });
});

describe("matchesTag()", () => {
  it("compares weakly, in lists and with *", () => {
    const tag = 'W/"a.1-2-x"';
    for (const header of [tag, '"a.1-2-x"', `"b", ${tag}`, "*"]) assert(matchesTag(header, tag), header);
    for (const header of [undefined, "", '"a.1-2-y"', "a.1-2-x"]) {
      assert(!matchesTag(header, tag), String(header));
    }
  });
});

describe("hashText()", () => {
  it("tells texts apart that differ in a character", () => {
    const hashes = new Set(Array.from({ length: 2_000 }, (_, i) => hashText(`SELECT ${i}`)));
    assertEquals(hashes.size, 2_000);
  });
});

describe("negotiateFormat()", () => {
  it("takes the best of what is accepted, the most specific range first", () => {
    assertEquals(negotiateFormat(undefined), "objects");
    assertEquals(negotiateFormat("application/*;q=0.5, application/json;q=0, text/csv;q=0.1"), "ndjson");
    assertEquals(negotiateFormat('application/json; shape="columns"'), "columns");
    assertEquals(negotiateFormat("application/json;q=nonsense, text/csv"), "csv");
    assertEquals(negotiateFormat("x".repeat(3_000)), "objects");
  });
});

describe("columnTexts()", () => {
  it("writes wide numbers so that no digit is lost", async () => {
    await using db = createDatabase();
    const result = await db.query(
      "SELECT * FROM (VALUES (9007199254740993), (9223372036854775807), (4611686018427387904), (-1)) AS v(n)",
    );
    const texts = columnTexts(result.vector(0), result.columns[0]!.sqlType, 4, false);
    assertEquals(texts, ['"9007199254740993"', '"9223372036854775807"', "4611686018427387904", "-1"]);
  });
});

describe("prometheusText()", () => {
  it("escapes labels and cleans names", async () => {
    const plugin = definePlugin({
      name: "odd",
      setup: () => ({
        api: {},
        hooks: {
          collectMetrics: (add) => {
            add("odd-name", 1, { label: 'a"b\\c\nd' });
            add("constructor", Infinity);
          },
        },
      }),
    });
    await using db = createDatabase({ plugins: [plugin] });
    const text = prometheusText(db.metrics(), new HttpMetrics());
    assert(text.includes('liveview_odd_name{label="a\\"b\\\\c\\nd"} 1\n'));
    assert(text.includes("liveview_constructor +Inf\n"));
  });

  it("cumulates the buckets of histograms", () => {
    const metrics = new HttpMetrics();
    for (const ms of [0.5, 3, 3, 20_000]) metrics.record({ route: "/q", method: "GET", status: 200 }, ms);
    const text = prometheusText(new Map(), metrics);
    const bucket = (le: string) => new RegExp(`bucket\\{route="/q",le="${le}"\\} (\\d+)`).exec(text)?.[1];
    assertEquals([bucket("0\\.001"), bucket("0\\.005"), bucket("10"), bucket("\\+Inf")], [
      "1",
      "3",
      "3",
      "4",
    ]);
    assert(text.includes('duration_seconds_count{route="/q"} 4'));
  });
});

describe("entity tags of views that depend on time", () => {
  it("end when the clock alone has changed the view", async () => {
    const clock = new ManualClock(1_700_000_000_000);
    await using db = createDatabase({ clock, plugins: [materializedViews()] });
    await db.exec(`
      CREATE TABLE hit (at TIMESTAMPTZ);
      CREATE MATERIALIZED VIEW recent AS SELECT count(*) AS n FROM hit WHERE at > now() - INTERVAL '1 minute';
    `);
    await db.insert("hit", [{ at: new Date(clock.now()) }]);
    const app = liveviewApp(db, { clock });
    const url = "http://localhost/v1/query?sql=SELECT%20n%20FROM%20recent";
    const first = await app.fetch(new Request(url));
    const headers = { "if-none-match": first.headers.get("etag")! };
    assertEquals((await first.json()).rows, [{ n: 1 }]);
    assertEquals((await app.fetch(new Request(url, { headers }))).status, 304);
    clock.advance(61_000);
    const later = await app.fetch(new Request(url, { headers }));
    assertEquals([later.status, (await later.json()).rows], [200, [{ n: 0 }]]);
  });
});

/**
 * `/query` over HTTP: formats, entity tags, parameters, freshness and what is refused.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import superjson from "superjson";
import { as, type ConformanceCase, type Fetch, post, problemIn } from "./fixture.ts";

const ROWS = "SELECT id, region FROM sale ORDER BY id";

const link = (sql: string, more = ""): string => `/v1/query?sql=${encodeURIComponent(sql)}${more}`;

/** SELECT region FROM sale GROUP BY region ORDER BY region. */
function queryJson(): unknown {
  const expression = { kind: "column", name: [{ name: "region" }] };
  return {
    kind: "query",
    body: {
      kind: "select",
      items: [{ expression }],
      from: [{ kind: "table", name: [{ name: "sale" }] }],
      groupBy: { items: [{ kind: "expression", expression }] },
    },
    orderBy: [{ expression }],
  };
}

async function rowsOf(fetch: Fetch, body: unknown, headers = {}): Promise<unknown> {
  const answer = await fetch("/v1/query", post(body, headers));
  assertEquals(answer.status, 200, await answer.clone().text());
  return (await answer.json()).rows;
}

async function refused(fetch: Fetch, body: unknown, code: string, status: number): Promise<void> {
  const problem = await problemIn(await fetch("/v1/query", post(body)));
  assertEquals([problem.code, problem.status], [code, status]);
}

/** See the module header. */
export const queryCases: readonly ConformanceCase[] = [
  {
    name: "answers SQL with metadata, columns and rows",
    run: async (fetch) => {
      const answer = await fetch("/v1/query", post({ sql: ROWS }));
      assertEquals(answer.status, 200);
      const body = await answer.json();
      assertEquals(body.columns, [
        { name: "id", type: "INTEGER", nullable: false },
        { name: "region", type: "TEXT", nullable: true },
      ]);
      assertEquals(body.rows[0], { id: 1, region: "north" });
      assertEquals(body.rowCount, body.rows.length);
      assertEquals(answer.headers.get("liveview-version"), String(body.version));
    },
  },
  {
    name: "answers a query in its JSON form",
    run: async (fetch) => {
      const query = queryJson();
      const answer = await fetch("/v1/query", post({ query }));
      assertEquals((await answer.json()).rows, [{ region: "north" }, { region: "south" }]);
    },
  },
  {
    name: "takes parameters by number and by name",
    run: async (fetch) => {
      assertEquals(await rowsOf(fetch, { sql: "SELECT $1 + 1 AS n", params: [41] }), [{ n: 42 }]);
      assertEquals(await rowsOf(fetch, { sql: "SELECT :n + 1 AS n", params: { n: 41 } }), [{ n: 42 }]);
      assertEquals(
        await (await fetch(link("SELECT $1 + 1 AS n", "&params=[41]"))).json().then((b) => b.rows),
        [
          { n: 42 },
        ],
      );
    },
  },
  {
    name: "keeps a parameter from becoming SQL",
    run: async (fetch) => {
      const text = "x'; DROP TABLE sale; --";
      assertEquals(await rowsOf(fetch, { sql: "SELECT $1 AS t", params: [text] }), [{ t: text }]);
      assertEquals(await rowsOf(fetch, { sql: "SELECT id FROM sale WHERE region = $1", params: [text] }), []);
    },
  },
  {
    name: "writes values as the wire has them",
    run: async (fetch) => {
      assertEquals(await rowsOf(fetch, { sql: "SELECT * FROM sale WHERE id <= 3 ORDER BY id" }), [
        {
          id: 1,
          region: "north",
          day: "2024-05-01",
          at: "2024-05-01T12:00:00.000Z",
          amount: 9.5,
          big: "9007199254740993",
          weight: 1.5,
          note: { a: 1 },
        },
        {
          id: 2,
          region: "south",
          day: "2024-05-02",
          at: "2024-05-02T12:00:00.250Z",
          amount: 3.25,
          big: 2,
          weight: "NaN",
          note: null,
        },
        {
          id: 3,
          region: "north",
          day: "2024-05-03",
          at: "2024-05-03T12:00:00.123456Z",
          amount: 1,
          big: 3,
          weight: "Infinity",
          note: [1, 2],
        },
      ]);
      const sql =
        "SELECT INTERVAL '1 day 2 hours' AS i, TIME '01:02:03' AS t, ARRAY[1, NULL] AS a, true AS b";
      assertEquals(await rowsOf(fetch, { sql }), [{ i: "P1DT2H", t: "01:02:03", a: [1, null], b: true }]);
    },
  },
  {
    name: "writes BIGINT and DECIMAL as strings when exact",
    run: async (fetch) => {
      const sql = "SELECT big, amount FROM sale WHERE id = 2";
      assertEquals(await rowsOf(fetch, { sql, exact: true }), [{ big: "2", amount: "3.25" }]);
    },
  },
  {
    name: "gives columns, NDJSON, CSV, Arrow and superjson to whom accepts them",
    run: async (fetch) => {
      const get = (accept: string) => fetch("/v1/query", post({ sql: ROWS }, { accept }));
      const columns = await get("application/json; shape=columns");
      assertEquals(columns.headers.get("content-type"), "application/json; shape=columns");
      assertEquals((await columns.json()).columns[0].values.slice(0, 3), [1, 2, 3]);
      const lines = (await (await get("application/x-ndjson")).text()).trimEnd().split("\n");
      assertEquals(JSON.parse(lines[0]!), { id: 1, region: "north" });
      assert((await (await get("text/csv")).text()).startsWith("id,region\n1,north\n"));
      const arrow = await get("application/vnd.apache.arrow.stream");
      assertEquals(arrow.headers.get("content-type"), "application/vnd.apache.arrow.stream");
      assertEquals([...new Uint8Array(await arrow.arrayBuffer()).slice(0, 4)], [255, 255, 255, 255]);
      const sql = "SELECT day FROM sale WHERE id = 1";
      const envelope = await fetch("/v1/query", post({ sql }, { accept: "application/superjson+json" }));
      const parsed = superjson.parse<{ rows: unknown[][] }>(await envelope.text());
      assertEquals(parsed.rows[0]![0], new Date("2024-05-01"));
    },
  },
  {
    name: "weighs what is accepted, and takes format and shape in links",
    run: async (fetch) => {
      const typeOf = async (accept: string, more = "") => {
        const answer = await fetch(link(ROWS, more), { headers: { accept } });
        await answer.body?.cancel();
        return answer.headers.get("content-type");
      };
      assertEquals(await typeOf("text/csv;q=0.5, application/x-ndjson"), "application/x-ndjson");
      assertEquals(await typeOf("text/*, application/json;q=0.1"), "text/csv; charset=utf-8; header=present");
      assertEquals(await typeOf("*/*"), "application/json");
      assertEquals(await typeOf("*/*", "&shape=columns"), "application/json; shape=columns");
      assertEquals(await typeOf("text/html", "&format=csv"), "text/csv; charset=utf-8; header=present");
      const posted = await fetch("/v1/query?format=csv", post({ sql: ROWS }));
      assert((await posted.text()).startsWith("id,region\n"));
      const problem = await problemIn(await fetch(link(ROWS), { headers: { accept: "image/png" } }));
      assertEquals([problem.code, problem.status], ["not-acceptable", 406]);
    },
  },
  {
    name: "answers 304 until a table of the query changes",
    run: async (fetch) => {
      const url = link("SELECT total FROM by_region ORDER BY region");
      const first = await fetch(url);
      const tag = first.headers.get("etag")!;
      assertEquals(first.headers.get("cache-control"), "private, no-cache");
      const again = () => fetch(url, { headers: { "if-none-match": tag } });
      assertEquals((await again()).status, 304);
      await rowsOf(fetch, { sql: "INSERT INTO other VALUES (1001)", write: true }, as("write"));
      const unrelated = await again();
      assertEquals([unrelated.status, await unrelated.text(), unrelated.headers.get("etag")], [304, "", tag]);
      await rowsOf(fetch, {
        sql: "INSERT INTO sale (id, region, amount) VALUES (1001, 'west', 5)",
        write: true,
      }, as("write"));
      const changed = await again();
      assertEquals(changed.status, 200);
      assert(changed.headers.get("etag") !== tag);
      assertEquals((await changed.json()).rowCount, 3);
      await rowsOf(fetch, { sql: "DELETE FROM sale WHERE id = 1001", write: true }, as("write"));
      assertEquals((await (await fetch(url)).json()).rowCount, 2);
    },
  },
  {
    name: "tells entity tags of other questions, formats and callers apart",
    run: async (fetch) => {
      const tagOf = async (url: string, headers = {}) => {
        const answer = await fetch(url, { headers });
        await answer.body?.cancel();
        return answer.headers.get("etag");
      };
      const tags = [
        await tagOf(link("SELECT 1 AS a FROM sale")),
        await tagOf(link("SELECT 2 AS a FROM sale")),
        await tagOf(link("SELECT 1 AS a FROM sale"), { accept: "text/csv" }),
        await tagOf(link("SELECT 1 AS a FROM sale"), as("acme")),
        await tagOf(link("SELECT $1 AS a FROM sale", "&params=[1]")),
        await tagOf(link("SELECT $1 AS a FROM sale", "&params=[2]")),
      ];
      assertEquals(new Set(tags).size, tags.length);
      assert(tags.every((tag) => /^W\/"\w+\.\d+-\d+-\w+"$/.test(tag ?? "")));
    },
  },
  {
    name: "keeps nothing that depends on time or chance",
    run: async (fetch) => {
      for (const sql of ["SELECT now()", "SELECT random()", "SELECT * FROM liveview.views"]) {
        const answer = await fetch(link(sql), { headers: { "if-none-match": "*" } });
        assertEquals([answer.status, answer.headers.get("etag")], [200, null]);
        assertEquals(answer.headers.get("cache-control"), "no-store");
        await answer.body?.cancel();
      }
    },
  },
  {
    name: "reads your writes, and refuses versions that are not",
    run: async (fetch) => {
      const write = await fetch(
        "/v1/query",
        post({ sql: "INSERT INTO other VALUES (1002)", write: true }, as("write")),
      );
      const { version, changeCount } = await write.json();
      assertEquals(changeCount, 1);
      const read = await fetch("/v1/query", post({ sql: "SELECT count(*) FROM other", minVersion: version }));
      assert((await read.json()).version >= version);
      await refused(fetch, { sql: "SELECT 1", minVersion: version + 1_000_000 }, "version-unavailable", 409);
    },
  },
  {
    name: "refuses SQL that writes, whatever it looks like",
    run: async (fetch) => {
      const statements = [
        "DELETE FROM other",
        "WITH gone AS (DELETE FROM other RETURNING id) SELECT * FROM gone",
        "CREATE TABLE leak (id INTEGER)",
        "DROP TABLE other",
        "REFRESH MATERIALIZED VIEW by_region",
        "COPY other TO STDOUT",
        "BEGIN",
        "SELECT nextval('x')",
      ];
      for (const sql of statements) {
        await refused(fetch, { sql }, "access-denied", 403);
        const asWriter = await problemIn(await fetch("/v1/query", post({ sql }, as("write"))));
        assertEquals(asWriter.code, "access-denied", sql);
        assertEquals((await problemIn(await fetch(link(sql)))).code, "access-denied");
      }
    },
  },
  {
    name: "lets roles write what they may when they ask so",
    run: async (fetch) => {
      const send = (sql: string, role: "read" | "write" | "admin") =>
        fetch("/v1/query", post({ sql, write: true }, as(role)));
      assertEquals((await problemIn(await send("DELETE FROM other WHERE id = -1", "read"))).status, 403);
      assertEquals((await send("DELETE FROM other WHERE id = -1", "write")).status, 200);
      assertEquals((await problemIn(await send("CREATE TABLE made (id INTEGER)", "write"))).status, 403);
      assertEquals((await send("CREATE TABLE made (id INTEGER)", "admin")).status, 200);
      assertEquals((await send("DROP TABLE made", "admin")).status, 200);
      assertEquals((await problemIn(await send("BEGIN", "admin"))).code, "invalid-statement");
      const anonymous = await fetch("/v1/query", post({ sql: "DELETE FROM other", write: true }));
      assertEquals((await problemIn(anonymous)).status, 401);
    },
  },
  {
    name: "names what is wrong in a body",
    run: async (fetch) => {
      const problem = await problemIn(await fetch("/v1/query", post({ sqll: "SELECT 1" })));
      assertEquals(problem.status, 400);
      assertEquals(problem.details["issues"], [{
        pointer: "/sqll",
        reason: 'unknown field "sqll", did you mean "sql"?',
      }]);
      const wrong = await problemIn(await fetch("/v1/query", post({ sql: "SELECT 1", minVersion: "1" })));
      assertEquals((wrong.details["issues"] as { pointer: string }[])[0]!.pointer, "/minVersion");
      await refused(fetch, {}, "invalid-parameter", 400);
      await refused(fetch, { sql: "SELECT 1", query: {} }, "invalid-parameter", 400);
      const unknown = await problemIn(await fetch(link("SELECT 1", "&parms=[1]")));
      assertEquals(unknown.code, "invalid-parameter");
    },
  },
  {
    name: "refuses malformed JSON, other content types and bodies that are too large",
    run: async (fetch) => {
      const malformed = await problemIn(await fetch("/v1/query", post('{"sql": "SELECT 1",}')));
      assertEquals([malformed.status, malformed.details["line"], malformed.details["character"]], [
        400,
        1,
        20,
      ]);
      const typed = await problemIn(
        await fetch("/v1/query", {
          method: "POST",
          headers: { "content-type": "text/plain" },
          body: "SELECT 1",
        }),
      );
      assertEquals([typed.status, typed.code], [415, "unsupported-media-type"]);
      const large = await problemIn(
        await fetch("/v1/query", post({ sql: `SELECT '${"x".repeat(200_000)}'` })),
      );
      assertEquals([large.status, large.code], [413, "body-limit"]);
      assertEquals((await problemIn(await fetch("/v1/query", post("")))).status, 400);
      assertEquals((await problemIn(await fetch("/v1/query", post("[]")))).status, 400);
      const bytes = await fetch("/v1/query", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: Uint8Array.of(0x22, 0xff, 0x22),
      });
      assertEquals((await problemIn(bytes)).status, 400);
    },
  },
  {
    name: "tells where SQL is wrong",
    run: async (fetch) => {
      const problem = await problemIn(
        await fetch("/v1/query", post({ sql: "SELECT id,\n regoin FROM sale" })),
      );
      assertEquals([problem.status, problem.code], [400, "unknown-column"]);
      assertEquals([problem.place?.line, problem.place?.column], [2, 2]);
      assertEquals(problem.type, "urn:liveview:problem:unknown-column");
      await refused(fetch, { sql: "SELEC 1" }, "syntax-error", 400);
      await refused(fetch, { sql: "SELECT 1; SELECT 2" }, "invalid-statement", 400);
      await refused(fetch, { sql: "SELECT * FROM nowhere" }, "unknown-table", 404);
      await refused(fetch, { sql: "SELECT 1 / 0" }, "division-by-zero", 422);
    },
  },
  {
    name: "keeps members called __proto__ and constructor plain",
    run: async (fetch) => {
      const body = '{"sql": "SELECT 1 AS a", "__proto__": {"write": true}}';
      assertEquals((await problemIn(await fetch("/v1/query", post(body)))).status, 400);
      const params = '{"sql": "SELECT CAST($1 AS JSON) AS j", "params": ["{\\"__proto__\\": {\\"x\\": 1}}"]}';
      const answer = await fetch("/v1/query", post(params));
      assert((await answer.text()).includes('"__proto__"'));
      const named = '{"sql": "SELECT CAST(:constructor AS INTEGER) AS c", "params": {"constructor": 7}}';
      assertEquals((await (await fetch("/v1/query", post(named))).json()).rows, [{ c: 7 }]);
      assertEquals(({} as Record<string, unknown>)["x"], undefined);
      const odd = await fetch("/v1/query", post({ sql: `SELECT 1 AS "__proto__", 2 AS "constructor"` }));
      assert((await odd.text()).includes('{"__proto__":1,"constructor":2}'));
    },
  },
  {
    name: "compresses what is worth it",
    run: async (fetch) => {
      const sql = "SELECT repeat('abc', 1000) AS t FROM sale WHERE id = 1";
      const answer = await fetch(link(sql), { headers: { "accept-encoding": "gzip" } });
      const encoding = answer.headers.get("content-encoding");
      assert(encoding === null || encoding === "gzip", String(encoding));
      // A client that decompresses by itself may hide the header, or show it with the plain text.
      const bytes = new Uint8Array(await answer.arrayBuffer());
      const compressed = bytes[0] === 0x1f && bytes[1] === 0x8b;
      const plain = compressed
        ? new Response(bytes).body!.pipeThrough(new DecompressionStream("gzip"))
        : bytes;
      assert((await new Response(plain).text()).includes("abcabc"));
      const small = await fetch(link("SELECT 1"), { headers: { "accept-encoding": "gzip" } });
      // A runtime that compresses by itself decides by itself, and does not know the length before.
      if (small.headers.get("content-length") !== null) {
        assertEquals(small.headers.get("content-encoding"), null);
      }
      assert((await small.text()).includes('"rowCount":1'));
    },
  },
  {
    name: "streams what is large",
    run: async (fetch) => {
      const sql = "SELECT g AS n, repeat('x', 20) AS t FROM generate_series(1, 100000) AS s(g)";
      const answer = await fetch("/v1/query", post({ sql }, { accept: "application/x-ndjson" }));
      let lines = 0;
      for (const byte of new Uint8Array(await answer.arrayBuffer())) if (byte === 10) lines++;
      assertEquals(lines, 100_000);
    },
  },
];

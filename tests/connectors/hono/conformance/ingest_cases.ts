/**
 * `/ingest/:table` over HTTP: formats, batches, failures, keys that are sent again.
 *
 * Each case uses ids of its own, so that cases may share a database.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { as, type ConformanceCase, type Fetch, post, problemIn } from "./fixture.ts";

/** The report of an ingest. */
export interface Report {
  readonly rows: number;
  readonly skipped: number;
  readonly batches: number;
  readonly version: number;
  readonly errors: readonly { readonly row: number; readonly line?: number; readonly code: string }[];
  readonly resumedAfter?: number;
}

/** Sends a body to the table `event`. */
export function ingest(
  fetch: Fetch,
  body: BodyInit,
  type = "application/x-ndjson",
  { query = "", headers = {} }: { query?: string; headers?: Readonly<Record<string, string>> } = {},
): Promise<Response> {
  return fetch(`/v1/ingest/event${query}`, {
    method: "POST",
    headers: { "content-type": type, ...as("write"), ...headers },
    body,
    ...(body instanceof ReadableStream ? { duplex: "half" } : {}),
  } as RequestInit);
}

/** The report that an answer is. */
export async function reportOf(answer: Response): Promise<Report> {
  assertEquals(answer.status, 200, await answer.clone().text());
  return await answer.json();
}

/** Rows of `event` for which `where` holds. */
export async function countOf(fetch: Fetch, where: string): Promise<number> {
  const answer = await fetch("/v1/query", post({ sql: `SELECT count(*) AS n FROM event WHERE ${where}` }));
  return (await answer.json()).rows[0].n;
}

/** NDJSON rows with the ids from `from` on. */
export const lines = (from: number, count: number): string =>
  Array.from({ length: count }, (_, i) => `${JSON.stringify({ id: from + i, kind: "x", value: i })}\n`).join(
    "",
  );

/** See the module header. */
export const ingestCases: readonly ConformanceCase[] = [
  {
    name: "takes JSON rows, one object, and columns",
    run: async (fetch) => {
      const rows = [{ id: 1, kind: "a", value: 1.5, at: "2024-05-01T12:00:00Z" }, { id: 2, kind: "b" }];
      assertEquals((await reportOf(await ingest(fetch, JSON.stringify(rows), "application/json"))).rows, 2);
      const one = JSON.stringify({ id: 3, kind: "c", big: 4 });
      assertEquals((await reportOf(await ingest(fetch, one, "application/json"))).rows, 1);
      const columns = JSON.stringify({ id: [4, 5], kind: ["d", "e"] });
      assertEquals((await reportOf(await ingest(fetch, columns, "application/json"))).rows, 2);
      assertEquals(await countOf(fetch, "id BETWEEN 1 AND 5 AND label = 'none'"), 5);
      const kept = await fetch("/v1/query", post({ sql: "SELECT at FROM event WHERE id = 1" }));
      assertEquals((await kept.json()).rows, [{ at: "2024-05-01T12:00:00.000Z" }]);
    },
  },
  {
    name: "takes NDJSON in batches",
    run: async (fetch) => {
      const report = await reportOf(
        await ingest(fetch, lines(1000, 250) + "\n\r\n" + '{"id":1250,"kind":"last"}'),
      );
      assertEquals([report.rows, report.skipped, report.batches], [251, 0, 3]);
      assertEquals(await countOf(fetch, "id BETWEEN 1000 AND 1250"), 251);
    },
  },
  {
    name: "takes CSV and gzip",
    run: async (fetch) => {
      const csv = "id,kind,value,at\n2000,a,1.5,2024-05-01 12:00:00\n2001,b,,\n";
      assertEquals((await reportOf(await ingest(fetch, csv, "text/csv"))).rows, 2);
      assertEquals(await countOf(fetch, "id = 2001 AND value IS NULL"), 1);
      const stream = new Blob([lines(2010, 5)]).stream().pipeThrough(new CompressionStream("gzip"));
      const gzip = new Uint8Array(await new Response(stream).arrayBuffer());
      const answer = await ingest(fetch, gzip, undefined, { headers: { "content-encoding": "gzip" } });
      assertEquals((await reportOf(answer)).rows, 5);
    },
  },
  {
    name: "takes the Arrow stream that a query gives",
    run: async (fetch) => {
      const sql =
        "SELECT CAST(g + 3000 AS BIGINT) AS id, 'arrow' AS kind, CAST(g AS DOUBLE) AS value FROM generate_series(0, 9) AS s(g)";
      const arrow = await fetch(
        "/v1/query",
        post({ sql }, { accept: "application/vnd.apache.arrow.stream" }),
      );
      const bytes = new Uint8Array(await arrow.arrayBuffer());
      assertEquals(
        (await reportOf(await ingest(fetch, bytes, "application/vnd.apache.arrow.stream"))).rows,
        10,
      );
      assertEquals(await countOf(fetch, "kind = 'arrow' AND id BETWEEN 3000 AND 3009"), 10);
    },
  },
  {
    name: "keeps all digits of whole numbers",
    run: async (fetch) => {
      await reportOf(await ingest(fetch, '{"id":3500,"kind":"big","big":9007199254740993}\n'));
      const answer = await fetch("/v1/query", post({ sql: "SELECT big FROM event WHERE id = 3500" }));
      assertEquals((await answer.json()).rows, [{ big: "9007199254740993" }]);
    },
  },
  {
    name: "stops at the batch with an error, and says what is committed",
    run: async (fetch) => {
      const body = lines(4000, 150) + '{"id":4150,"kind":null}\n' + lines(4151, 100);
      const problem = await problemIn(await ingest(fetch, body));
      assertEquals([problem.status, problem.code], [422, "not-null-violation"]);
      assertEquals(problem.details["acknowledged"], 100);
      assertEquals(await countOf(fetch, "id BETWEEN 4000 AND 4999"), 100);
    },
  },
  {
    name: "names the line of malformed JSON, of values and of columns that are not",
    run: async (fetch) => {
      const malformed = await problemIn(await ingest(fetch, lines(5000, 3) + "{broken\n"));
      assertEquals([malformed.status, malformed.details["line"]], [400, 4]);
      const unfit = await problemIn(await ingest(fetch, lines(5000, 3) + '{"id":"many","kind":"x"}\n'));
      assertEquals([unfit.code, unfit.details["column"], unfit.details["line"]], ["invalid-input", "id", 4]);
      const unknown = await problemIn(await ingest(fetch, '{"id":5000,"knid":"x"}\n'));
      assertEquals([unknown.code, unknown.details["column"]], ["unknown-object", "knid"]);
      assert(unknown.hint?.includes("kind"));
      const array = await problemIn(await ingest(fetch, "[1]\n"));
      assertEquals(array.code, "invalid-input");
      assertEquals(await countOf(fetch, "id BETWEEN 5000 AND 5999"), 0);
    },
  },
  {
    name: "skips what cannot be inserted and reports it, bounded",
    run: async (fetch) => {
      const bad = [
        "{broken",
        '{"id":6000,"kind":"twice"}',
        '{"id":6201,"kind":null}',
        '{"id":6202,"kind":"x","value":-1}',
        '{"id":"x","kind":"x"}',
        '{"id":6203,"kind":"x","nope":1}',
        "17",
      ];
      const body = lines(6000, 120) + bad.join("\n") + "\n" + lines(6300, 10);
      const report = await reportOf(await ingest(fetch, body, undefined, { query: "?onError=skip" }));
      assertEquals([report.rows, report.skipped, report.errors.length], [130, 7, 5]);
      assertEquals(await countOf(fetch, "id BETWEEN 6000 AND 6999"), 130);
      assert(report.errors.every(({ line }) => line !== undefined && line > 120 && line <= 127));
    },
  },
  {
    name: "skips rows of JSON and CSV too",
    run: async (fetch) => {
      const rows = JSON.stringify([{ id: 7000, kind: "a" }, { id: 7000, kind: "b" }, {
        id: 7001,
        kind: "c",
      }]);
      const json = await reportOf(await ingest(fetch, rows, "application/json", { query: "?onError=skip" }));
      assertEquals([json.rows, json.errors.map(({ row, code }) => [row, code])], [2, [[2, "duplicate-key"]]]);
      const csv = "id,kind,value\n7010,a,1\n7011,b,much\n7012,c,3\n";
      const text = await reportOf(await ingest(fetch, csv, "text/csv", { query: "?onError=skip" }));
      assertEquals([text.rows, text.errors.map(({ row }) => row)], [2, [2]]);
      const whole = await problemIn(await ingest(fetch, csv.replaceAll("701", "702"), "text/csv"));
      assertEquals(whole.status, 400);
    },
  },
  {
    name: "carries out an Idempotency-Key once",
    run: async (fetch) => {
      const headers = { "idempotency-key": "key-8000" };
      const send = (body: string, type?: string) => ingest(fetch, body, type, { headers });
      const [first, second] = await Promise.all([send(lines(8000, 10)), send(lines(8000, 10))]);
      const [one, two] = [await reportOf(first!), await reportOf(second!)];
      assertEquals(one, two);
      assertEquals(
        [first, second].map((a) => a!.headers.get("idempotency-replayed")).sort(),
        ["true", null].sort(),
      );
      assertEquals(await countOf(fetch, "id BETWEEN 8000 AND 8999"), 10);
      const other = await problemIn(await send(JSON.stringify({ id: 8500, kind: "x" }), "application/json"));
      assertEquals([other.status, other.code], [422, "idempotency-conflict"]);
      const odd = await ingest(fetch, "", undefined, { headers: { "idempotency-key": "k".repeat(300) } });
      assertEquals((await problemIn(odd)).status, 400);
    },
  },
  {
    name: "tells each commit to a caller that reads NDJSON",
    run: async (fetch) => {
      const answer = await ingest(fetch, lines(9000, 250), undefined, {
        headers: { accept: "application/x-ndjson" },
      });
      const told = (await answer.text()).trimEnd().split("\n").map((line) => JSON.parse(line));
      assertEquals(told.map(({ rows }) => rows), [100, 200, 250, 250]);
      assertEquals([told[3].done, told[3].batches], [true, 3]);
      const failing = await ingest(fetch, lines(9300, 100) + "{\n", undefined, {
        headers: { accept: "application/x-ndjson" },
      });
      const last = JSON.parse((await failing.text()).trimEnd().split("\n").at(-1)!);
      assertEquals([last.problem.code, last.problem.details.acknowledged], ["invalid-input", 100]);
    },
  },
  {
    name: "refuses callers, tables, types and parameters that do not fit",
    run: async (fetch) => {
      const send = (path: string, headers: Readonly<Record<string, string>>, body = lines(10_000, 1)) =>
        fetch(path, { method: "POST", headers, body });
      const ndjson = { "content-type": "application/x-ndjson" };
      const statusOf = async (answer: Promise<Response>) => (await problemIn(await answer)).status;
      assertEquals(await statusOf(send("/v1/ingest/event", ndjson)), 401);
      assertEquals(await statusOf(send("/v1/ingest/event", { ...ndjson, ...as("read") })), 403);
      assertEquals(await statusOf(send("/v1/ingest/nowhere", { ...ndjson, ...as("write") })), 404);
      assertEquals(await statusOf(send("/v1/ingest/by_region", { ...ndjson, ...as("write") })), 404);
      assertEquals(
        await statusOf(send("/v1/ingest/..%2F..%2Fetc%2Fpasswd", { ...ndjson, ...as("write") })),
        404,
      );
      assertEquals(
        await statusOf(send("/v1/ingest/event", { "content-type": "text/html", ...as("write") })),
        415,
      );
      assertEquals(await statusOf(send("/v1/ingest/event?onEror=skip", { ...ndjson, ...as("write") })), 400);
      const encoded = { ...ndjson, ...as("write"), "content-encoding": "br" };
      assertEquals(await statusOf(send("/v1/ingest/event", encoded)), 415);
      const long = `{"id":10000,"kind":"${"x".repeat(150_000)}"}`;
      assertEquals(await statusOf(send("/v1/ingest/event", { ...ndjson, ...as("write") }, long)), 400);
      const large = `[${long}]`;
      const json = { "content-type": "application/json", ...as("write") };
      assertEquals(await statusOf(send("/v1/ingest/event", json, large)), 413);
      assertEquals(await countOf(fetch, "id = 10000"), 0);
    },
  },
  {
    name: "keeps columns called __proto__ and constructor plain",
    run: async (fetch) => {
      const send = (body: string, type = "application/x-ndjson") =>
        fetch("/v1/ingest/odd", { method: "POST", headers: { "content-type": type, ...as("write") }, body });
      await reportOf(await send('{"__proto__":"p","constructor":"c"}\n{"a\\"b":"x"}\n'));
      await reportOf(await send(`[${Array(12).fill('{"__proto__":"p"}').join()}]`, "application/json"));
      await reportOf(await send("__proto__,constructor\np,c\n", "text/csv"));
      const sql = `SELECT count("__proto__") AS p, count("constructor") AS c, count(*) AS n FROM odd`;
      const answer = await fetch("/v1/query", post({ sql }));
      assertEquals((await answer.json()).rows, [{ p: 14, c: 2, n: 15 }]);
      assertEquals(
        await fetch("/v1/ingest/event", post('{"id":1,"__proto__":{"kind":"x"}}', as("write"))).then(
          problemIn,
        ).then((p) => p.status),
        404,
      );
      assertEquals(({} as Record<string, unknown>)["kind"], undefined);
    },
  },
];

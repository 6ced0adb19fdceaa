/**
 * The routes around queries: plans, descriptions, views, charts, metrics, health, the OpenAPI document, plugins.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { as, type ConformanceCase, type Fetch, post, problemIn } from "./fixture.ts";

async function json(fetch: Fetch, path: string, init?: RequestInit) {
  const answer = await fetch(path, init);
  assertEquals(answer.status, 200, await answer.clone().text());
  return await answer.json();
}

async function textOf(fetch: Fetch, path: string): Promise<string> {
  const answer = await fetch(path);
  assertEquals(answer.status, 200);
  return await answer.text();
}

/** See the module header. */
export const serviceCases: readonly ConformanceCase[] = [
  {
    name: "explains queries, and counts what they do",
    run: async (fetch) => {
      const sql = "SELECT region, sum(amount) FROM sale WHERE id > $1 GROUP BY region";
      const plan = await json(fetch, "/v1/explain", post({ sql, params: [1] }));
      assertEquals([plan.tables, plan.isRepeatable, plan.elapsedMs], [["sale"], true, null]);
      assert(plan.plan.join("\n").includes("sale"));
      const analyzed = await json(
        fetch,
        `/v1/explain?sql=${encodeURIComponent("SELECT count(*) FROM sale")}&analyze=true`,
      );
      assert(analyzed.operators.length > 0 && analyzed.elapsedMs >= 0);
      const writes = await problemIn(
        await fetch("/v1/explain", post({ sql: "DELETE FROM sale", analyze: true })),
      );
      assert(writes.status >= 400);
    },
  },
  {
    name: "describes tables and views, with roles",
    run: async (fetch) => {
      const { relations, timeZone } = await json(fetch, "/v1/describe");
      const sale = relations.find((relation: { name: string }) => relation.name === "sale");
      assertEquals(sale.columns[0], { name: "id", type: "INTEGER", nullable: false, key: "primary" });
      assertEquals([sale.kind, timeZone], ["table", "UTC"]);
      const one = await json(fetch, "/v1/describe/sale");
      const roles = Object.fromEntries(
        one.columns.map((column: { name: string; role: string }) => [column.name, column.role]),
      );
      assertEquals([roles["day"], roles["amount"]], ["time", "measure"]);
      const problem = await problemIn(await fetch("/v1/describe/sales"));
      assertEquals([problem.status, problem.hint], [404, 'did you mean "sale"?']);
    },
  },
  {
    name: "tells what a table reaches",
    run: async (fetch) => {
      const { upstream, downstream, views } = await json(fetch, "/v1/lineage/sale");
      assertEquals(upstream, []);
      const { views: all } = await json(fetch, "/v1/views");
      const readers = downstream.map((edge: { reader: string }) => edge.reader);
      assert(all.length > 0 && all.every((view: { name: string }) => readers.includes(view.name)));
      assertEquals(views.length, all.length);
      const problem = await problemIn(await fetch("/v1/lineage/sales"));
      assertEquals([problem.status, problem.code], [404, "unknown-object"]);
    },
  },
  {
    name: "tells how views are doing, and refreshes them for writers",
    run: async (fetch) => {
      const { views } = await json(fetch, "/v1/views");
      assertEquals(views.map((view: { name: string }) => view.name), ["by_region"]);
      const one = await json(fetch, "/v1/views/by_region");
      assertEquals(one.status.refreshMode, "incremental");
      assert(Array.isArray(one.history));
      const refreshed = await json(fetch, "/v1/views/by_region/refresh", post({ full: true }, as("write")));
      assertEquals(refreshed.status.state, "current");
      assertEquals(
        (await problemIn(await fetch("/v1/views/by_region/refresh", post({}, as("read"))))).status,
        403,
      );
      assertEquals((await problemIn(await fetch("/v1/views/nothing"))).status, 404);
      assert((await json(fetch, "/v1/circuit")).operators.length > 0);
    },
  },
  {
    name: "compiles and presents charts",
    run: async (fetch) => {
      const chart = await json(fetch, "/v1/charts/list", post({ spec: { table: "sale" } }));
      assertEquals(chart.spec.values[0], { id: 1 });
      assertEquals(chart.unsupported, [{ path: "/color", reason: "lists have no colour" }]);
      const follow = await json(fetch, "/v1/query", post({ sql: chart.datasets[0].sql }));
      assertEquals(follow.rows, chart.spec.values);
      const bare = await json(fetch, "/v1/charts/list", post({ spec: { table: "sale" }, rows: false }));
      assertEquals(bare.spec.values, []);
      const ready = await json(fetch, "/v1/charts/list?view=by_region&title=Regions");
      assertEquals([ready.names, ready.title], [["region", "total", "sales"], "Regions"]);
      const sql = encodeURIComponent("SELECT day FROM sale WHERE id = 1");
      assertEquals((await json(fetch, `/v1/charts/list?sql=${sql}`)).rows, [{ day: "2024-05-01" }]);
    },
  },
  {
    name: "refuses charts that are none",
    run: async (fetch) => {
      const statusOf = async (path: string, init?: RequestInit) =>
        (await problemIn(await fetch(path, init))).status;
      assertEquals(await statusOf("/v1/charts/lits", post({ spec: {} })), 404);
      assertEquals(await statusOf("/v1/charts/list", post({ spec: { table: "nowhere" } })), 404);
      assertEquals(await statusOf("/v1/charts/list", post({ spec: "sale" })), 400);
      assertEquals(await statusOf("/v1/charts/list"), 400);
      assertEquals(await statusOf("/v1/charts/list?view=nowhere"), 404);
      assertEquals(await statusOf("/v1/charts/list?view=sale&timeZone=Mars/Olympus"), 400);
      assertEquals(
        await statusOf(`/v1/charts/list?view=${encodeURIComponent('sale"; DROP TABLE sale; --')}`),
        404,
      );
      assertEquals(await statusOf(`/v1/charts/list?sql=${encodeURIComponent("DELETE FROM sale")}`), 403);
    },
  },
  {
    name: "writes metrics for Prometheus",
    run: async (fetch) => {
      await textOf(fetch, "/v1/health");
      const answer = await fetch("/v1/metrics");
      assertEquals(answer.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
      const text = await answer.text();
      assert(text.endsWith("\n"));
      for (const line of text.trimEnd().split("\n")) {
        assert(
          /^# (HELP|TYPE) liveview_\w+ .+$/.test(line) ||
            /^liveview_\w+(\{(\w+="([^"\\]|\\.)*",?)+\})? (-?\d[\d.e+-]*|\+Inf|NaN)$/.test(line),
          line,
        );
      }
      assert(text.includes('liveview_view_rows{view="by_region"} 2'));
      assert(/liveview_http_requests_total\{method="GET",route="\/health",status="200"\} \d+/.test(text));
      assert(/duration_seconds_bucket\{route="\/health",le="\+Inf"\} \d+/.test(text));
      const names = text.split("\n").filter((line) => line.startsWith("# TYPE")).map((line) =>
        line.split(" ")[2]
      );
      assertEquals(new Set(names).size, names.length);
    },
  },
  {
    name: "says that it is well and ready",
    run: async (fetch) => {
      for (const path of ["/v1/health", "/v1/ready"]) {
        const body = await json(fetch, path);
        assertEquals(body.status, "ok");
        assert(body.instance.length > 0);
      }
    },
  },
  {
    name: "documents every route",
    run: async (fetch) => {
      const document = await json(fetch, "/v1/openapi.json");
      assertEquals(document.openapi, "3.1.0");
      const ids: string[] = [];
      for (const [path, methods] of Object.entries<Record<string, Record<string, unknown>>>(document.paths)) {
        for (const [method, operation] of Object.entries(methods)) {
          ids.push(String(operation["operationId"]));
          const concrete = path.replaceAll(/\{[^}]+\}/g, "x");
          const answer = await fetch(concrete, { method: method.toUpperCase() });
          await answer.body?.cancel();
          assert(answer.status !== 405, `${method} ${path}`);
          const named = [...path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name);
          const described = (operation["parameters"] ?? []) as readonly { in: string; name: string }[];
          assertEquals(described.filter((one) => one.in === "path").map(({ name }) => name), named);
        }
      }
      assertEquals(new Set(ids).size, ids.length);
      for (
        const path of [
          "/v1/query",
          "/v1/ingest/{table}",
          "/v1/charts/{kind}",
          "/v1/greetings/{name}",
          "/v1/live",
        ]
      ) {
        assert(path in document.paths, path);
      }
      const body = document.paths["/v1/query"].post.requestBody.content["application/json"].schema;
      assertEquals([body.type, body.additionalProperties, body.properties.sql.type], [
        "object",
        false,
        "string",
      ]);
    },
  },
  {
    name: "serves routes of plugins like its own",
    run: async (fetch) => {
      const path = "/v1/greetings/J%C3%BCrgen%2F1";
      assertEquals((await problemIn(await fetch(path))).status, 401);
      assertEquals((await problemIn(await fetch(path, { headers: as("read") }))).status, 403);
      assertEquals(await json(fetch, path, { headers: as("write") }), {
        hello: "Jürgen/1",
        by: "holder of key-of-writer",
        tenant: null,
      });
      const wrong = await fetch(path, { method: "DELETE", headers: as("write") });
      assertEquals([wrong.status, wrong.headers.get("allow")], [405, "GET"]);
      await wrong.body?.cancel();
    },
  },
  {
    name: "names routes that are not, and methods that a route has not",
    run: async (fetch) => {
      const unknown = await problemIn(await fetch("/v1/qurey"));
      assertEquals([unknown.status, unknown.code, unknown.details["nearest"]], [
        404,
        "unknown-route",
        "/v1/query",
      ]);
      assert(unknown.detail.includes("/v1/qurey"));
      const method = await fetch("/v1/query", { method: "DELETE" });
      assertEquals([method.status, method.headers.get("allow")], [405, "POST, GET"]);
      assertEquals((await problemIn(method)).code, "method-not-allowed");
      for (const path of ["/v1/../../etc/passwd", "/v1/%2e%2e/%2e%2e/etc/passwd", "/v1/query/", "/v1", "/"]) {
        assertEquals((await problemIn(await fetch(path))).status, 404, path);
      }
    },
  },
  {
    name: "keeps line breaks of paths and parameters out of headers",
    run: async (fetch) => {
      const evil = "x%0d%0aSet-Cookie:%20a=b%0d%0a%0d%0a<script>";
      for (
        const path of [
          `/v1/describe/${evil}`,
          `/v1/charts/${evil}`,
          `/v1/query?sql=SELECT%201&format=${evil}`,
          `/v1/${evil}`,
        ]
      ) {
        const answer = await fetch(path);
        assertEquals(answer.headers.get("set-cookie"), null);
        assert((await problemIn(answer)).status < 500);
      }
    },
  },
  {
    name: "sends security headers, and lets only the named origin in",
    run: async (fetch) => {
      const answer = await fetch("/v1/health", { headers: { origin: "https://dashboard.example" } });
      await answer.body?.cancel();
      assertEquals(answer.headers.get("x-content-type-options"), "nosniff");
      assertEquals(answer.headers.get("x-frame-options"), "SAMEORIGIN");
      assertEquals(answer.headers.get("access-control-allow-origin"), "https://dashboard.example");
      const other = await fetch("/v1/health", { headers: { origin: "https://evil.example" } });
      await other.body?.cancel();
      assert(other.headers.get("access-control-allow-origin") !== "https://evil.example");
      const preflight = await fetch("/v1/query", {
        method: "OPTIONS",
        headers: { origin: "https://dashboard.example", "access-control-request-method": "POST" },
      });
      assertEquals(preflight.status, 204);
      assert(preflight.headers.get("access-control-allow-headers")?.includes("Idempotency-Key"));
      const failed = await fetch("/v1/qurey", { headers: { origin: "https://dashboard.example" } });
      await failed.body?.cancel();
      assertEquals(failed.headers.get("access-control-allow-origin"), "https://dashboard.example");
    },
  },
  {
    name: "answers HEAD without a body",
    run: async (fetch) => {
      const answer = await fetch("/v1/query?sql=SELECT%201", { method: "HEAD" });
      assertEquals([answer.status, await answer.text()], [200, ""]);
    },
  },
];

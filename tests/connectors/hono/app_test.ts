/** The app below another, routes of plugins, and the OpenAPI document as JSON Schema. */
import { describe, it } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import { Hono } from "hono";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { liveviewApp } from "../../../connectors/hono/app.ts";
import { edgeApp } from "../../../connectors/hono/edge_app.ts";
import { createDatabase, definePlugin, type HttpRoute, httpRoutes, PluginError } from "../../../mod.ts";
import { inProcess, problemIn } from "./conformance/fixture.ts";

function withRoutes(...routes: readonly HttpRoute[]) {
  const plugin = definePlugin({
    name: "routes",
    setup: () => ({ api: {}, provides: routes.map((route) => httpRoutes.of(route)) }),
  });
  return liveviewApp(createDatabase({ plugins: [plugin] }), { anonymous: "read" });
}

const route = (path: string, more: Partial<HttpRoute> = {}): HttpRoute => ({
  method: "GET",
  path,
  summary: "A route",
  handle: () => new Response("here"),
  ...more,
});

describe("liveviewApp()", () => {
  it("can be mounted below any path, with its errors", async () => {
    const outer = new Hono();
    outer.route("/a/b", liveviewApp(createDatabase()));
    outer.get("/own", (c) => c.text("own"));
    const fetch = async (path: string) => await outer.fetch(new Request(`http://localhost${path}`));
    assertEquals((await (await fetch("/a/b/v1/query?sql=SELECT%201%20AS%20a")).json()).rows, [{ a: 1 }]);
    assertEquals((await problemIn(await fetch("/a/b/v1/query?sql=SELECT%20x"))).code, "unknown-column");
    assertEquals((await problemIn(await fetch("/a/b/v1/qurey"))).details["nearest"], "/v1/query");
    assertEquals(await (await fetch("/own")).text(), "own");
  });

  it("answers when nothing is allowed to anybody", async () => {
    const app = liveviewApp(createDatabase(), { anonymous: "none" });
    const problem = await problemIn(await app.request("/v1/query?sql=SELECT%201"));
    assertEquals([problem.status, problem.code], [401, "unauthenticated"]);
    assertEquals((await app.request("/v1/health")).status, 200);
  });
});

describe("edgeApp()", () => {
  it("has no Arrow, and says so", async () => {
    const db = createDatabase();
    await db.exec("CREATE TABLE t (v INTEGER)");
    const app = edgeApp(db, { anonymous: "write" });
    const type = "application/vnd.apache.arrow.stream";
    const accept = await problemIn(
      await app.request("/v1/query?sql=SELECT%201", { headers: { accept: type } }),
    );
    assertEquals(accept.code, "not-acceptable");
    const sent = await app.request("/v1/ingest/t", {
      method: "POST",
      headers: { "content-type": type },
      body: "",
    });
    assertEquals((await problemIn(sent)).status, 415);
    const document = await (await app.request("/v1/openapi.json")).text();
    assert(!document.includes("apache.arrow"));
  });
});

describe("routes of plugins", () => {
  it("throw problems like any other, and their own faults are kept", async () => {
    const app = withRoutes(
      route("/fails", {
        handle: () => {
          throw new TypeError("secret");
        },
      }),
      route("/open", { access: "public" }),
    );
    const problem = await problemIn(await app.request("/v1/fails"));
    assertEquals([problem.status, problem.code], [500, "invariant"]);
    assert(!JSON.stringify(problem).includes("secret"));
    assertEquals(await (await app.request("/v1/open")).text(), "here");
  });

  it("are refused where a path is none or taken", () => {
    for (const path of ["nothing", "/a b", "/../x/*", "/:"]) {
      assertThrows(() => withRoutes(route(path)), PluginError, "without a path");
    }
    assertThrows(() => withRoutes(route("/query")), PluginError, "exists already");
    assertThrows(() => withRoutes(route("/x"), route("/x")), PluginError, "exists already");
  });
});

describe("/openapi.json", () => {
  it("holds JSON Schema 2020-12 alone, with what it refers to", async () => {
    const fetch = await inProcess();
    const document = await (await fetch("/v1/openapi.json")).json();
    const ajv = new Ajv2020({ strict: false });
    let count = 0;
    const visit = (node: unknown): void => {
      if (typeof node !== "object" || node === null) return;
      for (const [name, child] of Object.entries(node)) {
        if (name === "schema" && typeof child === "object" && !("$ref" in child)) {
          ajv.compile(child);
          count++;
        } else if (name === "$ref") {
          const found = String(child).slice(2).split("/").reduce<unknown>(
            (at, part) => Object(at)[part],
            document,
          );
          assert(found !== undefined, String(child));
        } else visit(child);
      }
    };
    visit(document);
    assert(count > 30, String(count));
  });
});

/**
 * What HTTP has to do on every runtime. Each `*_http_test.ts` beside it runs it against a server of one runtime.
 *
 * @module
 */
import { after, before, describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import type { RunningServer } from "./server/running_server.ts";

/** Registers the suite; the server is started before it and ended after it. */
export function httpSuite(runtime: string, start: () => Promise<RunningServer>): void {
  describe(`HTTP on ${runtime}`, () => {
    let server: RunningServer | undefined;
    before(async () => {
      server = await start();
    });
    after(() => server?.close());

    const fetchPath = (path: string, init?: RequestInit): Promise<Response> => {
      if (server === undefined) throw new Error(`${runtime} did not start`);
      return fetch(server.url + path, init);
    };
    const query = (sql: string): Promise<Response> =>
      fetchPath("/v1/query", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ sql }),
      });

    it("answers a query", async () => {
      const response = await query("SELECT 40 + 2 AS answer");
      assertEquals(response.status, 200);
      assertEquals((await response.json()).rows, [{ answer: 42 }]);
    });

    it("keeps a view up to date", async () => {
      for (
        const sql of [
          "CREATE TABLE sale (region TEXT, price DECIMAL(15,2))",
          "CREATE MATERIALIZED VIEW total AS SELECT region, sum(price) AS revenue FROM sale GROUP BY region",
          "INSERT INTO sale VALUES ('north', 9.5), ('south', 3), ('north', 0.5)",
        ]
      ) {
        const response = await query(sql);
        assertEquals(response.status, 200);
        await response.body?.cancel();
      }
      const response = await query("SELECT * FROM total ORDER BY region");
      assertEquals((await response.json()).rows, [{ region: "north", revenue: 10 }, {
        region: "south",
        revenue: 3,
      }]);
    });

    it("answers errors with problem documents", async () => {
      const response = await query("SELECT nothing");
      assertEquals(response.status, 400);
      assert(response.headers.get("content-type")?.startsWith("application/problem+json"));
      assertEquals((await response.json()).code, "unknown-column");
    });

    it("is healthy", async () => {
      const response = await fetchPath("/v1/health");
      assertEquals(response.status, 200);
      await response.body?.cancel();
    });
  });
}

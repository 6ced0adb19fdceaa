import { after, before, describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { createClient } from "../../../connectors/client/client.ts";
import { type RunningServer, startDeno } from "../../runtime/server/running_server.ts";

describe("the example for Deno Deploy", () => {
  let server: RunningServer;
  before(async () => {
    server = await startDeno("examples/deno_deploy/main.ts", { LIVEVIEW_KEY: "a key" });
  });
  after(() => server.close());

  it("takes readings from who has the key, and shows everyone their averages", async () => {
    const rows = [
      { at: "2024-05-01T12:00:10Z", sensor: "roof", celsius: 20 },
      { at: "2024-05-01T12:00:50Z", sensor: "roof", celsius: 21 },
    ];
    const collector = createClient(server.url, { headers: { "x-api-key": "a key" } });
    assertEquals((await collector.ingest("reading", rows)).rowCount, 2);
    const reader = createClient(server.url);
    const { rows: minutes } = await reader.query("SELECT sensor, celsius, readings FROM by_minute");
    assertEquals(minutes, [{ sensor: "roof", celsius: 20.5, readings: 2 }]);
    const refused = await fetch(`${server.url}/v1/ingest/reading`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(rows),
    });
    await refused.body?.cancel();
    assertEquals(refused.status, 401);
  });
});

import { after, before, describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { createClient } from "../../../connectors/client/client.ts";
import { type RunningServer, startBun } from "../../runtime/server/running_server.ts";

describe("the example for Bun", () => {
  let server: RunningServer;
  before(async () => {
    server = await startBun("examples/bun/main.ts", { PORT: "0" });
  });
  after(() => server.close());

  it("counts votes and tells a socket", async () => {
    const client = createClient(server.url);
    await client.ingest("vote", [{ choice: "a" }, { choice: "b" }, { choice: "a" }]);
    const socket = new WebSocket(`${server.url.replace("http", "ws")}/v1/socket`);
    const messages: string[] = [];
    let wake = (): void => {};
    socket.onmessage = ({ data }) => {
      messages.push(String(data));
      wake();
    };
    const next = async (): Promise<Record<string, unknown>> => {
      while (messages.length === 0) await new Promise<void>((resolve) => wake = resolve);
      return JSON.parse(messages.shift()!);
    };
    await new Promise((resolve) => socket.onopen = resolve);
    socket.send(
      JSON.stringify({ type: "subscribe", id: "1", sql: "SELECT votes FROM result WHERE choice = 'a'" }),
    );
    assertEquals((await next()).type, "snapshot");
    await client.ingest("vote", [{ choice: "a" }]);
    const change = await next();
    assertEquals([change.type, change.deleted, change.inserted], ["delta", [[2]], [[3]]]);
    const closed = new Promise((resolve) => socket.onclose = resolve);
    socket.close();
    await closed;
  });
});

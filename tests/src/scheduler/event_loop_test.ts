import { describe, it } from "node:test";
import { connect, createServer, type Socket } from "node:net";
import { once } from "node:events";
import { assert } from "@std/assert";
import { createYieldTurn } from "../../../src/scheduler/event_loop.ts";

/** Keeps the thread busy for a millisecond at a time until `until` is true or two seconds are over. */
async function busy(until: () => boolean): Promise<void> {
  const yieldTurn = createYieldTurn();
  const endMs = performance.now() + 2000;
  while (!until() && performance.now() < endMs) {
    const sliceEndMs = performance.now() + 1;
    while (performance.now() < sliceEndMs);
    await yieldTurn();
  }
}

describe("createYieldTurn()", () => {
  it("lets timers run", async () => {
    let ran = false;
    setTimeout(() => ran = true, 20);
    await busy(() => ran);
    assert(ran);
  });

  it("lets sockets be read", async () => {
    let received = "";
    const server = createServer((socket: Socket) => {
      socket.on("data", (data) => received += String(data));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    assert(address !== null && typeof address === "object");
    const client = connect(address.port, "127.0.0.1");
    client.write("a");
    await busy(() => received !== "");
    client.destroy();
    server.close();
    assert(received === "a");
  });
});

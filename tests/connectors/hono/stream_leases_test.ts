import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { StreamLeases } from "../../../connectors/hono/live/stream_leases.ts";

describe("StreamLeases", () => {
  it("ends streams that have not renewed their lease, and no others", async () => {
    const leases = new StreamLeases(0.1);
    const ended: string[] = [];
    const streams = ["silent", "released", "renewed"].map((name) => ({ end: () => void ended.push(name) }));
    for (const stream of streams) leases.renew(stream);
    leases.sweep();
    await new Promise((resolve) => setTimeout(resolve, 5));
    leases.release(streams[1]!);
    leases.renew(streams[2]!);
    leases.sweep();
    leases.sweep();
    assertEquals(ended, ["silent"]);
  });
});

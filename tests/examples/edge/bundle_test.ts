/** What an edge isolate gets: nothing of another runtime in it, and it answers soon. */
import { describe, it } from "node:test";
import { availableParallelism, loadavg } from "node:os";
import { assert, assertEquals } from "@std/assert";
import { type Bundle, bundle } from "../../../examples/edge/bundle.ts";
import { bytesByPart, EXTENTS, sizeOf } from "../../../examples/edge/bundle_size.ts";
import { coldStarts } from "../../../examples/edge/cold_start.ts";

/** Kernel, views and adapter; a ceiling, so that nothing large comes in unseen. */
const GZIP_BYTES_MAX = 500_000;
const COLD_START_MS = 150;

async function largest(): Promise<Bundle> {
  return await bundle({ source: EXTENTS.at(-1)!.source, target: "edge" });
}

describe("the bundle for an edge", () => {
  it("imports nothing of any runtime and compiles no text", async () => {
    const built = await largest();
    assertEquals(built.imports, []);
    const banned = /(?<![\w.#])(eval\(|new Function\(|require\(["'`])|WebAssembly\.(compile|instantiate)\b/;
    assertEquals(banned.exec(built.code)?.[0], undefined);
  });

  it("is not larger than it was, and says where its bytes come from", async () => {
    const built = await largest();
    const { gzip, brotli, minified } = sizeOf("all", built);
    assert(gzip <= GZIP_BYTES_MAX, `${gzip} bytes compressed`);
    assert(brotli < gzip);
    const parts = bytesByPart(built);
    assert(parts.some(([part]) => part === "npm:hono"));
    assert(parts.reduce((sum, [, bytes]) => sum + bytes, 0) <= minified);
  });

  it(`answers the first query of a new isolate within ${COLD_START_MS} ms`, async () => {
    const starts = await coldStarts(7);
    for (const { answer } of starts) {
      assertEquals(JSON.parse(answer).rows, [{ region: "north", revenue: 9.5 }, {
        region: "south",
        revenue: 3,
      }]);
    }
    // Other work on the machine makes all of them slower, by as much as there is more of it than cores.
    const crowd = Math.max(1, loadavg()[0]! / availableParallelism());
    const best = Math.min(...starts.map(({ ms }) => ms));
    assert(best <= COLD_START_MS * crowd, `the best took ${best} ms, the load is ${crowd}`);
  });
});

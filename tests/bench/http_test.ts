/** The bench of the HTTP adapter runs, and its figures are figures. */
import { describe, it } from "node:test";
import { assert } from "@std/assert";
import { inProcess } from "../../bench/http.ts";

describe("bench/http.ts", () => {
  it("measures tiles and ingest in process", async () => {
    for (const { name, value } of await inProcess({ seconds: 0.1, ratePerSecond: 400, rows: 2_000 })) {
      assert(value > 0 && Number.isFinite(value), name);
    }
  });
});

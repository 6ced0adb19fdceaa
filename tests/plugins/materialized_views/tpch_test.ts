/**
 * The 22 queries of TPC-H as maintained views under the refresh functions and random updates: after every commit
 * each must have the rows that the batch executor computes, bit for bit.
 */
import process from "node:process";
import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { TPCH_QUERIES } from "../../../examples/tpch/queries.ts";
import { TpchHistory } from "../../oracle/tpch_history.ts";

const SEED = Number(process.env["LIVEVIEW_SEED"] ?? 3);
const COMMITS = 15 * Number(process.env["LIVEVIEW_RUNS"] ?? 1);

describe("TPC-H as materialized views", () => {
  it("equals the queries after every commit of refreshes and random updates", async () => {
    const history = await TpchHistory.start({ scaleFactor: 0.01 }, SEED);
    await using db = history.db;
    for (const { name } of TPCH_QUERIES) {
      assertEquals(db.plugins.materializedViews.status(name).refreshMode, "incremental");
    }
    assertEquals(await history.differences(), [], "when created");
    for (let i = 0; i < COMMITS; i++) {
      const commit = await history.commit();
      assertEquals(await history.differences(), [], `after ${commit}, LIVEVIEW_SEED=${SEED}`);
    }
  });
});

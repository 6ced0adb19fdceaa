import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { ManualClock } from "../../../src/base/clock.ts";
import { openOrderDesk } from "../../../examples/dashboard/order_desk.ts";

const NOON = Date.parse("2026-03-01T12:00:00Z");
const RECOMPUTED = `
  SELECT o_orderkey, o_totalprice, c_mktsegment, n_name FROM orders
  JOIN customer ON c_custkey = o_custkey JOIN nation ON n_nationkey = c_nationkey
  WHERE placed_at > now() - INTERVAL '30 minutes'`;

describe("openOrderDesk()", () => {
  it("begins with half an hour of orders, which leave by the clock", async () => {
    const clock = new ManualClock(NOON);
    await using desk = await openOrderDesk({ clock, seed: 1, ordersPerSecond: 0 });
    const count = async () =>
      Number((await desk.db.query("SELECT count(*) AS n FROM recent_orders")).column("n")[0]);
    const before = await count();
    assert(before > 1600 && before <= 1800, `${before}`);
    clock.advance(15 * 60_000);
    const half = await count();
    assert(half > 0.35 * before && half < 0.65 * before, `${half} of ${before}`);
    clock.advance(30 * 60_000);
    assertEquals(await count(), 0);
  });

  it("places orders by itself, and its view follows", async () => {
    // The clock stands still, so that the view and its query mean the same half hour.
    await using desk = await openOrderDesk({ clock: new ManualClock(NOON), seed: 1, ordersPerSecond: 200 });
    const { version } = desk.db;
    while (desk.db.version < version + 20) await new Promise((resolve) => setTimeout(resolve, 5));
    await desk.db.transaction(async (tx) => {
      const recomputed = await tx.query(RECOMPUTED);
      const view = await tx.query("SELECT order_key, price, segment, nation FROM recent_orders");
      const texts = (rows: readonly unknown[][]) => rows.map((row) => row.join()).sort();
      assertEquals(texts(view.rows()), texts(recomputed.rows()));
    });
  });
});

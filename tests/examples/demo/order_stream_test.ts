/**
 * The stream of the demo: dates of new orders, and that it can be applied while a view follows it.
 *
 * @module
 */
import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { createDatabase, ManualClock, materializedViews } from "../../../mod.ts";
import { terminalStyle } from "../../../connectors/shell/terminal_style.ts";
import { REVENUE_QUERY } from "../../../examples/demo/live_view.ts";
import { applyChanges, orderStream } from "../../../examples/demo/order_stream.ts";
import { loadTpch } from "../../../examples/tpch/load.ts";
import type { TpchChange } from "../../../examples/tpch/random_updates.ts";

const OPTIONS = { seed: 1, scaleFactor: 0.01, today: 20_000 };
const TODAY = "2024-10-04";
const SILENT = { write: () => true };

function firstChanges(count: number): TpchChange[] {
  return orderStream(OPTIONS).take(count).toArray();
}

describe("orderStream()", () => {
  it("places new orders today", () => {
    const orders = firstChanges(500).filter(({ kind, table }) => kind === "insert" && table === "orders");
    assert(orders.length > 20);
    for (const order of orders) assertEquals(order.kind === "insert" && order.row.o_orderdate, TODAY);
  });

  it("ships the lines of new orders after today", () => {
    for (const change of firstChanges(500)) {
      if (change.kind === "insert" && change.table === "lineitem") assert(change.row.l_shipdate! > TODAY);
    }
  });
});

describe("applyChanges()", () => {
  it("applies the stream, and a view follows", async () => {
    await using db = createDatabase({ plugins: [materializedViews()] });
    await loadTpch(db, {
      data: OPTIONS,
      terminal: SILENT,
      style: terminalStyle(false),
      clock: new ManualClock(),
    });
    await db.exec(`CREATE MATERIALIZED VIEW revenue AS ${REVENUE_QUERY}`);
    const changes = firstChanges(600);
    for (let from = 0; from < changes.length; from += 50) {
      await db.transaction((transaction) => applyChanges(transaction, changes.slice(from, from + 50)));
    }
    const { rowCount } = await db.query(REVENUE_QUERY);
    const view = await db.query("SELECT * FROM revenue");
    assertEquals(view.rowCount, rowCount);
    const differing = await db.query(`SELECT * FROM revenue EXCEPT ALL (${REVENUE_QUERY})`);
    assertEquals(differing.rowCount, 0);
    const today = await db.query("SELECT count(*) AS n FROM revenue WHERE day = $1", { params: [TODAY] });
    assert(Number(today.column("n")[0]) > 5);
  });
});

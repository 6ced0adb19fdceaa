/**
 * The last part of the demo: the dashboard, served over HTTP, and the proof that it is live.
 *
 * @module
 */
import { durationText } from "../../connectors/shell/measure_text.ts";
import { createClient } from "../../connectors/client/client.ts";
import type { Clock } from "../../src/base/clock.ts";
import { serveDashboard, type ServedDashboard } from "../dashboard/main.ts";
import type { Page } from "./page.ts";

const ORDERS_PER_SECOND = 6;
const SEED = 1;
const CHANGES = 5;

/** Serves the dashboard at `port`, 0 for any, and checks that the page and its data are there. */
export async function openDashboard(page: Page, clock: Clock, port: number): Promise<ServedDashboard> {
  page.heading(
    "A dashboard",
    "Three charts over HTTP: each spec compiled to a query, each query kept up to date",
  );
  const startMs = clock.monotonic();
  const dashboard = await serveDashboard({ port, ordersPerSecond: ORDERS_PER_SECOND, seed: SEED });
  const answer = await fetch(dashboard.url);
  const html = await answer.text();
  page.check(
    answer.ok && html.includes("Order desk"),
    `the page is open after ${durationText(clock.monotonic() - startMs)}`,
  );
  const waitedMs = clock.monotonic();
  const orders = await followOrders(dashboard.url);
  const following = orders.every((count, i) => i === 0 || count !== orders[i - 1]);
  page.check(
    following && orders.length === CHANGES,
    `${orders.length} changes of one figure came within ${durationText(clock.monotonic() - waitedMs)}`,
  );
  return dashboard;
}

/** The number of recent orders, as often as it changes. */
async function followOrders(url: string): Promise<number[]> {
  const client = createClient(url);
  const counts: number[] = [];
  const live = client.live<{ orders: number }>("SELECT count(*) AS orders FROM recent_orders");
  for await (const { inserted } of live) {
    counts.push(...inserted.map((row) => row.orders));
    if (counts.length >= CHANGES) break;
  }
  return counts.slice(0, CHANGES);
}

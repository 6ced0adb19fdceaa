/**
 * `GET /metrics`: the database and the adapter, for Prometheus.
 *
 * @module
 */
import type { AppContext, LiveviewHono } from "../app_context.ts";
import { PROMETHEUS_TYPE, prometheusText } from "../prometheus_text.ts";
import { addRoute } from "../route.ts";

/** Adds the route. */
export function addMetricsRoutes(app: LiveviewHono, context: AppContext): void {
  context.metrics.addSource((add) => add("http_connections", context.connections.count));
  addRoute(app, context, {
    method: "GET",
    path: "/metrics",
    summary: "Metrics in the text format of Prometheus",
    access: "read",
    answers: { "text/plain": undefined },
  }, () =>
    new Response(prometheusText(context.db.metrics(), context.metrics), {
      headers: { "content-type": PROMETHEUS_TYPE, "cache-control": "no-store" },
    }));
}

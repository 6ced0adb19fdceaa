/**
 * `GET /lineage/:name`: what a table or view is made from and what is made from it, with how each view on the way is
 * doing: what a delay, an error or a change of a schema reaches, and where a chain of refreshes spends its time.
 *
 * @module
 */
import * as v from "valibot";
import type { ViewStatus } from "../../../plugins/materialized_views/view_status.ts";
import type { AppContext, LiveviewHono } from "../app_context.ts";
import { addRoute } from "../route.ts";
import { viewsApi } from "../views_api.ts";
import { wireValue } from "../wire_value.ts";

const edge = v.object({ source: v.string(), reader: v.string() });

const lineageAnswer = v.object({
  name: v.string(),
  upstream: v.array(edge),
  downstream: v.array(edge),
  views: v.pipe(
    v.array(v.looseObject({ name: v.string(), state: v.string(), stalenessMs: v.number() })),
    v.description("The materialized views among them, sources before their readers"),
  ),
});

/** Adds the route. */
export function addLineageRoutes(app: LiveviewHono, context: AppContext): void {
  addRoute(app, context, {
    method: "GET",
    path: "/lineage/:name",
    summary: "What a table or view is made from, and what is made from it",
    access: "read",
    answers: { "application/json": lineageAnswer },
  }, (c) => {
    const lineage = context.db.lineage(c.req.param("name") ?? "");
    const { name, upstream, downstream } = lineage;
    const names = new Set([name, ...[...upstream, ...downstream].flatMap((one) => [one.source, one.reader])]);
    const api = viewsApi(context.db);
    // The plugin names views in the order of their creation, in which sources come first.
    const views = (api?.names() ?? []).filter((view) => names.has(view)).map((view) =>
      doing(api!.status(view))
    );
    const body = wireValue({ ...lineage, views });
    return Response.json(body, { headers: { "cache-control": "no-store" } });
  });
}

function doing(status: ViewStatus) {
  const { name, refresh, state, error, stalenessMs, asOf, failureCount } = status;
  const { durationP50Ms, durationP99Ms, rowCount, stateBytes } = status;
  const counts = { failureCount, rowCount, stateBytes };
  return { name, refresh, state, error, stalenessMs, asOf, durationP50Ms, durationP99Ms, ...counts };
}

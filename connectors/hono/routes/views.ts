/**
 * `GET /views`: materialized views and how they are doing. `GET /views/:name`: one, with its refreshes.
 * `POST /views/:name/refresh`: brings it up to date. `GET /circuit`: the operators that keep them so.
 *
 * @module
 */
import * as v from "valibot";
import { PluginError } from "../../../src/base/error.ts";
import type { MaterializedViewsApi } from "../../../plugins/materialized_views/plugin.ts";
import type { AppContext, LiveviewHono } from "../app_context.ts";
import { checkInput } from "../check_input.ts";
import { readJsonBody } from "../read_body.ts";
import { addRoute } from "../route.ts";
import { viewsApi } from "../views_api.ts";
import { wireValue } from "../wire_value.ts";

const refreshRequest = v.exactOptional(v.strictObject({
  full: v.exactOptional(v.pipe(v.boolean(), v.description("Recompute it from all rows"))),
}));

const viewStatus = v.looseObject({
  name: v.string(),
  state: v.string(),
  refreshMode: v.string(),
  rowCount: v.number(),
  asOf: v.number(),
  stalenessMs: v.number(),
});

const viewAnswer = v.object({ status: viewStatus, history: v.array(v.looseObject({ mode: v.string() })) });

/** Adds the routes. */
export function addViewRoutes(app: LiveviewHono, context: AppContext): void {
  const views = () => requireViews(context);
  const shared = { method: "GET", access: "read" } as const;
  addRoute(
    app,
    context,
    {
      ...shared,
      path: "/views",
      summary: "Materialized views and how they are doing",
      answers: { "application/json": v.object({ version: v.number(), views: v.array(viewStatus) }) },
    },
    () =>
      uncached({ version: context.db.version, views: views().names().map((name) => views().status(name)) }),
  );
  addRoute(app, context, {
    ...shared,
    path: "/views/:name",
    summary: "One materialized view with its last refreshes",
    answers: { "application/json": viewAnswer },
  }, (c) => {
    const name = c.req.param("name") ?? "";
    return uncached({ status: views().status(name), history: views().history(name) });
  });
  addRoute(app, context, {
    method: "POST",
    path: "/views/:name/refresh",
    summary: "Brings a materialized view up to date, and first those that it reads",
    access: "write",
    body: { "application/json": refreshRequest },
    answers: { "application/json": viewAnswer },
  }, async (c) => {
    const name = c.req.param("name") ?? "";
    const body = checkInput(
      v.optional(refreshRequest.wrapped),
      await readJsonBody(c.req.raw, context.limits.bodyBytesMax),
      "the body",
    );
    await views().refresh(name, { full: body?.full ?? false });
    return uncached({ status: views().status(name), history: views().history(name) });
  });
  addRoute(app, context, {
    ...shared,
    path: "/circuit",
    summary: "The operators that keep the views up to date, with their state",
    answers: {
      "application/json": v.object({ operators: v.array(v.looseObject({})), stateBytes: v.number() }),
    },
  }, () => uncached(views().circuit()));
}

function uncached(body: unknown): Response {
  return Response.json(wireValue(body), { headers: { "cache-control": "no-store" } });
}

function requireViews({ db }: AppContext): MaterializedViewsApi {
  const views = viewsApi(db);
  if (views !== undefined) return views;
  throw new PluginError("plugin-missing", "This database keeps no materialized views", {
    hint: "load the materializedViews() plugin",
  });
}

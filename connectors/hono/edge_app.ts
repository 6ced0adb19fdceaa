/**
 * The app without what an edge isolate can do without: Arrow, whose readers are a third of the adapter, comes with the
 * option `arrow`.
 *
 * ```
 * request ─ principal ─ limits ─ route ─► answer
 *              └────────┴────────┴─ any error ─► problem document (RFC 9457)
 * ```
 *
 * @module
 */
import { Hono } from "hono";
import { QueryError } from "../../src/base/error.ts";
import { nearestName } from "../../src/query/name_suggestion.ts";
import { AppContext, type AppDatabase, type AppEnv, type LiveviewHono } from "./app_context.ts";
import type { LiveviewAppOptions } from "./app_options.ts";
import { guards } from "./guards.ts";
import { problemOf, problemResponse } from "./problem.ts";
import { addLiveRoutes } from "./live/live_route.ts";
import { addChartRoutes } from "./routes/charts.ts";
import { addDescribeRoutes } from "./routes/describe.ts";
import { addExplainRoutes } from "./routes/explain.ts";
import { addMetricsRoutes } from "./routes/metrics.ts";
import { addOpenapiRoutes } from "./routes/openapi.ts";
import { addLineageRoutes } from "./routes/lineage.ts";
import { addViewRoutes } from "./routes/views.ts";
import { addPluginRoutes } from "./routes/plugin_routes.ts";
import { addHealthRoutes } from "./routes/health.ts";
import { addIngestRoutes } from "./routes/ingest.ts";
import { addQueryRoutes } from "./routes/query.ts";

/** Adds its routes to `app`; paths are below `/v1`. */
export type AddRoutes = (app: LiveviewHono, context: AppContext) => void;

/** Everything that is served, in the order of the OpenAPI document. */
const ROUTES: readonly AddRoutes[] = [
  addQueryRoutes,
  addIngestRoutes,
  addLiveRoutes,
  addExplainRoutes,
  addDescribeRoutes,
  addViewRoutes,
  addLineageRoutes,
  addChartRoutes,
  addMetricsRoutes,
  addHealthRoutes,
  addOpenapiRoutes,
  addPluginRoutes,
];

/** As `liveviewApp`, without what it adds. */
export function edgeApp(db: AppDatabase, options: LiveviewAppOptions = {}): LiveviewHono {
  const context = new AppContext(db, options);
  const app = new Hono<AppEnv>();
  app.onError((error, c) => {
    if (problemOf(error).status >= 500) options.onError?.(error, c.req.raw);
    return problemResponse(error);
  });
  const v1 = new Hono<AppEnv>();
  app.use("/v1/*", ...guards(context));
  for (const add of ROUTES) add(v1, context);
  app.route("/v1", v1);
  app.all("*", (c) => {
    throw unknownRoute(c.req.method, c.req.path, context);
  });
  return app;
}

/** 405 with Allow where the path exists with another method, else 404 with the nearest path. */
function unknownRoute(method: string, path: string, context: AppContext): QueryError {
  const below = path.slice(path.lastIndexOf("/v1/") + 3);
  const allow = context.routes.filter((route) => matches(route.path, below)).map((route) => route.method);
  if (allow.length > 0) {
    return new QueryError("method-not-allowed", `${path} does not take ${method}`, {
      details: { path, method, allow },
      hint: `use ${allow.join(" or ")}`,
    });
  }
  const near = nearestName(below, new Set(context.routes.map((route) => route.path)));
  return new QueryError("unknown-route", `There is no ${path}`, {
    details: { path, method, ...(near === undefined ? {} : { nearest: `/v1${near}` }) },
    hint: near === undefined ? "see /v1/openapi.json for all routes" : `did you mean /v1${near}`,
  });
}

/** True when `path` is one of those that `pattern` with its `:name` parts stands for. */
function matches(pattern: string, path: string): boolean {
  const parts = pattern.split("/");
  const found = path.split("/");
  return parts.length === found.length &&
    parts.every((part, i) => part.startsWith(":") ? found[i] !== "" : part === found[i]);
}

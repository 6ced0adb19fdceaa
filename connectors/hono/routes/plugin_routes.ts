/**
 * Routes that plugins contribute with `httpRoutes`: authenticated, limited, measured and documented like our own.
 *
 * @module
 */
import { PluginError } from "../../../src/base/error.ts";
import { httpRoutes } from "../../../src/kernel/extension_points.ts";
import type { HttpRoute } from "../../../src/kernel/http_route.ts";
import { principalKey } from "../../../src/kernel/principal.ts";
import { QueryContext } from "../../../src/kernel/query_context.ts";
import type { AppContext, LiveviewHono } from "../app_context.ts";
import { addRoute } from "../route.ts";

/** Adds the routes of all plugins. @throws {PluginError} for a path that is no path, or is taken */
export function addPluginRoutes(app: LiveviewHono, context: AppContext): void {
  for (const route of context.db.extensions(httpRoutes)) {
    requirePath(route, context);
    addRoute(app, context, {
      method: route.method,
      path: route.path,
      summary: route.summary,
      access: route.access ?? "read",
      answers: { "*/*": undefined },
    }, (c) => {
      const principal = c.get("principal");
      return route.handle({
        request: c.req.raw,
        parameters: c.req.param(),
        context: new QueryContext().with(principalKey, principal),
        tenant: principal.tenant,
      });
    });
  }
}

function requirePath({ method, path }: HttpRoute, context: AppContext): void {
  if (!/^(\/:?[A-Za-z0-9_.-]+)+$/.test(path)) {
    throw new PluginError(
      "plugin-failed",
      `A plugin contributes a route without a path: received ${JSON.stringify(path)}`,
      {
        details: { method, path },
        hint: "write it as /windows/:table",
      },
    );
  }
  if (context.routes.some((route) => route.method === method && route.path === path)) {
    throw new PluginError("plugin-duplicate", `The route ${method} ${path} exists already`, {
      details: { method, path },
      hint: "give the plugin's route a path of its own",
    });
  }
}

/**
 * `GET /health`: the process answers. `GET /ready`: the database takes statements.
 *
 * @module
 */
import * as v from "valibot";
import type { AppContext, LiveviewHono } from "../app_context.ts";
import { addRoute } from "../route.ts";

const healthAnswer = v.object({ status: v.literal("ok"), instance: v.string(), version: v.number() });

/** Adds both routes. */
export function addHealthRoutes(app: LiveviewHono, context: AppContext): void {
  addRoute(app, context, {
    method: "GET",
    path: "/health",
    summary: "The process answers",
    access: "public",
    answers: { "application/json": healthAnswer },
  }, (c) => c.json({ status: "ok", instance: context.instance, version: context.db.version }));
  addRoute(app, context, {
    method: "GET",
    path: "/ready",
    summary: "The database takes statements",
    access: "public",
    answers: { "application/json": healthAnswer },
  }, async (c) => {
    await context.db.query("SELECT 1");
    return c.json({ status: "ok", instance: context.instance, version: context.db.version });
  });
}

/**
 * The dashboard as one handler: the page, the modules that it imports, and the API below `/v1`.
 *
 * @module
 */
import { Hono } from "hono";
import { readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { echarts } from "../../connectors/echarts/echarts.ts";
import { liveviewApp } from "../../connectors/hono/app.ts";
import { observablePlot } from "../../connectors/observable_plot/observable_plot.ts";
import { vegaLite } from "../../connectors/vega_lite/vega_lite.ts";
import { BROWSER_MODULES } from "./browser_packages.ts";
import type { Database } from "../../src/kernel/database.ts";
import type { Plugin } from "../../src/kernel/plugin.ts";

const PAGE = join(import.meta.dirname!, "page");
const CONTENT_TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
};
const PAGE_FILES = ["dashboard.css", "dashboard.js", "live_charts.js", "charts.js", "text.js", "favicon.svg"];

/** The handler; `packages` is the folder of {@linkcode packBrowserModules}. */
export function dashboardApp(db: Database<readonly Plugin[]>, packages: string): Hono {
  const app = new Hono();
  app.get("/", () => fileResponse(PAGE, "index.html"));
  // Fixed names alone: no path of a request ever reaches the file system.
  for (const name of PAGE_FILES) app.get(`/${name}`, () => fileResponse(PAGE, name));
  for (const name of BROWSER_MODULES) app.get(`/packages/${name}`, () => fileResponse(packages, name));
  // Last: it answers every path that is left.
  app.route("/", liveviewApp(db, { charts: [vegaLite, echarts, observablePlot], anonymous: "write" }));
  return app;
}

function fileResponse(folder: string, name: string): Response {
  return new Response(readFileSync(join(folder, name)), {
    headers: { "content-type": CONTENT_TYPES[extname(name)]!, "cache-control": "no-cache" },
  });
}

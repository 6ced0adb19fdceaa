/**
 * The modules that the page imports, packed for the browser when the server starts: chart libraries from npm, and
 * LiveViewDB's own client. The import map of `page/index.html` names them; it could as well point to a CDN.
 *
 * Each package is packed once for the versions in `deno.lock` and kept in `.cache`.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";

const CLIENT = "liveviewdb.js";

/** Modules by the name of the file that the page asks for. */
const ENTRIES: Readonly<Record<string, string>> = {
  [CLIENT]: import.meta.resolve("../../connectors/client/client.ts"),
  "liveviewdb_charts.js": import.meta.resolve("../../connectors/charts/live_rows.ts"),
  "liveviewdb_vega_lite.js": import.meta.resolve("../../connectors/vega_lite/vega_lite.ts"),
  "liveviewdb_echarts.js": import.meta.resolve("../../connectors/echarts/echarts.ts"),
  "liveviewdb_observable_plot.js": import.meta.resolve("../../connectors/observable_plot/observable_plot.ts"),
  "vega.js": import.meta.resolve("vega"),
  "vega-lite.js": import.meta.resolve("vega-lite"),
  "echarts.js": import.meta.resolve("echarts"),
  "plot.js": import.meta.resolve("@observablehq/plot"),
};

/** The files of {@linkcode packBrowserModules}. */
export const BROWSER_MODULES: readonly string[] = Object.keys(ENTRIES);

const ROOT = join(import.meta.dirname!, "../..");
const run = promisify(execFile);

/** Packs all modules; gives the folder that they are in. */
export async function packBrowserModules(): Promise<string> {
  const lock = createHash("sha256").update(readFileSync(join(ROOT, "deno.lock"))).digest("hex").slice(0, 16);
  const folder = join(ROOT, ".cache", "browser_packages", lock);
  mkdirSync(folder, { recursive: true });
  // The first run of the packer may install it: the others wait for that.
  const { [CLIENT]: client, ...others } = ENTRIES;
  await pack(client!, join(folder, CLIENT));
  await Promise.all(Object.entries(others).map(([name, entry]) => pack(entry, join(folder, name))));
  return folder;
}

async function pack(entry: string, output: string): Promise<void> {
  // The project's own modules are small and change; packages change with the lock file, which names the folder.
  const own = entry.startsWith(new URL("../../connectors/", import.meta.url).href);
  if (!own && isFile(output)) return;
  await run(process.execPath, [
    "bundle",
    "--quiet",
    "--platform",
    "browser",
    "--minify",
    "--output",
    output,
    entry,
  ], { cwd: ROOT });
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

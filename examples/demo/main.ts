/**
 * The demo: `deno task demo`; with `--serve` the dashboard at its end stays open, at `--port`.
 *
 * Shows in under a minute what the engine does, and checks everything that it shows: the exit code is 0 only
 * if every answer was right.
 *
 * @module
 */
import process from "node:process";
import { parseArgs } from "node:util";
import { createDatabase, LiveViewError, materializedViews, systemClock } from "../../mod.ts";
import { durationText } from "../../connectors/shell/measure_text.ts";
import { styleFor } from "../../connectors/shell/terminal_style.ts";
import { answerFlights } from "./flights.ts";
import { openDashboard } from "./live_dashboard.ts";
import { followOrders } from "./live_view.ts";
import { Page } from "./page.ts";
import { answerQueries, loadTables } from "./tpch_answers.ts";

const NEXT_STEPS: readonly (readonly [command: string, what: string])[] = [
  ["deno task dashboard", "the dashboard in your browser"],
  ["deno task sql", "a SQL shell; give it CSV, JSON, Parquet or Arrow files"],
  ["deno task tpch --sf 1", "the same queries over ten times the data, with all answers"],
  ["deno task test", "the test suite"],
  ["README.md", "a first live view in fifteen lines of code"],
];

/** What the command line says. */
export interface DemoOptions {
  /** Keep serving the dashboard. */
  readonly serve?: boolean;
  /** Where to serve it; 0, the default, for any free port. */
  readonly port?: number;
}

/** Runs the demo; gives the exit code. */
export async function main({ serve = false, port = 0 }: DemoOptions = {}): Promise<number> {
  const clock = systemClock;
  const page = new Page(process.stdout, styleFor(process.stdout, process.env));
  const startMs = clock.monotonic();
  page.text(`\n${page.style.bold("LiveViewDB")}  answers that stay up to date while the data changes\n`);
  await using db = createDatabase({ plugins: [materializedViews()] });
  await loadTables(db, page, clock);
  await answerQueries(db, page, clock);
  await followOrders(db, page, clock);
  await answerFlights(db, page, clock);
  await using dashboard = await openDashboard(page, clock, port);
  conclude(page, clock.monotonic() - startMs);
  if (serve) {
    page.text(`The dashboard is open until Ctrl+C: ${page.style.bold(dashboard.url)}\n\n`);
    await new Promise<void>((resolve) => process.once("SIGINT", () => resolve()));
  }
  return page.failed === 0 ? 0 : 1;
}

function conclude(page: Page, elapsedMs: number): void {
  const { style, passed, failed } = page;
  const checks = passed + failed;
  const verdict = failed === 0
    ? style.green(`All ${checks} checks passed`)
    : style.red(`${failed} of ${checks} checks failed`);
  page.text(`\n${verdict} in ${durationText(elapsedMs)}\n\n${style.bold("Next")}\n`);
  const width = Math.max(...NEXT_STEPS.map(([command]) => command.length));
  for (const [command, what] of NEXT_STEPS) page.line(`${command.padEnd(width)}   ${style.dim(what)}`);
  page.line();
  page.line(style.dim("Without Deno installed, write npx -y deno@2.9.6 instead of deno."));
  page.line();
}

if (import.meta.main) {
  try {
    const { values } = parseArgs({
      options: { serve: { type: "boolean" }, port: { type: "string", default: "8080" } },
    });
    process.exitCode = await main(values.serve ? { serve: true, port: Number(values.port) } : {});
  } catch (error) {
    const text = error instanceof LiveViewError ? error.message : String(error);
    process.stderr.write(`\nThe demo could not go on: ${text}\n`);
    process.exitCode = 1;
  }
}

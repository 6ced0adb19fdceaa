/**
 * The live dashboard: `deno task dashboard`.
 *
 * Options: `--port 8080`, `--rate 6` (orders a second), `--seed 1`.
 *
 * @module
 */
import process from "node:process";
import { parseArgs } from "node:util";
import { systemClock } from "../../mod.ts";
import { QueryError } from "../../src/base/error.ts";
import { packBrowserModules } from "./browser_packages.ts";
import { openOrderDesk } from "./order_desk.ts";
import { dashboardApp } from "./server.ts";

/** A dashboard that is being served. */
export interface ServedDashboard extends AsyncDisposable {
  readonly url: string;
}

/** Where and what to serve. */
export interface DashboardOptions {
  /** 0 for any free one. */
  readonly port: number;
  readonly ordersPerSecond: number;
  readonly seed: number;
}

/** Opens the order desk and serves the page. */
export async function serveDashboard(options: DashboardOptions): Promise<ServedDashboard> {
  const { port, ordersPerSecond, seed } = options;
  const packages = await packBrowserModules();
  const desk = await openOrderDesk({ clock: systemClock, seed, ordersPerSecond });
  const app = dashboardApp(desk.db, packages);
  const server = Deno.serve({ port, hostname: "127.0.0.1", onListen: () => {} }, app.fetch);
  return {
    url: `http://localhost:${server.addr.port}/`,
    async [Symbol.asyncDispose]() {
      await desk.close();
      await server.shutdown();
    },
  };
}

function numberOption(name: string, text: string, least: number): number {
  const value = Number(text);
  if (Number.isFinite(value) && value >= least) return value;
  throw new QueryError("invalid-parameter", `--${name} cannot be ${JSON.stringify(text)}`, {
    hint: `give a number from ${least} on`,
  });
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: "string", default: "8080" },
      rate: { type: "string", default: "6" },
      seed: { type: "string", default: "1" },
    },
  });
  const dashboard = await serveDashboard({
    port: numberOption("port", values.port, 0),
    ordersPerSecond: numberOption("rate", values.rate, 0),
    seed: numberOption("seed", values.seed, 0),
  });
  console.log(`The order desk is open: ${dashboard.url}`);
  const stop = async () => {
    await dashboard[Symbol.asyncDispose]();
    process.exit(0);
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
}

if (import.meta.main) {
  try {
    await main();
  } catch (error) {
    process.stderr.write(
      `The dashboard cannot start: ${error instanceof Error ? error.message : String(error)}\n`,
    );
    process.exitCode = 1;
  }
}

/**
 * Servers of other runtimes as processes of their own: started, waited for by the address that they print, ended.
 *
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { bundle } from "../../../examples/edge/bundle.ts";

/** A server that answers. */
export interface RunningServer {
  /** Without a slash at the end. */
  readonly url: string;
  /** Resolves when it is gone. */
  close(): Promise<void>;
}

/** A command, what else it needs, and what is to be removed after it. */
export interface ServerCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly folder?: string;
  readonly env: Readonly<Record<string, string>>;
}

const START_MS = 60_000;
const ADDRESS = /http:\/\/(?:127\.0\.0\.1|localhost|0\.0\.0\.0):(\d+)/;
const ROOT = join(import.meta.dirname!, "../../..");

/** The app of the conformance suite. */
const SUITE = "tests/runtime/server";

/** `deno serve` of a module, by its path from the repository. */
export function startDeno(
  entry: string = `${SUITE}/deno_entry.ts`,
  env: Readonly<Record<string, string>> = {},
): Promise<RunningServer> {
  const args = [
    "serve",
    "-A",
    "--no-check",
    "--host",
    "127.0.0.1",
    "--port",
    "0",
    join(ROOT, entry),
  ];
  return "Deno" in globalThis
    ? startProcess({ command: process.execPath, args, env })
    : startProcess({ command: "npx", args: ["-y", "deno@2.9.6", ...args], env });
}

/** Bun, from a bundle of a module that exports what Bun serves. */
export async function startBun(
  entry: string = `${SUITE}/bun_entry.ts`,
  env: Readonly<Record<string, string>> = {},
): Promise<RunningServer> {
  const folder = await bundled(`export { default } from "./${entry}";`);
  const file = join(folder, "main.mjs");
  return await ("Bun" in globalThis
    ? startProcess({ command: process.execPath, args: [file], folder, env })
    : startProcess({ command: "npx", args: ["-y", "bun@1.4.5", file], folder, env }));
}

/** Node, from a bundle with `@hono/node-server`. */
export async function startNode(): Promise<RunningServer> {
  const folder = await bundled(`import "./${SUITE}/node_entry.ts";`);
  return await startProcess({ command: "node", args: [join(folder, "main.mjs")], folder, env: {} });
}

/** workerd, in miniflare, from a bundle. */
export async function startWorkerd(): Promise<RunningServer> {
  const { Miniflare } = await import("miniflare");
  const { code } = await bundle({
    source: `export { default } from "./${SUITE}/workerd_entry.ts";`,
    target: "edge",
  });
  const miniflare = new Miniflare({
    modules: [{ type: "ESModule", path: "main.mjs", contents: code }],
    compatibilityDate: "2026-04-01",
    host: "127.0.0.1",
    port: 0,
  });
  const url = await miniflare.ready;
  return { url: url.origin, close: () => miniflare.dispose() };
}

/** A new folder with a bundle as `main.mjs`. */
async function bundled(source: string): Promise<string> {
  const { code } = await bundle({ source, target: "node" });
  const folder = mkdtempSync(join(tmpdir(), "liveview-runtime-"));
  writeFileSync(join(folder, "main.mjs"), code);
  return folder;
}

/** Starts a process in a group of its own: npx starts others. */
export async function startProcess({ command, args, folder, env }: ServerCommand): Promise<RunningServer> {
  const child = spawn(command, [...args], {
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
    env: { ...process.env, ...env },
  });
  const close = async (): Promise<void> => {
    await end(child);
    if (folder !== undefined) rmSync(folder, { recursive: true });
  };
  try {
    return { url: await addressOf(child, `${command} ${args.join(" ")}`), close };
  } catch (error) {
    await close();
    throw error;
  }
}

function addressOf(child: ChildProcess, name: string): Promise<string> {
  let output = "";
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => fail("printed no address in time"), START_MS);
    const fail = (reason: string): void => {
      clearTimeout(timer);
      reject(new Error(`${name} ${reason}:\n${output}`));
    };
    const read = (chunk: unknown): void => {
      output += String(chunk);
      const port = ADDRESS.exec(output)?.[1];
      if (port === undefined) return;
      clearTimeout(timer);
      resolve(`http://127.0.0.1:${port}`);
    };
    child.stdout?.on("data", read);
    child.stderr?.on("data", read);
    child.on("error", (error) => fail(`did not start: ${error.message}`));
    child.on("exit", (code) => fail(`ended with code ${code}`));
  });
}

function end(child: ChildProcess): Promise<void> {
  const { pid } = child;
  if (pid === undefined || child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.on("exit", () => resolve());
    try {
      process.kill(-pid, "SIGKILL");
    } catch {
      child.kill("SIGKILL");
    }
  });
}

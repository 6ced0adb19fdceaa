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
interface ServerCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly folder?: string;
}

const START_MS = 60_000;
const ADDRESS = /http:\/\/(?:127\.0\.0\.1|localhost|0\.0\.0\.0):(\d+)/;
const FOLDER = import.meta.dirname!;

/** `deno serve`, from source. */
export function startDeno(): Promise<RunningServer> {
  const args = [
    "serve",
    "-A",
    "--no-check",
    "--host",
    "127.0.0.1",
    "--port",
    "0",
    join(FOLDER, "deno_entry.ts"),
  ];
  return "Deno" in globalThis
    ? startProcess({ command: process.execPath, args })
    : startProcess({ command: "npx", args: ["-y", "deno@2.9.6", ...args] });
}

/** Bun, from a bundle. */
export async function startBun(): Promise<RunningServer> {
  const folder = await bundled("bun_entry.ts");
  const file = join(folder, "main.mjs");
  return await ("Bun" in globalThis
    ? startProcess({ command: process.execPath, args: [file], folder })
    : startProcess({ command: "npx", args: ["-y", "bun@1.4.5", file], folder }));
}

/** Node, from a bundle with `@hono/node-server`. */
export async function startNode(): Promise<RunningServer> {
  const folder = await bundled("node_entry.ts");
  return await startProcess({ command: "node", args: [join(folder, "main.mjs")], folder });
}

/** workerd, in miniflare, from a bundle. */
export async function startWorkerd(): Promise<RunningServer> {
  const { Miniflare } = await import("miniflare");
  const { code } = await bundle({ source: sourceOf("workerd_entry.ts"), target: "edge" });
  const miniflare = new Miniflare({
    modules: [{ type: "ESModule", path: "main.mjs", contents: code }],
    compatibilityDate: "2026-04-01",
    host: "127.0.0.1",
    port: 0,
  });
  const url = await miniflare.ready;
  return { url: url.origin, close: () => miniflare.dispose() };
}

function sourceOf(entry: string): string {
  return `export { default } from "./tests/runtime/server/${entry}";`;
}

/** A new folder with `entry` as `main.mjs`. */
async function bundled(entry: string): Promise<string> {
  const { code } = await bundle({ source: `import "./tests/runtime/server/${entry}";`, target: "node" });
  const folder = mkdtempSync(join(tmpdir(), "liveview-runtime-"));
  writeFileSync(join(folder, "main.mjs"), code);
  return folder;
}

/** Starts a process in a group of its own: npx starts others. */
async function startProcess({ command, args, folder }: ServerCommand): Promise<RunningServer> {
  const child = spawn(command, [...args], { stdio: ["ignore", "pipe", "pipe"], detached: true });
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

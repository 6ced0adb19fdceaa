/**
 * The worker in workerd on this machine, through miniflare: loopback only, its storage in a folder.
 *
 * @module
 */
import { Miniflare } from "miniflare";
import { bundle } from "./bundle.ts";

/** Where it listens and what it keeps. */
export interface LocalWorkerOptions {
  /** 0, a free one, by default. */
  readonly port?: number;
  /** Folder for the storage of the objects; without it, it is gone at the end. */
  readonly folder?: string;
  /** What callers may do; `admin` by default. */
  readonly anonymous?: "none" | "read" | "write" | "admin";
}

/** A worker that runs. */
export interface LocalWorker {
  /** Without a slash at the end. */
  readonly url: string;
  /** Ends the runtime as it is; storage stays. */
  close(): Promise<void>;
}

/** Bundled once: a worker that is started again is the same. */
let workerCode: Promise<string> | undefined;

async function bundleWorker(): Promise<string> {
  const source = `
    export * from "./examples/edge/worker.ts";
    export { default } from "./examples/edge/worker.ts";`;
  return (await bundle({ source, target: "edge" })).code;
}

/** Bundles the worker and starts it. */
export async function startLocalWorker(options: LocalWorkerOptions = {}): Promise<LocalWorker> {
  const code = await (workerCode ??= bundleWorker());
  const miniflare = new Miniflare({
    modules: [{ type: "ESModule", path: "worker.mjs", contents: code }],
    compatibilityDate: "2026-04-01",
    host: "127.0.0.1",
    port: options.port ?? 0,
    bindings: { ANONYMOUS: options.anonymous ?? "admin" },
    durableObjects: { DATABASES: { className: "LiveDatabase", useSQLite: true } },
    ...(options.folder === undefined ? {} : { durableObjectsPersist: options.folder }),
  });
  const url = await miniflare.ready;
  return { url: url.origin, close: () => miniflare.dispose() };
}

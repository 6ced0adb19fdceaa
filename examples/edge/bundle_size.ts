/**
 * How large the engine is on an edge: `deno run -A --no-check examples/edge/bundle_size.ts [--modules]`.
 *
 * Bundles of growing extent, minified, as they are and compressed, and where the bytes of the largest come from.
 *
 * @module
 */
import process from "node:process";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { type Bundle, bundle } from "./bundle.ts";

/** Sizes of one file in bytes. */
export interface BundleSize {
  readonly name: string;
  readonly minified: number;
  readonly gzip: number;
  readonly brotli: number;
}

/** What is measured: each has what the one before it has. */
export const EXTENTS: readonly { readonly name: string; readonly source: string }[] = [
  { name: "SQL kernel", source: `export { createDatabase } from "./src/kernel/database.ts";` },
  {
    name: "+ maintained views",
    source: `
      export { createDatabase } from "./src/kernel/database.ts";
      export { materializedViews } from "./plugins/materialized_views/plugin.ts";`,
  },
  {
    name: "+ HTTP adapter",
    source: `
      export { createDatabase } from "./src/kernel/database.ts";
      export { materializedViews } from "./plugins/materialized_views/plugin.ts";
      export { edgeApp } from "./connectors/hono/edge_app.ts";`,
  },
];

/** The bytes of a bundle, plain and compressed as a server would. */
export function sizeOf(name: string, { code }: Bundle): BundleSize {
  const bytes = new TextEncoder().encode(code);
  return {
    name,
    minified: bytes.length,
    gzip: gzipSync(bytes, { level: 9 }).length,
    brotli: brotliCompressSync(bytes).length,
  };
}

/** Bytes by layer or package: `src/exec`, `connectors/hono`, `npm:hono`. */
export function bytesByPart({ modules }: Bundle): readonly (readonly [part: string, bytes: number])[] {
  const parts = new Map<string, number>();
  for (const { name, bytes } of modules) {
    const part = name.startsWith("npm:") ? name : name.split("/").slice(0, 2).join("/");
    parts.set(part, (parts.get(part) ?? 0) + bytes);
  }
  return [...parts].sort(([, a], [, b]) => b - a);
}

function kilobytes(bytes: number): string {
  return (bytes / 1000).toFixed(1).padStart(10);
}

if (import.meta.main) {
  console.log(`${"KB".padEnd(24)}${"minified".padStart(10)}${"gzip".padStart(10)}${"brotli".padStart(10)}`);
  let last: Bundle | undefined;
  for (const { name, source } of EXTENTS) {
    last = await bundle({ source, target: "edge" });
    const { minified, gzip, brotli } = sizeOf(name, last);
    console.log(name.padEnd(24) + kilobytes(minified) + kilobytes(gzip) + kilobytes(brotli));
  }
  console.log();
  for (const [part, bytes] of last === undefined ? [] : bytesByPart(last)) {
    if (bytes > 0) console.log(part.padEnd(34) + kilobytes(bytes));
  }
  if (process.argv.includes("--modules")) {
    for (const { name, bytes } of last?.modules ?? []) console.log(name.padEnd(60) + kilobytes(bytes));
  }
}

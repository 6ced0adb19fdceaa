/**
 * One file for runtimes that load no TypeScript and no packages: edge isolates, Node.
 *
 * esbuild follows the imports and drops what nobody reaches. Packages are found as the running
 * runtime finds them, so no `node_modules` folder is needed under Deno.
 *
 * @module
 */
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

/** What {@linkcode bundle} is asked for. */
export interface BundleOptions {
  /** Text of the module that the bundle is made of; its imports are relative to the repository. */
  readonly source: string;
  /** Where it runs: `edge` has no module of any runtime, `node` may import `node:` modules. */
  readonly target: "edge" | "node";
  /** True by default. */
  readonly minify?: boolean;
  /** Modules that the runtime has itself, such as `cloudflare:workers`. */
  readonly external?: readonly string[];
}

/** A module of a bundle and the bytes that it takes there. */
export interface BundledModule {
  /** Relative to the repository, or `npm:name` for all of a package. */
  readonly name: string;
  /** Before compression. */
  readonly bytes: number;
}

/** One file and where its bytes come from. */
export interface Bundle {
  /** An ECMAScript module. */
  readonly code: string;
  /** By falling bytes. */
  readonly modules: readonly BundledModule[];
  /** Modules that the runtime has to have. */
  readonly imports: readonly string[];
}

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Bundles `source` and everything it reaches. Stops the bundler's process at the end. */
export async function bundle(options: BundleOptions): Promise<Bundle> {
  const edge = options.target === "edge";
  try {
    const result = await esbuild.build({
      stdin: { contents: options.source, resolveDir: ROOT, sourcefile: "entry.ts", loader: "ts" },
      absWorkingDir: ROOT,
      bundle: true,
      write: false,
      metafile: true,
      format: "esm",
      target: "es2024",
      minify: options.minify ?? true,
      legalComments: "none",
      platform: edge ? "neutral" : "node",
      mainFields: ["module", "main"],
      conditions: edge ? ["workerd", "worker", "import"] : ["node", "import"],
      external: [...(options.external ?? []), "node:*"],
      plugins: [packages],
      logLevel: "silent",
    });
    const [output] = Object.values(result.metafile.outputs);
    const code = result.outputFiles[0]?.text ?? "";
    return {
      code,
      modules: byModule(output?.inputs ?? {}),
      imports: [...new Set((output?.imports ?? []).map((one) => one.path))].sort(),
    };
  } finally {
    await esbuild.stop();
  }
}

/** Finds packages as the running runtime finds them. */
const packages: esbuild.Plugin = {
  name: "packages",
  setup(build) {
    build.onResolve({ filter: /^[a-z@]/ }, ({ path, importer, kind }) => {
      if (kind === "entry-point" || /^(node|cloudflare):/.test(path)) return undefined;
      return { path: resolvePackage(path, importer), ...sideEffectsOf(path) };
    });
    build.onResolve({ filter: /^\.\.?\// }, ({ path, importer }) => {
      const effects = sideEffectsOf(moduleName(importer).replace("npm:", ""));
      return effects === undefined ? undefined : { path: join(dirname(importer), path), ...effects };
    });
  },
};

/** Packages whose modules do nothing but export, and do not say so: what is not imported of them can go. */
const WITHOUT_EFFECTS: ReadonlySet<string> = new Set([
  "@uwdata/flechette",
  "hyparquet-compressors",
  "hysnappy",
]);

function sideEffectsOf(name: string): { readonly sideEffects: false } | undefined {
  return WITHOUT_EFFECTS.has(name) ? { sideEffects: false } : undefined;
}

function resolvePackage(specifier: string, importer: string): string {
  let main: string;
  try {
    main = fileURLToPath(import.meta.resolve(specifier));
  } catch {
    // What only a package needs, the project does not know: the package does.
    main = createRequire(importer).resolve(specifier);
  }
  return /\.mjs$|\/esm\//.test(main) ? main : moduleOf(specifier, main) ?? main;
}

/** The ECMAScript module of the package that `main` belongs to, where its manifest names one. */
function moduleOf(specifier: string, main: string): string | undefined {
  const depth = specifier.startsWith("@") ? 2 : 1;
  if (specifier.split("/").length > depth) return undefined;
  for (let folder = dirname(main); folder !== dirname(folder); folder = dirname(folder)) {
    try {
      const manifest: { name?: string; module?: string; exports?: unknown } = JSON.parse(
        readFileSync(join(folder, "package.json"), "utf8"),
      );
      if (manifest.name !== specifier) continue;
      const target = importTarget(manifest.exports) ?? manifest.module;
      return target === undefined ? undefined : join(folder, target);
    } catch {
      continue;
    }
  }
  return undefined;
}

function importTarget(exports: unknown): string | undefined {
  if (typeof exports === "string") return exports;
  if (typeof exports !== "object" || exports === null) return undefined;
  const conditions = new Map(Object.entries(exports));
  return importTarget(conditions.get(".") ?? conditions.get("import") ?? conditions.get("default"));
}

function byModule(inputs: esbuild.Metafile["outputs"][string]["inputs"]): readonly BundledModule[] {
  const bytes = new Map<string, number>();
  for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
    const name = moduleName(path);
    bytes.set(name, (bytes.get(name) ?? 0) + bytesInOutput);
  }
  return [...bytes].map(([name, bytes]) => ({ name, bytes })).sort((a, b) => b.bytes - a.bytes);
}

/** `npm:` and its name for a module of a package, in Deno's cache or in `node_modules`. */
function moduleName(path: string): string {
  const [, name] = /(?:node_modules|npm\/[^/]+)\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules)/.exec(path) ?? [];
  return name === undefined ? path : `npm:${name}`;
}

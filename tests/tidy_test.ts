/**
 * The style guide as a test: layout, names, imports and banned words, over every file of the repository.
 *
 * @module
 */
import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

const ROOT = resolve(import.meta.dirname!, "..");
const FOLDERS = ["src", "plugins", "connectors", "tests", "bench", "examples"];

/** Layers of src, lowest first: an import only ever points down. */
const LAYERS = ["base", "storage", "query", "sql", "planner", "exec", "circuit", "scheduler", "kernel"];

interface SourceFile {
  readonly path: string;
  readonly text: string;
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesBelow(path) : [path];
  });
}

const files: readonly SourceFile[] = [
  ...FOLDERS.flatMap((folder) => filesBelow(join(ROOT, folder))).filter((path) => path.endsWith(".ts")),
  join(ROOT, "mod.ts"),
].map((path) => ({ path: relative(ROOT, path), text: readFileSync(path, "utf8") }));

const sources = files.filter(({ path }) => /^(src|plugins)\//.test(path));

/** Code without comments and strings, so that a word in prose does not count. */
function code(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .replace(/(^|[^:])\/\/.*$/gm, "$1")
    .replace(/"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/g, '""');
}

function importsOf({ path, text }: SourceFile): { readonly target: string; readonly typeOnly: boolean }[] {
  const found = [...text.matchAll(/^\s*(import|export)\s+(type\s+)?[^;"']*?from\s+"(\.[^"]+)"/gm)];
  return found.map((match) => ({
    target: relative(ROOT, resolve(ROOT, dirname(path), match[3]!)),
    typeOnly: match[2] !== undefined,
  }));
}

function offenders(list: readonly SourceFile[], test: (file: SourceFile) => boolean): string[] {
  return list.filter(test).map(({ path }) => path);
}

describe("layout", () => {
  it("names files and folders in snake_case", () => {
    assertEquals(offenders(files, ({ path }) => !/^([a-z0-9_]+\/)*[a-z0-9_]+(\.gen)?\.ts$/.test(path)), []);
  });

  it("has no folder or file called utils, helpers, common, types or misc", () => {
    assertEquals(
      offenders(files, ({ path }) => /(^|\/)(utils?|helpers?|common|types?|misc)(\/|\.ts$)/.test(path)),
      [],
    );
  });

  it("opens every module with a header that ends in @module", () => {
    assertEquals(
      offenders(
        files,
        ({ path, text }) =>
          !/_test\.ts$|\.gen\.ts$/.test(path) && !/^(#!.*\n)?\/\*\*[\s\S]*?@module\s*\n \*\//.test(text),
      ),
      [],
    );
  });

  it("keeps test files under 800 lines", () => {
    assertEquals(
      offenders(files, ({ path, text }) => path.startsWith("tests/") && text.split("\n").length > 800),
      [],
    );
  });
});

describe("imports", () => {
  it("point down the layers only", () => {
    const bad: string[] = [];
    for (const file of files.filter(({ path }) => path.startsWith("src/"))) {
      const layer = LAYERS.indexOf(file.path.split("/")[1]!);
      for (const { target, typeOnly } of importsOf(file)) {
        const [root, folder] = target.split("/");
        if (root !== "src") bad.push(`${file.path} -> ${target}`);
        else if (LAYERS.indexOf(folder!) > layer && !typeOnly) bad.push(`${file.path} -> ${target}`);
      }
    }
    assertEquals(bad, []);
  });

  it("reach another plugin only through its plugin.ts", () => {
    const bad: string[] = [];
    for (const file of files.filter(({ path }) => path.startsWith("plugins/"))) {
      for (const { target } of importsOf(file)) {
        const [root, plugin, name] = target.split("/");
        if (root === "plugins" && plugin !== file.path.split("/")[1] && name !== "plugin.ts") {
          bad.push(`${file.path} -> ${target}`);
        }
        if (root === "connectors") bad.push(`${file.path} -> ${target}`);
      }
    }
    assertEquals(bad, []);
  });

  it("never take mod.ts inside src and plugins", () => {
    assertEquals(offenders(sources, (file) => importsOf(file).some(({ target }) => target === "mod.ts")), []);
  });

  it("form no value-import cycle", () => {
    const graph = new Map(files.map((file) => [
      file.path,
      importsOf(file).filter(({ typeOnly }) => !typeOnly).map(({ target }) => target),
    ]));
    const cycles: string[] = [];
    const state = new Map<string, "open" | "done">();
    const visit = (path: string, trail: readonly string[]): void => {
      if (state.get(path) === "done") return;
      if (state.get(path) === "open") {
        cycles.push([...trail.slice(trail.indexOf(path)), path].join(" -> "));
        return;
      }
      state.set(path, "open");
      for (const target of graph.get(path) ?? []) visit(target, [...trail, path]);
      state.set(path, "done");
    };
    for (const path of graph.keys()) visit(path, []);
    assertEquals(cycles, []);
  });

  it("re-export only in mod.ts", () => {
    const barrels = offenders(
      files,
      ({ path, text }) => !/(^|\/)mod\.ts$/.test(path) && /^export\s+(\*|\{[^}]*\})\s+from\b/m.test(text),
    );
    assertEquals(barrels, []);
  });
});

describe("code", () => {
  it("has no default export", () => {
    assertEquals(offenders(sources, ({ text }) => /^export default\b/m.test(code(text))), []);
  });

  it("throws only LiveViewError and its classes", () => {
    assertEquals(
      offenders(sources, ({ text }) => /\bnew (Error|TypeError|RangeError)\(/.test(code(text))),
      [],
    );
  });

  it("takes time and chance from Clock and Random", () => {
    const banned = /\bDate\.now\b|\bMath\.random\b|\bTemporal\.Now\b|\bnew Date\(\)/;
    assertEquals(
      offenders(sources, ({ path, text }) => path !== "src/base/clock.ts" && banned.test(code(text))),
      [],
    );
  });

  it("neither evaluates text nor compiles at run time", () => {
    const banned = /\beval\(|\bnew Function\b|\bWebAssembly\.(compile|instantiate)\b/;
    assertEquals(offenders(sources, ({ text }) => banned.test(code(text))), []);
  });

  it("has no any outside of declared exceptions", () => {
    const declared = /deno-lint-ignore no-explicit-any -- /;
    const uses = /(:|<|\||\bas)\s*any\b(?!\s*[:,(])/;
    assertEquals(offenders(sources, ({ text }) => uses.test(code(text)) && !declared.test(text)), []);
  });

  it("shifts no queue", () => {
    assertEquals(
      offenders(
        sources.filter(({ path }) => /exec|circuit|scheduler/.test(path)),
        ({ text }) => /\.unshift\(/.test(code(text)),
      ),
      [],
    );
  });

  it("has no FIXME", () => {
    assertEquals(
      offenders(files, ({ path, text }) => path !== "tests/tidy_test.ts" && /\bFIXME\b/.test(text)),
      [],
    );
  });

  it("imports no runtime's own modules in src and plugins, generators aside", () => {
    const own = /from "node:|\b(Deno|Bun)\./;
    const shipped = sources.filter(({ path }) => !/generat(e|or)\.ts$/.test(path));
    assertEquals(offenders(shipped, ({ text }) => own.test(text.replace(/\/\*[\s\S]*?\*\//g, ""))), []);
  });
});

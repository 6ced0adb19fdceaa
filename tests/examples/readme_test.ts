/**
 * The code of the READMEs runs.
 *
 * @module
 */
import { describe, it } from "node:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { assert } from "@std/assert";

const ROOT = resolve(import.meta.dirname!, "../..");
const BLOCK = /^```ts\n(.*?)^```$/gms;
const PAGES = ["README.md", ...["src", "plugins", "connectors", "examples"].flatMap(readmesBelow)]
  .filter((page) => readFileSync(join(ROOT, page), "utf8").match(BLOCK) !== null);

function readmesBelow(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return readmesBelow(path);
    return entry.name === "README.md" ? [path] : [];
  });
}

/** The blocks of TypeScript of a page, with their relative imports made absolute. */
function codeOf(page: string): string[] {
  const folder = dirname(join(ROOT, page));
  return [...readFileSync(join(ROOT, page), "utf8").matchAll(BLOCK)].map(([, code]) =>
    code!.replace(
      /from "(\.[^"]*)"/g,
      (_, path: string) => `from ${JSON.stringify(pathToFileURL(resolve(folder, path)).href)}`,
    )
  );
}

describe("the notebook", () => {
  it("runs from top to bottom", async () => {
    const folder = mkdtempSync(join(tmpdir(), "liveview-notebook-"));
    const file = join(folder, "notebook.ts");
    try {
      writeFileSync(
        file,
        codeOf("examples/notebook.md").join("\n").replaceAll('"examples/', `"${ROOT}/examples/`),
      );
      await import(pathToFileURL(file).href);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe("the code of a README", () => {
  for (const page of PAGES) {
    it(`runs in ${page}`, async () => {
      const blocks = codeOf(page);
      assert(blocks.length > 0);
      const folder = mkdtempSync(join(tmpdir(), "liveview-readme-"));
      try {
        for (const [i, code] of blocks.entries()) {
          const file = join(folder, `block_${i}.ts`);
          writeFileSync(file, `const console = { log: () => {} };\n${code}`);
          await import(pathToFileURL(file).href);
        }
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  }
});

import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { generateKernels } from "../../../../src/exec/kernels/generate.ts";

const FOLDER = new URL("../../../../src/exec/kernels/", import.meta.url);

describe("generateKernels", () => {
  for (const [name, text] of Object.entries(generateKernels())) {
    it(`makes ${name} as it is in the repository`, () => {
      assertEquals(Deno.readTextFileSync(new URL(name, FOLDER)), text);
    });
  }
});

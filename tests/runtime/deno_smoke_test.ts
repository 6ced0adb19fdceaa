import { describe, it } from "node:test";
import { smoke } from "./smoke.ts";

describe("smoke", () => {
  it("runs on this runtime", async () => {
    await smoke();
  });
});

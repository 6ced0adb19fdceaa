import { describe, it } from "node:test";
import { assertRejects, assertStringIncludes } from "@std/assert";
import { startProcess } from "./server/running_server.ts";

async function reasonOf(command: string, args: readonly string[]): Promise<string> {
  return (await assertRejects(() => startProcess({ command, args, env: {} }), Error)).message;
}

describe("a server that does not start", () => {
  it("fails with the reason when the runtime is missing", async () => {
    assertStringIncludes(await reasonOf("no-such-runtime", ["serve"]), "no-such-runtime serve did not start");
  });

  it("fails with what it printed when it ends", async () => {
    const script = "console.error('the port is taken'); process.exitCode = 3";
    const reason = await reasonOf("node", ["-e", script]);
    assertStringIncludes(reason, "ended with code 3");
    assertStringIncludes(reason, "the port is taken");
  });
});

import { describe, it } from "node:test";
import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { checksumOf, measure, option } from "../../bench/measurement.ts";

/** What `run` prints, as lines of JSON. */
async function printed(run: () => Promise<void>): Promise<Record<string, unknown>[]> {
  const lines: string[] = [];
  const { log } = console;
  console.log = (line: string) => lines.push(line);
  try {
    await run();
  } finally {
    console.log = log;
  }
  return lines.map((line) => JSON.parse(line));
}

describe("checksumOf()", () => {
  it("is the same for values that peers show in different ways", () => {
    const ours = checksumOf([[1, 0.1 + 0.2, new Date(Date.UTC(2024, 1, 29)), null, "a ", true]]);
    const theirs = checksumOf([[1n, "0.30000000000", "2024-02-29 00:00:00", undefined, "a", "true"]]);
    assertEquals(ours, theirs);
  });

  it("tells values, columns and the order of rows apart", () => {
    assertNotEquals(checksumOf([[1]]), checksumOf([[2]]));
    assertNotEquals(checksumOf([[1, 12]]), checksumOf([[11, 2]]));
    assertNotEquals(checksumOf([[1], [2]]), checksumOf([[2], [1]]));
    assertNotEquals(checksumOf([[1, 2]]), checksumOf([[1], [2]]));
    assertNotEquals(checksumOf([[1.00000001]]), checksumOf([[1.0000001]]));
  });

  it("begins with the number of rows", () => {
    assertMatch(checksumOf([[1], [2]]), /^2:[0-9a-f]{8}$/);
  });
});

describe("measure()", () => {
  it("reports a time for each run and the checksum of the answer", async () => {
    const [line] = await printed(() => measure("peer", "one", 3, () => Promise.resolve(() => [[7]])));
    assertEquals([line?.kind, line?.subject, line?.name, line?.checksum], [
      "measurement",
      "peer",
      "one",
      checksumOf([[7]]),
    ]);
    assertEquals((line?.runsMs as number[]).length, 3);
    assert((line?.runsMs as number[]).every((ms) => ms >= 0));
  });

  it("reports a query that the peer cannot answer as skipped", async () => {
    const lines = await printed(() =>
      measure("peer", "one", 3, () => Promise.reject(new TypeError("no\nmore")))
    );
    assertEquals(lines, [{ kind: "skipped", subject: "peer", name: "one", reason: "no" }]);
  });
});

describe("option()", () => {
  it("has a fallback", () => assertEquals(option("surely-not-given", "5"), "5"));
});

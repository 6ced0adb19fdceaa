import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { ManualClock } from "../../../src/base/clock.ts";
import { createDatabase, materializedViews } from "../../../mod.ts";

describe("wakeUp", () => {
  it("is told when runDue is wanted, in the place of a timer", async () => {
    const clock = new ManualClock(Date.UTC(2024, 1, 28));
    const delays: number[] = [];
    const wakeUp = (delayMs: number) => void delays.push(delayMs);
    await using db = createDatabase({ clock, plugins: [materializedViews({ wakeUp })] });
    await db.exec(`CREATE TABLE t (v INTEGER);
      CREATE MATERIALIZED VIEW total WITH (interval = '5 seconds') AS SELECT sum(v) AS s FROM t`);
    assertEquals(delays, [5_000]);
    await db.insert("t", [{ v: 2 }]);
    clock.advance(4_000);
    await db.plugins.materializedViews.runDue();
    assertEquals(delays.at(-1), 1_000);
    clock.advance(1_000);
    await db.plugins.materializedViews.runDue();
    assertEquals((await db.query("SELECT s FROM total")).rows(), [[2]]);
    assertEquals(delays.at(-1), 5_000);
  });
});

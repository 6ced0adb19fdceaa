import process from "node:process";
import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { definePlugin, type Plugin } from "../../src/kernel/plugin.ts";
import { viewCase } from "./view_case.ts";
import { checkView } from "./view_check.ts";
import { fuzzViews } from "./view_fuzz.ts";
import { shrinkView, viewScript } from "./view_shrink.ts";

const SEED = Number(process.env["LIVEVIEW_SEED"] ?? 20_261);
const CASES = 60 * Number(process.env["LIVEVIEW_RUNS"] ?? 1);

/** Adds a row to the view in every commit of rows of a table. */
const saboteur: Plugin = definePlugin({
  name: "saboteur",
  setup: (host) => ({
    api: {},
    hooks: {
      commitDelta: ({ transaction, deltas }) => {
        const columns = host.store.table("maintained")?.definition.columns;
        const isOfTables = deltas.some(({ table }) => ["alpha", "beta", "gamma"].includes(table));
        if (columns !== undefined && isOfTables) {
          transaction.insert("maintained", { rows: [columns.map(() => null)] });
        }
      },
    },
  }),
});

describe("random views", () => {
  it(`equal their queries after random transactions: LIVEVIEW_SEED=${SEED}`, async () => {
    const report = await fuzzViews(SEED, ({ caseCount }) => caseCount < CASES, 1);
    assertEquals([...report.broken.values()].flat(), []);
    assert((report.counts.get("agreed: incremental") ?? 0) > CASES * 0.8);
  });

  it("are found when they differ, and made small", async () => {
    const specimen = viewCase(3)!;
    const verdict = await checkView(specimen, [saboteur]);
    assertEquals([verdict.kind, verdict.kind === "broken" && verdict.cause], ["broken", "result"]);
    const small = await shrinkView(specimen, "result", 300, (one) => checkView(one, [saboteur]));
    assertEquals(small.script.length, 1);
    assert(viewScript(small).length * 2 < viewScript(specimen).length, viewScript(small));
  });
});

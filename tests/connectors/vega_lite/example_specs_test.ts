import { after, describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { vegaLite } from "../../../connectors/vega_lite/vega_lite.ts";
import { difference, drawnMarks, viewOf } from "./drawn_marks.ts";
import type { ExampleSpec } from "./example_spec.ts";
import { AGGREGATE_SPECS } from "./example_specs_aggregate.ts";
import { BIN_SPECS, TIME_SPECS } from "./example_specs_time_bin.ts";
import { FILTER_SPECS, TRANSFORM_SPECS } from "./example_specs_transform.ts";
import { COMPOSITION_SPECS, PARTIAL_SPECS, SORT_SPECS, STACK_SPECS } from "./example_specs_view.ts";
import { schemaErrors } from "./spec_schema.ts";
import { exampleTables, withRawRows } from "./example_tables.ts";

const tables = await exampleTables();
after(() => tables.db.close());

/** Compiles, asks the engine, and fills. */
async function engineSpec(spec: ExampleSpec["spec"]) {
  const chart = vegaLite.compile(spec, tables.catalog);
  const rows = new Map(
    await Promise.all(
      chart.datasets.map(async ({ name, query }) => [name, await tables.rows(query)] as const),
    ),
  );
  const all = [...rows.values()].reduce((sum, list) => sum + list.length, 0);
  return { filled: chart.fill(rows), unsupported: chart.unsupported, rowCount: all };
}

const GROUPS: Readonly<Record<string, readonly ExampleSpec[]>> = {
  "aggregates": AGGREGATE_SPECS,
  "time units": TIME_SPECS,
  "bins": BIN_SPECS,
  "filters": FILTER_SPECS,
  "transforms": TRANSFORM_SPECS,
  "stacks": STACK_SPECS,
  "orders": SORT_SPECS,
  "compositions": COMPOSITION_SPECS,
  "parts that stay": PARTIAL_SPECS,
};

for (const [group, specs] of Object.entries(GROUPS)) {
  describe(`the engine draws what Vega-Lite draws: ${group}`, () => {
    for (const { name, spec, left = [] } of specs) {
      it(name, async () => {
        const { filled, unsupported } = await engineSpec(spec);
        const text = JSON.stringify({ ...filled, datasets: undefined });
        assertEquals(unsupported.map(({ path }) => path).toSorted(), left);
        assert(left.length > 0 || !/"aggregate":|"joinaggregate":|"calculate":/.test(text), text);
        assertEquals(schemaErrors(filled), undefined);
        const expected = await drawnMarks(await withRawRows(spec, tables));
        assertEquals(difference(await drawnMarks(structuredClone(filled)), expected), undefined);
      });
    }
  });
}

describe("a spec from the engine", () => {
  it("has far fewer rows than the table", async () => {
    const { rowCount } = await engineSpec(AGGREGATE_SPECS[0]!.spec);
    assertEquals(rowCount, 3);
  });

  it("renders to SVG without a screen", async () => {
    const { filled } = await engineSpec(STACK_SPECS[0]!.spec);
    const view = await viewOf(structuredClone(filled));
    const svg = await view.toSVG();
    assert(svg.startsWith("<svg") && svg.includes("<path"));
    view.finalize();
  });
});

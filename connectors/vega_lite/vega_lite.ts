/**
 * Vega-Lite: specs whose data are tables of the engine, and specs made from results.
 *
 * @example A spec comes back with aggregated rows
 * ```ts
 * import { assert } from "@std/assert";
 * import { createDatabase } from "../../mod.ts";
 * import { vegaLite } from "./vega_lite.ts";
 *
 * await using db = createDatabase();
 * await db.exec("CREATE TABLE sale (shop TEXT, amount INTEGER); INSERT INTO sale VALUES ('a', 2), ('a', 3)");
 * const chart = vegaLite.compile({
 *   data: { name: "sale" },
 *   mark: "bar",
 *   encoding: { x: { field: "shop" }, y: { field: "amount", aggregate: "sum" } },
 * }, {
 *   columns: (name) => {
 *     const relation = db.catalog.relation(name);
 *     return relation?.kind === "table" ? relation.columns : undefined;
 *   },
 *   relationNames: () => ["sale"],
 *   timeZone: "UTC",
 * });
 * const [sale] = chart.datasets;
 * const rows = (await db.query(sale!.query)).objects();
 * const spec = chart.fill(new Map([["sale", rows]]));
 * assert(JSON.stringify(spec.data) === '{"name":"sale","values":[{"shop":"a","sum_amount":5}]}');
 * ```
 *
 * @module
 */
import { QueryError } from "../../src/base/error.ts";
import type { ChartCatalog, ChartKind, CompiledChart } from "../charts/chart_kind.ts";
import type { RowChange } from "../charts/live_rows.ts";
import { compileSpec } from "./compile_spec.ts";
import { presentSpec } from "./present_spec.ts";
import { type ChangesetColumns, columnNotes, rowChangeset } from "./row_changeset.ts";
import { isSpec, type Spec } from "./spec_shape.ts";

export type { RowChange } from "../charts/live_rows.ts";
export type { ChangesetColumns } from "./row_changeset.ts";

/** Nesting that a spec may have. */
const DEPTH_MAX = 100;
const VIEW_KEYS = ["mark", "layer", "concat", "hconcat", "vconcat", "facet", "repeat"] as const;

/** See the module header. */
export const vegaLite: ChartKind = {
  name: "vega-lite",
  compile(spec: unknown, catalog: ChartCatalog): CompiledChart {
    return compileSpec(requireSpec(spec), catalog);
  },
  present: presentSpec,
};

/** As much of Vega's changeset as is used. */
export interface VegaChangeset {
  insert(rows: readonly unknown[]): unknown;
  remove(rows: (row: never) => boolean): unknown;
}

/**
 * A change of a live result in the form that `view.change` of Vega takes; `changeset` is Vega's own function, so
 * that nothing here imports Vega. Equal rows go as often as the change says.
 *
 * @example
 * ```ts
 * import * as vega from "vega";
 * import { changesetColumns, vegaChangeset } from "./vega_lite.ts";
 *
 * const spec = { data: { name: "sale", values: [{ shop: "a", n: 1 }] }, mark: "bar" };
 * const view = new vega.View(vega.parse({ data: [spec.data] }), { renderer: "none" });
 * await view.runAsync();
 * const change = { inserted: [{ shop: "a", n: 2 }], deleted: [{ shop: "a", n: 1 }] };
 * view.change("sale", vegaChangeset(vega.changeset, change, changesetColumns(spec, "sale")));
 * await view.runAsync();
 * ```
 */
export function vegaChangeset<Changeset extends VegaChangeset>(
  changeset: () => Changeset,
  change: RowChange,
  columns: ChangesetColumns = {},
): Changeset {
  const { insert, remove } = rowChangeset(change, columns);
  const result = changeset();
  result.remove(remove);
  result.insert(insert);
  return result;
}

/** What a filled spec says of the columns of one of its data sets, for {@linkcode vegaChangeset}. */
export function changesetColumns(spec: unknown, dataset: string): ChangesetColumns {
  return columnNotes(spec, dataset);
}

function requireSpec(spec: unknown): Spec {
  if (!isSpec(spec) || !VIEW_KEYS.some((key) => spec[key] !== undefined)) {
    throw new QueryError("invalid-parameter", "The value is no Vega-Lite spec", {
      details: { path: "" },
      hint: `give an object with one of ${VIEW_KEYS.join(", ")}`,
    });
  }
  let level: readonly unknown[] = [spec];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > DEPTH_MAX) {
      throw new QueryError("invalid-parameter", `The spec nests deeper than ${DEPTH_MAX} levels`, {
        details: { path: "", limit: DEPTH_MAX },
        hint: "write it flatter",
      });
    }
    level = level.flatMap((item) => typeof item === "object" && item !== null ? Object.values(item) : []);
  }
  return spec;
}

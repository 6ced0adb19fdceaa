/**
 * The values of a mark's channels as Plot computes them, in a form that compares.
 *
 * @module
 */
import * as Plot from "@observablehq/plot";
import { plotOptions } from "../../../connectors/observable_plot/plot_from_json.ts";
import type { PlotMark, PlotSpec } from "../../../connectors/observable_plot/plot_json.ts";
import type { Sale } from "../charts/chart_database.ts";

/** What a mark of Plot offers to tests. */
interface InitializedMark {
  initialize(): {
    readonly facets: readonly Iterable<number>[];
    readonly channels: Readonly<Record<string, { readonly value?: ArrayLike<unknown> }>>;
  };
}

/** One row for each mark instance, with its channels; sorted, for Plot keeps an order where SQL has none. */
export function markValues(spec: PlotSpec, index = 0): readonly string[] {
  const { marks } = plotOptions(spec, Plot as unknown as Readonly<Record<string, unknown>>);
  // Marks are objects of Plot, whose method here is no public type.
  const { facets, channels } = (marks as InitializedMark[])[index]!.initialize();
  const names = Object.keys(channels).filter((name) => channels[name]!.value !== undefined).sort();
  return facets.flatMap((facet) => [...facet]).map((i) =>
    JSON.stringify(Object.fromEntries(names.map((name) => [name, plain(channels[name]!.value![i])])))
  ).sort();
}

/** The same mark, with rows in the spec: Plot computes on them. */
export function rawValues(mark: PlotMark, sales: readonly Sale[]): readonly string[] {
  const rows = sales.map((sale) => ({ ...sale, day: new Date(sale.day), at: new Date(sale.at) }));
  return markValues({ marks: [{ ...mark, data: rows }] });
}

/** Missing is null, times are ISO texts, numbers have ten digits: sums in another order differ in the last ones. */
function plain(value: unknown): unknown {
  if (value === undefined || value === null) return null;
  if (value instanceof Date) return value.toISOString();
  if (typeof value !== "number") return value;
  return Number.isNaN(value) ? null : Number(value.toPrecision(10)) + 0;
}

/**
 * Draws an option to SVG without a page, as a server would.
 *
 * @module
 */
import { type EChartsOption, init } from "echarts";
import type { OptionJson } from "../../../connectors/echarts/option_json.ts";

/** The SVG of an option after patches, with the series data that ECharts drew from. */
export interface DrawnChart {
  readonly svg: string;
  /** For each series, by id: the values of these dimensions. */
  values(seriesId: string, dimensions: readonly string[]): unknown[][];
}

/** What a series model of ECharts offers to tests. */
interface SeriesModel {
  readonly id: string;
  getData(): {
    count(): number;
    get(dimension: string, index: number): unknown;
    mapDimension(name: string): string;
  };
}

/** Draws; JSON round trip included, for options travel. */
export function drawn(option: OptionJson, ...patches: readonly OptionJson[]): DrawnChart {
  const chart = init(null, null, { renderer: "svg", ssr: true, width: 800, height: 480 });
  // A JSON copy of an option has the shape that the type-checked tests show.
  for (const part of [option, ...patches]) chart.setOption(JSON.parse(JSON.stringify(part)) as EChartsOption);
  // The model is no public type of the library.
  const { getModel } = chart as unknown as { getModel(): { getSeries(): readonly SeriesModel[] } };
  const models = getModel.call(chart).getSeries();
  const data = new Map(models.map((model) => [model.id, model.getData()]));
  const svg = chart.renderToSVGString();
  const read = new Map([...data].map(([id, list]) => [
    id,
    (dimensions: readonly string[]) =>
      Array.from({ length: list.count() }, (_, i) => dimensions.map((name) => list.get(name, i))),
  ]));
  chart.dispose();
  return { svg, values: (id, dimensions) => read.get(id)?.(dimensions) ?? [] };
}

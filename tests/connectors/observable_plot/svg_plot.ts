/**
 * Draws a spec to SVG in jsdom, as a server would.
 *
 * @module
 */
import * as Plot from "@observablehq/plot";
import { JSDOM } from "jsdom";
import {
  plotFromJson,
  type PlotLibrary,
  type PlotSpec,
} from "../../../connectors/observable_plot/observable_plot.ts";

const { document } = new JSDOM("").window;

/** Plot, as a page hands it over. */
export const PLOT: PlotLibrary = Plot;

/** The markup of a spec; JSON round trip included, for specs travel. */
export function drawnPlot(spec: PlotSpec): string {
  const options = plotFromJson(JSON.parse(JSON.stringify(spec)), PLOT);
  return Plot.plot({ ...options, document }).outerHTML;
}

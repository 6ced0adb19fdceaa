/**
 * Observable Plot as JSON: our small form, for Plot has none.
 *
 * ```json
 * {
 *   "data": { "q": "SELECT * FROM orders WHERE o_totalprice > 1000" },
 *   "marks": [
 *     { "mark": "barY", "data": "orders", "options": { "x": "o_orderpriority" }, "transform": { "groupX": { "y": "count" } } },
 *     { "mark": "lineY", "data": "q", "options": { "x": { "value": "o_orderdate", "interval": "month" }, "y": "v" } }
 *   ],
 *   "x": { "label": "Priority" }
 * }
 * ```
 *
 * `transform` is one transform or a list in the order in which rows go through it. Everything else is as in
 * `Plot.plot`. In a spec that comes back, `data` holds arrays of rows.
 *
 * @module
 */
import type { ChartRow } from "../charts/chart_kind.ts";
import type { PresentedChart } from "../charts/shape_rows.ts";

/** Any JSON object of a spec. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** A mark. */
export interface PlotMark extends JsonObject {
  /** As Plot calls it: `barY`. */
  readonly mark: string;
  /** Name of rows in the spec's `data`, of a table or view, or rows. */
  readonly data?: unknown;
  readonly options?: JsonObject;
  readonly transform?: JsonObject | readonly JsonObject[];
}

/** A spec. */
export interface PlotSpec extends JsonObject {
  readonly marks: readonly PlotMark[];
  /** Rows, queries or tables by name. */
  readonly data?: JsonObject;
  /** What changes of rows need to know. */
  readonly liveview?: PlotLiveMark;
}

/** See {@linkcode PlotSpec.liveview}. */
export interface PlotLiveMark {
  /** The chart, when it was made from a result. */
  readonly presented?: PresentedChart;
  /** Rows of a compiled spec, by name. */
  readonly datasets?: Readonly<Record<string, PlotRowsMark>>;
}

/** What is known of rows. */
export interface PlotRowsMark {
  /** Columns that hold times: they become dates in the page. */
  readonly times: readonly string[];
  /** Those of them that are instants, moved to the wall time of `timeZone`. */
  readonly instants: readonly string[];
  readonly timeZone: string;
  readonly orderBy: readonly { readonly column: string; readonly descending?: boolean }[];
}

/** Rows by name. */
export type PlotRows = Readonly<Record<string, readonly ChartRow[]>>;

/** Marks that a spec may name. */
export const MARKS: ReadonlySet<string> = new Set([
  ..."areaX areaY area arrow axisX axisY axisFx axisFy barX barY bollingerX bollingerY boxX boxY".split(" "),
  ..."cell cellX cellY circle contour crosshair crosshairX crosshairY delaunayLink delaunayMesh density"
    .split(" "),
  ..."differenceX differenceY dot dotX dotY frame gridX gridY gridFx gridFy hexagon hexgrid hull".split(" "),
  ..."line lineX lineY linearRegressionX linearRegressionY link raster rect rectX rectY ruleX ruleY".split(
    " ",
  ),
  ..."text textX textY tickX tickY tip tree cluster vector vectorX vectorY spike voronoi voronoiMesh".split(
    " ",
  ),
  ..."waffleX waffleY".split(" "),
]);

/** Transforms of Plot that take `(config, options)`. */
export const PLOT_TRANSFORMS: ReadonlySet<string> = new Set([
  ..."bin binX binY group groupX groupY groupZ stackX stackX1 stackX2 stackY stackY1 stackY2".split(" "),
  ..."window windowX windowY normalizeX normalizeY mapX mapY map select shiftX shiftY dodgeX dodgeY".split(
    " ",
  ),
  ..."hexbin filter sort".split(" "),
]);

/** Transforms of Plot that take options alone. */
export const PLAIN_TRANSFORMS: ReadonlySet<string> = new Set([
  "selectFirst",
  "selectLast",
  "selectMinX",
  "selectMinY",
  "selectMaxX",
  "selectMaxY",
  "reverse",
]);

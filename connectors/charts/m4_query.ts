/**
 * M4 as a query: the engine keeps first, last, least and greatest of each pixel column; see `downsample.ts`.
 *
 * ```
 * rows ─┬─► min(x), max(x) ─┐
 *       └───────────────────┴─► pixel column ─► 4 × GROUP BY pixel: (min x, y there), (max x, y there),
 *                                                (x there, min y), (x there, max y) ─► union without doubles
 * ```
 *
 * @module
 */
import { call, literal, type Scalar } from "../../src/query/builder.ts";
import { DOUBLE } from "../../src/storage/sql_type.ts";
import { doubleScalar } from "./chart_aggregate.ts";
import { columnNamed, QueryPipeline } from "./query_pipeline.ts";

/** What is drawn. */
export interface M4Options {
  /** A number or a time; rows without it are left out. */
  readonly x: string;
  /** A number. */
  readonly y: string;
  /** A category whose values are lines of their own. */
  readonly series?: string;
  /** Pixels in width. */
  readonly columnCount: number;
}

const PIXEL = "__pixel";
const LOW = "__low";
const HIGH = "__high";

/** At most four rows for each pixel column (and series), by ascending x. */
export function m4Pipeline(source: QueryPipeline, { x, y, series, columnCount }: M4Options): QueryPipeline {
  const keys = series === undefined ? [] : [series];
  const drawn = source.select([...new Set([...keys, x, y])])
    .filter(columnNamed(x).isNotNull().and(columnNamed(y).isNotNull()));
  const extent = drawn.aggregate([], [
    { name: LOW, value: call("min", columnNamed(x)) },
    { name: HIGH, value: call("max", columnNamed(x)) },
  ]);
  const type = source.typeOf(x);
  const isTime = type?.kind === "date" || type?.kind === "timestamp" || type?.kind === "timestamptz";
  const place = (name: string): Scalar =>
    isTime ? doubleScalar(call("date_part", "epoch", columnNamed(name))) : doubleScalar(columnNamed(name));
  const share = place(x).minus(place(LOW)).dividedBy(
    call("nullif", place(HIGH).minus(place(LOW)), literal(0)),
  );
  const pixel = call(
    "least",
    call("floor", call("coalesce", share, literal(0)).times(columnCount)),
    columnCount - 1,
  );
  const cut = drawn.cross(extent).derive([{ name: PIXEL, type: DOUBLE, value: pixel }]);
  const corner = (xValue: Scalar, yValue: Scalar) =>
    cut.aggregate([...keys, PIXEL], [
      { name: CORNER_X, type, value: xValue },
      { name: CORNER_Y, type: source.typeOf(y), value: yValue },
    ]).select([...keys, { name: CORNER_X, as: x }, { name: CORNER_Y, as: y }]);
  const [cx, cy] = [columnNamed(x), columnNamed(y)];
  const corners = QueryPipeline.union([
    corner(call("min", cx), call("arg_min", cy, cx)),
    corner(call("max", cx), call("arg_max", cy, cx)),
    corner(call("arg_min", cx, cy), call("min", cy)),
    corner(call("arg_max", cx, cy), call("max", cy)),
  ]);
  return corners.aggregate([...keys, x, y], []).sort([{ column: x, direction: "asc" }]);
}

const CORNER_X = "__x";
const CORNER_Y = "__y";

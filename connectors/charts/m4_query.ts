/**
 * M4 as a query: the engine keeps first, last, least and greatest of each pixel column; see `downsample.ts`.
 *
 * ```
 * rows ─┬─► min(x), max(x) ─┐
 *       └───────────────────┴─► GROUP BY pixel column: four points in an array ─► unnest ─► without doubles
 * ```
 *
 * @module
 */
import { call, literal, Scalar } from "../../src/query/builder.ts";
import { arrayType, DOUBLE } from "../../src/storage/sql_type.ts";
import { doubleScalar } from "./chart_aggregate.ts";
import { columnNamed, type QueryPipeline } from "./query_pipeline.ts";

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
  const yType = source.typeOf(y);
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
  const [cx, cy] = [columnNamed(x), columnNamed(y)];
  const corners = cut.aggregate([...keys, PIXEL], [
    {
      name: CORNERS_X,
      value: list([call("min", cx), call("max", cx), call("arg_min", cx, cy), call("arg_max", cx, cy)]),
      type: type === undefined ? undefined : arrayType(type),
    },
    {
      name: CORNERS_Y,
      value: list([call("arg_min", cy, cx), call("arg_max", cy, cx), call("min", cy), call("max", cy)]),
      type: yType === undefined ? undefined : arrayType(yType),
    },
  ]).select([...keys, CORNERS_X, CORNERS_Y]);
  const points = corners.flatten([{ name: CORNERS_X, as: x }, { name: CORNERS_Y, as: y }]);
  return points.aggregate([...keys, x, y], []).sort([{ column: x, direction: "asc" }]);
}

function list(items: readonly Scalar[]): Scalar {
  return new Scalar({ kind: "array", items: items.map(({ expression }) => expression) });
}

const CORNERS_X = "__xs";
const CORNERS_Y = "__ys";

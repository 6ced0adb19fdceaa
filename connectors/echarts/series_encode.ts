/**
 * What a series wants of its dataset: `encode`, with expressions where ECharts has only names.
 *
 * ```
 * encode: { x: "month(o_orderdate)", y: "sum(o_totalprice)", series: "o_orderpriority", order: "-y", limit: 10 }
 *            └ key                     └ measure               └ key: a series for each value
 * ```
 *
 * With a measure, all other entries are keys. `tooltip` and `label` may only name what is there already.
 *
 * @module
 */
import { QueryError } from "../../src/base/error.ts";
import { type ChartExpression, chartExpression, isCall } from "../charts/chart_expression.ts";
import { describe, isObject, listOf, pointer, type SpecObject } from "../charts/json_spec.ts";
import type { QueryPipeline, SortKey } from "../charts/query_pipeline.ts";
import { type CompileScope, leaveOut } from "./compile_scope.ts";

/** An `encode`, read. */
export interface SeriesEncode {
  /** For ECharts: columns by channel. */
  readonly channels: Readonly<Record<string, readonly string[]>>;
  /** All expressions, each once. */
  readonly columns: readonly ChartExpression[];
  /** The column whose values are series of their own. */
  readonly split: string | undefined;
  /** Some column is an aggregate. */
  readonly grouped: boolean;
  readonly order: readonly SortKey[];
  readonly limit: number | undefined;
}

/** Entries of `encode` that are no channels of ECharts. */
const OWN: ReadonlySet<string> = new Set(["series", "order", "limit", "path"]);
/** Channels that show what others brought. */
const ECHO: ReadonlySet<string> = new Set(["tooltip", "label"]);

/** Where an `encode` stands. */
export interface EncodePlace {
  readonly pipeline: QueryPipeline;
  readonly scope: CompileScope;
  readonly path: string;
}

/** Reads an `encode`. */
export function seriesEncode(encode: SpecObject, place: EncodePlace): SeriesEncode {
  const columns = new Map<string, ChartExpression>();
  const channels: Record<string, readonly string[]> = {};
  const entries = Object.entries(encode).filter(([channel, value]) => !OWN.has(channel) && value !== null);
  const add = (channel: string, value: unknown): readonly string[] =>
    listOf(value).map((item, i) => {
      const path = place.path + (Array.isArray(value) ? pointer(channel, i) : pointer(channel));
      const expression = expressionOf(item, place, path);
      columns.set(expression.name, expression);
      return expression.name;
    });
  for (const [channel, value] of entries) {
    if (!ECHO.has(channel)) channels[channel] = add(channel, value);
  }
  if (encode["path"] !== undefined) channels["path"] = add("path", encode["path"]);
  const split = add("series", encode["series"])[0];
  const grouped = [...columns.values()].some(({ aggregate }) => aggregate);
  for (const [channel, value] of entries) {
    if (ECHO.has(channel)) channels[channel] = echoed(channel, value, { columns, grouped, place });
  }
  return {
    channels,
    columns: [...columns.values()],
    split,
    grouped,
    order: orderOf(encode["order"], channels, columns, place),
    limit: limitOf(encode["limit"], place),
  };
}

function expressionOf(item: unknown, { pipeline, scope }: EncodePlace, path: string): ChartExpression {
  const text = typeof item === "number" ? pipeline.columns?.[item]?.name : item;
  if (typeof text !== "string") {
    throw new QueryError("invalid-parameter", `Not a dimension at ${path}: received ${describe(item)}`, {
      details: { path },
      hint: "give a column, its index, or an expression such as sum(price)",
    });
  }
  return chartExpression(text, { pipeline, timeZone: scope.catalog.timeZone, path });
}

interface EchoScope {
  readonly columns: Map<string, ChartExpression>;
  readonly grouped: boolean;
  readonly place: EncodePlace;
}

function echoed(channel: string, value: unknown, { columns, grouped, place }: EchoScope): readonly string[] {
  return listOf(value).flatMap((item, i) => {
    const path = place.path + (Array.isArray(value) ? pointer(channel, i) : pointer(channel));
    const expression = expressionOf(item, place, path);
    if (grouped && !expression.aggregate && !columns.has(expression.name)) {
      leaveOut(place.scope, path, `${expression.name} is no key of the groups: aggregate it`);
      return [];
    }
    columns.set(expression.name, expression);
    return [expression.name];
  });
}

/** `"-y"`, `"sum(price)"`: channels or columns, the greatest first with a minus. */
function orderOf(
  order: unknown,
  channels: Readonly<Record<string, readonly string[]>>,
  columns: ReadonlyMap<string, ChartExpression>,
  { path }: EncodePlace,
): readonly SortKey[] {
  return listOf(order).map((item, i) => {
    const descending = typeof item === "string" && item.startsWith("-");
    const name = typeof item === "string" ? item.slice(descending ? 1 : 0).trim() : "";
    const column = Object.hasOwn(channels, name) ? channels[name]?.[0] : name;
    if (column !== undefined && columns.has(column)) {
      return { column, direction: descending ? "desc" : "asc", nulls: "last" };
    }
    const place = path + (Array.isArray(order) ? pointer("order", i) : "/order");
    throw new QueryError("invalid-parameter", `Cannot order by ${describe(item)} at ${place}`, {
      details: { path: place },
      hint: `name one of ${[...Object.keys(channels), ...columns.keys()].join(", ")}`,
    });
  });
}

function limitOf(limit: unknown, { path }: EncodePlace): number | undefined {
  if (limit === undefined || limit === null) return undefined;
  if (typeof limit === "number" && Number.isSafeInteger(limit) && limit > 0) return limit;
  throw new QueryError("invalid-parameter", `Not a limit at ${path}/limit: received ${describe(limit)}`, {
    details: { path: `${path}/limit` },
    hint: "a positive integer",
  });
}

/** True when an `encode` of rows that stand in the option asks for more than ECharts can do. */
export function needsEngine(encode: unknown): boolean {
  if (!isObject(encode)) return false;
  return Object.entries(encode).some(([channel, value]) =>
    OWN.has(channel) || listOf(value).some((item) => typeof item === "string" && isCall(item))
  );
}

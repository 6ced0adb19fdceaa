/**
 * Channels of mosaic-spec: `{ "sum": "price" }`, `{ "dateMonth": "day" }`, `{ "bin": "price" }`, and our own
 * `{ "expr": "sum(price) / count()" }`. They become texts of `chart_expression.ts`, with names in quotes.
 *
 * @module
 */
import { QueryError } from "../../src/base/error.ts";
import { describe, isObject, type SpecObject } from "../charts/json_spec.ts";

/** An expression, or a column that is to be cut into bins. */
export type MosaicChannel =
  | { readonly text: string }
  | { readonly bin: string; readonly options: SpecObject };

/** Aggregates of one column by the name that mosaic gives them. */
const AGGREGATES: ReadonlyMap<string, string> = new Map([
  ["sum", "sum"],
  ["avg", "avg"],
  ["mean", "avg"],
  ["min", "min"],
  ["max", "max"],
  ["median", "median"],
  ["mode", "mode"],
  ["stddev", "stddev"],
  ["variance", "variance"],
]);

/** Times cut to a unit, the year left out as in mosaic: all in 2012. */
const CYCLES: ReadonlySet<string> = new Set(["dateMonth", "dateMonthDay", "dateDay"]);

/** The channel; `undefined` when the object is none. */
export function mosaicChannel(value: SpecObject, path: string): MosaicChannel | undefined {
  for (const key of ["expr", "sql", "agg"]) {
    if (typeof value[key] === "string") return { text: value[key] };
  }
  if (value["count"] !== undefined) return { text: countText(value, path) };
  if (value["bin"] !== undefined) {
    const { bin, steps, interval, step } = value;
    if (typeof bin !== "string") throw malformed(path, value);
    return { bin, options: { thresholds: steps ?? STEPS, interval: interval ?? step } };
  }
  const quantile = value["quantile"];
  if (Array.isArray(quantile) && typeof quantile[1] === "number") {
    return { text: `quantile(${quoted(quantile[0], path)}, ${quantile[1]})` };
  }
  for (const [key, name] of [["argmax", "close"], ["argmin", "open"]] as const) {
    const pair = value[key];
    if (Array.isArray(pair)) return { text: `${name}(${quoted(pair[0], path)}, ${quoted(pair[1], path)})` };
  }
  for (const [key, column] of Object.entries(value)) {
    const name = AGGREGATES.get(key);
    if (name !== undefined) return { text: `${name}(${quoted(column, path)})` };
    if (CYCLES.has(key)) return { text: `${key.toLowerCase()}(${quoted(column, path)})` };
  }
  return undefined;
}

/** Bins that mosaic aims at. */
const STEPS = 25;

function countText({ count, distinct }: SpecObject, path: string): string {
  if (count === null || count === "") return "count()";
  return `count(${distinct === true ? "distinct " : ""}${quoted(count, path)})`;
}

function quoted(column: unknown, path: string): string {
  const name = isObject(column) ? column["column"] : column;
  if (typeof name !== "string") throw malformed(path, column);
  return `"${name.replaceAll('"', '""')}"`;
}

function malformed(path: string, value: unknown): QueryError {
  return new QueryError("invalid-parameter", `Not a column at ${path}: received ${describe(value)}`, {
    details: { path },
    hint: "name one column",
  });
}

/**
 * The options of `Plot.plot` from a spec with rows: Plot comes as an argument, it is the page's.
 *
 * Texts of times become dates; what a spec names is looked up in lists, so a spec reaches no other function of
 * Plot.
 *
 * @module
 */
import { QueryError } from "../../src/base/error.ts";
import type { ChartRow } from "../charts/chart_kind.ts";
import { isObject, listOf, type SpecObject } from "../charts/json_spec.ts";
import { epochMs } from "../charts/wall_time.ts";
import {
  type JsonObject,
  MARKS,
  PLAIN_TRANSFORMS,
  PLOT_TRANSFORMS,
  type PlotMark,
  type PlotSpec,
} from "./plot_json.ts";
import { rowTest } from "./row_test.ts";

/** `@observablehq/plot`. */
export type PlotLibrary = Readonly<Record<string, unknown>>;

/** See the module header. */
export function plotOptions(spec: PlotSpec, Plot: PlotLibrary): Record<string, unknown> {
  const { marks, data = {}, liveview: _, ...rest } = spec;
  const rows = new Map<string, readonly unknown[]>();
  const rowsOf = (source: unknown): unknown => {
    if (typeof source !== "string") return Array.isArray(source) ? datedRows(source, undefined) : source;
    if (!rows.has(source)) {
      const found = Object.hasOwn(data, source) ? data[source] : undefined;
      if (!Array.isArray(found)) throw noRows(source, data);
      rows.set(source, datedRows(found, timesOf(spec, source)));
    }
    return rows.get(source);
  };
  return { ...rest, marks: marks.map((mark) => markOf(mark, rowsOf, Plot)) };
}

function noRows(name: string, data: JsonObject): QueryError {
  return new QueryError("invalid-parameter", `The spec has no rows ${JSON.stringify(name)}`, {
    details: { data: name },
    hint: `it has ${Object.keys(data).join(", ") || "none"}: compile and fill it first`,
  });
}

function markOf(mark: PlotMark, rowsOf: (source: unknown) => unknown, Plot: PlotLibrary): unknown {
  if (!MARKS.has(mark.mark)) throw missing(mark.mark);
  const { filter, sort, reverse, ...options } = mark.options ?? {};
  const native = {
    ...Object.fromEntries(Object.entries(options).map(([name, value]) => [name, labelled(value)])),
    ...(filter === undefined ? {} : { filter: isObject(filter) ? rowTest(filter) : filter }),
    ...(sort === undefined ? {} : { sort: sortOption(sort) }),
    ...(reverse === undefined ? {} : { reverse }),
  };
  const steps = listOf(mark.transform).filter(isObject);
  const done = steps.reduce((current: unknown, step) => transformed(step, current, Plot), native);
  const make = functionOf(Plot, mark.mark);
  const rows = rowsOf(mark.data);
  return rows === undefined ? make(done) : make(rows, done);
}

/** `{ value: "column", label, scale }`: Plot's transforms read a labelled column only as function. */
function labelled(value: unknown): unknown {
  if (!isObject(value) || typeof value["value"] !== "string") return value;
  const { value: column, label = column, scale, ...others } = value;
  if (Object.keys(others).length > 0) return value;
  const read = {
    label,
    transform: (rows: Iterable<SpecObject>) => Array.from(rows, (row) => row[String(column)]),
  };
  return scale === undefined ? read : { value: read, scale };
}

function sortOption(sort: unknown): unknown {
  if (typeof sort === "string" && sort.startsWith("-")) return { value: sort.slice(1), order: "descending" };
  return isObject(sort) && sort["column"] !== undefined ? { ...sort, value: sort["column"] } : sort;
}

function transformed(step: SpecObject, options: unknown, Plot: PlotLibrary): unknown {
  const [name, config] = Object.entries(step)[0] ?? [];
  if (name === undefined) return options;
  if (name === "m4") return options;
  if (name === "limit") {
    return functionOf(Plot, "filter")((_: unknown, i: number) => i < Number(config), options);
  }
  if (PLAIN_TRANSFORMS.has(name)) return functionOf(Plot, name)(options);
  if (!PLOT_TRANSFORMS.has(name)) throw missing(name);
  switch (name) {
    case "filter":
      return functionOf(Plot, name)(isObject(config) ? rowTest(config) : config, options);
    case "sort":
      return functionOf(Plot, name)(sortOption(config), options);
    case "normalizeX":
    case "normalizeY":
      return functionOf(Plot, name)(isObject(config) ? config["basis"] : config, options);
    default:
      return functionOf(Plot, name)(config, options);
  }
}

function functionOf(Plot: PlotLibrary, name: string): (...args: readonly unknown[]) => unknown {
  const found = Plot[name];
  // Plot's types are not known here; whatever is callable is called.
  if (typeof found === "function") return found as (...args: readonly unknown[]) => unknown;
  throw missing(name);
}

function missing(name: string): QueryError {
  return new QueryError("unsupported", `Plot has no ${JSON.stringify(name)} that a spec may name`, {
    details: { name },
    hint: "see plot_json.ts for the marks and transforms",
  });
}

/** Columns of times, where the spec knows them. */
function timesOf({ liveview }: PlotSpec, name: string): readonly string[] | undefined {
  const known = liveview?.datasets?.[name]?.times;
  if (known !== undefined && known.length > 0) return known;
  if (liveview?.presented === undefined) return undefined;
  const { columns, shape } = liveview.presented;
  return shape.kind === "heatMap"
    ? []
    : columns.filter(({ role }) => role === "time").map((column) => column.name);
}

const ISO = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?Z)?$/;

/** Rows with dates; without knowledge a column of ISO texts alone is one of times. */
function datedRows(rows: readonly unknown[], times: readonly string[] | undefined): readonly unknown[] {
  const objects = rows.filter(isObject);
  if (objects.length === 0 || objects.length < rows.length) return rows;
  const names = times ??
    Object.keys(objects[0]!).filter((name) =>
      objects.some((row) => row[name] !== null && row[name] !== undefined) &&
      objects.every((row) => row[name] === null || row[name] === undefined || isIso(row[name]))
    );
  return names.length === 0 ? rows : objects.map((row) => dated(row, names));
}

function isIso(value: unknown): boolean {
  return typeof value === "string" && ISO.test(value);
}

function dated(row: ChartRow, names: readonly string[]): ChartRow {
  const dates = names.filter((name) => Object.hasOwn(row, name)).map((name) => {
    const ms = epochMs(row[name]);
    return [name, Number.isNaN(ms) ? null : new Date(ms)];
  });
  return { ...row, ...Object.fromEntries(dates) };
}

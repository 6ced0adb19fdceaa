/**
 * Specs in the JSON form of mosaic-spec, as far as their marks are Plot's: read into our form, and written.
 *
 * ```json
 * { "plot": [{ "mark": "rectY", "data": { "from": "flights" }, "x": { "bin": "delay" }, "y": { "count": null } }],
 *   "xLabel": "Delay", "width": 640 }
 * ```
 *
 * Attributes of the plot (`xLabel`, `colorScheme`) become options of scales. Params, selections, inputs and
 * layouts of several plots belong to mosaic's client and are listed as unsupported.
 *
 * @module
 */
import type { UnsupportedPart } from "../charts/chart_kind.ts";
import { isObject, listOf, pointer, type SpecObject } from "../charts/json_spec.ts";
import type { JsonObject, PlotMark, PlotSpec } from "./plot_json.ts";

/** True for a spec that has `plot`, or several of them. */
export function isMosaic(spec: SpecObject): boolean {
  return ["plot", "vconcat", "hconcat"].some((key) => Array.isArray(spec[key]));
}

const SCALES = ["fx", "fy", "x", "y", "color", "r", "opacity", "symbol", "length"];
/** Fields of a mosaic spec that are no attributes of the plot. */
const OTHERS: ReadonlySet<string> = new Set(["plot", "data", "meta", "params", "config", "plotDefaults"]);
const PLOT_FIELDS: ReadonlySet<string> = new Set([
  ..."width height aspectRatio margin marginLeft marginRight marginTop marginBottom inset style axis grid"
    .split(" "),
]);

/** The spec in our form. */
export function plotFromMosaic(spec: SpecObject, unsupported: UnsupportedPart[]): PlotSpec {
  const leave = (path: string, reason: string) => unsupported.push({ path, reason });
  const rest: Record<string, unknown> = {};
  const scales = new Map<string, Record<string, unknown>>();
  for (const [key, value] of Object.entries({ ...plotDefaults(spec), ...spec })) {
    if (OTHERS.has(key)) continue;
    const scale = SCALES.find((name) => key.startsWith(name) && /^[A-Z]/.test(key.slice(name.length)));
    if (PLOT_FIELDS.has(key)) rest[key] = value;
    else if (scale === undefined || isParam(value)) {
      leave(pointer(key), "only one plot without params is read");
    } else {
      const field = key.slice(scale.length);
      const name = field === "Scale" ? "type" : field.charAt(0).toLowerCase() + field.slice(1);
      scales.set(scale, { ...scales.get(scale), [name]: value });
    }
  }
  if (spec["params"] !== undefined) leave("/params", "params belong to mosaic's client");
  const marks = listOf(spec["plot"]).flatMap((each, i): PlotMark[] => {
    const path = pointer("plot", i);
    if (!isObject(each) || typeof each["mark"] !== "string") {
      if (isObject(each) && each["legend"] === "color") {
        scales.set("color", { ...scales.get("color"), legend: true });
      } else leave(path, "only marks are read: selections and inputs belong to mosaic's client");
      return [];
    }
    return [markFromMosaic(each, path, leave)];
  });
  return { ...rest, ...Object.fromEntries(scales), data: dataFromMosaic(spec["data"], leave), marks };
}

function plotDefaults({ plotDefaults: defaults }: SpecObject): SpecObject {
  return isObject(defaults) ? defaults : {};
}

function isParam(value: unknown): boolean {
  return typeof value === "string" && value.startsWith("$");
}

type Leave = (path: string, reason: string) => void;

function markFromMosaic(mark: SpecObject, path: string, leave: Leave): PlotMark {
  const { mark: name, data, ...options } = mark;
  if (isObject(data) && data["filterBy"] !== undefined) {
    leave(`${path}/data/filterBy`, "selections belong to mosaic's client");
  }
  const channels = Object.entries(options).filter(([key, value]) => {
    const param = isParam(value) || (isObject(value) && Object.values(value).some(isParam));
    if (param) leave(path + pointer(key), "params belong to mosaic's client");
    return !param;
  });
  const source = isObject(data) ? data["from"] : data;
  return {
    mark: String(name),
    ...(source === undefined ? {} : { data: source }),
    options: Object.fromEntries(channels),
  };
}

function dataFromMosaic(data: unknown, leave: Leave): JsonObject {
  if (!isObject(data)) return {};
  return Object.fromEntries(
    Object.entries(data).flatMap(([name, source]): [string, unknown][] => {
      if (typeof source === "string") return [[name, { sql: source }]];
      if (Array.isArray(source)) return [[name, source]];
      if (isObject(source) && typeof source["query"] === "string") return [[name, { sql: source["query"] }]];
      if (isObject(source) && Array.isArray(source["data"])) return [[name, source["data"]]];
      leave(pointer("data", name), "files are not loaded: import them as a table of this name");
      return [];
    }),
  );
}

/** Aggregates of mosaic by the reducers of Plot. */
const AGGREGATES: ReadonlyMap<unknown, string> = new Map([
  ["sum", "sum"],
  ["mean", "avg"],
  ["median", "median"],
  ["mode", "mode"],
  ["min", "min"],
  ["max", "max"],
  ["deviation", "stddev"],
  ["variance", "variance"],
]);

/** The spec in the form of mosaic-spec, and what it has no form for. Marks read tables by name. */
export function mosaicFromPlot(
  spec: PlotSpec,
): { readonly spec: JsonObject; readonly unsupported: readonly UnsupportedPart[] } {
  const unsupported: UnsupportedPart[] = [];
  const attributes: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(spec)) {
    if (key === "marks" || key === "data" || key === "liveview") continue;
    if (SCALES.includes(key) && isObject(value)) {
      for (const [name, option] of Object.entries(value)) {
        const field = name === "type" ? "Scale" : name.charAt(0).toUpperCase() + name.slice(1);
        attributes[key + field] = option;
      }
    } else if (PLOT_FIELDS.has(key)) attributes[key] = value;
    else unsupported.push({ path: pointer(key), reason: "mosaic-spec has no such attribute" });
  }
  const plot = spec.marks.map((mark, i) => markToMosaic(mark, pointer("marks", i), unsupported));
  const sources = Object.entries(spec.data ?? {}).map(([name, source]) => [name, dataToMosaic(source)]);
  return {
    spec: { ...(sources.length === 0 ? {} : { data: Object.fromEntries(sources) }), plot, ...attributes },
    unsupported,
  };
}

function dataToMosaic(source: unknown): unknown {
  if (Array.isArray(source)) return { type: "json", data: source };
  if (typeof source === "string") {
    return /^\s*(select|with|values|from)\b/i.test(source) ? source : `FROM "${source}"`;
  }
  return isObject(source) && typeof source["sql"] === "string" ? source["sql"] : source;
}

function markToMosaic(mark: PlotMark, path: string, unsupported: UnsupportedPart[]): JsonObject {
  const options: Record<string, unknown> = { ...mark.options };
  for (const [i, step] of listOf(mark.transform).entries()) {
    const [name, outputs] = isObject(step) ? Object.entries(step)[0] ?? [] : [];
    const grouped = name !== undefined && /^(group|bin)[XYZ]?$/.test(name) && isObject(outputs);
    const channels = grouped ? outputsToMosaic(name, outputs, options) : undefined;
    if (channels === undefined) {
      const place = Array.isArray(mark.transform) ? pointer("transform", i) : "/transform";
      unsupported.push({ path: path + place, reason: "mosaic-spec has no such transform" });
    } else Object.assign(options, channels);
  }
  const source = typeof mark.data === "string"
    ? { data: { from: mark.data } }
    : mark.data === undefined
    ? {}
    : { data: mark.data };
  return { mark: mark.mark, ...source, ...options };
}

function outputsToMosaic(name: string, outputs: SpecObject, options: SpecObject): JsonObject | undefined {
  const channels: Record<string, unknown> = {};
  for (const [channel, reducer] of Object.entries(outputs)) {
    const input = options[channel];
    const aggregate = AGGREGATES.get(reducer);
    if (reducer === "count") channels[channel] = { count: null };
    else if (reducer === "distinct") channels[channel] = { count: input, distinct: true };
    else if (aggregate !== undefined && input !== undefined) channels[channel] = { [aggregate]: input };
    else return undefined;
  }
  if (!name.startsWith("bin")) return channels;
  for (const axis of name === "bin" ? ["x", "y"] : [name.slice(3).toLowerCase()]) {
    const { thresholds, interval } = options;
    channels[axis] = {
      bin: options[axis],
      ...(typeof thresholds === "number" ? { steps: thresholds } : {}),
      ...(interval === undefined ? {} : { interval }),
    };
  }
  return channels;
}

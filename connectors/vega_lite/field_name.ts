/**
 * Names: of the column that a field means, and of the output that Vega-Lite gives to a computed field.
 *
 * ```
 * "a"  "a\\.b"  "[a.b]"             column a, column a.b, column a.b
 * {aggregate: "mean", field: "a"}  mean_a
 * {timeUnit: "yearmonth", ...}     yearmonth_a
 * {bin: {maxbins: 20}, ...}        bin_maxbins_20_a, bin_maxbins_20_a_end
 * {aggregate: "count"}             __count
 * ```
 *
 * @module
 */
import { isSpec, type Spec, unsupported } from "./spec_shape.ts";

/** Name of the output of a count. */
export const COUNT_NAME = "__count";

/**
 * The column that a field of a spec names.
 *
 * @throws {QueryError} `unsupported` for a path into a nested value
 */
export function columnOfField(field: string, path: string): string {
  const parts: string[] = [];
  let part = "";
  for (let i = 0; i < field.length; i++) {
    const char = field[i]!;
    if (char === "\\") part += field[++i] ?? "";
    else if (char === ".") (parts.push(part), part = "");
    else if (char === "[") {
      const end = field.indexOf("]", i);
      if (end < 0) throw unsupported(path, `The field ${field} has an open bracket`);
      if (part !== "") parts.push(part);
      parts.push(field.slice(i + 1, end).replace(/^(['"])(.*)\1$/, "$2"));
      part = "";
      i = end;
    } else part += char;
  }
  if (part !== "" || parts.length === 0) parts.push(part);
  if (parts.length > 1) {
    throw unsupported(path, `The field ${field} is within a nested value: write "a\\\\.b" for a column a.b`);
  }
  return parts[0]!;
}

/** The field that names the column `name`, whatever characters it has. */
export function fieldOfColumn(name: string): string {
  return name.replace(/[\\.[\]]/g, "\\$&");
}

/** Vega-Lite's key of a bin: `bin_maxbins_10`. */
export function binKey(bin: Spec): string {
  return `bin${Object.entries(bin).map(([key, value]) => word(`_${key}_${String(value)}`)).join("")}`;
}

/** Vega-Lite's key of a time unit: `utcyearmonth`, `minutes_step_10`. */
export function timeUnitKey(timeUnit: string | Spec): string {
  if (typeof timeUnit === "string") return timeUnit;
  const { utc, ...rest } = timeUnit;
  let unit = String(rest["unit"]);
  const inUnit = unit.startsWith("utc");
  if (inUnit) unit = unit.slice(3);
  const parts = Object.entries({ ...rest, unit }).map(([key, value]) =>
    word(`${key === "unit" ? "" : `_${key}_`}${String(value)}`)
  );
  return `${utc === true || inUnit ? "utc" : ""}${parts.join("")}`;
}

/** Bins without a size of their own have 6, 4 or 10 of them, as Vega-Lite decides by channel. */
export function normalBin(bin: unknown, channel: string): Spec {
  const spec = isSpec(bin) ? bin : {};
  return spec["maxbins"] === undefined && spec["step"] === undefined
    ? { ...spec, maxbins: maxbinsOf(channel) }
    : spec;
}

const SIX_BINS: ReadonlySet<string> = new Set([
  "row",
  "column",
  "size",
  "color",
  "fill",
  "stroke",
  "strokeWidth",
  "opacity",
  "fillOpacity",
  "strokeOpacity",
  "shape",
]);

function maxbinsOf(channel: string): number {
  return channel === "strokeDash" ? 4 : SIX_BINS.has(channel) ? 6 : 10;
}

function word(text: string): string {
  const name = text.replace(/\W/g, "_");
  return /^\d/.test(name) ? `_${name}` : name;
}

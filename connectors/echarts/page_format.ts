/**
 * Functions that write numbers, for options in a page: percentages and currencies have no template in ECharts, and
 * functions do not travel.
 *
 * @module
 */
import { numberText } from "../charts/chart_text.ts";
import type { NumberFormat } from "../charts/number_format.ts";
import type { JsonObject, OptionJson } from "./option_json.ts";

/** Digits of an axis: fewer than those of a value. */
const COMPACT = { notation: "compact", minimumFractionDigits: 0, maximumFractionDigits: 1 };

/** The option with formatters for the axis of its measure and for tooltips; other options stay as they are. */
export function formattedOption(option: OptionJson): OptionJson {
  const presented = option.liveview?.presented;
  if (presented === undefined) return option;
  const { shape, locale } = presented;
  if (shape.kind === "bigNumber" || shape.kind === "table") return option;
  const measure = shape.kind === "heatMap" ? shape.value : shape.kind === "scatter" ? shape.y : shape.ys[0];
  const { format } = measure ?? {};
  const value = numberText(format, locale);
  const tick = numberText(compact(format), locale);
  const axis = shape.kind === "bar" && shape.horizontal ? "xAxis" : "yAxis";
  return {
    ...option,
    ...componentsWith(option, "tooltip", () => ({ valueFormatter: value })),
    ...(shape.kind === "heatMap" ? {} : componentsWith(option, axis, ({ axisLabel }) => ({
      axisLabel: { ...(typeof axisLabel === "object" ? axisLabel : {}), formatter: tick },
    }))),
  };
}

function compact(format: NumberFormat | undefined): NumberFormat | undefined {
  return format === undefined ? undefined : { ...format, intl: { ...format.intl, ...COMPACT } };
}

/** The components `key` of the option with more fields. */
function componentsWith(
  option: OptionJson,
  key: string,
  fields: (component: JsonObject) => JsonObject,
): JsonObject {
  const components = option[key];
  if (!Array.isArray(components)) return {};
  return { [key]: components.map((component: JsonObject) => ({ ...component, ...fields(component) })) };
}

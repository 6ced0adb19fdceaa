/**
 * What Vega-Lite decides by whether fields aggregate: orientation, opacity, stacks.
 *
 * The engine's rows are plain fields, so these decisions are written into the spec.
 *
 * @module
 */
import type { OutputField } from "./aggregate_unit.ts";
import { fieldOfColumn } from "./field_name.ts";
import { isSpec, type Spec } from "./spec_shape.ts";

const POINTS: ReadonlySet<unknown> = new Set(["point", "tick", "circle", "square"]);

/** The mark with what followed from its aggregates. */
export function aggregatedMark(mark: unknown, outputs: readonly OutputField[], config: Spec): unknown {
  const def: Spec = isSpec(mark) ? mark : { type: mark };
  const { type } = def;
  const added: Record<string, unknown> = {};
  // Points that are not aggregates are drawn half transparent.
  if (POINTS.has(type) && def["opacity"] === undefined && !configured(config, def, "opacity")) {
    added["opacity"] = 1;
  }
  if (type === "bar" || type === "text") {
    const [x, y] = ["x", "y"].map((channel) =>
      outputs.find(({ field }) => field.channel === channel && field.keys.length === 1)
    );
    const [xMeasure, yMeasure] = [x, y].map((output) => output?.role.kind === "measure");
    if (x !== undefined && y !== undefined && xMeasure !== yMeasure) {
      added["orient"] = yMeasure ? "vertical" : "horizontal";
    }
  }
  return Object.keys(added).length === 0 ? mark : { ...def, ...added };
}

/** True when `config` sets `property` for the mark. */
function configured(config: Spec, def: Spec, property: string): boolean {
  const styles = [def["style"]].flat().map((name) =>
    isSpec(config["style"]) ? config["style"][String(name)] : undefined
  );
  const places = [config["mark"], config[String(def["type"])], ...styles];
  return places.some((place) => isSpec(place) && place[property] !== undefined);
}

const POSITIONS: ReadonlySet<string> = new Set(["x", "y", "theta", "radius", "xOffset", "yOffset"]);
/** Channels that never split a stack. */
const NOT_STACKED: ReadonlySet<string> = new Set([
  ...POSITIONS,
  "x2",
  "y2",
  "theta2",
  "radius2",
  "xError",
  "xError2",
  "yError",
  "yError2",
  "latitude",
  "longitude",
  "latitude2",
  "longitude2",
  "row",
  "column",
  "facet",
  "tooltip",
]);

/** Fields that split the marks at one position, so that Vega-Lite stacks them; in its order. */
export function stackFields(outputs: readonly OutputField[]): readonly OutputField[] {
  const groups = new Set(
    outputs.filter(({ field, role }) => POSITIONS.has(field.channel) && role.kind !== "measure").map((
      { name },
    ) => name),
  );
  const splits = outputs.filter(({ field, role, name }) =>
    !NOT_STACKED.has(field.channel) && role.kind !== "measure" && !groups.has(name)
  );
  return splits.toSorted((a, b) =>
    CHANNEL_ORDER.indexOf(a.field.channel) - CHANNEL_ORDER.indexOf(b.field.channel)
  );
}

const CHANNEL_ORDER: readonly string[] = [
  "color",
  "fill",
  "stroke",
  "time",
  "opacity",
  "fillOpacity",
  "strokeOpacity",
  "strokeWidth",
  "strokeDash",
  "size",
  "angle",
  "shape",
  "order",
  "text",
  "detail",
  "key",
  "href",
  "url",
  "description",
];

/** True when the mark stacks, by default or because a measure says so. */
export function mayStack(mark: unknown, outputs: readonly OutputField[]): boolean {
  if (mark === "bar" || mark === "area" || mark === "arc") return true;
  return outputs.some(({ field, role }) => role.kind === "measure" && Boolean(field.def["stack"]));
}

/**
 * The order of a stack. Measures outside of positions would count as fields that split it, now that they are
 * plain fields; a written order leaves them out.
 */
export function stackOrder(mark: unknown, outputs: readonly OutputField[]): Spec {
  const splits = stackFields(outputs);
  const ordered = outputs.some(({ field }) => field.channel === "order");
  const up = outputs.some(({ field, role }) => field.channel === "y" && role.kind === "measure");
  const measured = outputs.some(({ field, role }) =>
    role.kind === "measure" && !NOT_STACKED.has(field.channel)
  );
  if (ordered || !measured || splits.length === 0 || mark === "line" || mark === "trail") return {};
  if (!mayStack(mark, outputs)) return {};
  const sort = up ? "descending" : "ascending";
  const order = [...new Set(splits.map(({ name }) => name))].map((name) => ({
    field: fieldOfColumn(name),
    sort,
  }));
  return { order: order.length === 1 ? order[0] : order };
}

/** True when a position is a measure, which marks may stack on. */
export function stacksByDefault(outputs: readonly OutputField[]): boolean {
  return outputs.some(({ field, role }) =>
    POSITIONS.has(field.channel) && role.kind === "measure" && field.def["stack"] !== null &&
    field.def["stack"] !== false
  );
}

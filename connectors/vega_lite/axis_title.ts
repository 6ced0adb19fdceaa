/**
 * Titles of axes that several fields share: `x` with `x2`, and the layers of a view.
 *
 * Vega-Lite joins the titles that it derives, and drops them all where one is written. A title that the compiler
 * gives to a field counts as written to Vega-Lite, so the same rule is applied here first.
 *
 * ```
 * layers   Mean of a, Max of a (derived)     ─► every layer says "Mean of a, Max of a"
 *          Price (written), Max of a         ─► the derived one is not given
 * ```
 *
 * @module
 */
import { type EncodingField, roleOf } from "./encoding_field.ts";
import { derivedTitle, type TitleStyle } from "./field_title.ts";
import { isSpec, omit, type Spec } from "./spec_shape.ts";

/** A title that nobody wrote. It stands in a filled spec until {@linkcode writeTitles}. */
export class DerivedTitle {
  /** Takes the text that Vega-Lite would show. */
  constructor(readonly text: string) {}
}

const AXES = [["x", "x2"], ["y", "y2"]] as const;
type Axis = (typeof AXES)[number];

/** The view, a unit or layers, with the titles of shared axes. */
export function shareTitles(view: Spec, style: TitleStyle): Spec {
  return AXES.reduce((now, axis) => {
    if (now["layer"] !== undefined && isIndependent(now, axis[0])) {
      return mapUnits(now, (unit) => titledUnit(unit, axis, titleOf([unit], axis, style)));
    }
    const units: Spec[] = [];
    mapUnits(now, (unit) => (units.push(unit), unit));
    const title = titleOf(units, axis, style);
    return mapUnits(now, (unit) => titledUnit(unit, axis, title));
  }, view);
}

/** Replaces derived titles by their texts. */
export function writeTitles(value: unknown): unknown {
  if (value instanceof DerivedTitle) return value.text;
  if (Array.isArray(value)) return value.map(writeTitles);
  if (!isSpec(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, writeTitles(item)]));
}

function mapUnits(view: Spec, change: (unit: Spec) => Spec): Spec {
  const { layer } = view;
  if (Array.isArray(layer)) {
    return { ...view, layer: layer.map((child: unknown) => isSpec(child) ? mapUnits(child, change) : child) };
  }
  return isSpec(view["encoding"]) ? change(view) : view;
}

/** The joint title; `undefined` to leave all as they are, `null` where a written one counts. */
function titleOf(units: readonly Spec[], axis: Axis, style: TitleStyle): string | null | undefined {
  const defs = units.flatMap((unit) => axisDefs(unit, axis));
  if (!defs.some(({ def }) => def["title"] instanceof DerivedTitle)) return undefined;
  if (defs.some(isWritten)) return null;
  return [...new Set(defs.map((entry) => textOf(entry, style)))].join(", ");
}

interface AxisDef {
  readonly channel: string;
  readonly def: Spec;
  readonly composite: boolean;
}

function axisDefs(unit: Spec, axis: Axis): readonly AxisDef[] {
  const encoding = isSpec(unit["encoding"]) ? unit["encoding"] : {};
  const mark = isSpec(unit["mark"]) ? unit["mark"]["type"] : unit["mark"];
  const composite = mark === "errorbar" || mark === "errorband" || mark === "boxplot";
  return axis.flatMap((channel) => {
    const def = encoding[channel];
    return isSpec(def) && def["field"] !== undefined ? [{ channel, def, composite }] : [];
  });
}

/** Composite marks write the title of their continuous axis. */
function isWritten({ def, composite }: AxisDef): boolean {
  if (composite && def["type"] === "quantitative") return true;
  const axis = isSpec(def["axis"]) ? def["axis"]["title"] : undefined;
  return axis !== undefined || (def["title"] !== undefined && !(def["title"] instanceof DerivedTitle));
}

function textOf({ channel, def }: AxisDef, style: TitleStyle): string {
  if (def["title"] instanceof DerivedTitle) return def["title"].text;
  const field: EncodingField = { channel, keys: [channel], path: "", def };
  return derivedTitle(field, roleOf(field), style);
}

function titledUnit(unit: Spec, [first, second]: Axis, title: string | null | undefined): Spec {
  if (title === undefined || !isSpec(unit["encoding"])) return unit;
  const encoding = { ...unit["encoding"] };
  const [main, end] = [encoding[first], encoding[second]];
  const drop = (def: unknown) =>
    isSpec(def) && def["title"] instanceof DerivedTitle ? omit(def, ["title"]) : def;
  if (title === null) {
    if (main !== undefined) encoding[first] = drop(main);
    if (end !== undefined) encoding[second] = drop(end);
    return { ...unit, encoding };
  }
  if (!isSpec(main) || main["field"] === undefined) return unit;
  if (end !== undefined) encoding[second] = drop(end);
  const own = main["title"] instanceof DerivedTitle ? main["title"].text : undefined;
  if (own !== title && main["axis"] !== null) {
    encoding[first] = { ...main, axis: { ...(isSpec(main["axis"]) ? main["axis"] : {}), title } };
  }
  return { ...unit, encoding };
}

function isIndependent(layer: Spec, axis: string): boolean {
  const { resolve } = layer;
  const axes = isSpec(resolve) ? resolve["axis"] : undefined;
  const scales = isSpec(resolve) ? resolve["scale"] : undefined;
  return (isSpec(axes) && axes[axis] === "independent") || (isSpec(scales) && scales[axis] === "independent");
}

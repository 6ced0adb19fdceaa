/**
 * Repeated views, written out: `repeat` over rows and columns becomes a concatenation, over layers a layering.
 *
 * @module
 */
import { QueryError } from "../../src/base/error.ts";
import { isSpec, itemsOf, omit, pointer, type Spec } from "./spec_shape.ts";

/** Views that a repetition may make. */
const VIEWS_MAX = 400;

type Repeater = Readonly<Record<string, unknown>>;

/** The spec that `spec`, which repeats, stands for. */
export function expandRepeat(spec: Spec, path: string): Spec {
  const { repeat } = spec;
  const child = isSpec(spec["spec"]) ? spec["spec"] : {};
  const by: Spec = isSpec(repeat) ? repeat : {};
  const rest = omit(spec, ["repeat", "spec", "columns"]);
  const layers = itemsOf(by["layer"]);
  const [flat, rows, columns] = [itemsOf(repeat), itemsOf(by["row"]), itemsOf(by["column"])];
  const count = Math.max(1, flat.length) * Math.max(1, rows.length) * Math.max(1, columns.length) *
    Math.max(1, layers.length);
  if (count > VIEWS_MAX) {
    throw new QueryError("invalid-parameter", `The spec repeats ${count} views at ${path || "/"}`, {
      details: { path: pointer(path, "repeat"), limit: VIEWS_MAX },
      hint: `repeat at most ${VIEWS_MAX}`,
    });
  }
  const layered = (repeater: Repeater): Spec =>
    layers.length === 0
      ? named(child, repeater)
      : { layer: layers.map((layer) => named(child, { ...repeater, layer })) };
  if (flat.length === 0 && rows.length === 0 && columns.length === 0) return { ...rest, ...layered({}) };
  const views = orOne(flat).flatMap((repeated) =>
    orOne(rows).flatMap((row) => orOne(columns).map((column) => layered({ repeat: repeated, row, column })))
  );
  const width = flat.length > 0 ? spec["columns"] : Math.max(1, columns.length);
  return { align: "all", ...rest, ...(width === undefined ? {} : { columns: width }), concat: views };
}

function orOne(items: readonly unknown[]): readonly unknown[] {
  return items.length === 0 ? [undefined] : items;
}

/** The child with its repeated fields named, and a name of its own. */
function named(child: Spec, repeater: Repeater): Spec {
  const name = Object.entries(repeater).filter(([, value]) => value !== undefined)
    .map(([key, value]) => `__${key}_${String(value).replace(/\W/g, "_")}`).join("");
  const filled = fill(child, repeater);
  return isSpec(filled) ? { ...filled, name: `${String(child["name"] ?? "")}child${name}` } : {};
}

/** `{ repeat: "row" }` becomes the field that stands for it. */
function fill(value: unknown, repeater: Repeater): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => fill(item, repeater));
  if (!isSpec(value)) return value;
  const { repeat } = value;
  if (typeof repeat === "string" && Object.hasOwn(repeater, repeat) && repeater[repeat] !== undefined) {
    return repeater[repeat];
  }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fill(item, repeater)]));
}

/**
 * What a Vega-Lite spec draws: its marks, labels and titles as data, by Vega's own dataflow without a screen.
 *
 * @module
 */
import * as vega from "vega";
import { compile, type TopLevelSpec } from "vega-lite";

/** One thing that is drawn: kind and properties, numbers in pixels. */
export type Drawn = readonly (string | number)[];

const PROPERTIES = [
  "x",
  "y",
  "x2",
  "y2",
  "width",
  "height",
  "startAngle",
  "endAngle",
  "size",
  "fill",
  "stroke",
  "opacity",
  "fillOpacity",
  "strokeOpacity",
  "strokeWidth",
  "strokeDash",
  "shape",
  "text",
  "angle",
  "url",
  "href",
] as const;
const ROLES: ReadonlySet<string> = new Set([
  "mark",
  "axis-title",
  "axis-label",
  "legend-title",
  "legend-label",
  "legend-symbol",
  "row-header",
  "column-header",
  "title-text",
]);

interface SceneItem {
  readonly items?: readonly SceneItem[];
  readonly [property: string]: unknown;
}
interface SceneMark {
  readonly marktype: string;
  readonly role: string;
  readonly items: readonly SceneItem[];
}

const silent = {
  level: () => silent,
  error: () => silent,
  warn: () => silent,
  info: () => silent,
  debug: () => silent,
} as unknown as vega.LoggerInterface;

/** A view of the spec, run once. */
export async function viewOf(spec: unknown): Promise<vega.View> {
  const compiled = compile(spec as TopLevelSpec, { logger: silent }).spec;
  const view = new vega.View(vega.parse(compiled), { renderer: "none", logger: silent });
  await view.runAsync();
  return view;
}

/** Everything that the spec draws, in an order that does not depend on the order of rows. */
export async function drawnMarks(spec: unknown): Promise<readonly Drawn[]> {
  const view = await viewOf(spec);
  const found: Drawn[] = [];
  // The scenegraph has no public type.
  const { root } = view.scenegraph() as unknown as { root: SceneMark };
  visit(root, 0, 0, found);
  view.finalize();
  return found.sort(compareDrawn);
}

function visit(mark: SceneMark, left: number, top: number, found: Drawn[]): void {
  if (mark.marktype === "group") {
    for (const group of mark.items) {
      const x = left + Number(group["x"] ?? 0);
      const y = top + Number(group["y"] ?? 0);
      for (const child of group.items ?? []) visit(child as unknown as SceneMark, x, y, found);
    }
    return;
  }
  if (!ROLES.has(mark.role)) return;
  if (mark.marktype === "line" || mark.marktype === "area" || mark.marktype === "trail") {
    const [first] = mark.items;
    if (first === undefined) return;
    const path = mark.items.flatMap((item) => [
      ...["x", "y", "x2", "y2"].map((key) =>
        item[key] === undefined ? "" : number(item[key], key, left, top)
      ),
      item["defined"] === false ? "gap" : "",
    ]);
    found.push([mark.marktype, String(first["stroke"] ?? ""), String(first["fill"] ?? ""), ...path]);
    return;
  }
  for (const item of mark.items) {
    const values = PROPERTIES.map((key) => {
      const value = key === "opacity" ? item[key] ?? 1 : item[key];
      return value === undefined || value === null
        ? ""
        : typeof value === "number"
        ? number(value, key, left, top)
        : String(value);
    });
    found.push([mark.role === "mark" ? mark.marktype : mark.role, ...values]);
  }
}

function number(value: unknown, key: string, left: number, top: number): number {
  const shift = key === "x" || key === "x2" ? left : key === "y" || key === "y2" ? top : 0;
  return Number(value) + shift;
}

function compareDrawn(a: Drawn, b: Drawn): number {
  for (let i = 0; i < a.length; i++) {
    const [left, right] = [a[i], b[i]];
    if (typeof left === "number" && typeof right === "number") {
      if (Math.abs(left - right) > 1e-6) return left - right;
    } else if (String(left) !== String(right)) return String(left) < String(right) ? -1 : 1;
  }
  return a.length - b.length;
}

/** The first difference in words; `undefined` when both draw the same, to a hundredth of a pixel. */
export function difference(actual: readonly Drawn[], expected: readonly Drawn[]): string | undefined {
  if (actual.length === expected.length && actual.every((item, i) => sameDrawn(item, expected[i]!))) {
    return undefined;
  }
  const left = [...actual];
  for (const item of expected) {
    const i = left.findIndex((other) => sameDrawn(other, item));
    if (i < 0) {
      return `missing ${item.join("|").slice(0, 400)} of ${expected.length}; ` +
        `not expected ${(left[0]?.join("|") ?? "nothing").slice(0, 400)} of ${actual.length}`;
    }
    left.splice(i, 1);
  }
  return left.length === 0
    ? undefined
    : `not expected ${left[0]!.join("|").slice(0, 400)} (${left.length} more)`;
}

function sameDrawn(a: Drawn, b: Drawn): boolean {
  return a.length === b.length && a.every((value, i) => {
    const other = b[i]!;
    if (typeof value === "number" && typeof other === "number") {
      return Math.abs(value - other) < 0.01 || (Number.isNaN(value) && Number.isNaN(other));
    }
    return value === other;
  });
}

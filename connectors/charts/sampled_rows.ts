/**
 * Lines with more points than pixels, thinned out by M4.
 *
 * @module
 */
import type { ChartRow } from "./chart_kind.ts";
import type { ChartShape } from "./chart_shape.ts";
import { m4 } from "./downsample.ts";
import { numberOf } from "./number_format.ts";
import { epochMs } from "./wall_time.ts";

/** M4 keeps up to four points of a pixel column: with fewer there is nothing to gain. */
const POINTS_A_PIXEL = 4;

/** The rows whose points draw the same lines at this width; all of them when there are few. */
export function sampledRows(
  shape: ChartShape,
  rows: readonly ChartRow[],
  width: number,
): readonly ChartRow[] {
  if (shape.kind !== "line" || rows.length <= width * POINTS_A_PIXEL) return rows;
  const { x, ys, series } = shape;
  const readX = (row: ChartRow) => x.role === "time" ? epochMs(row[x.name]) : numberOf(row[x.name]) ?? NaN;
  const domain: [number, number] = [readX(rows[0]!), readX(rows[rows.length - 1]!)];
  const kept = new Set<number>();
  for (const part of partsOf(rows, series?.name)) {
    const xs = part.map((i) => readX(rows[i]!));
    for (const { name, bounds } of ys) {
      for (const column of bounds === undefined ? [name] : [name, bounds.lo, bounds.hi]) {
        const values = part.map((i) => numberOf(rows[i]![column]) ?? NaN);
        for (const i of m4(xs, values, width, domain)) kept.add(part[i]!);
      }
    }
  }
  return rows.filter((_, i) => kept.has(i));
}

function partsOf(rows: readonly ChartRow[], category: string | undefined): readonly (readonly number[])[] {
  const parts = new Map<unknown, number[]>();
  for (let i = 0; i < rows.length; i++) {
    const key = category === undefined ? undefined : rows[i]![category];
    const part = parts.get(key);
    if (part === undefined) parts.set(key, [i]);
    else part.push(i);
  }
  return [...parts.values()];
}

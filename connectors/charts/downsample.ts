/**
 * Fewer points than pixels need: M4 and LTTB over arrays. `m4_query.ts` lets the engine do M4.
 *
 * M4 (Jugel, Jerzak, Hackenbroich, Markl: M4: A Visualization-Oriented Time Series Data Aggregation, PVLDB 7(10),
 * 2014) keeps the first, last, least and greatest point of each pixel column: a line drawn through them is the same
 * picture, pixel by pixel, as the line through all points. LTTB (Steinarsson: Downsampling Time Series for Visual
 * Representation, 2013) keeps a given number of points, of each bucket the one that makes the largest triangle with
 * the point kept before and the mean of the next bucket. Both are linear.
 *
 * ```
 *   M4, one pixel column          LTTB, one bucket
 *    first •   • greatest          kept •
 *           \ /                          \  · ·
 *            •  · · • last                •────◦ mean of the next
 *          least                       largest triangle
 * ```
 *
 * @module
 */
import { QueryError } from "../../src/base/error.ts";

/** Numbers by index; a missing value is NaN. */
export type NumberColumn = ArrayLike<number>;

/**
 * Indices of the points that M4 keeps, ascending. `xs` ascends; points without x or y are left out.
 *
 * @param domain the range of x that the pixel columns divide; that of the points by default
 * @throws {QueryError} `invalid-parameter` when `columnCount` is no positive integer
 */
export function m4(
  xs: NumberColumn,
  ys: NumberColumn,
  columnCount: number,
  domain?: readonly [number, number],
): number[] {
  checkCount("columnCount", columnCount, 1);
  const [from, to] = domain ?? [xs[0] ?? 0, xs[xs.length - 1] ?? 0];
  const scale = to > from ? columnCount / (to - from) : 0;
  const kept: number[] = [];
  let column = -1;
  let first = -1;
  let last = -1;
  let low = -1;
  let high = -1;
  for (let i = 0; i < xs.length; i++) {
    const x = xs[i]!;
    const y = ys[i]!;
    if (Number.isNaN(x) || Number.isNaN(y)) continue;
    const pixel = Math.min(Math.floor((x - from) * scale), columnCount - 1);
    if (first < 0 || pixel !== column) {
      keepColumn(kept, first, last, low, high);
      column = pixel;
      first =
        last =
        low =
        high =
          i;
      continue;
    }
    last = i;
    if (y < ys[low]!) low = i;
    if (y > ys[high]!) high = i;
  }
  keepColumn(kept, first, last, low, high);
  return kept;
}

/** The up to four points of a column, each once. */
function keepColumn(kept: number[], first: number, last: number, low: number, high: number): void {
  if (first < 0) return;
  const before = Math.min(low, high);
  const after = Math.max(low, high);
  kept.push(first);
  if (before > first) kept.push(before);
  if (after > before && after > first) kept.push(after);
  if (last > after) kept.push(last);
}

/**
 * Indices of `count` points that LTTB keeps, ascending; all indices when there are no more. `xs` ascends; points
 * without x or y are left out.
 *
 * @throws {QueryError} `invalid-parameter` when `count` is no integer of at least 2
 */
export function lttb(xs: NumberColumn, ys: NumberColumn, count: number): number[] {
  checkCount("count", count, 2);
  const valid: number[] = [];
  for (let i = 0; i < xs.length; i++) if (!Number.isNaN(xs[i]!) && !Number.isNaN(ys[i]!)) valid.push(i);
  if (valid.length <= count) return valid;
  const kept = [valid[0]!];
  if (count > 2) {
    const size = (valid.length - 2) / (count - 2);
    const edge = (bucket: number) => Math.floor(bucket * size) + 1;
    for (let bucket = 0; bucket < count - 2; bucket++) {
      const next = meanPoint(xs, ys, valid, edge(bucket + 1), Math.min(edge(bucket + 2), valid.length));
      kept.push(
        largestTriangle(xs, ys, valid.slice(edge(bucket), edge(bucket + 1)), kept[kept.length - 1]!, next),
      );
    }
  }
  kept.push(valid[valid.length - 1]!);
  return kept;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

function meanPoint(
  xs: NumberColumn,
  ys: NumberColumn,
  valid: readonly number[],
  from: number,
  to: number,
): Point {
  let x = 0;
  let y = 0;
  for (let i = from; i < to; i++) {
    x += xs[valid[i]!]!;
    y += ys[valid[i]!]!;
  }
  return { x: x / (to - from), y: y / (to - from) };
}

function largestTriangle(
  xs: NumberColumn,
  ys: NumberColumn,
  bucket: readonly number[],
  previous: number,
  next: Point,
): number {
  const x = xs[previous]!;
  const y = ys[previous]!;
  let best = bucket[0]!;
  let bestArea = -1;
  for (const i of bucket) {
    const area = Math.abs((x - next.x) * (ys[i]! - y) - (x - xs[i]!) * (next.y - y));
    if (area > bestArea) {
      bestArea = area;
      best = i;
    }
  }
  return best;
}

function checkCount(name: string, value: number, least: number): void {
  if (Number.isInteger(value) && value >= least) return;
  throw new QueryError("invalid-parameter", `Cannot down-sample: ${name} is ${value}`, {
    details: { [name]: value },
    hint: `an integer of at least ${least}`,
  });
}

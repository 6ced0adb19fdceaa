/**
 * Order keys and line counts by the place of an order: what can be known of an order without generating it.
 *
 * Order keys are sparse: of every 32 keys the initial data uses eight, the rest is room for the refresh
 * functions.
 *
 * Source: TPC Benchmark H, standard specification, revision 3.0.1, clause 4.2.3.
 *
 * @module
 */

import { draw, startStreams, STREAM, valueAfter } from "./random_stream.ts";

/** An order has at most this many line items. */
export const MOST_LINES = 7;

const LINE_COUNT_SEED: number = startStreams()[STREAM.orderLineCount]!;

/**
 * The key of order number `place` (from 1). `segment` 0 is that of the initial data; the refresh functions
 * insert into the segments 1 to 3.
 */
export function orderKey(place: number, segment: number): number {
  return (place >>> 3) * 32 + segment * 8 + (place & 7);
}

/** The number of line items of order number `place` (from 1), without generating anything else. */
export function lineCount(place: number): number {
  const start = valueAfter(LINE_COUNT_SEED, place - 1);
  return draw(Int32Array.of(start), 0, 1, MOST_LINES);
}

/** The number of line items of the first `orders` orders. */
export function countLines(orders: number): number {
  const streams = startStreams();
  let lines = 0;
  for (let i = 0; i < orders; i++) lines += draw(streams, STREAM.orderLineCount, 1, MOST_LINES);
  return lines;
}

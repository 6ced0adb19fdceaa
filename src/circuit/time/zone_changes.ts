/**
 * When the offset of a time zone changes, as the scalar functions see it.
 *
 * They look offsets up in blocks of eight days with at most one change each (query/functions/time_zone.ts); the
 * same blocks are searched here by bisection. O(days) lookups.
 *
 * @module
 */
import { MICROS_PER_DAY } from "../../query/functions/calendar.ts";
import type { TimeZone } from "../../query/functions/time_zone.ts";

const BLOCK_MICROS = 8 * MICROS_PER_DAY;

/** A change of the offset from UTC. */
export interface OffsetChange {
  /** The first instant with the new offset. */
  readonly at: number;
  readonly before: number;
  readonly after: number;
}

/** The changes in (from, to], ascending. */
export function offsetChanges(zone: TimeZone, from: number, to: number): readonly OffsetChange[] {
  const changes: OffsetChange[] = [];
  for (let block = Math.floor(from / BLOCK_MICROS); block * BLOCK_MICROS <= to; block++) {
    const start = block * BLOCK_MICROS;
    addChange(zone, start - 1, start, changes);
    addChange(zone, start, start + BLOCK_MICROS - 1, changes);
  }
  return changes.filter(({ at }) => at > from && at <= to);
}

function addChange(zone: TimeZone, from: number, to: number, changes: OffsetChange[]): void {
  const before = zone.offsetAt(from);
  const after = zone.offsetAt(to);
  if (before === after) return;
  let low = from;
  let high = to;
  while (high - low > 1) {
    const middle = low + Math.floor((high - low) / 2);
    if (zone.offsetAt(middle) === before) low = middle;
    else high = middle;
  }
  changes.push({ at: high, before, after });
}

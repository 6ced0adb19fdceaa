/**
 * Times as the clock on the wall shows them, and how finely they are cut.
 *
 * Chart libraries know two zones, that of the browser and UTC. An instant is therefore moved to the time that the
 * clock in the wanted zone shows and drawn as if it were UTC; DATE and TIMESTAMP have no zone and stay. In the hour
 * that a zone repeats in autumn two instants share one wall time. One call of `Intl` a quarter of an hour.
 *
 * @module
 */
import { QueryError } from "../../src/base/error.ts";

/** What the times of a column have in common: the finest unit that differs. */
export type TimeGranularity =
  | "year"
  | "quarter"
  | "month"
  | "week"
  | "day"
  | "hour"
  | "minute"
  | "second"
  | "millisecond";

const MINUTE_MS = 60_000;
const QUARTER_HOUR_MS = 15 * MINUTE_MS;
/** Since 1973 all zones change at a quarter of an hour, so an offset holds for a quarter. */
const REGULAR_MS = Date.UTC(1973, 0);
/** Offsets that are kept: those of a year and more. */
const OFFSET_COUNT_MAX = 50_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** 1970-01-01 was a Thursday; weeks begin on Mondays. */
const MONDAY_MS = 4 * DAY_MS;

/** Milliseconds since 1970 of an ISO 8601 text, a `Date` or a number; NaN when it is none of them. */
export function epochMs(value: unknown): number {
  if (typeof value === "number") return value;
  if (typeof value === "string") return Date.parse(zoned(value));
  return value instanceof Date ? value.getTime() : NaN;
}

/** A text without zone is UTC, not local. */
function zoned(text: string): string {
  return /T[^Zz+-]*$/.test(text) ? `${text}Z` : text;
}

/**
 * The function that moves an instant, in milliseconds, to the wall time of a zone.
 *
 * @throws {QueryError} `invalid-parameter` for a zone that does not exist
 */
export function wallClock(timeZone: string): (instantMs: number) => number {
  if (timeZone === "UTC") return (instantMs) => instantMs;
  const wall = wallByFormat(dateTimeFormat(timeZone));
  const offsets = new Map<number, number>();
  return (instantMs) => {
    if (!(instantMs >= REGULAR_MS)) return wall(instantMs);
    const quarter = Math.floor(instantMs / QUARTER_HOUR_MS);
    let offset = offsets.get(quarter);
    if (offset === undefined) {
      const begin = quarter * QUARTER_HOUR_MS;
      offset = wall(begin) - begin;
      if (offsets.size >= OFFSET_COUNT_MAX) offsets.clear();
      offsets.set(quarter, offset);
    }
    return instantMs + offset;
  };
}

function wallByFormat(format: Intl.DateTimeFormat): (instantMs: number) => number {
  return (instantMs) => {
    const part: Record<string, number> = {};
    for (const { type, value } of format.formatToParts(instantMs)) part[type] = Number(value);
    const { year, month, day, hour, minute, second } = part;
    const fraction = ((instantMs % 1000) + 1000) % 1000;
    return Date.UTC(year!, month! - 1, day!, hour!, minute!, second!, fraction);
  };
}

function dateTimeFormat(timeZone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat("en-US", {
      timeZone,
      calendar: "iso8601",
      numberingSystem: "latn",
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
  } catch (cause) {
    throw new QueryError("invalid-parameter", `Unknown time zone: received ${JSON.stringify(timeZone)}`, {
      details: { timeZone },
      hint: "an IANA name such as Europe/Zurich",
      cause,
    });
  }
}

/** ISO 8601 without milliseconds where there are none: `2024-05-01T10:00:00Z`. */
export function isoText(ms: number): string {
  return new Date(ms).toISOString().replace(".000Z", "Z");
}

/** The coarsest unit whose edges all `times` are on; `day` when there is none to tell from. */
export function timeGranularity(times: Iterable<number>): TimeGranularity {
  let level = 0;
  let count = 0;
  let mondays = true;
  for (const ms of times) {
    if (Number.isNaN(ms)) continue;
    count++;
    mondays &&= (ms - MONDAY_MS) % (7 * DAY_MS) === 0;
    while (level < LEVELS.length - 1 && !LEVELS[level]!.isEdge(ms)) level++;
  }
  if (count === 0) return "day";
  const unit = LEVELS[level]!.unit;
  return unit === "day" && mondays && count > 1 ? "week" : unit;
}

/** From coarse to fine; an edge of one is an edge of all after it. */
const LEVELS: readonly { readonly unit: TimeGranularity; isEdge(ms: number): boolean }[] = [
  { unit: "year", isEdge: (ms) => isMonth(ms) && new Date(ms).getUTCMonth() === 0 },
  { unit: "quarter", isEdge: (ms) => isMonth(ms) && new Date(ms).getUTCMonth() % 3 === 0 },
  { unit: "month", isEdge: isMonth },
  { unit: "day", isEdge: (ms) => ms % DAY_MS === 0 },
  { unit: "hour", isEdge: (ms) => ms % HOUR_MS === 0 },
  { unit: "minute", isEdge: (ms) => ms % MINUTE_MS === 0 },
  { unit: "second", isEdge: (ms) => ms % 1000 === 0 },
  { unit: "millisecond", isEdge: () => true },
];

function isMonth(ms: number): boolean {
  return ms % DAY_MS === 0 && new Date(ms).getUTCDate() === 1;
}

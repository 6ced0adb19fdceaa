/**
 * Hours of the day in which the timer may refresh a view: heavy refreshes wait for the quiet time.
 *
 * Hours are those of the wall clock of a time zone, such as `22:00-06:00 Europe/Berlin`. Where a clock change skips
 * the opening, it is as late as the clock is moved; a refresh that somebody asks for does not wait.
 *
 * @module
 */
import { QueryError } from "../../src/base/error.ts";
import { localFromUtc, type TimeZone, timeZone, utcFromLocal } from "../../src/query/functions/time_zone.ts";

/** See the module header. */
export interface RefreshHours {
  /** As it was written. */
  readonly text: string;
  /** Minutes after midnight; `until` is at most `from` when the hours go over midnight. */
  readonly from: number;
  readonly until: number;
  readonly zone: TimeZone;
}

const FORM = /^(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})(?:\s+(\S+))?$/;
const DAY_MINUTES = 1440;
const MINUTE_MS = 60_000;
const DAY_MS = DAY_MINUTES * MINUTE_MS;

/**
 * Reads `HH:MM-HH:MM`, with the name of a time zone after it; UTC without one.
 *
 * @throws {QueryError} `invalid-parameter`
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { parseRefreshHours, waitForHours } from "./refresh_hours.ts";
 *
 * const hours = parseRefreshHours("22:00-06:00");
 * assert(waitForHours(hours, Date.UTC(2024, 4, 1, 21, 30)) === 30 * 60_000);
 * assert(waitForHours(hours, Date.UTC(2024, 4, 1, 23)) === 0);
 * ```
 */
export function parseRefreshHours(text: unknown): RefreshHours {
  const parts = typeof text === "string" ? FORM.exec(text.trim()) : null;
  if (parts === null) throw invalid(text);
  const from = minuteOfDay(parts[1]!, parts[2]!);
  const until = minuteOfDay(parts[3]!, parts[4]!);
  if (from === undefined || until === undefined || from === until) throw invalid(text);
  return { text: parts[0], from: from % DAY_MINUTES, until, zone: timeZone(parts[5] ?? "UTC") };
}

/** Milliseconds from `nowMs`, since 1970, until the hours begin; 0 within them. */
export function waitForHours({ from, until, zone }: RefreshHours, nowMs: number): number {
  const localMs = localFromUtc(nowMs * 1000, zone) / 1000;
  const midnightMs = Math.floor(localMs / DAY_MS) * DAY_MS;
  const minute = (localMs - midnightMs) / MINUTE_MS;
  const open = from < until ? minute >= from && minute < until : minute >= from || minute < until;
  if (open) return 0;
  const openingMs = midnightMs + from * MINUTE_MS + (minute < from ? 0 : DAY_MS);
  return utcFromLocal(openingMs * 1000, zone) / 1000 - nowMs;
}

/** 24:00 is the end of a day. */
function minuteOfDay(hour: string, minute: string): number | undefined {
  const minutes = Number(hour) * 60 + Number(minute);
  return Number(minute) < 60 && minutes <= DAY_MINUTES ? minutes : undefined;
}

function invalid(received: unknown): QueryError {
  return new QueryError(
    "invalid-parameter",
    `The property "refresh_hours" cannot be ${JSON.stringify(received) ?? String(received)}`,
    {
      details: { property: "refresh_hours", received },
      hint: "it is hours such as '22:00-06:00 Europe/Berlin'",
    },
  );
}

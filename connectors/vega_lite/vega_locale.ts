/**
 * Vega's locale for numbers and dates, from the runtime's own knowledge of languages.
 *
 * @module
 */
import { QueryError } from "../../src/base/error.ts";
import type { Spec } from "./spec_shape.ts";

/** Vega's default needs no locale. */
const DEFAULT = "en-US";

/**
 * `config.locale` for a BCP 47 tag; `undefined` for Vega's default.
 *
 * @throws {QueryError} `invalid-parameter` when it is no tag
 */
export function vegaLocale(tag: string): Spec | undefined {
  if (tag === DEFAULT) return undefined;
  try {
    return { number: numberLocale(tag), time: timeLocale(tag) };
  } catch (cause) {
    throw new QueryError("invalid-parameter", `Unknown locale: received ${JSON.stringify(tag)}`, {
      details: { locale: tag },
      hint: "a BCP 47 tag such as de-CH",
      cause,
    });
  }
}

function numberLocale(tag: string): Spec {
  const parts = new Intl.NumberFormat(tag, { minimumFractionDigits: 1, useGrouping: true }).formatToParts(
    1234567.8,
  );
  const part = (type: string, missing: string) => parts.find((each) => each.type === type)?.value ?? missing;
  return { decimal: part("decimal", "."), thousands: part("group", ","), grouping: [3], currency: ["", ""] };
}

/** 2023-01-01 was a Sunday. */
const SUNDAY = Date.UTC(2023, 0, 1);
const DAY_MS = 86_400_000;

function timeLocale(tag: string): Spec {
  const names = (options: Intl.DateTimeFormatOptions, times: readonly number[]) => {
    const format = new Intl.DateTimeFormat(tag, { ...options, timeZone: "UTC" });
    return times.map((time) => format.format(time));
  };
  const days = Array.from({ length: 7 }, (_, i) => SUNDAY + i * DAY_MS);
  const months = Array.from({ length: 12 }, (_, i) => Date.UTC(2023, i, 1));
  return {
    dateTime: "%x, %X",
    date: "%d.%m.%Y",
    time: "%H:%M:%S",
    periods: ["AM", "PM"],
    days: names({ weekday: "long" }, days),
    shortDays: names({ weekday: "short" }, days),
    months: names({ month: "long" }, months),
    shortMonths: names({ month: "short" }, months),
  };
}

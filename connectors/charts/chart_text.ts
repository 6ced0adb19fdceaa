/**
 * Numbers and times as text for people, in a locale: what a spec shows where its library has no template for it.
 *
 * @module
 */
import { QueryError } from "../../src/base/error.ts";
import type { NumberFormat } from "./number_format.ts";
import { numberOf } from "./number_format.ts";
import { epochMs, type TimeGranularity } from "./wall_time.ts";

/** Shown for NULL. */
export const MISSING = "\u2013";

/**
 * The function that writes numbers; NULL is a dash.
 *
 * @throws {QueryError} `invalid-parameter` for a locale that does not exist
 */
export function numberText(format: NumberFormat | undefined, locale: string): (value: unknown) => string {
  const intl = checked(locale, () => new Intl.NumberFormat(locale, format?.intl ?? {}));
  return (value) => {
    const number = numberOf(value);
    return number === undefined ? MISSING : intl.format(number) + (format?.suffix ?? "");
  };
}

/** The function that writes wall times, as fine as their granularity. */
export function timeText(granularity: TimeGranularity, locale: string): (value: unknown) => string {
  const intl = checked(
    locale,
    () => new Intl.DateTimeFormat(locale, { timeZone: "UTC", ...TIME_PARTS[granularity] }),
  );
  return (value) => {
    const ms = epochMs(value);
    if (Number.isNaN(ms)) return MISSING;
    if (granularity !== "quarter") return intl.format(ms);
    const date = new Date(ms);
    return `Q${Math.floor(date.getUTCMonth() / 3) + 1} ${date.getUTCFullYear()}`;
  };
}

/** A wall time as a label that sorts: `2024`, `2024-Q1`, `2024-05`, `2024-05-01`, `2024-05-01 10:00`. */
export function timeLabel(value: unknown, granularity: TimeGranularity): string {
  const ms = epochMs(value);
  if (Number.isNaN(ms)) return MISSING;
  const text = new Date(ms).toISOString().replace("T", " ");
  if (granularity === "quarter") {
    return `${text.slice(0, 4)}-Q${Math.floor(new Date(ms).getUTCMonth() / 3) + 1}`;
  }
  return text.slice(0, LABEL_LENGTHS[granularity]);
}

const LABEL_LENGTHS: Readonly<Record<Exclude<TimeGranularity, "quarter">, number>> = {
  year: 4,
  month: 7,
  week: 10,
  day: 10,
  hour: 16,
  minute: 16,
  second: 19,
  millisecond: 23,
};

const DAY = { year: "numeric", month: "short", day: "numeric" } as const;
const MINUTE = { ...DAY, hour: "2-digit", minute: "2-digit" } as const;
const SECOND = { ...MINUTE, second: "2-digit" } as const;

const TIME_PARTS: Readonly<Record<TimeGranularity, Intl.DateTimeFormatOptions>> = {
  year: { year: "numeric" },
  quarter: { year: "numeric", month: "short" },
  month: { year: "numeric", month: "short" },
  week: DAY,
  day: DAY,
  hour: MINUTE,
  minute: MINUTE,
  second: SECOND,
  millisecond: { ...SECOND, fractionalSecondDigits: 3 },
};

function checked<Format>(locale: string, make: () => Format): Format {
  try {
    return make();
  } catch (cause) {
    throw new QueryError("invalid-parameter", `Unknown locale: received ${JSON.stringify(locale)}`, {
      details: { locale },
      hint: "a BCP 47 tag such as de-CH",
      cause,
    });
  }
}

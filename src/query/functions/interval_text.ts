/**
 * Text of intervals: all of PostgreSQL's input forms, and its `postgres` and `iso_8601` output styles.
 *
 * Input: `1 year 2 mons 3 days 04:05:06.7`, `@ 1 minute ago`, `1-2` (years-months), `3 4:05:06`,
 * `P1Y2M3DT4H5M6S`, `P0001-02-03T04:05:06`. Fractions go down to the next smaller part.
 *
 * @module
 */
import type { Interval } from "../../storage/sql_type.ts";
import { MICROS_PER_DAY, MICROS_PER_HOUR, MICROS_PER_MINUTE, MICROS_PER_SECOND } from "./calendar.ts";
import { intervalOf, roundHalfEven } from "./interval_value.ts";
import { invalidText } from "./number_text.ts";

/** The parts of an interval while it is read. */
class IntervalSum {
  months = 0;
  days = 0;
  micros = 0;

  addMonths(value: number): void {
    const whole = Math.trunc(value);
    this.months += whole;
    if (value !== whole) this.addDays(cleanFraction(value - whole) * 30);
  }

  addYears(value: number): void {
    const whole = Math.trunc(value);
    this.months += whole * 12 + roundHalfEven(cleanFraction(value - whole) * 12);
  }

  addDays(value: number): void {
    const whole = Math.trunc(value);
    this.days += whole;
    if (value !== whole) this.micros += roundHalfEven(cleanFraction(value - whole) * MICROS_PER_DAY);
  }

  addMicros(value: number, unit: number): void {
    const whole = Math.trunc(value);
    this.micros += whole * unit + roundHalfEven(cleanFraction(value - whole) * unit);
  }

  scale(factor: number): void {
    this.months *= factor;
    this.days *= factor;
    this.micros *= factor;
  }

  value(): Interval {
    return intervalOf(this.months, this.days, this.micros);
  }
}

/** A fraction without the noise that subtracting its whole part left. */
function cleanFraction(fraction: number): number {
  return Math.round(fraction * 1e13) / 1e13;
}

type Unit =
  | "microsecond"
  | "millisecond"
  | "second"
  | "minute"
  | "hour"
  | "day"
  | "week"
  | "month"
  | "quarter"
  | "year"
  | "decade"
  | "century"
  | "millennium";

const UNIT_NAMES: ReadonlyMap<string, Unit> = new Map<string, Unit>(
  ([
    ["microsecond", "us usec usecs usecond useconds microsecon microsecond microseconds microsec microsecs"],
    ["millisecond", "ms msec msecs msecond mseconds millisecon millisecond milliseconds millisec"],
    ["second", "s sec secs second seconds"],
    ["minute", "m min mins minute minutes"],
    ["hour", "h hr hrs hour hours hh"],
    ["day", "d day days"],
    ["week", "w week weeks"],
    ["month", "mon mons month months"],
    ["quarter", "q quarter quarters qtr qtrs"],
    ["year", "y yr yrs year years"],
    ["decade", "dec decs decade decades"],
    ["century", "c cent century centuries"],
    ["millennium", "mil mils millennia millennium millenniums"],
  ] as const).flatMap(([unit, names]) => names.split(" ").map((name): [string, Unit] => [name, unit])),
);

/** The unit that a word of any spelling names, or undefined. */
export function unitOf(word: string): Unit | undefined {
  return UNIT_NAMES.get(word.toLowerCase());
}

const ADD: Readonly<Record<Unit, (sum: IntervalSum, value: number) => void>> = {
  microsecond: (sum, value) => sum.addMicros(value, 1),
  millisecond: (sum, value) => sum.addMicros(value, 1000),
  second: (sum, value) => sum.addMicros(value, MICROS_PER_SECOND),
  minute: (sum, value) => sum.addMicros(value, MICROS_PER_MINUTE),
  hour: (sum, value) => sum.addMicros(value, MICROS_PER_HOUR),
  day: (sum, value) => sum.addDays(value),
  week: (sum, value) => sum.addDays(value * 7),
  month: (sum, value) => sum.addMonths(value),
  quarter: (sum, value) => sum.addMonths(value * 3),
  year: (sum, value) => sum.addYears(value),
  decade: (sum, value) => sum.addYears(value * 10),
  century: (sum, value) => sum.addYears(value * 100),
  millennium: (sum, value) => sum.addYears(value * 1000),
};

/** An interval of `count` units, for DATEADD and the like. */
export function intervalOfUnit(count: number, unit: Unit): Interval {
  const sum = new IntervalSum();
  ADD[unit](sum, count);
  return sum.value();
}

const TOKEN =
  /\s*(?:([+-]?\d+(?::\d+){1,2}(?:\.\d*)?|[+-]?:\d+(?:\.\d*)?)|([+-]?\d+)-(\d+)(?![\d.])|([+-]?(?:\d+\.?\d*|\.\d+))\s*([a-zA-Z]+)?|(@)|(ago)|([+-])(?=\s))\s*/iy;

/** Microseconds of `h:m`, `h:m:s` or, with `minutesFirst`, `m:s`. */
function timeMicros(text: string, minutesFirst: boolean): number | undefined {
  const negative = text.startsWith("-");
  const parts = text.replace(/^[+-]/, "").split(":");
  const seconds = parts.length === 3 || minutesFirst || parts[1]!.includes(".") ? parts.pop()! : "0";
  const minutes = Number(parts.pop());
  const hours = Number(parts.pop() ?? 0);
  if (minutes > 59 || Number(seconds) >= 61) return undefined;
  const micros = hours * MICROS_PER_HOUR + minutes * MICROS_PER_MINUTE +
    Math.round(Number(seconds) * MICROS_PER_SECOND);
  return negative ? 0 - micros : micros;
}

/** The last of `day to second` and the like: the unit of a bare number, and how `a:b` is read. */
function lastField(fields: string | undefined): Unit {
  const words = fields?.trim().toLowerCase().split(/\s+/) ?? [];
  return unitOf((words.at(-1) ?? "second").replace(/\(.*$/, "")) ?? "second";
}

/** Cuts what is smaller than the last field of an INTERVAL qualifier, as PostgreSQL does. */
export function restrictInterval(value: Interval, fields: string | undefined): Interval {
  if (fields === undefined) return value;
  switch (lastField(fields)) {
    case "year":
      return intervalOf(Math.trunc(value.months / 12) * 12, 0, 0);
    case "month":
      return intervalOf(value.months, 0, 0);
    case "day":
      return intervalOf(value.months, value.days, 0);
    case "hour":
      return intervalOf(value.months, value.days, cutTo(value.micros, MICROS_PER_HOUR));
    case "minute":
      return intervalOf(value.months, value.days, cutTo(value.micros, MICROS_PER_MINUTE));
    default:
      return value;
  }
}

function cutTo(micros: number, unit: number): number {
  return Math.trunc(micros / unit) * unit;
}

/** Reads an interval; `fields` is a qualifier such as `day to second` and gives bare numbers their unit. */
export function parseInterval(text: string, fields?: string): Interval {
  const trimmed = text.trim();
  const value = /^p/i.test(trimmed) ? parseIsoInterval(trimmed) : parseWords(trimmed, fields);
  if (value === undefined) {
    throw invalidText(text, "INTERVAL", "write it as '1 day 02:30:00' or 'P1DT2H30M'");
  }
  return restrictInterval(value, fields);
}

/** What has been read from a text of words: each unit may occur once. */
class IntervalWords {
  readonly sum: IntervalSum = new IntervalSum();
  readonly #seen = new Set<Unit>();

  /** False when the unit was there already. */
  claim(...units: readonly Unit[]): boolean {
    const isNew = units.every((unit) => !this.#seen.has(unit));
    for (const unit of units) this.#seen.add(unit);
    return isNew;
  }

  isEmpty(): boolean {
    return this.#seen.size === 0;
  }
}

function parseWords(text: string, fields: string | undefined): Interval | undefined {
  const words = new IntervalWords();
  const minutesFirst = fields !== undefined && /^\s*minute/i.test(fields) && lastField(fields) === "second";
  // In the SQL standard's form `-1-2 3 4:05:06` one leading sign holds for all fields.
  const isNegative = /^-[\d.]+(?:-\d+)?(?:\s+[\d.]+)?(?:\s+[\d:.]+)?$/.test(text) &&
    /[\s-]/.test(text.slice(1));
  for (let from = 0; from < text.length; from = TOKEN.lastIndex) {
    TOKEN.lastIndex = from;
    const match = TOKEN.exec(text);
    if (match === null) return undefined;
    const [, time, years, months, number, word, at, ago] = match;
    if (time !== undefined) {
      const micros = timeMicros(time, minutesFirst);
      if (micros === undefined || !words.claim("hour", "minute", "second")) return undefined;
      words.sum.micros += isNegative && micros > 0 ? -micros : micros;
    } else if (years !== undefined) {
      if (!words.claim("year", "month")) return undefined;
      const size = Math.abs(Number(years)) * 12 + Number(months);
      words.sum.months += years.startsWith("-") ? -size : size;
    } else if (number !== undefined) {
      const isDay = word === undefined && /^[\d+-]*:/.test(text.slice(TOKEN.lastIndex));
      const unit = word === undefined ? (isDay ? "day" : lastField(fields)) : unitOf(word);
      if (unit === undefined || !words.claim(unit)) return undefined;
      ADD[unit](words.sum, (isNegative && !number.startsWith("-") ? -1 : 1) * Number(number));
    } else if (ago !== undefined) {
      if (words.isEmpty() || TOKEN.lastIndex < text.length) return undefined;
      words.sum.scale(-1);
    } else if (at === undefined || from > 0) {
      return undefined;
    }
  }
  return words.isEmpty() ? undefined : words.sum.value();
}

const ISO_PART = /([+-]?(?:\d+\.?\d*|\.\d+))([YMWDHS])/iy;
const ISO_ALTERNATIVE =
  /^P(?:([+-]?\d+)-([+-]?\d+)-([+-]?\d+))?(?:T([+-]?\d+):([+-]?\d+):([+-]?\d+(?:\.\d*)?))?$/i;

function parseIsoInterval(text: string): Interval | undefined {
  const sum = new IntervalSum();
  const alternative = ISO_ALTERNATIVE.exec(text);
  if (alternative !== null && text.length > 2) {
    const [, years = 0, months = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = alternative;
    sum.addMonths(Number(years) * 12 + Number(months));
    sum.addDays(Number(days));
    sum.addMicros(Number(hours), MICROS_PER_HOUR);
    sum.addMicros(Number(minutes), MICROS_PER_MINUTE);
    sum.addMicros(Number(seconds), MICROS_PER_SECOND);
  } else if (!readIsoParts(text, sum)) {
    return undefined;
  }
  return sum.value();
}

const ISO_DATE_UNITS: Readonly<Record<string, Unit>> = { Y: "year", M: "month", W: "week", D: "day" };
const ISO_TIME_UNITS: Readonly<Record<string, Unit>> = { H: "hour", M: "minute", S: "second" };

function readIsoParts(body: string, sum: IntervalSum): boolean {
  let units = ISO_DATE_UNITS;
  let parts = 0;
  let at = 1;
  while (at < body.length) {
    if (units === ISO_DATE_UNITS && /t/i.test(body[at]!)) {
      units = ISO_TIME_UNITS;
      at++;
      continue;
    }
    ISO_PART.lastIndex = at;
    const match = ISO_PART.exec(body);
    const unit = match === null ? undefined : units[match[2]!.toUpperCase()];
    if (match === null || unit === undefined) return false;
    ADD[unit](sum, Number(match[1]));
    parts++;
    at = ISO_PART.lastIndex;
  }
  return parts > 0;
}

/** `HH:MM:SS.ffffff` of a number of microseconds that is not negative, without trailing zeros. */
export function formatClock(micros: number): string {
  const hours = Math.floor(micros / MICROS_PER_HOUR);
  const minutes = Math.floor(micros / MICROS_PER_MINUTE) % 60;
  const seconds = Math.floor(micros / MICROS_PER_SECOND) % 60;
  return `${two(hours)}:${two(minutes)}:${two(seconds)}${formatFraction(micros % MICROS_PER_SECOND)}`;
}

/** `.ffffff` without trailing zeros, nothing for 0. */
export function formatFraction(micros: number): string {
  return micros === 0 ? "" : `.${micros.toString().padStart(6, "0").replace(/0+$/, "")}`;
}

function two(value: number): string {
  return value.toString().padStart(2, "0");
}

/** The text in PostgreSQL's default style: `1 year 2 mons -3 days +04:05:06`. */
export function formatInterval(value: Interval): string {
  const parts: string[] = [];
  let before = false;
  const add = (count: number, unit: string): void => {
    if (count === 0) return;
    parts.push(`${before && count > 0 ? "+" : ""}${count} ${unit}${count === 1 ? "" : "s"}`);
    before = count < 0;
  };
  add(Math.trunc(value.months / 12), "year");
  add(value.months % 12, "mon");
  add(value.days, "day");
  if (parts.length === 0 || value.micros !== 0) {
    const sign = value.micros < 0 ? "-" : before ? "+" : "";
    parts.push(sign + formatClock(Math.abs(value.micros)));
  }
  return parts.join(" ");
}

/** The text as an ISO 8601 duration: `P1Y2M-3DT4H5M6S`. */
export function formatIsoInterval(value: Interval): string {
  const add = (count: number, unit: string): string => count === 0 ? "" : `${count}${unit}`;
  const date = add(Math.trunc(value.months / 12), "Y") + add(value.months % 12, "M") + add(value.days, "D");
  const size = Math.abs(value.micros);
  const sign = value.micros < 0 ? -1 : 1;
  const seconds = Math.floor(size / MICROS_PER_SECOND) % 60;
  const fraction = formatFraction(size % MICROS_PER_SECOND);
  const time = add(sign * Math.floor(size / MICROS_PER_HOUR), "H") +
    add(sign * (Math.floor(size / MICROS_PER_MINUTE) % 60), "M") +
    (seconds === 0 && fraction === "" ? "" : `${sign < 0 ? "-" : ""}${seconds}${fraction}S`);
  if (date + time === "") return "PT0S";
  return `P${date}${time === "" ? "" : `T${time}`}`;
}

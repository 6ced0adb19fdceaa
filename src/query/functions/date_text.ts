/**
 * Text of dates, times and timestamps: ISO output, and the input forms that PostgreSQL takes.
 *
 * ISO text goes through one regular expression. Other forms are cut into fields, as PostgreSQL's
 * ParseDateTime does: `January 8, 1999`, `8-Jan-1999`, `1/8/1999` (month first), `19990108`, `1999.008`,
 * `J2451187`, `04:05 PM`, `2024-01-02 BC`, zones by offset, abbreviation or name, and the words `epoch`,
 * `now`, `today`, `yesterday`, `tomorrow`.
 *
 * @module
 */
import type { Datum, SqlType } from "../../storage/sql_type.ts";
import { QueryError } from "../../base/error.ts";
import {
  checkedDays,
  civilFromDays,
  dateOutOfRange,
  daysFromCivil,
  daysInMonth,
  daysOfMicros,
  JULIAN_DAY_OF_EPOCH,
  MAX_DAYS,
  MICROS_PER_DAY,
  MICROS_PER_HOUR,
  MICROS_PER_MINUTE,
  MICROS_PER_SECOND,
  microsOf,
  microsOfDay,
  MIN_DAYS,
} from "./calendar.ts";
import { formatClock } from "./interval_text.ts";
import { invalidText } from "./number_text.ts";
import {
  abbreviationOffset,
  findTimeZone,
  localFromUtc,
  parseOffset,
  type TimeZone,
  timeZone,
  utcFromLocal,
} from "./time_zone.ts";

const DASH = 0x2d;
const ZERO = 0x30;

/** What reading and writing times depends on besides the text. */
export interface TextContext {
  /** The session's zone, for TIMESTAMP WITH TIME ZONE. UTC when absent. */
  readonly timeZone?: string;
  /** For the words `now`, `today`, `yesterday` and `tomorrow`; they are refused without it. */
  readonly nowMicros?: number;
}

/** The fields that were found in a text. */
class FoundFields {
  year: number | undefined;
  month: number | undefined;
  day: number | undefined;
  dayOfYear: number | undefined;
  /** Day number given as a whole: Julian days and words. */
  days: number | undefined;
  /** Microseconds since midnight. */
  micros: number | undefined;
  meridiem: "am" | "pm" | undefined;
  beforeChrist = false;
  twoDigitYear = false;
  zone: TimeZone | undefined;
  /** A whole instant, for `now` and `epoch`. */
  instant: number | undefined;
}

const ISO =
  /^\s*(\d{4,7})-(\d{1,2})-(\d{1,2})(?:(?:\s*T\s*|\s+)(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d*))?)?\s*(Z|[+-]\d{1,2}(?::?\d{2})?(?::?\d{2})?)?)?\s*$/i;

/** Microseconds of a decimal fraction of a second, rounded half to even as PostgreSQL's `rint`. */
function fractionMicros(digits: string | undefined): number {
  if (digits === undefined || digits === "") return 0;
  if (digits.length <= 6) return Number(digits.padEnd(6, "0"));
  const micros = Number(digits.slice(0, 6));
  const rest = Number(`0.${digits.slice(6)}`);
  return rest > 0.5 || (rest === 0.5 && micros % 2 === 1) ? micros + 1 : micros;
}

function fieldOutOfRange(text: string): QueryError {
  return new QueryError(
    "invalid-value",
    `Date or time field out of range: received ${JSON.stringify(text)}`,
    { details: { value: text }, hint: "write dates as YYYY-MM-DD and times as HH:MM:SS" },
  );
}

function clockMicros(
  text: string,
  hour: number,
  minute: number,
  second: number,
  fraction?: string,
): number {
  const micros = hour * MICROS_PER_HOUR + minute * MICROS_PER_MINUTE + second * MICROS_PER_SECOND +
    fractionMicros(fraction);
  if (minute > 59 || second > 60 || hour > 24 || micros > MICROS_PER_DAY) throw fieldOutOfRange(text);
  return micros;
}

function readIso(text: string, found: FoundFields): boolean {
  const match = ISO.exec(text);
  if (match === null) return false;
  found.year = Number(match[1]);
  found.month = Number(match[2]);
  found.day = Number(match[3]);
  if (match[4] !== undefined) {
    found.micros = clockMicros(text, Number(match[4]), Number(match[5]), Number(match[6] ?? 0), match[7]);
  }
  if (match[8] !== undefined) setOffset(found, match[8], text);
  return true;
}

function setOffset(found: FoundFields, offsetText: string, text: string): void {
  const offset = /^z$/i.test(offsetText) ? 0 : parseOffset(offsetText);
  if (offset === undefined) throw fieldOutOfRange(text);
  found.zone = { name: offsetText, offsetAt: () => offset };
}

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const MONTH_NAMES = [
  "january",
  "february",
  "march",
  "april",
  "may",
  "june",
  "july",
  "august",
  "september",
  "october",
  "november",
  "december",
];
const WEEKDAYS = /^(?:sun|mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?)(?:day)?$/i;

/** Month number from 1 of an English name or its abbreviation, or undefined. */
export function monthOfName(word: string): number | undefined {
  const name = word.toLowerCase();
  const index = MONTHS.indexOf(name === "sept" ? "sep" : name);
  if (index >= 0) return index + 1;
  const full = MONTH_NAMES.indexOf(name);
  return full >= 0 ? full + 1 : undefined;
}

const FIELD =
  /[\s,]*(?:(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d*))?)?|T(\d{6})(?:\.(\d*))?(?!\d)|J(\d+)|(\d+[-/.][a-z\d]+(?:[-/.]\d+)?)|([a-z]+[-/]\d+[-/]\d+)|([+-]\d{1,2}(?::?\d{2})?(?::?\d{2})?)|(\d+)|([a-z][a-z_]*(?:\/[a-z_+\-\d]+)*))/iy;

function readFields(text: string, found: FoundFields, context: TextContext, target: string): void {
  const trimmed = text.trim();
  FIELD.lastIndex = 0;
  for (let from = 0; from < trimmed.length;) {
    FIELD.lastIndex = from;
    const match = FIELD.exec(trimmed);
    if (match === null) throw invalidText(text, target);
    from = FIELD.lastIndex;
    const [
      ,
      hour,
      minute,
      second,
      fraction,
      compact,
      compactFraction,
      julian,
      date,
      named,
      offset,
      digits,
      word,
    ] = match;
    if (hour !== undefined) {
      found.micros = clockMicros(text, Number(hour), Number(minute), Number(second ?? 0), fraction);
    } else if (compact !== undefined) readCompactTime(compact, compactFraction, found, text);
    else if (julian !== undefined) found.days = Number(julian) - JULIAN_DAY_OF_EPOCH;
    else if (date !== undefined) readDelimitedDate(date, found, text, target);
    else if (named !== undefined) readDelimitedDate(named, found, text, target);
    else if (offset !== undefined) setOffset(found, offset, text);
    else if (digits !== undefined) readDigits(digits, found, text, target);
    else if (!readWord(word!, found, context)) throw invalidText(text, target);
  }
}

function readCompactTime(
  digits: string,
  fraction: string | undefined,
  found: FoundFields,
  text: string,
): void {
  const part = (from: number): number => Number(digits.slice(from, from + 2));
  found.micros = clockMicros(text, part(0), part(2), part(4), fraction);
}

function setYear(found: FoundFields, digits: string): void {
  found.year = Number(digits);
  found.twoDigitYear = digits.length <= 2;
}

function readDelimitedDate(date: string, found: FoundFields, text: string, target: string): void {
  const parts = date.split(/[-/.]/);
  if (parts.length === 2) {
    if (!/^\d{4,}\.\d{3}$/.test(date)) throw invalidText(text, target);
    setYear(found, parts[0]!);
    found.dayOfYear = Number(parts[1]);
    return;
  }
  const [first, second, third] = parts as [string, string, string];
  const month = parts.findIndex((part) => monthOfName(part) !== undefined);
  if (month >= 0) {
    found.month = monthOfName(parts[month]!);
    const [a, b] = parts.filter((_, i) => i !== month) as [string, string];
    const yearFirst = a.length > 2 || (month === 1 && Number(a) > 31);
    setYear(found, yearFirst ? a : b);
    found.day = Number(yearFirst ? b : a);
  } else if (!/^\d+$/.test(second)) {
    throw invalidText(text, target);
  } else if (first.length > 2) {
    setYear(found, first);
    found.month = Number(second);
    found.day = Number(third);
  } else {
    setYear(found, third);
    found.month = Number(first);
    found.day = Number(second);
  }
}

function readDigits(digits: string, found: FoundFields, text: string, target: string): void {
  const hasDate = found.year !== undefined || found.days !== undefined;
  if (digits.length === 8 && !hasDate) {
    setYear(found, digits.slice(0, 4));
    found.month = Number(digits.slice(4, 6));
    found.day = Number(digits.slice(6));
  } else if (digits.length === 6 && (hasDate || target === "TIME")) {
    readCompactTime(digits, undefined, found, text);
  } else if (digits.length === 6 && found.month === undefined) {
    setYear(found, digits.slice(0, 2));
    found.month = Number(digits.slice(2, 4));
    found.day = Number(digits.slice(4));
  } else if (digits.length === 4 && (hasDate || target === "TIME") && found.micros === undefined) {
    found.micros = clockMicros(text, Number(digits.slice(0, 2)), Number(digits.slice(2)), 0);
  } else if (digits.length <= 2 && found.day === undefined) {
    found.day = Number(digits);
  } else if (found.year === undefined) {
    setYear(found, digits);
  } else {
    throw invalidText(text, target);
  }
}

function readWord(word: string, found: FoundFields, context: TextContext): boolean {
  const lower = word.toLowerCase();
  const month = monthOfName(lower);
  if (month !== undefined) {
    found.month = month;
    return true;
  }
  switch (lower) {
    case "am":
    case "pm":
      found.meridiem = lower;
      return true;
    case "bc":
      found.beforeChrist = true;
      return true;
    case "ad":
    case "t":
    case "at":
    case "on":
      return true;
    case "epoch":
      found.instant = 0;
      return true;
    case "now":
    case "today":
    case "yesterday":
    case "tomorrow":
      return readRelativeWord(lower, found, context);
    case "allballs":
      found.micros = 0;
      found.zone = timeZone("UTC");
      return true;
  }
  if (WEEKDAYS.test(lower)) return true;
  const abbreviation = abbreviationOffset(lower);
  found.zone = abbreviation === undefined ? findTimeZone(word) : { name: word, offsetAt: () => abbreviation };
  return found.zone !== undefined;
}

/** Whether texts are read as dates or times for values of a type. */
export function isReadAsTime(type: SqlType): boolean {
  const { kind } = type.kind === "array" ? type.element : type;
  return kind === "date" || kind === "time" || kind === "timestamp" || kind === "timestamptz";
}

/** Whether a text, or one of an array, may read as another date or time at another time. */
export function readsClock(text: Datum): boolean {
  if (Array.isArray(text)) return text.some(readsClock);
  return typeof text === "string" && /now|today|tomorrow|yesterday/i.test(text);
}

function readRelativeWord(word: string, found: FoundFields, context: TextContext): boolean {
  if (context.nowMicros === undefined) return false;
  if (word === "now") {
    found.instant = context.nowMicros;
    return true;
  }
  const today = daysOfMicros(localFromUtc(context.nowMicros, sessionZone(context)));
  found.days = today + (word === "today" ? 0 : word === "tomorrow" ? 1 : -1);
  found.micros ??= 0;
  return true;
}

function readText(text: string, context: TextContext, target: string): FoundFields {
  const found = new FoundFields();
  if (!readIso(text, found)) {
    if (text.trim() === "") throw invalidText(text, target);
    readFields(text, found, context, target);
  }
  if (found.meridiem !== undefined && found.micros !== undefined) {
    const hour = Math.floor(found.micros / MICROS_PER_HOUR);
    if (hour > 12) throw fieldOutOfRange(text);
    if (found.meridiem === "pm" && hour < 12) found.micros += 12 * MICROS_PER_HOUR;
    if (found.meridiem === "am" && hour === 12) found.micros -= 12 * MICROS_PER_HOUR;
  }
  return found;
}

function daysOf(found: FoundFields, text: string, target: string): number {
  if (found.days !== undefined) return checkedDays(found.days);
  if (found.year === undefined) throw invalidText(text, target);
  let year = found.year;
  if (found.beforeChrist) {
    if (year === 0) throw fieldOutOfRange(text);
    year = 1 - year;
  } else if (found.twoDigitYear) {
    year += year < 70 ? 2000 : 1900;
  } else if (year === 0) {
    throw fieldOutOfRange(text);
  }
  if (found.dayOfYear !== undefined) return checkedDays(daysFromCivil(year, 1, 1) + found.dayOfYear - 1);
  const { month, day } = found;
  if (month === undefined || day === undefined) throw invalidText(text, target);
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) throw fieldOutOfRange(text);
  const days = daysFromCivil(year, month, day);
  if (!(days >= MIN_DAYS && days <= MAX_DAYS)) throw dateOutOfRange("Date", JSON.stringify(text));
  return days;
}

function sessionZone(context: TextContext): TimeZone {
  return timeZone(context.timeZone ?? "UTC");
}

/** Days of a text in the usual form, YYYY-MM-DD; NaN for every other text. */
export function plainDays(text: string): number {
  if (text.length !== 10 || text.charCodeAt(4) !== DASH || text.charCodeAt(7) !== DASH) return NaN;
  const century = twoDigits(text.charCodeAt(0), text.charCodeAt(1));
  const yearOfCentury = twoDigits(text.charCodeAt(2), text.charCodeAt(3));
  const month = twoDigits(text.charCodeAt(5), text.charCodeAt(6));
  const day = twoDigits(text.charCodeAt(8), text.charCodeAt(9));
  const year = century * 100 + yearOfCentury;
  if (century < 0 || yearOfCentury < 0 || year < 1 || month < 1 || month > 12 || day < 1) return NaN;
  if (day > 28 && day > daysInMonth(year, month)) return NaN;
  // As daysFromCivil, in whole numbers: years are positive here.
  const y = month <= 2 ? year - 1 : year;
  const leapDays = (y / 4 | 0) - (y / 100 | 0) + (y / 400 | 0);
  return y * 365 + leapDays + ((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 | 0) + day - 719_469;
}

/** The number that two character codes spell; below 0 when one is no digit. */
function twoDigits(tens: number, ones: number): number {
  const ten = tens - ZERO;
  const one = ones - ZERO;
  return ten >= 0 && ten <= 9 && one >= 0 && one <= 9 ? ten * 10 + one : -1;
}

/** Reads a DATE: days since 1970-01-01. */
export function parseDate(text: string, context: TextContext = {}): number {
  const plain = plainDays(text);
  if (plain === plain) return plain;
  const found = readText(text, context, "DATE");
  if (found.instant !== undefined) {
    return daysOfMicros(found.instant === 0 ? 0 : localFromUtc(found.instant, sessionZone(context)));
  }
  return daysOf(found, text, "DATE");
}

/** Reads a TIME: microseconds since midnight, 24:00:00 included. */
export function parseTime(text: string, context: TextContext = {}): number {
  const found = readText(text, context, "TIME");
  if (found.instant !== undefined) return microsOfDay(localFromUtc(found.instant, sessionZone(context)));
  if (found.micros === undefined) throw invalidText(text, "TIME");
  return found.micros;
}

/** Reads a TIMESTAMP: local microseconds since 1970-01-01. A zone in the text is ignored. */
export function parseTimestamp(text: string, context: TextContext = {}): number {
  const found = readText(text, context, "TIMESTAMP");
  if (found.instant !== undefined) {
    return found.instant === 0 ? 0 : localFromUtc(found.instant, sessionZone(context));
  }
  return microsOf(daysOf(found, text, "TIMESTAMP"), found.micros ?? 0);
}

/** Reads a TIMESTAMP WITH TIME ZONE: microseconds since 1970-01-01 UTC. */
export function parseTimestamptz(text: string, context: TextContext = {}): number {
  const found = readText(text, context, "TIMESTAMP WITH TIME ZONE");
  if (found.instant !== undefined) return found.instant;
  const local = microsOf(daysOf(found, text, "TIMESTAMP WITH TIME ZONE"), found.micros ?? 0);
  return utcFromLocal(local, found.zone ?? sessionZone(context));
}

function two(value: number): string {
  return value.toString().padStart(2, "0");
}

/** `YYYY-MM-DD`, and whether ` BC` must follow the whole text. */
function datePart(days: number): { text: string; suffix: string } {
  const { year, month, day } = civilFromDays(days);
  const shown = (year > 0 ? year : 1 - year).toString().padStart(4, "0");
  return { text: `${shown}-${two(month)}-${two(day)}`, suffix: year > 0 ? "" : " BC" };
}

/** The ISO text of a DATE. */
export function formatDate(days: number): string {
  const { text, suffix } = datePart(days);
  return text + suffix;
}

/** The ISO text of a TIME. */
export function formatTime(micros: number): string {
  return formatClock(micros);
}

/** The ISO text of a TIMESTAMP. */
export function formatTimestamp(micros: number): string {
  const { text, suffix } = datePart(daysOfMicros(micros));
  return `${text} ${formatClock(microsOfDay(micros))}${suffix}`;
}

/** `+05`, `-03:30`, `+00:53:28`. */
export function formatOffset(offsetMicros: number): string {
  const size = Math.abs(offsetMicros) / MICROS_PER_SECOND;
  const minutes = Math.floor(size / 60) % 60;
  const seconds = size % 60;
  return (offsetMicros < 0 ? "-" : "+") + two(Math.floor(size / 3600)) +
    (minutes !== 0 || seconds !== 0 ? `:${two(minutes)}` : "") + (seconds !== 0 ? `:${two(seconds)}` : "");
}

/** The ISO text of a TIMESTAMP WITH TIME ZONE in the session's zone. */
export function formatTimestamptz(utcMicros: number, zoneName = "UTC"): string {
  const offset = timeZone(zoneName).offsetAt(utcMicros);
  const local = utcMicros + offset;
  const { text, suffix } = datePart(daysOfMicros(local));
  return `${text} ${formatClock(microsOfDay(local))}${formatOffset(offset)}${suffix}`;
}

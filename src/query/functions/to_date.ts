/**
 * TO_DATE and TO_TIMESTAMP: reading text by a template.
 *
 * As in PostgreSQL, blanks and separators in the text and in the template match each other loosely, a number
 * takes as many digits as its field has (all of them when no digit field follows), and fields that are not
 * given take the first of their kind.
 *
 * @module
 */
import { QueryError } from "../../base/error.ts";
import { DATE, type Datum, TIMESTAMPTZ } from "../../storage/sql_type.ts";
import type { ScalarFunction } from "../function.ts";
import { castDatum } from "./cast.ts";
import {
  checkedDays,
  daysFromCivil,
  daysInMonth,
  JULIAN_DAY_OF_EPOCH,
  MICROS_PER_HOUR,
  MICROS_PER_MINUTE,
  MICROS_PER_SECOND,
  microsOf,
  startOfIsoYear,
} from "./calendar.ts";
import { dateTemplate, DAY_NAMES, MONTH_NAMES, ROMAN_MONTHS, type TemplateNode } from "./date_template.ts";
import { EPOCH_SIGNATURE } from "./date_time.ts";
import { asText } from "./datum.ts";
import { signature, strict } from "./signature.ts";
import { findTimeZone, fixedZone, type TimeZone, timeZone, utcFromLocal } from "./time_zone.ts";

/** What has been read. */
class Fields {
  year: number | undefined;
  isoYear: number | undefined;
  month: number | undefined;
  day: number | undefined;
  dayOfYear: number | undefined;
  week: number | undefined;
  weekOfMonth: number | undefined;
  isoWeek: number | undefined;
  isoDay: number | undefined;
  century: number | undefined;
  julian: number | undefined;
  hour = 0;
  twelveHour = false;
  minute = 0;
  second = 0;
  micros = 0;
  secondOfDay: number | undefined;
  isAfternoon: boolean | undefined;
  beforeChrist = false;
  offset: number | undefined;
  zone: TimeZone | undefined;
}

/** Digits that a numeric field takes at most. */
const WIDTHS: Readonly<Record<string, number>> = {
  "YYYY": 4,
  "YYY": 3,
  "YY": 2,
  "Y": 1,
  "IYYY": 4,
  "IYY": 3,
  "IY": 2,
  "I": 1,
  "CC": 2,
  "MM": 2,
  "DD": 2,
  "DDD": 3,
  "IDDD": 3,
  "D": 1,
  "ID": 1,
  "WW": 2,
  "W": 1,
  "IW": 2,
  "Q": 1,
  "J": 9,
  "HH": 2,
  "HH12": 2,
  "HH24": 2,
  "MI": 2,
  "SS": 2,
  "MS": 3,
  "US": 6,
  "SSSS": 5,
  "SSSSS": 5,
  "FF1": 1,
  "FF2": 2,
  "FF3": 3,
  "FF4": 4,
  "FF5": 5,
  "FF6": 6,
};

const SEPARATOR = /[^\p{L}\p{N}]/u;

class TemplateReader {
  readonly #text: string;
  readonly #nodes: readonly TemplateNode[];
  readonly fields: Fields = new Fields();
  #at = 0;

  constructor(text: string, template: string) {
    this.#text = text;
    this.#nodes = dateTemplate(template);
  }

  #fail(why: string): never {
    throw new QueryError("invalid-value", `${why}: received ${JSON.stringify(this.#text)}`, {
      details: { value: this.#text },
      hint: "the text must follow the template",
    });
  }

  read(): Fields {
    this.#skipBlanks();
    this.#nodes.forEach((node, index) => {
      if (this.#at >= this.#text.length) return;
      if (node.kind === "text") this.#readText(node);
      else this.#readField(node, index);
    });
    return this.fields;
  }

  #skipBlanks(): void {
    while (/\s/.test(this.#text[this.#at] ?? "")) this.#at++;
  }

  #readText(node: TemplateNode & { readonly kind: "text" }): void {
    if (node.quoted) {
      this.#at += node.text.length;
    } else if (SEPARATOR.test(node.text)) {
      if (SEPARATOR.test(this.#text[this.#at] ?? "a")) this.#at++;
      this.#skipBlanks();
    } else {
      this.#at++;
    }
  }

  /** Whether the field at `index` is followed by another number, so that it must not take its digits. */
  #isFollowedByNumber(index: number): boolean {
    const next = this.#nodes[index + 1];
    if (next === undefined) return false;
    return next.kind === "field" ? next.key in WIDTHS : /^\d/.test(next.text);
  }

  #skipToField(): void {
    this.#skipBlanks();
    while (this.#at < this.#text.length && !/[\p{L}\p{N}+-]/u.test(this.#text[this.#at]!)) this.#at++;
  }

  #number(key: string, index: number, fill: boolean): { value: number; digits: string } {
    this.#skipToField();
    const width = WIDTHS[key]!;
    const limited = this.#isFollowedByNumber(index) && !fill;
    const match = (limited ? new RegExp(`^[+-]?\\d{1,${width}}`) : /^[+-]?\d+/).exec(
      this.#text.slice(this.#at),
    );
    if (match === null) this.#fail(`Invalid value for ${key}`);
    this.#at += match[0].length;
    return { value: Number(match[0]), digits: match[0].replace(/^[+-]/, "") };
  }

  #name(names: readonly string[], what: string): number {
    this.#skipToField();
    const rest = this.#text.slice(this.#at).toLowerCase();
    const index = names.findIndex((name) => rest.startsWith(name.toLowerCase()));
    if (index < 0) this.#fail(`Invalid value for ${what}`);
    this.#at += names[index]!.length;
    return index;
  }

  #readField(node: TemplateNode & { readonly kind: "field" }, index: number): void {
    if (node.key in WIDTHS) {
      const { value, digits } = this.#number(node.key, index, node.fill);
      this.#setNumber(node.key, value, digits);
      if (node.ordinal !== "") this.#at += 2;
    } else {
      this.#readWord(node.key);
    }
  }

  #setNumber(key: string, value: number, digits: string): void {
    const { fields } = this;
    const fraction = (width: number): number => Math.round(Number(`0.${digits.slice(0, width)}`) * 1e6);
    switch (key) {
      case "YYYY":
        fields.year = value;
        break;
      case "YYY":
      case "YY":
      case "Y":
        fields.year = fullYear(value, digits.length);
        break;
      case "IYYY":
        fields.isoYear = value;
        break;
      case "IYY":
      case "IY":
      case "I":
        fields.isoYear = fullYear(value, digits.length);
        break;
      case "CC":
        fields.century = value;
        break;
      case "MM":
        fields.month = value;
        break;
      case "DD":
        fields.day = value;
        break;
      case "DDD":
        fields.dayOfYear = value;
        break;
      case "IDDD":
        fields.dayOfYear = value;
        break;
      case "ID":
        fields.isoDay = value;
        break;
      case "WW":
        fields.week = value;
        break;
      case "W":
        fields.weekOfMonth = value;
        break;
      case "IW":
        fields.isoWeek = value;
        break;
      case "J":
        fields.julian = value;
        break;
      case "HH":
      case "HH12":
        if (value < 1 || value > 12) this.#fail("Hour is invalid for the 12-hour clock");
        fields.hour = value;
        fields.twelveHour = true;
        break;
      case "HH24":
        fields.hour = value;
        break;
      case "MI":
        fields.minute = value;
        break;
      case "SS":
        fields.second = value;
        break;
      case "MS":
        fields.micros += fraction(3);
        break;
      case "US":
        fields.micros += fraction(6);
        break;
      case "SSSS":
      case "SSSSS":
        fields.secondOfDay = value;
        break;
      default:
        if (key.startsWith("FF")) fields.micros += fraction(Number(key[2]));
    }
  }

  #readWord(key: string): void {
    const { fields } = this;
    switch (key) {
      case "MONTH":
      case "MON": {
        const rest = this.#text.slice(this.#at).trimStart().toLowerCase();
        const isFull = MONTH_NAMES.some((name) => rest.startsWith(name.toLowerCase()));
        const names = isFull && key === "MONTH" ? MONTH_NAMES : MONTH_NAMES.map((name) => name.slice(0, 3));
        fields.month = this.#name(names, key) + 1;
        break;
      }
      case "RM": {
        const order = ROMAN_MONTHS.map((numeral, i) => ({ numeral, i })).sort((a, b) =>
          b.numeral.length - a.numeral.length
        );
        fields.month = order[this.#name(order.map((item) => item.numeral), key)]!.i + 1;
        break;
      }
      case "DAY":
        this.#name(DAY_NAMES, key);
        break;
      case "DY":
        this.#name(DAY_NAMES.map((name) => name.slice(0, 3)), key);
        break;
      case "AM":
      case "PM":
        fields.isAfternoon = this.#name(["am", "pm"], key) === 1;
        break;
      case "A.M.":
      case "P.M.":
        fields.isAfternoon = this.#name(["a.m.", "p.m."], key) === 1;
        break;
      case "BC":
      case "AD":
        fields.beforeChrist = this.#name(["bc", "ad"], key) === 0;
        break;
      case "B.C.":
      case "A.D.":
        fields.beforeChrist = this.#name(["b.c.", "a.d."], key) === 0;
        break;
      case "Y,YYY": {
        const match = /^\s*(\d+),(\d{3})/.exec(this.#text.slice(this.#at)) ??
          this.#fail("Invalid value for Y,YYY");
        this.#at += match[0].length;
        fields.year = Number(match[1]) * 1000 + Number(match[2]);
        break;
      }
      case "TZH":
      case "TZM":
      case "OF":
        this.#readOffset(key);
        break;
      case "TZ": {
        const match = /^[A-Za-z_/]+/.exec(this.#text.slice(this.#at)) ?? this.#fail("Invalid value for TZ");
        fields.zone = findTimeZone(match[0]) ?? this.#fail("Invalid value for TZ");
        this.#at += match[0].length;
        break;
      }
    }
  }

  #readOffset(key: string): void {
    const { fields } = this;
    const pattern = key === "OF" ? /^\s*([+-]?)(\d{1,2})(?::?(\d{2}))?/ : /^\s*([+-]?)(\d{1,2})/;
    const match = pattern.exec(this.#text.slice(this.#at)) ?? this.#fail(`Invalid value for ${key}`);
    this.#at += match[0].length;
    if (key === "TZM") {
      const hours = fields.offset ?? 0;
      const minutes = Number(match[2]) * MICROS_PER_MINUTE;
      fields.offset = hours < 0 ? hours - minutes : hours + minutes;
      return;
    }
    const size = Number(match[2]) * MICROS_PER_HOUR + Number(match[3] ?? 0) * MICROS_PER_MINUTE;
    fields.offset = match[1] === "-" ? -size : size;
  }
}

/** Years of fewer than four digits are those nearest to 2020. */
function fullYear(value: number, digits: number): number {
  if (digits >= 4) return value;
  if (digits === 3) return value >= 520 ? value + 1000 : value + 2000;
  return value < 70 ? value + 2000 : value + 1900;
}

function outOfRange(text: string): never {
  throw new QueryError("invalid-value", `Date or time field out of range: received ${JSON.stringify(text)}`, {
    details: { value: text },
    hint: "check that the template fits the text",
  });
}

function yearOf(fields: Fields): number {
  let year = fields.year;
  if (year === undefined && fields.century !== undefined) return (fields.century - 1) * 100 + 1;
  if (year === undefined) return 0;
  if (fields.beforeChrist && year > 0) year = 1 - year;
  else if (year < 0) year += 1;
  return year;
}

function daysOf(fields: Fields, text: string): number {
  if (fields.julian !== undefined) return checkedDays(fields.julian - JULIAN_DAY_OF_EPOCH);
  if (fields.isoYear !== undefined) {
    const start = startOfIsoYear(fields.isoYear);
    if (fields.dayOfYear !== undefined) return start + fields.dayOfYear - 1;
    return start + ((fields.isoWeek ?? 1) - 1) * 7 + (fields.isoDay ?? 1) - 1;
  }
  const year = yearOf(fields);
  if (fields.dayOfYear !== undefined) {
    const days = daysFromCivil(year, 1, 1) + fields.dayOfYear - 1;
    if (fields.dayOfYear < 1 || days >= daysFromCivil(year + 1, 1, 1)) outOfRange(text);
    return days;
  }
  if (fields.week !== undefined) return daysFromCivil(year, 1, 1) + (fields.week - 1) * 7;
  const month = fields.month ?? 1;
  const day = fields.day ?? (fields.weekOfMonth === undefined ? 1 : (fields.weekOfMonth - 1) * 7 + 1);
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) outOfRange(text);
  return checkedDays(daysFromCivil(year, month, day));
}

function timeOf(fields: Fields, text: string): number {
  if (fields.secondOfDay !== undefined) return fields.secondOfDay * MICROS_PER_SECOND + fields.micros;
  let { hour } = fields;
  if (fields.twelveHour || fields.isAfternoon !== undefined) {
    if (fields.isAfternoon === true && hour < 12) hour += 12;
    else if (fields.isAfternoon === false && hour === 12) hour = 0;
    else if (fields.isAfternoon === undefined && hour === 12) hour = 0;
  }
  if (hour > 24 || fields.minute > 59 || fields.second > 59) outOfRange(text);
  return hour * MICROS_PER_HOUR + fields.minute * MICROS_PER_MINUTE + fields.second * MICROS_PER_SECOND +
    fields.micros;
}

function parseByTemplate([text, template]: readonly Datum[]): { fields: Fields; days: number } {
  const fields = new TemplateReader(asText(text), asText(template)).read();
  return { fields, days: daysOf(fields, asText(text)) };
}

/** TO_DATE and TO_TIMESTAMP. */
export const TO_DATE_FUNCTIONS: readonly ScalarFunction[] = [
  strict("to_date", [
    signature(["text", "text"], DATE, (args) => parseByTemplate(args).days),
    // Snowflake's forms with one argument are casts.
    ...(["text", "timestamp", "timestamptz"] as const).map((kind) =>
      signature([kind], DATE, ([value], context) => castDatum(value!, { kind }, DATE, true, context))
    ),
  ]),
  strict("to_timestamp", [
    EPOCH_SIGNATURE,
    signature(["text", "text"], TIMESTAMPTZ, (args, context) => {
      const { fields, days } = parseByTemplate(args);
      const zone = fields.offset === undefined
        ? fields.zone ?? timeZone(context.timeZone)
        : fixedZone("", fields.offset);
      return utcFromLocal(microsOf(days, timeOf(fields, asText(args[0]))), zone);
    }),
  ]),
];

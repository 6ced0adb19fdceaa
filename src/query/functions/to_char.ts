/**
 * TO_CHAR of dates, timestamps and intervals by a template.
 *
 * @module
 */
import { type Datum, type Interval, type SqlType, TEXT } from "../../storage/sql_type.ts";
import type { CallContext, ScalarFunction, ScalarSignature } from "../function.ts";
import {
  dayOfWeek,
  dayOfYear,
  fieldsOfMicros,
  isoDayOfWeek,
  isoWeek,
  JULIAN_DAY_OF_EPOCH,
  MICROS_PER_HOUR,
  MICROS_PER_MINUTE,
  MICROS_PER_SECOND,
  microsOf,
  startOfIsoYear,
} from "./calendar.ts";
import { formatOffset } from "./date_text.ts";
import {
  dateTemplate,
  DAY_NAMES,
  MONTH_NAMES,
  ordinalSuffix,
  ROMAN_MONTHS,
  type TemplateNode,
} from "./date_template.ts";
import { argumentType, asInterval, asNumber, asText } from "./datum.ts";
import { formatNumberTemplate } from "./number_template.ts";
import { signature, strict } from "./signature.ts";
import { localFromUtc, timeZone } from "./time_zone.ts";

/** The fields that a template can show. */
interface Shown {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly micros: number;
  readonly dayOfYear: number;
  /** Undefined for intervals, which have no calendar. */
  readonly days: number | undefined;
  readonly offset: number | undefined;
  readonly zone: string;
}

type FieldNode = TemplateNode & { readonly kind: "field" };

/** Zero padded to `width`, one more for a sign; not padded with FM. */
function number(node: FieldNode, value: number, width: number): string {
  const sign = value < 0 ? "-" : "";
  const digits = node.fill ? String(Math.abs(value)) : String(Math.abs(value)).padStart(width, "0");
  return sign + digits + ordinal(node, digits);
}

function ordinal(node: FieldNode, digits: string): string {
  if (node.ordinal === "") return "";
  const suffix = ordinalSuffix(digits);
  return node.ordinal === "th" ? suffix.toLowerCase() : suffix;
}

/** A name in the case of the field as written, padded to `width` without FM. */
function name(node: FieldNode, text: string, width: number): string {
  const cased = node.name === node.key
    ? text.toUpperCase()
    : node.name === node.name.toLowerCase()
    ? text.toLowerCase()
    : text;
  return node.fill ? cased : cased.padEnd(width);
}

function meridiem(node: FieldNode, isLater: boolean, pair: readonly [string, string]): string {
  const letters = isLater ? pair[1] : pair[0];
  const text = node.key.includes(".") ? `${letters[0]}.${letters[1]}.` : letters;
  return node.name === node.key ? text : text.toLowerCase();
}

/** Years before 1 are shown as years BC. */
function shownYear(at: Shown): number {
  return at.days === undefined || at.year > 0 ? at.year : 1 - at.year;
}

function timeField(node: FieldNode, at: Shown): string | undefined {
  switch (node.key) {
    case "HH":
    case "HH12":
      return number(node, at.hour % 12 === 0 ? 12 : at.hour % 12, 2);
    case "HH24":
      return number(node, at.hour, 2);
    case "MI":
      return number(node, at.minute, 2);
    case "SS":
      return number(node, at.second, 2);
    case "MS":
      return number({ ...node, fill: false }, Math.trunc(at.micros / 1000), 3);
    case "US":
      return number({ ...node, fill: false }, at.micros, 6);
    case "SSSS":
    case "SSSSS":
      return number(node, at.hour * 3600 + at.minute * 60 + at.second, 1);
    case "AM":
    case "PM":
    case "A.M.":
    case "P.M.":
      return meridiem(node, ((at.hour % 24) + 24) % 24 >= 12, ["AM", "PM"]);
    case "TZ":
      return node.name === node.key ? at.zone.toUpperCase() : at.zone.toLowerCase();
    case "OF":
      return at.offset === undefined ? "+00" : formatOffset(at.offset);
    case "TZH":
      return formatOffset(at.offset ?? 0).slice(0, 3);
    case "TZM":
      return String(Math.abs(Math.trunc((at.offset ?? 0) / MICROS_PER_MINUTE)) % 60).padStart(2, "0");
    default: {
      if (!node.key.startsWith("FF")) return undefined;
      const digits = Number(node.key[2]);
      return String(Math.trunc(at.micros / 10 ** (6 - digits))).padStart(digits, "0");
    }
  }
}

function yearField(node: FieldNode, at: Shown): string | undefined {
  const year = node.key.startsWith("I") && at.days !== undefined ? isoWeek(at.days).year : shownYear(at);
  switch (node.key) {
    case "Y,YYY":
      return `${Math.trunc(year / 1000)},${String(Math.abs(year % 1000)).padStart(3, "0")}`;
    case "YYYY":
    case "IYYY":
      return number(node, year, 4);
    case "YYY":
    case "IYY":
      return number(node, year % 1000, 3);
    case "YY":
    case "IY":
      return number(node, year % 100, 2);
    case "Y":
    case "I":
      return number(node, year % 10, 1);
    case "CC":
      return number(node, century(at), 2);
    case "AD":
    case "BC":
    case "A.D.":
    case "B.C.":
      return meridiem(node, at.year > 0, ["BC", "AD"]);
    default:
      return undefined;
  }
}

function century(at: Shown): number {
  if (at.days === undefined) return Math.trunc(at.year / 100);
  return at.year > 0 ? Math.floor((at.year - 1) / 100) + 1 : Math.trunc(at.year / 100) - 1;
}

function monthField(node: FieldNode, at: Shown): string | undefined {
  switch (node.key) {
    case "MONTH":
      return at.month === 0 ? "" : name(node, MONTH_NAMES[at.month - 1]!, 9);
    case "MON":
      return at.month === 0 ? "" : name(node, MONTH_NAMES[at.month - 1]!.slice(0, 3), 3);
    case "MM":
      return number(node, at.month, 2);
    case "RM":
      return at.month === 0 ? "" : name(node, ROMAN_MONTHS[at.month - 1]!, 4);
    case "Q":
      return at.month === 0 ? "" : number(node, Math.floor((at.month - 1) / 3) + 1, 1);
    case "WW":
      return number(node, Math.floor((at.dayOfYear - 1) / 7) + 1, 2);
    case "W":
      return number(node, Math.floor((at.day - 1) / 7) + 1, 1);
    case "DDD":
      return number(node, at.dayOfYear, 3);
    case "DD":
      return number(node, at.day, 2);
    default:
      return undefined;
  }
}

/** Fields that need a calendar; empty for intervals. */
function weekField(node: FieldNode, at: Shown): string {
  if (at.days === undefined) return "";
  switch (node.key) {
    case "DAY":
      return name(node, DAY_NAMES[dayOfWeek(at.days)]!, 9);
    case "DY":
      return name(node, DAY_NAMES[dayOfWeek(at.days)]!.slice(0, 3), 3);
    case "IDDD":
      return number(node, at.days - startOfIsoYear(isoWeek(at.days).year) + 1, 3);
    case "D":
      return number(node, dayOfWeek(at.days) + 1, 1);
    case "ID":
      return number(node, isoDayOfWeek(at.days), 1);
    case "IW":
      return number(node, isoWeek(at.days).week, 2);
    case "J":
      return number(node, at.days + JULIAN_DAY_OF_EPOCH, 1);
    default:
      return "";
  }
}

function formatShown(at: Shown, template: string): string {
  let result = "";
  for (const node of dateTemplate(template)) {
    if (node.kind === "text") result += node.text;
    else result += timeField(node, at) ?? yearField(node, at) ?? monthField(node, at) ?? weekField(node, at);
  }
  return result;
}

/** TO_CHAR of a local timestamp; `offset` and `zone` for the fields of the time zone. */
export function formatTimestampTemplate(
  local: number,
  template: string,
  zone: { readonly offset: number; readonly name: string } | undefined = undefined,
): string {
  const fields = fieldsOfMicros(local);
  return formatShown({
    ...fields,
    dayOfYear: dayOfYear(fields.days),
    offset: zone?.offset,
    zone: zone?.name ?? "",
  }, template);
}

/** TO_CHAR of an interval. */
export function formatIntervalTemplate(value: Interval, template: string): string {
  const { micros } = value;
  const year = Math.trunc(value.months / 12);
  return formatShown({
    year,
    month: value.months % 12,
    day: value.days,
    hour: Math.trunc(micros / MICROS_PER_HOUR),
    minute: Math.trunc(micros / MICROS_PER_MINUTE) % 60,
    second: Math.trunc(micros / MICROS_PER_SECOND) % 60,
    micros: micros % MICROS_PER_SECOND,
    dayOfYear: value.months * 30 + value.days,
    days: undefined,
    offset: undefined,
    zone: "",
  }, template);
}

/** The abbreviation that a zone shows at an instant: its own name when it has none. */
function zoneAbbreviation(zoneName: string, utcMicros: number, offset: number): string {
  if (/^(?:utc|gmt|etc\/utc)$/i.test(zoneName)) return "UTC";
  const format = new Intl.DateTimeFormat("en-US", { timeZone: zoneName, timeZoneName: "short" });
  const part = format.formatToParts(Math.floor(utcMicros / 1000)).find((item) =>
    item.type === "timeZoneName"
  );
  return part === undefined || part.value.startsWith("GMT") ? formatOffset(offset) : part.value;
}

function momentToChar(value: Datum, type: SqlType, template: string, context: CallContext): string {
  switch (type.kind) {
    case "date":
      return formatTimestampTemplate(microsOf(asNumber(value), 0), template);
    case "interval":
      return formatIntervalTemplate(asInterval(value), template);
    case "timestamptz": {
      const utc = asNumber(value);
      const local = localFromUtc(utc, timeZone(context.timeZone));
      const offset = local - utc;
      const needsName = /TZ/i.test(template);
      return formatTimestampTemplate(local, template, {
        offset,
        name: needsName ? zoneAbbreviation(context.timeZone, utc, offset) : "",
      });
    }
    case "time":
      return formatIntervalTemplate({ months: 0, days: 0, micros: asNumber(value) }, template);
    default:
      return formatTimestampTemplate(asNumber(value), template);
  }
}

const MOMENT_SIGNATURES: readonly ScalarSignature[] = (
  ["timestamp", "timestamptz", "date", "interval", "time"] as const
).map((kind) =>
  signature(
    [kind, "text"],
    TEXT,
    ([value, template], context) => momentToChar(value!, argumentType(context, 0), asText(template), context),
  )
);

/** TO_CHAR in all its forms. */
export const TO_CHAR_FUNCTIONS: readonly ScalarFunction[] = [
  strict("to_char", [
    ...MOMENT_SIGNATURES,
    signature(
      ["number", "text"],
      TEXT,
      ([value, template], context) =>
        formatNumberTemplate(value!, argumentType(context, 0), asText(template)),
    ),
  ]),
];

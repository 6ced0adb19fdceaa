/**
 * Functions and operators on dates, times and intervals.
 *
 * @module
 */
import { type AgreementCase, binary, calls, prefix, single } from "./agreement_case.ts";
import { DATES, FIELDS, INTERVALS, TIMESTAMPS, ZONED } from "./agreement_values.ts";

/** Functions and operators on dates, times and intervals. */
export const DATE_CASES: readonly AgreementCase[] = [
  ...FIELDS.flatMap((field) =>
    [...DATES, ...TIMESTAMPS, ...ZONED, ...INTERVALS, "12:34:56.5::time"].map((value) => ({
      family: "fields",
      name: "extract",
      args: [field, value],
      sql: `extract(${field.split("::")[0]} from $2)`,
    }))
  ),
  ...calls("fields", ["date_part"], FIELDS, [
    ...DATES.slice(0, 3),
    ...TIMESTAMPS.slice(0, 3),
    ...INTERVALS.slice(0, 3),
  ]),
  ...calls("truncation", ["date_trunc"], FIELDS.slice(0, 13), [...TIMESTAMPS, ...ZONED, ...INTERVALS]),
  ...calls("truncation", ["date_trunc"], ["day::text", "hour::text", "month::text", "week::text"], [
    "2024-03-10 12:00:00+02::timestamptz",
    "2024-11-03 06:30:00Z::timestamptz",
  ], ["America/New_York::text", "Asia/Kathmandu::text", "UTC::text"]),
  ...calls(
    "truncation",
    ["date_bin"],
    ["15 minutes::interval", "1 day::interval", "7 days 3 hours::interval"],
    ["2024-02-29 12:34:56.789012::timestamp", "1999-01-01 00:00::timestamp"],
    ["2001-01-01 00:02:30::timestamp"],
  ),
  ...binary("date arithmetic", ["+", "-"], [...DATES, ...TIMESTAMPS, ...ZONED], INTERVALS),
  ...binary("date arithmetic", ["+", "-"], DATES, ["1::integer", "-400::integer"]),
  ...binary("date arithmetic", ["-"], DATES, DATES),
  ...binary("date arithmetic", ["-"], TIMESTAMPS, TIMESTAMPS),
  ...binary("date arithmetic", ["+"], DATES, ["12:30:00::time"]),
  ...binary("date arithmetic", ["+", "-"], ["12:30:00::time", "23:59:59.5::time"], INTERVALS),
  ...binary("date arithmetic", ["-"], ["12:30:00::time"], ["23:59:59.5::time"]),
  ...calls("ages", ["age"], TIMESTAMPS, TIMESTAMPS),
  ...binary("intervals", ["+", "-"], INTERVALS, INTERVALS),
  ...binary("intervals", ["*", "/"], INTERVALS, [
    "2::integer",
    "1.5::float8",
    "-3::integer",
    "0.3::numeric",
    "7::float8",
  ]),
  ...binary("intervals", ["=", "<", ">="], INTERVALS, INTERVALS),
  ...calls("intervals", ["justify_hours", "justify_days", "justify_interval"], [
    ...INTERVALS,
    "45 days -50 hours::interval",
    "-1 mon 40 days::interval",
    "1 mon -1 hour::interval",
  ]),
  ...prefix("intervals", ["negate"], INTERVALS),
  ...calls("making", ["make_date"], ["2024::integer", "-44::integer"], ["2::integer", "13::integer"], [
    "29::integer",
    "30::integer",
  ]),
  ...calls("making", ["make_time"], ["8::integer", "24::integer"], ["15::integer", "60::integer"], [
    "23.5::float8",
  ]),
  ...calls("making", ["make_timestamp"], ["2013::integer"], ["7::integer"], ["15::integer"], ["8::integer"], [
    "15::integer",
  ], ["23.5::float8", "60::float8"]),
  ...calls(
    "making",
    ["make_interval"],
    ["1::integer"],
    ["2::integer"],
    ["3::integer"],
    ["4::integer"],
    ["5::integer"],
    ["6::integer"],
    ["7.5::float8"],
  ),
  ...[
    "America/New_York::text",
    "Europe/Berlin::text",
    "Asia/Kolkata::text",
    "EST::text",
    "UTC::text",
    "Nowhere/Else::text",
    "Australia/Lord_Howe::text",
  ].flatMap((zone) =>
    [
      "2024-03-10 02:30:00::timestamp",
      "2024-11-03 01:30:00::timestamp",
      "2024-03-31 02:30:00::timestamp",
      "2024-10-27 02:30:00::timestamp",
      "2024-07-01 12:00:00::timestamp",
      "1900-01-01 00:00:00::timestamp",
      ...ZONED,
    ].map((at) => ({ family: "zones", name: "timezone", args: [zone, at], sql: "$2 at time zone $1" }))
  ),
  ...single("overlaps", [
    "overlaps",
    "($1, $2) overlaps ($3, $4)",
    "2001-02-16::date",
    "2001-12-21::date",
    "2001-10-30::date",
    "2002-10-30::date",
  ], [
    "overlaps",
    "($1, $2) overlaps ($3, $4)",
    "2001-02-16::date",
    "2001-10-30::date",
    "2001-10-30::date",
    "2002-10-30::date",
  ], [
    "overlaps",
    "($1, $2) overlaps ($3, $4)",
    "2001-10-30::date",
    "2001-10-30::date",
    "2001-10-30::date",
    "2001-10-31::date",
  ], [
    "overlaps",
    "($1, $2) overlaps ($3, $4)",
    "2001-10-30 00:00::timestamp",
    "1 day::interval",
    "2001-10-30 12:00::timestamp",
    "2 days::interval",
  ]),
];

/**
 * Values that many agreement cases share.
 *
 * @module
 */

export const INTEGERS: readonly string[] = [
  "0::integer",
  "7::integer",
  "-7::integer",
  "2147483647::integer",
  "-2147483648::integer",
  "2::smallint",
  "9007199254740993::bigint",
  "-9223372036854775808::bigint",
];
export const DECIMALS: readonly string[] = [
  "0.00::decimal(10,2)",
  "1.50::decimal(10,2)",
  "-2.345::decimal(12,3)",
  "12345678901234567890.12::decimal(30,2)",
  "3::numeric",
  "0.0001::numeric",
  "-123456.789012345::numeric",
  "1e20::numeric",
  "NaN::numeric",
  "Infinity::numeric",
];
export const DOUBLES: readonly string[] = [
  "0::float8",
  "1.5::float8",
  "-2.5::float8",
  "0.1::float8",
  "1e15::float8",
  "1e-5::float8",
  "123456789012345678::float8",
  "NaN::float8",
  "-Infinity::float8",
  "0.1::real",
  "1e6::real",
];
export const NUMBERS: readonly string[] = [...INTEGERS, ...DECIMALS, ...DOUBLES];

export const DATES: readonly string[] = [
  "2024-02-29::date",
  "1999-12-31::date",
  "2020-01-01::date",
  "0044-03-15 BC::date",
  "1582-10-10::date",
];
export const TIMESTAMPS: readonly string[] = [
  "2024-02-29 12:34:56.789012::timestamp",
  "1969-12-31 23:59:59.5::timestamp",
  "2000-01-01 00:00:00::timestamp",
  "0001-01-01 00:00:00::timestamp",
  "2024-12-30 23:59:59::timestamp",
  "9999-12-31 23:59:59::timestamp",
];
export const ZONED: readonly string[] = [
  "2024-03-10 12:00:00+02::timestamptz",
  "2024-07-01 00:00:00Z::timestamptz",
];
export const INTERVALS: readonly string[] = [
  "1 day::interval",
  "1 month::interval",
  "-1 year 2 mons 3 days 04:05:06.789::interval",
  "36:00:00::interval",
  "1.5 months::interval",
  "2 weeks 3 hours::interval",
  "-00:00:01.5::interval",
  "0::interval",
];
export const FIELDS: readonly string[] = [
  "microseconds",
  "milliseconds",
  "second",
  "minute",
  "hour",
  "day",
  "week",
  "month",
  "quarter",
  "year",
  "decade",
  "century",
  "millennium",
  "dow",
  "isodow",
  "doy",
  "isoyear",
  "julian",
  "epoch",
  "timezone",
].map((field) => `${field}::text`);

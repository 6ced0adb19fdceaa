/**
 * TO_CHAR, TO_DATE, TO_TIMESTAMP and TO_NUMBER.
 *
 * @module
 */
import { type AgreementCase, calls } from "./agreement_case.ts";
import { INTERVALS, TIMESTAMPS, ZONED } from "./agreement_values.ts";

const DATE_TEMPLATES = [
  "YYYY-MM-DD HH24:MI:SS",
  "Day, DD Month YYYY",
  "FMDay, FMDDth FMMonth YYYY",
  "DY Dy dy MON Mon mon",
  "HH12:MI:SS AM",
  "hh:mi p.m.",
  "DDD D ID IW IYYY IDDD",
  "Q WW W CC J",
  "Y,YYY YYY YY Y",
  "MS US FF1 FF3 FF6",
  "SSSS",
  "RM rm FMRM",
  "TZH:TZM OF",
  "TZ",
  '"Quarter" Q "of" YYYY',
  'YYYY"T"HH24',
  "FMHH24:FMMI",
  "DDTH DDth",
  "BC AD b.c. A.D.",
  "MONTH|month|Month|",
  "FMMONTH|",
  "yyyy-mm-dd",
  "YYYYMMDD",
  "TMMonth",
  "DD/MM/YY",
  "IYY IY I",
  "text without fields: xyz",
].map((template) => `${template}::text`);

const NUMBERS = [
  "0::integer",
  "485::integer",
  "-485::integer",
  "1234567::integer",
  "0.1::numeric",
  "-0.1::numeric",
  "12.45::numeric",
  "-12.999::numeric",
  "148.5::float8",
  "3148.5::numeric",
  "0.00::numeric",
  "1e10::float8",
  "-99.99::decimal(6,2)",
  "12::bigint",
];

const NUMBER_TEMPLATES = [
  "999",
  "999.99",
  "0999.9",
  "FM999.99",
  "FM990.00",
  "9,999",
  "9G999D99",
  "FM9,999,999.00",
  "S999",
  "999S",
  "SG999",
  "999MI",
  "PL999",
  "999PR",
  "FM999PR",
  "RN",
  "FMRN",
  "L999",
  "99th",
  "999TH",
  "V99",
  "99V9",
  "9.99EEEE",
  "FM000",
  "B999",
  '"Amount: "999',
  "0.0",
  ".99",
  "FM9.9",
  "99999999990",
  "9 9 9",
  "FM$999,999,990.00",
  "000.000",
  "SGFM999",
  "9.9.9",
  "FM999.009",
  "999,999,999",
  "$9",
  "999%",
].map((template) => `${template}::text`);

/** Cases: text, template. */
const READS: readonly (readonly [string, string])[] = [
  ["2024-02-29", "YYYY-MM-DD"],
  ["05 Dec 2000", "DD Mon YYYY"],
  ["20240229", "YYYYMMDD"],
  ["29/02/24", "DD/MM/YY"],
  ["2024 060", "YYYY DDD"],
  ["February 29 2024", "Month DD YYYY"],
  ["2024-02-30", "YYYY-MM-DD"],
  ["2451187", "J"],
  ["2024-09", "IYYY-IW"],
  ["2024-09-4", "IYYY-IW-ID"],
  ["abc", "YYYY"],
  ["97", "YY"],
  ["2024/2/9", "YYYY-MM-DD"],
  ["  2024-02-29  ", "YYYY-MM-DD"],
  ["2024", "YYYY"],
  ["2024-13-01", "YYYY-MM-DD"],
  ["44-03-15 BC", "YYYY-MM-DD BC"],
  ["Thursday, 29 Feb 2024", "Day, DD Mon YYYY"],
  ["1 Jan. 2024", "DD Mon. YYYY"],
  ["IX 2024", "RM YYYY"],
  ["2024-02-29T12", 'YYYY-MM-DD"T"HH24'],
  ["995-10-20", "YYY-MM-DD"],
  ["20000-1131", "YYYY-MMDD"],
];

const TIME_READS: readonly (readonly [string, string])[] = [
  ["2024-02-29 12:34:56.789", "YYYY-MM-DD HH24:MI:SS.MS"],
  ["2024-02-29 01:02:03 PM", "YYYY-MM-DD HH12:MI:SS AM"],
  ["12:00 AM 2024", "HH12:MI AM YYYY"],
  ["2024-02-29 12:34:56.123456", "YYYY-MM-DD HH24:MI:SS.US"],
  ["2024-02-29 12:34:56 +05:30", "YYYY-MM-DD HH24:MI:SS TZH:TZM"],
  ["20240229 123456", "YYYYMMDD HH24MISS"],
  ["2024-02-29 25:00:00", "YYYY-MM-DD HH24:MI:SS"],
  ["2024-02-29 12:34:56.5", "YYYY-MM-DD HH24:MI:SS.FF1"],
  ["2024-02-29 3600", "YYYY-MM-DD SSSS"],
  ["2024-02-29 13:00", "YYYY-MM-DD HH12:MI"],
];

const NUMBER_READS: readonly (readonly [string, string])[] = [
  ["12,454.8-", "99G999D9S"],
  ["-12.50", "S99.99"],
  ["1,234,567", "9,999,999"],
  ["  42", "9999"],
  ["12.4", "99"],
  ["<5>", "9PR"],
  ["0042", "9999"],
  ["abc", "999"],
];

function reads(name: string, rows: readonly (readonly [string, string])[]): AgreementCase[] {
  return rows.map(([text, template]) => ({
    family: name,
    name,
    args: [`${text}::text`, `${template}::text`],
  }));
}

/** TO_CHAR, TO_DATE, TO_TIMESTAMP and TO_NUMBER. */
export const TEMPLATE_CASES: readonly AgreementCase[] = [
  ...calls("to_char of dates", ["to_char"], [...TIMESTAMPS, ...ZONED], DATE_TEMPLATES),
  ...calls("to_char of intervals", ["to_char"], INTERVALS, [
    "HH24:MI:SS::text",
    'DD "days" HH24::text',
    "YYYY MM DD::text",
    "FMHH24 MS::text",
    "HH12 AM::text",
  ]),
  ...calls("to_char of numbers", ["to_char"], NUMBERS, NUMBER_TEMPLATES),
  ...reads("to_date", READS),
  ...reads("to_timestamp", TIME_READS),
  ...calls("to_timestamp", ["to_timestamp"], ["0::float8", "1709210096.789::float8", "-1.5::float8"]),
  ...reads("to_number", NUMBER_READS),
];

/**
 * Operators that several families share: `+ - * /` with dates and intervals, `||`, and pattern matching.
 *
 * @module
 */
import {
  BOOLEAN,
  DATE,
  type Datum,
  INTEGER,
  INTERVAL,
  JSON_TYPE,
  type SqlType,
  TEXT,
  TIME,
  TIMESTAMP,
  TIMESTAMPTZ,
} from "../../storage/sql_type.ts";
import type { CallContext, ScalarFunction, ScalarSignature } from "../function.ts";
import { absNumber, ARITHMETIC_FUNCTIONS, negateNumber, numberSignature } from "./arithmetic_operators.ts";
import { castDatum } from "./cast.ts";
import { microsOf } from "./calendar.ts";
import { numberToDouble } from "./compare.ts";
import { COMPARISON_FUNCTIONS } from "./comparison_operators.ts";
import {
  addDays,
  addToTime,
  addToTimestamp,
  addToTimestamptz,
  subtractTimestamps,
} from "./date_arithmetic.ts";
import { argumentType, asArray, asInterval, asNumber, asText } from "./datum.ts";
import {
  addIntervals,
  divideInterval,
  intervalOf,
  multiplyInterval,
  negateInterval,
  subtractIntervals,
} from "./interval_value.ts";
import { concatenateJson, deleteJsonIndex, deleteJsonKeys } from "./json_edit.ts";
import { divisionByZero } from "./numeric_value.ts";
import { likePredicate, similarPredicate } from "./pattern.ts";
import { regexFromPostgres } from "./regex_translate.ts";
import { aliases, called, signature, strict } from "./signature.ts";
import { timeZone } from "./time_zone.ts";

/** Both orders of an operator that commutes. */
function commuting(
  a: ScalarSignature["parameters"][number],
  b: ScalarSignature["parameters"][number],
  returns: SqlType,
  evaluate: (a: Datum, b: Datum, context: CallContext) => Datum,
): ScalarSignature[] {
  return [
    signature([a, b], returns, (args, context) => evaluate(args[0]!, args[1]!, context)),
    signature([b, a], returns, (args, context) => evaluate(args[1]!, args[0]!, context)),
  ];
}

const PLUS: readonly ScalarSignature[] = [
  numberSignature("+"),
  ...commuting("date", "integer", DATE, (date, count) => addDays(asNumber(date), asNumber(count))),
  ...commuting(
    "date",
    "interval",
    TIMESTAMP,
    (date, span) => addToTimestamp(microsOf(asNumber(date), 0), asInterval(span)),
  ),
  ...commuting(
    "timestamp",
    "interval",
    TIMESTAMP,
    (at, span) => addToTimestamp(asNumber(at), asInterval(span)),
  ),
  ...commuting(
    "timestamptz",
    "interval",
    TIMESTAMPTZ,
    (at, span, context) => addToTimestamptz(asNumber(at), asInterval(span), timeZone(context.timeZone)),
  ),
  ...commuting("time", "interval", TIME, (time, span) => addToTime(asNumber(time), asInterval(span))),
  ...commuting("date", "time", TIMESTAMP, (date, time) => microsOf(asNumber(date), asNumber(time))),
  signature(["interval", "interval"], INTERVAL, ([a, b]) => addIntervals(asInterval(a), asInterval(b))),
];

const MINUS: readonly ScalarSignature[] = [
  numberSignature("-"),
  signature(["date", "date"], INTEGER, ([a, b]) => asNumber(a) - asNumber(b)),
  signature(["date", "integer"], DATE, ([a, b]) => addDays(asNumber(a), -asNumber(b))),
  signature(
    ["date", "interval"],
    TIMESTAMP,
    ([a, b]) => addToTimestamp(microsOf(asNumber(a), 0), negateInterval(asInterval(b))),
  ),
  signature(
    ["timestamp", "interval"],
    TIMESTAMP,
    ([a, b]) => addToTimestamp(asNumber(a), negateInterval(asInterval(b))),
  ),
  signature(
    ["timestamptz", "interval"],
    TIMESTAMPTZ,
    ([a, b], context) =>
      addToTimestamptz(asNumber(a), negateInterval(asInterval(b)), timeZone(context.timeZone)),
  ),
  signature(["timestamp", "timestamp"], INTERVAL, ([a, b]) => subtractTimestamps(asNumber(a), asNumber(b))),
  signature(
    ["timestamptz", "timestamptz"],
    INTERVAL,
    ([a, b]) => subtractTimestamps(asNumber(a), asNumber(b)),
  ),
  signature(["time", "time"], INTERVAL, ([a, b]) => intervalOf(0, 0, asNumber(a) - asNumber(b))),
  signature(["time", "interval"], TIME, ([a, b]) => addToTime(asNumber(a), negateInterval(asInterval(b)))),
  signature(["interval", "interval"], INTERVAL, ([a, b]) => subtractIntervals(asInterval(a), asInterval(b))),
  signature(["json", "text"], JSON_TYPE, ([a, b]) => deleteJsonKeys(asText(a), [asText(b)])),
  signature(["json", "integer"], JSON_TYPE, ([a, b]) => deleteJsonIndex(asText(a), asNumber(b))),
  signature(["json", "array"], JSON_TYPE, ([a, b]) => deleteJsonKeys(asText(a), asArray(b).map(asText))),
];

/** The prefix operator `-`. */
const NEGATE: readonly ScalarSignature[] = [
  signature(
    ["number"],
    ([type]) => type!,
    ([value], context) => negateNumber(value!, context.resultType),
  ),
  signature(["interval"], INTERVAL, ([value]) => negateInterval(asInterval(value))),
];

const TIMES: readonly ScalarSignature[] = [
  numberSignature("*"),
  signature(
    ["interval", "number"],
    INTERVAL,
    ([a, b], context) => multiplyInterval(asInterval(a), numberToDouble(b!, argumentType(context, 1))),
  ),
  signature(
    ["number", "interval"],
    INTERVAL,
    ([a, b], context) => multiplyInterval(asInterval(b), numberToDouble(a!, argumentType(context, 0))),
  ),
];

const DIVIDED: readonly ScalarSignature[] = [
  numberSignature("/"),
  signature(["interval", "number"], INTERVAL, ([a, b], context) => {
    const divisor = numberToDouble(b!, argumentType(context, 1));
    if (divisor === 0) throw divisionByZero();
    return divideInterval(asInterval(a), divisor);
  }),
];

/** A value of any type as text, as `||` joins it: booleans as `true` and `false`. */
function joinable(value: Datum, type: SqlType, context: CallContext): string {
  return type.kind === "text" ? asText(value) : asText(castDatum(value, type, TEXT, false, context));
}

function joinTexts([a, b]: readonly Datum[], context: CallContext): Datum {
  if (a === null || b === null) return null;
  return joinable(a!, argumentType(context, 0), context) + joinable(b!, argumentType(context, 1), context);
}

/** NULL counts as an empty array. */
function joinArrays([a, b]: readonly Datum[]): Datum {
  if (a === null) return b!;
  if (b === null) return a!;
  return [...asArray(a), ...asArray(b)];
}

const JOINED: readonly ScalarSignature[] = [
  signature(["text", "text"], TEXT, joinTexts),
  signature(["anyarray", "anyarray"], ([a, b]) => a!.kind === "null" ? b! : a!, joinArrays),
  signature(["anyarray", "anyelement"], ([a]) => a!, ([a, b]) => [...asArray(a ?? []), b!]),
  signature(["anyelement", "anyarray"], ([, b]) => b!, ([a, b]) => [a!, ...asArray(b ?? [])]),
  signature(
    ["json", "json"],
    JSON_TYPE,
    ([a, b]) => a === null || b === null ? null : concatenateJson(asText(a), asText(b)),
  ),
  signature(["text", "any"], TEXT, joinTexts),
  signature(["any", "text"], TEXT, joinTexts),
];

function like(name: string, options: { ignoreCase: boolean; negated: boolean }): ScalarFunction {
  return strict(name, [
    signature(
      ["text", "text", "text"],
      BOOLEAN,
      ([text, pattern, escape]) =>
        likePredicate(asText(pattern), escape === undefined ? "\\" : asText(escape), options.ignoreCase)(
          asText(text),
        ) !== options.negated,
      { optional: 1 },
    ),
  ]);
}

function matches(flags: string, negated: boolean): ScalarSignature {
  return signature(
    ["text", "text"],
    BOOLEAN,
    ([text, pattern]) => regexFromPostgres(asText(pattern), flags).test(asText(text)) !== negated,
  );
}

/** All operators by their registry names. */
export const OPERATOR_FUNCTIONS: readonly ScalarFunction[] = [
  strict("+", PLUS),
  strict("-", MINUS),
  strict("negate", NEGATE),
  strict("*", TIMES),
  strict("/", DIVIDED),
  called("||", JOINED),
  ...ARITHMETIC_FUNCTIONS,
  ...COMPARISON_FUNCTIONS,
  ...aliases(like("like", { ignoreCase: false, negated: false }), "~~"),
  ...aliases(like("not like", { ignoreCase: false, negated: true }), "!~~"),
  ...aliases(like("ilike", { ignoreCase: true, negated: false }), "~~*"),
  ...aliases(like("not ilike", { ignoreCase: true, negated: true }), "!~~*"),
  strict("similar", [
    signature(
      ["text", "text", "text"],
      BOOLEAN,
      ([text, pattern, escape]) =>
        similarPredicate(asText(pattern), escape === undefined ? "\\" : asText(escape))(asText(text)),
      {
        optional: 1,
      },
    ),
  ]),
  strict("~", [matches("", false)]),
  strict("~*", [matches("i", false)]),
  strict("!~", [matches("", true)]),
  strict("!~*", [matches("i", true)]),
  ...aliases(
    strict("starts_with", [
      signature(["text", "text"], BOOLEAN, ([text, start]) => asText(text).startsWith(asText(start))),
    ]),
    "^@",
    "startswith",
  ),
  strict("abs", [
    signature(["number"], ([type]) => type!, ([value], context) => absNumber(value!, context.resultType)),
  ]),
];

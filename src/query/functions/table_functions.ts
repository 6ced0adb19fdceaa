/**
 * Set-returning functions: series, arrays, JSON and text as rows. All are lazy.
 *
 * @module
 */
import { QueryError } from "../../base/error.ts";
import {
  arrayType,
  BIGINT,
  type Datum,
  INTEGER,
  type Interval,
  JSON_TYPE,
  NUMERIC,
  type Numeric,
  type SqlType,
  TEXT,
  TIMESTAMP,
  TIMESTAMPTZ,
} from "../../storage/sql_type.ts";
import type { CallContext, TableFunctionDefinition, TypePattern } from "../function.ts";
import { splitText } from "./array.ts";
import { microsOf } from "./calendar.ts";
import { numberToNumeric } from "./compare.ts";
import { flatElements } from "./comparison_operators.ts";
import { addToTimestamp, addToTimestamptz } from "./date_arithmetic.ts";
import {
  addWhole,
  argumentType,
  asArray,
  asInterval,
  asNumber,
  asText,
  asWhole,
  type WholeNumber,
} from "./datum.ts";
import { compareIntervals, ZERO_INTERVAL } from "./interval_value.ts";
import { jsonAsText } from "./json.ts";
import { formatJson, isJsonArray, isJsonObject, jsonKind, type JsonValue, parseJson } from "./json_value.ts";
import { addNumeric, compareNumeric, numericFromWhole, signOf } from "./numeric_value.ts";
import { matchParts, regexMatches, regexSplit } from "./regex.ts";
import { timeZone } from "./time_zone.ts";

type Signature = TableFunctionDefinition["signatures"][number];
type Column = { readonly name: string; readonly type: SqlType };

interface Options {
  readonly optional?: number;
  readonly variadic?: boolean;
}

function rows(
  parameters: readonly TypePattern[],
  columns: readonly Column[] | ((types: readonly SqlType[]) => readonly Column[]),
  evaluate: Signature["evaluate"],
  options: Options = {},
): Signature {
  return {
    parameters,
    returns: typeof columns === "function" ? columns : () => columns,
    // A NULL argument gives no rows.
    evaluate: (args, context) => args.includes(null) ? [] : evaluate(args, context),
    ...options,
  };
}

function invalidStep(step: string): QueryError {
  return new QueryError("invalid-value", `Step of generate_series must not be zero: received ${step}`, {
    hint: "use a positive or negative step",
  });
}

function* wholeSeries(from: WholeNumber, to: WholeNumber, step: WholeNumber): Generator<readonly Datum[]> {
  if (step === 0) throw invalidStep("0");
  for (let value = from; step > 0 ? value <= to : value >= to; value = addWhole(value, step)) yield [value];
}

function* numericSeries(from: Numeric, to: Numeric, step: Numeric): Generator<readonly Datum[]> {
  const sign = signOf(step);
  if (sign === 0 || [from, to, step].some((value) => value.special !== undefined)) throw invalidStep("0");
  for (let value = from; sign * compareNumeric(value, to) <= 0; value = addNumeric(value, step)) {
    yield [value];
  }
}

function* timeSeries(
  from: number,
  to: number,
  step: Interval,
  add: (at: number, step: Interval) => number,
): Generator<readonly Datum[]> {
  const sign = compareIntervals(step, ZERO_INTERVAL);
  if (sign === 0) throw invalidStep("00:00:00");
  for (let at = from; sign > 0 ? at <= to : at >= to; at = add(at, step)) yield [at];
}

function wholeSignature(name: string, kind: "integer" | "bigint"): Signature {
  const type = kind === "integer" ? INTEGER : BIGINT;
  return rows(
    [kind, kind, kind],
    [{ name, type }],
    ([from, to, step = 1]) => wholeSeries(asWhole(from), asWhole(to), asWhole(step)),
    { optional: 1 },
  );
}

function generateSeries(name: string): TableFunctionDefinition {
  const inZone = (context: CallContext): (at: number, step: Interval) => number => {
    const zone = timeZone(context.timeZone);
    return (at, step) => addToTimestamptz(at, step, zone);
  };
  return {
    name,
    signatures: [
      wholeSignature(name, "integer"),
      wholeSignature(name, "bigint"),
      rows(["number", "number", "number"], [{ name, type: NUMERIC }], (args, context) => {
        const [from, to, step = numericFromWhole(1)] = args.map((value, i) =>
          numberToNumeric(value, argumentType(context, i))
        );
        return numericSeries(from!, to!, step);
      }, { optional: 1 }),
      rows(
        ["timestamp", "timestamp", "interval"],
        [{ name, type: TIMESTAMP }],
        ([from, to, step]) => timeSeries(asNumber(from), asNumber(to), asInterval(step), addToTimestamp),
      ),
      rows(
        ["timestamptz", "timestamptz", "interval"],
        [{ name, type: TIMESTAMPTZ }],
        ([from, to, step], context) =>
          timeSeries(asNumber(from), asNumber(to), asInterval(step), inZone(context)),
      ),
      rows(["date", "date", "interval"], [{ name, type: TIMESTAMP }], ([from, to, step]) =>
        timeSeries(
          microsOf(asNumber(from), 0),
          microsOf(asNumber(to), 0),
          asInterval(step),
          addToTimestamp,
        )),
    ],
  };
}

function* single(values: Iterable<Datum>): Generator<readonly Datum[]> {
  for (const value of values) yield [value];
}

function elementColumn(name: string): (types: readonly SqlType[]) => readonly Column[] {
  return ([type]) => [{ name, type: type?.kind === "array" ? type.element : TEXT }];
}

/** One dimension of an array counts from 1. */
function* subscripts(
  array: readonly Datum[],
  dimension: number,
  reverse: boolean,
): Generator<readonly Datum[]> {
  let level: Datum = array;
  for (let i = 1; i < dimension && Array.isArray(level); i++) level = level[0] ?? null;
  if (!Array.isArray(level)) return;
  const { length } = level;
  for (let i = 1; i <= length; i++) yield [reverse ? length + 1 - i : i];
}

function wrongKind(name: string, needed: string, value: JsonValue): QueryError {
  return new QueryError(
    "invalid-value",
    `${name} needs a JSON ${needed}: received a JSON ${jsonKind(value)}`,
    {
      details: { kind: jsonKind(value) },
      hint: "check with json_typeof first",
    },
  );
}

function* objectRows(
  name: string,
  json: Datum | undefined,
  convert: (value: JsonValue) => Datum,
): Generator<readonly Datum[]> {
  const value = parseJson(asText(json));
  if (!isJsonObject(value)) throw wrongKind(name, "object", value);
  for (const [key, item] of value) yield [key, convert(item)];
}

function* arrayRows(
  name: string,
  json: Datum | undefined,
  convert: (value: JsonValue) => Datum,
): Generator<readonly Datum[]> {
  const value = parseJson(asText(json));
  if (!isJsonArray(value)) throw wrongKind(name, "array", value);
  for (const item of value) yield [convert(item)];
}

function* keyRows(name: string, json: Datum | undefined): Generator<readonly Datum[]> {
  for (const [key] of objectRows(name, json, () => null)) yield [key!];
}

/** A function under its `json_` and `jsonb_` names. */
function both(name: string, make: (name: string) => Signature): TableFunctionDefinition[] {
  return [`json_${name}`, `jsonb_${name}`].map((full) => ({ name: full, signatures: [make(full)] }));
}

function jsonFunctions(): TableFunctionDefinition[] {
  const key = { name: "key", type: TEXT };
  return [
    ...both(
      "each",
      (name) =>
        rows(
          ["json"],
          [key, { name: "value", type: JSON_TYPE }],
          ([json]) => objectRows(name, json, formatJson),
        ),
    ),
    ...both(
      "each_text",
      (name) =>
        rows(["json"], [key, { name: "value", type: TEXT }], ([json]) => objectRows(name, json, jsonAsText)),
    ),
    ...both(
      "array_elements",
      (name) =>
        rows(["json"], [{ name: "value", type: JSON_TYPE }], ([json]) => arrayRows(name, json, formatJson)),
    ),
    ...both(
      "array_elements_text",
      (name) =>
        rows(["json"], [{ name: "value", type: TEXT }], ([json]) => arrayRows(name, json, jsonAsText)),
    ),
    ...both("object_keys", (name) => rows(["json"], [{ name, type: TEXT }], ([json]) => keyRows(name, json))),
  ];
}

function textFunctions(): TableFunctionDefinition[] {
  return [
    {
      name: "regexp_split_to_table",
      signatures: [
        rows(
          ["text", "text", "text"],
          [{ name: "regexp_split_to_table", type: TEXT }],
          ([text, pattern, flags = ""]) => single(regexSplit(asText(text), asText(pattern), asText(flags))),
          { optional: 1 },
        ),
      ],
    },
    {
      name: "regexp_matches",
      signatures: [
        rows(
          ["text", "text", "text"],
          [{ name: "regexp_matches", type: arrayType(TEXT) }],
          function* ([text, pattern, flags = ""]) {
            for (const match of regexMatches(asText(text), asText(pattern), asText(flags))) {
              yield [matchParts(match)];
            }
          },
          { optional: 1 },
        ),
      ],
    },
    {
      name: "string_to_table",
      signatures: [{
        parameters: ["text", "text", "text"],
        optional: 1,
        returns: () => [{ name: "string_to_table", type: TEXT }],
        evaluate: ([text, delimiter = null, nullText = null]) =>
          text === null ? [] : single(splitText(asText(text), delimiter, nullText)),
      }],
    },
  ];
}

/** Set-returning functions by name. */
export const TABLE_FUNCTIONS: readonly TableFunctionDefinition[] = [
  generateSeries("generate_series"),
  {
    name: "unnest",
    signatures: [
      rows(["anyarray"], elementColumn("unnest"), ([array]) => single(flatElements(asArray(array)))),
    ],
  },
  {
    name: "generate_subscripts",
    signatures: [
      rows(
        ["anyarray", "integer", "boolean"],
        [{ name: "generate_subscripts", type: INTEGER }],
        ([array, dimension, reverse]) => subscripts(asArray(array), asNumber(dimension), reverse === true),
        { optional: 1 },
      ),
    ],
  },
  ...jsonFunctions(),
  ...textFunctions(),
];

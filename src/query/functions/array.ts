/**
 * Functions on arrays.
 *
 * Dimensions are not part of an array's type, as in PostgreSQL: `integer[]` may hold `{{1,2},{3,4}}`, whose
 * datum is nested arrays. Lower bounds are always 1.
 *
 * @module
 */
import { QueryError } from "../../base/error.ts";
import { arrayType, BOOLEAN, type Datum, INTEGER, type SqlType, TEXT } from "../../storage/sql_type.ts";
import type { CallContext, ScalarFunction } from "../function.ts";
import { castDatum, isNumberKind } from "./cast.ts";
import { compareMixed, flatElements } from "./comparison_operators.ts";
import { argumentType, asArray, asNumber, asText } from "./datum.ts";
import { JSON_CONTAINS_SIGNATURE } from "./json.ts";
import {
  aliases,
  called,
  commonNumber,
  elementOfFirstArray,
  type Evaluate,
  firstKnown,
  signature,
  simple,
  strict,
} from "./signature.ts";
import { formatDatum, innermost } from "./text_format.ts";

/** `array[a, b]`: of arrays it makes one more dimension and keeps the type. */
function constructedType(types: readonly SqlType[]): SqlType {
  const known: readonly SqlType[] = types.filter((type) => type.kind !== "null");
  const element = known.length > 0 && known.every((type) => isNumberKind(type.kind))
    ? known.reduce(commonNumber)
    : firstKnown(types);
  return element.kind === "array" ? element : arrayType(element);
}

function construct(args: readonly Datum[], context: CallContext): Datum {
  const target = context.resultType.kind === "array" ? context.resultType.element : TEXT;
  return args.map((value, i) => {
    const type = argumentType(context, i);
    return type.kind === "array" || type.kind === target.kind && type.kind !== "decimal"
      ? value
      : castDatum(value, type, target, false, context);
  });
}

/** Lengths of the dimensions; none for an empty array. */
function dimensions(array: readonly Datum[]): number[] {
  const lengths: number[] = [];
  for (let level: Datum = array; Array.isArray(level) && level.length > 0; level = level[0]!) {
    lengths.push(level.length);
  }
  return lengths;
}

/** `a[i]`, or `a[i][j]` with more indexes; NULL outside of the array and for too few indexes. */
function subscript([array, ...indexes]: readonly Datum[]): Datum {
  let current: Datum = array!;
  for (const index of indexes) {
    if (!Array.isArray(current)) return null;
    current = current[asNumber(index) - 1] ?? null;
  }
  return Array.isArray(current) ? null : current;
}

/** `a[low:high]`; NULL stands for a bound that is not written. */
function slice([array, low, high]: readonly Datum[]): Datum {
  if (array === null) return null;
  const items = asArray(array);
  const from = low === null || low === undefined ? 1 : Math.max(1, asNumber(low));
  const to = high === null || high === undefined ? items.length : asNumber(high);
  return to < from ? [] : items.slice(from - 1, to);
}

function elementType(context: CallContext, index: number): SqlType {
  return innermost(argumentType(context, index));
}

/** Equality with NULL equal to NULL, as `array_position` and `array_remove` count it. */
function isSame(a: Datum, typeA: SqlType, b: Datum, typeB: SqlType): boolean {
  return a === null || b === null ? a === b : compareMixed(a, typeA, b, typeB) === 0;
}

function finder(args: readonly Datum[], context: CallContext): (item: Datum) => boolean {
  const type = elementType(context, 0);
  return (item) => isSame(item, type, args[1]!, argumentType(context, 1));
}

function arrayPosition(args: readonly Datum[], context: CallContext): Datum {
  if (args[0] === null) return null;
  const matches = finder(args, context);
  const from = args[2] === undefined || args[2] === null ? 0 : Math.max(0, asNumber(args[2]) - 1);
  const at = asArray(args[0]).findIndex((item, i) => i >= from && matches(item));
  return at < 0 ? null : at + 1;
}

function arrayPositions(args: readonly Datum[], context: CallContext): Datum {
  if (args[0] === null) return null;
  const matches = finder(args, context);
  return asArray(args[0]).flatMap((item, i) => matches(item) ? [i + 1] : []);
}

function arrayRemove(args: readonly Datum[], context: CallContext): Datum {
  if (args[0] === null) return null;
  const matches = finder(args, context);
  return asArray(args[0]).filter((item) => !matches(item));
}

function arrayReplace(args: readonly Datum[], context: CallContext): Datum {
  if (args[0] === null) return null;
  const matches = finder(args, context);
  const replace = (item: Datum): Datum =>
    Array.isArray(item) ? item.map(replace) : matches(item) ? args[2]! : item;
  return asArray(args[0]).map(replace);
}

function contains(outer: Datum, inner: Datum, context: CallContext): boolean {
  const typeA = elementType(context, 0);
  const typeB = elementType(context, 1);
  const own = Array.from(flatElements(asArray(outer)));
  for (const item of flatElements(asArray(inner))) {
    if (item === null) return false;
    if (!own.some((other) => other !== null && compareMixed(other, typeA, item, typeB) === 0)) return false;
  }
  return true;
}

function overlap([a, b]: readonly Datum[], context: CallContext): boolean {
  for (const item of flatElements(asArray(b))) {
    if (item !== null && contains(a!, [item], context)) return true;
  }
  return false;
}

function toText(args: readonly Datum[], context: CallContext): Datum {
  const [array, delimiter, nullText = null] = args;
  if (array === null || delimiter === null) return null;
  const type = elementType(context, 0);
  const parts: string[] = [];
  for (const item of flatElements(asArray(array))) {
    if (item !== null) parts.push(formatDatum(item, type, context));
    else if (nullText !== null) parts.push(asText(nullText));
  }
  return parts.join(asText(delimiter));
}

/** The parts of a text: characters for a NULL delimiter, the whole text for an empty one. */
export function splitText(text: string, delimiter: Datum, nullText: Datum): Datum[] {
  if (text === "") return [];
  const parts = delimiter === null
    ? Array.from(text)
    : delimiter === ""
    ? [text]
    : text.split(asText(delimiter));
  return parts.map((part) => part === nullText ? null : part);
}

function same(types: readonly SqlType[]): SqlType {
  return firstKnown(types);
}

function dimension(name: string, pick: (length: number) => number): ScalarFunction {
  return simple(name, ["array", "integer"], INTEGER, ([array, index]) => {
    const length = dimensions(asArray(array))[asNumber(index) - 1];
    return length === undefined ? null : pick(length);
  });
}

const SIZES: readonly ScalarFunction[] = [
  dimension("array_length", (length) => length),
  dimension("array_upper", (length) => length),
  dimension("array_lower", () => 1),
  simple(
    "cardinality",
    ["array"],
    INTEGER,
    ([array]) =>
      dimensions(asArray(array)).reduce(
        (product, length) => product * length,
        asArray(array).length > 0 ? 1 : 0,
      ),
  ),
  simple("array_size", ["array"], INTEGER, ([array]) => asArray(array).length),
  simple("array_ndims", ["array"], INTEGER, ([array]) => dimensions(asArray(array)).length || null),
  simple(
    "array_dims",
    ["array"],
    TEXT,
    ([array]) => dimensions(asArray(array)).map((length) => `[1:${length}]`).join("") || null,
  ),
];

function filled(value: Datum, lengths: readonly Datum[]): Datum {
  const [first, ...rest] = lengths;
  if (first === undefined) return value;
  return Array.from({ length: asNumber(first) }, () => filled(value, rest));
}

function sorted([array, descending, nullsFirst]: readonly Datum[], context: CallContext): Datum {
  const type = elementType(context, 0);
  const sign = descending === true ? -1 : 1;
  const nullOrder = (nullsFirst ?? descending) === true ? -1 : 1;
  return [...asArray(array)].sort((a, b) => {
    if (a === null || b === null) return ((a === null ? 1 : 0) - (b === null ? 1 : 0)) * nullOrder;
    return sign * compareMixed(a, type, b, type);
  });
}

function trimmed([array, count]: readonly Datum[]): Datum {
  const items = asArray(array);
  const drop = asNumber(count);
  if (drop < 0 || drop > items.length) {
    throw new QueryError(
      "invalid-value",
      `trim_array can drop 0 to ${items.length} elements: received ${drop}`,
      { details: { count: drop }, hint: "use LEAST and GREATEST to limit it" },
    );
  }
  return items.slice(0, items.length - drop);
}

const CONTAINS: Evaluate = ([outer, inner], context) => contains(outer!, inner!, context);
const CONTAINED: Evaluate = ([inner, outer], context) =>
  contains(outer!, inner!, { ...context, argumentTypes: context.argumentTypes.toReversed() });

/** Functions and operators on arrays. `||` is in operators.ts, `unnest` in table_functions.ts. */
export const ARRAY_FUNCTIONS: readonly ScalarFunction[] = [
  ...SIZES,
  called("array", [signature(["anyelement"], constructedType, construct, { variadic: true })]),
  strict("subscript", [
    signature(["anyarray", "integer"], elementOfFirstArray, subscript, { variadic: true }),
  ]),
  called("slice", [signature(["anyarray", "integer", "integer"], same, slice)]),
  ...aliases(
    called("array_append", [
      signature(
        ["anyarray", "anyelement"],
        appendedType,
        ([array, item]) => [...asArray(array ?? []), item!],
      ),
    ]),
    "list_append",
  ),
  called("array_prepend", [
    signature(["anyelement", "anyarray"], appendedType, ([item, array]) => [item!, ...asArray(array ?? [])]),
  ]),
  called("array_cat", [
    signature(
      ["anyarray", "anyarray"],
      same,
      ([a, b]) => a === null ? b! : b === null ? a! : [...asArray(a), ...asArray(b)],
    ),
  ]),
  called("array_position", [
    signature(["anyarray", "anyelement", "integer"], INTEGER, arrayPosition, { optional: 1 }),
  ]),
  called("array_positions", [
    signature(["anyarray", "anyelement"], arrayType(INTEGER), arrayPositions),
  ]),
  called("array_remove", [signature(["anyarray", "anyelement"], same, arrayRemove)]),
  called("array_replace", [signature(["anyarray", "anyelement", "anyelement"], same, arrayReplace)]),
  ...aliases(
    called("array_to_string", [
      signature(["array", "text", "text"], TEXT, toText, { optional: 1 }),
    ]),
    "array_join",
  ),
  called("string_to_array", [
    signature(
      ["text", "text", "text"],
      arrayType(TEXT),
      ([text, delimiter, nullText = null]) =>
        text === null ? null : splitText(asText(text), delimiter!, nullText),
      { optional: 1 },
    ),
  ]),
  called("array_fill", [
    signature(
      ["anyelement", "array"],
      ([type]) => arrayType(type!),
      ([value, lengths]) => lengths === null ? null : filled(value!, asArray(lengths)),
    ),
  ]),
  simple("trim_array", ["anyarray", "integer"], same, trimmed),
  simple("array_reverse", ["anyarray"], same, ([array]) => asArray(array).toReversed()),
  strict("array_sort", [
    signature(["anyarray", "boolean", "boolean"], same, sorted, { optional: 2 }),
  ]),
  strict("@>", [signature(["anyarray", "anyarray"], BOOLEAN, CONTAINS), JSON_CONTAINS_SIGNATURE]),
  strict("<@", [
    signature(["anyarray", "anyarray"], BOOLEAN, CONTAINED),
    signature(
      ["json", "json"],
      BOOLEAN,
      ([inner, outer], context) => JSON_CONTAINS_SIGNATURE.evaluate([outer!, inner!], context),
    ),
  ]),
  strict("&&", [signature(["anyarray", "anyarray"], BOOLEAN, overlap)]),
];

function appendedType(types: readonly SqlType[]): SqlType {
  const array = types.find((type) => type.kind === "array");
  return array ?? arrayType(firstKnown(types));
}

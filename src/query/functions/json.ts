/**
 * Operators and functions on JSON. There is one JSON type, with the behaviour of JSONB, so every function
 * goes by both its `json_` and its `jsonb_` name.
 *
 * @module
 */
import { QueryError } from "../../base/error.ts";
import { BOOLEAN, type Datum, INTEGER, JSON_TYPE, TEXT } from "../../storage/sql_type.ts";
import type { CallContext, ScalarFunction, ScalarSignature } from "../function.ts";
import { argumentType, asArray, asNumber, asText } from "./datum.ts";
import { toJson } from "./json_convert.ts";
import { changeJson, deleteJsonIndex, deleteJsonKeys, jsonAtPath } from "./json_edit.ts";
import {
  formatJson,
  formatJsonPretty,
  isJsonArray,
  isJsonObject,
  jsonKey,
  jsonKind,
  jsonObject,
  type JsonValue,
  parseJson,
} from "./json_value.ts";
import { aliases, called, type Evaluate, type Returns, signature, simple, strict } from "./signature.ts";
import { formatDatum } from "./text_format.ts";

/** One function under its `json_` and `jsonb_` names. */
function both(name: string, make: (name: string) => ScalarFunction): ScalarFunction[] {
  return aliases(make(`json_${name}`), `jsonb_${name}`);
}

/** As `->` gives it: NULL when there is nothing, else canonical text. */
function asJson(value: JsonValue | undefined): Datum {
  return value === undefined ? null : formatJson(value);
}

/** As `->>` gives it: strings without quotes, JSON null as NULL. */
export function jsonAsText(value: JsonValue | undefined): Datum {
  if (value === undefined || value === null) return null;
  return typeof value === "string" ? value : formatJson(value);
}

function field(json: Datum, key: Datum): JsonValue | undefined {
  const value = parseJson(asText(json));
  if (typeof key === "string") return isJsonObject(value) ? value.get(key) : undefined;
  if (isJsonObject(value)) return undefined;
  // A scalar counts as an array of one.
  const items = isJsonArray(value) ? value : [value];
  const index = asNumber(key);
  return items[index < 0 ? items.length + index : index];
}

function path(json: Datum, steps: readonly Datum[]): JsonValue | undefined {
  return jsonAtPath(parseJson(asText(json)), steps);
}

/** Whether `inner` is contained in `outer`, as `@>` means it. */
export function containsJson(outer: JsonValue, inner: JsonValue, isTop = true): boolean {
  if (isJsonObject(outer) && isJsonObject(inner)) {
    for (const [key, value] of inner) {
      const own = outer.get(key);
      if (own === undefined || !containsJson(own, value, false)) return false;
    }
    return true;
  }
  if (isJsonArray(outer)) {
    if (isJsonArray(inner)) {
      return inner.every((item) => outer.some((own) => containsJson(own, item, false)));
    }
    // An array may contain a primitive, at the top only.
    const isPrimitive = !isJsonObject(inner);
    return isTop && isPrimitive && outer.some((own) => !isJsonArray(own) && containsJson(own, inner, false));
  }
  if (isJsonObject(outer) || isJsonArray(inner) || isJsonObject(inner)) return false;
  return jsonKey(outer) === jsonKey(inner);
}

function hasKey(value: JsonValue, key: string): boolean {
  if (isJsonObject(value)) return value.has(key);
  return isJsonArray(value) ? value.includes(key) : value === key;
}

function arrows(
  name: string,
  returns: Returns,
  convert: (value: JsonValue | undefined) => Datum,
): ScalarFunction {
  const evaluate: Evaluate = ([json, key]) => convert(field(json!, key!));
  return strict(name, [
    signature(["json", "text"], returns, evaluate),
    signature(["json", "integer"], returns, evaluate),
  ]);
}

function deepArrows(
  name: string,
  returns: Returns,
  convert: (value: JsonValue | undefined) => Datum,
): ScalarFunction {
  return simple(name, ["json", "array"], returns, ([json, steps]) => convert(path(json!, asArray(steps))));
}

/** Containment of JSON; the operators take arrays too, see array.ts. */
export const JSON_CONTAINS_SIGNATURE: ScalarSignature = signature(
  ["json", "json"],
  BOOLEAN,
  ([outer, inner]) => containsJson(parseJson(asText(outer)), parseJson(asText(inner))),
);

const OPERATORS: readonly ScalarFunction[] = [
  arrows("->", JSON_TYPE, asJson),
  arrows("->>", TEXT, jsonAsText),
  deepArrows("#>", JSON_TYPE, asJson),
  deepArrows("#>>", TEXT, jsonAsText),
  simple("?", ["json", "text"], BOOLEAN, ([json, key]) => hasKey(parseJson(asText(json)), asText(key))),
  simple("?|", ["json", "array"], BOOLEAN, ([json, keys]) => {
    const value = parseJson(asText(json));
    return asArray(keys).some((key) => key !== null && hasKey(value, asText(key)));
  }),
  simple("?&", ["json", "array"], BOOLEAN, ([json, keys]) => {
    const value = parseJson(asText(json));
    return asArray(keys).every((key) => key === null || hasKey(value, asText(key)));
  }),
  ...aliases(
    simple("#-", ["json", "array"], JSON_TYPE, ([json, steps]) =>
      formatJson(
        changeJson(parseJson(asText(json)), texts(steps), { value: undefined, mode: "delete", flag: false }),
      )),
    "jsonb_delete_path",
  ),
  strict("jsonb_delete", [
    signature(["json", "text"], JSON_TYPE, ([json, key]) => deleteJsonKeys(asText(json), [asText(key)])),
    signature(
      ["json", "integer"],
      JSON_TYPE,
      ([json, index]) => deleteJsonIndex(asText(json), asNumber(index)),
    ),
  ]),
];

function texts(array: Datum | undefined): string[] {
  return asArray(array).map(asText);
}

function requireArray(value: JsonValue, name: string): readonly JsonValue[] {
  if (isJsonArray(value)) return value;
  throw new QueryError("invalid-value", `${name} needs a JSON array: received a JSON ${jsonKind(value)}`, {
    details: { kind: jsonKind(value) },
    hint: "check with json_typeof first",
  });
}

function buildObject(args: readonly Datum[], context: CallContext): string {
  if (args.length % 2 !== 0) {
    throw new QueryError(
      "invalid-value",
      `json_build_object needs pairs of key and value: received ${args.length} arguments`,
      { hint: "add the missing value" },
    );
  }
  const entries: [string, JsonValue][] = [];
  for (let i = 0; i < args.length; i += 2) {
    const key = args[i]!;
    if (key === null) throw nullKey();
    const keyType = argumentType(context, i);
    const text = keyType.kind === "boolean" ? String(key) : formatDatum(key, keyType, context);
    entries.push([text, toJson(args[i + 1]!, argumentType(context, i + 1), context)]);
  }
  return formatJson(jsonObject(entries));
}

/** The error for a NULL where an object needs a key. */
export function nullKey(): QueryError {
  return new QueryError("invalid-value", "A key of a JSON object must not be NULL: received NULL", {
    hint: "filter such rows out or use COALESCE",
  });
}

function objectFromTexts(keys: readonly Datum[], values: readonly Datum[]): string {
  if (keys.length !== values.length) {
    throw new QueryError(
      "invalid-value",
      `json_object needs as many values as keys: received ${keys.length} keys and ${values.length} values`,
      { hint: "make the arrays equally long" },
    );
  }
  return formatJson(jsonObject(keys.map((key, i): [string, JsonValue] => {
    if (key === null) throw nullKey();
    const value = values[i]!;
    return [asText(key), value === null ? null : asText(value)];
  })));
}

/** `{k1,v1,k2,v2}` or `{{k1,v1},{k2,v2}}`. */
function objectFromPairs(array: readonly Datum[]): string {
  const flat = array.flatMap((item): readonly Datum[] => Array.isArray(item) ? item : [item]);
  return objectFromTexts(flat.filter((_, i) => i % 2 === 0), flat.filter((_, i) => i % 2 === 1));
}

function stripNulls(value: JsonValue): JsonValue {
  if (isJsonArray(value)) return value.map(stripNulls);
  if (!isJsonObject(value)) return value;
  return new Map(
    [...value].filter(([, item]) => item !== null).map(([key, item]): [string, JsonValue] => [
      key,
      stripNulls(item),
    ]),
  );
}

function set([json, steps, value, createMissing]: readonly Datum[]): string {
  return formatJson(changeJson(parseJson(asText(json)), texts(steps), {
    value: parseJson(asText(value)),
    mode: "set",
    flag: createMissing !== false,
  }));
}

function insert([json, steps, value, after]: readonly Datum[]): string {
  return formatJson(changeJson(parseJson(asText(json)), texts(steps), {
    value: parseJson(asText(value)),
    mode: "insert",
    flag: after === true,
  }));
}

function jsonTest(name: string, accepts: (value: JsonValue) => boolean): ScalarFunction {
  const evaluate: Evaluate = ([text]) => {
    try {
      return accepts(parseJson(asText(text)));
    } catch (error) {
      if (error instanceof QueryError) return false;
      throw error;
    }
  };
  return strict(name, [signature(["text"], BOOLEAN, evaluate), signature(["json"], BOOLEAN, evaluate)]);
}

const isScalar = (value: JsonValue): boolean => !isJsonArray(value) && !isJsonObject(value);

/** Functions and operators on JSON. The set-returning ones are in table_functions.ts. */
export const JSON_FUNCTIONS: readonly ScalarFunction[] = [
  ...OPERATORS,
  ...both(
    "array_length",
    (name) => simple(name, ["json"], INTEGER, ([json]) => requireArray(parseJson(asText(json)), name).length),
  ),
  ...both("typeof", (name) => simple(name, ["json"], TEXT, ([json]) => jsonKind(parseJson(asText(json))))),
  ...both("extract_path", (name) =>
    strict(name, [
      signature(["json", "text"], JSON_TYPE, ([json, ...steps]) => asJson(path(json!, steps)), {
        variadic: true,
      }),
    ])),
  ...both("extract_path_text", (name) =>
    strict(name, [
      signature(["json", "text"], TEXT, ([json, ...steps]) => jsonAsText(path(json!, steps)), {
        variadic: true,
      }),
    ])),
  ...both(
    "build_object",
    (name) => called(name, [signature(["any"], JSON_TYPE, buildObject, { variadic: true })]),
  ),
  ...both("build_array", (name) =>
    called(name, [
      signature(
        ["any"],
        JSON_TYPE,
        (args, context) =>
          formatJson(args.map((value, i) => toJson(value, argumentType(context, i), context))),
        { variadic: true },
      ),
    ])),
  ...both("object", (name) =>
    strict(name, [
      signature(["array"], JSON_TYPE, ([array]) => objectFromPairs(asArray(array))),
      signature(["array", "array"], JSON_TYPE, ([keys, values]) =>
        objectFromTexts(asArray(keys), asArray(values))),
    ])),
  ...both(
    "strip_nulls",
    (name) => simple(name, ["json"], JSON_TYPE, ([json]) => formatJson(stripNulls(parseJson(asText(json))))),
  ),
  ...aliases(
    simple(
      "to_json",
      ["any"],
      JSON_TYPE,
      ([value], context) => formatJson(toJson(value!, argumentType(context, 0), context)),
    ),
    "to_jsonb",
    "array_to_json",
  ),
  strict("jsonb_set", [signature(["json", "array", "json", "boolean"], JSON_TYPE, set, { optional: 1 })]),
  strict("jsonb_insert", [
    signature(["json", "array", "json", "boolean"], JSON_TYPE, insert, { optional: 1 }),
  ]),
  simple("jsonb_pretty", ["json"], TEXT, ([json]) => formatJsonPretty(parseJson(asText(json)))),
  ...aliases(
    simple("parse_json", ["text"], JSON_TYPE, ([text]) => formatJson(parseJson(asText(text)))),
    "json",
  ),
  jsonTest("is json", () => true),
  jsonTest("is json value", () => true),
  jsonTest("is json scalar", isScalar),
  jsonTest("is json array", isJsonArray),
  jsonTest("is json object", isJsonObject),
];

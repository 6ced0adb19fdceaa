/**
 * Identity of datums: what looks the same to every reader, which is finer than equality.
 *
 * | type | equal, and not the same |
 * |---|---|
 * | real, double | 0 and -0 |
 * | numeric | 1.5 and 1.50 |
 * | interval | 1 day and 24 hours |
 * | json | `[1,2]` and `[1, 2]` |
 * | array | what holds such elements |
 *
 * @module
 */
import type { Datum, SqlType } from "../../storage/sql_type.ts";
import { datumKey } from "./compare.ts";
import { asArray, asInterval, asNumeric, asText } from "./datum.ts";
import { formatNumeric } from "./numeric_value.ts";

/** Whether values of a type can be equal and look different. */
export function hasForms(type: SqlType): boolean {
  switch (type.kind) {
    case "real":
    case "double":
    case "numeric":
    case "interval":
    case "json":
      return true;
    case "array":
      return hasForms(type.element);
    default:
      return false;
  }
}

/** A key that two values of one type share when they look the same; like `datumKey` for types without forms. */
export function identityKey(value: Datum, type: SqlType): string | number | bigint {
  if (value === null || !hasForms(type)) return datumKey(value, type);
  switch (type.kind) {
    case "numeric":
      return formatNumeric(asNumeric(value));
    case "interval": {
      const { months, days, micros } = asInterval(value);
      return `${months} ${days} ${micros}`;
    }
    case "json":
      return asText(value);
    case "array":
      return arrayKey(asArray(value), type.element);
    default:
      return Object.is(value, -0) ? "-0" : datumKey(value, type);
  }
}

function arrayKey(array: readonly Datum[], element: SqlType): string {
  const keys = array.map((item) => {
    if (item === null) return "N";
    const nested = Array.isArray(item) && element.kind !== "array";
    const key = nested ? arrayKey(asArray(item), element) : String(identityKey(item, element));
    return `${key.length}:${key}`;
  });
  return keys.join("");
}

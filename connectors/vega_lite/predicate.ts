/**
 * Filters of a spec as SQL: expressions, field predicates, and, or, not.
 *
 * @module
 */
import { literal, Scalar } from "../../src/query/builder.ts";
import type { QueryPipeline } from "../charts/query_pipeline.ts";
import { cast, cutTime } from "../charts/time_unit.ts";
import { finite } from "./expression_function.ts";
import { datumColumn, inRange, translateExpression } from "./expression_sql.ts";
import { columnOfField } from "./field_name.ts";
import { isSpec, itemsOf, pointer, type Spec, stringAt, unsupported } from "./spec_shape.ts";
import { readTimeUnit } from "./time_unit_field.ts";
import { computed, constantValue, equality, order, truthOf, type TypedValue } from "./typed_value.ts";

/** What a filter may use. */
export interface PredicateScope {
  readonly pipeline: QueryPipeline;
  readonly constants: ReadonlyMap<string, unknown>;
  readonly timeZone: string;
}

const ORDERS = { lt: "<", lte: "<=", gt: ">", gte: ">=" } as const;

/**
 * The condition of a filter.
 *
 * @throws {QueryError} `unsupported`, `unknown-column`
 */
export function predicateCondition(filter: unknown, scope: PredicateScope, path: string): Scalar {
  if (typeof filter === "string") return truthOf(translateExpression(filter, { ...scope, path }));
  if (!isSpec(filter)) throw unsupported(path, "A filter is an expression or a predicate");
  if (filter["and"] !== undefined) return combine("and", filter["and"], scope, pointer(path, "and"));
  if (filter["or"] !== undefined) return combine("or", filter["or"], scope, pointer(path, "or"));
  if (filter["not"] !== undefined) {
    return predicateCondition(filter["not"], scope, pointer(path, "not")).not();
  }
  if (filter["param"] !== undefined) {
    throw unsupported(path, "A selection is made in the browser: the filter runs there, on raw rows");
  }
  return fieldCondition(filter, scope, path);
}

function combine(kind: "and" | "or", value: unknown, scope: PredicateScope, path: string): Scalar {
  const parts = itemsOf(value).map((item, i) => predicateCondition(item, scope, pointer(path, i)));
  const [first, ...others] = parts;
  if (first === undefined) return literal(kind === "and");
  return kind === "and" ? first.and(...others) : first.or(...others);
}

function fieldCondition(filter: Spec, scope: PredicateScope, path: string): Scalar {
  const name = columnOfField(stringAt(filter, "field", path), pointer(path, "field"));
  const unit = filter["timeUnit"] === undefined
    ? undefined
    : readTimeUnit(filter["timeUnit"], pointer(path, "timeUnit"));
  const plain = datumColumn(name, { ...scope, path: pointer(path, "field") });
  const field = unit === undefined
    ? plain
    : computed("time", cutTime(requireTime(plain, path), { ...unit, utc: false }), true);
  const single = unit?.parts.length === 1 ? unit.parts[0] : undefined;
  const value = (key: string, item: unknown) => predicateValue(item, single, field, pointer(path, key));
  for (const key of ["lt", "lte", "gt", "gte"] as const) {
    if (filter[key] !== undefined) return order(ORDERS[key], field, value(key, filter[key]), path);
  }
  if (filter["equal"] !== undefined) return equality(field, value("equal", filter["equal"]), false, path);
  if (filter["oneOf"] !== undefined) {
    const tests = itemsOf(filter["oneOf"]).map((item) => equality(field, value("oneOf", item), false, path));
    const [first, ...others] = tests;
    return first === undefined ? literal(false) : first.or(...others);
  }
  if (filter["valid"] !== undefined) {
    const valid = field.kind === "text"
      ? field.value.isNotNull().and(finite(field))
      : field.value.isNotNull();
    return filter["valid"] === false ? valid.not() : valid;
  }
  const range = itemsOf(filter["range"]);
  if (range.length !== 2) {
    throw unsupported(path, "The predicate has none of equal, lt, lte, gt, gte, range, oneOf, valid");
  }
  const [low, high] = range.map((item) => item === null ? undefined : value("range", item));
  if (low !== undefined && high !== undefined) return inRange(field, low, high, path);
  if (low !== undefined) return order(">=", field, low, path);
  return high === undefined ? literal(true) : order("<=", field, high, path);
}

function requireTime(value: TypedValue, path: string): Scalar {
  if (value.kind !== "time") throw unsupported(path, "A time unit wants a column of type DATE or TIMESTAMP");
  return value.value;
}

/** A value that a field is compared with; texts and numbers stand for times where the field is one. */
function predicateValue(
  value: unknown,
  unit: string | undefined,
  field: TypedValue,
  path: string,
): TypedValue {
  if (isSpec(value)) return computed("time", dateTimeLiteral(value, path));
  if (
    typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean" && value !== null
  ) {
    throw unsupported(path, "The value is no text, number, boolean or date");
  }
  if (field.kind !== "time" || value === null || typeof value === "boolean") return constantValue(value);
  if (unit !== undefined && (typeof value === "number" ? value < 10_000 : !/^\d{4}-/.test(value))) {
    return computed("time", dateTimeLiteral({ [unit]: value }, path));
  }
  if (typeof value === "number") return constantValue(value);
  return computed("time", cast(literal(value), "timestamp"));
}

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/** Vega-Lite's `{ year, month, date, hours, ... }`; without a year in 2012, months count from 1. */
export function dateTimeLiteral(value: Spec, path: string): Scalar {
  const number = (key: string, missing: number): number => {
    const field = value[key];
    if (field === undefined) return missing;
    const read = Number(field);
    if (Number.isFinite(read)) return read;
    throw unsupported(pointer(path, key), `${key} is no number: received ${JSON.stringify(field)}`);
  };
  const named = (key: string, names: readonly string[]): number | undefined => {
    const field = value[key];
    const index = typeof field === "string" ? names.indexOf(field.slice(0, 3).toLowerCase()) : -1;
    return index < 0 ? undefined : index;
  };
  const quarter = value["quarter"] === undefined ? 0 : (number("quarter", 1) - 1) * 3;
  const month = value["month"] === undefined ? quarter : named("month", MONTHS) ?? number("month", 1) - 1;
  const weekday = value["day"] === undefined ? undefined : named("day", DAYS) ?? number("day", 0) % 7;
  const date = value["date"] === undefined && weekday !== undefined ? weekday + 1 : number("date", 1);
  const time = Date.UTC(
    number("year", 2012),
    month,
    date,
    number("hours", 0),
    number("minutes", 0),
    number("seconds", 0),
    number("milliseconds", 0),
  );
  if (!Number.isFinite(time)) throw unsupported(path, "The date is out of range");
  const text = new Date(time).toISOString().slice(0, -1).replace("T", " ");
  return new Scalar({
    kind: "typed",
    type: { kind: "type", name: "timestamp", modifiers: [], dimensions: 0 },
    value: text,
  });
}

/**
 * The functions of Vega's expression language that SQL has, or can be made to have.
 *
 * @module
 */
import { call, literal, Scalar } from "../../src/query/builder.ts";
import { choose } from "../charts/bin.ts";
import { cast, datePart, weekOfYear } from "../charts/time_unit.ts";
import { unsupported } from "./spec_shape.ts";
import { computed, milliseconds, numberOf, textOf, truthOf, type TypedValue } from "./typed_value.ts";

type VegaFunction = (args: readonly TypedValue[], path: string) => TypedValue;

/**
 * Calls `name`; `/` and `%` count as functions too.
 *
 * @throws {QueryError} `unsupported`
 */
export function callFunction(
  name: string,
  args: readonly TypedValue[],
  { path }: { readonly path: string },
): TypedValue {
  const found = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
  if (found === undefined || args.length === 0) {
    throw unsupported(path, `The function ${name}() is not known to the engine`);
  }
  return found(args, path);
}

/** A function of numbers. */
function numeric(compute: (...args: Scalar[]) => Scalar, count = 1): VegaFunction {
  return (args, path) => {
    if (args.length < count) {
      throw unsupported(path, `The function wants ${count} arguments: received ${args.length}`);
    }
    return computed("number", compute(...args.map((arg) => double(numberOf(arg, path)))), true);
  };
}

/** A function of a time that gives a number. */
function timePart(compute: (clock: Scalar) => Scalar): VegaFunction {
  return ([time], path) => {
    if (time?.kind !== "time") {
      throw unsupported(path, "The function wants a column of type DATE or TIMESTAMP");
    }
    return computed("number", compute(time.value), true);
  };
}

/** The same function of the time in UTC. */
function inUtc(compute: VegaFunction): VegaFunction {
  return ([time, ...others], path) => {
    const clock = time?.instant === undefined
      ? time
      : computed("time", call("timezone", "UTC", time.instant), true);
    return compute(clock === undefined ? others : [clock, ...others], path);
  };
}

/** A function of a text. */
function textual(
  kind: "text" | "number",
  compute: (text: Scalar, args: readonly Scalar[]) => Scalar,
): VegaFunction {
  return ([text, ...others], path) => {
    if (text?.kind !== "text") throw unsupported(path, "The function wants a text");
    const rest = others.map((arg) =>
      arg.kind === "text" ? textOf(arg) : cast(numberOf(arg, path), "integer")
    );
    return computed(kind, compute(textOf(text), rest), false);
  };
}

function double(value: Scalar): Scalar {
  return cast(value, "double precision");
}

function where(condition: Scalar, value: Scalar): Scalar {
  return choose([[condition, value]]);
}

const parts: Readonly<Record<string, VegaFunction>> = {
  year: timePart((clock) => datePart("year", clock)),
  quarter: timePart((clock) => datePart("quarter", clock)),
  month: timePart((clock) => datePart("month", clock).minus(1)),
  date: timePart((clock) => datePart("day", clock)),
  day: timePart((clock) => datePart("dow", clock)),
  dayofyear: timePart((clock) => datePart("doy", clock)),
  week: timePart(weekOfYear),
  hours: timePart((clock) => datePart("hour", clock)),
  minutes: timePart((clock) => datePart("minute", clock)),
  seconds: timePart((clock) => cast(call("floor", call("date_part", "second", clock)), "integer")),
  milliseconds: timePart((clock) =>
    new Scalar({
      kind: "binary",
      operator: "%",
      left: datePart("milliseconds", clock).expression,
      right: literal(1000).expression,
    })
  ),
  time: timePart(milliseconds),
};

const numbers: Readonly<Record<string, VegaFunction>> = {
  abs: numeric((x) => call("abs", x)),
  ceil: numeric((x) => call("ceil", x)),
  floor: numeric((x) => call("floor", x)),
  round: numeric((x) => call("floor", x.plus(0.5))),
  sqrt: numeric((x) => where(x.gte(0), call("sqrt", x))),
  exp: numeric((x) => call("exp", x)),
  log: numeric((x) => where(x.gt(0), call("ln", x))),
  sin: numeric((x) => call("sin", x)),
  cos: numeric((x) => call("cos", x)),
  tan: numeric((x) => call("tan", x)),
  atan: numeric((x) => call("atan", x)),
  atan2: numeric((y, x) => call("atan2", y, x!), 2),
  asin: numeric((x) => where(x.between(-1, 1), call("asin", x))),
  acos: numeric((x) => where(x.between(-1, 1), call("acos", x))),
  pow: numeric(
    (x, y) =>
      where(x.gt(0).or(x.eq(0).and(y!.gte(0)), x.lt(0).and(y!.eq(call("floor", y!)))), call("power", x, y!)),
    2,
  ),
  min: numeric((...args) => call("least", ...args)),
  max: numeric((...args) => call("greatest", ...args)),
  clamp: numeric((x, low, high) => call("greatest", low!, call("least", high!, x)), 3),
  toNumber: numeric((x) => x),
  "/": numeric((x, y) => x.dividedBy(call("nullif", y!, 0)), 2),
  "%": numeric((x, y) => x.minus(y!.times(call("trunc", x.dividedBy(call("nullif", y!, 0))))), 2),
};

const texts: Readonly<Record<string, VegaFunction>> = {
  lower: textual("text", (text) => call("lower", text)),
  upper: textual("text", (text) => call("upper", text)),
  trim: textual("text", (text) => call("btrim", text)),
  length: textual("number", (text) => call("length", text)),
  indexof: textual("number", (text, [part]) => call("strpos", text, part ?? "").minus(1)),
  substring: textual("text", (text, [from, to]) => {
    const start = call("greatest", from ?? 0, 0);
    return to === undefined
      ? call("substr", text, start.plus(1))
      : call("substr", text, start.plus(1), call("greatest", to.minus(start), 0));
  }),
};

const tests: Readonly<Record<string, VegaFunction>> = {
  isValid: ([value]) => computed("boolean", value!.value.isNotNull()),
  isNaN: ([value]) => computed("boolean", value!.kind === "text" ? finite(value!).not() : literal(false)),
  isFinite: ([value]) => computed("boolean", value!.kind === "text" ? finite(value!) : literal(true)),
  isNumber: ([value]) =>
    computed("boolean", value!.kind === "number" ? value!.value.isNotNull() : literal(false)),
  isString: ([value]) =>
    computed("boolean", value!.kind === "text" ? value!.value.isNotNull() : literal(false)),
  isBoolean: ([value]) =>
    computed("boolean", value!.kind === "boolean" ? value!.value.isNotNull() : literal(false)),
  isDate: ([value]) =>
    computed("boolean", value!.kind === "time" ? value!.value.isNotNull() : literal(false)),
  toBoolean: ([value]) => computed("boolean", truthOf(value!)),
  toString: ([value]: readonly TypedValue[]) => computed("text", textOf(value!)),
  datetime: (args, path) => dateTime(args, path),
};

const FUNCTIONS: Readonly<Record<string, VegaFunction>> = {
  ...parts,
  ...Object.fromEntries(Object.entries(parts).map(([name, compute]) => [`utc${name}`, inUtc(compute)])),
  ...numbers,
  ...texts,
  ...tests,
};

/** Whether a text reads as a finite number; the empty one is 0. */
export function finite(text: TypedValue): Scalar {
  const trimmed = call("btrim", text.value);
  const read = cast(trimmed, "double precision", true);
  return call("coalesce", trimmed.eq("").or(read.isNotNull()), false);
}

/** `datetime(year, month from 0, day, hours, minutes, seconds)`; of one argument, a text that is a time. */
function dateTime(args: readonly TypedValue[], path: string): TypedValue {
  const [first] = args;
  if (args.length === 1 && first !== undefined) {
    if (first.kind === "time") return first;
    if (typeof first.constant === "string") return computed("time", cast(first.value, "timestamp"));
    throw unsupported(path, "datetime() of one argument wants a time or a fixed text");
  }
  const whole = (i: number, missing: number): Scalar =>
    args[i] === undefined ? literal(missing) : cast(numberOf(args[i]!, path), "integer");
  const start = call("make_timestamp", whole(0, 2012), 1, 1, 0, 0, double(literal(0)));
  const offset = call("make_interval", 0, whole(1, 0));
  const days = call(
    "make_interval",
    0,
    0,
    0,
    whole(2, 1).minus(1),
    whole(3, 0),
    whole(4, 0),
    double(whole(5, 0)),
  );
  return computed("time", start.plus(offset).plus(days));
}

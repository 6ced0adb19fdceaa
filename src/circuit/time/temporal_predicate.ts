/**
 * Temporal predicates: comparisons of an expression of the row with an expression of the time.
 *
 * | condition | row | time |
 * |---|---|---|
 * | `ts > now() - interval '30 days'` | `ts` | `now() - interval '30 days'` |
 * | `now() - ts < interval '1 hour'` | `ts` | `now() - interval '1 hour'` |
 * | `current_date - d <= 7` | `d` | `current_date - 7` |
 * | `datediff('month', d, current_date) = 0` | `datediff('month', '1970-01-01', d)` | the same of the date |
 * | `extract(year from d) = extract(year from now())` | `year(d)` | `year(now())` |
 *
 * Whether such a condition holds for a row follows from two numbers, that of the row and that of the time, so the
 * rows for which it changes are those between the number of the time before and after.
 *
 * @module
 */
import { comparisonOf, type ComparisonOperator, literal, MIRRORED } from "../../planner/scalar.ts";
import { intervalKey } from "../../query/functions/interval_value.ts";
import type { CallScalar, Scalar } from "../../query/plan.ts";
import { freeColumns, mapScalarChildren, scalarChildren, someScalar } from "../../query/plan_walk.ts";
import { scalarKey } from "../../query/plan_key.ts";
import { asInterval } from "../../query/functions/datum.ts";
import { BIGINT, INTEGER, INTERVAL, sameType, type SqlTypeKind } from "../../storage/sql_type.ts";
import { TimeExpression } from "./time_expression.ts";
import { constantOf, type TimeContext, timeSteps } from "./time_step.ts";

/** `row operator time`. */
export interface TemporalPredicate {
  readonly row: Scalar;
  readonly operator: ComparisonOperator;
  readonly time: TimeExpression;
}

/** Types whose values are numbers in order. */
const KEY_KINDS: ReadonlySet<SqlTypeKind> = new Set([
  ...["date", "timestamp", "timestamptz", "smallint", "integer", "bigint"] as const,
]);

/** The condition as a comparison with the time; undefined when it is none. */
export function temporalPredicate(scalar: Scalar, context: TimeContext): TemporalPredicate | undefined {
  const comparison = comparisonOf(scalar);
  if (comparison === undefined) return undefined;
  const { left, right, operator } = comparison;
  return compared(left, operator, right, context) ?? compared(right, MIRRORED[operator], left, context);
}

/**
 * The condition with its temporal predicates replaced. What remains is deterministic unless some part of it depends
 * on time or chance otherwise.
 */
export function replacePredicates(
  scalar: Scalar,
  context: TimeContext,
  replace: (predicate: TemporalPredicate, original: Scalar) => Scalar,
): Scalar {
  if (context.isDeterministic(scalar)) return scalar;
  const predicate = temporalPredicate(scalar, context);
  if (predicate !== undefined) return replace(predicate, scalar);
  return mapScalarChildren(scalar, (child) => replacePredicates(child, context, replace));
}

function compared(
  left: Scalar,
  operator: ComparisonOperator,
  right: Scalar,
  context: TimeContext,
): TemporalPredicate | undefined {
  if (isOfRow(left, context) && isOfTime(right, context)) {
    return keyed(left, operator, right, context) ?? sameYear(left, operator, right, context);
  }
  if (!isConstant(right, context)) return undefined;
  const difference = withoutWidening(left);
  if (difference.kind !== "call") return undefined;
  if (difference.name === "-") return differenceCompared(difference, operator, right, context);
  if (DATE_DIFFERENCES.has(difference.name)) return countCompared(difference, operator, right, context);
  return undefined;
}

const DATE_DIFFERENCES: ReadonlySet<string> = new Set(["datediff", "date_diff", "timestampdiff", "timediff"]);

/** `time - row operator constant` as `row mirrored time - constant`, and `row - time` likewise. */
function differenceCompared(
  { arguments: [left, right] }: CallScalar,
  operator: ComparisonOperator,
  constant: Scalar,
  context: TimeContext,
): TemporalPredicate | undefined {
  if (left === undefined || right === undefined || !sameType(left.type, right.type)) return undefined;
  const forward = isOfTime(left, context) && isOfRow(right, context);
  if (!forward && !(isOfRow(left, context) && isOfTime(right, context))) return undefined;
  const [time, row] = forward ? [left, right] : [right, left];
  const offset = offsetOf(time, constant, context);
  if (offset === undefined) return undefined;
  // t - r < c is r > t - c, and r - t < c is r < t + c.
  const moved: Scalar = {
    kind: "call",
    name: forward ? "-" : "+",
    arguments: [time, offset],
    type: time.type,
  };
  return keyed(row, forward ? MIRRORED[operator] : operator, moved, context);
}

/** What to add to a time so that it moves by what a difference is compared with. */
function offsetOf(time: Scalar, constant: Scalar, context: TimeContext): Scalar | undefined {
  const value = constantOf(constant, context);
  if (value === undefined) return undefined;
  if (time.type.kind === "date") {
    const isDays = typeof value === "number" && Math.abs(value) < 2 ** 31 && isWhole(constant);
    return isDays ? literal(value, INTEGER) : undefined;
  }
  if (constant.type.kind !== "interval") return undefined;
  // Differences of timestamps are compared by their length: 24 hours a day, 30 days a month.
  const micros = intervalKey(asInterval(value));
  return typeof micros === "number" ? literal({ months: 0, days: 0, micros }, INTERVAL) : undefined;
}

/** `datediff(unit, row, time) operator constant`, with the units counted from 1970 on both sides. */
function countCompared(
  { name, arguments: args }: CallScalar,
  operator: ComparisonOperator,
  constant: Scalar,
  context: TimeContext,
): TemporalPredicate | undefined {
  // All signatures have three parameters.
  const [unit, from, to] = args as readonly [Scalar, Scalar, Scalar];
  if (!isWhole(constant) || !isConstant(unit, context)) return undefined;
  const forward = isOfRow(from, context) && isOfTime(to, context);
  if (!forward && !(isOfTime(from, context) && isOfRow(to, context))) return undefined;
  const count = (moment: Scalar): Scalar => ({
    kind: "call",
    name,
    arguments: [unit, literal(0, moment.type), moment],
    type: BIGINT,
  });
  const [row, time] = forward ? [from, to] : [to, from];
  const offset = constantOf(constant, context);
  if (offset === undefined) return undefined;
  const moved: Scalar = {
    kind: "call",
    name: forward ? "-" : "+",
    arguments: [count(time), literal(offset, BIGINT)],
    type: BIGINT,
  };
  return keyed(count(row), forward ? MIRRORED[operator] : operator, moved, context);
}

/** `extract(year from row) operator extract(year from time)`. */
function sameYear(
  left: Scalar,
  operator: ComparisonOperator,
  right: Scalar,
  context: TimeContext,
): TemporalPredicate | undefined {
  const row = yearOf(left, context);
  const time = yearOf(right, context);
  return row === undefined || time === undefined ? undefined : keyed(row, operator, time, context);
}

function yearOf(scalar: Scalar, context: TimeContext): Scalar | undefined {
  if (scalar.kind !== "call" || (scalar.name !== "extract" && scalar.name !== "date_part")) return undefined;
  const [field, moment] = scalar.arguments;
  if (field === undefined || moment === undefined || !isConstant(field, context)) return undefined;
  const isMoment = moment.type.kind === "date" || moment.type.kind === "timestamp" ||
    moment.type.kind === "timestamptz";
  const isYear = String(constantOf(field, context)).toLowerCase() === "year";
  return isMoment && isYear ? { kind: "call", name: "year", arguments: [moment], type: INTEGER } : undefined;
}

function keyed(
  row: Scalar,
  operator: ComparisonOperator,
  time: Scalar,
  context: TimeContext,
): TemporalPredicate | undefined {
  if (!KEY_KINDS.has(row.type.kind) || row.type.kind !== time.type.kind) return undefined;
  const steps = timeSteps(time, context);
  if (steps === undefined) return undefined;
  return { row, operator, time: new TimeExpression(time, steps, context.execution) };
}

/** A whole number compared as a wider one. */
function withoutWidening(scalar: Scalar): Scalar {
  if (scalar.kind !== "cast" || scalar.tolerant) return scalar;
  const { argument, type } = scalar;
  const isWidening = (argument.type.kind === "integer" && type.kind === "bigint") ||
    (isWhole(argument) && type.kind === "numeric");
  return isWidening ? argument : scalar;
}

function isWhole({ type }: Scalar): boolean {
  return type.kind === "smallint" || type.kind === "integer" || type.kind === "bigint";
}

function isConstant(scalar: Scalar, context: TimeContext): boolean {
  return freeColumns(scalar).size === 0 && context.isDeterministic(scalar);
}

function isOfRow(scalar: Scalar, context: TimeContext): boolean {
  return freeColumns(scalar).size > 0 && context.isDeterministic(scalar);
}

function isOfTime(scalar: Scalar, context: TimeContext): boolean {
  return freeColumns(scalar).size === 0 && !context.isDeterministic(scalar);
}

/** The predicate of `row IS NULL OR predicate over row`, as of a validity without an end. */
export function openEnded(scalar: Scalar, context: TimeContext): TemporalPredicate | undefined {
  if (scalar.kind !== "or" || scalar.arguments.length !== 2) return undefined;
  for (const [test, other] of [scalar.arguments, [...scalar.arguments].reverse()]) {
    if (test?.kind !== "isNull" || test.negated || other === undefined) continue;
    const predicate = temporalPredicate(other, context);
    if (predicate === undefined) continue;
    // A cast or sum is NULL exactly when what is in it is.
    if (scalarKey(nullSource(predicate.row)) === scalarKey(nullSource(test.argument))) return predicate;
  }
  return undefined;
}

/** What decides whether an expression is NULL, for casts between dates and times. */
function nullSource(scalar: Scalar): Scalar {
  if (scalar.kind !== "cast" || scalar.tolerant || !KEY_KINDS.has(scalar.argument.type.kind)) return scalar;
  return nullSource(scalar.argument);
}

/** Why an expression that remains when its temporal predicates are replaced has no operator. */
export function timeConstruct(scalar: Scalar, place: string, context: TimeContext): string {
  const path: Scalar[] = [];
  for (let part: Scalar | undefined = scalar; part !== undefined;) {
    path.push(part);
    part = scalarChildren(part).find((child) => !context.isDeterministic(child));
  }
  const innermost = path.at(-1)!;
  const name = nameOf(innermost);
  if (!someScalar(innermost, (part) => timeSteps(part, context) !== undefined)) return `function ${name}`;
  const around = path.findLast((part) => part.kind === "call" && timeSteps(part, context) === undefined);
  if (around !== undefined && around.kind === "call" && comparisonOf(around) === undefined) {
    const isNamed = /^[a-z]/.test(around.name);
    if (isNamed) return `${around.name.toUpperCase()} over ${name}`;
  }
  return `${name} ${place}`;
}

function nameOf(scalar: Scalar): string {
  if (scalar.kind === "cast" && scalar.argument.kind === "literal") {
    return `'${String(scalar.argument.value)}'`;
  }
  if (scalar.kind !== "call") return scalar.kind;
  return /^(current_(date|time|timestamp)|localtime(stamp)?)$/.test(scalar.name)
    ? scalar.name.toUpperCase()
    : `${scalar.name}()`;
}

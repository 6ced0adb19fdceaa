/**
 * The functions between `now()` and an expression of time, each with where it falls.
 *
 * | function | falls |
 * |---|---|
 * | an instant to local time: LOCALTIMESTAMP, CURRENT_DATE, casts, AT TIME ZONE | where the offset decreases |
 * | local time to an instant | where local time skips: before the gap counts the old offset, after it the new one |
 * | months added to a timestamp | at midnights of days that a shorter month maps to the same day |
 * | date_trunc of an instant | where the offset changes |
 * | everything else here: days and less added, truncation, casts, date parts that count on | never |
 *
 * Functions that repeat, as EXTRACT(hour ...), are not among them.
 *
 * @module
 */
import { QueryError } from "../../base/error.ts";
import type { ExecutionEnvironment } from "../../exec/execution.ts";
import { evaluateRow } from "../../exec/row_evaluator.ts";
import {
  addMonths,
  civilFromDays,
  daysOfMicros,
  MICROS_PER_DAY,
  microsOf,
  microsOfDay,
} from "../../query/functions/calendar.ts";
import { dateAddSpan } from "../../query/functions/date_dialects.ts";
import { asInterval, asText } from "../../query/functions/datum.ts";
import { negateInterval } from "../../query/functions/interval_value.ts";
import {
  abbreviationOffset,
  localFromUtc,
  parseOffset,
  type TimeZone,
  timeZone,
  utcFromLocal,
} from "../../query/functions/time_zone.ts";
import type { CallScalar, CastScalar, Scalar } from "../../query/plan.ts";
import { freeColumns } from "../../query/plan_walk.ts";
import { type Datum, type Interval, type SqlTypeKind, TIMESTAMPTZ } from "../../storage/sql_type.ts";
import { offsetChanges } from "./zone_changes.ts";

/** A function on the way from `now()` that may fall. */
export interface TimeStep {
  /** What it is applied to. */
  readonly input: Scalar;
  /** What makes it fall. */
  readonly falls: "zone" | "months";
  /** Whether it does not fall while its input rises from one value to the other. */
  rises(from: number, to: number): boolean;
}

/** What the analysis needs to know. */
export interface TimeContext {
  readonly execution: ExecutionEnvironment;
  /** True when the expression gives the same value for the same row at any time. */
  isDeterministic(scalar: Scalar): boolean;
}

/** A part of a step: a function of numbers. */
interface Move {
  apply(value: number): number;
  rises(from: number, to: number): boolean;
}

const NOW_FUNCTIONS: ReadonlySet<string> = new Set([
  ...["now", "current_timestamp", "transaction_timestamp", "statement_timestamp", "clock_timestamp"],
  ...["sysdate", "getdate"],
]);
const LOCAL_NOW_FUNCTIONS: ReadonlySet<string> = new Set(["localtimestamp", "current_date"]);
const MOVING_WORD = /^\s*(now|today|tomorrow|yesterday)\s*$/i;
const NOW: Scalar = { kind: "call", name: "now", arguments: [], type: TIMESTAMPTZ };

/**
 * The steps of an expression that moves with `now()` and has no columns; undefined when it is none, or when nothing
 * is known of where it falls.
 */
export function timeSteps(scalar: Scalar, context: TimeContext): readonly TimeStep[] | undefined {
  if (scalar.kind === "cast") return stepsOfCast(scalar, context);
  if (scalar.kind !== "call") return undefined;
  if (NOW_FUNCTIONS.has(scalar.name)) return [];
  if (LOCAL_NOW_FUNCTIONS.has(scalar.name)) return [...toLocal(NOW, sessionZone(context))];
  switch (scalar.name) {
    case "+":
    case "-":
      return stepsOfSum(scalar, context);
    case "timezone":
      return stepsOfZone(scalar, context);
    case "date_trunc":
      return stepsOfTruncation(scalar, context);
    case "dateadd":
    case "date_add":
    case "timestampadd":
    case "timeadd":
      return stepsOfDateAdd(scalar, context);
    case "date_bin":
    case "time_bucket":
    case "epoch_ms":
    case "epoch_us":
      return stepsBelow(scalar, context);
    case "year":
    case "last_day":
    case "datediff":
    case "date_diff":
    case "timestampdiff":
    case "timediff":
      return stepsOfLocalPart(scalar, context);
    default:
      return undefined;
  }
}

/** The value of an expression without columns and time; undefined for others, and for NULL and errors. */
export function constantOf(scalar: Scalar | undefined, context: TimeContext): Datum | undefined {
  if (scalar === undefined || freeColumns(scalar).size > 0 || !context.isDeterministic(scalar)) {
    return undefined;
  }
  try {
    return evaluateRow(scalar, () => null, context.execution) ?? undefined;
  } catch (error) {
    if (error instanceof QueryError) return undefined;
    throw error;
  }
}

/** The one argument that moves; undefined when another is no constant. */
function movingArgument(scalar: CallScalar, context: TimeContext): Scalar | undefined {
  const moving = scalar.arguments.filter((each) => constantOf(each, context) === undefined);
  return moving.length === 1 ? moving[0] : undefined;
}

/** Of a function that never falls. */
function stepsBelow(scalar: CallScalar, context: TimeContext): readonly TimeStep[] | undefined {
  const moving = movingArgument(scalar, context);
  return moving === undefined ? undefined : timeSteps(moving, context);
}

function stepsAbove(
  moving: Scalar | undefined,
  own: readonly TimeStep[],
  context: TimeContext,
): readonly TimeStep[] | undefined {
  const below = moving === undefined ? undefined : timeSteps(moving, context);
  return below === undefined ? undefined : [...below, ...own];
}

type CastKinds = `${SqlTypeKind} ${SqlTypeKind}`;

function stepsOfCast(scalar: CastScalar, context: TimeContext): readonly TimeStep[] | undefined {
  const { argument, type } = scalar;
  if (argument.kind === "literal" && argument.type.kind === "text") {
    const isMoving = typeof argument.value === "string" && MOVING_WORD.test(argument.value);
    const isTime = type.kind === "date" || type.kind === "timestamp" || type.kind === "timestamptz";
    return isMoving && isTime
      ? [...toLocal(NOW, sessionZone(context)), ...fromLocal(NOW, context)]
      : undefined;
  }
  const kinds: CastKinds = `${argument.type.kind} ${type.kind}`;
  switch (kinds) {
    case "timestamptz timestamp":
    case "timestamptz date":
      return stepsAbove(argument, toLocal(argument, sessionZone(context)), context);
    case "timestamp timestamptz":
      return stepsAbove(argument, toInstant(argument, sessionZone(context), []), context);
    case "date timestamptz":
      return stepsAbove(argument, toInstant(argument, sessionZone(context), [START_OF_DAY]), context);
    case "timestamp date":
    case "date timestamp":
    case "integer bigint":
      return timeSteps(argument, context);
    default:
      return argument.type.kind === type.kind ? timeSteps(argument, context) : undefined;
  }
}

function stepsOfSum(scalar: CallScalar, context: TimeContext): readonly TimeStep[] | undefined {
  const moving = movingArgument(scalar, context);
  if (moving === undefined) return undefined;
  const isFirst = moving === scalar.arguments[0];
  // A constant less the time falls all the time.
  if (scalar.name === "-" && !(isFirst && scalar.arguments.length === 2)) return undefined;
  const other = scalar.arguments[isFirst ? 1 : 0]!;
  if (other.type.kind !== "interval") return timeSteps(moving, context);
  const interval = asInterval(constantOf(other, context)!);
  const added = scalar.name === "-" ? negateInterval(interval) : interval;
  return stepsAbove(moving, addition(moving, added, context), context);
}

function stepsOfDateAdd(scalar: CallScalar, context: TimeContext): readonly TimeStep[] | undefined {
  const [unit, count, moving] = scalar.arguments;
  const name = constantOf(unit, context);
  const number = constantOf(count, context);
  if (moving === undefined || name === undefined || number === undefined) return undefined;
  const added = dateAddSpan(asText(name), number, count!.type);
  return stepsAbove(moving, addition(moving, added, context), context);
}

function stepsOfZone(scalar: CallScalar, context: TimeContext): readonly TimeStep[] | undefined {
  const moving = scalar.arguments.at(-1) ?? scalar;
  // AT LOCAL has no zone.
  const zone = scalar.arguments.length === 1 ? undefined : scalar.arguments[0];
  const name = zone === undefined ? sessionZone(context) : constantOf(zone, context);
  if (name === undefined) return undefined;
  // An interval is a fixed offset.
  if (typeof name !== "string") return timeSteps(moving, context);
  const own = moving.type.kind === "timestamptz" ? toLocal(moving, name) : toInstant(moving, name, []);
  return stepsAbove(moving, own, context);
}

function stepsOfTruncation(scalar: CallScalar, context: TimeContext): readonly TimeStep[] | undefined {
  const [, moving, zoneName] = scalar.arguments;
  if (moving === undefined || constantOf(scalar.arguments[0], context) === undefined) return undefined;
  if (moving.type.kind !== "timestamptz") return timeSteps(moving, context);
  const name = zoneName === undefined ? context.execution.timeZone : constantOf(zoneName, context);
  if (name === undefined) return undefined;
  const zone = variableZone(asText(name));
  if (zone === undefined) return timeSteps(moving, context);
  const rises = (from: number, to: number): boolean => offsetChanges(zone, from, to).length === 0;
  return stepsAbove(moving, [{ input: moving, falls: "zone", rises }], context);
}

/** Of a count in local time. */
function stepsOfLocalPart(scalar: CallScalar, context: TimeContext): readonly TimeStep[] | undefined {
  const moving = movingArgument(scalar, context);
  // The other way round it counts down.
  if (moving === undefined || scalar.arguments.length === 3 && moving !== scalar.arguments[2]) {
    return undefined;
  }
  const own = moving.type.kind === "timestamptz" ? toLocal(moving, sessionZone(context)) : [];
  return stepsAbove(moving, own, context);
}

function sessionZone(context: TimeContext): string {
  return context.execution.timeZone;
}

function toLocal(input: Scalar, zoneName: string): readonly TimeStep[] {
  const zone = variableZone(zoneName);
  return zone === undefined ? [] : [step(input, "zone", [localMove(zone)])];
}

/** What `toLocal` gives, as an instant again. */
function fromLocal(input: Scalar, context: TimeContext): readonly TimeStep[] {
  const zone = variableZone(sessionZone(context));
  return zone === undefined ? [] : [step(input, "zone", [localMove(zone), instantMove(zone)])];
}

function toInstant(input: Scalar, zoneName: string, before: readonly Move[]): readonly TimeStep[] {
  const zone = variableZone(zoneName);
  return zone === undefined ? [] : [step(input, "zone", [...before, instantMove(zone)])];
}

/** The step of adding an interval to a moving date or timestamp. */
function addition(moving: Scalar, added: Interval, context: TimeContext): readonly TimeStep[] {
  const months = added.months === 0 ? [] : [monthMove(added.months)];
  const days = added.days === 0 ? [] : [dayMove(added.days)];
  // Of a date the time of day is 0, so nothing is taken back.
  if (moving.type.kind === "date") return [];
  const falls = months.length > 0 ? "months" : "zone";
  if (moving.type.kind !== "timestamptz") return months.length === 0 ? [] : [step(moving, falls, months)];
  const zone = variableZone(sessionZone(context));
  if (zone === undefined) return months.length === 0 ? [] : [step(moving, falls, months)];
  const moves = [months, days].flatMap((one) =>
    one.length === 0 ? [] : [localMove(zone), ...one, instantMove(zone)]
  );
  return moves.length === 0 ? [] : [step(moving, falls, moves)];
}

/** A zone whose offset changes; undefined for the others. */
function variableZone(name: string): TimeZone | undefined {
  const isFixed = abbreviationOffset(name) !== undefined || parseOffset(name) !== undefined ||
    /^etc\//i.test(name);
  return isFixed ? undefined : timeZone(name);
}

function step(input: Scalar, falls: TimeStep["falls"], moves: readonly Move[]): TimeStep {
  return {
    input,
    falls,
    rises: (from, to) => {
      let low = from;
      let high = to;
      for (const move of moves) {
        if (!move.rises(low, high)) return false;
        low = move.apply(low);
        high = move.apply(high);
      }
      return true;
    },
  };
}

const START_OF_DAY: Move = { apply: (days) => microsOf(days, 0), rises: () => true };

function dayMove(days: number): Move {
  return {
    apply: (local) => microsOf(daysOfMicros(local) + days, microsOfDay(local)),
    rises: () => true,
  };
}

function monthMove(months: number): Move {
  return {
    apply: (local) => microsOf(addMonths(daysOfMicros(local), months), microsOfDay(local)),
    rises(from, to) {
      for (let day = daysOfMicros(from) + 1; day <= daysOfMicros(to); day++) {
        if (civilFromDays(day).day > 28 && addMonths(day, months) <= addMonths(day - 1, months)) return false;
      }
      return true;
    },
  };
}

function localMove(zone: TimeZone): Move {
  return {
    apply: (utc) => localFromUtc(utc, zone),
    rises: (from, to) => offsetChanges(zone, from, to).every(({ before, after }) => after > before),
  };
}

function instantMove(zone: TimeZone): Move {
  return {
    apply: (local) => utcFromLocal(local, zone),
    rises(from, to) {
      const changes = offsetChanges(zone, from - 2 * MICROS_PER_DAY, to + 2 * MICROS_PER_DAY);
      return changes.every(({ at, before, after }) => {
        const gapEnd = at + after;
        return after < before || gapEnd <= from || gapEnd > to;
      });
    },
  };
}

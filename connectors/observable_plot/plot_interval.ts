/**
 * Intervals of Plot as SQL: where a value's interval begins, and where it ends.
 *
 * Numbers are multiples (`10`, `0.25`); times are `month`, `3 months`, `15 minutes`, `monday`. As in Plot a week
 * begins on Sunday and intervals of several days count from 1970.
 *
 * @module
 */
import { call, literal, Scalar } from "../../src/query/builder.ts";
import { DOUBLE, type SqlType, TIMESTAMP } from "../../src/storage/sql_type.ts";
import { doubleScalar } from "../charts/chart_aggregate.ts";
import { isNumber } from "../charts/column_role.ts";
import { wallScalar } from "../charts/time_cut.ts";
import { isTimeType } from "./mark_state.ts";

/** An interval of one column. */
export interface PlotInterval {
  readonly type: SqlType;
  /** The begin of the interval in which a value lies. */
  floor(value: Scalar): Scalar;
  /** The end of the interval that begins there. */
  end(begin: Scalar): Scalar;
}

const WEEK_DAYS = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

/** The interval, or `undefined` when the engine has none like it. */
export function plotInterval(
  interval: unknown,
  column: { readonly type: SqlType | undefined; readonly timeZone: string },
): PlotInterval | undefined {
  const { type } = column;
  if (typeof interval === "number") {
    return type === undefined || isNumber(type.kind) ? numberInterval(interval) : undefined;
  }
  if (typeof interval !== "string" || (type !== undefined && !isTimeType(type))) return undefined;
  const found = /^(?:(\d{1,4})\s+)?([a-z]+?)s?$/i.exec(interval.trim());
  if (found === null) return undefined;
  const timed = timeInterval(found[2]!.toLowerCase(), Number(found[1] ?? 1));
  if (timed === undefined) return undefined;
  return {
    type: TIMESTAMP,
    end: timed.end,
    floor: (value) => timed.floor(timestamp(wallScalar(value, type, column.timeZone))),
  };
}

function numberInterval(interval: number): PlotInterval | undefined {
  if (!Number.isFinite(interval) || interval === 0) return undefined;
  const parts = interval > 0 && interval < 1 && Number.isInteger(1 / interval) ? 1 / interval : -interval;
  if (parts > 0) {
    return {
      type: DOUBLE,
      floor: (value) => call("floor", doubleScalar(value).times(parts)).dividedBy(literal(parts)),
      end: (begin) => call("round", begin.times(parts)).plus(1).dividedBy(literal(parts)),
    };
  }
  const width = Math.abs(interval);
  return {
    type: DOUBLE,
    floor: (value) => call("floor", doubleScalar(value).dividedBy(width)).times(width),
    end: (begin) => begin.plus(width),
  };
}

function timeInterval(unit: string, count: number): Pick<PlotInterval, "floor" | "end"> | undefined {
  if (count < 1) return undefined;
  switch (unit) {
    case "second":
    case "minute":
    case "hour":
    case "day":
      return {
        floor: (value) => call("date_bin", span(count, unit), value, EPOCH),
        end: (begin) => begin.plus(span(count, unit)),
      };
    case "month":
      return 12 % count === 0 ? months(count) : undefined;
    case "quarter":
      return count === 1 ? months(3) : undefined;
    case "half":
      return count === 1 ? months(6) : undefined;
    case "year":
      return years(count);
    default:
      return count === 1 ? weeks(unit === "week" ? "sunday" : unit) : undefined;
  }
}

function months(count: number): Pick<PlotInterval, "floor" | "end"> {
  return {
    floor: (value) => {
      const month = call("date_trunc", "month", value);
      if (count === 1) return month;
      const over = call("mod", integer(call("date_part", "month", month)).minus(1), count);
      return month.minus(call("make_interval", 0, over));
    },
    end: (begin) => begin.plus(span(count, "month")),
  };
}

function years(count: number): Pick<PlotInterval, "floor" | "end"> {
  return {
    floor: (value) => {
      const year = call("date_trunc", "year", value);
      if (count === 1) return year;
      return year.minus(call("make_interval", call("mod", integer(call("date_part", "year", year)), count)));
    },
    end: (begin) => begin.plus(span(count, "year")),
  };
}

/** Weeks that begin on a day; those of `date_trunc` begin on Mondays. */
function weeks(day: string): Pick<PlotInterval, "floor" | "end"> | undefined {
  const index = WEEK_DAYS.indexOf(day);
  if (index < 0) return undefined;
  const shift = span((8 - index) % 7, "day");
  return {
    floor: (value) => call("date_trunc", "week", value.plus(shift)).minus(shift),
    end: (begin) => begin.plus(span(7, "day")),
  };
}

const EPOCH = timestamp(literal("1970-01-01"));

function timestamp(value: Scalar): Scalar {
  return cast(value, "timestamp");
}

function integer(value: Scalar): Scalar {
  return cast(value, "integer");
}

function cast(value: Scalar, name: string): Scalar {
  return new Scalar({
    kind: "cast",
    argument: value.expression,
    type: { kind: "type", name, modifiers: [], dimensions: 0 },
    style: "cast",
    tolerant: false,
  });
}

function span(count: number, unit: string): Scalar {
  return new Scalar({ kind: "interval", value: `${count} ${unit}` });
}

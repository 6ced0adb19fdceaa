/**
 * Expressions of the current time, and when they pass a value.
 *
 * `now() - interval '30 days'`, `date_trunc('month', now())` and CURRENT_DATE move with the clock, and nearly always
 * forward. They fall where the clock is set back at the end of summer time, where local time skips an hour before
 * it is turned into an instant, and with months: a month before March 28th, 29th, 30th and 31st is the same day, so
 * each of these midnights takes the time of day back. The functions between `now()` and the value are therefore
 * known one by one, each with the stretches on which it does not fall:
 *
 * ```
 * now ──► local time ──► minus a month ──► start of the day        each a TimeStep
 *         falls when        falls at            never falls
 *         summer ends       month ends
 * ```
 *
 * On a stretch on which no step falls, the first time at which the value passes another one is found by bisection
 * with the scalar evaluator itself, so that it is exact for every zone and calendar; at the end of the stretch the
 * question is asked anew. Values are exact at any time, whatever the clock did before: only the forecast needs all
 * this. O(log(horizon) * steps), remembered until the answer can change.
 *
 * @module
 */
import { QueryError } from "../../base/error.ts";
import type { ExecutionEnvironment } from "../../exec/execution.ts";
import { evaluateRow, type RowEnvironment } from "../../exec/row_evaluator.ts";
import { MICROS_PER_DAY, MICROS_PER_HOUR, MICROS_PER_MINUTE } from "../../query/functions/calendar.ts";
import type { Scalar } from "../../query/plan.ts";
import type { TimeStep } from "./time_step.ts";

/** How far a stretch is looked for. */
const HORIZON_MICROS = 40 * MICROS_PER_DAY;
/** How far a value is looked for when the expression never falls. */
const RISING_HORIZON_MICROS = 400 * MICROS_PER_DAY;

/** See the module header. */
export class TimeExpression {
  readonly scalar: Scalar;
  /** How far the value may fall by itself or when the clock is adjusted, in units of the value. */
  readonly slack: number;
  readonly #steps: readonly TimeStep[];
  readonly #environment: { -readonly [Field in keyof RowEnvironment]: RowEnvironment[Field] };
  /** The value does not fall between these times, both included. */
  #risesFrom = Infinity;
  #risesUntil = -Infinity;

  constructor(scalar: Scalar, steps: readonly TimeStep[], environment: ExecutionEnvironment) {
    this.scalar = scalar;
    this.#steps = steps;
    const { parameters, functions, timeZone, random } = environment;
    this.#environment = { parameters, functions, timeZone, random, nowMicros: 0 };
    const isMoment = scalar.type.kind === "timestamp" || scalar.type.kind === "timestamptz";
    this.slack = isMoment ? slackOf(steps) : 1;
  }

  /** Whether the value may fall although the clock does not go back. */
  get mayFall(): boolean {
    return this.#steps.length > 0;
  }

  /** The value at a time. */
  at(nowMicros: number): number {
    return this.#valueOf(this.scalar, nowMicros);
  }

  /**
   * The first time after `nowMicros` at which the value may have reached `key`, or passed it with `beyond`: exact,
   * unless the value may fall before or the time is far away. At `nowMicros` it has not.
   */
  reaches(key: number, beyond: boolean, nowMicros: number): number {
    const end = this.risesUntil(nowMicros);
    const has = (time: number): boolean => beyond ? this.at(time) > key : this.at(time) >= key;
    if (!has(end)) return end + 1;
    const isMoment = this.scalar.type.kind === "timestamp" || this.scalar.type.kind === "timestamptz";
    const guess = nowMicros + (key - this.at(nowMicros)) + (beyond ? 1 : 0);
    if (isMoment && guess > nowMicros && guess <= end && has(guess) && !has(guess - 1)) return guess;
    return firstTime(nowMicros, end, has);
  }

  /** The end of the stretch from `nowMicros` on which the value does not fall, or of the horizon. */
  risesUntil(nowMicros: number): number {
    if (nowMicros >= this.#risesFrom && nowMicros < this.#risesUntil) return this.#risesUntil;
    let end = nowMicros + (this.mayFall ? HORIZON_MICROS : RISING_HORIZON_MICROS);
    const falls = (time: number): boolean => !this.#rises(nowMicros, time);
    if (falls(end)) end = firstTime(nowMicros, end, falls) - 1;
    this.#risesFrom = nowMicros;
    this.#risesUntil = end;
    return end;
  }

  #rises(from: number, to: number): boolean {
    return this.#steps.every(({ input, rises }) =>
      rises(this.#valueOf(input, from), this.#valueOf(input, to))
    );
  }

  #valueOf(scalar: Scalar, nowMicros: number): number {
    this.#environment.nowMicros = nowMicros;
    const value = evaluateRow(scalar, () => null, this.#environment);
    if (typeof value === "number") return value;
    throw new QueryError("invalid-value", `Times must be numbers below 2^53: received ${String(value)}`, {
      hint: "the view is computed anew",
    });
  }
}

/** The first time in (from, to] at which `has` holds: it does at `to`, and from some time on. */
function firstTime(from: number, to: number, has: (time: number) => boolean): number {
  let low = from;
  let high = to;
  while (high - low > 1) {
    const middle = low + Math.floor((high - low) / 2);
    if (has(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/** Clocks are adjusted by seconds, zones by an hour or two, and months take back a part of a day. */
function slackOf(steps: readonly TimeStep[]): number {
  let slack = MICROS_PER_MINUTE;
  for (const { falls } of steps) slack += falls === "months" ? MICROS_PER_DAY : 3 * MICROS_PER_HOUR;
  return slack;
}

/**
 * count, sum, avg, and the variances.
 *
 * Everything is exact until it is read, so that an aggregate may be maintained by adding and removing rows:
 * integers and decimals by bigints, doubles by {@linkcode ExactSum}.
 *
 * @module
 */
import {
  BIGINT,
  type Datum,
  decimalType,
  DOUBLE,
  INTERVAL,
  type Interval,
  NUMERIC,
  type Numeric,
  REAL,
  type SqlType,
} from "../../storage/sql_type.ts";
import type { AggregateDefinition, CallContext } from "../function.ts";
import { aggregate } from "./aggregate_define.ts";
import { averageOf, DoubleMoments, DoubleSum, NumericSum, scaleOf, WholeSum } from "./aggregate_state.ts";
import { numberToDouble, numberToNumeric } from "./compare.ts";
import { argumentType, asInterval, asNumber, asWhole } from "./datum.ts";
import { addIntervals, divideInterval, subtractIntervals, ZERO_INTERVAL } from "./interval_value.ts";
import { checkedInteger } from "./number_text.ts";
import { sqrtToScale } from "./numeric_math.ts";
import {
  divideNumeric,
  divideToScale,
  multiplyNumeric,
  NUMERIC_NAN,
  NUMERIC_ZERO,
  numericFromWhole,
  numericOverflow,
  selectDivisionScale,
  signOf,
  subtractNumeric,
} from "./numeric_value.ts";
import { isFloat, numericUnlessFloat } from "./signature.ts";

class Counter {
  count = 0;
}

const COUNT = aggregate<Counter>({
  name: "count",
  signatures: [{ parameters: [], returns: BIGINT }, { parameters: ["any"], returns: BIGINT }],
  init: () => new Counter(),
  add: (state, args) => {
    if (args[0] !== null) state.count++;
  },
  remove: (state, args) => {
    if (args[0] !== null) state.count--;
  },
  merge: (state, other) => {
    state.count += other.count;
  },
  value: (state) => state.count,
});

const COUNT_IF = aggregate<Counter>({
  name: "count_if",
  signatures: [{ parameters: ["boolean"], returns: BIGINT }],
  init: () => new Counter(),
  add: (state, args) => {
    if (args[0] === true) state.count++;
  },
  remove: (state, args) => {
    if (args[0] === true) state.count--;
  },
  merge: (state, other) => {
    state.count += other.count;
  },
  value: (state) => state.count,
});

class IntervalSum {
  count = 0;
  sum: Interval = ZERO_INTERVAL;

  add(value: Interval): void {
    this.count++;
    this.sum = addIntervals(this.sum, value);
  }

  remove(value: Interval): void {
    this.count--;
    this.sum = subtractIntervals(this.sum, value);
  }

  merge(other: IntervalSum): void {
    this.count += other.count;
    this.sum = addIntervals(this.sum, other.sum);
  }
}

/** A sum of one of the kinds of number, by the type of the argument. */
type AnySum =
  | { readonly kind: "whole"; readonly sum: WholeSum; readonly scale: number }
  | { readonly kind: "numeric"; readonly sum: NumericSum }
  | { readonly kind: "double"; readonly sum: DoubleSum }
  | { readonly kind: "interval"; readonly sum: IntervalSum };

function initSum(context: CallContext): AnySum {
  const type = argumentType(context, 0);
  switch (type.kind) {
    case "numeric":
      return { kind: "numeric", sum: new NumericSum() };
    case "real":
    case "double":
      return { kind: "double", sum: new DoubleSum() };
    case "interval":
      return { kind: "interval", sum: new IntervalSum() };
    default:
      return { kind: "whole", sum: new WholeSum(), scale: scaleOf(type) };
  }
}

function addToSum(state: AnySum, [value]: readonly Datum[]): void {
  if (value === null || value === undefined) return;
  if (state.kind === "whole") state.sum.add(asWhole(value));
  else if (state.kind === "double") state.sum.add(asNumber(value));
  else if (state.kind === "numeric") state.sum.add(numberToNumeric(value, NUMERIC));
  else state.sum.add(asInterval(value));
}

function removeFromSum(state: AnySum, [value]: readonly Datum[]): void {
  if (value === null || value === undefined) return;
  if (state.kind === "whole") state.sum.remove(asWhole(value));
  else if (state.kind === "double") state.sum.remove(asNumber(value));
  else if (state.kind === "numeric") state.sum.remove(numberToNumeric(value, NUMERIC));
  else state.sum.remove(asInterval(value));
}

function mergeSums(state: AnySum, other: AnySum): void {
  if (state.kind === "whole" && other.kind === "whole") state.sum.merge(other.sum);
  else if (state.kind === "double" && other.kind === "double") state.sum.merge(other.sum);
  else if (state.kind === "numeric" && other.kind === "numeric") state.sum.merge(other.sum);
  else if (state.kind === "interval" && other.kind === "interval") state.sum.merge(other.sum);
}

/** The type of `sum(x)`. */
export function sumType(type: SqlType): SqlType {
  switch (type.kind) {
    case "smallint":
    case "integer":
      return BIGINT;
    case "bigint":
      return decimalType(38, 0);
    case "decimal":
      return decimalType(Math.max(38, type.precision), type.scale);
    case "real":
      return REAL;
    case "double":
      return DOUBLE;
    default:
      return NUMERIC;
  }
}

/** The rounded sum of doubles; a sum of finite values beyond the range is an error. */
function doubleSum(sum: DoubleSum, type: SqlType): number {
  const total = sum.sum.value();
  const value = type.kind === "real" ? Math.fround(total) : total;
  if (!Number.isFinite(value) && !sum.sum.hasSpecial()) {
    throw numericOverflow("an overflow", "DOUBLE PRECISION");
  }
  return value;
}

function sumValue(state: AnySum, context: CallContext): Datum {
  if (state.sum.count === 0) return null;
  switch (state.kind) {
    case "whole":
      return context.resultType.kind === "bigint" ? checkedInteger(state.sum.sum, "bigint") : state.sum.sum;
    case "numeric":
      return state.sum.sum();
    case "double":
      return doubleSum(state.sum, context.resultType);
    case "interval":
      return state.sum.sum;
  }
}

function averageValue(state: AnySum): Datum {
  const { count } = state.sum;
  if (count === 0) return null;
  switch (state.kind) {
    case "whole":
      return divideNumeric(numericFromWhole(state.sum.sum, state.scale), numericFromWhole(count));
    case "numeric":
      return divideNumeric(state.sum.sum(), numericFromWhole(count));
    case "double":
      return averageOf(state.sum.sum, count);
    case "interval":
      return divideInterval(state.sum.sum, count);
  }
}

const SUM = aggregate<AnySum>({
  name: "sum",
  signatures: [
    { parameters: ["number"], returns: ([type]) => sumType(type!) },
    { parameters: ["interval"], returns: INTERVAL },
  ],
  init: initSum,
  add: addToSum,
  remove: removeFromSum,
  merge: mergeSums,
  value: sumValue,
});

const AVG = aggregate<AnySum>({
  name: "avg",
  signatures: [
    { parameters: ["number"], returns: numericUnlessFloat },
    { parameters: ["interval"], returns: INTERVAL },
  ],
  init: initSum,
  add: addToSum,
  remove: removeFromSum,
  merge: mergeSums,
  value: averageValue,
});

type Moments =
  | { readonly kind: "exact"; readonly type: SqlType; readonly sums: NumericSum }
  | { readonly kind: "double"; readonly type: SqlType; readonly sums: DoubleMoments };

interface VarianceOptions {
  /** Divide by n - 1 instead of n. */
  readonly sample: boolean;
  readonly root: boolean;
}

/** Exact sums of the values and of their squares. */
export interface ExactMoments {
  readonly count: number;
  readonly sum: Numeric;
  readonly squares: Numeric;
}

/** A variance of exact values; NULL for too few. */
function exactVariance({ count, sum, squares }: ExactMoments, options: VarianceOptions): Datum {
  if (count < (options.sample ? 2 : 1)) return null;
  const n = numericFromWhole(count);
  const numerator = subtractNumeric(multiplyNumeric(n, squares), multiplyNumeric(sum, sum));
  if (signOf(numerator) <= 0) return NUMERIC_ZERO;
  const denominator = multiplyNumeric(n, numericFromWhole(options.sample ? count - 1 : count));
  const scale = selectDivisionScale(numerator, denominator);
  const variance = divideToScale(numerator, denominator, scale);
  return options.root ? sqrtToScale(variance, scale) : variance;
}

function varianceValue(state: Moments, options: VarianceOptions): Datum {
  const { count } = state.sums;
  if (count < (options.sample ? 2 : 1)) return null;
  if (state.kind === "exact") {
    const { sums } = state;
    if (sums.special() !== undefined) return NUMERIC_NAN;
    return exactVariance({ count, sum: sums.sum(), squares: sums.squares() }, options);
  }
  const variance = Math.max(state.sums.sxx(options.sample ? count - 1 : count), 0);
  return options.root ? Math.sqrt(variance) : variance;
}

function variance(name: string, options: VarianceOptions): AggregateDefinition {
  const change = (state: Moments, value: Datum | undefined, sign: 1 | -1): void => {
    if (value === null || value === undefined) return;
    if (state.kind === "double") state.sums.change(numberToDouble(value, state.type), 0, sign);
    else if (sign === 1) state.sums.add(numberToNumeric(value, state.type));
    else state.sums.remove(numberToNumeric(value, state.type));
  };
  return aggregate<Moments>({
    name,
    signatures: [{ parameters: ["number"], returns: numericUnlessFloat }],
    init: (context) => {
      const type = argumentType(context, 0);
      return isFloat(type)
        ? { kind: "double", type, sums: new DoubleMoments() }
        : { kind: "exact", type, sums: new NumericSum() };
    },
    add: (state, [value]) => change(state, value, 1),
    remove: (state, [value]) => change(state, value, -1),
    merge: (state, other) => {
      if (state.kind === "double" && other.kind === "double") state.sums.merge(other.sums);
      else if (state.kind === "exact" && other.kind === "exact") state.sums.merge(other.sums);
    },
    value: (state) => varianceValue(state, options),
  });
}

const VARIANCES: Readonly<Record<string, VarianceOptions>> = {
  var_pop: { sample: false, root: false },
  var_samp: { sample: true, root: false },
  variance: { sample: true, root: false },
  stddev_pop: { sample: false, root: true },
  stddev_samp: { sample: true, root: true },
  stddev: { sample: true, root: true },
};

/** The aggregate `name` as a function of the moments of exact values; undefined when it is no variance. */
export function varianceCall(name: string): ((moments: ExactMoments) => Datum) | undefined {
  const options = VARIANCES[name];
  return options === undefined ? undefined : (moments) => exactVariance(moments, options);
}

/** Counts, sums, averages and variances. */
export const SUM_AGGREGATES: readonly AggregateDefinition[] = [
  COUNT,
  COUNT_IF,
  { ...COUNT_IF, name: "countif" },
  SUM,
  AVG,
  { ...AVG, name: "mean" },
  ...Object.entries(VARIANCES).map(([name, options]) => variance(name, options)),
];

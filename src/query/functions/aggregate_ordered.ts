/**
 * Ordered-set aggregates and their unordered relatives: percentiles, mode, median, quantiles, hypothetical
 * ranks, and the count of distinct values.
 *
 * An aggregate with `ordered` gets its rows in the order of WITHIN GROUP (ORDER BY ...), so a percentile
 * only picks by position. `median` and the quantiles of DuckDB sort for themselves.
 *
 * @module
 */
import { QueryError } from "../../base/error.ts";
import { arrayType, BIGINT, type Datum, DOUBLE, INTERVAL, type SqlType } from "../../storage/sql_type.ts";
import type { AggregateDefinition, AggregateSignature, CallContext } from "../function.ts";
import { aggregate } from "./aggregate_define.ts";
import { compareDatums, datumKey, numberToDouble } from "./compare.ts";
import { compareMixed } from "./comparison_operators.ts";
import { argumentType, asArray, asInterval } from "./datum.ts";
import { addIntervals, multiplyInterval, subtractIntervals } from "./interval_value.ts";
import { firstKnown } from "./signature.ts";

interface Values {
  readonly types: readonly SqlType[];
  readonly items: Datum[];
  /** The direct argument: a fraction, or an array of them. */
  direct: Datum;
}

function newValues(context: CallContext): Values {
  return { types: context.argumentTypes, items: [], direct: null };
}

function checkedFraction(fraction: number): number {
  if (!(fraction >= 0 && fraction <= 1)) {
    throw new QueryError("invalid-value", `Percentile must be between 0 and 1: received ${fraction}`, {
      details: { fraction },
      hint: "write 0.95 for the 95th percentile",
    });
  }
  return fraction;
}

/** Interpolates between two neighbours. */
function between(low: Datum, high: Datum, share: number, type: SqlType): Datum {
  if (type.kind === "interval") {
    if (share === 0) return low;
    const difference = subtractIntervals(asInterval(high), asInterval(low));
    return addIntervals(asInterval(low), multiplyInterval(difference, share));
  }
  const from = numberToDouble(low, type);
  const to = numberToDouble(high, type);
  return share === 0 || from === to ? from : from + (to - from) * share;
}

/** Values in order, none of them NULL. */
export interface OrderedItems {
  readonly length: number;
  /** The value at a place from 0 to `length - 1`. */
  at(place: number): Datum | undefined;
}

function continuous(items: OrderedItems, fraction: number, type: SqlType): Datum {
  const position = checkedFraction(fraction) * (items.length - 1);
  const index = Math.floor(position);
  const low = items.at(index)!;
  const share = position - index;
  return between(low, share === 0 ? low : items.at(Math.ceil(position))!, share, type);
}

function discrete(items: OrderedItems, fraction: number): Datum {
  const index = Math.ceil(checkedFraction(fraction) * items.length);
  return items.at(Math.max(0, index - 1))!;
}

type Pick = (items: OrderedItems, fraction: number, type: SqlType) => Datum;

/** One percentile for a fraction, an array of them for an array. */
function pickAll(
  items: OrderedItems,
  direct: Datum,
  directType: SqlType,
  pick: (fraction: number) => Datum,
): Datum {
  if (direct === null || items.length === 0) return null;
  if (directType.kind !== "array") return pick(numberToDouble(direct, directType));
  const { element } = directType;
  const each = (fraction: Datum): Datum =>
    fraction === null
      ? null
      : Array.isArray(fraction)
      ? fraction.map(each)
      : pick(numberToDouble(fraction, element));
  return asArray(direct).map(each);
}

function percentile(
  name: string,
  signatures: readonly AggregateSignature[],
  pick: Pick,
): AggregateDefinition {
  return aggregate<Values>({
    name,
    ordered: true,
    signatures,
    init: newValues,
    add: (state, [direct = null, value = null]) => {
      state.direct = direct;
      if (value !== null) state.items.push(value);
    },
    value: (state) => {
      const type = state.types[1]!;
      return pickAll(
        state.items,
        state.direct,
        state.types[0]!,
        (fraction) => pick(state.items, fraction, type),
      );
    },
  });
}

const second = ([, type]: readonly SqlType[]): SqlType => type!;
const arrayOfSecond = ([, type]: readonly SqlType[]): SqlType => arrayType(type!);

const CONTINUOUS: readonly AggregateSignature[] = [
  { parameters: ["number", "number"], returns: DOUBLE },
  { parameters: ["number", "interval"], returns: INTERVAL },
  { parameters: ["array", "number"], returns: arrayType(DOUBLE) },
  { parameters: ["array", "interval"], returns: arrayType(INTERVAL) },
];

const DISCRETE: readonly AggregateSignature[] = [
  { parameters: ["number", "any"], returns: second },
  { parameters: ["array", "any"], returns: arrayOfSecond },
];

/** The most frequent value; of several the one that comes first. */
const MODE = aggregate<Values>({
  name: "mode",
  ordered: true,
  signatures: [{ parameters: ["any"], returns: firstKnown }],
  init: newValues,
  add: (state, [value = null]) => {
    if (value !== null) state.items.push(value);
  },
  value: (state) => {
    const counts = new Map<string | number | bigint, number>();
    let best: Datum = null;
    let bestCount = 0;
    for (const item of state.items) {
      const key = datumKey(item, state.types[0]!);
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    for (const item of state.items) {
      const count = counts.get(datumKey(item, state.types[0]!))!;
      if (count > bestCount) [best, bestCount] = [item, count];
    }
    return best;
  },
});

/** Sorts for itself; `args` are the value and, but for the median, the fraction. */
function quantile(name: string, signatures: readonly AggregateSignature[], pick: Pick): AggregateDefinition {
  return aggregate<Values>({
    name,
    signatures,
    init: newValues,
    add: (state, [value = null, direct = 0.5]) => {
      state.direct = direct;
      if (value !== null) state.items.push(value);
    },
    merge: (state, other) => {
      if (other.direct !== null) state.direct = other.direct;
      for (const item of other.items) state.items.push(item);
    },
    value: (state) => {
      const type = state.types[0]!;
      const sorted = state.items.toSorted((a, b) => compareDatums(a, b, type));
      return pickAll(
        sorted,
        state.direct,
        state.types[1] ?? DOUBLE,
        (fraction) => pick(sorted, fraction, type),
      );
    },
  });
}

const MEDIAN: readonly AggregateSignature[] = [
  { parameters: ["number"], returns: DOUBLE },
  { parameters: ["interval"], returns: INTERVAL },
];

const QUANTILE_CONTINUOUS: readonly AggregateSignature[] = [
  { parameters: ["number", "number"], returns: DOUBLE },
  { parameters: ["interval", "number"], returns: INTERVAL },
  { parameters: ["number", "array"], returns: arrayType(DOUBLE) },
];

const QUANTILE_DISCRETE: readonly AggregateSignature[] = [
  { parameters: ["any", "number"], returns: ([type]) => type! },
  { parameters: ["any", "array"], returns: ([type]) => arrayType(type!) },
];

/** Where a hypothetical row stands: rows before and rows equal to it, in the order in which rows come. */
export interface Standing {
  readonly before: number;
  readonly equal: number;
  /** Values that rows before it have. */
  readonly distinctBefore: number;
  readonly count: number;
}

function standing(state: Values): Standing {
  const type = state.types[1] ?? state.types[0]!;
  const first = state.items.find((item) => item !== null);
  const last = state.items.findLast((item) => item !== null);
  const descending = first !== undefined && last !== undefined &&
    compareDatums(first, last, type) > 0;
  let before = 0;
  let equal = 0;
  let distinctBefore = 0;
  state.items.forEach((item, i) => {
    const order = hypotheticalOrder(item, state.direct, state.types) * (descending ? -1 : 1);
    if (order === 0) equal++;
    if (order >= 0) return;
    before++;
    if (i === 0 || compareDatums(state.items[i - 1]!, item, type) !== 0) distinctBefore++;
  });
  return { before, equal, distinctBefore, count: state.items.length };
}

/** Order of a value against that of the hypothetical row, both ascending; `types`: first that of the latter. */
export function hypotheticalOrder(item: Datum, direct: Datum, types: readonly SqlType[]): number {
  if (item === null || direct === null) return (item === null ? 1 : 0) - (direct === null ? 1 : 0);
  return compareMixed(item, types[1] ?? types[0]!, direct, types[0]!);
}

function hypothetical(
  name: string,
  returns: SqlType,
  value: (place: Standing) => number,
): AggregateDefinition {
  return aggregate<Values>({
    name,
    ordered: true,
    signatures: [{ parameters: ["any", "any"], returns }],
    init: newValues,
    add: (state, [direct = null, item = null]) => {
      state.direct = direct;
      state.items.push(item);
    },
    value: (state) => value(standing(state)),
  });
}

interface Distinct {
  readonly type: SqlType;
  readonly counts: Map<string | number | bigint, number>;
}

function changeCount(state: Distinct, key: string | number | bigint, by: number): void {
  const count = (state.counts.get(key) ?? 0) + by;
  if (count === 0) state.counts.delete(key);
  else state.counts.set(key, count);
}

/** Exact for now, so well within any promised error. */
const APPROXIMATE_COUNT = aggregate<Distinct>({
  name: "approx_count_distinct",
  signatures: [{ parameters: ["any"], returns: BIGINT }],
  init: (context) => ({ type: argumentType(context, 0), counts: new Map() }),
  add: (state, [value = null]) => {
    if (value !== null) changeCount(state, datumKey(value, state.type), 1);
  },
  remove: (state, [value = null]) => {
    if (value !== null) changeCount(state, datumKey(value, state.type), -1);
  },
  merge: (state, other) => {
    for (const [key, count] of other.counts) changeCount(state, key, count);
  },
  value: (state) => state.counts.size,
});

const HYPOTHETICAL: Readonly<Record<string, readonly [SqlType, (place: Standing) => number]>> = {
  rank: [BIGINT, ({ before }) => before + 1],
  dense_rank: [BIGINT, ({ distinctBefore }) => distinctBefore + 1],
  percent_rank: [DOUBLE, ({ before, count }) => count === 0 ? 0 : before / count],
  cume_dist: [DOUBLE, ({ before, equal, count }) => (before + equal + 1) / (count + 1)],
};

/** The hypothetical rank `name` as a function of where the row stands; undefined when it is none. */
export function hypotheticalCall(name: string): ((place: Standing) => number) | undefined {
  return HYPOTHETICAL[name]?.[1];
}

interface PercentileForm {
  /** WITHIN GROUP: the fraction comes before the value. */
  readonly within: boolean;
  readonly pick: Pick;
}

const PERCENTILE_FORMS: Readonly<Record<string, PercentileForm>> = {
  percentile_cont: { within: true, pick: continuous },
  percentile_disc: { within: true, pick: discrete },
  median: { within: false, pick: continuous },
  quantile_cont: { within: false, pick: continuous },
  approx_percentile: { within: false, pick: continuous },
  approx_quantile: { within: false, pick: continuous },
  quantile_disc: { within: false, pick: discrete },
  quantile: { within: false, pick: discrete },
};

/** A percentile as a function of the values in order. */
export interface PercentileCall {
  /** Which of the arguments is the value. */
  readonly valuePosition: 0 | 1;
  /** Which of the arguments is the fraction, -1 for none: one half. */
  readonly directPosition: -1 | 0 | 1;
  /** The percentile of `items`, whose type is that of the value; `direct` is a fraction or an array of them. */
  pick(items: OrderedItems, direct: Datum): Datum;
}

/** How the aggregate `name` picks from the values in order; undefined when it is no percentile. */
export function percentileCall(name: string, types: readonly SqlType[]): PercentileCall | undefined {
  const form = PERCENTILE_FORMS[name];
  if (form === undefined) return undefined;
  const valuePosition = form.within ? 1 : 0;
  const directPosition = form.within ? 0 : types.length > 1 ? 1 : -1;
  const type = types[valuePosition]!;
  const directType = types[directPosition] ?? DOUBLE;
  return {
    valuePosition,
    directPosition,
    pick: (items, direct) =>
      pickAll(items, direct, directType, (fraction) => form.pick(items, fraction, type)),
  };
}

/** Ordered-set aggregates and quantiles. */
export const ORDERED_AGGREGATES: readonly AggregateDefinition[] = [
  percentile("percentile_cont", CONTINUOUS, continuous),
  percentile("percentile_disc", DISCRETE, discrete),
  MODE,
  quantile("median", MEDIAN, continuous),
  quantile("quantile_cont", QUANTILE_CONTINUOUS, continuous),
  quantile("approx_percentile", QUANTILE_CONTINUOUS, continuous),
  quantile("approx_quantile", QUANTILE_CONTINUOUS, continuous),
  quantile("quantile_disc", QUANTILE_DISCRETE, discrete),
  quantile("quantile", QUANTILE_DISCRETE, discrete),
  ...Object.entries(HYPOTHETICAL).map(([name, [returns, value]]) => hypothetical(name, returns, value)),
  APPROXIMATE_COUNT,
  { ...APPROXIMATE_COUNT, name: "approx_distinct" },
  { ...APPROXIMATE_COUNT, name: "hll" },
];

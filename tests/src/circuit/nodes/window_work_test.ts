/**
 * What a one-row change costs in a window: rows that are looked at against rows whose values change, for every
 * function and class of frames, in partitions of two sizes.
 */
import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import type { WeightedRow } from "../../../../src/circuit/zset.ts";
import type { Datum } from "../../../../src/storage/sql_type.ts";
import { environment } from "../../exec/operators/plan_run.ts";
import { CircuitTrial, come, go } from "./circuit_trial.ts";

const TABLES = {
  t: "id integer key, n integer, x integer, y integer, f boolean, s text, d double precision",
};
const SIZES = [1000, 10_000];

/** How an aggregate is kept up to date where frames are unbounded. */
type Method =
  /** Its value tells when it is as before; so does a row that does not count. */
  | "total"
  /** Its states are merged, and its value does not tell: all rows behind a change. */
  | "merged"
  /** Neither: the whole partition. */
  | "none";

/** Every aggregate that can be a window function: how, and a call. */
const AGGREGATES: Readonly<Record<string, readonly [Method, string]>> = {
  any_value: ["none", "any_value(x)"],
  approx_count_distinct: ["merged", "approx_count_distinct(x)"],
  approx_distinct: ["merged", "approx_distinct(x)"],
  approx_percentile: ["none", "approx_percentile(x, 0.5)"],
  approx_quantile: ["none", "approx_quantile(x, 0.5)"],
  arg_max: ["none", "arg_max(s, x)"],
  arg_min: ["none", "arg_min(s, x)"],
  array_agg: ["none", "array_agg(x)"],
  avg: ["merged", "avg(x)"],
  bit_and: ["merged", "bit_and(x)"],
  bit_or: ["merged", "bit_or(x)"],
  bit_xor: ["merged", "bit_xor(x)"],
  bool_and: ["merged", "bool_and(f)"],
  bool_or: ["merged", "bool_or(f)"],
  booland_agg: ["merged", "booland_agg(f)"],
  boolor_agg: ["merged", "boolor_agg(f)"],
  corr: ["merged", "corr(x, y)"],
  count: ["total", "count(x)"],
  count_if: ["merged", "count_if(f)"],
  countif: ["merged", "countif(f)"],
  covar_pop: ["merged", "covar_pop(x, y)"],
  covar_samp: ["merged", "covar_samp(x, y)"],
  every: ["merged", "every(f)"],
  first: ["none", "first(x)"],
  group_concat: ["none", "group_concat(s)"],
  hll: ["merged", "hll(x)"],
  json_agg: ["none", "json_agg(x)"],
  json_object_agg: ["none", "json_object_agg(s, x)"],
  jsonb_agg: ["none", "jsonb_agg(x)"],
  jsonb_object_agg: ["none", "jsonb_object_agg(s, x)"],
  last: ["none", "last(x)"],
  list: ["none", "list(x)"],
  listagg: ["none", "listagg(s)"],
  max: ["total", "max(x)"],
  max_by: ["none", "max_by(s, x)"],
  mean: ["merged", "mean(x)"],
  median: ["none", "median(x)"],
  min: ["total", "min(x)"],
  min_by: ["none", "min_by(s, x)"],
  quantile: ["none", "quantile(x, 0.5)"],
  quantile_cont: ["none", "quantile_cont(x, 0.5)"],
  quantile_disc: ["none", "quantile_disc(x, 0.5)"],
  regr_avgx: ["merged", "regr_avgx(x, y)"],
  regr_avgy: ["merged", "regr_avgy(x, y)"],
  regr_count: ["merged", "regr_count(x, y)"],
  regr_intercept: ["merged", "regr_intercept(x, y)"],
  regr_r2: ["merged", "regr_r2(x, y)"],
  regr_slope: ["merged", "regr_slope(x, y)"],
  regr_sxx: ["merged", "regr_sxx(x, y)"],
  regr_sxy: ["merged", "regr_sxy(x, y)"],
  regr_syy: ["merged", "regr_syy(x, y)"],
  stddev: ["merged", "stddev(x)"],
  stddev_pop: ["merged", "stddev_pop(x)"],
  stddev_samp: ["merged", "stddev_samp(x)"],
  string_agg: ["none", "string_agg(s, ',')"],
  sum: ["total", "sum(x)"],
  var_pop: ["merged", "var_pop(x)"],
  var_samp: ["merged", "var_samp(x)"],
  variance: ["merged", "variance(x)"],
};

/** Aggregates that are none over windows: they have an order of their own. */
const ORDERED = [
  "cume_dist",
  "dense_rank",
  "mode",
  "percent_rank",
  "percentile_cont",
  "percentile_disc",
  "rank",
];

const MOVING: Readonly<Record<string, string>> = {
  rows: "ROWS BETWEEN 3 PRECEDING AND 2 FOLLOWING",
  "rows before": "ROWS BETWEEN 4 PRECEDING AND 2 PRECEDING",
  groups: "GROUPS BETWEEN 2 PRECEDING AND 1 FOLLOWING",
  range: "RANGE BETWEEN 40 PRECEDING AND 20 FOLLOWING",
  "rows without the current one": "ROWS BETWEEN 3 PRECEDING AND 2 FOLLOWING EXCLUDE CURRENT ROW",
  "groups without ties": "GROUPS BETWEEN 2 PRECEDING AND 1 FOLLOWING EXCLUDE TIES",
};
const FORWARD: Readonly<Record<string, string>> = {
  "rows up to the current one": "ROWS UNBOUNDED PRECEDING",
  "rows up to one before": "ROWS BETWEEN UNBOUNDED PRECEDING AND 3 PRECEDING",
  "rows up to one behind": "ROWS BETWEEN UNBOUNDED PRECEDING AND 3 FOLLOWING",
  "groups up to one behind": "GROUPS BETWEEN UNBOUNDED PRECEDING AND 2 FOLLOWING",
  "range up to the current row": "RANGE UNBOUNDED PRECEDING",
  "range up to a key behind": "RANGE BETWEEN UNBOUNDED PRECEDING AND 30 FOLLOWING",
};
const BACKWARD: Readonly<Record<string, string>> = {
  "rows from the current one on": "ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING",
  "rows from one before on": "ROWS BETWEEN 3 PRECEDING AND UNBOUNDED FOLLOWING",
  "rows from one behind on": "ROWS BETWEEN 3 FOLLOWING AND UNBOUNDED FOLLOWING",
  "groups from one before on": "GROUPS BETWEEN 2 PRECEDING AND UNBOUNDED FOLLOWING",
  "range from a key behind on": "RANGE BETWEEN 30 FOLLOWING AND UNBOUNDED FOLLOWING",
};
const WHOLE = "ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING";

/** Every window function that is no aggregate: calls, each with the frames to try. */
const PLAIN: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  row_number: { "row_number()": [""] },
  rank: { "rank()": [""] },
  dense_rank: { "dense_rank()": [""] },
  percent_rank: { "percent_rank()": [""] },
  cume_dist: { "cume_dist()": [""] },
  ntile: { "ntile(4)": [""], "ntile(100)": [""] },
  lag: {
    "lag(x)": [""],
    "lag(x, 3) IGNORE NULLS": [""],
    "lag(x, y % 5)": [""],
    "lag(x, 2, 7)": [""],
  },
  lead: { "lead(x)": [""], "lead(x, 2, 7) IGNORE NULLS": [""], "lead(x, y % 5)": [""] },
  first_value: edges("first_value(x)"),
  last_value: edges("last_value(x)"),
  nth_value: edges("nth_value(x, 3)"),
};

function edges(call: string): Readonly<Record<string, readonly string[]>> {
  const { rows, groups, range } = MOVING;
  const unbounded = [...Object.values(FORWARD), ...Object.values(BACKWARD), WHOLE];
  return { [call]: unbounded, [`${call} IGNORE NULLS`]: [rows!, groups!, range!, ...unbounded] };
}

/** Rows with keys 10, 20, ... in one partition; a third has no value. */
function rowOf(id: number, n = id * 10): Datum[] {
  const mixed = id * 7919 % 10_007;
  return [id, n, mixed % 3 === 0 ? null : mixed, mixed % 11, mixed % 2 === 0, `s${mixed}`, mixed / 8];
}

/** Changes of one row at a place, each of a table as it was. */
function changesAt(place: number): readonly (readonly WeightedRow[])[] {
  const row = rowOf(place);
  const fresh = rowOf(200_000 + place, place * 10 + 5);
  return [
    come(fresh),
    come(fresh.with(2, null)),
    go(row),
    [...go(row), ...come(row.with(2, 5000))],
    [...go(row), ...come(row.with(2, null))],
    // It moves by some rows.
    [...go(row), ...come(row.with(1, place * 10 + 73))],
  ];
}

/** For each change at these places, and back: rows that were looked at, and rows that have other values. */
function work(calls: readonly string[], frame: string, size: number, places: readonly number[]) {
  const over = `OVER (ORDER BY n ${frame})`;
  const list = calls.map((call) => `${call} ${over}`).join(", ");
  const trial = new CircuitTrial(`SELECT id, ${list} FROM t`, TABLES);
  trial.apply({ t: come(...Array.from({ length: size }, (_, id) => rowOf(id))) });
  const done: { readonly examined: number; readonly changed: number }[] = [];
  for (const change of places.flatMap(changesAt)) {
    const back = change.map(({ row, weight }) => ({ row, weight: -weight }));
    for (const rows of [change, back]) {
      const examined = trial.apply({ t: rows });
      done.push({ examined, changed: trial.last.length });
    }
  }
  if (size === SIZES[0]) assertEquals(trial.maintained(), trial.queried());
  return done;
}

/** Where changes are made: in the middle, or near an end. */
const MIDDLE = (size: number): number[] => [size >> 1];
const AT_END = (size: number): number[] => [size - 40];
const AT_START = (): number[] => [40];
const ANYWHERE = (size: number): number[] => [40, size >> 1, size - 40];

/** Requires that each change looks at few rows besides those that change, or are behind it. */
function assertBounded(
  calls: readonly string[],
  frame: string,
  where: (size: number) => number[],
  behind = 0,
) {
  for (const size of SIZES) {
    for (const { examined, changed } of work(calls, frame, size, where(size))) {
      const most = calls.length * (220 + 4 * Math.max(changed, behind));
      assert(examined <= most, `${calls} ${frame} of ${size}: ${examined} rows for ${changed} that change`);
    }
  }
}

function callsOf(method: Method): string[] {
  return Object.values(AGGREGATES).filter(([known]) => known === method).map(([, call]) => call);
}

describe("work of window functions", () => {
  it("is told for every function", () => {
    const { functions } = environment([]);
    assertEquals(Object.keys(PLAIN).sort(), [...functions.names("window")].sort());
    assertEquals([...Object.keys(AGGREGATES), ...ORDERED].sort(), [...functions.names("aggregate")].sort());
  });

  for (const calls of Object.values(PLAIN)) {
    for (const [call, frames] of Object.entries(calls)) {
      it(`${call}: bounded by the rows that change`, () => {
        for (const frame of frames) assertBounded([call], frame, ANYWHERE);
      });
    }
  }

  for (const [i, [name, frame]] of Object.entries(MOVING).entries()) {
    it(`aggregates over ${name}: bounded by the frame`, () => {
      for (const method of ["total", "merged", "none"] as const) {
        assertBounded(callsOf(method).slice(0, i === 0 ? Infinity : 3), frame, MIDDLE);
      }
    });
  }

  for (const [name, frame] of Object.entries({ ...FORWARD, ...BACKWARD, "the whole partition": WHOLE })) {
    it(`totals over ${name}: bounded by the rows that change`, () => {
      for (const call of callsOf("total")) assertBounded([call], frame, MIDDLE);
    });
  }

  for (const [frames, where] of [[FORWARD, AT_END], [BACKWARD, AT_START]] as const) {
    for (const [i, [name, frame]] of Object.entries(frames).entries()) {
      it(`merged aggregates over ${name}: bounded by the rows behind`, () => {
        assertBounded(callsOf("merged").slice(0, i === 0 ? Infinity : 3), frame, where, 45);
      });
    }
  }

  it("merged aggregates over the whole partition: bounded by the rows that change", () => {
    assertBounded(callsOf("merged"), WHOLE, MIDDLE);
  });
});

/**
 * Vega's bins in SQL: a step that is a nice number, found from the extent of the values, and the bin of a value.
 *
 * The extent is a query of one row; the steps of the algorithm are columns of that row, each computed from the
 * one before, so that the logarithms are taken once and not for each row. What comes out agrees with Vega to the
 * last bit, for the operations and their order are the same.
 *
 * ```
 * rows ──► min, max ──► span ──► step ──► start, stop     (one row)
 *  └───────────────────────────────┴────► start + step * floor((value - start) / step)
 * ```
 *
 * @module
 */
import { call, literal, type Operand, Scalar } from "../../src/query/builder.ts";
import { DOUBLE } from "../../src/storage/sql_type.ts";
import { columnNamed, type PipelineItem, type QueryPipeline } from "./query_pipeline.ts";
import { cast } from "./time_unit.ts";

/** Vega's options; see its documentation of the bin transform. */
export interface BinOptions {
  readonly maxbins?: number;
  readonly base?: number;
  readonly divide?: readonly number[];
  readonly extent?: readonly [number, number];
  readonly step?: number;
  readonly steps?: readonly number[];
  readonly minstep?: number;
  readonly nice?: boolean;
  readonly anchor?: number;
}

/** Names of the columns that {@linkcode withBins} adds. */
export interface BinColumns {
  /** First and last value of each bin; NULL outside of the extent. */
  readonly start: string;
  readonly end: string;
  /** The same for all rows: first value of the first bin, last value of the last, size of a bin. */
  readonly first: string;
  readonly last: string;
  readonly step: string;
}

/** Absorbs rounding at the edge of a bin; Vega's constant. */
const EPSILON = 1e-14;

/** Adds the bin of the column `field` to each row; the extent is that of `rows`, by default of the same. */
export function withBins(
  pipeline: QueryPipeline,
  field: string,
  options: BinOptions & { readonly rows?: QueryPipeline | undefined },
  columns: BinColumns,
): QueryPipeline {
  const value = double(columnNamed(field));
  const extent: QueryPipeline = options.extent === undefined
    ? (options.rows ?? pipeline).aggregate([], [
      item("low", call("min", value)),
      item("high", call("max", value)),
    ])
    : oneRow(pipeline, options.extent);
  const bins = binsOf(extent, options, columns);
  const binned = pipeline.cross(bins).derive([item(columns.start, binStart(value, columns))]);
  const [start, first, step] = [columns.start, columns.first, columns.step].map(columnNamed) as [
    Scalar,
    Scalar,
    Scalar,
  ];
  return binned.derive([
    item(columns.end, first.plus(step.times(double(1).plus(start.minus(first).dividedBy(step))))),
  ]);
}

/** One row with an extent that is known beforehand. */
function oneRow(pipeline: QueryPipeline, extent: readonly [number, number]): QueryPipeline {
  return pipeline.aggregate([], [item("n", call("count", literal(1)))])
    .derive([item("low", double(literal(extent[0]))), item("high", double(literal(extent[1])))]);
}

function binsOf(extent: QueryPipeline, options: BinOptions, columns: BinColumns): QueryPipeline {
  const { base = 10, maxbins = 20, nice = true, anchor } = options;
  const [low, high, span, step] = ["low", "high", "span", "step"].map(columnNamed) as [
    Scalar,
    Scalar,
    Scalar,
    Scalar,
  ];
  let row = extent.derive([
    item(
      "span",
      call(
        "coalesce",
        call("nullif", high.minus(low), double(0)),
        call("nullif", call("abs", low), double(0)),
        double(1),
      ),
    ),
  ]);
  const setStep = (value: Scalar) => {
    row = row.derive([item("step", value)]);
  };
  if (options.step !== undefined) {
    setStep(double(literal(options.step)));
  } else if (options.steps !== undefined && options.steps.length > 0) {
    const wanted = span.dividedBy(double(maxbins));
    const last = Math.max(0, options.steps.length - 1);
    const branches = options.steps.map((size, i) =>
      [double(size).gte(wanted), double(options.steps![Math.max(0, i - 1)]!)] as const
    );
    setStep(double(choose(branches, double(options.steps[last]!))));
  } else {
    const minstep = options.minstep ?? 0;
    const level = Math.ceil(Math.log(maxbins) / Math.log(base));
    const magnitude = call("floor", call("ln", span).dividedBy(double(Math.log(base))).plus(double(0.5)));
    setStep(call("greatest", double(minstep), call("power", double(base), magnitude.minus(double(level)))));
    // The first step is at most base^1.5 too small, so Vega's loop runs twice at most; once more costs nothing.
    for (let i = 0; i < 3; i++) {
      const tooMany = call("ceil", span.dividedBy(step)).gt(double(maxbins));
      setStep(choose([[tooMany, step.times(double(base))]], step));
    }
    for (const divisor of options.divide ?? [5, 2]) {
      const smaller = step.dividedBy(double(divisor));
      const fits = smaller.gte(double(minstep)).and(span.dividedBy(smaller).lte(double(maxbins)));
      setStep(choose([[fits, smaller]], step));
    }
  }
  if (nice) {
    const digits = call("trunc", call("ln", step).times(-1).dividedBy(double(Math.log(base)))).plus(
      double(1),
    );
    const precision = choose([[call("ln", step).gte(double(0)), double(0)]], digits);
    const epsilon = call("power", double(base), precision.times(double(-1)).minus(double(1)));
    row = row.derive([
      item("floor", call("floor", low.dividedBy(step).plus(epsilon)).times(step)),
      item("high", call("ceil", high.dividedBy(step)).times(step)),
    ]);
    const floor = columnNamed("floor");
    row = row.derive([item("low", choose([[low.lt(floor), floor.minus(step)]], floor))]);
  }
  row = row.derive([item("high", choose([[high.eq(low), low.plus(step)]], high))]);
  row = row.derive([item("high", low.plus(call("ceil", high.minus(low).dividedBy(step)).times(step)))]);
  if (anchor !== undefined) {
    const shift = double(anchor).minus(
      low.plus(step.times(call("floor", double(anchor).minus(low).dividedBy(step)))),
    );
    row = row.derive([item("low", low.plus(shift)), item("high", high.plus(shift))]);
  }
  return row.select([
    { name: "low", as: columns.first },
    { name: "high", as: columns.last },
    { name: "step", as: columns.step },
  ]);
}

function binStart(value: Scalar, columns: BinColumns): Scalar {
  const [first, last, step] = [columns.first, columns.last, columns.step].map(columnNamed) as [
    Scalar,
    Scalar,
    Scalar,
  ];
  const inside = call("greatest", first, call("least", value, last.minus(step)));
  const start = first.plus(
    step.times(call("floor", double(EPSILON).plus(inside.minus(first).dividedBy(step)))),
  );
  return choose([[value.between(first, last), start]]);
}

function item(name: string, value: Scalar): PipelineItem {
  return { name, value, type: DOUBLE };
}

/** Numbers of the spec stay bare: next to a DOUBLE they become one. */
function double(value: Operand): Scalar {
  return value instanceof Scalar ? cast(value, "double precision") : literal(value);
}

/** CASE WHEN. */
export function choose(branches: readonly (readonly [Scalar, Scalar])[], otherwise?: Scalar): Scalar {
  return new Scalar({
    kind: "case",
    branches: branches.map(([when, then]) => ({ when: when.expression, then: then.expression })),
    ...(otherwise === undefined ? {} : { otherwise: otherwise.expression }),
  });
}

/**
 * Vega's aggregate operations as SQL.
 *
 * NULL counts as missing in both, and so does the empty text in Vega. `ci0` and `ci1` are bootstrap estimates
 * from random samples, `values` keeps whole rows and `exponential` depends on the order of rows: they stay with
 * Vega.
 *
 * @module
 */
import { call, literal, Scalar } from "../../src/query/builder.ts";
import { BIGINT, DOUBLE, type SqlType } from "../../src/storage/sql_type.ts";
import { choose } from "../charts/bin.ts";
import type { PipelineItem, QueryPipeline } from "../charts/query_pipeline.ts";
import { cast } from "../charts/time_unit.ts";
import { columnOfField } from "./field_name.ts";
import { isSpec, pointer, unsupported } from "./spec_shape.ts";

/** Operations whose results lie within the extent of the values. */
export const EXTENT_OPERATIONS: ReadonlySet<string> = new Set([
  "mean",
  "average",
  "median",
  "q1",
  "q3",
  "min",
  "max",
]);

/** Operations that count. */
export const COUNTING_OPERATIONS: ReadonlySet<string> = new Set(["count", "valid", "missing", "distinct"]);

/** What an aggregate of a spec asks for: `"mean"`, or the value of `field` where `by` is least or greatest. */
export type AggregateOperation =
  | { readonly kind: "plain"; readonly name: string }
  | { readonly kind: "argmin" | "argmax"; readonly by: string };

/** Reads the `aggregate` of a field, or the `op` of a transform. */
export function readOperation(value: unknown, path: string): AggregateOperation {
  if (typeof value === "string") return { kind: "plain", name: value };
  if (isSpec(value)) {
    for (const kind of ["argmin", "argmax"] as const) {
      const by = value[kind];
      if (typeof by === "string") return { kind, by };
    }
  }
  throw unsupported(path, `There is no aggregate ${JSON.stringify(value)} in the engine`);
}

/**
 * The measure `operation` of the field `field`, as an item named `name`.
 *
 * @throws {QueryError} `unsupported`, `unknown-column`
 */
export function measureItem(
  pipeline: QueryPipeline,
  measure: {
    readonly operation: AggregateOperation;
    readonly field: string | undefined;
    readonly name: string;
  },
  path: string,
): PipelineItem {
  const { operation, field, name } = measure;
  if (operation.kind === "plain" && operation.name === "count") {
    return { name, value: countAll(), type: BIGINT };
  }
  if (field === undefined) throw unsupported(path, "The aggregate has no field");
  const fieldPath = pointer(path, "field");
  const column = columnOfField(field, fieldPath);
  const value = pipeline.column(column, fieldPath);
  const type = pipeline.typeOf(column);
  if (operation.kind === "plain") {
    return { name, ...plainMeasure(operation.name, value, type, pointer(path, "aggregate")) };
  }
  const byPath = pointer(path, "aggregate", operation.kind);
  const by = pipeline.column(columnOfField(operation.by, byPath), byPath);
  return { name, value: call(operation.kind === "argmin" ? "arg_min" : "arg_max", value, by), type };
}

function plainMeasure(
  name: string,
  column: Scalar,
  type: SqlType | undefined,
  path: string,
): { readonly value: Scalar; readonly type: SqlType | undefined } {
  const present = type?.kind === "text" ? call("nullif", column, "") : column;
  const counted = (value: Scalar) => ({ value, type: BIGINT });
  switch (name) {
    case "valid":
      return counted(call("count", present));
    case "missing":
      return counted(countAll().minus(call("count", present)));
    case "distinct": {
      const nulls = choose([[countAll().gt(call("count", column)), literal(1)]], literal(0));
      return counted(distinctCount(column).plus(nulls));
    }
    case "min":
    case "max":
      return { value: call(name, column), type };
    default: {
      const compute = Object.hasOwn(NUMERIC, name) ? NUMERIC[name] : undefined;
      if (compute === undefined) {
        throw unsupported(path, REASONS[name] ?? `There is no aggregate ${name} in the engine`);
      }
      return { value: compute(numberColumn(column, type, path)), type: DOUBLE };
    }
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ci0: "Bootstrap confidence intervals are random: they are made in the browser, from raw rows",
  ci1: "Bootstrap confidence intervals are random: they are made in the browser, from raw rows",
  values: "The aggregate values keeps whole rows: it is made in the browser",
};

const NUMERIC: Readonly<Record<string, (x: Scalar) => Scalar>> = {
  sum: (x) => call("sum", x),
  mean: (x) => call("avg", x),
  average: (x) => call("avg", x),
  median: (x) => percentile(0.5, x),
  q1: (x) => percentile(0.25, x),
  q3: (x) => percentile(0.75, x),
  stdev: (x) => call("stddev_samp", x),
  stdevp: (x) => call("stddev_pop", x),
  variance: (x) => call("var_samp", x),
  variancep: (x) => call("var_pop", x),
  stderr: (x) => double(call("stddev_samp", x)).dividedBy(call("sqrt", double(call("count", x)))),
  product,
};

/** By logarithms, for SQL has no product: right to about 14 digits. */
function product(x: Scalar): Scalar {
  const magnitude = call("exp", call("sum", call("ln", call("abs", call("nullif", double(x), 0)))));
  const negative = new Scalar({
    kind: "binary",
    operator: "%",
    left: countWhere(x.lt(0)).expression,
    right: literal(2).expression,
  });
  return choose([
    [countWhere(x.eq(0)).gt(0), double(literal(0))],
    [negative.eq(1), literal(0).minus(magnitude)],
  ], magnitude);
}

function countWhere(condition: Scalar): Scalar {
  return call("count", choose([[condition, literal(1)]]));
}

function numberColumn(column: Scalar, type: SqlType | undefined, path: string): Scalar {
  switch (type?.kind) {
    case "text":
      return cast(column, "double precision", true);
    case "boolean":
      return cast(column, "integer");
    case "date":
    case "time":
    case "timestamp":
    case "timestamptz":
    case "json":
    case "array":
      throw unsupported(path, `The aggregate wants numbers: the column has type ${type.kind}`);
    default:
      return column;
  }
}

/** Vega's quartiles interpolate as percentile_cont does. */
function percentile(fraction: number, value: Scalar): Scalar {
  return new Scalar({
    kind: "call",
    name: [{ name: "percentile_cont" }],
    arguments: [{ value: literal(fraction).expression }],
    withinGroup: [{ expression: double(value).expression }],
  });
}

/** `count(*)`. */
export function countAll(): Scalar {
  return new Scalar({ kind: "call", name: [{ name: "count" }], arguments: [], star: true });
}

function distinctCount(value: Scalar): Scalar {
  return new Scalar({
    kind: "call",
    name: [{ name: "count" }],
    arguments: [{ value: value.expression }],
    distinct: true,
  });
}

function double(value: Scalar): Scalar {
  return cast(value, "double precision");
}

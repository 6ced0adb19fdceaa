/**
 * Transforms of a spec as steps of a query, one after the other, until one that the engine does not have.
 *
 * ```
 * filter ─► calculate ─► loess ─► aggregate
 * └──── engine ─────┘   └─ stay in the spec ─┘
 * ```
 *
 * @module
 */
import { QueryError } from "../../src/base/error.ts";
import { BOOLEAN, DOUBLE, type SqlType, TEXT, TIMESTAMP } from "../../src/storage/sql_type.ts";
import { withBins } from "../charts/bin.ts";
import type { UnsupportedPart } from "../charts/chart_kind.ts";
import type { QueryPipeline } from "../charts/query_pipeline.ts";
import { measureItem, readOperation } from "./aggregate.ts";
import { readBinOptions } from "./bin_field.ts";
import { translateExpression } from "./expression_sql.ts";
import { columnOfField, normalBin } from "./field_name.ts";
import { predicateCondition } from "./predicate.ts";
import {
  isSpec,
  itemsOf,
  type Located,
  pointer,
  type Spec,
  stringAt,
  stringsAt,
  unsupported,
} from "./spec_shape.ts";
import { readTimeUnit, timeUnitItem } from "./time_unit_field.ts";
import { stackTransform } from "./transform_stack.ts";
import { windowTransform } from "./transform_window.ts";
import type { ValueKind } from "./typed_value.ts";

/** What transforms may use besides the rows. */
export interface TransformScope {
  readonly constants: ReadonlyMap<string, unknown>;
  readonly timeZone: string;
  /** The pipeline of another source: what a lookup reads. `undefined` when it is none of the engine. */
  readonly source: (data: unknown, path: string) => QueryPipeline | undefined;
}

/** Rows after some transforms. */
export interface TransformedRows {
  readonly pipeline: QueryPipeline;
  /** Columns with wall clocks of local time: the page reads them in its own zone. */
  readonly localTimes: ReadonlySet<string>;
}

/** What {@linkcode runTransforms} gives. */
export interface TransformResult {
  readonly rows: TransformedRows;
  /** Transforms that are left to do, in order. */
  readonly rest: readonly Located[];
  /** Why the first of them was not done. */
  readonly stop?: UnsupportedPart;
}

type Step = (rows: TransformedRows, transform: Located, scope: TransformScope) => TransformedRows;

/** Does the transforms from the first on, as far as the engine can. */
export function runTransforms(
  rows: TransformedRows,
  transforms: readonly Located[],
  scope: TransformScope,
): TransformResult {
  let done = rows;
  for (const [i, transform] of transforms.entries()) {
    try {
      done = runTransform(done, transform, scope);
    } catch (error) {
      if (!(error instanceof QueryError) || error.code !== "unsupported") throw error;
      const path = error.details["path"];
      const stop = { path: typeof path === "string" ? path : transform.path, reason: error.message };
      return { rows: done, rest: transforms.slice(i), stop };
    }
  }
  return { rows: done, rest: [] };
}

function runTransform(rows: TransformedRows, transform: Located, scope: TransformScope): TransformedRows {
  const kind = Object.keys(STEPS).find((key) => transform.spec[key] !== undefined);
  if (kind === undefined) {
    const names = Object.keys(transform.spec).join(", ");
    throw unsupported(transform.path, `The engine has no transform with the fields ${names}`);
  }
  return STEPS[kind]!(rows, transform, scope);
}

function onPipeline(
  step: (pipeline: QueryPipeline, transform: Located, scope: TransformScope) => QueryPipeline,
): Step {
  return (rows, transform, scope) => ({ ...rows, pipeline: step(rows.pipeline, transform, scope) });
}

/** By the field that tells them apart, in the order in which Vega-Lite looks for them. */
const STEPS: Readonly<Record<string, Step>> = {
  calculate: onPipeline(calculate),
  filter: onPipeline((pipeline, { spec, path }, scope) =>
    pipeline.filter(predicateCondition(spec["filter"], { ...scope, pipeline }, pointer(path, "filter")))
  ),
  window: onPipeline(windowTransform),
  joinaggregate: onPipeline(joinAggregate),
  stack: onPipeline(stackTransform),
  bin: onPipeline(bin),
  timeUnit,
  aggregate: onPipeline(aggregate),
  lookup: onPipeline(lookup),
  fold: onPipeline(fold),
  flatten: onPipeline(flatten),
};

const TYPES: Readonly<Record<ValueKind, SqlType | undefined>> = {
  number: DOUBLE,
  text: TEXT,
  boolean: BOOLEAN,
  time: TIMESTAMP,
  null: undefined,
};

function calculate(pipeline: QueryPipeline, { spec, path }: Located, scope: TransformScope): QueryPipeline {
  const at = pointer(path, "calculate");
  const text = stringAt(spec, "calculate", path);
  const result = translateExpression(text, { ...scope, pipeline, path: at });
  if (result.kind === "null") throw unsupported(at, "The value is always null");
  return pipeline.derive([{
    name: stringAt(spec, "as", path),
    value: result.value,
    type: TYPES[result.kind],
  }]);
}

/** The columns of `groupby`, checked. */
export function groupColumns(pipeline: QueryPipeline, { spec, path }: Located): readonly string[] {
  return stringsAt(spec, "groupby", path).map((field, i) => {
    const at = pointer(path, "groupby", i);
    const name = columnOfField(field, at);
    pipeline.column(name, at);
    return name;
  });
}

/** Name, operation and field of each entry of `spec[key]`. */
function measures(pipeline: QueryPipeline, { spec, path }: Located, key: string) {
  return itemsOf(spec[key]).map((entry, i) => {
    const at = pointer(path, key, i);
    if (!isSpec(entry)) throw unsupported(at, "A measure is an object with op, field and as");
    const operation = readOperation(entry["op"], pointer(at, "op"));
    const field = entry["field"] === undefined ? undefined : stringAt(entry, "field", at);
    const name = entry["as"] === undefined
      ? `${operation.kind === "plain" ? operation.name : operation.kind}_${field ?? ""}`
      : stringAt(entry, "as", at);
    return measureItem(pipeline, { operation, field, name }, at);
  });
}

function aggregate(pipeline: QueryPipeline, transform: Located): QueryPipeline {
  return pipeline.aggregate(groupColumns(pipeline, transform), measures(pipeline, transform, "aggregate"));
}

function joinAggregate(pipeline: QueryPipeline, transform: Located): QueryPipeline {
  const items = measures(pipeline, transform, "joinaggregate");
  const composed = items.find(({ value }) => {
    const { expression } = value;
    return expression.kind !== "call" || expression.distinct === true || expression.withinGroup !== undefined;
  });
  const keys = groupColumns(pipeline, transform);
  if (composed === undefined) return pipeline.joinAggregate(keys, items);
  // Not a window function in SQL: the groups are aggregated apart and joined to their rows.
  const [key, ...others] = keys;
  if (others.length > 0) {
    throw unsupported(transform.path, `${composed.name} over more than one group field has no form in SQL`);
  }
  const groups = pipeline.aggregate(keys, items);
  const fields = items.map(({ name }) => ({ name, as: name }));
  return key === undefined
    ? pipeline.cross(groups)
    : pipeline.lookup(groups, { key, otherKey: key }, fields, { unique: true });
}

function bin(pipeline: QueryPipeline, { spec, path }: Located): QueryPipeline {
  const field = columnOfField(stringAt(spec, "field", path), pointer(path, "field"));
  pipeline.column(field, pointer(path, "field"));
  const as = typeof spec["as"] === "string" ? [spec["as"], `${spec["as"]}_end`] : stringsAt(spec, "as", path);
  const [start, end] = as;
  if (start === undefined || end === undefined) {
    throw unsupported(pointer(path, "as"), "A bin has a start and an end");
  }
  const options = readBinOptions(normalBin(spec["bin"], ""), pointer(path, "bin"));
  const hidden = { first: `__first_${start}`, last: `__last_${start}`, step: `__step_${start}` };
  const names = pipeline.columns?.map(({ name }) => name).filter((name) => name !== start && name !== end);
  const binned = withBins(pipeline, field, options, { start, end, ...hidden });
  return names === undefined ? binned : binned.select([...names, start, end]);
}

function timeUnit(rows: TransformedRows, { spec, path }: Located, scope: TransformScope): TransformedRows {
  const at = pointer(path, "field");
  const column = columnOfField(stringAt(spec, "field", path), at);
  const unit = readTimeUnit(spec["timeUnit"], pointer(path, "timeUnit"));
  const name = stringAt(spec, "as", path);
  const item = timeUnitItem(rows.pipeline, { column, unit, name }, scope.timeZone, at);
  return {
    pipeline: rows.pipeline.derive([item]),
    localTimes: unit.utc ? rows.localTimes : new Set([...rows.localTimes, name]),
  };
}

function lookup(pipeline: QueryPipeline, { spec, path }: Located, scope: TransformScope): QueryPipeline {
  const { from } = spec;
  const at = pointer(path, "from");
  if (!isSpec(from) || from["data"] === undefined) {
    throw unsupported(at, "The engine looks up in tables, not in selections");
  }
  const other = scope.source(from["data"], pointer(at, "data"));
  if (other === undefined) throw unsupported(pointer(at, "data"), "The data is not in the engine");
  if (spec["default"] !== undefined) {
    throw unsupported(pointer(path, "default"), "The engine gives null by default");
  }
  const key = columnOfField(stringAt(spec, "lookup", path), pointer(path, "lookup"));
  const otherKey = columnOfField(stringAt(from, "key", at), pointer(at, "key"));
  pipeline.column(key, pointer(path, "lookup"));
  other.column(otherKey, pointer(at, "key"));
  const fields = stringsAt(from, "fields", at);
  if (fields.length === 0) throw unsupported(pointer(at, "fields"), "Name the fields to look up");
  const as = typeof spec["as"] === "string" ? [spec["as"]] : stringsAt(spec, "as", path);
  return pipeline.lookup(
    other,
    { key, otherKey },
    fields.map((field, i) => {
      const name = columnOfField(field, pointer(at, "fields", i));
      other.column(name, pointer(at, "fields", i));
      return { name, as: as[i] ?? name };
    }),
  );
}

function fold(pipeline: QueryPipeline, { spec, path }: Located): QueryPipeline {
  const columns = stringsAt(spec, "fold", path).map((field, i) => {
    const at = pointer(path, "fold", i);
    const name = columnOfField(field, at);
    pipeline.column(name, at);
    return name;
  });
  const [key = "key", value = "value"] = stringsAt(spec, "as", path);
  const kinds = new Set(
    columns.map((name) => isNumeric(pipeline.typeOf(name)) ? "number" : pipeline.typeOf(name)?.kind),
  );
  if (columns.length === 0 || kinds.size > 1) {
    throw unsupported(pointer(path, "fold"), "Columns of one type fold to rows: these have several");
  }
  return pipeline.fold(columns, [key, value], kinds.has("number") ? DOUBLE : undefined);
}

function isNumeric(type: SqlType | undefined): boolean {
  const kinds = ["smallint", "integer", "bigint", "decimal", "numeric", "real", "double"];
  return type !== undefined && kinds.includes(type.kind);
}

function flatten(pipeline: QueryPipeline, { spec, path }: Located): QueryPipeline {
  const as = stringsAt(spec, "as", path);
  const columns = stringsAt(spec, "flatten", path).map((field, i) => {
    const at = pointer(path, "flatten", i);
    const name = columnOfField(field, at);
    pipeline.column(name, at);
    if (pipeline.typeOf(name)?.kind !== "array") throw unsupported(at, `The column ${name} is no array`);
    return { name, as: as[i] ?? name };
  });
  if (columns.length === 0) throw unsupported(pointer(path, "flatten"), "Name the fields to flatten");
  return pipeline.flatten(columns);
}

/** The transforms of a node of a spec. */
export function transformsOf(spec: Spec, path: string): readonly Located[] {
  return itemsOf(spec["transform"]).flatMap((item, i) =>
    isSpec(item) ? [{ spec: item, path: pointer(path, "transform", i) }] : []
  );
}

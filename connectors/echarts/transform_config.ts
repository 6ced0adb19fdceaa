/**
 * Transforms of a dataset as steps of a pipeline: ECharts' own `filter` and `sort`, and the aggregate of
 * `echarts-simple-transform`. Others are listed as unsupported.
 *
 * @module
 */
import { QueryError } from "../../src/base/error.ts";
import { call, literal, type Scalar } from "../../src/query/builder.ts";
import { BIGINT, DOUBLE, type SqlType } from "../../src/storage/sql_type.ts";
import { quantileScalar } from "../charts/chart_aggregate.ts";
import { describe, isObject, listOf, pointer, type SpecObject } from "../charts/json_spec.ts";
import type { PipelineItem, QueryPipeline, SortKey } from "../charts/query_pipeline.ts";
import { type CompileScope, leaveOut } from "./compile_scope.ts";
import { dimensionName, filterCondition } from "../charts/filter_condition.ts";

/** The pipeline after the transforms at `path`: one, or a pipe of them. */
export function transformed(
  pipeline: QueryPipeline,
  transform: unknown,
  scope: CompileScope,
  path: string,
): QueryPipeline {
  return listOf(transform).reduce((source: QueryPipeline, step, i) => {
    const place = Array.isArray(transform) ? path + pointer(i) : path;
    if (!isObject(step)) throw malformed(place, step, "a transform is { type, config }");
    return oneTransform(source, step, scope, place);
  }, pipeline);
}

function oneTransform(
  pipeline: QueryPipeline,
  { type, config }: SpecObject,
  scope: CompileScope,
  path: string,
): QueryPipeline {
  switch (type) {
    case "filter":
    case "echarts:filter":
      return pipeline.filter(
        filterCondition(config, pipeline, { timeZone: scope.catalog.timeZone }, `${path}/config`),
      );
    case "sort":
    case "echarts:sort":
      return pipeline.sort(sortKeys(config, pipeline, `${path}/config`));
    case "ecSimpleTransform:aggregate":
    case "aggregate":
      return aggregated(pipeline, config, `${path}/config`);
    default:
      leaveOut(
        scope,
        path,
        `transform ${
          describe(type)
        } is not known: use filter, sort or ecSimpleTransform:aggregate, or a view`,
      );
      return pipeline;
  }
}

function sortKeys(config: unknown, pipeline: QueryPipeline, path: string): readonly SortKey[] {
  const keys = listOf(config);
  if (keys.length === 0) throw malformed(path, config, "name a dimension and an order");
  return keys.map((key, i) => {
    const place = Array.isArray(config) ? path + pointer(i) : path;
    if (!isObject(key)) throw malformed(place, key, "name a dimension and an order");
    const { order, incomparable } = key;
    if (order !== "asc" && order !== "desc") throw malformed(`${place}/order`, order, "asc or desc");
    // Missing values stand at the end unless `incomparable` says that they are less, or more, than all others.
    const first = incomparable === (order === "asc" ? "min" : "max");
    return {
      column: dimensionName(key["dimension"], pipeline, `${place}/dimension`),
      direction: order,
      nulls: first ? "first" : "last",
    };
  });
}

interface Method {
  readonly type: SqlType | undefined;
  make(value: Scalar): Scalar;
}

function method(name: string, type?: SqlType): Method {
  return { type, make: (value) => call(name, value) };
}

function quantile(fraction: number): Method {
  return { type: DOUBLE, make: (value) => quantileScalar(value, literal(fraction)) };
}

const METHODS: ReadonlyMap<unknown, Method> = new Map([
  ["sum", method("sum", DOUBLE)],
  ["count", method("count", BIGINT)],
  ["first", method("first")],
  ["average", method("avg", DOUBLE)],
  ["min", method("min")],
  ["max", method("max")],
  ["Q1", quantile(0.25)],
  ["median", quantile(0.5)],
  ["Q2", quantile(0.5)],
  ["Q3", quantile(0.75)],
]);

/** One row for each value of `groupBy`, in its order; without it, one row. */
function aggregated(pipeline: QueryPipeline, config: unknown, path: string): QueryPipeline {
  if (!isObject(config)) throw malformed(path, config, "give resultDimensions and groupBy");
  const groups = listOf(config["groupBy"]).map((name) => dimensionName(name, pipeline, `${path}/groupBy`));
  const results = listOf(config["resultDimensions"]);
  if (results.length === 0) throw malformed(`${path}/resultDimensions`, results, "name at least one");
  const keys = new Map(groups.map((name) => [name, name]));
  const measures: PipelineItem[] = [];
  const output: { name: string; as: string }[] = [];
  results.forEach((result, i) => {
    const place = path + pointer("resultDimensions", i);
    if (!isObject(result)) throw malformed(place, result, "give { name, from, method }");
    const from = dimensionName(result["from"], pipeline, `${place}/from`);
    const as = typeof result["name"] === "string" ? result["name"] : from;
    const rule = METHODS.get(result["method"] ?? "first");
    if (rule === undefined) {
      throw malformed(`${place}/method`, result["method"], `one of ${[...METHODS.keys()].join(", ")}`);
    }
    if (keys.has(from) && (result["method"] ?? "first") === "first") {
      output.push({ name: from, as });
      return;
    }
    // A measure may have the name of a key: it is renamed when all is done.
    const name = `measure ${i}`;
    measures.push({
      name,
      type: rule.type ?? pipeline.typeOf(from),
      value: rule.make(pipeline.column(from, place)),
    });
    output.push({ name, as });
  });
  return pipeline.aggregate(groups, measures).select(output).sort(
    output.filter(({ name }) => keys.has(name)).map(({ as }) => ({ column: as, direction: "asc" })),
  );
}

function malformed(path: string, value: unknown, hint: string): QueryError {
  return new QueryError("invalid-parameter", `Not a transform at ${path}: received ${describe(value)}`, {
    details: { path },
    hint,
  });
}

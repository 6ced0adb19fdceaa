/**
 * Datasets of an option as pipelines: a table or view by name, SQL, or another dataset with transforms.
 *
 * `source: "orders"`, `source: { table: "orders" }`, `source: { sql: "SELECT ..." }`; a text that begins with
 * SELECT, WITH, VALUES or FROM and names no table is SQL. Rows that stand in the option stay there, with their
 * transforms, for ECharts.
 *
 * @module
 */
import { QueryError } from "../../src/base/error.ts";
import { describe, isObject, listOf, pointer, type SpecObject } from "../charts/json_spec.ts";
import { QueryPipeline } from "../charts/query_pipeline.ts";
import { type CompileScope, leaveOut } from "./compile_scope.ts";
import { dimensionName } from "../charts/filter_condition.ts";
import { transformed } from "./transform_config.ts";

/** A dataset of the option. */
export interface SourceDataset {
  readonly id: string;
  readonly path: string;
  /** As written. */
  readonly option: SpecObject;
  /** Its rows; `undefined` when they stand in the option. */
  readonly pipeline: QueryPipeline | undefined;
}

const IS_SQL = /^\s*(select|with|values|from)\b/i;

/** All datasets of an option, in its order. */
export function sourceDatasets(option: SpecObject, scope: CompileScope): readonly SourceDataset[] {
  return new DatasetReader(option["dataset"], scope).all();
}

class DatasetReader {
  readonly #scope: CompileScope;
  readonly #options: readonly SpecObject[];
  readonly #ids: readonly string[];
  readonly #paths: readonly string[];
  readonly #read = new Map<number, SourceDataset>();
  readonly #open = new Set<number>();

  constructor(dataset: unknown, scope: CompileScope) {
    this.#scope = scope;
    this.#paths = listOf(dataset).map((_, i) => Array.isArray(dataset) ? pointer("dataset", i) : "/dataset");
    this.#options = listOf(dataset).map((each, i) => {
      if (isObject(each)) return each;
      throw malformed(this.#paths[i]!, each, "a dataset is an object with source or transform");
    });
    const taken = new Set<string>();
    this.#ids = this.#options.map(({ id }, i) => {
      const name = typeof id === "string" && id !== "" ? id : `dataset ${i}`;
      if (taken.has(name)) throw malformed(`${this.#paths[i]}/id`, id, "give each dataset an id of its own");
      taken.add(name);
      return name;
    });
  }

  all(): readonly SourceDataset[] {
    return this.#options.map((_, i) => this.#at(i));
  }

  #at(index: number): SourceDataset {
    const known = this.#read.get(index);
    if (known !== undefined) return known;
    const path = this.#paths[index]!;
    if (this.#open.has(index)) throw malformed(path, this.#ids[index], "a dataset cannot come from itself");
    this.#open.add(index);
    const option = this.#options[index]!;
    const dataset = { id: this.#ids[index]!, path, option, pipeline: this.#pipeline(option, path) };
    this.#read.set(index, dataset);
    return dataset;
  }

  #pipeline(option: SpecObject, path: string): QueryPipeline | undefined {
    const base = option["source"] === undefined
      ? this.#derived(option, path)
      : namedSource(option["source"], this.#scope, `${path}/source`);
    if (base === undefined) return undefined;
    if (option["seriesLayoutBy"] === "row") {
      leaveOut(this.#scope, `${path}/seriesLayoutBy`, "rows of a table are laid out by column");
    }
    const chosen = chosenDimensions(base, option["dimensions"], `${path}/dimensions`);
    return transformed(chosen, option["transform"], this.#scope, `${path}/transform`);
  }

  #derived(option: SpecObject, path: string): QueryPipeline | undefined {
    const { fromDatasetId, fromDatasetIndex, fromTransformResult, transform } = option;
    if (fromTransformResult !== undefined && fromTransformResult !== 0) {
      leaveOut(this.#scope, `${path}/fromTransformResult`, "transforms have one result here");
    }
    if (fromDatasetId !== undefined) {
      const index = this.#ids.indexOf(String(fromDatasetId));
      if (index < 0) {
        throw malformed(`${path}/fromDatasetId`, fromDatasetId, `datasets are ${this.#ids.join(", ")}`);
      }
      return this.#at(index).pipeline;
    }
    if (fromDatasetIndex === undefined && transform === undefined) return undefined;
    const index = fromDatasetIndex ?? 0;
    if (typeof index !== "number" || this.#options[index] === undefined) {
      throw malformed(`${path}/fromDatasetIndex`, index, `an index below ${this.#options.length}`);
    }
    return this.#at(index).pipeline;
  }
}

/** The pipeline of a `source`; `undefined` for rows. */
function namedSource(source: unknown, scope: CompileScope, path: string): QueryPipeline | undefined {
  const { catalog } = scope;
  if (typeof source === "string") {
    return catalog.columns(source) === undefined && IS_SQL.test(source)
      ? QueryPipeline.fromSql(source, catalog, path)
      : QueryPipeline.from(source, catalog, path);
  }
  if (!isObject(source)) return undefined;
  const { table, sql } = source;
  if (typeof sql === "string") return QueryPipeline.fromSql(sql, catalog, `${path}/sql`);
  return typeof table === "string" ? QueryPipeline.from(table, catalog, `${path}/table`) : undefined;
}

/** `dimensions` choose columns by name. */
function chosenDimensions(pipeline: QueryPipeline, dimensions: unknown, path: string): QueryPipeline {
  const names = listOf(dimensions).flatMap((each, i) => {
    const name = isObject(each) ? each["name"] : each;
    return name === null || name === undefined ? [] : [dimensionName(name, pipeline, path + pointer(i))];
  });
  return names.length === 0 ? pipeline : pipeline.select(names);
}

function malformed(path: string, value: unknown, hint: string): QueryError {
  return new QueryError("invalid-parameter", `Not a dataset at ${path}: received ${describe(value)}`, {
    details: { path },
    hint,
  });
}

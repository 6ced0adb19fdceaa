/**
 * Which data of a spec are the engine's.
 *
 * ```
 * { "name": "orders" }                 a table or view
 * { "sql": "SELECT ..." }              a query
 * { "url": "data/orders.csv" }         a table or view named like the file
 * { "values": [...] }, { "url": ... }  the page's own
 * ```
 *
 * @module
 */
import type { ChartCatalog } from "../charts/chart_kind.ts";
import { QueryPipeline } from "../charts/query_pipeline.ts";
import { isSpec, pointer, type Spec } from "./spec_shape.ts";

/** Data of the engine. */
export interface DataSource {
  /** The name for data sets made from it. */
  readonly name: string;
  readonly pipeline: QueryPipeline;
}

const OWN_DATA = ["values", "sequence", "sphere", "graticule"] as const;

/**
 * The source that `data` names; `undefined` when it is the page's own.
 *
 * @throws {QueryError} `unknown-table`, `invalid-statement`, `syntax-error`
 */
export function dataSource(
  data: unknown,
  context: { readonly catalog: ChartCatalog; readonly datasets: Spec },
  path: string,
): DataSource | undefined {
  const { catalog, datasets } = context;
  if (!isSpec(data) || OWN_DATA.some((key) => data[key] !== undefined)) return undefined;
  const { sql, url, name } = data;
  if (typeof sql === "string") {
    const pipeline = QueryPipeline.fromSql(sql, catalog, pointer(path, "sql"));
    return { name: typeof name === "string" ? name : "query", pipeline };
  }
  if (typeof url === "string") {
    const file = url.replace(/[?#].*$/, "").replace(/^.*\//, "").replace(/\.[A-Za-z0-9]+$/, "");
    return catalog.columns(file) === undefined
      ? undefined
      : { name: file, pipeline: QueryPipeline.from(file, catalog, pointer(path, "url")) };
  }
  if (typeof name !== "string" || Object.hasOwn(datasets, name)) return undefined;
  return { name, pipeline: QueryPipeline.from(name, catalog, pointer(path, "name")) };
}

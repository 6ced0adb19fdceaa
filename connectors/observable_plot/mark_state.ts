/**
 * A mark while it is compiled: rows as a pipeline, and which column each channel shows.
 *
 * @module
 */
import type { SqlType } from "../../src/storage/sql_type.ts";
import type { ChartCatalog, UnsupportedPart } from "../charts/chart_kind.ts";
import type { SpecObject } from "../charts/json_spec.ts";
import type { QueryPipeline, SortKey } from "../charts/query_pipeline.ts";

/** A channel that shows a column. */
export interface Channel {
  readonly column: string;
  /** For the axis or legend; the name of the column by default. */
  readonly label?: string | null;
  /** `scale` of the channel, when the spec sets it. */
  readonly scale?: unknown;
}

/** See the module header. Immutable. */
export interface MarkState {
  readonly pipeline: QueryPipeline;
  /** The rows before any filter: what shares are shares of. */
  readonly all: QueryPipeline;
  readonly channels: ReadonlyMap<string, Channel>;
  /** Options that are no columns. */
  readonly constants: SpecObject;
}

/** What all marks of a spec share. */
export interface PlotScope {
  readonly catalog: ChartCatalog;
  readonly unsupported: UnsupportedPart[];
  /** `interval` of the scales x and y: groups follow it. */
  readonly intervals: ReadonlyMap<string, unknown>;
}

/** A part that the engine leaves to Plot, and why. */
export interface LeftToPlot {
  readonly left: string;
}

/** True when a step was left to Plot. */
export function isLeft(result: MarkState | LeftToPlot): result is LeftToPlot {
  return "left" in result;
}

/** The column that makes series: that of z, else of fill, else of stroke. */
export function seriesColumn({ channels, constants }: MarkState): string | undefined {
  if (Object.hasOwn(constants, "z")) return undefined;
  return (channels.get("z") ?? channels.get("fill") ?? channels.get("stroke"))?.column;
}

/** Columns of the facets. */
export function facetColumns({ channels }: MarkState): readonly string[] {
  return ["fx", "fy"].flatMap((name) => channels.get(name)?.column ?? []);
}

/** Facets and series: what windows never cross. */
export function partitionColumns(state: MarkState): readonly string[] {
  const series = seriesColumn(state);
  return [...facetColumns(state), ...(series === undefined ? [] : [series])];
}

/** The order of the rows: the one that was set, else along x. */
export function rowOrder({ pipeline, channels }: MarkState): readonly SortKey[] {
  if (pipeline.order.length > 0) return pipeline.order;
  const x = channels.get("x") ?? channels.get("x1");
  return x === undefined ? [] : [{ column: x.column, direction: "asc", nulls: "last" }];
}

/** A name that the pipeline does not have yet. */
export function freshName(
  pipeline: QueryPipeline,
  wanted: string,
  taken: ReadonlySet<string> = new Set(),
): string {
  const { columns } = pipeline;
  let name = columns === undefined ? `${wanted}__` : wanted;
  while (taken.has(name) || (columns !== undefined && pipeline.has(name))) name += "_";
  return name;
}

/** True for types whose values are times. */
export function isTimeType(type: SqlType | undefined): boolean {
  return type?.kind === "date" || type?.kind === "timestamp" || type?.kind === "timestamptz";
}

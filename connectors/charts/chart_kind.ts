/**
 * What the connectors of the chart libraries have in common.
 *
 * Spec in: a spec that names tables is compiled to queries; the engine aggregates, and the spec comes back with
 * the aggregated rows alone. Data out: columns and rows become a spec.
 *
 * ```
 * spec ─ compile ─► queries ─ db.query, or db.subscribe ─► rows ─ fill ─► spec for the library
 *             └───► unsupported parts, each with its path; the rest works
 * ```
 *
 * @module
 */
import type { Query } from "../../src/query/ast.ts";
import type { SqlType } from "../../src/storage/sql_type.ts";

/** A column of a table or of a result. */
export interface ChartColumn {
  /** Its name. */
  readonly name: string;
  /** Its type. */
  readonly type: SqlType;
}

/** A row of a chart: DATE and TIMESTAMP as ISO 8601 text in UTC, INTERVAL as ISO 8601 duration. */
export type ChartRow = Readonly<Record<string, unknown>>;

/** What a compiler may ask. */
export interface ChartCatalog {
  /** The columns of a table or view; `undefined` when there is none of that name. */
  columns(relation: string): readonly ChartColumn[] | undefined;
  /** Names of tables and views, for suggestions. */
  relationNames(): readonly string[];
  /** The columns that a query gives; `undefined` when it does not bind. Without it, they count as unknown. */
  describe?(query: Query): readonly ChartColumn[] | undefined;
  /** IANA name of the zone in which local times are cut; that of the database. */
  readonly timeZone: string;
}

/** One query behind a chart. */
export interface ChartDataset {
  /** Unique within the chart. */
  readonly name: string;
  /** Its rows, in the order in which the chart wants them. */
  readonly query: Query;
}

/** A part of a spec that was left out. */
export interface UnsupportedPart {
  /** JSON Pointer (RFC 6901) into the spec: `/encoding/x/bin`. */
  readonly path: string;
  /** What it is and what to do instead. */
  readonly reason: string;
}

/** A spec with its queries. */
export interface CompiledChart {
  /** In the order in which the spec mentions them. */
  readonly datasets: readonly ChartDataset[];
  /** What was left out. */
  readonly unsupported: readonly UnsupportedPart[];
  /** The spec for the library, with the rows of each dataset by name. A dataset without rows is empty. */
  fill(rows: ReadonlyMap<string, readonly ChartRow[]>): Readonly<Record<string, unknown>>;
}

/** How a spec is made from a result. */
export interface PresentOptions {
  /** Shown above the chart; made from the columns by default. */
  readonly title?: string;
  /** IANA zone in which times are shown; UTC by default. */
  readonly timeZone?: string;
  /** BCP 47 tag for numbers and dates; `en-US` by default. */
  readonly locale?: string;
  /** Size in CSS pixels; the library's own choice by default. */
  readonly width?: number;
  readonly height?: number;
}

/** A chart library, for `/v1/charts/:kind`. */
export interface ChartKind {
  /** As in the URL: `vega-lite`. */
  readonly name: string;
  /**
   * Compiles an untrusted spec.
   *
   * @throws {QueryError} `invalid-parameter` when it is no spec at all, `unknown-table`, `unknown-column`
   */
  compile(spec: unknown, catalog: ChartCatalog): CompiledChart;
  /** A spec that shows these rows. */
  present(
    columns: readonly ChartColumn[],
    rows: readonly ChartRow[],
    options?: PresentOptions,
  ): Readonly<Record<string, unknown>>;
}

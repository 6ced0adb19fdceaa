/**
 * What binding and planning need to know of tables and views. Storage and kernel implement it.
 *
 * @module
 */
import type { Expression, Query } from "./ast.ts";
import type { Datum, SqlType } from "../storage/sql_type.ts";

/** A column as declared. */
export interface CatalogColumn {
  readonly name: string;
  readonly type: SqlType;
  readonly nullable: boolean;
  readonly defaultValue?: Expression;
  readonly generated?: Expression;
  readonly identity?: "always" | "default";
}

/** A stored table or stored (materialized) view. */
export interface CatalogTable {
  readonly kind: "table" | "materializedView";
  readonly name: string;
  readonly columns: readonly CatalogColumn[];
  /** Column names of the primary key, empty when there is none. */
  readonly primaryKey: readonly string[];
  /** Further unique column sets. */
  readonly uniqueKeys: readonly (readonly string[])[];
  readonly checks: readonly { readonly name: string; readonly expression: Expression }[];
}

/** A view: a named query, expanded by the binder. */
export interface CatalogView {
  readonly kind: "view";
  readonly name: string;
  readonly columns?: readonly string[];
  readonly query: Query;
}

/** Names to relations. Names are case-sensitive here: the parser has folded them. */
export interface Catalog {
  relation(name: string): CatalogTable | CatalogView | undefined;
  /** For suggestions in error messages and completion. */
  relationNames(): readonly string[];
}

/** What is known of the values of a column. Bounds are exact or wider, never narrower. */
export interface ColumnStatistics {
  readonly min: Datum;
  readonly max: Datum;
  readonly nullCount: number;
  /** Estimate of the number of distinct values, NULL not counted. */
  readonly distinctCount: number;
}

/** What is known of the size of a table. */
export interface TableStatistics {
  readonly rowCount: number;
  column(ordinal: number): ColumnStatistics;
}

/** Source of statistics for the planner. */
export interface Statistics {
  table(name: string): TableStatistics | undefined;
}

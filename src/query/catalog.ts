/**
 * What binding and planning need to know of tables and views. Storage and kernel implement it.
 *
 * @module
 */
import type { Expression, Query } from "./ast.ts";
import type { Datum, SqlType } from "../storage/sql_type.ts";

/** A column as declared. */
export interface CatalogColumn {
  /** As declared; lower case unless it was quoted. */
  readonly name: string;
  /** Its type. */
  readonly type: SqlType;
  /** False with NOT NULL, and for the primary key. */
  readonly nullable: boolean;
  /** DEFAULT. */
  readonly defaultValue?: Expression;
  /** GENERATED ALWAYS AS (...) STORED. */
  readonly generated?: Expression;
  /** GENERATED ... AS IDENTITY: whether INSERT may give a value. */
  readonly identity?: "always" | "default";
}

/** A stored table or stored (materialized) view. */
export interface CatalogTable {
  /** Tells the relations apart. */
  readonly kind: "table" | "materializedView";
  /** Qualified by dots. */
  readonly name: string;
  /** In the order of declaration. */
  readonly columns: readonly CatalogColumn[];
  /** Column names of the primary key, empty when there is none. */
  readonly primaryKey: readonly string[];
  /** Further unique column sets. */
  readonly uniqueKeys: readonly (readonly string[])[];
  /** CHECK constraints. */
  readonly checks: readonly { readonly name: string; readonly expression: Expression }[];
}

/** A view: a named query, expanded by the binder. */
export interface CatalogView {
  /** Tells the relations apart. */
  readonly kind: "view";
  /** Qualified by dots. */
  readonly name: string;
  /** Output names, when the definition gives them. */
  readonly columns?: readonly string[];
  /** What it stands for. */
  readonly query: Query;
}

/** Names to relations. Names are case-sensitive here: the parser has folded them. */
export interface Catalog {
  /** The relation of this name, if there is one. */
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

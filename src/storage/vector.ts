/**
 * Vectors: the columns of a chunk as they flow between operators.
 *
 * A SQL type has one or more physical kinds, chosen per vector at run time by the values at hand:
 *
 * | kind | holds | SQL types |
 * |---|---|---|
 * | `i32` | Int32Array | SMALLINT, INTEGER, DATE |
 * | `f64` | Float64Array | DOUBLE, REAL; as integers within 2^53: BIGINT, DECIMAL (scaled), TIMESTAMP[TZ], TIME |
 * | `bool` | Uint8Array of 0 and 1 | BOOLEAN |
 * | `big` | bigint[] | BIGINT, DECIMAL where a value passes 2^53 |
 * | `code` | Int32Array of dictionary codes | TEXT, JSON |
 * | `str` | string[] | TEXT, JSON |
 * | `object` | Datum[] | NUMERIC, INTERVAL, arrays |
 * | `lazy` | Int32Array of row ids of a stored column | any: decoded where first needed |
 *
 * Rows are dense: row `i` of a chunk is element `i` of every vector, 0 <= i < chunk.size. Arrays may be
 * longer than the chunk, and belong to the operator that made them: they hold until its next chunk, so
 * whoever keeps values copies them. Under a NULL the value is 0, "", or null and must not be interpreted.
 *
 * @module
 */
import type { Datum } from "./sql_type.ts";
import type { Dictionary } from "./dictionary.ts";
import type { StoredColumn } from "./table_view.ts";

/** Rows that flow between operators at a time. */
export const CHUNK_ROWS = 2048;

/** `nulls[i]` is 1 where row `i` is NULL; `null` when no row is. */
export type NullBytes = Uint8Array | null;

/** SMALLINT, INTEGER and DATE. */
export interface Int32Vector {
  /** Tells the vectors apart. */
  readonly kind: "i32";
  /** One value a row. */
  readonly values: Int32Array;
  /** Where values do not count. */
  readonly nulls: NullBytes;
}
/** DOUBLE and REAL; as integers within 2^53: BIGINT, DECIMAL (scaled), TIMESTAMP[TZ] and TIME. */
export interface Float64Vector {
  /** Tells the vectors apart. */
  readonly kind: "f64";
  /** One value a row. */
  readonly values: Float64Array;
  /** Where values do not count. */
  readonly nulls: NullBytes;
}
/** BOOLEAN: 0 and 1. */
export interface BooleanVector {
  /** Tells the vectors apart. */
  readonly kind: "bool";
  /** 1 for true. */
  readonly values: Uint8Array;
  /** Where values do not count. */
  readonly nulls: NullBytes;
}
/** BIGINT and DECIMAL where a value passes 2^53. */
export interface BigintVector {
  /** Tells the vectors apart. */
  readonly kind: "big";
  /** One value a row. */
  readonly values: readonly bigint[];
  /** Where values do not count. */
  readonly nulls: NullBytes;
}
/** TEXT and JSON as codes of a dictionary. */
export interface CodeVector {
  /** Tells the vectors apart. */
  readonly kind: "code";
  /** One code a row. */
  readonly values: Int32Array;
  /** The strings by code. */
  readonly dictionary: Dictionary;
  /** Where values do not count. */
  readonly nulls: NullBytes;
}
/** TEXT and JSON. */
export interface StringVector {
  /** Tells the vectors apart. */
  readonly kind: "str";
  /** One string a row. */
  readonly values: readonly string[];
  /** Where values do not count. */
  readonly nulls: NullBytes;
}
/** NUMERIC, INTERVAL and arrays. */
export interface ObjectVector {
  /** Tells the vectors apart. */
  readonly kind: "object";
  /** One datum a row. */
  readonly values: readonly Datum[];
  /** Where values do not count. */
  readonly nulls: NullBytes;
}
/**
 * Row ids of a stored column. NULLs are those of the column; row id -1 is NULL too (the padding of outer joins).
 * Results hold none.
 *
 * @internal
 */
export interface LazyVector {
  readonly kind: "lazy";
  readonly rows: Int32Array;
  readonly source: StoredColumn;
}

/** One column of a chunk. */
export type Vector =
  | Int32Vector
  | Float64Vector
  | BooleanVector
  | BigintVector
  | CodeVector
  | StringVector
  | ObjectVector
  | LazyVector;

/** Rows in columns. */
export interface Chunk {
  readonly size: number;
  readonly columns: readonly Vector[];
}

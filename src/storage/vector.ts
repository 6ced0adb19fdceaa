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

export interface Int32Vector {
  readonly kind: "i32";
  readonly values: Int32Array;
  readonly nulls: NullBytes;
}
export interface Float64Vector {
  readonly kind: "f64";
  readonly values: Float64Array;
  readonly nulls: NullBytes;
}
export interface BooleanVector {
  readonly kind: "bool";
  readonly values: Uint8Array;
  readonly nulls: NullBytes;
}
export interface BigintVector {
  readonly kind: "big";
  readonly values: readonly bigint[];
  readonly nulls: NullBytes;
}
export interface CodeVector {
  readonly kind: "code";
  readonly values: Int32Array;
  readonly dictionary: Dictionary;
  readonly nulls: NullBytes;
}
export interface StringVector {
  readonly kind: "str";
  readonly values: readonly string[];
  readonly nulls: NullBytes;
}
export interface ObjectVector {
  readonly kind: "object";
  readonly values: readonly Datum[];
  readonly nulls: NullBytes;
}
/** NULLs are those of the stored column; row id -1 is NULL too (the padding of outer joins). */
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

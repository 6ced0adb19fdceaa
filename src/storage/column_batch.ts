/**
 * Columns as they are handed to a table: the bulk form of `insert`, written by importers and generators.
 *
 * Values are in storage units: DATE as days since 1970-01-01, TIMESTAMP as microseconds since then,
 * DECIMAL(p, s) as integers scaled by 10^s, BOOLEAN as 0 or 1.
 *
 * @module
 */
import type { Datum } from "./sql_type.ts";

/** One column of a batch. `nulls[i]` is 1 where row `i` is NULL; absent when no row is. */
export type BatchColumn =
  /** Numbers in storage units, for every type but TEXT and JSON. */
  | { readonly kind: "numbers"; readonly values: NumberArray; readonly nulls?: Uint8Array }
  /** 64-bit integers that may pass 2^53, for BIGINT and DECIMAL. */
  | {
    readonly kind: "bigints";
    readonly values: BigInt64Array | readonly bigint[];
    readonly nulls?: Uint8Array;
  }
  /** NUMERIC, INTERVAL and arrays. */
  | { readonly kind: "datums"; readonly values: readonly Datum[]; readonly nulls?: Uint8Array }
  /** Text as JavaScript strings. */
  | { readonly kind: "strings"; readonly values: readonly (string | null)[]; readonly nulls?: Uint8Array }
  /** Text from a small set: row `i` is `dictionary[codes[i]]`. */
  | {
    readonly kind: "codes";
    readonly codes: Uint8Array | Uint16Array | Int32Array;
    readonly dictionary: readonly string[];
    readonly nulls?: Uint8Array;
  }
  /** Text as UTF-8: row `i` is `bytes[offsets[i] .. offsets[i + 1]]`; `offsets` has one entry more than rows. */
  | {
    readonly kind: "utf8";
    readonly bytes: Uint8Array;
    readonly offsets: Int32Array;
    readonly nulls?: Uint8Array;
  };

/** The typed arrays that hold numbers. */
export type NumberArray =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array;

/** A batch of rows by column name. Columns that are not named take their DEFAULT. */
export interface ColumnBatch {
  /** Rows of every column. */
  readonly rowCount: number;
  /** The columns by name. */
  readonly columns: Readonly<Record<string, BatchColumn>>;
}

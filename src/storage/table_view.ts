/**
 * How tables are read: the contract between storage and the executors.
 *
 * A {@linkcode TableSnapshot} shows one table at one version. Its segments hold 65,536 row slots each;
 * row id = segment index << 16 | offset. Columns are typed arrays in the narrowest type that holds the
 * segment's values, so two segments of one column may differ in kind.
 *
 * @module
 */
import type { Datum, SqlType } from "./sql_type.ts";
import type { Dictionary } from "./dictionary.ts";

/** Row slots of a segment. */
export const SEGMENT_ROWS = 65536;
/** Bits of the offset within a segment. */
export const SEGMENT_BITS = 16;

/** Smallest and greatest value in storage units; for text codes see `min` of kind "codes". Exact or wider. */
export interface ZoneMap {
  /** `undefined` when the segment column has no non-null value, or the kind keeps no bounds. */
  readonly min: number | undefined;
  readonly max: number | undefined;
  readonly nullCount: number;
  /** Values do not decrease with the row offset, and there is no NULL. */
  readonly monotone: boolean;
}

interface SegmentColumnBase {
  /** Bit `i & 31` of word `i >>> 5` is set where row `i` is NULL; `null` when no row is. */
  readonly nulls: Uint32Array | null;
  readonly zone: ZoneMap;
}
/** The narrow arrays of numeric columns. */
export type StoredNumbers = Uint8Array | Int8Array | Uint16Array | Int16Array | Int32Array | Float64Array;
/** Numbers in storage units (BOOLEAN as 0 and 1, DECIMAL scaled, DATE days, TIMESTAMP microseconds). */
export interface NumberSegment extends SegmentColumnBase {
  readonly kind: "numbers";
  readonly values: StoredNumbers;
}
/** BIGINT or DECIMAL segments with a value beyond 2^53. */
export interface BigintSegment extends SegmentColumnBase {
  readonly kind: "bigints";
  readonly values: readonly bigint[] | BigInt64Array;
}
/** Text of low cardinality. The dictionary is shared by all segments of the column. */
export interface CodeSegment extends SegmentColumnBase {
  readonly kind: "codes";
  readonly values: Uint8Array | Uint16Array | Int32Array;
  readonly dictionary: Dictionary;
}
/** Text of high cardinality: row `i` is UTF-8 `bytes[starts[i] .. ends[i]]`. */
export interface Utf8Segment extends SegmentColumnBase {
  readonly kind: "utf8";
  readonly bytes: Uint8Array;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  /** Every byte is below 128, so characters are bytes. */
  readonly ascii: boolean;
}
/** NUMERIC, INTERVAL, arrays. */
export interface ObjectSegment extends SegmentColumnBase {
  readonly kind: "objects";
  readonly values: readonly Datum[];
}
export type SegmentColumn = NumberSegment | BigintSegment | CodeSegment | Utf8Segment | ObjectSegment;

/** 65,536 row slots at one version. */
export interface SegmentView {
  /** Slots in use, deleted ones included. */
  readonly slotCount: number;
  /** Deleted slots. */
  readonly deletedCount: number;
  /** Bit set where the slot is deleted; `null` when none is. */
  readonly tombstones: Uint32Array | null;
  column(ordinal: number): SegmentColumn;
}

/** One column of a snapshot across its segments: what late materialisation reads by row id. */
export interface StoredColumn {
  readonly type: SqlType;
  /** Segment columns by segment index. */
  readonly segments: readonly SegmentColumn[];
}

/** Finds rows by key. Valid for the snapshot that gave it. */
export interface IndexView {
  /** Columns of the key, in order. */
  readonly ordinals: readonly number[];
  readonly unique: boolean;
  /** Appends the row ids with this key to `into`; a key with a NULL finds nothing. */
  find(key: readonly Datum[], into: number[]): void;
  /** Ordered indexes only: appends the row ids between two bounds in key order, NULL last. */
  range?(lower: KeyBound | undefined, upper: KeyBound | undefined, into: number[]): void;
}

/** A bound of a range of keys. The key may be a prefix of the columns. */
export interface KeyBound {
  readonly key: readonly Datum[];
  readonly inclusive: boolean;
}

/** A column of a table as readers see it. */
export interface StoredColumnDefinition {
  readonly name: string;
  readonly type: SqlType;
  readonly nullable: boolean;
}

/** One table at one version. Unchanging while it is held. */
export interface TableSnapshot {
  readonly table: string;
  readonly version: number;
  readonly columns: readonly StoredColumnDefinition[];
  /** Live rows. */
  readonly rowCount: number;
  readonly segments: readonly SegmentView[];
  column(ordinal: number): StoredColumn;
  /** Indexes that can answer for this snapshot; empty when it is older than the indexes. */
  readonly indexes: readonly IndexView[];
  /** Lets storage reuse what the snapshot pinned. Idempotent. */
  release(): void;
}

/**
 * Encoders: the values of one key column as small whole numbers.
 *
 * | encoder | for | code |
 * |---|---|---|
 * | range | whole numbers, dates, booleans | value - min + 1 |
 * | number | doubles, whole numbers of a wide range | order of first appearance + 1 |
 * | text | text | dictionary code + 1 |
 * | datum | what remains, and bigints | order of first appearance + 1 |
 *
 * Code 0 is NULL. A range grows on demand, and an encoder that meets a value it cannot encode is replaced by
 * a wider one: `encode` then gives false and changes nothing, and `widened` gives the successor.
 *
 * @module
 */
import { unreachable } from "../base/assert.ts";
import { identityKey } from "../query/functions/identity.ts";
import type { SqlType } from "../storage/sql_type.ts";
import type { Vector } from "../storage/vector.ts";
import { DatumEncoder } from "./key_table_datum.ts";
import { MinusZeroEncoder } from "./key_table_minus_zero.ts";
import { NumberEncoder } from "./key_table_number.ts";
import { RangeEncoder } from "./key_table_range.ts";
import { TextEncoder } from "./key_table_text.ts";
import type { DenseVector } from "./vector_build.ts";

/** Turns values of one column into codes and back. */
export interface KeyEncoder {
  /** Codes are in [0, range). May grow in `encode`, with codes unchanged. */
  readonly range: number;
  readonly memoryBytes: number;
  /** Writes the codes of the first `size` values; false when some value needs a wider encoder. */
  encode(vector: DenseVector, size: number, codes: Int32Array): boolean;
  /** Like `encode`, but values without a code give -1. */
  find(vector: DenseVector, size: number, codes: Int32Array): void;
  /** An encoder that can also encode `vector`; rewrites the `count` codes made so far. */
  widened(vector: DenseVector, size: number, codes: Int32Array, count: number): KeyEncoder;
  /** The values of `count` codes. */
  decode(codes: Int32Array, count: number): Vector;
}

/** Bounds that are known before the first value, exact or wider. */
export interface KeyBounds {
  readonly min: number;
  readonly max: number;
}

/** The encoder to start with for values of `type`; `exact` tells values apart that are equal and look different. */
export function createEncoder(type: SqlType, bounds: KeyBounds | undefined, exact: boolean): KeyEncoder {
  switch (type.kind) {
    case "boolean":
      return new RangeEncoder(type, 0, 1);
    case "smallint":
    case "integer":
    case "bigint":
    case "decimal":
    case "date":
    case "time":
    case "timestamp":
    case "timestamptz":
      return bounds === undefined || !(bounds.max - bounds.min < 2 ** 31 - 4)
        ? new RangeEncoder(type, 0, -1)
        : new RangeEncoder(type, bounds.min, bounds.max);
    case "real":
    case "double":
      return exact ? new MinusZeroEncoder(new NumberEncoder(type)) : new NumberEncoder(type);
    case "text":
      return new TextEncoder(type);
    case "numeric":
    case "interval":
    case "json":
    case "array":
    case "null":
      return exact ? new DatumEncoder(type, identityKey) : new DatumEncoder(type);
    default:
      return unreachable(type);
  }
}

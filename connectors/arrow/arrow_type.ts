/**
 * Arrow types and SQL types, in both directions.
 *
 * @module
 */
import {
  bool,
  type DataType,
  dateDay,
  decimal,
  float32,
  float64,
  int16,
  int32,
  int64,
  Precision,
  timeMicrosecond,
  timestamp,
  TimeUnit,
  Type,
  utf8,
} from "@uwdata/flechette";
import {
  BIGINT,
  BOOLEAN,
  DATE,
  decimalType,
  DOUBLE,
  INTEGER,
  INTERVAL,
  JSON_TYPE,
  REAL,
  SMALLINT,
  type SqlType,
  TEXT,
  TIME,
  TIMESTAMP,
  TIMESTAMPTZ,
} from "../../src/storage/sql_type.ts";

/** The SQL type of values of `type`. Nested values are JSON, bytes hexadecimal text. */
export function sqlTypeOf(type: DataType): SqlType {
  switch (type.typeId) {
    case Type.Dictionary:
      return sqlTypeOf(type.dictionary);
    case Type.Int:
      return integerType(type.bitWidth, type.signed);
    case Type.Float:
      return type.precision === Precision.DOUBLE ? DOUBLE : REAL;
    case Type.Bool:
      return BOOLEAN;
    case Type.Decimal:
      return decimalType(type.precision, type.scale);
    case Type.Date:
      return DATE;
    case Type.Time:
      return TIME;
    case Type.Timestamp:
      return type.timezone === null ? TIMESTAMP : TIMESTAMPTZ;
    case Type.Interval:
    case Type.Duration:
      return INTERVAL;
    case Type.List:
    case Type.LargeList:
    case Type.ListView:
    case Type.LargeListView:
    case Type.FixedSizeList:
    case Type.Struct:
    case Type.Map:
    case Type.Union:
    case Type.RunEndEncoded:
      return JSON_TYPE;
    default:
      return TEXT;
  }
}

function integerType(bits: number, signed: boolean): SqlType {
  if (bits <= 8 || (bits === 16 && signed)) return SMALLINT;
  if (bits === 16 || (bits === 32 && signed)) return INTEGER;
  return bits === 32 || signed ? BIGINT : decimalType(20, 0);
}

/** Arrow's 128-bit decimals have this many digits. */
export const DECIMAL_DIGITS_MAX = 38;

/** The Arrow type of a result column. What Arrow has no type for is text. */
export function arrowTypeOf(type: SqlType): DataType {
  switch (type.kind) {
    case "boolean":
      return bool();
    case "smallint":
      return int16();
    case "integer":
      return int32();
    case "bigint":
      return int64();
    case "decimal":
      return type.precision <= DECIMAL_DIGITS_MAX ? decimal(type.precision, type.scale, 128) : utf8();
    case "real":
      return float32();
    case "double":
      return float64();
    case "date":
      return dateDay();
    case "time":
      return timeMicrosecond();
    case "timestamp":
      return timestamp(TimeUnit.MICROSECOND);
    case "timestamptz":
      return timestamp(TimeUnit.MICROSECOND, "UTC");
    default:
      return utf8();
  }
}

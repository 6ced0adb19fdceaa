/**
 * Chunks with random values in all physical forms: NULLs, extremes, NaN, -0, bigints, codes and row ids.
 *
 * @module
 */
import type { SeededRandom } from "../../../../src/base/random.ts";
import { vectorFromDatums } from "../../../../src/exec/vector_build.ts";
import { Dictionary } from "../../../../src/storage/dictionary.ts";
import type { Datum, SqlType } from "../../../../src/storage/sql_type.ts";
import type { SegmentColumn, ZoneMap } from "../../../../src/storage/table_view.ts";
import type { Vector } from "../../../../src/storage/vector.ts";

const TEXTS = ["", "a", "b", "ab", "Abc", "12", "-3", "x%y", "special requests", "\u{1f600}b", "\uffee", "é"];
const DOUBLES = [NaN, Infinity, -Infinity, -0, 0, 0.1, 1e308, -1e308, 5e-324, 3];

/** A value of `type`. `size` bounds the usual ones: small values seldom overflow. */
export function randomDatum(random: SeededRandom, type: SqlType, size: "small" | "large"): Datum {
  const large = size === "large" && random.next() < 0.3;
  switch (type.kind) {
    case "boolean":
      return random.next() < 0.5;
    case "smallint":
      return large ? random.pick([-32768, 32767]) : random.integer(-9, 9);
    case "integer":
      return large ? random.pick([-2147483648, 2147483647, 65536]) : random.integer(-20, 20);
    case "bigint":
      if (!large) return random.integer(-1000, 1000);
      return random.pick<Datum>([
        9007199254740991,
        -9007199254740991,
        2n ** 62n,
        -(2n ** 63n),
        9007199254740992n,
      ]);
    case "decimal":
      if (!large) return random.integer(-100000, 100000);
      return random.pick<Datum>([999999999999999, -999999999999999, 10n ** 16n, 4503599627370496]);
    case "double":
      return size === "large" ? random.pick(DOUBLES) : random.integer(-50, 50) / 4;
    case "date":
      return large ? random.pick([-100000, 2145042541, -2440588]) : random.integer(8000, 12000);
    case "timestamp":
      return random.integer(-(10 ** 15), 10 ** 15);
    default:
      return random.pick(TEXTS);
  }
}

/** `size` values of which some are NULL. */
export function randomDatums(random: SeededRandom, type: SqlType, count: number): Datum[] {
  const nullShare = random.pick([0, 0, 0.2, 0.9]);
  const size = random.pick(["small", "small", "large"] as const);
  return Array.from(
    { length: count },
    () => random.next() < nullShare ? null : randomDatum(random, type, size),
  );
}

/** `values` as a vector of one of the kinds that can hold them. */
export function randomVector(random: SeededRandom, type: SqlType, values: readonly Datum[]): Vector {
  const plain = vectorFromDatums(type, values, values.length);
  const form = random.next();
  if (form < 0.3) return lazyVector(random, type, values);
  if (plain.kind === "str" && form < 0.8) return codeVector(values);
  if (plain.kind === "f64" && (type.kind === "bigint" || type.kind === "decimal") && form < 0.4) {
    return { kind: "big", values: Array.from(plain.values, (value) => BigInt(value)), nulls: plain.nulls };
  }
  return plain;
}

function codeVector(values: readonly Datum[]): Vector {
  const dictionary = new Dictionary();
  dictionary.encode("never used");
  return {
    kind: "code",
    values: Int32Array.from(values, (value) => value === null ? 0 : dictionary.encode(String(value))),
    dictionary,
    nulls: Uint8Array.from(values, (value) => value === null ? 1 : 0),
  };
}

/** Row ids of one or two segments that hold the values in an order of their own; some NULLs are row -1. */
function lazyVector(random: SeededRandom, type: SqlType, values: readonly Datum[]): Vector {
  const parts: Datum[][] = [[], []];
  const rows = Int32Array.from(values, (value) => {
    if (value === null && random.next() < 0.5) return -1;
    const segment = random.next() < 0.7 ? 0 : 1;
    return segment << 16 | parts[segment]!.push(value) - 1;
  });
  const dictionary = new Dictionary();
  const coded = random.next() < 0.5;
  const segments = parts.map((part) => storedSegment(type, part, coded ? dictionary : null));
  return { kind: "lazy", rows, source: { type, segments } };
}

/** A segment column as storage would keep the values. */
export function storedSegment(
  type: SqlType,
  values: readonly Datum[],
  dictionary: Dictionary | null,
): SegmentColumn {
  const vector = vectorFromDatums(type, values, values.length);
  const zone = zoneOf(vector, values.filter((one) => one === null).length);
  const words = new Uint32Array((values.length >>> 5) + 1);
  values.forEach((value, i) => {
    if (value === null) words[i >>> 5]! |= 1 << (i & 31);
  });
  const base = { nulls: zone.nullCount > 0 ? words : null, zone };
  switch (vector.kind) {
    case "i32":
    case "f64":
    case "bool":
      return { kind: "numbers", values: narrowest(vector.values), ...base };
    case "big":
      return { kind: "bigints", values: vector.values, ...base };
    case "str":
      if (dictionary !== null) {
        return {
          kind: "codes",
          values: Int32Array.from(vector.values, (text) => dictionary.encode(text)),
          dictionary,
          ...base,
        };
      }
      return { kind: "utf8", ...utf8Of(vector.values), ...base };
    default:
      return { kind: "objects", values, ...base };
  }
}

/** Bounds as storage keeps them: NaN is the greatest number. */
function zoneOf(vector: Vector, nullCount: number): ZoneMap {
  if (vector.kind !== "i32" && vector.kind !== "f64" && vector.kind !== "bool") {
    return { min: undefined, max: undefined, nullCount, monotone: false };
  }
  const { nulls } = vector;
  const numbers = Array.from<number>(vector.values).filter((_, i) => nulls === null || nulls[i] === 0);
  const finite = numbers.filter((value) => !Number.isNaN(value));
  const hasNaN = finite.length < numbers.length;
  const min = finite.length > 0 ? Math.min(...finite) : hasNaN ? NaN : undefined;
  const max = hasNaN ? NaN : finite.length > 0 ? Math.max(...finite) : undefined;
  const monotone = nullCount === 0 && !hasNaN &&
    numbers.every((value, i) => i === 0 || numbers[i - 1]! <= value);
  return { min, max, nullCount, monotone };
}

function narrowest(values: Int32Array | Float64Array | Uint8Array) {
  const fits = (low: number, high: number) =>
    values.every((value: number) =>
      Number.isInteger(value) && !Object.is(value, -0) && value >= low && value <= high
    );
  if (values instanceof Uint8Array || fits(0, 255)) return Uint8Array.from(values);
  if (fits(-128, 127)) return Int8Array.from(values);
  if (fits(-32768, 32767)) return Int16Array.from(values);
  if (fits(0, 65535)) return Uint16Array.from(values);
  return fits(-(2 ** 31), 2 ** 31 - 1) ? Int32Array.from(values) : Float64Array.from(values);
}

function utf8Of(texts: readonly string[]) {
  const encoded = texts.map((text) => new TextEncoder().encode(text));
  const starts = new Uint32Array(texts.length);
  const ends = new Uint32Array(texts.length);
  const bytes = new Uint8Array(encoded.reduce((sum, one) => sum + one.length, 0));
  let at = 0;
  encoded.forEach((one, i) => {
    bytes.set(one, at);
    starts[i] = at;
    ends[i] = at += one.length;
  });
  return { bytes, starts, ends, ascii: bytes.every((byte) => byte < 128) };
}

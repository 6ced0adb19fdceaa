/**
 * Conditions on one stored column, applied to its segments as they are stored.
 *
 * Zone maps come first: they may say that no row of a segment passes, or all do. A range on a column whose
 * values ascend is found by bisection. Conditions on texts are tested once for each text of a dictionary, and
 * on UTF-8 bytes without decoding where the pattern allows.
 *
 * @module
 */
import { assert } from "../../base/assert.ts";
import { segmentDatum } from "../../storage/gather.ts";
import { type Datum, TEXT } from "../../storage/sql_type.ts";
import type {
  CodeSegment,
  NumberSegment,
  SegmentColumn,
  StoredNumbers,
  Utf8Segment,
} from "../../storage/table_view.ts";
import { type BytePattern, refinePattern } from "../kernels/byte_search.ts";
import * as kernel from "../kernels/filter.gen.ts";
import { clearBytes, refineBits, selectAll, selectBits } from "../kernels/nulls.ts";
import { vectorFromDatums } from "../vector_build.ts";
import { asBooleans } from "./boolean_node.ts";
import type { MemoPredicateNode } from "./memo_expression.ts";
import { conditionOnBounds, type NumberCondition } from "./number_condition.ts";
import { refineNumbers, selectNumbers } from "./number_filter.ts";
import { type TextPattern, wholePattern } from "./text_pattern.ts";

/** What is known of the rows of a segment without looking at them. */
export type Verdict = "none" | "some" | "all";

/** A condition on one column. NULLs pass only where it says so. */
export interface SegmentCondition {
  /** The column's position in the table. */
  readonly ordinal: number;
  /** What the zone map, or the dictionary, says. */
  prune(column: SegmentColumn): Verdict;
  /** Relative cost of a row, for the order of conditions. */
  cost(column: SegmentColumn): number;
  /** The offsets in [from, to) that pass, ascending, to `rows`; gives their number. */
  select(column: SegmentColumn, from: number, to: number, rows: Int32Array): number;
  /** Keeps those of the first `count` of `rows` that pass; gives their number. */
  refine(column: SegmentColumn, rows: Int32Array, count: number): number;
}

function withoutNulls(column: SegmentColumn, rows: Int32Array, count: number): number {
  return column.nulls === null ? count : refineBits(column.nulls, 0, rows, count);
}

/** Days that are tested ahead, at most. */
const DAYS_MAX = 65536;

/** A number under a condition. */
export class NumberSegmentCondition implements SegmentCondition {
  readonly ordinal: number;
  readonly condition: NumberCondition;
  /** Says the same for a single value that is not NULL, bigints included. */
  readonly test: (value: Datum) => boolean;

  constructor(ordinal: number, condition: NumberCondition, test: (value: Datum) => boolean) {
    this.ordinal = ordinal;
    this.condition = condition;
    this.test = test;
  }

  prune(column: SegmentColumn): Verdict {
    const { min, max } = column.zone;
    if (column.kind !== "numbers" || min === undefined || max === undefined) return "some";
    const verdict = conditionOnBounds(this.condition, min, max);
    return verdict === "all" && column.nulls !== null ? "some" : verdict;
  }

  cost(column: SegmentColumn): number {
    if (column.kind !== "numbers") return 100;
    return column.zone.monotone ? 0 : this.condition.kind === "set" ? 20 : 1;
  }

  select(column: SegmentColumn, from: number, to: number, rows: Int32Array): number {
    if (column.kind !== "numbers") return this.refine(column, rows, selectAll(from, to, rows));
    const { condition } = this;
    if (column.zone.monotone && condition.kind === "range") {
      const first = lowerBound(column.values, from, to, condition.low);
      const end = upperBound(column.values, first, to, condition.high);
      return selectAll(first, end, rows);
    }
    return withoutNulls(column, rows, selectNumbers(column.values, condition, from, to, rows));
  }

  refine(column: SegmentColumn, rows: Int32Array, count: number): number {
    if (column.kind !== "numbers") {
      return refineDatums(column, this.test, rows, withoutNulls(column, rows, count));
    }
    return withoutNulls(column, rows, refineNumbers(column.values, this.condition, rows, count));
  }
}

/** The first offset in [from, to) whose value is not less than `key`, in ascending values. */
function lowerBound(values: StoredNumbers, from: number, to: number, key: number): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle]! < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The first offset in [from, to) whose value is greater than `key`; NaN is. */
function upperBound(values: StoredNumbers, from: number, to: number, key: number): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle]! <= key) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** BIGINT and DECIMAL beyond 2^53. */
function refineDatums(
  column: SegmentColumn,
  test: (value: Datum) => boolean,
  rows: Int32Array,
  count: number,
): number {
  let kept = 0;
  for (let j = 0; j < count; j++) {
    const i = rows[j]!;
    rows[kept] = i;
    // The type matters for booleans alone, and those are stored as numbers.
    if (test(segmentDatum(column, TEXT, i))) kept++;
  }
  return kept;
}

/** IS NULL and IS NOT NULL. */
export class NullSegmentCondition implements SegmentCondition {
  readonly ordinal: number;
  readonly #negated: boolean;

  constructor(ordinal: number, negated: boolean) {
    this.ordinal = ordinal;
    this.#negated = negated;
  }

  prune(column: SegmentColumn): Verdict {
    if (column.nulls !== null) return "some";
    return this.#negated ? "all" : "none";
  }

  cost(): number {
    return 1;
  }

  select(column: SegmentColumn, from: number, to: number, rows: Int32Array): number {
    if (column.nulls === null) return this.#negated ? selectAll(from, to, rows) : 0;
    return selectBits(column.nulls, this.#negated ? 0 : 1, from, to, rows);
  }

  refine(column: SegmentColumn, rows: Int32Array, count: number): number {
    if (column.nulls === null) return this.#negated ? count : 0;
    return refineBits(column.nulls, this.#negated ? 0 : 1, rows, count);
  }
}

/** The same text, or another one. */
export class TextEqualitySegmentCondition implements SegmentCondition {
  readonly ordinal: number;
  readonly #text: string;
  readonly #negated: boolean;
  readonly #pattern: BytePattern;

  constructor(ordinal: number, text: string, negated: boolean) {
    this.ordinal = ordinal;
    this.#text = text;
    this.#negated = negated;
    this.#pattern = wholePattern(text);
  }

  prune(column: SegmentColumn): Verdict {
    if (column.kind !== "codes" || column.dictionary.find(this.#text) !== -1) return "some";
    if (!this.#negated) return "none";
    return column.nulls === null ? "all" : "some";
  }

  cost(column: SegmentColumn): number {
    return column.kind === "codes" ? 1 : 10;
  }

  select(column: SegmentColumn, from: number, to: number, rows: Int32Array): number {
    if (column.kind !== "codes") return this.refine(column, rows, selectAll(from, to, rows));
    const count = selectNumbers(column.values, this.#codeCondition(column), from, to, rows);
    return withoutNulls(column, rows, count);
  }

  refine(column: SegmentColumn, rows: Int32Array, count: number): number {
    const known = withoutNulls(column, rows, count);
    if (column.kind === "codes") {
      return refineNumbers(column.values, this.#codeCondition(column), rows, known);
    }
    assert(column.kind === "utf8", () => `Unexpected segment of texts: received ${column.kind}`);
    return refinePattern(column, this.#pattern, this.#negated, rows, known);
  }

  #codeCondition(column: CodeSegment): NumberCondition {
    const code = column.dictionary.find(this.#text);
    return this.#negated ? { kind: "unequal", value: code } : { kind: "range", low: code, high: code };
  }
}

/** Any other condition on a text. */
export class TextSegmentCondition implements SegmentCondition {
  readonly ordinal: number;
  readonly #memo: MemoPredicateNode;
  readonly #pattern: TextPattern | undefined;

  constructor(ordinal: number, memo: MemoPredicateNode, pattern: TextPattern | undefined) {
    this.ordinal = ordinal;
    this.#memo = memo;
    this.#pattern = pattern;
  }

  prune(column: SegmentColumn): Verdict {
    if (column.kind !== "codes") return "some";
    const table = this.#table(column);
    let passing = 0;
    for (let code = 0; code < column.dictionary.size; code++) passing += table[code]!;
    if (passing === 0) return "none";
    return passing === column.dictionary.size && column.nulls === null ? "all" : "some";
  }

  cost(column: SegmentColumn): number {
    return column.kind === "codes" ? 2 : this.#pattern === undefined ? 200 : 50;
  }

  select(column: SegmentColumn, from: number, to: number, rows: Int32Array): number {
    if (column.kind !== "codes") return this.refine(column, rows, selectAll(from, to, rows));
    return withoutNulls(column, rows, selectCodes(column.values, this.#table(column), from, to, rows));
  }

  refine(column: SegmentColumn, rows: Int32Array, count: number): number {
    const known = withoutNulls(column, rows, count);
    if (column.kind === "codes") return refineCodes(column.values, this.#table(column), rows, known);
    assert(column.kind === "utf8", () => `Unexpected segment of texts: received ${column.kind}`);
    if (this.#pattern === undefined) return this.#refineDecoded(column, rows, known);
    return refinePattern(column, this.#pattern.pattern, this.#pattern.negated, rows, known);
  }

  #table(column: CodeSegment): Uint8Array {
    return this.#memo.complete(column.dictionary).booleans;
  }

  #refineDecoded(column: Utf8Segment, rows: Int32Array, count: number): number {
    const texts = new Array<Datum>(count);
    for (let j = 0; j < count; j++) texts[j] = segmentDatum(column, TEXT, rows[j]!);
    const { values, nulls } = asBooleans(
      this.#memo.evaluateValues(vectorFromDatums(TEXT, texts, count), count),
    );
    let kept = 0;
    for (let j = 0; j < count; j++) {
      rows[kept] = rows[j]!;
      kept += nulls === null ? values[j]! : values[j]! & (nulls[j]! ^ 1);
    }
    return kept;
  }
}

function selectCodes(
  values: CodeSegment["values"],
  table: Uint8Array,
  from: number,
  to: number,
  rows: Int32Array,
): number {
  if (values instanceof Uint8Array) return kernel.selectCodeUint8(values, from, to, table, rows);
  if (values instanceof Uint16Array) return kernel.selectCodeUint16(values, from, to, table, rows);
  return kernel.selectCodeInt32(values, from, to, table, rows);
}

function refineCodes(
  values: CodeSegment["values"],
  table: Uint8Array,
  rows: Int32Array,
  count: number,
): number {
  if (values instanceof Uint8Array) return kernel.refineCodeUint8(values, rows, count, table);
  if (values instanceof Uint16Array) return kernel.refineCodeUint16(values, rows, count, table);
  return kernel.refineCodeInt32(values, rows, count, table);
}

/** Any other condition on a date: the days between the bounds of a segment are tested once. */
export class DateSegmentCondition implements SegmentCondition {
  readonly ordinal: number;
  readonly #memo: MemoPredicateNode;
  /** Covers the segments seen so far, unless their days are too many. */
  #condition: NumberCondition & { kind: "table" } = {
    kind: "table",
    low: 0,
    high: -1,
    table: new Uint8Array(0),
  };

  constructor(ordinal: number, memo: MemoPredicateNode) {
    this.ordinal = ordinal;
    this.#memo = memo;
  }

  prune(): Verdict {
    return "some";
  }

  cost(): number {
    return 2;
  }

  select(column: SegmentColumn, from: number, to: number, rows: Int32Array): number {
    return this.refine(column, rows, selectAll(from, to, rows));
  }

  refine(column: SegmentColumn, rows: Int32Array, count: number): number {
    assert(column.kind === "numbers", () => `Unexpected segment of dates: received ${column.kind}`);
    const known = withoutNulls(column, rows, count);
    const { min, max } = column.zone;
    if (min === undefined || max === undefined || max - min >= DAYS_MAX) {
      return this.#refineRows(column, rows, known);
    }
    this.#cover(min, max);
    return refineNumbers(column.values, this.#condition, rows, known);
  }

  #cover(min: number, max: number): void {
    const { low, high } = this.#condition;
    if (low <= min && max <= high) return;
    const joined = high < low || Math.max(max, high) - Math.min(min, low) >= DAYS_MAX;
    const from = joined ? min : Math.min(min, low);
    const to = joined ? max : Math.max(max, high);
    const days = Int32Array.from({ length: to - from + 1 }, (_, i) => from + i);
    this.#condition = { kind: "table", low: from, high: to, table: this.#test(days) };
  }

  /** 1 for each day that passes. */
  #test(days: Int32Array): Uint8Array {
    const vector = { kind: "i32", values: days, nulls: null } as const;
    const { values, nulls } = asBooleans(this.#memo.evaluateValues(vector, days.length));
    const table = values.slice(0, days.length);
    if (nulls !== null) clearBytes(table, nulls, days.length);
    return table;
  }

  #refineRows(column: NumberSegment, rows: Int32Array, count: number): number {
    const table = this.#test(Int32Array.from(rows.subarray(0, count), (row) => column.values[row]!));
    let kept = 0;
    for (let j = 0; j < count; j++) {
      rows[kept] = rows[j]!;
      kept += table[j]!;
    }
    return kept;
  }
}

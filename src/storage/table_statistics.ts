/**
 * What is known of a table's columns without reading them: bounds from zone maps, distinct counts from keys,
 * dictionaries and a sample. The shape is that of the planner's statistics.
 *
 * Distinct values of a column are estimated from about 8,192 sampled rows by Haas and Stokes' estimator, as
 * PostgreSQL's ANALYZE does, and bounded by the range of the values. Results are kept until a tenth of the rows
 * have changed.
 *
 * @module
 */
import { getBit } from "../base/bitmap.ts";
import { hashAscii, hashNumber } from "../base/hash.ts";
import { hashDatum } from "./datum_order.ts";
import { segmentDatum } from "./gather.ts";
import type { Datum, SqlType } from "./sql_type.ts";
import type { Table } from "./table.ts";
import type { SegmentColumn } from "./table_view.ts";

const SAMPLE_ROWS = 8192;
/** Changes after which statistics are taken anew, as a fraction of the rows. */
const STALE_FRACTION = 0.1;

/** What is known of the values of a column. Bounds are exact or wider; NULL where none are known. */
export interface StoredColumnStatistics {
  readonly min: Datum;
  readonly max: Datum;
  readonly nullCount: number;
  /** Estimate of the number of distinct values, NULL not counted. */
  readonly distinctCount: number;
}

interface CachedColumn {
  readonly modification: number;
  readonly statistics: StoredColumnStatistics;
}

/** Statistics of one table, always of its current rows. */
export class StoredTableStatistics {
  readonly #table: Table;
  #columns: (CachedColumn | undefined)[] = [];
  #types: readonly SqlType[] = [];

  constructor(table: Table) {
    this.#table = table;
  }

  /** Live rows. */
  get rowCount(): number {
    return this.#table.rowCount;
  }

  column(ordinal: number): StoredColumnStatistics {
    const table = this.#table;
    const types = table.types();
    if (types.length !== this.#types.length || types.some((type, i) => type !== this.#types[i])) {
      this.#types = types;
      this.#columns = [];
    }
    const cached = this.#columns[ordinal];
    const changes = table.modification - (cached?.modification ?? 0);
    if (cached !== undefined && changes <= table.rowCount * STALE_FRACTION) return cached.statistics;
    const statistics = describeColumn(table, ordinal);
    this.#columns[ordinal] = { modification: table.modification, statistics };
    return statistics;
  }
}

function describeColumn(table: Table, ordinal: number): StoredColumnStatistics {
  const type = table.definition.columns[ordinal].type;
  let min = Infinity;
  let max = -Infinity;
  let bounded = true;
  let nullCount = 0;
  for (const segment of table.segments) {
    const column = segment.columns[ordinal];
    nullCount += column.zone.nullCount;
    if (segment.slotCount === 0 || column.zone.nullCount === segment.slotCount) continue;
    const { min: low, max: high } = column.zone;
    if (column.kind !== "numbers" || low === undefined || high === undefined || Number.isNaN(high)) {
      bounded = false;
    } else {
      min = Math.min(min, low);
      max = Math.max(max, high);
    }
  }
  const known = bounded && min <= max;
  const asDatum = (value: number): Datum => type.kind === "boolean" ? value === 1 : value;
  const valueCount = Math.max(0, table.rowCount - nullCount);
  const range = known && isWhole(type) ? max - min + 1 : Infinity;
  let distinctCount: number | undefined;
  return {
    min: known ? asDatum(min) : null,
    max: known ? asDatum(max) : null,
    nullCount: Math.min(nullCount, table.rowCount),
    // Sampled when first asked for: most columns of a query take no part in a choice.
    get distinctCount(): number {
      return distinctCount ??= Math.min(countDistinct(table, ordinal, valueCount), range, valueCount);
    },
  };
}

function isWhole(type: SqlType): boolean {
  return type.kind !== "double" && type.kind !== "real";
}

function countDistinct(table: Table, ordinal: number, valueCount: number): number {
  for (const index of table.indexes) {
    const { ordinals, unique } = index.definition;
    if (ordinals.length !== 1 || ordinals[0] !== ordinal) continue;
    if (unique) return valueCount;
    if (index.keyCount !== undefined) return index.keyCount;
  }
  const first = table.segments.find((segment) => segment.slotCount > 0)?.columns[ordinal];
  if (first?.kind === "codes") return first.dictionary.size;
  return estimateDistinct(table, ordinal, valueCount);
}

/** Haas and Stokes' estimator: n d / (n - f1 + f1 n / N), with f1 values that were seen once. */
function estimateDistinct(table: Table, ordinal: number, valueCount: number): number {
  const hashes = sampledHashes(table, ordinal);
  const sampled = hashes.length;
  // Deleted rows may be counted as NULLs still, so that no row is left for a value.
  if (sampled === 0 || valueCount === 0) return 0;
  const { distinct, once } = countRuns(hashes.sort());
  // A value seen once in every row sampled says that all are distinct.
  if (once === sampled) return valueCount;
  const estimate = sampled * distinct / (sampled - once + once * sampled / valueCount);
  return Math.max(distinct, Math.round(estimate));
}

/** Hashes of the values of rows at equal distances, without NULLs. */
function sampledHashes(table: Table, ordinal: number): Int32Array {
  const step = Math.max(1, Math.ceil(table.slotCount / SAMPLE_ROWS));
  const { type } = table.definition.columns[ordinal];
  const hashes = new Int32Array(SAMPLE_ROWS + table.segments.length);
  let count = 0;
  for (const segment of table.segments) {
    const column = segment.columns[ordinal];
    for (let offset = 0; offset < segment.slotCount; offset += step) {
      if (segment.isDeleted(offset) || (column.nulls !== null && getBit(column.nulls, offset))) continue;
      hashes[count++] = hashAt(column, type, offset);
    }
  }
  return hashes.subarray(0, count);
}

function hashAt(column: SegmentColumn, type: SqlType, offset: number): number {
  if (column.kind === "numbers") return hashNumber(column.values[offset]);
  if (column.kind === "utf8" && column.ascii) {
    return hashAscii(column.bytes, column.starts[offset], column.ends[offset]);
  }
  const value = segmentDatum(column, type, offset);
  return value === null ? 0 : hashDatum(value);
}

/** How many distinct values there are among sorted ones, and how many that occur once. */
function countRuns(sorted: Int32Array): { readonly distinct: number; readonly once: number } {
  let distinct = 0;
  let once = 0;
  for (let from = 0, to = 0; from < sorted.length; from = to) {
    while (to < sorted.length && sorted[to] === sorted[from]) to++;
    distinct++;
    if (to - from === 1) once++;
  }
  return { distinct, once };
}

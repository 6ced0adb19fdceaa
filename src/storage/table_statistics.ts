/**
 * What is known of a table's columns without reading them: bounds from zone maps, distinct counts from keys,
 * dictionaries and a sample. The shape is that of the planner's statistics.
 *
 * Distinct values of a column are estimated from up to 16,384 sampled rows by Haas and Stokes' estimator, as
 * PostgreSQL's ANALYZE does, and bounded by the range of the values. Results are kept until a tenth of the rows
 * have changed.
 *
 * @module
 */
import { hashDatum } from "./datum_order.ts";
import { segmentDatum } from "./gather.ts";
import type { Datum, SqlType } from "./sql_type.ts";
import type { Table } from "./table.ts";
import type { SegmentColumn } from "./table_view.ts";

const SAMPLE_ROWS = 16384;
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
  return {
    min: known ? asDatum(min) : null,
    max: known ? asDatum(max) : null,
    nullCount: Math.min(nullCount, table.rowCount),
    distinctCount: Math.min(countDistinct(table, ordinal, valueCount), range, valueCount),
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
  const counts = new Map<number, number>();
  let sampled = 0;
  const type = table.definition.columns[ordinal].type;
  const step = Math.max(1, Math.ceil(table.slotCount / SAMPLE_ROWS));
  for (const segment of table.segments) {
    const column: SegmentColumn = segment.columns[ordinal];
    for (let offset = 0; offset < segment.slotCount; offset += step) {
      if (segment.isDeleted(offset)) continue;
      const value = segmentDatum(column, type, offset);
      if (value === null) continue;
      const hash = hashDatum(value);
      counts.set(hash, (counts.get(hash) ?? 0) + 1);
      sampled++;
    }
  }
  if (sampled === 0) return 0;
  let once = 0;
  for (const count of counts.values()) if (count === 1) once++;
  // A value seen once in every row sampled says that all are distinct.
  if (once === sampled) return valueCount;
  const estimate = sampled * counts.size / (sampled - once + once * sampled / valueCount);
  return Math.max(counts.size, Math.round(estimate));
}

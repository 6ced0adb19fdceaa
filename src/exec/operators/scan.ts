/**
 * Source that reads a table: zone maps, pushed filters and key filters of joins decide which row slots are
 * read, then each column comes eagerly (its values) or lazily (row ids, decoded where first needed).
 *
 * ```
 * segment -> slice of 2,048 to 65,536 slots -> filter -> offsets -> chunks of at most 2,048 rows
 * ```
 *
 * The slice widens while few rows pass, so that a selective filter does not make small chunks. O(slots not
 * pruned) for the filter, O(rows that pass) for the rest.
 *
 * @module
 */
import type { PlanColumn } from "../../query/plan.ts";
import {
  SEGMENT_BITS,
  SEGMENT_ROWS,
  type SegmentView,
  type StoredColumn,
  type TableSnapshot,
} from "../../storage/table_view.ts";
import { type Chunk, CHUNK_ROWS, type Vector } from "../../storage/vector.ts";
import type { ScanFilter } from "../expression/scan_filter.ts";
import { EMPTY_CHUNK, type RowBudget, type RowCounts, type Source } from "./operator.ts";
import { SegmentReader } from "./segment_reader.ts";

/** A column that a scan gives. */
export interface ScannedColumn extends PlanColumn {
  /** Position in the table; -1 for the row id. */
  readonly ordinal: number;
  /** Whether its values are needed right away. */
  readonly eager: boolean;
}

/** A filter on one column that becomes known while the query runs: the keys of a join's build side. */
export interface KeyFilter {
  readonly ordinal: number;
  /** Whether it is known and worth its cost. */
  readonly active: boolean;
  /** No key is in [min, max] of the segment. */
  excludes(min: number, max: number): boolean;
  /** Keeps those of `offsets` whose value is a key; gives their count. `values` belong to the offsets. */
  refine(values: Vector, offsets: Int32Array, count: number): number;
}

const SLICE_FEW = 512;

/** Reads the rows of a snapshot that pass the filters. */
export class ScanSource implements Source {
  readonly #snapshot: TableSnapshot;
  readonly #columns: readonly ScannedColumn[];
  readonly #filter: ScanFilter;
  readonly #keyFilters: { readonly filter: KeyFilter; readonly reader: SegmentReader }[] = [];
  readonly #stored: readonly (StoredColumn | null)[];
  readonly #readers: readonly (SegmentReader | null)[];
  /** Whether some column needs row ids. */
  readonly #givesRows: boolean;
  readonly #counts: RowCounts;
  readonly #offsets = new Int32Array(SEGMENT_ROWS);
  readonly #rows = new Int32Array(CHUNK_ROWS);
  readonly #rowIds = new Float64Array(CHUNK_ROWS);
  #segmentIndex = 0;
  /** First slot of the current segment not yet filtered. */
  #slot = 0;
  #sliceRows = CHUNK_ROWS;
  /** What the zone maps say of the current segment. */
  #pruning: "none" | "some" | "all" | null = null;
  /** Offsets in [#given, #found) are still to be given. */
  #given = 0;
  #found = 0;

  constructor(
    snapshot: TableSnapshot,
    columns: readonly ScannedColumn[],
    filter: ScanFilter,
    counts: RowCounts,
  ) {
    this.#snapshot = snapshot;
    this.#columns = columns;
    this.#filter = filter;
    this.#counts = counts;
    this.#stored = columns.map((column) => column.ordinal < 0 ? null : snapshot.column(column.ordinal));
    this.#readers = columns.map((column) =>
      column.ordinal < 0 || !column.eager ? null : this.#readerOf(column.ordinal)
    );
    this.#givesRows = this.#readers.includes(null);
  }

  /** Restricts the scan to rows whose key is known; called before the scan starts. */
  addKeyFilter(filter: KeyFilter): void {
    this.#keyFilters.push({ filter, reader: this.#readerOf(filter.ordinal) });
  }

  next(budget: RowBudget): Chunk | null {
    while (this.#given === this.#found) {
      if (budget.rows <= 0) return EMPTY_CHUNK;
      const segment = this.#snapshot.segments[this.#segmentIndex];
      if (segment === undefined) return null;
      this.#readSlice(segment, budget);
    }
    const from = this.#given;
    const count = Math.min(CHUNK_ROWS, this.#found - from);
    this.#given += count;
    return this.#chunk(from, count);
  }

  /** Filters the next slice of `segment`, or goes to the next segment. */
  #readSlice(segment: SegmentView, budget: RowBudget): void {
    this.#pruning ??= this.#prune(segment);
    if (this.#pruning === "none" || this.#slot >= segment.slotCount) {
      this.#segmentIndex++;
      this.#slot = 0;
      this.#pruning = null;
      return;
    }
    const from = this.#slot;
    const to = Math.min(from + this.#sliceRows, segment.slotCount);
    let count = this.#pruning === "all" && segment.tombstones === null
      ? fillRange(this.#offsets, from, to)
      : this.#filter.filter(segment, from, to, this.#offsets);
    for (const { filter, reader } of this.#keyFilters) {
      if (count === 0) break;
      if (!filter.active) continue;
      const values = reader.read(segment.column(filter.ordinal), this.#offsets, count);
      count = filter.refine(values, this.#offsets, count);
    }
    this.#counts.rowsExamined += to - from;
    budget.rows -= to - from;
    this.#slot = to;
    this.#given = 0;
    this.#found = count;
    if (count < SLICE_FEW && this.#sliceRows < SEGMENT_ROWS) this.#sliceRows *= 2;
    else if (count > CHUNK_ROWS * 2 && this.#sliceRows > CHUNK_ROWS) this.#sliceRows /= 2;
  }

  #prune(segment: SegmentView): "none" | "some" | "all" {
    for (const { filter } of this.#keyFilters) {
      const { min, max } = segment.column(filter.ordinal).zone;
      if (min !== undefined && max !== undefined && filter.excludes(min, max)) return "none";
    }
    return this.#filter.prune(segment);
  }

  #chunk(from: number, count: number): Chunk {
    const segment = this.#snapshot.segments[this.#segmentIndex]!;
    const offsets = this.#offsets.subarray(from, from + count);
    const rows = this.#rows;
    if (this.#givesRows) addBase(offsets, this.#segmentIndex << SEGMENT_BITS, count, rows);
    const columns = this.#columns.map((column, position): Vector => {
      const reader = this.#readers[position]!;
      if (reader !== null) return reader.read(segment.column(column.ordinal), offsets, count);
      const source = this.#stored[position]!;
      return source === null ? this.#rowIdVector(count) : { kind: "lazy", rows, source };
    });
    return { size: count, columns };
  }

  #readerOf(ordinal: number): SegmentReader {
    return new SegmentReader(this.#snapshot.columns[ordinal]!.type);
  }

  #rowIdVector(count: number): Vector {
    for (let i = 0; i < count; i++) this.#rowIds[i] = this.#rows[i]!;
    return { kind: "f64", values: this.#rowIds, nulls: null };
  }
}

function addBase(offsets: Int32Array, base: number, count: number, rows: Int32Array): void {
  for (let i = 0; i < count; i++) rows[i] = base | offsets[i]!;
}

function fillRange(offsets: Int32Array, from: number, to: number): number {
  for (let i = from; i < to; i++) offsets[i - from] = i;
  return to - from;
}

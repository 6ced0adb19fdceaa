/**
 * A table as it was at a version: the present, with the commits since then taken back.
 *
 * ```
 * present    [ S0: a b c d ] [ S1: e f ]          since then: b := b', c deleted, f inserted
 * past       [ S0: a . . d ] [ S1: e . ] [ b c ]  slots that differ are dead, their rows stand in a segment of their own
 * ```
 *
 * Row ids tell which rows the commits mean, newest first; where a row stood is not restored, since its slot may
 * belong to another row by now. O(rows changed since), plus the tombstones of each touched segment.
 *
 * @module
 */
import { makeColumn } from "./column_factory.ts";
import { prepareDatums } from "./column_source.ts";
import type { PastCommits } from "./history.ts";
import { MemoryAccount } from "./memory_account.ts";
import type { PastTarget } from "./packed_changes.ts";
import type { Pin } from "./pin.ts";
import { Segment } from "./segment.ts";
import type { Datum } from "./sql_type.ts";
import type { Table } from "./table.ts";
import { SEGMENT_BITS, SEGMENT_ROWS } from "./table_view.ts";
import type { TextDomain } from "./text_domain.ts";

const OFFSET_MASK = SEGMENT_ROWS - 1;

/** Pins `present` with what `commits`, newest first, did after `version` taken back. */
export function pinPast(
  table: Table,
  present: Pin,
  commits: readonly PastCommits[],
  version: number,
): Pin {
  const rows = new PastRows(present);
  for (const { changes } of commits) changes.walkBack(rows, version);
  const { segments, restored, rowCount } = rows.result();
  for (let from = 0; from < restored.length; from += SEGMENT_ROWS) {
    segments.push(segmentOf(table, restored.slice(from, from + SEGMENT_ROWS)));
  }
  return table.pinOther(segments, rowCount);
}

/** The rows that differ from the present, by where they stood; null for those that were not there. */
class PastRows implements PastTarget {
  readonly #present: Pin;
  readonly #rows = new Map<number, Datum[] | null>();

  constructor(present: Pin) {
    this.#present = present;
  }

  remove(row: number): void {
    this.#rows.set(row, null);
  }

  restore(row: number, values: readonly Datum[]): void {
    this.#rows.set(row, values.slice());
  }

  put(row: number, ordinal: number, value: Datum): void {
    const values = this.#rows.get(row) ?? this.#presentRow(row);
    values[ordinal] = value;
    this.#rows.set(row, values);
  }

  /** The segments of the present without the rows that differ, and the rows to add. */
  result(): { segments: Segment[]; readonly restored: Datum[][]; readonly rowCount: number } {
    const segments = [...this.#present.segments];
    const copied = new Set<number>();
    const restored: Datum[][] = [];
    let { rowCount } = this.#present;
    for (const [row, values] of this.#rows) {
      const index = row >>> SEGMENT_BITS;
      if (isLive(segments[index], row & OFFSET_MASK)) {
        if (!copied.has(index)) {
          copied.add(index);
          segments[index] = segments[index].copy(segments[index].epoch);
        }
        segments[index].addTombstone(row & OFFSET_MASK);
        rowCount--;
      }
      if (values !== null) restored.push(values);
    }
    return { segments, restored, rowCount: rowCount + restored.length };
  }

  #presentRow(row: number): Datum[] {
    const { columns } = this.#present.segments[row >>> SEGMENT_BITS];
    return columns.map((column) => column.get(row & OFFSET_MASK));
  }
}

function isLive(segment: Segment | undefined, offset: number): boolean {
  return segment !== undefined && offset < segment.slotCount && !segment.isDeleted(offset);
}

/** A segment apart from the table's, with its dictionaries. */
function segmentOf(table: Table, rows: readonly (readonly Datum[])[]): Segment {
  const account = new MemoryAccount();
  const columns = table.definition.columns.map((column, ordinal) => {
    const source = prepareDatums({ table: table.name, column }, rows.map((row) => row[ordinal]), rows.length);
    const domain: TextDomain | undefined = table.domain(ordinal);
    return makeColumn(column.type, domain, account, 0).append(0, source, 0, rows.length);
  });
  const segment = new Segment(columns, 0);
  segment.slotCount = rows.length;
  return segment;
}

/**
 * The committed state of a table while a transaction is changing it: what everybody else reads.
 *
 * The current segments are pinned, and the undo log is walked back over copies of what it touched. Only built
 * when somebody asks during an open transaction: O(changes), plus a copy of each touched segment column.
 *
 * @module
 */
import { Utf8Column } from "./utf8_column.ts";
import type { Pin } from "./pin.ts";
import type { Segment } from "./segment.ts";
import type { Datum } from "./sql_type.ts";
import type { Table } from "./table.ts";
import type { TableWriter } from "./table_writer.ts";
import { SEGMENT_BITS, SEGMENT_ROWS } from "./table_view.ts";
import type { UndoMark, UndoTarget } from "./undo_log.ts";

const OFFSET_MASK = SEGMENT_ROWS - 1;
const START: UndoMark = { opCount: 0, insertedCount: 0, deletedCount: 0, savedCounts: new Map() };

/** Pins the state of `table` before the writes of `writer`. */
export function pinCommitted(table: Table, writer: TableWriter): Pin {
  const segments = table.segments.slice();
  const restored = new RestoredSegments(segments);
  writer.log.walkBack(START, restored);
  // The pin makes later writes of the transaction copy the columns that both share.
  return table.pinOther(segments, writer.rowCountBefore);
}

class RestoredSegments implements UndoTarget {
  readonly #segments: Segment[];
  readonly #copied = new Set<number>();
  readonly #copiedColumns = new Set<string>();

  constructor(segments: Segment[]) {
    this.#segments = segments;
  }

  remove(row: number): void {
    this.#segment(row).addTombstone(row & OFFSET_MASK);
  }

  restore(row: number): void {
    this.#segment(row).removeTombstone(row & OFFSET_MASK);
  }

  put(row: number, ordinal: number, value: Datum): void {
    const segment = this.#segment(row);
    const key = `${row >>> SEGMENT_BITS}/${ordinal}`;
    if (!this.#copiedColumns.has(key)) {
      this.#copiedColumns.add(key);
      const copy = segment.columns[ordinal].copy(segment.epoch);
      if (copy instanceof Utf8Column) copy.ownBytes();
      segment.columns[ordinal] = copy;
    }
    segment.columns[ordinal] = segment.columns[ordinal].put(row & OFFSET_MASK, value, false);
  }

  #segment(row: number): Segment {
    const index = row >>> SEGMENT_BITS;
    if (!this.#copied.has(index)) {
      this.#copied.add(index);
      this.#segments[index] = this.#segments[index].copy(this.#segments[index].epoch);
    }
    return this.#segments[index];
  }
}

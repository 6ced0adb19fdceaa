/**
 * Compaction: moving the rows of sparse segments together, a slice at a time.
 *
 * A segment is sparse when fewer than half of its slots hold rows. Its rows are deleted and inserted again within
 * a transaction, so whoever holds row ids learns of the move from the delta, and an emptied segment is given up at
 * the next transaction. O(rows moved).
 *
 * @module
 */
import { type DenseVector, gatherStored } from "./gather.ts";
import type { Table } from "./table.ts";
import { SEGMENT_BITS, SEGMENT_ROWS } from "./table_view.ts";

/** Rows to move next, and the segments that they leave. */
export interface CompactionSlice {
  readonly rows: Int32Array;
  readonly columns: readonly DenseVector[];
}

/** Whether compaction would give up segments: at least two are sparse, or one that is full. */
export function isSparse(table: Table): boolean {
  return sparseSegments(table).length > 0;
}

/** The next rows to move, at most `rowsMax`; `undefined` when no segment is sparse. */
export function nextSlice(table: Table, rowsMax: number): CompactionSlice | undefined {
  const [index] = sparseSegments(table);
  if (index === undefined) return undefined;
  const segment = table.segments[index];
  const rows = new Int32Array(Math.min(rowsMax, segment.liveCount));
  let count = 0;
  for (let offset = 0; offset < segment.slotCount && count < rows.length; offset++) {
    if (!segment.isDeleted(offset)) rows[count++] = index << SEGMENT_BITS | offset;
  }
  const columns = table.definition.columns.map((_, ordinal) =>
    gatherStored(table.storedColumn(ordinal), rows, rows.length)
  );
  // Its free slots must not be filled while it is being emptied.
  table.allocator.removeSegment(index);
  return { rows, columns };
}

/** Full segments of which fewer than half of the slots hold rows, emptiest first. */
function sparseSegments(table: Table): number[] {
  const { segments } = table;
  const sparse: number[] = [];
  for (let index = 0; index < segments.length; index++) {
    const { slotCount, liveCount } = segments[index];
    if (slotCount === SEGMENT_ROWS && liveCount > 0 && liveCount * 2 < slotCount) sparse.push(index);
  }
  return sparse.sort((a, b) => segments[a].liveCount - segments[b].liveCount);
}

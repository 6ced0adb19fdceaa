/**
 * Several deltas of one table as one: what changed from before the first to after the last.
 *
 * By row id, because within a row id removals and additions alternate: of each row id the first removal and the
 * last addition remain, unless they are the same row. O(rows of all deltas).
 *
 * @module
 */
import { assert } from "../base/assert.ts";
import { identicalDatums } from "./datum_order.ts";
import { vectorDatum, vectorOfDatums } from "./datum_vector.ts";
import { chunksOfRows, type DeltaChunk, StoredDelta, type TableDelta } from "./delta.ts";
import type { Dictionary } from "./dictionary.ts";
import type { SqlType } from "./sql_type.ts";
import type { Vector } from "./vector.ts";

/** Where a row of a delta is. */
interface Place {
  readonly chunk: DeltaChunk;
  readonly index: number;
}

/** One delta for consecutive `deltas`, oldest first, of a table with columns of `types`. */
export function mergeDeltas(deltas: readonly TableDelta[], types: readonly SqlType[]): TableDelta {
  assert(deltas.length > 0, "There is at least one delta to merge");
  const removed = new Map<number, Place>();
  const added = new Map<number, Place>();
  for (const delta of deltas) for (const chunk of delta.chunks()) takeIn(chunk, removed, added);
  for (const [row, place] of removed) {
    const other = added.get(row);
    if (other === undefined || !isSameRow(place, other)) continue;
    removed.delete(row);
    added.delete(row);
  }
  const last = deltas[deltas.length - 1];
  return new StoredDelta(last.table, last.version, [
    ...chunksOf(removed, -1, types),
    ...chunksOf(added, 1, types),
  ]);
}

function takeIn(chunk: DeltaChunk, removed: Map<number, Place>, added: Map<number, Place>): void {
  for (let index = 0; index < chunk.size; index++) {
    const row = chunk.rowIds[index];
    if (chunk.weights[index] > 0) {
      added.set(row, { chunk, index });
    } else if (!added.delete(row)) {
      // Not added before by these deltas, so the row was there at their beginning.
      removed.set(row, { chunk, index });
    }
  }
}

function isSameRow(a: Place, b: Place): boolean {
  return a.chunk.columns.every((column, ordinal) =>
    identicalDatums(vectorDatum(column, a.index), vectorDatum(b.chunk.columns[ordinal], b.index))
  );
}

function chunksOf(
  places: ReadonlyMap<number, Place>,
  weight: 1 | -1,
  types: readonly SqlType[],
): DeltaChunk[] {
  const rows = Int32Array.from(places.keys()).sort();
  return [
    ...chunksOfRows(
      rows,
      weight,
      (part) => types.map((type, ordinal) => columnOf(places, part, type, ordinal)),
    ),
  ];
}

function columnOf(
  places: ReadonlyMap<number, Place>,
  rows: Int32Array,
  type: SqlType,
  ordinal: number,
): Vector {
  let dictionary: Dictionary | undefined;
  const values = Array.from(rows, (row) => {
    const place = places.get(row);
    assert(place !== undefined, "Every row has a place");
    const column = place.chunk.columns[ordinal];
    if (column.kind === "code") dictionary = column.dictionary;
    return vectorDatum(column, place.index);
  });
  return vectorOfDatums(type, values, dictionary);
}

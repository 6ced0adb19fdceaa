/**
 * The reach of lag and lead with a distance that each row tells: as far as the greatest one of the rows that are
 * there, in either direction.
 *
 * O(1) a changed row; O(different distances) when the last row with the greatest one goes.
 *
 * @module
 */
import { readDatums } from "../../exec/vector_read.ts";
import { matters, type RunChange } from "./call_program.ts";
import { type FrameReach, type Mark, type PositionRange, RowsReach } from "./frame_reach.ts";
import { FRESH, GONE } from "./partitioned_runs.ts";
import type { RowScalars } from "./row_scalars.ts";
import type { SortedRun } from "./sorted_run.ts";

const ENTRY_BYTES = 48;

/** See the module header. */
export class OffsetReach implements FrameReach {
  readonly #distance: RowScalars;
  readonly #sign: 1 | -1;
  /** How many rows look so far back; negative for ahead. */
  readonly #counts = new Map<number, number>();
  #rows = new RowsReach(0, 0);

  /** `distance`: the expression for it; `isLag`: whether it looks back. */
  constructor(distance: RowScalars, isLag: boolean) {
    this.#distance = distance;
    this.#sign = isLag ? 1 : -1;
  }

  get stateBytes(): number {
    return this.#counts.size * ENTRY_BYTES;
  }

  follow(change: RunChange, bit: number): void {
    const { kinds, rows, oldRows, marks: { slots } } = change;
    const gone: number[] = [];
    const come: number[] = [];
    for (const slot of slots) {
      if (!matters(change, slot, bit)) continue;
      const kind = kinds[slot]!;
      if (kind !== GONE) come.push(rows.rowOf(slot));
      if (kind !== FRESH) gone.push(kind === GONE ? rows.rowOf(slot) : oldRows[slot]!);
    }
    this.#count(come, 1);
    this.#count(gone, -1);
    let before = 0;
    let after = 0;
    for (const distance of this.#counts.keys()) {
      before = Math.max(before, distance);
      after = Math.max(after, -distance);
    }
    this.#rows = new RowsReach(before, after);
  }

  affected(run: SortedRun, mark: Mark): PositionRange {
    return this.#rows.affected(run, mark);
  }

  context(run: SortedRun, range: PositionRange): PositionRange {
    return this.#rows.context(run, range);
  }

  #count(ids: readonly number[], weight: 1 | -1): void {
    if (ids.length === 0) return;
    for (const value of readDatums(this.#distance.evaluate(Int32Array.from(ids))[0]!, ids.length)) {
      if (value === null) continue;
      const distance = Number(value) * this.#sign;
      const count = (this.#counts.get(distance) ?? 0) + weight;
      if (count === 0) this.#counts.delete(distance);
      else this.#counts.set(distance, count);
    }
  }
}

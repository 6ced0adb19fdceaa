/**
 * The bounds of RANGE frames with an offset by slot, and the keys in the type of the bounds.
 *
 * @module
 */
import type { ExecutionEnvironment } from "../../exec/execution.ts";
import { rangeScalars } from "../../exec/physical_window.ts";
import type { PlanColumn, Scalar, SortKey } from "../../query/plan.ts";
import type { FrameBoundPlan } from "../../query/plan.ts";
import type { RangeLanes } from "./frame_reach.ts";
import { RowScalars } from "./row_scalars.ts";
import type { SlotRows } from "./slot_rows.ts";
import { SortLane } from "./sort_lanes.ts";

/** See the module header. */
export class RangeBounds implements RangeLanes {
  readonly keys: SortLane;
  readonly bounds: SortLane;
  readonly #scalars: RowScalars;
  readonly #rows: SlotRows;

  constructor(
    sort: SortKey,
    bound: { readonly kind: FrameBoundPlan["kind"]; readonly offset: Scalar },
    input: { readonly columns: readonly PlanColumn[]; readonly rows: SlotRows },
    environment: ExecutionEnvironment,
  ) {
    const scalars = rangeScalars(environment, sort, bound);
    const { descending, nullsFirst } = sort;
    const direction = { type: scalars.bound.type, descending, nullsFirst };
    this.keys = new SortLane(direction);
    this.bounds = new SortLane(direction);
    this.#rows = input.rows;
    this.#scalars = new RowScalars([scalars.key, scalars.bound], input.columns, input.rows, environment);
  }

  get stateBytes(): number {
    return this.keys.stateBytes + this.bounds.stateBytes;
  }

  /** Rows with these ids come to `slots`. */
  place(slots: Int32Array, rows: Int32Array): void {
    const [keys, bounds] = this.#scalars.evaluate(rows);
    this.keys.reserve(this.#rows.slotCount);
    this.bounds.reserve(this.#rows.slotCount);
    this.keys.write(slots, keys!, rows.length);
    this.bounds.write(slots, bounds!, rows.length);
  }

  /** Slot `live[i]` becomes slot i. */
  renumber(live: Int32Array): void {
    this.keys.renumber(live);
    this.bounds.renumber(live);
  }
}

/**
 * Temporal filters: rows that are valid from some time, or until some time.
 *
 * ```
 * WHERE ts > now() - interval '30 days' AND ts <= now()
 *
 *        └── leaves the window ──┘ └── comes into it ──┘     both are ordinary changes, when the clock gets there
 * ```
 *
 * Conditions on one expression of the row are one node, others follow in the next. O(log rows) a changed row, and
 * O(log rows + rows that come or go) when the clock moves; the state is that of the rows whose time has not passed.
 *
 * @module
 */
import type { ExecutionEnvironment } from "../../exec/execution.ts";
import type { PlanColumn, Scalar } from "../../query/plan.ts";
import type { CircuitNode, Epoch } from "../circuit_node.ts";
import { type Delta, emptyDelta, selectDelta, sumOfDeltas } from "../delta.ts";
import { holds, type TimeBound, TimedRows } from "../time/timed_rows.ts";

/** What a temporal filter asks of a row. */
export interface TemporalConditions {
  /** The expression that is compared. */
  readonly row: Scalar;
  /** All must hold. */
  readonly bounds: readonly TimeBound[];
  /** Whether rows for which the expression is NULL pass. */
  readonly nullsPass: boolean;
}

/** See the module header. */
export class TemporalFilterNode implements CircuitNode {
  readonly name = "temporal filter";
  readonly inputs: readonly CircuitNode[];
  readonly columns: readonly PlanColumn[];
  readonly #bounds: readonly TimeBound[];
  readonly #nullsPass: boolean;
  readonly #rows: TimedRows;
  readonly #nothing: Delta;
  /** Whether all rows that pass are kept. */
  readonly #holdsOutput: boolean;
  #examinedRows = 0;

  constructor(input: CircuitNode, conditions: TemporalConditions, environment: ExecutionEnvironment) {
    this.inputs = [input];
    this.columns = input.columns;
    this.#bounds = conditions.bounds;
    this.#nullsPass = conditions.nullsPass;
    this.#nothing = emptyDelta(input.columns.map((column) => column.type));
    this.#rows = new TimedRows(input.columns, conditions.row, conditions.bounds, environment);
    const settledRowsFail = conditions.bounds.some(({ operator }) => ["=", ">", ">="].includes(operator));
    this.#holdsOutput = settledRowsFail && !conditions.nullsPass;
  }

  get stateBytes(): number {
    return this.#rows.stateBytes;
  }

  get examinedRows(): number {
    return this.#examinedRows + this.#rows.examinedRows;
  }

  get dueMicros(): number | undefined {
    return this.#rows.dueMicros;
  }

  apply([delta]: readonly Delta[], epoch: Epoch): Delta {
    const moved = this.#move(epoch.nowMicros);
    const { size } = delta!;
    if (size === 0) {
      this.#rows.settle();
      return moved;
    }
    this.#examinedRows += size;
    const keys = this.#rows.keysOf(delta!);
    const passed = this.#passing(delta!, keys);
    this.#rows.add(delta!, keys);
    if (moved.size === 0) return passed;
    return sumOfDeltas([moved, passed], this.columns.map((column) => column.type));
  }

  output(inputs: () => readonly Delta[]): Delta {
    const rows = this.#holdsOutput ? this.#rows.all() : inputs()[0]!;
    this.#examinedRows += rows.size;
    return this.#passing(rows, this.#rows.keysOf(rows));
  }

  /** The change that the clock makes. */
  #move(nowMicros: number): Delta {
    const changed: number[] = [];
    const signs: number[] = [];
    for (const key of this.#rows.move(nowMicros)) {
      const sign = Number(this.#passes(key, this.#rows.values)) -
        Number(this.#passes(key, this.#rows.before));
      if (sign === 0) continue;
      changed.push(key);
      signs.push(sign);
    }
    if (changed.length === 0) return this.#nothing;
    const { positions, rows } = this.#rows.rowsWith(changed);
    for (let i = 0; i < rows.size; i++) rows.weights[i]! *= signs[positions[i]!]!;
    return rows;
  }

  #passes(key: number, values: Float64Array): boolean {
    for (let i = 0; i < values.length; i++) {
      if (!holds(this.#bounds[i]!.operator, key, values[i]!)) return false;
    }
    return true;
  }

  #passing(delta: Delta, keys: Float64Array): Delta {
    const { values } = this.#rows;
    const rows = new Int32Array(delta.size);
    let count = 0;
    for (let i = 0; i < delta.size; i++) {
      const key = keys[i]!;
      if (Number.isNaN(key) ? this.#nullsPass : this.#passes(key, values)) rows[count++] = i;
    }
    return count === delta.size ? delta : selectDelta(delta, rows, count);
  }
}

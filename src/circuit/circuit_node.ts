/**
 * Nodes of a circuit: operators that turn the changes of their inputs into the change of their output.
 *
 * @module
 */
import type { PlanColumn } from "../query/plan.ts";
import type { Delta } from "./delta.ts";
import type { Route, RouteValues } from "./relation_change.ts";

/** One round of changes, from one version of the tables to the next. */
export interface Epoch {
  /** The change of a table in the columns `ordinals`, of all rows or those on a route; undefined for none. */
  tableDelta(table: string, ordinals: readonly number[], route?: Route): Delta | undefined;
  /** The values that changed rows of a table have in a column, as routes tell them apart. */
  valuesOf(table: string, ordinal: number): RouteValues;
  /** The time of the change, in microseconds since 1970: what `now()` gives. */
  readonly nowMicros: number;
  /** The version that has the change, where versions are known. */
  readonly version?: number;
}

/** An operator with its state. */
export interface CircuitNode {
  /** What it does: `inner join`, `group`, ... */
  readonly name: string;
  readonly inputs: readonly CircuitNode[];
  /** Its columns, in the order of its deltas. */
  readonly columns: readonly PlanColumn[];
  /** Memory of its state. */
  readonly stateBytes: number;
  /** Rows looked at so far: its deltas and what they met. */
  readonly examinedRows: number;
  /**
   * When the output changes although no input does, in microseconds since 1970; absent or undefined for never. From
   * then on it is applied in the next epoch.
   */
  readonly dueMicros?: number | undefined;
  /**
   * The change of the output; `deltas` are those of the inputs. Called in the first epoch, which brings all rows
   * of the tables, and then in those epochs alone in which an input changes or the node is due.
   */
  apply(deltas: readonly Delta[], epoch: Epoch): Delta;
  /**
   * All rows of the output as they are after the last epoch, for a reader that comes later. `inputs` computes all
   * rows of the inputs; `epoch` brings all rows of the tables. A node that holds what it needs does not ask.
   */
  output(inputs: () => readonly Delta[], epoch: Epoch): Delta;
}

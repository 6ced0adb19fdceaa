/**
 * Nodes of a circuit: operators that turn the changes of their inputs into the change of their output.
 *
 * @module
 */
import type { PlanColumn } from "../query/plan.ts";
import type { Delta } from "./delta.ts";

/** One round of changes, from one version of the tables to the next. */
export interface Epoch {
  /** The change of a table in the columns `ordinals`; undefined when it has none. */
  tableDelta(table: string, ordinals: readonly number[]): Delta | undefined;
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
  /** The change of the output; `deltas` are those of the inputs. Called once an epoch, the first one included. */
  apply(deltas: readonly Delta[], epoch: Epoch): Delta;
}

/**
 * Guard: leaves out the rows for which expressions of the operator above would fail, and keeps them as errors.
 *
 * ```
 * delta ─► evaluate all ─► no error: as it came
 *                       └► error: evaluate halves, and halves of these, down to the rows that fail ─► errors
 * ```
 *
 * The same row fails whenever it comes or goes, so it leaves the errors with the source row. A delta without errors
 * costs one more evaluation; one with e errors among n rows O(e log n) evaluations.
 *
 * @module
 */
import type { ExecutionEnvironment } from "../../exec/execution.ts";
import { compileScalars } from "../../exec/expression/compile.ts";
import { compilePredicate } from "../../exec/expression/predicate.ts";
import type { Scalar } from "../../query/plan.ts";
import type { QueryError } from "../../base/error.ts";
import type { CircuitNode, Epoch } from "../circuit_node.ts";
import { type Delta, rowsOfDelta, selectDelta } from "../delta.ts";
import { isRowError, Quarantine } from "../quarantine.ts";
import { LinearNode } from "./linear.ts";

/** What may fail for a row. */
export interface GuardedScalars {
  /** Values of the operator above. */
  readonly scalars: readonly Scalar[];
  /** Its condition, of which later parts see the rows alone that pass the earlier ones. */
  readonly condition: Scalar | null;
}

/** Evaluates what is guarded; throws what it throws. */
type Evaluate = (delta: Delta) => void;

/** A row, and why it fails. */
type Failed = (row: number, error: QueryError) => void;

/** See the module header. */
export class GuardNode extends LinearNode {
  readonly name = "guard";
  /** Rows that were left out. */
  readonly errors: Quarantine;
  readonly #evaluate: Evaluate;

  constructor(input: CircuitNode, guarded: GuardedScalars, environment: ExecutionEnvironment) {
    super([input], input.columns);
    this.errors = new Quarantine(input.columns);
    this.#evaluate = evaluateOf(guarded, input, environment);
  }

  override get stateBytes(): number {
    return this.errors.memoryBytes;
  }

  apply([delta]: readonly Delta[], epoch: Epoch): Delta {
    this.examinedRows += delta!.size;
    return passing(delta!, this.#evaluate, (row, error) => {
      const [failed] = rowsOfDelta(selectDelta(delta!, Int32Array.of(row), 1));
      this.errors.add(failed!.row, failed!.weight, error, epoch.version);
    });
  }

  override output(inputs: () => readonly Delta[]): Delta {
    return passing(inputs()[0]!, this.#evaluate, () => {});
  }
}

function evaluateOf(
  { scalars, condition }: GuardedScalars,
  { columns }: CircuitNode,
  environment: ExecutionEnvironment,
): Evaluate {
  const values = compileScalars(scalars, columns, environment);
  const predicate = condition === null ? undefined : compilePredicate(condition, columns, environment);
  return (delta) => {
    values.evaluate(delta);
    predicate?.select(delta, new Int32Array(delta.size));
  };
}

/** The rows of `delta` that do not fail. */
function passing(delta: Delta, evaluate: Evaluate, failed: Failed): Delta {
  if (delta.size === 0) return delta;
  const rows = new Int32Array(delta.size);
  for (let i = 0; i < rows.length; i++) rows[i] = i;
  const count = keepPassing(delta, rows, { evaluate, failed });
  return count === delta.size ? delta : selectDelta(delta, rows, count);
}

/** Moves the rows that pass to the front of `rows`, in their order; gives their number. */
function keepPassing(
  delta: Delta,
  rows: Int32Array,
  how: { readonly evaluate: Evaluate; readonly failed: Failed },
): number {
  const count = rows.length;
  try {
    how.evaluate(count === delta.size ? delta : selectDelta(delta, rows, count));
    return count;
  } catch (error) {
    if (!isRowError(error)) throw error;
    if (count === 1) {
      how.failed(rows[0]!, error);
      return 0;
    }
  }
  const half = count >> 1;
  const first = keepPassing(delta, rows.subarray(0, half), how);
  const second = keepPassing(delta, rows.subarray(half), how);
  rows.copyWithin(first, half, half + second);
  return first + second;
}

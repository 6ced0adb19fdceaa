/**
 * What views have done in a transaction before its last run of the circuit.
 *
 * A refresh may run the circuit several times: after each view that it brings up to date. A view above gets a change
 * in each run, and its subscribers one for the transaction. Changes are kept as rows, for what an operator gives holds
 * until it is applied again. O(rows of the changes), and nothing for commits, which run once.
 *
 * @module
 */
import { consolidated, deltaOfRows, rowsOfDelta } from "../../src/circuit/delta.ts";
import type { WeightedRow } from "../../src/circuit/zset.ts";
import type { SqlType } from "../../src/storage/sql_type.ts";
import type { Attempt } from "./view_refresh.ts";

interface Earlier {
  readonly attempt: Attempt;
  readonly rows: WeightedRow[];
}

/** See the module header; views by identity. */
export class EarlierRuns<View> {
  readonly #runs = new Map<View, Earlier>();

  /** Another run begins: `attempt` is what the view did in the one before. */
  keep(view: View, attempt: Attempt): void {
    const { change } = attempt;
    const rows = change === undefined ? [] : rowsOfDelta(change);
    const before = this.#runs.get(view);
    this.#runs.set(view, {
      attempt: before === undefined ? attempt : joined(before.attempt, attempt),
      rows: [...before?.rows ?? [], ...rows],
    });
  }

  /** All that the view did in the transaction; `last` is what it did in the last run. */
  total(view: View, last: Attempt | undefined, types: readonly SqlType[]): Attempt | undefined {
    const before = this.#runs.get(view);
    if (before === undefined) return last;
    const rows = last?.change === undefined ? before.rows : [...before.rows, ...rowsOfDelta(last.change)];
    const attempt = last === undefined ? before.attempt : joined(before.attempt, last);
    return { ...attempt, change: consolidated(deltaOfRows(rows, types), types) };
  }
}

/** A run that found nothing to do says less than the one before it. */
function joined(before: Attempt, after: Attempt): Attempt {
  const { mode, choice } = after.mode === "noData" ? before : after;
  return {
    mode,
    choice,
    rowsIn: before.rowsIn + after.rowsIn,
    durationMs: before.durationMs + after.durationMs,
    change: undefined,
  };
}

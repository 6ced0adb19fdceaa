/**
 * The memory of a view's state for its history: asking all operators costs more than a small refresh, so it is done
 * once for several of these. O(operators) then, O(1) otherwise.
 *
 * @module
 */
import type { RefreshMode } from "./refresh_history.ts";

/** Changed rows after which the memory is measured again. */
const MEASURED_ROWS = 32;

/** See the module header. */
export class StateMeter {
  readonly #measure: () => number;
  #bytes = 0;
  #unmeasuredRows = Infinity;

  constructor(measure: () => number) {
    this.#measure = measure;
  }

  /** The memory after a refresh, or after one of the last small ones. */
  after(mode: RefreshMode, rowsIn: number): number {
    this.#unmeasuredRows = mode === "incremental" ? this.#unmeasuredRows + rowsIn : Infinity;
    if (this.#unmeasuredRows >= MEASURED_ROWS) {
      this.#unmeasuredRows = 0;
      this.#bytes = this.#measure();
    }
    return this.#bytes;
  }
}

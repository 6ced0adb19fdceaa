/**
 * The last changes of a view, for subscribers that come back and say where they were.
 *
 * Kept from the first subscription on, up to a number of rows; the oldest go first. O(1) amortised to push.
 *
 * @module
 */
import type { ViewChange } from "./view_change.ts";

/** See the module header. */
export class RetainedChanges {
  readonly #rowsMax: number;
  #changes: ViewChange[] = [];
  #head = 0;
  #rowCount = 0;
  /** All changes after this version are here. */
  #floor: number;

  constructor(rowsMax: number, floor: number) {
    this.#rowsMax = rowsMax;
    this.#floor = floor;
  }

  push(change: ViewChange): void {
    this.#changes.push(change);
    this.#rowCount += change.rows.length;
    while (this.#rowCount > this.#rowsMax && this.#head < this.#changes.length) {
      const { version, rows } = this.#changes[this.#head++]!;
      this.#rowCount -= rows.length;
      this.#floor = version;
    }
    // A moving window: to shift at every push would be quadratic.
    if (this.#head * 2 > this.#changes.length) {
      this.#changes = this.#changes.slice(this.#head);
      this.#head = 0;
    }
  }

  /** The changes after `version`, oldest first; undefined when they are not all here. */
  since(version: number): readonly ViewChange[] | undefined {
    if (version < this.#floor) return undefined;
    return this.#changes.slice(this.#head).filter((change) => change.version > version);
  }
}

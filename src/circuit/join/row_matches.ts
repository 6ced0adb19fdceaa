/**
 * How many rows of the other side satisfy a join's condition with each row of an arrangement.
 *
 * The count of a row is known while it is there; a row that leaves is counted anew when it comes back. O(1) a pair,
 * 5 bytes a row, 9 when pairs that a NULL leaves undecided are counted, too.
 *
 * @module
 */
import { grownInt32 } from "../../exec/aggregates/accumulator.ts";
import { MATCHED, UNDECIDED, UNMATCHED } from "./match_rows.ts";

/** See the module header. */
export class RowMatches {
  #matched: Int32Array = new Int32Array(16);
  /** Null when the condition is never undecided. */
  #undecided: Int32Array | null;
  #isKnown: Uint8Array = new Uint8Array(16);
  /** State before the epoch plus 1 of rows that were touched, else 0. */
  #before: Uint8Array = new Uint8Array(16);
  /** Rows that were touched since the last call of `takeTouched`. */
  #touched: number[] = [];

  constructor(countsUndecided: boolean) {
    this.#undecided = countsUndecided ? new Int32Array(16) : null;
  }

  get stateBytes(): number {
    return this.#matched.byteLength + (this.#undecided?.byteLength ?? 0) + this.#isKnown.byteLength +
      this.#before.byteLength;
  }

  /** Makes room for rows below `count`. */
  reserve(count: number): void {
    if (this.#matched.length >= count) return;
    this.#matched = grownInt32(this.#matched, count);
    const { length } = this.#matched;
    if (this.#undecided !== null) this.#undecided = grownInt32(this.#undecided, length);
    this.#isKnown = enlarged(this.#isKnown, length);
    this.#before = enlarged(this.#before, length);
  }

  /** Whether the matches of a row have been counted. */
  isKnown(row: number): boolean {
    return this.#isKnown[row] === 1;
  }

  /** Sets the counts of a row. */
  set(row: number, matched: number, undecided: number): void {
    this.#isKnown[row] = 1;
    this.#matched[row] = matched;
    if (this.#undecided !== null) this.#undecided[row] = undecided;
  }

  /** The row has left. */
  forget(row: number): void {
    this.#isKnown[row] = 0;
  }

  /** Adds pairs of a row, and remembers its state before. */
  add(row: number, matched: number, undecided: number): void {
    if (this.#before[row] === 0) {
      this.#before[row] = this.state(row) + 1;
      this.#touched.push(row);
    }
    this.#matched[row]! += matched;
    if (this.#undecided !== null) this.#undecided[row]! += undecided;
  }

  /** Matches of a row. */
  matched(row: number): number {
    return this.#matched[row]!;
  }

  /** UNMATCHED, MATCHED or UNDECIDED. */
  state(row: number): number {
    if (this.#matched[row]! > 0) return MATCHED;
    return this.#undecided !== null && this.#undecided[row]! > 0 ? UNDECIDED : UNMATCHED;
  }

  /** Whether a row that was touched has several matches. */
  get hasTouchedMany(): boolean {
    return this.#touched.some((row) => this.#matched[row]! > 1);
  }

  /** Rows whose state has changed, with the state before. */
  takeTouched(): { readonly rows: Int32Array; readonly before: Uint8Array } {
    const changed = this.#touched.filter((row) => this.#before[row]! - 1 !== this.state(row));
    const before = Uint8Array.from(changed, (row) => this.#before[row]! - 1);
    for (const row of this.#touched) this.#before[row] = 0;
    this.#touched = [];
    return { rows: Int32Array.from(changed), before };
  }

  /** Row `kept[i]` is row `i` from now on; others are gone. */
  renumber(kept: Int32Array): void {
    const length = Math.max(16, kept.length);
    const matched = new Int32Array(length);
    const undecided = this.#undecided === null ? null : new Int32Array(length);
    const isKnown = new Uint8Array(length);
    for (let i = 0; i < kept.length; i++) {
      matched[i] = this.#matched[kept[i]!]!;
      if (undecided !== null) undecided[i] = this.#undecided![kept[i]!]!;
      isKnown[i] = this.#isKnown[kept[i]!]!;
    }
    this.#matched = matched;
    this.#undecided = undecided;
    this.#isKnown = isKnown;
    this.#before = new Uint8Array(length);
  }
}

function enlarged(array: Uint8Array, length: number): Uint8Array {
  const larger = new Uint8Array(length);
  larger.set(array);
  return larger;
}

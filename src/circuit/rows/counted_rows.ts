/**
 * Counted rows: equal rows with their number on each of one or two sides, the state of DISTINCT and of set
 * operations.
 *
 * ```
 * 1.5  ─► form 0 ─┐                      counts   left right
 * 1.50 ─► form 1 ─┴► row 0     form 0      2     0
 * 2    ─► form 2 ──► row 1     form 1      0     1
 * ```
 *
 * Equal rows may look different; each form is counted for itself, and the forms of a row follow each other in the
 * order in which they came. Types without forms need no second table: form and row are the same number. Counting a
 * row is O(columns).
 *
 * @module
 */
import { grownInt32 } from "../../exec/aggregates/accumulator.ts";
import { KeyTable } from "../../exec/key_table.ts";
import { gatherVector } from "../../exec/gather_vector.ts";
import { hasForms } from "../../query/functions/identity.ts";
import { INTEGER, type SqlType } from "../../storage/sql_type.ts";
import type { Vector } from "../../storage/vector.ts";
import { rowColumns } from "./row_table.ts";

/** Forms below which those without rows are not worth removing. */
const COMPACT_FORMS = 1024;

/** See the module header. */
export class CountedRows {
  readonly #types: readonly SqlType[];
  readonly #hasForms: boolean;
  #forms: KeyTable;
  /** Counts of forms, two to a form. */
  counts: Int32Array = new Int32Array(128);
  #liveCount = 0;
  /** What only forms need: the row of a form, its next form plus 1, first and last form of a row plus 1. */
  #rows: KeyTable | undefined;
  #rowOf: Int32Array = new Int32Array(0);
  #next: Int32Array = new Int32Array(0);
  #first: Int32Array = new Int32Array(0);
  #last: Int32Array = new Int32Array(0);

  constructor(types: readonly SqlType[]) {
    this.#types = types;
    this.#hasForms = types.some(hasForms);
    this.#forms = this.#newTable(true);
    if (this.#hasForms) this.#rows = this.#newTable(false);
  }

  /** Number of forms. */
  get formCount(): number {
    return this.#forms.count;
  }

  /** Number of rows. */
  get rowCount(): number {
    return this.#rows?.count ?? this.#forms.count;
  }

  /** Approximate memory in bytes. */
  get stateBytes(): number {
    return this.#forms.memoryBytes + (this.#rows?.memoryBytes ?? 0) + this.counts.byteLength +
      this.#rowOf.byteLength + this.#next.byteLength + this.#first.byteLength + this.#last.byteLength;
  }

  /** Writes the form of each row of a change to `forms`. */
  assign(columns: readonly Vector[], size: number, forms: Int32Array): void {
    const rows = rowColumns(columns, size);
    const added = this.#forms.assign(rows, size, forms);
    this.counts = grownInt32(this.counts, this.#forms.count * 2);
    if (added > 0 && this.#rows !== undefined) this.#link(rows, this.#forms.freshRows.slice(0, added));
  }

  /** Counts rows of a side: 0 or 1. */
  add(forms: Int32Array, weights: Int32Array, size: number, side: number): void {
    const { counts } = this;
    let live = 0;
    for (let i = 0; i < size; i++) {
      const at = forms[i]! * 2;
      const wasLive = (counts[at]! | counts[at + 1]!) !== 0;
      counts[at + side]! += weights[i]!;
      live += Number((counts[at]! | counts[at + 1]!) !== 0) - Number(wasLive);
    }
    this.#liveCount += live;
  }

  /** The row of a form. */
  rowOf(form: number): number {
    return this.#hasForms ? this.#rowOf[form]! : form;
  }

  /** The first form of a row. */
  firstForm(row: number): number {
    return this.#hasForms ? this.#first[row]! - 1 : row;
  }

  /** The form of the same row after `form`, -1 after the last. */
  nextForm(form: number): number {
    return this.#hasForms ? this.#next[form]! - 1 : -1;
  }

  /** The first `count` of `forms` as rows, one vector a column. */
  rowsAt(forms: Int32Array, count: number): Vector[] {
    return this.#forms.keysAt(forms, count).slice(0, this.#types.length);
  }

  /** Removes forms without rows when there are many; true when numbers have changed. */
  compact(): boolean {
    const { formCount, counts } = this;
    if (formCount < COMPACT_FORMS || this.#liveCount * 2 > formCount) return false;
    const live = new Int32Array(this.#liveCount);
    let size = 0;
    for (let form = 0; form < formCount; form++) {
      if ((counts[form * 2]! | counts[form * 2 + 1]!) !== 0) live[size++] = form;
    }
    const columns = this.#forms.keysAt(live, size);
    this.#forms = this.#newTable(true);
    if (this.#hasForms) this.#rows = this.#newTable(false);
    this.#rowOf =
      this.#next =
      this.#first =
      this.#last =
        new Int32Array(0);
    this.counts = new Int32Array(128);
    this.assign(columns, size, new Int32Array(size));
    for (let i = 0; i < size; i++) {
      this.counts[i * 2] = counts[live[i]! * 2]!;
      this.counts[i * 2 + 1] = counts[live[i]! * 2 + 1]!;
    }
    return true;
  }

  /** Puts new forms behind the others of their rows. */
  #link(columns: readonly Vector[], fresh: Int32Array): void {
    const count = fresh.length;
    const from = this.#forms.count - count;
    const rows = new Int32Array(count);
    this.#rows!.assign(columns.map((column) => gatherVector(column, fresh, count)), count, rows);
    this.#rowOf = grownInt32(this.#rowOf, this.#forms.count);
    this.#next = grownInt32(this.#next, this.#forms.count);
    this.#first = grownInt32(this.#first, this.#rows!.count);
    this.#last = grownInt32(this.#last, this.#rows!.count);
    for (let i = 0; i < count; i++) {
      const form = from + i;
      const row = rows[i]!;
      this.#rowOf[form] = row;
      if (this.#first[row] === 0) this.#first[row] = form + 1;
      else this.#next[this.#last[row]! - 1] = form + 1;
      this.#last[row] = form + 1;
    }
  }

  #newTable(exact: boolean): KeyTable {
    return new KeyTable(
      this.#types.length === 0 ? [{ type: INTEGER }] : this.#types.map((type) => ({ type, exact })),
    );
  }
}

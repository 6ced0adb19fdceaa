/**
 * Keys of maintained groups: dense ids for distinct keys, and for each group the form in which its key is shown.
 *
 * ```
 * rows   1.5, 1.50, 2 ─► forms 0, 1, 2 ─► groups 0, 0, 1        shown: of group 0 form 0, or 1 once 0 is gone
 * ```
 *
 * Types whose equal values look the same have no forms, and a row costs one key table. With forms a row costs
 * one, too: the group of a form is looked up once.
 *
 * @module
 */
import { grownFloat64, grownInt32 } from "../../exec/aggregates/accumulator.ts";
import { gatherVector } from "../../exec/gather_vector.ts";
import { KeyTable } from "../../exec/key_table.ts";
import { hasForms } from "../../query/functions/identity.ts";
import type { SqlType } from "../../storage/sql_type.ts";
import type { Vector } from "../../storage/vector.ts";

/** See the module header. */
export class GroupKeys {
  readonly #groups: KeyTable;
  readonly #forms: GroupForms | undefined;

  constructor(types: readonly SqlType[]) {
    this.#groups = new KeyTable(types.map((type) => ({ type })));
    this.#forms = types.some(isShownAsItCame) ? new GroupForms(types, this.#groups) : undefined;
  }

  /** Number of groups. */
  get count(): number {
    return this.#groups.count;
  }

  get memoryBytes(): number {
    return this.#groups.memoryBytes + (this.#forms?.memoryBytes ?? 0);
  }

  /** Writes the group of each row's key to `ids`, adding groups. The weights of the rows count from now on. */
  assign(keys: readonly Vector[], size: number, ids: Int32Array): void {
    if (this.#forms === undefined) this.#groups.assign(keys, size, ids);
    else this.#forms.assign(keys, size, ids);
  }

  /** Counts the rows of the last `assign`. */
  addWeights(weights: Int32Array, size: number): void {
    this.#forms?.addWeights(weights, size);
  }

  /** The form in which the key of a group is shown. */
  formOf(group: number): number {
    return this.#forms === undefined ? group : this.#forms.formOf(group);
  }

  /** Keys by their forms, one vector a column. */
  keysOf(forms: Int32Array, count: number): Vector[] {
    return this.#forms === undefined ? this.#groups.keysAt(forms, count) : this.#forms.keysOf(forms, count);
  }

  /** Whether most forms have no rows any more. */
  get isSparse(): boolean {
    return this.#forms !== undefined && this.#forms.isSparse;
  }

  /** The keys of these groups alone, in the forms that have rows, under the ids from 0 on. */
  kept(groups: Int32Array, types: readonly SqlType[]): GroupKeys {
    const kept = new GroupKeys(types);
    const count = groups.length;
    kept.#groups.assign(this.#groups.keysAt(groups, count), count, new Int32Array(count));
    if (kept.#forms !== undefined) this.#forms?.copyTo(kept.#forms);
    return kept;
  }
}

/** Forms below which those without rows are not worth removing. */
const SPARSE_FORMS = 1024;

/** Keys of groups show -0 as 0, and other values in the form of a row. */
function isShownAsItCame(type: SqlType): boolean {
  return type.kind !== "double" && type.kind !== "real" && hasForms(type);
}

/** Forms of keys, with the rows that have them. */
class GroupForms {
  readonly #groups: KeyTable;
  readonly #forms: KeyTable;
  #groupOf: Int32Array = new Int32Array(16);
  #weights: Float64Array = new Float64Array(16);
  /** By group: its first form plus 1; by form: the next one of the group plus 1. */
  #heads: Int32Array = new Int32Array(16);
  #next: Int32Array = new Int32Array(16);
  /** By group: the form that is shown. */
  #shown: Int32Array = new Int32Array(16);
  #rows: Int32Array = new Int32Array(0);
  /** Forms that have rows. */
  #liveCount = 0;

  constructor(types: readonly SqlType[], groups: KeyTable) {
    this.#groups = groups;
    this.#forms = new KeyTable(types.map((type) => ({ type, exact: isShownAsItCame(type) })));
  }

  get memoryBytes(): number {
    return this.#forms.memoryBytes + this.#weights.byteLength +
      4 * (this.#groupOf.length + this.#heads.length + this.#next.length + this.#shown.length);
  }

  assign(keys: readonly Vector[], size: number, ids: Int32Array): void {
    this.#rows = grownInt32(this.#rows, size);
    const added = this.#forms.assign(keys, size, this.#rows);
    if (added > 0) this.#link(keys, this.#forms.freshRows.slice(0, added));
    for (let i = 0; i < size; i++) ids[i] = this.#groupOf[this.#rows[i]!]!;
  }

  addWeights(weights: Int32Array, size: number): void {
    for (let i = 0; i < size; i++) {
      const form = this.#rows[i]!;
      const before = this.#weights[form]!;
      const after = before + weights[i]!;
      this.#weights[form] = after;
      this.#liveCount += Number(after !== 0) - Number(before !== 0);
    }
    for (let i = 0; i < size; i++) {
      const group = this.#groupOf[this.#rows[i]!]!;
      if (this.#weights[this.#shown[group]!] !== 0) continue;
      let form = this.#heads[group]!;
      while (form !== 0 && this.#weights[form - 1] === 0) form = this.#next[form - 1]!;
      if (form !== 0) this.#shown[group] = form - 1;
    }
  }

  get isSparse(): boolean {
    return this.#forms.count > SPARSE_FORMS && this.#liveCount * 2 < this.#forms.count;
  }

  formOf(group: number): number {
    return this.#shown[group]!;
  }

  keysOf(forms: Int32Array, count: number): Vector[] {
    return this.#forms.keysAt(forms, count);
  }

  /** Adds the forms that have rows to others, whose groups are there already: what is shown stays so. */
  copyTo(other: GroupForms): void {
    const live = new Int32Array(this.#forms.count);
    let count = 0;
    for (const shown of [true, false]) {
      for (let form = 0; form < live.length; form++) {
        const isShown = this.#shown[this.#groupOf[form]!] === form;
        if (isShown === shown && this.#weights[form] !== 0) live[count++] = form;
      }
    }
    const weights = new Int32Array(count);
    for (let i = 0; i < count; i++) weights[i] = this.#weights[live[i]!]!;
    other.assign(this.#forms.keysAt(live, count), count, new Int32Array(count));
    other.addWeights(weights, count);
  }

  #link(keys: readonly Vector[], fresh: Int32Array): void {
    const count = fresh.length;
    const groups = new Int32Array(count);
    this.#groups.assign(keys.map((key) => gatherVector(key, fresh, count)), count, groups);
    this.#groupOf = grownInt32(this.#groupOf, this.#forms.count);
    this.#weights = grownFloat64(this.#weights, this.#forms.count);
    this.#next = grownInt32(this.#next, this.#forms.count);
    this.#heads = grownInt32(this.#heads, this.#groups.count);
    this.#shown = grownInt32(this.#shown, this.#groups.count);
    for (let i = 0; i < count; i++) {
      const form = this.#forms.count - count + i;
      const group = groups[i]!;
      this.#groupOf[form] = group;
      if (this.#heads[group] === 0) this.#shown[group] = form;
      this.#next[form] = this.#heads[group]!;
      this.#heads[group] = form + 1;
    }
  }
}

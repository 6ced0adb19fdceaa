/**
 * Distinct rows of groups: dense ids for pairs of a group and a row, with the number of times that each is there.
 *
 * ```
 * (group 3, 'a', 7)  ─► pair 0, count 2
 * (group 5, 'a', 7)  ─► pair 1, count 1
 * ```
 *
 * A pair whose count is 0 keeps its id, so that it costs nothing when it comes back; once half of them are such,
 * `kept` makes new ids. O(columns) a row.
 *
 * @module
 */
import { grownInt32 } from "../../exec/aggregates/accumulator.ts";
import { KeyTable } from "../../exec/key_table.ts";
import type { DenseVector } from "../../exec/vector_build.ts";
import { INTEGER, type SqlType } from "../../storage/sql_type.ts";
import type { Vector } from "../../storage/vector.ts";

/** Pairs below which those without rows are not worth removing. */
const COMPACT_PAIRS = 1024;

/** See the module header. */
export class GroupedRows {
  /** By pair: how often it is there. */
  counts: Int32Array = new Int32Array(16);
  /** By pair. */
  groups: Int32Array = new Int32Array(16);
  /** Pairs that are there. */
  liveCount = 0;
  readonly #types: readonly SqlType[];
  readonly #exact: boolean;
  #table: KeyTable;

  /** `exact`: rows that are equal and look different are different. */
  constructor(types: readonly SqlType[], exact: boolean) {
    this.#types = types;
    this.#exact = exact;
    this.#table = this.#newTable();
  }

  get stateBytes(): number {
    return this.#table.memoryBytes + this.counts.byteLength + this.groups.byteLength;
  }

  /** Pairs with an id. */
  get count(): number {
    return this.#table.count;
  }

  /** Whether most pairs are gone. */
  get isSparse(): boolean {
    return this.count > COMPACT_PAIRS && this.liveCount * 2 < this.count;
  }

  /** Writes the pair of each row to `pairs`, which may be `ids` itself; gives how many are new. */
  assign(ids: Int32Array, rows: readonly DenseVector[], size: number, pairs: Int32Array): number {
    const groups = pairs === ids ? ids.slice(0, size) : ids;
    const before = this.count;
    const added = this.#table.assign([{ kind: "i32", values: groups, nulls: null }, ...rows], size, pairs);
    this.counts = grownInt32(this.counts, this.count);
    this.groups = grownInt32(this.groups, this.count);
    const { freshRows } = this.#table;
    for (let i = 0; i < added; i++) this.groups[before + i] = groups[freshRows[i]!]!;
    return added;
  }

  /** Rows of the last `assign` whose pair was new, in the order of their ids. */
  get freshRows(): Int32Array {
    return this.#table.freshRows;
  }

  /** Adds to the count of a pair; gives the count before. */
  add(pair: number, weight: number): number {
    const before = this.counts[pair]!;
    const after = before + weight;
    this.counts[pair] = after;
    this.liveCount += Number(after !== 0) - Number(before !== 0);
    return before;
  }

  /** The rows of pairs, one vector a column. */
  rowsAt(pairs: Int32Array, count: number): Vector[] {
    return this.#table.keysAt(pairs, count).slice(1);
  }

  /** The pairs that are there, ascending. */
  live(): Int32Array {
    const live = new Int32Array(this.liveCount);
    let next = 0;
    for (let pair = 0; pair < this.count; pair++) if (this.counts[pair] !== 0) live[next++] = pair;
    return live;
  }

  /** Gives `pairs` the ids from 0 on, in groups that are numbered by `groupIds`; the others are gone. */
  keep(pairs: Int32Array, groupIds: (group: number) => number): void {
    const size = pairs.length;
    const groups = new Int32Array(Math.max(16, size));
    const counts = new Int32Array(Math.max(16, size));
    for (let i = 0; i < size; i++) {
      groups[i] = groupIds(this.groups[pairs[i]!]!);
      counts[i] = this.counts[pairs[i]!]!;
    }
    const rows = this.rowsAt(pairs, size);
    this.#table = this.#newTable();
    if (size > 0) {
      this.#table.assign([{ kind: "i32", values: groups, nulls: null }, ...rows], size, new Int32Array(size));
    }
    this.counts = counts;
    this.groups = groups;
    this.liveCount = size;
  }

  #newTable(): KeyTable {
    return new KeyTable([{ type: INTEGER }, ...this.#types.map((type) => ({ type, exact: this.#exact }))]);
  }
}

/** New ids by group, for those of `groups`. */
export function idsOf(groups: Int32Array): (group: number) => number {
  const ids = new Map<number, number>();
  for (let id = 0; id < groups.length; id++) ids.set(groups[id]!, id);
  return (group) => ids.get(group)!;
}

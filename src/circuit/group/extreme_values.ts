/**
 * What min and max are read from: the numbers of each group in order, in one block of memory.
 *
 * ```
 * group 3   1.5 1.5 1.7 4 4 4          a block (value_blocks.ts): for some hundred values faster than a tree by far
 * group 5   ─► order tree              more than a block holds
 * ```
 *
 * Groups that outgrow a block move to an order tree for good, and all of them do once a value comes that is no
 * number. O(log values of the group) looks a row, and the move of a part of a block.
 *
 * @module
 */
import { grownUint8 } from "../../exec/aggregates/accumulator.ts";
import { type DenseVector, plainKind } from "../../exec/vector_build.ts";
import type { SqlType } from "../../storage/sql_type.ts";
import type { NullBytes } from "../../storage/vector.ts";
import type { GroupAccumulator } from "./group_accumulator.ts";
import { GroupOrder } from "./group_order.ts";
import { OrderedValues } from "./ordered_values.ts";
import { ValueBlocks } from "./value_blocks.ts";

/** Rows of numbers. */
interface NumberRows {
  readonly ids: Int32Array;
  readonly values: Float64Array;
  readonly nulls: NullBytes;
  readonly weights: Int32Array;
}

/** See the module header. */
export class ExtremeValues implements GroupAccumulator {
  readonly #type: SqlType;
  /** Absent when all groups are in trees. */
  #blocks: ValueBlocks | undefined;
  #trees: OrderedValues | undefined;
  /** By group: 1 for those in trees, while others are not. */
  #isInTree: Uint8Array = new Uint8Array(16);
  #groupCount = 0;
  readonly #order = new GroupOrder();

  constructor(type: SqlType) {
    this.#type = type;
    const kind = plainKind(type);
    if (kind === "str" || kind === "object") this.#trees = new OrderedValues(type);
    else this.#blocks = new ValueBlocks();
  }

  get stateBytes(): number {
    return (this.#blocks?.stateBytes ?? 0) + (this.#trees?.stateBytes ?? 0) + this.#isInTree.byteLength;
  }

  get examined(): number {
    return (this.#blocks?.searched ?? 0) + (this.#trees?.examined ?? 0);
  }

  reserve(groupCount: number): void {
    this.#groupCount = groupCount;
    this.#trees?.reserve(groupCount);
    this.#blocks?.reserve(groupCount);
    if (this.#blocks !== undefined) this.#isInTree = grownUint8(this.#isInTree, groupCount);
  }

  add(ids: Int32Array, args: readonly DenseVector[], weights: Int32Array, size: number): void {
    const { kind, nulls, values } = args[0]!;
    if (kind !== "i32" && kind !== "f64" && kind !== "bool") this.#moveAll();
    const blocks = this.#blocks;
    if (blocks === undefined) {
      this.#trees!.add(ids, args, weights, size);
      return;
    }
    // What is left are the kinds that hold numbers.
    const numbers = values as Int32Array | Float64Array | Uint8Array;
    const doubles = numbers instanceof Float64Array ? numbers : Float64Array.from(numbers.subarray(0, size));
    const left = this.#addToBlocks(blocks, { ids, values: doubles, nulls, weights }, size);
    if (left.length > 0) this.#addToTrees({ ids, values: doubles, nulls, weights }, left);
    blocks.tidy();
  }

  clear(group: number): void {
    this.#isInTree[group] = 0;
    this.#blocks?.clear(group);
  }

  renumber(groups: Int32Array): void {
    this.#groupCount = groups.length;
    this.#trees?.renumber(groups);
    if (this.#blocks === undefined) return;
    this.#blocks.renumber(groups);
    const isInTree = new Uint8Array(Math.max(16, groups.length));
    for (let id = 0; id < groups.length; id++) isInTree[id] = this.#isInTree[groups[id]!]!;
    this.#isInTree = isInTree;
  }

  /** The least values of groups, or the greatest ones; NULL without values. */
  read(groups: Int32Array, count: number, greatest: boolean): DenseVector {
    const blocks = this.#blocks;
    if (blocks === undefined) return readTrees(this.#trees!, groups, count, greatest);
    const kind = plainKind(this.#type);
    const values = kind === "i32"
      ? new Int32Array(count)
      : kind === "bool"
      ? new Uint8Array(count)
      : new Float64Array(count);
    let nulls: Uint8Array | null = null;
    for (let i = 0; i < count; i++) {
      const group = groups[i]!;
      if (this.#isInTree[group] === 1) {
        const { tree } = this.#trees!;
        const node = greatest ? tree.last(group) : tree.first(group);
        values[i] = tree.number(node);
        if (node === 0) (nulls ??= new Uint8Array(count))[i] = 1;
      } else if (blocks.count(group) === 0) (nulls ??= new Uint8Array(count))[i] = 1;
      else values[i] = greatest ? blocks.last(group) : blocks.first(group);
    }
    // The array is the one of the kind.
    return { kind, values, nulls } as DenseVector;
  }

  /**
   * Changes blocks; gives the rows of groups in trees. In each group values come before others go, so that one that
   * does both in a change is there when it goes.
   */
  #addToBlocks(blocks: ValueBlocks, rows: NumberRows, size: number): readonly number[] {
    const { ids, weights } = rows;
    const left: number[] = [];
    const order = this.#order.of(ids, size, this.#groupCount);
    if (order === null) {
      for (let i = 0; i < size; i++) if (weights[i]! > 0) this.#addRow(blocks, rows, i, left);
      for (let i = 0; i < size; i++) if (weights[i]! < 0) this.#addRow(blocks, rows, i, left);
      return left;
    }
    for (let from = 0; from < size;) {
      const group = ids[order[from]!]!;
      let to = from;
      for (; to < size && ids[order[to]!] === group; to++) {
        if (weights[order[to]!]! > 0) this.#addRow(blocks, rows, order[to]!, left);
      }
      for (let at = from; at < to; at++) {
        if (weights[order[at]!]! < 0) this.#addRow(blocks, rows, order[at]!, left);
      }
      from = to;
    }
    return left;
  }

  #addRow(
    blocks: ValueBlocks,
    { ids, values, nulls, weights }: NumberRows,
    row: number,
    left: number[],
  ): void {
    if (nulls !== null && nulls[row] === 1) return;
    const group = ids[row]!;
    if (this.#isInTree[group] === 0) {
      const weight = weights[row]!;
      const value = values[row]!;
      if (weight > 0 ? blocks.add(group, value, weight) : blocks.remove(group, value, -weight)) return;
      this.#moveToTree(blocks, group);
    }
    left.push(row);
  }

  #addToTrees({ ids, values, weights }: NumberRows, rows: readonly number[]): void {
    const vector: DenseVector = {
      kind: "f64",
      values: Float64Array.from(rows, (row) => values[row]!),
      nulls: null,
    };
    const groups = Int32Array.from(rows, (row) => ids[row]!);
    this.#trees!.add(groups, [vector], Int32Array.from(rows, (row) => weights[row]!), rows.length);
  }

  #moveToTree(blocks: ValueBlocks, group: number): void {
    this.#trees ??= this.#newTrees();
    this.#isInTree[group] = 1;
    const values = blocks.values(group).slice();
    const { length } = values;
    const vector: DenseVector = { kind: "f64", values, nulls: null };
    this.#trees.add(new Int32Array(length).fill(group), [vector], new Int32Array(length).fill(1), length);
    blocks.clear(group);
  }

  #moveAll(): void {
    const blocks = this.#blocks;
    if (blocks === undefined) return;
    this.#trees ??= this.#newTrees();
    for (let group = 0; group < this.#groupCount; group++) {
      if (blocks.count(group) > 0) this.#moveToTree(blocks, group);
    }
    this.#blocks = undefined;
    this.#isInTree = new Uint8Array(0);
  }

  #newTrees(): OrderedValues {
    const trees = new OrderedValues(this.#type);
    trees.reserve(this.#groupCount);
    return trees;
  }
}

function readTrees(trees: OrderedValues, groups: Int32Array, count: number, greatest: boolean): DenseVector {
  const { tree } = trees;
  const nodes = new Int32Array(count);
  for (let i = 0; i < count; i++) nodes[i] = greatest ? tree.last(groups[i]!) : tree.first(groups[i]!);
  return trees.valuesAt(nodes, count);
}

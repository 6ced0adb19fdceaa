/**
 * Values in order by group: what min, max, percentiles and mode are read from.
 *
 * ```
 * group 3   1.5 x 2 ─ 1.7 x 1 ─ 4 x 3        an order tree over distinct values with their counts
 * ```
 *
 * Numbers stand in the tree itself, everything else, and whole numbers once one has passed 2^53, as datums.
 * Values that are equal and look different (1.5 and 1.50, 0 and -0) are neighbours. O(log values of the group) a
 * row; a place that is free again is used for the next new value, and when most are free they are given up.
 *
 * @module
 */
import { grownInt32 } from "../../exec/aggregates/accumulator.ts";
import { type DenseVector, plainKind, vectorFromDatums } from "../../exec/vector_build.ts";
import { readDatums } from "../../exec/vector_read.ts";
import { compareDatums } from "../../query/functions/compare.ts";
import { hasForms, identityKey } from "../../query/functions/identity.ts";
import type { Datum, SqlType } from "../../storage/sql_type.ts";
import type { NullBytes } from "../../storage/vector.ts";
import type { GroupAccumulator } from "./group_accumulator.ts";
import { GroupOrder } from "./group_order.ts";
import { OrderTree } from "./order_tree.ts";

const DATUM_BYTES = 64;
/** Places below which free ones are not worth giving up. */
const COMPACT_PLACES = 1024;

/** See the module header. */
export class OrderedValues implements GroupAccumulator {
  readonly tree: OrderTree;
  readonly #type: SqlType;
  readonly #hasForms: boolean;
  /** By node, where values are no numbers in the tree; that of node 0 is what is searched for. */
  #datums: Datum[] | null;
  /** Nodes below it have been used. */
  #nodeCount = 1;
  /** Nodes that are free again. */
  #free: Int32Array = new Int32Array(16);
  #freeCount = 0;
  #groupCount = 0;
  readonly #order = new GroupOrder();

  constructor(type: SqlType) {
    const kind = plainKind(type);
    this.#type = type;
    this.#hasForms = hasForms(type);
    this.#datums = kind === "str" || kind === "object" ? [null] : null;
    this.tree = new OrderTree((a, b) => this.#compare(a, b));
  }

  get stateBytes(): number {
    const values = this.#datums === null ? 0 : this.#nodeCount * DATUM_BYTES;
    return this.tree.stateBytes + values + this.#free.byteLength;
  }

  get examined(): number {
    return this.tree.visited;
  }

  reserve(groupCount: number): void {
    this.#groupCount = groupCount;
    this.tree.reserveGroups(groupCount);
  }

  add(ids: Int32Array, [vector]: readonly DenseVector[], weights: Int32Array, size: number): void {
    const { kind, nulls } = vector!;
    if (this.#datums === null && kind !== "i32" && kind !== "f64" && kind !== "bool") this.#toDatums();
    if (this.#datums === null) {
      // What is left are the kinds that hold numbers.
      this.#addNumbers(ids, vector!.values as Int32Array | Float64Array | Uint8Array, nulls, weights, size);
    } else this.#addDatums(ids, readDatums(vector!, size), weights, size);
    if (this.#nodeCount > COMPACT_PLACES && this.#freeCount * 2 > this.#nodeCount) {
      this.#renumber(Int32Array.from({ length: this.#groupCount }, (_, group) => group));
    }
  }

  clear(): void {}

  renumber(groups: Int32Array): void {
    this.#groupCount = groups.length;
    this.#renumber(groups);
  }

  /** The values of nodes, NULL for node 0, as a vector of their type. */
  valuesAt(nodes: Int32Array, count: number): DenseVector {
    const type = this.#type;
    if (this.#datums !== null) {
      const values = Array.from({ length: count }, (_, i): Datum => this.#datums![nodes[i]!]!);
      return vectorFromDatums(type, values, count);
    }
    const kind = plainKind(type);
    const values = kind === "i32"
      ? new Int32Array(count)
      : kind === "bool"
      ? new Uint8Array(count)
      : new Float64Array(count);
    let nulls: Uint8Array | null = null;
    for (let i = 0; i < count; i++) {
      const node = nodes[i]!;
      if (node === 0) (nulls ??= new Uint8Array(count))[i] = 1;
      else values[i] = this.tree.number(node);
    }
    // The array is the one of the kind.
    return { kind, values, nulls } as DenseVector;
  }

  /** The value of a node. */
  valueAt(node: number): Datum {
    if (this.#datums !== null) return this.#datums[node]!;
    const number = this.tree.number(node);
    return this.#type.kind === "boolean" ? number === 1 : number;
  }

  /** The node of the most frequent value, of several the first in order; 0 for none. 0 and -0 count together. */
  mode(group: number, descending: boolean): number {
    const { tree } = this;
    const best = tree.heaviest(group, descending);
    if (best === 0 || this.#datums !== null || !this.#hasForms) return best;
    const zeros = [tree.findNumber(group, -0), tree.findNumber(group, 0)];
    const [minus, plus] = zeros as [number, number];
    if (minus === 0 || plus === 0) return best;
    const weight = tree.weight(minus) + tree.weight(plus);
    const difference = weight - tree.weight(best);
    const value = tree.number(best);
    const isFirst = descending ? value < 0 : !(value < 0);
    return difference > 0 || (difference === 0 && isFirst) ? (descending ? plus : minus) : best;
  }

  /** Of datums; numbers are compared by the tree itself. */
  #compare(a: number, b: number): number {
    const left = this.#datums![a]!;
    const right = this.#datums![b]!;
    const order = compareDatums(left, right, this.#type);
    if (order !== 0 || !this.#hasForms) return order;
    const leftKey = identityKey(left, this.#type);
    const rightKey = identityKey(right, this.#type);
    return leftKey < rightKey ? -1 : leftKey > rightKey ? 1 : 0;
  }

  #addNumbers(
    ids: Int32Array,
    values: Int32Array | Float64Array | Uint8Array,
    nulls: NullBytes,
    weights: Int32Array,
    size: number,
  ): void {
    const { tree } = this;
    const order = this.#order.of(ids, size, this.#groupCount);
    for (let at = 0; at < size; at++) {
      const i = order === null ? at : order[at]!;
      const weight = weights[i]!;
      if (weight === 0 || (nulls !== null && nulls[i] === 1)) continue;
      const value = values[i]!;
      const group = ids[i]!;
      const known = tree.findNumber(group, value);
      if (known !== 0) this.#change(group, known, weight);
      else {
        const node = this.#newNode();
        tree.setNumber(node, value);
        tree.insert(group, node, weight);
      }
    }
  }

  #addDatums(ids: Int32Array, values: readonly Datum[], weights: Int32Array, size: number): void {
    const { tree } = this;
    const datums = this.#datums!;
    for (let i = 0; i < size; i++) {
      const weight = weights[i]!;
      const value = values[i]!;
      if (weight === 0 || value === null) continue;
      const group = ids[i]!;
      datums[0] = value;
      const known = tree.find(group, 0);
      if (known !== 0) this.#change(group, known, weight);
      else {
        const node = this.#newNode();
        datums[node] = value;
        tree.insert(group, node, weight);
      }
    }
    datums[0] = null;
  }

  #change(group: number, node: number, weight: number): void {
    const { tree } = this;
    if (tree.weight(node) !== -weight) return tree.change(node, weight);
    tree.remove(group, node);
    if (this.#datums !== null) this.#datums[node] = null;
    this.#free = grownInt32(this.#free, this.#freeCount + 1);
    this.#free[this.#freeCount++] = node;
  }

  #newNode(): number {
    if (this.#freeCount > 0) return this.#free[--this.#freeCount]!;
    const node = this.#nodeCount++;
    this.tree.reserveNodes(this.#nodeCount);
    this.#datums?.push(null);
    return node;
  }

  #renumber(groups: Int32Array): void {
    const nodes = new Int32Array(this.#nodeCount - 1 - this.#freeCount);
    let count = 0;
    for (let node = 1; node < this.#nodeCount; node++) if (this.tree.has(node)) nodes[count++] = node;
    this.tree.renumber(groups, nodes);
    if (this.#datums !== null) this.#datums = [null, ...nodesOf(this.#datums, nodes)];
    this.#nodeCount = count + 1;
    this.#free = new Int32Array(16);
    this.#freeCount = 0;
  }

  /** A whole number beyond 2^53 has come. */
  #toDatums(): void {
    this.#datums = Array.from({ length: this.#nodeCount }, (_, node): Datum => this.tree.number(node));
    this.#datums[0] = null;
  }
}

function nodesOf(datums: readonly Datum[], nodes: Int32Array): Datum[] {
  return Array.from(nodes, (node): Datum => datums[node]!);
}

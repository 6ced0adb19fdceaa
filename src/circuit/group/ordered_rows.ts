/**
 * Rows in order by group: for aggregates that list rows or pick one.
 *
 * ```
 * array_agg(x ORDER BY y)     group 3   (y 1, x 'b') ─ (y 2, x 'a') x 2 ─ (y NULL, x 'c')
 * max_by(x, y)                group 3   (y 9, x 'd') ─ ...                    the first one is the value
 * ```
 *
 * Equal rows are one, with a count, in an order tree. Without ORDER BY, and among equal keys, rows stand in the
 * order in which they came. O(columns + log rows of the group) a row.
 *
 * @module
 */
import { grownFloat64 } from "../../exec/aggregates/accumulator.ts";
import { type DenseVector, plainKind } from "../../exec/vector_build.ts";
import { datumAt } from "../../exec/vector_read.ts";
import type { SortDirection } from "../../exec/operators/sort_order.ts";
import { compareDatums } from "../../query/functions/compare.ts";
import type { Datum, SqlType } from "../../storage/sql_type.ts";
import type { Vector } from "../../storage/vector.ts";
import type { GroupAccumulator } from "./group_accumulator.ts";
import { GroupedRows, idsOf } from "./grouped_rows.ts";
import { OrderTree } from "./order_tree.ts";

const DATUM_BYTES = 64;

/** What the rows are. */
export interface OrderedRowsOptions {
  readonly types: readonly SqlType[];
  /** Order, and where each key stands in the rows. */
  readonly keys: readonly (SortDirection & { readonly position: number })[];
  /** The column without which a row does not count, -1 for none. */
  readonly required: number;
}

/** See the module header. */
export class OrderedRows implements GroupAccumulator {
  /** Node `pair + 1` for each pair. */
  readonly tree: OrderTree;
  readonly #options: OrderedRowsOptions;
  readonly #rows: GroupedRows;
  readonly #keys: readonly SortColumn[];
  /** By pair: when it came. */
  #arrivals: Float64Array = new Float64Array(16);
  #arrivalCount = 0;
  #pairs: Int32Array = new Int32Array(0);
  #empty: number[] = [];
  #groupCount = 0;

  constructor(options: OrderedRowsOptions) {
    this.#options = options;
    this.#rows = new GroupedRows(options.types, true);
    this.#keys = options.keys.map((key) => new SortColumn(key));
    this.tree = new OrderTree((a, b) => this.#compare(a - 1, b - 1));
  }

  get stateBytes(): number {
    return this.#keys.reduce(
      (bytes, key) => bytes + key.memoryBytes,
      this.tree.stateBytes + this.#rows.stateBytes + this.#arrivals.byteLength,
    );
  }

  get examined(): number {
    return this.tree.visited;
  }

  reserve(groupCount: number): void {
    this.#groupCount = groupCount;
    this.tree.reserveGroups(groupCount);
  }

  add(ids: Int32Array, args: readonly DenseVector[], weights: Int32Array, size: number): void {
    if (this.#pairs.length < size) this.#pairs = new Int32Array(size);
    const known = this.#rows.count;
    const added = this.#rows.assign(ids, args, size, this.#pairs);
    if (added > 0) this.#keepKeys(args, known, added);
    const { required } = this.#options;
    const nulls = required < 0 ? null : args[required]!.nulls;
    for (let i = 0; i < size; i++) {
      if (nulls === null || nulls[i] === 0) this.#addOne(ids[i]!, this.#pairs[i]!, weights[i]!);
    }
    this.#removeEmpty();
  }

  clear(): void {}

  renumber(groups: Int32Array): void {
    this.#groupCount = groups.length;
    this.#renumber(groups, idsOf(groups));
  }

  /** The rows of nodes, one vector a column. */
  rowsAt(nodes: Int32Array, count: number): Vector[] {
    const pairs = new Int32Array(count);
    for (let i = 0; i < count; i++) pairs[i] = nodes[i]! - 1;
    return this.#rows.rowsAt(pairs, count);
  }

  #addOne(group: number, pair: number, weight: number): void {
    const { tree } = this;
    const node = pair + 1;
    this.#rows.add(pair, weight);
    if (tree.has(node)) {
      tree.find(group, node);
      tree.change(node, weight);
    } else {
      this.#arrivals[pair] = this.#arrivalCount++;
      tree.find(group, node);
      tree.insert(group, node, weight);
    }
    if (tree.weight(node) === 0) this.#empty.push(pair);
  }

  /** A row may come again in the same change, and then keeps its place: it is taken out at the end. */
  #removeEmpty(): void {
    for (const pair of this.#empty) {
      if (this.#rows.counts[pair] !== 0 || !this.tree.has(pair + 1)) continue;
      this.tree.find(this.#rows.groups[pair]!, pair + 1);
      this.tree.remove(this.#rows.groups[pair]!, pair + 1);
    }
    this.#empty.length = 0;
    if (this.#rows.isSparse) {
      this.#renumber(Int32Array.from({ length: this.#groupCount }, (_, group) => group), (group) => group);
    }
  }

  #renumber(groups: Int32Array, groupIds: (group: number) => number): void {
    const pairs = this.#rows.live();
    this.tree.renumber(groups, pairs.map((pair) => pair + 1));
    for (const key of this.#keys) key.keep(pairs);
    const arrivals = new Float64Array(Math.max(16, pairs.length));
    for (let i = 0; i < pairs.length; i++) arrivals[i] = this.#arrivals[pairs[i]!]!;
    this.#arrivals = arrivals;
    this.#rows.keep(pairs, groupIds);
  }

  #keepKeys(args: readonly DenseVector[], known: number, added: number): void {
    this.tree.reserveNodes(known + added + 1);
    this.#arrivals = grownFloat64(this.#arrivals, known + added);
    const { freshRows } = this.#rows;
    this.#options.keys.forEach(({ position }, j) => {
      this.#keys[j]!.append(args[position]!, freshRows, known, added);
    });
  }

  #compare(a: number, b: number): number {
    for (const key of this.#keys) {
      const order = key.compare(a, b);
      if (order !== 0) return order;
    }
    return this.#arrivals[a]! - this.#arrivals[b]!;
  }
}

/** Values of one sort key by pair. */
class SortColumn {
  readonly #direction: SortDirection;
  readonly #sign: 1 | -1;
  readonly #nullSign: 1 | -1;
  /** Where values are numbers; else `#datums`. */
  #numbers: Float64Array | null;
  #nulls: Uint8Array = new Uint8Array(0);
  #datums: Datum[] = [];

  constructor(direction: SortDirection) {
    const kind = plainKind(direction.type);
    this.#direction = direction;
    this.#sign = direction.descending ? -1 : 1;
    this.#nullSign = direction.nullsFirst ? -1 : 1;
    this.#numbers = kind === "i32" || kind === "f64" || kind === "bool" ? new Float64Array(16) : null;
  }

  get memoryBytes(): number {
    return (this.#numbers?.byteLength ?? 0) + this.#nulls.byteLength + this.#datums.length * DATUM_BYTES;
  }

  append(vector: DenseVector, rows: Int32Array, known: number, count: number): void {
    if (this.#numbers !== null && vector.kind === "big") this.#toDatums(known);
    if (this.#numbers === null) {
      for (let i = 0; i < count; i++) this.#datums[known + i] = datumAt(vector, rows[i]!);
      return;
    }
    this.#numbers = grownFloat64(this.#numbers, known + count);
    if (this.#nulls.length < this.#numbers.length) {
      const nulls = new Uint8Array(this.#numbers.length);
      nulls.set(this.#nulls);
      this.#nulls = nulls;
    }
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      // Kinds that hold numbers.
      this.#numbers[known + i] = (vector.values as ArrayLike<number>)[row]!;
      this.#nulls[known + i] = vector.nulls === null ? 0 : vector.nulls[row]!;
    }
  }

  compare(a: number, b: number): number {
    if (this.#numbers === null) return this.#compareDatums(this.#datums[a]!, this.#datums[b]!);
    const nulls = this.#nulls[a]! - this.#nulls[b]!;
    if (nulls !== 0) return nulls * this.#nullSign;
    if (this.#nulls[a] === 1) return 0;
    const left = this.#numbers[a]!;
    const right = this.#numbers[b]!;
    if (left < right) return -this.#sign;
    if (left > right) return this.#sign;
    return left === right ? 0 : (Number(left !== left) - Number(right !== right)) * this.#sign;
  }

  /** Gives `pairs` the ids from 0 on. */
  keep(pairs: Int32Array): void {
    if (this.#numbers === null) {
      this.#datums = Array.from(pairs, (pair): Datum => this.#datums[pair]!);
      return;
    }
    const numbers = new Float64Array(Math.max(16, pairs.length));
    const nulls = new Uint8Array(numbers.length);
    for (let i = 0; i < pairs.length; i++) {
      numbers[i] = this.#numbers[pairs[i]!]!;
      nulls[i] = this.#nulls[pairs[i]!]!;
    }
    this.#numbers = numbers;
    this.#nulls = nulls;
  }

  #compareDatums(a: Datum, b: Datum): number {
    if (a === null || b === null) return (Number(a === null) - Number(b === null)) * this.#nullSign;
    return compareDatums(a, b, this.#direction.type) * this.#sign;
  }

  #toDatums(count: number): void {
    const numbers = this.#numbers!;
    this.#datums = Array.from({ length: count }, (_, i): Datum => this.#nulls[i] === 1 ? null : numbers[i]!);
    this.#numbers = null;
    this.#nulls = new Uint8Array(0);
  }
}

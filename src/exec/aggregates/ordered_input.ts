/**
 * ORDER BY inside an aggregate call, and WITHIN GROUP: keeps the rows and feeds them in order at the end.
 *
 * O(n log n) for the rows of each group; memory for all rows.
 *
 * @module
 */
import type { SqlType } from "../../storage/sql_type.ts";
import type { Vector } from "../../storage/vector.ts";
import { materialize } from "../materialize.ts";
import type { RowBudget } from "../operators/operator.ts";
import { RowStore } from "../operators/row_store.ts";
import { rowComparator, type SortDirection } from "../operators/sort_order.ts";
import type { DenseVector } from "../vector_build.ts";
import { PartitionedOrder } from "../window/partitioned_order.ts";
import { type Accumulator, grownInt32 } from "./accumulator.ts";

const BATCH_ROWS = 4096;

/** Feeds another accumulator in the order of some keys. */
export class OrderedInput implements Accumulator {
  readonly #inner: Accumulator;
  readonly #argumentCount: number;
  readonly #directions: readonly SortDirection[];
  readonly #rows: RowStore;
  #ids: Int32Array = new Int32Array(1024);
  #sorted: PartitionedOrder | null = null;
  /** Rows that the inner accumulator has got. */
  #fedRows = 0;

  /** The arguments of `add` are those of `inner` and then the keys. */
  constructor(inner: Accumulator, argumentTypes: readonly SqlType[], directions: readonly SortDirection[]) {
    this.#inner = inner;
    this.#argumentCount = argumentTypes.length;
    this.#directions = directions;
    this.#rows = new RowStore([...argumentTypes, ...directions.map((direction) => direction.type)]);
  }

  get memoryBytes(): number {
    return this.#inner.memoryBytes + this.#rows.memoryBytes + this.#ids.byteLength;
  }

  reserve(groupCount: number): void {
    this.#inner.reserve(groupCount);
  }

  add(ids: Int32Array | null, args: readonly DenseVector[], size: number): void {
    const from = this.#rows.rowCount;
    this.#ids = grownInt32(this.#ids, from + size);
    if (ids === null) this.#ids.fill(0, from, from + size);
    else this.#ids.set(ids.subarray(0, size), from);
    this.#rows.append(args, size);
  }

  prepare(groupCount: number, budget: RowBudget): boolean {
    this.#sorted ??= this.#order(groupCount);
    if (!this.#sorted.run(budget)) return false;
    while (this.#fedRows < this.#rows.rowCount) {
      if (budget.rows <= 0) return false;
      budget.rows -= this.#feed(this.#sorted.order);
    }
    return this.#inner.prepare?.(groupCount, budget) ?? true;
  }

  result(from: number, to: number): Vector {
    return this.#inner.result(from, to);
  }

  #order(groupCount: number): PartitionedOrder {
    const { rowCount } = this.#rows;
    const keys = this.#directions.map((_, j) => this.#dense(this.#argumentCount + j));
    const compare = rowComparator(keys, this.#directions, rowCount);
    return new PartitionedOrder(this.#ids, rowCount, groupCount, compare);
  }

  /** Gives the inner accumulator a batch; returns its size. */
  #feed(order: Int32Array): number {
    const from = this.#fedRows;
    const rows = order.subarray(from, Math.min(order.length, from + BATCH_ROWS));
    const positions = Array.from({ length: this.#argumentCount }, (_, j) => j);
    const ids = rows.map((row) => this.#ids[row]!);
    const args = this.#rows.gather(positions, rows, rows.length)
      .map((vector) => materialize(vector, rows.length));
    this.#inner.add(ids, args, rows.length);
    this.#fedRows += rows.length;
    return rows.length;
  }

  #dense(position: number): DenseVector {
    return materialize(this.#rows.column(position), this.#rows.rowCount);
  }
}

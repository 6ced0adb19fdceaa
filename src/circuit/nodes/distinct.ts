/**
 * DISTINCT ON: of each key the first row in an order.
 *
 * ```
 * change ─► weights by row ─► heap of each touched key ─► its first row, where that is another one
 * ```
 *
 * O(columns + log rows of the key) a changed row. The plan says by which columns rows
 * with equal sort keys follow.
 * DISTINCT over whole rows is a set operation.
 *
 * @module
 */
import { grownInt32 } from "../../exec/aggregates/accumulator.ts";
import type { ExecutionEnvironment } from "../../exec/execution.ts";
import { compileScalars, type ProjectionEvaluator } from "../../exec/expression/compile.ts";
import { gatherVector } from "../../exec/gather_vector.ts";
import { KeyTable } from "../../exec/key_table.ts";
import { scalarKey } from "../../query/plan_key.ts";
import type { DistinctPlan, PlanColumn, SortKey } from "../../query/plan.ts";
import { planColumns } from "../../query/plan_walk.ts";
import { INTEGER, type SqlType } from "../../storage/sql_type.ts";
import type { Vector } from "../../storage/vector.ts";
import type { CircuitNode } from "../circuit_node.ts";
import { type Delta, emptyDelta } from "../delta.ts";
import { RowHeaps } from "../rows/row_heaps.ts";
import { RowOrder } from "../rows/row_order.ts";
import { rowColumns, RowTable } from "../rows/row_table.ts";
import { SetNode, setSide } from "./set_operation.ts";

/** DISTINCT or DISTINCT ON over `input`. */
export function distinctNode(
  plan: DistinctPlan,
  input: CircuitNode,
  environment: ExecutionEnvironment,
): CircuitNode {
  if (plan.on !== undefined) return new DistinctOnNode(input, plan.on, environment);
  const columns = planColumns(plan.input);
  return new SetNode("distinct", [setSide(input, columns.map((column) => column.id))], columns);
}

class DistinctOnNode implements CircuitNode {
  readonly name = "distinct on";
  readonly inputs: readonly [CircuitNode];
  readonly columns: readonly PlanColumn[];
  readonly #types: readonly SqlType[];
  /** No change. */
  readonly #none: Delta;
  readonly #keyTypes: readonly SqlType[];
  /** The keys and then the sort keys. */
  readonly #evaluator: ProjectionEvaluator;
  readonly #rows: RowTable;
  readonly #order: RowOrder;
  #keys: KeyTable;
  #heaps: RowHeaps;
  #keyOf: Int32Array = new Int32Array(64);
  /** By key: its row in the output plus 1; the epoch that touched it last. */
  #shown: Int32Array = new Int32Array(64);
  #epochs: Int32Array = new Int32Array(64);
  #epoch = 0;
  examinedRows = 0;

  constructor(
    input: CircuitNode,
    { keys, orderBy, ties = [] }: NonNullable<DistinctPlan["on"]>,
    environment: ExecutionEnvironment,
  ) {
    this.inputs = [input];
    this.columns = input.columns;
    this.#types = input.columns.map((column) => column.type);
    this.#none = emptyDelta(this.#types);
    const sortKeys = withinKey(orderBy, new Set(keys.map(scalarKey)));
    this.#keyTypes = keys.map((key) => key.type);
    this.#rows = new RowTable(this.#types);
    this.#order = new RowOrder(this.#rows, input.columns, { keys: sortKeys, ties });
    this.#evaluator = compileScalars([...keys, ...this.#order.scalars], input.columns, environment);
    this.#keys = this.#newKeys();
    this.#heaps = this.#newHeaps();
  }

  get stateBytes(): number {
    return this.#rows.stateBytes + this.#order.stateBytes + this.#keys.memoryBytes +
      this.#heaps.stateBytes + this.#keyOf.byteLength + this.#shown.byteLength + this.#epochs.byteLength;
  }

  apply([delta]: readonly Delta[]): Delta {
    const { size, columns, weights } = delta!;
    if (size === 0) return this.#none;
    const rows = this.#rows;
    const added = rows.assign(columns, size);
    if (added > 0) this.#append(delta!, rows.freshRows(added));
    rows.add(weights, size);
    const compared = this.#heaps.comparedCount;
    const touched = this.#touch(rows.ids, size);
    const change = this.#change(touched);
    this.examinedRows += size + this.#heaps.comparedCount - compared;
    if (rows.isSparse) this.#compact();
    return change;
  }

  output(): Delta {
    const shown = new Int32Array(this.#keys.count);
    let size = 0;
    for (let key = 0; key < shown.length; key++) {
      if (this.#shown[key] !== 0) shown[size++] = this.#shown[key]! - 1;
    }
    return { size, columns: this.#rows.rowsAt(shown, size), weights: new Int32Array(size).fill(1) };
  }

  /** Keys of new rows, at `fresh` in a change. */
  #append(delta: Pick<Delta, "columns" | "size">, fresh: Int32Array): void {
    const vectors = this.#evaluator.evaluate(delta);
    const keyCount = this.#keyTypes.length;
    this.#assignKeys(vectors.slice(0, keyCount), fresh);
    this.#order.append(vectors.slice(keyCount), delta.size, fresh);
  }

  #assignKeys(vectors: readonly Vector[], fresh: Int32Array): void {
    const count = fresh.length;
    const ids = new Int32Array(count);
    const keys = vectors.map((vector) => gatherVector(vector, fresh, count));
    this.#keys.assign(rowColumns(keys, count), count, ids);
    this.#keyOf = grownInt32(this.#keyOf, this.#rows.count);
    this.#keyOf.set(ids, this.#rows.count - count);
    this.#shown = grownInt32(this.#shown, this.#keys.count);
    this.#epochs = grownInt32(this.#epochs, this.#keys.count);
    this.#heaps.reserve(this.#keys.count, this.#rows.count);
  }

  /** Puts rows that are there into their heaps; gives the keys of all. */
  #touch(rows: Int32Array, size: number): Int32Array {
    const epoch = ++this.#epoch;
    const touched = new Int32Array(size);
    let count = 0;
    for (let i = 0; i < size; i++) {
      const row = rows[i]!;
      const key = this.#keyOf[row]!;
      if (this.#rows.weights[row]! > 0) this.#heaps.add(key, row);
      if (this.#epochs[key] === epoch) continue;
      this.#epochs[key] = epoch;
      touched[count++] = key;
    }
    return touched.subarray(0, count);
  }

  #change(touched: Int32Array): Delta {
    const rows = new Int32Array(touched.length * 2);
    const weights = new Int32Array(rows.length);
    let size = 0;
    for (const key of touched) {
      const before = this.#shown[key]! - 1;
      const after = this.#firstOf(key);
      if (before === after) continue;
      if (before >= 0) {
        rows[size] = before;
        weights[size++] = -1;
      }
      if (after >= 0) {
        rows[size] = after;
        weights[size++] = 1;
      }
      this.#shown[key] = after + 1;
    }
    return { size, columns: this.#rows.rowsAt(rows, size), weights };
  }

  /** The first row of a key that is there, -1 for none. */
  #firstOf(key: number): number {
    let row = this.#heaps.first(key);
    while (row >= 0 && this.#rows.weights[row]! <= 0) {
      this.#heaps.removeFirst(key);
      row = this.#heaps.first(key);
    }
    return row;
  }

  #compact(): void {
    const live = this.#rows.liveRows();
    this.#rows.keep(live);
    this.#order.keep(live);
    this.#keys = this.#newKeys();
    this.#heaps = this.#newHeaps();
    this.#keyOf = new Int32Array(64);
    this.#shown = new Int32Array(64);
    this.#epochs = new Int32Array(64);
    const all = Int32Array.from(live, (_, row) => row);
    const size = all.length;
    const vectors = this.#evaluator.evaluate({ size, columns: this.#rows.rowsAt(all, size) });
    this.#assignKeys(vectors.slice(0, this.#keyTypes.length), all);
    for (const row of all) this.#heaps.add(this.#keyOf[row]!, row);
    for (let key = 0; key < this.#keys.count; key++) this.#shown[key] = this.#heaps.first(key) + 1;
  }

  #newKeys(): KeyTable {
    return new KeyTable(
      this.#keyTypes.length === 0 ? [{ type: INTEGER }] : this.#keyTypes.map((type) => ({ type })),
    );
  }

  #newHeaps(): RowHeaps {
    return new RowHeaps(this.#order.compare);
  }
}

/** The sort keys that rows of one key may differ in. */
function withinKey(orderBy: readonly SortKey[], keys: ReadonlySet<string>): readonly SortKey[] {
  return orderBy.filter(({ expression }) => !keys.has(scalarKey(expression)));
}

/**
 * DISTINCT, UNION, INTERSECT and EXCEPT, with and without ALL, over counted rows.
 *
 * With l equal rows on the left and r on the right the output has as many copies:
 *
 * | | copies | which of rows that look different |
 * |---|---|---|
 * | DISTINCT, UNION | 1 if l + r > 0 | the first, those on the left before those on the right |
 * | INTERSECT | 1 if l > 0 and r > 0 | the first on the left |
 * | INTERSECT ALL | min(l, r) | the first on the left |
 * | EXCEPT | 1 if l > 0 and r = 0 | the first on the left |
 * | EXCEPT ALL | max(l - r, 0) | the last on the left |
 *
 * A changed row is O(columns), and O(forms) where equal rows look different.
 *
 * @module
 */
import { unreachable } from "../../base/assert.ts";
import { grownInt32 } from "../../exec/aggregates/accumulator.ts";
import type { ColumnId, PlanColumn, SetOperationPlan } from "../../query/plan.ts";
import type { SqlType } from "../../storage/sql_type.ts";
import type { CircuitNode } from "../circuit_node.ts";
import { CountedRows } from "../rows/counted_rows.ts";
import { type Delta, emptyDelta } from "../delta.ts";

/** What is done with the counts. */
export type SetOperator = "distinct" | SetOperationPlan["operator"] | "intersect all" | "except all";

/** An input with the positions of the columns that are compared. */
export interface SetSide {
  readonly node: CircuitNode;
  readonly positions: readonly number[];
}

/** A side by the ids of its columns. */
export function setSide(node: CircuitNode, ids: readonly ColumnId[]): SetSide {
  return { node, positions: ids.map((id) => node.columns.findIndex((column) => column.id === id)) };
}

/** The operator of a set operation other than UNION ALL. */
export function setOperator({ operator, all }: SetOperationPlan): SetOperator {
  return all && operator !== "union" ? `${operator} all` : operator;
}

/** See the module header. */
export class SetNode implements CircuitNode {
  readonly name: SetOperator;
  readonly inputs: readonly CircuitNode[];
  readonly columns: readonly PlanColumn[];
  readonly #types: readonly SqlType[];
  /** No change. */
  readonly #none: Delta;
  readonly #positions: readonly (readonly number[])[];
  readonly #rows: CountedRows;
  readonly #forms: Int32Array[];
  /** Rows that the epoch touches, and by row the epoch that touched it last. */
  #touched: Int32Array = new Int32Array(16);
  #epochs: Int32Array = new Int32Array(64);
  #epoch = 0;
  /** By form: copies in the output after the epoch less those before. */
  #changes: Int32Array = new Int32Array(64);
  examinedRows = 0;

  constructor(operator: SetOperator, sides: readonly SetSide[], columns: readonly PlanColumn[]) {
    this.name = operator;
    this.inputs = sides.map((side) => side.node);
    this.columns = columns;
    this.#types = columns.map((column) => column.type);
    this.#none = emptyDelta(this.#types);
    this.#positions = sides.map((side) => side.positions);
    this.#rows = new CountedRows(this.#types);
    this.#forms = sides.map(() => new Int32Array(16));
  }

  get stateBytes(): number {
    return this.#rows.stateBytes + this.#epochs.byteLength + this.#changes.byteLength +
      this.#touched.byteLength;
  }

  apply(deltas: readonly Delta[]): Delta {
    const rows = this.#rows;
    for (let side = 0; side < deltas.length; side++) {
      const { size, columns } = deltas[side]!;
      if (size === 0) continue;
      this.#forms[side] = grownInt32(this.#forms[side]!, size);
      const compared = this.#positions[side]!.map((position) => columns[position]!);
      rows.assign(compared, size, this.#forms[side]!);
      this.examinedRows += size;
    }
    const touched = this.#touch(deltas);
    if (touched === 0) return this.#none;
    for (let i = 0; i < touched; i++) this.#addCopies(this.#touched[i]!, -1);
    for (let side = 0; side < deltas.length; side++) {
      rows.add(this.#forms[side]!, deltas[side]!.weights, deltas[side]!.size, side);
    }
    for (let i = 0; i < touched; i++) this.#addCopies(this.#touched[i]!, 1);
    const change = this.#takeChanges(touched);
    if (rows.compact()) {
      this.#epochs = new Int32Array(Math.max(64, rows.rowCount));
      this.#changes = new Int32Array(Math.max(64, rows.formCount));
    }
    return change;
  }

  output(): Delta {
    const { rowCount } = this.#rows;
    const touched = this.#touched;
    this.#touched = Int32Array.from({ length: rowCount }, (_, row) => row);
    for (let row = 0; row < rowCount; row++) this.#addCopies(row, 1);
    const all = this.#takeChanges(rowCount);
    this.#touched = touched;
    return all;
  }

  /** Collects the rows of the changes, each once; gives their number. */
  #touch(deltas: readonly Delta[]): number {
    const rows = this.#rows;
    this.#epochs = grownInt32(this.#epochs, rows.rowCount);
    this.#changes = grownInt32(this.#changes, rows.formCount);
    this.#touched = grownInt32(this.#touched, deltas.reduce((sum, { size }) => sum + size, 0));
    const epoch = ++this.#epoch;
    let count = 0;
    for (let side = 0; side < deltas.length; side++) {
      const forms = this.#forms[side]!;
      for (let i = 0; i < deltas[side]!.size; i++) {
        const row = rows.rowOf(forms[i]!);
        if (this.#epochs[row] === epoch) continue;
        this.#epochs[row] = epoch;
        this.#touched[count++] = row;
      }
    }
    return count;
  }

  /** Adds the copies of a row that are in the output, times `sign`, to the changes of its forms. */
  #addCopies(row: number, sign: number): void {
    const { counts } = this.#rows;
    let left = 0;
    let right = 0;
    for (let form = this.#rows.firstForm(row); form >= 0; form = this.#rows.nextForm(form)) {
      left += counts[form * 2]!;
      right += counts[form * 2 + 1]!;
    }
    const copies = copiesOf(this.name, left, right);
    if (copies <= 0) return;
    const skipped = this.name === "except all" ? right : 0;
    const taken = this.#take(row, { side: 0, skipped, copies, sign });
    if (taken < copies) this.#take(row, { side: 1, skipped: 0, copies: copies - taken, sign });
  }

  /** Takes copies from the forms of one side, in their order, after `skipped` others; gives how many there were. */
  #take(
    row: number,
    { side, skipped, copies, sign }: {
      readonly side: number;
      readonly skipped: number;
      readonly copies: number;
      readonly sign: number;
    },
  ): number {
    const { counts } = this.#rows;
    let passed = -skipped;
    for (let form = this.#rows.firstForm(row); form >= 0; form = this.#rows.nextForm(form)) {
      const from = Math.max(passed, 0);
      passed += counts[form * 2 + side]!;
      const to = Math.min(passed, copies);
      if (to > from) this.#changes[form]! += (to - from) * sign;
    }
    return Math.min(passed, copies);
  }

  /** The changes of the forms of the first `count` touched rows, which are then 0 again. */
  #takeChanges(count: number): Delta {
    let forms: Int32Array = new Int32Array(count);
    let size = 0;
    for (let i = 0; i < count; i++) {
      for (let form = this.#rows.firstForm(this.#touched[i]!); form >= 0; form = this.#rows.nextForm(form)) {
        if (this.#changes[form] === 0) continue;
        forms = grownInt32(forms, size + 1);
        forms[size++] = form;
      }
    }
    const weights = new Int32Array(size);
    for (let i = 0; i < size; i++) {
      weights[i] = this.#changes[forms[i]!]!;
      this.#changes[forms[i]!] = 0;
    }
    return { size, columns: this.#rows.rowsAt(forms, size), weights };
  }
}

function copiesOf(operator: SetOperator, left: number, right: number): number {
  switch (operator) {
    case "distinct":
    case "union":
      return Number(left + right > 0);
    case "intersect":
      return Number(left > 0 && right > 0);
    case "intersect all":
      return Math.min(left, right);
    case "except":
      return Number(left > 0 && right <= 0);
    case "except all":
      return left - right;
    default:
      return unreachable(operator);
  }
}

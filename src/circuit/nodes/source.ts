/**
 * Sources: the changes of a table, and rows that never change.
 *
 * @module
 */
import type { ColumnId, PlanColumn, ScanPlan } from "../../query/plan.ts";
import type { CircuitNode, Epoch } from "../circuit_node.ts";
import { consolidated, type Delta, emptyDelta } from "../delta.ts";

/** The changes of a table, in the columns that the query reads. */
export class TableNode implements CircuitNode {
  readonly name = "table";
  readonly inputs: readonly CircuitNode[] = [];
  readonly stateBytes = 0;
  readonly columns: readonly PlanColumn[];
  readonly table: string;
  /** Where each of `columns` stands in the table. */
  readonly ordinals: readonly number[];
  examinedRows = 0;

  constructor(scan: ScanPlan) {
    this.table = scan.table;
    this.columns = scan.columns;
    this.ordinals = scan.columns.map((column) => column.ordinal);
  }

  /** Where a column stands in the table, -1 when the node does not give it. */
  ordinalOf(id: ColumnId): number {
    const position = this.columns.findIndex((column) => column.id === id);
    return position < 0 ? -1 : this.ordinals[position]!;
  }

  apply(_deltas: readonly Delta[], epoch: Epoch): Delta {
    const types = this.columns.map((column) => column.type);
    const delta = epoch.tableDelta(this.table, this.ordinals);
    if (delta === undefined) return emptyDelta(types);
    this.examinedRows += delta.size;
    // An update of columns that the query does not read is no change for it.
    return hasBothSigns(delta) ? consolidated(delta, types) : delta;
  }

  output(_inputs: () => readonly Delta[], epoch: Epoch): Delta {
    return this.apply([], epoch);
  }
}

/** Rows that come in the first epoch and stay. */
export class ConstantNode implements CircuitNode {
  readonly name = "values";
  readonly inputs: readonly CircuitNode[] = [];
  readonly stateBytes = 0;
  readonly examinedRows = 0;
  readonly columns: readonly PlanColumn[];
  readonly #rows: () => Delta;
  #started = false;

  constructor(columns: readonly PlanColumn[], rows: () => Delta) {
    this.columns = columns;
    this.#rows = rows;
  }

  apply(): Delta {
    const rows = this.#started ? emptyDelta(this.columns.map((column) => column.type)) : this.#rows();
    this.#started = true;
    return rows;
  }

  output(): Delta {
    return this.#rows();
  }
}

function hasBothSigns({ size, weights }: Delta): boolean {
  for (let i = 1; i < size; i++) if (weights[i]! * weights[0]! < 0) return true;
  return false;
}

/**
 * Sources: the changes of a table, and rows that never change.
 *
 * @module
 */
import type { PlanColumn, ScanPlan } from "../../query/plan.ts";
import type { CircuitNode, Epoch } from "../circuit_node.ts";
import { type Delta, emptyDelta } from "../delta.ts";
import type { Route } from "../relation_change.ts";

/** The changes of a table, in the columns that the query reads. */
export class TableNode implements CircuitNode {
  readonly name = "table";
  readonly inputs: readonly CircuitNode[] = [];
  readonly stateBytes = 0;
  readonly columns: readonly PlanColumn[];
  readonly table: string;
  /** Where each of `columns` stands in the table. */
  readonly ordinals: readonly number[];
  /** Where its readers want only the rows with one value in a column. */
  readonly route: Route | undefined;
  examinedRows = 0;

  constructor(scan: ScanPlan, route?: Route) {
    this.route = route;
    this.table = scan.table;
    this.columns = scan.columns;
    this.ordinals = scan.columns.map((column) => column.ordinal);
  }

  apply(_deltas: readonly Delta[], epoch: Epoch): Delta {
    const delta = epoch.tableDelta(this.table, this.ordinals, this.route);
    if (delta === undefined) return emptyDelta(this.columns.map((column) => column.type));
    this.examinedRows += delta.size;
    return delta;
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

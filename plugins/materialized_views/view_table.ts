/**
 * The stored rows of a view: a table of kind `view`, to which changes are written.
 *
 * @module
 */
import { InvariantError } from "../../src/base/error.ts";
import { type Delta, placesOf } from "../../src/circuit/delta.ts";
import { gatherVector } from "../../src/exec/gather_vector.ts";
import type { PluginHost } from "../../src/kernel/plugin_host.ts";
import { vectorDatum } from "../../src/storage/datum_vector.ts";
import type { Datum, SqlType } from "../../src/storage/sql_type.ts";
import type { Table } from "../../src/storage/table.ts";
import type { TableSnapshot } from "../../src/storage/table_view.ts";
import type { RowVectors } from "../../src/storage/row_replacement.ts";
import type { Transaction } from "../../src/storage/transaction.ts";
import { PlacedRows } from "./placed_rows.ts";
import { allRows } from "./transaction_snapshots.ts";

/** Changes up to this size are written row by row. */
const FEW_ROWS = 8;

/** A column of a view. */
export interface ViewColumn {
  readonly name: string;
  readonly type: SqlType;
  readonly nullable: boolean;
}

/** See the module header. */
export class ViewTable {
  readonly columns: readonly ViewColumn[];
  readonly #host: PluginHost;
  readonly #identity: readonly number[] | undefined;
  #name: string;
  #table: Table | undefined;
  /** Where rows are, while the changes say their places. */
  #placed: PlacedRows | undefined;
  /** Rows were not where they should be. */
  #isUnplaceable = false;

  /** `identity`: columns that tell the rows apart, as far as is known. */
  constructor(host: PluginHost, name: string, columns: readonly ViewColumn[], identity?: readonly number[]) {
    this.#host = host;
    this.#name = name;
    this.columns = columns;
    this.#identity = identity;
  }

  get name(): string {
    return this.#name;
  }

  /** Rows stored. */
  get rowCount(): number {
    return this.#table?.rowCount ?? 0;
  }

  /** Whether statements can read it. */
  get isPopulated(): boolean {
    return this.#table?.definition.isPopulated ?? true;
  }

  /** Makes the table; statements can read it when it `isPopulated`. */
  install(isPopulated: boolean): void {
    this.#table = this.#host.store.createTable({
      name: this.#name,
      kind: "view",
      columns: this.columns.map(({ name, type }) => ({ name, type, nullable: true })),
      primaryKey: [],
      uniqueKeys: [],
      references: [],
      isPopulated,
      identity: this.#identity,
    });
  }

  /** From now on statements can read it. */
  populated(): void {
    const table = this.#table;
    if (table?.definition.isPopulated === false) table.redefine({ ...table.definition, isPopulated: true });
  }

  uninstall(): void {
    this.#host.store.dropTable(this.#name);
    this.#table = undefined;
  }

  rename(name: string): void {
    this.#host.store.renameTable(this.#name, name);
    this.#name = name;
  }

  /** The rows, each of weight 1. */
  rows(snapshot: (name: string) => TableSnapshot): Delta {
    const columns = this.columns.map((column, ordinal) => ({ ...column, id: ordinal, ordinal }));
    const plan = { kind: "scan", table: this.#name, alias: this.#name, columns } as const;
    return allRows(this.#host, { plan, columns }, snapshot);
  }

  /**
   * Applies a change in which each row stands once. `rows` gives all rows after it with their places, undefined where
   * that cannot be told.
   */
  write(transaction: Transaction, change: Delta, rows: () => Delta | undefined): void {
    const table = this.#table!;
    const places = placesOf(change);
    if (places !== undefined && this.#placed?.follows(places) === true) {
      table.dropRowIndex();
      this.#checkFound(this.#placed.write(transaction, table, change));
      return;
    }
    this.#placed = undefined;
    if (places !== undefined && table.rowCount === 0) {
      const { columns, size } = change;
      const ids = transaction.insertVectors(table, columns, size).rowIds();
      this.#placed = new PlacedRows(places, ids);
      return;
    }
    this.#replace(transaction, table, change);
    if (places === undefined || this.#isUnplaceable) return;
    const all = rows();
    if (all === undefined) return;
    this.#placed = PlacedRows.find(table, all);
    this.#isUnplaceable = this.#placed === undefined;
  }

  /** Finds rows by value. */
  #replace(transaction: Transaction, table: Table, change: Delta): void {
    if (change.size <= FEW_ROWS) {
      const gone = datumsOf(change, -1);
      this.#checkFound(gone.length - transaction.replaceRows(table, gone, datumsOf(change, 1)));
      return;
    }
    const gone = vectorsOf(change, -1);
    this.#checkFound(gone.count - transaction.replaceVectors(table, gone, vectorsOf(change, 1)));
  }

  #checkFound(lost: number): void {
    if (lost === 0) return;
    throw new InvariantError("invariant", `View "${this.#name}" lost a row that its change removes`);
  }
}

/** Positions of the rows of one sign, each as often as its weight says. */
function rowsOfSign({ size, weights }: Delta, sign: number): Int32Array {
  let count = 0;
  for (let i = 0; i < size; i++) if (weights[i]! * sign > 0) count += weights[i]! * sign;
  const rows = new Int32Array(count);
  for (let i = 0, at = 0; at < count; i++) for (let w = weights[i]! * sign; w > 0; w--) rows[at++] = i;
  return rows;
}

/** Rows of one sign as datums, each as often as its weight says. */
function datumsOf({ size, columns, weights }: Delta, sign: number): Datum[][] {
  const rows: Datum[][] = [];
  for (let i = 0; i < size; i++) {
    let weight = weights[i]! * sign;
    if (weight <= 0) continue;
    const row = new Array<Datum>(columns.length);
    for (let j = 0; j < row.length; j++) row[j] = vectorDatum(columns[j]!, i);
    for (; weight > 0; weight--) rows.push(row);
  }
  return rows;
}

function vectorsOf(change: Delta, sign: number): RowVectors {
  const rows = rowsOfSign(change, sign);
  return {
    columns: change.columns.map((column) => gatherVector(column, rows, rows.length)),
    count: rows.length,
  };
}

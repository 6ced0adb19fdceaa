/**
 * Where the rows of a join's inputs are read from, by number, once a join knows which ones it needs.
 *
 * | source | a row's number is |
 * |---|---|
 * | change | its position in the delta |
 * | stored | its row id in the table |
 * | arranged | its id in the arrangement |
 *
 * @module
 */
import { gatherVector } from "../../exec/gather_vector.ts";
import { materialize } from "../../exec/materialize.ts";
import type { DenseVector } from "../../exec/vector_build.ts";
import type { StoredColumn } from "../../storage/table_view.ts";
import type { Arrangement } from "../rows/arrangement.ts";
import type { Delta } from "../delta.ts";
import type { TableLookup } from "../live_tables.ts";

/** Columns by row number. */
export interface RowSource {
  /** The values of the column at `position` in rows `rows[0 .. count]`; without `rows` in the first `count`. */
  column(position: number, rows: Int32Array | null, count: number): DenseVector;
}

/** The rows of a change. */
export class DeltaSource implements RowSource {
  readonly #delta: Delta;

  constructor(delta: Delta) {
    this.#delta = delta;
  }

  column(position: number, rows: Int32Array | null, count: number): DenseVector {
    const vector = this.#delta.columns[position]!;
    // Values, not row ids: the rows may change before the change of the view is read.
    return materialize(rows === null ? vector : gatherVector(vector, rows, count), count);
  }
}

/** The rows of an arrangement. */
export class ArrangedSource implements RowSource {
  readonly #arrangement: () => Arrangement;

  constructor(arrangement: () => Arrangement) {
    this.#arrangement = arrangement;
  }

  column(position: number, rows: Int32Array | null, count: number): DenseVector {
    return materialize(this.#arrangement().columnAt(position, rows!, count), count);
  }
}

/** The rows of a table. */
export class StoredSource implements RowSource {
  readonly #tables: TableLookup;
  readonly #table: string;
  readonly #ordinals: readonly number[];
  /** The columns that were read since `refresh`. */
  #columns: (StoredColumn | undefined)[] = [];

  /** `ordinals`: where each position stands in the table. */
  constructor(tables: TableLookup, table: string, ordinals: readonly number[]) {
    this.#tables = tables;
    this.#table = table;
    this.#ordinals = ordinals;
  }

  /** The table may have changed. */
  refresh(): void {
    if (this.#columns.length > 0) this.#columns = [];
  }

  /** The column at `position`, until the table changes. */
  stored(position: number): StoredColumn {
    return this.#columns[position] ??= this.#tables.column(this.#table, this.#ordinals[position]!);
  }

  column(position: number, rows: Int32Array | null, count: number): DenseVector {
    return materialize({ kind: "lazy", rows: rows!, source: this.stored(position) }, count);
  }
}

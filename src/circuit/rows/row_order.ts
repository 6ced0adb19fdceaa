/**
 * Order of stored rows: by sort keys, then by the columns that decide ties, then by row number.
 *
 * The sort keys of every row are at hand, and the first column of the ties too, for it mostly decides; the others are
 * read from the rows where they have to decide.
 *
 * @module
 */
import { materialize } from "../../exec/materialize.ts";
import type { CompareRows } from "../../exec/operators/sort_order.ts";
import { compareTied } from "../../exec/operators/tie_order.ts";
import { datumAt } from "../../exec/vector_read.ts";
import { hasForms } from "../../query/functions/identity.ts";
import type { ColumnId, PlanColumn, Scalar, SortKey } from "../../query/plan.ts";
import type { SqlType } from "../../storage/sql_type.ts";
import type { Vector } from "../../storage/vector.ts";
import type { RowTable } from "./row_table.ts";
import { SortKeys } from "./sort_keys.ts";

/** See the module header. */
export class RowOrder {
  /** What {@linkcode append} takes for each row. */
  readonly scalars: readonly Scalar[];
  readonly #rows: RowTable;
  readonly #keys: SortKeys;
  readonly #keyCount: number;
  /** Columns that decide after those. */
  readonly #ties: readonly { readonly position: number; readonly type: SqlType }[];

  /** `ties`: columns of the rows, which have `columns`. */
  constructor(
    rows: RowTable,
    columns: readonly PlanColumn[],
    { keys, ties }: { readonly keys: readonly SortKey[]; readonly ties: readonly ColumnId[] },
  ) {
    const tied = ties.map((id) => {
      const position = columns.findIndex((column) => column.id === id);
      return { ...columns[position]!, position };
    });
    const [first] = tied;
    const stored = first !== undefined && !hasForms(first.type) ? [first] : [];
    const all = [
      ...keys,
      ...stored.map(({ id, name, type }): SortKey => ({
        expression: { kind: "column", id, name, type },
        descending: false,
        nullsFirst: false,
      })),
    ];
    this.scalars = all.map((key) => key.expression);
    this.#rows = rows;
    this.#keyCount = keys.length;
    this.#keys = new SortKeys(all.map(({ expression, descending, nullsFirst }) => ({
      type: expression.type,
      descending,
      nullsFirst,
    })));
    this.#ties = tied.slice(stored.length);
  }

  /** Approximate memory in bytes. */
  get stateBytes(): number {
    return this.#keys.stateBytes;
  }

  /** Appends new rows: `fresh` of a change of `size` rows. */
  append(vectors: readonly Vector[], size: number, fresh: Int32Array): void {
    this.#keys.append(vectors, size, fresh);
  }

  /** Keeps `rows`, which then count from 0. */
  keep(rows: Int32Array): void {
    this.#keys.keep(rows);
  }

  /**
   * Writes to `into` which rows of a change may come before row `bound` or be it: those whose first key is not after
   * its own. Gives their number.
   */
  selectUpTo(vectors: readonly Vector[], size: number, bound: number, into: Int32Array): number {
    return this.#keys.selectUpTo(vectors, size, bound, into);
  }

  /** The order of two rows by their sort keys alone. */
  compareKeys(a: number, b: number): number {
    return this.#keys.compare(a, b, this.#keyCount);
  }

  /** The order of two rows; 0 for a row and itself alone. */
  readonly compare: CompareRows = (a, b) => this.#keys.compare(a, b) || this.#compareTies(a, b) || a - b;

  #compareTies(a: number, b: number): number {
    if (a === b || this.#ties.length === 0) return 0;
    const columns = this.#rows.rowsAt(Int32Array.of(a, b), 2);
    for (const { position, type } of this.#ties) {
      const column = materialize(columns[position]!, 2);
      const order = compareTied(datumAt(column, 0), datumAt(column, 1), type);
      if (order !== 0) return order;
    }
    return 0;
  }
}

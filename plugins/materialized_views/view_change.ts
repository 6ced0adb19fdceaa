/**
 * A change of a view as subscribers get it: one object for all of them.
 *
 * The rows stay in storage units. Objects are made when somebody asks for them, once: a hundred subscribers that
 * get the same change share them, and those that write the rows to a wire make none.
 *
 * @module
 */
import { type WeightedRow, ZSet } from "../../src/circuit/zset.ts";
import type { Change } from "../../src/kernel/hooks.ts";
import type { ResultColumn } from "../../src/kernel/query_result.ts";
import { datumToValue } from "../../src/kernel/value_output.ts";

type RowObject = Readonly<Record<string, unknown>>;

/** See the module header. */
export class ViewChange implements Change {
  readonly version: number;
  readonly snapshot: boolean;
  readonly columns: readonly ResultColumn[];
  readonly rows: readonly WeightedRow[];
  #inserted: readonly RowObject[] | undefined;
  #deleted: readonly RowObject[] | undefined;

  constructor(
    columns: readonly ResultColumn[],
    change: { readonly version: number; readonly snapshot?: boolean; readonly rows: readonly WeightedRow[] },
  ) {
    this.version = change.version;
    this.snapshot = change.snapshot ?? false;
    this.columns = columns;
    this.rows = change.rows;
  }

  /** The sum of changes that followed one another; there is one at least. O(rows). */
  static merged(changes: readonly ViewChange[]): ViewChange {
    const [first] = changes;
    if (changes.length === 1) return first!;
    const sum = new ZSet(first!.columns.map((column) => column.sqlType));
    for (const { rows } of changes) sum.addAll(rows);
    const { version } = changes.at(-1)!;
    return new ViewChange(first!.columns, { version, snapshot: first!.snapshot, rows: [...sum] });
  }

  get inserted(): readonly RowObject[] {
    return this.#inserted ??= this.#objects(1);
  }

  get deleted(): readonly RowObject[] {
    return this.#deleted ??= this.#objects(-1);
  }

  /** Whether it tells a reader anything. */
  get isEmpty(): boolean {
    return this.rows.length === 0 && !this.snapshot;
  }

  #objects(sign: number): readonly RowObject[] {
    const objects: RowObject[] = [];
    for (const { row, weight } of this.rows) {
      for (let i = weight * sign; i > 0; i--) {
        objects.push(
          Object.fromEntries(
            this.columns.map(({ name, sqlType }, j) => [name, datumToValue(row[j]!, sqlType)]),
          ),
        );
      }
    }
    return objects;
  }
}

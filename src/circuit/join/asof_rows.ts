/**
 * One side of an ASOF join: its rows by key, in the order of the value that the join compares.
 *
 * ```
 * key 7   09:00  09:05  09:05  09:20        by value, rows with the same value as they came
 * ```
 *
 * Adding, removing and finding the rows beside a value are O(log rows of the key).
 *
 * @module
 */
import { grownInt32 } from "../../exec/aggregates/accumulator.ts";
import { compareDatums } from "../../query/functions/compare.ts";
import type { Datum, SqlType } from "../../storage/sql_type.ts";
import type { Vector } from "../../storage/vector.ts";
import { OrderTree } from "../group/order_tree.ts";
import { RowTable } from "../rows/row_table.ts";

/** The node that stands for a value that is looked for; row `r` is node `r + 2`. */
const PROBE = 1;
const FIRST_NODE = 2;

/** See the module header. */
export class AsofRows {
  readonly rows: RowTable;
  readonly #type: SqlType;
  #tree: OrderTree;
  /** By row: its key; -1 for rows that are not ordered, as their key or value is NULL. */
  #groups: Int32Array = new Int32Array(16);
  /** By row. */
  #values: Datum[] = [];
  #probe: Datum = null;
  /** Whether the probe comes before (-1) or after (1) rows with its value. */
  #bias: 1 | -1 = 1;

  /** `type`: that of the value. */
  constructor(types: readonly SqlType[], type: SqlType) {
    this.rows = new RowTable(types);
    this.#type = type;
    this.#tree = this.#newTree();
  }

  get stateBytes(): number {
    return this.rows.stateBytes + this.#tree.stateBytes + this.#groups.byteLength + this.#values.length * 8;
  }

  /** Nodes looked at. */
  get visited(): number {
    return this.#tree.visited;
  }

  /** Makes room for the rows that have been numbered, and for keys below `groupCount`. */
  reserve(groupCount: number): void {
    this.#groups = grownInt32(this.#groups, this.rows.count);
    this.#tree.reserveGroups(groupCount);
    this.#tree.reserveNodes(this.rows.count + FIRST_NODE);
  }

  /** Tells key and value of a row. */
  describe(row: number, group: number, value: Datum): void {
    this.#groups[row] = value === null ? -1 : group;
    this.#values[row] = value;
  }

  /** The key of a row; -1 when it has none, or no value. */
  group(row: number): number {
    return this.#groups[row]!;
  }

  value(row: number): Datum {
    return this.#values[row]!;
  }

  /** Puts a row that has a key into its place. */
  insert(row: number): void {
    const group = this.#groups[row]!;
    this.#tree.find(group, row + FIRST_NODE);
    this.#tree.insert(group, row + FIRST_NODE, 1);
  }

  /** Takes a row out of its place. */
  remove(row: number): void {
    const group = this.#groups[row]!;
    this.#tree.remove(group, this.#tree.find(group, row + FIRST_NODE));
  }

  /** The last row of a key below a value, or not above it; -1 for none. */
  below(group: number, value: Datum, isInclusive: boolean): number {
    this.#probe = value;
    this.#bias = isInclusive ? 1 : -1;
    return rowOf(this.#tree.before(group, PROBE));
  }

  /** The first row of a key above a value, or not below it; -1 for none. */
  above(group: number, value: Datum, isInclusive: boolean): number {
    this.#probe = value;
    this.#bias = isInclusive ? -1 : 1;
    return rowOf(this.#tree.after(group, PROBE));
  }

  /** The row after one of its key, -1 for none. */
  next(row: number): number {
    return rowOf(this.#tree.after(this.#groups[row]!, row + FIRST_NODE));
  }

  /** The row before one of its key, -1 for none. */
  previous(row: number): number {
    return rowOf(this.#tree.before(this.#groups[row]!, row + FIRST_NODE));
  }

  /** The first row of a key, -1 for none. */
  first(group: number): number {
    return rowOf(this.#tree.first(group));
  }

  /** Order of two values. */
  compare(a: Datum, b: Datum): number {
    return compareDatums(a, b, this.#type);
  }

  /** Rows by number, one vector a column. */
  columns(rows: Int32Array, count: number): Vector[] {
    return this.rows.rowsAt(rows, count);
  }

  /** Keeps `rows`, with the numbers from 0 on; they must be described and put into their places anew. */
  keep(rows: Int32Array): void {
    this.rows.keep(rows);
    this.#tree = this.#newTree();
    this.#groups = new Int32Array(16);
    this.#values = [];
  }

  #newTree(): OrderTree {
    return new OrderTree((item, node) => {
      const value = item === PROBE ? this.#probe : this.#values[item - FIRST_NODE]!;
      const order = compareDatums(value, this.#values[node - FIRST_NODE]!, this.#type);
      return order !== 0 ? order : item === PROBE ? this.#bias : item - node;
    });
  }
}

function rowOf(node: number): number {
  return node === 0 ? -1 : node - FIRST_NODE;
}

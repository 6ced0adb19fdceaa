/**
 * ASOF join: each left row with the one right row of its key that is nearest by an inequality.
 *
 * ```
 * left   09:01   09:07   09:30          left.at >= right.at: the last right row not after it
 * right  09:00     09:05    09:20
 *           └ 09:01  └ 09:07   └ 09:30
 * ```
 *
 * A right row that comes or goes touches the left rows between itself and the right row beside it, found in the
 * order of the left rows of its key; the right row of each left row is kept, as its number. O(log rows of the key)
 * a changed row, and that for each left row that is touched. Of right rows with the same value the first or last to
 * come is taken.
 *
 * @module
 */
import { assert } from "../../base/assert.ts";
import { grownInt32 } from "../../exec/aggregates/accumulator.ts";
import type { ExecutionEnvironment } from "../../exec/execution.ts";
import { compileScalars, type ProjectionEvaluator } from "../../exec/expression/compile.ts";
import { gatherVector } from "../../exec/gather_vector.ts";
import { type KeyColumn, KeyTable } from "../../exec/key_table.ts";
import { materialize } from "../../exec/materialize.ts";
import { splitCondition } from "../../exec/physical_join.ts";
import { nullVector } from "../../exec/vector_build.ts";
import { readDatums } from "../../exec/vector_read.ts";
import type { JoinPlan, PlanColumn, Scalar } from "../../query/plan.ts";
import { freeColumns, planColumns } from "../../query/plan_walk.ts";
import { INTEGER, type SqlType } from "../../storage/sql_type.ts";
import type { Vector } from "../../storage/vector.ts";
import { AsofRows } from "../join/asof_rows.ts";
import type { CircuitNode } from "../circuit_node.ts";
import { type Delta, sumOfDeltas } from "../delta.ts";
import { FilterNode } from "./linear.ts";

/** The inequality of an ASOF join. */
type AsofCondition = NonNullable<JoinPlan["asof"]>;

/** What an ASOF join is made of. */
export interface AsofJoinOptions {
  readonly inputs: readonly [CircuitNode, CircuitNode];
  readonly columns: readonly PlanColumn[];
  /** Equal keys, by side, and for each whether NULL matches NULL. */
  readonly keys: readonly [readonly Scalar[], readonly Scalar[]];
  readonly nullIsKey: readonly boolean[];
  readonly asof: AsofCondition;
  /** Whether left rows without a right row stay. */
  readonly keepsLeft: boolean;
}

/** A left row as it was before the epoch. */
interface Touched {
  readonly weight: number;
  /** The number of its right row, -1 for none. */
  readonly nearest: number;
}

/** See the module header. */
export class AsofJoinNode implements CircuitNode {
  readonly name: string;
  readonly inputs: readonly [CircuitNode, CircuitNode];
  readonly columns: readonly PlanColumn[];
  readonly #types: readonly SqlType[];
  readonly #options: AsofJoinOptions;
  readonly #left: AsofRows;
  readonly #right: AsofRows;
  /** By side, the key expressions and then the value. */
  readonly #scalars: readonly [ProjectionEvaluator, ProjectionEvaluator];
  readonly #keyColumns: readonly KeyColumn[];
  #keys: KeyTable;
  /** By left row: the number of its right row plus 1. */
  #nearest: Int32Array = new Int32Array(16);
  #touched = new Map<number, Touched>();
  #examinedRows = 0;

  constructor(options: AsofJoinOptions, environment: ExecutionEnvironment) {
    const { inputs: [left, right], keys, nullIsKey, asof, columns, keepsLeft } = options;
    this.name = keepsLeft ? "asof left join" : "asof join";
    this.inputs = options.inputs;
    this.columns = columns;
    this.#types = columns.map((column) => column.type);
    this.#options = options;
    this.#left = new AsofRows(left.columns.map((column) => column.type), asof.right.type);
    this.#right = new AsofRows(right.columns.map((column) => column.type), asof.right.type);
    this.#scalars = [
      compileScalars([...keys[0], asof.left], left.columns, environment),
      compileScalars([...keys[1], asof.right], right.columns, environment),
    ];
    this.#keyColumns = keys[1].length === 0
      ? [{ type: INTEGER }]
      : keys[1].map(({ type }, j) => ({ type, nullIsKey: nullIsKey[j]! }));
    this.#keys = new KeyTable(this.#keyColumns);
  }

  get stateBytes(): number {
    return this.#left.stateBytes + this.#right.stateBytes + this.#keys.memoryBytes + this.#nearest.byteLength;
  }

  get examinedRows(): number {
    return this.#examinedRows + this.#left.visited + this.#right.visited;
  }

  apply([left, right]: readonly Delta[]): Delta {
    this.#examinedRows += left!.size + right!.size;
    this.#applyRight(right!);
    this.#applyLeft(left!);
    const change = this.#change();
    this.#compact();
    return change;
  }

  output(): Delta {
    const rows = this.#left.rows.liveRows();
    const nearest = rows.map((row) => this.#nearest[row]! - 1);
    return this.#joined(rows, nearest, rows.map((row) => this.#left.rows.weights[row]!));
  }

  #applyRight(delta: Delta): void {
    const { rows } = this.#right;
    for (const [row, before] of this.#assign(this.#right, 1, delta)) {
      const isThere = rows.weights[row]! > 0;
      if (isThere === before > 0 || this.#right.group(row) < 0) continue;
      if (isThere) this.#right.insert(row);
      this.#touchAround(row);
      if (!isThere) this.#right.remove(row);
    }
  }

  #applyLeft(delta: Delta): void {
    const { rows } = this.#left;
    for (const [row, before] of this.#assign(this.#left, 0, delta)) {
      if (!this.#touched.has(row)) {
        this.#touched.set(row, { weight: before, nearest: before > 0 ? this.#nearest[row]! - 1 : -1 });
      }
      const isThere = rows.weights[row]! > 0;
      if (isThere === before > 0 || this.#left.group(row) < 0) continue;
      if (isThere) this.#left.insert(row);
      else this.#left.remove(row);
    }
    this.#nearest = grownInt32(this.#nearest, rows.count);
  }

  /** Adds a change to a side; gives its rows with their weights before. */
  #assign(side: AsofRows, index: 0 | 1, delta: Delta): ReadonlyMap<number, number> {
    const before = new Map<number, number>();
    const { size } = delta;
    if (size === 0) return before;
    const { rows } = side;
    const added = rows.assign(delta.columns, size);
    if (added > 0) {
      const fresh = rows.freshRows(added);
      const numbers = fresh.map((at) => rows.ids[at]!);
      this.#describe(side, index, delta.columns.map((column) => gatherVector(column, fresh, added)), numbers);
    }
    const { ids, weights } = rows;
    for (let i = 0; i < size; i++) if (!before.has(ids[i]!)) before.set(ids[i]!, weights[ids[i]!]!);
    rows.add(delta.weights, size);
    return before;
  }

  /** Finds key and value of rows with these columns and numbers. */
  #describe(side: AsofRows, index: 0 | 1, columns: readonly Vector[], rows: Int32Array): void {
    const size = rows.length;
    const vectors = this.#scalars[index].evaluate({ columns, size });
    const groups = new Int32Array(size);
    const keys = vectors.slice(0, -1);
    this.#keys.assign(keys.length > 0 ? keys : [constant(size)], size, groups);
    const values = readDatums(materialize(vectors.at(-1)!, size), size);
    this.#left.reserve(this.#keys.count);
    this.#right.reserve(this.#keys.count);
    for (let i = 0; i < size; i++) side.describe(rows[i]!, groups[i]!, values[i]!);
  }

  /** Notes the left rows for which a right row, which is in its place, is the nearest. */
  #touchAround(row: number): void {
    const { operator } = this.#options.asof;
    const left = this.#left;
    const right = this.#right;
    const isBelow = operator === ">=" || operator === ">";
    const beside = isBelow ? right.next(row) : right.previous(row);
    const group = right.group(row);
    const value = right.value(row);
    // From `low` to `high`; without one from the first, or to the last row of the key.
    const low = isBelow ? value : beside < 0 ? undefined : right.value(beside);
    const high = isBelow ? (beside < 0 ? undefined : right.value(beside)) : value;
    const hasLow = operator === ">=" || operator === "<";
    let next = low === undefined ? left.first(group) : left.above(group, low, hasLow);
    while (next >= 0) {
      if (high !== undefined) {
        const order = left.compare(left.value(next), high);
        if (order > 0 || (order === 0 && hasLow)) return;
      }
      if (!this.#touched.has(next)) {
        const weight = left.rows.weights[next]!;
        this.#touched.set(next, { weight, nearest: this.#nearest[next]! - 1 });
      }
      next = left.next(next);
    }
  }

  /** The number of the right row of a left row, -1 for none. */
  #nearestOf(row: number): number {
    const group = this.#left.group(row);
    if (group < 0) return -1;
    const value = this.#left.value(row);
    const { operator } = this.#options.asof;
    if (operator === ">=" || operator === ">") return this.#right.below(group, value, operator === ">=");
    return this.#right.above(group, value, operator === "<=");
  }

  #change(): Delta {
    const rows: number[] = [];
    const nearest: number[] = [];
    const weights: number[] = [];
    const add = (row: number, found: number, weight: number): void => {
      if (weight === 0) return;
      rows.push(row);
      nearest.push(found);
      weights.push(weight);
    };
    this.#examinedRows += this.#touched.size;
    for (const [row, before] of this.#touched) {
      const weight = this.#left.rows.weights[row]!;
      const found = weight > 0 ? this.#nearestOf(row) : -1;
      this.#nearest[row] = found + 1;
      if (found === before.nearest) {
        add(row, found, weight - before.weight);
      } else {
        add(row, before.nearest, -before.weight);
        add(row, found, weight);
      }
    }
    this.#touched = new Map();
    return this.#joined(Int32Array.from(rows), Int32Array.from(nearest), Int32Array.from(weights));
  }

  /** Left rows with their right rows. */
  #joined(rows: Int32Array, nearest: Int32Array, weights: Int32Array): Delta {
    const parts: Delta[] = [];
    const paired = Int32Array.from(nearest.keys()).filter((i) => nearest[i]! >= 0);
    const of = (array: Int32Array, picked: Int32Array): Int32Array => picked.map((i) => array[i]!);
    const size = paired.length;
    if (size > 0) {
      const own = this.#left.columns(of(rows, paired), size);
      const other = this.#right.columns(of(nearest, paired), size);
      parts.push({ size, columns: [...own, ...other], weights: of(weights, paired) });
    }
    if (this.#options.keepsLeft && size < nearest.length) {
      const single = Int32Array.from(nearest.keys()).filter((i) => nearest[i]! < 0);
      const own = this.#left.columns(of(rows, single), single.length);
      const none = this.inputs[1].columns.map(({ type }) => nullVector(type, single.length));
      parts.push({ size: single.length, columns: [...own, ...none], weights: of(weights, single) });
    }
    return sumOfDeltas(parts, this.#types);
  }

  /** Removes rows that are gone when there are many of them. */
  #compact(): void {
    const left = this.#left;
    const right = this.#right;
    if (!left.rows.isSparse && !right.rows.isSparse) return;
    const leftRows = left.rows.liveRows();
    const rightRows = right.rows.liveRows();
    const numbers = new Int32Array(right.rows.count + 1);
    rightRows.forEach((row, i) => numbers[row + 1] = i + 1);
    const nearest = leftRows.map((row) => numbers[this.#nearest[row]!]!);
    this.#keys = new KeyTable(this.#keyColumns);
    for (const [index, side, rows] of [[0, left, leftRows], [1, right, rightRows]] as const) {
      side.keep(rows);
      const numbers = Int32Array.from(rows.keys());
      this.#describe(side, index, side.columns(numbers, numbers.length), numbers);
      for (const row of numbers) if (side.group(row) >= 0) side.insert(row);
    }
    this.#nearest = grownInt32(nearest, 16);
  }
}

function constant(size: number): Vector {
  return { kind: "i32", values: new Int32Array(size), nulls: null };
}

/** The node of an ASOF join; undefined for conditions that it does not take. */
export function asofJoin(
  plan: JoinPlan,
  left: CircuitNode,
  right: CircuitNode,
  environment: ExecutionEnvironment,
): AsofJoinNode | undefined {
  const { join, asof } = plan;
  assert(asof !== undefined, "An ASOF join has an inequality");
  const { keys, residual } = splitCondition(plan.condition, left.columns, right.columns);
  const rightIds = new Set(right.columns.map((column) => column.id));
  if (residual !== null && [...freeColumns(residual)].some((id) => !rightIds.has(id))) return undefined;
  return new AsofJoinNode({
    inputs: [left, residual === null ? right : new FilterNode(right, residual, environment)],
    columns: planColumns(plan),
    keys: [keys.map((key) => key.left), keys.map((key) => key.right)],
    nullIsKey: keys.map((key) => key.nullMatches),
    asof,
    keepsLeft: join === "asofLeft",
  }, environment);
}

/**
 * ORDER BY with LIMIT and OFFSET: the first rows of an order.
 *
 * ```
 * change ─► weights by row ─► ranked rows: 0 ... offset [ the window ) ... bound | the others
 * ```
 *
 * Rows are kept once, with their sort keys; only the first ones are in order (see `ranked_rows.ts`). A changed row
 * after them costs one comparison, another one its place and a walk over the window. Where the rows can be read from
 * a table again, those after the bound are not kept at all; they are read when so many of the others have left that
 * the window is not known any more. Without a limit the output is the input but for the window of the skipped rows.
 * The plan says by which columns rows with equal keys follow.
 *
 * @module
 */
import { grownInt32 } from "../../exec/aggregates/accumulator.ts";
import type { ExecutionEnvironment } from "../../exec/execution.ts";
import { compileScalars, type ProjectionEvaluator } from "../../exec/expression/compile.ts";
import { constantValue } from "../../exec/operators/values.ts";
import type { LimitPlan, PlanColumn, Scalar, SortPlan } from "../../query/plan.ts";
import type { SqlType } from "../../storage/sql_type.ts";
import type { CircuitNode, Epoch } from "../circuit_node.ts";
import { consolidated, type Delta, emptyDelta, negated, selectDelta, sumOfDeltas } from "../delta.ts";
import type { TableLookup } from "../live_tables.ts";
import { RankedRows } from "../rows/ranked_rows.ts";
import { RowOrder } from "../rows/row_order.ts";
import { RowTable } from "../rows/row_table.ts";
import { TableSource } from "../table_source.ts";

/** Rows up to which the first ones are kept in order. */
const RANKS_MAX = 65_536;

/** Rows of a first change that are ranked at a time. */
const PIECE_ROWS = 8192;

/** Which ranks are the output. */
interface RankRange {
  readonly from: number;
  /** The end. Without a limit: of the rows that are left out. */
  readonly to: number;
  /** Whether rows that tie with the last one are part of it. */
  readonly hasTies: boolean;
  /** Whether the output is all rows but those. */
  readonly isInverse: boolean;
}

/** The first rows of `input` in the order of `sort`; undefined for a range that is not one, or too far down. */
export function topKNode(
  input: CircuitNode,
  sort: SortPlan,
  plan: LimitPlan,
  { execution, tables }: { readonly execution: ExecutionEnvironment; readonly tables?: TableLookup },
): CircuitNode | undefined {
  const limit = rowNumber(plan.limit, execution);
  const offset = rowNumber(plan.offset, execution) ?? 0;
  if (!(offset >= 0) || (limit !== undefined && !(limit >= 0))) return undefined;
  const to = offset + (limit ?? 0);
  if (limit === undefined && offset === 0) return input;
  if (to > RANKS_MAX) return undefined;
  const range = limit === undefined
    ? { from: 0, to, hasTies: false, isInverse: true }
    : { from: offset, to, hasTies: plan.withTies !== undefined && limit > 0, isInverse: false };
  const source = range.isInverse ? undefined : TableSource.of(input, tables);
  return new TopKNode(input, sort, { range, source }, execution);
}

/** The value of LIMIT or OFFSET; `undefined` for none and NULL. */
function rowNumber(scalar: Scalar | null, environment: ExecutionEnvironment): number | undefined {
  const value = scalar === null ? null : constantValue(scalar, environment);
  return value === null ? undefined : Number(value);
}

class TopKNode implements CircuitNode {
  readonly name = "top k";
  readonly inputs: readonly [CircuitNode];
  readonly columns: readonly PlanColumn[];
  readonly #types: readonly SqlType[];
  /** No change. */
  readonly #none: Delta;
  readonly #range: RankRange;
  /** Where rows can be read again: then there are no others than those of the ranking. */
  readonly #source: TableSource | undefined;
  readonly #evaluator: ProjectionEvaluator;
  readonly #rows: RowTable;
  readonly #order: RowOrder;
  readonly #ranking: RankedRows;
  /** Rows of the window, and by row how many copies of it are in the window. */
  #window: Int32Array = new Int32Array(16);
  #windowCount = 0;
  /** Those of the window to come. */
  #next: Int32Array = new Int32Array(16);
  #nextCopies: Int32Array = new Int32Array(16);
  #copies: Int32Array = new Int32Array(64);
  /** Ranks up to the end of the window. */
  #end = 0;
  examinedRows = 0;

  constructor(
    input: CircuitNode,
    { keys, ties = [] }: SortPlan,
    { range, source }: { readonly range: RankRange; readonly source: TableSource | undefined },
    environment: ExecutionEnvironment,
  ) {
    this.inputs = [input];
    this.columns = input.columns;
    this.#types = input.columns.map((column) => column.type);
    this.#none = emptyDelta(this.#types);
    this.#range = range;
    this.#source = source;
    this.#rows = new RowTable(this.#types);
    this.#order = new RowOrder(this.#rows, input.columns, { keys, ties });
    this.#evaluator = compileScalars(this.#order.scalars, input.columns, environment);
    this.#ranking = new RankedRows(this.#order.compare);
  }

  get stateBytes(): number {
    return this.#rows.stateBytes + this.#order.stateBytes + this.#ranking.stateBytes +
      this.#window.byteLength + this.#next.byteLength + this.#nextCopies.byteLength + this.#copies.byteLength;
  }

  apply([delta]: readonly Delta[], epoch: Epoch): Delta {
    const { size } = delta!;
    if (size === 0 || (this.#range.to === 0 && !this.#range.isInverse)) return this.#none;
    this.examinedRows += size;
    const isMoved = this.#rankAll(delta!);
    const moved = isMoved ? this.#moveWindow(epoch) : this.#none;
    if (this.#source !== undefined) this.#dropUnranked();
    if (this.#rows.isSparse) this.#compact();
    if (!this.#range.isInverse) return moved;
    return consolidated(sumOfDeltas([delta!, negated(moved)], this.#types), this.#types);
  }

  output(): Delta {
    const { weights } = this.#rows;
    const rows = this.#range.isInverse
      ? this.#rows.liveRows().filter((row) => weights[row] !== this.#copies[row])
      : this.#window.slice(0, this.#windowCount);
    const copies = rows.map((row) =>
      this.#range.isInverse ? weights[row]! - this.#copies[row]! : this.#copies[row]!
    );
    return { size: rows.length, columns: this.#rows.rowsAt(rows, rows.length), weights: copies };
  }

  /** Adds a change; gives whether it touches the ranks up to the end of the window. */
  #rankAll(delta: Delta): boolean {
    const isFirst = this.#source !== undefined && this.#rows.liveCount === 0 && isPositive(delta);
    if (!isFirst || delta.size <= PIECE_ROWS) return this.#rank(delta);
    // Piece by piece, so that most of what no rank will be kept for is passed over.
    for (let from = 0; from < delta.size; from += PIECE_ROWS) {
      const rows = numbersFrom(from, Math.min(delta.size, from + PIECE_ROWS));
      this.#rank(selectDelta(delta, rows, rows.length));
    }
    return true;
  }

  /** The rows of a change that may come before the bound; of those after it none are kept. */
  #near(delta: Delta): Delta {
    const ranking = this.#ranking;
    if (this.#source === undefined || ranking.isWhole || ranking.count === 0) return delta;
    const near = new Int32Array(delta.size);
    const keys = this.#evaluator.evaluate(delta);
    const count = this.#order.selectUpTo(keys, delta.size, ranking.at(ranking.count - 1), near);
    return count === delta.size ? delta : selectDelta(delta, near, count);
  }

  /** Adds a change in one piece, and ranks at least `wanted` rows. */
  #rank(change: Delta, wanted: number = this.#range.to): boolean {
    const delta = this.#near(change);
    const { size, columns, weights } = delta;
    if (size === 0) return false;
    const rows = this.#rows;
    const added = rows.assign(columns, size);
    if (added > 0) {
      this.#order.append(this.#evaluator.evaluate(delta), size, rows.freshRows(added));
      this.#copies = grownInt32(this.#copies, rows.count);
    }
    rows.add(weights, size);
    const ranking = this.#ranking;
    const isFull = this.#end > 0 && this.#end < ranking.count;
    const last = isFull ? ranking.at(this.#end - 1) : -1;
    ranking.begin(size, rows.count);
    let isMoved = false;
    for (let i = 0; i < size; i++) {
      const row = rows.ids[i]!;
      if (!ranking.note(row, rows.weights[row]! > 0)) continue;
      isMoved ||= !isFull || this.#isWithin(row, last);
    }
    ranking.end(wanted, Math.max(rows.liveCount, this.#source?.tableRows ?? 0));
    return isMoved;
  }

  /** Forgets rows that have no rank. */
  #dropUnranked(): void {
    const rows = this.#rows;
    if (rows.liveCount === this.#ranking.count) return;
    for (let row = 0; row < rows.count; row++) if (!this.#ranking.has(row)) rows.clear(row);
  }

  /** Whether a row is in a window that ends with `last`; one that ties with it may be. */
  #isWithin(row: number, last: number): boolean {
    return this.#range.hasTies
      ? this.#order.compareKeys(row, last) <= 0
      : this.#order.compare(row, last) <= 0;
  }

  /** Finds the window anew; gives what has changed in it. */
  #moveWindow(epoch: Epoch): Delta {
    let count = this.#walk();
    while (count < 0) {
      const wanted = Math.max(this.#range.to, this.#ranking.count * 2);
      if (this.#source === undefined) {
        this.examinedRows += this.#rows.liveCount;
        this.#ranking.fill(this.#rows.liveRows(), wanted);
      } else this.#readAgain(this.#source, wanted, epoch);
      count = this.#walk();
    }
    return this.#change(count);
  }

  /** Ranks at least `wanted` of all rows. Rows that are known keep their numbers. */
  #readAgain(source: TableSource, wanted: number, epoch: Epoch): void {
    this.#rows.clearAll();
    this.#ranking.clear();
    for (const piece of source.pieces(epoch)) {
      this.examinedRows += piece.size;
      this.#rank(piece, wanted);
    }
  }

  /** Writes the rows of the window to `#next`; gives their number, or -1 when the ranking is too short. */
  #walk(): number {
    const ranking = this.#ranking;
    const { weights } = this.#rows;
    const { from, to, hasTies } = this.#range;
    let rank = 0;
    let count = 0;
    for (let passed = 0; passed < to;) {
      if (rank === ranking.count) {
        if (!ranking.isWhole) return -1;
        break;
      }
      const row = ranking.at(rank++);
      const start = Math.max(from, passed);
      passed += weights[row]!;
      count = this.#take(count, row, (hasTies ? passed : Math.min(passed, to)) - start);
    }
    if (hasTies) {
      const last = rank === 0 ? -1 : ranking.at(rank - 1);
      while (rank < ranking.count && this.#order.compareKeys(ranking.at(rank), last) === 0) {
        const row = ranking.at(rank++);
        count = this.#take(count, row, weights[row]!);
      }
      if (rank === ranking.count && !ranking.isWhole) return -1;
    }
    this.#end = rank;
    this.examinedRows += rank;
    return count;
  }

  #take(count: number, row: number, copies: number): number {
    if (copies <= 0) return count;
    this.#next = grownInt32(this.#next, count + 1);
    this.#nextCopies = grownInt32(this.#nextCopies, count + 1);
    this.#next[count] = row;
    this.#nextCopies[count] = copies;
    return count + 1;
  }

  /** Makes the `count` rows of `#next` the window; gives what that changes. */
  #change(count: number): Delta {
    const copies = this.#copies;
    const changed = new Int32Array(count + this.#windowCount);
    const weights = new Int32Array(changed.length);
    let size = 0;
    for (let i = 0; i < count; i++) {
      const row = this.#next[i]!;
      const difference = this.#nextCopies[i]! - copies[row]!;
      changed[size] = row;
      weights[size] = difference;
      size += Number(difference !== 0);
      // Negative, so that those of the window before that are not part of this one stand out.
      copies[row] = -this.#nextCopies[i]!;
    }
    for (let i = 0; i < this.#windowCount; i++) {
      const row = this.#window[i]!;
      if (copies[row]! < 0) continue;
      changed[size] = row;
      weights[size++] = -copies[row]!;
      copies[row] = 0;
    }
    for (let i = 0; i < count; i++) copies[this.#next[i]!] = this.#nextCopies[i]!;
    [this.#window, this.#next] = [this.#next, this.#window];
    this.#windowCount = count;
    return { size, columns: this.#rows.rowsAt(changed, size), weights };
  }

  #compact(): void {
    const live = this.#rows.liveRows();
    const numberOf = new Int32Array(this.#rows.count);
    live.forEach((row, number) => numberOf[row] = number);
    this.#rows.keep(live);
    this.#order.keep(live);
    this.#ranking.renumber(numberOf, live.length);
    const copies = new Int32Array(Math.max(64, live.length));
    for (let i = 0; i < this.#windowCount; i++) {
      const number = numberOf[this.#window[i]!]!;
      copies[number] = this.#copies[this.#window[i]!]!;
      this.#window[i] = number;
    }
    this.#copies = copies;
  }
}

function isPositive({ size, weights }: Delta): boolean {
  for (let i = 0; i < size; i++) if (weights[i]! <= 0) return false;
  return true;
}

function numbersFrom(from: number, to: number): Int32Array {
  const numbers = new Int32Array(to - from);
  for (let i = 0; i < numbers.length; i++) numbers[i] = from + i;
  return numbers;
}

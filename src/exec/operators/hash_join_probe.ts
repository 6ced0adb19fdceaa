/**
 * Probe side of a hash join, for every kind of join but ASOF and those that build on the left.
 *
 * For each left row the build rows with the same key are its candidates; the residual condition decides. Pairs
 * are made in batches, so that a huge fan-out can be stopped and resumed between any two:
 *
 * ```
 * left row      0     1           2      3
 * candidates    b3    b1 b4 b7    -      b3         cursor: (left row, candidate)
 * ```
 *
 * Rows of the left that found no match come last (left, full), or decide (semi, anti, mark). Rows of the
 * right that found none come when the input has ended (right, full). O(left rows + pairs).
 *
 * @module
 */
import { LimitError, QueryError } from "../../base/error.ts";
import type { Span } from "../../query/ast.ts";
import type { SqlType } from "../../storage/sql_type.ts";
import { type Chunk, CHUNK_ROWS, type Vector } from "../../storage/vector.ts";
import type { ProjectionEvaluator } from "../expression/compile.ts";
import type { Predicate } from "../expression/predicate.ts";
import { nullVector } from "../vector_build.ts";
import type { JoinBuild } from "./hash_join_build.ts";
import { EMPTY_CHUNK, type RowBudget, type StreamOperator } from "./operator.ts";
import { selectColumns } from "./select_rows.ts";

/** The kinds of join that a probe does. */
export type ProbeKind = "inner" | "left" | "right" | "full" | "semi" | "anti" | "single";

/** What a probe is made of. */
export interface JoinProbeOptions {
  readonly kind: ProbeKind;
  /** Where the subquery of a single join stands in the text. */
  readonly span: Span | undefined;
  readonly build: JoinBuild;
  /** The key expressions over the left input. */
  readonly keys: ProjectionEvaluator;
  /** Decides pairs with equal keys; `null` when keys are all. */
  readonly residual: JoinResidual | null;
  /** Left columns to give, by position in the input. */
  readonly leftOutput: readonly number[];
  readonly leftTypes: readonly SqlType[];
  /** Right columns to give, by position in the build. */
  readonly rightOutput: readonly number[];
  /** Most rows that the join may give. */
  readonly rowsMax: number;
}

/** A condition over pairs: its chunk has the left columns and then the right columns named here. */
export interface JoinResidual {
  readonly predicate: Predicate;
  readonly left: readonly number[];
  readonly right: readonly number[];
}

/** Joins left chunks with a build side. */
export class HashJoinProbe implements StreamOperator {
  readonly #options: JoinProbeOptions;
  readonly #leftRows = new Int32Array(CHUNK_ROWS);
  readonly #rightRows = new Int32Array(CHUNK_ROWS);
  readonly #selection = new Int32Array(CHUNK_ROWS);
  #ids: Int32Array = new Int32Array(CHUNK_ROWS);
  /** Whether each left row of the chunk has matched. */
  #matched: Uint8Array = new Uint8Array(CHUNK_ROWS);
  /** Whether each build row has matched; for right and full joins. */
  #buildMatched: Uint8Array | null = null;
  #input: Chunk | null = null;
  #row = 0;
  /** Number of the next candidate of the row. */
  #candidate = 0;
  #flushing = false;
  #flushedRow = 0;
  #rowCount = 0;

  constructor(options: JoinProbeOptions) {
    this.#options = options;
  }

  accept(chunk: Chunk): void {
    const { size } = chunk;
    if (this.#ids.length < size) {
      this.#ids = new Int32Array(size);
      this.#matched = new Uint8Array(size);
    }
    this.#options.build.table.find(this.#options.keys.evaluate(chunk), size, this.#ids);
    this.#matched.fill(0, 0, size);
    this.#input = chunk;
    this.#row = 0;
    this.#candidate = 0;
  }

  next(budget: RowBudget): Chunk | null {
    const chunk = this.#input;
    if (chunk === null) return this.#flushing ? this.#nextUnmatchedRight() : null;
    const { kind, residual } = this.#options;
    if (residual === null && (kind === "semi" || kind === "anti")) {
      this.#input = null;
      return this.#selectLeft(chunk, kind === "semi" ? foundRows : missingRows, this.#ids);
    }
    if (this.#row < chunk.size) {
      let count = this.#fillPairs(chunk.size);
      budget.rows -= count;
      if (residual !== null) count = this.#applyResidual(chunk, residual, count);
      return this.#afterPairs(chunk, count);
    }
    this.#input = null;
    switch (kind) {
      case "semi":
        return this.#selectLeft(chunk, setRows, this.#matched);
      case "anti":
        return this.#selectLeft(chunk, clearRows, this.#matched);
      case "left":
      case "full":
      case "single": {
        if (residual === null) return EMPTY_CHUNK;
        const count = clearRows(this.#matched, chunk.size, this.#leftRows);
        this.#rightRows.fill(-1, 0, count);
        return this.#output(chunk, count);
      }
      case "inner":
      case "right":
        return EMPTY_CHUNK;
    }
  }

  flush(): void {
    const { kind, build } = this.#options;
    this.#flushing = kind === "right" || kind === "full";
    if (this.#flushing) this.#buildMatched ??= new Uint8Array(build.rowCount);
  }

  /** Marks matches and gives pairs out. */
  #afterPairs(chunk: Chunk, count: number): Chunk {
    const { kind, residual } = this.#options;
    if (residual !== null || kind === "single") this.#markLeft(count);
    if (kind === "right" || kind === "full") this.#markRight(count);
    if (count === 0 || kind === "semi" || kind === "anti") return EMPTY_CHUNK;
    return this.#output(chunk, count);
  }

  /** Writes pairs from the cursor on; gives their count. Left rows without candidates pair with -1 if kept. */
  #fillPairs(size: number): number {
    const { build, kind, residual } = this.#options;
    const keepsLeft = residual === null && (kind === "left" || kind === "full" || kind === "single");
    const pairs = { left: this.#leftRows, right: this.#rightRows };
    if (build.unique) {
      const count = fillUnique(this.#ids, this.#row, size, keepsLeft, pairs);
      this.#row = size > this.#row + CHUNK_ROWS ? this.#row + CHUNK_ROWS : size;
      return count;
    }
    const { offsets, linked } = build;
    const ids = this.#ids;
    let count = 0;
    let row = this.#row;
    let candidate = this.#candidate;
    while (row < size && count < CHUNK_ROWS) {
      const id = ids[row]!;
      if (id < 0) {
        if (keepsLeft) {
          pairs.left[count] = row;
          pairs.right[count++] = -1;
        }
        row++;
        continue;
      }
      const from = offsets[id]! + candidate;
      const end = offsets[id + 1]!;
      const to = Math.min(end, from + CHUNK_ROWS - count);
      for (let at = from; at < to; at++) {
        pairs.left[count] = row;
        pairs.right[count++] = linked[at]!;
      }
      if (to === end) {
        row++;
        candidate = 0;
      } else candidate += to - from;
    }
    this.#row = row;
    this.#candidate = candidate;
    return count;
  }

  #applyResidual(chunk: Chunk, residual: JoinResidual, count: number): number {
    if (count === 0) return 0;
    const left = this.#leftRows;
    const right = this.#rightRows;
    const columns = [
      ...selectColumns(residual.left.map((position) => chunk.columns[position]!), left, count),
      ...this.#options.build.rows.gather(residual.right, right, count),
    ];
    const kept = residual.predicate.select({ size: count, columns }, this.#selection);
    if (kept === count) return count;
    for (let i = 0; i < kept; i++) {
      left[i] = left[this.#selection[i]!]!;
      right[i] = right[this.#selection[i]!]!;
    }
    return kept;
  }

  #markLeft(count: number): void {
    const single = this.#options.kind === "single";
    for (let i = 0; i < count; i++) {
      if (this.#rightRows[i]! < 0) continue;
      const row = this.#leftRows[i]!;
      if (single && this.#matched[row] === 1) throw severalRows(this.#options.span);
      this.#matched[row] = 1;
    }
  }

  #markRight(count: number): void {
    const matched = this.#buildMatched ??= new Uint8Array(this.#options.build.rowCount);
    for (let i = 0; i < count; i++) if (this.#rightRows[i]! >= 0) matched[this.#rightRows[i]!] = 1;
  }

  /** The pairs at hand as rows. */
  #output(chunk: Chunk, count: number): Chunk {
    if (count === 0) return EMPTY_CHUNK;
    this.#countRows(count);
    const { build, leftOutput, rightOutput } = this.#options;
    const columns: Vector[] = leftOutput.map((position) => chunk.columns[position]!);
    const whole = count === chunk.size && isIdentity(this.#leftRows, count);
    return {
      size: count,
      columns: [
        ...(whole ? columns : selectColumns(columns, this.#leftRows, count)),
        ...build.rows.gather(rightOutput, this.#rightRows, count),
      ],
    };
  }

  #selectLeft<Flags>(chunk: Chunk, select: SelectRows<Flags>, flags: Flags): Chunk {
    if (this.#selectionOf.length < chunk.size) this.#selectionOf = new Int32Array(chunk.size);
    const count = select(flags, chunk.size, this.#selectionOf);
    const columns = this.#options.leftOutput.map((position) => chunk.columns[position]!);
    if (count === chunk.size) return { size: count, columns };
    return count === 0
      ? EMPTY_CHUNK
      : { size: count, columns: selectColumns(columns, this.#selectionOf, count) };
  }
  #selectionOf: Int32Array = new Int32Array(CHUNK_ROWS);

  #nextUnmatchedRight(): Chunk | null {
    const { build, leftTypes, rightOutput } = this.#options;
    if (this.#flushedRow >= build.rowCount) return null;
    const matched = this.#buildMatched!;
    const rows = this.#rightRows;
    let count = 0;
    let row = this.#flushedRow;
    for (; row < build.rowCount && count < CHUNK_ROWS; row++) if (matched[row] === 0) rows[count++] = row;
    this.#flushedRow = row;
    if (count === 0) return EMPTY_CHUNK;
    this.#countRows(count);
    return {
      size: count,
      columns: [
        ...leftTypes.map((type) => nullVector(type, count)),
        ...build.rows.gather(rightOutput, rows, count),
      ],
    };
  }

  #countRows(count: number): void {
    this.#rowCount += count;
    const { rowsMax } = this.#options;
    if (this.#rowCount > rowsMax) {
      throw new LimitError(
        "fan-out-limit",
        `Join gives more rows than allowed: it made ${this.#rowCount} rows and the limit is ${rowsMax}`,
        {
          details: { limit: rowsMax, actual: this.#rowCount },
          hint: "join on a key, or raise joinRowsMax",
        },
      );
    }
  }
}

/** A left row has found two rows where one may stand. */
export function severalRows(span: Span | undefined): QueryError {
  return new QueryError("cardinality-violation", "A subquery used as a value returned more than one row", {
    ...(span === undefined ? {} : { details: { span } }),
    hint: "add LIMIT 1, aggregate its rows, or compare with IN",
  });
}

/** Pairs of at most one candidate a row, for rows from `from` on; gives their count. */
function fillUnique(
  ids: Int32Array,
  from: number,
  size: number,
  keepsLeft: boolean,
  pairs: { readonly left: Int32Array; readonly right: Int32Array },
): number {
  const { left, right } = pairs;
  const to = Math.min(size, from + CHUNK_ROWS);
  const step = keepsLeft ? 1 : 0;
  let count = 0;
  for (let row = from; row < to; row++) {
    const id = ids[row]!;
    left[count] = row;
    right[count] = id;
    count += id >= 0 ? 1 : step;
  }
  return count;
}

function isIdentity(rows: Int32Array, count: number): boolean {
  for (let i = 0; i < count; i++) if (rows[i] !== i) return false;
  return true;
}

/** Writes the rows whose flag says so; gives their count. */
type SelectRows<Flags> = (flags: Flags, size: number, rows: Int32Array) => number;

const foundRows: SelectRows<Int32Array> = (ids, size, rows) => {
  let count = 0;
  for (let i = 0; i < size; i++) {
    rows[count] = i;
    count += ids[i]! >= 0 ? 1 : 0;
  }
  return count;
};

const missingRows: SelectRows<Int32Array> = (ids, size, rows) => {
  let count = 0;
  for (let i = 0; i < size; i++) {
    rows[count] = i;
    count += ids[i]! >>> 31;
  }
  return count;
};

const setRows: SelectRows<Uint8Array> = (flags, size, rows) => {
  let count = 0;
  for (let i = 0; i < size; i++) {
    rows[count] = i;
    count += flags[i]!;
  }
  return count;
};

const clearRows: SelectRows<Uint8Array> = (flags, size, rows) => {
  let count = 0;
  for (let i = 0; i < size; i++) {
    rows[count] = i;
    count += flags[i]! ^ 1;
  }
  return count;
};

/**
 * CASE and COALESCE: each branch is evaluated for the rows that reach it.
 *
 * A branch that covers most rows is first tried on the whole chunk, which saves cutting the chunk down; the
 * rows that do not reach it are ignored, and when one of them fails, the branch runs again on its own rows.
 *
 * @module
 */
import type { SqlType } from "../../storage/sql_type.ts";
import type { BooleanVector, Chunk } from "../../storage/vector.ts";
import { selectAll } from "../kernels/nulls.ts";
import type { DenseVector } from "../vector_build.ts";
import { asBooleans } from "./boolean_node.ts";
import { evaluateSubset, tryEvaluate } from "./row_subset.ts";
import { ScatterBuffer } from "./scatter_buffer.ts";
import { type ScalarNode, traitsOf } from "./scalar_node.ts";

/** Below this share of the chunk a branch runs on its own rows alone. */
const WHOLE_SHARE = 0.5;

interface CaseBranch {
  readonly when: ScalarNode;
  readonly then: ScalarNode;
}

/** Searched CASE. */
export class CaseNode implements ScalarNode {
  readonly type: SqlType;
  readonly columns: ReadonlySet<number>;
  readonly fallible: boolean;
  readonly volatile: boolean;
  readonly #branches: readonly CaseBranch[];
  readonly #otherwise: ScalarNode;
  readonly #output: ScatterBuffer;
  /** Rows that no branch has taken, and rows that the current branch takes. */
  #open = new Int32Array(0);
  #taken = new Int32Array(0);

  constructor(type: SqlType, branches: readonly CaseBranch[], otherwise: ScalarNode) {
    const traits = traitsOf([...branches.flatMap((one) => [one.when, one.then]), otherwise], false);
    this.type = type;
    this.columns = traits.columns;
    this.fallible = traits.fallible;
    this.volatile = traits.volatile;
    this.#branches = branches;
    this.#otherwise = otherwise;
    this.#output = new ScatterBuffer(type);
  }

  evaluate(chunk: Chunk): DenseVector {
    const { size } = chunk;
    if (this.#open.length < size) {
      this.#open = new Int32Array(size);
      this.#taken = new Int32Array(size);
    }
    this.#output.begin(size);
    let openCount = selectAll(0, size, this.#open);
    for (const { when, then } of this.#branches) {
      if (openCount === 0) break;
      const condition = evaluateRows(when, chunk, this.#open, openCount);
      const takenCount = splitRows(condition, this.#open, openCount, this.#taken);
      openCount -= takenCount;
      this.#scatter(then, chunk, this.#taken, takenCount);
    }
    this.#scatter(this.#otherwise, chunk, this.#open, openCount);
    return this.#output.finish();
  }

  #scatter(node: ScalarNode, chunk: Chunk, rows: Int32Array, count: number): void {
    if (count === 0) return;
    const { vector, layout } = evaluateRows(node, chunk, rows, count);
    this.#output.scatter(vector, rows, count, layout);
  }
}

/** COALESCE. */
export class CoalesceNode implements ScalarNode {
  readonly type: SqlType;
  readonly columns: ReadonlySet<number>;
  readonly fallible: boolean;
  readonly volatile: boolean;
  readonly #arguments: readonly ScalarNode[];
  readonly #output: ScatterBuffer;

  constructor(type: SqlType, args: readonly ScalarNode[]) {
    const traits = traitsOf(args, false);
    this.type = type;
    this.columns = traits.columns;
    this.fallible = traits.fallible;
    this.volatile = traits.volatile;
    this.#arguments = args;
    this.#output = new ScatterBuffer(type);
  }

  evaluate(chunk: Chunk): DenseVector {
    const [first, ...others] = this.#arguments;
    const vector = first!.evaluate(chunk);
    if (vector.nulls === null) return vector;
    let open = rowsWhere(vector.nulls, chunk.size, 1);
    if (open.length === 0) return vector;
    this.#output.begin(chunk.size);
    const known = rowsWhere(vector.nulls, chunk.size, 0);
    this.#output.scatter(vector, known, known.length, "whole");
    for (const [index, node] of others.entries()) {
      if (open.length === 0) break;
      const piece = evaluateRows(node, chunk, open, open.length);
      // The rows that are NULL once more are overwritten by a later argument, if there is one.
      this.#output.scatter(piece.vector, open, open.length, piece.layout);
      if (index < others.length - 1) open = stillNull(piece, open);
    }
    return this.#output.finish();
  }
}

interface Piece {
  readonly vector: DenseVector;
  readonly layout: "whole" | "packed";
}

/** `node` for the first `count` of `rows` at least. */
function evaluateRows(node: ScalarNode, chunk: Chunk, rows: Int32Array, count: number): Piece {
  if (count === chunk.size) return { vector: node.evaluate(chunk), layout: "whole" };
  if (count >= chunk.size * WHOLE_SHARE || node.columns.size === 0) {
    const vector = node.volatile ? null : tryEvaluate(node, chunk);
    if (vector !== null) return { vector, layout: "whole" };
  }
  return { vector: evaluateSubset(node, chunk, rows, count), layout: "packed" };
}

/** Moves the rows where the condition is TRUE from `open` to `taken`; gives their number. */
function splitRows(condition: Piece, open: Int32Array, openCount: number, taken: Int32Array): number {
  const { values, nulls }: BooleanVector = asBooleans(condition.vector);
  const whole = condition.layout === "whole";
  let takenCount = 0;
  let leftCount = 0;
  for (let j = 0; j < openCount; j++) {
    const row = open[j]!;
    const at = whole ? row : j;
    const isTrue = nulls === null ? values[at]! : values[at]! & (nulls[at]! ^ 1);
    taken[takenCount] = row;
    open[leftCount] = row;
    takenCount += isTrue;
    leftCount += isTrue ^ 1;
  }
  return takenCount;
}

function rowsWhere(nulls: Uint8Array, size: number, byte: number): Int32Array {
  const out = new Int32Array(size);
  let count = 0;
  for (let i = 0; i < size; i++) {
    out[count] = i;
    if (nulls[i] === byte) count++;
  }
  return out.subarray(0, count);
}

function stillNull(piece: Piece, rows: Int32Array): Int32Array {
  const { nulls } = piece.vector;
  if (nulls === null) return rows.subarray(0, 0);
  return rows.filter((row, j) => nulls[piece.layout === "whole" ? row : j] === 1);
}

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
    this.#output.begin(chunk.size);
    let open: Int32Array = Int32Array.from({ length: chunk.size }, (_, i) => i);
    for (const { when, then } of this.#branches) {
      if (open.length === 0) break;
      const { taken, left } = splitRows(when, chunk, open);
      scatterRows(then, chunk, taken, this.#output);
      open = left;
    }
    scatterRows(this.#otherwise, chunk, open, this.#output);
    return this.#output.finish();
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
      const piece = evaluateRows(node, chunk, open);
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

/** `node` for `rows` at least. */
function evaluateRows(node: ScalarNode, chunk: Chunk, rows: Int32Array): Piece {
  const all = rows.length === chunk.size;
  if (all) return { vector: node.evaluate(chunk), layout: "whole" };
  if (node.constant !== undefined || rows.length >= chunk.size * WHOLE_SHARE || node.columns.size === 0) {
    const vector = node.volatile ? null : tryEvaluate(node, chunk);
    if (vector !== null) return { vector, layout: "whole" };
  }
  return { vector: evaluateSubset(node, chunk, rows, rows.length), layout: "packed" };
}

function scatterRows(node: ScalarNode, chunk: Chunk, rows: Int32Array, output: ScatterBuffer): void {
  if (rows.length === 0) return;
  const { vector, layout } = evaluateRows(node, chunk, rows);
  output.scatter(vector, rows, rows.length, layout);
}

/** Splits `rows` into those where `when` is TRUE and the others. */
function splitRows(
  when: ScalarNode,
  chunk: Chunk,
  rows: Int32Array,
): { readonly taken: Int32Array; readonly left: Int32Array } {
  const { vector, layout } = evaluateRows(when, chunk, rows);
  const { values, nulls }: BooleanVector = asBooleans(vector);
  const taken = new Int32Array(rows.length);
  const left = new Int32Array(rows.length);
  let takenCount = 0;
  let leftCount = 0;
  for (let j = 0; j < rows.length; j++) {
    const at = layout === "whole" ? rows[j]! : j;
    const isTrue = nulls === null ? values[at]! : values[at]! & (nulls[at]! ^ 1);
    taken[takenCount] = rows[j]!;
    left[leftCount] = rows[j]!;
    takenCount += isTrue;
    leftCount += isTrue ^ 1;
  }
  return { taken: taken.subarray(0, takenCount), left: left.subarray(0, leftCount) };
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

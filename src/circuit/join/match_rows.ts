/**
 * What a join makes of a row by whether it has a match.
 *
 * | kind | matched | not matched | undecided |
 * |---|---|---|---|
 * | left, right, full, single | | the row with NULLs | |
 * | semi | the row | | |
 * | anti | | the row | |
 * | mark | the row, TRUE | the row, FALSE | the row, NULL |
 *
 * @module
 */
import { nullVector } from "../../exec/vector_build.ts";
import type { JoinKind, PlanColumn } from "../../query/plan.ts";
import type { SqlType } from "../../storage/sql_type.ts";
import type { Vector } from "../../storage/vector.ts";
import type { Delta } from "../delta.ts";
import type { RowSource } from "./join_source.ts";

/** Whether a row has a match. */
export const UNMATCHED = 0;
export const MATCHED = 1;
/** A NULL leaves it open. */
export const UNDECIDED = 2;

/** Kinds of joins whose output depends on whether a row has a match. */
export type MatchKind = Exclude<JoinKind, "inner" | "asof" | "asofLeft">;

/** Rows with their weights and whether they have a match. */
export interface MatchedRows {
  readonly source: RowSource;
  /** Row numbers of the source; null for 0, 1, 2, ... */
  readonly rows: Int32Array | null;
  readonly count: number;
  readonly weights: Int32Array;
  /** UNMATCHED, MATCHED or UNDECIDED. */
  readonly states: Uint8Array;
}

/** Makes the output rows of one side of a join. */
export class MatchOutput {
  readonly #kind: MatchKind;
  readonly #isRight: boolean;
  readonly #width: number;
  readonly #otherTypes: readonly SqlType[];

  /** `side`: 0 when the rows are those of the left input. */
  constructor(
    kind: MatchKind,
    side: 0 | 1,
    columns: readonly [readonly PlanColumn[], readonly PlanColumn[]],
  ) {
    this.#kind = kind;
    this.#isRight = side === 1;
    this.#width = columns[side].length;
    this.#otherTypes = columns[1 - side as 0 | 1].map((column) => column.type);
  }

  /** Adds the output of rows to `parts`, with their weights times `sign`. */
  add(parts: Delta[], { source, rows, count, weights, states }: MatchedRows, sign: 1 | -1): void {
    const wanted = this.#kind === "semi" ? MATCHED : this.#kind === "mark" ? -1 : UNMATCHED;
    const kept = new Int32Array(count);
    let size = 0;
    for (let i = 0; i < count; i++) {
      if (weights[i] !== 0 && (wanted === -1 || states[i] === wanted)) kept[size++] = i;
    }
    if (size === 0) return;
    const picked = new Int32Array(size);
    const signed = new Int32Array(size);
    for (let i = 0; i < size; i++) {
      picked[i] = rows === null ? kept[i]! : rows[kept[i]!]!;
      signed[i] = weights[kept[i]!]! * sign;
    }
    const own = Array.from({ length: this.#width }, (_, j): Vector => source.column(j, picked, size));
    parts.push({ size, weights: signed, columns: this.#columns(own, kept, size, states) });
  }

  #columns(own: readonly Vector[], kept: Int32Array, size: number, states: Uint8Array): readonly Vector[] {
    switch (this.#kind) {
      case "semi":
      case "anti":
        return own;
      case "mark":
        return [...own, markVector(kept, size, states)];
      default: {
        const other = this.#otherTypes.map((type) => nullVector(type, size));
        return this.#isRight ? [...other, ...own] : [...own, ...other];
      }
    }
  }
}

function markVector(kept: Int32Array, size: number, states: Uint8Array): Vector {
  const values = new Uint8Array(size);
  let nulls: Uint8Array | null = null;
  for (let i = 0; i < size; i++) {
    const state = states[kept[i]!]!;
    if (state === UNDECIDED) (nulls ??= new Uint8Array(size))[i] = 1;
    else values[i] = state;
  }
  return { kind: "bool", values, nulls };
}

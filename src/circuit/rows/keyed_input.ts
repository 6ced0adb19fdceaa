/**
 * An input of a stateful operator: its rows, arranged by key expressions.
 *
 * @module
 */
import type { ExecutionEnvironment } from "../../exec/execution.ts";
import { compileScalars, type ProjectionEvaluator } from "../../exec/expression/compile.ts";
import type { PlanColumn, Scalar } from "../../query/plan.ts";
import type { Vector } from "../../storage/vector.ts";
import { Arrangement } from "./arrangement.ts";
import { type Delta, selectDelta } from "../delta.ts";

/** From here on what goes is taken out before what comes. */
const LARGE_CHANGE = 256;

/** See the module header. */
export class KeyedInput {
  readonly arrangement: Arrangement;
  readonly #keys: ProjectionEvaluator;

  constructor(
    columns: readonly PlanColumn[],
    keys: readonly Scalar[],
    environment: ExecutionEnvironment,
    nullIsKey: boolean,
  ) {
    this.#keys = compileScalars(keys, columns, environment);
    this.arrangement = new Arrangement({
      types: columns.map((column) => column.type),
      keyTypes: keys.map((key) => key.type),
      nullIsKey,
    });
  }

  get stateBytes(): number {
    return this.arrangement.stateBytes;
  }

  /** The keys of rows; they hold until the next call. */
  keysOf(delta: Pick<Delta, "columns" | "size">): readonly Vector[] {
    return this.#keys.evaluate(delta);
  }

  /** Adds a change. Ids of rows hold until the next one. */
  apply(delta: Delta): void {
    if (delta.size === 0) return;
    if (this.arrangement.idLimit === 0) this.arrangement.forgetAtOnce();
    // Rows that go make room for those that come.
    const parts = delta.size < LARGE_CHANGE ? [delta] : [ofSign(delta, -1), ofSign(delta, 1)];
    for (const part of parts) if (part.size > 0) this.#add(part);
    this.compact();
  }

  #add(delta: Delta): void {
    const { arrangement } = this;
    if (!arrangement.apply(delta, this.keysOf(delta))) {
      this.#compact(true);
      arrangement.apply(delta, this.keysOf(delta));
    }
    arrangement.release(delta.size);
  }

  /** Removes rows that are gone; see `Arrangement.compact`. */
  compact(): Int32Array | undefined {
    return this.#compact(false);
  }

  #compact(isWider: boolean): Int32Array | undefined {
    return this.arrangement.compact((columns, size) => this.keysOf({ columns, size }), isWider);
  }
}

/** The rows of one sign. */
function ofSign(delta: Delta, sign: 1 | -1): Delta {
  const rows = new Int32Array(delta.size);
  let count = 0;
  for (let i = 0; i < delta.size; i++) if (delta.weights[i]! * sign > 0) rows[count++] = i;
  return count === delta.size ? delta : selectDelta(delta, rows, count);
}

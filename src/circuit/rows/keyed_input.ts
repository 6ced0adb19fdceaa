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
import type { Delta } from "../delta.ts";

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
    const { arrangement } = this;
    if (arrangement.idLimit === 0) arrangement.forgetAtOnce();
    if (!arrangement.apply(delta, this.keysOf(delta))) {
      this.#compact(true);
      arrangement.apply(delta, this.keysOf(delta));
    }
    arrangement.release(delta.size);
    this.compact();
  }

  /** Removes rows that are gone; see `Arrangement.compact`. */
  compact(): Int32Array | undefined {
    return this.#compact(false);
  }

  #compact(isWider: boolean): Int32Array | undefined {
    return this.arrangement.compact((columns, size) => this.keysOf({ columns, size }), isWider);
  }
}

/**
 * Inner join: the change of a product.
 *
 * ```
 * change of (L join R) = L before join change of R  +  change of L join R after
 * ```
 *
 * Both sides are arranged by the key, so a changed row costs its matches. Without an equality every row of the
 * other side is one.
 *
 * @module
 */
import type { ExecutionEnvironment } from "../../exec/execution.ts";
import { compilePredicate, type Predicate } from "../../exec/expression/predicate.ts";
import { gatherVector } from "../../exec/gather_vector.ts";
import type { PlanColumn, Scalar } from "../../query/plan.ts";
import { KeyedInput } from "../keyed_input.ts";
import type { CircuitNode } from "../circuit_node.ts";
import { type Delta, emptyDelta, selectDelta, sumOfDeltas } from "../delta.ts";

/** What joins two nodes. */
export interface JoinCondition {
  /** Equal keys, side by side. */
  readonly left: readonly Scalar[];
  readonly right: readonly Scalar[];
  /** What else must hold, over the columns of both sides. */
  readonly residual: Scalar | null;
}

/** See the module header. */
export class InnerJoinNode implements CircuitNode {
  readonly name = "inner join";
  readonly inputs: readonly [CircuitNode, CircuitNode];
  readonly columns: readonly PlanColumn[];
  readonly #left: KeyedInput;
  readonly #right: KeyedInput;
  readonly #residual: Predicate | null;
  examinedRows = 0;

  constructor(
    left: CircuitNode,
    right: CircuitNode,
    condition: JoinCondition,
    environment: ExecutionEnvironment,
  ) {
    this.inputs = [left, right];
    this.columns = [...left.columns, ...right.columns];
    this.#left = new KeyedInput(left.columns, condition.left, environment, false);
    this.#right = new KeyedInput(right.columns, condition.right, environment, false);
    this.#residual = condition.residual === null
      ? null
      : compilePredicate(condition.residual, this.columns, environment);
  }

  get stateBytes(): number {
    return this.#left.stateBytes + this.#right.stateBytes;
  }

  apply([left, right]: readonly Delta[]): Delta {
    const before = this.#matches(right!, this.#right, this.#left, (own, found) => [...found, ...own]);
    this.#right.apply(right!);
    const after = this.#matches(left!, this.#left, this.#right, (own, found) => [...own, ...found]);
    this.#left.apply(left!);
    return sumOfDeltas([before, after], this.columns.map((column) => column.type));
  }

  /** `delta`, of side `own`, joined with the rows of side `other`. */
  #matches(
    delta: Delta,
    own: KeyedInput,
    other: KeyedInput,
    combine: (own: Delta["columns"], found: Delta["columns"]) => Delta["columns"],
  ): Delta {
    const types = this.columns.map((column) => column.type);
    if (delta.size === 0) return emptyDelta(types);
    const { count, probes, rows } = other.arrangement.find(own.keysOf(delta), delta.size);
    this.examinedRows += delta.size + count;
    if (count === 0) return emptyDelta(types);
    const found = other.arrangement.rowsAt(rows, count);
    const weights = new Int32Array(count);
    for (let i = 0; i < count; i++) weights[i] = delta.weights[probes[i]!]! * found.weights[i]!;
    const columns = combine(
      delta.columns.map((column) => gatherVector(column, probes, count)),
      found.columns,
    );
    const joined = { size: count, columns, weights };
    if (this.#residual === null) return joined;
    const selection = new Int32Array(count);
    const kept = this.#residual.select(joined, selection);
    return kept === count ? joined : selectDelta(joined, selection, kept);
  }
}

/**
 * Inner join: the change of a product.
 *
 * ```
 * change of (L join R) = L before join change of R  +  change of L join R after
 * ```
 *
 * A changed row costs its matches: tables are looked up by their own indexes, which all views share, other inputs
 * are arranged by the key. A table has the change of the epoch already, so its rows before are its rows now minus
 * that change. Without an equality every row of the other side is a match.
 *
 * @module
 */
import type { ExecutionEnvironment } from "../../exec/execution.ts";
import { compilePredicate, type Predicate } from "../../exec/expression/predicate.ts";
import type { PlanColumn, Scalar } from "../../query/plan.ts";
import type { SqlType } from "../../storage/sql_type.ts";
import type { Vector } from "../../storage/vector.ts";
import type { CircuitNode } from "../circuit_node.ts";
import { type Delta, emptyDelta, negated, selectDelta, sumOfDeltas } from "../delta.ts";
import { ArrangedSide, gatherColumns, type JoinSide, StoredSide } from "../join_side.ts";
import type { TableLookup } from "../live_tables.ts";

/** What joins two nodes. */
export interface JoinCondition {
  /** Equal keys, side by side. */
  readonly left: readonly Scalar[];
  readonly right: readonly Scalar[];
  /** What else must hold, over the columns of both sides. */
  readonly residual: Scalar | null;
}

/** What a join runs with. */
export interface JoinEnvironment {
  readonly execution: ExecutionEnvironment;
  /** For inputs that are tables. */
  readonly tables?: TableLookup;
}

/** Puts the columns of a changed row and of one that it meets in the order of the output. */
type Combine = (changed: readonly Vector[], found: readonly Vector[]) => readonly Vector[];

const LEFT_CHANGED: Combine = (changed, found) => [...changed, ...found];
const RIGHT_CHANGED: Combine = (changed, found) => [...found, ...changed];

/** See the module header. */
export class InnerJoinNode implements CircuitNode {
  readonly name = "inner join";
  readonly inputs: readonly [CircuitNode, CircuitNode];
  readonly columns: readonly PlanColumn[];
  readonly #types: readonly SqlType[];
  readonly #condition: JoinCondition;
  readonly #environment: JoinEnvironment;
  readonly #left: JoinSide;
  readonly #right: JoinSide;
  readonly #residual: Predicate | null;
  #started = false;
  examinedRows = 0;

  constructor(left: CircuitNode, right: CircuitNode, condition: JoinCondition, environment: JoinEnvironment) {
    this.inputs = [left, right];
    this.columns = [...left.columns, ...right.columns];
    this.#types = this.columns.map((column) => column.type);
    this.#condition = condition;
    this.#environment = environment;
    this.#left = StoredSide.for(left, condition.left, environment) ??
      new ArrangedSide(left, condition.left, environment.execution);
    this.#right = StoredSide.for(right, condition.right, environment) ??
      new ArrangedSide(right, condition.right, environment.execution);
    this.#residual = condition.residual === null
      ? null
      : compilePredicate(condition.residual, this.columns, environment.execution);
  }

  get stateBytes(): number {
    return this.#left.stateBytes + this.#right.stateBytes;
  }

  apply([left, right]: readonly Delta[]): Delta {
    // Before the first epoch the left side had no rows.
    const before = this.#started ? this.#withLeftBefore(left!, right!) : [];
    this.#started = true;
    this.#right.apply(right!);
    const after = this.#matches(left!, this.#left, this.#right, LEFT_CHANGED);
    this.#left.apply(left!);
    return sumOfDeltas([...before, after], this.#types);
  }

  output(inputs: () => readonly Delta[]): Delta {
    return this.#matches(inputs()[0]!, this.#left, this.#right, LEFT_CHANGED);
  }

  /** The change of the right side joined with the rows of the left side before this epoch. */
  #withLeftBefore(left: Delta, right: Delta): readonly Delta[] {
    const found = this.#matches(right, this.#right, this.#left, RIGHT_CHANGED);
    if (!this.#left.isAhead || left.size === 0 || right.size === 0) return [found];
    const change = new ArrangedSide(this.inputs[0], this.#condition.left, this.#environment.execution);
    change.apply(left);
    return [found, negated(this.#matches(right, this.#right, change, RIGHT_CHANGED))];
  }

  /** `delta`, of side `own`, joined with the rows of side `other`. */
  #matches(delta: Delta, own: JoinSide, other: JoinSide, combine: Combine): Delta {
    if (delta.size === 0) return emptyDelta(this.#types);
    const { probes, rows } = other.find(own.keysOf(delta), delta.size);
    const count = rows.size;
    this.examinedRows += delta.size + count;
    if (count === 0) return emptyDelta(this.#types);
    const weights = new Int32Array(count);
    for (let i = 0; i < count; i++) weights[i] = delta.weights[probes[i]!]! * rows.weights[i]!;
    const columns = combine(gatherColumns(delta.columns, probes, count), rows.columns);
    const joined = { size: count, columns, weights };
    if (this.#residual === null) return joined;
    const selection = new Int32Array(count);
    const kept = this.#residual.select(joined, selection);
    return kept === count ? joined : selectDelta(joined, selection, kept);
  }
}

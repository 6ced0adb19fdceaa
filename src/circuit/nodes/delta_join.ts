/**
 * Inner join of any number of inputs, as a delta join: the change of each input takes its own path through the
 * others, and nothing in between is kept.
 *
 * ```
 * change of A ─► B old ─► C old        occurrence i sees the rows after the epoch of those before it,
 * change of B ─► A new ─► C old        and the rows before the epoch of those after it
 * change of C ─► A new ─► B new
 * ```
 *
 * Tables are looked up by their own indexes, which all views share; other inputs are arranged, once for each key.
 * A table has the change of the epoch already: where its old rows are asked for, those found in the change are
 * taken away again. On the way there are row numbers alone; columns are gathered for the rows that arrive. The
 * cost is that of the rows met. Without an equality every row of the other side is met.
 *
 * @module
 */
import type { JoinPlan, Plan, PlanColumn, Scalar } from "../../query/plan.ts";
import { planColumns, splitConjuncts } from "../../query/plan_walk.ts";
import { RowPairs } from "../../storage/row_pairs.ts";
import type { SqlType } from "../../storage/sql_type.ts";
import type { CircuitNode } from "../circuit_node.ts";
import { type Delta, sumOfDeltas } from "../delta.ts";
import { type ColumnRef, JoinFrontier } from "../join/join_frontier.ts";
import { columnRefs, type JoinPath, type JoinShape, planPath } from "../join/join_path.ts";
import { type JoinEnvironment, JoinInput, slicesFor, StoredAccess } from "../join/join_side.ts";
import { DeltaSource } from "../join/join_source.ts";

/** Paths are planned anew when tables have grown or shrunk so many times. */
const REPLAN_FACTOR = 8;
const REPLAN_ROWS = 1024;

/** What is joined. */
export interface DeltaJoinOptions {
  readonly inputs: readonly JoinInput[];
  /** All conditions, over the columns of the inputs. */
  readonly conjuncts: readonly Scalar[];
  /** Columns of the output, out of those of the inputs. */
  readonly columns: readonly PlanColumn[];
}

/** A run along one path. */
interface Run {
  readonly path: JoinPath;
  /** By input, the change of a table whose old rows are asked for. */
  readonly pending: readonly (Delta | undefined)[];
  readonly parts: Delta[];
}

/** See the module header. */
export class DeltaJoinNode implements CircuitNode {
  readonly name = "inner join";
  readonly inputs: readonly CircuitNode[];
  readonly columns: readonly PlanColumn[];
  readonly #types: readonly SqlType[];
  readonly #shape: JoinShape;
  readonly #output: readonly ColumnRef[];
  #paths: JoinPath[] = [];
  /** Rows of all tables when the paths were planned. */
  #plannedRows = 0;
  #started = false;
  /** One for each step that may be under way. */
  readonly #pairs: RowPairs[];
  examinedRows = 0;

  constructor({ inputs, conjuncts, columns }: DeltaJoinOptions, environment: JoinEnvironment) {
    this.inputs = inputs.map(({ node }) => node);
    this.columns = columns;
    this.#types = columns.map((column) => column.type);
    this.#shape = { inputs, conjuncts, environment };
    const refs = columnRefs(this.#shape.inputs);
    this.#output = columns.map((column) => refs.get(column.id)!);
    this.#pairs = inputs.map(() => new RowPairs());
    this.#plan();
  }

  get stateBytes(): number {
    return this.#shape.inputs.reduce((bytes, input) => bytes + input.stateBytes, 0);
  }

  apply(deltas: readonly Delta[]): Delta {
    const { inputs } = this.#shape;
    this.#refresh();
    const parts: Delta[] = [];
    if (!this.#started) {
      this.#started = true;
      inputs.forEach((input, i) => input.apply(deltas[i]!));
      this.#runAll(deltas, parts);
      this.#settle();
      return sumOfDeltas(parts, this.#types);
    }
    for (let i = 0; i < inputs.length; i++) {
      const delta = deltas[i]!;
      if (delta.size === 0) continue;
      const pending = deltas.map((other, j) => j > i && other.size > 0 ? other : undefined);
      this.#start(i, delta, { path: this.#paths[i]!, pending, parts });
      inputs[i]!.apply(delta);
    }
    this.#settle();
    return sumOfDeltas(parts, this.#types);
  }

  output(inputs: () => readonly Delta[]): Delta {
    this.#refresh();
    const parts: Delta[] = [];
    this.#runAll(inputs(), parts);
    this.#settle();
    return sumOfDeltas(parts, this.#types);
  }

  /** All rows of the join: those of the largest input with the rows of the others as they are now. */
  #runAll(all: readonly Delta[], parts: Delta[]): void {
    const start = all.reduce((largest, { size }, i) => size > all[largest]!.size ? i : largest, 0);
    this.#start(start, all[start]!, { path: this.#paths[start]!, pending: [], parts });
  }

  #start(input: number, delta: Delta, run: Run): void {
    this.examinedRows += delta.size;
    const { condition, steps } = run.path;
    const product = steps.find(({ access }) => access.key.scalars.length === 0);
    for (const slice of slicesFor(delta, product?.access)) {
      const start = JoinFrontier.start(input, new DeltaSource(slice), slice.weights, slice.size);
      this.#extend(condition === null ? start : start.filtered(condition.predicate, condition.refs), 0, run);
    }
  }

  #extend(frontier: JoinFrontier, depth: number, run: Run): void {
    if (frontier.size === 0) return;
    const step = run.path.steps[depth];
    if (step === undefined) {
      run.parts.push({
        size: frontier.size,
        columns: frontier.columns(this.#output),
        weights: frontier.weights,
      });
      return;
    }
    const { access, input } = step;
    const pairs = this.#pairs[depth]!;
    pairs.clear();
    const keys = step.keys.evaluate({ size: frontier.size, columns: frontier.columns(step.keyRefs) });
    this.examinedRows += access.find(keys, frontier.size, pairs);
    const now = pairs.count === 0
      ? undefined
      : frontier.extended(input, access.source, pairs, access.weights, 1);
    const pending = run.pending[input];
    let gone: JoinFrontier | undefined;
    if (pending !== undefined && access instanceof StoredAccess) {
      pairs.clear();
      access.findChanged(pending, pairs);
      this.examinedRows += pairs.count;
      if (pairs.count > 0) {
        gone = frontier.extended(input, new DeltaSource(pending), pairs, pending.weights, -1);
      }
    }
    const { residual } = step;
    for (const next of [now, gone]) {
      if (next === undefined) continue;
      this.#extend(
        residual === null ? next : next.filtered(residual.predicate, residual.refs),
        depth + 1,
        run,
      );
    }
  }

  #refresh(): void {
    const rows = this.#tableRows();
    const few = Math.min(rows, this.#plannedRows);
    if (Math.max(rows, this.#plannedRows) > few * REPLAN_FACTOR + REPLAN_ROWS) this.#plan();
    for (const input of this.#shape.inputs) input.refresh();
  }

  /** Nothing of the epoch is held. */
  #settle(): void {
    for (const input of this.#shape.inputs) input.refresh();
    for (const pairs of this.#pairs) pairs.clear();
  }

  #plan(): void {
    this.#paths = this.inputs.map((_, i) => planPath(i, this.#shape));
    this.#plannedRows = this.#tableRows();
  }

  #tableRows(): number {
    const { inputs, environment: { tables } } = this.#shape;
    let rows = 0;
    for (const { stored } of inputs) if (stored !== undefined) rows += tables?.rowCount(stored.table) ?? 0;
    return rows;
  }
}

/** The node of nested inner joins as one join. */
export function deltaJoin(
  plan: JoinPlan,
  compile: (plan: Plan) => CircuitNode,
  environment: JoinEnvironment,
): DeltaJoinNode {
  const inputs: CircuitNode[] = [];
  const conjuncts: Scalar[] = [];
  const flatten = (node: Plan): void => {
    if (node.kind !== "join" || node.join !== "inner") {
      inputs.push(compile(node));
      return;
    }
    flatten(node.left);
    flatten(node.right);
    conjuncts.push(...splitConjuncts(node.condition));
  };
  flatten(plan);
  return new DeltaJoinNode({
    inputs: inputs.map((node) => new JoinInput(node, environment)),
    conjuncts,
    columns: planColumns(plan),
  }, environment);
}

/**
 * Linear operators: the change of the output is the operator applied to the change of the input, without state.
 *
 * @module
 */
import type { ExecutionEnvironment } from "../../exec/execution.ts";
import { compileScalars, type ProjectionEvaluator } from "../../exec/expression/compile.ts";
import { compilePredicate, type Predicate } from "../../exec/expression/predicate.ts";
import type { PlanColumn, ProjectItem, Scalar } from "../../query/plan.ts";
import type { BatchTemplate } from "../batch_template.ts";
import type { CircuitNode, Epoch } from "../circuit_node.ts";
import type { Vector } from "../../storage/vector.ts";
import { type Delta, negated, repeated, selectDelta, sumOfDeltas, withColumns } from "../delta.ts";

/** What linear nodes have in common. */
export abstract class LinearNode implements CircuitNode {
  abstract readonly name: string;
  readonly inputs: readonly CircuitNode[];
  readonly columns: readonly PlanColumn[];
  examinedRows = 0;

  constructor(inputs: readonly CircuitNode[], columns: readonly PlanColumn[]) {
    this.inputs = inputs;
    this.columns = columns;
  }

  get stateBytes(): number {
    return 0;
  }

  abstract apply(deltas: readonly Delta[], epoch: Epoch): Delta;

  output(inputs: () => readonly Delta[], epoch: Epoch): Delta {
    return this.apply(inputs(), epoch);
  }
}

/** Keeps the rows for which a condition is TRUE. */
export class FilterNode extends LinearNode {
  readonly name = "filter";
  readonly #predicate: Predicate;

  constructor(input: CircuitNode, predicate: Scalar, environment: ExecutionEnvironment) {
    super([input], input.columns);
    this.#predicate = compilePredicate(predicate, input.columns, environment);
  }

  /** Writes the rows that pass to `rows`; gives their number. */
  select(delta: Delta, rows: Int32Array): number {
    this.examinedRows += delta.size;
    return this.#predicate.select(delta, rows);
  }

  apply([delta]: readonly Delta[]): Delta {
    return this.outputOf(delta!);
  }

  /** The rows of `delta` that it lets through. */
  outputOf(delta: Delta): Delta {
    if (delta.size === 0) return delta;
    const rows = new Int32Array(delta.size);
    const count = this.select(delta, rows);
    return count === delta.size ? delta : selectDelta(delta, rows, count);
  }
}

/** Computes columns. */
export class ProjectNode extends LinearNode {
  readonly name = "project";
  /** Where its columns stand in the input when it computes none. */
  readonly positions: readonly number[] | undefined;
  readonly #items: ProjectionEvaluator;
  readonly #newItems: () => ProjectionEvaluator;
  /** Whether all columns of the input are columns of the output, so that rows stay apart. */
  readonly #isInjective: boolean;

  constructor(input: CircuitNode, items: readonly ProjectItem[], environment: ExecutionEnvironment) {
    super([input], items);
    const positions = items.map(({ expression }) =>
      expression.kind === "column" ? input.columns.findIndex((column) => column.id === expression.id) : -1
    );
    this.positions = positions.includes(-1) ? undefined : positions;
    this.#isInjective = input.columns.every((_, position) => positions.includes(position));
    this.#newItems = () => compileScalars(items.map((item) => item.expression), input.columns, environment);
    this.#items = this.#newItems();
  }

  apply([delta]: readonly Delta[]): Delta {
    return this.#project(delta!, this.#items);
  }

  /** The change of this run, if there is one, holds: its vectors are those of another evaluator. */
  override output(inputs: () => readonly Delta[]): Delta {
    return this.outputOf(inputs()[0]!);
  }

  /** All rows, when those of the input are `delta`. */
  outputOf(delta: Delta): Delta {
    return this.#project(delta, this.#newItems());
  }

  #project(delta: Delta, items: ProjectionEvaluator): Delta {
    const { size, weights } = delta;
    this.examinedRows += size;
    const columns = items.evaluate(delta);
    return this.#isInjective ? withColumns(delta, columns) : { size, columns, weights };
  }
}

/** Gives columns other names, or another order. */
export class RenameNode extends LinearNode {
  readonly name = "rename";
  /** Where its columns stand in the input. */
  readonly positions: readonly number[];
  readonly #isInjective: boolean;

  /** `positions`: where each of `columns` stands in the input. */
  constructor(input: CircuitNode, columns: readonly PlanColumn[], positions: readonly number[]) {
    super([input], columns);
    this.positions = positions;
    this.#isInjective = new Set(positions).size === input.columns.length;
  }

  apply([delta]: readonly Delta[]): Delta {
    return this.outputOf(delta!);
  }

  /** The rows of `delta` as it names them. */
  outputOf(delta: Delta): Delta {
    const columns = new Array<Vector>(this.positions.length);
    for (let i = 0; i < columns.length; i++) columns[i] = delta.columns[this.positions[i]!]!;
    const { size, weights } = delta;
    return this.#isInjective ? withColumns(delta, columns) : { size, columns, weights };
  }
}

/** UNION ALL. */
export class UnionNode extends LinearNode {
  readonly name = "union all";

  apply(deltas: readonly Delta[]): Delta {
    return sumOfDeltas(deltas, this.columns.map((column) => column.type));
  }
}

/** A linear operator without a kernel of its own: set-returning functions. */
export class LinearTemplateNode extends LinearNode {
  readonly name: string;
  readonly #template: BatchTemplate;

  constructor(name: string, input: CircuitNode, template: BatchTemplate) {
    super([input], template.columns);
    this.name = name;
    this.#template = template;
  }

  apply([delta]: readonly Delta[]): Delta {
    this.examinedRows += delta!.size;
    const plus = this.#template.run([repeated(withSign(delta!, 1))]);
    const minus = this.#template.run([repeated(withSign(delta!, -1))]);
    return sumOfDeltas([plus, negated(minus)], this.columns.map((column) => column.type));
  }
}

/** The rows of one sign. */
function withSign(delta: Delta, sign: 1 | -1): Delta {
  const rows = new Int32Array(delta.size);
  let count = 0;
  for (let i = 0; i < delta.size; i++) if (delta.weights[i]! * sign > 0) rows[count++] = i;
  return count === delta.size ? delta : selectDelta(delta, rows, count);
}

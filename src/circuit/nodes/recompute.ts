/**
 * Recomputation: an operator that is run anew over all rows of its inputs when one of them changes.
 *
 * ```
 * rows before ─► batch executor ─► -
 * rows after  ─► batch executor ─► +   the difference is the change
 * ```
 *
 * For what has no operator of its own: a LIMIT of very many rows, and some recursive queries. The cost is that of the
 * query over all rows.
 *
 * @module
 */
import type { ExecutionEnvironment } from "../../exec/execution.ts";
import type { PlanColumn } from "../../query/plan.ts";
import type { BatchTemplate, GivenRows } from "../batch_template.ts";
import type { CircuitNode } from "../circuit_node.ts";
import { consolidated, type Delta, emptyDelta, negated, repeated, sumOfDeltas } from "../delta.ts";
import { KeyedInput } from "../rows/keyed_input.ts";

/** See the module header. */
export class RecomputeNode implements CircuitNode {
  readonly name: string;
  readonly inputs: readonly CircuitNode[];
  readonly columns: readonly PlanColumn[];
  readonly #template: BatchTemplate;
  readonly #sides: readonly KeyedInput[];
  #started = false;
  examinedRows = 0;

  constructor(
    options: {
      readonly name: string;
      readonly inputs: readonly CircuitNode[];
      readonly template: BatchTemplate;
    },
    environment: ExecutionEnvironment,
  ) {
    const { name, inputs, template } = options;
    this.name = `recomputed ${name}`;
    this.inputs = inputs;
    this.columns = template.columns;
    this.#template = template;
    this.#sides = inputs.map((input) => new KeyedInput(input.columns, [], environment, true));
  }

  get stateBytes(): number {
    return this.#sides.reduce((bytes, side) => bytes + side.stateBytes, 0);
  }

  apply(deltas: readonly Delta[]): Delta {
    const types = this.columns.map((column) => column.type);
    const first = !this.#started;
    if (!first && deltas.every((delta) => delta.size === 0)) return emptyDelta(types);
    this.#started = true;
    // Over no rows at all there was no output yet, not even that of an aggregate without groups.
    const before = first ? emptyDelta(types) : this.#template.run(this.#rows());
    this.#sides.forEach((side, i) => side.apply(deltas[i]!));
    const after = this.#template.run(this.#rows());
    return consolidated(sumOfDeltas([after, negated(before)], types), types);
  }

  output(): Delta {
    return this.#template.run(this.#sides.map(({ arrangement }) => repeated(arrangement.all())));
  }

  /** All rows of every input. */
  #rows(): GivenRows[] {
    return this.#sides.map(({ arrangement }) => {
      const matches = arrangement.find([], 1);
      this.examinedRows += matches.count;
      // They are found last first; array_agg and first see them in the order in which they came.
      const rows = matches.rows.subarray(0, matches.count).reverse();
      return repeated(arrangement.rowsAt(rows, matches.count));
    });
  }
}

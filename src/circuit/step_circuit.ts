/**
 * Step circuit: the step of a recursive query as a circuit of its own, run as often as an epoch needs rounds.
 *
 * Its inputs are given nodes: the rows of the recursion, and one for each part of the step that does not read them.
 * So tables are read outside, and what the step holds of them are arranged rows: a round sees exactly the changes
 * that it was given.
 *
 * @module
 */
import type { PlanColumn } from "../query/plan.ts";
import type { CircuitNode, Epoch } from "./circuit_node.ts";
import { type Delta, emptyDelta } from "./delta.ts";

/** An input of a step: gives what it was told. */
export class GivenNode implements CircuitNode {
  readonly name = "given";
  readonly inputs: readonly CircuitNode[] = [];
  readonly columns: readonly PlanColumn[];
  readonly stateBytes = 0;
  readonly examinedRows = 0;
  readonly #none: Delta;
  delta: Delta;

  constructor(columns: readonly PlanColumn[]) {
    this.columns = columns;
    this.delta = this.#none = emptyDelta(columns.map((column) => column.type));
  }

  /** Forgets what it was told. */
  clear(): void {
    this.delta = this.#none;
  }

  apply(): Delta {
    return this.delta;
  }

  output(): Delta {
    return this.delta;
  }
}

/** See the module header. */
export class StepCircuit {
  readonly #given: readonly GivenNode[];
  readonly #nodes: readonly CircuitNode[];
  /** By node: no change. */
  readonly #none = new Map<CircuitNode, Delta>();
  readonly #deltas = new Map<CircuitNode, Delta>();
  #started = false;

  /** `given`: the inputs that a round tells. */
  constructor(output: CircuitNode, given: readonly GivenNode[]) {
    this.#given = given;
    this.#nodes = inputsFirst(output);
    for (const node of this.#nodes) {
      this.#none.set(node, emptyDelta(node.columns.map((column) => column.type)));
    }
  }

  /** Memory of all state. */
  get stateBytes(): number {
    return this.#nodes.reduce((bytes, node) => bytes + node.stateBytes, 0);
  }

  /** Rows that its operators have looked at. */
  get examinedRows(): number {
    return this.#nodes.reduce((rows, node) => rows + node.examinedRows, 0);
  }

  /**
   * One round with a change for each input, undefined for none; gives the change of the step, which holds until the
   * next round.
   */
  run(changes: readonly (Delta | undefined)[], { nowMicros }: Epoch): Delta {
    const epoch: Epoch = { nowMicros, tableDelta: () => undefined, valuesOf: () => new Set() };
    changes.forEach((change, i) => {
      if (change !== undefined) this.#given[i]!.delta = change;
    });
    const deltas = this.#deltas;
    for (const node of this.#nodes) {
      const inputs = node.inputs.map((input) => deltas.get(input)!);
      const isTold = !this.#started || inputs.length === 0 || inputs.some(({ size }) => size > 0);
      deltas.set(node, isTold ? node.apply(inputs, epoch) : this.#none.get(node)!);
    }
    this.#started = true;
    for (const given of this.#given) given.clear();
    return deltas.get(this.#nodes.at(-1)!)!;
  }
}

function inputsFirst(output: CircuitNode): readonly CircuitNode[] {
  const order = new Set<CircuitNode>();
  const visit = (node: CircuitNode): void => {
    if (order.has(node)) return;
    node.inputs.forEach(visit);
    order.add(node);
  };
  visit(output);
  return [...order];
}

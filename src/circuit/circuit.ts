/**
 * A circuit: the incremental form of one query, a graph of operators over changes.
 *
 * ```
 * changes of tables ─► table ─► filter ─► inner join ─► group ─► project ─► change of the result
 *                      table ────────────┘
 * ```
 *
 * In each epoch every node is applied once, after its inputs. The first epoch brings all rows of the tables.
 *
 * @module
 */
import type { BoundQuery } from "../query/plan.ts";
import type { CircuitNode, Epoch } from "./circuit_node.ts";
import {
  type CircuitEnvironment,
  compileNodes,
  isNotIncremental,
  type NotIncremental,
} from "./compile_circuit.ts";
import { consolidated, type Delta } from "./delta.ts";
import { RenameNode } from "./nodes/linear.ts";
import { TableNode } from "./nodes/source.ts";

/** See the module header. */
export class Circuit {
  /** Inputs before what reads them. */
  readonly #nodes: readonly CircuitNode[];
  readonly #query: BoundQuery;

  constructor(query: BoundQuery, output: CircuitNode) {
    this.#query = query;
    const positions = query.columns.map(({ id }) => output.columns.findIndex((column) => column.id === id));
    this.#nodes = inTopologicalOrder(new RenameNode(output, query.columns, positions));
  }

  /** Its operators, inputs first. */
  get nodes(): readonly CircuitNode[] {
    return this.#nodes;
  }

  /** Tables whose changes matter. */
  get sources(): readonly string[] {
    return [...new Set(this.#nodes.flatMap((node) => node instanceof TableNode ? [node.table] : []))];
  }

  /** Rows that operators have looked at. */
  get examinedRows(): number {
    return this.#nodes.reduce((rows, node) => rows + node.examinedRows, 0);
  }

  /** Memory of all state. */
  get stateBytes(): number {
    return this.#nodes.reduce((bytes, node) => bytes + node.stateBytes, 0);
  }

  /** The change of the result. In the first epoch the changes are all rows of the tables. */
  apply(epoch: Epoch): Delta {
    const deltas = new Map<CircuitNode, Delta>();
    for (const node of this.#nodes) {
      deltas.set(node, node.apply(node.inputs.map((input) => deltas.get(input)!), epoch));
    }
    const result = deltas.get(this.#nodes.at(-1)!)!;
    return consolidated(result, this.#query.columns.map((column) => column.type));
  }
}

/** The circuit of an optimized query, or the construct that cannot be maintained incrementally. */
export function compileCircuit(query: BoundQuery, env: CircuitEnvironment): Circuit | NotIncremental {
  const output = compileNodes(query.plan, env);
  return isNotIncremental(output) ? output : new Circuit(query, output);
}

function inTopologicalOrder(output: CircuitNode): readonly CircuitNode[] {
  const order = new Set<CircuitNode>();
  const visit = (node: CircuitNode): void => {
    if (order.has(node)) return;
    node.inputs.forEach(visit);
    order.add(node);
  };
  visit(output);
  return [...order];
}

/**
 * What a circuit is made of: relations, operators and outputs, each on a level above what it reads.
 *
 * @module
 */
import type { CircuitNode, Epoch } from "./circuit_node.ts";
import { type Delta, emptyDelta } from "./delta.ts";
import { GroupNode } from "./nodes/group.ts";
import { GuardNode } from "./nodes/guard.ts";
import { FilterNode, ProjectNode, RenameNode } from "./nodes/linear.ts";
import type { TableNode } from "./nodes/source.ts";
import type { SqlType } from "../storage/sql_type.ts";
import type { Quarantine } from "./quarantine.ts";

/** Who takes the changes of a query. */
export interface Receiver {
  /** The relation that these changes go to, for the queries that read it. */
  readonly name: string;
  /**
   * Takes the change of the query; undefined when the operators could not tell it. Returns whether the relation has
   * changed by it: the epoch gives its change to those who read it.
   */
  receive(change: Delta | undefined): boolean;
}

/** A point of the circuit at which changes are pending. */
export interface Vertex {
  /** Above those of all inputs. */
  level: number;
  /** Whether it is on the agenda of the run. */
  isScheduled: boolean;
}

/** A table or view that queries read. */
export class Relation implements Vertex {
  readonly name: string;
  readonly readers = new Set<Operator | CircuitOutput>();
  /** Readers of the rows with one value in one column: ordinal, then value. */
  readonly routes = new Map<number, Map<unknown, Set<Operator>>>();
  level = 0;
  isScheduled = false;

  constructor(name: string) {
    this.name = name;
  }
}

/** A node in its place. */
export class Operator implements Vertex {
  readonly id: number;
  readonly node: CircuitNode;
  readonly inputs: readonly Operator[];
  readonly readers = new Set<Operator | CircuitOutput>();
  readonly users = new Set<CircuitOutput>();
  /** Types of its columns. */
  readonly types: readonly SqlType[];
  readonly empty: Delta;
  /** The changes of the inputs in this run. */
  readonly deltas: Delta[];
  level = 0;
  isScheduled = false;
  /** Its state is not that of the inputs. */
  isBroken = false;
  /** The change of this run. */
  delta: Delta | undefined;
  /** The list that it is in. */
  list: object | undefined;

  constructor(id: number, node: CircuitNode, inputs: readonly Operator[]) {
    this.id = id;
    this.node = node;
    this.inputs = inputs;
    this.types = node.columns.map((column) => column.type);
    this.empty = emptyDelta(this.types);
    this.deltas = inputs.map((input) => input.empty);
  }

  /** Its change of this run. */
  apply(epoch: Epoch): Delta {
    const { inputs, deltas } = this;
    for (let i = 0; i < inputs.length; i++) deltas[i] = inputs[i]!.delta ?? inputs[i]!.empty;
    return this.node.apply(deltas, epoch);
  }

  /** The run is over. */
  rest(): void {
    const { inputs, deltas } = this;
    for (let i = 0; i < inputs.length; i++) deltas[i] = inputs[i]!.empty;
    this.delta = undefined;
  }
}

/** Operators, each once; its array is used again. */
export class OperatorList {
  readonly #operators: (Operator | undefined)[] = [];
  #count = 0;

  add(operator: Operator): void {
    if (operator.list === this) return;
    operator.list = this;
    this.#operators[this.#count++] = operator;
  }

  delete(operator: Operator): void {
    if (operator.list !== this) return;
    operator.list = undefined;
    this.#operators[this.#operators.indexOf(operator)] = this.#operators[--this.#count];
    this.#operators[this.#count] = undefined;
  }

  forEach(visit: (operator: Operator) => void): void {
    for (let i = 0; i < this.#count; i++) visit(this.#operators[i]!);
  }

  /** The run is over. */
  rest(): void {
    for (let i = 0; i < this.#count; i++) this.#operators[i]!.rest();
  }

  clear(): void {
    for (let i = 0; i < this.#count; i++) {
      this.#operators[i]!.list = undefined;
      this.#operators[i] = undefined;
    }
    this.#count = 0;
  }
}

/** The circuit of an output. */
interface OutputOwner {
  remove(output: CircuitOutput): void;
  invalidate(output: CircuitOutput): void;
}

/** The place where the change of one query leaves the circuit. */
export class CircuitOutput implements Vertex {
  /** The construct for which the query has no operators; it is then told to start anew by every change. */
  readonly notIncremental: string | undefined;
  /** Tables and views that the query reads. */
  readonly sources: readonly string[];
  /** @internal */
  readonly receiver: Receiver;
  /** Its operators, inputs first. @internal */
  readonly operators: readonly Operator[];
  /** The one that gives its changes. @internal */
  readonly last: Operator | undefined;
  readonly #circuit: OutputOwner;
  level = 0;
  isScheduled = false;
  isReleased = false;

  /** @internal */
  constructor(
    circuit: OutputOwner,
    receiver: Receiver,
    made: {
      readonly sources: readonly string[];
      readonly operators: readonly Operator[];
      readonly notIncremental: string | undefined;
    },
  ) {
    this.#circuit = circuit;
    this.receiver = receiver;
    this.sources = made.sources;
    this.operators = made.operators;
    this.last = made.operators.at(-1);
    this.notIncremental = made.notIncremental;
  }

  /** Whether the operators cannot tell the next change: what was applied was undone, or one has failed. */
  get isBroken(): boolean {
    return this.last?.isBroken ?? true;
  }

  /** All rows with their places; undefined where the operators have none. */
  placedRows(): Delta | undefined {
    return this.last === undefined || this.last.isBroken ? undefined : placedRowsOf(this.last.node);
  }

  /** Memory of the state, that which is shared included. */
  get stateBytes(): number {
    return this.operators.reduce((bytes, { node }) => bytes + node.stateBytes, 0);
  }

  /** Rows that its operators have looked at. */
  get examinedRows(): number {
    return this.operators.reduce((rows, { node }) => rows + node.examinedRows, 0);
  }

  /** The rows that were left out because an expression failed, operator by operator. */
  get rowErrors(): readonly Quarantine[] {
    return this.operators.flatMap(({ node }) => node instanceof GuardNode ? [node.errors] : []);
  }

  /** Microseconds since 1970 at which the output changes by the clock alone; undefined for never. */
  get dueMicros(): number | undefined {
    return earliestDue(this.operators);
  }

  /** Gives up the state of the operators that nobody else uses: the next change starts anew. */
  invalidate(): void {
    this.#circuit.invalidate(this);
  }

  /** Gives up the operators that nobody else uses. */
  release(): void {
    this.#circuit.remove(this);
  }
}

/** These operators keep the places of their input. */
function placedRowsOf(node: CircuitNode): Delta | undefined {
  if (node instanceof GroupNode) return node.rows();
  if (node instanceof RenameNode || node instanceof ProjectNode || node instanceof FilterNode) {
    const rows = placedRowsOf(node.inputs[0]!);
    return rows === undefined ? undefined : node.outputOf(rows);
  }
  return undefined;
}

/** The place in `relation` for the readers of a table node. */
export function readersIn(relation: Relation, { route }: TableNode): Set<Operator | CircuitOutput> {
  if (route === undefined) return relation.readers;
  let byValue = relation.routes.get(route.ordinal);
  if (byValue === undefined) relation.routes.set(route.ordinal, byValue = new Map());
  let readers = byValue.get(route.value);
  if (readers === undefined) byValue.set(route.value, readers = new Set());
  return readers;
}

/** The earliest time at which one of `operators` changes by the clock alone. */
export function earliestDue(operators: Iterable<Operator>): number | undefined {
  let earliest = Infinity;
  for (const { node } of operators) earliest = Math.min(earliest, node.dueMicros ?? Infinity);
  return earliest === Infinity ? undefined : earliest;
}

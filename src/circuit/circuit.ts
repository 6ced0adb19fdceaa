/**
 * The circuit: the incremental operators of a set of views, and the order in which changes run through them.
 *
 * ```
 *   relation        operators                              outputs
 *   orders ───────► table ─► filter ─► join ─► group ─┬──► daily ───► relation daily ─► table ─► ... ─► monthly
 *   customer ─────► table ─────────────┘              └──► top days
 * ```
 *
 * Equal sub-plans of different views are one operator: it does its work once, and leaves with the last view that
 * uses it. A change is pushed, level by level, to what reads it; an operator that no change reaches costs nothing.
 * A relation is a base table, or a view, whose level is above that of its output: so a cascade is one run, and
 * every operator sees all its inputs changed, or none.
 *
 * The state of an operator follows the transaction under way. When that is undone, or an operator throws, what
 * was applied is broken: the outputs above are told so, and start anew.
 *
 * Design: McSherry et al., "Shared Arrangements", VLDB 2020; Budiu et al., "DBSP", VLDB 2023.
 *
 * @module
 */
import { InvariantError, QueryError } from "../base/error.ts";
import type { BoundQuery } from "../query/plan.ts";
import type { CircuitNode, Epoch } from "./circuit_node.ts";
import {
  type CircuitEnvironment,
  compileNodes,
  isNotIncremental,
  type NotIncremental,
} from "./compile_circuit.ts";
import { consolidated, type Delta, emptyDelta } from "./delta.ts";
import { RenameNode } from "./nodes/linear.ts";
import { TableNode } from "./nodes/source.ts";
import { SharedNodes } from "./shared_nodes.ts";

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

/** How an operator is doing. */
export interface OperatorStatus {
  readonly id: number;
  /** `table orders`, `inner join`, `group`, ... */
  readonly name: string;
  /** Ids of the operators that it reads. */
  readonly inputs: readonly number[];
  readonly stateBytes: number;
  /** Rows that it has looked at. */
  readonly examinedRows: number;
  /** Names of the relations that are made with it: those that share its state. */
  readonly sharedBy: readonly string[];
}

/** A point of the circuit at which changes are pending. */
interface Vertex {
  /** Above those of all inputs. */
  level: number;
  /** Whether it is on the agenda of the run. */
  isScheduled: boolean;
}

/** A table or view that queries read. */
class Relation implements Vertex {
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
class Operator implements Vertex {
  readonly id: number;
  readonly node: CircuitNode;
  readonly inputs: readonly Operator[];
  readonly readers = new Set<Operator | CircuitOutput>();
  readonly users = new Set<CircuitOutput>();
  readonly empty: Delta;
  level = 0;
  isScheduled = false;
  /** Its state is not that of the inputs. */
  isBroken = false;
  /** The change of this run. */
  delta: Delta | undefined;

  constructor(id: number, node: CircuitNode, inputs: readonly Operator[]) {
    this.id = id;
    this.node = node;
    this.inputs = inputs;
    this.empty = emptyDelta(node.columns.map((column) => column.type));
  }
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
  readonly #circuit: Circuit;
  level = 0;
  isScheduled = false;
  isReleased = false;

  /** @internal */
  constructor(
    circuit: Circuit,
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
    this.notIncremental = made.notIncremental;
  }

  /** Whether the operators cannot tell the next change: what was applied was undone, or one has failed. */
  get isBroken(): boolean {
    return this.operators.at(-1)?.isBroken ?? true;
  }

  /** Memory of the state, that which is shared included. */
  get stateBytes(): number {
    return this.operators.reduce((bytes, { node }) => bytes + node.stateBytes, 0);
  }

  /** Rows that its operators have looked at. */
  get examinedRows(): number {
    return this.operators.reduce((rows, { node }) => rows + node.examinedRows, 0);
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

/** See the module header. */
export class Circuit {
  readonly #environment: CircuitEnvironment;
  readonly #relations = new Map<string, Relation>();
  readonly #operators = new Map<CircuitNode, Operator>();
  readonly #shared = new SharedNodes();
  readonly #outputs = new Set<CircuitOutput>();
  /** Operators that change by the clock. */
  readonly #timed = new Set<Operator>();
  /** What is to be visited in this run, by level. */
  readonly #agenda: Vertex[][] = [];
  /** The transaction whose changes the operators have seen, until it is published. */
  #pending: object | undefined;
  readonly #applied = new Set<Operator>();
  #nextId = 1;

  constructor(environment: CircuitEnvironment) {
    this.#environment = environment;
  }

  /** Memory of all state. */
  get stateBytes(): number {
    let bytes = 0;
    for (const { node } of this.#operators.values()) bytes += node.stateBytes;
    return bytes;
  }

  /** When the next operator changes by the clock alone, in microseconds since 1970. */
  get dueMicros(): number | undefined {
    return earliestDue(this.#timed);
  }

  /** All operators, in the order of their making. */
  operators(): readonly OperatorStatus[] {
    return [...this.#operators.values()].map(({ id, node, inputs, users }) => ({
      id,
      name: node instanceof TableNode ? `table ${node.table}` : node.name,
      inputs: inputs.map((input) => input.id),
      stateBytes: node.stateBytes,
      examinedRows: node.examinedRows,
      sharedBy: [...new Set([...users].map(({ receiver }) => receiver.name))],
    }));
  }

  /**
   * Adds an optimized query that reads `sources`, in `transaction`. `epoch` brings all rows of the tables; `rows` are
   * all rows of the query, undefined when it has no operators.
   */
  add(
    query: BoundQuery,
    receiver: Receiver,
    within: { readonly sources: readonly string[]; readonly transaction: object; readonly epoch: Epoch },
  ): { readonly output: CircuitOutput; readonly rows: Delta | undefined } {
    this.begin(within.transaction);
    const compiled = compileNodes(query.plan, { ...this.#environment, shared: this.#shared });
    if (isNotIncremental(compiled)) {
      return { output: this.#addFull(receiver, within.sources, compiled), rows: undefined };
    }
    const positions = query.columns.map(({ id }) => compiled.columns.findIndex((column) => column.id === id));
    const nodes = inTopologicalOrder(new RenameNode(compiled, query.columns, positions));
    const fresh: Operator[] = [];
    const operators = nodes.map((node) => {
      const known = this.#operators.get(node);
      if (known !== undefined) return known;
      const operator = this.#place(node);
      fresh.push(operator);
      return operator;
    });
    const output = new CircuitOutput(this, receiver, {
      sources: within.sources,
      operators,
      notIncremental: undefined,
    });
    for (const operator of operators) operator.users.add(output);
    try {
      const rows = this.#start(operators.at(-1)!, fresh, within.epoch);
      operators.at(-1)!.readers.add(output);
      this.#outputs.add(output);
      this.#raise(output, operators.at(-1)!.level + 1);
      return { output, rows: consolidatedOutput(operators.at(-1)!, rows) };
    } catch (error) {
      for (const operator of fresh) this.#break(operator);
      this.remove(output);
      throw error;
    }
  }

  /** Takes an output out, with the operators that only it used. */
  remove(output: CircuitOutput): void {
    if (output.isReleased) return;
    output.isReleased = true;
    this.#outputs.delete(output);
    for (const source of output.sources) this.#forget(source, output);
    for (const operator of [...output.operators].reverse()) {
      operator.readers.delete(output);
      operator.users.delete(output);
      if (operator.users.size === 0) this.#discard(operator);
    }
  }

  /** Breaks the operators that only `output` uses. */
  invalidate(output: CircuitOutput): void {
    for (const operator of output.operators) if (operator.users.size === 1) this.#break(operator);
  }

  /** The operators are going to see changes of `transaction`. */
  begin(transaction: object): void {
    if (this.#pending === transaction) return;
    // The transaction before was undone.
    for (const operator of this.#applied) this.#break(operator);
    this.#applied.clear();
    this.#pending = transaction;
  }

  /** What the operators have seen of `transaction` is committed. */
  published(transaction: object): void {
    if (this.#pending !== transaction) return;
    this.#pending = undefined;
    this.#applied.clear();
  }

  /** Sends the changes of the relations `changed`, and those that are due by the clock, to all outputs. */
  run(epoch: Epoch, changed: Iterable<string>, transaction: object): void {
    this.begin(transaction);
    for (const name of changed) {
      const relation = this.#relations.get(name);
      if (relation !== undefined) this.#schedule(relation);
    }
    for (const operator of this.#timed) {
      if ((operator.node.dueMicros ?? Infinity) <= epoch.nowMicros) this.#schedule(operator);
    }
    const visited: Operator[] = [];
    try {
      for (let level = 0; level < this.#agenda.length; level++) {
        const queue = this.#agenda[level]!;
        for (let i = 0; i < queue.length; i++) this.#visit(queue[i]!, level, epoch, visited);
        queue.length = 0;
      }
    } finally {
      for (const operator of visited) operator.delta = undefined;
      for (const queue of this.#agenda) {
        for (const vertex of queue) vertex.isScheduled = false;
        queue.length = 0;
      }
    }
  }

  #visit(vertex: Vertex, level: number, epoch: Epoch, visited: Operator[]): void {
    if (!vertex.isScheduled) return;
    if (vertex.level > level) {
      // What it reads was made anew in this run, with more operators.
      this.#at(vertex.level).push(vertex);
      return;
    }
    vertex.isScheduled = false;
    if (vertex instanceof Operator) {
      visited.push(vertex);
      this.#apply(vertex, epoch);
    } else if (vertex instanceof Relation) {
      for (const reader of vertex.readers) this.#schedule(reader);
      this.#scheduleRoutes(vertex, epoch);
    } else if (vertex instanceof CircuitOutput && !vertex.isReleased) this.#emit(vertex);
  }

  #apply(operator: Operator, epoch: Epoch): void {
    if (!operator.isBroken) {
      this.#applied.add(operator);
      try {
        const deltas = operator.inputs.map((input) => input.delta ?? input.empty);
        const delta = operator.node.apply(deltas, epoch);
        if (delta.size === 0) return;
        operator.delta = delta;
      } catch (error) {
        this.#break(operator);
        // A change meets rows that were never there together: only starting anew tells whether the query fails.
        if (!(error instanceof QueryError)) throw error;
      }
    }
    for (const reader of operator.readers) this.#schedule(reader);
  }

  #emit(output: CircuitOutput): void {
    const last = output.operators.at(-1);
    const change = last === undefined || last.isBroken || last.delta === undefined
      ? undefined
      : consolidatedOutput(last, last.delta);
    if (change?.size === 0) return;
    if (!output.receiver.receive(change)) return;
    const relation = this.#relations.get(output.receiver.name);
    if (relation === undefined) return;
    // The receiver may have another name by now.
    this.#raise(relation, output.level + 1);
    this.#schedule(relation);
  }

  #scheduleRoutes({ name, routes }: Relation, epoch: Epoch): void {
    for (const [ordinal, byValue] of routes) {
      const values = epoch.valuesOf(name, ordinal);
      if (values.size <= byValue.size) {
        for (const value of values) byValue.get(value)?.forEach((reader) => this.#schedule(reader));
      } else {
        for (const [value, readers] of byValue) {
          if (values.has(value)) readers.forEach((reader) => this.#schedule(reader));
        }
      }
    }
  }

  #schedule(vertex: Vertex): void {
    if (vertex.isScheduled) return;
    vertex.isScheduled = true;
    this.#at(vertex.level).push(vertex);
  }

  #at(level: number): Vertex[] {
    while (this.#agenda.length <= level) this.#agenda.push([]);
    return this.#agenda[level]!;
  }

  #place(node: CircuitNode): Operator {
    const inputs = node.inputs.map((input) => {
      const operator = this.#operators.get(input);
      if (operator === undefined) {
        throw new InvariantError("invariant", `${node.name} stands before its input`);
      }
      return operator;
    });
    const operator = new Operator(this.#nextId++, node, inputs);
    this.#operators.set(node, operator);
    this.#applied.add(operator);
    for (const input of inputs) {
      input.readers.add(operator);
      operator.level = Math.max(operator.level, input.level + 1);
    }
    if ("dueMicros" in node) this.#timed.add(operator);
    if (node instanceof TableNode) {
      const relation = this.#relation(node.table);
      operator.level = relation.level + 1;
      readersIn(relation, node).add(operator);
    }
    return operator;
  }

  /** The first epoch of `fresh` operators, inputs first; gives all rows of `last`. */
  #start(last: Operator, fresh: readonly Operator[], epoch: Epoch): Delta {
    const rows = new Map<Operator, Delta>();
    const rowsOf = (operator: Operator): Delta => {
      let all = rows.get(operator);
      if (all === undefined) {
        all = operator.node.output(() => operator.inputs.map(rowsOf), epoch);
        rows.set(operator, all);
      }
      return all;
    };
    for (const operator of fresh) rows.set(operator, operator.node.apply(operator.inputs.map(rowsOf), epoch));
    return rowsOf(last);
  }

  /** A query without operators: every change of what it reads reaches its output. */
  #addFull(receiver: Receiver, sources: readonly string[], { construct }: NotIncremental): CircuitOutput {
    const output = new CircuitOutput(this, receiver, { sources, operators: [], notIncremental: construct });
    let level = 0;
    for (const source of sources) {
      const relation = this.#relation(source);
      relation.readers.add(output);
      level = Math.max(level, relation.level + 1);
    }
    this.#outputs.add(output);
    this.#raise(output, level);
    return output;
  }

  /** Puts a vertex on a level, and what reads it above. */
  #raise(vertex: Vertex, level: number): void {
    if (vertex.level >= level) return;
    vertex.level = level;
    if (vertex instanceof CircuitOutput) this.#raise(this.#relation(vertex.receiver.name), level + 1);
    else if (vertex instanceof Operator) vertex.readers.forEach((reader) => this.#raise(reader, level + 1));
    else if (vertex instanceof Relation) {
      vertex.readers.forEach((reader) => this.#raise(reader, level + 1));
      for (const byValue of vertex.routes.values()) {
        byValue.forEach((readers) => readers.forEach((reader) => this.#raise(reader, level + 1)));
      }
    }
  }

  #relation(name: string): Relation {
    let relation = this.#relations.get(name);
    if (relation === undefined) this.#relations.set(name, relation = new Relation(name));
    return relation;
  }

  #forget(name: string, reader: Operator | CircuitOutput): void {
    const relation = this.#relations.get(name);
    if (relation === undefined) return;
    relation.readers.delete(reader);
    if (relation.readers.size === 0 && relation.routes.size === 0) this.#relations.delete(name);
  }

  #discard(operator: Operator): void {
    const { node } = operator;
    operator.isBroken = true;
    this.#operators.delete(node);
    this.#shared.remove(node);
    this.#timed.delete(operator);
    this.#applied.delete(operator);
    for (const input of operator.inputs) input.readers.delete(operator);
    if (!(node instanceof TableNode)) return;
    const relation = this.#relation(node.table);
    const { route } = node;
    if (route !== undefined) {
      const byValue = relation.routes.get(route.ordinal)!;
      const readers = byValue.get(route.value)!;
      readers.delete(operator);
      if (readers.size === 0) byValue.delete(route.value);
      if (byValue.size === 0) relation.routes.delete(route.ordinal);
    }
    this.#forget(node.table, operator);
  }

  /** What reads a broken operator is broken too, and nobody new shares it. */
  #break(operator: Operator): void {
    if (operator.isBroken) return;
    operator.isBroken = true;
    this.#shared.remove(operator.node);
    for (const reader of operator.readers) if (reader instanceof Operator) this.#break(reader);
  }
}

function readersIn(relation: Relation, { route }: TableNode): Set<Operator | CircuitOutput> {
  if (route === undefined) return relation.readers;
  let byValue = relation.routes.get(route.ordinal);
  if (byValue === undefined) relation.routes.set(route.ordinal, byValue = new Map());
  let readers = byValue.get(route.value);
  if (readers === undefined) byValue.set(route.value, readers = new Set());
  return readers;
}

function consolidatedOutput({ node }: Operator, delta: Delta): Delta {
  return consolidated(delta, node.columns.map((column) => column.type));
}

function earliestDue(operators: Iterable<Operator>): number | undefined {
  let earliest = Infinity;
  for (const { node } of operators) earliest = Math.min(earliest, node.dueMicros ?? Infinity);
  return earliest === Infinity ? undefined : earliest;
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

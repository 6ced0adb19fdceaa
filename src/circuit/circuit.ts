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
import { Agenda } from "./circuit_agenda.ts";
import {
  CircuitOutput,
  earliestDue,
  Operator,
  OperatorList,
  readersIn,
  type Receiver,
  Relation,
  type Vertex,
} from "./circuit_vertex.ts";
import { consolidated, type Delta } from "./delta.ts";
import { RenameNode } from "./nodes/linear.ts";
import { TableNode } from "./nodes/source.ts";
import { SharedNodes } from "./shared_nodes.ts";

/** How an operator is doing. */
export interface OperatorStatus {
  /** Tells operators of a database apart. */
  readonly id: number;
  /** `table orders`, `inner join`, `group`, ... */
  readonly name: string;
  /** Ids of the operators that it reads. */
  readonly inputs: readonly number[];
  /** Memory of its state. */
  readonly stateBytes: number;
  /** Rows that it has looked at. */
  readonly examinedRows: number;
  /** Names of the relations that are made with it: those that share its state. */
  readonly sharedBy: readonly string[];
}

/** See the module header. */
export class Circuit {
  readonly #environment: CircuitEnvironment;
  readonly #relations = new Map<string, Relation>();
  readonly #operators = new Map<CircuitNode, Operator>();
  readonly #shared = new SharedNodes();
  /** Operators that change by the clock. */
  readonly #timed = new Set<Operator>();
  readonly #agenda = new Agenda();
  /** The transaction whose changes the operators have seen, until it is published. */
  #pending: object | undefined;
  readonly #applied = new OperatorList();
  /** What was due before the pending transaction. */
  #publishedDue: number | undefined;
  /** What starts anew in the next run. */
  readonly #restarting = new Set<Operator | CircuitOutput>();
  /** The time of the last run: operators have seen it. */
  #lastMicros = -Infinity;
  readonly #nextId: () => number;

  /** `nextId` numbers the operators: of all circuits of a database, that ids tell them apart. */
  constructor(environment: CircuitEnvironment, nextId: () => number) {
    this.#environment = environment;
    this.#nextId = nextId;
  }

  /** Whether the clock alone has changed an output: it passed a time for which an operator waits, or went back. */
  isDueAt(nowMicros: number): boolean {
    if (this.#timed.size === 0) return false;
    return nowMicros < this.#lastMicros || (this.dueMicros ?? Infinity) <= nowMicros;
  }

  /**
   * When the next operator changes by the clock alone, in microseconds since 1970. What a transaction has done to
   * operators may be undone: until it is published, what was due before it stays due.
   */
  get dueMicros(): number | undefined {
    const due = earliestDue(this.#timed);
    if (this.#pending === undefined || this.#publishedDue === undefined) return due;
    return Math.min(this.#publishedDue, due ?? Infinity);
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
   * all rows of the query, undefined when it has no operators: there are none for it, or `full` says why it is to
   * do without.
   */
  add(
    query: BoundQuery,
    receiver: Receiver,
    within: {
      readonly sources: readonly string[];
      readonly transaction: object;
      readonly epoch: Epoch;
      readonly full?: string | undefined;
      /** Leave rows out for which an expression fails. */
      readonly quarantine: boolean;
      /** Is told of the state of all operators after each one that is made; what it throws ends the making. */
      readonly onState?: ((bytes: number) => void) | undefined;
    },
  ): { readonly output: CircuitOutput; readonly rows: Delta | undefined } {
    this.begin(within.transaction);
    this.#lastMicros = Math.max(this.#lastMicros, within.epoch.nowMicros);
    const compiled = within.full === undefined
      ? compileNodes(query.plan, {
        ...this.#environment,
        shared: this.#shared,
        quarantine: within.quarantine,
      })
      : { construct: within.full };
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
      const { onState } = within;
      const rows = this.#start(operators.at(-1)!, fresh, within.epoch, () => onState?.(output.stateBytes));
      operators.at(-1)!.readers.add(output);
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
    this.#restarting.delete(output);
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

  /** What was planned over a relation does not hold any more: what reads it starts anew with its next change. */
  breakReaders(name: string): void {
    for (const reader of this.#readersOf(name)) if (reader instanceof Operator) this.#break(reader);
  }

  /** The rows of a relation are others than they were: what reads it starts anew in the next run. */
  replaced(name: string): void {
    this.breakReaders(name);
    for (const reader of this.#readersOf(name)) this.#restarting.add(reader);
  }

  #readersOf(name: string): readonly (Operator | CircuitOutput)[] {
    const relation = this.#relations.get(name);
    if (relation === undefined) return [];
    const routed = [...relation.routes.values()].flatMap((byValue) =>
      [...byValue.values()].flatMap((set) => [...set])
    );
    return [...relation.readers, ...routed];
  }

  /** The operators are going to see changes of `transaction`. */
  begin(transaction: object): void {
    if (this.#pending === transaction) return;
    if (this.#pending === undefined) this.#publishedDue = earliestDue(this.#timed);
    // The transaction before was undone.
    this.#applied.forEach((operator) => this.#break(operator));
    this.#applied.clear();
    this.#pending = transaction;
  }

  /** What the operators have seen of `transaction` is committed. */
  published(transaction: object): void {
    if (this.#pending !== transaction) return;
    this.#pending = undefined;
    this.#applied.clear();
  }

  /**
   * Sends the changes of the relations `changed`, and those that are due by the clock, to all outputs. `shouldStop` is
   * asked before each operator: once it says so, the operators that the transaction has reached are given up, and the
   * outputs above them are told to start anew.
   */
  run(
    epoch: Epoch,
    changed: Iterable<string>,
    transaction: object,
    shouldStop: () => boolean = goOn,
  ): void {
    this.begin(transaction);
    for (const name of changed) {
      const relation = this.#relations.get(name);
      if (relation !== undefined) this.#agenda.add(relation);
    }
    for (const vertex of this.#restarting) this.#agenda.add(vertex);
    this.#restarting.clear();
    const wentBack = epoch.nowMicros < this.#lastMicros;
    for (const operator of this.#timed) {
      const isDue = operator.isBroken || (operator.node.dueMicros ?? Infinity) <= epoch.nowMicros;
      if (wentBack || isDue) this.#agenda.add(operator);
    }
    this.#lastMicros = epoch.nowMicros;
    try {
      this.#agenda.run((vertex) => {
        if (vertex instanceof Operator) {
          if (shouldStop()) this.#giveUp(vertex);
          this.#apply(vertex, epoch);
        } else if (vertex instanceof Relation) {
          for (const reader of vertex.readers) this.#agenda.add(reader);
          if (vertex.routes.size > 0) this.#scheduleRoutes(vertex, epoch);
        } else if (vertex instanceof CircuitOutput && !vertex.isReleased) this.#emit(vertex);
      });
    } finally {
      // All that this run has visited, and no more than the transaction has.
      this.#applied.rest();
    }
  }

  #apply(operator: Operator, epoch: Epoch): void {
    if (!operator.isBroken) {
      this.#applied.add(operator);
      try {
        const delta = operator.apply(epoch);
        if (delta.size === 0) return;
        operator.delta = delta;
      } catch (error) {
        this.#break(operator);
        // A change meets rows that were never there together: only starting anew tells whether the query fails.
        if (!(error instanceof QueryError)) throw error;
      }
    }
    for (const reader of operator.readers) this.#agenda.add(reader);
  }

  /** What was applied, and what would be next, is as after an error. */
  #giveUp(next: Operator): void {
    this.#applied.forEach((operator) => this.#break(operator));
    this.#break(next);
  }

  #emit(output: CircuitOutput): void {
    const { last } = output;
    const change = last === undefined || last.isBroken || last.delta === undefined
      ? undefined
      : consolidatedOutput(last, last.delta);
    if (change?.size === 0) return;
    if (!output.receiver.receive(change)) return;
    const relation = this.#relations.get(output.receiver.name);
    if (relation === undefined) return;
    // The receiver may have another name by now.
    this.#raise(relation, output.level + 1);
    this.#agenda.add(relation);
  }

  #scheduleRoutes({ name, routes }: Relation, epoch: Epoch): void {
    for (const [ordinal, byValue] of routes) {
      const values = epoch.valuesOf(name, ordinal);
      if (values.size <= byValue.size) {
        for (const value of values) byValue.get(value)?.forEach((reader) => this.#agenda.add(reader));
      } else {
        for (const [value, readers] of byValue) {
          if (values.has(value)) readers.forEach((reader) => this.#agenda.add(reader));
        }
      }
    }
  }

  #place(node: CircuitNode): Operator {
    const inputs = node.inputs.map((input) => {
      const operator = this.#operators.get(input);
      if (operator === undefined) {
        throw new InvariantError("invariant", `${node.name} stands before its input`);
      }
      return operator;
    });
    const operator = new Operator(this.#nextId(), node, inputs);
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
  #start(last: Operator, fresh: readonly Operator[], epoch: Epoch, started: () => void): Delta {
    const rows = new Map<Operator, Delta>();
    const rowsOf = (operator: Operator): Delta => {
      let all = rows.get(operator);
      if (all === undefined) {
        all = operator.node.output(() => operator.inputs.map(rowsOf), epoch);
        rows.set(operator, all);
      }
      return all;
    };
    for (const operator of fresh) {
      rows.set(operator, operator.node.apply(operator.inputs.map(rowsOf), epoch));
      started();
    }
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
    this.#restarting.delete(operator);
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

function consolidatedOutput({ types }: Operator, delta: Delta): Delta {
  return consolidated(delta, types);
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

function goOn(): boolean {
  return false;
}

/**
 * Faults in operators: makes an operator of any circuit throw, at the n-th time that one of its kind is asked.
 *
 * The kinds are the classes of the code, `ClassName name`. Their methods are wrapped where they stand, so that
 * operators inside others (the pairs of an outer join, the step of a recursion) are reached too.
 *
 * @module
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Circuit } from "../../../src/circuit/circuit.ts";
import type { CircuitNode } from "../../../src/circuit/circuit_node.ts";
import { GivenNode } from "../../../src/circuit/step_circuit.ts";

/** When an operator throws what. */
export interface Fault {
  /** The kind of the operator; undefined for any. */
  readonly kind: string | undefined;
  /** How often operators of that kind are asked before. */
  readonly at: number;
  readonly error: Error;
  /** Throws from then on, as long as it is armed, instead of once. */
  readonly isLasting: boolean;
  /** Throws when the operator has done its work. */
  readonly isLate: boolean;
}

const METHODS = ["apply", "output"] as const;
/** What operators are asked: the change of an epoch, or all rows for a later reader. */
export type Method = typeof METHODS[number];
/** The count of all kinds together. */
const ANY = "any";

/** See the module header. */
export class OperatorFaults {
  /** Names of the classes that have been wrapped. */
  readonly classes = new Set<string>();
  readonly #restore: (() => void)[] = [];
  readonly #wrapped = new Set<object>();
  readonly #counts = new Map<string, number>();
  #armed: { readonly fault: Fault; readonly method: Method } | undefined;
  #firedCount = 0;

  /** Wraps the operators of all queries that a circuit takes from now on. */
  constructor() {
    const { prototype } = Circuit;
    const { add } = prototype;
    const wrap = (node: CircuitNode): void => this.#wrapClass(node);
    prototype.add = function (...given) {
      const made = add.apply(this, given);
      for (const { node } of made.output.operators) wrap(node);
      return made;
    };
    this.#restore.push(() => prototype.add = add);
    wrap(new GivenNode([]));
  }

  /** Leaves the classes as they were. */
  close(): void {
    for (const restore of this.#restore) restore();
  }

  /** Counts anew, and throws as `fault` says. */
  arm(fault: Fault, method: Method = "apply"): void {
    this.count();
    this.#armed = { fault, method };
  }

  /** Ends the fault; gives how often it has struck. */
  disarm(): number {
    this.#armed = undefined;
    return this.#firedCount;
  }

  /** Counts anew. */
  count(): void {
    this.#counts.clear();
    this.#firedCount = 0;
  }

  /** How often operators of a kind, or of any, have been asked since `count`. */
  countOf(kind: string | undefined, method: Method = "apply"): number {
    return this.#counts.get(`${kind ?? ANY} ${method}`) ?? 0;
  }

  #wrapClass(node: CircuitNode): void {
    this.classes.add(node.constructor.name);
    for (const method of METHODS) {
      const prototype = ownerOf(node, method);
      if (method in prototype && this.#wrapped.has(prototype[method])) continue;
      const asked = prototype[method];
      // Both methods take what they are given and give a change: the wrapper hands on what it gets.
      const ask = asked as (...given: unknown[]) => ReturnType<CircuitNode["apply"]>;
      const strike = (asked: CircuitNode): boolean => this.#strikes(asked, method);
      const fault = (): Fault => this.#armed!.fault;
      const wrapper = function (this: CircuitNode, ...given: unknown[]) {
        const strikes = strike(this);
        if (strikes && !fault().isLate) throw fault().error;
        const delta = ask.apply(this, given);
        if (strikes) throw fault().error;
        return delta;
      };
      this.#wrapped.add(wrapper);
      prototype[method] = wrapper;
      this.#restore.push(() => Object.assign(prototype, { [method]: asked }));
    }
  }

  #strikes(node: CircuitNode, method: Method): boolean {
    const kind = kindOf(node);
    const armed = this.#armed;
    let strikes = false;
    for (const counted of [kind, ANY]) {
      const key = `${counted} ${method}`;
      const count = this.#counts.get(key) ?? 0;
      this.#counts.set(key, count + 1);
      if (armed === undefined || armed.method !== method || (armed.fault.kind ?? ANY) !== counted) continue;
      strikes = armed.fault.isLasting ? count >= armed.fault.at : count === armed.fault.at;
    }
    if (strikes) this.#firedCount++;
    return strikes;
  }
}

/** The kind of an operator. */
export function kindOf(node: CircuitNode): string {
  return `${node.constructor.name} ${node.name}`;
}

/** Names of all classes of operators, from the code. */
export function operatorClasses(): string[] {
  const folder = join(import.meta.dirname!, "../../../src/circuit");
  const files = readdirSync(folder, { recursive: true }).map(String).filter((name) => name.endsWith(".ts"));
  const found: string[] = [];
  for (const file of files) {
    const text = readFileSync(join(folder, file), "utf8");
    const classes = text.matchAll(/^(?:export )?class (\w+) (?:extends (\w+)|implements (\w+))/gm);
    for (const [, name, parent, contract] of classes) {
      if (contract === "CircuitNode" || parent?.endsWith("Node") === true) found.push(name!);
    }
  }
  return found.sort();
}

/** The prototype that has a method of a node. */
function ownerOf(node: CircuitNode, method: Method): Record<Method, CircuitNode[Method]> {
  let prototype: object = Object.getPrototypeOf(node);
  while (!Object.hasOwn(prototype, method)) prototype = Object.getPrototypeOf(prototype);
  // It has the method; the methods of a class can be assigned.
  return prototype as Record<Method, CircuitNode[Method]>;
}

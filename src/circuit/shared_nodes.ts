/**
 * The nodes of a circuit by what they compute, so that equal sub-plans become one operator.
 *
 * A sub-plan is told by its canonical key ({@linkcode identifyPlan}), in which columns are numbered; a node that is
 * found gets the column ids of the plan that asks.
 *
 * @module
 */
import type { Plan, PlanColumn } from "../query/plan.ts";
import type { PlanIdentity } from "../query/plan_key.ts";
import { planNodes } from "../query/plan_walk.ts";
import type { CircuitNode } from "./circuit_node.ts";
import { RenameNode } from "./nodes/linear.ts";

interface SharedNode {
  readonly node: CircuitNode;
  /** The number that the plan's key gives to each of the node's columns. */
  readonly numbers: readonly number[];
}

/** See the module header. */
export class SharedNodes {
  readonly #byKey = new Map<string, SharedNode>();
  readonly #keys = new Map<CircuitNode, string[]>();

  /** The node for an equal plan, under the column ids of this one. */
  find({ key, columns }: PlanIdentity): CircuitNode | undefined {
    const shared = this.#byKey.get(key);
    if (shared === undefined) return undefined;
    const { node, numbers } = shared;
    const renamed = numbers.map((number): PlanColumn => columns[number]!);
    const same = renamed.every(({ id }, i) => id === node.columns[i]!.id);
    return same ? node : new RenameNode(node, renamed, renamed.map((_, i) => i));
  }

  add({ key, columns }: PlanIdentity, node: CircuitNode): void {
    const numbers = node.columns.map(({ id }) => columns.findIndex((column) => column.id === id));
    if (numbers.includes(-1)) return;
    this.#byKey.set(key, { node, numbers });
    const keys = this.#keys.get(node);
    if (keys === undefined) this.#keys.set(node, [key]);
    else keys.push(key);
  }

  remove(node: CircuitNode): void {
    for (const key of this.#keys.get(node) ?? []) {
      if (this.#byKey.get(key)?.node === node) this.#byKey.delete(key);
    }
    this.#keys.delete(node);
  }
}

/** Whether a plan's node is worth sharing, and means the same in every query. */
export function isShareable(plan: Plan): boolean {
  switch (plan.kind) {
    // Joins look for tables, and filters over tables, by their own indexes.
    case "scan":
    case "values":
    case "cteScan":
    case "with":
      return false;
    case "filter":
      if (plan.input.kind === "scan") return false;
  }
  const defined = new Set<number>();
  const read = new Set<number>();
  for (const node of planNodes(plan)) {
    if (node.kind === "cteScan") read.add(node.cte);
    if (node.kind === "fixpoint") defined.add(node.cte);
    if (node.kind === "with") node.tables.forEach(({ cte }) => defined.add(cte));
  }
  return [...read].every((cte) => defined.has(cte));
}

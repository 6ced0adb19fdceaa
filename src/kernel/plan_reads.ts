/**
 * What a plan reads and leaves behind: its tables, whether the same answer comes again, and what writes.
 *
 * @module
 */
import { AccessError } from "../base/error.ts";
import type { Query, Statement } from "../query/ast.ts";
import { anyPartOfPlan } from "../query/bind_traversal.ts";
import type { Plan } from "../query/plan.ts";
import { planNodes, tablesRead } from "../query/plan_walk.ts";
import { tableFunctions } from "./extension_points.ts";
import { dependsOnMoment, type Kernel } from "./kernel.ts";
import type { PreparedQuery } from "./prepare.ts";

/** Functions that leave something behind. */
const SEQUENCE_WRITERS: ReadonlySet<string> = new Set(["nextval", "setval"]);

/** What is known of a plan. */
export interface PlanReads {
  readonly tables: readonly string[];
  readonly isRepeatable: boolean;
  /** A function that it calls and that leaves something behind. */
  readonly writer: string | undefined;
}

const knownReads = new WeakMap<PreparedQuery, PlanReads>();

/** @throws {AccessError} `access-denied` unless the statement only reads, whatever carries it out */
export function requireReadOnly(statement: Statement): void {
  if (!readsOnly(statement)) throw writesInReadOnly(statement.kind);
}

/** @throws {AccessError} `access-denied` when the query calls a function that leaves something behind */
export function requireReadOnlyPlan(kernel: Kernel, prepared: PreparedQuery): void {
  const { writer } = planReads(kernel, prepared);
  if (writer !== undefined) throw writesInReadOnly(`${writer}()`);
}

function writesInReadOnly(what: string): AccessError {
  return new AccessError("access-denied", `Only statements that read are allowed here: received ${what}`, {
    details: { statement: what },
    hint: "send it where writing is allowed",
  });
}

/** Apart from functions that it calls. Statements of plugins, transactions and settings are no reading. */
export function readsOnly(statement: Statement): boolean {
  switch (statement.kind) {
    case "query":
      return !changesData(statement);
    case "explain":
      return readsOnly(statement.statement);
    case "show":
    case "describe":
      return true;
    default:
      return false;
  }
}

/** Found once a plan. */
export function planReads(kernel: Kernel, prepared: PreparedQuery): PlanReads {
  let reads = knownReads.get(prepared);
  if (reads === undefined) knownReads.set(prepared, reads = readsOfPlan(kernel, prepared.query.plan));
  return reads;
}

function readsOfPlan(kernel: Kernel, plan: Plan): PlanReads {
  const tables = [...tablesRead(plan)];
  let writer: string | undefined;
  const moves = anyPartOfPlan(plan, (part) => {
    if (part.kind === "call" && SEQUENCE_WRITERS.has(part.name)) writer = part.name;
    return dependsOnMoment(part, kernel.functions);
  });
  const foreign = new Set(kernel.hooks.values(tableFunctions).map((definition) => definition.name));
  const isRepeatable = !moves &&
    tables.every((table) => kernel.store.table(table) !== undefined) &&
    nodesOf(plan).every((node) =>
      node.kind !== "sample" &&
      (node.kind !== "tableFunction" || !node.calls.some((call) => foreign.has(call.function)))
    );
  return { tables, isRepeatable, writer };
}

/** Every node, those of subqueries too. */
function nodesOf(plan: Plan): readonly Plan[] {
  const nodes: Plan[] = [];
  const visit = (root: Plan): void => {
    nodes.push(...planNodes(root));
    anyPartOfPlan(root, (part) => {
      if (part.kind === "subquery") nodes.push(...planNodes(part.plan));
      return false;
    });
  };
  visit(plan);
  return nodes;
}

/** True for a query whose WITH changes data. */
export function changesData(query: Query): boolean {
  return query.with?.tables.some((table) => table.statement.kind !== "query") ?? false;
}

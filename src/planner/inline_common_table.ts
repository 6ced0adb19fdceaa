/**
 * Rule "inline common tables": puts a common table's plan where it is read, when it is read once or cheap.
 *
 * A table read once gains nothing from being kept, and inlined its filters and columns can be pushed down.
 * A table that only filters and projects stored rows is inlined everywhere under fresh ids. Tables that
 * nobody reads are dropped. Recursive tables stay, and so does what a recursive step reads: it would be
 * computed in every round.
 *
 * @module
 */
import type { CteScanPlan, FixpointPlan, Plan, Scalar, WithPlan } from "../query/plan.ts";
import { children, planScalars, scalarChildren } from "../query/plan_walk.ts";
import { copyPlan } from "../query/plan_copy.ts";
import { isVolatile, type PlannerFunctions, type Rule, type RuleContext } from "./environment.ts";
import { rewritePlan } from "./rewrite.ts";
import { reference } from "./scalar.ts";

export const inlineCommonTables: Rule = {
  name: "inline common tables",
  apply: (plan, context) =>
    rewritePlan(plan, (node) => node.kind === "with" ? inlineTables(node, context) : node),
};

/** How often a table is read, and whether a recursive step reads it. */
interface Reads {
  count: number;
  inStep: boolean;
}

function inlineTables(plan: WithPlan, context: RuleContext): Plan {
  let tables = plan.tables;
  let input = plan.input;
  // From the last table to the first: a dropped or inlined table takes its reads of earlier ones with it.
  for (let i = tables.length - 1; i >= 0; i--) {
    const table = tables[i]!;
    const rest: Plan = { kind: "with", tables: tables.slice(i + 1), input };
    const reads = countReads(rest, table.cte);
    if (reads.count > 0 && !isInlined(table.plan, reads, context)) continue;
    let copies = 0;
    const replace = (node: Plan): Plan => {
      if (node.kind !== "cteScan" || node.cte !== table.cte) return node;
      return inlined(node, copies++ === 0 ? table.plan : undefined, table.plan, context);
    };
    const replaced = rewritePlan(rest, replace);
    if (replaced.kind !== "with") continue;
    tables = [...tables.slice(0, i), ...replaced.tables];
    input = replaced.input;
  }
  return tables.length === 0 ? input : { ...plan, tables, input };
}

function isInlined(plan: Plan, reads: Reads, context: RuleContext): boolean {
  if (plan.kind === "fixpoint" || reads.inStep) return false;
  return reads.count <= 1 || isCheap(plan, context.environment.functions);
}

/** Whether computing `plan` twice costs no more than keeping its rows. */
function isCheap(plan: Plan, functions: PlannerFunctions): boolean {
  switch (plan.kind) {
    case "scan":
    case "cteScan":
      return true;
    case "values":
      return plan.rows.length <= 1 && !plan.rows.flat().some((scalar) => isVolatile(scalar, functions));
    case "filter":
    case "project":
      return isCheap(plan.input, functions) &&
        !planScalars(plan).some((scalar) => isCostly(scalar, functions));
    default:
      return false;
  }
}

function isCostly(scalar: Scalar, functions: PlannerFunctions): boolean {
  return scalar.kind === "subquery" || isVolatile(scalar, functions) ||
    scalarChildren(scalar).some((child) => isCostly(child, functions));
}

/** What stands in for `scan`: the table's plan under the ids of the scan. */
function inlined(scan: CteScanPlan, original: Plan | undefined, plan: Plan, context: RuleContext): Plan {
  const copy = original === undefined ? copyPlan(plan, context.newId) : undefined;
  const items = scan.columns.map(({ source, ...column }) => ({
    ...column,
    expression: reference({ ...column, id: copy?.ids.get(source) ?? source }),
  }));
  return { kind: "project", input: copy?.plan ?? plan, items };
}

function countReads(plan: Plan, cte: number): Reads {
  const reads: Reads = { count: 0, inStep: false };
  const visitScalar = (scalar: Scalar, inStep: boolean): void => {
    if (scalar.kind === "subquery") visit(scalar.plan, inStep);
    for (const child of scalarChildren(scalar)) visitScalar(child, inStep);
  };
  const visit = (node: Plan, inStep: boolean): void => {
    if (node.kind === "cteScan" && node.cte === cte) {
      reads.count++;
      reads.inStep ||= inStep;
    }
    for (const child of children(node)) visit(child, inStep || isStep(node, child));
    for (const scalar of planScalars(node)) visitScalar(scalar, inStep);
  };
  visit(plan, false);
  return reads;
}

function isStep(node: Plan, child: Plan): node is FixpointPlan {
  return node.kind === "fixpoint" && child === node.step;
}

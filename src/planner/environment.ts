/**
 * What the planner needs besides the plan, and the fresh ids that rewrites draw.
 *
 * @module
 */
import type { Catalog, Statistics } from "../query/catalog.ts";
import type { AggregateDefinition, ScalarFunction } from "../query/function.ts";
import type { ResolvedScalar } from "../query/function_registry.ts";
import type { ColumnId, Plan, PlanColumn, Scalar } from "../query/plan.ts";
import { children, planColumns, planScalars, scalarChildren } from "../query/plan_walk.ts";
import type { SqlType } from "../storage/sql_type.ts";

/** The part of the function registry that planning uses. */
export interface PlannerFunctions {
  scalar(name: string): ScalarFunction | undefined;
  aggregate(name: string): AggregateDefinition | undefined;
  resolveScalar(name: string, argumentTypes: readonly SqlType[]): ResolvedScalar;
}

/** What a plan is optimized against. */
export interface PlannerEnvironment {
  readonly statistics: Statistics;
  readonly catalog: Catalog;
  readonly functions: PlannerFunctions;
  /** A column id that is not in use; the planner skips ids that the plan has. */
  nextColumnId(): ColumnId;
  /** The columns that the reader of the plan wants; all when absent. */
  readonly required?: readonly ColumnId[];
  /** Checks the plan after every rule: for tests and debugging. */
  readonly validate?: boolean;
  /** IANA zone for folding time-zone dependent calls; without it they stay. */
  readonly timeZone?: string;
}

/** The environment of one rule: fresh ids on top. */
export interface RuleContext {
  readonly environment: PlannerEnvironment;
  /** A fresh number, for a column or a common table. */
  newId(): number;
  newColumn(name: string, type: SqlType, nullable: boolean): PlanColumn;
}

/** A rule of the pipeline: from a plan to one that produces the same rows in the columns asked for. */
export interface Rule {
  readonly name: string;
  readonly apply: (plan: Plan, context: RuleContext) => Plan;
}

/** The context for rewriting `plan`. */
export function ruleContext(plan: Plan, environment: PlannerEnvironment): RuleContext {
  let last = largestId(plan);
  const newId = (): number => {
    last = Math.max(last + 1, environment.nextColumnId());
    return last;
  };
  return {
    environment,
    newId,
    newColumn: (name, type, nullable) => ({ id: newId(), name, type, nullable }),
  };
}

/** The largest column id or common table number in `plan`, subqueries included. */
function largestId(plan: Plan): number {
  let largest = 0;
  const visitScalar = (scalar: Scalar): void => {
    if (scalar.kind === "subquery") visit(scalar.plan);
    for (const child of scalarChildren(scalar)) visitScalar(child);
  };
  const visit = (node: Plan): void => {
    for (const column of planColumns(node)) largest = Math.max(largest, column.id);
    if (node.kind === "with") { for (const table of node.tables) largest = Math.max(largest, table.cte); }
    for (const child of children(node)) visit(child);
    for (const scalar of planScalars(node)) visitScalar(scalar);
  };
  visit(plan);
  return largest;
}

/** How often the value of `scalar` may differ for the same row. */
export function isVolatile(scalar: Scalar, functions: PlannerFunctions): boolean {
  if (scalar.kind === "call" && functions.scalar(scalar.name)?.volatility === "volatile") return true;
  return scalarChildren(scalar).some((child) => isVolatile(child, functions));
}

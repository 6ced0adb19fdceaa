/**
 * Rule "remove renames": no column that is just another column under a new id, no projection that only passes
 * columns on.
 *
 * Readers of the new id read the old one instead. Without such projections between them, joins form larger
 * regions and conditions meet their tables. The columns of the whole plan keep their ids: a projection on top
 * restores them where needed. O(size of the plan).
 *
 * @module
 */
import type { ColumnId, Plan, PlanColumn, ProjectItem, ProjectPlan, Scalar } from "../query/plan.ts";
import { columnIds, mapNode, planColumns, scalarChildren, substituteColumns } from "../query/plan_walk.ts";
import { isVolatile, type PlannerFunctions, type Rule, type RuleContext } from "./environment.ts";
import { reference } from "./scalar.ts";

export const removeRenames: Rule = {
  name: "remove renames",
  apply: (plan, context) => {
    const wanted = planColumns(plan);
    const remover = new RenameRemover(context);
    return restoreColumns(remover.visit(plan), wanted, remover.replacements);
  },
};

class RenameRemover {
  /** What stands for a column that is gone. */
  readonly replacements = new Map<ColumnId, Scalar>();
  readonly #functions: PlannerFunctions;

  constructor(context: RuleContext) {
    this.#functions = context.environment.functions;
  }

  visit(plan: Plan): Plan {
    const node = mapNode(
      plan,
      (child) => this.visit(child),
      (scalar) => substituteColumns(scalar, this.replacements),
    );
    switch (node.kind) {
      case "project":
        return this.#project(node);
      case "setOperation":
        return {
          ...node,
          leftColumns: node.leftColumns.map((id) => this.#idOf(id)),
          rightColumns: node.rightColumns.map((id) => this.#idOf(id)),
        };
      case "fixpoint":
        return {
          ...node,
          baseColumns: node.baseColumns.map((id) => this.#idOf(id)),
          stepColumns: node.stepColumns.map((id) => this.#idOf(id)),
        };
      case "aggregate":
        // A group that passes a column on produces that id anew for the readers above.
        for (const group of node.groups) this.replacements.delete(group.id);
        for (const call of node.aggregates) this.replacements.delete(call.id);
        return node;
      case "cteScan":
        return {
          ...node,
          columns: node.columns.map((each) => ({ ...each, source: this.#idOf(each.source) })),
        };
      default:
        return node;
    }
  }

  #idOf(id: ColumnId): ColumnId {
    const replacement = this.replacements.get(id);
    return replacement?.kind === "column" ? replacement.id : id;
  }

  #project(node: ProjectPlan): Plan {
    const merged = this.#merge(node);
    const computed = merged.items.filter((item) => {
      if (item.expression.kind !== "column") return true;
      if (item.expression.id !== item.id) this.replacements.set(item.id, item.expression);
      return false;
    });
    if (computed.length === 0) return merged.input;
    const passed = planColumns(merged.input).map((column) => ({ ...column, expression: reference(column) }));
    return { kind: "project", input: merged.input, items: [...passed, ...computed] };
  }

  /** Two projections in a row as one, where that computes nothing twice. */
  #merge(node: ProjectPlan): ProjectPlan {
    const inner = node.input;
    if (inner.kind !== "project") return node;
    const uses = new Map<ColumnId, number>();
    for (const item of node.items) countUses(item.expression, uses);
    const expressions = new Map<ColumnId, Scalar>();
    for (const item of inner.items) {
      if (isPassed(item)) continue;
      const cheap = item.expression.kind === "literal" || (uses.get(item.id) ?? 0) <= 1;
      if (!cheap || isVolatile(item.expression, this.#functions)) return node;
      expressions.set(item.id, item.expression);
    }
    const items = node.items.map((item) => ({
      ...item,
      expression: substituteColumns(item.expression, expressions),
    }));
    return { kind: "project", input: inner.input, items };
  }
}

function isPassed(item: ProjectItem): boolean {
  return item.expression.kind === "column" && item.expression.id === item.id;
}

function countUses(scalar: Scalar, uses: Map<ColumnId, number>): void {
  if (scalar.kind === "column") uses.set(scalar.id, (uses.get(scalar.id) ?? 0) + 1);
  for (const child of scalarChildren(scalar)) countUses(child, uses);
}

/** `plan` with a projection on top where it lacks one of `wanted`. */
function restoreColumns(
  plan: Plan,
  wanted: readonly PlanColumn[],
  replacements: ReadonlyMap<ColumnId, Scalar>,
): Plan {
  const present = columnIds(plan);
  if (wanted.every((column) => present.has(column.id))) return plan;
  const items = wanted.map((column) => ({
    ...column,
    expression: replacements.get(column.id) ?? reference(column),
  }));
  return { kind: "project", input: plan, items };
}

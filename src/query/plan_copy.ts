/**
 * Copies of plans under fresh ids, so that one plan may stand twice in a tree.
 *
 * @module
 */
import type { ColumnId, Plan, PlanColumn, Scalar } from "./plan.ts";
import { mapNode, mapScalar, producedColumns } from "./plan_walk.ts";
import { unreachable } from "../base/assert.ts";

/** A copy and the new id of every column in it. */
export interface PlanCopy {
  readonly plan: Plan;
  readonly ids: ReadonlyMap<ColumnId, ColumnId>;
}

/**
 * Copies `plan` with every id that it produces replaced by one of `nextId`. Numbers of common tables that
 * it defines are drawn from `nextId` too; `nextId` must not return a number that is in use as either.
 * References to columns and common tables from outside stay.
 */
export function copyPlan(plan: Plan, nextId: () => ColumnId): PlanCopy {
  const ids = new Map<ColumnId, ColumnId>();
  for (const id of producedColumns(plan)) ids.set(id, nextId());
  return { plan: renumberPlan(plan, ids, new Map(), nextId), ids };
}

function renumberPlan(
  plan: Plan,
  ids: Map<ColumnId, ColumnId>,
  tables: Map<number, number>,
  nextId: () => ColumnId,
): Plan {
  if (plan.kind === "with") { for (const table of plan.tables) tables.set(table.cte, nextId()); }
  if (plan.kind === "fixpoint" && !tables.has(plan.cte)) tables.set(plan.cte, nextId());
  const idOf = (id: ColumnId): ColumnId => ids.get(id) ?? id;
  const column = <Column extends PlanColumn>(each: Column): Column => ({ ...each, id: idOf(each.id) });
  const scalar = (each: Scalar): Scalar =>
    mapScalar(each, (node) => {
      if (node.kind === "column") return ids.has(node.id) ? { ...node, id: idOf(node.id) } : node;
      if (node.kind !== "subquery") return node;
      for (const id of producedColumns(node.plan)) if (!ids.has(id)) ids.set(id, nextId());
      return { ...node, plan: renumberPlan(node.plan, ids, tables, nextId) };
    });
  const node = mapNode(plan, (child) => renumberPlan(child, ids, tables, nextId), scalar);
  switch (node.kind) {
    case "scan":
      return {
        ...node,
        columns: node.columns.map(column),
        ...(node.rowId === undefined ? {} : { rowId: column(node.rowId) }),
      };
    case "values":
      return { ...node, columns: node.columns.map(column) };
    case "project":
      return { ...node, items: node.items.map(column) };
    case "join":
      return node.mark === undefined ? node : { ...node, mark: column(node.mark) };
    case "aggregate":
      return {
        ...node,
        groups: node.groups.map(column),
        aggregates: node.aggregates.map(column),
        ...(node.grouping === undefined ? {} : { grouping: node.grouping.map(column) }),
      };
    case "window":
      return { ...node, calls: node.calls.map(column) };
    case "setOperation":
      return {
        ...node,
        leftColumns: node.leftColumns.map(idOf),
        rightColumns: node.rightColumns.map(idOf),
        columns: node.columns.map(column),
      };
    case "tableFunction":
      return { ...node, columns: node.columns.map(column) };
    case "with":
      return {
        ...node,
        tables: node.tables.map((table) => ({ ...table, cte: tables.get(table.cte) ?? table.cte })),
      };
    case "cteScan":
      return {
        ...node,
        cte: tables.get(node.cte) ?? node.cte,
        columns: node.columns.map((each) => ({ ...column(each), source: idOf(each.source) })),
      };
    case "fixpoint":
      return {
        ...node,
        cte: tables.get(node.cte) ?? node.cte,
        baseColumns: node.baseColumns.map(idOf),
        stepColumns: node.stepColumns.map(idOf),
        columns: node.columns.map(column),
      };
    case "filter":
    case "distinct":
    case "sort":
    case "limit":
    case "sample":
      return node;
    default:
      return unreachable(node);
  }
}

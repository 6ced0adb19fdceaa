/**
 * Deciding the type of output columns that were left open: untyped literals under a set operation.
 *
 * `SELECT '2024-01-01' UNION ALL SELECT order_date` makes the literal a DATE. The literal sits in a projection
 * or in VALUES below, so it is converted there, and all references to the column on the way get the new type.
 *
 * @module
 */
import { sameType, type SqlType } from "../storage/sql_type.ts";
import { coerce } from "./bind_cast.ts";
import type { BindContext, BoundRelation } from "./bind_context.ts";
import { canBeNull } from "./bind_nullability.ts";
import { columnScalar } from "./bind_scope.ts";
import { replaceInScalar } from "./bind_traversal.ts";
import type { ColumnId, Plan, PlanColumn } from "./plan.ts";
import { mapNode } from "./plan_walk.ts";

/** The relation with its columns as `types`: open ones decided where they are made, others cast on top. */
export function castRelation(
  relation: BoundRelation,
  types: readonly SqlType[],
  context: BindContext,
): BoundRelation {
  let { plan } = relation;
  const columns = relation.columns.map((column, i): PlanColumn => {
    const type = types[i]!;
    if (column.type.kind !== "null" || type.kind === "null") return column;
    plan = decide(plan, column.id, type, context);
    return { ...column, type };
  });
  if (columns.every((column, i) => sameType(column.type, types[i]!))) return { plan, columns };
  // A projection at the top is cast in place, so that its literals are converted.
  const made = plan.kind === "project"
    ? new Map(plan.items.map((item) => [item.id, item.expression]))
    : undefined;
  const items = columns.map((column, i) => {
    const source = made?.get(column.id) ?? columnScalar(column);
    const expression = coerce(source, types[i]!, context);
    if (expression === source) return { ...column, expression };
    return { ...context.newColumn(column.name, types[i]!, canBeNull(expression, context)), expression };
  });
  const cast = items.map(({ expression: _, ...column }) => column);
  return {
    plan: { kind: "project", input: plan.kind === "project" ? plan.input : plan, items },
    columns: cast,
  };
}

/** `plan` with the open column `id` of type `type`. */
function decide(plan: Plan, id: ColumnId, type: SqlType, context: BindContext): Plan {
  switch (plan.kind) {
    case "project":
      return decideInProject(plan, id, type, context);
    case "values": {
      const index = plan.columns.findIndex((column) => column.id === id);
      if (index < 0) return plan;
      return {
        ...plan,
        columns: plan.columns.map((column) => column.id === id ? { ...column, type } : column),
        rows: plan.rows.map((row) =>
          row.map((scalar, i) => i === index ? coerce(scalar, type, context) : scalar)
        ),
      };
    }
    case "setOperation": {
      const index = plan.columns.findIndex((column) => column.id === id);
      if (index < 0) return plan;
      return {
        ...plan,
        left: decide(plan.left, plan.leftColumns[index]!, type, context),
        right: decide(plan.right, plan.rightColumns[index]!, type, context),
        columns: plan.columns.map((column) => column.id === id ? { ...column, type } : column),
      };
    }
    case "filter":
    case "sort":
    case "limit":
    case "distinct":
    case "with":
      return mapNode(
        plan,
        (child) => decide(child, id, type, context),
        (scalar) =>
          replaceInScalar(
            scalar,
            (part) => part.kind === "column" && part.id === id ? { ...part, type } : undefined,
          ),
      );
    default:
      return plan;
  }
}

function decideInProject(
  plan: Plan & { readonly kind: "project" },
  id: ColumnId,
  type: SqlType,
  context: BindContext,
): Plan {
  let { input } = plan;
  const items = plan.items.map((item) => {
    if (item.id !== id) return item;
    const { expression } = item;
    if (expression.kind !== "column" || expression.type.kind !== "null") {
      return { ...item, type, expression: coerce(expression, type, context) };
    }
    input = decide(input, expression.id, type, context);
    return { ...item, type, expression: { ...expression, type } };
  });
  return { ...plan, input, items };
}

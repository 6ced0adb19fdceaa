/**
 * PIVOT: one filtered aggregate per value, grouped by all columns that it does not name.
 *
 * `PIVOT (sum(x) FOR quarter IN ('Q1', 'Q2'))` becomes
 * `SELECT rest, sum(x) FILTER (WHERE quarter = 'Q1') AS "Q1", ... GROUP BY rest`.
 *
 * @module
 */
import type { Expression, FunctionCall, PivotedTable, SelectItem } from "./ast.ts";
import { textUnlessTyped } from "./bind_cast.ts";
import { QueryCollector } from "./bind_collector.ts";
import { type BoundTable, type QueryPlace, unsupported } from "./bind_context.ts";
import { canBeNull } from "./bind_nullability.ts";
import { columnScalar, type ExpressionSite, resolveColumn, Scope, type ScopeColumn } from "./bind_scope.ts";
import type { ColumnId, Plan, ProjectItem } from "./plan.ts";
import { freeColumns } from "./plan_walk.ts";

/** Binds a PIVOT; its alias is the caller's business. */
export function bindPivot(node: PivotedTable, place: QueryPlace, lateral: Scope): BoundTable {
  const { context, ctes } = place;
  const { plan: input, visible } = context.binder.table(node.table, place, lateral);
  const collector = new QueryCollector(context);
  const site: ExpressionSite = {
    context,
    ctes,
    scope: new Scope(visible, place.outer),
    clause: "PIVOT",
    collector,
    allows: { aggregates: true, windows: false, sets: false },
  };
  const pivot = resolveColumn({ kind: "column", name: node.column }, site);
  const cells = node.values.flatMap((value) =>
    node.aggregates.map((aggregate): ProjectItem => {
      const expression = textUnlessTyped(
        context.binder.expression(filtered(node, aggregate, value), site),
        context,
      );
      const column = context.newColumn(
        cellName(node, aggregate, value),
        expression.type,
        canBeNull(expression, context),
      );
      return { ...column, expression };
    })
  );
  const used = new Set<ColumnId>(freeColumns(pivot));
  for (const call of collector.aggregates) {
    for (const argument of call.arguments) for (const id of freeColumns(argument)) used.add(id);
  }
  const rest = visible.columns.filter((one) => !used.has(one.column.id));
  const groups = rest.map(({ column }) => ({ ...column, expression: columnScalar(column) }));
  const aggregate: Plan = { kind: "aggregate", input, groups, aggregates: collector.aggregates };
  const plan: Plan = { kind: "project", input: aggregate, items: [...groups, ...cells] };
  const columns: ScopeColumn[] = [
    ...rest,
    ...cells.map(({ expression: _, ...column }) => ({ name: column.name, column })),
  ];
  return { plan, visible: { relations: [{ name: undefined, columns }], columns } };
}

/** The aggregate over the rows of one value. */
function filtered(node: PivotedTable, aggregate: SelectItem, value: SelectItem): Expression {
  const call = aggregate.expression;
  if (call.kind !== "call" || call.over !== undefined) {
    throw unsupported("An expression in PIVOT that is no aggregate", call.span, "name the aggregate alone");
  }
  const condition: Expression = {
    kind: "binary",
    operator: "=",
    left: { kind: "column", name: node.column },
    right: value.expression,
  };
  const filter: Expression = call.filter === undefined
    ? condition
    : { kind: "and", arguments: [condition, call.filter] };
  return { ...call, filter } satisfies FunctionCall;
}

function cellName(node: PivotedTable, aggregate: SelectItem, value: SelectItem): string {
  const name = value.alias?.name ?? valueText(value.expression);
  if (aggregate.alias !== undefined) return `${name}_${aggregate.alias.name}`;
  if (node.aggregates.length === 1) return name;
  const call = aggregate.expression;
  return `${name}_${call.kind === "call" ? call.name.at(-1)?.name ?? "" : ""}`;
}

function valueText(expression: Expression): string {
  switch (expression.kind) {
    case "string":
    case "typed":
    case "interval":
      return expression.value;
    case "number":
      return expression.text;
    case "boolean":
      return String(expression.value);
    case "unary":
      return `${expression.operator}${valueText(expression.argument)}`;
    case "cast":
      return valueText(expression.argument);
    case "column":
      return expression.name.at(-1)?.name ?? "";
    default:
      throw unsupported("A value of PIVOT that is no literal", expression.span, "give it an alias");
  }
}

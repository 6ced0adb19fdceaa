/**
 * UNION, INTERSECT, EXCEPT and VALUES: one type per column, NULL-padded by name where BY NAME asks for it.
 *
 * A chain that nests to the left is bound in a loop, so it costs no stack here.
 *
 * @module
 */
import { LimitError, QueryError } from "../base/error.ts";
import type { SqlType } from "../storage/sql_type.ts";
import type { QueryBody, SetOperation, Values } from "./ast.ts";
import { commonColumnType, unify } from "./bind_cast.ts";
import { at, type BindContext, type BoundRelation, type QueryPlace } from "./bind_context.ts";
import { literal } from "./bind_literal.ts";
import { canBeNull } from "./bind_nullability.ts";
import { columnScalar, type ExpressionSite, NOTHING_VISIBLE, SCALARS_ONLY, Scope } from "./bind_scope.ts";
import { castRelation } from "./bind_unknown.ts";
import { typeOrText } from "./coercion.ts";
import type { Plan, PlanColumn, ProjectItem, Scalar } from "./plan.ts";

/** Binds a set operation; `bindBody` binds its operands. */
export function bindSetOperation(
  node: SetOperation,
  place: QueryPlace,
  bindBody: (body: QueryBody, place: QueryPlace) => BoundRelation,
): BoundRelation {
  const { context } = place;
  const chain: SetOperation[] = [];
  let first: QueryBody = node;
  while (first.kind === "setOperation") {
    chain.push(first);
    first = first.left;
  }
  const limit = context.limits.chain;
  if (chain.length > limit) {
    throw new LimitError("depth-limit", `Too many set operations in a row: received ${chain.length}`, {
      details: at(node.span, { limit, actual: chain.length }),
      hint: `the limit is ${limit}; group them in parentheses, or raise statementOperatorsMax`,
    });
  }
  const open = { ...place, keepUnknown: true };
  let result = bindBody(first, open);
  for (const operation of chain.reverse()) {
    const keepUnknown = operation !== node || place.keepUnknown === true;
    const right = bindBody(operation.right, open);
    result = combine(operation, [result, right], { context, keepUnknown });
  }
  return result;
}

function combine(
  node: SetOperation,
  [leftOperand, rightOperand]: readonly [BoundRelation, BoundRelation],
  { context, keepUnknown }: { readonly context: BindContext; readonly keepUnknown: boolean },
): BoundRelation {
  const name = node.operator.toUpperCase();
  const [one, other] = node.byName === true
    ? byName(leftOperand, rightOperand, context)
    : [leftOperand, rightOperand];
  if (one.columns.length !== other.columns.length) {
    throw new QueryError(
      "column-count",
      `Both sides of ${name} must have as many columns: received ${one.columns.length} and ${other.columns.length}`,
      {
        details: at(node.right.span ?? node.span, { left: one.columns.length, right: other.columns.length }),
        hint: "select the same number of columns on both sides",
      },
    );
  }
  const types = one.columns.map((column, i): SqlType => {
    const what = `Column "${column.name}" of ${name}`;
    const type = commonColumnType([column.type, other.columns[i]!.type], what, node.right.span ?? node.span);
    return keepUnknown ? type : typeOrText(type);
  });
  const left = castRelation(one, types, context);
  const right = castRelation(other, types, context);
  const columns = left.columns.map((column, i) => {
    const nullable = column.nullable || (node.operator !== "except" && right.columns[i]!.nullable);
    return context.newColumn(column.name, types[i]!, nullable);
  });
  const plan: Plan = {
    kind: "setOperation",
    operator: node.operator,
    all: node.all,
    left: left.plan,
    right: right.plan,
    leftColumns: left.columns.map((column) => column.id),
    rightColumns: right.columns.map((column) => column.id),
    columns,
  };
  return { plan, columns };
}

/** Both sides with the columns of either, by name; those that a side lacks are NULL there. */
function byName(
  left: BoundRelation,
  right: BoundRelation,
  context: BindContext,
): [BoundRelation, BoundRelation] {
  const names = [...new Set([...left.columns, ...right.columns].map((column) => column.name))];
  return [padded(left, right, names, context), padded(right, left, names, context)];
}

function padded(
  relation: BoundRelation,
  other: BoundRelation,
  names: readonly string[],
  context: BindContext,
): BoundRelation {
  const items = names.map((name): ProjectItem => {
    const own = relation.columns.find((column) => column.name === name);
    if (own !== undefined) return { ...own, expression: columnScalar(own) };
    const { type } = other.columns.find((column) => column.name === name)!;
    return { ...context.newColumn(name, type, true), expression: literal(null, type) };
  });
  const columns = items.map(({ expression: _, ...column }): PlanColumn => column);
  return { plan: { kind: "project", input: relation.plan, items }, columns };
}

/** Binds VALUES; its columns are `column1`, `column2`, ... */
export function bindValues({ rows, span }: Values, place: QueryPlace): BoundRelation {
  const { context, outer, ctes } = place;
  const scope = new Scope(NOTHING_VISIBLE, outer, place.hidden);
  const site: ExpressionSite = { context, scope, ctes, clause: "VALUES", allows: SCALARS_ONLY };
  const width = rows[0]?.length ?? 0;
  const bound = rows.map((row) => {
    if (row.length !== width) {
      throw new QueryError(
        "column-count",
        `Rows of VALUES differ in length: received ${width} and ${row.length}`,
        {
          details: at(row[0]?.span ?? span, { expected: width, actual: row.length }),
          hint: "give every row the same number of values",
        },
      );
    }
    return row.map((expression) => context.binder.expression(expression, site));
  });
  const cells: (readonly Scalar[])[] = [];
  const columns = Array.from({ length: width }, (_, i) => {
    const scalars = bound.map((row) => row[i]!);
    const open = place.keepUnknown === true && scalars.every((one) => one.type.kind === "null");
    const unified = open ? { scalars, type: scalars[0]!.type } : unify(scalars, "VALUES", context);
    cells.push(unified.scalars);
    const nullable = unified.scalars.some((one) => canBeNull(one, context));
    return context.newColumn(`column${i + 1}`, unified.type, nullable);
  });
  const table = bound.map((_, row) => cells.map((column) => column[row]!));
  return { plan: { kind: "values", columns, rows: table }, columns };
}

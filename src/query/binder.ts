/**
 * The binder: from the AST to a typed plan in which every name is an id and every cast is explicit.
 *
 * This is its door; the parts are in bind_*.ts. They call each other through {@linkcode Binder}, so that no
 * module imports another in a ring. Binding is one pass over the AST; its cost is linear in the query, but
 * for name lookups, which scan the columns in scope.
 *
 * ```
 *   bind_statement -> bind_query -> bind_select -> bind_from, bind_select_item, bind_group
 *                                        \-> bind_expression -> bind_call, bind_predicate, bind_subquery
 * ```
 *
 * @module
 */
import type { SqlType } from "../storage/sql_type.ts";
import type { DataStatement, Expression, Query, TypeName } from "./ast.ts";
import { coerceForAssignment, textUnlessTyped } from "./bind_cast.ts";
import { BindContext, type BindEnvironment as Environment, type Binder } from "./bind_context.ts";
import { bindExpression } from "./bind_expression.ts";
import { bindTable } from "./bind_from.ts";
import { bindQueryNode } from "./bind_query.ts";
import { type ExpressionSite, SCALARS_ONLY, Scope } from "./bind_scope.ts";
import { bindStatementNode } from "./bind_statement.ts";
import type { BoundStatement } from "./bound_statement.ts";
import type { BoundQuery, PlanColumn, Scalar } from "./plan.ts";
import { resolveTypeName as resolveWritten } from "./type_name.ts";

/** What a statement is bound against. */
export type BindEnvironment = Environment;

const BINDER: Binder = {
  expression: bindExpression,
  query: bindQueryNode,
  table: bindTable,
  statement: bindStatementNode,
};

/** Binds a query. Throws a QueryError whose `details.span` says where. */
export function bindQuery(query: Query, environment: BindEnvironment): BoundQuery {
  const context = new BindContext(BINDER, environment);
  const { plan, columns } = bindQueryNode(query, { context, outer: undefined, ctes: undefined });
  return { plan, columns, parameters: context.parameterTypes(), parameterNames: context.parameterNames() };
}

/** Binds a query or a statement that changes data. */
export function bindStatement(statement: DataStatement, environment: BindEnvironment): BoundStatement {
  const context = new BindContext(BINDER, environment);
  const bound = bindStatementNode(statement, { context, outer: undefined, ctes: undefined, top: true });
  const parameters = context.parameterTypes();
  const before = context.changes.length === 0 ? {} : { before: context.changes };
  if (bound.kind !== "select") return { ...bound, parameters, ...before };
  return {
    ...bound,
    query: { ...bound.query, parameters, parameterNames: context.parameterNames() },
    ...before,
  };
}

/**
 * Binds an expression over the given columns: a CHECK, a DEFAULT, a generated column, an index predicate.
 * With `target` the result is cast as an assignment to a column of that type.
 */
export function bindScalar(
  expression: Expression,
  columns: readonly PlanColumn[],
  environment: BindEnvironment,
  target?: SqlType,
): Scalar {
  const first = columns.reduce((next, column) => Math.max(next, column.id + 1), 1);
  const context = new BindContext(BINDER, environment, first);
  for (const column of columns) if (column.nullable) context.markNullable(column.id);
  const visible = columns.map((column) => ({ name: column.name, column }));
  const site: ExpressionSite = {
    context,
    scope: new Scope({ relations: [{ name: undefined, columns: visible }], columns: visible }, undefined),
    ctes: undefined,
    clause: "this expression",
    allows: SCALARS_ONLY,
  };
  const scalar = bindExpression(expression, site);
  return target === undefined
    ? textUnlessTyped(scalar, context)
    : coerceForAssignment(scalar, target, "value", context);
}

/** The type that a written type name means. Throws `unknown-type`. */
export function resolveTypeName(written: TypeName): SqlType {
  return resolveWritten(written);
}

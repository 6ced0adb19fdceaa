/**
 * Expressions of definitions: DEFAULT, CHECK, GENERATED and USING. They are computed row by row, so no subquery may
 * stand in them, as in PostgreSQL.
 *
 * @module
 */
import { QueryError } from "../base/error.ts";
import type { Expression } from "../query/ast.ts";
import { bindScalar } from "../query/binder.ts";
import type { PlanColumn, Scalar } from "../query/plan.ts";
import type { SqlType } from "../storage/sql_type.ts";
import type { Kernel } from "./kernel.ts";
import { hasSubquery } from "./row_query.ts";

/**
 * Binds `expression` over a row of `columns`, as a value to store in a column of type `target` when that is given.
 *
 * @throws {QueryError} `unsupported` when a subquery stands in it
 */
export function bindDefinition(
  kernel: Kernel,
  expression: Expression,
  columns: readonly PlanColumn[] = [],
  target?: SqlType,
): Scalar {
  const scalar = bindScalar(expression, columns, kernel.bindEnvironment(), target);
  if (!hasSubquery(scalar)) return scalar;
  throw new QueryError("unsupported", "A definition cannot hold a subquery", {
    details: { span: expression.span },
    hint: "use an expression of the row, and fill the column by UPDATE",
  });
}

/**
 * Subqueries in expressions: scalar, EXISTS, IN, quantified comparisons, ARRAY(...), and rows against a row.
 *
 * @module
 */
import { QueryError } from "../base/error.ts";
import { arrayType, BOOLEAN } from "../storage/sql_type.ts";
import type {
  ArrayQuery,
  Exists,
  Expression,
  InQuery,
  QuantifiedQuery,
  Query,
  ScalarSubquery,
  Span,
} from "./ast.ts";
import { coerce, isUntyped } from "./bind_cast.ts";
import { at, type BoundRelation } from "./bind_context.ts";
import { compareRows, negation } from "./bind_operator.ts";
import { quantifiedOperator } from "./bind_predicate.ts";
import { columnScalar, type ExpressionSite } from "./bind_scope.ts";
import type { Plan, Scalar, SubqueryScalar } from "./plan.ts";

function bindQuery(query: Query, site: ExpressionSite): BoundRelation {
  return site.context.binder.query(query, { context: site.context, outer: site, ctes: site.ctes });
}

function subquery(
  form: SubqueryScalar["form"],
  plan: Plan,
  type: Scalar["type"],
  span: Span | undefined,
): Scalar {
  const base = { kind: "subquery" as const, form, plan, type };
  return span === undefined ? base : { ...base, span };
}

function single(
  relation: BoundRelation,
  what: string,
  span: Span | undefined,
): BoundRelation["columns"][number] {
  const [column] = relation.columns;
  if (column === undefined || relation.columns.length > 1) {
    throw new QueryError(
      "column-count",
      `${what} must have one column: received ${relation.columns.length}`,
      {
        details: at(span, { columns: relation.columns.map((one) => one.name) }),
        hint: "select a single expression",
      },
    );
  }
  return column;
}

/** `(SELECT ...)` as a value. */
export function bindScalarSubquery({ query, span }: ScalarSubquery, site: ExpressionSite): Scalar {
  const relation = bindQuery(query, site);
  const { type } = single(relation, "A subquery used as a value", span);
  return subquery({ kind: "scalar" }, relation.plan, type, span);
}

/** `EXISTS (SELECT ...)`. */
export function bindExists({ query, span }: Exists, site: ExpressionSite): Scalar {
  return subquery({ kind: "exists" }, bindQuery(query, site).plan, BOOLEAN, span);
}

/** `ARRAY(SELECT ...)`. */
export function bindArrayQuery({ query, span }: ArrayQuery, site: ExpressionSite): Scalar {
  const relation = bindQuery(query, site);
  const { type } = single(relation, "The query of ARRAY(...)", span);
  return subquery({ kind: "array" }, relation.plan, arrayType(type), span);
}

function rowItems(expression: Expression, site: ExpressionSite): Scalar[] {
  const items = expression.kind === "row" ? expression.items : [expression];
  return items.map((item) => site.context.binder.expression(item, site));
}

/** `x [NOT] IN (SELECT ...)`, for rows too. */
export function bindInQuery({ argument, query, negated, span }: InQuery, site: ExpressionSite): Scalar {
  const left = rowItems(argument, site);
  const result = quantified({ operator: "=", quantifier: "any", left, query, span }, site);
  return negated ? negation(result, span) : result;
}

/** `x operator ANY | ALL (SELECT ...)`. */
export function bindQuantifiedQuery(node: QuantifiedQuery, site: ExpressionSite): Scalar {
  const { operator, quantifier, left, query, span } = node;
  return quantified({ operator, quantifier, left: rowItems(left, site), query, span }, site);
}

interface Quantified {
  readonly operator: string;
  readonly quantifier: "any" | "all";
  readonly left: readonly Scalar[];
  readonly query: Query;
  readonly span: Span | undefined;
}

function quantified({ operator, quantifier, left, query, span }: Quantified, site: ExpressionSite): Scalar {
  const relation = bindQuery(query, site);
  if (relation.columns.length !== left.length) {
    throw new QueryError(
      "column-count",
      `Subquery must have ${left.length} column${
        left.length === 1 ? "" : "s"
      }: received ${relation.columns.length}`,
      { details: at(span, { expected: left.length, actual: relation.columns.length }) },
    );
  }
  const right = relation.columns.map((column) => columnScalar(column));
  const { context } = site;
  const place = { context, span };
  const typed = left.map((one, i) => isUntyped(one) ? coerce(one, right[i]!.type, context) : one);
  const [only] = typed;
  const comparison = left.length === 1 && only !== undefined
    ? quantifiedOperator(operator, only, right[0]!, place)
    : compareRows(operator, typed, right, place);
  return subquery({ kind: "quantified", quantifier, left: typed, comparison }, relation.plan, BOOLEAN, span);
}

/** A row compared with the single row of a subquery. */
export interface RowSubquery {
  readonly operator: string;
  readonly left: readonly Scalar[];
  readonly right: ScalarSubquery;
  readonly span: Span | undefined;
}

/** `(a, b) = (SELECT x, y ...)`: a scalar subquery that compares inside, so no row gives NULL and two an error. */
export function bindRowSubquery({ operator, left, right, span }: RowSubquery, site: ExpressionSite): Scalar {
  const relation = bindQuery(right.query, site);
  const columns = relation.columns.map((column) => columnScalar(column));
  const expression = compareRows(operator, left, columns, { context: site.context, span });
  const column = site.context.newColumn("?column?", BOOLEAN, true);
  const plan: Plan = { kind: "project", input: relation.plan, items: [{ ...column, expression }] };
  return subquery({ kind: "scalar" }, plan, BOOLEAN, span);
}

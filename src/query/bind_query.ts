/**
 * Queries: WITH around a body, then ORDER BY, LIMIT and OFFSET, then away with hidden columns.
 *
 * @module
 */
import { unreachable } from "../base/assert.ts";
import { QueryError } from "../base/error.ts";
import { BIGINT } from "../storage/sql_type.ts";
import type { Expression, Query, QueryBody } from "./ast.ts";
import { coerce, isUntyped, textUnlessTyped } from "./bind_cast.ts";
import { at, type BoundRelation, type QueryPlace, typeMismatch } from "./bind_context.ts";
import { bindWith } from "./bind_cte.ts";
import { itemPosition } from "./bind_group.ts";
import { literal } from "./bind_literal.ts";
import { canBeNull } from "./bind_nullability.ts";
import { sortKey } from "./bind_order.ts";
import {
  columnScalar,
  type ExpressionSite,
  NOTHING_VISIBLE,
  SCALARS_ONLY,
  Scope,
  type ScopeColumn,
} from "./bind_scope.ts";
import { bindSelect, type SortableRelation } from "./bind_select.ts";
import { bindSetOperation, bindValues } from "./bind_set_operation.ts";
import { isNumber } from "./coercion.ts";
import type { Plan, ProjectItem, Scalar, SortKey } from "./plan.ts";
import { planColumns } from "./plan_walk.ts";

/** Binds a query where `place` says; the plan produces exactly the columns, each once. */
export function bindQueryNode(query: Query, place: QueryPlace): BoundRelation {
  return place.context.deeper(() => {
    const common = bindWith(query.with, query, place);
    const inner = { ...place, ctes: common.ctes };
    return common.wrap(exactly(limited(bindSortable(query, inner), query, inner)));
  }, query.span);
}

function bindSortable({ body, orderBy }: Query, place: QueryPlace): SortableRelation {
  if (body.kind === "select") return bindSelect(body, orderBy, place);
  return sortedByOutput(bindBody(body, place), orderBy, place);
}

function bindBody(body: QueryBody, place: QueryPlace): BoundRelation {
  switch (body.kind) {
    case "select": {
      const { plan, columns } = bindSelect(body, undefined, place);
      return { plan, columns };
    }
    case "values":
      return bindValues(body, place);
    case "setOperation":
      return bindSetOperation(body, place, bindBody);
    case "query":
      return bindQueryNode(body, place);
    default:
      return unreachable(body);
  }
}

/** ORDER BY above a set operation or VALUES: by name or position, or an expression over the output. */
function sortedByOutput(
  relation: BoundRelation,
  orderBy: Query["orderBy"],
  place: QueryPlace,
): SortableRelation {
  const { columns } = relation;
  if (orderBy === undefined) return { ...relation, keys: [] };
  if (orderBy === "all") {
    const keys = columns.map((column) => ({
      expression: columnScalar(column),
      descending: false,
      nullsFirst: false,
    }));
    return { ...relation, keys };
  }
  const { context, outer, ctes } = place;
  const visible: readonly ScopeColumn[] = columns.map((column) => ({ name: column.name, column }));
  const scope = new Scope({ relations: [{ name: undefined, columns: visible }], columns: visible }, outer);
  const site: ExpressionSite = { context, scope, ctes, clause: "ORDER BY", allows: SCALARS_ONLY };
  const hidden: ProjectItem[] = [];
  const keys = orderBy.map((item): SortKey => {
    const position = itemPosition(item.expression, columns.length, "ORDER BY");
    if (position !== undefined) return sortKey(item, columnScalar(columns[position]!));
    const scalar = textUnlessTyped(context.binder.expression(item.expression, site), context);
    if (scalar.kind === "column") return sortKey(item, scalar);
    const column = context.newColumn("sort", scalar.type, canBeNull(scalar, context));
    hidden.push({ ...column, expression: scalar });
    return sortKey(item, columnScalar(column));
  });
  if (hidden.length === 0) return { ...relation, keys };
  const kept = columns.map((column) => ({ ...column, expression: columnScalar(column) }));
  return { plan: { kind: "project", input: relation.plan, items: [...kept, ...hidden] }, columns, keys };
}

/** Sorts and limits. */
function limited(relation: SortableRelation, query: Query, place: QueryPlace): BoundRelation {
  const { columns, keys } = relation;
  let plan: Plan = keys.length === 0 ? relation.plan : { kind: "sort", input: relation.plan, keys };
  const { fetch } = query;
  const limit = fetch === undefined
    ? query.limit === "all" ? null : rowCount(query.limit, "LIMIT", place)
    : fetch.count === undefined
    ? literal(1, BIGINT)
    : rowCount(fetch.count, "FETCH", place);
  const offset = rowCount(query.offset, "OFFSET", place);
  const withTies = fetch?.withTies === true;
  if (withTies && keys.length === 0) {
    throw new QueryError("invalid-statement", "WITH TIES needs an ORDER BY", {
      details: at(query.span),
      hint: "add ORDER BY, or write ONLY",
    });
  }
  if (limit !== null || offset !== null) {
    plan = { kind: "limit", input: plan, limit, offset, ...(withTies ? { withTies: keys } : {}) };
  }
  return { plan, columns };
}

/** The argument of LIMIT or OFFSET: constant in the query, NULL for none. */
function rowCount(expression: Expression | undefined, clause: string, place: QueryPlace): Scalar | null {
  if (expression === undefined || expression.kind === "null") return null;
  const { context, ctes } = place;
  const site: ExpressionSite = {
    context,
    scope: new Scope(NOTHING_VISIBLE, undefined),
    ctes,
    clause,
    allows: SCALARS_ONLY,
  };
  const scalar = constantOf(expression, clause, site);
  if (!isUntyped(scalar) && !isNumber(scalar.type)) {
    throw typeMismatch(`The argument of ${clause}`, "a number", scalar.type, expression.span);
  }
  const count = coerce(scalar, BIGINT, context);
  if (count.kind === "literal" && Number(count.value) < 0) {
    throw new QueryError("invalid-value", `${clause} must not be negative: received ${count.value}`, {
      details: at(expression.span),
    });
  }
  return count;
}

function constantOf(expression: Expression, clause: string, site: ExpressionSite): Scalar {
  try {
    return site.context.binder.expression(expression, site);
  } catch (error) {
    if (!(error instanceof QueryError) || error.code !== "unknown-column") throw error;
    throw new QueryError("invalid-statement", `The argument of ${clause} must not name columns`, {
      details: error.details,
      hint: "it is one number for the whole query",
      cause: error,
    });
  }
}

/** Drops hidden columns. */
function exactly({ plan, columns }: BoundRelation): BoundRelation {
  const produced = planColumns(plan);
  const same = produced.length === columns.length &&
    produced.every((column, i) => column.id === columns[i]!.id);
  if (same) return { plan, columns };
  const items = columns.map((column) => ({ ...column, expression: columnScalar(column) }));
  return { plan: { kind: "project", input: plan, items }, columns };
}

/**
 * Aggregate calls: arguments, DISTINCT, FILTER, ORDER BY, WITHIN GROUP, and the query they belong to.
 *
 * An aggregate belongs to the innermost query whose columns it uses, so one in a subquery over outer columns
 * alone is computed by the outer query. Its arguments are bound over the input of that query.
 *
 * @module
 */
import { QueryError } from "../base/error.ts";
import type { Expression, FunctionCall, OrderItem, Span } from "./ast.ts";
import { coerce, coerceBoolean, textUnlessTyped } from "./bind_cast.ts";
import { at, type BindContext, unsupported } from "./bind_context.ts";
import type { NewAggregate } from "./bind_collector.ts";
import { bindSortItem, sortKey } from "./bind_order.ts";
import { conjunction, nullTest } from "./bind_operator.ts";
import { type ExpressionSite, SCALARS_ONLY, type Scope } from "./bind_scope.ts";
import { anyPart } from "./bind_traversal.ts";
import type { ColumnId, Scalar, SortKey } from "./plan.ts";
import { freeColumns } from "./plan_walk.ts";
import { sameScalar } from "./scalar_equality.ts";

/** Aggregates that give a value for no rows. */
const NEVER_NULL: ReadonlySet<string> = new Set([
  "count",
  "count_if",
  "countif",
  "approx_count_distinct",
  "hll",
  "regr_count",
]);

/** Whether the result of an aggregate or window function can be NULL. */
export function aggregateCanBeNull(name: string): boolean {
  return !NEVER_NULL.has(name);
}

/** A call of aggregate `name` without OVER. */
export function bindAggregate(name: string, call: FunctionCall, site: ExpressionSite): Scalar {
  const inner = insideOf(site, `the arguments of ${name}`);
  const bound = call.withinGroup !== undefined && isOrdered(name, site.context)
    ? bindOrdered(name, call, inner)
    : bindUnordered(name, call, inner);
  const owner = ownerOf(bound, site);
  if (!owner.allows.aggregates || owner.collector === undefined) {
    throw misplaced("Aggregate", name, call.span, owner);
  }
  return owner.collector.addAggregate(bound, aggregateCanBeNull(name), call.span);
}

/** The site of expressions inside a call: plain scalars only. */
export function insideOf(site: ExpressionSite, clause: string): ExpressionSite {
  const { context, scope, ctes, alias } = site;
  const base = { context, scope, ctes, clause, allows: SCALARS_ONLY };
  return alias === undefined ? base : { ...base, alias };
}

function isOrdered(name: string, context: BindContext): boolean {
  return context.functions.aggregate(name)?.ordered === true;
}

/** The error for a call that its clause does not allow. */
export function misplaced(
  kind: string,
  name: string,
  span: Span | undefined,
  site: ExpressionSite,
): QueryError {
  const { clause } = site;
  const hint = clause.startsWith("the arguments of")
    ? "compute the inner one in a subquery"
    : kind === "Aggregate" && clause === "WHERE"
    ? "put the condition in HAVING"
    : kind !== "Aggregate"
    ? "filter with QUALIFY, or compute it in a subquery"
    : "compute it in a subquery";
  return new QueryError("invalid-statement", `${kind} ${name} cannot stand in ${clause}`, {
    details: at(span, { function: name, clause }),
    hint,
  });
}

/** The arguments of a call: `*` counts rows, so it is none. */
export function callExpressions(call: FunctionCall): readonly Expression[] {
  if (call.star === true) return [];
  const [first] = call.arguments;
  if (call.arguments.length === 1 && first?.value.kind === "star") return [];
  return call.arguments.map(({ value, name, key }) => {
    if (name !== undefined) {
      throw unsupported("An argument by name", call.span, "give the arguments by position");
    }
    return key ?? value;
  });
}

function keyValues(call: FunctionCall): readonly Expression[] {
  return call.arguments.some((one) => one.key !== undefined)
    ? call.arguments.flatMap(({ key, value }) => key === undefined ? [value] : [key, value])
    : callExpressions(call);
}

function bindUnordered(name: string, call: FunctionCall, inner: ExpressionSite): NewAggregate {
  const { context } = inner;
  if (call.withinGroup === undefined && isOrdered(name, context)) {
    throw new QueryError("invalid-statement", `Aggregate ${name} needs WITHIN GROUP (ORDER BY ...)`, {
      details: at(call.span, { function: name }),
      hint: `write ${name}(...) WITHIN GROUP (ORDER BY ...)`,
    });
  }
  if (name === "count") refuseRowCount(call);
  const open = keyValues(call).map((one) => context.binder.expression(one, inner));
  const resolved = context.functions.resolveAggregate(name, open.map((one) => one.type), call.span);
  const args = open.map((one, i) => coerce(one, resolved.parameterTypes[i]!, context));
  const orderBy = (call.orderBy ?? call.withinGroup ?? []).map((item) => bindSortItem(item, inner));
  const distinct = call.distinct === true;
  if (distinct) checkDistinctOrder(name, args, orderBy, call);
  return {
    function: name,
    arguments: args,
    distinct,
    orderBy,
    filter: bindFilter(call, args, inner),
    type: resolved.resultType,
  };
}

/** Rows are no values, so that of several columns only the rows of a query can be counted. */
function refuseRowCount({ distinct, arguments: args }: FunctionCall): void {
  const [first] = args;
  const row = first?.value.kind === "row" ? first.value : undefined;
  if (first === undefined || (row === undefined && (args.length < 2 || distinct !== true))) return;
  if (distinct !== true) throw unsupported("count(...) of a row", first.value.span, "write count(*)");
  const parts = row?.kind === "row" ? row.items : args.map(({ value }) => value);
  const names = parts.map((part) => part.kind === "column" ? part.name.at(-1)!.name : "...");
  const hint = `write SELECT count(*) FROM (SELECT DISTINCT ${names.join(", ")} FROM ...)`;
  throw unsupported("count(DISTINCT ...) of several columns", first.value.span, hint);
}

function checkDistinctOrder(
  name: string,
  args: readonly Scalar[],
  orderBy: readonly SortKey[],
  call: FunctionCall,
): void {
  const odd = orderBy.find((key) => !args.some((one) => sameScalar(one, key.expression)));
  if (odd === undefined) return;
  throw new QueryError("invalid-statement", `ORDER BY in ${name}(DISTINCT ...) must name its arguments`, {
    details: at(odd.expression.span ?? call.span, { function: name }),
    hint: "order by the argument itself",
  });
}

/** `percentile_cont(0.5) WITHIN GROUP (ORDER BY x)`: the sort expressions are the last arguments. */
function bindOrdered(name: string, call: FunctionCall, inner: ExpressionSite): NewAggregate {
  const { context } = inner;
  const items: readonly OrderItem[] = call.withinGroup ?? [];
  const direct = keyValues(call).map((one) => context.binder.expression(one, inner));
  const sorted = items.map((item) => context.binder.expression(item.expression, inner));
  const open = [...direct, ...sorted];
  const resolved = context.functions.resolveAggregate(name, open.map((one) => one.type), call.span);
  const args = open.map((one, i) => coerce(one, resolved.parameterTypes[i]!, context));
  const orderBy = items.map((item, i) => sortKey(item, args[direct.length + i]!));
  const distinct = call.distinct === true;
  return {
    function: name,
    arguments: args,
    distinct,
    orderBy,
    filter: bindFilter(call, [], inner),
    type: resolved.resultType,
  };
}

/** FILTER; IGNORE NULLS of an aggregate is the filter that its argument is not NULL. */
export function bindFilter(
  call: FunctionCall,
  args: readonly Scalar[],
  inner: ExpressionSite,
): Scalar | null {
  const { context } = inner;
  const parts: Scalar[] = [];
  if (call.filter !== undefined) {
    const site = { ...inner, clause: "FILTER" };
    parts.push(coerceBoolean(context.binder.expression(call.filter, site), "FILTER", context));
  }
  const [first] = args;
  if (call.nulls === "ignore" && first !== undefined && call.over === undefined) {
    parts.push(nullTest(first, true));
  }
  return parts.length === 0 ? null : conjunction(parts);
}

/** The innermost site whose scope owns a column of the call; the call's own when it has none. */
function ownerOf(call: NewAggregate, site: ExpressionSite): ExpressionSite {
  const used = new Set<ColumnId>();
  const parts = [...call.arguments, ...call.orderBy.map((key) => key.expression)];
  if (call.filter !== null) parts.push(call.filter);
  for (const part of parts) for (const id of freeColumns(part)) used.add(id);
  if (used.size === 0) return site;
  for (let here: ExpressionSite | undefined = site; here !== undefined; here = here.scope.outer) {
    const scope: Scope = here.scope;
    for (const id of used) if (scope.owns(id)) return here;
  }
  return site;
}

/** GROUPING(a, b). */
export function bindGrouping(args: readonly Expression[], site: ExpressionSite, call: FunctionCall): Scalar {
  if (!site.allows.aggregates || site.collector === undefined) {
    throw misplaced("Aggregate", "grouping", call.span, site);
  }
  const inner = insideOf(site, "the arguments of grouping");
  const bound = args.map((one) => textUnlessTyped(site.context.binder.expression(one, inner), site.context));
  return site.collector.addGrouping(bound, call.span);
}

/** Whether the expression reads a column that one of `ids` names. */
export function readsAny(scalar: Scalar, ids: ReadonlySet<ColumnId>): boolean {
  return anyPart(scalar, (part) => part.kind === "column" && ids.has(part.id));
}

/**
 * Rewrites QUALIFY for dialects without it.
 *
 * `SELECT a, row_number() OVER w AS n FROM t QUALIFY n = 1` becomes
 * `SELECT a, n FROM (SELECT a, row_number() OVER w AS n, (row_number() OVER w) = 1 AS qualified FROM t) AS q
 * WHERE qualified`. The condition is computed where the windows are; aliases in it are replaced by what they name.
 *
 * @module
 */
import type { Expression, Identifier, OrderItem, Query, Select, SelectItem } from "../query/ast.ts";

const CONDITION: Identifier = { name: "qualified" };
const SUBQUERY: Identifier = { name: "qualify_input" };

/** The query without QUALIFY, or what stands against the rewrite. */
export function qualifyToSubquery(query: Query, select: Select): Query | string {
  if (select.qualify === undefined) return query;
  const names = outputNames(select);
  if (names === undefined) return "QUALIFY with * or with unnamed or repeated output columns";
  if (Array.isArray(select.distinct) || select.into !== undefined) return "QUALIFY with DISTINCT ON or INTO";
  if (
    Array.isArray(query.orderBy) &&
    !query.orderBy.every((item: OrderItem) => isOutput(item.expression, names))
  ) {
    return "QUALIFY with ORDER BY of other than output columns";
  }
  const items: SelectItem[] = select.items.map((item, index) => ({
    expression: item.expression,
    alias: item.alias ?? names[index] ?? CONDITION,
  }));
  const aliases = new Map<string, Expression>();
  for (const { expression, alias } of select.items) {
    if (alias !== undefined) aliases.set(alias.name, expression);
  }
  const condition = substitute(select.qualify, aliases);
  const { qualify: _qualify, distinct, ...rest } = select;
  const inner: Select = { ...rest, items: [...items, { expression: condition, alias: CONDITION }] };
  const outer: Select = {
    kind: "select",
    ...(distinct === undefined ? {} : { distinct }),
    items: names.map((name) => ({ expression: { kind: "column", name: [name] } })),
    from: [{ kind: "derived", query: { kind: "query", body: inner }, alias: { name: SUBQUERY } }],
    where: { kind: "column", name: [CONDITION] },
  };
  return { ...query, body: outer };
}

/** The name of each output column, when all have one and no two are the same. */
function outputNames(select: Select): Identifier[] | undefined {
  const names: Identifier[] = [];
  for (const { expression, alias } of select.items) {
    const own = expression.kind === "column" || expression.kind === "call"
      ? expression.name.at(-1)
      : undefined;
    const name = alias ?? own;
    if (name === undefined) return undefined;
    names.push(name);
  }
  const distinct = new Set(names.map(({ name }) => name));
  return distinct.size === names.length && !distinct.has(CONDITION.name) ? names : undefined;
}

function isOutput(node: Expression, names: readonly Identifier[]): boolean {
  if (node.kind === "number") return true;
  const [first] = node.kind === "column" && node.name.length === 1 ? node.name : [];
  return first !== undefined && names.some(({ name }) => name === first.name);
}

/** Replaces columns that are aliases. Does not enter subqueries, whose names are their own. */
function substitute(node: Expression, aliases: ReadonlyMap<string, Expression>): Expression {
  const [first] = node.kind === "column" && node.name.length === 1 ? node.name : [];
  const replacement = first === undefined ? undefined : aliases.get(first.name);
  return replacement ?? mapChildren(node, aliases);
}

function mapChildren<N extends Expression>(node: N, aliases: ReadonlyMap<string, Expression>): N {
  const mapped = Object.entries(node).map(([key, value]) => [key, mapValue(value, aliases)]);
  // Only expressions are replaced, by expressions: the shape stays that of the node.
  return Object.fromEntries(mapped) as N;
}

function mapValue(value: unknown, aliases: ReadonlyMap<string, Expression>): unknown {
  if (Array.isArray(value)) return value.map((item) => mapValue(item, aliases));
  if (typeof value !== "object" || value === null) return value;
  if ("kind" in value && value.kind === "query") return value;
  if ("kind" in value && value.kind === "column") return substitute(value as Expression, aliases);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, mapValue(inner, aliases)]));
}

/**
 * The SELECT list: stars expanded, aliases, and aliases as names for other clauses.
 *
 * An alias is visible in the rest of the query where no column has its name. Its use binds the item's
 * expression anew at that place, so the clause's own rules hold for it.
 *
 * @module
 */
import { QueryError } from "../base/error.ts";
import type { Expression, QualifiedName, SelectItem, Star } from "./ast.ts";
import { textUnlessTyped } from "./bind_cast.ts";
import { at } from "./bind_context.ts";
import { outputName } from "./bind_output_name.ts";
import { columnScalar, type ExpressionSite, resolveRelation, type ScopeColumn } from "./bind_scope.ts";
import { suggestion } from "./name_suggestion.ts";
import type { Scalar } from "./plan.ts";

/** One output column: its name and what computes it, over the input of the query. */
export interface BoundItem {
  readonly name: string;
  readonly scalar: Scalar;
}

/** Binds a SELECT or RETURNING list. With `keepUnknown` untyped literals stay untyped. */
export function bindItems(
  items: readonly SelectItem[],
  site: ExpressionSite,
  keepUnknown: boolean,
): BoundItem[] {
  return items.flatMap((item): BoundItem[] => {
    const star = starOf(item.expression);
    if (star !== undefined) return expandStar(star, site);
    const bound = site.context.binder.expression(item.expression, site);
    const scalar = keepUnknown ? bound : textUnlessTyped(bound, site.context);
    return [{ name: item.alias?.name ?? outputName(item.expression), scalar }];
  });
}

/** `*`, `t.*` and `(t).*`. */
function starOf(expression: Expression): Star | undefined {
  if (expression.kind === "star") return expression;
  if (expression.kind !== "field" || expression.name !== "*" || expression.argument.kind !== "column") {
    return undefined;
  }
  const star: Star = { kind: "star", table: expression.argument.name };
  return expression.span === undefined ? star : { ...star, span: expression.span };
}

function expandStar(star: Star, site: ExpressionSite): BoundItem[] {
  const columns = starColumns(star, site);
  const excluded = new Set((star.exclude ?? []).map((name) => starName(name, columns)));
  const replaced = new Map<string, Scalar>();
  for (const { alias, expression } of star.replace ?? []) {
    const name = starName([{ ...(alias ?? { name: "" }) }], columns);
    replaced.set(name, textUnlessTyped(site.context.binder.expression(expression, site), site.context));
  }
  const renamed = new Map((star.rename ?? []).map(({ from, to }) => [starName([from], columns), to.name]));
  return columns
    .filter((one) => !excluded.has(one.name))
    .map(({ name, column }) => ({
      name: renamed.get(name) ?? name,
      scalar: replaced.get(name) ?? columnScalar(column, star.span),
    }));
}

function starColumns(star: Star, site: ExpressionSite): readonly ScopeColumn[] {
  if (star.table.length > 0) return resolveRelation(star.table, site, star.span).columns;
  const { visible } = site.scope;
  if (visible.relations.length === 0) {
    throw new QueryError("invalid-statement", "SELECT * needs a FROM clause", {
      details: at(star.span),
      hint: "name a table in FROM, or list the expressions",
    });
  }
  return visible.columns;
}

/** The column that EXCLUDE, REPLACE or RENAME names. */
function starName(name: QualifiedName, columns: readonly ScopeColumn[]): string {
  const last = name.at(-1);
  const wanted = last?.name ?? "";
  if (columns.some((one) => one.name === wanted)) return wanted;
  const hint = suggestion(wanted, columns.map((one) => one.name));
  throw new QueryError("unknown-column", `Column is not among those of *: received "${wanted}"`, {
    details: at(last?.span, { column: wanted }),
    ...(hint === undefined ? {} : { hint }),
  });
}

/** Resolves aliases of the SELECT list for names that no column has. */
export function aliasResolver(items: readonly SelectItem[]): NonNullable<ExpressionSite["alias"]> {
  const underWay = new Set<string>();
  return (name, site) => {
    const item = items.find((one) => one.alias?.name === name);
    // An alias that its own expression names is no definition.
    if (item === undefined || underWay.has(name)) return undefined;
    underWay.add(name);
    try {
      return site.context.binder.expression(item.expression, site);
    } finally {
      underWay.delete(name);
    }
  };
}

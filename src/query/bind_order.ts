/**
 * Sort keys: direction and the place of NULLs.
 *
 * @module
 */
import type { OrderItem } from "./ast.ts";
import { textUnlessTyped } from "./bind_cast.ts";
import { unsupported } from "./bind_context.ts";
import type { ExpressionSite } from "./bind_scope.ts";
import type { Scalar, SortKey } from "./plan.ts";

/** The key of `item` over its bound expression. NULLs come last ascending and first descending. */
export function sortKey(item: OrderItem, expression: Scalar): SortKey {
  const descending = isDescending(item);
  return {
    expression,
    descending,
    nullsFirst: item.nulls === undefined ? descending : item.nulls === "first",
  };
}

function isDescending({ direction, using, span }: OrderItem): boolean {
  switch (using) {
    case undefined:
      return direction === "desc";
    case "<":
    case "<=":
      return false;
    case ">":
    case ">=":
      return true;
    default:
      throw unsupported(`ORDER BY ... USING ${using}`, span, "write ASC or DESC");
  }
}

/** The key of `item`, its expression bound at `site`. */
export function bindSortItem(item: OrderItem, site: ExpressionSite): SortKey {
  const { context } = site;
  return sortKey(item, textUnlessTyped(context.binder.expression(item.expression, site), context));
}

/**
 * Rule "decide ties": which of the rows with equal sort keys LIMIT and DISTINCT ON take.
 *
 * SQL leaves the choice open. To make it the same for every executor, and for a maintained view whatever its
 * history, ties are decided by the other columns that the reader gets: those first that are compared
 * fast, then in the order of their ids. O(size of the plan).
 *
 * @module
 */
import { hasForms } from "../query/functions/identity.ts";
import type { ColumnId, Plan, SortKey } from "../query/plan.ts";
import { freeColumns, mapChildren, planColumns } from "../query/plan_walk.ts";
import type { SqlType } from "../storage/sql_type.ts";
import type { Rule } from "./environment.ts";

export const decideTies: Rule = {
  name: "decide ties",
  apply: (plan, context) => {
    const required = context.environment.required ?? planColumns(plan).map((column) => column.id);
    return decide(plan, new Set(required), false);
  },
};

/** `needed`: the columns that are read, all when undefined; `isCut`: whether only the first rows are. */
function decide(plan: Plan, needed: ReadonlySet<ColumnId> | undefined, isCut: boolean): Plan {
  switch (plan.kind) {
    case "limit":
      return { ...plan, input: decide(plan.input, needed, true) };
    case "project":
      return { ...plan, input: decide(plan.input, columnsRead(plan, needed), isCut) };
    case "sort": {
      const input = decide(plan.input, undefined, false);
      return isCut ? { ...plan, input, ties: tiesOf(input, plan.keys, needed) } : { ...plan, input };
    }
    case "distinct": {
      const input = decide(plan.input, undefined, false);
      // Without an order the rows that come first are taken, which needs no sort.
      if (plan.on === undefined || plan.on.orderBy.length === 0) return { ...plan, input };
      return { ...plan, input, on: { ...plan.on, ties: tiesOf(input, plan.on.orderBy, needed) } };
    }
    default:
      return mapChildren(plan, (child) => decide(child, undefined, false));
  }
}

/** The columns that the items of a projection read. */
function columnsRead(
  { items }: Plan & { readonly kind: "project" },
  needed: ReadonlySet<ColumnId> | undefined,
): ReadonlySet<ColumnId> {
  const read = items.filter((item) => needed?.has(item.id) ?? true);
  return new Set(read.flatMap((item) => [...freeColumns(item.expression)]));
}

/** Columns that are sort keys decide nothing. */
function tiesOf(
  input: Plan,
  keys: readonly SortKey[],
  needed: ReadonlySet<ColumnId> | undefined,
): readonly ColumnId[] {
  const sorted = new Set(keys.map(({ expression }) => expression.kind === "column" ? expression.id : -1));
  return planColumns(input)
    .filter(({ id }) => (needed?.has(id) ?? true) && !sorted.has(id))
    .sort((a, b) => comparisonCost(a.type) - comparisonCost(b.type) || a.id - b.id)
    .map((column) => column.id);
}

/** Numbers decide best: they are compared fast, and mostly differ. */
function comparisonCost(type: SqlType): number {
  if (hasForms(type)) return 2;
  return type.kind === "text" || type.kind === "boolean" || type.kind === "array" ? 1 : 0;
}

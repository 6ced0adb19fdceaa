/**
 * Rule "order conjuncts": within a filter, cheap and selective conditions first.
 *
 * The executor applies conjuncts one after the other to a shrinking selection. The order that costs least is
 * by (selectivity - 1) / cost, ascending. Only conditions that cannot fail are moved; one that can, a division
 * for instance, stays behind what guards it: it comes after all others, in the order of the query.
 *
 * @module
 */
import type { Plan, Scalar } from "../query/plan.ts";
import { conjunction, scalarChildren, splitConjuncts } from "../query/plan_walk.ts";
import { Cardinality } from "./cardinality.ts";
import { isVolatile, type Rule } from "./environment.ts";
import { FunctionalDependencies } from "./functional_dependency.ts";
import { rewritePlan } from "./rewrite.ts";
import { DISTINCT, isComparison, NOT_DISTINCT } from "./scalar.ts";
import { type ColumnEstimates, selectivityOf } from "./selectivity.ts";

export const orderConjuncts: Rule = {
  name: "order conjuncts",
  apply: (plan, context) => {
    const { catalog, functions, statistics } = context.environment;
    const keys = new FunctionalDependencies(catalog, (scalar) => !isVolatile(scalar, functions));
    const cardinality = new Cardinality(statistics, keys);
    cardinality.estimate(plan);
    return rewritePlan(plan, (node) => node.kind === "filter" ? ordered(node, cardinality) : node);
  },
};

function ordered(plan: Plan & { readonly kind: "filter" }, cardinality: Cardinality): Plan {
  const conjuncts = splitConjuncts(plan.predicate);
  if (conjuncts.length < 2) return plan;
  const { columns } = cardinality.estimate(plan.input);
  const safe = conjuncts.filter(cannotFail);
  const ranks = new Map(safe.map((conjunct) => [conjunct, rank(conjunct, columns)]));
  const sorted = [...safe].sort((a, b) => (ranks.get(a) ?? 0) - (ranks.get(b) ?? 0));
  const result = [...sorted, ...conjuncts.filter((conjunct) => !ranks.has(conjunct))];
  if (result.every((conjunct, index) => conjunct === conjuncts[index])) return plan;
  return { ...plan, predicate: conjunction(result) ?? plan.predicate };
}

function rank(conjunct: Scalar, columns: ColumnEstimates): number {
  return (selectivityOf(conjunct, columns) - 1) / cost(conjunct);
}

/** Calls that give a value, or NULL, for every argument. */
const TOTAL: ReadonlySet<string> = new Set([
  "like",
  "not like",
  "ilike",
  "not ilike",
  "extract",
  "lower",
  "upper",
  "length",
  NOT_DISTINCT,
  DISTINCT,
]);

function cannotFail(scalar: Scalar): boolean {
  if (scalar.kind === "subquery") return false;
  if (scalar.kind === "call" && !isComparison(scalar.name) && !TOTAL.has(scalar.name)) return false;
  if (scalar.kind === "cast" && !isWidening(scalar)) return false;
  return scalarChildren(scalar).every(cannotFail);
}

function isWidening(scalar: Scalar & { readonly kind: "cast" }): boolean {
  const from = scalar.argument.type.kind;
  switch (scalar.type.kind) {
    case "timestamp":
      return from === "date";
    case "bigint":
      return from === "integer" || from === "smallint";
    case "integer":
      return from === "smallint";
    case "numeric":
      return from === "decimal" || from === "bigint" || from === "integer" || from === "smallint";
    case "double":
      return from === "real" || from === "integer" || from === "smallint" || from === "bigint";
    default:
      return false;
  }
}

/** Rough cost per row, in units of comparing two numbers. */
function cost(scalar: Scalar): number {
  const below = scalarChildren(scalar).reduce((sum, child) => sum + cost(child), 0);
  switch (scalar.kind) {
    case "column":
    case "literal":
    case "parameter":
      return scalar.type.kind === "text" || scalar.type.kind === "numeric" ? 0.5 : 0.1;
    case "call":
      if (isComparison(scalar.name)) return below + 1;
      return below + (scalar.name.includes("like") || scalar.name.startsWith("~") ? 8 : 3);
    case "inList":
      return below / 4 + 1.5;
    case "cast":
      return below + 2;
    default:
      return below + 0.5;
  }
}

/**
 * Rule "orient joins": the smaller side of a left or full join on the right, where the executor builds its
 * hash table. A swapped left join is a right join.
 *
 * @module
 */
import type { Rule } from "./environment.ts";
import { isVolatile } from "./environment.ts";
import { Cardinality } from "./cardinality.ts";
import { FunctionalDependencies } from "./functional_dependency.ts";
import { rewritePlan } from "./rewrite.ts";

/** Swapping must save this factor: probing keeps the order of the left side, which is worth something. */
const GAIN = 2;

export const orientJoins: Rule = {
  name: "orient joins",
  apply: (plan, context) => {
    const { catalog, functions, statistics } = context.environment;
    const keys = new FunctionalDependencies(catalog, (scalar) => !isVolatile(scalar, functions));
    const cardinality = new Cardinality(statistics, keys);
    cardinality.estimate(plan);
    return rewritePlan(plan, (node) => {
      if (node.kind === "with") {
        for (const table of node.tables) cardinality.registerTable(table.cte, table.plan);
      }
      if (node.kind !== "join" || (node.join !== "left" && node.join !== "full")) return node;
      if (cardinality.estimate(node.left).rows * GAIN >= cardinality.estimate(node.right).rows) return node;
      const join = node.join === "left" ? "right" : "full";
      return { ...node, join, left: node.right, right: node.left };
    });
  },
};

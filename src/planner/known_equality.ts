/**
 * Equalities that hold in every row of a plan because a condition below dropped the others.
 *
 * @module
 */
import type { Plan, Scalar } from "../query/plan.ts";
import { splitConjuncts } from "../query/plan_walk.ts";
import { ColumnClasses } from "./implied.ts";

/** The classes of columns that are equal, or NULL together, in every row of `plan`. */
export function knownEqualities(plan: Plan): ColumnClasses {
  const conjuncts: Scalar[] = [];
  const visit = (node: Plan): void => {
    switch (node.kind) {
      case "filter":
        conjuncts.push(...splitConjuncts(node.predicate));
        visit(node.input);
        break;
      case "project":
      case "sort":
      case "limit":
      case "window":
      case "sample":
      case "tableFunction":
        visit(node.input);
        break;
      case "aggregate":
        if (node.sets === undefined) visit(node.input);
        break;
      case "with":
        visit(node.input);
        break;
      case "join":
        visit(node.left);
        if (node.join === "inner") {
          conjuncts.push(...splitConjuncts(node.condition));
          visit(node.right);
        }
        break;
      case "scan":
      case "values":
      case "distinct":
      case "setOperation":
      case "cteScan":
      case "fixpoint":
        break;
    }
  };
  visit(plan);
  return new ColumnClasses(conjuncts);
}

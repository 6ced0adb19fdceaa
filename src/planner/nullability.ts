/**
 * Whether a scalar can be NULL, and which columns make a condition fail when they are NULL.
 *
 * Both answers are safe: "may be NULL" when unsure, "does not reject" when unsure. O(size of the scalar).
 *
 * @module
 */
import type { ColumnId, Plan, Scalar } from "../query/plan.ts";
import { planColumns } from "../query/plan_walk.ts";
import { DISTINCT, isComparison, NOT_DISTINCT } from "./scalar.ts";

/** Calls that are NULL only when an argument is. */
const TOTAL: ReadonlySet<string> = new Set([
  "+",
  "-",
  "*",
  "/",
  "%",
  "negate",
  "||",
  "like",
  "not like",
  "ilike",
]);

/** Whether `scalar` may be NULL, given the ids of the columns that never are. */
export function mayBeNull(scalar: Scalar, notNull: ReadonlySet<ColumnId>): boolean {
  const any = (scalars: readonly Scalar[]): boolean => scalars.some((each) => mayBeNull(each, notNull));
  switch (scalar.kind) {
    case "column":
      return !notNull.has(scalar.id);
    case "literal":
      return scalar.value === null;
    case "isNull":
      return false;
    case "call":
      if (scalar.name === NOT_DISTINCT || scalar.name === DISTINCT) return false;
      return !(isComparison(scalar.name) || TOTAL.has(scalar.name)) || any(scalar.arguments);
    case "cast":
      return scalar.tolerant || mayBeNull(scalar.argument, notNull);
    case "and":
    case "or":
      return any(scalar.arguments);
    case "not":
      return mayBeNull(scalar.argument, notNull);
    case "inList":
      return any([scalar.argument, ...scalar.items]);
    case "case":
      return any([...scalar.branches.map((branch) => branch.then), scalar.otherwise]);
    case "coalesce":
      return scalar.arguments.every((each) => mayBeNull(each, notNull));
    case "parameter":
    case "subquery":
      return true;
  }
}

/** The ids of the columns of `plans` that hold no NULL. */
export function notNullColumns(...plans: readonly Plan[]): ReadonlySet<ColumnId> {
  return new Set(
    plans.flatMap((plan) =>
      planColumns(plan).filter((column) => !column.nullable).map((column) => column.id)
    ),
  );
}

/** What decides whether a call is NULL whenever an argument is. */
export type IsStrict = (name: string) => boolean;

/**
 * Whether `condition` is not TRUE for a row where all of `columns` are NULL: such rows can be dropped early.
 */
export function rejectsNulls(condition: Scalar, columns: ReadonlySet<ColumnId>, isStrict: IsStrict): boolean {
  return valueOverNulls(condition, columns, isStrict) !== "any";
}

/** What a scalar can be when all of `columns` are NULL: always NULL; FALSE or NULL; or anything. */
function valueOverNulls(
  scalar: Scalar,
  columns: ReadonlySet<ColumnId>,
  isStrict: IsStrict,
): "null" | "notTrue" | "any" {
  const over = (each: Scalar): "null" | "notTrue" | "any" => valueOverNulls(each, columns, isStrict);
  switch (scalar.kind) {
    case "column":
      return columns.has(scalar.id) ? "null" : "any";
    case "literal":
      if (scalar.value === null) return "null";
      return scalar.value === false ? "notTrue" : "any";
    case "call":
      return isStrict(scalar.name) && scalar.arguments.some((each) => over(each) === "null") ? "null" : "any";
    case "cast":
    case "not":
      return over(scalar.argument) === "null" ? "null" : "any";
    case "isNull":
      return scalar.negated && over(scalar.argument) === "null" ? "notTrue" : "any";
    case "inList":
      return over(scalar.argument) === "null" ? "null" : "any";
    case "and": {
      const values = scalar.arguments.map(over);
      if (values.every((value) => value === "null")) return "null";
      return values.some((value) => value !== "any") ? "notTrue" : "any";
    }
    case "or": {
      const values = scalar.arguments.map(over);
      if (values.every((value) => value === "null")) return "null";
      return values.every((value) => value !== "any") ? "notTrue" : "any";
    }
    case "coalesce": {
      const values = scalar.arguments.map(over);
      if (values.every((value) => value === "null")) return "null";
      return values.every((value) => value !== "any") ? "notTrue" : "any";
    }
    case "case": {
      const values = [...scalar.branches.map((branch) => over(branch.then)), over(scalar.otherwise)];
      if (values.every((value) => value === "null")) return "null";
      return values.every((value) => value !== "any") ? "notTrue" : "any";
    }
    case "parameter":
    case "subquery":
      return "any";
  }
}

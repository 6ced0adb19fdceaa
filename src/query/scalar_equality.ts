/**
 * Structural equality of bound expressions: whether two compute the same, places in the text aside.
 *
 * Subqueries are equal only when they are one object: each binding of a query gives its columns new ids.
 * O(nodes) of the smaller expression.
 *
 * @module
 */
import { unreachable } from "../base/assert.ts";
import { type Datum, sameType } from "../storage/sql_type.ts";
import type { Scalar, SortKey } from "./plan.ts";

/** Whether `a` and `b` are the same expression. */
export function sameScalar(a: Scalar, b: Scalar): boolean {
  if (a === b) return true;
  if (a.kind !== b.kind || !sameType(a.type, b.type)) return false;
  switch (a.kind) {
    case "column":
      return b.kind === "column" && a.id === b.id;
    case "literal":
      return b.kind === "literal" && sameDatum(a.value, b.value);
    case "parameter":
      return b.kind === "parameter" && a.index === b.index;
    case "call":
      return b.kind === "call" && a.name === b.name && sameScalars(a.arguments, b.arguments);
    case "cast":
      return b.kind === "cast" && a.tolerant === b.tolerant && a.explicit === b.explicit &&
        sameScalar(a.argument, b.argument);
    case "and":
    case "or":
    case "coalesce":
      return b.kind === a.kind && sameScalars(a.arguments, b.arguments);
    case "not":
      return b.kind === "not" && sameScalar(a.argument, b.argument);
    case "isNull":
      return b.kind === "isNull" && a.negated === b.negated && sameScalar(a.argument, b.argument);
    case "inList":
      return b.kind === "inList" && sameScalar(a.argument, b.argument) && sameScalars(a.items, b.items);
    case "case":
      return b.kind === "case" && sameScalar(a.otherwise, b.otherwise) &&
        sameScalars(a.branches.map((one) => one.when), b.branches.map((one) => one.when)) &&
        sameScalars(a.branches.map((one) => one.then), b.branches.map((one) => one.then));
    case "subquery":
      return b.kind === "subquery" && a.plan === b.plan && a.form === b.form;
    default:
      return unreachable(a);
  }
}

/** Whether the lists are equal item by item. */
export function sameScalars(a: readonly Scalar[], b: readonly Scalar[]): boolean {
  return a.length === b.length && a.every((item, i) => sameScalar(item, b[i]!));
}

/** Whether the sort orders are the same. */
export function sameSortKeys(a: readonly SortKey[], b: readonly SortKey[]): boolean {
  return a.length === b.length && a.every((key, i) => {
    const other = b[i]!;
    return key.descending === other.descending && key.nullsFirst === other.nullsFirst &&
      sameScalar(key.expression, other.expression);
  });
}

/** Whether two values are identical in storage units. */
export function sameDatum(a: Datum, b: Datum): boolean {
  if (Object.is(a, b)) return true;
  if (a === null || b === null || typeof a !== "object" || typeof b !== "object") return false;
  if (isArray(a) || isArray(b)) {
    return isArray(a) && isArray(b) && a.length === b.length && a.every((item, i) => sameDatum(item, b[i]!));
  }
  if ("coefficient" in a) {
    return "coefficient" in b && a.coefficient === b.coefficient && a.scale === b.scale &&
      a.special === b.special;
  }
  return "months" in b && a.months === b.months && a.days === b.days && a.micros === b.micros;
}

function isArray(value: object): value is readonly Datum[] {
  return Array.isArray(value);
}

/**
 * Whether an expression can be NULL: false only where that is certain.
 *
 * @module
 */
import { unreachable } from "../base/assert.ts";
import type { BindContext } from "./bind_context.ts";
import type { Scalar } from "./plan.ts";

/** Strict functions that never give NULL for arguments that are not NULL. */
const TOTAL: ReadonlySet<string> = new Set([
  "+",
  "-",
  "*",
  "/",
  "%",
  "=",
  "<>",
  "<",
  "<=",
  ">",
  ">=",
  "||",
  "like",
  "ilike",
  "negate",
  "abs",
  "lower",
  "upper",
  "length",
  "round",
  "floor",
  "ceil",
  "extract",
  "date_part",
  "date_trunc",
  "is distinct from",
  "now",
  "current_timestamp",
  "current_date",
]);

/** Functions that give a value for every argument, NULL included. */
const ALWAYS: ReadonlySet<string> = new Set(["is distinct from", "concat", "concat_ws", "array"]);

/** Whether `scalar` can be NULL. */
export function canBeNull(scalar: Scalar, context: BindContext): boolean {
  const any = (parts: readonly Scalar[]): boolean => parts.some((one) => canBeNull(one, context));
  switch (scalar.kind) {
    case "column":
      return context.isNullable(scalar.id);
    case "literal":
      return scalar.value === null;
    case "parameter":
      return true;
    case "call":
      return !ALWAYS.has(scalar.name) && (!TOTAL.has(scalar.name) || any(scalar.arguments));
    case "cast":
      // JSON's null becomes NULL.
      return scalar.tolerant || scalar.argument.type.kind === "json" || canBeNull(scalar.argument, context);
    case "and":
    case "or":
      return any(scalar.arguments);
    case "not":
      return canBeNull(scalar.argument, context);
    case "isNull":
      return false;
    case "inList":
      return canBeNull(scalar.argument, context) || any(scalar.items);
    case "case":
      return canBeNull(scalar.otherwise, context) || any(scalar.branches.map((one) => one.then));
    case "coalesce":
      return scalar.arguments.every((one) => canBeNull(one, context));
    case "subquery":
      return scalar.form.kind !== "exists" && scalar.form.kind !== "array";
    default:
      return unreachable(scalar);
  }
}

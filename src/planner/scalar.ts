/**
 * Constructors and recognisers of the scalar expressions that rewrites make and look for.
 *
 * Operator names are the registry's and stand only here: a rule asks for "an equality of two columns", not
 * for a call named `=`.
 *
 * @module
 */
import type { ColumnId, Plan, PlanColumn, Scalar } from "../query/plan.ts";
import { conjunction, freeColumns, mapScalar, someScalar } from "../query/plan_walk.ts";
import { BOOLEAN, type Datum, sameType, type SqlType } from "../storage/sql_type.ts";

/** TRUE for equal values and for two NULLs, never NULL. */
export const NOT_DISTINCT = "is not distinct from";
/** The opposite of {@linkcode NOT_DISTINCT}. */
export const DISTINCT = "is distinct from";

/** A comparison operator in a call's name. */
export type ComparisonOperator = "=" | "<>" | "<" | "<=" | ">" | ">=";

/** The operator that holds when the arguments are swapped. */
export const MIRRORED: Readonly<Record<ComparisonOperator, ComparisonOperator>> = {
  "=": "=",
  "<>": "<>",
  "<": ">",
  "<=": ">=",
  ">": "<",
  ">=": "<=",
};

/** The operator that holds when the comparison does not; both are NULL together. */
export const NEGATED: Readonly<Record<ComparisonOperator, ComparisonOperator>> = {
  "=": "<>",
  "<>": "=",
  "<": ">=",
  "<=": ">",
  ">": "<=",
  ">=": "<",
};

export const TRUE: Scalar = Object.freeze({ kind: "literal", value: true, type: BOOLEAN });
export const FALSE: Scalar = Object.freeze({ kind: "literal", value: false, type: BOOLEAN });

/** A reference to `column`. */
export function reference(column: PlanColumn): Scalar {
  return { kind: "column", id: column.id, name: column.name, type: column.type };
}

/** A constant. */
export function literal(value: Datum, type: SqlType): Scalar {
  return { kind: "literal", value, type };
}

/** NULL of a type. */
export function nullOf(type: SqlType): Scalar {
  return literal(null, type);
}

/** A call of `name`; the arguments have the types that one of its signatures takes. */
export function call(name: string, args: readonly Scalar[], type: SqlType): Scalar {
  return { kind: "call", name, arguments: args, type };
}

/** `left = right`. */
export function equal(left: Scalar, right: Scalar): Scalar {
  return call("=", [left, right], BOOLEAN);
}

/** `left IS NOT DISTINCT FROM right`. */
export function notDistinct(left: Scalar, right: Scalar): Scalar {
  return call(NOT_DISTINCT, [left, right], BOOLEAN);
}

/** `argument IS [NOT] NULL`. */
export function isNull(argument: Scalar, negated = false): Scalar {
  return { kind: "isNull", argument, negated, type: BOOLEAN };
}

/** `CASE WHEN when THEN value ELSE otherwise END`. */
export function choose(when: Scalar, value: Scalar, otherwise: Scalar): Scalar {
  return { kind: "case", branches: [{ when, then: value }], otherwise, type: value.type };
}

/** `coalesce(first, second)`. */
export function coalesce(first: Scalar, second: Scalar): Scalar {
  return { kind: "coalesce", arguments: [first, second], type: first.type };
}

/** The OR of `disjuncts`, flat; FALSE when there are none. */
export function disjunction(disjuncts: readonly Scalar[]): Scalar {
  const flat = disjuncts.flatMap((each) => splitDisjuncts(each));
  if (flat.length === 0) return FALSE;
  return flat.length === 1 ? flat[0]! : { kind: "or", arguments: flat, type: BOOLEAN };
}

/** The disjuncts of a condition, flat. */
export function splitDisjuncts(condition: Scalar): readonly Scalar[] {
  return condition.kind === "or" ? condition.arguments.flatMap((each) => splitDisjuncts(each)) : [condition];
}

/** True for the operators of {@linkcode ComparisonOperator}. */
export function isComparison(name: string): name is ComparisonOperator {
  return Object.hasOwn(MIRRORED, name);
}

/** A call of a comparison operator on two arguments, taken apart. */
export interface Comparison {
  readonly operator: ComparisonOperator;
  readonly left: Scalar;
  readonly right: Scalar;
}

/** `scalar` as a comparison, or undefined. */
export function comparisonOf(scalar: Scalar): Comparison | undefined {
  if (scalar.kind !== "call" || scalar.arguments.length !== 2 || !isComparison(scalar.name)) return undefined;
  return { operator: scalar.name, left: scalar.arguments[0]!, right: scalar.arguments[1]! };
}

/** Two columns that are equal where a condition holds. */
export interface ColumnEquality {
  readonly left: Scalar & { readonly kind: "column" };
  readonly right: Scalar & { readonly kind: "column" };
  /** `=`, which NULLs never satisfy, as opposed to IS NOT DISTINCT FROM. */
  readonly rejectsNull: boolean;
}

/** `scalar` as an equality of two columns of one type, or undefined. */
export function columnEquality(scalar: Scalar): ColumnEquality | undefined {
  if (scalar.kind !== "call" || scalar.arguments.length !== 2) return undefined;
  if (scalar.name !== "=" && scalar.name !== NOT_DISTINCT) return undefined;
  const left = scalar.arguments[0]!;
  const right = scalar.arguments[1]!;
  if (left.kind !== "column" || right.kind !== "column" || left.id === right.id) return undefined;
  return sameType(left.type, right.type) ? { left, right, rejectsNull: scalar.name === "=" } : undefined;
}

/**
 * Whether equal values of the type are the same value in every observable way, so that one may stand for
 * the other. Not so for numbers with a scale of their own (1.0 = 1.00), for doubles (-0 = 0), and the like.
 */
export function equalityIsIdentity(type: SqlType): boolean {
  switch (type.kind) {
    case "boolean":
    case "smallint":
    case "integer":
    case "bigint":
    case "decimal":
    case "date":
    case "time":
    case "timestamp":
    case "timestamptz":
      return true;
    case "text":
      return type.padded !== true;
    case "array":
      return equalityIsIdentity(type.element);
    case "numeric":
    case "real":
    case "double":
    case "interval":
    case "json":
    case "null":
      return false;
  }
}

/** Whether every column of `scalar` is in `columns`. */
export function readsOnly(scalar: Scalar, columns: ReadonlySet<ColumnId>): boolean {
  for (const id of freeColumns(scalar)) if (!columns.has(id)) return false;
  return true;
}

/** Whether `node` reads any of `columns`. */
export function readsAny(node: Scalar | Plan, columns: { has(id: ColumnId): boolean }): boolean {
  for (const id of freeColumns(node)) if (columns.has(id)) return true;
  return false;
}

/** Whether a subquery stands anywhere in `scalar`. */
export function hasSubquery(scalar: Scalar): boolean {
  return someScalar(scalar, (each) => each.kind === "subquery");
}

/** `condition` with the conjuncts `extra` added. */
export function withConjuncts(condition: Scalar | null, extra: readonly Scalar[]): Scalar | null {
  return extra.length === 0 ? condition : conjunction(condition === null ? extra : [condition, ...extra]);
}

/** `plan` filtered by `conjuncts`; `plan` itself when there are none. */
export function filtered(plan: Plan, conjuncts: readonly Scalar[]): Plan {
  if (conjuncts.length === 0) return plan;
  if (plan.kind === "filter") {
    const predicate = conjunction([plan.predicate, ...conjuncts]);
    return predicate === null ? plan.input : { kind: "filter", input: plan.input, predicate };
  }
  const predicate = conjunction(conjuncts);
  return predicate === null ? plan : { kind: "filter", input: plan, predicate };
}

/** Renames columns of `scalar` by id; subquery plans are left alone. */
export function renameColumns(scalar: Scalar, ids: ReadonlyMap<ColumnId, ColumnId>): Scalar {
  if (ids.size === 0) return scalar;
  return mapScalar(scalar, (each) => {
    const id = each.kind === "column" ? ids.get(each.id) : undefined;
    return id === undefined || each.kind !== "column" ? each : { ...each, id };
  });
}

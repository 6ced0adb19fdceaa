/**
 * Calls of scalar functions and operators over bound arguments, and the logic that is built from them.
 *
 * @module
 */
import { QueryError } from "../base/error.ts";
import { BOOLEAN, NUMERIC, sameType, type SqlType } from "../storage/sql_type.ts";
import type { Span } from "./ast.ts";
import { at, type BindContext, unsupported } from "./bind_context.ts";
import { coerce, isUntyped } from "./bind_cast.ts";
import { convertedLiteral, decimalFromText, literal } from "./bind_literal.ts";
import { holdsSubquery } from "./bind_traversal.ts";
import { commonType, isImplicit, isNumber } from "./coercion.ts";
import type { ResolvedScalar } from "./function_registry.ts";
import type { LiteralScalar, Scalar } from "./plan.ts";

/** Where a call stands. */
export interface CallPlace {
  readonly context: BindContext;
  readonly span: Span | undefined;
}

/** The operators that compare. */
export const COMPARISON_OPERATORS: ReadonlySet<string> = new Set(["=", "<>", "<", "<=", ">", ">="]);

function located(span: Span | undefined): { span?: Span } {
  return span === undefined ? {} : { span };
}

/** A call of scalar function or operator `name`, its arguments cast to what the overload takes. */
export function bindScalarCall(name: string, args: readonly Scalar[], { context, span }: CallPlace): Scalar {
  let given = args;
  let resolved = resolveCall(name, given, { context, span });
  if (args.some((one, i) => isUntyped(one) && resolved.parameterTypes[i]!.kind === "decimal")) {
    // '0.055', or a parameter, beside a DECIMAL(10,2) is a number of its own scale, not one to round.
    given = args.map((one) =>
      isUntyped(one) && one.kind === "parameter" ? coerce(one, NUMERIC, context) : decimalFromText(one) ?? one
    );
    resolved = resolveCall(name, given, { context, span });
  }
  const cast = given.map((one, i) => coerce(one, resolved.parameterTypes[i]!, context));
  return {
    kind: "call",
    name,
    arguments: COMPARISON_OPERATORS.has(name) || name.endsWith("distinct from")
      ? comparable(cast, context)
      : cast,
    type: resolved.resultType,
    ...located(span),
  };
}

/**
 * Both sides of a comparison of numbers in one form, so that equal values are equal keys: whole numbers of any
 * width, decimals of one scale, or one type.
 */
function comparable(args: readonly Scalar[], context: BindContext): readonly Scalar[] {
  const aligned = alignedLiteral(args);
  const [left, right] = aligned;
  if (left === undefined || right === undefined || !isNumber(left.type) || !isNumber(right.type)) {
    return aligned;
  }
  const common = commonType(left.type, right.type);
  if (common === undefined || sameForm(left.type, right.type)) return aligned;
  return [left, right].map((one) => sameForm(one.type, common) ? one : coerce(one, common, context));
}

function sameForm(a: SqlType, b: SqlType): boolean {
  if (a.kind === "decimal" && b.kind === "decimal") return a.scale === b.scale;
  return a.kind === b.kind || (isWhole(a) && isWhole(b));
}

function isWhole(type: SqlType): boolean {
  return type.kind === "smallint" || type.kind === "integer" || type.kind === "bigint";
}

/** A number literal beside a number of another type takes that type where it stays exact: `price > 5`. */
function alignedLiteral(args: readonly Scalar[]): readonly Scalar[] {
  const [left, right] = args;
  if (left === undefined || right === undefined) return args;
  if (left.kind === "literal" && right.kind !== "literal") return [exactLiteral(left, right.type), right];
  if (right.kind === "literal" && left.kind !== "literal") return [left, exactLiteral(right, left.type)];
  return args;
}

function exactLiteral(scalar: LiteralScalar, type: SqlType): LiteralScalar {
  const from = scalar.type;
  if (sameType(from, type) || !isNumber(from) || !isNumber(type)) return scalar;
  const widens = isImplicit(from, type) &&
    (from.kind !== "decimal" || type.kind !== "decimal" || from.scale <= type.scale);
  return widens ? convertedLiteral(scalar, type, false) ?? scalar : scalar;
}

function resolveCall(name: string, args: readonly Scalar[], { context, span }: CallPlace): ResolvedScalar {
  return context.functions.resolveScalar(name, args.map((one) => one.type), span);
}

/** `left operator right` for the six comparisons, rows included. */
export function compareRows(
  operator: string,
  left: readonly Scalar[],
  right: readonly Scalar[],
  place: CallPlace,
): Scalar {
  if (left.length !== right.length) {
    throw new QueryError(
      "column-count",
      `Rows of unequal length: received ${left.length} and ${right.length}`,
      {
        details: at(place.span, { left: left.length, right: right.length }),
        hint: "compare rows with the same number of values",
      },
    );
  }
  const compare = (name: string, i: number): Scalar => bindScalarCall(name, [left[i]!, right[i]!], place);
  if (left.length === 1) return compare(operator, 0);
  switch (operator) {
    case "=":
      return conjunction(left.map((_, i) => compare("=", i)), place.span);
    case "<>":
      return disjunction(left.map((_, i) => compare("<>", i)), place.span);
    case "<":
    case "<=":
    case ">":
    case ">=":
      refuseSubqueries([...left, ...right], place.span);
      return lexicographic(operator, left.length, compare, place.span);
    default:
      throw unsupported(`Operator ${operator} between rows`, place.span, "compare the values one by one");
  }
}

/** (a, b) < (x, y) is a < x OR (a = x AND b < y): only the last pair keeps the operator's equality. */
function lexicographic(
  operator: "<" | "<=" | ">" | ">=",
  length: number,
  compare: (name: string, i: number) => Scalar,
  span: Span | undefined,
): Scalar {
  const strict = operator.slice(0, 1);
  let result = compare(operator, length - 1);
  for (let i = length - 2; i >= 0; i--) {
    result = disjunction([compare(strict, i), conjunction([compare("=", i), result], span)], span);
  }
  return result;
}

/** A subquery is bound once, so an expression that stands twice cannot hold one. */
export function refuseSubqueries(scalars: readonly Scalar[], span: Span | undefined): void {
  if (scalars.some(holdsSubquery)) {
    throw unsupported("A subquery in a row that is compared by order", span, "compare the values one by one");
  }
}

function logical(kind: "and" | "or", parts: readonly Scalar[], span: Span | undefined): Scalar {
  const flat = parts.flatMap((part) => part.kind === kind ? part.arguments : [part]);
  const [only] = flat;
  if (only === undefined) return literal(kind === "and", BOOLEAN, span);
  return flat.length === 1 ? only : { kind, arguments: flat, type: BOOLEAN, ...located(span) };
}

/** All of `parts`; TRUE for none. */
export function conjunction(parts: readonly Scalar[], span?: Span): Scalar {
  return logical("and", parts, span);
}

/** Any of `parts`; FALSE for none. */
export function disjunction(parts: readonly Scalar[], span?: Span): Scalar {
  return logical("or", parts, span);
}

/** NOT `argument`. */
export function negation(argument: Scalar, span?: Span): Scalar {
  return { kind: "not", argument, type: BOOLEAN, ...located(span) };
}

/** `argument IS [NOT] NULL`. */
export function nullTest(argument: Scalar, negated: boolean, span?: Span): Scalar {
  return { kind: "isNull", argument, negated, type: BOOLEAN, ...located(span) };
}

/** The parts of a conjunction, or the condition alone. */
export function conjuncts(condition: Scalar): readonly Scalar[] {
  return condition.kind === "and" ? condition.arguments : [condition];
}

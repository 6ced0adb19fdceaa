/**
 * Predicates: IS, IS DISTINCT FROM, BETWEEN, IN with a list, LIKE, and ANY or ALL of an array.
 *
 * @module
 */
import { arrayType, BOOLEAN } from "../storage/sql_type.ts";
import type { Between, Expression, InList, IsDistinctFrom, IsTest, Like, QuantifiedArray } from "./ast.ts";
import { coerce, coerceBoolean, isUntyped, textUnlessTyped, unify } from "./bind_cast.ts";
import { typeMismatch } from "./bind_context.ts";
import { literal } from "./bind_literal.ts";
import {
  bindScalarCall,
  type CallPlace,
  compareRows,
  conjunction,
  disjunction,
  negation,
  nullTest,
} from "./bind_operator.ts";
import type { ExpressionSite } from "./bind_scope.ts";
import { holdsSubquery } from "./bind_traversal.ts";
import type { Scalar } from "./plan.ts";

function bind(expression: Expression, site: ExpressionSite): Scalar {
  return site.context.binder.expression(expression, site);
}

function placeOf(node: { readonly span?: CallPlace["span"] }, site: ExpressionSite): CallPlace {
  return { context: site.context, span: node.span };
}

function negatedWhen(negated: boolean, scalar: Scalar, place: CallPlace): Scalar {
  return negated ? negation(scalar, place.span) : scalar;
}

/** `x IS [NOT] NULL | TRUE | FALSE | UNKNOWN | JSON`. A row is NULL when all its values are. */
export function bindIsTest(node: IsTest, site: ExpressionSite): Scalar {
  const { argument, test, negated } = node;
  const place = placeOf(node, site);
  const { context } = site;
  if (test === "null" && argument.kind === "row") {
    return conjunction(
      argument.items.map((item) => nullTest(bind(item, site), negated, place.span)),
      place.span,
    );
  }
  const value = bind(argument, site);
  switch (test) {
    case "null":
      return nullTest(textUnlessTyped(value, context), negated, place.span);
    case "unknown":
      return nullTest(coerceBoolean(value, "IS UNKNOWN", context), negated, place.span);
    case "true":
    case "false": {
      const known = coerceBoolean(value, `IS ${test.toUpperCase()}`, context);
      return truthTest(known, test === "true", negated, place);
    }
    default:
      return negatedWhen(negated, bindScalarCall(`is ${test}`, [value], place), place);
  }
}

/** NULL counts as the other truth value. */
function truthTest(value: Scalar, wanted: boolean, negated: boolean, place: CallPlace): Scalar {
  const known: Scalar = { kind: "coalesce", arguments: [value, literal(!wanted, BOOLEAN)], type: BOOLEAN };
  return negatedWhen(wanted === negated, known, place);
}

/** `a IS [NOT] DISTINCT FROM b`, by parts for rows. */
export function bindDistinctFrom(node: IsDistinctFrom, site: ExpressionSite): Scalar {
  const { left, right, negated } = node;
  const place = placeOf(node, site);
  const lefts = left.kind === "row" ? left.items : [left];
  const rights = right.kind === "row" ? right.items : [right];
  if (lefts.length !== rights.length) {
    return compareRows("=", bindAll(lefts, site), bindAll(rights, site), place);
  }
  const parts = lefts.map((one, i) => distinctFrom(bind(one, site), bind(rights[i]!, site), place));
  return negatedWhen(negated, disjunction(parts, place.span), place);
}

function distinctFrom(left: Scalar, right: Scalar, place: CallPlace): Scalar {
  return bindScalarCall("is distinct from", [left, right], place);
}

function bindAll(expressions: readonly Expression[], site: ExpressionSite): Scalar[] {
  return expressions.map((one) => bind(one, site));
}

/** `x [NOT] BETWEEN [SYMMETRIC] a AND b`. */
export function bindBetween(node: Between, site: ExpressionSite): Scalar {
  const { argument, low, high, negated, symmetric } = node;
  const place = placeOf(node, site);
  const values = (expression: Expression): Scalar[] =>
    expression.kind === "row" ? bindAll(expression.items, site) : [bind(expression, site)];
  const uses = symmetric ? [argument, low, high] : [argument];
  const first = values(argument);
  const once = !uses.some((one, i) => (i === 0 ? first : values(one)).some(holdsSubquery));
  // A subquery is bound anew for each use, for its columns must be new.
  const again = (expression: Expression, bound: Scalar[]): Scalar[] => once ? bound : values(expression);
  const lows = values(low);
  const highs = values(high);
  const range = (from: Scalar[], to: Scalar[], x: Scalar[], y: Scalar[]): Scalar =>
    conjunction([compareRows(">=", x, from, place), compareRows("<=", y, to, place)], place.span);
  const straight = range(lows, highs, first, again(argument, first));
  if (!symmetric) return negatedWhen(negated, straight, place);
  const turned = range(again(high, highs), again(low, lows), again(argument, first), again(argument, first));
  return negatedWhen(negated, disjunction([straight, turned], place.span), place);
}

/** `x [NOT] IN (a, b, ...)`. */
export function bindInList(node: InList, site: ExpressionSite): Scalar {
  const { argument, items, negated } = node;
  const place = placeOf(node, site);
  if (argument.kind === "row") {
    const options = items.map((item) =>
      compareRows(
        "=",
        bindAll(argument.items, site),
        item.kind === "row" ? bindAll(item.items, site) : [
          bind(item, site),
        ],
        place,
      )
    );
    return negatedWhen(negated, disjunction(options, place.span), place);
  }
  return negatedWhen(negated, inList(bind(argument, site), bindAll(items, site), place), place);
}

function inList(argument: Scalar, items: readonly Scalar[], place: CallPlace): Scalar {
  const { scalars } = unify([argument, ...items], "IN", place.context);
  const [first, ...rest] = scalars;
  const base = { kind: "inList" as const, argument: first ?? argument, items: rest, type: BOOLEAN };
  return place.span === undefined ? base : { ...base, span: place.span };
}

/** `x [NOT] LIKE | ILIKE | SIMILAR TO pattern [ESCAPE e]`. */
export function bindLike(node: Like, site: ExpressionSite): Scalar {
  const { operator, argument, pattern, escape, negated } = node;
  const place = placeOf(node, site);
  const args = bindAll(escape === undefined ? [argument, pattern] : [argument, pattern, escape], site);
  return negatedWhen(negated, bindScalarCall(operator, args, place), place);
}

/** `x operator ANY | ALL (array)`. */
export function bindQuantifiedArray(node: QuantifiedArray, site: ExpressionSite): Scalar {
  const { operator, quantifier, left: leftNode, array } = node;
  const place = placeOf(node, site);
  const argument = bind(leftNode, site);
  if (array.kind === "array" && array.items.length > 0 && !holdsSubquery(argument)) {
    const items = bindAll(array.items, site);
    if (operator === "=" && quantifier === "any") return inList(argument, items, place);
    const parts = items.map((item) => quantifiedOperator(operator, argument, item, place));
    return quantifier === "any" ? disjunction(parts, place.span) : conjunction(parts, place.span);
  }
  let bound = bind(array, site);
  if (isUntyped(bound)) {
    bound = coerce(bound, arrayType(textUnlessTyped(argument, site.context).type), site.context);
  }
  if (bound.type.kind !== "array") {
    throw typeMismatch(`The argument of ${quantifier.toUpperCase()}`, "an array", bound.type, place.span);
  }
  // The array decides an untyped left side.
  const left = isUntyped(argument) ? coerce(argument, bound.type.element, site.context) : argument;
  return bindScalarCall(`${operator} ${quantifier}`, [left, bound], place);
}

/** `operator` of a quantified comparison, where LIKE may be negated. */
export function quantifiedOperator(operator: string, left: Scalar, right: Scalar, place: CallPlace): Scalar {
  const negated = operator.startsWith("not ");
  const name = negated ? operator.slice(4) : operator;
  return negatedWhen(negated, bindScalarCall(name, [left, right], place), place);
}

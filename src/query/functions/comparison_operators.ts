/**
 * `= <> < <= > >=`, IS DISTINCT FROM, and their forms against the elements of an array.
 *
 * @module
 */
import { BOOLEAN, type Datum, type SqlType } from "../../storage/sql_type.ts";
import type { CallContext, ScalarFunction } from "../function.ts";
import { compareDatums, compareNumbers } from "./compare.ts";
import { isNumberKind } from "./cast.ts";
import { argumentType, asArray, asText } from "./datum.ts";
import { likePredicate } from "./pattern.ts";
import { regexFromPostgres } from "./regex_translate.ts";
import { called, signature, strict } from "./signature.ts";

/** Whether an order (negative, 0, positive) satisfies an operator. */
export const COMPARISONS: Readonly<Record<"=" | "<>" | "<" | "<=" | ">" | ">=", (order: number) => boolean>> =
  {
    "=": (order) => order === 0,
    "<>": (order) => order !== 0,
    "<": (order) => order < 0,
    "<=": (order) => order <= 0,
    ">": (order) => order > 0,
    ">=": (order) => order >= 0,
  };

/** Order of two values that share a type, or are both numbers. */
export function compareMixed(a: Datum, typeA: SqlType, b: Datum, typeB: SqlType): number {
  if (isNumberKind(typeA.kind) && isNumberKind(typeB.kind)) return compareNumbers(a, typeA, b, typeB);
  return compareDatums(a, b, typeA.kind === "null" ? typeB : typeA);
}

function compareArguments(args: readonly Datum[], context: CallContext): number {
  return compareMixed(args[0]!, argumentType(context, 0), args[1]!, argumentType(context, 1));
}

function comparison(name: string, accepts: (order: number) => boolean): ScalarFunction {
  const evaluate = (args: readonly Datum[], context: CallContext): boolean =>
    accepts(compareArguments(args, context));
  return strict(name, [
    signature(["number", "number"], BOOLEAN, evaluate),
    signature(["anyelement", "anyelement"], BOOLEAN, evaluate),
  ]);
}

function distinctness(name: string, negated: boolean): ScalarFunction {
  const evaluate = (args: readonly Datum[], context: CallContext): boolean => {
    const [a, b] = args as readonly [Datum, Datum]; // two parameters
    const distinct = a === null || b === null ? a !== b : compareArguments(args, context) !== 0;
    return distinct !== negated;
  };
  return called(name, [
    signature(["number", "number"], BOOLEAN, evaluate),
    signature(["anyelement", "anyelement"], BOOLEAN, evaluate),
  ]);
}

type ElementTest = (left: Datum, leftType: SqlType, element: Datum, elementType: SqlType) => boolean;

/** What can stand before ANY (array) and ALL (array). */
const ELEMENT_TESTS: Readonly<Record<string, ElementTest>> = {
  ...Object.fromEntries(
    Object.entries(COMPARISONS).map(([name, accepts]): [string, ElementTest] => [
      name,
      (left, leftType, element, elementType) => accepts(compareMixed(left, leftType, element, elementType)),
    ]),
  ),
  like: (left, _, element) => likePredicate(asText(element))(asText(left)),
  "not like": (left, _, element) => !likePredicate(asText(element))(asText(left)),
  ilike: (left, _, element) => likePredicate(asText(element), "\\", true)(asText(left)),
  "not ilike": (left, _, element) => !likePredicate(asText(element), "\\", true)(asText(left)),
  "~": (left, _, element) => regexFromPostgres(asText(element), "").test(asText(left)),
  "~*": (left, _, element) => regexFromPostgres(asText(element), "i").test(asText(left)),
  "!~": (left, _, element) => !regexFromPostgres(asText(element), "").test(asText(left)),
  "!~*": (left, _, element) => !regexFromPostgres(asText(element), "i").test(asText(left)),
};

/** All elements of an array of any number of dimensions. */
export function* flatElements(array: readonly Datum[]): Generator<Datum> {
  for (const item of array) {
    if (Array.isArray(item)) yield* flatElements(item);
    else yield item;
  }
}

/** `left operator ANY (array)` decides on TRUE, ALL on FALSE; an undecided NULL makes the result NULL. */
function quantified(operator: string, test: ElementTest, quantifier: "any" | "all"): ScalarFunction {
  const decisive = quantifier === "any";
  const evaluate = (args: readonly Datum[], context: CallContext): Datum => {
    const [left, array] = args as readonly [Datum, Datum]; // two parameters
    if (array === null) return null;
    const arrayType = argumentType(context, 1);
    const elementType = arrayType.kind === "array" ? arrayType.element : argumentType(context, 0);
    const leftType = argumentType(context, 0);
    let unknown = false;
    for (const element of flatElements(asArray(array))) {
      if (left === null || element === null) unknown = true;
      else if (test(left, leftType, element, elementType) === decisive) return decisive;
    }
    return unknown ? null : !decisive;
  };
  return called(`${operator} ${quantifier}`, [
    signature(["anyelement", "anyarray"], BOOLEAN, evaluate),
    signature(["number", "array"], BOOLEAN, evaluate),
  ]);
}

/** Comparison operators. `= any` and the like are `x = ANY (array)`. */
export const COMPARISON_FUNCTIONS: readonly ScalarFunction[] = [
  ...Object.entries(COMPARISONS).map(([name, accepts]) => comparison(name, accepts)),
  distinctness("is distinct from", false),
  distinctness("is not distinct from", true),
  ...Object.entries(ELEMENT_TESTS).flatMap(([name, test]) => [
    quantified(name, test, "any"),
    quantified(name, test, "all"),
  ]),
];

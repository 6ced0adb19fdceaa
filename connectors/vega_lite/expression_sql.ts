/**
 * Vega expressions as SQL: the part of the language that means the same there.
 *
 * What it cannot translate is an error with code `unsupported`; the transform then stays in the spec and runs in
 * the browser. Parameters of the spec that nothing can change count as their values.
 *
 * @module
 */
import { call, literal, type Scalar } from "../../src/query/builder.ts";
import type { QueryPipeline } from "../charts/query_pipeline.ts";
import { callFunction } from "./expression_function.ts";
import { parseExpression, type VegaExpression } from "./expression_parser.ts";
import { unsupported } from "./spec_shape.ts";
import {
  columnValue,
  computed,
  conditional,
  constantValue,
  equality,
  numberOf,
  order,
  textOf,
  truthOf,
  type TypedValue,
} from "./typed_value.ts";

/** What names in an expression mean. */
export interface ExpressionScope {
  /** `datum`. */
  readonly pipeline: QueryPipeline;
  /** Parameters with a fixed value. */
  readonly constants: ReadonlyMap<string, unknown>;
  /** Zone of local times. */
  readonly timeZone: string;
  /** JSON Pointer of the expression. */
  readonly path: string;
}

/**
 * Translates the text of an expression.
 *
 * @throws {QueryError} `unsupported` with the path of the scope; `unknown-column`
 */
export function translateExpression(text: string, scope: ExpressionScope): TypedValue {
  return translate(parseExpression(text, scope.path), scope);
}

/** The column `name` of the rows, as JavaScript sees it. */
export function datumColumn(name: string, scope: ExpressionScope): TypedValue {
  const { pipeline, path, timeZone } = scope;
  return columnValue(pipeline.column(name, path), pipeline.typeOf(name), timeZone, path);
}

const CONSTANTS: Readonly<Record<string, number>> = {
  PI: Math.PI,
  E: Math.E,
  LN2: Math.LN2,
  LN10: Math.LN10,
  LOG2E: Math.LOG2E,
  LOG10E: Math.LOG10E,
  SQRT2: Math.SQRT2,
  SQRT1_2: Math.SQRT1_2,
};

function translate(node: VegaExpression, scope: ExpressionScope): TypedValue {
  const { path } = scope;
  switch (node.kind) {
    case "literal":
      return constantValue(node.value);
    case "name":
      return namedValue(node.name, scope);
    case "member":
      if (node.object.kind === "name" && node.object.name === "datum") {
        return datumColumn(String(node.property), scope);
      }
      if (node.property === "length") return callFunction("length", [translate(node.object, scope)], scope);
      throw unsupported(path, `The member ${node.property} of a value is not known to the engine`);
    case "unary":
      return unary(node.operator, translate(node.argument, scope), path);
    case "binary":
      return binary(node.operator, translate(node.left, scope), translate(node.right, scope), path);
    case "conditional":
      return conditional(
        truthOf(translate(node.test, scope)),
        translate(node.then, scope),
        translate(node.otherwise, scope),
        path,
      );
    case "array":
      throw unsupported(path, "A list stands where a value is wanted");
    case "call":
      return translateCall(node.name, node.arguments, scope);
  }
}

function namedValue(name: string, scope: ExpressionScope): TypedValue {
  const constant = Object.hasOwn(CONSTANTS, name) ? CONSTANTS[name] : scope.constants.get(name);
  if (constant === null || ["string", "number", "boolean"].includes(typeof constant)) {
    // The types that were just listed.
    return constantValue(constant as string | number | boolean | null);
  }
  throw unsupported(scope.path, `The name ${name} is not known to the engine`);
}

function unary(operator: string, argument: TypedValue, path: string): TypedValue {
  if (operator === "!") return computed("boolean", truthOf(argument).not());
  if (operator === "-") {
    return typeof argument.constant === "number"
      ? constantValue(-argument.constant)
      : computed("number", literal(0).minus(numberOf(argument, path)));
  }
  // The only way to write a time as a number.
  return computed("number", numberOf(argument, path));
}

function binary(operator: string, left: TypedValue, right: TypedValue, path: string): TypedValue {
  switch (operator) {
    case "&&":
    case "||":
      return logical(operator, left, right, path);
    case "===":
    case "==":
      return computed("boolean", equality(left, right, operator === "==", path));
    case "!==":
    case "!=":
      return computed("boolean", equality(left, right, operator === "!=", path).not());
    case "<":
    case "<=":
    case ">":
    case ">=":
      return computed("boolean", order(operator, left, right, path));
    case "+":
      if (left.kind === "text" || right.kind === "text") {
        return computed("text", call("concat", textOf(left), textOf(right)));
      }
      return computed("number", numberOf(left, path).plus(numberOf(right, path)));
    case "-":
      return computed("number", numberOf(left, path).minus(numberOf(right, path)));
    case "*":
      return computed("number", numberOf(left, path).times(numberOf(right, path)));
    case "/":
      return callFunction("/", [left, right], { path });
    case "%":
      return callFunction("%", [left, right], { path });
    default:
      throw unsupported(path, `The operator ${operator} is not known to the engine`);
  }
}

function logical(operator: "&&" | "||", left: TypedValue, right: TypedValue, path: string): TypedValue {
  const truth = truthOf(left);
  if (left.kind === "boolean" && right.kind === "boolean") {
    const other = truthOf(right);
    return computed("boolean", operator === "&&" ? truth.and(other) : truth.or(other));
  }
  return operator === "&&" ? conditional(truth, right, left, path) : conditional(truth, left, right, path);
}

function translateCall(name: string, args: readonly VegaExpression[], scope: ExpressionScope): TypedValue {
  const { path } = scope;
  const list = args.find((arg) => arg.kind === "array");
  if (name === "inrange" && args[0] !== undefined && list?.items.length === 2) {
    const value = translate(args[0], scope);
    const [low, high] = list.items.map((item) => translate(item, scope)) as [TypedValue, TypedValue];
    return computed("boolean", inRange(value, low, high, path));
  }
  if (name === "indexof" && args[0]?.kind === "array" && args[1] !== undefined) {
    return indexInList(args[0].items.map((item) => translate(item, scope)), translate(args[1], scope), path);
  }
  if (name === "if" && args.length === 3) {
    const [test, then, otherwise] = args.map((arg) => translate(arg, scope)) as [
      TypedValue,
      TypedValue,
      TypedValue,
    ];
    return conditional(truthOf(test), then, otherwise, path);
  }
  return callFunction(name, args.map((arg) => translate(arg, scope)), scope);
}

/** Between two values in either order, both included: Vega's inrange. */
export function inRange(value: TypedValue, low: TypedValue, high: TypedValue, path: string): Scalar {
  const swapped = typeof low.constant === "number" && typeof high.constant === "number" &&
    low.constant > high.constant;
  const [from, to] = swapped ? [high, low] : [low, high];
  return order(">=", value, from, path).and(order("<=", value, to, path));
}

function indexInList(items: readonly TypedValue[], value: TypedValue, path: string): TypedValue {
  let result: TypedValue = constantValue(-1);
  for (let i = items.length - 1; i >= 0; i--) {
    result = conditional(equality(value, items[i]!, false, path), constantValue(i), result, path);
  }
  return result;
}

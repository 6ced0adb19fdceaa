/**
 * What can be said about the type of an expression without a catalogue: whether it is, or may be, an integer.
 *
 * The printer needs it, for `/` of two integers truncates in PostgreSQL and not elsewhere.
 *
 * @module
 */
import type { Expression, TypeName } from "../query/ast.ts";

const INTEGER_TYPES: ReadonlySet<string> = new Set([
  "int",
  "integer",
  "int2",
  "int4",
  "int8",
  "smallint",
  "bigint",
]);
const FRACTIONAL_TYPES: ReadonlySet<string> = new Set([
  "numeric",
  "decimal",
  "dec",
  "real",
  "float",
  "float4",
  "float8",
  "double precision",
  "interval",
]);
/** Functions that never return an integer type. */
const FRACTIONAL_CALLS: ReadonlySet<string> = new Set([
  "avg",
  "stddev",
  "stddev_pop",
  "stddev_samp",
  "variance",
  "var_pop",
  "var_samp",
  "corr",
  "percentile_cont",
  "sqrt",
  "exp",
  "ln",
  "log",
  "power",
  "random",
  "extract",
]);
const INTEGER_CALLS: ReadonlySet<string> = new Set([
  "count",
  "row_number",
  "rank",
  "dense_rank",
  "length",
  "char_length",
]);

function isIntegerType(type: TypeName): boolean {
  return INTEGER_TYPES.has(type.name) && type.dimensions === 0;
}

function callName(node: Expression): string | undefined {
  return node.kind === "call" && node.name.length === 1 ? node.name[0]?.name : undefined;
}

/** Certainly an integer. */
export function isInteger(node: Expression): boolean {
  switch (node.kind) {
    case "number":
      return /^[\d_]+$/.test(node.text) || /^0[xbo]/i.test(node.text);
    case "cast":
      return isIntegerType(node.type);
    case "unary":
      return (node.operator === "-" || node.operator === "+") && isInteger(node.argument);
    case "binary":
      return ["+", "-", "*", "/", "%"].includes(node.operator) && isInteger(node.left) &&
        isInteger(node.right);
    case "call":
      return INTEGER_CALLS.has(callName(node) ?? "");
    default:
      return false;
  }
}

/** Not certainly another thing than an integer. */
export function mayBeInteger(node: Expression): boolean {
  switch (node.kind) {
    case "number":
      return isInteger(node);
    case "string":
    case "typed":
    case "interval":
      return false;
    case "cast":
      return !FRACTIONAL_TYPES.has(node.type.name);
    case "unary":
      return mayBeInteger(node.argument);
    case "binary":
      return !["+", "-", "*", "/", "%"].includes(node.operator) ||
        (mayBeInteger(node.left) && mayBeInteger(node.right));
    case "call":
      return callMayBeInteger(callName(node) ?? "", node.arguments.map(({ value }) => value));
    case "case":
      return [
        ...node.branches.map(({ then }) => then),
        ...(node.otherwise === undefined ? [] : [node.otherwise]),
      ]
        .every((value) => value.kind === "null" || mayBeInteger(value));
    default:
      return true;
  }
}

function callMayBeInteger(name: string, values: readonly Expression[]): boolean {
  if (FRACTIONAL_CALLS.has(name)) return false;
  const keepsType = ["sum", "min", "max", "abs", "coalesce", "nullif", "round"].includes(name);
  const [first] = values;
  return !keepsType || first === undefined || mayBeInteger(first);
}

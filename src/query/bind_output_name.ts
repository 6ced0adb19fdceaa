/**
 * Names of output columns without an alias, as PostgreSQL gives them.
 *
 * @module
 */
import type { Expression, FunctionCall, QueryBody, TypeName } from "./ast.ts";
import { functionName } from "./bind_call.ts";

/** The name of an expression that has none. */
export const NO_NAME = "?column?";

/** PostgreSQL's internal names, which it gives to casts of unnamed expressions. */
const TYPE_COLUMN_NAMES: Readonly<Record<string, string>> = {
  boolean: "bool",
  smallint: "int2",
  integer: "int4",
  int: "int4",
  bigint: "int8",
  real: "float4",
  float: "float8",
  "double precision": "float8",
  decimal: "numeric",
  dec: "numeric",
  character: "bpchar",
  char: "bpchar",
  "character varying": "varchar",
};

const TRIM_NAMES: Readonly<Record<string, string>> = {
  "trim both": "btrim",
  "trim leading": "ltrim",
  "trim trailing": "rtrim",
};

/** The name of the output column for `expression`. */
export function outputName(expression: Expression): string {
  return figureName(expression)?.name ?? NO_NAME;
}

/** `strong` names win over the name of a cast's type. */
interface Figured {
  readonly name: string;
  readonly strong: boolean;
}

function strong(name: string): Figured {
  return { name, strong: true };
}

function figureName(expression: Expression): Figured | undefined {
  switch (expression.kind) {
    case "column":
      return strong(expression.name.at(-1)?.name ?? NO_NAME);
    case "call":
      return strong(callName(expression));
    case "cast": {
      const inner = figureName(expression.argument);
      return inner?.strong === true ? inner : { name: typeColumnName(expression.type), strong: false };
    }
    case "typed":
      return { name: typeColumnName(expression.type), strong: false };
    case "interval":
      return { name: "interval", strong: false };
    case "case": {
      const inner = expression.otherwise === undefined ? undefined : figureName(expression.otherwise);
      return inner?.strong === true ? inner : { name: "case", strong: false };
    }
    case "subquery":
      return subqueryName(expression.query.body);
    case "exists":
      return strong("exists");
    case "arrayQuery":
    case "array":
      return strong("array");
    case "row":
      return strong("row");
    case "subscript":
    case "slice":
    case "collate":
      return figureName(expression.argument);
    case "field":
      return expression.name === "*" ? figureName(expression.argument) : strong(expression.name.name);
    case "path":
      return strong(expression.path.at(-1)?.name ?? NO_NAME);
    case "binary":
      return expression.operator === "overlaps" ? strong("overlaps") : undefined;
    case "atTimeZone":
      return strong("timezone");
    default:
      return undefined;
  }
}

function callName(call: FunctionCall): string {
  return TRIM_NAMES[call.syntax ?? ""] ?? functionName(call);
}

function typeColumnName({ name }: TypeName): string {
  const plain = name.startsWith("pg_catalog.") ? name.slice("pg_catalog.".length) : name;
  return TYPE_COLUMN_NAMES[plain] ?? plain.replaceAll('"', "");
}

function subqueryName(body: QueryBody): Figured | undefined {
  switch (body.kind) {
    case "query":
      return subqueryName(body.body);
    case "setOperation":
      return subqueryName(body.left);
    case "values":
      return strong("column1");
    case "select": {
      const [item] = body.items;
      if (item === undefined) return undefined;
      return item.alias === undefined ? figureName(item.expression) : strong(item.alias.name);
    }
  }
}

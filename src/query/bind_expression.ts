/**
 * Expressions: names resolved, types decided, casts inserted.
 *
 * One function per kind of node; predicates, calls and subqueries have modules of their own. A chain of
 * operators that nests to the left (`a + b + c`) is bound in a loop, so it costs no stack. O(nodes) and a
 * scan of the scope for each name.
 *
 * @module
 */
import { unreachable } from "../base/assert.ts";
import { LimitError, QueryError } from "../base/error.ts";
import { BOOLEAN, JSON_TYPE, NULL_TYPE, TEXT } from "../storage/sql_type.ts";
import type {
  ArrayConstructor,
  AtTimeZone,
  Binary,
  Case,
  Cast,
  Collate,
  Expression,
  FieldAccess,
  PathAccess,
  Slice,
  Subscript,
  Unary,
} from "./ast.ts";
import { bindCall } from "./bind_call.ts";
import {
  coerce,
  coerceBoolean,
  explicitCast,
  isUntyped,
  textUnlessTyped,
  unify,
  UNTYPED_NULL,
} from "./bind_cast.ts";
import { at, unsupported } from "./bind_context.ts";
import { bindInterval, bindNumber, bindString, bindTyped, literal, restricted } from "./bind_literal.ts";
import { bindScalarCall, compareRows, conjunction, disjunction, negation } from "./bind_operator.ts";
import {
  bindBetween,
  bindDistinctFrom,
  bindInList,
  bindIsTest,
  bindLike,
  bindQuantifiedArray,
} from "./bind_predicate.ts";
import { type ExpressionSite, resolveColumn, withoutSets } from "./bind_scope.ts";
import {
  bindArrayQuery,
  bindExists,
  bindInQuery,
  bindQuantifiedQuery,
  bindRowSubquery,
  bindScalarSubquery,
} from "./bind_subquery.ts";
import { holdsSubquery } from "./bind_traversal.ts";
import { isNumber } from "./coercion.ts";
import { negateNumber } from "./functions/arithmetic_operators.ts";
import type { Scalar } from "./plan.ts";
import { resolveTypeName } from "./type_name.ts";

/** Binds an expression where `site` says. The type of the result may be open (`null`). */
export function bindExpression(expression: Expression, site: ExpressionSite): Scalar {
  return site.context.deeper(() => dispatch(expression, site), expression.span);
}

function dispatch(expression: Expression, site: ExpressionSite): Scalar {
  const { span } = expression;
  switch (expression.kind) {
    case "number":
      return bindNumber(expression);
    case "string":
      return bindString(expression);
    case "boolean":
      return literal(expression.value, BOOLEAN, span);
    case "null":
      return literal(null, NULL_TYPE, span);
    case "typed":
      return bindTyped(expression);
    case "interval":
      return bindInterval(expression);
    case "parameter":
      return site.context.parameter(expression);
    case "column":
      return resolveColumn(expression, site);
    case "unary":
      return bindUnary(expression, site);
    case "binary":
      return bindBinary(expression, site);
    case "and":
    case "or":
      return bindLogical(expression.kind, expression.arguments, site);
    case "not":
      return negation(coerceBoolean(bindExpression(expression.argument, site), "NOT", site.context), span);
    case "is":
      return bindIsTest(expression, site);
    case "isDistinctFrom":
      return bindDistinctFrom(expression, site);
    case "between":
      return bindBetween(expression, site);
    case "inList":
      return bindInList(expression, site);
    case "like":
      return bindLike(expression, site);
    case "quantifiedArray":
      return bindQuantifiedArray(expression, site);
    case "inQuery":
      return bindInQuery(expression, site);
    case "quantifiedQuery":
      return bindQuantifiedQuery(expression, site);
    case "exists":
      return bindExists(expression, site);
    case "subquery":
      return bindScalarSubquery(expression, site);
    case "arrayQuery":
      return bindArrayQuery(expression, site);
    case "call":
      return bindCall(expression, site);
    default:
      return dispatchRest(expression, site);
  }
}

type Rest = Extract<
  Expression,
  {
    kind:
      | "default"
      | "star"
      | "case"
      | "cast"
      | "array"
      | "row"
      | "subscript"
      | "slice"
      | "field"
      | "path"
      | "collate"
      | "atTimeZone";
  }
>;

function dispatchRest(expression: Rest, site: ExpressionSite): Scalar {
  const { span } = expression;
  switch (expression.kind) {
    case "case":
      return bindCase(expression, site);
    case "cast":
      return bindCast(expression, site);
    case "array":
      return bindArray(expression, site);
    case "subscript":
      return bindSubscript(expression, site);
    case "slice":
      return bindSlice(expression, site);
    case "field":
      return bindField(expression, site);
    case "path":
      return bindPath(expression, site, "->");
    case "collate":
      return bindCollate(expression, site);
    case "atTimeZone":
      return bindAtTimeZone(expression, site);
    case "row":
      throw unsupported("A row as a value", span, "select its parts as columns");
    case "default":
      throw new QueryError("invalid-statement", `DEFAULT cannot stand in ${site.clause}`, {
        details: at(span),
        hint: "it may only be a whole value of INSERT, UPDATE or MERGE",
      });
    case "star":
      throw new QueryError("invalid-statement", `* cannot stand in ${site.clause}`, {
        details: at(span),
        hint: "it may only be an item of SELECT or RETURNING, or the argument of count(*)",
      });
    default:
      return unreachable(expression);
  }
}

/** Symbols of prefix operators whose function has another name. */
const PREFIX_FUNCTIONS: Readonly<Record<string, string>> = {
  "-": "negate",
  "~": "bitwise not",
  "@": "abs",
  "|/": "sqrt",
  "||/": "cbrt",
};

function bindUnary({ operator, argument: node, span }: Unary, site: ExpressionSite): Scalar {
  if (operator === "-" && node.kind === "number") {
    return bindNumber(span === undefined ? node : { ...node, span }, true);
  }
  const argument = bindExpression(node, site);
  const place = { context: site.context, span };
  if (operator === "-" && argument.kind === "literal" && isNumber(argument.type) && argument.value !== null) {
    return literal(negateNumber(argument.value, argument.type), argument.type, span);
  }
  if (operator === "+") {
    if (isUntyped(argument)) {
      return bindScalarCall("negate", [bindScalarCall("negate", [argument], place)], place);
    }
    if (isNumber(argument.type) || argument.type.kind === "interval") return argument;
    throw site.context.functions.unknownFunction("+", [argument.type], span);
  }
  return bindScalarCall(PREFIX_FUNCTIONS[operator] ?? operator, [argument], place);
}

/** Whether the operands are rows or periods, which are no values of their own. */
function isRowBinary({ left, right, operator }: Binary): boolean {
  return left.kind === "row" || right.kind === "row" || operator === "overlaps";
}

function bindBinary(node: Binary, site: ExpressionSite): Scalar {
  const chain: Binary[] = [];
  let first: Expression = node;
  while (first.kind === "binary" && !isRowBinary(first)) {
    chain.push(first);
    first = first.left;
  }
  const limit = site.context.limits.chain;
  if (chain.length > limit) {
    throw new LimitError("depth-limit", `Too many operators in a row: received ${chain.length}`, {
      details: at(node.span, { limit, actual: chain.length }),
      hint: `the limit is ${limit}; group them in parentheses or subqueries, or raise statementOperatorsMax`,
    });
  }
  let result = first.kind === "binary" ? bindRowBinary(first, site) : bindExpression(first, site);
  for (const { operator, right, span } of chain.reverse()) {
    const place = { context: site.context, span };
    result = bindScalarCall(operator, [result, bindExpression(right, site)], place);
  }
  return result;
}

function bindRowBinary(node: Binary, site: ExpressionSite): Scalar {
  const { operator, left, right, span } = node;
  const place = { context: site.context, span };
  if (operator === "overlaps") {
    return bindScalarCall("overlaps", [...rowItems(left, site), ...rowItems(right, site)], place);
  }
  if (right.kind === "subquery") {
    return bindRowSubquery({ operator, left: rowItems(left, site), right, span }, site);
  }
  return compareRows(operator, rowItems(left, site), rowItems(right, site), place);
}

/** The values of a row, or the one value. */
function rowItems(expression: Expression, site: ExpressionSite): Scalar[] {
  const items = expression.kind === "row" ? expression.items : [expression];
  return items.map((item) => bindExpression(item, site));
}

function bindLogical(kind: "and" | "or", parts: readonly Expression[], site: ExpressionSite): Scalar {
  const clause = kind.toUpperCase();
  const bound = parts.map((part) => coerceBoolean(bindExpression(part, site), clause, site.context));
  return kind === "and" ? conjunction(bound) : disjunction(bound);
}

function bindCase({ operand, branches, otherwise, span }: Case, outerSite: ExpressionSite): Scalar {
  const { context } = outerSite;
  const site = withoutSets(outerSite, "CASE");
  const subject = operand === undefined ? undefined : repeatable(operand, site);
  const conditions = branches.map(({ when }) => {
    const condition = bindExpression(when, site);
    if (subject === undefined) return coerceBoolean(condition, "CASE WHEN", context);
    return bindScalarCall("=", [subject(), condition], { context, span: when.span });
  });
  const results = branches.map(({ then }) => bindExpression(then, site));
  results.push(otherwise === undefined ? UNTYPED_NULL : bindExpression(otherwise, site));
  const { scalars, type } = unify(results, "CASE", context);
  return {
    kind: "case",
    branches: conditions.map((when, i) => ({ when, then: scalars[i]! })),
    otherwise: scalars[branches.length]!,
    type,
    ...(span === undefined ? {} : { span }),
  };
}

/** Gives the bound expression any number of times; one that holds a subquery is bound anew each time. */
function repeatable(expression: Expression, site: ExpressionSite): () => Scalar {
  let next: Scalar | undefined = bindExpression(expression, site);
  const first = next;
  const fresh = holdsSubquery(first);
  return () => {
    if (!fresh) return first;
    const result = next ?? bindExpression(expression, site);
    next = undefined;
    return result;
  };
}

function bindCast({ argument, type: written, tolerant, span }: Cast, site: ExpressionSite): Scalar {
  const type = resolveTypeName(written);
  const { context } = site;
  if (argument.kind === "array" && argument.items.length === 0) return literal([], type, span);
  // `column:path::text` means the text of the value, not its JSON form.
  const bound = argument.kind === "path" && type.kind !== "json"
    ? bindPath(argument, site, "->>")
    : bindExpression(argument, site);
  return restricted(explicitCast(bound, type, { tolerant, span, context }), written.intervalFields);
}

function bindArray({ items, span }: ArrayConstructor, site: ExpressionSite): Scalar {
  if (items.length === 0) {
    throw new QueryError("type-mismatch", "ARRAY[] has no type of its own", {
      details: at(span),
      hint: "cast it, as in ARRAY[]::integer[]",
    });
  }
  const { scalars } = unify(items.map((item) => bindExpression(item, site)), "ARRAY", site.context);
  return bindScalarCall("array", scalars, { context: site.context, span });
}

function bindSubscript({ argument, index, span }: Subscript, site: ExpressionSite): Scalar {
  const value = textUnlessTyped(bindExpression(argument, site), site.context);
  const place = { context: site.context, span };
  const position = bindExpression(index, site);
  if (value.type.kind === "json") return bindScalarCall("->", [value, position], place);
  return bindScalarCall("subscript", [value, position], place);
}

function bindSlice({ argument, low, high, span }: Slice, site: ExpressionSite): Scalar {
  const bound = (part: Expression | undefined): Scalar =>
    part === undefined ? UNTYPED_NULL : bindExpression(part, site);
  const args = [bindExpression(argument, site), bound(low), bound(high)];
  return bindScalarCall("slice", args, { context: site.context, span });
}

/** `(t).column`; values with fields do not exist. */
function bindField({ argument, name, span }: FieldAccess, site: ExpressionSite): Scalar {
  if (argument.kind === "column" && name !== "*") {
    const reference = { kind: "column" as const, name: [...argument.name, name] };
    return resolveColumn(span === undefined ? reference : { ...reference, span }, site);
  }
  throw unsupported("Access to a field of a value", span, "take a part of JSON with ->");
}

function bindPath({ argument, path, span }: PathAccess, site: ExpressionSite, last: "->" | "->>"): Scalar {
  const place = { context: site.context, span };
  let value = bindExpression(argument, site);
  if (value.type.kind !== "json") value = explicitCast(value, JSON_TYPE, { tolerant: false, ...place });
  path.forEach((part, i) => {
    const operator = i === path.length - 1 ? last : "->";
    value = bindScalarCall(operator, [value, literal(part.name, TEXT, part.span)], place);
  });
  return value;
}

/** Collations that order by code point, as every comparison here does. */
const COLLATIONS: ReadonlySet<string> = new Set([
  "c",
  "posix",
  "default",
  "ucs_basic",
  "c.utf8",
  "c.utf-8",
  "pg_c_utf8",
]);

function bindCollate({ argument, collation, span }: Collate, site: ExpressionSite): Scalar {
  const name = collation.at(-1)?.name ?? "";
  if (!COLLATIONS.has(name.toLowerCase())) {
    throw unsupported(`Collation "${name}"`, span, 'text is ordered by code point: use COLLATE "C"');
  }
  const bound = bindExpression(argument, site);
  return isUntyped(bound) ? coerce(bound, TEXT, site.context) : bound;
}

function bindAtTimeZone({ argument, zone, span }: AtTimeZone, site: ExpressionSite): Scalar {
  const value = bindExpression(argument, site);
  const args = zone === undefined ? [value] : [bindExpression(zone, site), value];
  return bindScalarCall("timezone", args, { context: site.context, span });
}

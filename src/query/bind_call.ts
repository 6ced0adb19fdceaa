/**
 * Calls: which function a name means, and the constructs that look like calls but are expressions.
 *
 * A name is looked up as a special form, then (with OVER) as a window function, then as an aggregate, a scalar
 * function and a set-returning function. Other dialects' names for special forms (NVL, IFF, DECODE) are
 * rewritten here.
 *
 * @module
 */
import { QueryError } from "../base/error.ts";
import { INTEGER, NULL_TYPE, type SqlType, TEXT } from "../storage/sql_type.ts";
import type { Expression, FunctionCall } from "./ast.ts";
import { bindAggregate, bindGrouping } from "./bind_aggregate.ts";
import { coerce, coerceBoolean, unify, UNTYPED_NULL } from "./bind_cast.ts";
import { at, unsupported } from "./bind_context.ts";
import { literal } from "./bind_literal.ts";
import { bindScalarCall, type CallPlace, nullTest } from "./bind_operator.ts";
import { type ExpressionSite, findColumn, withoutSets } from "./bind_scope.ts";
import { bindWindow } from "./bind_window.ts";
import { unitOf } from "./functions/interval_text.ts";
import type { Scalar } from "./plan.ts";

/** Schemas that hold the built-in functions. */
const FUNCTION_SCHEMAS: ReadonlySet<string> = new Set(["pg_catalog", "public", "main", "information_schema"]);

/** The name under which the registry knows the function. */
export function functionName(call: FunctionCall): string {
  const parts = call.name.map((part) => part.name);
  const name = parts.at(-1) ?? "";
  const schema = parts.slice(0, -1).join(".");
  return schema === "" || FUNCTION_SCHEMAS.has(schema) ? name : `${schema}.${name}`;
}

/** Binds a call of any kind. */
export function bindCall(call: FunctionCall, site: ExpressionSite): Scalar {
  const name = syntaxName(call);
  const { functions } = site.context;
  if (name === "merge_action" && site.mergeAction !== undefined) return site.mergeAction;
  if (call.over !== undefined) return bindWindow(name, call, site);
  const special = SPECIAL_FORMS[name];
  if (special !== undefined && Object.hasOwn(SPECIAL_FORMS, name)) {
    refuseAggregateSyntax(name, call);
    return special(callArguments(call), site, call);
  }
  if (functions.aggregate(name) !== undefined) return bindAggregate(name, call, site);
  if (functions.window(name) !== undefined && functions.scalar(name) === undefined) {
    throw new QueryError("invalid-statement", `Window function ${name} needs an OVER clause`, {
      details: at(call.span, { function: name }),
      hint: `write ${name}(...) OVER (ORDER BY ...)`,
    });
  }
  const isScalar = functions.scalar(name) !== undefined;
  if (isScalar || functions.table(name) !== undefined) {
    refuseAggregateSyntax(name, call);
    return isScalar ? bindPlainCall(name, call, site) : bindSetCall(name, call, site);
  }
  throw functions.unknownFunction(
    name,
    call.arguments.map((one) => typeForMessage(one.value, site)),
    call.span,
  );
}

/** The type of an argument, open where it cannot be bound: the unknown function is the error to tell. */
function typeForMessage(expression: Expression, site: ExpressionSite): SqlType {
  try {
    return site.context.binder.expression(expression, site).type;
  } catch (error) {
    if (error instanceof QueryError) return NULL_TYPE;
    throw error;
  }
}

/** The plain function behind a special syntax. */
function syntaxName(call: FunctionCall): string {
  const keyed = call.arguments.some((one) => one.key !== undefined);
  switch (call.syntax ?? functionName(call)) {
    case "row_to_json":
      return "to_json";
    case "json_object":
      return keyed || call.arguments.length === 0
        ? constructor(call, "json_build_object", "null")
        : "json_object";
    case "json_array":
      return constructor(call, "json_build_array", "absent");
    case "json_objectagg":
      return constructor(call, "json_object_agg", "null");
    case "json_arrayagg":
      return constructor(call, "json_agg", "absent");
    case "trim both":
      return "btrim";
    case "trim leading":
      return "ltrim";
    case "trim trailing":
      return "rtrim";
    default:
      return functionName(call);
  }
}

/** A JSON constructor as the function that keeps NULLs; leaving them out is not carried out. */
function constructor(call: FunctionCall, name: string, standard: "absent" | "null"): string {
  if ((call.onNull ?? standard) === "null" || call.arguments.length === 0) return name;
  throw unsupported(`${functionName(call)} with ABSENT ON NULL`, call.span, "write NULL ON NULL");
}

function callArguments(call: FunctionCall): readonly Expression[] {
  return call.arguments.map(({ value, name, variadic }) => {
    if (name !== undefined) {
      throw unsupported("An argument by name", name.span, "give the arguments by position");
    }
    if (variadic === true && value.kind !== "array") {
      throw unsupported("VARIADIC with an array that is no constructor", value.span, "list the arguments");
    }
    return value;
  });
}

function refuseAggregateSyntax(name: string, call: FunctionCall): void {
  const { distinct, filter, orderBy, withinGroup, star, nulls } = call;
  const clause = distinct === true
    ? "DISTINCT"
    : filter !== undefined
    ? "FILTER"
    : orderBy !== undefined
    ? "ORDER BY"
    : withinGroup !== undefined
    ? "WITHIN GROUP"
    : star === true
    ? "*"
    : nulls !== undefined
    ? "IGNORE NULLS"
    : undefined;
  if (clause === undefined) return;
  throw new QueryError("invalid-statement", `${clause} needs an aggregate: received ${name}`, {
    details: at(call.span, { function: name, clause }),
    hint: "it stands only in calls of aggregates",
  });
}

/** Functions whose first argument may be a bare unit, as in `DATEDIFF(day, a, b)`. */
const UNIT_FIRST: ReadonlySet<string> = new Set([
  "datediff",
  "date_diff",
  "dateadd",
  "date_add",
  "timestampdiff",
  "timestampadd",
  "timediff",
  "timeadd",
  "date_trunc",
  "date_part",
  "time_slice",
  "last_day",
  "next_day",
]);

function bindPlainCall(name: string, call: FunctionCall, site: ExpressionSite): Scalar {
  const place = { context: site.context, span: call.span };
  const args = plainArguments(name, call, site);
  if (call.syntax === "substring for") {
    const [text, length] = args;
    return bindScalarCall(name, [text!, literal(1, INTEGER), length!], place);
  }
  return bindScalarCall(name, args, place);
}

/** `key: value` and `VARIADIC ARRAY[...]` are spread; a bare unit becomes a text. */
function plainArguments(name: string, call: FunctionCall, site: ExpressionSite): Scalar[] {
  const { binder } = site.context;
  if (name === "make_interval" && call.arguments.some((one) => one.name !== undefined)) {
    return makeIntervalArguments(call, site);
  }
  callArguments(call);
  return call.arguments.flatMap(({ value, key, variadic }, i) => {
    if (key !== undefined) return [binder.expression(key, site), binder.expression(value, site)];
    if (variadic === true && value.kind === "array") {
      return value.items.map((item) => binder.expression(item, site));
    }
    const unit = UNIT_FIRST.has(name) && (i === 0 || i === call.arguments.length - 1)
      ? bareUnit(value, site)
      : undefined;
    return [unit ?? binder.expression(value, site)];
  });
}

function bareUnit(value: Expression, site: ExpressionSite): Scalar | undefined {
  const [only] = value.kind === "column" && value.name.length === 1 ? value.name : [];
  if (only === undefined || unitOf(only.name) === undefined) return undefined;
  if (findColumn([only.name], site, value.span) !== undefined) return undefined;
  return literal(only.name, TEXT, value.span);
}

const INTERVAL_PARTS = ["years", "months", "weeks", "days", "hours", "mins", "secs"];

function makeIntervalArguments(call: FunctionCall, site: ExpressionSite): Scalar[] {
  const args: Scalar[] = INTERVAL_PARTS.map(() => literal(0, INTEGER));
  call.arguments.forEach(({ value, name }, i) => {
    const index = name === undefined ? i : INTERVAL_PARTS.indexOf(name.name);
    if (index < 0) {
      throw new QueryError("unknown-function", `make_interval has no argument "${name?.name}"`, {
        details: at(call.span),
        hint: `its arguments are ${INTERVAL_PARTS.join(", ")}`,
      });
    }
    args[index] = site.context.binder.expression(value, site);
  });
  return args;
}

/** A set-returning function in the SELECT list. */
function bindSetCall(name: string, call: FunctionCall, site: ExpressionSite): Scalar {
  const { context, collector } = site;
  if (!site.allows.sets || collector === undefined) {
    throw new QueryError(
      "invalid-statement",
      `Function ${name} gives rows and cannot stand in ${site.clause}`,
      {
        details: at(call.span, { function: name }),
        hint: "call it in FROM or as an item of SELECT",
      },
    );
  }
  const args = callArguments(call).map((one) => context.binder.expression(one, site));
  const resolved = context.functions.resolveTable(name, args.map((one) => one.type), call.span);
  if (resolved.columns.length !== 1) {
    throw unsupported(
      `A call of ${name}, which gives several columns, in SELECT`,
      call.span,
      "call it in FROM",
    );
  }
  const columns = resolved.columns.map((column) => context.newColumn(column.name, column.type, true));
  const cast = args.map((one, i) => coerce(one, resolved.parameterTypes[i]!, context));
  return collector.addSet({ call: { function: name, arguments: cast, width: 1 }, columns }, call.span);
}

type SpecialForm = (args: readonly Expression[], site: ExpressionSite, call: FunctionCall) => Scalar;

/** Constructs written as calls that are expressions of their own. */
const SPECIAL_FORMS: Readonly<Record<string, SpecialForm>> = {
  coalesce: bindCoalesce,
  ifnull: bindCoalesce,
  nvl: bindCoalesce,
  iff: bindIf,
  if: bindIf,
  nvl2: bindIfNull,
  grouping: bindGrouping,
  grouping_id: bindGrouping,
  decode: bindDecode,
  greatest: bindExtreme,
  least: bindExtreme,
  nullif: bindNullIf,
};

function bindAll(args: readonly Expression[], site: ExpressionSite): Scalar[] {
  return args.map((one) => site.context.binder.expression(one, site));
}

function requireCount(args: readonly Expression[], least: number, call: FunctionCall): void {
  if (args.length >= least) return;
  const name = functionName(call);
  throw new QueryError(
    "unknown-function",
    `Function ${name} takes ${least} arguments: received ${args.length}`,
    {
      details: at(call.span, { function: name }),
    },
  );
}

function spanOf(call: FunctionCall): { span?: NonNullable<FunctionCall["span"]> } {
  return call.span === undefined ? {} : { span: call.span };
}

function bindCoalesce(args: readonly Expression[], site: ExpressionSite, call: FunctionCall): Scalar {
  requireCount(args, 1, call);
  const { scalars, type } = unify(bindAll(args, withoutSets(site, "COALESCE")), "COALESCE", site.context);
  const [only] = scalars;
  if (scalars.length === 1 && only !== undefined) return only;
  return { kind: "coalesce", arguments: scalars, type, ...spanOf(call) };
}

function bindExtreme(args: readonly Expression[], site: ExpressionSite, call: FunctionCall): Scalar {
  requireCount(args, 1, call);
  const name = functionName(call);
  const { scalars } = unify(bindAll(args, site), name.toUpperCase(), site.context);
  return bindScalarCall(name, scalars, { context: site.context, span: call.span });
}

/** NULLIF compares in the common type but keeps the type of its first argument. */
function bindNullIf(args: readonly Expression[], site: ExpressionSite, call: FunctionCall): Scalar {
  requireCount(args, 2, call);
  return bindScalarCall("nullif", bindAll(args, site), { context: site.context, span: call.span });
}

function choice(when: Scalar, then: Scalar, otherwise: Scalar, place: CallPlace): Scalar {
  const { scalars, type } = unify([then, otherwise], "CASE", place.context);
  const result = {
    kind: "case" as const,
    branches: [{ when, then: scalars[0]! }],
    otherwise: scalars[1]!,
    type,
  };
  return place.span === undefined ? result : { ...result, span: place.span };
}

function bindIf(args: readonly Expression[], site: ExpressionSite, call: FunctionCall): Scalar {
  requireCount(args, 2, call);
  const [condition, then, otherwise] = bindAll(args, site);
  const when = coerceBoolean(condition!, "IFF", site.context);
  return choice(when, then!, otherwise ?? UNTYPED_NULL, { context: site.context, span: call.span });
}

function bindIfNull(args: readonly Expression[], site: ExpressionSite, call: FunctionCall): Scalar {
  requireCount(args, 3, call);
  const [value, then, otherwise] = bindAll(args, site);
  return choice(nullTest(value!, true), then!, otherwise!, { context: site.context, span: call.span });
}

/** PostgreSQL's `decode(text, format)`, or Oracle's and Snowflake's `DECODE(x, a, result, ..., default)`. */
function bindDecode(args: readonly Expression[], site: ExpressionSite, call: FunctionCall): Scalar {
  const place = { context: site.context, span: call.span };
  if (args.length <= 2) return bindScalarCall("decode", bindAll(args, site), place);
  const [subject, ...rest] = args;
  const conditions: Scalar[] = [];
  const results: Expression[] = [];
  for (let i = 0; i + 1 < rest.length; i += 2) {
    conditions.push(bindScalarCall("is not distinct from", bindAll([subject!, rest[i]!], site), place));
    results.push(rest[i + 1]!);
  }
  const otherwise = rest.length % 2 === 1 ? bindAll([rest.at(-1)!], site) : [UNTYPED_NULL];
  const { scalars, type } = unify([...bindAll(results, site), ...otherwise], "DECODE", site.context);
  return {
    kind: "case",
    branches: conditions.map((when, i) => ({ when, then: scalars[i]! })),
    otherwise: scalars[conditions.length]!,
    type,
    ...spanOf(call),
  };
}

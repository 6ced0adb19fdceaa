/**
 * Functions in FROM: set-returning ones, several in step, WITH ORDINALITY, and records from JSON.
 *
 * @module
 */
import { QueryError } from "../base/error.ts";
import { BIGINT, JSON_TYPE, TEXT } from "../storage/sql_type.ts";
import type { ColumnType, Expression, FunctionCall, TableAlias, TableFunction } from "./ast.ts";
import { functionName } from "./bind_call.ts";
import { coerce, explicitCast, textUnlessTyped } from "./bind_cast.ts";
import { at, type BoundTable, type QueryPlace, unsupported } from "./bind_context.ts";
import { literal } from "./bind_literal.ts";
import { canBeNull } from "./bind_nullability.ts";
import { bindScalarCall } from "./bind_operator.ts";
import { outputName } from "./bind_output_name.ts";
import {
  columnScalar,
  type ExpressionSite,
  SCALARS_ONLY,
  type Scope,
  type ScopeColumn,
} from "./bind_scope.ts";
import type { Plan, PlanColumn, Scalar, TableFunctionPlan } from "./plan.ts";
import { resolveTypeName } from "./type_name.ts";

const ONE_ROW: Plan = { kind: "values", columns: [], rows: [[]] };

/** Functions whose columns the query declares, and the function that gives one JSON object a row. */
const RECORD_FUNCTIONS: Readonly<Record<string, string | undefined>> = {
  json_to_recordset: "json_array_elements",
  jsonb_to_recordset: "jsonb_array_elements",
  json_to_record: undefined,
  jsonb_to_record: undefined,
};

/** One call with its columns. */
interface CallColumns {
  readonly call: TableFunctionPlan["calls"][number];
  readonly columns: readonly PlanColumn[];
}

/** Binds a FROM item that is a call, or several in step. */
export function bindTableFunction(node: TableFunction, place: QueryPlace, lateral: Scope): BoundTable {
  const { context, ctes } = place;
  const site: ExpressionSite = {
    context,
    scope: lateral,
    ctes,
    clause: "a function in FROM",
    allows: SCALARS_ONLY,
  };
  const [only] = node.calls;
  if (only === undefined) throw unsupported("ROWS FROM without a call", node.span);
  const name = only.call.kind === "call" ? functionName(only.call) : outputName(only.call);
  const types = node.alias?.types ?? only.types;
  if (types !== undefined && node.calls.length === 1) {
    return aliased(bindRecord(only.call, types, site), node.alias, name, true);
  }
  const bound = node.calls.flatMap(({ call }) => tableCalls(call, site));
  if (bound.length === 0) {
    if (node.calls.length > 1 || node.ordinality === true) {
      throw unsupported("A scalar function in ROWS FROM", node.span, "call it in a subquery");
    }
    return aliased(bindScalarTable(only.call, name, site), node.alias, name);
  }
  const columns = bound.flatMap((one) => one.columns);
  const ordinality = node.ordinality === true;
  if (ordinality) columns.push(context.newColumn("ordinality", BIGINT, false));
  const plan: Plan = {
    kind: "tableFunction",
    input: ONE_ROW,
    calls: bound.map((one) => one.call),
    columns,
    ordinality,
    outer: false,
  };
  return aliased({ plan, columns }, node.alias, name);
}

/** The set-returning calls of one FROM call: `unnest(a, b)` is two in step. None for a scalar function. */
function tableCalls(expression: Expression, site: ExpressionSite): readonly CallColumns[] {
  if (expression.kind !== "call") return [];
  const name = functionName(expression);
  const { functions } = site.context;
  if (functions.table(name) === undefined || expression.over !== undefined) return [];
  const args = argumentsOf(expression, site);
  if (name === "unnest" && args.length > 1) {
    return args.map((one) => tableCall(name, [one], expression, site));
  }
  return [tableCall(name, args, expression, site)];
}

function argumentsOf(call: FunctionCall, site: ExpressionSite): Scalar[] {
  return call.arguments.map(({ value, name, key }) => {
    if (name !== undefined || key !== undefined) {
      throw unsupported("An argument by name", call.span, "give the arguments by position");
    }
    return site.context.binder.expression(value, site);
  });
}

function tableCall(
  name: string,
  args: readonly Scalar[],
  call: FunctionCall,
  site: ExpressionSite,
): CallColumns {
  const { context } = site;
  const resolved = context.functions.resolveTable(name, args.map((one) => one.type), call.span);
  const cast = args.map((one, i) => coerce(one, resolved.parameterTypes[i]!, context));
  const columns = resolved.columns.map((column) => context.newColumn(column.name, column.type, true));
  return { call: { function: name, arguments: cast, width: columns.length }, columns };
}

interface Produced {
  readonly plan: Plan;
  readonly columns: readonly PlanColumn[];
}

/** A scalar function in FROM gives one row. */
function bindScalarTable(call: Expression, name: string, site: ExpressionSite): Produced {
  const { context } = site;
  const expression = textUnlessTyped(context.binder.expression(call, site), context);
  const column = context.newColumn(name, expression.type, canBeNull(expression, context));
  const plan: Plan = { kind: "project", input: ONE_ROW, items: [{ ...column, expression }] };
  return { plan, columns: [column] };
}

/** `json_to_recordset(x) AS t(a int, b text)`: a row per object, its declared fields as columns. */
function bindRecord(call: Expression, types: readonly ColumnType[], site: ExpressionSite): Produced {
  const { context } = site;
  const name = call.kind === "call" ? functionName(call) : "";
  const [argument] = call.kind === "call" ? argumentsOf(call, site) : [];
  if (!Object.hasOwn(RECORD_FUNCTIONS, name) || argument === undefined) {
    throw unsupported(
      `A column definition list for ${name}`,
      call.span,
      "only functions that give records take one",
    );
  }
  const elements = RECORD_FUNCTIONS[name];
  const json = coerce(argument, JSON_TYPE, context);
  let input: Plan = ONE_ROW;
  let record: Scalar = json;
  if (elements !== undefined) {
    const column = context.newColumn("value", JSON_TYPE, true);
    const calls = [{ function: elements, arguments: [json], width: 1 }];
    input = {
      kind: "tableFunction",
      input: ONE_ROW,
      calls,
      columns: [column],
      ordinality: false,
      outer: false,
    };
    record = columnScalar(column);
  }
  const place = { context, span: call.span };
  const items = types.map(({ name: field, type: written }) => {
    const type = resolveTypeName(written);
    const value = bindScalarCall(
      type.kind === "json" ? "->" : "->>",
      [record, literal(field.name, TEXT)],
      place,
    );
    const expression = explicitCast(value, type, { tolerant: false, ...place });
    return { ...context.newColumn(field.name, type, true), expression };
  });
  return { plan: { kind: "project", input, items }, columns: items };
}

/** A call's columns under its alias; a single column named like the function takes the alias as its name. */
function aliased(
  { plan, columns }: Produced,
  alias: TableAlias | undefined,
  name: string,
  declared = false,
): BoundTable {
  const relation = alias === undefined || alias.name.name === "" ? name : alias.name.name;
  const own = columns.filter((one) => one.name !== "ordinality");
  const names = declared ? [] : alias?.columns ?? [];
  if (names.length > columns.length) {
    throw new QueryError(
      "column-count",
      `"${relation}" has ${columns.length} columns: received ${names.length} names`,
      {
        details: at(alias?.span, { expected: columns.length, actual: names.length }),
      },
    );
  }
  const named = columns.map((column, i): ScopeColumn => {
    const renamedByAlias = !declared && own.length === 1 && column === own[0] && column.name === name;
    return { name: names[i]?.name ?? (renamedByAlias ? relation : column.name), column };
  });
  return { plan, visible: { relations: [{ name: relation, columns: named }], columns: named } };
}

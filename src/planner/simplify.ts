/**
 * Rule "simplify": constant folding and the laws of three-valued logic.
 *
 * - Immutable calls and casts of constants are computed. A call that fails stays as it is: the error belongs
 *   to the rows that reach it, and there may be none.
 * - NOT moves inward, constants leave AND and OR, an OR of equalities becomes IN, conjuncts that all branches
 *   of an OR share move out of it.
 * - Where only TRUE counts (filters, inner join conditions), NULL is FALSE and `x = x` is `x IS NOT NULL`.
 * - Inputs without rows make their readers empty.
 *
 * @module
 */
import { LiveViewError } from "../base/error.ts";
import { castDatum } from "../query/functions/cast.ts";
import type { AggregateCall, AggregatePlan, ColumnId, Plan, Scalar } from "../query/plan.ts";
import { children, mapPlanScalars, mapScalar, planColumns, splitConjuncts } from "../query/plan_walk.ts";
import { scalarKey } from "../query/plan_key.ts";
import { BOOLEAN, type Datum, sameType } from "../storage/sql_type.ts";
import type { PlannerFunctions, Rule, RuleContext } from "./environment.ts";
import { withoutWidening } from "./widening_cast.ts";
import { mayBeNull, notNullColumns } from "./nullability.ts";
import { rewritePlan } from "./rewrite.ts";
import { constantCount } from "./row_bound.ts";
import {
  call,
  comparisonOf,
  disjunction,
  equal,
  FALSE,
  isNull,
  literal,
  MIRRORED,
  NEGATED,
  nullOf,
  splitDisjuncts,
  TRUE,
} from "./scalar.ts";

export const simplify: Rule = {
  name: "simplify",
  apply: (plan, context) => rewritePlan(plan, (node) => simplifyNode(node, context)),
};

// --- Plans --------------------------------------------------------------------------------------

function simplifyNode(plan: Plan, context: RuleContext): Plan {
  const { functions } = context.environment;
  const notNull = notNullColumns(...children(plan));
  const simplified = mapPlanScalars(plan, (scalar) => simplifyScalar(scalar, functions, notNull));
  const node = simplifyCondition(simplified, functions, notNull);
  return withoutEmptyInputs(node.kind === "aggregate" ? countingRows(node, notNull) : node);
}

/** `count(x)` of a column without NULLs is `count(*)`: the column need not be read. */
function countingRows(plan: AggregatePlan, notNull: ReadonlySet<ColumnId>): AggregatePlan {
  const isRowCount = (call: AggregateCall): boolean =>
    call.function === "count" && call.arguments.length === 1 && !call.distinct &&
    !mayBeNull(call.arguments[0]!, notNull);
  if (!plan.aggregates.some(isRowCount)) return plan;
  const aggregates = plan.aggregates.map((call) => isRowCount(call) ? { ...call, arguments: [] } : call);
  return { ...plan, aggregates };
}

/** Simplifies what only counts when TRUE. */
function simplifyCondition(plan: Plan, functions: PlannerFunctions, notNull: ReadonlySet<ColumnId>): Plan {
  if (plan.kind === "filter") {
    const predicate = asCondition(plan.predicate, functions, notNull);
    if (isConstant(predicate, true)) return plan.input;
    if (isRejected(predicate)) return emptyPlan(plan);
    return predicate === plan.predicate ? plan : { ...plan, predicate };
  }
  if (plan.kind !== "join" || plan.condition === null) return plan;
  if (plan.join === "mark") return isConstant(plan.condition, true) ? { ...plan, condition: null } : plan;
  const condition = asCondition(plan.condition, functions, notNull);
  if (isConstant(condition, true)) return { ...plan, condition: null };
  if (isRejected(condition)) {
    if (plan.join === "inner" || plan.join === "semi") return emptyPlan(plan);
    if (plan.join === "anti") return plan.left;
    if (plan.join === "left" || plan.join === "single") {
      return { ...plan, right: emptyPlan(plan.right), condition: null };
    }
  }
  return condition === plan.condition ? plan : { ...plan, condition };
}

/** The plan with the columns of `plan` and no rows. */
export function emptyPlan(plan: Plan): Plan {
  return { kind: "values", columns: planColumns(plan), rows: [] };
}

function isEmpty(plan: Plan): boolean {
  return plan.kind === "values" && plan.rows.length === 0;
}

function withoutEmptyInputs(plan: Plan): Plan {
  switch (plan.kind) {
    case "filter":
    case "project":
    case "window":
    case "sort":
    case "sample":
    case "distinct":
    case "tableFunction":
      return isEmpty(plan.input) ? emptyPlan(plan) : plan;
    case "limit":
      return isEmpty(plan.input) || constantCount(plan.limit) === 0 ? emptyPlan(plan) : plan;
    case "aggregate":
      return isEmpty(plan.input) && plan.groups.length > 0 && plan.sets === undefined
        ? emptyPlan(plan)
        : plan;
    case "join":
      if (plan.join === "anti" && isEmpty(plan.right)) return plan.left;
      if (isEmpty(plan.left) && plan.join !== "full" && plan.join !== "right") return emptyPlan(plan);
      return isEmpty(plan.right) && (plan.join === "inner" || plan.join === "semi") ? emptyPlan(plan) : plan;
    default:
      return plan;
  }
}

// --- Scalars ------------------------------------------------------------------------------------

/** `scalar` in its simplest form. `notNull` are the columns that hold no NULL. */
export function simplifyScalar(
  scalar: Scalar,
  functions: PlannerFunctions,
  notNull: ReadonlySet<ColumnId>,
): Scalar {
  return mapScalar(scalar, (each) => simplifyStep(each, functions, notNull));
}

/** `condition` where NULL is as good as FALSE. */
function asCondition(condition: Scalar, functions: PlannerFunctions, notNull: ReadonlySet<ColumnId>): Scalar {
  const rejected = (each: Scalar): Scalar => isRejected(each) ? FALSE : each;
  switch (condition.kind) {
    case "and":
    case "or": {
      const parts = condition.arguments.map((each) => rejected(asCondition(each, functions, notNull)));
      if (parts.every((part, index) => part === condition.arguments[index])) return condition;
      return simplifyScalar({ ...condition, arguments: parts }, functions, notNull);
    }
    case "coalesce": {
      const last = condition.arguments[condition.arguments.length - 1]!;
      return condition.arguments.length === 2 && isConstant(last, false)
        ? asCondition(condition.arguments[0]!, functions, notNull)
        : condition;
    }
    case "call": {
      const comparison = comparisonOf(condition);
      if (comparison === undefined || comparison.left.kind !== "column") return condition;
      const { operator, left, right } = comparison;
      if (right.kind !== "column" || left.kind !== "column" || left.id !== right.id) return condition;
      if (operator !== "=" && operator !== "<=" && operator !== ">=") return FALSE;
      return notNull.has(left.id) ? TRUE : isNull(left, true);
    }
    default:
      return condition;
  }
}

function simplifyStep(scalar: Scalar, functions: PlannerFunctions, notNull: ReadonlySet<ColumnId>): Scalar {
  switch (scalar.kind) {
    case "call":
      return simplifyCall(scalar, functions);
    case "cast":
      return foldCast(scalar);
    case "and":
    case "or":
      return simplifyLogical(scalar.kind, scalar.arguments);
    case "not":
      return negated(scalar);
    case "isNull":
      if (scalar.argument.kind === "literal") {
        return truth((scalar.argument.value === null) !== scalar.negated);
      }
      return mayBeNull(scalar.argument, notNull) ? scalar : truth(scalar.negated);
    case "inList":
      if (isNullLiteral(scalar.argument) && scalar.items.length > 0) return nullOf(BOOLEAN);
      return scalar.items.length === 1 && sameType(scalar.argument.type, scalar.items[0]!.type)
        ? simplifyCall({ ...equal(scalar.argument, scalar.items[0]!), kind: "call" } as CallScalar, functions) // equal() makes a call
        : scalar;
    case "case":
      return simplifyCase(scalar);
    case "coalesce":
      return simplifyCoalesce(scalar, notNull);
    case "column":
    case "literal":
    case "parameter":
    case "subquery":
      return scalar;
  }
}

type CallScalar = Scalar & { readonly kind: "call" };

function simplifyCall(scalar: CallScalar, functions: PlannerFunctions): Scalar {
  const definition = functions.scalar(scalar.name);
  if (definition === undefined || definition.volatility === "volatile") return scalar;
  if (definition.nulls === "strict" && scalar.arguments.some(isNullLiteral)) return nullOf(scalar.type);
  if (definition.volatility === "immutable" && scalar.arguments.every((each) => each.kind === "literal")) {
    return foldCall(scalar, functions);
  }
  const comparison = comparisonOf(scalar);
  if (comparison === undefined) return scalar;
  if (isFixed(comparison.left) && !isFixed(comparison.right)) {
    const args = [comparison.right, comparison.left];
    return simplifyCall({ ...scalar, name: MIRRORED[comparison.operator], arguments: args }, functions);
  }
  return withoutWidening(comparison) ?? scalar;
}

function isFixed(scalar: Scalar): boolean {
  return scalar.kind === "literal" || scalar.kind === "parameter";
}

function foldCall(scalar: CallScalar, functions: PlannerFunctions): Scalar {
  const argumentTypes = scalar.arguments.map((each) => each.type);
  // What reads or makes local time of an instant depends on the session's zone; comparing instants does not.
  const zoned = [...argumentTypes, scalar.type].some(({ kind }) => kind === "timestamptz");
  if (zoned && comparisonOf(scalar) === undefined) return scalar;
  const values = scalar.arguments.map((each): Datum => each.kind === "literal" ? each.value : null);
  return attempt(scalar, () => {
    const { signature } = functions.resolveScalar(scalar.name, argumentTypes);
    const context = {
      nowMicros: 0,
      timeZone: "UTC",
      random: () => 0,
      argumentTypes,
      resultType: scalar.type,
    };
    return literal(signature.evaluate(values, context), scalar.type);
  });
}

/** Words that mean the time of the statement. */
const MOVING_TEXT = /^\s*(now|today|tomorrow|yesterday|allballs|epoch)/i;

function foldCast(scalar: Scalar & { readonly kind: "cast" }): Scalar {
  const { argument, type } = scalar;
  if (sameType(argument.type, type) && type.kind !== "text") return argument;
  if (argument.kind !== "literal") return scalar;
  if (argument.value === null) return nullOf(type);
  const zoned = argument.type.kind === "timestamptz" || type.kind === "timestamptz";
  const moving = typeof argument.value === "string" && MOVING_TEXT.test(argument.value);
  if (zoned || moving || argument.type.kind === "null") return scalar;
  return attempt(
    scalar,
    () => literal(castDatum(argument.value, argument.type, type, scalar.explicit), type),
  );
}

/** What `compute` gives, or `otherwise` when it fails as an expression may fail. */
function attempt(otherwise: Scalar, compute: () => Scalar): Scalar {
  try {
    return compute();
  } catch (error) {
    if (error instanceof LiveViewError) return otherwise;
    throw error;
  }
}

function simplifyLogical(kind: "and" | "or", args: readonly Scalar[]): Scalar {
  const neutral = kind === "and";
  const flat = args.flatMap((each) => each.kind === kind ? each.arguments : [each]);
  const seen = new Set<string>();
  const parts: Scalar[] = [];
  for (const part of flat) {
    if (isConstant(part, !neutral)) return part;
    if (isConstant(part, neutral)) continue;
    const key = scalarKey(part);
    if (!seen.has(key)) parts.push(part);
    seen.add(key);
  }
  if (parts.length === 0) return truth(neutral);
  if (parts.length === 1) return parts[0]!;
  const same = parts.length === args.length && parts.every((part, index) => part === args[index]);
  const logical: Scalar = { kind, arguments: same ? args : parts, type: BOOLEAN };
  return kind === "and" ? logical : factorCommon(equalitiesToList(parts));
}

/** `x = 1 OR x = 2` as `x IN (1, 2)`. */
function equalitiesToList(disjuncts: readonly Scalar[]): readonly Scalar[] {
  const lists = new Map<string, { readonly argument: Scalar; readonly items: Scalar[] }>();
  const result: (Scalar | { readonly argument: Scalar; readonly items: Scalar[] })[] = [];
  for (const each of disjuncts) {
    const list = listOf(each);
    if (list === undefined) {
      result.push(each);
      continue;
    }
    const key = scalarKey(list.argument);
    const known = lists.get(key);
    if (known !== undefined) {
      known.items.push(...list.items);
    } else {
      const own = { argument: list.argument, items: [...list.items] };
      lists.set(key, own);
      result.push(own);
    }
  }
  return result.map((each): Scalar => {
    if ("kind" in each) return each;
    return each.items.length === 1
      ? equal(each.argument, each.items[0]!)
      : { kind: "inList", argument: each.argument, items: each.items, type: BOOLEAN };
  });
}

function listOf(
  scalar: Scalar,
): { readonly argument: Scalar; readonly items: readonly Scalar[] } | undefined {
  if (scalar.kind === "inList") {
    return scalar.argument.kind === "column" && scalar.items.every(isFixed) ? scalar : undefined;
  }
  const comparison = comparisonOf(scalar);
  if (comparison?.operator !== "=" || comparison.left.kind !== "column" || !isFixed(comparison.right)) {
    return undefined;
  }
  const { left, right } = comparison;
  const texts = left.type.kind === "text" && right.type.kind === "text";
  return texts || sameType(left.type, right.type) ? { argument: left, items: [right] } : undefined;
}

/** `(a AND b) OR (a AND c)` as `a AND (b OR c)`. */
function factorCommon(disjuncts: readonly Scalar[]): Scalar {
  if (disjuncts.length < 2) return disjunction(disjuncts);
  const branches = disjuncts.map((each) =>
    new Map(splitConjuncts(each).map((part) => [scalarKey(part), part]))
  );
  const common = [...branches[0]!].filter(([key]) => branches.every((branch) => branch.has(key)));
  if (common.length === 0) return disjunction(disjuncts);
  const rest = branches.map((branch) => {
    const parts = [...branch].filter(([key]) => !common.some(([other]) => other === key)).map(([, part]) =>
      part
    );
    return simplifyLogical("and", parts);
  });
  const shared = common.map(([, part]) => part);
  return simplifyLogical("and", [...shared, simplifyLogical("or", rest)]);
}

function negated(scalar: Scalar & { readonly kind: "not" }): Scalar {
  const { argument } = scalar;
  const not = (each: Scalar): Scalar => negated({ kind: "not", argument: each, type: BOOLEAN });
  switch (argument.kind) {
    case "literal":
      return argument.value === null ? nullOf(BOOLEAN) : truth(argument.value === false);
    case "not":
      return argument.argument;
    case "isNull":
      return { ...argument, negated: !argument.negated };
    case "and":
      return simplifyLogical("or", argument.arguments.map(not));
    case "or":
      return simplifyLogical("and", argument.arguments.map(not));
    case "call": {
      const comparison = comparisonOf(argument);
      return comparison === undefined
        ? scalar
        : call(NEGATED[comparison.operator], [comparison.left, comparison.right], BOOLEAN);
    }
    default:
      return scalar;
  }
}

function simplifyCase(scalar: Scalar & { readonly kind: "case" }): Scalar {
  const branches: typeof scalar.branches[number][] = [];
  let otherwise = scalar.otherwise;
  for (const branch of scalar.branches) {
    if (isRejected(branch.when)) continue;
    if (isConstant(branch.when, true)) {
      otherwise = branch.then;
      break;
    }
    branches.push(branch);
  }
  if (branches.length === 0) return sameType(otherwise.type, scalar.type) ? otherwise : scalar;
  const same = branches.length === scalar.branches.length && otherwise === scalar.otherwise;
  return same ? scalar : { ...scalar, branches, otherwise };
}

function simplifyCoalesce(
  scalar: Scalar & { readonly kind: "coalesce" },
  notNull: ReadonlySet<ColumnId>,
): Scalar {
  const parts: Scalar[] = [];
  for (const part of scalar.arguments) {
    if (isNullLiteral(part)) continue;
    parts.push(part);
    if (!mayBeNull(part, notNull)) break;
  }
  if (parts.length === 0) return nullOf(scalar.type);
  if (parts.length === 1 && sameType(parts[0]!.type, scalar.type)) return parts[0]!;
  return parts.length === scalar.arguments.length || parts.length === 1
    ? scalar
    : { ...scalar, arguments: parts };
}

function truth(value: boolean): Scalar {
  return value ? TRUE : FALSE;
}

function isConstant(scalar: Scalar, value: boolean): boolean {
  return scalar.kind === "literal" && scalar.value === value;
}

function isNullLiteral(scalar: Scalar): boolean {
  return scalar.kind === "literal" && scalar.value === null;
}

/** A condition that no row meets. */
function isRejected(scalar: Scalar): boolean {
  return scalar.kind === "literal" && (scalar.value === false || scalar.value === null);
}

/** The disjuncts of `scalar` as lists of conjuncts. */
export function disjunctiveBranches(scalar: Scalar): readonly (readonly Scalar[])[] {
  return splitDisjuncts(scalar).map((each) => splitConjuncts(each));
}

/**
 * Joins: ON, USING, NATURAL, LATERAL, ASOF, SEMI and ANTI.
 *
 * USING and NATURAL merge two columns into one plain name: the left one, the right one after RIGHT JOIN, and
 * their COALESCE after FULL JOIN. A LATERAL call of a set-returning function needs no join: it is a node on
 * top of its left side.
 *
 * @module
 */
import { QueryError } from "../base/error.ts";
import { sameType } from "../storage/sql_type.ts";
import type { Expression, Identifier, JoinedTable, Span } from "./ast.ts";
import { coerce, coerceBoolean, commonColumnType } from "./bind_cast.ts";
import { at, type BoundTable, type QueryPlace } from "./bind_context.ts";
import { canBeNull } from "./bind_nullability.ts";
import { compareRows, conjunction, conjuncts } from "./bind_operator.ts";
import {
  bothVisible,
  columnScalar,
  type ExpressionSite,
  SCALARS_ONLY,
  Scope,
  type ScopeColumn,
  type Visible,
} from "./bind_scope.ts";
import { suggestion } from "./name_suggestion.ts";
import type { JoinKind, JoinPlan, Plan, PlanColumn, ProjectItem, Scalar } from "./plan.ts";
import { columnIds, freeColumns, planColumns } from "./plan_walk.ts";

/** Whether `right` names columns of `left`. */
function isLateral(left: Plan, right: Plan): boolean {
  const free = freeColumns(right);
  if (free.size === 0) return false;
  for (const id of columnIds(left)) if (free.has(id)) return true;
  return false;
}

/** A call of set-returning functions for one row without columns. */
function isBareFunction(plan: Plan): plan is Plan & { kind: "tableFunction" } {
  return plan.kind === "tableFunction" && plan.input.kind === "values" && plan.input.columns.length === 0;
}

/** The product of two FROM items. */
export function joinSideBySide(left: Plan, right: Plan): Plan {
  return joined({ join: "inner", left, right, condition: null });
}

type Joining = Pick<JoinPlan, "join" | "left" | "right" | "condition"> & { readonly asof?: JoinPlan["asof"] };

function joined({ join, left, right, condition, asof }: Joining): Plan {
  const lateral = isLateral(left, right);
  if (lateral && isBareFunction(right)) {
    if (join === "inner") {
      const plan: Plan = { ...right, input: left };
      return condition === null ? plan : { kind: "filter", input: plan, predicate: condition };
    }
    if (join === "left" && isTrue(condition)) return { ...right, input: left, outer: true };
  }
  const plan: JoinPlan = { kind: "join", join, left, right, condition, lateral };
  return asof === undefined ? plan : { ...plan, asof };
}

function isTrue(condition: Scalar | null): boolean {
  return condition === null || (condition.kind === "literal" && condition.value === true);
}

/** Binds a join; its alias, if any, is the caller's business. */
export function bindJoin(node: JoinedTable, place: QueryPlace, lateral: Scope): BoundTable {
  const { binder } = place.context;
  const left = binder.table(node.left, place, lateral);
  const beside = new Scope(bothVisible(lateral.visible, left.visible), lateral.outer);
  const right = binder.table(node.right, place, beside);
  refuseSameNames(left.visible, right.visible, node);
  if ((node.type === "right" || node.type === "full") && isLateral(left.plan, right.plan)) {
    throw new QueryError("invalid-statement", `LATERAL cannot follow ${node.type.toUpperCase()} JOIN`, {
      details: at(node.right.span),
      hint: "use INNER JOIN or LEFT JOIN",
    });
  }
  if (node.asof === true) return bindAsof(node, left, right, place);
  const join = node.type === "cross" ? "inner" : node.type;
  const names = usingNames(node, left.visible, right.visible);
  if (names !== undefined) return joinUsing({ node, left, right, place, join }, names);
  const condition = node.on === undefined ? null : bindCondition(node.on, left, right, place);
  markNulls(join, left.plan, right.plan, place);
  return {
    plan: joined({ join, left: left.plan, right: right.plan, condition }),
    visible: join === "semi" || join === "anti" ? left.visible : bothVisible(left.visible, right.visible),
  };
}

function refuseSameNames(left: Visible, right: Visible, node: JoinedTable): void {
  if (node.type === "semi" || node.type === "anti") return;
  for (const { name } of right.relations) {
    if (name === undefined || !left.relations.some((one) => one.name === name)) continue;
    throw new QueryError("ambiguous-name", `Table name "${name}" stands twice in FROM`, {
      details: at(node.right.span, { table: name }),
      hint: `give one of them an alias, as in ${name} AS other`,
    });
  }
}

function bindCondition(on: Expression, left: BoundTable, right: BoundTable, place: QueryPlace): Scalar {
  const { context } = place;
  const scope = new Scope(bothVisible(left.visible, right.visible), place.outer);
  const site: ExpressionSite = {
    context,
    scope,
    ctes: place.ctes,
    clause: "JOIN ... ON",
    allows: SCALARS_ONLY,
  };
  return coerceBoolean(context.binder.expression(on, site), "JOIN ... ON", context);
}

/** Above an outer join the columns of the side that may be missing can be NULL. */
function markNulls(join: JoinKind | "left" | "right", left: Plan, right: Plan, place: QueryPlace): void {
  const mark = (plan: Plan): void => {
    for (const column of planColumns(plan)) place.context.markNullable(column.id);
  };
  if (join === "left" || join === "full" || join === "asofLeft") mark(right);
  if (join === "right" || join === "full") mark(left);
}

function usingNames(node: JoinedTable, left: Visible, right: Visible): readonly Identifier[] | undefined {
  if (node.using !== undefined) return node.using;
  if (node.natural !== true) return undefined;
  const theirs = new Set(right.columns.map((one) => one.name));
  const shared = [...new Set(left.columns.map((one) => one.name))].filter((name) => theirs.has(name));
  return shared.length === 0 ? undefined : shared.map((name) => ({ name }));
}

interface UsingJoin {
  readonly node: JoinedTable;
  readonly left: BoundTable;
  readonly right: BoundTable;
  readonly place: QueryPlace;
  readonly join: JoinKind;
}

function joinUsing({ node, left, right, place, join }: UsingJoin, names: readonly Identifier[]): BoundTable {
  const { context } = place;
  const pairs = names.map((name) => ({
    name: name.name,
    left: usingColumn(left.visible, name, "left"),
    right: usingColumn(right.visible, name, "right"),
  }));
  const condition = conjunction(pairs.map((pair) => equal(pair.left, pair.right, place, node.span)));
  markNulls(join, left.plan, right.plan, place);
  const plan = joined({ join, left: left.plan, right: right.plan, condition });
  if (join === "semi" || join === "anti") return { plan, visible: left.visible };
  const added: ProjectItem[] = [];
  const merged = pairs.map((pair): ScopeColumn => {
    const type = commonColumnType([pair.left.type, pair.right.type], "USING", node.span);
    const own = join === "right" ? pair.right : pair.left;
    if (join !== "full" && sameType(own.type, type)) return { name: pair.name, column: own };
    const sides = [pair.left, pair.right].map((side) => coerce(columnScalar(side), type, context));
    const expression: Scalar = join === "full"
      ? { kind: "coalesce", arguments: sides, type }
      : sides[join === "right" ? 1 : 0]!;
    const column = context.newColumn(pair.name, type, canBeNull(expression, context));
    added.push({ ...column, expression });
    return { name: pair.name, column };
  });
  return { plan: withItems(plan, added), visible: mergedVisible(left.visible, right.visible, merged, node) };
}

function equal(left: PlanColumn, right: PlanColumn, place: QueryPlace, span: Span | undefined): Scalar {
  return compareRows("=", [columnScalar(left)], [columnScalar(right)], { context: place.context, span });
}

function usingColumn(visible: Visible, { name, span }: Identifier, side: string): PlanColumn {
  const column = new Scope(visible, undefined).column(name, span);
  if (column !== undefined) return column;
  const hint = suggestion(name, visible.columns.map((one) => one.name));
  throw new QueryError("unknown-column", `Column of USING is not on the ${side} side: received "${name}"`, {
    details: at(span, { column: name }),
    hint: hint ?? "join with ON instead",
  });
}

/** `plan` with further computed columns. */
function withItems(plan: Plan, added: readonly ProjectItem[]): Plan {
  if (added.length === 0) return plan;
  const kept = planColumns(plan).map((column) => ({ ...column, expression: columnScalar(column) }));
  return { kind: "project", input: plan, items: [...kept, ...added] };
}

/** Merged columns come first, then what is left of both sides. */
function mergedVisible(
  left: Visible,
  right: Visible,
  merged: readonly ScopeColumn[],
  node: JoinedTable,
): Visible {
  const names = new Set(merged.map((one) => one.name));
  const rest = (visible: Visible): readonly ScopeColumn[] =>
    visible.columns.filter((one) => !names.has(one.name));
  const alias = node.usingAlias === undefined ? [] : [{ name: node.usingAlias.name, columns: merged }];
  return {
    relations: [...left.relations, ...right.relations, ...alias],
    columns: [...merged, ...rest(left), ...rest(right)],
  };
}

const FLIPPED = { ">=": "<=", ">": "<", "<=": ">=", "<": ">" } as const;
type Inequality = keyof typeof FLIPPED;

function isInequality(name: string): name is Inequality {
  return Object.hasOwn(FLIPPED, name);
}

/** ASOF JOIN: equalities, and one inequality that picks the nearest row. */
function bindAsof(node: JoinedTable, left: BoundTable, right: BoundTable, place: QueryPlace): BoundTable {
  const conditions: Scalar[] = [];
  let merged: readonly ScopeColumn[] = [];
  if (node.using !== undefined) {
    const pairs = node.using.map((name) => ({
      name: name.name,
      left: usingColumn(left.visible, name, "left"),
      right: usingColumn(right.visible, name, "right"),
    }));
    merged = pairs.map((pair) => ({ name: pair.name, column: pair.left }));
    // With MATCH_CONDITION all columns of USING are equal; else the last one is the inequality.
    pairs.forEach((pair, i) => {
      const nearest = node.match === undefined && i === pairs.length - 1;
      const operands: [Scalar[], Scalar[]] = [[columnScalar(pair.left)], [columnScalar(pair.right)]];
      conditions.push(
        compareRows(nearest ? ">=" : "=", ...operands, { context: place.context, span: node.span }),
      );
    });
  }
  if (node.on !== undefined) conditions.push(...conjuncts(bindCondition(node.on, left, right, place)));
  const matching = node.match === undefined
    ? conditions
    : [...conjuncts(bindCondition(node.match, left, right, place))];
  const found = matching.flatMap((one, i) => {
    const asof = asofOf(one, left.plan, right.plan);
    return asof === undefined ? [] : [{ asof, i }];
  });
  const [first] = found;
  if (first === undefined || found.length > 1 || (node.match !== undefined && matching.length > 1)) {
    throw new QueryError(
      "invalid-statement",
      `ASOF JOIN needs exactly one inequality: received ${found.length}`,
      {
        details: at(node.span),
        hint: "compare one column of each side with >=, >, <= or <",
      },
    );
  }
  const rest = node.match === undefined ? conditions.filter((_, i) => i !== first.i) : conditions;
  const join = node.type === "left" ? "asofLeft" : "asof";
  markNulls(join, left.plan, right.plan, place);
  const condition = rest.length === 0 ? null : conjunction(rest);
  return {
    plan: joined({ join, left: left.plan, right: right.plan, condition, asof: first.asof }),
    visible: merged.length === 0
      ? bothVisible(left.visible, right.visible)
      : mergedVisible(left.visible, right.visible, merged, node),
  };
}

/** The condition as `left operator right`, when it is an inequality between the two sides. */
function asofOf(condition: Scalar, left: Plan, right: Plan): JoinPlan["asof"] {
  if (condition.kind !== "call" || !isInequality(condition.name)) return undefined;
  const [a, b] = condition.arguments;
  if (a === undefined || b === undefined) return undefined;
  const reads = (scalar: Scalar, plan: Plan): boolean => {
    const ids = columnIds(plan);
    return [...freeColumns(scalar)].some((id) => ids.has(id));
  };
  if (reads(a, left) && !reads(a, right) && reads(b, right) && !reads(b, left)) {
    return { left: a, operator: condition.name, right: b };
  }
  if (reads(b, left) && !reads(b, right) && reads(a, right) && !reads(a, left)) {
    return { left: b, operator: FLIPPED[condition.name], right: a };
  }
  return undefined;
}

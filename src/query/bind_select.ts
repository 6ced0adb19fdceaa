/**
 * SELECT: the clauses in the order of their meaning.
 *
 * ```
 *   FROM -> WHERE -> GROUP BY, aggregates -> HAVING -> windows -> QUALIFY -> set-returning calls
 *        -> SELECT list (with hidden sort columns) -> DISTINCT
 * ```
 *
 * ORDER BY and LIMIT stand above and belong to the query (bind_query.ts), but their expressions are bound
 * here, where the input is in scope.
 *
 * @module
 */
import { QueryError } from "../base/error.ts";
import type { Expression, Query, Select } from "./ast.ts";
import { coerceBoolean, textUnlessTyped } from "./bind_cast.ts";
import { QueryCollector, type SetCall } from "./bind_collector.ts";
import { at, type BindContext, type BoundRelation, type QueryPlace, unsupported } from "./bind_context.ts";
import { readsAny } from "./bind_aggregate.ts";
import { bindFrom } from "./bind_from.ts";
import { bindGroupBy, GroupedInput, type Grouping, itemPosition } from "./bind_group.ts";
import { canBeNull } from "./bind_nullability.ts";
import { sortKey } from "./bind_order.ts";
import { columnScalar, type ExpressionSite, SCALARS_ONLY, Scope } from "./bind_scope.ts";
import { aliasResolver, bindItems, type BoundItem } from "./bind_select_item.ts";
import type { ColumnId, Plan, PlanColumn, ProjectItem, Scalar, SortKey } from "./plan.ts";
import { columnIds, mapPlanScalars } from "./plan_walk.ts";
import { sameScalar } from "./scalar_equality.ts";

/** A relation and the order it is to be sorted by; the plan may produce hidden columns that the keys name. */
export interface SortableRelation extends BoundRelation {
  readonly keys: readonly SortKey[];
}

/** Binds one SELECT with the ORDER BY that follows it. */
export function bindSelect(select: Select, orderBy: Query["orderBy"], place: QueryPlace): SortableRelation {
  if (select.into !== undefined) {
    throw unsupported("SELECT INTO", select.span, "use CREATE TABLE ... AS SELECT");
  }
  return new SelectBinding(select, place).bind(orderBy);
}

/** An item of ORDER BY or DISTINCT ON: an output column, or an expression over the input. */
type SortTarget = { readonly item: number } | { readonly scalar: Scalar };

/** The targets of ORDER BY and, after the first `sortCount`, of DISTINCT ON. */
interface ProjectOrder {
  readonly targets: readonly SortTarget[];
  readonly sortCount: number;
  readonly orderBy: Query["orderBy"];
}

class SelectBinding {
  readonly #select: Select;
  readonly #place: QueryPlace;
  readonly #context: BindContext;
  readonly #collector: QueryCollector;
  readonly #scope: Scope;
  readonly #from: Plan;
  readonly #alias: NonNullable<ExpressionSite["alias"]>;

  constructor(select: Select, place: QueryPlace) {
    this.#select = select;
    this.#place = place;
    this.#context = place.context;
    this.#collector = new QueryCollector(place.context);
    for (const { name, specification } of select.windows ?? []) {
      if (this.#collector.namedWindows.has(name.name)) {
        throw new QueryError("invalid-statement", `Window "${name.name}" is defined twice`, {
          details: at(name.span),
        });
      }
      this.#collector.namedWindows.set(name.name, specification);
    }
    const from = bindFrom(select.from, place);
    this.#from = from.plan;
    this.#scope = new Scope(from.visible, place.outer, place.hidden);
    this.#alias = aliasResolver(select.items);
  }

  #site(clause: string, allows: ExpressionSite["allows"]): ExpressionSite {
    return {
      context: this.#context,
      scope: this.#scope,
      ctes: this.#place.ctes,
      clause,
      collector: this.#collector,
      allows,
      alias: this.#alias,
    };
  }

  bind(orderBy: Query["orderBy"]): SortableRelation {
    const { where, having, qualify, groupBy } = this.#select;
    const condition = this.#condition(where, "WHERE", SCALARS_ONLY);
    const listSite = this.#site("SELECT", { aggregates: true, windows: true, sets: true });
    const items = bindItems(this.#select.items, listSite, this.#place.keepUnknown === true);
    const groupSite = this.#site("GROUP BY", { aggregates: false, windows: false, sets: true });
    const source = { site: groupSite, items, collector: this.#collector };
    const grouping = groupBy === undefined ? undefined : bindGroupBy(groupBy, source);
    const havingCondition = this.#condition(having, "HAVING", {
      aggregates: true,
      windows: false,
      sets: false,
    });
    const qualifyCondition = this.#condition(qualify, "QUALIFY", {
      aggregates: true,
      windows: true,
      sets: false,
    });
    const sortTargets = this.#sortTargets(orderBy, items);
    const distinctTargets = this.#distinctTargets(items);

    let plan = filtered(this.#from, condition);
    const grouped = this.#grouped(grouping, having !== undefined);
    let over = (scalar: Scalar): Scalar => scalar;
    const groupSets: SetCall[] = [];
    if (grouped !== undefined) {
      groupSets.push(...this.#setsOf(grouping?.expressions ?? []));
      plan = this.#expandSets(plan, groupSets);
      over = (scalar) => grouped.over(scalar);
    }
    const scalars = items.map((item) => over(item.scalar));
    const targets = [...sortTargets, ...distinctTargets].map((target) =>
      "item" in target ? target : { scalar: over(target.scalar) }
    );
    const havingOver = havingCondition === undefined ? undefined : over(havingCondition);
    const qualifyOver = qualifyCondition === undefined ? undefined : over(qualifyCondition);
    const windows = this.#windowPlan(over);
    const sets = this.#collector.sets.filter((one) => !groupSets.includes(one)).map((one) =>
      mapSetCall(one, over)
    );
    if (grouped !== undefined) plan = filtered(grouped.plan(plan, this.#collector), havingOver);
    if (windows !== undefined) plan = { ...windows, input: plan };
    plan = filtered(plan, qualifyOver);
    plan = this.#expandSets(plan, sets);
    const named = items.map((item, i): BoundItem => ({ name: item.name, scalar: scalars[i]! }));
    const order = { targets, sortCount: sortTargets.length, orderBy };
    return this.#project(plan, named, order);
  }

  #condition(
    node: Expression | undefined,
    clause: string,
    allows: ExpressionSite["allows"],
  ): Scalar | undefined {
    if (node === undefined) return undefined;
    const scalar = this.#context.binder.expression(node, this.#site(clause, allows));
    return coerceBoolean(scalar, clause, this.#context);
  }

  /** The groups, when the query has any reason to aggregate. */
  #grouped(grouping: Grouping | undefined, having: boolean): GroupedInput | undefined {
    const { aggregates, groupings } = this.#collector;
    if (grouping === undefined && !having && aggregates.length === 0 && groupings.length === 0) {
      return undefined;
    }
    return new GroupedInput(grouping ?? { expressions: [] }, this.#scope, this.#context);
  }

  /** The set-returning calls that the expressions read. */
  #setsOf(expressions: readonly Scalar[]): SetCall[] {
    return this.#collector.sets.filter((one) => {
      const ids = new Set(one.columns.map((column) => column.id));
      return expressions.some((scalar) => readsAny(scalar, ids));
    });
  }

  #windowPlan(over: (scalar: Scalar) => Scalar): Plan & { kind: "window" } | undefined {
    const { windows } = this.#collector;
    if (windows.length === 0) return undefined;
    const plan = mapPlanScalars({ kind: "window", input: this.#from, calls: windows }, over);
    return plan.kind === "window" ? plan : undefined;
  }

  /** Calls in step; a call whose arguments are another's rows comes after it. */
  #expandSets(input: Plan, calls: readonly SetCall[]): Plan {
    let plan = input;
    let waiting = calls;
    while (waiting.length > 0) {
      const pending = new Set(waiting.flatMap((one) => one.columns.map((column) => column.id)));
      const ready = waiting.filter((one) =>
        !one.call.arguments.some((argument) => readsAny(argument, pending))
      );
      plan = {
        kind: "tableFunction",
        input: plan,
        calls: ready.map((one) => one.call),
        columns: ready.flatMap((one) => one.columns),
        ordinality: false,
        outer: false,
      };
      waiting = waiting.filter((one) => !ready.includes(one));
    }
    return plan;
  }

  #sortTargets(orderBy: Query["orderBy"], items: BoundItem[]): SortTarget[] {
    if (orderBy === undefined) return [];
    if (orderBy === "all") return items.map((_, item) => ({ item }));
    return orderBy.map((one) => this.#sortTarget(one.expression, items, "ORDER BY"));
  }

  #distinctTargets(items: BoundItem[]): SortTarget[] {
    const { distinct } = this.#select;
    if (distinct === undefined || distinct === true) return [];
    return distinct.map((one) => this.#sortTarget(one, items, "DISTINCT ON"));
  }

  /** A position, an output column's name, or an expression over the input, tried in that order. */
  #sortTarget(expression: Expression, items: BoundItem[], clause: string): SortTarget {
    const position = itemPosition(expression, items.length, clause);
    if (position !== undefined) return { item: position };
    const [name] = expression.kind === "column" && expression.name.length === 1 ? expression.name : [];
    const named = name === undefined ? [] : items.flatMap((item, i) => item.name === name.name ? [i] : []);
    const [first] = named;
    if (first !== undefined) {
      if (named.some((i) => !sameScalar(items[i]!.scalar, items[first]!.scalar))) {
        throw new QueryError("ambiguous-name", `Output column name is ambiguous: received "${name?.name}"`, {
          details: at(expression.span, { column: name?.name }),
          hint: "use its position, or give the columns different aliases",
        });
      }
      return { item: first };
    }
    const site = this.#site(clause, { aggregates: true, windows: true, sets: true });
    return { scalar: textUnlessTyped(this.#context.binder.expression(expression, site), this.#context) };
  }

  /** The SELECT list, hidden sort columns after it, and DISTINCT. */
  #project(
    input: Plan,
    items: readonly BoundItem[],
    { targets, sortCount, orderBy }: ProjectOrder,
  ): SortableRelation {
    const { distinct } = this.#select;
    const list = new ProjectList(this.#context, columnIds(input));
    const columns = items.map((item) => list.add(item.name, item.scalar));
    const resolved = targets.map((target) => {
      if ("item" in target) return columns[target.item]!;
      const known = items.findIndex((item) => sameScalar(item.scalar, target.scalar));
      if (known >= 0) return columns[known]!;
      if (distinct === true) throw distinctOrder(target.scalar);
      return list.find(target.scalar) ?? list.add("sort", target.scalar);
    });
    const sorts = resolved.slice(0, sortCount);
    const on = resolved.slice(sortCount);
    const keys = sorts.map((column, i) =>
      sortKey(
        orderBy === "all" || orderBy === undefined ? { expression: NO_EXPRESSION } : orderBy[i]!,
        columnScalar(column),
      )
    );
    let plan: Plan = { kind: "project", input, items: list.items };
    if (distinct === true) plan = { kind: "distinct", input: plan };
    else if (distinct !== undefined) {
      checkDistinctOn(on, sorts, this.#select);
      plan = {
        kind: "distinct",
        input: plan,
        on: { keys: on.map((column) => columnScalar(column)), orderBy: keys },
      };
    }
    return { plan, columns, keys };
  }
}

const NO_EXPRESSION: Expression = { kind: "null" };

/** The items of a projection. A column of the input keeps its id the first time it is listed. */
class ProjectList {
  readonly items: ProjectItem[] = [];
  readonly #context: BindContext;
  readonly #input: ReadonlySet<ColumnId>;
  readonly #used = new Set<ColumnId>();

  constructor(context: BindContext, input: ReadonlySet<ColumnId>) {
    this.#context = context;
    this.#input = input;
  }

  /** The item that computes the expression. */
  find(expression: Scalar): PlanColumn | undefined {
    return this.items.find((item) => sameScalar(item.expression, expression));
  }

  add(name: string, expression: Scalar): PlanColumn {
    const { type } = expression;
    const nullable = canBeNull(expression, this.#context);
    const keeps = expression.kind === "column" && this.#input.has(expression.id) &&
      !this.#used.has(expression.id);
    const column = keeps
      ? { id: expression.id, name, type, nullable }
      : this.#context.newColumn(name, type, nullable);
    this.#used.add(column.id);
    this.items.push({ ...column, expression });
    return column;
  }
}

function filtered(input: Plan, predicate: Scalar | undefined): Plan {
  return predicate === undefined ? input : { kind: "filter", input, predicate };
}

function mapSetCall(set: SetCall, over: (scalar: Scalar) => Scalar): SetCall {
  return { ...set, call: { ...set.call, arguments: set.call.arguments.map(over) } };
}

function distinctOrder(scalar: Scalar): QueryError {
  return new QueryError(
    "invalid-statement",
    "With DISTINCT, ORDER BY may only name expressions of the SELECT list",
    {
      details: at(scalar.span),
      hint: "add the expression to the SELECT list, or order by an output column",
    },
  );
}

/** The rows of one DISTINCT ON key must be together: the key comes first in ORDER BY. */
function checkDistinctOn(on: readonly PlanColumn[], sorts: readonly PlanColumn[], select: Select): void {
  const wanted = new Set(on.map((column) => column.id));
  const missing = new Set(wanted);
  for (const column of sorts) {
    if (missing.size === 0) return;
    if (!wanted.has(column.id)) {
      throw new QueryError("invalid-statement", "DISTINCT ON expressions must come first in ORDER BY", {
        details: at(select.span),
        hint: "begin ORDER BY with the expressions of DISTINCT ON",
      });
    }
    missing.delete(column.id);
  }
}

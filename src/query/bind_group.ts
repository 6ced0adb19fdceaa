/**
 * GROUP BY: names, positions, ALL, grouping sets; and the SELECT list seen over the groups.
 *
 * Expressions are bound over the input. Afterwards each part that equals a group's expression becomes the
 * group's column; a column of the input that is left is an error, unless the groups contain the primary key
 * of its table: then it has one value per group and is grouped along.
 *
 * ROLLUP, CUBE and GROUPING SETS become lists of indexes into the groups; several items multiply.
 *
 * @module
 */
import { unreachable } from "../base/assert.ts";
import { LimitError, QueryError } from "../base/error.ts";
import type { Expression, GroupBy, GroupItem, Span } from "./ast.ts";
import { readsAny } from "./bind_aggregate.ts";
import { textUnlessTyped } from "./bind_cast.ts";
import type { QueryCollector } from "./bind_collector.ts";
import { at, type BindContext } from "./bind_context.ts";
import { canBeNull } from "./bind_nullability.ts";
import { columnScalar, type ExpressionSite, type Scope } from "./bind_scope.ts";
import type { BoundItem } from "./bind_select_item.ts";
import { replaceInScalar } from "./bind_traversal.ts";
import type { AggregatePlan, ColumnId, Plan, PlanColumn, ProjectItem, Scalar } from "./plan.ts";
import { freeColumns } from "./plan_walk.ts";
import { sameScalar } from "./scalar_equality.ts";

/** Group expressions over the input, and the sets of them when they are not all grouped at once. */
export interface Grouping {
  readonly expressions: readonly Scalar[];
  readonly sets?: readonly (readonly number[])[];
}

/** What GROUP BY is bound from. */
export interface GroupingSource {
  readonly site: ExpressionSite;
  readonly items: BoundItem[];
  readonly collector: QueryCollector;
}

/** Binds GROUP BY. Items that it names by alias or position get their final type. */
export function bindGroupBy(groupBy: GroupBy, source: GroupingSource): Grouping {
  const binding = new GroupBinding(source);
  if (groupBy.all === true) {
    binding.addAll();
    return { expressions: binding.expressions };
  }
  const { limits } = source.site.context;
  let sets: readonly (readonly number[])[] = [[]];
  for (const item of groupBy.items) {
    sets = product(sets, binding.setsOf(item));
    if (sets.length > limits.groupingSets) {
      throw new LimitError(
        "fan-out-limit",
        `GROUP BY expands to too many grouping sets: received ${sets.length}`,
        {
          details: at(item.span, { limit: limits.groupingSets, actual: sets.length }),
          hint: `the limit is ${limits.groupingSets}`,
        },
      );
    }
  }
  const unique = sets.map((set) => [...new Set(set)]);
  const kept = groupBy.distinct === true ? distinctSets(unique) : unique;
  const [only] = kept;
  const { expressions } = binding;
  if (kept.length === 1 && only !== undefined) {
    return { expressions: only.map((index) => expressions[index]!) };
  }
  return { expressions, sets: kept };
}

function product(
  left: readonly (readonly number[])[],
  right: readonly (readonly number[])[],
): readonly (readonly number[])[] {
  return left.flatMap((one) => right.map((other) => [...one, ...other]));
}

function distinctSets(sets: readonly (readonly number[])[]): readonly (readonly number[])[] {
  const seen = new Set<string>();
  return sets.filter((set) => {
    const key = [...set].sort((a, b) => a - b).join();
    return !seen.has(key) && seen.add(key);
  });
}

/** Collects the distinct expressions of a GROUP BY. */
class GroupBinding {
  readonly expressions: Scalar[] = [];
  readonly #source: GroupingSource;

  constructor(source: GroupingSource) {
    this.#source = source;
  }

  /** GROUP BY ALL: every item without aggregates and windows. */
  addAll(): void {
    const { items, collector } = this.#source;
    const calls = callIds(collector);
    items.forEach((item, i) => {
      if (readsAny(item.scalar, calls)) return;
      const scalar = this.#decidedItem(i);
      if (freeColumns(scalar).size > 0) this.#index(scalar);
    });
  }

  /** The grouping sets of one item. */
  setsOf(item: GroupItem): readonly (readonly number[])[] {
    switch (item.kind) {
      case "expression":
        return [this.#indexes(item.expression)];
      case "empty":
        return [[]];
      case "sets":
        return item.items.flatMap((one) => this.setsOf(one));
      case "rollup": {
        const parts = item.items.map((one) => this.#indexes(one));
        return Array.from({ length: parts.length + 1 }, (_, i) => parts.slice(0, parts.length - i).flat());
      }
      case "cube": {
        const parts = item.items.map((one) => this.#indexes(one));
        this.#checkCube(parts.length, item.span);
        const count = 2 ** parts.length;
        return Array.from(
          { length: count },
          (_, i) => parts.filter((_, bit) => ((count - 1 - i) >> (parts.length - 1 - bit)) & 1).flat(),
        );
      }
      default:
        return unreachable(item);
    }
  }

  #checkCube(size: number, span: Span | undefined): void {
    const limit = this.#source.site.context.limits.groupingSets;
    if (2 ** size <= limit) return;
    throw new LimitError("fan-out-limit", `CUBE expands to too many grouping sets: received ${2 ** size}`, {
      details: at(span, { limit, actual: 2 ** size }),
      hint: `the limit is ${limit}`,
    });
  }

  /** `(a, b)` groups by both. */
  #indexes(expression: Expression): readonly number[] {
    if (expression.kind === "row") return expression.items.flatMap((one) => this.#indexes(one));
    return [this.#index(this.#resolve(expression))];
  }

  #index(scalar: Scalar): number {
    const known = this.expressions.findIndex((one) => sameScalar(one, scalar));
    return known >= 0 ? known : this.expressions.push(scalar) - 1;
  }

  /** A position, a column of the input, an alias, or an expression, tried in that order. */
  #resolve(expression: Expression): Scalar {
    const { site, items } = this.#source;
    const index = itemPosition(expression, items.length, "GROUP BY");
    if (index !== undefined) return this.#checked(this.#decidedItem(index), expression.span);
    if (expression.kind === "column" && expression.name.length === 1) {
      const name = expression.name[0]!.name;
      const named = site.scope.column(name, expression.span) === undefined
        ? items.findIndex((item) => item.name === name)
        : -1;
      if (named >= 0) return this.#checked(this.#decidedItem(named), expression.span);
    }
    return this.#checked(
      textUnlessTyped(site.context.binder.expression(expression, site), site.context),
      expression.span,
    );
  }

  /** The item's scalar with its type decided, in the list too, so that both stay the same expression. */
  #decidedItem(index: number): Scalar {
    const { site, items } = this.#source;
    const item = items[index]!;
    const scalar = textUnlessTyped(item.scalar, site.context);
    if (scalar !== item.scalar) items[index] = { ...item, scalar };
    return scalar;
  }

  #checked(scalar: Scalar, span: Span | undefined): Scalar {
    if (!readsAny(scalar, callIds(this.#source.collector))) return scalar;
    throw new QueryError("invalid-statement", "An aggregate or window function cannot stand in GROUP BY", {
      details: at(span),
      hint: "group by it in a query around this one",
    });
  }
}

/** The columns of aggregates, GROUPING and window calls. */
function callIds(collector: QueryCollector): ReadonlySet<ColumnId> {
  return new Set([
    ...collector.aggregates.map((one) => one.id),
    ...collector.windows.map((one) => one.id),
    ...collector.groupings.map((one) => one.column.id),
  ]);
}

/** The index that an integer literal means as a position; other constants are errors. */
export function itemPosition(expression: Expression, count: number, clause: string): number | undefined {
  if (expression.kind === "string" || expression.kind === "boolean" || expression.kind === "null") {
    throw new QueryError("invalid-statement", `A constant in ${clause} must be a position`, {
      details: at(expression.span),
      hint: "write the number of an output column, or remove it",
    });
  }
  if (expression.kind !== "number") return undefined;
  const position = Number(expression.text);
  if (Number.isInteger(position) && position >= 1 && position <= count) return position - 1;
  throw new QueryError(
    "invalid-statement",
    `Position ${expression.text} of ${clause} is not in the SELECT list`,
    {
      details: at(expression.span, { position: expression.text, columns: count }),
      hint: count === 0 ? "the SELECT list is empty" : `positions go from 1 to ${count}`,
    },
  );
}

/** The aggregate node under construction, and expressions seen over it. */
export class GroupedInput {
  readonly #context: BindContext;
  readonly #scope: Scope;
  readonly #grouping: Grouping;
  readonly #groups: ProjectItem[] = [];
  readonly #sets: number[][] | undefined;

  constructor(grouping: Grouping, scope: Scope, context: BindContext) {
    this.#context = context;
    this.#scope = scope;
    this.#grouping = grouping;
    this.#sets = grouping.sets?.map((set) => [...set]);
    grouping.expressions.forEach((expression, index) => this.#groups.push(this.#group(expression, index)));
  }

  /** A plain column keeps its id; under grouping sets it has another value (NULL), so it is another column. */
  #group(expression: Scalar, index: number): ProjectItem {
    const partial = this.#sets?.some((set) => !set.includes(index)) ?? false;
    const nullable = partial || canBeNull(expression, this.#context);
    if (expression.kind === "column" && this.#sets === undefined && this.#scope.owns(expression.id)) {
      const { id, name, type } = expression;
      return { id, name, type, nullable, expression };
    }
    const name = expression.kind === "column" ? expression.name : "group";
    return { ...this.#context.newColumn(name, expression.type, nullable), expression };
  }

  /** `scalar` over the groups. Throws `ungrouped-column`. */
  over(scalar: Scalar): Scalar {
    return replaceInScalar(scalar, (part) => {
      const group = this.#groups.find((one) => sameScalar(one.expression, part));
      if (group !== undefined) return columnScalar(group, part.span);
      if (part.kind !== "column" || !this.#scope.owns(part.id)) return undefined;
      const dependent = this.#dependentGroup(part);
      if (dependent !== undefined) return columnScalar(dependent, part.span);
      throw this.#ungrouped(part);
    });
  }

  /** The column as a group of its own, when its table's whole primary key is grouped in every set. */
  #dependentGroup(column: Scalar & { kind: "column" }): PlanColumn | undefined {
    const relation = this.#scope.visible.relations.find((one) =>
      (one.key ?? []).length > 0 && one.columns.some((each) => each.column.id === column.id)
    );
    if (relation?.key === undefined) return undefined;
    const indexes = relation.key.map((id) =>
      this.#groups.findIndex((one) => one.expression.kind === "column" && one.expression.id === id)
    );
    const everywhere = (index: number): boolean =>
      index >= 0 && (this.#sets?.every((set) => set.includes(index)) ?? true);
    if (!indexes.every(everywhere)) return undefined;
    const index = this.#groups.length;
    for (const set of this.#sets ?? []) set.push(index);
    const expression = { ...column };
    delete expression.span;
    const group = this.#group(expression, index);
    this.#groups.push(group);
    return group;
  }

  #ungrouped({ name, id, span }: Scalar & { kind: "column" }): QueryError {
    const relation = this.#scope.visible.relations.find((one) =>
      one.columns.some((each) => each.column.id === id)
    );
    const shown = relation?.name === undefined ? name : `${relation.name}.${name}`;
    return new QueryError(
      "ungrouped-column",
      `Column "${shown}" is neither grouped nor inside an aggregate`,
      {
        details: at(span, {
          column: name,
          ...(relation?.name === undefined ? {} : { table: relation.name }),
        }),
        hint: this.#grouping.expressions.length === 0
          ? `add GROUP BY ${shown}, or wrap it in an aggregate such as min(${shown})`
          : `add it to GROUP BY, or wrap it in an aggregate such as min(${shown})`,
      },
    );
  }

  /** The node, once all expressions have been seen. */
  plan(input: Plan, collector: QueryCollector): AggregatePlan {
    const groupings = collector.groupings.map(({ column, arguments: args, span }) => ({
      ...column,
      groups: args.map((argument) => this.#groupIndex(argument, span)),
    }));
    return {
      kind: "aggregate",
      input,
      groups: this.#groups,
      aggregates: collector.aggregates,
      ...(this.#sets === undefined ? {} : { sets: this.#sets }),
      ...(groupings.length === 0 ? {} : { grouping: groupings }),
    };
  }

  #groupIndex(argument: Scalar, span: Span | undefined): number {
    const index = this.#groups.findIndex((one) => sameScalar(one.expression, argument));
    if (index >= 0) return index;
    throw new QueryError("invalid-statement", "The arguments of GROUPING must be expressions of GROUP BY", {
      details: at(argument.span ?? span),
      hint: "group by the expression too",
    });
  }
}

/**
 * Rule "push down": every condition to the lowest place where its columns exist.
 *
 * Conditions travel through projections, joins, groupings (on group columns), windows (on partition columns),
 * set operations and sorts. On the way outer joins become inner where a condition rejects the NULLs that they
 * add, mark joins become semi and anti joins where only one value of the mark survives, and conditions that
 * follow from equalities and from ORs are added. A volatile condition stays where it is.
 *
 * Among the conjuncts of one place, inner ones stand before outer ones, in the order in which the query
 * applied them. O(size of the plan * conditions).
 *
 * @module
 */
import type {
  AggregatePlan,
  ColumnId,
  JoinPlan,
  Plan,
  ProjectPlan,
  Scalar,
  SetOperationPlan,
  WindowPlan,
} from "../query/plan.ts";
import {
  columnIds,
  conjunction,
  freeColumns,
  mapChildren,
  planColumns,
  splitConjuncts,
  substituteColumns,
} from "../query/plan_walk.ts";
import { FunctionalDependencies } from "./functional_dependency.ts";
import { isVolatile, type PlannerFunctions, type Rule, type RuleContext } from "./environment.ts";
import { impliedByDisjunction, impliedByEquality, impliedWithin } from "./implied.ts";
import { distinctScalars, isRegionJoin, joinInOrder, joinRegion } from "./join_region.ts";
import { mayBeNull, notNullColumns, rejectsNulls } from "./nullability.ts";
import { FALSE, filtered, isComparison, literal, readsAny, readsOnly, reference, TRUE } from "./scalar.ts";
import { BOOLEAN } from "../storage/sql_type.ts";

export const pushDown: Rule = {
  name: "push down",
  apply: (plan, context) => new PushDown(context).push(plan, []),
};

type Conjuncts = readonly Scalar[];

class PushDown {
  readonly #functions: PlannerFunctions;
  readonly #keys: FunctionalDependencies;

  constructor(context: RuleContext) {
    this.#functions = context.environment.functions;
    this.#keys = new FunctionalDependencies(
      context.environment.catalog,
      (scalar) => !isVolatile(scalar, this.#functions),
    );
  }

  /** `plan` with the rows that satisfy `conjuncts`, which read columns of `plan`. */
  push(plan: Plan, conjuncts: Conjuncts): Plan {
    const fixed = conjuncts.filter((each) => isVolatile(each, this.#functions));
    if (fixed.length > 0) {
      return filtered(this.push(plan, conjuncts.filter((each) => !fixed.includes(each))), fixed);
    }
    switch (plan.kind) {
      case "filter": {
        const own = splitConjuncts(plan.predicate);
        return this.push(plan.input, distinctScalars([...own, ...conjuncts]));
      }
      case "project":
        return this.#project(plan, conjuncts);
      case "join":
        return isRegionJoin(plan) ? this.#region(plan, conjuncts) : this.#join(plan, conjuncts);
      case "aggregate":
        return this.#aggregate(plan, conjuncts);
      case "window":
        return this.#window(plan, conjuncts);
      case "distinct": {
        const { input, on } = plan;
        const keys = new Set(on?.keys.flatMap((key) => key.kind === "column" ? [key.id] : []));
        const below = on === undefined ? conjuncts : conjuncts.filter((each) => readsOnly(each, keys));
        return this.#above({ ...plan, input: this.push(input, below) }, conjuncts, below);
      }
      case "setOperation":
        return this.#setOperation(plan, conjuncts);
      case "sort":
        return { ...plan, input: this.push(plan.input, conjuncts) };
      case "tableFunction": {
        const columns = columnIds(plan.input);
        const below = conjuncts.filter((each) => readsOnly(each, columns));
        return this.#above({ ...plan, input: this.push(plan.input, below) }, conjuncts, below);
      }
      case "with": {
        const tables = plan.tables.map((table) => ({ ...table, plan: this.push(table.plan, []) }));
        return { ...plan, tables, input: this.push(plan.input, conjuncts) };
      }
      case "limit":
      case "sample":
      case "fixpoint":
      case "scan":
      case "values":
      case "cteScan":
        return filtered(mapChildren(plan, (child) => this.push(child, [])), distinctScalars(conjuncts));
    }
  }

  /** `plan` filtered by the conjuncts that did not go `below`. */
  #above(plan: Plan, conjuncts: Conjuncts, below: Conjuncts): Plan {
    return filtered(plan, conjuncts.filter((each) => !below.includes(each)));
  }

  #project(plan: ProjectPlan, conjuncts: Conjuncts): Plan {
    const replacements = new Map(plan.items.map((item) => [item.id, item.expression]));
    const fixed = new Set(
      plan.items.filter((item) => isVolatile(item.expression, this.#functions)).map((item) => item.id),
    );
    const movable = conjuncts.filter((each) => !readsAny(each, fixed));
    const below = movable.map((each) => substituteColumns(each, replacements));
    return this.#above({ ...plan, input: this.push(plan.input, below) }, conjuncts, movable);
  }

  #region(plan: Plan, conjuncts: Conjuncts): Plan {
    const region = joinRegion(plan, this.#functions);
    const expressions = new Map(region.computed.map((item) => [item.id, item.expression]));
    const outside = conjuncts.map((each) => substituteColumns(each, expressions));
    const own = distinctScalars([...region.conjuncts, ...outside]);
    const movable = own.filter((each) => !isVolatile(each, this.#functions));
    const fixed = own.filter((each) => !movable.includes(each));
    const all = [...movable, ...impliedByEquality(movable, this.#functions)];
    const reduced = region.inputs.map((input) => this.#reduceOuter(input, all));
    if (reduced.some((input, index) => input !== region.inputs[index])) {
      return this.push(joinInOrder({ ...region, inputs: reduced, conjuncts: own }), []);
    }
    const placed = new Set<Scalar>();
    const inputs = region.inputs.map((input) => {
      const columns = columnIds(input);
      const local = all.filter((each) => !placed.has(each) && readsOnly(each, columns));
      for (const each of local) placed.add(each);
      const implied = [
        ...impliedByDisjunction(all, columns, this.#functions),
        ...impliedWithin(all, columns),
      ];
      return this.push(input, distinctScalars([...local, ...implied]));
    });
    const rest = all.filter((each) => !placed.has(each) && own.includes(each));
    return joinInOrder({ ...region, inputs, conjuncts: [...rest, ...fixed] });
  }

  #join(plan: JoinPlan, conjuncts: Conjuncts): Plan {
    const right = columnIds(plan.right);
    const rejects = (side: ReadonlySet<ColumnId>): boolean =>
      conjuncts.some((each) =>
        readsAny(each, side) && rejectsNulls(each, side, (name) => this.#isStrict(name))
      );
    switch (plan.join) {
      case "single":
        if (plan.condition !== null && this.#keys.isUniqueMatch(plan.right, plan.condition)) {
          return this.push({ ...plan, join: "left" }, conjuncts);
        }
        return this.#outer(plan, conjuncts);
      case "left":
        if (rejects(right)) return this.push({ ...plan, join: "inner" }, conjuncts);
        return this.#outer(plan, conjuncts);
      case "full": {
        const keepsLeft = rejects(columnIds(plan.left));
        const keepsRight = rejects(right);
        if (keepsLeft && keepsRight) return this.push({ ...plan, join: "inner" }, conjuncts);
        if (keepsLeft) return this.push({ ...plan, join: "left" }, conjuncts);
        if (keepsRight) {
          return this.push({ ...plan, join: "left", left: plan.right, right: plan.left }, conjuncts);
        }
        return filtered(this.#inputs(plan, [], []), conjuncts);
      }
      case "semi":
      case "anti":
        return this.#existence(plan, conjuncts);
      case "mark":
        return this.#mark(plan, conjuncts);
      case "inner":
      case "right":
      case "asof":
      case "asofLeft": {
        const left = columnIds(plan.left);
        const below = plan.join === "right" ? [] : conjuncts.filter((each) => readsOnly(each, left));
        return this.#above(this.#inputs(plan, below, []), conjuncts, below);
      }
    }
  }

  /** Outer joins on the left spine of `plan` as inner joins where `conjuncts` drop the rows they add. */
  #reduceOuter(plan: Plan, conjuncts: Conjuncts): Plan {
    switch (plan.kind) {
      case "filter":
      case "sort": {
        const input = this.#reduceOuter(plan.input, conjuncts);
        return input === plan.input ? plan : { ...plan, input };
      }
      case "join": {
        if (plan.join === "full" || plan.join === "right") return plan;
        const right = columnIds(plan.right);
        const rejected = plan.join === "left" &&
          conjuncts.some((each) =>
            readsAny(each, right) && rejectsNulls(each, right, (name) => this.#isStrict(name))
          );
        const left = this.#reduceOuter(plan.left, conjuncts);
        if (rejected) return { ...plan, join: "inner", left };
        return left === plan.left ? plan : { ...plan, left };
      }
      default:
        return plan;
    }
  }

  #isStrict(name: string): boolean {
    return isComparison(name) || this.#functions.scalar(name)?.nulls === "strict";
  }

  #inputs(
    plan: JoinPlan,
    left: Conjuncts,
    right: Conjuncts,
    condition: Scalar | null = plan.condition,
  ): Plan {
    return { ...plan, left: this.push(plan.left, left), right: this.push(plan.right, right), condition };
  }

  /** Left and single joins: conditions on the left go left, the join's own on the right go right. */
  #outer(plan: JoinPlan, conjuncts: Conjuncts): Plan {
    const left = columnIds(plan.left);
    const right = columnIds(plan.right);
    const below = conjuncts.filter((each) => readsOnly(each, left));
    const own = splitConjuncts(plan.condition);
    const rightOnly = own.filter((each) => this.#goesRight(each, right));
    const implied = this.#impliedOn(right, own, below);
    const condition = conjunction(own.filter((each) => !rightOnly.includes(each)));
    return this.#above(this.#inputs(plan, below, [...rightOnly, ...implied], condition), conjuncts, below);
  }

  #goesRight(conjunct: Scalar, right: ReadonlySet<ColumnId>): boolean {
    return freeColumns(conjunct).size > 0 && readsOnly(conjunct, right) &&
      !isVolatile(conjunct, this.#functions);
  }

  /** What conditions on the left demand of the right, through the equalities of the join. */
  #impliedOn(right: ReadonlySet<ColumnId>, own: Conjuncts, left: Conjuncts): Conjuncts {
    return impliedByEquality([...own, ...left], this.#functions).filter((each) => readsOnly(each, right));
  }

  #existence(plan: JoinPlan, conjuncts: Conjuncts): Plan {
    const left = columnIds(plan.left);
    const right = columnIds(plan.right);
    const own = splitConjuncts(plan.condition);
    const leftOnly = plan.join === "semi"
      ? own.filter((each) => this.#goesRight(each, left) && !readsAny(each, right))
      : [];
    const rightOnly = own.filter((each) => this.#goesRight(each, right));
    const implied = this.#impliedOn(right, own, conjuncts);
    const onLeft = plan.join === "semi"
      ? impliedByEquality(own, this.#functions).filter((each) => readsOnly(each, left))
      : [];
    const rest = own.filter((each) => !leftOnly.includes(each) && !rightOnly.includes(each));
    const reduced = plan.join === "semi" ? this.#reduceOuter(plan.left, own) : plan.left;
    return this.#inputs(
      { ...plan, left: reduced },
      distinctScalars([...conjuncts, ...leftOnly, ...onLeft]),
      distinctScalars([...rightOnly, ...implied]),
      conjunction(rest),
    );
  }

  #mark(plan: JoinPlan, conjuncts: Conjuncts): Plan {
    const mark = plan.mark;
    if (mark === undefined) return filtered(this.#inputs(plan, [], []), conjuncts);
    const holds = conjuncts.find((each) => each.kind === "column" && each.id === mark.id);
    const fails = conjuncts.find((each) =>
      each.kind === "not" && each.argument.kind === "column" && each.argument.id === mark.id
    );
    const decided = plan.condition === null ||
      !mayBeNull(plan.condition, notNullColumns(plan.left, plan.right));
    const found = holds ?? (decided ? fails : undefined);
    if (found !== undefined) {
      const { mark: _, ...rest } = plan;
      const existence: JoinPlan = { ...rest, join: holds === undefined ? "anti" : "semi" };
      const value = holds === undefined ? FALSE : TRUE;
      return this.#decidedMark(existence, value, mark.id, conjuncts.filter((each) => each !== found));
    }
    const left = columnIds(plan.left);
    const below = conjuncts.filter((each) => readsOnly(each, left));
    const right = columnIds(plan.right);
    const notNull = notNullColumns(plan.left, plan.right);
    const own = splitConjuncts(plan.condition);
    // A condition on the right that may be NULL makes the mark NULL; as a filter it would make it FALSE.
    const rightOnly = own.filter((each) => this.#goesRight(each, right) && !mayBeNull(each, notNull));
    const condition = conjunction(own.filter((each) => !rightOnly.includes(each)));
    return this.#above(this.#inputs(plan, below, rightOnly, condition), conjuncts, below);
  }

  #decidedMark(plan: JoinPlan, value: Scalar, mark: ColumnId, conjuncts: Conjuncts): Plan {
    const replacements = new Map([[mark, value]]);
    const remaining = conjuncts.map((each) => substituteColumns(each, replacements));
    const input = this.push(plan, remaining);
    const items = planColumns(plan).map((column) => ({ ...column, expression: reference(column) }));
    const own = { id: mark, name: "mark", type: BOOLEAN, nullable: false };
    return { kind: "project", input, items: [...items, { ...own, expression: value }] };
  }

  #aggregate(plan: AggregatePlan, conjuncts: Conjuncts): Plan {
    const groups = plan.groups.filter((_, index) =>
      plan.sets === undefined || plan.sets.every((set) => set.includes(index))
    );
    const replacements = new Map(groups.map((group) => [group.id, group.expression]));
    const keys = new Set(
      groups.filter((group) => !isVolatile(group.expression, this.#functions)).map((group) => group.id),
    );
    // Without groups there is a row even over no input, so a condition must stay above.
    const below = plan.groups.length === 0 || (plan.sets?.some((set) => set.length === 0) ?? false)
      ? []
      : conjuncts.filter((each) => readsOnly(each, keys));
    const input = this.push(plan.input, below.map((each) => substituteColumns(each, replacements)));
    return this.#above({ ...plan, input }, conjuncts, below);
  }

  #window(plan: WindowPlan, conjuncts: Conjuncts): Plan {
    const partition = [...columnIds(plan.input)].filter((id) =>
      plan.calls.every((call) => call.partitionBy.some((key) => key.kind === "column" && key.id === id))
    );
    const keys = new Set(partition);
    const below = conjuncts.filter((each) => freeColumns(each).size > 0 && readsOnly(each, keys));
    return this.#above({ ...plan, input: this.push(plan.input, below) }, conjuncts, below);
  }

  #setOperation(plan: SetOperationPlan, conjuncts: Conjuncts): Plan {
    const side = (input: Plan, ids: readonly ColumnId[]): Plan => {
      const columns = new Map(planColumns(input).map((column) => [column.id, column]));
      const replacements = new Map(
        plan.columns.map((column, index) => {
          const source = columns.get(ids[index]!);
          return [column.id, source === undefined ? literal(null, column.type) : reference(source)];
        }),
      );
      return this.push(input, conjuncts.map((each) => substituteColumns(each, replacements)));
    };
    return { ...plan, left: side(plan.left, plan.leftColumns), right: side(plan.right, plan.rightColumns) };
  }
}

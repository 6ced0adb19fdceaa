/**
 * Subquery scalars to joins: each subquery is joined to the plan below the scalar, and a column stands for it.
 *
 * | subquery | join | stands for it |
 * |---|---|---|
 * | scalar | single; inner when it has one row for certain | its column |
 * | EXISTS | mark | the mark, NULL as FALSE |
 * | x op ANY | mark on the comparison | the mark |
 * | x op ALL | mark on the negated comparison | NOT mark |
 * | ARRAY(...) | single over array_agg | the array, empty for no rows |
 *
 * As a whole conjunct of a filter, EXISTS and ANY are semi joins, NOT EXISTS and ALL are anti joins (ALL only
 * where the comparison cannot be NULL). Every subquery is evaluated for every row that reaches the node, also
 * inside branches of CASE and COALESCE that the row does not take: an error in such a subquery is raised
 * where lazy evaluation would not meet it.
 *
 * @module
 */
import { unreachable } from "../base/assert.ts";
import type { AggregateCall, Plan, PlanColumn, Scalar, SortKey, SubqueryScalar } from "../query/plan.ts";
import { mapScalarChildren, planColumns } from "../query/plan_walk.ts";
import { BIGINT, BOOLEAN } from "../storage/sql_type.ts";
import { unnestJoin } from "./dependent_join.ts";
import type { RuleContext } from "./environment.ts";
import { mayBeNull, notNullColumns } from "./nullability.ts";
import { isExactlyOneRow } from "./row_bound.ts";
import { rankingCall } from "./row_limit.ts";
import {
  call,
  coalesce,
  comparisonOf,
  FALSE,
  hasSubquery,
  literal,
  NEGATED,
  readsAny,
  reference,
  TRUE,
} from "./scalar.ts";

/** Joins subqueries to a plan, one after the other. */
export class SubqueryJoiner {
  /** The plan with the joins so far. */
  plan: Plan;
  readonly #context: RuleContext;
  /** What stands for a subquery, by its plan. */
  readonly #known = new Map<Plan, Scalar>();

  constructor(plan: Plan, context: RuleContext) {
    this.plan = plan;
    this.#context = context;
  }

  /** `scalar` with every subquery in it replaced by a column of `this.plan`. */
  replace(scalar: Scalar): Scalar {
    if (!hasSubquery(scalar)) return scalar;
    const known = scalar.kind === "subquery" ? this.#known.get(scalar.plan) : undefined;
    if (known !== undefined) return known;
    const inner = mapScalarChildren(scalar, (child) => this.replace(child));
    if (inner.kind !== "subquery") return inner;
    const replaced = this.#join(inner);
    this.#known.set(inner.plan, replaced);
    return replaced;
  }

  /** Keeps the rows for which `conjunct`, the conjunct of a filter, holds; it is a subquery or its negation. */
  filter(conjunct: Scalar): boolean {
    const negated = conjunct.kind === "not";
    const scalar = negated ? conjunct.argument : conjunct;
    if (scalar.kind !== "subquery") return false;
    const form = scalar.form;
    if (form.kind === "exists") {
      if (isExactlyOneRow(scalar.plan) && !negated) return true;
      this.#filterBy(negated ? "anti" : "semi", existing(scalar.plan, this.plan), null);
      return true;
    }
    if (form.kind !== "quantified") return false;
    const inner = mapScalarChildren(scalar, (child) => this.replace(child));
    if (inner.kind !== "subquery" || inner.form.kind !== "quantified") return false;
    const any = form.quantifier === "any";
    const comparison = any ? inner.form.comparison : negate(inner.form.comparison);
    // NOT (x <> ALL s) holds where some x = s does: the two negations make a semi join.
    if (any !== negated) {
      this.#filterBy("semi", scalar.plan, comparison);
      return true;
    }
    if (mayBeNull(comparison, notNullColumns(this.plan, scalar.plan))) return false;
    this.#filterBy("anti", scalar.plan, comparison);
    return true;
  }

  #filterBy(kind: "semi" | "anti", right: Plan, condition: Scalar | null): void {
    this.plan = unnestJoin({ kind, left: this.plan, right, condition }, this.#context);
  }

  #join(subquery: SubqueryScalar): Scalar {
    const { form, plan } = subquery;
    switch (form.kind) {
      case "scalar":
        return this.#scalar(plan, subquery);
      case "array":
        return this.#scalar(asArray(plan, subquery, this.#context), subquery);
      case "exists": {
        if (isExactlyOneRow(plan)) return TRUE;
        const mark = this.#mark(existing(plan, this.plan), null);
        return mark.nullable ? coalesce(reference(mark), FALSE) : reference(mark);
      }
      case "quantified": {
        if (form.quantifier === "any") return reference(this.#mark(plan, form.comparison));
        const mark = this.#mark(plan, negate(form.comparison));
        return { kind: "not", argument: reference(mark), type: BOOLEAN };
      }
      default:
        return unreachable(form);
    }
  }

  #scalar(plan: Plan, subquery: SubqueryScalar): Scalar {
    const column = planColumns(plan)[0]!;
    const own = this.#context.newColumn(column.name, subquery.type, true);
    // A fresh id: the subquery may pass on a column of the outer query under its own id.
    const right: Plan = { kind: "project", input: plan, items: [{ ...own, expression: reference(column) }] };
    const { span } = subquery;
    const join = { kind: "single" as const, left: this.plan, right, condition: null };
    this.plan = unnestJoin(span === undefined ? join : { ...join, span }, this.#context);
    return reference(own);
  }

  #mark(right: Plan, condition: Scalar | null): PlanColumn {
    const nullable = condition === null
      ? readsAny(right, new Set(planColumns(this.plan).map((column) => column.id)))
      : mayBeNull(condition, notNullColumns(this.plan, right));
    const mark = this.#context.newColumn("mark", BOOLEAN, nullable);
    this.plan = unnestJoin({ kind: "mark", left: this.plan, right, condition, mark }, this.#context);
    return mark;
  }
}

/** For EXISTS one row is enough; a correlated plan decides that in its join. */
function existing(plan: Plan, outer: Plan): Plan {
  const ids = new Set(planColumns(outer).map((column) => column.id));
  if (readsAny(plan, ids)) return plan;
  return { kind: "limit", input: plan, limit: literal(1, BIGINT), offset: null };
}

/** NOT of a comparison, as the opposite comparison where there is one. */
function negate(comparison: Scalar): Scalar {
  const taken = comparisonOf(comparison);
  if (taken !== undefined) return call(NEGATED[taken.operator], [taken.left, taken.right], BOOLEAN);
  return comparison.kind === "not"
    ? comparison.argument
    : { kind: "not", argument: comparison, type: BOOLEAN };
}

// --- ARRAY(SELECT ...) --------------------------------------------------------------------------

/** The one-row plan that collects the rows of `plan` in their order. */
function asArray(plan: Plan, subquery: SubqueryScalar, context: RuleContext): Plan {
  const column = planColumns(plan)[0]!;
  const ordinal = context.newColumn("ordinal", BIGINT, false);
  const numbered = withOrdinal(plan, ordinal);
  const orderBy: readonly SortKey[] = numbered === undefined
    ? []
    : [{ expression: reference(ordinal), descending: false, nullsFirst: false }];
  const collected = context.newColumn("array_agg", subquery.type, true);
  const aggregate: AggregateCall = {
    ...collected,
    function: "array_agg",
    arguments: [reference(column)],
    distinct: false,
    filter: null,
    orderBy,
  };
  const result = context.newColumn("array", subquery.type, false);
  const expression = coalesce(reference(collected), literal([], subquery.type));
  return {
    kind: "project",
    input: { kind: "aggregate", input: numbered ?? plan, groups: [], aggregates: [aggregate] },
    items: [{ ...result, expression }],
  };
}

/** `plan` with the rank of each row in its order as a further column; undefined when it has no order. */
function withOrdinal(plan: Plan, ordinal: PlanColumn): Plan | undefined {
  switch (plan.kind) {
    case "sort": {
      const ranking = rankingCall(ordinal, "row_number", { partitionBy: [], orderBy: plan.keys });
      return { ...plan, input: { kind: "window", input: plan.input, calls: [ranking] } };
    }
    case "project": {
      const input = withOrdinal(plan.input, ordinal);
      const item = { ...ordinal, expression: reference(ordinal) };
      return input === undefined ? undefined : { ...plan, input, items: [...plan.items, item] };
    }
    case "limit":
    case "filter": {
      const input = withOrdinal(plan.input, ordinal);
      return input === undefined ? undefined : { ...plan, input };
    }
    default:
      return undefined;
  }
}

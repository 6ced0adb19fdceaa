/**
 * Rule "order joins": the inner joins of each region in the cheapest order, semi and anti joins among them.
 *
 * Regions are ordered from the inside out, so that the inputs of a region are final when it is ordered. Before
 * that, an aggregate that is joined on its group columns is reduced to the groups that a selective table in the
 * same region lets through: a copy of that table becomes a semi join on the aggregate's input (TPC-H Q2, Q17
 * and Q20 aggregate a few thousand rows instead of millions).
 *
 * @module
 */
import type { AggregatePlan, ColumnId, Plan, ProjectItem, Scalar } from "../query/plan.ts";
import { copyPlan } from "../query/plan_copy.ts";
import {
  columnIds,
  freeColumns,
  mapChildren,
  planColumns,
  splitConjuncts,
  substituteColumns,
} from "../query/plan_walk.ts";
import { Cardinality } from "./cardinality.ts";
import { isVolatile, type Rule, type RuleContext } from "./environment.ts";
import { FunctionalDependencies } from "./functional_dependency.ts";
import { ColumnClasses, impliedWithin } from "./implied.ts";
import { knownEqualities } from "./known_equality.ts";
import { bestJoinTree, type JoinTree } from "./join_enumeration.ts";
import { type GraphInput, JoinGraph } from "./join_graph.ts";
import { isRegionJoin, joinRegion, regionJoin, withComputed } from "./join_region.ts";
import { equal, filtered, readsAny, readsOnly, reference, withConjuncts } from "./scalar.ts";

export const orderJoins: Rule = {
  name: "order joins",
  apply: (plan, context) => new JoinOrderer(context).order(plan),
};

/** Keeping less than this part of a table makes it worth a semi join below an aggregate. */
const REDUCER_SELECTIVITY = 0.25;

interface OpenRegion {
  readonly inputs: Plan[];
  readonly conjuncts: Scalar[];
  readonly filters: { kind: "semi" | "anti"; plan: Plan; condition: readonly Scalar[] }[];
  readonly computed: ProjectItem[];
}

class JoinOrderer {
  readonly #context: RuleContext;
  readonly #keys: FunctionalDependencies;
  readonly #cardinality: Cardinality;

  constructor(context: RuleContext) {
    const { catalog, functions, statistics } = context.environment;
    this.#context = context;
    this.#keys = new FunctionalDependencies(catalog, (scalar) => !isVolatile(scalar, functions));
    this.#cardinality = new Cardinality(statistics, this.#keys);
  }

  order(plan: Plan): Plan {
    if (plan.kind === "with") {
      const tables = plan.tables.map((table) => {
        const ordered = { ...table, plan: this.order(table.plan) };
        this.#cardinality.registerTable(table.cte, ordered.plan);
        return ordered;
      });
      return { ...plan, tables, input: this.order(plan.input) };
    }
    if (plan.kind === "fixpoint") {
      const base = this.order(plan.base);
      this.#cardinality.registerTable(plan.cte, base);
      return { ...plan, base, step: this.order(plan.step) };
    }
    if (this.#isRegion(plan)) return this.#orderRegion(plan);
    return mapChildren(plan, (child) => this.order(child));
  }

  #isRegion(plan: Plan): boolean {
    if (plan.kind === "filter") return this.#isRegion(plan.input) && !this.#isVolatile(plan.predicate);
    return isRegionJoin(plan) || this.#isFilterJoin(plan);
  }

  /** A semi or anti join that can take any place in the order. */
  #isFilterJoin(plan: Plan): plan is Plan & { readonly kind: "join" } {
    if (plan.kind !== "join" || (plan.join !== "semi" && plan.join !== "anti") || plan.lateral) return false;
    return plan.condition !== null && readsAny(plan.condition, columnIds(plan.left)) &&
      !this.#isVolatile(plan.condition);
  }

  #isVolatile(scalar: Scalar): boolean {
    return isVolatile(scalar, this.#context.environment.functions);
  }

  #collect(plan: Plan, region: OpenRegion): void {
    if (this.#isFilterJoin(plan)) {
      this.#collect(plan.left, region);
      region.filters.push({
        kind: plan.join === "semi" ? "semi" : "anti",
        plan: plan.right,
        condition: splitConjuncts(plan.condition),
      });
      return;
    }
    if (plan.kind === "filter" && this.#isRegion(plan)) {
      this.#collect(plan.input, region);
      region.conjuncts.push(...splitConjuncts(plan.predicate));
      return;
    }
    if (!isRegionJoin(plan)) {
      region.inputs.push(plan);
      return;
    }
    const inner = joinRegion(plan, this.#context.environment.functions);
    region.conjuncts.push(...inner.conjuncts);
    region.computed.push(...inner.computed);
    for (const input of inner.inputs) {
      if (this.#isRegion(input)) this.#collect(input, region);
      else region.inputs.push(input);
    }
  }

  #orderRegion(plan: Plan): Plan {
    const open: OpenRegion = { inputs: [], conjuncts: [], filters: [], computed: [] };
    this.#collect(plan, open);
    const expressions = new Map(open.computed.map((item) => [item.id, item.expression]));
    const complete = (scalar: Scalar): Scalar => substituteColumns(scalar, expressions);
    const region = this.#reduceAggregates({
      inputs: open.inputs,
      conjuncts: open.conjuncts.map(complete),
      filters: open.filters.map((filter) => ({ ...filter, condition: filter.condition.map(complete) })),
    });
    const ordered: GraphInput = {
      inputs: region.inputs.map((input) => this.order(input)),
      conjuncts: region.conjuncts,
      filters: region.filters.map((filter) => ({ ...filter, plan: this.order(filter.plan) })),
    };
    return withComputed(this.#join(ordered), open.computed);
  }

  #join(region: GraphInput): Plan {
    const inputs = region.inputs.map((input) => {
      const local = region.conjuncts.filter((conjunct) => isLocal(conjunct, input));
      return withEqualMembers(filtered(input, local), region.conjuncts);
    });
    const conjuncts = region.conjuncts.filter((conjunct) =>
      !region.inputs.some((input) => isLocal(conjunct, input))
    );
    if (inputs.length + region.filters.length > 30) return leftToRight({ ...region, inputs, conjuncts });
    const graph = new JoinGraph(
      { inputs, conjuncts, filters: region.filters },
      this.#cardinality,
      this.#keys,
    );
    return filtered(this.#build(graph, bestJoinTree(graph)), graph.leftover());
  }

  #build(graph: JoinGraph, tree: JoinTree): Plan {
    if (tree.kind === "relation") return graph.relations[31 - Math.clz32(tree.set)]!.plan;
    const left = this.#build(graph, tree.left);
    const right = this.#build(graph, tree.right);
    const filter = graph.filterOf(tree.right.set);
    if (filter === undefined) return regionJoin(left, right, graph.conditions(tree.left.set, tree.right.set));
    const condition = withConjuncts(null, filter.condition);
    return {
      kind: "join",
      join: filter.kind === "anti" ? "anti" : "semi",
      left,
      right,
      condition,
      lateral: false,
    };
  }

  // --- Reducing aggregates ----------------------------------------------------------------------

  #reduceAggregates(region: GraphInput): GraphInput {
    const semi = region.filters.filter((filter) => filter.kind === "semi");
    const classes = new ColumnClasses([...region.conjuncts, ...semi.flatMap((filter) => filter.condition)]);
    const candidates = [...region.inputs, ...semi.map((filter) => filter.plan)];
    const inputs = region.inputs.map((input) => {
      const aggregate = aggregateOf(input);
      if (aggregate === undefined) return input;
      const reduced = candidates.reduce<AggregatePlan>(
        (current, candidate) =>
          candidate === input ? current : this.#reduceBy(current, candidate, classes) ?? current,
        aggregate,
      );
      return replaceAggregate(input, aggregate, reduced);
    });
    return { ...region, inputs };
  }

  /** `aggregate` over the groups that `table` has, when that is selective and cheap to find out. */
  #reduceBy(aggregate: AggregatePlan, table: Plan, classes: ColumnClasses): AggregatePlan | undefined {
    if (!isFilteredTable(table)) return undefined;
    const { rows, baseRows } = this.#cardinality.estimate(table);
    if (rows > baseRows * REDUCER_SELECTIVITY) return undefined;
    if (this.#cardinality.estimate(aggregate.input).rows < rows * 4) return undefined;
    for (const group of aggregate.groups) {
      if (group.expression.kind !== "column" || !classes.has(group.id)) continue;
      const match = planColumns(table).find((column) =>
        classes.has(column.id) && classes.find(column.id) === classes.find(group.id)
      );
      if (match === undefined || !this.#keys.isUnique(table, [match.id])) continue;
      const copy = copyPlan(table, this.#context.newId);
      const id: ColumnId = copy.ids.get(match.id) ?? match.id;
      const input: Plan = {
        kind: "join",
        join: "semi",
        left: aggregate.input,
        right: copy.plan,
        condition: equal(group.expression, reference({ ...match, id })),
        lateral: false,
      };
      return { ...aggregate, input };
    }
    return undefined;
  }
}

/** Whether `conjunct` reads columns of `input` and no others. */
function isLocal(conjunct: Scalar, input: Plan): boolean {
  return freeColumns(conjunct).size > 0 && readsOnly(conjunct, columnIds(input));
}

/** `input` where columns are equal that `conjuncts` equate with the same other column. */
function withEqualMembers(input: Plan, conjuncts: readonly Scalar[]): Plan {
  const implied = impliedWithin(conjuncts, columnIds(input));
  if (implied.length === 0) return input;
  const known = knownEqualities(input);
  return filtered(
    input,
    implied.filter((conjunct) => {
      const [a = 0, b = 0] = freeColumns(conjunct);
      return known.find(a) !== known.find(b);
    }),
  );
}

/** A stored table with filters on it. */
function isFilteredTable(plan: Plan): boolean {
  if (plan.kind === "filter" || plan.kind === "project") return isFilteredTable(plan.input);
  return plan.kind === "scan";
}

/** The grouped aggregate that `plan` filters and projects. */
function aggregateOf(plan: Plan): AggregatePlan | undefined {
  if (plan.kind === "filter" || plan.kind === "project") return aggregateOf(plan.input);
  return plan.kind === "aggregate" && plan.sets === undefined && plan.groups.length > 0 ? plan : undefined;
}

function replaceAggregate(plan: Plan, old: AggregatePlan, replacement: AggregatePlan): Plan {
  if (plan === old) return replacement;
  return mapChildren(plan, (child) => replaceAggregate(child, old, replacement));
}

/** Without search, for regions beyond the width of a set. */
function leftToRight(region: GraphInput): Plan {
  const graph = region.inputs;
  let plan = graph[0]!;
  let rest = region.conjuncts;
  for (const input of graph.slice(1)) {
    const available = new Set([...columnIds(plan), ...columnIds(input)]);
    const now = rest.filter((conjunct) => !readsAny(conjunct, { has: (id) => !available.has(id) }));
    rest = rest.filter((conjunct) => !now.includes(conjunct));
    plan = regionJoin(plan, input, now);
  }
  plan = filtered(plan, rest);
  for (const { kind, plan: right, condition } of region.filters) {
    plan = {
      kind: "join",
      join: kind,
      left: plan,
      right,
      condition: withConjuncts(null, condition),
      lateral: false,
    };
  }
  return plan;
}

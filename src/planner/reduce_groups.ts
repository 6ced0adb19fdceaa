/**
 * Rule "reduce groups": groups by as few columns as decide the others.
 *
 * A group column that the others decide is the same in all rows of a group: it becomes an `any_value`
 * aggregate with the same id. TPC-H Q10 groups by the customer key alone instead of seven columns, five of
 * them text. A DISTINCT over columns that hold a key is no aggregate at all.
 *
 * @module
 */
import type { AggregateCall, AggregatePlan, ColumnId, Plan, ProjectItem } from "../query/plan.ts";
import { freeColumns } from "../query/plan_walk.ts";
import { isVolatile, type Rule, type RuleContext } from "./environment.ts";
import { FunctionalDependencies } from "./functional_dependency.ts";
import { rewritePlan } from "./rewrite.ts";

export const reduceGroups: Rule = {
  name: "reduce groups",
  apply: (plan, context) => {
    const { catalog, functions } = context.environment;
    const keys = new FunctionalDependencies(catalog, (scalar) => !isVolatile(scalar, functions));
    return rewritePlan(plan, (node) => node.kind === "aggregate" ? reduce(node, keys, context) : node);
  },
};

function reduce(plan: AggregatePlan, keys: FunctionalDependencies, context: RuleContext): Plan {
  if (plan.sets !== undefined || plan.groups.length === 0 || plan.grouping !== undefined) return plan;
  const { functions } = context.environment;
  if (plan.aggregates.length === 0 && keys.isUnique(plan.input, columnsOf(plan.groups))) {
    return { kind: "project", input: plan.input, items: plan.groups };
  }
  let kept = plan.groups;
  const dropped = new Set<ProjectItem>();
  for (const candidate of [...plan.groups].sort((a, b) => dropOrder(a) - dropOrder(b))) {
    const others = kept.filter((group) => group !== candidate);
    if (others.length === 0 || isVolatile(candidate.expression, functions)) continue;
    const decided = keys.closure(plan.input, columnsOf(others));
    if (![...freeColumns(candidate.expression)].every((id) => decided.has(id))) continue;
    kept = others;
    dropped.add(candidate);
  }
  if (dropped.size === 0) return plan;
  const decided = plan.groups.filter((group) => dropped.has(group)).map(anyValue);
  return { ...plan, groups: kept, aggregates: [...decided, ...plan.aggregates] };
}

/** Wide columns are dropped first, so that the group key becomes a narrow one. */
function dropOrder(group: ProjectItem): number {
  if (group.expression.kind !== "column") return 0;
  switch (group.type.kind) {
    case "smallint":
    case "integer":
    case "date":
      return 4;
    case "bigint":
    case "boolean":
      return 3;
    case "text":
    case "json":
    case "array":
      return 1;
    default:
      return 2;
  }
}

function columnsOf(groups: readonly ProjectItem[]): readonly ColumnId[] {
  return groups.flatMap((group) => group.expression.kind === "column" ? [group.expression.id] : []);
}

function anyValue({ id, name, type, nullable, expression }: ProjectItem): AggregateCall {
  return {
    id,
    name,
    type,
    nullable,
    function: "any_value",
    arguments: [expression],
    distinct: false,
    filter: null,
    orderBy: [],
  };
}

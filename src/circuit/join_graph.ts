/**
 * The part of a plan below aggregation, flattened: relations, and conjuncts over their columns.
 *
 * Projections are inlined into what stands above them, so that a delta of any one relation can be joined with
 * the others in whatever order its keys allow.
 *
 * @module
 */
import type { ColumnId, Plan, Scalar, ScanPlan } from "../query/plan.ts";
import { splitConjuncts, substituteColumns } from "../query/plan_walk.ts";

/** Relations joined by conjuncts. */
export interface JoinGraph {
  readonly relations: readonly ScanPlan[];
  readonly conjuncts: readonly Scalar[];
  /** What projections computed, in terms of relation columns. */
  readonly computed: ReadonlyMap<ColumnId, Scalar>;
}

/** A construct that the circuit does not maintain incrementally. */
export interface NotIncremental {
  /** As a user would name it: `LEFT JOIN`, `DISTINCT`, `window function`. */
  readonly construct: string;
}

/** True for {@linkcode NotIncremental}. */
export function isNotIncremental(value: object): value is NotIncremental {
  return "construct" in value;
}

/** Flattens scans, filters, projections and inner joins; any other node is named in the answer. */
export function joinGraph(plan: Plan): JoinGraph | NotIncremental {
  const relations: ScanPlan[] = [];
  const conjuncts: Scalar[] = [];
  const computed = new Map<ColumnId, Scalar>();
  const resolve = (scalar: Scalar): Scalar => substituteColumns(scalar, computed);
  const visit = (node: Plan): NotIncremental | undefined => {
    switch (node.kind) {
      case "scan":
        relations.push(node);
        return undefined;
      case "filter": {
        const failed = visit(node.input);
        if (failed === undefined) conjuncts.push(...splitConjuncts(resolve(node.predicate)));
        return failed;
      }
      case "project": {
        const failed = visit(node.input);
        if (failed !== undefined) return failed;
        for (const item of node.items) {
          const expression = resolve(item.expression);
          // A column that passes through keeps its id and needs no entry.
          if (expression.kind !== "column" || expression.id !== item.id) computed.set(item.id, expression);
        }
        return undefined;
      }
      case "join": {
        if (node.join !== "inner" || node.lateral) return { construct: constructName(node) };
        const failed = visit(node.left) ?? visit(node.right);
        if (failed === undefined && node.condition !== null) {
          conjuncts.push(...splitConjuncts(resolve(node.condition)));
        }
        return failed;
      }
      default:
        return { construct: constructName(node) };
    }
  };
  return visit(plan) ?? { relations, conjuncts, computed };
}

const NODE_NAMES: Readonly<Record<Plan["kind"], string>> = {
  scan: "table scan",
  values: "VALUES",
  filter: "WHERE",
  project: "projection",
  join: "JOIN",
  aggregate: "nested GROUP BY",
  window: "window function",
  distinct: "DISTINCT",
  setOperation: "UNION, INTERSECT or EXCEPT",
  sort: "ORDER BY",
  limit: "LIMIT",
  tableFunction: "table function",
  with: "WITH",
  cteScan: "WITH",
  fixpoint: "WITH RECURSIVE",
  sample: "TABLESAMPLE",
};

/** A plan node as a user would name it. */
export function constructName(node: Plan): string {
  return node.kind === "join" && node.join !== "inner"
    ? `${node.join.toUpperCase()} JOIN`
    : NODE_NAMES[node.kind];
}

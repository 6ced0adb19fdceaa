/**
 * From an optimized plan to the nodes of a circuit.
 *
 * Nearly everything has an operator of its own; what has none and is a function of its input is recomputed from all
 * rows. What depends on time otherwise than by comparisons (compile_temporal.ts), or on chance, has no circuit:
 * `compileNodes` names it.
 *
 * @module
 */
import { assert, unreachable } from "../base/assert.ts";
import type { ExecutionEnvironment } from "../exec/execution.ts";
import type {
  ColumnId,
  FilterPlan,
  FixpointPlan,
  JoinPlan,
  Plan,
  PlanColumn,
  Scalar,
  ScanPlan,
  SetOperationPlan,
} from "../query/plan.ts";
import { mapChildren, planColumns, planNodes, splitConjuncts } from "../query/plan_walk.ts";
import { identifyPlan } from "../query/plan_key.ts";
import { sameType, type SqlType } from "../storage/sql_type.ts";
import { BatchTemplate, givenInput, overGivenInputs } from "./batch_template.ts";
import type { CircuitNode } from "./circuit_node.ts";
import {
  dependsOnTime,
  liftTimeConditions,
  markedPlan,
  temporalFilter,
  timeObstacle,
  withColumns,
} from "./time/compile_temporal.ts";
import { guardedPlan, guardedScalars } from "./guarded_plan.ts";
import type { TableLookup } from "./live_tables.ts";
import { asofJoin } from "./nodes/asof_join.ts";
import { distinctNode } from "./nodes/distinct.ts";
import { fixpointNode } from "./nodes/fixpoint.ts";
import { GroupNode } from "./nodes/group.ts";
import { GuardNode } from "./nodes/guard.ts";
import { deltaJoin } from "./nodes/delta_join.ts";
import { matchJoin } from "./nodes/match_join.ts";
import { pairJoin } from "./nodes/pair_join.ts";
import { RecomputeNode } from "./nodes/recompute.ts";
import { FilterNode, LinearTemplateNode, ProjectNode, RenameNode, UnionNode } from "./nodes/linear.ts";
import { SetNode, setOperator, setSide } from "./nodes/set_operation.ts";
import { WindowNode } from "./nodes/window.ts";
import { ConstantNode, TableNode } from "./nodes/source.ts";
import { topKNode } from "./nodes/top_k.ts";
import { type Route, routeValue } from "./relation_change.ts";
import { orderObstacle } from "./order_obstacle.ts";
import { isShareable, type SharedNodes } from "./shared_nodes.ts";
import { numberBound } from "./window/number_bound.ts";

/** What a circuit needs to know of functions, and what it runs with. */
export interface CircuitEnvironment {
  /** No table is scanned through it: rows come in epochs. */
  readonly execution: ExecutionEnvironment;
  /** The tables, for joins that look rows up by a table's own index; without them all inputs are arranged. */
  readonly tables?: TableLookup;
  /** Nodes that other queries use already; those that are made are added. */
  readonly shared?: SharedNodes;
  /** Leave rows out for which an expression fails, and keep them as errors. */
  readonly quarantine?: boolean;
  /** True when the expression gives the same value for the same row at any time. */
  isDeterministic(scalar: Scalar): boolean;
}

/** The construct for which there is no circuit. */
export interface NotIncremental {
  readonly construct: string;
}

/** Whether a query has no circuit. */
export function isNotIncremental(value: object): value is NotIncremental {
  return "construct" in value;
}

/** The node that gives the rows of `plan`, or the construct that stands against it. */
export function compileNodes(plan: Plan, env: CircuitEnvironment): CircuitNode | NotIncremental {
  for (const node of planNodes(plan)) {
    if (node.kind === "sample") return { construct: "TABLESAMPLE" };
    if (node.kind === "limit" && node.input.kind !== "sort") return { construct: "LIMIT without ORDER BY" };
  }
  // The order of a stored view's rows is not kept: ORDER BY without LIMIT has no effect.
  const rows = liftTimeConditions(plan.kind === "sort" ? plan.input : plan, env);
  const construct = orderObstacle(rows) ?? timeObstacle(rows, env);
  if (construct !== undefined) return { construct };
  return new NodeCompiler(env).compile(env.quarantine === true ? guardedPlan(rows, env) : rows);
}

class NodeCompiler {
  readonly #env: CircuitEnvironment;
  readonly #commonTables = new Map<number, CircuitNode>();
  /** Nodes that stand for inputs of a plan. */
  readonly #given = new Map<Plan, CircuitNode>();

  constructor(env: CircuitEnvironment) {
    this.#env = env;
  }

  /** The node of `plan`; one that is there already where an equal plan has one. */
  compile(plan: Plan): CircuitNode {
    const given = this.#given.get(plan);
    if (given !== undefined) return given;
    const { shared } = this.#env;
    if (shared === undefined || !isShareable(plan)) return this.#make(plan);
    const identity = identifyPlan(plan);
    const known = shared.find(identity);
    if (known !== undefined) return known;
    const node = this.#make(plan);
    shared.add(identity, node);
    return node;
  }

  #make(plan: Plan): CircuitNode {
    const guarded = plan.kind === "filter" ? guardedScalars(plan) : undefined;
    if (guarded !== undefined && plan.kind === "filter") {
      return new GuardNode(this.compile(plan.input), guarded, this.#env.execution);
    }
    return dependsOnTime(plan, this.#env) ? this.#temporal(plan) : this.#operator(plan);
  }

  /** A node whose own expressions compare with the time. */
  #temporal(plan: Plan): CircuitNode {
    if (plan.kind === "filter") return temporalFilter(plan, this.compile(plan.input), this.#env);
    const { plan: marked, inputs } = markedPlan(plan, (input) => this.compile(input), this.#env);
    for (const [input, node] of inputs) this.#given.set(input, node);
    return withColumns(this.#operator(marked), planColumns(plan));
  }

  #operator(plan: Plan): CircuitNode {
    const { execution } = this.#env;
    switch (plan.kind) {
      case "scan":
        return new TableNode(plan);
      case "values":
        return new ConstantNode(
          plan.columns,
          () => new BatchTemplate(plan, plan.columns, [], execution).run([]),
        );
      case "filter":
        return new FilterNode(this.#filterInput(plan), plan.predicate, execution);
      case "project":
        return new ProjectNode(this.compile(plan.input), plan.items, execution);
      case "join":
        return this.#join(plan);
      case "aggregate":
        return new GroupNode(this.#groupInput(plan.input), plan, this.#env.execution);
      case "window":
        return new WindowNode(this.compile(plan.input), plan, execution);
      case "distinct":
        return distinctNode(plan, this.compile(plan.input), execution);
      case "setOperation":
        return this.#setOperation(plan);
      // A sample has no circuit: it does not come here.
      case "sample":
      case "sort":
        return this.compile(plan.input);
      case "limit":
        return this.#limit(plan);
      case "tableFunction": {
        const input = this.compile(plan.input);
        return new LinearTemplateNode("table function", input, this.#template(plan, [input]));
      }
      case "with":
        for (const table of plan.tables) this.#commonTables.set(table.cte, this.compile(table.plan));
        return this.compile(plan.input);
      case "cteScan": {
        const table = this.#commonTables.get(plan.cte)!;
        const positions = plan.columns.map((column) =>
          table.columns.findIndex((candidate) => candidate.id === column.source)
        );
        return new RenameNode(table, plan.columns, positions);
      }
      case "fixpoint":
        return this.#fixpoint(plan) ?? this.#whole("recursive query", plan);
      default:
        return unreachable(plan);
    }
  }

  /**
   * The input of a filter: a table of which only the rows with one value are wanted is not asked about the others,
   * nor is a window for rows that the filter drops for their number.
   */
  #filterInput({ input, predicate }: FilterPlan): CircuitNode {
    if (input.kind === "window") {
      const bound = numberBound(input, predicate);
      if (bound === Infinity) return this.compile(input);
      return new WindowNode(this.compile(input.input), input, this.#env.execution, bound);
    }
    if (input.kind !== "scan") return this.compile(input);
    for (const conjunct of splitConjuncts(predicate)) {
      const route = routeOf(conjunct, input);
      if (route !== undefined) return new TableNode(input, route);
    }
    return new TableNode(input);
  }

  /** The input of a GROUP BY: a route alone needs no filter. Joins look into tables by themselves, and need it. */
  #groupInput(plan: Plan): CircuitNode {
    if (this.#given.has(plan) || plan.kind !== "filter" || plan.input.kind !== "scan") {
      return this.compile(plan);
    }
    const [conjunct, another] = splitConjuncts(plan.predicate);
    const route = conjunct === undefined ? undefined : routeOf(conjunct, plan.input);
    return route === undefined || another !== undefined
      ? this.compile(plan)
      : new TableNode(plan.input, route);
  }

  #join(plan: JoinPlan): CircuitNode {
    if (plan.join === "inner") return deltaJoin(plan, (leaf) => this.compile(leaf), this.#env);
    const left = this.compile(plan.left);
    const right = this.compile(plan.right);
    return matchJoin(plan, left, right, this.#env) ?? pairJoin(plan, left, right, this.#env) ??
      asofJoin(plan, left, right, this.#env.execution) ?? this.#whole("asof join", plan);
  }

  #setOperation(plan: SetOperationPlan): CircuitNode {
    const left = this.compile(plan.left);
    const right = this.compile(plan.right);
    const columnsOf = (node: CircuitNode, ids: readonly ColumnId[]): readonly PlanColumn[] =>
      ids.map((id) => node.columns.find((column) => column.id === id)!);
    const sides = [columnsOf(left, plan.leftColumns), columnsOf(right, plan.rightColumns)] as const;
    if (plan.operator === "union" && plan.all) {
      const renamed = [left, right].map((node, side) =>
        new RenameNode(node, plan.columns, sides[side]!.map((column) => node.columns.indexOf(column)))
      );
      return new UnionNode(renamed, plan.columns);
    }
    return new SetNode(
      setOperator(plan),
      [setSide(left, plan.leftColumns), setSide(right, plan.rightColumns)],
      plan.columns,
    );
  }

  #fixpoint(plan: FixpointPlan): CircuitNode | undefined {
    const { tables: _, shared: __, ...env } = this.#env;
    return fixpointNode(plan, {
      execution: env.execution,
      isDeterministic: (scalar) => env.isDeterministic(scalar),
      compile: (part) => this.compile(part),
      compileStep: (step, given) => {
        const compiler = new NodeCompiler(env);
        for (const [cte, node] of given) compiler.#commonTables.set(cte, node);
        return compiler.compile(step);
      },
    });
  }

  /** The first rows of an order: recomputed from all rows when one changes where they are too many to keep in order. */
  #limit(plan: Plan & { readonly kind: "limit" }): CircuitNode {
    const { input: sort } = plan;
    assert(sort.kind === "sort", "There is no circuit for a LIMIT without ORDER BY");
    const input = this.compile(sort.input);
    const direct = topKNode(input, sort, plan, this.#env);
    if (direct !== undefined) return direct;
    const template = { ...plan, input: { ...sort, input: givenInput(0, input.columns) } };
    return new RecomputeNode({
      name: "top k",
      inputs: [input],
      template: new BatchTemplate(template, planColumns(plan), [input.columns], this.#env.execution),
    }, this.#env.execution);
  }

  /** A subtree that is recomputed whole when a table below it changes. */
  #whole(name: string, plan: Plan): CircuitNode {
    const inputs: CircuitNode[] = [];
    const defined = new Set(
      [...planNodes(plan)].flatMap((node) =>
        node.kind === "fixpoint"
          ? [node.cte]
          : node.kind === "with"
          ? node.tables.map((table) => table.cte)
          : []
      ),
    );
    const replace = (node: Plan): Plan => {
      const isLeaf = node.kind === "scan" || (node.kind === "cteScan" && !defined.has(node.cte));
      if (!isLeaf) return mapChildren(node, replace);
      const input = this.compile(node);
      inputs.push(input);
      return givenInput(inputs.length - 1, input.columns);
    };
    const template = replace(plan);
    return new RecomputeNode({
      name,
      inputs,
      template: new BatchTemplate(
        template,
        planColumns(plan),
        inputs.map((input) => input.columns),
        this.#env.execution,
      ),
    }, this.#env.execution);
  }

  #template(plan: Plan, inputs: readonly CircuitNode[]): BatchTemplate {
    const columns = inputs.map((input) => input.columns);
    return new BatchTemplate(
      overGivenInputs(plan, columns),
      planColumns(plan),
      columns,
      this.#env.execution,
    );
  }
}

/** Types whose values are equal when JavaScript says so. */
const ROUTED_TYPES: ReadonlySet<SqlType["kind"]> = new Set([
  "smallint",
  "integer",
  "bigint",
  "text",
  "date",
  "boolean",
]);

/** The route of `column = constant`. */
function routeOf(conjunct: Scalar, scan: ScanPlan): Route | undefined {
  if (conjunct.kind !== "call" || conjunct.name !== "=") return undefined;
  const [a, b] = conjunct.arguments as readonly [Scalar, Scalar];
  const [column, literal] = a.kind === "column" ? [a, b] : [b, a];
  if (column.kind !== "column" || literal.kind !== "literal" || literal.value === null) return undefined;
  if (!sameType(column.type, literal.type) || !ROUTED_TYPES.has(column.type.kind)) return undefined;
  const ordinal = scan.columns.find(({ id }) => id === column.id)?.ordinal;
  return ordinal === undefined ? undefined : { ordinal, value: routeValue(literal.value) };
}

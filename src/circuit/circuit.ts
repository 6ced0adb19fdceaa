/**
 * A circuit: the incremental form of one query.
 *
 * ```
 * changes of tables ─► delta join ─► group state ─► HAVING, SELECT ─► change of the result
 * ```
 *
 * It is made for plans of the form SELECT (HAVING (GROUP BY (joins, filters, projections of tables))), with or
 * without GROUP BY; for any other plan `compileCircuit` names the construct that stands against it, and the
 * view is refreshed in full.
 *
 * @module
 */
import { evaluateRow, type RowEnvironment, type RowLookup } from "../exec/row_evaluator.ts";
import type { AggregateDefinition } from "../query/function.ts";
import type { AggregateCall, AggregatePlan, BoundQuery, ColumnId, Plan, Scalar } from "../query/plan.ts";
import { splitConjuncts, substituteColumns } from "../query/plan_walk.ts";
import type { Datum } from "../storage/sql_type.ts";
import { type CircuitTables, DeltaJoin, type TableChanges, type WantedIndex } from "./delta_join.ts";
import { GroupState } from "./group_state.ts";
import { isNotIncremental, type JoinGraph, joinGraph, type NotIncremental } from "./join_graph.ts";
import { columnsOf } from "./used_columns.ts";
import { ZSet } from "./zset.ts";

/** What a circuit needs to know of tables and functions. */
export interface CircuitEnvironment {
  primaryKey(table: string): readonly number[];
  aggregate(call: AggregateCall): AggregateDefinition;
  /** True when the expression gives the same value for the same row at any time. */
  isDeterministic(scalar: Scalar): boolean;
}

/** The stages above the joins. */
interface Shape {
  readonly graph: JoinGraph;
  readonly aggregate: AggregatePlan | undefined;
  /** Predicates above the aggregate. */
  readonly having: readonly Scalar[];
  /** What the projections above the aggregate computed. */
  readonly computed: ReadonlyMap<ColumnId, Scalar>;
}

/** See the module header. */
export class Circuit {
  readonly #query: BoundQuery;
  readonly #shape: Shape;
  readonly #join: DeltaJoin;
  readonly #groups: GroupState | undefined;
  readonly #outputs: readonly Scalar[];

  constructor(query: BoundQuery, shape: Shape, env: CircuitEnvironment) {
    this.#query = query;
    this.#shape = shape;
    const { computed } = shape.graph;
    this.#groups = shape.aggregate === undefined
      ? undefined
      : new GroupState(shape.aggregate, (scalar) =>
        substituteColumns(scalar, computed), (call) =>
        env.aggregate(call));
    this.#outputs = query.columns.map((column) =>
      substituteColumns(
        { kind: "column", id: column.id, name: column.name, type: column.type },
        shape.computed,
      )
    );
    this.#join = new DeltaJoin(
      shape.graph,
      (table) => env.primaryKey(table),
      readColumns(shape, this.#outputs),
    );
  }

  /** Tables whose changes matter. */
  get sources(): readonly string[] {
    return [...new Set(this.#shape.graph.relations.map((scan) => scan.table))];
  }

  /** Rows looked at by the joins so far. */
  get examinedRows(): number {
    return this.#join.examinedRows;
  }

  /** Groups held. */
  get groupCount(): number {
    return this.#groups?.groupCount ?? 0;
  }

  wantedIndexes(): readonly WantedIndex[] {
    return this.#join.wantedIndexes();
  }

  /** The result over the tables as they are, when nothing has been applied yet. */
  initialize(tables: CircuitTables, env: RowEnvironment): ZSet {
    this.#groups?.start(env);
    // One relation comes in as an all-insert change against tables that already hold everything.
    const { table } = this.#shape.graph.relations[0]!;
    const rows = function* () {
      for (const rowId of tables.rowIds(table)) yield { row: tables.row(table, rowId), weight: 1 };
    };
    const result = new ZSet(this.#query.columns.map((column) => column.type));
    this.#join.applyFirst(tables, rows(), env, (row, weight) => this.#joined(row, weight, env, result));
    this.#flush(env, result);
    return result;
  }

  /** The change of the result that `changes` cause; `tables` already contain them. */
  apply(tables: CircuitTables, changes: TableChanges, env: RowEnvironment): ZSet {
    const result = new ZSet(this.#query.columns.map((column) => column.type));
    this.#join.apply(tables, changes, env, (row, weight) => this.#joined(row, weight, env, result));
    this.#flush(env, result);
    return result;
  }

  #joined(row: RowLookup, weight: number, env: RowEnvironment, result: ZSet): void {
    if (this.#groups !== undefined) this.#groups.add(row, weight, env);
    else result.add(this.#outputs.map((scalar) => evaluateRow(scalar, row, env)), weight);
  }

  #flush(env: RowEnvironment, result: ZSet): void {
    const { aggregate, having } = this.#shape;
    if (aggregate === undefined) return;
    const at = new Map<ColumnId, number>();
    [...aggregate.groups, ...aggregate.aggregates].forEach((column, i) => at.set(column.id, i));
    this.#groups?.flush(env, (output: readonly Datum[], weight) => {
      const lookup: RowLookup = (id) => output[at.get(id)!]!;
      if (having.some((predicate) => evaluateRow(predicate, lookup, env) !== true)) return;
      result.add(this.#outputs.map((scalar) => evaluateRow(scalar, lookup, env)), weight);
    });
  }
}

/** The columns of tables that the result depends on. */
function readColumns({ graph, aggregate }: Shape, outputs: readonly Scalar[]): ReadonlySet<ColumnId> {
  const grouped = aggregate === undefined ? [] : [
    ...aggregate.groups.map((group) => group.expression),
    ...aggregate.aggregates.flatMap((call) => [
      ...call.arguments,
      ...call.orderBy.map((key) => key.expression),
      ...(call.filter === null ? [] : [call.filter]),
    ]),
  ].map((scalar) => substituteColumns(scalar, graph.computed));
  return columnsOf([...graph.conjuncts, ...grouped, ...outputs]);
}

/** The circuit of `query`, or the construct that cannot be maintained incrementally. */
export function compileCircuit(query: BoundQuery, env: CircuitEnvironment): Circuit | NotIncremental {
  const shape = shapeOf(query.plan, env);
  return isNotIncremental(shape) ? shape : new Circuit(query, shape, env);
}

function shapeOf(plan: Plan, env: CircuitEnvironment): Shape | NotIncremental {
  const above: Plan[] = [];
  let node = plan;
  while (node.kind === "project" || node.kind === "filter" || node.kind === "sort") {
    above.push(node);
    node = node.input;
  }
  if (node.kind !== "aggregate") return flatShape(plan, env);
  if (node.sets !== undefined || (node.grouping?.length ?? 0) > 0) return { construct: "GROUPING SETS" };
  const ordered = node.aggregates.find((call) => call.orderBy.length > 0);
  if (ordered !== undefined) return { construct: `${ordered.function} with ORDER BY` };
  const graph = joinGraph(node.input);
  if (isNotIncremental(graph)) return graph;
  const computed = new Map<ColumnId, Scalar>();
  const having: Scalar[] = [];
  for (const stage of above.reverse()) {
    if (stage.kind === "filter") {
      having.push(...splitConjuncts(substituteColumns(stage.predicate, computed)));
    } else if (stage.kind === "project") {
      for (const item of stage.items) {
        const expression = substituteColumns(item.expression, computed);
        if (expression.kind !== "column" || expression.id !== item.id) computed.set(item.id, expression);
      }
    }
  }
  const scalars = [
    ...node.groups.map((group) => group.expression),
    ...node.aggregates.flatMap((call) => [...call.arguments, ...(call.filter === null ? [] : [call.filter])]),
    ...having,
    ...computed.values(),
  ];
  return checked({ graph, aggregate: node, having, computed }, scalars, env);
}

function flatShape(plan: Plan, env: CircuitEnvironment): Shape | NotIncremental {
  // The order of a stored view's rows is not kept: ORDER BY without LIMIT has no effect.
  const graph = joinGraph(plan.kind === "sort" ? plan.input : plan);
  if (isNotIncremental(graph)) return graph;
  return checked({ graph, aggregate: undefined, having: [], computed: graph.computed }, [
    ...graph.computed.values(),
  ], env);
}

function checked(shape: Shape, scalars: readonly Scalar[], env: CircuitEnvironment): Shape | NotIncremental {
  if (shape.graph.relations.length === 0) return { construct: "a query without tables" };
  const all = [...scalars, ...shape.graph.conjuncts, ...shape.graph.computed.values()];
  if (all.every((scalar) => env.isDeterministic(scalar))) return shape;
  return { construct: "a function that depends on time or chance, or a subquery" };
}

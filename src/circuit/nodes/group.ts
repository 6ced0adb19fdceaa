/**
 * GROUP BY with aggregates that can be maintained row by row; see {@linkcode GroupState}.
 *
 * @module
 */
import type { RowEnvironment } from "../../exec/row_evaluator.ts";
import type { AggregateDefinition } from "../../query/function.ts";
import type { AggregateCall, AggregatePlan, ColumnId, PlanColumn } from "../../query/plan.ts";
import type { CircuitNode } from "../circuit_node.ts";
import { type Delta, deltaOfRows, rowsOfDelta } from "../delta.ts";
import { GroupState } from "../group_state.ts";
import type { WeightedRow } from "../zset.ts";

const GROUP_BYTES = 400;

/** See the module header. */
export class GroupNode implements CircuitNode {
  readonly name = "group";
  readonly inputs: readonly [CircuitNode];
  readonly columns: readonly PlanColumn[];
  readonly #groups: GroupState;
  readonly #positions: ReadonlyMap<ColumnId, number>;
  readonly #environment: RowEnvironment;
  #started = false;
  examinedRows = 0;

  constructor(
    input: CircuitNode,
    plan: AggregatePlan,
    environment: RowEnvironment,
    definitionOf: (call: AggregateCall) => AggregateDefinition,
  ) {
    this.inputs = [input];
    this.columns = [...plan.groups, ...plan.aggregates];
    this.#groups = new GroupState(plan, definitionOf);
    this.#positions = new Map(input.columns.map((column, position) => [column.id, position]));
    this.#environment = environment;
  }

  get stateBytes(): number {
    return this.#groups.groupCount * GROUP_BYTES;
  }

  apply([delta]: readonly Delta[]): Delta {
    if (!this.#started) this.#groups.start(this.#environment);
    this.#started = true;
    this.examinedRows += delta!.size;
    for (const { row, weight } of rowsOfDelta(delta!)) {
      this.#groups.add((id) => row[this.#positions.get(id)!]!, weight, this.#environment);
    }
    const changes: WeightedRow[] = [];
    this.#groups.flush(this.#environment, (row, weight) => changes.push({ row, weight }));
    return deltaOfRows(changes, this.#groups.types);
  }
}

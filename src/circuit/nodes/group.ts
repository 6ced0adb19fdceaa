/**
 * GROUP BY with aggregates from which rows can be taken back, over one or several grouping sets.
 *
 * ```
 * change ─► keys and arguments ─┬► set (a, b) ─► -old +new ─┐
 *                               ├► set (a)    ─► -old +new ─┼► change of the output
 *                               └► set ()     ─► -old +new ─┘
 * ```
 *
 * The input is evaluated once for all sets. What a row costs is said in `group_accumulator.ts`.
 *
 * @module
 */
import type { ExecutionEnvironment } from "../../exec/execution.ts";
import { compileScalars, type ProjectionEvaluator } from "../../exec/expression/compile.ts";
import type { AggregatePlan, PlanColumn } from "../../query/plan.ts";
import { planColumns } from "../../query/plan_walk.ts";
import type { SqlType } from "../../storage/sql_type.ts";
import type { CircuitNode } from "../circuit_node.ts";
import { type Delta, distinctDelta, emptyDelta, sumOfDeltas } from "../delta.ts";
import { GroupSet } from "../group/group_set.ts";

/** See the module header. */
export class GroupNode implements CircuitNode {
  readonly name = "group";
  readonly inputs: readonly [CircuitNode];
  readonly columns: readonly PlanColumn[];
  readonly #types: readonly SqlType[];
  readonly #empty: Delta;
  /** The keys, and then what the programs are fed with. */
  readonly #scalars: ProjectionEvaluator;
  readonly #sets: readonly GroupSet[];
  #started = false;
  #receivedRows = 0;

  constructor(input: CircuitNode, plan: AggregatePlan, environment: ExecutionEnvironment) {
    this.inputs = [input];
    this.columns = planColumns(plan);
    this.#types = this.columns.map((column) => column.type);
    this.#empty = emptyDelta(this.#types);
    const everything = plan.groups.map((_, index) => index);
    const keyTypes = plan.groups.map((group) => group.type);
    this.#sets = (plan.sets ?? [everything]).map((keys) => {
      const grouping = (plan.grouping ?? []).map(({ type, groups }) => ({
        type,
        value: groupingMask(groups, keys),
      }));
      const options = { keyTypes, keys, calls: plan.aggregates, grouping, input: input.columns };
      return new GroupSet(options, environment);
    });
    const keys = plan.groups.map((group) => group.expression);
    // All programs have the same scalars.
    const scalars = this.#sets[0]?.program.scalars ?? [];
    this.#scalars = compileScalars([...keys, ...scalars], input.columns, environment);
  }

  get stateBytes(): number {
    return this.#sets.reduce((bytes, set) => bytes + set.stateBytes, 0);
  }

  get examinedRows(): number {
    return this.#sets.reduce((rows, set) => rows + set.program.examined, this.#receivedRows);
  }

  apply([delta]: readonly Delta[]): Delta {
    const { size, weights } = delta!;
    // Without keys there is a group also over no rows.
    if (size === 0 && this.#started) return this.#empty;
    this.#started = true;
    this.#receivedRows += size;
    const vectors = this.#scalars.evaluate(delta!);
    if (this.#sets.length === 1) return this.#sets[0]!.apply(vectors, weights, size) ?? this.#empty;
    const changes: Delta[] = [];
    for (const set of this.#sets) {
      const change = set.apply(vectors, weights, size);
      if (change !== undefined) changes.push(change);
    }
    // A place is one of its set.
    return changes.length === 1 ? distinctDelta(changes[0]!) : sumOfDeltas(changes, this.#types);
  }

  output(): Delta {
    return this.rows();
  }

  /** All rows. */
  rows(): Delta {
    return sumOfDeltas(this.#sets.map((set) => set.output()), this.#types);
  }
}

/** One bit for each group, the first highest; set where the group is not in the set. */
function groupingMask(groups: readonly number[], keys: readonly number[]): number {
  return groups.reduce((mask, group) => mask * 2 + (keys.includes(group) ? 0 : 1), 0);
}

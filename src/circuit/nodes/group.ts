/**
 * GROUP BY with aggregates from which rows can be taken back.
 *
 * ```
 * change ─► group id of each key ─► old row of each touched group ─► accumulators ─► new row
 * ```
 *
 * A touched group whose row stays the same is no change. Groups without rows leave when half of all are such.
 * O(1) a row for most aggregates, and O(aggregates) a touched group.
 *
 * @module
 */
import { grownFloat64 } from "../../exec/aggregates/accumulator.ts";
import { trueRows } from "../../exec/aggregates/distinct_input.ts";
import type { ExecutionEnvironment } from "../../exec/execution.ts";
import { compileScalars, type ProjectionEvaluator } from "../../exec/expression/compile.ts";
import { gatherVector } from "../../exec/gather_vector.ts";
import { materialize } from "../../exec/materialize.ts";
import { type DenseVector, vectorFromDatums } from "../../exec/vector_build.ts";
import type { AggregateDefinition } from "../../query/function.ts";
import type { AggregateCall, AggregatePlan, PlanColumn, Scalar } from "../../query/plan.ts";
import { INTEGER, type SqlType } from "../../storage/sql_type.ts";
import type { Vector } from "../../storage/vector.ts";
import type { CircuitNode } from "../circuit_node.ts";
import { consolidated, type Delta, emptyDelta, sumOfDeltas, uniformDelta } from "../delta.ts";
import { createAccumulator } from "../group/create_accumulator.ts";
import type { GroupAccumulator } from "../group/group_accumulator.ts";
import { GroupKeys } from "../group/group_keys.ts";
import { pick } from "../group/number_accumulators.ts";

/** Groups below which empty ones are not worth removing. */
const COMPACT_GROUPS = 1024;

/** An aggregate with the positions of its arguments and its condition among the scalars. */
interface Call {
  readonly accumulator: GroupAccumulator;
  readonly type: SqlType;
  readonly arguments: readonly number[];
  /** -1 for none. */
  readonly filter: number;
}

/** See the module header. */
export class GroupNode implements CircuitNode {
  readonly name = "group";
  readonly inputs: readonly [CircuitNode];
  readonly columns: readonly PlanColumn[];
  readonly #keyTypes: readonly SqlType[];
  readonly #scalars: ProjectionEvaluator;
  readonly #calls: readonly Call[];
  #keys: GroupKeys;
  /** Rows of each group. */
  #weights: Float64Array = new Float64Array(16);
  #liveCount = 0;
  #started = false;
  examinedRows = 0;

  constructor(
    input: CircuitNode,
    plan: AggregatePlan,
    environment: ExecutionEnvironment,
    definitionOf: (call: AggregateCall) => AggregateDefinition,
  ) {
    this.inputs = [input];
    this.columns = [...plan.groups, ...plan.aggregates];
    this.#keyTypes = plan.groups.map((group) => group.type);
    const scalars: Scalar[] = plan.groups.map((group) => group.expression);
    this.#calls = plan.aggregates.map((call) => ({
      accumulator: createAccumulator(call, definitionOf(call), environment),
      type: call.type,
      arguments: call.arguments.map((argument) => scalars.push(argument) - 1),
      filter: call.filter === null ? -1 : scalars.push(call.filter) - 1,
    }));
    this.#scalars = compileScalars(scalars, input.columns, environment);
    this.#keys = new GroupKeys(this.#keyColumnTypes());
  }

  get stateBytes(): number {
    return this.#calls.reduce(
      (bytes, call) => bytes + call.accumulator.stateBytes,
      this.#keys.memoryBytes + this.#weights.byteLength,
    );
  }

  apply([delta]: readonly Delta[]): Delta {
    const types = this.columns.map((column) => column.type);
    const { size, weights } = delta!;
    this.examinedRows += size;
    const first = !this.#started && this.#keyTypes.length === 0;
    this.#started = true;
    // Without keys there is one group, also over no rows.
    if (size === 0 && !first) return emptyDelta(types);
    const vectors = this.#scalars.evaluate(delta!).map((vector) => materialize(vector, size));
    const ids = new Int32Array(size);
    const known = first ? 0 : this.#keys.count;
    this.#keys.assign(this.#keysOf(vectors, size), size, ids);
    if (first && size === 0) this.#keys.assign(this.#keysOf([], 1), 1, new Int32Array(1));
    const touched = first ? Int32Array.of(0) : distinctIds(ids, this.#keys.count);
    const old = this.#rowsOf(touched.filter((group) => group < known), types);
    this.#add(ids, vectors, weights, size);
    const fresh = this.#rowsOf(touched, types);
    const change = sumOfDeltas([uniformDelta(old.columns, old.size, -1), fresh], types);
    this.#leave(touched);
    return consolidated(change, types);
  }

  output(): Delta {
    const groups = Int32Array.from({ length: this.#keys.count }, (_, group) => group);
    return this.#rowsOf(groups, this.columns.map((column) => column.type));
  }

  #add(ids: Int32Array, vectors: readonly DenseVector[], weights: Int32Array, size: number): void {
    const groupCount = this.#keys.count;
    this.#keys.addWeights(weights, size);
    this.#weights = grownFloat64(this.#weights, groupCount);
    for (const { accumulator, arguments: args, filter } of this.#calls) {
      accumulator.reserve(groupCount);
      const values = args.map((position) => vectors[position]!);
      if (filter < 0) {
        accumulator.add(ids, values, weights, size);
        continue;
      }
      const rows = trueRows(vectors[filter]!, size);
      const count = rows.length;
      // Rows picked from a dense vector are a dense vector.
      const picked = values.map((vector) => gatherVector(vector, rows, count) as DenseVector);
      accumulator.add(rows.map((row) => ids[row]!), picked, rows.map((row) => weights[row]!), count);
    }
    for (let i = 0; i < size; i++) {
      const group = ids[i]!;
      const before = this.#weights[group]!;
      const after = before + weights[i]!;
      this.#weights[group] = after;
      this.#liveCount += Number(after !== 0) - Number(before !== 0);
    }
  }

  /** The output rows of those of `groups` that have rows. */
  #rowsOf(groups: Int32Array, types: readonly SqlType[]): Delta {
    const isGlobal = this.#keyTypes.length === 0;
    const live = groups.filter((group) => isGlobal || this.#weights[group]! > 0);
    const size = live.length;
    if (size === 0) return emptyDelta(types);
    const keys = isGlobal ? [] : this.#keys.keysAt(live, size);
    const values = this.#calls.map(({ accumulator, type }) =>
      vectorFromDatums(type, Array.from(live, (group) => accumulator.value(group)), size)
    );
    return uniformDelta([...keys, ...values], size, 1);
  }

  /** Groups that have lost their last row forget their state. */
  #leave(touched: Int32Array): void {
    for (const group of touched) {
      if (this.#weights[group] !== 0) continue;
      for (const { accumulator } of this.#calls) accumulator.clear(group);
    }
    const count = this.#keys.count;
    if (count < COMPACT_GROUPS || this.#liveCount * 2 > count || this.#keyTypes.length === 0) return;
    const live = new Int32Array(this.#liveCount);
    let next = 0;
    for (let group = 0; group < count; group++) if (this.#weights[group] !== 0) live[next++] = group;
    this.#keys = this.#keys.kept(live, this.#keyColumnTypes());
    this.#weights = pick(this.#weights, live);
    for (const { accumulator } of this.#calls) accumulator.renumber(live);
  }

  #keysOf(vectors: readonly DenseVector[], size: number): readonly Vector[] {
    if (this.#keyTypes.length > 0) return vectors.slice(0, this.#keyTypes.length);
    return [{ kind: "i32", values: new Int32Array(size), nulls: null }];
  }

  #keyColumnTypes(): readonly SqlType[] {
    return this.#keyTypes.length > 0 ? this.#keyTypes : [INTEGER];
  }
}

function distinctIds(ids: Int32Array, idCount: number): Int32Array {
  if (ids.length * 8 < idCount) return Int32Array.from(new Set(ids));
  const seen = new Uint8Array(idCount);
  const distinct = new Int32Array(ids.length);
  let count = 0;
  for (const id of ids) {
    if (seen[id] === 1) continue;
    seen[id] = 1;
    distinct[count++] = id;
  }
  return distinct.subarray(0, count);
}

/**
 * From the aggregate calls of a plan node to accumulators of maintained groups, and back to columns.
 *
 * Calls are taken apart into parts that are shared, as in batch execution:
 *
 * ```
 * sum(x)  -> part sum(x), part count(x)       reader: sum, NULL where the count is 0
 * avg(x)  -> part sum(x), part count(x)       reader: sum / count
 * min(x)  -> part extremes(x)                 reader: the first value
 * max(x)  -> part extremes(x)                 reader: the last value
 * ```
 *
 * @module
 */
import { completeOrder, isDouble, isWhole, pickIds } from "../../exec/aggregates/aggregate_program.ts";
import { trueRows } from "../../exec/aggregates/distinct_input.ts";
import type { ExecutionEnvironment } from "../../exec/execution.ts";
import { gatherVector } from "../../exec/gather_vector.ts";
import { guardedAggregate } from "../../exec/guarded_call.ts";
import { materialize } from "../../exec/materialize.ts";
import type { DenseVector } from "../../exec/vector_build.ts";
import type { AggregateDefinition, CallContext } from "../../query/function.ts";
import { hasForms } from "../../query/functions/identity.ts";
import { hypotheticalCall, percentileCall } from "../../query/functions/aggregate_ordered.ts";
import { varianceCall } from "../../query/functions/aggregate_sum.ts";
import type { AggregateCall, ColumnId, PlanColumn, Scalar, SortKey } from "../../query/plan.ts";
import { scalarKey } from "../../query/plan_key.ts";
import type { Vector } from "../../storage/vector.ts";
import { DistinctRows } from "./distinct_rows.ts";
import { ExtremeValues } from "./extreme_values.ts";
import type { GroupAccumulator, GroupReader } from "./group_accumulator.ts";
import {
  readAverages,
  readBooleans,
  readCounts,
  readDoubleAverages,
  readDoubleSums,
  readEach,
  readExtremes,
  readFirstArguments,
  readHypothetical,
  readListed,
  readModes,
  readPercentiles,
  readSums,
  readVariances,
} from "./group_readers.ts";
import { BooleanCounts, DoubleSums, RowCount, SquareSums, WholeSums } from "./number_accumulators.ts";
import { OrderedRows } from "./ordered_rows.ts";
import { OrderedValues } from "./ordered_values.ts";
import { RowWiseStates } from "./row_wise_states.ts";

/** An accumulator that sees rows; numbers are positions in `scalars`. */
interface Part {
  readonly accumulator: GroupAccumulator;
  readonly arguments: readonly number[];
  /** Position of the FILTER condition, -1 for none. */
  readonly filter: number;
  /** The arguments of the rows at hand. */
  readonly values: DenseVector[];
}

/** What is fed to a part. */
interface PartInput {
  readonly arguments: readonly Scalar[];
  readonly filter: Scalar | null;
  readonly distinct: boolean;
}

/** Everything that the calls of one node keep for one grouping set. */
export class GroupProgram {
  /** Expressions over the input that the parts are fed with. */
  readonly scalars: Scalar[] = [];
  /** Rows of each group. */
  readonly rows: RowCount = new RowCount();
  /** One for each call. */
  readonly readers: readonly GroupReader[];
  readonly #positions = new Map<string, number>();
  /** Where the scalars begin among the vectors that are given. */
  readonly #offset: number;
  readonly #parts: Part[] = [];
  /** By position: its values for the rows at hand, once they are asked for. */
  readonly #dense: (DenseVector | undefined)[] = [];
  readonly #accumulators = new Map<string, GroupAccumulator>();
  readonly #environment: ExecutionEnvironment;
  readonly #nullable: ReadonlySet<ColumnId>;

  constructor(
    calls: readonly AggregateCall[],
    input: readonly PlanColumn[],
    environment: ExecutionEnvironment,
    offset = 0,
  ) {
    this.#offset = offset;
    this.#environment = environment;
    this.#nullable = new Set(input.filter((column) => column.nullable).map((column) => column.id));
    this.#parts.push({ accumulator: this.rows, arguments: [], filter: -1, values: [] });
    this.readers = calls.map((call) => this.#plan(guardedAggregate(call)));
  }

  get stateBytes(): number {
    return this.#parts.reduce((bytes, { accumulator }) => bytes + accumulator.stateBytes, 0);
  }

  /** Items of their own structures that parts have looked at. */
  get examined(): number {
    return this.#parts.reduce((items, { accumulator }) => items + accumulator.examined, 0);
  }

  /** Adds `size` rows to groups below `groupCount`; `vectors` have the values of `scalars`. */
  add(
    ids: Int32Array,
    groupCount: number,
    vectors: readonly Vector[],
    weights: Int32Array,
    size: number,
  ): void {
    const dense = this.#dense;
    const offset = this.#offset;
    for (let i = 0; i < this.scalars.length; i++) dense[i] = undefined;
    for (let i = 0; i < this.#parts.length; i++) {
      const { accumulator, arguments: positions, filter, values } = this.#parts[i]!;
      accumulator.reserve(groupCount);
      for (let j = 0; j < positions.length; j++) {
        const at = positions[j]!;
        values[j] = dense[at] ??= materialize(vectors[offset + at]!, size);
      }
      if (filter < 0) {
        accumulator.add(ids, values, weights, size);
        continue;
      }
      const rows = trueRows(dense[filter] ??= materialize(vectors[offset + filter]!, size), size);
      const count = rows.length;
      if (count === 0) continue;
      // Rows picked from a dense vector are a dense vector.
      const picked = values.map((vector) => gatherVector(vector, rows, count) as DenseVector);
      accumulator.add(pickIds(ids, rows), picked, pickIds(weights, rows), count);
    }
  }

  /** Forgets the rows at hand, which may be many. */
  release(): void {
    this.#dense.length = 0;
    for (const { values } of this.#parts) values.length = 0;
  }

  /** A group has lost its last row. */
  clear(group: number): void {
    for (const { accumulator } of this.#parts) accumulator.clear(group);
  }

  /** Gives the groups `groups` the ids from 0 on; the others are gone. */
  renumber(groups: Int32Array): void {
    for (const { accumulator } of this.#parts) accumulator.renumber(groups);
  }

  #plan(call: AggregateCall): GroupReader {
    if (picksForm(call)) return this.#byDefinition(call);
    const [type] = call.arguments.map((argument) => argument.type);
    switch (call.function) {
      case "count":
        return readCounts(this.#count(call));
      case "sum":
        if (isWhole(type)) return readSums(this.#wholeSums(call), this.#count(call), call.type);
        if (isDouble(type)) return readDoubleSums(this.#doubleSums(call), this.#count(call), call.type);
        break;
      case "avg":
      case "mean":
        if (isWhole(type)) {
          const scale = type!.kind === "decimal" ? type!.scale : 0;
          return readAverages(this.#wholeSums(call), this.#count(call), { scale, type: call.type });
        }
        if (isDouble(type)) return readDoubleAverages(this.#doubleSums(call), this.#count(call));
        break;
      case "min":
      case "max":
        return readExtremes(
          this.#extremes({ ...call, distinct: false }, call.arguments[0]!),
          call.function === "max",
        );
    }
    return this.#variance(call) ?? this.#booleans(call) ?? this.#mode(call) ?? this.#percentile(call) ??
      this.#hypothetical(call) ?? this.#pick(call) ?? this.#byDefinition(call);
  }

  /** Counts rows whose argument is not NULL. */
  #count(call: PartInput): RowCount {
    const [argument] = call.arguments;
    const counted = argument !== undefined && (call.distinct || this.#isNullable(argument));
    if (!counted && call.filter === null) return this.rows;
    const input = counted ? { ...call, arguments: [argument] } : { ...call, arguments: [], distinct: false };
    return this.#part("count", input, () => new RowCount());
  }

  #wholeSums(call: PartInput): WholeSums {
    return this.#part("whole sums", call, () => new WholeSums());
  }

  #doubleSums(call: PartInput): DoubleSums {
    return this.#part("double sums", call, () => new DoubleSums());
  }

  #extremes(call: PartInput, value: Scalar): ExtremeValues {
    const create = (): ExtremeValues => new ExtremeValues(value.type);
    return this.#part("extremes", { ...call, arguments: [value] }, create);
  }

  #values(call: PartInput, value: Scalar, withMaxima = false): OrderedValues {
    const create = (): OrderedValues => {
      const values = new OrderedValues(value.type);
      if (withMaxima) values.tree.keepMaxima();
      return values;
    };
    return this.#part(withMaxima ? "values, maxima" : "values", { ...call, arguments: [value] }, create);
  }

  #variance(call: AggregateCall): GroupReader | undefined {
    const [type] = call.arguments.map((argument) => argument.type);
    const value = varianceCall(call.function);
    if (value === undefined || !isWhole(type)) return undefined;
    const squares = this.#part("square sums", call, () => new SquareSums());
    const scale = type!.kind === "decimal" ? type!.scale : 0;
    return readVariances(this.#wholeSums(call), squares, this.#count(call), {
      scale,
      type: call.type,
      value,
    });
  }

  #booleans(call: AggregateCall): GroupReader | undefined {
    if (!BOOLEAN_AGGREGATES.has(call.function)) return undefined;
    return readBooleans(this.#part("booleans", call, () => new BooleanCounts()), call.function, call.type);
  }

  #hypothetical(call: AggregateCall): GroupReader | undefined {
    const value = hypotheticalCall(call.function);
    const [direct, item] = call.arguments;
    if (value === undefined || direct?.kind !== "literal" || item === undefined || hasForms(item.type)) {
      return undefined;
    }
    return readHypothetical(
      this.#values(call, item),
      this.#values({ ...call, distinct: true }, item),
      this.#count({ ...call, arguments: [], distinct: false }),
      {
        direct: direct.value,
        types: [direct.type, item.type],
        descending: call.orderBy[0]?.descending === true,
        type: call.type,
        value,
      },
    );
  }

  #mode(call: AggregateCall): GroupReader | undefined {
    const [value] = call.arguments;
    if (call.function !== "mode" || value === undefined) return undefined;
    // Equal values count together, whatever they look like: of numbers only 0 and -0.
    if (hasForms(value.type) && !isDouble(value.type)) return undefined;
    return readModes(this.#values(call, value, true), call.orderBy[0]?.descending === true);
  }

  #percentile(call: AggregateCall): GroupReader | undefined {
    const form = percentileCall(call.function, call.arguments.map((argument) => argument.type));
    if (form === undefined) return undefined;
    const value = call.arguments[form.valuePosition]!;
    const direct = call.arguments[form.directPosition];
    if (direct !== undefined && direct.kind !== "literal") return undefined;
    const fraction = direct === undefined ? 0.5 : direct.value;
    const descending = form.valuePosition === 1 && call.orderBy[0]?.descending === true;
    return readPercentiles(this.#values(call, value), {
      descending,
      type: call.type,
      pick: (items) => form.pick(items, fraction),
    });
  }

  /** An argument of the first row in some order. */
  #pick(call: AggregateCall): GroupReader | undefined {
    if (call.distinct) return undefined;
    const [value, key] = call.arguments;
    const by = (descending: boolean): SortKey[] => [
      { expression: key!, descending, nullsFirst: false },
      { expression: value!, descending: false, nullsFirst: false },
    ];
    const first = (orderBy: readonly SortKey[], required: number, last = false): GroupReader =>
      readFirstArguments(this.#rowsInOrder(call, orderBy, required), { last, type: value!.type });
    const order = completeOrder(call, definitionOf(call, this.#environment));
    switch (call.function) {
      case "any_value":
        return first(order, 0);
      case "first":
        return first(order, -1);
      case "last":
        return first(order, -1, true);
      case "min_by":
      case "arg_min":
        return first(by(false), 1);
      case "max_by":
      case "arg_max":
        return first(by(true), 1);
      default:
        return undefined;
    }
  }

  #byDefinition(call: AggregateCall): GroupReader {
    const definition = definitionOf(call, this.#environment);
    const argumentTypes = call.arguments.map((argument) => argument.type);
    const context: CallContext = {
      nowMicros: this.#environment.nowMicros,
      timeZone: this.#environment.timeZone,
      random: this.#environment.random,
      argumentTypes,
      resultType: call.type,
    };
    const { remove } = definition;
    if (remove !== undefined && !picksForm(call)) {
      const states = this.#part(
        `states ${call.function}`,
        call,
        () => new RowWiseStates(definition, remove, context),
      );
      return readEach(call.type, (group) => states.value(group));
    }
    // Of values that are equal and look different the first one counts: they must be neighbours.
    const orderBy = remove === undefined
      ? completeOrder(call, definition)
      : call.arguments.map((expression) => ({ expression, descending: false, nullsFirst: false }));
    const rows = this.#rowsInOrder({ ...call, distinct: false }, orderBy, -1);
    return readListed(rows, { definition, context, distinct: call.distinct, type: call.type });
  }

  #rowsInOrder(call: PartInput, orderBy: readonly SortKey[], required: number): OrderedRows {
    const columns = [...call.arguments];
    const keys = orderBy.map(({ expression, descending, nullsFirst }) => {
      const known = columns.findIndex((column) => scalarKey(column) === scalarKey(expression));
      const position = known < 0 ? columns.push(expression) - 1 : known;
      return { type: expression.type, descending, nullsFirst, position };
    });
    const types = columns.map((column) => column.type);
    return this.#part(
      `rows ${required} ${JSON.stringify(keys)}`,
      { ...call, arguments: columns },
      () => new OrderedRows({ types, keys, required }),
    );
  }

  /** The part of a kind over an input: the one that is there, or a new one. */
  #part<Kind extends GroupAccumulator>(kind: string, input: PartInput, create: () => Kind): Kind {
    const positions = input.arguments.map((argument) => this.#position(argument));
    const filter = input.filter === null ? -1 : this.#position(input.filter);
    const key = JSON.stringify([kind, positions, filter, input.distinct]);
    const known = this.#accumulators.get(key);
    // The key names the kind.
    if (known !== undefined) return known as Kind;
    const accumulator = create();
    this.#accumulators.set(key, accumulator);
    if (input.distinct && positions.length > 0) this.#distinct(input).inner.push(accumulator);
    else this.#parts.push({ accumulator, arguments: positions, filter, values: [] });
    return accumulator;
  }

  /** What feeds distinct rows to other accumulators. */
  #distinct(input: PartInput): DistinctRows {
    const types = input.arguments.map((argument) => argument.type);
    return this.#part("distinct", { ...input, distinct: false }, () => new DistinctRows(types));
  }

  #isNullable(scalar: Scalar): boolean {
    if (scalar.kind === "column") return this.#nullable.has(scalar.id);
    return !(scalar.kind === "literal" && scalar.value !== null);
  }

  #position(scalar: Scalar): number {
    const key = scalarKey(scalar);
    const known = this.#positions.get(key);
    if (known !== undefined) return known;
    const position = this.scalars.push(scalar) - 1;
    this.#positions.set(key, position);
    return position;
  }
}

function definitionOf(call: AggregateCall, environment: ExecutionEnvironment): AggregateDefinition {
  const types = call.arguments.map((argument) => argument.type);
  return environment.functions.resolveAggregate(call.function, types, call.arguments[0]?.span).function;
}

const BOOLEAN_AGGREGATES: ReadonlySet<string> = new Set([
  "count_if",
  "countif",
  "bool_and",
  "every",
  "booland_agg",
  "bool_or",
  "boolor_agg",
]);

/** Aggregates of doubles for which 0 and -0 are the same. */
const BLIND_TO_ZERO_SIGN: ReadonlySet<string> = new Set(["sum", "avg", "mean"]);

/** Whether one of several values that are equal and look different counts for all: the one that does may leave. */
function picksForm(call: AggregateCall): boolean {
  const formed = call.arguments.filter(({ type }) => hasForms(type));
  if (!call.distinct || formed.length === 0 || ["count", "min", "max"].includes(call.function)) return false;
  return !(BLIND_TO_ZERO_SIGN.has(call.function) && formed.every(({ type }) => isDouble(type)));
}

/**
 * From the aggregate calls of a plan node to accumulators.
 *
 * Calls are taken apart into parts that are shared: `sum(x)`, `avg(x)` and `count(x)` need one sum and one
 * counter between them, and the counter is that of `count(*)` when x is never NULL.
 *
 * ```
 * sum(x)  -> part sum(x), part count(x)      finish: sum, NULL where the count is 0
 * avg(x)  -> part sum(x), part count(x)      finish: sum / count
 * ```
 *
 * @module
 */
import { numberToDouble } from "../../query/functions/compare.ts";
import { checkedInteger } from "../../query/functions/number_text.ts";
import type { AggregateDefinition, CallContext } from "../../query/function.ts";
import type { AggregateCall, ColumnId, PlanColumn, Scalar, SortKey } from "../../query/plan.ts";
import { scalarKey } from "../../query/plan_key.ts";
import type { Datum, SqlType } from "../../storage/sql_type.ts";
import type { Vector } from "../../storage/vector.ts";
import type { ExecutionEnvironment } from "../execution.ts";
import { gatherVector } from "../gather_vector.ts";
import type { KeyBounds } from "../key_table_encoder.ts";
import { materialize } from "../materialize.ts";
import { type DenseVector, plainKind, vectorFromDatums } from "../vector_build.ts";
import type { RowBudget } from "../operators/operator.ts";
import type { Accumulator, GroupRange } from "./accumulator.ts";
import { CountAccumulator } from "./count.ts";
import { DistinctInput, trueRows } from "./distinct_input.ts";
import { DoubleSum } from "./double_sum.ts";
import { ExtremeAccumulator } from "./extreme.ts";
import { FirstAccumulator } from "./first.ts";
import { OrderedInput } from "./ordered_input.ts";
import { PercentileAccumulator } from "./percentile.ts";
import { doubleAverage, doubleSum, wholeAverage } from "./finish.ts";
import { RowWiseAccumulator } from "./row_wise.ts";
import { addWholeSums, emptyGroups, WholeSum, wholeSumVector } from "./whole_sum.ts";

/** The finished column of one call, for some groups. */
type Finish = (groups: GroupRange) => Vector;

/** An accumulator and what it is fed with; numbers are positions in `scalars`. */
interface Part {
  readonly accumulator: AnyAccumulator;
  readonly arguments: readonly number[];
  /** Position of the FILTER condition, -1 for none. */
  readonly filter: number;
  /** Index into the distinct inputs, -1 for none. */
  readonly distinct: number;
}

type AnyAccumulator = Accumulator | FirstAccumulator;

/** The rows that are aggregated. */
export interface AggregateInput {
  readonly columns: readonly PlanColumn[];
  /** Bounds of whole-number columns, exact or wider. */
  readonly bounds: (id: ColumnId) => KeyBounds | undefined;
  readonly rowsExpected: number;
  /** There are keys, so that a group without rows does not exist. */
  readonly grouped: boolean;
}

/** Everything that the calls of one node need. */
export class AggregateProgram {
  /** Expressions over the input that the parts are fed with. */
  readonly scalars: Scalar[] = [];
  readonly #positions = new Map<string, number>();
  readonly #parts: Part[] = [];
  readonly #partKeys = new Map<string, AnyAccumulator>();
  /** Sums of whole numbers that see every row; they are added together. */
  readonly #wholeSums: { readonly sum: WholeSum; readonly position: number }[] = [];
  readonly #distinctInputs: DistinctInput[] = [];
  readonly #distinctKeys = new Map<string, number>();
  readonly #finishers: Finish[];
  readonly #environment: ExecutionEnvironment;
  readonly #nullable: ReadonlySet<number>;
  readonly #bounds: AggregateInput["bounds"];
  readonly #rowsExpected: number;
  /** Every group has a row. */
  readonly #grouped: boolean;

  constructor(calls: readonly AggregateCall[], input: AggregateInput, environment: ExecutionEnvironment) {
    this.#environment = environment;
    this.#grouped = input.grouped;
    this.#bounds = input.bounds;
    this.#rowsExpected = input.rowsExpected;
    this.#nullable = new Set(input.columns.filter((column) => column.nullable).map((column) => column.id));
    this.#finishers = calls.map((call) => this.#plan(call));
  }

  /** Approximate memory in bytes. */
  get memoryBytes(): number {
    let bytes = 0;
    for (const part of this.#parts) bytes += part.accumulator.memoryBytes;
    for (const input of this.#distinctInputs) bytes += input.memoryBytes;
    return bytes;
  }

  /** Adds `size` rows; `vectors` are the values of `scalars`. */
  add(ids: Int32Array | null, groupCount: number, vectors: readonly Vector[], size: number): void {
    const chunk = new DenseColumns(vectors, size);
    for (const input of this.#distinctInputs) input.select(ids, groupCount, chunk, size);
    for (const part of this.#parts) {
      part.accumulator.reserve(groupCount);
      if (part.distinct >= 0) {
        this.#addSelected(part, ids, chunk, this.#distinctInputs[part.distinct]!.selected);
      } else if (part.filter >= 0) this.#addSelected(part, ids, chunk, trueRows(chunk.at(part.filter), size));
      else if (part.accumulator instanceof FirstAccumulator) {
        part.accumulator.add(ids, part.arguments.map((position) => vectors[position]!), size);
      } else if (ids === null || !(part.accumulator instanceof WholeSum)) {
        part.accumulator.add(ids, part.arguments.map((position) => chunk.at(position)), size);
      }
    }
    if (ids === null || this.#wholeSums.length === 0) return;
    const sums = this.#wholeSums.map(({ sum }) => sum);
    addWholeSums(sums, ids, this.#wholeSums.map(({ position }) => chunk.at(position)), size);
  }

  /** What must be done before results are read, in slices; true when done. */
  prepare(groupCount: number, budget: RowBudget): boolean {
    for (const { accumulator } of this.#parts) {
      accumulator.reserve(groupCount);
      if (accumulator.prepare?.(groupCount, budget) === false) return false;
    }
    return true;
  }

  /** The columns of the calls, for groups [from, to). */
  results(from: number, to: number): Vector[] {
    return this.#finishers.map((finish) => finish({ from, to }));
  }

  #addSelected(part: Part, ids: Int32Array | null, chunk: DenseColumns, rows: Int32Array): void {
    const count = rows.length;
    if (count === 0) return;
    const picked = ids === null ? null : pickIds(ids, rows);
    if (part.accumulator instanceof FirstAccumulator) {
      const args = part.arguments.map((position) => gatherVector(chunk.vectors[position]!, rows, count));
      return part.accumulator.add(picked, args, count);
    }
    // Rows picked from a dense vector are a dense vector.
    const args = part.arguments.map((position) =>
      gatherVector(chunk.at(position), rows, count) as DenseVector
    );
    part.accumulator.add(picked, args, count);
  }

  #plan(call: AggregateCall): Finish {
    const argumentTypes = call.arguments.map((argument) => argument.type);
    const [type] = argumentTypes;
    switch (call.function) {
      case "count": {
        const counter = this.#counter(call);
        return ({ from, to }) => counter.result(from, to);
      }
      case "sum":
        if (isWhole(type)) return this.#wholeSum(call);
        if (isDouble(type)) return this.#doubleSum(call);
        break;
      case "avg":
      case "mean":
        if (isWhole(type)) return this.#wholeAverage(call, type!);
        if (isDouble(type)) return this.#doubleAverage(call);
        break;
      case "min":
      case "max": {
        const best = this.#part(
          call,
          call.function,
          () => new ExtremeAccumulator(type!, call.function === "max"),
        );
        return ({ from, to }) => best.result(from, to);
      }
    }
    return this.#first(call) ?? this.#percentile(call) ?? this.#rowWise(call);
  }

  #wholeSum(call: AggregateCall): Finish {
    const sum = this.#part(call, "wholeSum", () => new WholeSum());
    const counter = this.#emptyCounter(call);
    return (groups) => {
      const vector = wholeSumVector(sum, counter, call.type, groups);
      if (call.type.kind === "bigint" && !sum.isSafe) {
        for (let group = groups.from; group < groups.to; group++) checkedInteger(sum.sum(group), "bigint");
      }
      return vector;
    };
  }

  #wholeAverage(call: AggregateCall, type: SqlType): Finish {
    const sum = this.#part(call, "wholeSum", () => new WholeSum());
    const counter = this.#counter(call);
    const scale = type.kind === "decimal" ? type.scale : 0;
    return ({ from, to }) => {
      const values = new Array<Datum>(to - from);
      for (let group = from; group < to; group++) {
        const count = counter.counts[group]!;
        values[group - from] = wholeAverage(sum.sum(group), scale, count);
      }
      return vectorFromDatums(call.type, values, to - from);
    };
  }

  #doubleSum(call: AggregateCall): Finish {
    const part = this.#part(call, "doubleSum", () => new DoubleSum());
    const counter = this.#emptyCounter(call);
    return (groups) => {
      const values = new Float64Array(groups.to - groups.from);
      for (let group = groups.from; group < groups.to; group++) {
        values[group - groups.from] = doubleSum(part.sums, group, call.type);
      }
      return { kind: "f64", values, nulls: emptyGroups(counter, groups) };
    };
  }

  #doubleAverage(call: AggregateCall): Finish {
    const part = this.#part(call, "doubleSum", () => new DoubleSum());
    const counter = this.#counter(call);
    return (groups) => {
      const values = new Float64Array(groups.to - groups.from);
      for (let group = groups.from; group < groups.to; group++) {
        const count = counter.counts[group]!;
        if (count !== 0) values[group - groups.from] = doubleAverage(part.sums, group, count);
      }
      return { kind: "f64", values, nulls: emptyGroups(counter, groups) };
    };
  }

  /** The value of some row, of the first row; `undefined` for other calls. */
  #first(call: AggregateCall): Finish | undefined {
    const [argument] = call.arguments;
    const skipsNulls = call.function === "any_value";
    if (argument === undefined || call.orderBy.length > 0) return undefined;
    if (!skipsNulls && (call.function !== "first" || call.distinct)) return undefined;
    const part = this.#part(
      // One value is as good as another.
      { ...call, distinct: false },
      skipsNulls ? "any" : "first",
      () => new FirstAccumulator(argument.type, skipsNulls && this.#isNullable(argument)),
    );
    return ({ from, to }) => part.result(from, to);
  }

  /** A percentile of numbers with a constant fraction; `undefined` for other calls. */
  #percentile(call: AggregateCall): Finish | undefined {
    const form = PERCENTILES[call.function];
    if (form === undefined || call.distinct) return undefined;
    const [first, second] = call.arguments;
    const direct = form.within ? first : second;
    const value = form.within ? second : first;
    const kind = value === undefined ? "object" : plainKind(value.type);
    if (value === undefined || (kind !== "i32" && kind !== "f64")) return undefined;
    const fraction = direct === undefined ? 0.5 : numberOf(direct);
    if (fraction === undefined) return undefined;
    const descending = form.within && call.orderBy[0]?.descending === true;
    const { continuous } = form;
    const part = this.#part(
      { ...call, arguments: [value] },
      `percentile ${fraction} ${continuous} ${descending}`,
      () =>
        new PercentileAccumulator({
          fraction,
          continuous,
          descending,
          type: value.type,
          resultType: call.type,
        }),
    );
    return ({ from, to }) => part.result(from, to);
  }

  #rowWise(call: AggregateCall): Finish {
    const argumentTypes = call.arguments.map((argument) => argument.type);
    const resolved = this.#environment.functions.resolveAggregate(
      call.function,
      argumentTypes,
      call.arguments[0]?.span,
    );
    const context: CallContext = {
      nowMicros: this.#environment.nowMicros,
      timeZone: this.#environment.timeZone,
      random: this.#environment.random,
      argumentTypes,
      resultType: call.type,
    };
    const definition = resolved.function;
    const sorted = completeOrder(call, definition);
    const part = this.#orderedPart(
      call,
      call.function,
      () => new RowWiseAccumulator(definition, context),
      sorted,
    );
    return ({ from, to }) => part.result(from, to);
  }

  /** Counts the rows whose argument is not NULL. */
  #counter(call: AggregateCall): CountAccumulator {
    const [argument] = call.arguments;
    const needed = argument !== undefined && (call.distinct || this.#isNullable(argument));
    return this.#part(needed ? call : { ...call, arguments: [] }, "count", () => new CountAccumulator());
  }

  /** Tells groups without a value; `null` when there cannot be one. */
  #emptyCounter(call: AggregateCall): CountAccumulator | null {
    const never = this.#grouped && call.filter === null && !this.#isNullable(call.arguments[0]!);
    return never ? null : this.#counter(call);
  }

  #isNullable(scalar: Scalar): boolean {
    if (scalar.kind === "column") return this.#nullable.has(scalar.id);
    return !(scalar.kind === "literal" && scalar.value !== null);
  }

  /** The shared part for `kind` over the input of `call`, in whatever order. */
  #part<Kind extends AnyAccumulator>(call: AggregateCall, kind: string, create: () => Kind): Kind {
    // Without an order the part is what `create` makes, and the key names its kind.
    return this.#orderedPart(call, kind, create, []) as Kind;
  }

  /** The shared part for `kind`, fed in the order of `orderBy`. */
  #orderedPart(
    call: AggregateCall,
    kind: string,
    create: () => AnyAccumulator,
    orderBy: readonly SortKey[],
  ): AnyAccumulator {
    const args = call.arguments.map((argument) => this.#position(argument));
    const keys = orderBy.map((key) => this.#position(key.expression));
    const filter = call.filter === null ? -1 : this.#position(call.filter);
    const directions = orderBy.map(({ expression, descending, nullsFirst }) => ({
      type: expression.type,
      descending,
      nullsFirst,
    }));
    const key = JSON.stringify([kind, args, keys, directions, filter, call.distinct]);
    const known = this.#partKeys.get(key);
    if (known !== undefined) return known;
    const inner = create();
    const accumulator = keys.length === 0 || inner instanceof FirstAccumulator
      ? inner
      : new OrderedInput(inner, call.arguments.map((argument) => argument.type), directions);
    const distinct = call.distinct && args.length > 0 ? this.#distinctInput(call, args, filter) : -1;
    this.#parts.push({ accumulator, arguments: [...args, ...keys], filter, distinct });
    this.#partKeys.set(key, accumulator);
    if (accumulator instanceof WholeSum && distinct < 0 && filter < 0) {
      this.#wholeSums.push({ sum: accumulator, position: args[0]! });
    }
    return accumulator;
  }

  #distinctInput(call: AggregateCall, args: readonly number[], filter: number): number {
    const key = `${args.join()};${filter}`;
    const known = this.#distinctKeys.get(key);
    if (known !== undefined) return known;
    const columns = call.arguments.map((argument) => ({
      type: argument.type,
      bounds: argument.kind === "column" ? this.#bounds(argument.id) : undefined,
    }));
    const rowsExpected = this.#rowsExpected;
    const input = new DistinctInput({ columns, positions: args, filter, rowsExpected });
    const index = this.#distinctInputs.push(input) - 1;
    this.#distinctKeys.set(key, index);
    return index;
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

/** The columns of a chunk, each decoded when it is first asked for. */
export class DenseColumns {
  readonly vectors: readonly Vector[];
  readonly #size: number;
  readonly #dense: (DenseVector | undefined)[] = [];

  constructor(vectors: readonly Vector[], size: number) {
    this.vectors = vectors;
    this.#size = size;
  }

  /** The column at `position`. */
  at(position: number): DenseVector {
    return this.#dense[position] ??= materialize(this.vectors[position]!, this.#size);
  }
}

interface PercentileForm {
  readonly continuous: boolean;
  /** WITHIN GROUP: the fraction comes before the value. */
  readonly within: boolean;
}

const PERCENTILES: Readonly<Record<string, PercentileForm>> = {
  percentile_cont: { continuous: true, within: true },
  percentile_disc: { continuous: false, within: true },
  median: { continuous: true, within: false },
  quantile_cont: { continuous: true, within: false },
  quantile_disc: { continuous: false, within: false },
  approx_percentile: { continuous: true, within: false },
  approx_quantile: { continuous: true, within: false },
};

/**
 * The order in which an aggregate sees rows. Where it may show, rows with equal keys are ordered by the arguments,
 * so that the value follows from the rows alone; PostgreSQL gives distinct values in their order, too.
 */
export function completeOrder(call: AggregateCall, definition: AggregateDefinition): readonly SortKey[] {
  const isOpen = definition.remove === undefined && definition.ordered !== true;
  if (!isOpen || (call.orderBy.length === 0 && !call.distinct)) return call.orderBy;
  const known = new Set(call.orderBy.map((key) => scalarKey(key.expression)));
  const rest = call.arguments.filter((argument) =>
    argument.kind !== "literal" && !known.has(scalarKey(argument))
  );
  return [
    ...call.orderBy,
    ...rest.map((expression) => ({ expression, descending: false, nullsFirst: false })),
  ];
}

/** The value of a literal number. */
function numberOf(scalar: Scalar): number | undefined {
  if (scalar.kind !== "literal" || scalar.value === null || scalar.type.kind === "array") return undefined;
  return numberToDouble(scalar.value, scalar.type);
}

/** Whether values are whole numbers, scaled or not. */
export function isWhole(type: SqlType | undefined): boolean {
  return type !== undefined &&
    (type.kind === "smallint" || type.kind === "integer" || type.kind === "bigint" ||
      type.kind === "decimal");
}

/** Whether values are floating point numbers. */
export function isDouble(type: SqlType | undefined): boolean {
  return type !== undefined && (type.kind === "double" || type.kind === "real");
}

/** `ids[row]` for each of `rows`. */
export function pickIds(ids: Int32Array, rows: Int32Array): Int32Array {
  const picked = new Int32Array(rows.length);
  for (let i = 0; i < rows.length; i++) picked[i] = ids[rows[i]!]!;
  return picked;
}

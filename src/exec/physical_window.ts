/**
 * Builds window functions: calls with the same PARTITION BY and ORDER BY share one order, calls with the same
 * frame its positions.
 *
 * @module
 */
import { QueryError } from "../base/error.ts";
import type { CallContext } from "../query/function.ts";
import { checkedInteger } from "../query/functions/number_text.ts";
import { divideNumeric, numericFromWhole } from "../query/functions/numeric_value.ts";
import type {
  FrameBoundPlan,
  Scalar,
  SortKey,
  WindowCall,
  WindowFramePlan,
  WindowPlan,
} from "../query/plan.ts";
import { scalarKey } from "../query/plan_key.ts";
import { BIGINT, type Datum, decimalType, sameType, type SqlType } from "../storage/sql_type.ts";
import { compareDatums } from "../query/functions/compare.ts";
import { ColumnBuffer } from "./column_buffer.ts";
import type { ExecutionEnvironment } from "./execution.ts";
import { compileScalars } from "./expression/compile.ts";
import { KeyTable } from "./key_table.ts";
import { materialize } from "./materialize.ts";
import { type CompareRows, rowComparator } from "./operators/sort_order.ts";
import { constantValue } from "./operators/values.ts";
import { type ScalarRows, WindowSink, WindowSource, type WindowSpec } from "./operators/window.ts";
import { guardedWindow } from "./guarded_call.ts";
import { type Need, references, union } from "./need.ts";
import type { PhysicalBuilder, Stream } from "./physical.ts";
import { readDatums } from "./vector_read.ts";
import { type Frame, type FrameBound, FramePositions, type RangeBound } from "./window/frame.ts";
import { FrameExtremeComputation } from "./window/frame_extreme.ts";
import { type FinishSum, FrameSumComputation } from "./window/frame_sum.ts";
import { FrameStateComputation } from "./window/frame_state.ts";
import type { WindowOrder } from "./window/partitioned_order.ts";
import { FrameRowComputation, NeighbourComputation } from "./window/picked_row.ts";
import { RankingComputation } from "./window/ranking.ts";
import type { WindowComputation } from "./window/window_computation.ts";

/** Computes window calls. */
export function buildWindow(builder: PhysicalBuilder, plan: WindowPlan, need: Need): Stream {
  const calls = plan.calls.filter((call) => need.all.has(call.id)).map(guardedWindow);
  const scalars = new ScalarList();
  const specs = windowSpecs(builder.environment, calls, scalars);
  const read = references(scalars.list);
  const input = builder.build(plan.input, { all: union(need.all, read), soon: read });
  const kept = input.columns.filter((column) => need.all.has(column.id));
  const sink = new WindowSink({
    types: input.columns.map((column) => column.type),
    scalars: compileScalars(scalars.list, input.columns, builder.environment),
    specs,
    memory: builder.memoryShare(),
  });
  builder.run(input, sink, plan, "window");
  const source = new WindowSource(
    sink,
    kept.map((column) => input.columns.indexOf(column)),
    calls.map((_, index) => index),
  );
  const columns = [...kept, ...calls.map(({ id, name, type, nullable }) => ({ id, name, type, nullable }))];
  return {
    ...builder.start(
      source,
      columns,
      { plan, counts: builder.record(plan, "windowed") },
      input.rowsExpected,
    ),
    bounds: input.bounds,
  };
}

/** Distinct expressions in a list. */
export class ScalarList {
  readonly list: Scalar[] = [];
  readonly #positions = new Map<string, number>();

  add(scalar: Scalar): number {
    const key = scalarKey(scalar);
    const known = this.#positions.get(key);
    if (known !== undefined) return known;
    const position = this.list.push(scalar) - 1;
    this.#positions.set(key, position);
    return position;
  }
}

function windowSpecs(
  environment: ExecutionEnvironment,
  calls: readonly WindowCall[],
  scalars: ScalarList,
): WindowSpec[] {
  const groups = new Map<string, number[]>();
  calls.forEach((call, index) => {
    const key = JSON.stringify([
      call.partitionBy.map(scalarKey),
      call.orderBy.map((sort) => [scalarKey(sort.expression), sort.descending, sort.nullsFirst]),
    ]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [index]);
    else group.push(index);
  });
  return [...groups.values()].map((indexes) => windowSpec(environment, calls, indexes, scalars));
}

function keyOfFrame({ start, end, unit, exclude }: WindowFramePlan): string {
  const keyOfBound = ({ kind, offset }: FrameBoundPlan) => [kind, offset && scalarKey(offset)];
  return JSON.stringify([unit, exclude, keyOfBound(start), keyOfBound(end)]);
}

function windowSpec(
  environment: ExecutionEnvironment,
  calls: readonly WindowCall[],
  indexes: readonly number[],
  scalars: ScalarList,
): WindowSpec {
  const { partitionBy, orderBy } = calls[indexes[0]!]!;
  const keys = orderBy.map((key) => scalars.add(key.expression));
  return {
    prepare: windowPreparation(environment, indexes.map((index) => calls[index]!), scalars),
    partitionBy: partitionBy.map((scalar) => scalars.add(scalar)),
    table: new KeyTable(partitionBy.map(({ type }) => ({ type }))),
    compare: orderBy.length === 0 ? null : (store) => storeComparator(store, keys, orderBy),
    calls: indexes,
  };
}

/** What makes the computations of calls over one window; adds the expressions that they read to `scalars`. */
export function windowPreparation(
  environment: ExecutionEnvironment,
  calls: readonly WindowCall[],
  scalars: ScalarList,
): WindowSpec["prepare"] {
  const frames: FrameMaker[] = [];
  const frameNumbers = new Map<string, number>();
  const makers = calls.map((call) => {
    const frameKey = keyOfFrame(call.frame);
    let frame = frameNumbers.get(frameKey);
    if (frame === undefined) {
      frame = frames.push(frameMaker(environment, call, scalars)) - 1;
      frameNumbers.set(frameKey, frame);
    }
    return { make: computationMaker(environment, call, scalars), frame };
  });
  return (order, store) => {
    const positions = frames.map((make) => make(order, store));
    const computations = makers.map(({ make, frame }) => make({ order, store, frames: positions[frame]! }));
    return { frames: positions, computations };
  };
}

function storeComparator(
  store: ScalarRows,
  positions: readonly number[],
  keys: readonly SortKey[],
): CompareRows {
  const { rowCount } = store;
  return rowComparator(
    positions.map((position) => materialize(store.column(position), rowCount)),
    keys.map(({ expression, descending, nullsFirst }) => ({ type: expression.type, descending, nullsFirst })),
    rowCount,
  );
}

function datums(store: ScalarRows, position: number): readonly Datum[] {
  return readDatums(materialize(store.column(position), store.rowCount), store.rowCount);
}

// --- Frames -------------------------------------------------------------------------------------

type FrameMaker = (order: WindowOrder, store: ScalarRows) => FramePositions;

function frameMaker(environment: ExecutionEnvironment, call: WindowCall, scalars: ScalarList): FrameMaker {
  const { unit, start, end, exclude } = call.frame;
  const makeStart = boundMaker(environment, call, start, scalars);
  const makeEnd = boundMaker(environment, call, end, scalars);
  return (order, store) => {
    const frame: Frame = { unit, start: makeStart(store), end: makeEnd(store), exclude };
    return new FramePositions(frame, order);
  };
}

function boundMaker(
  environment: ExecutionEnvironment,
  call: WindowCall,
  bound: FrameBoundPlan,
  scalars: ScalarList,
): (store: ScalarRows) => FrameBound {
  const { kind, offset } = bound;
  if (offset === undefined) return () => ({ kind, offset: 0, range: null });
  const value = constantValue(offset, environment);
  if (value === null) throw badOffset("null", offset);
  if (isNegative(value, offset.type)) throw badOffset("negative", offset);
  if (call.frame.unit !== "range") return () => ({ kind, offset: Number(value), range: null });
  const [key] = call.orderBy;
  const { key: keyScalar, bound: boundScalar } = rangeScalars(environment, key!, { kind, offset });
  const keyPosition = scalars.add(keyScalar);
  const boundPosition = scalars.add(boundScalar);
  const { type } = boundScalar;
  const sign = key!.descending ? -1 : 1;
  return (store) => {
    const keys = datums(store, keyPosition);
    const bounds = datums(store, boundPosition);
    const range: RangeBound = {
      compare: (keyRow, boundRow) => compareDatums(keys[keyRow]!, bounds[boundRow]!, type) * sign,
      isNull: (row) => keys[row] === null,
    };
    return { kind, offset: 0, range };
  };
}

/** The key of a row, and the bound of its RANGE frame with which keys of that type are compared. */
export function rangeScalars(
  environment: ExecutionEnvironment,
  sort: SortKey,
  { kind, offset }: { readonly kind: FrameBoundPlan["kind"]; readonly offset: Scalar },
): { readonly key: Scalar; readonly bound: Scalar } {
  // The bound comes before the row's key in the window's order for PRECEDING, and after it for FOLLOWING.
  const subtract = (kind === "preceding") !== sort.descending;
  const bound = shifted(environment, sort.expression, subtract ? "-" : "+", offset);
  return { key: castUnlessSame(sort.expression, bound.type), bound };
}

function isNegative(value: Datum, type: SqlType): boolean {
  if (typeof value === "number" || typeof value === "bigint") return value < 0 || Number.isNaN(value);
  if (type.kind === "numeric") return compareDatums(value, { coefficient: 0n, scale: 0 }, type) < 0;
  if (type.kind === "interval") return compareDatums(value, { months: 0, days: 0, micros: 0 }, type) < 0;
  return false;
}

function badOffset(what: string, offset: Scalar): QueryError {
  return new QueryError("invalid-value", `The offset of a window frame must not be ${what}`, {
    details: offset.span === undefined ? {} : { span: offset.span },
  });
}

/** `key - offset` or `key + offset`, as the operator's overload has it. */
function shifted(
  environment: ExecutionEnvironment,
  exactKey: Scalar,
  name: string,
  exactOffset: Scalar,
): Scalar {
  const key = widened(exactKey);
  const offset = widened(exactOffset);
  const resolved = environment.functions.resolveScalar(name, [key.type, offset.type], offset.span);
  const [left, right] = resolved.parameterTypes;
  return {
    kind: "call",
    name,
    arguments: [castUnlessSame(key, left ?? key.type), castUnlessSame(offset, right ?? offset.type)],
    type: resolved.resultType,
  };
}

/** Whole numbers in a type that bounds do not overflow. */
function widened(scalar: Scalar): Scalar {
  switch (scalar.type.kind) {
    case "smallint":
    case "integer":
      return castUnlessSame(scalar, BIGINT);
    case "bigint":
      return castUnlessSame(scalar, decimalType(38, 0));
    default:
      return scalar;
  }
}

function castUnlessSame(argument: Scalar, type: SqlType): Scalar {
  if (sameType(argument.type, type)) return argument;
  return { kind: "cast", argument, type, tolerant: false, explicit: false };
}

// --- Calls --------------------------------------------------------------------------------------

interface ComputationInput {
  readonly order: WindowOrder;
  readonly store: ScalarRows;
  readonly frames: FramePositions;
}
type ComputationMaker = (input: ComputationInput) => WindowComputation;

function computationMaker(
  environment: ExecutionEnvironment,
  call: WindowCall,
  scalars: ScalarList,
): ComputationMaker {
  const positions = call.arguments.map((argument) => scalars.add(argument));
  const [first, second, third] = positions;
  const isNull = (store: ScalarRows): ((row: number) => boolean) | null =>
    call.ignoreNulls ? nullTest(store, first!) : null;
  switch (call.function) {
    case "row_number":
    case "rank":
    case "dense_rank":
    case "percent_rank":
    case "cume_dist":
    case "ntile": {
      const kind = call.function;
      return ({ order, store }) =>
        new RankingComputation(kind, order, first === undefined ? [] : datums(store, first));
    }
    case "lag":
    case "lead":
      return ({ order, store }) =>
        new NeighbourComputation({
          order,
          values: bufferOf(call.type, store, first!),
          defaults: third === undefined ? null : store.column(third),
          offsets: second === undefined ? null : datums(store, second),
          direction: call.function === "lag" ? -1 : 1,
          isNull: isNull(store),
        });
    case "first_value":
    case "last_value":
    case "nth_value":
      return ({ order, store, frames }) =>
        new FrameRowComputation({
          order,
          frames,
          values: bufferOf(call.type, store, first!),
          nth: call.function === "first_value"
            ? 1
            : call.function === "last_value"
            ? -1
            : datums(store, second!),
          isNull: isNull(store),
        });
    default:
      return aggregateMaker(environment, call, scalars, positions);
  }
}

function aggregateMaker(
  environment: ExecutionEnvironment,
  call: WindowCall,
  scalars: ScalarList,
  positions: readonly number[],
): ComputationMaker {
  const filter = call.filter === null ? -1 : scalars.add(call.filter);
  const [first] = positions;
  const finish = finishSum(call);
  if (finish !== undefined && !call.distinct) {
    return ({ order, store, frames }) =>
      new FrameSumComputation({
        type: call.type,
        order,
        frames,
        values: countedValues(store, call, first, filter),
        finish,
      });
  }
  if ((call.function === "min" || call.function === "max") && first !== undefined) {
    const direction = { type: call.type, descending: call.function === "max", nullsFirst: false };
    return ({ order, store, frames }) => {
      const passes = filterTest(store, filter);
      const unknown = nullTest(store, first);
      return new FrameExtremeComputation({
        order,
        frames,
        values: bufferOf(call.type, store, first),
        compare: rowComparator(
          [materialize(store.column(first), store.rowCount)],
          [direction],
          store.rowCount,
        ),
        counts: (row) => !unknown(row) && (passes === null || passes(row)),
      });
    };
  }
  const argumentTypes = call.arguments.map((argument) => argument.type);
  const definition = environment.functions.resolveAggregate(call.function, argumentTypes).function;
  const context: CallContext = {
    nowMicros: environment.nowMicros,
    timeZone: environment.timeZone,
    random: environment.random,
    argumentTypes,
    resultType: call.type,
  };
  return ({ order, store, frames }) =>
    new FrameStateComputation({
      definition,
      context,
      order,
      frames,
      args: positions.map((position) => datums(store, position)),
      counts: filterTest(store, filter),
      distinct: call.distinct && positions.length > 0,
    });
}

/** How count, sum and avg of whole numbers follow from count and sum; `undefined` for other calls. */
export function finishSum(call: WindowCall): FinishSum | undefined {
  if (call.function === "count") return (count) => count;
  const type = call.arguments[0]?.type;
  if (type === undefined) return undefined;
  const whole = type.kind === "smallint" || type.kind === "integer" || type.kind === "bigint" ||
    type.kind === "decimal";
  if (!whole) return undefined;
  if (call.function === "sum") {
    if (call.type.kind !== "bigint") return (count, sum) => count === 0 ? null : sum;
    return (count, sum) => count === 0 ? null : checkedInteger(sum, "bigint");
  }
  if (call.function !== "avg" && call.function !== "mean") return undefined;
  const scale = type.kind === "decimal" ? type.scale : 0;
  return (count, sum) =>
    count === 0 ? null : divideNumeric(numericFromWhole(sum, scale), numericFromWhole(count));
}

/** The argument by row, NULL where FILTER rejects the row; 0 for `count(*)`, and for what only counts. */
function countedValues(
  store: ScalarRows,
  call: WindowCall,
  argument: number | undefined,
  filter: number,
): readonly Datum[] {
  const sums = call.function !== "count";
  const passes = filterTest(store, filter);
  const values = argument === undefined ? new Array<Datum>(store.rowCount).fill(0) : datums(store, argument);
  const numbers = values.map((value) =>
    value === null || (sums && (typeof value === "number" || typeof value === "bigint")) ? value : 0
  );
  return passes === null ? numbers : numbers.map((value, row) => passes(row) ? value : null);
}

function filterTest(store: ScalarRows, filter: number): ((row: number) => boolean) | null {
  if (filter < 0) return null;
  const values = datums(store, filter);
  return (row) => values[row] === true;
}

function nullTest(store: ScalarRows, position: number): (row: number) => boolean {
  const { nulls } = materialize(store.column(position), store.rowCount);
  return nulls === null ? () => false : (row) => nulls[row] === 1;
}

function bufferOf(type: SqlType, store: ScalarRows, position: number): ColumnBuffer {
  const buffer = new ColumnBuffer(type);
  buffer.append(store.column(position), store.rowCount);
  return buffer;
}

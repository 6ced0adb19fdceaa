/**
 * Readers: from the state of maintained groups to the values of aggregates, one vector for the groups of a change.
 *
 * They end in the same functions as batch execution, so that both agree to the last bit.
 *
 * @module
 */
import { doubleAverage, doubleSum, wholeAverage } from "../../exec/aggregates/finish.ts";
import { materialize } from "../../exec/materialize.ts";
import { type DenseVector, vectorFromDatums } from "../../exec/vector_build.ts";
import { readDatums } from "../../exec/vector_read.ts";
import type { AggregateDefinition, CallContext } from "../../query/function.ts";
import {
  hypotheticalOrder,
  type OrderedItems,
  type Standing,
} from "../../query/functions/aggregate_ordered.ts";
import type { ExactMoments } from "../../query/functions/aggregate_sum.ts";
import { compareDatums } from "../../query/functions/compare.ts";
import { checkedInteger } from "../../query/functions/number_text.ts";
import type { Datum, SqlType } from "../../storage/sql_type.ts";
import type { NullBytes } from "../../storage/vector.ts";
import type { ExtremeValues } from "./extreme_values.ts";
import type { GroupReader } from "./group_accumulator.ts";
import { numericFromWhole } from "../../query/functions/numeric_value.ts";
import type { BooleanCounts, DoubleSums, RowCount, WholeSums } from "./number_accumulators.ts";
import type { OrderedRows } from "./ordered_rows.ts";
import type { OrderedValues } from "./ordered_values.ts";

/** Values of so many groups are read into an array that is used again. */
const FEW_GROUPS = 16;

/** count. */
export function readCounts(rows: RowCount): GroupReader {
  const few = new Float64Array(FEW_GROUPS);
  return (groups, count) => ({ kind: "f64", values: picked(rows.counts, groups, count, few), nulls: null });
}

/** sum of whole numbers, NULL for none. */
export function readSums(sums: WholeSums, rows: RowCount, type: SqlType): GroupReader {
  const few = new Float64Array(FEW_GROUPS);
  return (groups, count) => {
    const safe = sums.safeSums;
    if (safe !== null) {
      const values = picked(safe, groups, count, few);
      for (let i = 0; i < count; i++) values[i]! += 0;
      return { kind: "f64", values, nulls: withoutRows(rows, groups, count) };
    }
    return each(type, groups, count, (group) => {
      if (rows.counts[group] === 0) return null;
      const sum = sums.sum(group);
      return type.kind === "bigint" ? checkedInteger(sum, "bigint") : sum;
    });
  };
}

/** avg of whole numbers in units of 10^-scale. */
export function readAverages(
  sums: WholeSums,
  rows: RowCount,
  { scale, type }: { readonly scale: number; readonly type: SqlType },
): GroupReader {
  return (groups, count) =>
    each(type, groups, count, (group) => wholeAverage(sums.sum(group), scale, rows.counts[group]!));
}

/** Variances of whole numbers in units of 10^-scale. */
export function readVariances(
  sums: WholeSums,
  squares: WholeSums,
  rows: RowCount,
  options: {
    readonly scale: number;
    readonly type: SqlType;
    readonly value: (moments: ExactMoments) => Datum;
  },
): GroupReader {
  const { scale } = options;
  return readEach(options.type, (group) =>
    options.value({
      count: rows.counts[group]!,
      sum: numericFromWhole(sums.sum(group), scale),
      squares: numericFromWhole(squares.sum(group), 2 * scale),
    }));
}

/** count_if, and whether all or any are true. */
export function readBooleans(counts: BooleanCounts, name: string, type: SqlType): GroupReader {
  return (groups, count) =>
    each(type, groups, count, (group) => {
      const yes = counts.yes[group]!;
      const no = counts.no[group]!;
      if (type.kind !== "boolean") return yes;
      if (yes + no === 0) return null;
      return name.includes("or") ? yes > 0 : no === 0;
    });
}

/** sum of doubles. */
export function readDoubleSums(sums: DoubleSums, rows: RowCount, type: SqlType): GroupReader {
  return (groups, count) => {
    const values = new Float64Array(count);
    for (let i = 0; i < count; i++) values[i] = doubleSum(sums.sums, groups[i]!, type);
    return { kind: "f64", values, nulls: withoutRows(rows, groups, count) };
  };
}

/** avg of doubles. */
export function readDoubleAverages(sums: DoubleSums, rows: RowCount): GroupReader {
  return (groups, count) => {
    const values = new Float64Array(count);
    for (let i = 0; i < count; i++) {
      const n = rows.counts[groups[i]!]!;
      if (n !== 0) values[i] = doubleAverage(sums.sums, groups[i]!, n);
    }
    return { kind: "f64", values, nulls: withoutRows(rows, groups, count) };
  };
}

/** min and max. */
export function readExtremes(values: ExtremeValues, greatest: boolean): GroupReader {
  return (groups, count) => values.read(groups, count, greatest);
}

/** mode; of values that are equally frequent the first in order. */
export function readModes(values: OrderedValues, descending: boolean): GroupReader {
  return readNodes(values, (group) => values.mode(group, descending));
}

/** Percentiles. */
export function readPercentiles(
  values: OrderedValues,
  options: {
    readonly descending: boolean;
    readonly type: SqlType;
    readonly pick: (items: OrderedItems) => Datum;
  },
): GroupReader {
  const { tree } = values;
  return readEach(options.type, (group) => {
    const length = tree.total(group);
    const at = (place: number): Datum =>
      values.valueAt(tree.at(group, options.descending ? length - 1 - place : place));
    return options.pick({ length, at });
  });
}

/** Ranks of a hypothetical row; `distinct` holds each value once. */
export function readHypothetical(
  values: OrderedValues,
  distinct: OrderedValues,
  rows: RowCount,
  options: {
    /** The value of the row, and the types of it and of the others. */
    readonly direct: Datum;
    readonly types: readonly SqlType[];
    readonly descending: boolean;
    readonly type: SqlType;
    readonly value: (place: Standing) => number;
  },
): GroupReader {
  const { direct, types } = options;
  const orderOf = (group: number, known: OrderedValues): Pick<Standing, "before" | "equal"> => {
    const { tree } = known;
    const total = tree.total(group);
    const nulls = known === values
      ? rows.counts[group]! - total
      : Math.min(1, rows.counts[group]! - values.tree.total(group));
    // Rows are known to descend by the values that there are.
    const descends = options.descending && distinct.tree.total(group) > 1;
    if (direct === null) return { before: descends ? 0 : total, equal: nulls };
    const upTo = (order: number) =>
      tree.weightBefore(group, (node) => hypotheticalOrder(known.valueAt(node), direct, types) <= order);
    const less = upTo(-1);
    const notGreater = upTo(0);
    return { before: descends ? total - notGreater + nulls : less, equal: notGreater - less };
  };
  return readEach(options.type, (group) =>
    options.value({
      ...orderOf(group, values),
      distinctBefore: orderOf(group, distinct).before,
      count: rows.counts[group]!,
    }));
}

/** The first argument of the first or last row. */
export function readFirstArguments(
  rows: OrderedRows,
  { last, type }: { readonly last: boolean; readonly type: SqlType },
): GroupReader {
  const { tree } = rows;
  return (groups, count) => {
    const nodes = new Int32Array(count);
    let found = 0;
    for (let i = 0; i < count; i++) {
      const node = last ? tree.last(groups[i]!) : tree.first(groups[i]!);
      if (node !== 0) nodes[found++] = node;
    }
    const [values] = rows.rowsAt(nodes, found);
    const dense = materialize(values!, found);
    if (found === count) return dense;
    const datums = readDatums(dense, found);
    let next = 0;
    return each(type, groups, count, (group) => tree.first(group) === 0 ? null : datums[next++]!);
  };
}

/** An aggregate that sees all rows of a group in order. O(rows of the group), which is the size of most values. */
export function readListed(
  rows: OrderedRows,
  options: {
    readonly definition: AggregateDefinition;
    readonly context: CallContext;
    /** Equal rows, which are neighbours, count once. */
    readonly distinct: boolean;
    readonly type: SqlType;
  },
): GroupReader {
  const { definition, context, distinct, type } = options;
  return readEach(type, (group) => {
    const nodes = Int32Array.from(rows.tree.items(group));
    const size = nodes.length;
    const columns = rows.rowsAt(nodes, size).slice(0, context.argumentTypes.length)
      .map((vector) => readDatums(materialize(vector, size), size));
    const state = definition.init(context);
    for (let i = 0; i < size; i++) {
      if (distinct && i > 0 && areEqual(columns, i - 1, i, context.argumentTypes)) continue;
      const row = columns.map((column): Datum => column[i]!);
      const copies = distinct ? 1 : rows.tree.weight(nodes[i]!);
      for (let copy = 0; copy < copies; copy++) definition.add(state, row);
    }
    return definition.value(state, context);
  });
}

/** Group by group. */
export function readEach(type: SqlType, value: (group: number) => Datum): GroupReader {
  return (groups, count) => each(type, groups, count, value);
}

function readNodes(values: OrderedValues, nodeOf: (group: number) => number): GroupReader {
  return (groups, count) => {
    const nodes = new Int32Array(count);
    for (let i = 0; i < count; i++) nodes[i] = nodeOf(groups[i]!);
    return values.valuesAt(nodes, count);
  };
}

function each(
  type: SqlType,
  groups: Int32Array,
  count: number,
  value: (group: number) => Datum,
): DenseVector {
  const values = new Array<Datum>(count);
  for (let i = 0; i < count; i++) values[i] = value(groups[i]!);
  return vectorFromDatums(type, values, count);
}

function areEqual(
  columns: readonly (readonly Datum[])[],
  a: number,
  b: number,
  types: readonly SqlType[],
): boolean {
  return columns.every((column, j) => compareDatums(column[a]!, column[b]!, types[j]!) === 0);
}

/** In `few` where it is long enough. */
function picked(array: Float64Array, groups: Int32Array, count: number, few: Float64Array): Float64Array {
  const values = count <= few.length ? few : new Float64Array(count);
  for (let i = 0; i < count; i++) values[i] = array[groups[i]!]!;
  return values;
}

function withoutRows(rows: RowCount, groups: Int32Array, count: number): NullBytes {
  let nulls: Uint8Array | null = null;
  for (let i = 0; i < count; i++) {
    if (rows.counts[groups[i]!] === 0) (nulls ??= new Uint8Array(count))[i] = 1;
  }
  return nulls;
}

/**
 * The window transform: ranks, neighbours and aggregates over sorted rows.
 *
 * Vega takes rows with equal sort keys together unless `ignorePeers` is set, as RANGE does in SQL. A frame with
 * offsets counts rows in both.
 *
 * @module
 */
import { call, literal, type Scalar } from "../../src/query/builder.ts";
import { BIGINT, DOUBLE, type SqlType } from "../../src/storage/sql_type.ts";
import {
  over,
  type PipelineItem,
  type QueryPipeline,
  type SortKey,
  type WindowOptions,
} from "../charts/query_pipeline.ts";
import { measureItem, readOperation } from "./aggregate.ts";
import { columnOfField } from "./field_name.ts";
import {
  isSpec,
  itemsOf,
  type Located,
  pointer,
  type Spec,
  stringAt,
  stringsAt,
  unsupported,
} from "./spec_shape.ts";

/** Adds the columns of a window transform. */
export function windowTransform(pipeline: QueryPipeline, { spec, path }: Located): QueryPipeline {
  const partitionBy = stringsAt(spec, "groupby", path).map((field, i) => {
    const at = pointer(path, "groupby", i);
    const name = columnOfField(field, at);
    pipeline.column(name, at);
    return name;
  });
  const orderBy = sortKeys(pipeline, spec["sort"], pointer(path, "sort"));
  const frame = readFrame(spec["frame"], pointer(path, "frame"));
  const whole = frame[0] === null && frame[1] === null;
  if (orderBy.length === 0 && !whole) {
    throw unsupported(pointer(path, "sort"), "Rows of a table have no order: give the window a sort");
  }
  const peers = spec["ignorePeers"] !== true && (frame[0] ?? 0) === 0 && (frame[1] ?? 0) === 0;
  const window: WindowOptions = {
    partitionBy,
    orderBy,
    // Only 0 and null are left in a frame with peers.
    ...(peers ? { range: frame as [0 | null, 0 | null] } : { rows: frame }),
  };
  return pipeline.window(
    itemsOf(spec["window"]).map((entry, i) => {
      const at = pointer(path, "window", i);
      if (!isSpec(entry)) throw unsupported(at, "A window is an object with op, field and as");
      return windowItem(pipeline, entry, window, at);
    }),
  );
}

/** Sort keys of Vega: null is least. */
export function sortKeys(pipeline: QueryPipeline, sort: unknown, path: string): readonly SortKey[] {
  return itemsOf(sort).map((entry, i): SortKey => {
    const at = pointer(path, i);
    if (!isSpec(entry)) throw unsupported(at, "A sort key is an object with field and order");
    const column = columnOfField(stringAt(entry, "field", at), pointer(at, "field"));
    pipeline.column(column, pointer(at, "field"));
    return entry["order"] === "descending"
      ? { column, direction: "desc", nulls: "last" }
      : { column, direction: "asc", nulls: "first" };
  });
}

function readFrame(value: unknown, path: string): readonly [number | null, number | null] {
  if (value === undefined) return [null, 0];
  const [from, to] = itemsOf(value);
  const read = (bound: unknown): number | null => {
    if (bound === null || (typeof bound === "number" && Number.isInteger(bound))) return bound;
    throw unsupported(path, "A frame is a pair of whole numbers or null");
  };
  return [read(from), read(to)];
}

/** Functions of the order alone. */
const RANKS: Readonly<Record<string, SqlType>> = {
  row_number: BIGINT,
  rank: BIGINT,
  dense_rank: BIGINT,
  percent_rank: DOUBLE,
  cume_dist: DOUBLE,
};

function windowItem(pipeline: QueryPipeline, entry: Spec, window: WindowOptions, path: string): PipelineItem {
  const op = stringAt(entry, "op", path);
  const field = entry["field"] === undefined ? undefined : stringAt(entry, "field", path);
  const name = entry["as"] === undefined ? `${op}_${field ?? ""}` : stringAt(entry, "as", path);
  const order = { partitionBy: window.partitionBy ?? [], orderBy: window.orderBy ?? [] };
  const param = typeof entry["param"] === "number" ? Math.trunc(entry["param"]) : undefined;
  if (Object.hasOwn(RANKS, op)) return { name, value: over(call(op), order), type: RANKS[op] };
  if (op === "ntile") {
    const share = over(call("cume_dist"), order);
    return { name, value: call("ceil", share.times(param ?? 1)), type: DOUBLE };
  }
  const column = (): { value: Scalar; type: SqlType | undefined } => {
    const at = pointer(path, "field");
    const named = columnOfField(field ?? "", at);
    return { value: pipeline.column(named, at), type: pipeline.typeOf(named) };
  };
  switch (op) {
    case "lag":
    case "lead": {
      const { value, type } = column();
      return { name, value: over(call(op, value, literal(param ?? 1)), order), type };
    }
    case "first_value":
    case "last_value": {
      const { value, type } = column();
      return { name, value: over(call(op, value), window), type };
    }
    case "nth_value": {
      const { value, type } = column();
      return { name, value: over(call(op, value, literal(param ?? 1)), window), type };
    }
  }
  const item = measureItem(pipeline, { operation: readOperation(op, path), field, name }, path);
  const { expression } = item.value;
  if (expression.kind !== "call" || expression.distinct === true || expression.withinGroup !== undefined) {
    throw unsupported(pointer(path, "op"), `${op} has no running form in SQL`);
  }
  return { ...item, value: over(item.value, window) };
}

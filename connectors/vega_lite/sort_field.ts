/**
 * Orders of discrete scales and facets: `sort: "-y"`, `{ encoding }`, `{ field, op }`.
 *
 * Vega-Lite takes such an order from the raw rows, for each value of the sorted field. Where the rows that the
 * engine gives cannot tell it, a column is added that does.
 *
 * @module
 */
import type { PipelineItem, QueryPipeline } from "../charts/query_pipeline.ts";
import { measureItem } from "./aggregate.ts";
import type { OutputField } from "./aggregate_unit.ts";
import { columnOfField, fieldOfColumn } from "./field_name.ts";
import { stackFields, stacksByDefault } from "./mark_default.ts";
import { isSpec, pointer, type Spec } from "./spec_shape.ts";

/** The order of a field: its new `sort`, and the column that it reads if it needs one. */
export interface SortOrder {
  readonly sort: Spec;
  readonly item?: PipelineItem;
}

interface SortRequest {
  readonly op: string | undefined;
  readonly field: string | undefined;
  readonly order: unknown;
}

/** The order of `output`; `undefined` where the one in the spec works as it is. */
export function sortOrder(
  pipeline: QueryPipeline,
  output: OutputField,
  outputs: readonly OutputField[],
): SortOrder | undefined {
  const request = sortRequest(output, outputs);
  if (request === undefined || output.role.kind === "measure") return undefined;
  const path = pointer(output.field.path, "sort");
  const column = request.field === undefined ? undefined : columnOfField(request.field, path);
  const order = request.order === undefined ? {} : { order: request.order };
  const isKey = outputs.some(({ role, name }) => role.kind === "plain" && name === column);
  const stacked = stacksByDefault(outputs) && stackFields(outputs).length > 0 && !isKey;
  const op = request.op ?? (stacked ? "sum" : "min");
  if (isKey && (op === "min" || op === "max")) {
    return { sort: { field: fieldOfColumn(column!), op, ...order } };
  }
  const name = `sort_${op}${column === undefined ? "" : `_${column}`}_by_${output.name}`;
  const operation = { kind: "plain", name: op } as const;
  const item = measureItem(pipeline, { operation, field: request.field, name }, path);
  return { sort: { field: fieldOfColumn(name), op: "min", ...order }, item };
}

const CHANNELS: ReadonlySet<string> = new Set([
  "x",
  "y",
  "color",
  "fill",
  "stroke",
  "strokeWidth",
  "size",
  "shape",
  "opacity",
  "fillOpacity",
  "strokeOpacity",
  "text",
]);

function sortRequest({ field }: OutputField, outputs: readonly OutputField[]): SortRequest | undefined {
  const { sort } = field.def;
  if (typeof sort === "string") {
    const descending = sort.startsWith("-");
    const channel = descending ? sort.slice(1) : sort;
    return CHANNELS.has(channel)
      ? byChannel(channel, descending ? "descending" : undefined, outputs)
      : undefined;
  }
  if (!isSpec(sort)) return undefined;
  if (typeof sort["encoding"] === "string") return byChannel(sort["encoding"], sort["order"], outputs);
  const { op, field: by, order } = sort;
  if (typeof by !== "string" && op !== "count") return undefined;
  return {
    op: typeof op === "string" ? op : undefined,
    field: typeof by === "string" ? by : undefined,
    order: order,
  };
}

function byChannel(
  channel: string,
  order: unknown,
  outputs: readonly OutputField[],
): SortRequest | undefined {
  const target = outputs.find(({ field }) => field.channel === channel && field.keys.length === 1);
  if (target === undefined) return undefined;
  const { role, field } = target;
  const by = field.def["field"];
  if (role.kind === "measure" && role.operation.kind !== "plain") {
    // One row has the value: Vega-Lite takes the least of them.
    return undefined;
  }
  return {
    op: role.kind === "measure" && role.operation.kind === "plain" ? role.operation.name : undefined,
    field: typeof by === "string" ? by : undefined,
    order,
  };
}

/**
 * The queries behind the series: series with the same dataset and the same keys share one.
 *
 * @module
 */
import type { SqlType } from "../../src/storage/sql_type.ts";
import type { ChartDataset } from "../charts/chart_kind.ts";
import type { ChartExpression } from "../charts/chart_expression.ts";
import { m4Pipeline } from "../charts/m4_query.ts";
import type { QueryPipeline } from "../charts/query_pipeline.ts";
import type { SourceDataset } from "./dataset_source.ts";
import type { SeriesEncode } from "./series_encode.ts";

/** Rows that the option gets back. */
export interface QueryDataset {
  readonly id: string;
  readonly pipeline: QueryPipeline;
  readonly dataset: ChartDataset;
  readonly orderBy: readonly { readonly column: string; readonly descending?: boolean }[];
}

/** What a series takes from a dataset; `encode` is absent when ECharts is to choose. */
export interface SeriesRequest {
  readonly source: SourceDataset & { readonly pipeline: QueryPipeline };
  readonly encode: SeriesEncode | undefined;
  /** Pixel columns, for lines that are thinned out. */
  readonly sampled: number | undefined;
}

/** A query under construction. */
interface Draft {
  readonly id: string;
  readonly request: SeriesRequest;
  readonly columns: Map<string, ChartExpression>;
  everything: boolean;
}

/** Collects requests; see the module header. */
export class ChartQueries {
  readonly #drafts = new Map<string, Draft>();
  readonly #taken: Set<string>;

  /** `taken` are ids that are in use already. */
  constructor(taken: Iterable<string>) {
    this.#taken = new Set(taken);
  }

  /** The id of the dataset that will have the rows. */
  add(request: SeriesRequest): string {
    const { encode, source, sampled } = request;
    const key = encode === undefined || isPlain(request) ? source.id : JSON.stringify([
      source.id,
      encode.grouped ? keysOf(encode) : encode.columns.map(({ name }) => name),
      encode.order,
      encode.limit ?? null,
      sampled ?? null,
    ]);
    const draft = this.#drafts.get(key) ?? this.#draft(key, request);
    for (const column of encode?.columns ?? []) draft.columns.set(column.name, column);
    if (encode === undefined) draft.everything = true;
    return draft.id;
  }

  #draft(key: string, request: SeriesRequest): Draft {
    const { id } = request.source;
    let name = id;
    for (let i = 1; key !== id && this.#taken.has(name); i++) name = `${id} ${i}`;
    this.#taken.add(name);
    const draft = { id: name, request, columns: new Map(), everything: false };
    this.#drafts.set(key, draft);
    return draft;
  }

  /** The queries, in the order in which series asked for them. */
  build(): readonly QueryDataset[] {
    return [...this.#drafts.values()].map((draft) => {
      const { pipeline, orderBy } = rowsOf(draft);
      return { id: draft.id, pipeline, orderBy, dataset: { name: draft.id, query: pipeline.build() } };
    });
  }
}

/** Columns as they are: all such series of a dataset share its rows. */
function isPlain({ encode, sampled }: SeriesRequest): boolean {
  return encode !== undefined && !encode.grouped && encode.order.length === 0 && encode.limit === undefined &&
    sampled === undefined;
}

function keysOf({ columns }: SeriesEncode): readonly string[] {
  return columns.filter(({ aggregate }) => !aggregate).map(({ name }) => name);
}

function rowsOf({ request, columns, everything }: Draft): Pick<QueryDataset, "pipeline" | "orderBy"> {
  const { source, encode, sampled } = request;
  const list = [...columns.values()];
  const computed = list.filter(({ aggregate, column }) => !aggregate && !column).map(item);
  const derived = computed.length === 0 ? source.pipeline : source.pipeline.derive(computed);
  if (encode === undefined || !encode.grouped) {
    const names = list.map(({ name }) => name);
    const chosen = everything || names.length === 0 ? derived : derived.select(names);
    const [x, y] = [encode?.channels["x"]?.[0], encode?.channels["y"]?.[0]];
    if (sampled !== undefined && x !== undefined && y !== undefined) {
      const series = encode?.split === undefined ? {} : { series: encode.split };
      return {
        pipeline: m4Pipeline(derived, { x, y, columnCount: sampled, ...series }),
        orderBy: [{ column: x }],
      };
    }
    return ordered(chosen, encode, []);
  }
  const keys = list.filter(({ aggregate }) => !aggregate).map(({ name }) => name);
  const measures = list.filter(({ aggregate }) => aggregate).map(item);
  return ordered(derived.aggregate(keys, measures), encode, keys);
}

function item(
  { name, value, type }: ChartExpression,
): { name: string; value: typeof value; type: SqlType | undefined } {
  return { name, value, type };
}

/** In the order asked for, or along the keys. */
function ordered(
  pipeline: QueryPipeline,
  encode: SeriesEncode | undefined,
  keys: readonly string[],
): Pick<QueryDataset, "pipeline" | "orderBy"> {
  const wanted = encode?.order ?? [];
  const names = new Set(wanted.map(({ column }) => column));
  // Keys break ties, so that the order is the same every time.
  const order = [
    ...wanted,
    ...keys.filter((name) => !names.has(name)).map((column) => ({ column, direction: "asc" as const })),
  ];
  const sorted = order.length === 0 ? pipeline : pipeline.sort(order);
  return {
    pipeline: encode?.limit === undefined ? sorted : sorted.limit(encode.limit),
    orderBy: sorted.order.map(({ column, direction }) =>
      direction === "desc" ? { column, descending: true } : { column }
    ),
  };
}

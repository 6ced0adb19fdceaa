/**
 * A query as a chart describes it: steps on a relation, each on what the step before gave.
 *
 * A pipeline is immutable and knows the names, and where possible the types, of its columns. Names and values of
 * the spec only ever become identifiers and literals of the AST, never text, so a spec cannot inject SQL.
 *
 * Steps share one SELECT where that keeps the meaning and nest otherwise; columns that nothing needs are left out
 * of every level when the query is built:
 *
 * ```
 * from("sale").filter(a).derive(month).aggregate([month], [sum])
 *      └► SELECT date_trunc(...) AS month, sum(...) FROM sale WHERE a GROUP BY date_trunc(...)
 * ... .filter(on the sum)
 *      └► SELECT ... FROM (the above) AS q1 WHERE ...
 * ```
 *
 * A step costs O(columns), building O(size of the query).
 *
 * @module
 */
import { QueryError } from "../../src/base/error.ts";
import type { Expression, FunctionCall, Query, WindowSpecification } from "../../src/query/ast.ts";
import { literal, Scalar } from "../../src/query/builder.ts";
import { suggestion } from "../../src/query/name_suggestion.ts";
import type { SqlType } from "../../src/storage/sql_type.ts";
import type { ChartCatalog, ChartColumn } from "./chart_kind.ts";
import {
  buildLayer,
  type ColumnExpression,
  columnExpression,
  columnsRead,
  isColumn,
  type Layer,
  type LayerSort,
  type LayerSource,
} from "./query_layer.ts";
import { parseSource } from "./sql_source.ts";

/** A column of a pipeline; `type` is absent where it is not known. */
export interface PipelineColumn {
  /** Its name. */
  readonly name: string;
  /** Its type. */
  readonly type?: SqlType | undefined;
}

/** A column to compute. */
export interface PipelineItem extends PipelineColumn {
  /** An expression of columns of the pipeline, see {@linkcode columnNamed}. */
  readonly value: Scalar;
}

/** A key of ORDER BY. */
export type SortKey = LayerSort;

/** A window: what OVER takes. Columns by name. */
export interface WindowOptions {
  /** Columns of PARTITION BY. */
  readonly partitionBy?: readonly string[];
  /** Keys of ORDER BY. */
  readonly orderBy?: readonly SortKey[];
  /** ROWS frame by distance from the current row, negative before it; `null` is unbounded. */
  readonly rows?: readonly [number | null, number | null];
  /** As `rows`, in RANGE mode, where peers belong together: only 0 and `null`. */
  readonly range?: readonly [0 | null, 0 | null];
}

/** The column `name`, dots and all, unchecked; see {@linkcode QueryPipeline.column}. */
export function columnNamed(name: string): Scalar {
  return new Scalar(columnExpression(name));
}

/** `call OVER (...)`. */
export function over(call: Scalar, options: WindowOptions): Scalar {
  const { expression } = call;
  if (expression.kind !== "call") {
    throw new QueryError(
      "invalid-parameter",
      `Only a call can have a window: received "${expression.kind}"`,
      { hint: "give an aggregate or a window function" },
    );
  }
  const bound = (offset: number | null, unbounded: "unboundedPreceding" | "unboundedFollowing") => {
    if (offset === null) return { kind: unbounded } as const;
    if (offset === 0) return { kind: "currentRow" } as const;
    const kind = offset < 0 ? "preceding" : "following";
    return { kind, offset: literal(Math.abs(offset)).expression } as const;
  };
  const frame = options.rows ?? options.range;
  const window: WindowSpecification = {
    kind: "window",
    partitionBy: (options.partitionBy ?? []).map(columnExpression),
    orderBy: (options.orderBy ?? []).map(({ column, ...key }) => ({
      expression: columnExpression(column),
      ...key,
    })),
    ...(frame === undefined ? {} : {
      frame: {
        unit: options.rows === undefined ? "range" : "rows",
        start: bound(frame[0], "unboundedPreceding"),
        end: bound(frame[1], "unboundedFollowing"),
      } as const,
    }),
  };
  return new Scalar({ ...expression, over: window } satisfies FunctionCall);
}

/** See the module header. */
export class QueryPipeline {
  readonly #layer: Layer;

  private constructor(layer: Layer) {
    this.#layer = layer;
  }

  /**
   * Starts at a table or view.
   *
   * @throws {QueryError} `unknown-table` with `path`
   */
  static from(relation: string, catalog: ChartCatalog, path: string): QueryPipeline {
    const columns = catalog.columns(relation);
    if (columns === undefined) {
      throw new QueryError("unknown-table", `Unknown table ${JSON.stringify(relation)} at ${path || "/"}`, {
        details: { path, table: relation },
        hint: suggestion(relation, catalog.relationNames()) ?? "name a table or a view",
      });
    }
    return new QueryPipeline(sourceLayer({ kind: "table", name: relation }, columns));
  }

  /**
   * Starts at a query in SQL. Its columns are known, and checked, when the catalogue can describe queries.
   *
   * @throws {QueryError} `invalid-statement` with `path` when it is not one query that only reads; syntax errors
   */
  static fromSql(sql: string, catalog: ChartCatalog, path: string): QueryPipeline {
    const query = parseSource(sql, path);
    return QueryPipeline.fromQuery(query, catalog.describe?.(query));
  }

  /** Starts at a query. */
  static fromQuery(query: Query, columns?: readonly ChartColumn[]): QueryPipeline {
    return new QueryPipeline(sourceLayer({ kind: "query", query }, columns));
  }

  /** The rows of all of them, columns by name; a pipeline without a column gives NULL for it. */
  static union(pipelines: readonly QueryPipeline[]): QueryPipeline {
    const columns = new Map<string, PipelineColumn>();
    for (const { name, type } of pipelines.flatMap((each) => each.columns ?? [])) {
      columns.set(name, { name, type: columns.get(name)?.type ?? type });
    }
    return new QueryPipeline(
      sourceLayer({ kind: "union", layers: pipelines.map((each) => each.#layer) }, [...columns.values()]),
    );
  }

  /** The columns in order; `undefined` when they are not known: after SQL that nobody described. */
  get columns(): readonly PipelineColumn[] | undefined {
    const { items, types, open } = this.#layer;
    return open ? undefined : [...items.keys()].map((name) => ({ name, type: types.get(name) }));
  }

  /** The order of the rows, as far as steps have set it. */
  get order(): readonly SortKey[] {
    return this.#layer.sort;
  }

  /** True when there is, or may be, such a column. */
  has(name: string): boolean {
    return this.#layer.open || this.#layer.items.has(name);
  }

  /** The type of a column, where it is known. */
  typeOf(name: string): SqlType | undefined {
    return this.#layer.types.get(name);
  }

  /**
   * The column `name` as an operand.
   *
   * @throws {QueryError} `unknown-column` with `path`, the JSON pointer of the place that names it
   */
  column(name: string, path: string): Scalar {
    if (!this.has(name)) {
      throw new QueryError("unknown-column", `Unknown column ${JSON.stringify(name)} at ${path || "/"}`, {
        details: { path, column: name },
        hint: suggestion(name, this.#layer.items.keys()) ??
          `columns are ${[...this.#layer.items.keys()].join(", ")}`,
      });
    }
    return columnNamed(name);
  }

  /** Keeps the rows for which `condition` is true. */
  filter(condition: Scalar): QueryPipeline {
    const base = this.#ready([condition], (top) => !top.windowed);
    const where = [...base.where, rename(condition.expression, base)];
    return new QueryPipeline({ ...base, where });
  }

  /** Adds columns, or replaces those of the same name. No item sees another one. */
  derive(items: readonly PipelineItem[]): QueryPipeline {
    const base = this.#ready(items.map(({ value }) => value), () => true);
    return new QueryPipeline(withItems(base, items));
  }

  /** Adds columns that look at other rows: values made by {@linkcode over}. */
  window(items: readonly PipelineItem[]): QueryPipeline {
    const base = this.#ready(items.map(({ value }) => value), () => true);
    return new QueryPipeline({ ...withItems(base, items), windowed: true });
  }

  /** One row for each combination of `keys`, with the measures: aggregate calls. */
  aggregate(keys: readonly string[], measures: readonly PipelineItem[]): QueryPipeline {
    const base = this.#ready(measures.map(({ value }) => value), (top) => !top.windowed);
    const kept = keys.map((name) => ({
      name,
      type: base.types.get(name),
      value: new Scalar(base.items.get(name) ?? columnExpression(name)),
    }));
    const grouped = withItems({ ...base, items: new Map(), types: new Map(), open: false }, [
      ...kept,
      ...measures.map((item) => ({ ...item, value: new Scalar(rename(item.value.expression, base)) })),
    ], false);
    return new QueryPipeline({ ...grouped, sort: [], groupBy: kept.map(({ value }) => value.expression) });
  }

  /** Adds to each row the measures of its group: aggregate calls over the rows with the same `keys`. */
  joinAggregate(keys: readonly string[], measures: readonly PipelineItem[]): QueryPipeline {
    return this.window(
      measures.map((item) => ({ ...item, value: over(item.value, { partitionBy: keys }) })),
    );
  }

  /** Adds the columns of `other`, which has exactly one row. */
  cross(other: QueryPipeline): QueryPipeline {
    const source: LayerSource = { kind: "cross", left: this.#layer, right: other.#layer };
    return new QueryPipeline(
      sourceLayer(source, this.columns && [...this.columns, ...(other.columns ?? [])]),
    );
  }

  /**
   * Adds `fields` of the row of `other` whose `otherKey` equals `key`; NULL where there is none. Of several such
   * rows one is taken. With `unique` the caller knows that there are none, and NULL finds NULL.
   */
  lookup(
    other: QueryPipeline,
    keys: { readonly key: string; readonly otherKey: string },
    fields: readonly { readonly name: string; readonly as: string }[],
    options: { readonly unique?: boolean } = {},
  ): QueryPipeline {
    const key = "__lookup_key";
    const right = other.select([
      { name: keys.otherKey, as: key },
      ...fields.filter(({ as }, i) => fields.findIndex((field) => field.as === as) === i),
    ]);
    const added = fields.map(({ name, as }) => ({ name: as, type: other.typeOf(name) }));
    const source: LayerSource = {
      kind: "lookup",
      left: this.#layer,
      right: options.unique === true ? right.#layer : { ...nest(right.#layer), distinctOn: key },
      leftKey: keys.key,
      rightKey: key,
      nulls: options.unique === true,
    };
    const kept = this.columns?.filter(({ name }) => !added.some((field) => field.name === name));
    return new QueryPipeline(sourceLayer(source, kept && [...kept, ...added]));
  }

  /** One row for each of `columns`: its name in `as[0]`, its value in `as[1]`. */
  fold(columns: readonly string[], as: readonly [string, string], type?: SqlType): QueryPipeline {
    const parts = columns.map((name) =>
      this.derive([
        { name: as[0], value: literal(name), type: { kind: "text" } },
        { name: as[1], value: columnNamed(name), type: type ?? this.typeOf(name) },
      ])
    );
    return QueryPipeline.union(parts);
  }

  /** One row for each element of the arrays in `columns`, side by side; NULL where one is shorter. */
  flatten(columns: readonly { readonly name: string; readonly as: string }[]): QueryPipeline {
    const hidden = columns.map(({ name, as }, i) => ({ name, as, array: `__flatten_${i}` }));
    const left = this.derive(hidden.map(({ name, array }) => ({ name: array, value: columnNamed(name) })));
    const elements = hidden.map(({ name, as }) => {
      const type = this.typeOf(name);
      return { name: as, type: type?.kind === "array" ? type.element : undefined };
    });
    const kept = this.columns?.filter(({ name }) => !columns.some(({ as }) => as === name));
    const source: LayerSource = {
      kind: "unnest",
      layer: left.#layer,
      arrays: hidden.map(({ array, as }) => ({ array, as })),
    };
    return new QueryPipeline(sourceLayer(source, kept && [...kept, ...elements]));
  }

  /** Orders the rows; an order set before is forgotten unless it decided a limit. */
  sort(keys: readonly SortKey[]): QueryPipeline {
    const base = this.#layer.limit === undefined ? this.#layer : nest(this.#layer);
    return new QueryPipeline({ ...base, sort: keys });
  }

  /** Keeps the first `count` rows after `offset`. */
  limit(count: number, offset = 0): QueryPipeline {
    const base = this.#layer.limit === undefined ? this.#layer : nest(this.#layer);
    return new QueryPipeline({ ...base, limit: { count, offset } });
  }

  /** Keeps these columns, in this order, renamed where `as` says so. */
  select(columns: readonly (string | { readonly name: string; readonly as?: string })[]): QueryPipeline {
    const named = columns.map((column) => typeof column === "string" ? { name: column } : column);
    const layer = this.#layer.sort.length === 0 || named.every(({ as }) => as === undefined)
      ? this.#layer
      : nest(this.#layer);
    const items = new Map<string, Expression>();
    const types = new Map<string, SqlType>();
    for (const { name, as = name } of named) {
      items.set(as, layer.items.get(name) ?? columnExpression(name));
      const type = layer.types.get(name);
      if (type !== undefined) types.set(as, type);
    }
    const hidden = new Map([...layer.hidden, ...layer.items]);
    return new QueryPipeline({ ...layer, items, types, hidden, open: false });
  }

  /** The query. */
  build(): Query {
    return buildLayer(this.#layer);
  }

  /** The layer on which a step that reads `values` can work. */
  #ready(values: readonly Scalar[], also: (layer: Layer) => boolean): Layer {
    const top = this.#layer;
    const plain = (name: string) => {
      const item = top.items.get(name);
      return item === undefined ? top.open : isColumn(item);
    };
    const reads = new Set(values.flatMap((value) => [...columnsRead(value.expression)]));
    const merges = top.groupBy === undefined && top.limit === undefined && top.distinctOn === undefined &&
      also(top) && [...reads].every(plain);
    return merges ? top : nest(top);
  }
}

function sourceLayer(source: LayerSource, columns: readonly PipelineColumn[] | undefined): Layer {
  return {
    source,
    items: new Map((columns ?? []).map(({ name }) => [name, columnExpression(name)])),
    types: new Map((columns ?? []).flatMap(({ name, type }) => type === undefined ? [] : [[name, type]])),
    hidden: new Map(),
    open: columns === undefined,
    windowed: false,
    where: [],
    sort: [],
  };
}

function nest(layer: Layer): Layer {
  const columns = layer.open
    ? undefined
    : [...layer.items.keys()].map((name) => ({ name, type: layer.types.get(name) }));
  return sourceLayer({ kind: "layer", layer }, columns);
}

/** Columns of `layer` in `expression` become what they stand for: columns of its source. */
function rename(expression: Expression, layer: Layer): Expression {
  const visit = (node: unknown): unknown => {
    if (typeof node !== "object" || node === null) return node;
    if (Array.isArray(node)) return node.map(visit);
    // The trees hold expressions only, and each node of kind "column" is one.
    if (isColumn(node as Expression)) {
      return layer.items.get((node as ColumnExpression).name[0]!.name) ?? node;
    }
    return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, visit(value)]));
  };
  // A copy of an expression with columns in the place of columns is an expression.
  return visit(expression) as Expression;
}

function withItems(layer: Layer, added: readonly PipelineItem[], renamed = true): Layer {
  const items = new Map(layer.items);
  const types = new Map(layer.types);
  for (const { name, value, type } of added) {
    items.set(name, renamed ? rename(value.expression, layer) : value.expression);
    if (type === undefined) types.delete(name);
    else types.set(name, type);
  }
  return { ...layer, items, types };
}

/**
 * One SELECT of a pipeline, and how the nested SELECTs become a query.
 *
 * A layer maps its output columns to expressions over the columns of its source, which have unique names, so no
 * reference is ever qualified. Building goes from the outermost layer inwards with the set of columns that are
 * needed: O(size of the query).
 *
 * @module
 */
import { unreachable } from "../../src/base/assert.ts";
import type {
  ColumnReference,
  Expression,
  OrderItem,
  Query,
  QueryBody,
  Select,
  SelectItem,
  TableReference,
} from "../../src/query/ast.ts";
import { literal } from "../../src/query/builder.ts";
import type { SqlType } from "../../src/storage/sql_type.ts";

/** A reference to a column by its name alone. */
export type ColumnExpression = ColumnReference;

/** A key of ORDER BY: a column by name. */
export interface LayerSort {
  readonly column: string;
  readonly direction?: "asc" | "desc";
  readonly nulls?: "first" | "last";
}

/** Where the rows of a layer come from. */
export type LayerSource =
  | { readonly kind: "table"; readonly name: string }
  | { readonly kind: "query"; readonly query: Query }
  | { readonly kind: "layer"; readonly layer: Layer }
  | { readonly kind: "union"; readonly layers: readonly Layer[] }
  | { readonly kind: "cross"; readonly left: Layer; readonly right: Layer }
  | {
    readonly kind: "lookup";
    readonly left: Layer;
    readonly right: Layer;
    readonly leftKey: string;
    readonly rightKey: string;
    /** NULL finds NULL. */
    readonly nulls: boolean;
  }
  | {
    readonly kind: "unnest";
    readonly layer: Layer;
    readonly arrays: readonly { readonly array: string; readonly as: string }[];
  };

/** See the module header. */
export interface Layer {
  readonly source: LayerSource;
  /** Output columns in order. */
  readonly items: ReadonlyMap<string, Expression>;
  /** Types of output columns, where known. */
  readonly types: ReadonlyMap<string, SqlType>;
  /** Columns that were output before a selection: the order may be by them. */
  readonly hidden: ReadonlyMap<string, Expression>;
  /** Every other column of the source is an output column too. */
  readonly open: boolean;
  /** Some item is a window function. */
  readonly windowed: boolean;
  readonly where: readonly Expression[];
  readonly groupBy?: readonly Expression[];
  readonly sort: readonly LayerSort[];
  readonly limit?: { readonly count: number; readonly offset: number };
  /** One row for each value of this output column. */
  readonly distinctOn?: string;
}

/** The column of this name, whatever characters it has. */
export function columnExpression(name: string): ColumnExpression {
  return { kind: "column", name: [{ name }] };
}

/** True for a bare column. */
export function isColumn(expression: Expression): expression is ColumnExpression {
  return expression.kind === "column";
}

/** Names of the columns in an expression. */
export function columnsRead(expression: Expression): ReadonlySet<string> {
  const found = new Set<string>();
  const open: unknown[] = [expression];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (typeof node !== "object" || node === null) continue;
    // The tree holds expressions only, and each node of kind "column" is one.
    if (isColumn(node as Expression)) found.add((node as ColumnExpression).name[0]!.name);
    else open.push(...Object.values(node));
  }
  return found;
}

/** The query of a layer; with `needed`, of those columns alone. */
export function buildLayer(layer: Layer, needed?: ReadonlySet<string>): Query {
  return new LayerBuilder().query(layer, needed);
}

class LayerBuilder {
  #aliases = 0;

  query(layer: Layer, needed?: ReadonlySet<string>): Query {
    const items = outputItems(layer, needed);
    const keys = layer.distinctOn === undefined ? [] : [columnIn(layer, layer.distinctOn)];
    const order = layer.limit === undefined && needed !== undefined ? [] : orderItems(layer, items);
    const expressions = [
      ...items.map(({ expression }) => expression),
      ...layer.where,
      ...(layer.groupBy ?? []),
      ...keys,
      ...(order.length === 0 ? [] : layer.sort.map(({ column }) => columnIn(layer, column))),
    ];
    const star = layer.open && needed === undefined;
    const reads = star
      ? undefined
      : new Set(expressions.flatMap((expression) => [...columnsRead(expression)]));
    const select: Select = {
      kind: "select",
      items: star ? [{ expression: { kind: "star", table: [] } }, ...items] : items,
      from: [this.#source(layer.source, reads)],
      ...(layer.where.length === 0 ? {} : { where: conjunction(layer.where) }),
      ...(layer.groupBy === undefined || layer.groupBy.length === 0
        ? {}
        : { groupBy: { items: layer.groupBy.map((expression) => ({ kind: "expression", expression })) } }),
      ...(keys.length === 0 ? {} : { distinct: keys }),
    };
    return {
      kind: "query",
      body: select,
      ...(order.length === 0 ? {} : { orderBy: order }),
      ...(layer.limit === undefined ? {} : { limit: literal(layer.limit.count).expression }),
      ...(layer.limit === undefined || layer.limit.offset === 0
        ? {}
        : { offset: literal(layer.limit.offset).expression }),
    };
  }

  /** A source that has at least the columns `reads`; all of them when undefined. */
  #source(source: LayerSource, reads: ReadonlySet<string> | undefined): TableReference {
    switch (source.kind) {
      case "table":
        return { kind: "table", name: source.name.split(".").map((name) => ({ name })) };
      case "query":
        return this.#derived(source.query);
      case "layer":
        return this.#derived(this.query(source.layer, reads));
      case "union":
        return this.#derived({ kind: "query", body: this.#union(source.layers, reads) });
      case "cross":
        return {
          kind: "join",
          type: "cross",
          left: this.#derived(this.query(source.left, without(reads, source.right.items))),
          right: this.#derived(this.query(source.right, reads)),
        };
      case "lookup": {
        const keys = { left: columnExpression(source.leftKey), right: columnExpression(source.rightKey) };
        return {
          kind: "join",
          type: "left",
          left: this.#derived(
            this.query(source.left, withName(without(reads, source.right.items), source.leftKey)),
          ),
          right: this.#derived(this.query(source.right, withName(reads, source.rightKey))),
          on: source.nulls
            ? { kind: "isDistinctFrom", ...keys, negated: true }
            : { kind: "binary", operator: "=", ...keys },
        };
      }
      case "unnest":
        return this.#unnest(source, reads);
      default:
        return unreachable(source);
    }
  }

  #derived(query: Query): TableReference {
    return { kind: "derived", query, alias: { name: { name: `q${++this.#aliases}` } } };
  }

  #union(layers: readonly Layer[], reads: ReadonlySet<string> | undefined): QueryBody {
    const names = [...(reads ?? new Set(layers.flatMap((layer) => [...layer.items.keys()])))];
    if (names.length === 0) names.push(PLACEHOLDER);
    const bodies = layers.map((layer): QueryBody => ({
      kind: "select",
      items: names.map((name) => ({
        expression: layer.items.has(name) || layer.open ? columnExpression(name) : { kind: "null" },
        alias: { name },
      })),
      from: [this.#derived(this.query(layer, new Set(names.filter((name) => layer.items.has(name)))))],
    }));
    return bodies.reduce((left, right) => ({
      kind: "setOperation",
      operator: "union",
      all: true,
      left,
      right,
    }));
  }

  #unnest(
    source: LayerSource & { readonly kind: "unnest" },
    reads: ReadonlySet<string> | undefined,
  ): TableReference {
    const outputs = new Set(source.arrays.map(({ as }) => as));
    const kept = reads ?? new Set(source.layer.items.keys());
    const inner = new Set([...kept].filter((name) => !outputs.has(name)));
    for (const { array } of source.arrays) inner.add(array);
    return {
      kind: "join",
      type: "cross",
      left: this.#derived(this.query(source.layer, inner)),
      right: {
        kind: "tableFunction",
        lateral: true,
        rowsFrom: source.arrays.length > 1,
        calls: source.arrays.map(({ array }) => ({
          call: { kind: "call", name: [{ name: "unnest" }], arguments: [{ value: columnExpression(array) }] },
        })),
        alias: {
          name: { name: `q${++this.#aliases}` },
          columns: source.arrays.map(({ as }) => ({ name: as })),
        },
      },
    };
  }
}

/** The column of a SELECT of which nothing but the number of rows is needed. */
const PLACEHOLDER = "__row";

function outputItems(layer: Layer, needed: ReadonlySet<string> | undefined): readonly SelectItem[] {
  const wanted = [...layer.items.keys()].filter((name) => needed === undefined || needed.has(name));
  // An aggregate without keys is one row only while there is an aggregate.
  const names = wanted.length === 0 && layer.groupBy?.length === 0
    ? [...layer.items.keys()].slice(0, 1)
    : wanted;
  const others = needed !== undefined && layer.open
    ? [...needed].filter((name) => !layer.items.has(name))
    : [];
  const items = [...names, ...others].map((name): SelectItem => {
    const expression = columnIn(layer, name);
    const same = isColumn(expression) && expression.name.length === 1 && expression.name[0]!.name === name;
    return same ? { expression } : { expression, alias: { name } };
  });
  if (items.length > 0 || (layer.open && needed === undefined)) return items;
  return [{ expression: literal(1).expression, alias: { name: PLACEHOLDER } }];
}

/** Keys that are output are ordered by name, others by what they stand for. */
function orderItems(layer: Layer, items: readonly SelectItem[]): readonly OrderItem[] {
  const output = new Set(
    items.map(({ expression, alias }) =>
      alias?.name ?? (isColumn(expression) ? expression.name[0]!.name : "")
    ),
  );
  return layer.sort.map(({ column, ...key }) => ({
    expression: output.has(column) ? columnExpression(column) : columnIn(layer, column),
    ...key,
  }));
}

function columnIn(layer: Layer, name: string): Expression {
  return layer.items.get(name) ?? layer.hidden.get(name) ?? columnExpression(name);
}

function conjunction(conditions: readonly Expression[]): Expression {
  return conditions.length === 1 ? conditions[0]! : { kind: "and", arguments: conditions };
}

function without(
  reads: ReadonlySet<string> | undefined,
  names: ReadonlyMap<string, unknown>,
): ReadonlySet<string> | undefined {
  return reads && new Set([...reads].filter((name) => !names.has(name)));
}

function withName(reads: ReadonlySet<string> | undefined, name: string): ReadonlySet<string> | undefined {
  return reads && new Set([...reads, name]);
}

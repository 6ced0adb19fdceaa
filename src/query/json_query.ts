/**
 * The JSON form of a query: the AST as plain data, checked field by field.
 *
 * What `JSON.parse` gives is untrusted; {@linkcode queryFromJson} checks it once, here, and gives a query that
 * binds to the same plan as the same query written as SQL or with the builder. Unknown fields are errors.
 *
 * @module
 */
import * as v from "valibot";
import { LimitError, QueryError } from "../base/error.ts";
import type { Expression, Query, QueryBody, TableReference } from "./ast.ts";

/** Nesting that a query may have. */
const DEPTH_MAX = 300;

const name = v.strictObject({ name: v.string(), quoted: v.exactOptional(v.boolean()) });
const qualifiedName = v.array(name);
const flag = v.exactOptional(v.boolean());

const typeName = v.strictObject({
  kind: v.literal("type"),
  name: v.string(),
  modifiers: v.array(v.number()),
  dimensions: v.number(),
  withTimeZone: flag,
  intervalFields: v.exactOptional(v.string()),
});

/** Schemas refer to each other in circles, which only a declared type can express. */
const expression: v.GenericSchema<unknown, Expression> = v.lazy(() => anyExpression);
const query: v.GenericSchema<unknown, Query> = v.lazy(() => querySchema);
const body: v.GenericSchema<unknown, QueryBody> = v.lazy(() => bodySchema);
const tableReference: v.GenericSchema<unknown, TableReference> = v.lazy(() => tableSchema);
const expressions = v.array(expression);

const orderItem = v.strictObject({
  expression,
  direction: v.exactOptional(v.picklist(["asc", "desc"])),
  nulls: v.exactOptional(v.picklist(["first", "last"])),
  using: v.exactOptional(v.string()),
});
const selectItem = v.strictObject({ expression, alias: v.exactOptional(name) });
const frameBound = v.strictObject({
  kind: v.picklist(["unboundedPreceding", "preceding", "currentRow", "following", "unboundedFollowing"]),
  offset: v.exactOptional(expression),
});
const windowSpecification = v.strictObject({
  kind: v.literal("window"),
  base: v.exactOptional(name),
  partitionBy: expressions,
  orderBy: v.array(orderItem),
  frame: v.exactOptional(v.strictObject({
    unit: v.picklist(["rows", "range", "groups"]),
    start: frameBound,
    end: v.exactOptional(frameBound),
    exclude: v.exactOptional(v.picklist(["current row", "group", "ties", "no others"])),
  })),
});
const windowName = v.strictObject({ kind: v.literal("windowName"), name });
const argument = v.strictObject({
  value: expression,
  name: v.exactOptional(name),
  variadic: flag,
  key: v.exactOptional(expression),
});
const quantifier = v.picklist(["any", "all"]);

const anyExpression = v.variant("kind", [
  v.strictObject({
    kind: v.literal("number"),
    text: v.pipe(v.string(), v.regex(/^(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/)),
  }),
  v.strictObject({
    kind: v.literal("string"),
    value: v.string(),
    prefix: v.exactOptional(v.picklist(["b", "x"])),
  }),
  v.strictObject({ kind: v.literal("boolean"), value: v.boolean() }),
  v.strictObject({ kind: v.literal("null") }),
  v.strictObject({ kind: v.literal("typed"), type: typeName, value: v.string() }),
  v.strictObject({
    kind: v.literal("interval"),
    value: v.string(),
    fields: v.exactOptional(v.string()),
    precision: v.exactOptional(v.number()),
  }),
  v.strictObject({ kind: v.literal("default") }),
  v.strictObject({
    kind: v.literal("parameter"),
    index: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(1))),
    name: v.exactOptional(v.string()),
  }),
  v.strictObject({ kind: v.literal("column"), name: qualifiedName }),
  v.strictObject({
    kind: v.literal("star"),
    table: qualifiedName,
    exclude: v.exactOptional(v.array(qualifiedName)),
    replace: v.exactOptional(v.array(selectItem)),
    rename: v.exactOptional(v.array(v.strictObject({ from: name, to: name }))),
  }),
  v.strictObject({ kind: v.literal("unary"), operator: v.string(), argument: expression }),
  v.strictObject({
    kind: v.literal("binary"),
    operator: v.string(),
    left: expression,
    right: expression,
    schema: v.exactOptional(qualifiedName),
  }),
  v.strictObject({ kind: v.picklist(["and", "or"]), arguments: expressions }),
  v.strictObject({ kind: v.literal("not"), argument: expression }),
  v.strictObject({
    kind: v.literal("is"),
    argument: expression,
    test: v.picklist([
      "null",
      "true",
      "false",
      "unknown",
      "document",
      "normalized",
      "json",
      "json value",
      "json scalar",
      "json array",
      "json object",
    ]),
    negated: v.boolean(),
  }),
  v.strictObject({
    kind: v.literal("isDistinctFrom"),
    left: expression,
    right: expression,
    negated: v.boolean(),
  }),
  v.strictObject({
    kind: v.literal("between"),
    argument: expression,
    low: expression,
    high: expression,
    negated: v.boolean(),
    symmetric: v.boolean(),
  }),
  v.strictObject({
    kind: v.literal("inList"),
    argument: expression,
    items: expressions,
    negated: v.boolean(),
  }),
  v.strictObject({ kind: v.literal("inQuery"), argument: expression, query, negated: v.boolean() }),
  v.strictObject({
    kind: v.literal("like"),
    operator: v.picklist(["like", "ilike", "similar"]),
    argument: expression,
    pattern: expression,
    escape: v.exactOptional(expression),
    negated: v.boolean(),
  }),
  v.strictObject({
    kind: v.literal("quantifiedQuery"),
    operator: v.string(),
    quantifier,
    left: expression,
    query,
  }),
  v.strictObject({
    kind: v.literal("quantifiedArray"),
    operator: v.string(),
    quantifier,
    left: expression,
    array: expression,
  }),
  v.strictObject({ kind: v.literal("exists"), query }),
  v.strictObject({ kind: v.literal("subquery"), query }),
  v.strictObject({ kind: v.literal("arrayQuery"), query }),
  v.strictObject({
    kind: v.literal("case"),
    operand: v.exactOptional(expression),
    branches: v.array(v.strictObject({ when: expression, then: expression })),
    otherwise: v.exactOptional(expression),
  }),
  v.strictObject({
    kind: v.literal("cast"),
    argument: expression,
    type: typeName,
    style: v.picklist(["cast", "colon"]),
    tolerant: v.boolean(),
  }),
  v.strictObject({
    kind: v.literal("call"),
    name: qualifiedName,
    arguments: v.array(argument),
    distinct: flag,
    star: flag,
    orderBy: v.exactOptional(v.array(orderItem)),
    withinGroup: v.exactOptional(v.array(orderItem)),
    filter: v.exactOptional(expression),
    nulls: v.exactOptional(v.picklist(["ignore", "respect"])),
    over: v.exactOptional(v.union([windowSpecification, windowName])),
    syntax: v.exactOptional(v.string()),
    bare: flag,
    onNull: v.exactOptional(v.picklist(["absent", "null"])),
    returning: v.exactOptional(typeName),
  }),
  v.strictObject({ kind: v.literal("array"), items: expressions }),
  v.strictObject({ kind: v.literal("row"), items: expressions, explicit: v.boolean() }),
  v.strictObject({ kind: v.literal("subscript"), argument: expression, index: expression }),
  v.strictObject({
    kind: v.literal("slice"),
    argument: expression,
    low: v.exactOptional(expression),
    high: v.exactOptional(expression),
  }),
  v.strictObject({ kind: v.literal("field"), argument: expression, name: v.union([name, v.literal("*")]) }),
  v.strictObject({ kind: v.literal("path"), argument: expression, path: v.array(name) }),
  v.strictObject({ kind: v.literal("collate"), argument: expression, collation: qualifiedName }),
  v.strictObject({ kind: v.literal("atTimeZone"), argument: expression, zone: v.exactOptional(expression) }),
]);

const columnType = v.strictObject({ name, type: typeName });
const alias = v.exactOptional(v.strictObject({
  name,
  columns: v.exactOptional(v.array(name)),
  types: v.exactOptional(v.array(columnType)),
}));
const sample = v.exactOptional(v.strictObject({
  method: v.exactOptional(v.string()),
  arguments: expressions,
  unit: v.exactOptional(v.picklist(["rows", "percent"])),
  seed: v.exactOptional(expression),
}));
const version = v.exactOptional(v.pipe(v.number(), v.safeInteger(), v.minValue(0)));
const tableSchema = v.variant("kind", [
  v.strictObject({ kind: v.literal("table"), name: qualifiedName, only: flag, version, alias, sample }),
  v.strictObject({ kind: v.literal("derived"), query, lateral: flag, alias, sample }),
  v.strictObject({
    kind: v.literal("tableFunction"),
    calls: v.array(v.strictObject({ call: expression, types: v.exactOptional(v.array(columnType)) })),
    rowsFrom: flag,
    lateral: flag,
    ordinality: flag,
    alias,
    sample,
  }),
  v.strictObject({
    kind: v.literal("join"),
    type: v.picklist(["inner", "left", "right", "full", "cross", "semi", "anti"]),
    natural: flag,
    asof: flag,
    left: tableReference,
    right: tableReference,
    on: v.exactOptional(expression),
    using: v.exactOptional(v.array(name)),
    usingAlias: v.exactOptional(name),
    match: v.exactOptional(expression),
    alias,
    sample,
  }),
  v.strictObject({
    kind: v.literal("pivot"),
    table: tableReference,
    aggregates: v.array(selectItem),
    column: qualifiedName,
    values: v.array(selectItem),
    alias,
    sample,
  }),
]);

const flatGroupItems = [
  v.strictObject({ kind: v.literal("expression"), expression }),
  v.strictObject({ kind: v.picklist(["rollup", "cube"]), items: expressions }),
  v.strictObject({ kind: v.literal("empty") }),
] as const;
const groupItem = v.variant("kind", [
  ...flatGroupItems,
  v.strictObject({ kind: v.literal("sets"), items: v.array(v.variant("kind", [...flatGroupItems])) }),
]);

const select = v.strictObject({
  kind: v.literal("select"),
  distinct: v.exactOptional(v.union([v.literal(true), expressions])),
  items: v.array(selectItem),
  from: v.array(tableReference),
  where: v.exactOptional(expression),
  groupBy: v.exactOptional(v.strictObject({ distinct: flag, all: flag, items: v.array(groupItem) })),
  having: v.exactOptional(expression),
  windows: v.exactOptional(v.array(v.strictObject({ name, specification: windowSpecification }))),
  qualify: v.exactOptional(expression),
});
const commonTable = v.strictObject({
  name,
  columns: v.exactOptional(v.array(name)),
  materialized: flag,
  statement: query,
});
const querySchema = v.strictObject({
  kind: v.literal("query"),
  with: v.exactOptional(v.strictObject({ recursive: v.boolean(), tables: v.array(commonTable) })),
  body,
  orderBy: v.exactOptional(v.union([v.array(orderItem), v.literal("all")])),
  limit: v.exactOptional(v.union([expression, v.literal("all")])),
  offset: v.exactOptional(expression),
  fetch: v.exactOptional(v.strictObject({ count: v.exactOptional(expression), withTies: v.boolean() })),
  parenthesized: flag,
});
const bodySchema = v.variant("kind", [
  select,
  v.strictObject({
    kind: v.literal("setOperation"),
    operator: v.picklist(["union", "intersect", "except"]),
    all: v.boolean(),
    byName: flag,
    left: body,
    right: body,
  }),
  v.strictObject({ kind: v.literal("values"), rows: v.array(expressions) }),
  querySchema,
]);

/**
 * Checks `value` and gives it as a query.
 *
 * @throws {QueryError} `invalid-statement` with the path of the first field that does not fit
 * @throws {LimitError} `depth-limit`
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { queryFromJson } from "./json_query.ts";
 *
 * const query = queryFromJson({
 *   kind: "query",
 *   body: { kind: "select", items: [{ expression: { kind: "number", text: "1" } }], from: [] },
 * });
 * assert(query.body.kind === "select");
 * ```
 */
export function queryFromJson(value: unknown): Query {
  requireDepth(value);
  const result = v.safeParse(querySchema, value, { abortEarly: true });
  if (result.success) return result.output;
  const issue = result.issues[0];
  const path = v.getDotPath(issue) ?? "the query";
  throw new QueryError("invalid-statement", `The query does not fit at ${path}: ${issue.message}`, {
    details: { path },
    hint: "see src/query/ast.ts for the fields of each kind",
  });
}

/** Walks without recursion, so that hostile nesting cannot exhaust the stack. */
function requireDepth(value: unknown): void {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > DEPTH_MAX * 2) {
      throw new LimitError("depth-limit", `The query nests deeper than ${DEPTH_MAX} levels`, {
        details: { limit: DEPTH_MAX },
        hint: "split it with WITH",
      });
    }
    level = level.flatMap((item) => typeof item === "object" && item !== null ? Object.values(item) : []);
  }
}

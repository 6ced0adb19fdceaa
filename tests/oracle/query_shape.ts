/**
 * Facts about a query that are read off its tree: which features it uses, whether its order is total.
 *
 * @module
 */
import type { Query, QueryBody, Select } from "../../src/query/ast.ts";

/** Any node, as plain data. */
export type Node = { readonly [key: string]: unknown };

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Every object below `value`, itself included. */
export function* nodesOf(value: unknown): Generator<Node> {
  if (Array.isArray(value)) { for (const item of value) yield* nodesOf(item); }
  else if (isNode(value)) {
    yield value;
    for (const key of Object.keys(value)) if (key !== "span") yield* nodesOf(value[key]);
  }
}

/** The names of the features that a query uses: `join left`, `call sum distinct`, `operator +`, ... */
export function featuresOf(query: Query): ReadonlySet<string> {
  const features = new Set<string>();
  for (const node of nodesOf(query)) for (const feature of featuresOfNode(node)) features.add(feature);
  for (const feature of correlations(query)) features.add(feature);
  return features;
}

function* featuresOfNode(node: Node): Generator<string> {
  const { kind } = node;
  switch (kind) {
    case "join":
      yield `join ${node.asof === true ? "asof " : ""}${node.type}`;
      if (node.using !== undefined) yield "join using";
      break;
    case "derived":
    case "tableFunction":
      yield node.lateral === true ? `lateral ${kind}` : kind;
      if (node.ordinality === true) yield "with ordinality";
      break;
    case "binary":
    case "unary":
      yield `operator ${node.operator}`;
      break;
    case "like":
      yield `operator ${node.operator}`;
      break;
    case "call":
      yield* featuresOfCall(node);
      break;
    case "setOperation":
      yield `${node.operator}${node.all === true ? " all" : ""}`;
      break;
    case "select":
      if (node.distinct !== undefined) yield node.distinct === true ? "distinct" : "distinct on";
      for (const clause of ["where", "groupBy", "having", "qualify", "windows"]) {
        if (node[clause] !== undefined) yield `clause ${clause}`;
      }
      break;
    case "query":
      for (const clause of ["orderBy", "limit", "offset", "fetch", "with"]) {
        if (node[clause] !== undefined) yield `clause ${clause}`;
      }
      if (isNode(node.with) && node.with.recursive === true) yield "with recursive";
      break;
    case "rollup":
    case "cube":
    case "sets":
      yield `group by ${kind}`;
      break;
    case "cast":
      if (isNode(node.type)) yield `cast to ${node.type.name}`;
      break;
    case "quantifiedQuery":
    case "quantifiedArray":
      yield `${kind} ${node.quantifier}`;
      break;
    default:
      if (typeof kind === "string" && !["column", "table", "type", "star", "expression"].includes(kind)) {
        yield kind;
      }
  }
}

function* featuresOfCall(node: Node): Generator<string> {
  const parts = Array.isArray(node.name) ? node.name : [];
  const name = parts.map((part: unknown) => isNode(part) ? String(part.name) : "").join(".");
  yield `call ${name}`;
  if (node.distinct === true) yield `aggregate distinct`;
  if (node.filter !== undefined) yield node.over === undefined ? "aggregate filter" : "window filter";
  if (node.orderBy !== undefined) yield "aggregate order by";
  if (node.withinGroup !== undefined) yield "within group";
  if (!isNode(node.over)) return;
  yield `window ${name}`;
  const { frame } = node.over;
  if (!isNode(frame)) return;
  yield `frame ${frame.unit}`;
  if (frame.exclude !== undefined) yield `frame exclude ${frame.exclude}`;
  for (const bound of [frame.start, frame.end]) if (isNode(bound)) yield `frame ${frame.unit} ${bound.kind}`;
}

const SUBQUERIES: ReadonlySet<unknown> = new Set([
  "subquery",
  "exists",
  "inQuery",
  "quantifiedQuery",
  "arrayQuery",
]);

/** Subqueries that name a table which they do not define. */
function* correlations(query: Query): Generator<string> {
  for (const node of nodesOf(query)) {
    if (!SUBQUERIES.has(node.kind)) continue;
    const defined = new Set<unknown>();
    const used = new Set<unknown>();
    for (const inner of nodesOf(node.query)) {
      if (isNode(inner.alias)) {
        defined.add(isNode(inner.alias.name) ? inner.alias.name.name : inner.alias.name);
      }
      if (inner.kind === "column" && Array.isArray(inner.name) && inner.name.length > 1) {
        const first: unknown = inner.name[0];
        if (isNode(first)) used.add(first.name);
      }
    }
    if ([...used].some((name) => !defined.has(name))) yield `correlated ${node.kind}`;
  }
}

/** The SELECT that names the columns of a body. */
function firstSelect(body: QueryBody): Select | undefined {
  switch (body.kind) {
    case "select":
      return body;
    case "setOperation":
      return firstSelect(body.left);
    case "query":
      return firstSelect(body.body);
    case "values":
      return undefined;
  }
}

/** Whether ORDER BY names every column by position. */
export function isTotallyOrdered(query: Query): boolean {
  if (!Array.isArray(query.orderBy)) return false;
  const positions = new Set<string>();
  for (const { expression } of query.orderBy) {
    if (expression.kind === "number") positions.add(expression.text);
  }
  const select = firstSelect(query.body);
  return select !== undefined &&
    select.items.every((item, i) => item.expression.kind !== "star" && positions.has(String(i + 1)));
}

/** Whether every LIMIT and OFFSET stands behind a total order. */
export function isDeterministic(query: Query): boolean {
  for (const node of nodesOf(query)) {
    if (node.kind !== "query") continue;
    // The kind says that it is one.
    const inner = node as unknown as Query;
    const cuts = inner.limit !== undefined || inner.offset !== undefined ||
      (inner.fetch !== undefined && !inner.fetch.withTies);
    if (cuts && !isTotallyOrdered(inner)) return false;
    if (
      inner.body.kind === "select" && Array.isArray(inner.body.distinct) &&
      !ordersDistinctOn(inner, inner.body)
    ) {
      return false;
    }
  }
  return true;
}

function ordersDistinctOn(query: Query, select: Select): boolean {
  return Array.isArray(query.orderBy) && isTotallyOrdered(query) &&
    query.orderBy.length > select.items.length;
}

/** Whether one value may stand for several that are equal to it. */
export function hasRepresentatives(query: Query): boolean {
  for (const node of nodesOf(query)) {
    if (node.kind === "setOperation" || node.groupBy !== undefined || node.distinct !== undefined) {
      return true;
    }
    if (node.kind === "join" && node.using !== undefined) return true;
    if (node.kind === "call" && Array.isArray(node.name)) {
      const last: unknown = node.name.at(-1);
      if (
        isNode(last) &&
        ["min", "max", "greatest", "least", "mode", "percentile_disc"].includes(String(last.name))
      ) return true;
    }
  }
  return false;
}

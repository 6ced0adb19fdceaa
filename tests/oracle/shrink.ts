/**
 * The shrinker: makes a failing case small by cutting its query, its rows and its columns while it still fails.
 *
 * The query is cut as a tree: an expression becomes one of its parts or a literal, a clause goes, a join becomes
 * one of its sides, a set operation one of its arms. Greedy, first success wins; bounded by a number of attempts.
 *
 * @module
 */
import type { Query } from "../../src/query/ast.ts";
import { isDeterministic, type Node } from "./query_shape.ts";
import type { RandomTable } from "./random_table.ts";

/** What is made small. */
export interface Specimen {
  readonly tables: readonly RandomTable[];
  readonly query: Query;
}

/** Says whether a candidate still fails in the same way. */
export type StillFails = (specimen: Specimen) => Promise<boolean>;

const EXPRESSIONS: ReadonlySet<unknown> = new Set([
  ...[
    "number",
    "string",
    "boolean",
    "null",
    "typed",
    "interval",
    "column",
    "unary",
    "binary",
    "and",
    "or",
    "not",
  ],
  ...[
    "is",
    "isDistinctFrom",
    "between",
    "inList",
    "inQuery",
    "like",
    "quantifiedQuery",
    "quantifiedArray",
    "exists",
  ],
  ...["subquery", "arrayQuery", "case", "cast", "call", "array", "row", "subscript", "slice"],
]);
const LEAVES: ReadonlySet<unknown> = new Set(["number", "string", "boolean", "null", "column"]);
const OPTIONAL = [
  "where",
  "having",
  "qualify",
  "groupBy",
  "distinct",
  "filter",
  "otherwise",
  "windows",
  "limit",
] as const;
const LISTS: ReadonlySet<string> = new Set([
  "items",
  "arguments",
  "branches",
  "rows",
  "from",
  "tables",
  "partitionBy",
  "orderBy",
]);

const LITERALS: readonly Node[] = [
  { kind: "null" },
  { kind: "boolean", value: true },
  { kind: "number", text: "1" },
  { kind: "string", value: "a" },
];

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Nodes and lists on the way to a place in the tree. */
type Path = readonly (string | number)[];

function* pathsOf(value: unknown, path: Path = []): Generator<Path> {
  if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) yield* pathsOf(item, [...path, i]);
  } else if (isNode(value)) {
    yield path;
    for (const key of Object.keys(value)) {
      // What makes the answer unique stays: the orders inside of calls and windows.
      if (key === "span" || key === "type" || key === "orderBy" || key === "withinGroup") continue;
      yield* pathsOf(value[key], [...path, key]);
    }
  }
}

function at(root: unknown, path: Path): unknown {
  let here = root;
  for (const step of path) here = (here as Record<string | number, unknown>)[step];
  return here;
}

/** A copy of `root` with another value at `path`; undefined removes a key. */
function withValue(root: unknown, path: Path, value: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  if (Array.isArray(root)) return root.map((item, i) => i === step ? withValue(item, rest, value) : item);
  const copy = { ...(root as Record<string, unknown>) };
  const inner = withValue(copy[step], rest, value);
  if (inner === undefined) delete copy[step];
  else copy[step] = inner;
  return copy;
}

/** The expressions directly below a node. */
function* partsOf(node: Node): Generator<Node> {
  const visit = function* (value: unknown): Generator<Node> {
    if (Array.isArray(value)) { for (const item of value) yield* visit(item); }
    else if (isNode(value)) {
      if (EXPRESSIONS.has(value.kind)) yield value;
      else if (value.kind !== "query" && value.kind !== "type") {
        for (const key of Object.keys(value)) if (key !== "span") yield* visit(value[key]);
      }
    }
  };
  for (const key of Object.keys(node)) if (key !== "span" && key !== "over") yield* visit(node[key]);
}

/** Smaller things that could stand in the place of `node`. */
function* replacements(node: Node): Generator<unknown> {
  if (EXPRESSIONS.has(node.kind)) {
    if (!LEAVES.has(node.kind)) {
      for (const literal of LITERALS) yield literal;
      yield* partsOf(node);
      if (node.over !== undefined) yield { ...node, over: undefined };
    } else if (node.kind === "column") yield LITERALS[0];
  }
  switch (node.kind) {
    case "setOperation":
    case "join":
      yield node.left;
      yield node.right;
      if (node.kind === "join" && node.type !== "inner") yield { ...node, type: "inner" };
      break;
    case "query": {
      if (isNode(node.body) && node.body.kind === "query") yield node.body;
      const { orderBy: _o, limit: _l, offset: _f, fetch: _t, ...rest } = node;
      if (node.orderBy !== undefined) yield rest;
      const { with: _w, ...without } = node;
      if (node.with !== undefined) yield without;
      yield* withoutColumns(node);
      break;
    }
    case "derived":
      if (isNode(node.query) && isNode(node.query.body) && Array.isArray(node.query.body.from)) {
        const [only]: unknown[] = node.query.body.from;
        if (isNode(only)) yield { ...only, alias: node.alias };
      }
      break;
  }
  for (const key of OPTIONAL) {
    if (node[key] !== undefined) {
      const { [key]: _, ...rest } = node;
      yield rest;
    }
  }
  for (const key of Object.keys(node)) {
    const list = node[key];
    if (
      !LISTS.has(key) || !Array.isArray(list) || list.length < 2 ||
      (key === "orderBy" && node.kind !== "query")
    ) continue;
    for (let i = 0; i < list.length; i++) yield { ...node, [key]: list.filter((_, j) => j !== i) };
  }
}

/** A query without one of its columns, positions in ORDER BY renumbered. */
function* withoutColumns(query: Node): Generator<Node> {
  const { body, orderBy } = query;
  if (!isNode(body) || body.kind !== "select" || !Array.isArray(body.items) || !Array.isArray(orderBy)) {
    return;
  }
  for (let i = 0; i < body.items.length && body.items.length > 1; i++) {
    const items = body.items.filter((_, j) => j !== i);
    const order = orderBy.flatMap((item: unknown) => {
      if (!isNode(item) || !isNode(item.expression) || item.expression.kind !== "number") return [item];
      const position = Number(item.expression.text);
      if (position === i + 1) return [];
      return [{
        ...item,
        expression: { kind: "number", text: String(position > i + 1 ? position - 1 : position) },
      }];
    });
    const kept = order.length === 0 ? {} : { orderBy: order };
    const { orderBy: _, ...rest } = query;
    yield { ...rest, body: { ...body, items }, ...kept };
  }
}

/** Makes `specimen` small. `attemptsMax` bounds how often `stillFails` is asked. */
export async function shrink(
  specimen: Specimen,
  stillFails: StillFails,
  attemptsMax = 2000,
): Promise<Specimen> {
  let attempts = 0;
  let best = specimen;
  const attempt = async (candidate: Specimen): Promise<boolean> => {
    if (attempts++ >= attemptsMax) return false;
    if (!isDeterministic(candidate.query)) return false;
    try {
      if (!await stillFails(candidate)) return false;
    } catch {
      // A tree that cannot even be printed is no smaller repro.
      return false;
    }
    best = candidate;
    return true;
  };
  for (let progress = true; progress && attempts < attemptsMax;) {
    progress = await shrinkQuery(() => best, attempt);
    progress = await shrinkTables(() => best, attempt) || progress;
  }
  return best;
}

type Attempt = (candidate: Specimen) => Promise<boolean>;

/** Breadth first, so that whole clauses go before their parts are looked at. */
async function shrinkQuery(best: () => Specimen, attempt: Attempt): Promise<boolean> {
  let any = false;
  for (let progress = true; progress;) {
    progress = false;
    const { query, tables } = best();
    const paths = [...pathsOf(query)].sort((a, b) => a.length - b.length);
    search: for (const path of paths) {
      const node = at(query, path);
      if (!isNode(node)) continue;
      for (const value of replacements(node)) {
        // A replacement is of the kind that its place takes, or the candidate does not run.
        const smaller = withValue(query, path, value) as Query;
        if (await attempt({ tables, query: smaller })) {
          progress = any = true;
          break search;
        }
      }
    }
  }
  return any;
}

async function shrinkTables(best: () => Specimen, attempt: Attempt): Promise<boolean> {
  let any = false;
  const replace = async (index: number, table: RandomTable | undefined): Promise<boolean> => {
    const { tables, query } = best();
    const next = table === undefined
      ? tables.filter((_, i) => i !== index)
      : tables.map((one, i) => i === index ? table : one);
    const done = await attempt({ tables: next, query });
    any ||= done;
    return done;
  };
  for (let t = best().tables.length - 1; t >= 0; t--) {
    if (await replace(t, undefined)) continue;
    await shrinkRows(() => best().tables[t]!, (table) => replace(t, table));
    for (let c = best().tables[t]!.columns.length - 1; c >= 0; c--) {
      const table = best().tables[t]!;
      if (table.columns.length === 1) break;
      await replace(t, {
        ...table,
        keyed: table.keyed && c !== 0,
        columns: table.columns.filter((_, i) => i !== c),
        rows: table.rows.map((row) => row.filter((_, i) => i !== c)),
      });
    }
  }
  return any;
}

/** Removes halves, quarters, ... single rows. */
async function shrinkRows(
  current: () => RandomTable,
  replace: (table: RandomTable) => Promise<boolean>,
): Promise<void> {
  for (
    let size = Math.ceil(current().rows.length / 2);
    size >= 1;
    size = size === 1 ? 0 : Math.ceil(size / 2)
  ) {
    for (let from = 0; from < current().rows.length;) {
      const { rows } = current();
      const fewer = rows.filter((_, i) => i < from || i >= from + size);
      if (!await replace({ ...current(), rows: fewer })) from += size;
    }
  }
}

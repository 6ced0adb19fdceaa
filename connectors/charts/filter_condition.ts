/**
 * Conditions as JSON: the grammar of ECharts' `filter` transform, as SQL.
 *
 * `{ dimension, ">=": 10, parser: "time" }` (or `column` for `dimension`), `{ and: [...] }`, `{ or: [...] }`, `{ not: ... }`, `true`, `false`.
 * ECharts' logic has two values: a comparison with a missing value is false, so its negation is true. Every
 * comparison is therefore wrapped in IS TRUE.
 *
 * @module
 */
import { QueryError } from "../../src/base/error.ts";
import { call, literal, Scalar } from "../../src/query/builder.ts";
import type { Binary } from "../../src/query/ast.ts";
import { TIMESTAMP } from "../../src/storage/sql_type.ts";
import { doubleScalar } from "./chart_aggregate.ts";
import { describe, isObject, pointer, type SpecObject } from "./json_spec.ts";
import type { QueryPipeline } from "./query_pipeline.ts";
import { wallScalar } from "./time_cut.ts";
import { epochMs, isoText } from "./wall_time.ts";

/** What a condition needs to know. */
export interface FilterScope {
  /** Zone of texts without one. */
  readonly timeZone: string;
}

/** Operators by all names that ECharts gives them. */
const OPERATORS: ReadonlyMap<string, string> = new Map([
  ["=", "="],
  ["eq", "="],
  ["!=", "<>"],
  ["<>", "<>"],
  ["ne", "<>"],
  ["<", "<"],
  ["lt", "<"],
  ["<=", "<="],
  ["lte", "<="],
  [">", ">"],
  ["gt", ">"],
  [">=", ">="],
  ["gte", ">="],
]);

const PARSERS: ReadonlySet<unknown> = new Set(["time", "number", "trim"]);
const PATTERN_LENGTH_MAX = 200;

/** The column that `dimension` means: a name, or an index into the columns. */
export function dimensionName(dimension: unknown, pipeline: QueryPipeline, path: string): string {
  if (typeof dimension === "number" && pipeline.columns?.[dimension] !== undefined) {
    return pipeline.columns[dimension].name;
  }
  if (typeof dimension === "string") {
    pipeline.column(dimension, path);
    return dimension;
  }
  throw new QueryError("invalid-parameter", `Not a dimension at ${path}: received ${describe(dimension)}`, {
    details: { path },
    hint: "give the name or the index of a column",
  });
}

/** See the module header. `path` is that of the condition. */
export function filterCondition(
  config: unknown,
  pipeline: QueryPipeline,
  scope: FilterScope,
  path: string,
): Scalar {
  if (typeof config === "boolean") return literal(config);
  if (!isObject(config)) throw malformed(path, config);
  const nested = (value: unknown, key: string): readonly Scalar[] => {
    if (!Array.isArray(value) || value.length === 0) throw malformed(`${path}/${key}`, value);
    return value.map((item, i) => filterCondition(item, pipeline, scope, path + pointer(key, i)));
  };
  if (config["and"] !== undefined) return joined("and", nested(config["and"], "and"));
  if (config["or"] !== undefined) return joined("or", nested(config["or"], "or"));
  if (config["not"] !== undefined) {
    return filterCondition(config["not"], pipeline, scope, `${path}/not`).not();
  }
  return relation(config, pipeline, scope, path);
}

function relation(config: SpecObject, pipeline: QueryPipeline, scope: FilterScope, path: string): Scalar {
  const place = config["dimension"] === undefined ? "column" : "dimension";
  const name = dimensionName(config[place], pipeline, `${path}/${place}`);
  const parser = config["parser"];
  if (parser !== undefined && !PARSERS.has(parser)) throw malformed(`${path}/parser`, parser);
  const conditions = Object.entries(config).flatMap(([key, value]) => {
    const place = path + pointer(key);
    if (key === "reg") return [matches(pipeline.column(name, place), value, place)];
    const operator = OPERATORS.get(key);
    if (operator !== undefined) {
      return [compared({ name, operator, value, parser }, pipeline, scope, place)];
    }
    if (key === "dimension" || key === "column" || key === "parser") return [];
    throw malformed(place, key);
  });
  if (conditions.length === 0) throw malformed(path, config);
  return joined("and", conditions);
}

interface Comparison {
  readonly name: string;
  readonly operator: string;
  readonly value: unknown;
  readonly parser: unknown;
}

function compared(
  { name, operator, value, parser }: Comparison,
  pipeline: QueryPipeline,
  { timeZone }: FilterScope,
  path: string,
): Scalar {
  const column = pipeline.column(name, path);
  const type = pipeline.typeOf(name);
  if (value === null && (operator === "=" || operator === "<>")) {
    return operator === "=" ? column.isNull() : column.isNotNull();
  }
  if (typeof value !== "number" && typeof value !== "string" && typeof value !== "boolean") {
    throw malformed(path, value);
  }
  const isTime = type?.kind === "date" || type?.kind === "timestamp" || type?.kind === "timestamptz";
  if (parser === "time" || isTime) {
    return binary(operator, wallScalar(column, type, timeZone), timeLiteral(value, path));
  }
  if (parser === "number") {
    const number = typeof value === "string" ? Number.parseFloat(value) : Number(value);
    return binary(operator, doubleScalar(column, true), literal(number));
  }
  if (parser === "trim" && typeof value === "string") {
    return binary(operator, call("btrim", column), literal(value.trim()));
  }
  // A number against a text column: ECharts reads the text as number.
  const left = typeof value === "number" && type?.kind === "text" ? doubleScalar(column, true) : column;
  return binary(operator, left, literal(value));
}

/** Texts without zone are wall times of the catalogue's zone, as ECharts takes them for local. */
function timeLiteral(value: unknown, path: string): Scalar {
  const ms = epochMs(value);
  if (Number.isNaN(ms)) throw malformed(path, value);
  return new Scalar({
    kind: "typed",
    type: { kind: "type", name: TIMESTAMP.kind, modifiers: [], dimensions: 0 },
    value: isoText(ms).replace("Z", ""),
  });
}

function binary(operator: string, left: Scalar, right: Scalar): Scalar {
  if (operator === "<>") {
    return new Scalar({
      kind: "isDistinctFrom",
      left: left.expression,
      right: right.expression,
      negated: false,
    });
  }
  const node: Binary = { kind: "binary", operator, left: left.expression, right: right.expression };
  return certain(new Scalar(node));
}

function certain(condition: Scalar): Scalar {
  return new Scalar({ kind: "is", argument: condition.expression, test: "true", negated: false });
}

function matches(column: Scalar, pattern: unknown, path: string): Scalar {
  if (typeof pattern !== "string" || pattern.length > PATTERN_LENGTH_MAX) throw malformed(path, pattern);
  const text = new Scalar({
    kind: "cast",
    argument: column.expression,
    type: { kind: "type", name: "text", modifiers: [], dimensions: 0 },
    style: "cast",
    tolerant: false,
  });
  return certain(
    new Scalar({ kind: "binary", operator: "~", left: text.expression, right: literal(pattern).expression }),
  );
}

function joined(kind: "and" | "or", parts: readonly Scalar[]): Scalar {
  const [first, ...others] = parts;
  return others.length === 0 ? first! : first![kind](...others);
}

function malformed(path: string, value: unknown): QueryError {
  return new QueryError(
    "invalid-parameter",
    `Not a filter condition at ${path}: received ${describe(value)}`,
    {
      details: { path },
      hint: 'write it like { "dimension": "price", ">=": 10 }, or with and, or, not',
    },
  );
}

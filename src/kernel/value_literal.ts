/**
 * Parameters of a query replaced by their values, as literals of the types that the parameters have.
 *
 * A query that outlives its call, such as that of a subscription, is a definition like any other afterwards: it
 * can be planned again, compared and printed. O(nodes).
 *
 * @module
 */
import { QueryError } from "../base/error.ts";
import type { Expression, Parameter, Query, TypeName } from "../query/ast.ts";
import { bindQuery } from "../query/binder.ts";
import { formatDatum } from "../query/functions/text_format.ts";
import type { BoundQuery } from "../query/plan.ts";
import type { Datum, SqlType } from "../storage/sql_type.ts";
import type { Kernel } from "./kernel.ts";
import { bindEnvironment, withParameters } from "./prepare.ts";
import { QueryContext } from "./query_context.ts";
import { isParameter, parametersOf } from "./statement_parameter.ts";

const CAST = { style: "cast", tolerant: false } as const;

/** See {@linkcode PluginHost.withValues}. */
export function withValues(kernel: Kernel, query: Query, context: QueryContext): Query {
  if (parametersOf(query).length === 0) return query;
  const { params } = context.options;
  const { prepared, parameters } = withParameters<BoundQuery>(
    { context: new QueryContext({ ...context, statement: query }), timeZone: kernel.timeZone },
    (types) => bindQuery(query, bindEnvironment(kernel, context, types)),
    (bound) => bound.parameters,
  );
  const literals = parameters.map((datum, i) => literalOf(datum, prepared.parameters[i]!));
  const names = params === undefined || Array.isArray(params) ? [] : Object.keys(params);
  return replaced(query, ({ index, name }) => {
    const literal = literals[name === undefined ? (index ?? 1) - 1 : names.indexOf(name)];
    if (literal !== undefined) return literal;
    throw new QueryError("invalid-parameter", `No value for parameter :${name}`, {
      details: { parameter: name, names },
      hint: "give params as an object with that name",
    });
  });
}

/** `node` with every parameter replaced; what has none is shared. */
function replaced<Node>(node: Node, literalOf: (parameter: Parameter) => Expression): Node {
  if (typeof node !== "object" || node === null) return node;
  // A parameter stands where an expression does, and becomes one.
  if (isParameter(node)) return literalOf(node) as Node;
  const entries = Object.entries(node);
  const changed = entries.map(([key, child]) => [key, replaced(child, literalOf)] as const);
  if (changed.every(([, child], i) => child === entries[i]![1])) return node;
  const copy = Array.isArray(node) ? changed.map(([, child]) => child) : Object.fromEntries(changed);
  // The copy has the same kind of value under every key.
  return copy as Node;
}

function literalOf(datum: Datum, type: SqlType): Expression {
  if (type.kind === "null") {
    return datum === null ? { kind: "null" } : { kind: "string", value: String(datum) };
  }
  const written = typeNameOf(type);
  if (datum === null) return { kind: "cast", argument: { kind: "null" }, type: written, ...CAST };
  return { kind: "typed", type: written, value: formatDatum(datum, type) };
}

function typeNameOf(type: SqlType): TypeName {
  const written = (name: string, ...modifiers: readonly number[]): TypeName => ({
    kind: "type",
    name,
    modifiers,
    dimensions: 0,
  });
  switch (type.kind) {
    case "array": {
      const element = typeNameOf(type.element);
      return { ...element, dimensions: element.dimensions + 1 };
    }
    case "decimal":
      return written("numeric", type.precision, type.scale);
    case "double":
      return written("double precision");
    case "text":
      return type.maxLength === undefined
        ? written("text")
        : written(type.padded === true ? "char" : "varchar", type.maxLength);
    default:
      return written(type.kind);
  }
}

/**
 * Evaluates a scalar expression for one row of datums.
 *
 * The slow and plain way, next to the vectorised one of `expression/`: for statements that touch a row or
 * two (INSERT ... VALUES, UPDATE by key, CHECK, RETURNING), where setting up a pipeline costs more than the
 * work. O(nodes of the expression) per row.
 *
 * @module
 */
import { unreachable } from "../base/assert.ts";
import { InvariantError, QueryError } from "../base/error.ts";
import { castDatum } from "../query/functions/cast.ts";
import { compareDatums } from "../query/functions/compare.ts";
import type { CallContext } from "../query/function.ts";
import type { FunctionRegistry, ResolvedScalar } from "../query/function_registry.ts";
import type { CallScalar, ColumnId, Scalar } from "../query/plan.ts";
import type { Datum } from "../storage/sql_type.ts";

/** What an expression may refer to besides columns. */
export interface RowEnvironment {
  readonly parameters: readonly Datum[];
  readonly functions: FunctionRegistry;
  readonly nowMicros: number;
  readonly timeZone: string;
  readonly random: () => number;
}

/** The value of a column of the current row. */
export type RowLookup = (id: ColumnId) => Datum;

interface ResolvedCall {
  readonly resolved: ResolvedScalar;
  readonly strict: boolean;
}

/** Overload resolution is the same for every row, so it is kept with the node. */
const resolvedCalls = new WeakMap<CallScalar, ResolvedCall>();

/**
 * The value of `scalar`.
 *
 * @throws {QueryError} as the expression does: `division-by-zero`, `invalid-cast`, ...
 */
export function evaluateRow(scalar: Scalar, row: RowLookup, env: RowEnvironment): Datum {
  switch (scalar.kind) {
    case "column":
      return row(scalar.id);
    case "literal":
      return scalar.value;
    case "parameter":
      return env.parameters[scalar.index] ?? null;
    case "call":
      return evaluateCall(scalar, row, env);
    case "cast": {
      const value = evaluateRow(scalar.argument, row, env);
      if (value === null) return null;
      if (!scalar.tolerant) return castDatum(value, scalar.argument.type, scalar.type, scalar.explicit, env);
      try {
        return castDatum(value, scalar.argument.type, scalar.type, scalar.explicit, env);
      } catch (error) {
        if (error instanceof QueryError) return null;
        throw error;
      }
    }
    case "and":
    case "or":
      return evaluateLogical(scalar.arguments, scalar.kind === "or", row, env);
    case "not": {
      const value = evaluateRow(scalar.argument, row, env);
      return value === null ? null : !value;
    }
    case "isNull":
      return (evaluateRow(scalar.argument, row, env) === null) !== scalar.negated;
    case "inList": {
      const value = evaluateRow(scalar.argument, row, env);
      if (value === null) return null;
      let unknown = false;
      for (const item of scalar.items) {
        const candidate = evaluateRow(item, row, env);
        if (candidate === null) unknown = true;
        else if (compareDatums(value, candidate, scalar.argument.type) === 0) return true;
      }
      return unknown ? null : false;
    }
    case "case":
      for (const branch of scalar.branches) {
        if (evaluateRow(branch.when, row, env) === true) return evaluateRow(branch.then, row, env);
      }
      return evaluateRow(scalar.otherwise, row, env);
    case "coalesce":
      for (const argument of scalar.arguments) {
        const value = evaluateRow(argument, row, env);
        if (value !== null) return value;
      }
      return null;
    case "subquery":
      throw new InvariantError(
        "invariant",
        "A subquery reached the row evaluator: it must be planned as a join",
      );
    default:
      return unreachable(scalar);
  }
}

function evaluateCall(scalar: CallScalar, row: RowLookup, env: RowEnvironment): Datum {
  const { resolved, strict } = resolveCall(scalar, env.functions);
  const args = new Array<Datum>(scalar.arguments.length);
  for (let i = 0; i < args.length; i++) {
    const value = evaluateRow(scalar.arguments[i]!, row, env);
    if (value === null && strict) return null;
    args[i] = value;
  }
  const context: CallContext = {
    nowMicros: env.nowMicros,
    timeZone: env.timeZone,
    random: env.random,
    argumentTypes: scalar.arguments.map((argument) => argument.type),
    resultType: scalar.type,
  };
  return resolved.signature.evaluate(args, context);
}

function resolveCall(scalar: CallScalar, functions: FunctionRegistry): ResolvedCall {
  let call = resolvedCalls.get(scalar);
  if (call === undefined) {
    const resolved = functions.resolveScalar(scalar.name, scalar.arguments.map((argument) => argument.type));
    call = { resolved, strict: resolved.function.nulls === "strict" };
    resolvedCalls.set(scalar, call);
  }
  return call;
}

function evaluateLogical(
  args: readonly Scalar[],
  decisive: boolean,
  row: RowLookup,
  env: RowEnvironment,
): Datum {
  let unknown = false;
  for (const argument of args) {
    const value = evaluateRow(argument, row, env);
    if (value === decisive) return decisive;
    if (value === null) unknown = true;
  }
  return unknown ? null : !decisive;
}

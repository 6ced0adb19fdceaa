/**
 * Evaluation of expressions row by row, as plainly as can be: the reference for the compiled form.
 *
 * @module
 */
import { assert } from "@std/assert";
import { QueryError } from "../../../../src/base/error.ts";
import type { EvaluationEnvironment } from "../../../../src/exec/expression/environment.ts";
import { castDatum } from "../../../../src/query/functions/cast.ts";
import { compareDatums } from "../../../../src/query/functions/compare.ts";
import type { Scalar } from "../../../../src/query/plan.ts";
import type { Datum } from "../../../../src/storage/sql_type.ts";

/** The value of `scalar` for the row whose columns have `row` as values, by column id. */
export function evaluateNaively(scalar: Scalar, row: readonly Datum[], env: EvaluationEnvironment): Datum {
  const evaluate = (one: Scalar): Datum => evaluateNaively(one, row, env);
  switch (scalar.kind) {
    case "column":
      return row[scalar.id]!;
    case "literal":
      return scalar.value;
    case "parameter":
      return env.parameters[scalar.index]!;
    case "call": {
      const args = scalar.arguments.map(evaluate);
      const argumentTypes = scalar.arguments.map((one) => one.type);
      const { signature, function: { nulls } } = env.functions.resolveScalar(scalar.name, argumentTypes);
      if (nulls === "strict" && args.includes(null)) return null;
      return signature.evaluate(args, { ...env, argumentTypes, resultType: scalar.type });
    }
    case "cast": {
      const value = evaluate(scalar.argument);
      try {
        return castDatum(value, scalar.argument.type, scalar.type, scalar.explicit, env);
      } catch (error) {
        if (scalar.tolerant && error instanceof QueryError) return null;
        throw error;
      }
    }
    case "not": {
      const value = evaluate(scalar.argument);
      return value === null ? null : !value;
    }
    case "and":
    case "or": {
      let unknown = false;
      for (const argument of scalar.arguments) {
        const value = evaluate(argument);
        if (value === (scalar.kind === "or")) return value;
        unknown ||= value === null;
      }
      return unknown ? null : scalar.kind === "and";
    }
    case "isNull":
      return (evaluate(scalar.argument) === null) !== scalar.negated;
    case "inList": {
      const value = evaluate(scalar.argument);
      const items = scalar.items.map(evaluate);
      if (value === null) return null;
      const { type } = scalar.argument;
      if (items.some((item) => item !== null && compareDatums(item, value, type) === 0)) return true;
      return items.includes(null) ? null : false;
    }
    case "case": {
      const branch = scalar.branches.find(({ when }) => evaluate(when) === true);
      return evaluate(branch === undefined ? scalar.otherwise : branch.then);
    }
    case "coalesce":
      for (const argument of scalar.arguments) {
        const value = evaluate(argument);
        if (value !== null) return value;
      }
      return null;
    case "subquery":
      assert(false, "Subqueries are no expressions here");
  }
}

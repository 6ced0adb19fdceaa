/**
 * Runs a library aggregate or table function over rows of typed values, for tests.
 *
 * @module
 */
import type { AggregateDefinition, CallContext } from "../../../../src/query/function.ts";
import { compareDatums } from "../../../../src/query/functions/compare.ts";
import { castDatum } from "../../../../src/query/functions/cast.ts";
import type { Datum, SqlType } from "../../../../src/storage/sql_type.ts";
import { builtinRegistry, contextOf, type TypedValue } from "./call_function.ts";

/** An aggregate made ready for arguments of certain types. */
export interface PreparedAggregate {
  readonly definition: AggregateDefinition;
  readonly context: CallContext;
}

/** Finds the overload of an aggregate. */
export function prepareAggregate(name: string, types: readonly SqlType[]): PreparedAggregate {
  const resolved = builtinRegistry().resolveAggregate(name, types);
  return {
    definition: resolved.function,
    context: contextOf(resolved.parameterTypes, resolved.resultType),
  };
}

/** The result of an aggregate over rows, sorted by their last column when it is ordered. */
export function runAggregate(
  name: string,
  rows: readonly (readonly TypedValue[])[],
  options: { readonly ordered?: boolean; readonly descending?: boolean } = {},
): TypedValue {
  const types = rows[0]!.map((value) => value.type);
  const { definition, context } = prepareAggregate(name, types);
  const datums: Datum[][] = rows.map((row) => row.map((value) => value.value));
  if (options.ordered === true) {
    const sign = options.descending === true ? -1 : 1;
    datums.sort((a, b) => sign * compareDatums(a.at(-1)!, b.at(-1)!, types.at(-1)!));
  }
  const state = definition.init(context);
  for (const row of datums) definition.add(state, row);
  return { value: definition.value(state, context), type: context.resultType };
}

/** The rows of a table function. */
export function runTableFunction(
  name: string,
  args: readonly TypedValue[],
): { readonly types: readonly SqlType[]; readonly rows: readonly (readonly Datum[])[] } {
  const resolved = builtinRegistry().resolveTable(name, args.map((argument) => argument.type));
  const types = resolved.parameterTypes;
  const context = contextOf(types, resolved.columns[0]!.type);
  const values = args.map(({ value, type }, i) => castDatum(value, type, types[i]!, false));
  return {
    types: resolved.columns.map((column) => column.type),
    rows: Array.from(resolved.signature.evaluate(values, context)),
  };
}

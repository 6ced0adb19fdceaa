/**
 * Runs a library aggregate or table function over rows of typed values, for tests.
 *
 * @module
 */
import type { AggregateDefinition, CallContext } from "../../../../src/query/function.ts";
import { compareDatums } from "../../../../src/query/functions/compare.ts";
import { BUILTIN_FUNCTIONS } from "../../../../src/query/functions/library.ts";
import type { Datum, SqlType } from "../../../../src/storage/sql_type.ts";
import { contextOf, resolveSignature, type TypedValue } from "./call_function.ts";

/** An aggregate made ready for arguments of certain types. */
export interface PreparedAggregate {
  readonly definition: AggregateDefinition;
  readonly context: CallContext;
}

/** Finds an aggregate by name; of two with one name the one that is `ordered` as asked. */
export function prepareAggregate(
  name: string,
  types: readonly SqlType[],
  ordered = false,
): PreparedAggregate {
  const definition = BUILTIN_FUNCTIONS.aggregates.find((candidate) =>
    candidate.name === name && (candidate.ordered ?? false) === ordered
  );
  if (definition === undefined) throw new TypeError(`No aggregate ${name}`);
  const { returns } = resolveSignature(name, definition.signatures, types);
  const resultType = typeof returns === "function" ? returns(types) : returns;
  return { definition, context: contextOf(types, resultType) };
}

/** The result of an aggregate over rows, sorted by their last column when it is ordered. */
export function runAggregate(
  name: string,
  rows: readonly (readonly TypedValue[])[],
  options: { readonly ordered?: boolean; readonly descending?: boolean } = {},
): TypedValue {
  const types = rows[0]!.map((value) => value.type);
  const { definition, context } = prepareAggregate(name, types, options.ordered);
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
  const definition = BUILTIN_FUNCTIONS.tables.find((candidate) => candidate.name === name);
  if (definition === undefined) throw new TypeError(`No table function ${name}`);
  const types = args.map((argument) => argument.type);
  const signature = resolveSignature(name, definition.signatures, types);
  const columns = signature.returns(types);
  const context = contextOf(types, columns[0]!.type);
  return {
    types: columns.map((column) => column.type),
    rows: Array.from(signature.evaluate(args.map((argument) => argument.value), context)),
  };
}

/**
 * What is compared with PostgreSQL: functions, operators and casts over literals, mostly every function of
 * a family with every value of a list.
 *
 * @module
 */

/** One expression. Arguments are written `text::type`. */
export interface AgreementCase {
  readonly family: string;
  /** Registry name, or `cast type`. */
  readonly name: string;
  readonly args: readonly string[];
  /** The expression in SQL, with `$1` for the first argument; by default `name(args)`. */
  readonly sql?: string;
}

/** Every combination of one element of each list. */
function combinations(lists: readonly (readonly string[])[]): string[][] {
  return lists.reduce<string[][]>((rows, list) => rows.flatMap((row) => list.map((item) => [...row, item])), [
    [],
  ]);
}

/** Every name with every combination of arguments, as `name(args)`. */
export function calls(
  family: string,
  names: readonly string[],
  ...lists: readonly (readonly string[])[]
): AgreementCase[] {
  return names.flatMap((name) => combinations(lists).map((args) => ({ family, name, args })));
}

/** Every operator between every two operands. */
export function binary(
  family: string,
  operators: readonly string[],
  left: readonly string[],
  right: readonly string[],
): AgreementCase[] {
  return operators.flatMap((name) =>
    combinations([left, right]).map((args) => ({ family, name, args, sql: `$1 ${name} $2` }))
  );
}

/** The registry name and the operator of each prefix operator. */
const PREFIXES: Readonly<Record<string, string>> = { "negate": "-", "bitwise not": "~", "@": "@" };

/** Every prefix operator before every value. */
export function prefix(family: string, names: readonly string[], values: readonly string[]): AgreementCase[] {
  return names.flatMap((name) =>
    values.map((value) => ({ family, name, args: [value], sql: `${PREFIXES[name]} ($1)` }))
  );
}

/** Every value as every type. */
export function casts(family: string, types: readonly string[], values: readonly string[]): AgreementCase[] {
  return types.flatMap((type) =>
    values.map((value) => ({ family, name: `cast ${type}`, args: [value], sql: `$1::${type}` }))
  );
}

/** Single expressions: registry name, SQL, arguments. */
export function single(
  family: string,
  ...rows: readonly (readonly [string, string, ...string[]])[]
): AgreementCase[] {
  return rows.map(([name, sql, ...args]) => ({ family, name, sql, args }));
}

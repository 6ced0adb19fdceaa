/**
 * Names of files as names of SQL.
 *
 * @module
 */

const PLAIN = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * `names` as SQL folds identifiers without quotes, so that `CustomerId` can be written without them. Names
 * with other characters, and those that would become equal, stay as they are.
 */
export function foldNames(names: readonly string[]): string[] {
  const folded = names.map((name) => PLAIN.test(name) ? name.toLowerCase() : name);
  return folded.map((name, i) => folded.indexOf(name) === folded.lastIndexOf(name) ? name : names[i]!);
}

/** `name` as an identifier in SQL text. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

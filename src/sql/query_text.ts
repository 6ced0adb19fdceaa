/**
 * Text that is a query, told from the name of a view without parsing it.
 *
 * @module
 */
const QUERY = /^(?:[\s(]|--[^\n]*\n|\/\*[^]*?\*\/)*(?:select|with|values|from|table)\b/i;

/** True when `text` begins as a query does: what follows may still be wrong. */
export function startsAsQuery(text: string): boolean {
  return QUERY.test(text);
}

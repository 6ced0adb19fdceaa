/**
 * PostgreSQL's own grammar as the judge of the gates.
 *
 * @module
 */
import { loadModule, parseSync } from "libpg-query";

await loadModule();

/** What PostgreSQL says of a text: its tree without locations, or the offset of its error. */
export type Verdict =
  | { readonly accepted: true; readonly tree: unknown }
  | { readonly accepted: false; readonly message: string; readonly offset: number };

/** Parses with PostgreSQL's grammar. Texts must be ASCII for offsets to agree. */
export function judge(sql: string): Verdict {
  try {
    return { accepted: true, tree: withoutLocations(parseSync(sql)) };
  } catch (error) {
    const { message, sqlDetails } = error as { message: string; sqlDetails?: { cursorPosition?: number } };
    return { accepted: false, message, offset: sqlDetails?.cursorPosition ?? -1 };
  }
}

const PLACES: ReadonlySet<string> = new Set([
  "location",
  "stmt_location",
  "stmt_len",
  "version",
  "list_start",
  "list_end",
  "rexpr_list_start",
  "rexpr_list_end",
]);

function withoutLocations(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutLocations);
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(([key]) => !PLACES.has(key));
  return Object.fromEntries(kept.map(([key, inner]) => [key, withoutLocations(inner)]));
}

/**
 * The names of tables and views that a query mentions, before it is bound.
 *
 * @module
 */

/**
 * Last parts of the relation names in `query`, at any depth. Names of its own WITH clauses are among them.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { from } from "./builder.ts";
 * import { mentionedRelations } from "./mentioned_relations.ts";
 *
 * assert(mentionedRelations(from("orders").build()).has("orders"));
 * ```
 */
export function mentionedRelations(query: object): ReadonlySet<string> {
  const found = new Set<string>();
  const open: object[] = [query];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if ("kind" in node && node.kind === "table" && "name" in node && Array.isArray(node.name)) {
      const last: unknown = node.name.at(-1);
      if (typeof last === "object" && last !== null && "name" in last) found.add(String(last.name));
    }
    for (const child of Object.values(node)) {
      if (typeof child === "object" && child !== null) open.push(child);
    }
  }
  return found;
}

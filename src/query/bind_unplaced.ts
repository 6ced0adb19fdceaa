/**
 * Definitions without their places: views, defaults and generated columns were written in other texts.
 *
 * A span says where something stands in the statement at hand; those of a stored definition would point at
 * the wrong text. Stripped trees are remembered by node, so a view is copied once. O(nodes) the first time.
 *
 * @module
 */
const stripped = new WeakMap<object, object>();

/** A copy of the AST node without any `span`; the same copy each time. */
export function withoutSpans<Node extends object>(node: Node): Node {
  const known = stripped.get(node);
  // The copy has the shape of the node, spans aside, and those are optional everywhere.
  if (known !== undefined) return known as Node;
  const copy = strip(node) as Node;
  stripped.set(node, copy);
  return copy;
}

function strip(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(strip);
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, part]) => key === "span" ? [] : [[key, strip(part)]]),
  );
}

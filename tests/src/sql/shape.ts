/**
 * Trees without their spans, so that tests can compare what they are about.
 *
 * @module
 */

/** A copy of `node` without `span`. */
export function shape(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(shape);
  if (typeof node !== "object" || node === null) return node;
  const kept = Object.entries(node).filter(([key]) => key !== "span");
  return Object.fromEntries(kept.map(([key, value]) => [key, shape(value)]));
}

/**
 * Specs with random damage: a compiler answers them, or refuses them with an error of ours.
 *
 * @module
 */
import type { SeededRandom } from "../../../src/base/random.ts";

const JUNK: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  1e308,
  "",
  "price",
  "no such column",
  "sum(price)",
  "'; DROP TABLE sale; --",
  "SELECT 1",
  "__proto__",
  "constructor",
  "x".repeat(2000),
  [],
  [null],
  {},
  { value: {} },
  { column: "price", ">": 1 },
  [[1, 2], [3, 4]],
];

/** A copy of `spec` in which one to three random places hold something else, or nothing. */
export function damaged(spec: unknown, random: SeededRandom): unknown {
  let copy = structuredClone(spec);
  for (let i = random.integer(1, 3); i > 0; i--) copy = damageOnce(copy, random);
  return copy;
}

function damageOnce(node: unknown, random: SeededRandom): unknown {
  const deeper = typeof node === "object" && node !== null && random.next() < 0.85;
  if (!deeper) return structuredClone(random.pick(JUNK));
  if (Array.isArray(node)) {
    if (node.length === 0) return [random.pick(JUNK)];
    const at = random.integer(0, node.length - 1);
    return random.next() < 0.1
      ? node.filter((_, i) => i !== at)
      : node.map((item, i) => i === at ? damageOnce(item, random) : item);
  }
  const keys = Object.keys(node);
  if (keys.length === 0) return { [String(random.pick(["a", "x", "type"]))]: random.pick(JUNK) };
  const key = random.pick(keys);
  if (random.next() < 0.1) return Object.fromEntries(Object.entries(node).filter(([name]) => name !== key));
  return Object.fromEntries(
    Object.entries(node).map(([name, value]) => [name, name === key ? damageOnce(value, random) : value]),
  );
}

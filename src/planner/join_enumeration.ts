/**
 * The cheapest join tree of a graph: all connected pairs by dynamic programming (DPccp, Moerkotte and Neumann,
 * VLDB 2006) for up to ten relations, greedy operator ordering (GOO) above.
 *
 * The executor builds a hash table on the right input and streams the left through it. So a join costs the rows
 * that it builds, twice, the rows that it probes, more so for a table beyond the caches, and the rows that come
 * out. Bushy trees are allowed; a long pipeline over small tables on the right mostly wins.
 *
 * DPccp looks at O(number of connected pairs): 9 for a chain of 3, about 28,000 for a clique of 10. GOO is
 * O(n^3).
 *
 * @module
 */
import { InvariantError } from "../base/error.ts";
import { type JoinGraph, type RelationSet, sizeOf } from "./join_graph.ts";

/** A join tree over the relations of a graph. */
export type JoinTree =
  | { readonly kind: "relation"; readonly set: RelationSet; readonly cost: number }
  | {
    readonly kind: "join";
    readonly left: JoinTree;
    readonly right: JoinTree;
    readonly set: RelationSet;
    readonly cost: number;
  };

/** Up to this many relations are ordered by dynamic programming. */
const DYNAMIC_PROGRAMMING_MAX = 10;

/** The cheapest tree found for all relations of `graph`. */
export function bestJoinTree(graph: JoinGraph): JoinTree {
  const tree = graph.relations.length <= DYNAMIC_PROGRAMMING_MAX ? exhaustive(graph) : undefined;
  return tree ?? greedy(graph);
}

/** The cost of a probe into a table of `rows` rows, in units of one that stays in the nearest cache. */
function probeCost(rows: number): number {
  if (rows <= 4_096) return 0.8;
  if (rows <= 65_536) return 1;
  return rows <= 1_000_000 ? 1.8 : 3;
}

/** The tree that joins `left`, probing, with `right`, built; undefined when that is no valid join. */
function join(graph: JoinGraph, left: JoinTree, right: JoinTree): JoinTree | undefined {
  const set = left.set | right.set;
  if (graph.filterOf(left.set) !== undefined) return undefined;
  const filter = graph.filterOf(right.set);
  if (filter !== undefined && (left.set & filter.requires) !== filter.requires) return undefined;
  const own = graph.isOneRow(right.set)
    ? graph.rows(left.set) * 0.1
    : graph.isOneRow(left.set)
    ? Infinity
    : joinCost(graph, left.set, right.set, filter !== undefined);
  return own === Infinity && graph.relations.length > 2 && !graph.isOneRow(left.set)
    ? undefined
    : { kind: "join", left, right, set, cost: left.cost + right.cost + Math.min(own, 1e300) };
}

function joinCost(graph: JoinGraph, left: RelationSet, right: RelationSet, filter: boolean): number {
  const probed = graph.rows(left);
  const built = graph.rows(right);
  const result = graph.rows(left | right);
  const hashed = filter ||
    graph.conditions(left, right).some((each) => each.kind === "call" && each.name === "=");
  return hashed ? built * 2 + probed * probeCost(built) + result : built + probed * built * 0.5 + result;
}

// --- Dynamic programming ------------------------------------------------------------------------

function exhaustive(graph: JoinGraph): JoinTree | undefined {
  const best = new Map<RelationSet, JoinTree>();
  for (const { index } of graph.relations) {
    best.set(1 << index, { kind: "relation", set: 1 << index, cost: 0 });
  }
  const consider = (left: JoinTree, right: JoinTree): void => {
    const tree = join(graph, left, right);
    const known = tree === undefined ? undefined : best.get(tree.set);
    if (tree !== undefined && (known === undefined || tree.cost < known.cost)) best.set(tree.set, tree);
  };
  const pairs: (readonly [RelationSet, RelationSet])[] = [];
  forEachPair(graph, (left, right) => pairs.push([left, right]));
  // Small results first: both sides of a pair are then complete.
  pairs.sort((a, b) => sizeOf(a[0] | a[1]) - sizeOf(b[0] | b[1]));
  for (const [a, b] of pairs) {
    const left = best.get(a);
    const right = best.get(b);
    if (left === undefined || right === undefined) continue;
    consider(left, right);
    consider(right, left);
  }
  return best.get(graph.all);
}

/** Calls `visit` for every pair of disjoint connected sets with an edge between them, once. */
function forEachPair(graph: JoinGraph, visit: (left: RelationSet, right: RelationSet) => void): void {
  const upTo = (index: number): RelationSet => 2 ** (index + 1) - 1;
  const grow = (set: RelationSet, excluded: RelationSet, found: (set: RelationSet) => void): void => {
    const near = graph.neighbors(set) & ~excluded;
    for (let part = near & -near; part !== 0; part = (part - near) & near) found(set | part);
    for (let part = near & -near; part !== 0; part = (part - near) & near) {
      grow(set | part, excluded | near, found);
    }
  };
  const complements = (set: RelationSet): void => {
    const lowest = 31 - Math.clz32(set & -set);
    const excluded = upTo(lowest) | set;
    const near = graph.neighbors(set) & ~excluded;
    for (let index = graph.relations.length - 1; index >= 0; index--) {
      if (!(near & (1 << index))) continue;
      visit(set, 1 << index);
      grow(1 << index, excluded | (upTo(index) & near), (other) => visit(set, other));
    }
  };
  for (let index = graph.relations.length - 1; index >= 0; index--) {
    complements(1 << index);
    grow(1 << index, upTo(index), complements);
  }
}

// --- Greedy -------------------------------------------------------------------------------------

function greedy(graph: JoinGraph): JoinTree {
  const trees: JoinTree[] = graph.relations.map(({ index }) => ({
    kind: "relation",
    set: 1 << index,
    cost: 0,
  }));
  while (trees.length > 1) {
    let best:
      | { readonly tree: JoinTree; readonly parts: readonly JoinTree[]; readonly own: number }
      | undefined;
    for (const left of trees) {
      for (const right of trees) {
        if (left === right) continue;
        const tree = join(graph, left, right);
        if (tree === undefined) continue;
        const connected = (graph.neighbors(left.set) & right.set) !== 0;
        const own = (connected ? 1 : 1e30) *
          (graph.rows(tree.set) + (tree.cost - left.cost - right.cost) / 4);
        if (best === undefined || own < best.own) best = { tree, parts: [left, right], own };
      }
    }
    if (best === undefined) throw new InvariantError("invariant", "A join region cannot be joined");
    const { tree, parts } = best;
    for (const part of parts) trees.splice(trees.indexOf(part), 1);
    trees.push(tree);
  }
  return trees[0]!;
}

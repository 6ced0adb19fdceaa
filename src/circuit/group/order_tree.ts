/**
 * Order tree: the weighted items of each group in order, for the least, the greatest, the k-th and the most
 * frequent one.
 *
 * One treap for each group, all in the same arrays; items are nodes, and node 0 is none.
 *
 * ```
 * #roots[group] ─► 4 ──right─► 7        an item comes after those on its left and before those on its right;
 *                  └─left─► 2 ─► ...    a parent has a greater priority than its children
 * sizes[4] = weights of 2, 4, 7, ...
 * ```
 *
 * Priorities are pseudo-random, so that finding, adding, removing and selecting visit O(log items of the group)
 * nodes, expected. 28 bytes a node, 4 more with maxima. Seidel and Aragon, "Randomized Search Trees", 1996.
 *
 * @module
 */
import { grownFloat64, grownInt32 } from "../../exec/aggregates/accumulator.ts";

/** No path is ever so long: expected are twice the logarithm of the number of items. */
const PATH_MAX = 1024;

/** Negative when item `a` comes before item `b`; 0 for no other item than itself. */
export type CompareItems = (a: number, b: number) => number;

/** See the module header. */
export class OrderTree {
  /** Weight by node: how often the item is there. */
  weights: Int32Array = new Int32Array(16);
  /** Nodes looked at so far. */
  visited = 0;
  readonly #compare: CompareItems;
  #roots: Int32Array = new Int32Array(16);
  #left: Int32Array = new Int32Array(16);
  #right: Int32Array = new Int32Array(16);
  /** 0 for nodes that are in no tree. */
  #priorities: Int32Array = new Int32Array(16);
  /** Weight of a node and all below it. */
  #sizes: Float64Array = new Float64Array(16);
  /** Greatest weight of a node and all below it, where wanted. */
  #maxima: Int32Array | null = null;
  /** From the root to where the last search ended. */
  #path: Int32Array = new Int32Array(64);
  #depth = 0;
  /** Order of the item that was searched for against the last one on the path. */
  #side = 0;
  #seed = 0;

  constructor(compare: CompareItems) {
    this.#compare = compare;
  }

  get stateBytes(): number {
    return this.#roots.byteLength + this.weights.byteLength + this.#left.byteLength + this.#right.byteLength +
      this.#priorities.byteLength + this.#sizes.byteLength + (this.#maxima?.byteLength ?? 0);
  }

  /** Makes room for groups below `count`. */
  reserveGroups(count: number): void {
    this.#roots = grownInt32(this.#roots, count);
  }

  /** Makes room for nodes below `count`. */
  reserveNodes(count: number): void {
    if (this.weights.length >= count) return;
    this.weights = grownInt32(this.weights, count);
    this.#left = grownInt32(this.#left, count);
    this.#right = grownInt32(this.#right, count);
    this.#priorities = grownInt32(this.#priorities, count);
    this.#sizes = grownFloat64(this.#sizes, count);
    if (this.#maxima !== null) this.#maxima = grownInt32(this.#maxima, count);
  }

  /** Keeps greatest weights from now on; there must be no item yet. */
  keepMaxima(): void {
    this.#maxima ??= new Int32Array(this.weights.length);
  }

  /** Whether a node is in a tree. */
  has(node: number): boolean {
    return this.#priorities[node] !== 0;
  }

  /** The node that `item` compares to as 0, or 0. The next `change` or `insert` may use the search. */
  find(group: number, item: number): number {
    let node = this.#roots[group]!;
    let depth = 0;
    while (node !== 0) {
      const side = this.#compare(item, node);
      if (depth === this.#path.length) this.#path = grownInt32(this.#path, depth + 1);
      this.#path[depth++] = node;
      this.#side = side;
      if (side === 0) break;
      node = side < 0 ? this.#left[node]! : this.#right[node]!;
    }
    this.#depth = depth;
    this.visited += depth;
    return node;
  }

  /** As `find`, for items that are numbers, by node in `numbers`: -0 before 0, NaN last. */
  findNumber(group: number, value: number, numbers: Float64Array): number {
    if (this.#path.length < PATH_MAX) this.#path = new Int32Array(PATH_MAX);
    const depth = searchNumber(value, numbers, this.#left, this.#right, this.#roots[group]!, this.#path);
    this.visited += depth;
    this.#depth = depth;
    if (depth === 0) return 0;
    const node = this.#path[depth - 1]!;
    this.#side = compareNumbers(value, numbers[node]!);
    return this.#side === 0 ? node : 0;
  }

  /** Adds to the weight of the node that the last `find` gave. */
  change(node: number, weight: number): void {
    this.weights[node]! += weight;
    this.#grow(this.#depth, weight);
  }

  /** Adds a node where the last `find`, of this group and item, ended without finding it. */
  insert(group: number, node: number, weight: number): void {
    this.weights[node] = weight;
    this.#left[node] = 0;
    this.#right[node] = 0;
    const priority = this.#nextPriority();
    this.#priorities[node] = priority;
    this.#pull(node);
    const path = this.#path;
    let i = this.#depth - 1;
    if (i < 0) this.#roots[group] = node;
    else if (this.#side < 0) this.#left[path[i]!] = node;
    else this.#right[path[i]!] = node;
    for (; i >= 0 && this.#priorities[path[i]!]! < priority; i--) {
      const parent = path[i]!;
      if (this.#left[parent] === node) {
        this.#left[parent] = this.#right[node]!;
        this.#right[node] = parent;
      } else {
        this.#right[parent] = this.#left[node]!;
        this.#left[node] = parent;
      }
      this.#pull(parent);
      this.#pull(node);
      this.#replaceChild(group, i, parent, node);
    }
    this.#grow(i + 1, weight);
  }

  /** Takes the node out that the last `find`, of this group, gave. */
  remove(group: number, node: number): void {
    const depth = this.#depth - 1;
    const left = this.#left[node]!;
    const right = this.#right[node]!;
    this.#replaceChild(
      group,
      depth,
      node,
      left === 0 || right === 0 ? left + right : this.#merged(left, right),
    );
    this.#grow(depth, -this.weights[node]!);
    this.#priorities[node] = 0;
    this.weights[node] = 0;
  }

  /** The weight of all items of a group. */
  total(group: number): number {
    return this.#sizes[this.#roots[group]!]!;
  }

  /** The first item of a group, or 0. */
  first(group: number): number {
    let node = this.#roots[group]!;
    while (this.#left[node] !== 0) node = this.#left[node]!;
    return node;
  }

  /** The last item of a group, or 0. */
  last(group: number): number {
    let node = this.#roots[group]!;
    while (this.#right[node] !== 0) node = this.#right[node]!;
    return node;
  }

  /** The item at a place, counted by weight from 0 on, in a group whose total is greater than that. */
  at(group: number, place: number): number {
    let node = this.#roots[group]!;
    let rest = place;
    for (;;) {
      this.visited++;
      const before = this.#sizes[this.#left[node]!]!;
      if (rest < before) node = this.#left[node]!;
      else if (rest < before + this.weights[node]! || this.#right[node] === 0) return node;
      else {
        rest -= before + this.weights[node]!;
        node = this.#right[node]!;
      }
    }
  }

  /** Of the items with the greatest weight the first or the last one, or 0 in an empty group. */
  heaviest(group: number, last: boolean): number {
    const maxima = this.#maxima!;
    let node = this.#roots[group]!;
    if (node === 0) return 0;
    const greatest = maxima[node]!;
    const near = last ? this.#right : this.#left;
    const far = last ? this.#left : this.#right;
    for (;;) {
      this.visited++;
      if (near[node] !== 0 && maxima[near[node]!] === greatest) node = near[node]!;
      else if (this.weights[node] === greatest) return node;
      else node = far[node]!;
    }
  }

  /** The items of a group in order. O(items). */
  items(group: number): number[] {
    const items: number[] = [];
    const above: number[] = [];
    let node = this.#roots[group]!;
    while (node !== 0 || above.length > 0) {
      while (node !== 0) {
        above.push(node);
        node = this.#left[node]!;
      }
      node = above.pop()!;
      items.push(node);
      node = this.#right[node]!;
    }
    return items;
  }

  /** Gives `groups` the ids from 0 on, and `nodes` the ids from 1 on; the others are gone. O(all). */
  renumber(groups: Int32Array, nodes: Int32Array): void {
    const ids = new Int32Array(this.weights.length);
    for (let i = 0; i < nodes.length; i++) ids[nodes[i]!] = i + 1;
    const room = Math.max(16, nodes.length + 1);
    const left = new Int32Array(room);
    const right = new Int32Array(room);
    const weights = new Int32Array(room);
    const priorities = new Int32Array(room);
    const sizes = new Float64Array(room);
    const maxima = this.#maxima === null ? null : new Int32Array(room);
    for (let i = 0; i < nodes.length; i++) {
      const node = nodes[i]!;
      left[i + 1] = ids[this.#left[node]!]!;
      right[i + 1] = ids[this.#right[node]!]!;
      weights[i + 1] = this.weights[node]!;
      priorities[i + 1] = this.#priorities[node]!;
      sizes[i + 1] = this.#sizes[node]!;
      if (maxima !== null) maxima[i + 1] = this.#maxima![node]!;
    }
    const roots = new Int32Array(Math.max(16, groups.length));
    for (let i = 0; i < groups.length; i++) roots[i] = ids[this.#roots[groups[i]!] ?? 0]!;
    this.#roots = roots;
    this.#left = left;
    this.#right = right;
    this.weights = weights;
    this.#priorities = priorities;
    this.#sizes = sizes;
    this.#maxima = maxima;
  }

  #nextPriority(): number {
    let mixed = Math.imul(++this.#seed, 0x9e3779b1);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x85ebca6b);
    return ((mixed ^ (mixed >>> 13)) & 0x7fffffff) | 1;
  }

  #pull(node: number): void {
    const left = this.#left[node]!;
    const right = this.#right[node]!;
    const weight = this.weights[node]!;
    this.#sizes[node] = this.#sizes[left]! + this.#sizes[right]! + weight;
    const maxima = this.#maxima;
    if (maxima !== null) maxima[node] = Math.max(weight, maxima[left]!, maxima[right]!);
  }

  /** The first `depth` nodes of the path have got `weight` more below or at them. */
  #grow(depth: number, weight: number): void {
    const path = this.#path;
    if (this.#maxima !== null) {
      for (let i = depth - 1; i >= 0; i--) this.#pull(path[i]!);
      return;
    }
    const sizes = this.#sizes;
    if (weight !== 0) { for (let i = 0; i < depth; i++) sizes[path[i]!]! += weight; }
  }

  /** Puts `node` in the place of `old`, which stands at `depth` on the path. */
  #replaceChild(group: number, depth: number, old: number, node: number): void {
    if (depth === 0) {
      this.#roots[group] = node;
      return;
    }
    const parent = this.#path[depth - 1]!;
    if (this.#left[parent] === old) this.#left[parent] = node;
    else this.#right[parent] = node;
  }

  /** One tree of two, all of whose items are in order. */
  #merged(a: number, b: number): number {
    if (a === 0) return b;
    if (b === 0) return a;
    this.visited++;
    if (this.#priorities[a]! > this.#priorities[b]!) {
      this.#right[a] = this.#merged(this.#right[a]!, b);
      this.#pull(a);
      return a;
    }
    this.#left[b] = this.#merged(a, this.#left[b]!);
    this.#pull(b);
    return b;
  }
}

/** Writes the nodes from `root` to `value`, or to where it would stand, to `path`; gives their number. */
function searchNumber(
  value: number,
  numbers: Float64Array,
  left: Int32Array,
  right: Int32Array,
  root: number,
  path: Int32Array,
): number {
  let depth = 0;
  let node = root;
  while (node !== 0) {
    path[depth++] = node;
    const other = numbers[node]!;
    if (value < other) node = left[node]!;
    else if (value > other) node = right[node]!;
    else {
      const order = compareNumbers(value, other);
      if (order === 0) break;
      node = order < 0 ? left[node]! : right[node]!;
    }
  }
  return depth;
}

/** -0 before 0, NaN last. */
function compareNumbers(a: number, b: number): number {
  if (a < b) return -1;
  if (a > b) return 1;
  if (a === b) return a !== 0 ? 0 : Number(1 / a > 0) - Number(1 / b > 0);
  return Number(a !== a) - Number(b !== b);
}

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
 * nodes, expected. 32 bytes a node, 4 more with maxima. Seidel and Aragon, "Randomized Search Trees", 1996.
 *
 * @module
 */
import { grownInt32 } from "../../exec/aggregates/accumulator.ts";

/** Longest path; for a thousand million items the expected one has 60 nodes, and one of 256 will not be seen. */
const PATH_MAX = 256;

// A record has 32 bytes, so that looking at a node is one access to memory: two doubles and four words.
const WORDS = 8;
const LEFT = 4;
const RIGHT = 5;
const WEIGHT = 6;
/** 0 for nodes that are in no tree. */
const PRIORITY = 7;
const DOUBLES = 4;
/** The item where it is a number. */
const NUMBER = 0;
/** Weight of a node and all below it. */
const SIZE = 1;

/** Negative when item `a` comes before item `b`; 0 for no other item than itself. */
export type CompareItems = (a: number, b: number) => number;

/** See the module header. */
export class OrderTree {
  /** Nodes looked at so far. */
  visited = 0;
  readonly #compare: CompareItems;
  #roots: Int32Array = new Int32Array(16);
  /** The records of nodes, as whole numbers and as doubles. */
  #words: Int32Array = new Int32Array(16 * WORDS);
  #doubles: Float64Array = new Float64Array(this.#words.buffer);
  /** Greatest weight of a node and all below it, where wanted. */
  #maxima: Int32Array | null = null;
  /** From the root to where the last search ended. */
  readonly #path: Int32Array = new Int32Array(PATH_MAX);
  #depth = 0;
  /** Order of the item that was searched for against the last one on the path. */
  #side = 0;
  #seed = 0;

  constructor(compare: CompareItems) {
    this.#compare = compare;
  }

  get stateBytes(): number {
    return this.#roots.byteLength + this.#words.byteLength + (this.#maxima?.byteLength ?? 0);
  }

  /** Makes room for groups below `count`. */
  reserveGroups(count: number): void {
    this.#roots = grownInt32(this.#roots, count);
  }

  /** Makes room for nodes below `count`. */
  reserveNodes(count: number): void {
    if (this.#words.length >= count * WORDS) return;
    this.#words = grownInt32(this.#words, count * WORDS);
    this.#doubles = new Float64Array(this.#words.buffer, 0, this.#words.length >> 1);
    if (this.#maxima !== null) this.#maxima = grownInt32(this.#maxima, Math.ceil(this.#words.length / WORDS));
  }

  /** Keeps greatest weights from now on; there must be no item yet. */
  keepMaxima(): void {
    this.#maxima ??= new Int32Array(this.#words.length / WORDS);
  }

  /** Whether a node is in a tree. */
  has(node: number): boolean {
    return this.#words[node * WORDS + PRIORITY] !== 0;
  }

  /** How often an item is there. */
  weight(node: number): number {
    return this.#words[node * WORDS + WEIGHT]!;
  }

  /** The item of a node where it is a number. */
  number(node: number): number {
    return this.#doubles[node * DOUBLES + NUMBER]!;
  }

  /** Sets the number of a node that is to be inserted. */
  setNumber(node: number, value: number): void {
    this.#doubles[node * DOUBLES + NUMBER] = value;
  }

  /** The node that `item` compares to as 0, or 0. The next `change` or `insert` may use the search. */
  find(group: number, item: number): number {
    let node = this.#roots[group]!;
    let depth = 0;
    while (node !== 0) {
      const side = this.#compare(item, node);
      this.#path[depth++] = node;
      this.#side = side;
      if (side === 0) break;
      node = this.#words[node * WORDS + (side < 0 ? LEFT : RIGHT)]!;
    }
    this.#depth = depth;
    this.visited += depth;
    return node;
  }

  /** As `find`, for items that are numbers: -0 before 0, NaN last. */
  findNumber(group: number, value: number): number {
    const depth = searchNumber(value, this.#words, this.#doubles, this.#roots[group]!, this.#path);
    this.visited += depth;
    this.#depth = depth;
    if (depth === 0) return 0;
    const node = this.#path[depth - 1]!;
    this.#side = compareNumbers(value, this.#doubles[node * DOUBLES + NUMBER]!);
    return this.#side === 0 ? node : 0;
  }

  /** Adds to the weight of the node that the last `find` gave. */
  change(node: number, weight: number): void {
    this.#words[node * WORDS + WEIGHT]! += weight;
    this.#grow(this.#depth, weight);
  }

  /** Adds a node where the last `find`, of this group and item, ended without finding it. */
  insert(group: number, node: number, weight: number): void {
    const words = this.#words;
    const at = node * WORDS;
    const priority = this.#nextPriority();
    words[at + LEFT] = 0;
    words[at + RIGHT] = 0;
    words[at + WEIGHT] = weight;
    words[at + PRIORITY] = priority;
    this.#pull(node);
    const path = this.#path;
    let i = this.#depth - 1;
    if (i < 0) this.#roots[group] = node;
    else words[path[i]! * WORDS + (this.#side < 0 ? LEFT : RIGHT)] = node;
    for (; i >= 0 && words[path[i]! * WORDS + PRIORITY]! < priority; i--) {
      const parent = path[i]!;
      const [near, far] = words[parent * WORDS + LEFT] === node ? [LEFT, RIGHT] : [RIGHT, LEFT];
      words[parent * WORDS + near] = words[at + far]!;
      words[at + far] = parent;
      this.#pull(parent);
      this.#pull(node);
      this.#replaceChild(group, i, parent, node);
    }
    this.#grow(i + 1, weight);
  }

  /** Takes the node out that the last `find`, of this group, gave. */
  remove(group: number, node: number): void {
    const depth = this.#depth - 1;
    const at = node * WORDS;
    const left = this.#words[at + LEFT]!;
    const right = this.#words[at + RIGHT]!;
    const rest = left === 0 || right === 0 ? left + right : this.#merged(left, right);
    this.#replaceChild(group, depth, node, rest);
    this.#grow(depth, -this.#words[at + WEIGHT]!);
    this.#words[at + PRIORITY] = 0;
    this.#words[at + WEIGHT] = 0;
  }

  /** The weight of all items of a group. */
  total(group: number): number {
    return this.#doubles[this.#roots[group]! * DOUBLES + SIZE]!;
  }

  /** The first item of a group, or 0. */
  first(group: number): number {
    return this.#end(group, LEFT);
  }

  /** The last item of a group, or 0. */
  last(group: number): number {
    return this.#end(group, RIGHT);
  }

  /** The item at a place, counted by weight from 0 on, in a group whose total is greater than that. */
  at(group: number, place: number): number {
    const words = this.#words;
    let node = this.#roots[group]!;
    let rest = place;
    for (;;) {
      this.visited++;
      const left = words[node * WORDS + LEFT]!;
      const right = words[node * WORDS + RIGHT]!;
      const before = this.#doubles[left * DOUBLES + SIZE]!;
      const through = before + words[node * WORDS + WEIGHT]!;
      if (rest < before) node = left;
      else if (rest < through || right === 0) return node;
      else {
        rest -= through;
        node = right;
      }
    }
  }

  /** The weight of the items for which `isBefore` holds: those before some place. */
  weightBefore(group: number, isBefore: (node: number) => boolean): number {
    let node = this.#roots[group]!;
    let weight = 0;
    while (node !== 0) {
      this.visited++;
      const left = this.#words[node * WORDS + LEFT]!;
      if (isBefore(node)) {
        weight += this.#doubles[left * DOUBLES + SIZE]! + this.weight(node);
        node = this.#words[node * WORDS + RIGHT]!;
      } else node = left;
    }
    return weight;
  }

  /** Of the items with the greatest weight the first or the last one, or 0 in an empty group. */
  heaviest(group: number, last: boolean): number {
    const maxima = this.#maxima!;
    let node = this.#roots[group]!;
    if (node === 0) return 0;
    const greatest = maxima[node]!;
    const [near, far] = last ? [RIGHT, LEFT] : [LEFT, RIGHT];
    for (;;) {
      this.visited++;
      const next = this.#words[node * WORDS + near]!;
      if (next !== 0 && maxima[next] === greatest) node = next;
      else if (this.weight(node) === greatest) return node;
      else node = this.#words[node * WORDS + far]!;
    }
  }

  /** The first item of a group that comes after `item`, which need not be there, or 0. */
  after(group: number, item: number): number {
    let found = 0;
    let node = this.#roots[group]!;
    while (node !== 0) {
      this.visited++;
      const comesAfter = this.#compare(item, node) < 0;
      if (comesAfter) found = node;
      node = this.#words[node * WORDS + (comesAfter ? LEFT : RIGHT)]!;
    }
    return found;
  }

  /** The last item of a group that comes before `item`, which need not be there, or 0. */
  before(group: number, item: number): number {
    let found = 0;
    let node = this.#roots[group]!;
    while (node !== 0) {
      this.visited++;
      const comesBefore = this.#compare(item, node) > 0;
      if (comesBefore) found = node;
      node = this.#words[node * WORDS + (comesBefore ? RIGHT : LEFT)]!;
    }
    return found;
  }

  /** The items of a group in order. O(items). */
  items(group: number): number[] {
    const items: number[] = [];
    const above: number[] = [];
    let node = this.#roots[group]!;
    while (node !== 0 || above.length > 0) {
      while (node !== 0) {
        above.push(node);
        node = this.#words[node * WORDS + LEFT]!;
      }
      node = above.pop()!;
      items.push(node);
      node = this.#words[node * WORDS + RIGHT]!;
    }
    return items;
  }

  /** Gives `groups` the ids from 0 on, and `nodes` the ids from 1 on; the others are gone. O(all). */
  renumber(groups: Int32Array, nodes: Int32Array): void {
    const old = this.#words;
    const ids = new Int32Array(old.length / WORDS);
    for (let i = 0; i < nodes.length; i++) ids[nodes[i]!] = i + 1;
    const words = new Int32Array(Math.max(16, nodes.length + 1) * WORDS);
    const maxima = this.#maxima === null ? null : new Int32Array(words.length / WORDS);
    for (let i = 0; i < nodes.length; i++) {
      const from = nodes[i]! * WORDS;
      const to = (i + 1) * WORDS;
      for (let j = 0; j < WORDS; j++) words[to + j] = old[from + j]!;
      words[to + LEFT] = ids[old[from + LEFT]!]!;
      words[to + RIGHT] = ids[old[from + RIGHT]!]!;
      if (maxima !== null) maxima[i + 1] = this.#maxima![nodes[i]!]!;
    }
    const roots = new Int32Array(Math.max(16, groups.length));
    for (let i = 0; i < groups.length; i++) roots[i] = ids[this.#roots[groups[i]!] ?? 0]!;
    this.#roots = roots;
    this.#words = words;
    this.#doubles = new Float64Array(words.buffer);
    this.#maxima = maxima;
  }

  /** The node that has none on a side, or 0. */
  #end(group: number, side: typeof LEFT | typeof RIGHT): number {
    const words = this.#words;
    let node = this.#roots[group]!;
    let next = words[node * WORDS + side]!;
    while (next !== 0) {
      this.visited++;
      node = next;
      next = words[node * WORDS + side]!;
    }
    return node;
  }

  #nextPriority(): number {
    let mixed = Math.imul(++this.#seed, 0x9e3779b1);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x85ebca6b);
    return ((mixed ^ (mixed >>> 13)) & 0x7fffffff) | 1;
  }

  #pull(node: number): void {
    const words = this.#words;
    const doubles = this.#doubles;
    const left = words[node * WORDS + LEFT]!;
    const right = words[node * WORDS + RIGHT]!;
    const weight = words[node * WORDS + WEIGHT]!;
    doubles[node * DOUBLES + SIZE] = doubles[left * DOUBLES + SIZE]! + doubles[right * DOUBLES + SIZE]! +
      weight;
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
    const doubles = this.#doubles;
    for (let i = 0; i < depth; i++) doubles[path[i]! * DOUBLES + SIZE]! += weight;
  }

  /** Puts `node` in the place of `old`, which stands at `depth` on the path. */
  #replaceChild(group: number, depth: number, old: number, node: number): void {
    if (depth === 0) {
      this.#roots[group] = node;
      return;
    }
    const at = this.#path[depth - 1]! * WORDS;
    this.#words[at + (this.#words[at + LEFT] === old ? LEFT : RIGHT)] = node;
  }

  /** One tree of two, all of whose items are in order. */
  #merged(a: number, b: number): number {
    if (a === 0) return b;
    if (b === 0) return a;
    this.visited++;
    const words = this.#words;
    if (words[a * WORDS + PRIORITY]! > words[b * WORDS + PRIORITY]!) {
      words[a * WORDS + RIGHT] = this.#merged(words[a * WORDS + RIGHT]!, b);
      this.#pull(a);
      return a;
    }
    words[b * WORDS + LEFT] = this.#merged(a, words[b * WORDS + LEFT]!);
    this.#pull(b);
    return b;
  }
}

/** Writes the nodes from `root` to `value`, or to where it would stand, to `path`; gives their number. */
function searchNumber(
  value: number,
  words: Int32Array,
  doubles: Float64Array,
  root: number,
  path: Int32Array,
): number {
  let depth = 0;
  let node = root;
  while (node !== 0) {
    path[depth++] = node;
    const other = doubles[node * DOUBLES + NUMBER]!;
    if (value < other) node = words[node * WORDS + LEFT]!;
    else if (value > other) node = words[node * WORDS + RIGHT]!;
    else {
      const order = compareNumbers(value, other);
      if (order === 0) break;
      node = words[node * WORDS + (order < 0 ? LEFT : RIGHT)]!;
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

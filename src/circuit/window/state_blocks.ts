/**
 * State blocks: the rows of a run in blocks, each with the state of an aggregate over its rows.
 *
 * ```
 * rows      0 .. 40 | 41 .. 99 | 100 .. 131        the state before row 110: that of the first two blocks, and
 * states       A          B           C            rows 100 to 109
 *              A B ─────┘             C  ...       a tree over the blocks merges them
 * ```
 *
 * Blocks follow the rows that come and go, and are cut when they are full. The state before a row is merged from
 * O(log n) nodes of the tree and the rows of a part of a block; a change makes the states of its block and of the
 * nodes above anew. When the number of blocks changes the tree is made anew, O(n / 32), which takes many changes.
 *
 * @module
 */
import type { RunningAggregate } from "./running_aggregate.ts";

/** Rows at which a block is cut. */
const BLOCK_ROWS = 32;
/** Rows of two neighbours up to which they become one. */
const JOINED_ROWS = 16;
const STATE_BYTES = 120;

/** A row that came, or went, in the order of the run. */
export interface BlockMark {
  /** Rows before it, after the change. */
  readonly position: number;
  readonly kind: "came" | "gone" | "changed";
}

/** Where the state before a row is taken up: the rows from `from` on are to be added. */
export interface BlockState<State> {
  readonly state: State;
  readonly from: number;
}

/** See the module header. */
export class StateBlocks<State> {
  readonly #aggregate: RunningAggregate<State>;
  /** Rows of each block. */
  #counts: number[] = [];
  /** The first row of each block. */
  #starts: number[] = [];
  /** Node i is merged from nodes 2i and 2i + 1; blocks are in the second half. */
  #tree: (State | undefined)[] = [];
  #capacity = 0;

  constructor(aggregate: RunningAggregate<State>) {
    this.#aggregate = aggregate;
  }

  get stateBytes(): number {
    return this.#capacity * 2 * STATE_BYTES + this.#counts.length * 16;
  }

  /**
   * Follows rows that came, went, or hold something else, which are in order. `stateOf` adds up rows [from, to).
   */
  apply(marks: readonly BlockMark[], stateOf: (from: number, to: number) => State): void {
    const dirty = this.#place(marks);
    const wasCount = this.#counts.length;
    const counts: number[] = [];
    const states: (State | undefined)[] = [];
    let isSame = true;
    for (let b = 0; b < wasCount; b++) {
      const count = this.#counts[b]!;
      if (count === 0 || count > BLOCK_ROWS) isSame = false;
      const last = counts.length - 1;
      const isOpen = dirty[b] === 1 || states[last] === undefined;
      if (last >= 0 && isOpen && counts[last]! + count <= JOINED_ROWS) {
        counts[last]! += count;
        states[last] = undefined;
        isSame = false;
        continue;
      }
      const parts = Math.ceil(count / BLOCK_ROWS);
      for (let i = 0; i < parts; i++) {
        counts.push(Math.floor(count * (i + 1) / parts) - Math.floor(count * i / parts));
        states.push(dirty[b] === 1 ? undefined : this.#tree[this.#capacity + b]);
      }
    }
    this.#counts = counts;
    this.#starts = startsOf(counts);
    if (isSame) this.#update(dirty, stateOf);
    else this.#rebuild(states, stateOf);
  }

  /** The state before row `row`, but for the last rows of its block. */
  before(row: number): BlockState<State> {
    const block = this.#blockOf(row);
    let state = this.#aggregate.init();
    if (block < 0) return { state, from: 0 };
    // The nodes that cover the blocks before it, from right to left.
    const nodes: State[] = [];
    for (let node = this.#capacity + block; node > 1; node >>= 1) {
      const left = this.#tree[node - 1];
      if ((node & 1) === 1 && left !== undefined) nodes.push(left);
    }
    for (const node of nodes.reverse()) state = this.#aggregate.merge(state, node);
    return { state, from: this.#starts[block]! };
  }

  /** Counts the rows of blocks anew; gives by block 1 where its state is not known any more. */
  #place(marks: readonly BlockMark[]): Uint8Array {
    if (this.#counts.length === 0) {
      this.#counts.push(0);
      this.#starts.push(0);
    }
    const dirty = new Uint8Array(this.#counts.length);
    const starts = this.#starts;
    let came = 0;
    let gone = 0;
    let block = 0;
    for (const { position, kind } of marks) {
      // In the order of before the change.
      const old = position - came + gone;
      while (block + 1 < starts.length && starts[block + 1]! <= old) block++;
      dirty[block] = 1;
      if (kind === "came") {
        came++;
        this.#counts[block]!++;
      } else if (kind === "gone") {
        gone++;
        this.#counts[block]!--;
      }
    }
    return dirty;
  }

  #update(dirty: Uint8Array, stateOf: (from: number, to: number) => State): void {
    for (let b = 0; b < dirty.length; b++) {
      if (dirty[b] === 0) continue;
      const from = this.#starts[b]!;
      const to = from + this.#counts[b]!;
      this.#tree[this.#capacity + b] = stateOf(from, to);
      for (let node = (this.#capacity + b) >> 1; node > 0; node >>= 1) this.#join(node);
    }
  }

  #rebuild(states: readonly (State | undefined)[], stateOf: (from: number, to: number) => State): void {
    let capacity = 1;
    while (capacity < states.length) capacity *= 2;
    this.#capacity = capacity;
    this.#tree = new Array<State | undefined>(capacity * 2).fill(undefined);
    for (let b = 0; b < states.length; b++) {
      const from = this.#starts[b]!;
      const to = from + this.#counts[b]!;
      const known = states[b];
      this.#tree[capacity + b] = known === undefined ? stateOf(from, to) : known;
    }
    for (let node = capacity - 1; node > 0; node--) this.#join(node);
  }

  #join(node: number): void {
    const left = this.#tree[node * 2];
    const right = this.#tree[node * 2 + 1];
    if (left === undefined || right === undefined) this.#tree[node] = left === undefined ? right : left;
    else this.#tree[node] = this.#aggregate.merge(this.#aggregate.copy(left), right);
  }

  /** The block with a row, the last one for rows behind it; -1 when there is none. */
  #blockOf(row: number): number {
    let low = 0;
    let high = this.#starts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#starts[middle]! <= row) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}

function startsOf(counts: readonly number[]): number[] {
  const starts: number[] = [];
  let start = 0;
  for (const count of counts) {
    starts.push(start);
    start += count;
  }
  return starts;
}

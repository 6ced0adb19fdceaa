/**
 * How many rows of one side of a join have a key, and which keys have gained their first or lost their last row.
 *
 * | counts | for | state |
 * |---|---|---|
 * | kept | any input | a number for each key |
 * | stored | an unfiltered table by plain columns | none: the index counts, up to one more than the change brought |
 *
 * O(1) a changed row; a stored key of a change that brought n rows looks at n + 1 rows at most.
 *
 * @module
 */
import { grownInt32 } from "../../exec/aggregates/accumulator.ts";
import { gatherVector } from "../../exec/gather_vector.ts";
import { type KeyColumn, KeyTable } from "../../exec/key_table.ts";
import { ProbeKeys } from "../../storage/probe_keys.ts";
import { INTEGER, type SqlType } from "../../storage/sql_type.ts";
import type { Vector } from "../../storage/vector.ts";
import { DeltaKeys } from "./delta_keys.ts";
import type { StoredAccess } from "./join_side.ts";

/** Counts are told up to here: none, one, more. */
export const MANY = 2;
/** Keys below which those without rows are not worth removing. */
const COMPACT_KEYS = 1024;
/** Arrays up to this length are kept for the next epoch. */
const KEPT_LENGTH = 65536;

/** See the module header. */
export interface MatchCounts {
  readonly stateBytes: number;
  /** Takes the change of an epoch; `keys` are those of its rows. */
  change(keys: readonly Vector[], weights: Int32Array, size: number): void;
  /** Keys that had no row and have one now, or the other way round. */
  readonly crossedCount: number;
  /** Positions in the change of a row with each crossed key. */
  readonly crossedRows: Int32Array;
  /** 1 where the crossed key has rows now. */
  readonly crossedNow: Uint8Array;
  /**
   * Writes the number of rows of each of `size` keys to `counts`, up to MANY; and to `before`, when it is given,
   * whether it had one before the epoch.
   */
  find(keys: readonly Vector[], size: number, counts: Int32Array, before: Uint8Array | null): void;
  /** The epoch ends: forgets its change, and keys without rows when most are such. */
  settle(): void;
}

/** Counts that are kept. */
export class KeptCounts implements MatchCounts {
  readonly #columns: readonly KeyColumn[];
  #keys: KeyTable;
  #counts: Int32Array = new Int32Array(16);
  #liveCount = 0;
  /** By key: 1 while its count before the epoch is in `#before`. */
  #isTouched: Uint8Array = new Uint8Array(16);
  #before: Int32Array = new Int32Array(16);
  #isCrossed: Uint8Array = new Uint8Array(16);
  #ids: Int32Array = new Int32Array(16);
  #touched: Int32Array = new Int32Array(16);
  #crossedIds: Int32Array = new Int32Array(16);
  crossedRows: Int32Array = new Int32Array(16);
  crossedNow: Uint8Array = new Uint8Array(16);
  crossedCount = 0;

  constructor(types: readonly SqlType[], nullIsKey: boolean) {
    this.#columns = types.length === 0 ? [{ type: INTEGER }] : types.map((type) => ({ type, nullIsKey }));
    this.#keys = new KeyTable(this.#columns);
  }

  get stateBytes(): number {
    return this.#keys.memoryBytes + this.#counts.byteLength + this.#before.byteLength +
      this.#isTouched.byteLength + this.#isCrossed.byteLength;
  }

  change(keys: readonly Vector[], weights: Int32Array, size: number): void {
    if (size === 0) return;
    this.#reserveRows(size);
    const ids = this.#ids;
    this.#keys.assign(keyVectors(keys, size), size, ids);
    this.#reserveKeys(this.#keys.count);
    let touched = 0;
    for (let i = 0; i < size; i++) {
      const id = ids[i]!;
      if (id < 0) continue;
      const count = this.#counts[id]!;
      if (this.#isTouched[id] === 0) {
        this.#isTouched[id] = 1;
        this.#before[id] = count;
        this.#touched[touched++] = i;
      }
      this.#counts[id] = count + weights[i]!;
    }
    for (let j = 0; j < touched; j++) {
      const row = this.#touched[j]!;
      const id = ids[row]!;
      this.#isTouched[id] = 0;
      const now = Number(this.#counts[id]! > 0);
      const difference = now - Number(this.#before[id]! > 0);
      if (difference === 0) continue;
      this.#liveCount += difference;
      this.#isCrossed[id] = 1;
      this.#crossedIds[this.crossedCount] = id;
      this.crossedRows[this.crossedCount] = row;
      this.crossedNow[this.crossedCount++] = now;
    }
  }

  find(keys: readonly Vector[], size: number, counts: Int32Array, before: Uint8Array | null): void {
    this.#reserveRows(size);
    const ids = this.#ids;
    this.#keys.find(keyVectors(keys, size), size, ids);
    for (let i = 0; i < size; i++) counts[i] = ids[i]! < 0 ? 0 : Math.min(MANY, this.#counts[ids[i]!]!);
    if (before === null) return;
    for (let i = 0; i < size; i++) {
      const id = ids[i]!;
      before[i] = id < 0 ? 0 : Number(counts[i]! > 0) ^ this.#isCrossed[id]!;
    }
  }

  settle(): void {
    for (let i = 0; i < this.crossedCount; i++) this.#isCrossed[this.#crossedIds[i]!] = 0;
    this.crossedCount = 0;
    this.#compact();
    if (this.#ids.length <= KEPT_LENGTH) return;
    this.#ids = new Int32Array(16);
    this.#touched = new Int32Array(16);
    this.#crossedIds = new Int32Array(16);
    this.crossedRows = new Int32Array(16);
    this.crossedNow = new Uint8Array(16);
  }

  #compact(): void {
    const { count } = this.#keys;
    if (count < COMPACT_KEYS || this.#liveCount * 2 > count) return;
    const live = new Int32Array(this.#liveCount);
    let kept = 0;
    for (let id = 0; id < count; id++) if (this.#counts[id]! > 0) live[kept++] = id;
    const vectors = this.#keys.keysAt(live, kept);
    const counts = live.map((id) => this.#counts[id]!);
    this.#keys = new KeyTable(this.#columns);
    this.#reserveRows(kept);
    if (kept > 0) this.#keys.assign(vectors, kept, this.#ids);
    this.#counts = new Int32Array(Math.max(16, kept));
    this.#counts.set(counts);
    this.#isTouched = new Uint8Array(this.#counts.length);
    this.#isCrossed = new Uint8Array(this.#counts.length);
    this.#before = new Int32Array(this.#counts.length);
  }

  #reserveRows(size: number): void {
    this.#ids = grownInt32(this.#ids, size);
    this.#touched = grownInt32(this.#touched, size);
    this.#crossedIds = grownInt32(this.#crossedIds, size);
    this.crossedRows = grownInt32(this.crossedRows, size);
    this.crossedNow = grownBytes(this.crossedNow, size);
  }

  #reserveKeys(count: number): void {
    if (this.#counts.length >= count) return;
    this.#counts = grownInt32(this.#counts, count);
    this.#before = grownInt32(this.#before, this.#counts.length);
    this.#isTouched = grownBytes(this.#isTouched, this.#counts.length);
    this.#isCrossed = grownBytes(this.#isCrossed, this.#counts.length);
  }
}

/** Counts that the index of a table gives. */
export class StoredCounts implements MatchCounts {
  readonly stateBytes = 0;
  readonly #access: StoredAccess;
  readonly #changed = new DeltaKeys();
  readonly #probe = new ProbeKeys();
  #crossed: Uint8Array = new Uint8Array(16);
  #nets: Int32Array = new Int32Array(16);
  #limits: Int32Array = new Int32Array(16);
  #counts: Int32Array = new Int32Array(16);
  crossedRows: Int32Array = new Int32Array(16);
  crossedNow: Uint8Array = new Uint8Array(16);
  crossedCount = 0;

  constructor(access: StoredAccess) {
    this.#access = access;
  }

  change(keys: readonly Vector[], weights: Int32Array, size: number): void {
    this.crossedCount = 0;
    this.#changed.load(keys, size, false);
    const { count, ids, first } = this.#changed;
    this.#reserve(Math.max(size, count));
    if (count === 0) return;
    this.#nets.fill(0, 0, count);
    for (let i = 0; i < size; i++) if (ids[i]! >= 0) this.#nets[ids[i]!]! += weights[i]!;
    for (let id = 0; id < count; id++) this.#limits[id] = Math.max(0, this.#nets[id]!) + 1;
    this.#access.count(
      keys.map((key) => gatherVector(key, first, count)),
      count,
      this.#limits,
      this.#counts,
    );
    for (let id = 0; id < count; id++) {
      const now = Number(this.#counts[id]! > 0);
      const before = Number(this.#counts[id]! - this.#nets[id]! > 0);
      this.#crossed[id] = now ^ before;
      if (now === before) continue;
      this.crossedRows[this.crossedCount] = first[id]!;
      this.crossedNow[this.crossedCount++] = now;
    }
  }

  find(keys: readonly Vector[], size: number, counts: Int32Array, before: Uint8Array | null): void {
    this.#reserve(size);
    this.#limits.fill(MANY, 0, size);
    this.#access.count(keys, size, this.#limits, counts);
    if (before === null) return;
    for (let i = 0; i < size; i++) before[i] = Number(counts[i]! > 0);
    if (this.crossedCount === 0) return;
    this.#probe.load(keys, size);
    for (let i = 0; i < size; i++) {
      const id = this.#changed.find(this.#probe, i);
      if (id >= 0) before[i]! ^= this.#crossed[id]!;
    }
  }

  settle(): void {
    this.crossedCount = 0;
    this.#changed.clear();
    this.#probe.clear();
    if (this.#nets.length <= KEPT_LENGTH) return;
    this.#nets = new Int32Array(0);
    this.#crossed = new Uint8Array(0);
    this.crossedRows = new Int32Array(0);
    this.crossedNow = new Uint8Array(0);
    this.#reserve(16);
  }

  #reserve(size: number): void {
    if (this.#nets.length >= size) return;
    const length = Math.max(size, this.#nets.length * 2);
    this.#crossed = grownBytes(this.#crossed, length);
    this.#nets = new Int32Array(length);
    this.#limits = new Int32Array(length);
    this.#counts = new Int32Array(length);
    this.crossedRows = grownInt32(this.crossedRows, length);
    this.crossedNow = grownBytes(this.crossedNow, length);
  }
}

/** A table of keys needs a column: no key is a constant one. */
function keyVectors(keys: readonly Vector[], size: number): readonly Vector[] {
  return keys.length > 0 ? keys : [{ kind: "i32", values: new Int32Array(size), nulls: null }];
}

function grownBytes(array: Uint8Array, length: number): Uint8Array {
  if (array.length >= length) return array;
  const grown = new Uint8Array(Math.max(length, array.length * 2));
  grown.set(array);
  return grown;
}

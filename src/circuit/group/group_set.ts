/**
 * One grouping set of a GROUP BY: its groups, their aggregates, and the rows that were given out for them.
 *
 * ```
 * change ─► group of each row ─► accumulators ─► new values of touched groups ─► -old +new where they differ
 * ```
 *
 * What is taken back is what was given out, so the change of the output is exact whatever the accumulators did,
 * and each of its rows is there once. Groups without rows leave when half of all are such.
 *
 * @module
 */
import { grownInt32, grownUint8 } from "../../exec/aggregates/accumulator.ts";
import type { ExecutionEnvironment } from "../../exec/execution.ts";
import { materialize } from "../../exec/materialize.ts";
import { constantVector, type DenseVector, nullVector } from "../../exec/vector_build.ts";
import type { AggregateCall, PlanColumn } from "../../query/plan.ts";
import type { SqlType } from "../../storage/sql_type.ts";
import type { Vector } from "../../storage/vector.ts";
import { type Delta, placedDelta, PlaceSpace, signs } from "../delta.ts";
import { GroupKeys } from "./group_keys.ts";
import { GroupProgram } from "./group_program.ts";
import { ShownColumn } from "./shown_column.ts";

/** Groups below which empty ones are not worth removing. */
const COMPACT_GROUPS = 1024;

/** The vectors of more rows are not held until the next change. */
const KEPT_ROWS = 64;

/** What a grouping set is made of. */
export interface GroupSetOptions {
  /** Types of all keys. */
  readonly keyTypes: readonly SqlType[];
  /** Which keys are in the set. */
  readonly keys: readonly number[];
  readonly calls: readonly AggregateCall[];
  /** Values of the GROUPING columns with their types. */
  readonly grouping: readonly { readonly type: SqlType; readonly value: number }[];
  readonly input: readonly PlanColumn[];
}

/** See the module header. */
export class GroupSet {
  readonly program: GroupProgram;
  readonly #options: GroupSetOptions;
  readonly #types: readonly SqlType[];
  readonly #hasAllKeys: boolean;
  /** Absent without keys: then there is one group, also over no rows. */
  #keys: GroupKeys | null;
  readonly #columns: readonly ShownColumn[];
  /** By group: 1 when its row was given out. */
  #shown: Uint8Array = new Uint8Array(16);
  /** By group: which form of its key was given out. */
  #forms: Int32Array = new Int32Array(16);
  #shownCount = 0;
  /** By group: the last change that touched it. */
  #stamps: Int32Array = new Int32Array(16);
  #stamp = 0;
  #ids: Int32Array = new Int32Array(16);
  #touched: Int32Array = new Int32Array(16);
  /** Keys of the rows at hand. */
  readonly #keyVectors: Vector[] = [];
  /** New values of the touched groups. */
  readonly #fresh: DenseVector[] = [];
  readonly #scratch = new Scratch();
  /** The place of a row is its group. */
  readonly #space = new PlaceSpace();

  constructor(options: GroupSetOptions, environment: ExecutionEnvironment) {
    this.#options = options;
    this.#hasAllKeys = options.keyTypes.every((_, index) => options.keys[index] === index);
    this.#types = options.keys.map((index) => options.keyTypes[index]!);
    this.#keys = this.#types.length === 0 ? null : new GroupKeys(this.#types);
    this.program = new GroupProgram(options.calls, options.input, environment, options.keyTypes.length);
    this.#columns = options.calls.map((call) => new ShownColumn(call.type));
  }

  get stateBytes(): number {
    const own = (this.#keys?.memoryBytes ?? 0) + this.#shown.byteLength + this.#forms.byteLength +
      this.#stamps.byteLength + this.#space.kept.byteLength;
    return this.#columns.reduce((bytes, column) => bytes + column.stateBytes, own + this.program.stateBytes);
  }

  /**
   * The change of the output that `size` rows make; undefined for none. `vectors` are the values of all keys, and
   * then those of the program's scalars.
   */
  apply(vectors: readonly Vector[], weights: Int32Array, size: number): Delta | undefined {
    this.#assign(vectors, size);
    const groupCount = this.#groupCount;
    this.#reserve(groupCount);
    const touchedCount = this.#touch(size);
    if (size > 0) {
      this.#keys?.addWeights(weights, size);
      this.program.add(this.#ids, groupCount, vectors, weights, size);
    }
    const change = this.#change(touchedCount);
    this.#leave(touchedCount);
    if (size > KEPT_ROWS) this.#release();
    return change;
  }

  /** All rows of the output. */
  output(): Delta {
    const groups = new Int32Array(this.#shownCount);
    let count = 0;
    for (let group = 0; group < this.#groupCount; group++) {
      if (this.#shown[group] === 1) groups[count++] = group;
    }
    const forms = groups.map((group) => this.#forms[group]!);
    const columns = [
      ...this.#keyColumns(forms, count),
      ...this.#columns.map((column) => column.read(groups)),
      ...this.#groupingColumns(count),
    ];
    return this.#placed({ size: count, columns, weights: new Int32Array(count).fill(1) }, groups);
  }

  #placed(delta: Delta, groups: Int32Array): Delta {
    const { generation } = this.#space;
    return placedDelta(delta, { space: this.#space, generation, of: groups });
  }

  get #groupCount(): number {
    return this.#keys === null ? 1 : this.#keys.count;
  }

  #assign(vectors: readonly Vector[], size: number): void {
    if (this.#ids.length < size) this.#ids = new Int32Array(size);
    // Without keys all ids stay 0.
    if (this.#keys === null) return;
    const { keys } = this.#options;
    for (let i = 0; i < keys.length; i++) this.#keyVectors[i] = materialize(vectors[keys[i]!]!, size);
    this.#keys.assign(this.#keyVectors, size, this.#ids);
  }

  #release(): void {
    this.#keyVectors.length = 0;
    this.#fresh.length = 0;
    this.program.release();
  }

  #reserve(groupCount: number): void {
    if (this.#shown.length < groupCount) {
      this.#shown = grownUint8(this.#shown, groupCount);
      this.#forms = grownInt32(this.#forms, groupCount);
      this.#stamps = grownInt32(this.#stamps, groupCount);
    }
    for (let j = 0; j < this.#columns.length; j++) this.#columns[j]!.reserve(groupCount);
    this.program.rows.reserve(groupCount);
  }

  /** Collects the groups of the first `size` ids; gives their number. */
  #touch(size: number): number {
    if (this.#keys === null) {
      this.#touched[0] = 0;
      return 1;
    }
    const stamp = ++this.#stamp;
    const limit = Math.min(size, this.#groupCount);
    if (this.#touched.length < limit) {
      this.#touched = new Int32Array(Math.max(limit, this.#touched.length * 2));
    }
    return collectTouched(this.#ids, size, this.#stamps, stamp, this.#touched);
  }

  #change(touchedCount: number): Delta | undefined {
    const scratch = this.#scratch;
    scratch.reserve(touchedCount);
    const { live, gone, places, groups, changed } = scratch;
    const leaving = this.#sort(touchedCount);
    const { liveCount } = scratch;
    const fresh = this.#fresh;
    const { readers } = this.program;
    for (let j = 0; j < readers.length; j++) fresh[j] = readers[j]!(live, liveCount);
    for (let i = 0; i < liveCount; i++) {
      const group = live[i]!;
      const isNew = this.#shown[group] === 0 ||
        (this.#keys !== null && this.#keys.formOf(group) !== this.#forms[group]);
      changed[i] = Number(isNew);
    }
    for (let j = 0; j < fresh.length; j++) this.#columns[j]!.compare(live, liveCount, fresh[j]!, changed);
    let goneCount = leaving;
    let placeCount = 0;
    for (let i = 0; i < liveCount; i++) {
      if (changed[i] === 0) continue;
      const group = live[i]!;
      places[placeCount] = i;
      groups[placeCount++] = group;
      if (this.#shown[group] === 1) gone[goneCount++] = group;
    }
    const size = goneCount + placeCount;
    if (size === 0) return undefined;
    const columns = this.#exchangeForms(goneCount, placeCount);
    const change = { gone, goneCount, places, placeCount, groups };
    for (let j = 0; j < fresh.length; j++) columns.push(this.#columns[j]!.exchange(change, fresh[j]!));
    if (this.#options.grouping.length > 0) columns.push(...this.#groupingColumns(size));
    for (let i = 0; i < leaving; i++) this.#shown[gone[i]!] = 0;
    for (let i = 0; i < placeCount; i++) this.#shown[groups[i]!] = 1;
    this.#shownCount += placeCount - goneCount;
    const of = new Int32Array(size);
    for (let i = 0; i < goneCount; i++) of[i] = gone[i]!;
    for (let i = 0; i < placeCount; i++) of[goneCount + i] = groups[i]!;
    return this.#placed({ size, columns, weights: signs(goneCount, placeCount) }, of);
  }

  /** Tells touched groups that have rows from those that have left; gives the number of these. */
  #sort(touchedCount: number): number {
    const { counts } = this.program.rows;
    const { live, gone } = this.#scratch;
    let goneCount = 0;
    let liveCount = 0;
    for (let i = 0; i < touchedCount; i++) {
      const group = this.#touched[i]!;
      if (counts[group]! > 0 || this.#keys === null) live[liveCount++] = group;
      else if (this.#shown[group] === 1) gone[goneCount++] = group;
    }
    this.#scratch.liveCount = liveCount;
    return goneCount;
  }

  /** The key columns of rows that go and rows that come. */
  #exchangeForms(goneCount: number, count: number): Vector[] {
    const { gone, groups, forms } = this.#scratch;
    for (let i = 0; i < goneCount; i++) forms[i] = this.#forms[gone[i]!]!;
    for (let i = 0; i < count; i++) {
      const form = this.#keys === null ? 0 : this.#keys.formOf(groups[i]!);
      this.#forms[groups[i]!] = form;
      forms[goneCount + i] = form;
    }
    return this.#keyColumns(forms, goneCount + count);
  }

  #keyColumns(forms: Int32Array, size: number): Vector[] {
    const { keyTypes, keys } = this.#options;
    const own = this.#keys?.keysOf(forms, size) ?? [];
    if (this.#hasAllKeys) return own;
    return keyTypes.map((type, index) => {
      const at = keys.indexOf(index);
      return at < 0 ? nullVector(type, size) : own[at]!;
    });
  }

  #groupingColumns(size: number): Vector[] {
    return this.#options.grouping.map(({ type, value }) => constantVector(type, value, size));
  }

  /** Groups that have lost their last row forget their state. */
  #leave(touchedCount: number): void {
    const { counts } = this.program.rows;
    for (let i = 0; i < touchedCount; i++) {
      const group = this.#touched[i]!;
      if (counts[group] !== 0) continue;
      this.program.clear(group);
      if (this.#keys !== null) { for (const column of this.#columns) column.clear(group); }
    }
    if (this.#keys === null) return;
    const count = this.#keys.count;
    if (count >= COMPACT_GROUPS && this.#shownCount * 2 <= count) this.#compact(this.#keys);
    else if (this.#keys.isSparse) this.#compact(this.#keys);
  }

  #compact(keys: GroupKeys): void {
    const { counts } = this.program.rows;
    const live = new Int32Array(keys.count);
    let count = 0;
    for (let group = 0; group < keys.count; group++) if (counts[group] !== 0) live[count++] = group;
    const groups = live.slice(0, count);
    const kept = keys.kept(groups, this.#types);
    this.#keys = kept;
    this.program.renumber(groups);
    for (const column of this.#columns) column.renumber(groups);
    const room = Math.max(16, count);
    const shown = new Uint8Array(room);
    const forms = new Int32Array(room);
    for (let i = 0; i < count; i++) {
      shown[i] = this.#shown[groups[i]!]!;
      forms[i] = kept.formOf(i);
    }
    this.#shown = shown;
    this.#forms = forms;
    this.#stamps = new Int32Array(room);
    this.#stamp = 0;
    this.#space.renumber(groups);
  }
}

/** Groups of the change at hand; the arrays are longer than what is in use. */
class Scratch {
  /** Touched groups that have rows. */
  live: Int32Array = new Int32Array(16);
  liveCount = 0;
  /** By place among them: 1 when their row is another one. */
  changed: Uint8Array = new Uint8Array(16);
  /** Groups whose row goes. */
  gone: Int32Array = new Int32Array(16);
  /** Groups whose row comes, and their places among the live ones. */
  groups: Int32Array = new Int32Array(16);
  places: Int32Array = new Int32Array(16);
  /** Key forms of both. */
  forms: Int32Array = new Int32Array(32);

  /** Makes room for `count` touched groups. */
  reserve(count: number): void {
    if (this.live.length >= count) return;
    const room = Math.max(count, this.live.length * 2);
    this.live = new Int32Array(room);
    this.changed = new Uint8Array(room);
    this.gone = new Int32Array(room);
    this.groups = new Int32Array(room);
    this.places = new Int32Array(room);
    this.forms = new Int32Array(room * 2);
  }
}

/** Each id once, in the order of its first appearance; gives their number. */
function collectTouched(
  ids: Int32Array,
  size: number,
  stamps: Int32Array,
  stamp: number,
  touched: Int32Array,
): number {
  let count = 0;
  for (let i = 0; i < size; i++) {
    const id = ids[i]!;
    if (stamps[id] === stamp) continue;
    stamps[id] = stamp;
    touched[count++] = id;
  }
  return count;
}

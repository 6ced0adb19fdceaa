/**
 * Accumulators over any values: min and max, DISTINCT, and aggregates by their definition.
 *
 * @module
 */
import { KeyTable } from "../../exec/key_table.ts";
import { grownInt32 } from "../../exec/aggregates/accumulator.ts";
import { gatherVector } from "../../exec/gather_vector.ts";
import type { DenseVector } from "../../exec/vector_build.ts";
import { readDatums } from "../../exec/vector_read.ts";
import type { AggregateDefinition, CallContext } from "../../query/function.ts";
import { compareDatums, datumKey } from "../../query/functions/compare.ts";
import { hasForms, identityKey } from "../../query/functions/identity.ts";
import { type Datum, INTEGER, type SqlType } from "../../storage/sql_type.ts";
import { ZSet } from "../zset.ts";
import type { GroupAccumulator } from "./group_accumulator.ts";

const STATE_BYTES = 120;
const VALUE_BYTES = 80;

interface CountedValues {
  /** Values with their counts, by key. */
  readonly values: Map<unknown, { readonly value: Datum; count: number }>;
  /** The best value; undefined when it must be looked for. */
  best: Datum | undefined;
}

/** min and max. */
export class GroupExtreme implements GroupAccumulator {
  readonly #type: SqlType;
  readonly #sign: 1 | -1;
  readonly #keyOf: typeof datumKey;
  #groups: (CountedValues | undefined)[] = [];
  #valueCount = 0;

  constructor(type: SqlType, greatest: boolean) {
    this.#type = type;
    this.#sign = greatest ? 1 : -1;
    this.#keyOf = hasForms(type) ? identityKey : datumKey;
  }

  get stateBytes(): number {
    return this.#groups.length * STATE_BYTES + this.#valueCount * VALUE_BYTES;
  }

  reserve(): void {}

  add(ids: Int32Array, [vector]: readonly DenseVector[], weights: Int32Array, size: number): void {
    const values = readDatums(vector!, size);
    for (let i = 0; i < size; i++) {
      const value = values[i]!;
      if (value !== null) this.#addOne(this.#groups[ids[i]!] ??= emptyValues(), value, weights[i]!);
    }
  }

  value(group: number): Datum {
    const counted = this.#groups[group];
    if (counted === undefined || counted.values.size === 0) return null;
    if (counted.best !== undefined) return counted.best;
    let best: Datum | undefined;
    for (const { value } of counted.values.values()) {
      if (best === undefined || this.#isBetter(value, best)) best = value;
    }
    counted.best = best;
    return best ?? null;
  }

  clear(group: number): void {
    this.#valueCount -= this.#groups[group]?.values.size ?? 0;
    this.#groups[group] = undefined;
  }

  renumber(groups: Int32Array): void {
    this.#groups = Array.from(groups, (group) => this.#groups[group]);
  }

  #addOne(counted: CountedValues, value: Datum, weight: number): void {
    const key = this.#keyOf(value, this.#type);
    const entry = counted.values.get(key);
    if (entry === undefined) {
      counted.values.set(key, { value, count: weight });
      this.#valueCount++;
      if (counted.values.size === 1) counted.best = value;
      else if (counted.best !== undefined && this.#isBetter(value, counted.best)) counted.best = value;
      return;
    }
    entry.count += weight;
    if (entry.count !== 0) return;
    counted.values.delete(key);
    this.#valueCount--;
    const { best } = counted;
    if (best !== undefined && compareDatums(best, value, this.#type) === 0) counted.best = undefined;
  }

  #isBetter(value: Datum, than: Datum): boolean {
    return compareDatums(value, than, this.#type) * this.#sign > 0;
  }
}

function emptyValues(): CountedValues {
  return { values: new Map(), best: undefined };
}

/** DISTINCT: the inner accumulator sees a value of a group when its count leaves 0 and when it is 0 again. */
export class GroupDistinct implements GroupAccumulator {
  readonly #inner: GroupAccumulator;
  readonly #types: readonly SqlType[];
  #pairs: KeyTable;
  #counts: Int32Array = new Int32Array(64);
  #ids: Int32Array = new Int32Array(0);

  constructor(inner: GroupAccumulator, types: readonly SqlType[]) {
    this.#inner = inner;
    this.#types = types;
    this.#pairs = this.#newPairs();
  }

  get stateBytes(): number {
    return this.#inner.stateBytes + this.#pairs.memoryBytes + this.#counts.byteLength;
  }

  reserve(groupCount: number): void {
    this.#inner.reserve(groupCount);
  }

  add(ids: Int32Array, args: readonly DenseVector[], weights: Int32Array, size: number): void {
    this.#ids = grownInt32(this.#ids, size);
    const pairs = this.#ids;
    this.#pairs.assign([{ kind: "i32", values: ids, nulls: null }, ...args], size, pairs);
    this.#counts = grownInt32(this.#counts, this.#pairs.count);
    const rows = new Int32Array(size);
    const crossings = new Int32Array(size);
    let count = 0;
    for (let i = 0; i < size; i++) {
      const before = this.#counts[pairs[i]!]!;
      const after = before + weights[i]!;
      this.#counts[pairs[i]!] = after;
      const crossing = Math.sign(after) - Math.sign(before);
      if (crossing === 0) continue;
      crossings[count] = crossing;
      rows[count++] = i;
    }
    if (count === 0) return;
    // Rows picked from a dense vector are a dense vector.
    const picked = args.map((vector) => gatherVector(vector, rows, count) as DenseVector);
    this.#inner.add(rows.subarray(0, count).map((row) => ids[row]!), picked, crossings, count);
  }

  value(group: number): Datum {
    return this.#inner.value(group);
  }

  /** The counts of its values are 0 already. */
  clear(group: number): void {
    this.#inner.clear(group);
  }

  renumber(groups: Int32Array): void {
    const newIds = new Map(Array.from(groups, (group, id) => [group, id]));
    const [oldGroups, ...args] = this.#pairs.keys();
    const old = oldGroups === undefined ? [] : readDatums(oldGroups as DenseVector, this.#pairs.count);
    const kept: number[] = [];
    old.forEach((group, pair) => {
      if (this.#counts[pair] !== 0 && newIds.has(Number(group))) kept.push(pair);
    });
    const rows = Int32Array.from(kept);
    const ids = rows.map((pair) => newIds.get(Number(old[pair]))!);
    const counts = rows.map((pair) => this.#counts[pair]!);
    this.#pairs = this.#newPairs();
    const columns = args.map((vector) => gatherVector(vector, rows, rows.length));
    this.#pairs.assign(
      [{ kind: "i32", values: ids, nulls: null }, ...columns],
      rows.length,
      new Int32Array(rows.length),
    );
    this.#counts = grownInt32(counts, 64);
    this.#inner.renumber(groups);
  }

  #newPairs(): KeyTable {
    return new KeyTable([{ type: INTEGER }, ...this.#types.map((type) => ({ type }))]);
  }
}

/** An aggregate by its definition: one state a group, or the counted arguments when rows cannot be taken back. */
export class GroupRowWise implements GroupAccumulator {
  readonly #definition: AggregateDefinition;
  readonly #context: CallContext;
  #states: unknown[] = [];
  #counted: (ZSet | undefined)[] = [];

  constructor(definition: AggregateDefinition, context: CallContext) {
    this.#definition = definition;
    this.#context = context;
  }

  get stateBytes(): number {
    const values = this.#counted.reduce((total, set) => total + (set?.size ?? 0), 0);
    return (this.#states.length + this.#counted.length) * STATE_BYTES + values * VALUE_BYTES;
  }

  reserve(): void {}

  add(ids: Int32Array, args: readonly DenseVector[], weights: Int32Array, size: number): void {
    const columns = args.map((vector) => readDatums(vector, size));
    const { add, remove } = this.#definition;
    for (let i = 0; i < size; i++) {
      const row = columns.map((column): Datum => column[i]!);
      const group = ids[i]!;
      if (remove === undefined) {
        (this.#counted[group] ??= new ZSet(this.#context.argumentTypes)).add(row, weights[i]!);
        continue;
      }
      const state = this.#states[group] ??= this.#definition.init(this.#context);
      for (let weight = weights[i]!; weight > 0; weight--) add(state, row);
      for (let weight = weights[i]!; weight < 0; weight++) remove(state, row);
    }
  }

  value(group: number): Datum {
    const { init, add, remove, value } = this.#definition;
    if (remove !== undefined) return value(this.#states[group] ??= init(this.#context), this.#context);
    const state = init(this.#context);
    for (const { row, weight } of this.#counted[group] ?? []) {
      for (let i = weight; i > 0; i--) add(state, row);
    }
    return value(state, this.#context);
  }

  clear(group: number): void {
    this.#states[group] = undefined;
    this.#counted[group] = undefined;
  }

  renumber(groups: Int32Array): void {
    this.#states = Array.from(groups, (group) => this.#states[group]);
    this.#counted = Array.from(groups, (group) => this.#counted[group]);
  }
}

/**
 * Z-sets: multisets whose rows have weights, the currency of incremental maintenance.
 *
 * Inserting a row has weight +1, deleting it -1, and a change is the sum of its weights. Rows that cancel out
 * vanish, so a Z-set is always consolidated. Adding is O(columns). Theory: Budiu et al., "DBSP: Automatic
 * Incremental View Maintenance for Rich Query Languages", VLDB 2023.
 *
 * @module
 */
import { identityKey } from "../query/functions/identity.ts";
import type { Datum, SqlType } from "../storage/sql_type.ts";

/** A row with its weight; never 0. */
export interface WeightedRow {
  readonly row: readonly Datum[];
  readonly weight: number;
}

/** A canonical string of a row: rows that look the same have equal keys. */
export function rowKey(row: readonly Datum[], types: readonly SqlType[]): string {
  let key = "";
  for (let i = 0; i < row.length; i++) {
    const datum = row[i]!;
    if (datum === null) {
      key += "n;";
      continue;
    }
    const part = identityKey(datum, types[i]!);
    // Length first, so that no text can imitate the boundary between two columns.
    const text = typeof part === "string" ? part : String(part);
    key += `${typeof part === "string" ? "s" : "v"}${text.length}:${text}`;
  }
  return key;
}

/** A consolidated Z-set over rows of fixed types. */
export class ZSet {
  readonly types: readonly SqlType[];
  readonly #rows = new Map<string, { row: readonly Datum[]; weight: number }>();

  constructor(types: readonly SqlType[]) {
    this.types = types;
  }

  /** Adds `weight` to the weight of `row`. */
  add(row: readonly Datum[], weight: number): void {
    if (weight === 0) return;
    const key = rowKey(row, this.types);
    const entry = this.#rows.get(key);
    if (entry === undefined) this.#rows.set(key, { row, weight });
    else if (entry.weight + weight === 0) this.#rows.delete(key);
    else entry.weight += weight;
  }

  /** Adds every row of `other`, times `factor`. */
  addAll(other: Iterable<WeightedRow>, factor = 1): void {
    for (const { row, weight } of other) this.add(row, weight * factor);
  }

  [Symbol.iterator](): IterableIterator<WeightedRow> {
    return this.#rows.values();
  }
}

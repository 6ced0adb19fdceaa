/**
 * Finds the stored rows that a change removes by value, many at a time, so that those that come can take their
 * places.
 *
 * Rows are hashed column by column and looked up in the index over whole rows. A row with a NULL, and one that
 * has several equals or is wanted twice, is left to be found by itself. O(rows) expected.
 *
 * @module
 */
import { vectorDatum } from "./datum_vector.ts";
import { ProbeKeys } from "./probe_keys.ts";
import { RowPairs } from "./row_pairs.ts";
import type { Datum } from "./sql_type.ts";
import type { Table } from "./table.ts";
import type { Vector } from "./vector.ts";

/** Where rows to be removed are stored. */
export interface FoundRows {
  /** Row ids, each once. */
  readonly rows: Int32Array;
  /** Positions of wanted rows that must be found one by one. */
  readonly left: readonly number[];
}

const keys = new ProbeKeys();
const pairs = new RowPairs();

/** The stored rows that equal rows `0 .. count` of `columns`. */
export function findByVectors(table: Table, columns: readonly Vector[], count: number): FoundRows {
  const rows = new Int32Array(count);
  const left: number[] = [];
  let found = 0;
  keys.load(columns, count);
  pairs.clear();
  table.findByValues(keys, pairs);
  const taken = new Set<number>();
  for (let probe = 0, at = 0; probe < count; probe++) {
    const start = at;
    while (at < pairs.count && pairs.probes[at] === probe) at++;
    const row = at - start === 1 ? pairs.rows[start] : -1;
    if (row < 0 || taken.has(row)) left.push(probe);
    else {
      taken.add(row);
      rows[found++] = row;
    }
  }
  return { rows: rows.subarray(0, found), left };
}

/** Row `i` of `columns`. */
export function rowOfVectors(columns: readonly Vector[], i: number): Datum[] {
  const row = new Array<Datum>(columns.length);
  for (let j = 0; j < columns.length; j++) row[j] = vectorDatum(columns[j], i);
  return row;
}

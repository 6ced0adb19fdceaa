/**
 * Finds the stored rows that a change removes by value, many at a time, so that those that come can take their
 * places.
 *
 * ```
 * gone   (1995-01-01, 7) (1995-01-02, 9)         found by the columns that tell rows apart, then compared
 * come   (1995-01-02, 8) (1995-01-03, 1)
 *
 * same   row of 1995-01-02 becomes (.., 8)       no index is touched
 * rest   row of 1995-01-01 becomes (1995-01-03, 1)
 * ```
 *
 * Rows are hashed column by column and looked up in the index that tells rows apart. A row with a NULL in its key,
 * and one that has several equals or is wanted twice, is left to be found by itself. Found rows are put in the order
 * in which they are stored. O(rows) expected.
 *
 * @module
 */
import { vectorDatum } from "./datum_vector.ts";
import { type DenseVector, densify, gatherStored } from "./gather.ts";
import { equalValues, ProbeKeys } from "./probe_keys.ts";
import { RowPairs } from "./row_pairs.ts";
import { sortRowsWith } from "./row_sort.ts";
import type { Datum, SqlType } from "./sql_type.ts";
import type { Table } from "./table.ts";
import type { Vector } from "./vector.ts";

/** Rows in vectors, one per column in table order. */
export interface RowVectors {
  readonly columns: readonly Vector[];
  readonly count: number;
}

/** Where rows to be removed are stored. */
export interface FoundRows {
  /** Row ids, ascending, each once. */
  readonly rows: Int32Array;
  /** Which of the wanted rows each is. */
  readonly probes: Int32Array;
  /** Positions of wanted rows that must be found one by one. */
  readonly left: readonly number[];
}

/** Stored rows, ascending, and rows that come, by position. */
export interface Placement {
  readonly rows: Int32Array;
  readonly inputs: Int32Array;
}

const keys = new ProbeKeys();
const pairs = new RowPairs();

/** The stored rows that equal those of `wanted`. */
export function findByVectors(table: Table, { columns, count }: RowVectors): FoundRows {
  const rows = new Int32Array(count);
  const probes = new Int32Array(count);
  const left: number[] = [];
  if (count === 0) return { rows, probes, left };
  findKeys(table, { columns, count });
  keepEqual(table, columns, count);
  let found = 0;
  for (let probe = 0, at = 0; probe < count; probe++) {
    const start = at;
    while (at < pairs.count && pairs.probes[at] === probe) at++;
    if (at - start !== 1) left.push(probe);
    else {
      rows[found] = pairs.rows[start];
      probes[found++] = probe;
    }
  }
  sortRowsWith(rows, probes, found);
  let distinct = 0;
  for (let i = 0; i < found; i++) {
    if (distinct > 0 && rows[distinct - 1] === rows[i]) left.push(probes[i]);
    else {
      rows[distinct] = rows[i];
      probes[distinct++] = probes[i];
    }
  }
  return { rows: rows.subarray(0, distinct), probes: probes.subarray(0, distinct), left };
}

/** Gives rows that go to rows that come with the same key; the rest is paired by nothing. */
export function pairByKey(
  table: Table,
  { rows, probes, left }: FoundRows,
  gone: RowVectors,
  come: RowVectors,
): { readonly same: Placement; readonly rest: Placement } {
  const ordinals = table.rowOrdinals;
  // With all columns in the key rows that go and rows that come have none in common.
  if (rows.length === 0 || come.count === 0 || ordinals.length === come.columns.length) {
    return { same: NO_ROWS, rest: { rows, inputs: upTo(come.count) } };
  }
  if (left.length === 0 && gone.count === come.count && areAligned(ordinals, gone, come)) {
    return { same: { rows, inputs: probes }, rest: NO_ROWS };
  }
  findKeys(table, come);
  const candidates = pairs.rows.slice(0, pairs.count);
  const inputs = pairs.probes.slice(0, pairs.count);
  sortRowsWith(candidates, inputs, candidates.length);
  const isPaired = new Uint8Array(come.count);
  const sameInputs = new Int32Array(rows.length);
  const sameRows = new Int32Array(rows.length);
  const restRows = new Int32Array(rows.length);
  let same = 0;
  for (let i = 0, at = 0; i < rows.length; i++) {
    while (at < candidates.length && candidates[at] < rows[i]) at++;
    if (at < candidates.length && candidates[at] === rows[i] && isPaired[inputs[at]] === 0) {
      isPaired[inputs[at]] = 1;
      sameRows[same] = rows[i];
      sameInputs[same++] = inputs[at];
    } else restRows[i - same] = rows[i];
  }
  const restInputs = new Int32Array(come.count - same);
  let rest = 0;
  for (let input = 0; input < come.count; input++) if (isPaired[input] === 0) restInputs[rest++] = input;
  return {
    same: { rows: sameRows.subarray(0, same), inputs: sameInputs.subarray(0, same) },
    rest: { rows: restRows.subarray(0, rows.length - same), inputs: restInputs },
  };
}

/** Row `i` of `columns`. */
export function rowOfVectors(columns: readonly Vector[], i: number): Datum[] {
  const row = new Array<Datum>(columns.length);
  for (let j = 0; j < columns.length; j++) row[j] = vectorDatum(columns[j], i);
  return row;
}

/** Whether equal values of a type may look different. */
export function hasForms({ kind }: SqlType): boolean {
  switch (kind) {
    case "smallint":
    case "integer":
    case "bigint":
    case "decimal":
    case "date":
    case "boolean":
    case "text":
      return false;
    default:
      return true;
  }
}

const NO_ROWS: Placement = { rows: new Int32Array(0), inputs: new Int32Array(0) };

function upTo(count: number): Int32Array {
  const numbers = new Int32Array(count);
  for (let i = 0; i < count; i++) numbers[i] = i;
  return numbers;
}

/** Pairs rows with the stored rows of the same key, in `pairs`. */
function findKeys(table: Table, { columns, count }: RowVectors): void {
  keys.load(table.rowOrdinals.map((ordinal) => columns[ordinal]), count);
  pairs.clear();
  table.findByValues(keys, pairs);
  keys.clear();
}

/** Keeps those of `pairs` that are equal in the columns outside the key too. */
function keepEqual(table: Table, columns: readonly Vector[], count: number): void {
  const ordinals = table.rowOrdinals;
  if (ordinals.length === columns.length) return;
  const selection = new Int32Array(pairs.count);
  for (let ordinal = 0; ordinal < columns.length; ordinal++) {
    if (ordinals.includes(ordinal)) continue;
    const stored = gatherStored(table.storedColumn(ordinal), pairs.rows, pairs.count);
    const kept = selectEqual(densify(columns[ordinal], count), stored, selection);
    if (kept < pairs.count) pairs.keep(selection, kept);
  }
}

/** Writes the positions of the pairs whose wanted value is the stored one; gives their number. */
function selectEqual(wanted: DenseVector, stored: DenseVector, selection: Int32Array): number {
  const { probes, count } = pairs;
  if (wanted.kind === "f64" && stored.kind === "f64" && wanted.nulls === null && stored.nulls === null) {
    return selectEqualNumbers(wanted.values, stored.values, probes, count, selection);
  }
  let kept = 0;
  for (let i = 0; i < count; i++) if (equalValues(wanted, probes[i], stored, i)) selection[kept++] = i;
  return kept;
}

function selectEqualNumbers(
  wanted: Float64Array,
  stored: Float64Array,
  probes: Int32Array,
  count: number,
  selection: Int32Array,
): number {
  let kept = 0;
  for (let i = 0; i < count; i++) {
    const value = wanted[probes[i]];
    const found = stored[i];
    if (value === found || (value !== value && found !== found)) selection[kept++] = i;
  }
  return kept;
}

/** Whether row `i` that goes and row `i` that comes have the same key, for all. */
function areAligned(ordinals: readonly number[], gone: RowVectors, come: RowVectors): boolean {
  return ordinals.every((ordinal) => {
    const left = densify(gone.columns[ordinal], gone.count);
    const right = densify(come.columns[ordinal], come.count);
    for (let i = 0; i < gone.count; i++) if (!equalValues(left, i, right, i)) return false;
    return true;
  });
}

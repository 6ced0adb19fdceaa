/**
 * Updates and deletes of many rows by key, column by column: keys become one array, rows are found in one pass
 * and written in the order in which they are stored.
 *
 * Only for batches whose rows name the same columns, have whole keys and meet each stored row at most once;
 * `undefined` says that the batch is not such, or that a value does not fit: then the caller goes row by row,
 * which knows what to say about each.
 *
 * @module
 */
import { LiveViewError } from "../base/error.ts";
import type { BatchColumn, NumberArray } from "../storage/column_batch.ts";
import { ProbeKeys } from "../storage/probe_keys.ts";
import { RowPairs } from "../storage/row_pairs.ts";
import { sortRowsWith } from "../storage/row_sort.ts";
import type { Table } from "../storage/table.ts";
import type { Transaction } from "../storage/transaction.ts";
import type { Vector } from "../storage/vector.ts";
import type { Kernel } from "./kernel.ts";
import { valuesToColumn } from "./value_input.ts";

type Row = Readonly<Record<string, unknown>>;

/** From here on a batch is worth putting into columns. */
export const BATCH_ROWS = 32;

/** Stored rows with the place in the batch that is for each; ascending. */
interface FoundRows {
  readonly rows: Int32Array;
  readonly inputs: Int32Array;
}

/** Deletes the rows with these keys; gives how many there were. */
export function deleteBatch(
  kernel: Kernel,
  transaction: Transaction,
  table: Table,
  rows: readonly Row[],
): number | undefined {
  const found = findRows(kernel, table, rows);
  return found === undefined ? undefined : transaction.deleteRows(table, found.rows);
}

/** Overwrites the columns that the rows name beside their keys; gives how many were found. */
export function updateBatch(
  kernel: Kernel,
  transaction: Transaction,
  table: Table,
  rows: readonly Row[],
): number | undefined {
  const names = commonNames(rows);
  const found = names === undefined ? undefined : findRows(kernel, table, rows);
  if (names === undefined || found === undefined) return undefined;
  const { columns, primaryKey } = table.definition;
  const assigned: { ordinal: number; column: BatchColumn }[] = [];
  for (const name of names) {
    const ordinal = columns.findIndex((column) => column.name === name);
    if (ordinal < 0) return undefined;
    if (primaryKey.includes(ordinal)) continue;
    const column = columnOf(kernel, table, rows, ordinal, found.inputs);
    if (column === undefined) return undefined;
    assigned.push({ ordinal, column });
  }
  if (assigned.length === 0) return undefined;
  try {
    return transaction.updateColumns(table, found.rows, assigned);
  } catch (error) {
    if (error instanceof LiveViewError) return undefined;
    throw error;
  }
}

/** The names of every row, when all have the same. */
function commonNames(rows: readonly Row[]): readonly string[] | undefined {
  const names = Object.keys(rows[0]!);
  for (const row of rows) {
    let count = 0;
    for (const name in row) {
      if (names[count] !== name) return undefined;
      count++;
    }
    if (count !== names.length) return undefined;
  }
  return names;
}

function findRows(kernel: Kernel, table: Table, rows: readonly Row[]): FoundRows | undefined {
  const parts: Vector[] = [];
  for (const ordinal of table.definition.primaryKey) {
    const column = columnOf(kernel, table, rows, ordinal, undefined);
    if (column === undefined || column.nulls !== undefined) return undefined;
    if (column.kind === "numbers") parts.push({ kind: "f64", values: doubles(column.values), nulls: null });
    else if (column.kind === "strings") {
      parts.push({ kind: "str", values: texts(column.values), nulls: null });
    } else return undefined;
  }
  const keys = new ProbeKeys();
  keys.load(parts, rows.length);
  const pairs = new RowPairs(rows.length);
  table.findByPrimaryKeys(keys, pairs);
  return inStoredOrder(pairs);
}

/** The pairs by row; undefined when a row was found twice. */
function inStoredOrder({ probes, rows: found, count }: RowPairs): FoundRows | undefined {
  const rows = found.subarray(0, count);
  const inputs = probes.subarray(0, count);
  sortRowsWith(rows, inputs, count);
  for (let i = 1; i < count; i++) if (rows[i - 1] === rows[i]) return undefined;
  return { rows, inputs };
}

function doubles(values: NumberArray): Float64Array {
  return values instanceof Float64Array ? values : Float64Array.from(values);
}

/** Without NULLs among them. */
function texts(values: readonly (string | null)[]): readonly string[] {
  return values as readonly string[];
}

/** One column of the rows, or of those at `inputs`. */
function columnOf(
  kernel: Kernel,
  table: Table,
  rows: readonly Row[],
  ordinal: number,
  inputs: Int32Array | undefined,
): BatchColumn | undefined {
  const { name, type } = table.definition.columns[ordinal]!;
  const values = new Array<unknown>(inputs?.length ?? rows.length);
  for (let i = 0; i < values.length; i++) values[i] = rows[inputs === undefined ? i : inputs[i]!]![name];
  try {
    return valuesToColumn(values, type, {
      table: table.name,
      column: name,
      text: { timeZone: kernel.timeZone },
    });
  } catch (error) {
    if (error instanceof LiveViewError) return undefined;
    throw error;
  }
}

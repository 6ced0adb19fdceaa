/**
 * Rows of a chart that follow the changes of a live result.
 *
 * Rows are a multiset: a change names the rows that went by their values. Deleted rows are found by a key of all
 * their values, inserted ones are merged in order, so n rows and d changes cost O(n + d log d) and the order of
 * rows that stay does not change.
 *
 * @module
 */
import type { ChartRow } from "./chart_kind.ts";
import { epochMs } from "./wall_time.ts";

/** What a subscription delivers; the values are in the form of {@linkcode ChartRow}. */
export interface RowChange {
  /** `inserted` is everything: what was there before is gone. */
  readonly snapshot?: boolean;
  readonly inserted: readonly ChartRow[];
  readonly deleted: readonly ChartRow[];
}

/** One key of an order. */
export interface RowOrder {
  readonly column: string;
  readonly descending?: boolean;
}

/** A key of all values of a row: equal rows have equal keys, whatever the order of their columns. */
export function rowKey(row: ChartRow): string {
  return JSON.stringify(
    Object.keys(row).sort().map((name) => [name, row[name] ?? null]),
    (_, value) => typeof value === "bigint" ? `${value}n` : value,
  );
}

/** Where rows that came stand. */
export interface RowPlacement {
  /** The order of the rows; those that came stand after equals. */
  readonly orderBy?: readonly RowOrder[];
  /** Without an order: a row takes the place of one that went with the same values here, and the end otherwise. */
  readonly key?: readonly string[];
}

/** The rows after a change. */
export function applyRowChange(
  rows: readonly ChartRow[],
  { snapshot = false, inserted, deleted }: RowChange,
  { orderBy = [], key = [] }: RowPlacement = {},
): ChartRow[] {
  if (orderBy.length === 0) {
    return snapshot ? [...inserted] : replaceRows(rows, inserted, { deleted, key });
  }
  const compare = (a: ChartRow, b: ChartRow) => compareRows(a, b, orderBy);
  const came = [...inserted].sort(compare);
  if (snapshot) return came;
  const stayed = withoutRows(rows, deleted);
  const merged: ChartRow[] = [];
  let next = 0;
  for (const row of stayed) {
    while (next < came.length && compare(came[next]!, row) < 0) merged.push(came[next++]!);
    merged.push(row);
  }
  while (next < came.length) merged.push(came[next++]!);
  return merged;
}

/**
 * Several changes, in their order, as one: rows that came and went are in none of the two lists. For libraries that
 * draw less often than rows change.
 */
export function mergeRowChanges(changes: readonly RowChange[]): RowChange {
  const begin = changes.findLastIndex(({ snapshot }) => snapshot === true);
  const net = new Map<string, { readonly row: ChartRow; count: number }>();
  const add = (rows: readonly ChartRow[], weight: number) => {
    for (const row of rows) {
      const key = rowKey(row);
      const entry = net.get(key);
      if (entry === undefined) net.set(key, { row, count: weight });
      else entry.count += weight;
    }
  };
  for (const { inserted, deleted } of changes.slice(Math.max(begin, 0))) {
    add(deleted, -1);
    add(inserted, 1);
  }
  const copies = (sign: number) =>
    [...net.values()].flatMap(({ row, count }) =>
      Array.from({ length: Math.max(0, sign * count) }, () => row)
    );
  return { snapshot: begin >= 0, inserted: copies(1), deleted: copies(-1) };
}

function replaceRows(
  rows: readonly ChartRow[],
  inserted: readonly ChartRow[],
  { deleted, key }: { readonly deleted: readonly ChartRow[]; readonly key: readonly string[] },
): ChartRow[] {
  const placeOf = (row: ChartRow) => JSON.stringify(key.map((name) => row[name] ?? null));
  const waiting = new Map<string, ChartRow[]>();
  for (const row of inserted) {
    const place = placeOf(row);
    const list = waiting.get(place);
    if (list === undefined) waiting.set(place, [row]);
    else list.push(row);
  }
  const stayed = new Set(withoutRows(rows, deleted));
  const placed = new Set<ChartRow>();
  const kept = rows.flatMap((row) => {
    if (stayed.has(row)) return [row];
    const next = key.length === 0 ? undefined : waiting.get(placeOf(row))?.shift();
    if (next === undefined) return [];
    placed.add(next);
    return [next];
  });
  return [...kept, ...inserted.filter((row) => !placed.has(row))];
}

function withoutRows(rows: readonly ChartRow[], deleted: readonly ChartRow[]): readonly ChartRow[] {
  if (deleted.length === 0) return rows;
  const counts = new Map<string, number>();
  for (const row of deleted) {
    const key = rowKey(row);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  // Most rows differ from all deleted ones in their first column already: no key is made for them.
  const [column = ""] = Object.keys(deleted[0]!);
  const first = (row: ChartRow) => {
    const value = row[column] ?? null;
    return typeof value === "object" ? JSON.stringify(value) : value;
  };
  const firsts = new Set(deleted.map(first));
  return rows.filter((row) => {
    if (!firsts.has(first(row))) return true;
    const key = rowKey(row);
    const count = counts.get(key) ?? 0;
    if (count === 0) return true;
    counts.set(key, count - 1);
    return false;
  });
}

function compareRows(a: ChartRow, b: ChartRow, orderBy: readonly RowOrder[]): number {
  for (const { column, descending } of orderBy) {
    const order = compareValues(a[column], b[column]);
    if (order !== 0) return descending ? -order : order;
  }
  return 0;
}

/** As the engine sorts: NULL last, numbers by value, times by instant, texts by code points, NaN greatest. */
export function compareValues(a: unknown, b: unknown): number {
  const aMissing = a === null || a === undefined;
  const bMissing = b === null || b === undefined;
  if (aMissing || bMissing) return Number(aMissing) - Number(bMissing);
  if (a instanceof Date || b instanceof Date) return epochMs(a) - epochMs(b);
  if (typeof a === "number" || typeof b === "number") return compareNumbers(Number(a), Number(b));
  if (typeof a === "boolean" && typeof b === "boolean") return Number(a) - Number(b);
  return compareCodePoints(String(a), String(b));
}

/** A number that a double does not hold comes as text, and so do NaN and the infinities. */
function compareNumbers(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return a < b ? -1 : a > b ? 1 : 0;
}

/** UTF-16 order differs from code point order only where one side has a surrogate. */
function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    if (a.charCodeAt(i) !== b.charCodeAt(i)) return a.codePointAt(i)! - b.codePointAt(i)!;
  }
  return a.length - b.length;
}

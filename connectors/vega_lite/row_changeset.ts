/**
 * Changes of a live result as Vega changesets.
 *
 * Vega finds the rows to remove by a predicate that it asks once for each row it has. Rows are a multiset: of
 * equal rows as many go as the change says, whatever their order. Times are compared as instants, for Vega has
 * read the texts of the first rows to dates; rows that come are given dates in the same columns.
 *
 * ```
 * change of a subscription ─► rows to insert, predicate of rows to remove ─► vega.changeset()
 * ```
 *
 * n rows and d changes cost O(n + d).
 *
 * @module
 */
import type { ChartRow } from "../charts/chart_kind.ts";
import type { RowChange } from "../charts/live_rows.ts";
import { isSpec, itemsOf } from "./spec_shape.ts";

/** What has to be known of the columns of a data set; {@linkcode columnNotes} reads it from a spec. */
export interface ChangesetColumns {
  /** Columns that tell rows apart; all columns by default. */
  readonly keys?: readonly string[];
  /** Columns that Vega reads as times. */
  readonly times?: readonly string[];
  /** Those of them with wall clocks: the page reads them in its own zone. */
  readonly localTimes?: readonly string[];
  /** Columns that a row lacks where they have no value. */
  readonly measures?: readonly string[];
}

/** What is to be done to a data set of Vega. */
export interface RowChangeset {
  /** Rows that come. */
  readonly insert: readonly ChartRow[];
  /** True for rows that go; to be asked once for each row. */
  readonly remove: (row: ChartRow) => boolean;
}

/** Key of the compiler's notes in `usermeta` of a spec. */
export const NOTES = "liveview";

/** The change as rows that come and a predicate for rows that go. */
export function rowChangeset(change: RowChange, columns: ChangesetColumns = {}): RowChangeset {
  const insert = change.inserted.map((row) => dataRow(row, columns));
  if (change.snapshot === true) return { insert, remove: () => true };
  const [first] = change.deleted;
  const names = columns.keys ?? (first === undefined ? [] : Object.keys(first));
  const local = new Set(columns.localTimes ?? []);
  const keyOf = (row: ChartRow) =>
    JSON.stringify(names.map((name) => comparable(row[name], local.has(name))));
  const counts = new Map<string, number>();
  for (const row of change.deleted) counts.set(keyOf(row), (counts.get(keyOf(row)) ?? 0) + 1);
  return {
    insert,
    remove: (row) => {
      if (counts.size === 0) return false;
      const key = keyOf(row);
      const count = counts.get(key);
      if (count === undefined) return false;
      if (count === 1) counts.delete(key);
      else counts.set(key, count - 1);
      return true;
    },
  };
}

/** What the compiler noted on the columns of a data set. */
export function columnNotes(spec: unknown, dataset: string): ChangesetColumns {
  const meta = isSpec(spec) ? spec["usermeta"] : undefined;
  const notes = isSpec(meta) ? meta[NOTES] : undefined;
  const own = isSpec(notes) && Object.hasOwn(notes, dataset) ? notes[dataset] : undefined;
  if (!isSpec(own)) return {};
  const names = (key: string) => itemsOf(own[key]).filter((name) => typeof name === "string");
  return { times: names("times"), localTimes: names("localTimes"), measures: names("measures") };
}

function dataRow(row: ChartRow, { times = [], localTimes = [], measures = [] }: ChangesetColumns): ChartRow {
  const local = new Set(localTimes);
  const read = new Set([...times, ...localTimes]);
  return Object.fromEntries(
    Object.entries(row).filter(([name, value]) => value !== null || !measures.includes(name)).map((
      [name, value],
    ) =>
      read.has(name) && typeof value === "string" ? [name, dateOf(value, local.has(name))] : [name, value]
    ),
  );
}

function dateOf(text: string, local: boolean): Date | string {
  const time = Date.parse(local ? withoutZone(text) : text);
  return Number.isNaN(time) ? text : new Date(time);
}

/** The text of a wall clock without its zone. */
export function withoutZone(text: string): string {
  return text.replace(/(Z|\+00(:?00)?)$/, "");
}

const TIME_TEXT = /^\d{4}-\d\d-\d\d(T\d\d:\d\d|$)/;

function comparable(value: unknown, local: boolean): unknown {
  if (value instanceof Date) return value.getTime();
  if (typeof value === "bigint") return String(value);
  if (typeof value === "string" && TIME_TEXT.test(value)) {
    const date = dateOf(value, local);
    return date instanceof Date ? date.getTime() : value;
  }
  return value ?? null;
}

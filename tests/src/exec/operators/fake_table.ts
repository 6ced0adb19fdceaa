/**
 * Tables for operator tests: snapshots over plain rows, in segments of a few slots, with deleted slots.
 *
 * @module
 */
import { plainKind } from "../../../../src/exec/vector_build.ts";
import { Dictionary } from "../../../../src/storage/dictionary.ts";
import type { Datum, SqlType } from "../../../../src/storage/sql_type.ts";
import type {
  SegmentColumn,
  SegmentView,
  TableSnapshot,
  ZoneMap,
} from "../../../../src/storage/table_view.ts";

/** A column of a fake table. */
export interface FakeColumn {
  readonly name: string;
  readonly type: SqlType;
}

/** A snapshot of `rows`; every `deleteEvery`-th slot holds a deleted copy of the row before it. */
export function fakeTable(
  table: string,
  columns: readonly FakeColumn[],
  rows: readonly (readonly Datum[])[],
  options: { readonly slots?: number; readonly deleteEvery?: number } = {},
): TableSnapshot {
  const slots = options.slots ?? 5;
  const deleteEvery = options.deleteEvery ?? 4;
  const dictionaries = columns.map(() => new Dictionary());
  const segments: SegmentView[] = [];
  const stored: { row: readonly Datum[]; deleted: boolean }[] = [];
  for (const row of rows) {
    stored.push({ row, deleted: false });
    if (stored.length % deleteEvery === 0) stored.push({ row, deleted: true });
  }
  for (let from = 0; from < stored.length; from += slots) {
    const part = stored.slice(from, from + slots);
    segments.push(segmentOf(part, columns, dictionaries));
  }
  return {
    table,
    version: 1,
    columns: columns.map((column, j) => ({ ...column, nullable: rows.some((row) => row[j] === null) })),
    rowCount: rows.length,
    segments,
    column: (ordinal) => ({
      type: columns[ordinal]!.type,
      segments: segments.map((segment) => segment.column(ordinal)),
    }),
    indexes: [],
    release: () => {},
  };
}

function segmentOf(
  part: readonly { readonly row: readonly Datum[]; readonly deleted: boolean }[],
  columns: readonly FakeColumn[],
  dictionaries: readonly Dictionary[],
): SegmentView {
  const tombstones = bits(part.map((slot) => slot.deleted));
  const stored = columns.map((column, j) =>
    segmentColumn(column.type, part.map((slot) => slot.row[j]!), dictionaries[j]!)
  );
  return {
    slotCount: part.length,
    deletedCount: part.filter((slot) => slot.deleted).length,
    tombstones,
    column: (ordinal) => stored[ordinal]!,
  };
}

function bits(flags: readonly boolean[]): Uint32Array | null {
  if (!flags.includes(true)) return null;
  const words = new Uint32Array((flags.length + 31) >>> 5);
  flags.forEach((flag, i) => {
    if (flag) words[i >>> 5]! |= 1 << (i & 31);
  });
  return words;
}

function segmentColumn(type: SqlType, values: readonly Datum[], dictionary: Dictionary): SegmentColumn {
  const nulls = bits(values.map((value) => value === null));
  const known = values.filter((value) => value !== null);
  const numbers = known.map(Number).filter((value) => !Number.isNaN(value));
  const bounded = numbers.length > 0 && numbers.length === known.length;
  const zone: ZoneMap = {
    min: bounded ? Math.min(...numbers) : undefined,
    max: bounded ? Math.max(...numbers) : undefined,
    nullCount: values.length - known.length,
    monotone: false,
  };
  const unbounded = { ...zone, min: undefined, max: undefined };
  switch (plainKind(type)) {
    case "i32":
      return { kind: "numbers", values: Int32Array.from(values, (value) => Number(value ?? 0)), nulls, zone };
    case "bool":
      return { kind: "numbers", values: Uint8Array.from(values, (value) => Number(value ?? 0)), nulls, zone };
    case "f64":
      if (values.some((value) => typeof value === "bigint")) {
        const bigints = values.map((value) =>
          BigInt(Number.isInteger(value) || typeof value === "bigint" ? (value as bigint) : 0)
        );
        return { kind: "bigints", values: bigints, nulls, zone: unbounded };
      }
      return {
        kind: "numbers",
        values: Float64Array.from(values, (value) => Number(value ?? 0)),
        nulls,
        zone,
      };
    case "str": {
      const codes = Int32Array.from(values, (value) => value === null ? 0 : dictionary.encode(String(value)));
      return { kind: "codes", values: codes, dictionary, nulls, zone: unbounded };
    }
    case "object":
      return { kind: "objects", values, nulls, zone: unbounded };
  }
}

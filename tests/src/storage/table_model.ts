/**
 * A table as a Map of rows, a generator of its values, and the comparison with what is stored: the oracle of
 * the random storage tests.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import type { SeededRandom } from "../../../src/base/random.ts";
import { equalDatums, identicalDatums } from "../../../src/storage/datum_order.ts";
import { gatherStored, readDatum, segmentDatum, sliceColumn } from "../../../src/storage/gather.ts";
import type { Dictionary } from "../../../src/storage/dictionary.ts";
import type { Table } from "../../../src/storage/table.ts";
import * as types from "../../../src/storage/sql_type.ts";
import type { Datum, SqlType } from "../../../src/storage/sql_type.ts";
import type { TableDefinition } from "../../../src/storage/table_definition.ts";
import { SEGMENT_BITS, type TableSnapshot } from "../../../src/storage/table_view.ts";
import { vectorDatum } from "../../../src/storage/datum_vector.ts";

/** Rows by row id. */
export type Rows = Map<number, readonly Datum[]>;

/** Table shapes that the random tests use. */
export const SHAPES: readonly TableDefinition[] = [
  {
    name: "keyed",
    kind: "table",
    columns: [
      { name: "id", type: types.INTEGER, nullable: false },
      { name: "amount", type: types.decimalType(18, 2), nullable: true },
      { name: "label", type: types.TEXT, nullable: true },
      { name: "seen", type: types.BOOLEAN, nullable: true },
    ],
    primaryKey: [0],
  },
  {
    name: "composite",
    kind: "table",
    columns: [
      { name: "tenant", type: types.TEXT, nullable: false },
      { name: "day", type: types.DATE, nullable: false },
      { name: "total", type: types.BIGINT, nullable: true },
      { name: "rate", type: types.DOUBLE, nullable: true },
      { name: "code", type: types.SMALLINT, nullable: true },
    ],
    primaryKey: [0, 1],
    uniqueKeys: [{ name: "composite_code", ordinals: [4] }],
  },
  {
    name: "multiset",
    kind: "table",
    columns: [
      { name: "x", type: types.INTEGER, nullable: true },
      { name: "text", type: types.TEXT, nullable: true },
      { name: "at", type: types.TIMESTAMP, nullable: true },
      { name: "number", type: types.NUMERIC, nullable: true },
    ],
    primaryKey: [],
  },
];

/** A random value of `type`, from few values if `narrow`, so that keys meet. */
export function randomDatum(random: SeededRandom, type: SqlType, narrow: boolean): Datum {
  const span = narrow ? random.pick([5, 60]) : random.pick([3, 200, 40_000, 3_000_000]);
  const whole = random.integer(random.next() < 0.3 ? -span : 0, span);
  switch (type.kind) {
    case "boolean":
      return whole % 2 === 0;
    case "smallint":
      return whole % 30_000;
    case "bigint":
      return random.next() < 0.05 ? 2n ** 60n + BigInt(whole) : whole;
    case "decimal":
      return random.next() < 0.02 ? 10n ** 17n + BigInt(whole) : whole;
    case "double":
      return random.pick([whole, whole / 7, -0, NaN, Infinity]);
    case "text":
      return random.pick(["", `t${whole}`, `é${whole}`, `𝒳 ${whole} `, `a longer text number ${whole}`]);
    case "timestamp":
      return whole * 1_000_003;
    case "numeric":
      return { coefficient: BigInt(whole), scale: random.integer(0, 3) };
    default:
      return whole;
  }
}

/** A random row for `definition`. */
export function randomRow(random: SeededRandom, definition: TableDefinition): Datum[] {
  return definition.columns.map(({ nullable, type }, ordinal) => {
    if (nullable && random.next() < 0.2) return null;
    const inKey = definition.primaryKey.includes(ordinal);
    return randomDatum(random, type, inKey && definition.primaryKey.length > 1);
  });
}

/** Whether `rows` break a key of `definition`. */
export function breaksKey(definition: TableDefinition, rows: Iterable<readonly Datum[]>): boolean {
  const keys = [definition.primaryKey, ...(definition.uniqueKeys ?? []).map((key) => key.ordinals)];
  const seen = keys.map(() => new Set<string>());
  for (const row of rows) {
    for (const [i, ordinals] of keys.entries()) {
      if (ordinals.length === 0 || ordinals.some((ordinal) => row[ordinal] === null)) continue;
      const key = ordinals.map((ordinal) => String(row[ordinal])).join("\u0000");
      if (seen[i].has(key)) return true;
      seen[i].add(key);
    }
  }
  return false;
}

/** Throws unless `snapshot` holds exactly `rows`, reading it every way there is. */
export function checkSnapshot(snapshot: TableSnapshot, rows: Rows, random: SeededRandom): void {
  assertEquals(snapshot.rowCount, rows.size);
  const live = new Set<number>();
  for (const [index, segment] of snapshot.segments.entries()) {
    for (let offset = 0; offset < segment.slotCount; offset++) {
      const deleted = segment.tombstones !== null &&
        (segment.tombstones[offset >>> 5] >>> (offset & 31) & 1) === 1;
      if (!deleted) live.add(index << SEGMENT_BITS | offset);
    }
  }
  assertEquals(live.size, rows.size);
  const ids = [...rows.keys()];
  for (const id of ids) assert(live.has(id), `row ${id} is missing`);
  const sample = Int32Array.from({ length: Math.min(ids.length, 50) }, () => random.pick(ids));
  if (sample.length > 0 && random.next() < 0.5) sample[0] = -1;
  for (let ordinal = 0; ordinal < snapshot.columns.length; ordinal++) {
    const column = snapshot.column(ordinal);
    for (const [id, row] of rows) {
      const stored = readDatum(column, id);
      assert(
        identicalDatums(stored, row[ordinal]),
        `row ${id} column ${ordinal}: ${show(stored)}, ${show(row[ordinal])}`,
      );
    }
    const gathered = gatherStored(column, sample, sample.length);
    for (let i = 0; i < sample.length; i++) {
      const expected = sample[i] < 0 ? null : rows.get(sample[i])![ordinal];
      assert(
        identicalDatums(vectorDatum(gathered, i), expected),
        `gathered ${sample[i]} of column ${ordinal}`,
      );
    }
    checkSegments(snapshot, ordinal, random);
  }
}

function checkSegments(snapshot: TableSnapshot, ordinal: number, random: SeededRandom): void {
  const { type } = snapshot.columns[ordinal];
  for (const segment of snapshot.segments) {
    const column = segment.column(ordinal);
    let nulls = 0;
    let last = -Infinity;
    for (let offset = 0; offset < segment.slotCount; offset++) {
      const value = segmentDatum(column, type, offset);
      if (value === null) nulls++;
      if (column.kind !== "numbers" || value === null) continue;
      const number = Number(value);
      assert(!(number < (column.zone.min ?? Infinity)), "zone minimum");
      assert(!(number > (column.zone.max ?? -Infinity)), "zone maximum");
      if (column.zone.monotone) assert(number >= last, "monotone");
      last = number;
    }
    assertEquals(column.zone.nullCount, nulls, "null count");
    const from = random.integer(0, segment.slotCount);
    const slice = sliceColumn(column, type, from, Math.min(20, segment.slotCount - from));
    for (let i = 0; i < Math.min(20, segment.slotCount - from); i++) {
      assert(identicalDatums(vectorDatum(slice, i), segmentDatum(column, type, from + i)), "slice");
    }
  }
}

/** Throws unless every index of `snapshot` finds exactly the rows with a few random keys. */
export function checkIndexes(snapshot: TableSnapshot, rows: Rows, random: SeededRandom): void {
  const ids = [...rows.keys()];
  for (const index of snapshot.indexes) {
    for (let i = 0; i < 5 && ids.length > 0; i++) {
      const key = index.ordinals.map((ordinal) => rows.get(random.pick(ids))![ordinal]);
      const found: number[] = [];
      index.find(key, found);
      const expected = ids.filter((id) =>
        index.ordinals.every((ordinal, part) =>
          key[part] !== null && equalDatums(rows.get(id)![ordinal], key[part])
        )
      );
      const nullsEqual = index.ordinals.length === snapshot.columns.length;
      if (nullsEqual && key.includes(null)) continue;
      assertEquals(found.sort((a, b) => a - b), expected.sort((a, b) => a - b), `index on ${index.ordinals}`);
    }
  }
}

/** Bytes of a table, added up part by part; equals what its account says while nothing is pinned. */
export function measureBytes(table: Table): number {
  const dictionaries = new Set<Dictionary>();
  let bytes = table.indexes.reduce((sum, index) => sum + index.byteLength, 0);
  for (const segment of table.segments) {
    bytes += 256 + (segment.tombstones?.byteLength ?? 0);
    for (const column of segment.columns) {
      bytes += column.byteLength;
      if (column.kind === "codes") dictionaries.add(column.dictionary);
    }
  }
  for (const dictionary of dictionaries) bytes += dictionary.memoryBytes;
  return bytes;
}

function show(value: Datum): string {
  return JSON.stringify(value, (_key, part) => typeof part === "bigint" ? `${part}n` : part);
}

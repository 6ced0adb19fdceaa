/**
 * Rows of numbers against a map: forms, NULLs, released numbers, growth; and arrangements that forget at once.
 *
 * LIVEVIEW_SEED replays a failure, LIVEVIEW_RUNS multiplies the changes.
 *
 * @module
 */
import process from "node:process";
import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { SeededRandom } from "../../../../src/base/random.ts";
import { deltaOfRows, rowsOfDelta } from "../../../../src/circuit/delta.ts";
import { Arrangement } from "../../../../src/circuit/rows/arrangement.ts";
import { RowStore } from "../../../../src/circuit/rows/row_store.ts";
import { materialize } from "../../../../src/exec/materialize.ts";
import { vectorFromDatums } from "../../../../src/exec/vector_build.ts";
import { datumAt } from "../../../../src/exec/vector_read.ts";
import { BIGINT, BOOLEAN, type Datum, DOUBLE, INTEGER, TEXT } from "../../../../src/storage/sql_type.ts";

const SEED = Number(process.env["LIVEVIEW_SEED"] ?? 6);
const RUNS = Number(process.env["LIVEVIEW_RUNS"] ?? 1);
const TYPES = [INTEGER, DOUBLE, BOOLEAN, BIGINT];

function randomRow(random: SeededRandom): Datum[] {
  return [
    random.pick([null, random.integer(0, 30)]),
    random.pick([0, -0, NaN, null, random.integer(0, 9) / 2]),
    random.pick([true, false, null]),
    random.pick([0, 2 ** 40, null]),
  ];
}

function textOf(row: readonly Datum[]): string {
  return row.map((value) => Object.is(value, -0) ? "-0" : `${value}`).join("|");
}

function columnsOf(rows: readonly (readonly Datum[])[]) {
  return TYPES.map((type, j) => vectorFromDatums(type, rows.map((row) => row[j]!), rows.length));
}

describe("RowStore", () => {
  it(`keeps rows under their numbers while they are there (seed ${SEED})`, () => {
    const random = new SeededRandom(SEED);
    const store = RowStore.of(TYPES)!;
    const known = new Map<string, number>();
    for (let step = 0; step < 60 * RUNS; step++) {
      const rows = Array.from({ length: random.pick([1, 10, 700]) }, () => randomRow(random));
      const ids = new Int32Array(rows.length);
      const before = known.size;
      const added = store.assign(columnsOf(rows), rows.length, ids);
      rows.forEach((row, i) => {
        const text = textOf(row);
        if (!known.has(text)) known.set(text, ids[i]!);
        assertEquals(ids[i], known.get(text), text);
        assert(store.has(ids[i]!));
      });
      assertEquals(added, known.size - before);
      assertEquals(new Set(known.values()).size, known.size);
      const columns = store.keysAt(ids, ids.length).map((column) => materialize(column, ids.length));
      rows.forEach((row, i) =>
        assertEquals(textOf(columns.map((column) => datumAt(column, i))), textOf(row))
      );
      for (const [text, id] of [...known]) {
        if (random.next() > 0.4) continue;
        store.release(id);
        assertEquals(store.has(id), false);
        known.delete(text);
      }
    }
    assert(store.count < 3000 && store.memoryBytes > 0);
  });

  it("is not for texts, for no column, nor for numbers beyond 2^53", () => {
    assertEquals(RowStore.of([INTEGER, TEXT]), undefined);
    assertEquals(RowStore.of([]), undefined);
    const store = RowStore.of([BIGINT])!;
    const large = vectorFromDatums(BIGINT, [2n ** 60n], 1);
    assertEquals(store.assign([large], 1, new Int32Array(1)), -1);
  });
});

describe("An arrangement that forgets at once", () => {
  const types = [INTEGER, INTEGER];
  const keysOf = (
    rows: readonly (readonly Datum[])[],
  ) => [vectorFromDatums(INTEGER, rows.map((row) => row[0]!), rows.length)];

  it(`finds the rows that are there by their keys (seed ${SEED})`, () => {
    const random = new SeededRandom(SEED);
    const arrangement = new Arrangement({ types, keyTypes: [INTEGER], nullIsKey: false });
    arrangement.forgetAtOnce();
    const there: Datum[][] = [];
    for (let step = 0; step < 80 * RUNS; step++) {
      const changes: { row: Datum[]; weight: number }[] = [];
      for (let i = random.pick([1, 30, 900]); i > 0; i--) {
        if (there.length > 0 && random.next() < 0.5) {
          const [row] = there.splice(random.integer(0, there.length - 1), 1);
          changes.push({ row: row!, weight: -1 });
        } else {
          const row = [random.pick([null, random.integer(0, 40)]), random.integer(0, 9)];
          there.push(row);
          changes.push({ row, weight: 1 });
        }
      }
      const rows = changes.map(({ row }) => row);
      assert(arrangement.apply(deltaOfRows(changes, types), keysOf(rows)));
      arrangement.release(changes.length);
      arrangement.compact((columns) => [columns[0]!]);
      const keys = Array.from({ length: 41 }, (_, key): Datum[] => [key]);
      const matches = arrangement.find(keysOf(keys), keys.length);
      const found = rowsOfDelta(arrangement.rowsAt(matches.rows.slice(0, matches.count), matches.count));
      const texts = found.flatMap(({ row, weight }) => new Array<string>(weight).fill(textOf(row)));
      assertEquals(texts.sort(), there.filter(([key]) => key !== null).map(textOf).sort());
      found.forEach(({ row }, i) => assertEquals(row[0], matches.probes[i]));
    }
  });

  it("is as small as a new one when rows and keys have come and gone", () => {
    const arrangement = new Arrangement({ types, keyTypes: [INTEGER], nullIsKey: false });
    arrangement.forgetAtOnce();
    const sizes: number[] = [];
    for (let round = 0; round < 30; round++) {
      const rows = Array.from({ length: 3000 }, (_, i): Datum[] => [round * 3000 + i, i]);
      for (const weight of [1, -1]) {
        arrangement.apply(deltaOfRows(rows.map((row) => ({ row, weight })), types), keysOf(rows));
        arrangement.release(rows.length);
        arrangement.compact((columns) => [columns[0]!]);
      }
      sizes.push(arrangement.stateBytes);
    }
    assertEquals(arrangement.rowCount, 0);
    assertEquals(sizes.at(-1), sizes[0]);
  });

  it("keeps rows otherwise once a number comes that is none", () => {
    const wide = [BIGINT];
    const arrangement = new Arrangement({ types: wide, keyTypes: wide, nullIsKey: false });
    arrangement.forgetAtOnce();
    const small = deltaOfRows([{ row: [1], weight: 1 }, { row: [2], weight: 3 }], wide);
    arrangement.apply(small, small.columns);
    const large = deltaOfRows([{ row: [2n ** 60n], weight: 1 }], wide);
    assertEquals(arrangement.apply(large, large.columns), false);
    arrangement.compact((columns) => columns, true);
    assert(arrangement.apply(large, large.columns));
    arrangement.release(1);
    assertEquals(arrangement.rowCount, 3);
    assertEquals(arrangement.find(large.columns, 1).count, 1);
    assertEquals(rowsOfDelta(arrangement.all()).map(({ weight }) => weight), [1, 3, 1]);
  });
});

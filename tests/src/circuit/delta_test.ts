import process from "node:process";
import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { SeededRandom } from "../../../src/base/random.ts";
import {
  consolidated,
  type Delta,
  deltaOfRows,
  distinctDelta,
  emptyDelta,
  negated,
  placedDelta,
  placesOf,
  PlaceSpace,
  repeated,
  rowsOfDelta,
  selectDelta,
  sumOfDeltas,
  withColumns,
} from "../../../src/circuit/delta.ts";
import { rowKey, type WeightedRow, ZSet } from "../../../src/circuit/zset.ts";
import {
  BIGINT,
  BOOLEAN,
  type Datum,
  DOUBLE,
  INTEGER,
  JSON_TYPE,
  NUMERIC,
  type SqlType,
  TEXT,
} from "../../../src/storage/sql_type.ts";

const TYPES: readonly SqlType[] = [INTEGER, DOUBLE, TEXT, BOOLEAN, NUMERIC, BIGINT, JSON_TYPE];
const SEED = Number(process.env["LIVEVIEW_SEED"] ?? 3);

function randomRow(random: SeededRandom): Datum[] {
  const maybe = (value: Datum): Datum => random.next() < 0.1 ? null : value;
  return [
    maybe(random.integer(0, 2)),
    maybe(random.pick([0, -0, NaN, 1.5])),
    maybe(random.pick(["", "a"])),
    maybe(random.next() < 0.5),
    maybe(random.pick([{ coefficient: 15n, scale: 1 }, { coefficient: 150n, scale: 2 }])),
    maybe(random.pick([1, 2n ** 60n])),
    maybe(random.pick(["[1]", "[ 1]"])),
  ];
}

function randomDelta(random: SeededRandom, size: number): Delta {
  const rows = Array.from({ length: size }, (): WeightedRow => ({
    row: randomRow(random),
    weight: random.pick([1, -1, 2]),
  }));
  return deltaOfRows(rows, TYPES);
}

function zSet(rows: Iterable<WeightedRow>): string[] {
  const set = new ZSet(TYPES);
  set.addAll(rows);
  return [...set].map(({ row, weight }) => `${rowKey(row, TYPES)} x${weight}`).sort();
}

describe("deltas", () => {
  for (const size of [2, 5, 70, 3000]) {
    it(`have each row once when they are consolidated: ${size} rows`, () => {
      const random = new SeededRandom(SEED);
      const delta = randomDelta(random, size);
      const result = consolidated(delta, TYPES);
      const rows = rowsOfDelta(result);
      assertEquals(zSet(rows), zSet(rowsOfDelta(delta)));
      assertEquals(rows.map(({ row, weight }) => `${rowKey(row, TYPES)} x${weight}`).sort(), zSet(rows));
      assert(consolidated(result, TYPES) === result);
    });
  }

  it("tell rows apart whose hashes are equal", () => {
    const words = new DataView(new ArrayBuffer(8));
    const double = (high: number, low: number): number => {
      words.setInt32(0, high);
      words.setInt32(4, low);
      return words.getFloat64(0);
    };
    // What the hash makes of NULL, and two doubles whose words mix to the same.
    const values: Datum[] = [null, 0x5bd1e995, double(0x3ff00000, 1), double(0x3ff00000 ^ 0x85ebca77, 0)];
    const rows = values.map((value) => ({ row: [value], weight: 1 }));
    assertEquals(consolidated(deltaOfRows([...rows, ...rows], [DOUBLE]), [DOUBLE]).size, 4);
  });

  it("are added in their order, whatever vectors they have", () => {
    const random = new SeededRandom(SEED);
    const parts = [0, 1, 7, 300, 2].map((size) => randomDelta(random, size));
    const plain = deltaOfRows([{ row: [1, 2, "b", true, null, 3, null], weight: -1 }], TYPES);
    const all = [...parts, plain];
    assertEquals(rowsOfDelta(sumOfDeltas(all, TYPES)), all.flatMap(rowsOfDelta));
    assertEquals(sumOfDeltas([], TYPES).size, 0);
  });

  it("keep row ids of one stored column together", () => {
    const source = {
      type: INTEGER,
      segments: [],
    };
    const part = (rows: readonly number[]): Delta => ({
      size: rows.length,
      columns: [{ kind: "lazy", rows: Int32Array.from([...rows, 99]), source }],
      weights: new Int32Array(rows.length).fill(1),
    });
    const [column] = sumOfDeltas([part([4, 5]), part([6])], [INTEGER]).columns;
    assertEquals(column, { kind: "lazy", rows: Int32Array.of(4, 5, 6), source });
  });

  it("are one row without columns", () => {
    const row = (weights: readonly number[]): Delta => ({
      size: weights.length,
      columns: [],
      weights: Int32Array.from(weights),
    });
    assertEquals(consolidated(row([1, 1, -3]), []), row([-1]));
    assertEquals(consolidated(row([1, -1]), []).size, 0);
    assertEquals(consolidated(row([1]), []), row([1]));
  });

  it("are known to be distinct only as they are", () => {
    const twice = deltaOfRows([{ row: [1], weight: 1 }, { row: [1], weight: 1 }], [INTEGER]);
    const known = distinctDelta(deltaOfRows([{ row: [1], weight: 1 }, { row: [2], weight: 1 }], [INTEGER]));
    assert(consolidated(known, [INTEGER]) === known);
    assertEquals(consolidated({ ...known, columns: twice.columns }, [INTEGER]).size, 1);
    assertEquals(consolidated(withColumns(twice, twice.columns), [INTEGER]).size, 1);
    assertEquals(consolidated(withColumns(known, twice.columns), [INTEGER]).size, 2);
  });

  it("drop rows of weight 0, and compare few rows with each other", () => {
    const sized = (rows: readonly WeightedRow[]) =>
      consolidated(deltaOfRows(rows, [INTEGER, DOUBLE]), [INTEGER, DOUBLE]).size;
    assertEquals(sized([{ row: [1, 1], weight: 0 }, { row: [2, 1], weight: 1 }]), 1);
    assertEquals(sized([{ row: [1, NaN], weight: 1 }, { row: [1, NaN], weight: -1 }]), 0);
    assertEquals(sized([{ row: [1, 0], weight: 1 }, { row: [1, -0], weight: -1 }]), 2);
    assertEquals(
      sized([{ row: [1, null], weight: 1 }, { row: [1, 0], weight: -1 }, { row: [1, null], weight: 1 }]),
      2,
    );
  });

  it("keep the places of their rows with other columns, and with fewer rows", () => {
    const space = new PlaceSpace();
    const rows = deltaOfRows([{ row: [1], weight: -1 }, { row: [2], weight: 1 }], [INTEGER]);
    const placed = placedDelta(rows, { space, generation: 0, of: Int32Array.of(7, 7) });
    assertEquals(placesOf(rows), undefined);
    assertEquals([...placesOf(withColumns(placed, []))!.of], [7, 7]);
    const second = selectDelta(placed, Int32Array.of(1), 1);
    assertEquals([...placesOf(second)!.of], [7]);
    assertEquals(rowsOfDelta(second), [{ row: [2], weight: 1 }]);
    space.renumber(Int32Array.of(7));
    assertEquals([space.generation, [...space.kept]], [1, [7]]);
    assertEquals(placesOf(distinctDelta(placed)), undefined);
  });

  it("repeat rows by their weights", () => {
    const delta = deltaOfRows([{ row: [1], weight: 2 }, { row: [2], weight: -1 }], [INTEGER]);
    assertEquals(repeated(delta).size, 3);
    assertEquals([...negated(delta).weights], [-2, 1]);
    assertEquals(emptyDelta([INTEGER]).size, 0);
  });
});

/**
 * Counted pairs of groups and values against a map, and what accumulators of DISTINCT see of them.
 *
 * LIVEVIEW_SEED replays a failure, LIVEVIEW_RUNS multiplies the changes.
 *
 * @module
 */
import process from "node:process";
import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { SeededRandom } from "../../../../src/base/random.ts";
import { DistinctRows } from "../../../../src/circuit/group/distinct_rows.ts";
import type { GroupAccumulator } from "../../../../src/circuit/group/group_accumulator.ts";
import { PairCounts } from "../../../../src/circuit/group/pair_counts.ts";
import { type DenseVector, vectorFromDatums } from "../../../../src/exec/vector_build.ts";
import { datumAt } from "../../../../src/exec/vector_read.ts";
import { BIGINT, type Datum, DOUBLE, INTEGER, type SqlType, TEXT } from "../../../../src/storage/sql_type.ts";

const SEED = Number(process.env["LIVEVIEW_SEED"] ?? 4);
const RUNS = Number(process.env["LIVEVIEW_RUNS"] ?? 1);

/** Keeps what it is given. */
class Seen implements GroupAccumulator {
  readonly stateBytes = 0;
  readonly examined = 0;
  counts = new Map<string, number>();

  reserve(): void {}

  add(ids: Int32Array, [vector]: readonly DenseVector[], weights: Int32Array, size: number): void {
    for (let i = 0; i < size; i++) {
      const key = `${ids[i]} ${datumAt(vector!, i)}`;
      const count = (this.counts.get(key) ?? 0) + weights[i]!;
      assert(count === 0 || count === 1, `${key} is there ${count} times`);
      if (count === 0) this.counts.delete(key);
      else this.counts.set(key, count);
    }
  }

  clear(): void {}

  renumber(groups: Int32Array): void {
    const old = this.counts;
    this.counts = new Map();
    groups.forEach((group, id) => {
      for (const [key, count] of old) {
        if (key.startsWith(`${group} `)) this.counts.set(`${id}${key.slice(`${group}`.length)}`, count);
      }
    });
  }
}

interface Row {
  readonly group: number;
  readonly value: Datum;
}

const VALUES: readonly [string, SqlType, (random: SeededRandom, step: number) => Datum][] = [
  ["integers", INTEGER, (random) => random.integer(-30, 30)],
  ["integers and NULL", INTEGER, (random) => random.pick([null, 0, random.integer(-30, 30)])],
  ["numbers that become large", BIGINT, (random, step) => {
    return step > 15 && random.next() < 0.02 ? 2n ** 60n : random.pick([null, random.integer(0, 2 ** 40)]);
  }],
  ["doubles", DOUBLE, (random) => random.integer(-9, 9) / 2],
  ["texts", TEXT, (random) => random.pick(["a", "b", null])],
];

describe("DistinctRows", () => {
  for (const [name, type, valueOf] of VALUES) {
    it(`shows each row once while it is there: ${name} (seed ${SEED})`, () => {
      const random = new SeededRandom(SEED);
      const distinct = new DistinctRows([type]);
      const seen = new Seen();
      distinct.inner.push(seen);
      let rows: Row[] = [];
      let groupCount = 50;
      for (let step = 0; step < 40 * RUNS; step++) {
        const changes: { readonly row: Row; readonly weight: number }[] = [];
        for (let i = random.pick([1, 40, 5000]); i > 0; i--) {
          if (rows.length > 0 && random.next() < 0.5) {
            const at = random.integer(0, rows.length - 1);
            changes.push({ row: rows[at]!, weight: -1 });
            rows[at] = rows.at(-1)!;
            rows.pop();
          } else {
            const row = { group: random.integer(0, groupCount - 1), value: valueOf(random, step) };
            rows.push(row);
            changes.push({ row, weight: 1 });
          }
        }
        distinct.reserve(groupCount);
        // Vectors of a type are dense.
        const vector = vectorFromDatums(
          type,
          changes.map(({ row }) => row.value),
          changes.length,
        ) as DenseVector;
        distinct.add(
          Int32Array.from(changes, ({ row }) => row.group),
          [vector],
          Int32Array.from(changes, ({ weight }) => weight),
          changes.length,
        );
        assertEquals(seen.counts.size, new Set(rows.map(({ group, value }) => `${group} ${value}`)).size);
        if (step % 10 === 9) {
          const kept = [...new Set(rows.map(({ group }) => group))].sort(() => random.next() - 0.5);
          distinct.renumber(Int32Array.from(kept));
          rows = rows.map(({ group, value }) => ({ group: kept.indexOf(group), value }));
          groupCount = Math.max(kept.length, 5);
        }
      }
    });
  }
});

describe("PairCounts", () => {
  it("is as small as before when pairs have come and gone", () => {
    const pairs = new PairCounts();
    const before = pairs.stateBytes;
    const size = 20_000;
    const groups = Int32Array.from({ length: size }, (_, i) => i % 7);
    const values = Float64Array.from({ length: size }, (_, i) => i % 2 === 0 ? i : i * 2 ** 33);
    const crossed = new Int32Array(size);
    const crossings = new Int32Array(size);
    const add = (weight: number) =>
      pairs.addAll({ groups, values, weights: new Int32Array(size).fill(weight) }, size, crossed, crossings);
    assertEquals([add(2), pairs.count], [size, size]);
    assertEquals([add(-1), pairs.count], [0, size]);
    assertEquals([add(0), pairs.count], [0, size]);
    assertEquals([add(-1), pairs.count], [size, 0]);
    assertEquals(add(0), 0);
    assertEquals(crossings[0], -1);
    assertEquals(pairs.stateBytes, before);
  });
});

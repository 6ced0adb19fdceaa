/**
 * Least and greatest values of groups against sorted lists: blocks, trees, and the ways between them.
 *
 * LIVEVIEW_SEED replays a failure, LIVEVIEW_RUNS multiplies the changes.
 *
 * @module
 */
import process from "node:process";
import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { SeededRandom } from "../../../../src/base/random.ts";
import { ExtremeValues } from "../../../../src/circuit/group/extreme_values.ts";
import { BLOCK_MAX, ValueBlocks } from "../../../../src/circuit/group/value_blocks.ts";
import { type DenseVector, vectorFromDatums } from "../../../../src/exec/vector_build.ts";
import { datumAt } from "../../../../src/exec/vector_read.ts";
import {
  BIGINT,
  BOOLEAN,
  type Datum,
  DOUBLE,
  INTEGER,
  type SqlType,
  TEXT,
} from "../../../../src/storage/sql_type.ts";

const SEED = Number(process.env["LIVEVIEW_SEED"] ?? 3);
const RUNS = Number(process.env["LIVEVIEW_RUNS"] ?? 1);

interface Change {
  readonly group: number;
  readonly value: Datum;
  readonly weight: number;
}

/** Of values that are no NULL: -0 before 0, NaN last. */
function order(a: Datum, b: Datum): number {
  const rank = (value: Datum) => value !== value ? 2 : typeof value === "boolean" ? Number(value) : value;
  if (Object.is(a, b)) return 0;
  if (a === 0 && b === 0) return Object.is(a, -0) ? -1 : 1;
  if (a !== a || b !== b) return a !== a ? 1 : -1;
  return rank(a)! < rank(b)! ? -1 : 1;
}

class Model {
  readonly values: ExtremeValues;
  readonly #type: SqlType;
  groups: Datum[][] = [];

  constructor(type: SqlType) {
    this.#type = type;
    this.values = new ExtremeValues(type);
  }

  apply(changes: readonly Change[]): void {
    for (const { group, value, weight } of changes) {
      while (this.groups.length <= group) this.groups.push([]);
      if (value === null) continue;
      for (let i = 0; i < weight; i++) this.groups[group]!.push(value);
    }
    for (const { group, value, weight } of changes) {
      for (let i = weight; i < 0 && value !== null; i++) {
        const values = this.groups[group]!;
        values.splice(values.findIndex((other) => Object.is(other, value)), 1);
      }
    }
    // Vectors of a type are dense.
    const vector = vectorFromDatums(
      this.#type,
      changes.map(({ value }) => value),
      changes.length,
    ) as DenseVector;
    this.values.reserve(this.groups.length);
    this.values.add(
      Int32Array.from(changes, ({ group }) => group),
      [vector],
      Int32Array.from(changes, ({ weight }) => weight),
      changes.length,
    );
    this.groups.forEach((values, group) => {
      if (values.length === 0) this.values.clear(group);
    });
  }

  check(step: string): void {
    const groups = Int32Array.from(this.groups.keys());
    const [least, greatest] = [false, true].map((end) => this.values.read(groups, groups.length, end));
    this.groups.forEach((values, group) => {
      const sorted = values.toSorted(order);
      assertEquals(datumAt(least!, group), sorted[0] ?? null, `least of ${group}, ${step}`);
      assertEquals(datumAt(greatest!, group), sorted.at(-1) ?? null, `greatest of ${group}, ${step}`);
    });
  }
}

const VALUES: readonly [string, SqlType, (random: SeededRandom, step: number) => Datum][] = [
  [
    "doubles",
    DOUBLE,
    (random) => random.pick([NaN, Infinity, -Infinity, -0, 0, random.integer(-40, 40) / 2, null]),
  ],
  ["integers", INTEGER, (random) => random.pick([0, random.integer(-1000, 1000), null])],
  ["booleans", BOOLEAN, (random) => random.next() < 0.5],
  ["texts", TEXT, (random) => random.pick(["a", "b", `text ${random.integer(0, 99)}`, null])],
  [
    "numbers that become large",
    BIGINT,
    (random, step) => step > 20 && random.next() < 0.02 ? 2n ** 60n : random.integer(0, 500),
  ],
];

describe("ExtremeValues", () => {
  for (const [name, type, valueOf] of VALUES) {
    it(`are those of the values that are there: ${name} (seed ${SEED})`, () => {
      const random = new SeededRandom(SEED);
      const model = new Model(type);
      for (let step = 0; step < 40 * RUNS; step++) {
        const changes: Change[] = [];
        const groupCount = random.pick([1, 5, 300]);
        for (let i = random.pick([1, 20, 1500]); i > 0; i--) {
          const group = random.integer(0, groupCount - 1);
          const known = model.groups[group] ?? [];
          // Some go that come in the same change, before or after.
          const value = known.length > 0 && random.next() < 0.5 ? random.pick(known) : valueOf(random, step);
          if (known.length > 0 && random.next() < 0.5) {
            const gone = random.pick(known);
            changes.push({ group, value: gone, weight: -1 }, { group, value: gone, weight: 1 });
          }
          changes.push({ group, value, weight: random.pick([1, 1, 1, 3]) });
        }
        if (step % 3 === 2) {
          const leaving = random.integer(0, model.groups.length - 1);
          for (const value of model.groups[leaving]!) changes.push({ group: leaving, value, weight: -1 });
        }
        model.apply(changes);
        model.check(`step ${step}`);
      }
    });
  }

  it("move to a tree when they are too many for a block, and begin anew when all are gone", () => {
    const model = new Model(INTEGER);
    const many = Array.from(
      { length: BLOCK_MAX + 500 },
      (_, i): Change => ({ group: 1, value: i * 7 % 5000, weight: 1 }),
    );
    model.apply([{ group: 0, value: 5, weight: 1 }, ...many]);
    model.check("many");
    model.apply(many.slice(0, 1000).map((change) => ({ ...change, weight: -1 })));
    model.check("fewer");
    model.apply(many.slice(1000).map((change) => ({ ...change, weight: -1 })));
    model.check("none");
    model.apply([{ group: 1, value: 9, weight: 1 }, { group: 0, value: 4, weight: 2 }]);
    model.check("anew");
  });

  it("stay those of groups that get other numbers", () => {
    const model = new Model(INTEGER);
    model.apply(Array.from({ length: 3000 }, (_, i): Change => ({ group: i % 10, value: i, weight: 1 })));
    model.apply(Array.from({ length: 3000 }, (_, i): Change => ({ group: 3, value: i, weight: 1 })));
    const kept = Int32Array.of(9, 3, 4);
    model.values.renumber(kept);
    model.groups = Array.from(kept, (group) => model.groups[group]!);
    model.check("renumbered");
    model.apply([{ group: 0, value: -1, weight: 1 }, { group: 1, value: -2, weight: 1 }]);
    model.check("changed");
  });

  it("take back what has not come yet", () => {
    const values = new ExtremeValues(INTEGER);
    values.reserve(1);
    const add = (value: number, weight: number) =>
      values.add(
        Int32Array.of(0),
        [{ kind: "i32", values: Int32Array.of(value), nulls: null }],
        Int32Array.of(weight),
        1,
      );
    add(5, 1);
    add(3, -1);
    add(3, 1);
    assertEquals(datumAt(values.read(Int32Array.of(0), 1, false), 0), 5);
  });

  it("take no more memory after many changes", () => {
    const random = new SeededRandom(SEED);
    const values = new ExtremeValues(DOUBLE);
    const groups = 400;
    values.reserve(groups);
    const rows: { group: number; value: number }[] = [];
    const add = (changed: readonly { group: number; value: number }[], weight: number) =>
      values.add(
        Int32Array.from(changed, ({ group }) => group),
        [{ kind: "f64", values: Float64Array.from(changed, ({ value }) => value), nulls: null }],
        new Int32Array(changed.length).fill(weight),
        changed.length,
      );
    const fresh = (count: number) =>
      Array.from({ length: count }, () => ({ group: random.integer(0, groups - 1), value: random.next() }));
    rows.push(...fresh(40_000));
    add(rows, 1);
    const before = values.stateBytes;
    for (let round = 0; round < 60; round++) {
      add(Array.from({ length: 3000 }, () => rows.splice(random.integer(0, rows.length - 1), 1)[0]!), -1);
      const come = fresh(3000);
      rows.push(...come);
      add(come, 1);
    }
    assert(values.stateBytes < before * 1.2, `${values.stateBytes} bytes after ${before}`);
    assert(before < 40_000 * 8 * 1.6, `${before} bytes`);
    assert(values.examined > 0);
  });
});

describe("ValueBlocks", () => {
  it("refuse more values than a block holds, and values that are not there", () => {
    const blocks = new ValueBlocks();
    blocks.reserve(2);
    assert(blocks.add(0, 1, BLOCK_MAX));
    assertEquals(blocks.add(0, 1, 1), false);
    assertEquals(blocks.remove(1, 1, 1), false);
    assert(blocks.add(1, 0, 1));
    assertEquals([blocks.remove(1, -0, 1), blocks.remove(1, 5, 1), blocks.remove(1, 0, 1)], [
      false,
      false,
      true,
    ]);
    assertEquals([blocks.count(0), blocks.count(1)], [BLOCK_MAX, 0]);
  });
});

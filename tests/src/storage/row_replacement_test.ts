/**
 * Rows replaced by value against a list of rows: NULLs, repeated rows, equal values in several forms.
 *
 * LIVEVIEW_SEED replays a failure, LIVEVIEW_RUNS multiplies the runs.
 *
 * @module
 */
import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { SeededRandom } from "../../../src/base/random.ts";
import { vectorOfDatums } from "../../../src/storage/datum_vector.ts";
import { type Datum, DOUBLE, INTEGER, type SqlType, TEXT } from "../../../src/storage/sql_type.ts";
import { Store } from "../../../src/storage/store.ts";
import { measureBytes } from "./table_model.ts";

const SEED = Number(Deno.env.get("LIVEVIEW_SEED") ?? 1);
const RUNS = 12 * Number(Deno.env.get("LIVEVIEW_RUNS") ?? 1);

const BIGINT_TYPE: SqlType = { kind: "bigint" };
const TYPES: readonly SqlType[] = [INTEGER, TEXT, { kind: "numeric" }, BIGINT_TYPE, DOUBLE, {
  kind: "boolean",
}];

type Row = readonly Datum[];

function randomRow(random: SeededRandom): Row {
  const scale = random.integer(0, 8);
  const coefficient = BigInt(random.integer(0, 3)) * 10n ** BigInt(scale);
  return [
    random.pick<Datum>([random.integer(0, 300), null]),
    random.pick<Datum>(["a", "b", `text ${random.integer(0, 50)}`, null]),
    random.pick<Datum>([{ coefficient, scale }, { coefficient: 0n, scale: 0, special: "NaN" }, null]),
    random.pick<Datum>([random.integer(0, 5), 2n ** 60n, null]),
    random.pick<Datum>([0, -0, NaN, 1.5]),
    random.pick<Datum>([true, false, null]),
  ];
}

/** A text that tells rows apart that look different. */
function textOf(row: Row): string {
  return row.map((value) => {
    if (typeof value !== "object" || value === null || !("coefficient" in value)) {
      return Object.is(value, -0) ? "-0" : `${value}`;
    }
    return `${value.special ?? value.coefficient}/${value.scale}`;
  }).join("|");
}

function vectorsOf(rows: readonly Row[]) {
  const columns = TYPES.map((type, j) => vectorOfDatums(type, rows.map((row) => row[j]!)));
  return { columns, count: rows.length };
}

class Model {
  readonly store = new Store();
  rows: Row[] = [];

  constructor(identity?: readonly number[]) {
    const columns = TYPES.map((type, i) => ({ name: `c${i}`, type, nullable: true }));
    this.store.createTable({
      name: "t",
      kind: "view",
      columns,
      primaryKey: [],
      uniqueKeys: [],
      references: [],
      identity,
    });
  }

  /** What is stored, as texts in order. */
  contents(): string[] {
    const table = this.store.table("t")!;
    const texts: string[] = [];
    for (const rows of table.liveRows()) for (const row of rows) texts.push(textOf(table.row(row)));
    return texts.sort();
  }

  check(): void {
    assertEquals(this.contents(), this.rows.map(textOf).sort());
    const table = this.store.table("t")!;
    assertEquals(table.memoryBytes, measureBytes(table));
  }
}

/** Rows that come: some with the key of one that goes, in their order or not. */
function comingRows(random: SeededRandom, gone: readonly Row[], key: readonly number[]): Row[] {
  const come = Array.from({ length: random.integer(0, random.pick([3, 200])) }, () => randomRow(random));
  if (key.length === 0 || random.next() < 0.3) return come;
  const kept = gone.map((row) => randomRow(random).map((value, i) => key.includes(i) ? row[i]! : value));
  if (random.next() < 0.5) return kept;
  return random.next() < 0.5 ? [...come, ...kept.reverse()] : kept.filter(() => random.next() < 0.5);
}

const IDENTITIES: readonly (readonly number[] | undefined)[] = [undefined, [0], [3], [2], [4, 1], [
  5,
  4,
  3,
  2,
  1,
  0,
]];

describe("Transaction.replaceRows() and replaceVectors()", () => {
  it(`take out rows by value and put others in their places (seed ${SEED})`, () => {
    for (let run = 0; run < RUNS; run++) {
      const random = new SeededRandom(SEED + run);
      const identity = IDENTITIES[run % IDENTITIES.length];
      const model = new Model(identity);
      for (let step = 0; step < 40; step++) {
        const transaction = model.store.begin();
        const savepoint = transaction.savepoint();
        const left = [...model.rows];
        const gone = Array.from(
          { length: Math.min(left.length, random.integer(0, random.pick([3, 200]))) },
          () => left.splice(random.integer(0, left.length - 1), 1)[0]!,
        );
        const come = comingRows(random, gone, identity ?? []);
        const found = random.next() < 0.5
          ? transaction.replaceRows("t", gone, come)
          : transaction.replaceVectors("t", vectorsOf(gone), vectorsOf(come));
        assertEquals(found, gone.length);
        if (random.next() < 0.2) transaction.rollbackTo(savepoint);
        else model.rows = [...left, ...come];
        transaction.commit();
        model.check();
      }
    }
  });

  it("count what they find", () => {
    const model = new Model();
    const random = new SeededRandom(SEED);
    const stored: Row[] = [[1, "a", null, 1, 1, true], [2, "b", null, 1, 1, true]];
    const first = model.store.begin();
    first.insert("t", { rows: stored });
    first.commit();
    const absent: Row = [3, "c", null, 1, 1, true];
    const come = randomRow(random);
    const transaction = model.store.begin();
    assertEquals(transaction.replaceRows("t", [absent, stored[0]!], [come]), 1);
    assertEquals(
      transaction.replaceVectors("t", vectorsOf([absent, stored[1]!, stored[1]!]), vectorsOf([])),
      1,
    );
    transaction.commit();
    assertEquals(model.contents(), [textOf(come)]);
  });

  it("write only columns that change", () => {
    const model = new Model();
    const one = { coefficient: 1n, scale: 0 };
    const rows = Array.from({ length: 100 }, (_, i): Row => [i, "a", one, i, 0, true]);
    const first = model.store.begin();
    first.insert("t", { rows });
    first.commit();
    const consumer = model.store.log.register(["t"], model.store.version);
    const transaction = model.store.begin();
    transaction.replaceVectors("t", vectorsOf(rows), vectorsOf(rows.map((row) => row.with(3, 7))));
    const [delta] = transaction.commit().deltas;
    assert(delta !== undefined);
    // The row that had 7 already is no change.
    assertEquals(delta.rowCount, 2 * 99);
    consumer.close();
  });

  it("leave the index alone where the columns that tell rows apart stay", () => {
    const model = new Model([0]);
    const one = { coefficient: 1n, scale: 0 };
    const rows = Array.from({ length: 100 }, (_, i): Row => [i, "a", one, i, 0, true]);
    const first = model.store.begin();
    first.insert("t", { rows });
    first.commit();
    const come = rows.map((row) => row.with(3, 7)).reverse();
    const transaction = model.store.begin();
    transaction.replaceVectors("t", vectorsOf(rows), vectorsOf([...come, [100, "b", null, 0, 0, null]]));
    transaction.commit();
    const table = model.store.table("t")!;
    // Each has kept its place.
    assertEquals(rows.map((_, row) => table.get(row, 0)), rows.map(([id]) => id));
    assertEquals(rows.map((_, row) => table.findByValue(rows[row]!.with(3, 7))), rows.map((_, row) => row));
    assertEquals(table.findByValue(rows[0]!), -1);
  });
});

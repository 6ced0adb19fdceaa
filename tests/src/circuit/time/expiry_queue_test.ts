import process from "node:process";
import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { SeededRandom } from "../../../../src/base/random.ts";
import { ExpiryQueue } from "../../../../src/circuit/time/expiry_queue.ts";

/** The same in a sorted list. */
class ReferenceQueue {
  readonly entries = new Map<number, { weight: number; rows: number[] }>();

  keys(from: number, to: number): number[] {
    return [...this.entries].filter(([key, { weight }]) => key >= from && key <= to && weight !== 0)
      .map(([key]) => key).sort((a, b) => a - b);
  }
}

describe("ExpiryQueue", () => {
  it("agrees with a sorted list after any history", () => {
    const seed = Number(process.env["LIVEVIEW_SEED"] ?? 5);
    const random = new SeededRandom(seed);
    for (const spread of [50, 5000]) {
      const queue = new ExpiryQueue();
      const reference = new ReferenceQueue();
      let floor = 0;
      for (let step = 0; step < 6000; step++) {
        const key = floor + random.integer(0, spread);
        const entry = reference.entries.get(key);
        if (entry !== undefined && random.next() < 0.4) {
          const weight = random.next() < 0.6 ? -entry.weight : 1;
          queue.add(key, weight);
          entry.weight += weight;
        } else {
          const head = queue.link(key, step, 1);
          assertEquals(head, entry?.rows.at(-1) ?? -1);
          if (entry === undefined) reference.entries.set(key, { weight: 1, rows: [step] });
          else {
            entry.rows.push(step);
            entry.weight++;
          }
          assertEquals(queue.head(key), step);
        }
        if (step % 100 === 99) {
          floor += random.integer(0, spread / 4);
          const gone = [...reference.entries.keys()].filter((each) => each < floor).sort((a, b) => a - b);
          const heads: number[] = [];
          queue.removeBelow(floor, heads);
          assertEquals(heads, gone.map((each) => reference.entries.get(each)!.rows.at(-1)!), `seed ${seed}`);
          gone.forEach((each) => reference.entries.delete(each));
        }
        const from = floor + random.integer(-5, spread);
        const found: number[] = [];
        queue.collect(from, from + 30, found);
        assertEquals(found, reference.keys(from, from + 30), `seed ${seed}`);
        assertEquals(queue.next(from, false), reference.keys(from, Infinity)[0]);
        assertEquals(queue.next(from, true), reference.keys(from, Infinity).find((each) => each > from));
      }
      const weights = [...reference.entries.values()].reduce((sum, { weight }) => sum + weight, 0);
      assertEquals(queue.weight, weights);
    }
  });

  it("fills its leaves with ascending keys, and gives them back", () => {
    const queue = new ExpiryQueue();
    for (let key = 0; key < 12_800; key++) queue.link(key, key, 1);
    assert(queue.stateBytes < 12_800 * 20, `${queue.stateBytes}`);
    queue.removeBelow(Infinity, []);
    assertEquals([queue.stateBytes, queue.weight], [0, 0]);
  });

  it("is empty at first", () => {
    const queue = new ExpiryQueue();
    const found: number[] = [];
    queue.collect(-Infinity, Infinity, found);
    assertEquals([found, queue.next(0, false)], [[], undefined]);
  });
});

/**
 * A table of random rows and random changes of it: rows that come, go, or cancel out.
 *
 * @module
 */
import type { SeededRandom } from "../../../../src/base/random.ts";
import type { WeightedRow } from "../../../../src/circuit/zset.ts";
import type { Datum } from "../../../../src/storage/sql_type.ts";
import { come, go } from "./circuit_trial.ts";

/** See the module header. */
export class RandomRows {
  readonly #random: SeededRandom;
  readonly #row: (random: SeededRandom, id: number) => Datum[];
  /** The rows that there are. */
  readonly rows: Datum[][] = [];
  #nextId = 0;

  /** `row`: a random row, with a number that no other row has. */
  constructor(random: SeededRandom, row: (random: SeededRandom, id: number) => Datum[]) {
    this.#random = random;
    this.#row = row;
  }

  /** Puts new rows into the table. */
  insert(count: number): WeightedRow[] {
    const rows = Array.from({ length: count }, () => this.#row(this.#random, this.#nextId++));
    this.rows.push(...rows);
    return come(...rows);
  }

  /** Takes rows out of it. */
  delete(count: number): WeightedRow[] {
    const gone: Datum[][] = [];
    while (gone.length < count && this.rows.length > 0) {
      const at = this.#random.integer(0, this.rows.length - 1);
      gone.push(this.rows[at]!);
      this.rows[at] = this.rows.at(-1)!;
      this.rows.pop();
    }
    return go(...gone);
  }

  /** Some of both, and a row that comes and goes. */
  change(): WeightedRow[] {
    const size = this.#random.pick([1, 1, 2, 5, 100, 700]);
    const ghost = this.#row(this.#random, -1);
    const change = [
      ...this.insert(this.#random.integer(0, size)),
      ...this.delete(this.#random.integer(0, size)),
      ...come(ghost),
      ...go(ghost),
    ];
    return shuffled(change, this.#random);
  }
}

/** The items in a random order. */
export function shuffled<Item>(items: readonly Item[], random: SeededRandom): Item[] {
  const all = items.slice();
  for (let i = all.length - 1; i > 0; i--) {
    const j = random.integer(0, i);
    [all[i], all[j]] = [all[j]!, all[i]!];
  }
  return all;
}

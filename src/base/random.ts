/**
 * Randomness as a dependency: a seeded generator, so that every random choice can be replayed.
 *
 * @module
 */

/** The source of random numbers. */
export interface Random {
  /** A double in [0, 1). */
  next(): number;
}

/** sfc32, seeded with one 32-bit number (Chris Doty-Humphrey, PractRand). Not for cryptography. */
export class SeededRandom implements Random {
  #a = 0x9e3779b9;
  #b = 0x243f6a88;
  #c = 0xb7e15162;
  #counter: number;

  /** Only the low 32 bits of `seed` count. */
  constructor(seed: number) {
    this.#counter = seed >>> 0;
    for (let i = 0; i < 15; i++) this.next();
  }

  /** A double in [0, 1), from 32 random bits. */
  next(): number {
    const t = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + t | 0;
    return (t >>> 0) / 4294967296;
  }

  /** A whole number in [from, to], both included. */
  integer(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1));
  }

  /** One of `items`. */
  pick<Item>(items: readonly Item[]): Item {
    return items[Math.floor(this.next() * items.length)]!;
  }
}

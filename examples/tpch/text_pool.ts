/**
 * The text pool: a long run of generated sentences from which every comment is a slice.
 *
 * The specification's pool has 300 MiB. The default here is 10 MiB, which other generators use as well: it
 * takes a fraction of a second, and only the comment columns differ (and with them one row of query 13 at
 * scale factor 1).
 *
 * Source: TPC Benchmark H, standard specification, revision 3.0.1, clause 4.2.2.10.
 *
 * @module
 */

import { QueryError } from "../../src/base/error.ts";
import { draw, startStreams, STREAM } from "./random_stream.ts";
import {
  ADJECTIVES,
  ADVERBS,
  AUXILIARIES,
  NOUN_PHRASES,
  NOUNS,
  PREPOSITIONS,
  SENTENCES,
  TERMINATORS,
  VERB_PHRASES,
  VERBS,
  type WeightedWords,
} from "./text_grammar.ts";

/** The default size of the pool. */
export const DEFAULT_TEXT_POOL_BYTES: number = 10 * 1024 * 1024;

/** The size that the TPC-H specification asks for. */
export const OFFICIAL_TEXT_POOL_BYTES: number = 300 * 1024 * 1024;

const SMALLEST_POOL = 1024;
// Longer than any sentence, so that the end of the pool is tested once per sentence.
const SENTENCE_ROOM = 512;

const SPACE = 0x20;
const COMMA = 0x2c;
const LETTER_D = 0x44;
const LETTER_J = 0x4a;
const LETTER_K = 0x4b;
const LETTER_N = 0x4e;
const LETTER_P = 0x50;
const LETTER_V = 0x56;

let lastPool: WeakRef<Uint8Array> | undefined;

/** The pool of `bytes` bytes. The last one is shared as long as somebody holds it. */
export function textPool(bytes: number = DEFAULT_TEXT_POOL_BYTES): Uint8Array {
  const shared = lastPool?.deref();
  if (shared?.length === bytes) return shared;
  if (!Number.isInteger(bytes) || bytes < SMALLEST_POOL || bytes > OFFICIAL_TEXT_POOL_BYTES) {
    throw new QueryError("invalid-parameter", `Text pool of ${bytes} bytes is not possible`, {
      hint: `choose a whole number from ${SMALLEST_POOL} to ${OFFICIAL_TEXT_POOL_BYTES}`,
      details: { textPoolBytes: bytes },
    });
  }
  const pool = new PoolWriter(bytes).write();
  lastPool = new WeakRef(pool);
  return pool;
}

class PoolWriter {
  readonly #size: number;
  readonly #bytes: Uint8Array;
  readonly #streams = startStreams();
  #end = 0;

  constructor(size: number) {
    this.#size = size;
    this.#bytes = new Uint8Array(size + SENTENCE_ROOM);
  }

  write(): Uint8Array {
    while (this.#end < this.#size) this.#sentence();
    return this.#bytes.subarray(0, this.#size);
  }

  #sentence(): void {
    for (const letter of this.#pick(SENTENCES)) {
      if (letter === LETTER_N) this.#nounPhrase();
      else if (letter === LETTER_V) this.#verbPhrase();
      else if (letter === LETTER_P) this.#prepositionalPhrase();
    }
    this.#end--;
    this.#word(TERMINATORS);
  }

  #nounPhrase(): void {
    for (const letter of this.#pick(NOUN_PHRASES)) {
      if (letter === LETTER_N) this.#word(NOUNS);
      else if (letter === LETTER_D) this.#word(ADVERBS);
      else if (letter === LETTER_J) this.#word(ADJECTIVES);
      else if (letter === LETTER_K) {
        this.#word(ADJECTIVES);
        this.#bytes[this.#end - 1] = COMMA;
        this.#bytes[this.#end++] = SPACE;
      }
    }
  }

  #verbPhrase(): void {
    for (const letter of this.#pick(VERB_PHRASES)) {
      if (letter === LETTER_V) this.#word(VERBS);
      else if (letter === LETTER_D) this.#word(ADVERBS);
      else this.#word(AUXILIARIES);
    }
  }

  #prepositionalPhrase(): void {
    this.#word(PREPOSITIONS);
    this.#append(ARTICLE);
    this.#nounPhrase();
  }

  #pick(words: WeightedWords): Uint8Array {
    return words.words[words.index[draw(this.#streams, STREAM.textPool, 0, words.index.length)]!]!;
  }

  #word(words: WeightedWords): void {
    this.#append(this.#pick(words));
  }

  #append(word: Uint8Array): void {
    let end = this.#end;
    for (let i = 0; i < word.length; i++) this.#bytes[end++] = word[i]!;
    this.#bytes[end++] = SPACE;
    this.#end = end;
  }
}

const ARTICLE: Uint8Array = new TextEncoder().encode("the");

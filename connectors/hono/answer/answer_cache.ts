/**
 * Encoded answers, least recently used first, bounded by bytes.
 *
 * An answer is kept by its question (who asks, statement, parameters, format) with its entity tag, and found only
 * under the tag that holds now: a change of a table makes it useless, and the next answer takes its place. O(1).
 *
 * @module
 */

/** An answer as it was sent. */
export interface EncodedAnswer {
  /** What holds for it. */
  readonly tag: string;
  /** The body. */
  readonly body: Uint8Array<ArrayBuffer>;
  /** The headers that belong to the body. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Bytes that an entry takes beside its body. */
const ENTRY_BYTES = 512;

/** See the module header. */
export class AnswerCache {
  readonly #bytesMax: number;
  readonly #answers = new Map<string, EncodedAnswer>();
  #bytes = 0;

  /** At most `bytesMax` bytes are kept, and no answer of more than an eighth of that. */
  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** The answers kept. */
  get size(): number {
    return this.#answers.size;
  }

  /** Bytes of all answers, roughly. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The answer to `question` if it has this tag. */
  get(question: string, tag: string): EncodedAnswer | undefined {
    const answer = this.#answers.get(question);
    if (answer === undefined || answer.tag !== tag) return undefined;
    // Re-inserting keeps the map in order of use.
    this.#answers.delete(question);
    this.#answers.set(question, answer);
    return answer;
  }

  /** True when an answer of `length` bytes would be kept. */
  takes(length: number): boolean {
    return length + ENTRY_BYTES <= this.#bytesMax / 8;
  }

  /** Keeps `answer`, in place of an older one to the same question. */
  set(question: string, answer: EncodedAnswer): void {
    this.#remove(question);
    if (!this.takes(answer.body.length)) return;
    this.#answers.set(question, answer);
    this.#bytes += sizeOf(question, answer);
    for (const oldest of this.#answers.keys()) {
      if (this.#bytes <= this.#bytesMax) break;
      this.#remove(oldest);
    }
  }

  #remove(question: string): void {
    const answer = this.#answers.get(question);
    if (answer === undefined) return;
    this.#answers.delete(question);
    this.#bytes -= sizeOf(question, answer);
  }
}

function sizeOf(question: string, { body }: EncodedAnswer): number {
  return body.length + 2 * question.length + ENTRY_BYTES;
}

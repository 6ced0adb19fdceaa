/**
 * Writers for the columns of a batch. Each keeps one scratch buffer for its whole life and hands out compact
 * copies, so that a generator allocates per batch and not per row.
 *
 * @module
 */

import type { BatchColumn } from "../../src/storage/column_batch.ts";
import { draw } from "./random_stream.ts";

const DIGIT_ZERO = 0x30;

/** The first `rows` numbers of a scratch buffer as a column. */
export function numbers(scratch: Int32Array, rows: number): BatchColumn {
  return { kind: "numbers", values: scratch.slice(0, rows) };
}

/** The first `rows` codes of a scratch buffer as a column. */
export function codes(scratch: Uint8Array, dictionary: readonly string[], rows: number): BatchColumn {
  return { kind: "codes", codes: scratch.slice(0, rows), dictionary };
}

/** A text column that is written row by row. */
export class TextWriter {
  readonly #bytes: Uint8Array;
  readonly #offsets: Int32Array;
  #rows = 0;
  #end = 0;

  /** Room for `rows` values of at most `longest` bytes. */
  constructor(rows: number, longest: number) {
    this.#bytes = new Uint8Array(rows * longest);
    this.#offsets = new Int32Array(rows + 1);
  }

  /** Appends part of a value. */
  add(source: Uint8Array, from: number, length: number): void {
    const bytes = this.#bytes;
    let end = this.#end;
    for (let i = from; i < from + length; i++) bytes[end++] = source[i]!;
    this.#end = end;
  }

  /** Appends one byte of a value. */
  addByte(byte: number): void {
    this.#bytes[this.#end++] = byte;
  }

  /** Appends a whole number with at least `digits` digits. */
  addNumber(value: number, digits: number): void {
    let width = digits;
    for (let limit = 10 ** digits; limit <= value; limit *= 10) width++;
    let rest = value;
    for (let i = this.#end + width - 1; i >= this.#end; i--) {
      this.#bytes[i] = DIGIT_ZERO + rest % 10;
      rest = (rest / 10) | 0;
    }
    this.#end += width;
  }

  /** Overwrites bytes of the value that is being written, counted from its start. */
  overwrite(source: Uint8Array, at: number): void {
    this.#bytes.set(source, this.#offsets[this.#rows]! + at);
  }

  /** Ends the value of this row. */
  endRow(): void {
    this.#offsets[++this.#rows] = this.#end;
  }

  /** Appends a slice of the text pool of random place and length (clause 4.2.2.10); returns its length. */
  addText(pool: Uint8Array, streams: Int32Array, stream: number, range: LengthRange): number {
    const from = draw(streams, stream, 0, pool.length - range.longest + 1);
    const length = draw(streams, stream, range.shortest, range.longest - range.shortest + 1);
    this.add(pool, from, length);
    return length;
  }

  /** The rows so far as a column; the writer starts anew. */
  finish(): BatchColumn {
    const column: BatchColumn = {
      kind: "utf8",
      bytes: this.#bytes.slice(0, this.#end),
      offsets: this.#offsets.slice(0, this.#rows + 1),
    };
    this.#rows = 0;
    this.#end = 0;
    return column;
  }
}

/** The lengths that a random text may have. */
export interface LengthRange {
  readonly shortest: number;
  readonly longest: number;
}

/** The lengths around an average: 0.4 to 1.6 times it (clause 4.2.2.10). */
export function lengthRange(average: number): LengthRange {
  return { shortest: Math.floor(average * 0.4), longest: Math.floor(average * 1.6) };
}

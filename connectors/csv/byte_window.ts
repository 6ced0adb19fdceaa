/**
 * A sliding window over a byte source: whole records are taken from its front, chunks come in at its end.
 *
 * ```text
 *            position              end       sentinel
 * |  consumed  |  record, record, rec|  room  |
 *                                 ^ kept for the next scan
 * ```
 *
 * The buffer grows only when one record does not fit, up to a limit.
 *
 * @module
 */
import type { ByteSource } from "../files/byte_source.ts";

/** See the module header. */
export class ByteWindow {
  #buffer: Uint8Array;
  #end = 0;
  #position = 0;
  #fileOffset = 0;
  #final = false;
  #rest: Uint8Array = new Uint8Array(0);
  readonly #chunks: AsyncIterator<Uint8Array>;

  constructor(source: ByteSource, capacity: number) {
    this.#buffer = new Uint8Array(capacity + 1);
    this.#chunks = source.chunks()[Symbol.asyncIterator]();
  }

  /** The bytes; those from `position` to `end` count, and one more behind them may be written. */
  get buffer(): Uint8Array {
    return this.#buffer;
  }

  get position(): number {
    return this.#position;
  }

  get end(): number {
    return this.#end;
  }

  /** Nothing comes behind `end`. */
  get final(): boolean {
    return this.#final;
  }

  get capacity(): number {
    return this.#buffer.length - 1;
  }

  /** The offset in the source of the byte at `at`. */
  fileOffset(at: number): number {
    return this.#fileOffset + at;
  }

  /** Gives up the bytes before `position`. */
  consume(position: number): void {
    this.#position = position;
  }

  /** Moves what is left to the front and fills the window; twice the capacity when it is full of one record. */
  async fill(): Promise<void> {
    const left = this.#end - this.#position;
    if (this.#position > 0) {
      this.#buffer.copyWithin(0, this.#position, this.#end);
    } else if (left === this.capacity) {
      const larger = new Uint8Array(2 * this.capacity + 1);
      larger.set(this.#buffer.subarray(0, left));
      this.#buffer = larger;
    }
    this.#fileOffset += this.#position;
    this.#position = 0;
    this.#end = left;
    while (this.#end < this.capacity && !this.#final) await this.#take();
  }

  async #take(): Promise<void> {
    if (this.#rest.length === 0) {
      const next = await this.#chunks.next();
      if (next.done === true) {
        this.#final = true;
        return;
      }
      this.#rest = next.value;
    }
    const part = this.#rest.subarray(0, this.capacity - this.#end);
    this.#buffer.set(part, this.#end);
    this.#end += part.length;
    this.#rest = this.#rest.subarray(part.length);
  }

  /** Closes the source early. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }
}

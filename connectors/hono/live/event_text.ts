/**
 * Server-sent events as bytes. What many streams send is encoded once.
 *
 * @module
 */
import type { ChangePart } from "./change_text.ts";

const encoder = new TextEncoder();

/** A comment line: keeps proxies from closing a connection on which nothing happens. */
export const HEARTBEAT: Uint8Array<ArrayBuffer> = encoder.encode(": heartbeat\n\n");

/** How long a client waits before it connects again. */
export function retryBytes(retryMs: number): Uint8Array<ArrayBuffer> {
  return encoder.encode(`retry: ${Math.round(retryMs)}\n\n`);
}

/** An event without id; `value` as JSON, which has no line breaks. */
export function eventBytes(event: string, value: unknown): Uint8Array<ArrayBuffer> {
  return encoder.encode(`event: ${event}\ndata: ${JSON.stringify(value)}\n\n`);
}

/** Events of changes, as bytes. */
export class EventBytes {
  readonly #stamp: (version: number) => string;
  readonly #parts = new WeakMap<ChangePart, Uint8Array<ArrayBuffer>>();

  /** `stamp` gives the id of a version. */
  constructor(stamp: (version: number) => string) {
    this.#stamp = stamp;
  }

  /** Only what makes the reader's contents complete has an id: it resumes from there, or where it was before. */
  of(part: ChangePart): Uint8Array<ArrayBuffer> {
    let bytes = this.#parts.get(part);
    if (bytes === undefined) {
      const id = part.final ? `id: ${this.#stamp(part.version)}\n` : "";
      bytes = encoder.encode(`event: ${part.event}\n${id}data: ${part.json}\n\n`);
      this.#parts.set(part, bytes);
    }
    return bytes;
  }
}

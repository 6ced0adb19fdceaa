/**
 * Files read at any place, as formats with a footer need it.
 *
 * @module
 */

/** Bytes that can be read at any offset. */
export interface RandomAccess {
  readonly name: string;
  readonly byteLength: number;
  /** The bytes from `from` up to `to`. */
  read(from: number, to: number): Promise<ArrayBuffer>;
  close(): Promise<void>;
}

/** Bytes in memory. */
export function memoryAccess(bytes: Uint8Array, name = "input"): RandomAccess {
  return {
    name,
    byteLength: bytes.length,
    read: (from, to) => Promise.resolve(copyOf(bytes, from, to)),
    close: () => Promise.resolve(),
  };
}

function copyOf(bytes: Uint8Array, from: number, to: number): ArrayBuffer {
  const copy = new Uint8Array(Math.max(0, Math.min(to, bytes.length) - from));
  copy.set(bytes.subarray(from, to));
  return copy.buffer;
}

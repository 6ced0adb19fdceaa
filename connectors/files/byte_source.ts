/**
 * Bytes to be read from the beginning: a file, a stream, or what is in memory.
 *
 * @module
 */

/** A sequence of bytes with a name for error messages. */
export interface ByteSource {
  readonly name: string;
  /** Length of the underlying file, when known. */
  readonly totalBytes?: number;
  /** Bytes of the underlying file taken so far; behind a decompressor these are the compressed ones. */
  readonly position: number;
  /** False for streams such as standard input: `chunks` may then be called once. */
  readonly restartable: boolean;
  /** The bytes from the beginning, in pieces of any size. */
  chunks(): AsyncIterable<Uint8Array>;
}

/** Bytes or text in memory as a source. */
export function memorySource(content: Uint8Array | string, name = "input"): ByteSource {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  let position = 0;
  return {
    name,
    totalBytes: bytes.length,
    get position() {
      return position;
    },
    restartable: true,
    async *chunks() {
      position = bytes.length;
      yield bytes;
    },
  };
}

/** A stream that can be read once, such as standard input or the body of a response. */
export function streamSource(stream: AsyncIterable<Uint8Array>, name = "stream"): ByteSource {
  let position = 0;
  return {
    name,
    get position() {
      return position;
    },
    restartable: false,
    async *chunks() {
      for await (const chunk of stream) {
        position += chunk.length;
        yield chunk;
      }
    },
  };
}

/** What a reader accepts as its input. */
export type ByteInput = ByteSource | Uint8Array | string;

/** `input` as a source. */
export function toByteSource(input: ByteInput): ByteSource {
  return typeof input === "string" || input instanceof Uint8Array ? memorySource(input) : input;
}

/** All bytes of a source in one array. */
export async function readAll(source: ByteSource): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of source.chunks()) {
    chunks.push(chunk);
    length += chunk.length;
  }
  if (chunks.length === 1) return chunks[0]!;
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/**
 * Files of the machine as byte sources, with gzip undone by extension; the only place that opens files.
 *
 * @module
 */
import { type FileHandle, open } from "node:fs/promises";
import { writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { gzipSync } from "node:zlib";
import type { ByteSource } from "./byte_source.ts";
import { inputError, reasonOf } from "./input_error.ts";
import type { RandomAccess } from "./random_access.ts";

const CHUNK_BYTES = 1 << 20;

/** A path, or a `file:` URL. */
export type FilePath = string | URL;

/** The name of a file without its folder. */
export function fileName(path: FilePath): string {
  return basename(typeof path === "string" ? path : decodeURIComponent(path.pathname));
}

async function openFile(path: FilePath): Promise<FileHandle> {
  try {
    return await open(path, "r");
  } catch (cause) {
    throw inputError({ file: String(path) }, reasonOf(cause), { cause, hint: "check path and permissions" });
  }
}

/** A file to be read from the beginning. Names ending in `.gz` are decompressed. */
export async function fileSource(path: FilePath): Promise<ByteSource> {
  const handle = await openFile(path);
  let totalBytes: number;
  try {
    totalBytes = (await handle.stat()).size;
  } finally {
    await handle.close();
  }
  const progress = { position: 0 };
  const name = fileName(path);
  return {
    name,
    totalBytes,
    get position() {
      return progress.position;
    },
    restartable: true,
    chunks: () => {
      const chunks = fileChunks(path, progress);
      return name.endsWith(".gz") ? decompressed(chunks, name) : chunks;
    },
  };
}

async function* fileChunks(path: FilePath, progress: { position: number }): AsyncGenerator<Uint8Array> {
  const handle = await openFile(path);
  progress.position = 0;
  try {
    for (;;) {
      const buffer = new Uint8Array(CHUNK_BYTES);
      const { bytesRead } = await handle.read(buffer, 0, CHUNK_BYTES, progress.position);
      if (bytesRead === 0) return;
      progress.position += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}

/** The content of gzip data. */
async function* decompressed(chunks: AsyncGenerator<Uint8Array>, name: string): AsyncGenerator<Uint8Array> {
  const compressed = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      const next = await chunks.next();
      if (next.done === true) controller.close();
      // The chunks are made over ArrayBuffers by fileChunks.
      else controller.enqueue(next.value as Uint8Array<ArrayBuffer>);
    },
    cancel: () => void chunks.return(undefined),
  });
  const reader = compressed.pipeThrough(new DecompressionStream("gzip")).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } catch (cause) {
    throw inputError({ file: name }, "the gzip data is damaged", {
      cause,
      hint: "check that the file is complete",
    });
  } finally {
    await reader.cancel().catch(() => {});
  }
}

/** A file to be read at any place. */
export async function fileAccess(path: FilePath): Promise<RandomAccess> {
  const handle = await openFile(path);
  const { size } = await handle.stat();
  return {
    name: fileName(path),
    byteLength: size,
    async read(from, to) {
      const bytes = new Uint8Array(Math.max(0, Math.min(to, size) - from));
      for (let at = 0; at < bytes.length;) {
        const { bytesRead } = await handle.read(bytes, at, bytes.length - at, from + at);
        if (bytesRead === 0) {
          throw inputError({ file: fileName(path) }, "the file became shorter while it was read");
        }
        at += bytesRead;
      }
      return bytes.buffer;
    },
    close: () => handle.close(),
  };
}

/** Writes `content` to a file; names ending in `.gz` are compressed. */
export async function writeBytes(path: FilePath, content: Uint8Array): Promise<void> {
  await writeFile(path, fileName(path).endsWith(".gz") ? gzipSync(content) : content);
}

/**
 * LZ4 frames, in which Arrow files by pandas and pyarrow are compressed by default.
 *
 * Blocks of a frame may refer to the output of the blocks before them, so all are decoded into one array.
 * Cost: O(output bytes).
 *
 * @module
 */
import { SchemaError } from "../../src/base/error.ts";

const MAGIC = 0x184d2204;
const FLAG_CONTENT_SIZE = 8;
const FLAG_BLOCK_CHECKSUM = 16;
const FLAG_DICTIONARY = 1;
const UNCOMPRESSED = 0x80000000;

/** The content of the frame in `input`, which has `length` bytes. */
export function decodeLz4Frame(input: Uint8Array, length: number): Uint8Array {
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength);
  if (input.length < 7 || view.getUint32(0, true) !== MAGIC) throw damaged("it has no LZ4 frame");
  const flags = input[4]!;
  if ((flags & FLAG_DICTIONARY) !== 0) throw damaged("the LZ4 frame needs a dictionary");
  // Magic number, flags, block descriptor, content size when there is one, header checksum.
  let p = 4 + 2 + ((flags & FLAG_CONTENT_SIZE) === 0 ? 0 : 8) + 1;
  const output = new Uint8Array(length);
  let at = 0;
  for (;;) {
    if (p + 4 > input.length) throw damaged("the LZ4 frame ends early");
    const word = view.getUint32(p, true);
    p += 4;
    if (word === 0) break;
    const size = word & ~UNCOMPRESSED;
    const block = input.subarray(p, p + size);
    if (block.length < size) throw damaged("the LZ4 frame ends early");
    if ((word & UNCOMPRESSED) !== 0) {
      if (at + size > length) throw damaged("the LZ4 frame is longer than announced");
      output.set(block, at);
      at += size;
    } else {
      at = decodeBlock(block, output, at);
    }
    p += size + ((flags & FLAG_BLOCK_CHECKSUM) === 0 ? 0 : 4);
  }
  if (at !== length) throw damaged(`the LZ4 frame has ${at} bytes instead of ${length}`);
  return output;
}

/** Decodes one block into `output` from `at` on; gives the new end. */
function decodeBlock(input: Uint8Array, output: Uint8Array, at: number): number {
  let p = 0;
  while (p < input.length) {
    const token = input[p++]!;
    let literals = token >> 4;
    if (literals === 15) {
      for (let more = 255; more === 255;) literals += more = input[p++] ?? 0;
    }
    if (p + literals > input.length || at + literals > output.length) {
      throw damaged("an LZ4 block is damaged");
    }
    output.set(input.subarray(p, p + literals), at);
    p += literals;
    at += literals;
    if (p >= input.length) break;
    const distance = input[p]! | ((input[p + 1] ?? 0) << 8);
    p += 2;
    let length = (token & 15) + 4;
    if (length === 19) {
      for (let more = 255; more === 255;) length += more = input[p++] ?? 0;
    }
    if (distance === 0 || distance > at || at + length > output.length) {
      throw damaged("an LZ4 block is damaged");
    }
    // Source and target may overlap, so byte by byte.
    for (const end = at + length; at < end; at++) output[at] = output[at - distance]!;
  }
  return at;
}

function damaged(problem: string): SchemaError {
  return new SchemaError("invalid-input", `Cannot decompress the data: ${problem}`, {
    hint: "write the file again, without compression or with zstd",
  });
}

/**
 * Text between JavaScript strings and UTF-8 bytes, tuned for the short strings of columns: a call into the
 * platform's coders costs more than a loop over 30 ASCII bytes, so they only see longer or non-ASCII text.
 * O(length).
 *
 * @module
 */

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const { fromCharCode } = String;
/** Up to this length ASCII is decoded in JavaScript. */
const SHORT_BYTES = 96;

/** The text of `bytes[from .. to]`; `ascii` promises that every byte is below 128. */
export function decodeText(bytes: Uint8Array, from: number, to: number, ascii: boolean): string {
  if (!ascii || to - from > SHORT_BYTES) return decoder.decode(bytes.subarray(from, to));
  let text = "";
  let i = from;
  for (; i + 8 <= to; i += 8) {
    text += fromCharCode(
      bytes[i],
      bytes[i + 1],
      bytes[i + 2],
      bytes[i + 3],
      bytes[i + 4],
      bytes[i + 5],
      bytes[i + 6],
      bytes[i + 7],
    );
  }
  for (; i < to; i++) text += fromCharCode(bytes[i]);
  return text;
}

/** Writes `text` at `at`, where at least 3 bytes a UTF-16 unit are free; returns the end. */
export function encodeText(text: string, bytes: Uint8Array, at: number): number {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= 128) return at + encoder.encodeInto(text, bytes.subarray(at)).written;
    bytes[at + i] = unit;
  }
  return at + text.length;
}

/** Whether every byte of `bytes[from .. to]` is below 128. */
export function isAscii(bytes: Uint8Array, from: number, to: number): boolean {
  let seen = 0;
  for (let i = from; i < to; i++) seen |= bytes[i];
  return seen < 128;
}

/** Number of Unicode characters. */
export function countCharacters(text: string): number {
  let count = text.length;
  for (let i = 0; i + 1 < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0xd800 || unit > 0xdbff) continue;
    const next = text.charCodeAt(i + 1);
    if (next >= 0xdc00 && next <= 0xdfff) {
      count--;
      i++;
    }
  }
  return count;
}

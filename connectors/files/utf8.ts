/**
 * UTF-8 checked without making strings.
 *
 * @module
 */

/**
 * The first offset at which `bytes[from .. to]` is not UTF-8, or -1. Overlong forms, surrogates and values
 * beyond U+10FFFF are invalid.
 */
export function invalidUtf8At(bytes: Uint8Array, from: number, to: number): number {
  let p = from;
  while (p < to) {
    const byte = bytes[p]!;
    if (byte < 128) {
      p++;
      continue;
    }
    const length = byte >= 0xc2 && byte <= 0xdf
      ? 2
      : byte >= 0xe0 && byte <= 0xef
      ? 3
      : byte >= 0xf0 && byte <= 0xf4
      ? 4
      : 0;
    if (length === 0 || p + length > to) return p;
    const second = bytes[p + 1]!;
    const least = byte === 0xe0 ? 0xa0 : byte === 0xf0 ? 0x90 : 0x80;
    const most = byte === 0xed ? 0x9f : byte === 0xf4 ? 0x8f : 0xbf;
    if (second < least || second > most) return p;
    for (let i = 2; i < length; i++) if ((bytes[p + i]! & 0xc0) !== 0x80) return p;
    p += length;
  }
  return -1;
}

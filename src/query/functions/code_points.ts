/**
 * Text by characters. SQL counts Unicode code points, JavaScript UTF-16 code units: they differ only where
 * surrogate pairs occur, which one scan finds, so that all other text is handled by plain slicing.
 *
 * @module
 */

const SURROGATE = /[\ud800-\udfff]/;

/** Whether the text holds surrogate pairs, so that offsets in code units are not characters. */
export function hasSurrogates(text: string): boolean {
  return SURROGATE.test(text);
}

/** Number of characters. */
export function characterCount(text: string): number {
  if (!hasSurrogates(text)) return text.length;
  let count = 0;
  for (const _ of text) count++;
  return count;
}

/** The characters from index `from` up to `to`, counted from 0; `from` <= `to`. */
export function sliceCharacters(text: string, from: number, to: number): string {
  if (!hasSurrogates(text)) return text.slice(from, to);
  return Array.from(text).slice(from, to).join("");
}

/** The characters, one string each. */
export function characters(text: string): string[] {
  return hasSurrogates(text) ? Array.from(text) : text.split("");
}

/** The index in characters of an offset in code units. */
export function characterIndex(text: string, offset: number): number {
  return hasSurrogates(text) ? characterCount(text.slice(0, offset)) : offset;
}

/** The offset in code units of an index in characters. */
export function codeUnitOffset(text: string, index: number): number {
  if (!hasSurrogates(text)) return Math.min(index, text.length);
  let offset = 0;
  let left = index;
  for (const character of text) {
    if (left-- <= 0) break;
    offset += character.length;
  }
  return offset;
}

/** Order by code points: negative, 0 or positive. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y) continue;
    // Surrogates stand for code points above every other code unit.
    const high = (x >= 0xd800 && x <= 0xdfff ? 1 : 0) - (y >= 0xd800 && y <= 0xdfff ? 1 : 0);
    return high !== 0 ? high : x - y;
  }
  return a.length - b.length;
}

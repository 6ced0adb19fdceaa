/**
 * Dictionary of a text column: distinct strings by code, append-only and unsorted.
 *
 * ```
 * strings  [ "AIR", "SHIP", "FOB" ]          code -> string
 * #codes   { AIR: 0, SHIP: 1, FOB: 2 }       string -> code
 * ranks    [ 0, 2, 1 ]                       code -> position in sorted order, built when first asked for
 * ```
 *
 * Adding is O(1); `ranks` costs O(n log n) after the dictionary grew, and nothing otherwise.
 *
 * @module
 */

/** Distinct strings with dense codes from 0. */
export class Dictionary {
  readonly #strings: string[] = [];
  readonly #codes = new Map<string, number>();
  #ranks: Int32Array = new Int32Array(0);
  #bytes = 0;

  /** Strings by code. Grows; existing entries never change. */
  get strings(): readonly string[] {
    return this.#strings;
  }

  /** Number of distinct strings. */
  get size(): number {
    return this.#strings.length;
  }

  /** Approximate memory in bytes. */
  get memoryBytes(): number {
    return this.#bytes;
  }

  /** The code of `text`, added when new. */
  encode(text: string): number {
    const known = this.#codes.get(text);
    if (known !== undefined) return known;
    const code = this.#strings.length;
    this.#strings.push(text);
    this.#codes.set(text, code);
    this.#bytes += 48 + text.length * 2;
    return code;
  }

  /** The code of `text`, or -1 when it is not in the dictionary. */
  find(text: string): number {
    return this.#codes.get(text) ?? -1;
  }

  /** Position of each code in code-point order of the strings. */
  ranks(): Int32Array {
    const count = this.#strings.length;
    if (this.#ranks.length === count) return this.#ranks;
    const order = Array.from(this.#strings.keys());
    order.sort((a, b) => compareText(this.#strings[a]!, this.#strings[b]!));
    const ranks = new Int32Array(count);
    order.forEach((code, rank) => ranks[code] = rank);
    this.#ranks = ranks;
    return ranks;
  }
}

/** Compares by Unicode code point, as collation "C" over UTF-8 does. Negative, 0 or positive. */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    let x = a.charCodeAt(i);
    let y = b.charCodeAt(i);
    if (x === y) continue;
    // UTF-16 puts surrogates (astral planes) below 0xE000-0xFFFF; code point order is the other way round.
    if (x >= 0xd800 && y >= 0xd800) {
      x = x >= 0xe000 ? x - 0x800 : x + 0x2000;
      y = y >= 0xe000 ? y - 0x800 : y + 0x2000;
    }
    return x - y;
  }
  return a.length - b.length;
}

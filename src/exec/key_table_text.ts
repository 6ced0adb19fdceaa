/**
 * Encoder of key columns of text.
 *
 * While all values come as codes of one dictionary, its codes are the codes. Once another dictionary or plain
 * strings come, strings are interned in a Map, and codes of a dictionary are translated through a table that
 * fills as codes are met:
 *
 * ```
 * home dictionary      code c -> c + 1              (entries known when the Map was made)
 * other dictionaries   code c -> table[c]           0 while not met
 * strings              Map
 * ```
 *
 * O(1) a row for codes, one Map access a row for strings.
 *
 * @module
 */
import type { Dictionary } from "../storage/dictionary.ts";
import type { SqlType } from "../storage/sql_type.ts";
import type { NullBytes, Vector } from "../storage/vector.ts";
import { DatumEncoder } from "./key_table_datum.ts";
import type { KeyEncoder } from "./key_table_encoder.ts";
import type { DenseVector } from "./vector_build.ts";

const ENTRY_BYTES = 100;

/** Text to codes. */
export class TextEncoder implements KeyEncoder {
  readonly #type: SqlType;
  #home: Dictionary | null = null;
  /** Set once strings are interned; `#strings[code]`, the first stands for NULL. */
  #codes: Map<string, number> | null = null;
  #strings: string[] = [""];
  readonly #tables = new Map<Dictionary, Int32Array>();
  #range = 1;

  constructor(type: SqlType) {
    this.#type = type;
  }

  get range(): number {
    return this.#range;
  }

  get memoryBytes(): number {
    return this.#codes === null ? 0 : this.#strings.length * ENTRY_BYTES;
  }

  encode(vector: DenseVector, size: number, codes: Int32Array): boolean {
    if (vector.kind === "code") {
      if (this.#codes === null && (this.#home === null || this.#home === vector.dictionary)) {
        this.#home = vector.dictionary;
        const needed = this.#home.size + 1;
        // A range that has to grow grows by more than is needed: whoever indexes codes starts anew each time.
        if (this.#range < needed) this.#range = this.#range === 1 ? needed : needed + (needed >> 1) + 16;
        copyCodes(vector.values, vector.nulls, size, codes);
        return true;
      }
      this.#encodeForeign(vector.values, vector.nulls, vector.dictionary, size, codes);
      return true;
    }
    if (vector.kind === "str") {
      const map = this.#intern();
      for (let i = 0; i < size; i++) {
        codes[i] = vector.nulls !== null && vector.nulls[i] === 1 ? 0 : this.#add(map, vector.values[i]!);
      }
      return true;
    }
    return false;
  }

  find(vector: DenseVector, size: number, codes: Int32Array): void {
    const nulls = vector.nulls;
    if (vector.kind === "code") {
      if (this.#codes === null && this.#home === vector.dictionary) {
        return findCodes(vector.values, nulls, size, this.#range, codes);
      }
      const table = this.#findTable(vector.dictionary);
      const { values } = vector;
      for (let i = 0; i < size; i++) {
        codes[i] = nulls !== null && nulls[i] === 1
          ? 0
          : this.#findThrough(table, vector.dictionary, values[i]!);
      }
    } else if (vector.kind === "str") {
      for (let i = 0; i < size; i++) {
        codes[i] = nulls !== null && nulls[i] === 1 ? 0 : this.#findText(vector.values[i]!);
      }
    } else {
      codes.fill(-1, 0, size);
    }
  }

  widened(_vector: DenseVector, _size: number, _codes: Int32Array, count: number): KeyEncoder {
    const wider = new DatumEncoder(this.#type);
    const decoded = this.decode(_codes, count);
    // Decoding gives codes or strings, never a lazy vector.
    wider.encode(decoded as DenseVector, count, _codes);
    return wider;
  }

  decode(codes: Int32Array, count: number): Vector {
    let nulls: Uint8Array | null = null;
    for (let i = 0; i < count; i++) if (codes[i] === 0) (nulls ??= new Uint8Array(count))[i] = 1;
    if (this.#codes === null && this.#home !== null) {
      const values = new Int32Array(count);
      for (let i = 0; i < count; i++) values[i] = codes[i] === 0 ? 0 : codes[i]! - 1;
      return { kind: "code", values, dictionary: this.#home, nulls };
    }
    const values = new Array<string>(count);
    for (let i = 0; i < count; i++) values[i] = this.#strings[codes[i]!]!;
    return { kind: "str", values, nulls };
  }

  #encodeForeign(
    values: Int32Array,
    nulls: NullBytes,
    dictionary: Dictionary,
    size: number,
    codes: Int32Array,
  ): void {
    const map = this.#intern();
    let table = this.#tables.get(dictionary);
    if (table === undefined || table.length < dictionary.size) {
      const grown = new Int32Array(dictionary.size);
      if (table !== undefined) grown.set(table);
      this.#tables.set(dictionary, grown);
      table = grown;
    }
    const { strings } = dictionary;
    for (let i = 0; i < size; i++) {
      if (nulls !== null && nulls[i] === 1) {
        codes[i] = 0;
        continue;
      }
      const code = values[i]!;
      if (table[code]! <= 0) table[code] = this.#add(map, strings[code]!);
      codes[i] = table[code]!;
    }
  }

  #add(map: Map<string, number>, text: string): number {
    const known = map.get(text);
    if (known !== undefined) return known;
    const code = this.#strings.length;
    map.set(text, code);
    this.#strings.push(text);
    if (this.#range <= code) this.#range = Math.max(1024, code * 2);
    return code;
  }

  /** From dictionary codes to interned strings; codes made so far stay. */
  #intern(): Map<string, number> {
    if (this.#codes !== null) return this.#codes;
    const map = new Map<string, number>();
    this.#codes = map;
    const home = this.#home;
    if (home !== null) {
      const known = home.size;
      for (let code = 0; code < known; code++) this.#add(map, home.strings[code]!);
    }
    return map;
  }

  #findText(text: string): number {
    if (this.#codes !== null) return this.#codes.get(text) ?? -1;
    const code = this.#home === null ? -1 : this.#home.find(text) + 1;
    return code >= 1 && code < this.#range ? code : -1;
  }

  /** Tables for finding hold 0 for not yet asked and -1 for absent; they are made anew when codes were added. */
  #foundSize = 0;
  readonly #found = new Map<Dictionary, Int32Array>();
  #findTable(dictionary: Dictionary): Int32Array {
    // Codes are added by the home dictionary, too; interning its strings keeps their number.
    const size = this.#codes === null ? this.#range + (this.#home?.size ?? 0) : this.#strings.length;
    if (this.#foundSize !== size) this.#found.clear();
    this.#foundSize = size;
    let table = this.#found.get(dictionary);
    if (table === undefined || table.length < dictionary.size) {
      table = new Int32Array(dictionary.size);
      this.#found.set(dictionary, table);
    }
    return table;
  }

  #findThrough(table: Int32Array, dictionary: Dictionary, code: number): number {
    if (table[code] === 0) table[code] = this.#findText(dictionary.strings[code]!);
    return table[code]!;
  }
}

function copyCodes(values: Int32Array, nulls: NullBytes, size: number, codes: Int32Array): void {
  if (nulls === null) { for (let i = 0; i < size; i++) codes[i] = values[i]! + 1; }
  else for (let i = 0; i < size; i++) codes[i] = nulls[i] === 1 ? 0 : values[i]! + 1;
}

function findCodes(
  values: Int32Array,
  nulls: NullBytes,
  size: number,
  range: number,
  codes: Int32Array,
): void {
  for (let i = 0; i < size; i++) codes[i] = values[i]! + 1 < range ? values[i]! + 1 : -1;
  if (nulls !== null) { for (let i = 0; i < size; i++) if (nulls[i] === 1) codes[i] = 0; }
}

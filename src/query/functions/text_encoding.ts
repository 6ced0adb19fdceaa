/**
 * Encodings and hashes of text. There is no BYTEA: bytes are those of the text in UTF-8.
 *
 * @module
 */
import { QueryError } from "../../base/error.ts";
import { BIGINT, type Datum, TEXT } from "../../storage/sql_type.ts";
import type { CallContext, ScalarFunction } from "../function.ts";
import { datumKey } from "./compare.ts";
import { argumentType, asText, wholeFromBigint } from "./datum.ts";
import { called, signature, simple } from "./signature.ts";

const ENCODER = new TextEncoder();

function invalidEncoding(text: string, format: string): QueryError {
  return new QueryError("invalid-value", `Invalid ${format} text: received ${JSON.stringify(text)}`, {
    details: { value: text, format },
    hint: "the formats are hex, base64 and escape",
  });
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function toBase64(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  // PostgreSQL breaks lines after 76 characters.
  return btoa(binary).replace(/.{76}(?=.)/g, "$&\n");
}

function toEscape(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) {
    if (byte === 0 || byte > 127) text += `\\${byte.toString(8).padStart(3, "0")}`;
    else text += byte === 92 ? "\\\\" : String.fromCharCode(byte);
  }
  return text;
}

function encode(text: string, format: string): string {
  const bytes = ENCODER.encode(text);
  switch (format.toLowerCase()) {
    case "hex":
      return toHex(bytes);
    case "base64":
      return toBase64(bytes);
    case "escape":
      return toEscape(bytes);
    default:
      throw invalidEncoding(text, format);
  }
}

function bytesOf(text: string, format: string): Uint8Array {
  switch (format.toLowerCase()) {
    case "hex": {
      const digits = text.replace(/\s/g, "");
      if (!/^(?:[\da-fA-F]{2})*$/.test(digits)) throw invalidEncoding(text, format);
      return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
    }
    case "base64":
      try {
        return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
      } catch {
        throw invalidEncoding(text, format);
      }
    case "escape": {
      const plain = text.replace(
        /\\(\d{3}|\\)/g,
        (_, code: string) => code === "\\" ? "\\" : String.fromCharCode(Number.parseInt(code, 8)),
      );
      return Uint8Array.from(plain, (character) => character.charCodeAt(0));
    }
    default:
      throw invalidEncoding(text, format);
  }
}

function decode(text: string, format: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytesOf(text, format));
  } catch (error) {
    if (error instanceof QueryError) throw error;
    throw invalidEncoding(text, format);
  }
}

const MD5_SHIFTS = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21];
const MD5_SINES = Array.from({ length: 64 }, (_, i) => Math.floor(Math.abs(Math.sin(i + 1)) * 2 ** 32) | 0);

/** One 64-byte block into the four words of the state. */
function md5Block(state: Int32Array, words: Int32Array): void {
  let [a, b, c, d] = state as unknown as [number, number, number, number]; // four words
  for (let i = 0; i < 64; i++) {
    const round = i >> 4;
    const mix = round === 0
      ? (b & c) | (~b & d)
      : round === 1
      ? (d & b) | (~d & c)
      : round === 2
      ? b ^ c ^ d
      : c ^ (b | ~d);
    const word = [i, 5 * i + 1, 3 * i + 5, 7 * i][round]! & 15;
    const sum = (a + mix + MD5_SINES[i]! + words[word]!) | 0;
    const shift = MD5_SHIFTS[round * 4 + (i & 3)]!;
    [a, d, c, b] = [d, c, b, (b + ((sum << shift) | (sum >>> (32 - shift)))) | 0];
  }
  state[0]! += a;
  state[1]! += b;
  state[2]! += c;
  state[3]! += d;
}

/** The MD5 digest (RFC 1321) in hexadecimal. */
export function md5(text: string): string {
  const bytes = ENCODER.encode(text);
  const padded = new Uint8Array(((bytes.length + 8) >> 6) * 64 + 64);
  padded.set(bytes);
  padded[bytes.length] = 128;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 8, bytes.length * 8, true);
  view.setUint32(padded.length - 4, Math.floor(bytes.length / 2 ** 29), true);
  const state = Int32Array.of(0x67452301, -271733879, -1732584194, 0x10325476);
  const words = new Int32Array(16);
  for (let block = 0; block < padded.length; block += 64) {
    for (let i = 0; i < 16; i++) words[i] = view.getInt32(block + i * 4, true);
    md5Block(state, words);
  }
  const digest = new DataView(new ArrayBuffer(16));
  state.forEach((word, i) => digest.setInt32(i * 4, word, true));
  return toHex(new Uint8Array(digest.buffer));
}

/** FNV-1a, 64 bits, over the canonical keys: equal values hash alike. */
function hash(args: readonly Datum[], context: CallContext): Datum {
  let state = 0xcbf29ce484222325n;
  args.forEach((value, i) => {
    for (const byte of ENCODER.encode(`${String(datumKey(value, argumentType(context, i)))}\0`)) {
      state = BigInt.asUintN(64, (state ^ BigInt(byte)) * 0x100000001b3n);
    }
  });
  return wholeFromBigint(BigInt.asIntN(64, state));
}

/** Encodings and hashes. */
export const ENCODING_FUNCTIONS: readonly ScalarFunction[] = [
  simple("md5", ["text"], TEXT, ([text]) => md5(asText(text))),
  simple("encode", ["text", "text"], TEXT, ([text, format]) => encode(asText(text), asText(format))),
  simple("decode", ["text", "text"], TEXT, ([text, format]) => decode(asText(text), asText(format))),
  simple("base64_encode", ["text"], TEXT, ([text]) => encode(asText(text), "base64")),
  simple("hex_encode", ["text"], TEXT, ([text]) => encode(asText(text), "hex").toUpperCase()),
  called("hash", [signature(["any"], BIGINT, hash, { variadic: true })]),
];

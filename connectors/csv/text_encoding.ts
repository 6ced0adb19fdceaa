/**
 * Other encodings than UTF-8: the bytes of a source, converted while they are read.
 *
 * Latin-1 here is ISO 8859-1 itself, as in PostgreSQL, and not windows-1252, which the Encoding Standard
 * takes it for. The names are those of PostgreSQL and of the web.
 *
 * @module
 */
import { QueryError } from "../../src/base/error.ts";
import type { ByteSource } from "../files/byte_source.ts";
import { inputError } from "../files/input_error.ts";

const UTF8_NAMES = new Set(["utf8", "utf-8", "unicode", "sql_ascii"]);
const LATIN1_NAMES = new Set(["latin1", "latin-1", "iso-8859-1", "iso88591"]);
/** PostgreSQL's names where they differ from those of the web. */
const WEB_NAMES: Readonly<Record<string, string>> = {
  latin2: "iso-8859-2",
  latin5: "windows-1254",
  latin9: "iso-8859-15",
  win1250: "windows-1250",
  win1251: "windows-1251",
  win1252: "windows-1252",
  win1253: "windows-1253",
  win1254: "windows-1254",
  win1257: "windows-1257",
  koi8r: "koi8-r",
  koi8u: "koi8-u",
  sjis: "shift_jis",
  euc_jp: "euc-jp",
  euc_kr: "euc-kr",
  utf16: "utf-16le",
  "utf-16": "utf-16le",
};

/** `source` as UTF-8. */
export function asUtf8(source: ByteSource, encoding: string): ByteSource {
  const name = encoding.toLowerCase();
  if (UTF8_NAMES.has(name)) return source;
  if (LATIN1_NAMES.has(name)) return converted(source, () => latin1);
  const label = WEB_NAMES[name] ?? name;
  checkLabel(label, encoding);
  return converted(source, () => {
    const decoder = new TextDecoder(label, { fatal: true });
    return (bytes) => {
      try {
        return decoder.decode(bytes, { stream: bytes !== undefined });
      } catch (cause) {
        throw inputError({ file: source.name }, `the text is not valid ${encoding}`, {
          cause,
          hint: "say another encoding",
        });
      }
    };
  });
}

function checkLabel(label: string, encoding: string): void {
  try {
    new TextDecoder(label);
  } catch (cause) {
    throw new QueryError("invalid-parameter", `Unknown encoding: received ${JSON.stringify(encoding)}`, {
      hint: "use utf8, latin1, windows-1252, utf-16le or another name of the Encoding Standard",
      cause,
    });
  }
}

/** Decodes a chunk; without one, what is left at the end. */
type Decode = (bytes?: Uint8Array) => string;

function latin1(bytes?: Uint8Array): string {
  let text = "";
  if (bytes === undefined) return text;
  for (let from = 0; from < bytes.length; from += 8192) {
    text += String.fromCharCode(...bytes.subarray(from, from + 8192));
  }
  return text;
}

function converted(source: ByteSource, decoder: () => Decode): ByteSource {
  const encoder = new TextEncoder();
  return {
    name: source.name,
    ...(source.totalBytes === undefined ? {} : { totalBytes: source.totalBytes }),
    get position() {
      return source.position;
    },
    restartable: source.restartable,
    async *chunks() {
      const decode = decoder();
      for await (const chunk of source.chunks()) yield encoder.encode(decode(chunk));
      yield encoder.encode(decode());
    },
  };
}

/**
 * Which format a caller gets: from `Accept` (RFC 9110), or from `?format=` where a link cannot set headers.
 *
 * @module
 */
import { QueryError } from "../../../src/base/error.ts";
import { RESULT_FORMATS, type ResultFormat } from "./result_format.ts";

/** In the order of our preference, for ranges that allow several. */
export const RESULT_PREFERENCE: readonly ResultFormat[] = [
  "objects",
  "columns",
  "ndjson",
  "csv",
  "arrow",
  "superjson",
];

/** Other names that clients use. */
const ALIASES: Readonly<Record<string, string>> = {
  "application/ndjson": "application/x-ndjson",
  "application/jsonl": "application/x-ndjson",
  "application/x-jsonlines": "application/x-ndjson",
};

/** An `Accept` header this long is an attack. */
const ACCEPT_LENGTH_MAX = 2_000;

interface MediaRange {
  readonly type: string;
  readonly shape: string | undefined;
  readonly quality: number;
}

/**
 * The format for a request; the best of those that the caller accepts, JSON objects where it does not say.
 *
 * @throws {QueryError} `not-acceptable` with what there is
 */
export function negotiateFormat(
  accept: string | undefined,
  asked: { readonly format?: string; readonly shape?: string } = {},
  formats: readonly ResultFormat[] = RESULT_PREFERENCE,
): ResultFormat {
  if (asked.format !== undefined) return namedFormat(asked.format, formats);
  const ranges = rangesOf(accept);
  let best: ResultFormat | undefined;
  let bestQuality = 0;
  for (const format of formats) {
    const quality = qualityOf(format, ranges, asked.shape);
    if (quality > bestQuality) {
      bestQuality = quality;
      best = format;
    }
  }
  if (best !== undefined) return best;
  const available = formats.map((format) => RESULT_FORMATS[format].contentType);
  throw new QueryError(
    "not-acceptable",
    `No format is acceptable by ${JSON.stringify(accept?.slice(0, 200) ?? "")}`,
    {
      details: { available },
      hint: `accept one of ${available.join(", ")}`,
    },
  );
}

function namedFormat(name: string, formats: readonly ResultFormat[]): ResultFormat {
  const format = name === "json" ? "objects" : formats.find((candidate) => candidate === name);
  if (format !== undefined) return format;
  throw new QueryError("not-acceptable", `There is no format ${JSON.stringify(name)}`, {
    details: { available: formats },
    hint: `use one of ${formats.join(", ")}`,
  });
}

function rangesOf(accept: string | undefined): readonly MediaRange[] {
  if (accept === undefined || accept.trim() === "" || accept.length > ACCEPT_LENGTH_MAX) {
    return [{ type: "*/*", shape: undefined, quality: 1 }];
  }
  return accept.split(",").map((part) => {
    const [type = "", ...parameters] = part.split(";").map((text) => text.trim().toLowerCase());
    const value = (name: string) =>
      parameters.find((text) => text.startsWith(`${name}=`))?.slice(name.length + 1).replaceAll('"', "");
    const quality = Number(value("q") ?? 1);
    return {
      type: ALIASES[type] ?? type,
      shape: value("shape"),
      quality: quality >= 0 && quality <= 1 ? quality : 0,
    };
  });
}

/** The quality of the most specific range that matches. */
function qualityOf(format: ResultFormat, ranges: readonly MediaRange[], shape: string | undefined): number {
  const { mediaType } = RESULT_FORMATS[format];
  let quality = 0;
  let precision = -1;
  for (const range of ranges) {
    const exact = range.type === mediaType;
    const family = range.type === `${mediaType.split("/", 1)[0]}/*`;
    if (!exact && !family && range.type !== "*/*") continue;
    if (mediaType === "application/json") {
      const wanted = range.shape ?? shape ?? "objects";
      if (wanted !== format) continue;
    }
    const found = exact ? (range.shape === undefined ? 2 : 3) : family ? 1 : 0;
    if (found <= precision) continue;
    precision = found;
    quality = range.quality;
  }
  return quality;
}

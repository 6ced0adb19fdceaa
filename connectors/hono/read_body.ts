/**
 * Bodies of requests: their media type, their size, and JSON that says where it is broken.
 *
 * @module
 */
import { LimitError, QueryError } from "../../src/base/error.ts";
import { parseJsonText } from "../json/parse_json.ts";

/** The media type of a body, lower case and without parameters; `undefined` when the request names none. */
export function mediaTypeOf(request: Request): string | undefined {
  const header = request.headers.get("content-type");
  const type = header?.split(";", 1)[0]?.trim().toLowerCase();
  return type === undefined || type === "" ? undefined : type;
}

/** @throws {QueryError} `unsupported-media-type` with what the route takes */
export function unsupportedMediaType(received: string | undefined, accepted: readonly string[]): QueryError {
  return new QueryError(
    "unsupported-media-type",
    `This route does not take ${
      received === undefined ? "a body without Content-Type" : JSON.stringify(received)
    }`,
    { details: { received: received ?? null, accepted }, hint: `send one of ${accepted.join(", ")}` },
  );
}

/**
 * A JSON body as a value; an empty one as `undefined`.
 *
 * @throws {QueryError} `unsupported-media-type`
 * @throws {LimitError} `body-limit`
 * @throws {SchemaError} `invalid-input` with line and character
 */
export async function readJsonBody(request: Request, bytesMax: number): Promise<unknown> {
  const type = mediaTypeOf(request);
  if (type !== undefined && type !== "application/json" && !type.endsWith("+json")) {
    throw unsupportedMediaType(type, ["application/json"]);
  }
  const bytes = await readBytes(request, bytesMax);
  if (bytes.length === 0) return undefined;
  if (type === undefined) throw unsupportedMediaType(type, ["application/json"]);
  return parseJsonText(decodeUtf8(bytes), { file: "the body" });
}

/**
 * The whole body, held.
 *
 * @throws {LimitError} `body-limit` before more than `bytesMax` are
 */
export async function readBytes(request: Request, bytesMax: number): Promise<Uint8Array> {
  const declared = Number(request.headers.get("content-length") ?? 0);
  if (declared > bytesMax) throw bodyLimit(declared, bytesMax);
  if (request.body === null) return new Uint8Array(0);
  const parts: Uint8Array[] = [];
  let length = 0;
  const reader = decompressed(request).getReader();
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    length += read.value.length;
    if (length > bytesMax) {
      await reader.cancel();
      throw bodyLimit(length, bytesMax);
    }
    parts.push(read.value);
  }
  if (parts.length === 1) return parts[0]!;
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** The whole body as text. Throws as {@linkcode readBytes} does, and for what is not UTF-8. */
export async function readText(request: Request, bytesMax: number): Promise<string> {
  return decodeUtf8(await readBytes(request, bytesMax));
}

/**
 * The body as a stream that fails with `body-limit` where it is longer than `bytesMax`; gzip is undone before it is
 * measured.
 *
 * @throws {QueryError} `unsupported-media-type` for other encodings
 */
export function limitedBody(request: Request, bytesMax: number): ReadableStream<Uint8Array> {
  const declared = Number(request.headers.get("content-length") ?? 0);
  if (declared > bytesMax) throw bodyLimit(declared, bytesMax);
  const body = decompressed(request);
  let length = 0;
  return body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        length += chunk.length;
        if (length > bytesMax) throw bodyLimit(length, bytesMax);
        controller.enqueue(chunk);
      },
    }),
  );
}

/** The body without its content encoding. */
function decompressed(request: Request): ReadableStream<Uint8Array<ArrayBuffer>> {
  const encoding = request.headers.get("content-encoding")?.trim().toLowerCase() ?? "identity";
  const body = request.body ?? new Blob([]).stream();
  if (encoding === "identity" || encoding === "") return body;
  if (encoding === "gzip" && typeof DecompressionStream !== "undefined") {
    return body.pipeThrough(new DecompressionStream("gzip"));
  }
  throw unsupportedMediaType(`Content-Encoding: ${encoding}`, ["identity", "gzip"]);
}

/** A body that is longer than allowed. */
export function bodyLimit(actual: number, limit: number): LimitError {
  return new LimitError("body-limit", `The body has more than ${limit} bytes: received at least ${actual}`, {
    details: { limit, actual },
    hint: "send less at once, or stream rows to /v1/ingest/:table as NDJSON",
  });
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new QueryError("invalid-parameter", "The body is not valid UTF-8", {
      cause,
      hint: "JSON is UTF-8",
    });
  }
}

/**
 * A statement to an answer: access, entity tag, cache, execution, encoding.
 *
 * ```
 * statement ─ what does it read? ─ may the caller? ─┬─ If-None-Match holds ─► 304
 *                                                   ├─ encoded answer of this version ─► it
 *                                                   └─ run ─ encode ─ keep if small and repeatable ─► 200
 * ```
 *
 * Up to the fork nothing is executed: a tile that did not change costs a look at the versions of its tables.
 *
 * @module
 */
import type { StatementInput } from "../../../src/kernel/database.ts";
import type { Principal } from "../../../src/kernel/principal.ts";
import type { QueryOptions } from "../../../src/kernel/query_context.ts";
import type { QueryResult } from "../../../src/kernel/query_result.ts";
import type { StatementReads } from "../../../src/kernel/statement_reads.ts";
import type { AppCall, AppContext } from "../app_context.ts";
import { requireAccess } from "../route.ts";
import { accessOf } from "../statement_access.ts";
import { viewsApi } from "../views_api.ts";
import type { AnswerCache, EncodedAnswer } from "./answer_cache.ts";
import { acceptsGzip, compresses, gzip } from "./compression.ts";
import { entityTag, matchesTag } from "./entity_tag.ts";
import { RESULT_FORMATS, type ResultFormat } from "./result_format.ts";

/** What is asked. */
export interface Question {
  /** SQL text or AST. */
  readonly statement: StatementInput;
  /** What tells this statement from others: its text, or the JSON that it came as. */
  readonly text: string;
  /** Values of the parameters. */
  readonly params?: readonly unknown[] | Readonly<Record<string, unknown>>;
  /** The format of the answer. */
  readonly format: ResultFormat;
  /** The caller asks to write, and may when its role allows it. */
  readonly write?: boolean;
  readonly minVersion?: number;
  readonly maxStalenessMs?: number;
  readonly deadlineMs?: number;
  readonly exact?: boolean;
}

/** Bodies up to this size are sent whole, with a length; larger ones are streamed. */
const WHOLE_BYTES_MAX = 1 << 20;
/** Smaller bodies are not worth compressing. */
const GZIP_BYTES_MIN = 1024;
const VARY = "Accept, Accept-Encoding, Authorization, X-API-Key";

/** Answers `question`. */
export async function answerQuestion(
  c: AppCall,
  context: AppContext,
  cache: AnswerCache,
  question: Question,
): Promise<Response> {
  // What the clock alone changes is brought up to date first.
  const views = viewsApi(context.db);
  if (views?.isDue() === true) await views.runDue();
  const inspect = (): StatementReads =>
    context.db.reads(question.statement, question.params === undefined ? {} : { params: question.params });
  const reads = inspect();
  if (question.write === true) requireAccess(c.get("principal"), accessOf(reads));
  const demanding = question.minVersion !== undefined || question.maxStalenessMs !== undefined;
  const key = reads.isRepeatable ? questionKey(c, question) : "";
  if (reads.isRepeatable && !demanding) {
    const tag = entityTag(context, reads, key);
    if (c.req.method !== "POST" && matchesTag(c.req.header("if-none-match"), tag)) return notModified(tag);
    const kept = cache.get(key, tag);
    if (kept !== undefined) return new Response(kept.body, { headers: kept.headers });
  }
  const result = await context.db.query(question.statement, optionsOf(c, context, question));
  if (!reads.isRepeatable) return await respond(context, question, result);
  // A tag may be older than its answer and never newer: a change in between costs a miss.
  const after = inspect();
  const tag = entityTag(context, after.version <= result.version ? after : reads, key);
  if (c.req.method !== "POST" && matchesTag(c.req.header("if-none-match"), tag)) return notModified(tag);
  return await respond(context, question, result, {
    tag,
    key,
    cache,
    gzip: compresses(context.options) && acceptsGzip(c),
  });
}

function optionsOf(c: AppCall, context: AppContext, question: Question): QueryOptions {
  const { params, minVersion, maxStalenessMs, deadlineMs, exact, write } = question;
  const shared = context.queryOptions(c);
  return {
    ...shared,
    readOnly: write !== true,
    deadlineMs: Math.min(deadlineMs ?? Infinity, context.limits.deadlineMsMax),
    ...(params === undefined ? {} : { params }),
    ...(minVersion === undefined ? {} : { minVersion }),
    ...(maxStalenessMs === undefined ? {} : { maxStalenessMs }),
    ...(exact === undefined ? {} : { exact }),
  };
}

/** Everything that the answer depends on besides the data. */
function questionKey(c: AppCall, { text, params, format, exact }: Question): string {
  const parts = [callerKey(c.get("principal")), format, exact === true, acceptsGzip(c), text, params ?? null];
  return JSON.stringify(parts, (_, value) => typeof value === "bigint" ? { bigint: String(value) } : value);
}

/** Plugins may show different rows to each principal: answers are shared among equal ones only. */
function callerKey({ subject, tenant, roles, claims }: Principal): unknown {
  const { exp: _, iat: __, nbf: ___, jti: ____, ...lasting } = claims;
  return [subject, tenant ?? null, roles, lasting];
}

function notModified(tag: string): Response {
  return new Response(null, { status: 304, headers: { etag: tag, vary: VARY, "cache-control": CACHEABLE } });
}

/** Kept by the caller alone, and asked for again each time. */
const CACHEABLE = "private, no-cache";

interface Keep {
  readonly tag: string;
  readonly key: string;
  readonly cache: AnswerCache;
  readonly gzip: boolean;
}

async function respond(
  { options }: AppContext,
  { format, exact = false }: Question,
  result: QueryResult,
  keep?: Keep,
): Promise<Response> {
  const { contentType, encode } = RESULT_FORMATS[format];
  const headers: Record<string, string> = {
    "content-type": contentType,
    "liveview-version": String(result.version),
    "liveview-rows": String(result.rowCount),
    vary: VARY,
    "cache-control": keep === undefined ? "no-store" : CACHEABLE,
    ...(keep === undefined ? {} : { etag: keep.tag }),
  };
  const chunks = encode(result, { exact, arrow: options.arrow })[Symbol.iterator]();
  const { bytes, rest } = takeBytes(chunks);
  if (rest !== undefined) return new Response(streamOf(bytes, rest), { headers });
  let body = joined(bytes);
  if (keep !== undefined && keep.gzip && body.length >= GZIP_BYTES_MIN) {
    body = await gzip(body);
    headers["content-encoding"] = "gzip";
  }
  headers["content-length"] = String(body.length);
  if (keep !== undefined) {
    const answer: EncodedAnswer = { tag: keep.tag, body, headers };
    keep.cache.set(keep.key, answer);
  }
  return new Response(body, { headers });
}

type Pieces = Iterator<string | Uint8Array>;

/** The first pieces as bytes; `rest` when there may be more. */
function takeBytes(pieces: Pieces): { readonly bytes: Uint8Array[]; readonly rest?: Pieces } {
  const encoder = new TextEncoder();
  const bytes: Uint8Array[] = [];
  let length = 0;
  for (let piece = pieces.next(); piece.done !== true; piece = pieces.next()) {
    const part = typeof piece.value === "string" ? encoder.encode(piece.value) : piece.value;
    bytes.push(part);
    length += part.length;
    if (length > WHOLE_BYTES_MAX) return { bytes, rest: pieces };
  }
  return { bytes };
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Pieces are made as fast as they are read. */
function streamOf(first: readonly Uint8Array[], rest: Pieces): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let sent = 0;
  return new ReadableStream<Uint8Array>({
    pull(controller) {
      if (sent < first.length) return controller.enqueue(first[sent++]!);
      const piece = rest.next();
      if (piece.done === true) return controller.close();
      controller.enqueue(typeof piece.value === "string" ? encoder.encode(piece.value) : piece.value);
    },
  }, { highWaterMark: 2 });
}

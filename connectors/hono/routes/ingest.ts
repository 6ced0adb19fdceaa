/**
 * `POST /ingest/:table`: rows as JSON, NDJSON, CSV or Arrow, in batches that are committed whole.
 *
 * The answer is one report. A caller that accepts NDJSON gets a line after each commit instead, while it is still
 * sending, and the report at the end: what it has been told is committed.
 *
 * @module
 */
import { LiveViewError, SchemaError } from "../../../src/base/error.ts";
import type { CatalogTable } from "../../../src/query/catalog.ts";
import { suggestion } from "../../../src/query/name_suggestion.ts";
import type { AppCall, AppContext, LiveviewHono } from "../app_context.ts";
import type { ArrowFormat } from "../app_options.ts";
import { checkInput } from "../check_input.ts";
import { IdempotencyMemory, type IdempotentIngest } from "../ingest/idempotency.ts";
import type { IngestBatch, ReadBatchOptions } from "../ingest/ingest_batch.ts";
import { type IngestReport, IngestRun } from "../ingest/ingest_run.ts";
import { ndjsonBatches } from "../ingest/ndjson_batches.ts";
import { arrowBatches, csvBatches, type CsvIngestOptions, jsonBatch } from "../ingest/whole_batches.ts";
import { problemOf, problemResponse } from "../problem.ts";
import { limitedBody, mediaTypeOf, readBytes, readText, unsupportedMediaType } from "../read_body.ts";
import { addRoute, queryOf } from "../route.ts";
import { ingestAnswer, ingestParameters } from "../schema/ingest_schema.ts";

const JSON_TYPE = "application/json";
const NDJSON_TYPE = "application/x-ndjson";
const CSV_TYPE = "text/csv";
const ARROW_TYPE = "application/vnd.apache.arrow.stream";

const acceptedBy = ({ options }: AppContext): readonly string[] => [
  JSON_TYPE,
  NDJSON_TYPE,
  CSV_TYPE,
  ...(options.arrow === undefined ? [] : [ARROW_TYPE]),
];

/** Arrow bodies are held whole. */
const ARROW_BYTES_MAX = 256 * 2 ** 20;

/** Statuses after which the same request may succeed: such answers are not kept. */
const isPassing = (status: number): boolean => status >= 499 || status === 429;

/** Adds the route. */
export function addIngestRoutes(app: LiveviewHono, context: AppContext): void {
  const memory = new IdempotencyMemory(context.limits.idempotencyKeysMax);
  const counts = { rows: 0, batches: 0, skipped: 0 };
  context.metrics.addSource((add) => {
    add("ingest_rows_total", counts.rows);
    add("ingest_batches_total", counts.batches);
    add("ingest_rows_skipped_total", counts.skipped);
    add("http_idempotency_keys", memory.size);
  });
  addRoute(app, context, {
    method: "POST",
    path: "/ingest/:table",
    summary: "Inserts rows in batches; each is committed whole",
    access: "write",
    query: ingestParameters,
    body: Object.fromEntries(acceptedBy(context).map((type) => [type, undefined])),
    answers: { [JSON_TYPE]: ingestAnswer, [NDJSON_TYPE]: undefined },
  }, async (c) => {
    const call = await openCall(c, context, memory);
    if (call.ingest?.answer !== undefined) return replayed(call.ingest.answer);
    const onDone = (report: IngestReport) => {
      counts.rows += report.rows;
      counts.batches += report.batches;
      counts.skipped += report.skipped;
    };
    return acceptsLines(c) ? streamed(context, call, onDone) : await answered(context, call, onDone);
  });
}

interface IngestCall {
  readonly request: Request;
  readonly table: CatalogTable;
  readonly mediaType: string;
  readonly skipErrors: boolean;
  readonly csv: CsvIngestOptions;
  readonly ingest: IdempotentIngest | undefined;
  /** Rows that an earlier attempt has committed. */
  readonly skipRecords: number;
}

async function openCall(c: AppCall, context: AppContext, memory: IdempotencyMemory): Promise<IngestCall> {
  const request = c.req.raw;
  const { onError, ...csv } = checkInput(ingestParameters, queryOf(c), "the query string");
  const table = requireTable(context, c.req.param("table") ?? "");
  const mediaType = requireMediaType(request, acceptedBy(context));
  const key = request.headers.get("idempotency-key");
  const { tenant, subject } = c.get("principal");
  const ingest = key === null
    ? undefined
    : await memory.open(JSON.stringify([tenant ?? null, subject]), key, `${table.name} ${mediaType}`);
  const skipRecords = ingest?.recordCount ?? 0;
  return { request, table, mediaType, skipErrors: onError === "skip", csv, ingest, skipRecords };
}

function requireTable({ db }: AppContext, name: string): CatalogTable {
  const relation = db.catalog.relation(name);
  if (relation?.kind === "table") return relation;
  throw new SchemaError("unknown-object", `There is no table ${JSON.stringify(name)}`, {
    details: { table: name },
    hint: suggestion(name, db.catalog.relationNames()) ?? "create it first",
  });
}

/** Other names that clients use. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ["application/ndjson", NDJSON_TYPE],
  ["application/jsonl", NDJSON_TYPE],
  ["application/x-jsonlines", NDJSON_TYPE],
  ["application/vnd.apache.arrow.file", ARROW_TYPE],
]);

function requireMediaType(request: Request, accepted: readonly string[]): string {
  const named = mediaTypeOf(request);
  const type = named === undefined ? undefined : ALIASES.get(named) ?? named;
  if (type === undefined || !accepted.includes(type)) throw unsupportedMediaType(named, accepted);
  return type;
}

/** The batches of a body. */
async function* batchesOf(context: AppContext, call: IngestCall): AsyncGenerator<IngestBatch> {
  const { limits } = context;
  const { request, table, mediaType, skipErrors, skipRecords } = call;
  const options: ReadBatchOptions = {
    batchRows: limits.ingestBatchRows,
    skipErrors,
    skipRecords,
    rowLengthMax: limits.bodyBytesMax,
  };
  switch (mediaType) {
    case JSON_TYPE: {
      // A document is one commit: when that was made, there is nothing left to do.
      if (skipRecords === 0) yield jsonBatch(await readText(request, limits.bodyBytesMax));
      return;
    }
    case ARROW_TYPE: {
      const bytes = await readBytes(request, Math.min(limits.ingestBytesMax, ARROW_BYTES_MAX));
      return yield* arrowBatches(await requireArrow(context).read(bytes), table, options);
    }
    case CSV_TYPE:
      return yield* csvBatches(limitedBody(request, limits.ingestBytesMax), table, {
        ...options,
        ...call.csv,
      });
    default:
      return yield* ndjsonBatches(limitedBody(request, limits.ingestBytesMax), options);
  }
}

function requireArrow({ options }: AppContext): ArrowFormat {
  if (options.arrow !== undefined) return options.arrow;
  throw unsupportedMediaType(ARROW_TYPE, [JSON_TYPE, NDJSON_TYPE, CSV_TYPE]);
}

/** Runs the ingest; `onCommit` is called after each commit. */
async function run(
  context: AppContext,
  call: IngestCall,
  signal: AbortSignal,
  onCommit: (report: IngestReport) => void = () => {},
): Promise<IngestReport> {
  const ingest = new IngestRun(context.db, {
    table: call.table.name,
    skipErrors: call.skipErrors,
    errorsMax: context.limits.ingestErrorsMax,
    signal,
    onCommit: (report, recordCount) => {
      if (call.ingest !== undefined) call.ingest.recordCount += recordCount;
      onCommit(report);
    },
  });
  return await ingest.take(batchesOf(context, call));
}

const resumed = ({ skipRecords }: IngestCall): { readonly resumedAfter?: number } =>
  skipRecords === 0 ? {} : { resumedAfter: skipRecords };

/** One report at the end. */
async function answered(
  context: AppContext,
  call: IngestCall,
  onDone: (report: IngestReport) => void,
): Promise<Response> {
  let answer: Response;
  try {
    const report = await run(context, call, call.request.signal);
    onDone(report);
    answer = Response.json({ ...report, ...resumed(call) }, { headers: { "cache-control": "no-store" } });
  } catch (error) {
    if (problemOf(error).status >= 500) context.options.onError?.(error, call.request);
    answer = problemResponse(error);
  }
  try {
    if (call.ingest !== undefined && !isPassing(answer.status)) {
      const contentType = answer.headers.get("content-type") ?? JSON_TYPE;
      call.ingest.answer = { status: answer.status, contentType, body: await answer.clone().text() };
    }
  } finally {
    call.ingest?.end();
  }
  return answer;
}

/** A line after each commit. */
function streamed(
  context: AppContext,
  call: IngestCall,
  onDone: (report: IngestReport) => void,
): Response {
  const release = context.connections.acquire();
  const stop = new AbortController();
  const encoder = new TextEncoder();
  const lines = new ReadableStream<Uint8Array>({
    start(controller) {
      const send = (line: unknown) => {
        if (!stop.signal.aborted) controller.enqueue(encoder.encode(`${JSON.stringify(line)}\n`));
      };
      const work = async () => {
        try {
          const report = await run(context, call, stop.signal, ({ rows, skipped, version }) => {
            send({ rows, skipped, version });
          });
          onDone(report);
          send({ done: true, ...report, ...resumed(call) });
        } catch (error) {
          if (!(error instanceof LiveViewError)) context.options.onError?.(error, call.request);
          send({ problem: problemOf(error) });
        } finally {
          call.ingest?.end();
          release();
          if (!stop.signal.aborted) controller.close();
        }
      };
      void work();
    },
    cancel: () => stop.abort(),
  });
  // Compressing would hold lines back.
  const headers = { "content-type": NDJSON_TYPE, "cache-control": "no-store, no-transform" };
  return new Response(lines, { headers });
}

function acceptsLines(c: AppCall): boolean {
  return /application\/(x-)?ndjson/.test(c.req.header("accept") ?? "");
}

function replayed({ status, contentType, body }: NonNullable<IdempotentIngest["answer"]>): Response {
  return new Response(body, {
    status,
    headers: { "content-type": contentType, "cache-control": "no-store", "idempotency-replayed": "true" },
  });
}

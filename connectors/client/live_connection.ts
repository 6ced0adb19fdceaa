/**
 * One live query over connections that come and go: its changes, each exactly once.
 *
 * ```
 * connect ─► events ─► change (parts joined) ─► reader
 *    ▲                   │ id of the last complete change
 *    └── wait, jitter ◄──┴ connection lost, server restarted, nothing heard
 * ```
 *
 * The server continues after the id, or sends the contents anew, which replace everything: nothing is missing and
 * nothing doubled. The stream is read when the reader wants more, so a slow reader slows the server's side down, where
 * changes are merged.
 *
 * @module
 */
import type { Backoff } from "./backoff.ts";
import { sleep } from "./backoff.ts";
import { ClientError, errorOfProblem, isTransient } from "./client_error.ts";
import { EventParser, type ServerEvent } from "./event_parser.ts";
import type { HttpCalls, HttpRequest } from "./http_call.ts";
import type { ClientColumn } from "./wire_rows.ts";

/** What is subscribed to. */
export interface LiveRequestBody {
  readonly view?: string;
  readonly sql?: string;
  readonly query?: object;
  readonly params?: readonly unknown[] | Readonly<Record<string, unknown>>;
  readonly snapshot?: boolean;
  readonly coalesceMs?: number;
}

/** A change as it is on the wire: rows are values in the order of the columns. */
export interface WireChange {
  readonly version: number;
  readonly snapshot: boolean;
  readonly columns: readonly ClientColumn[];
  readonly inserted: readonly (readonly unknown[])[];
  readonly deleted: readonly (readonly unknown[])[];
  /** Continues after this change, given as `lastEventId`. */
  readonly eventId: string | undefined;
}

/** How a connection is doing. */
export type LiveStatus = "connecting" | "live" | "reconnecting" | "ended" | "failed";

/** Options of {@linkcode LiveConnection}. */
export interface LiveConnectionOptions {
  readonly signal?: AbortSignal | undefined;
  /** Continue after this event of an earlier connection. */
  readonly lastEventId?: string | undefined;
  /** Milliseconds without a byte after which the connection is taken for dead. */
  readonly silenceMs: number;
  readonly onStatus?: ((status: LiveStatus, error: unknown) => void) | undefined;
}

/** Longer query strings go as a body. */
const QUERY_CHARACTERS_MAX = 1_500;
/** Tries of a connection that was live before and is refused for want of the view: a server may be filling up. */
const REFUSALS_MAX = 20;

/** See the module header. */
export class LiveConnection implements AsyncIterableIterator<WireChange, undefined, undefined> {
  readonly #calls: HttpCalls;
  readonly #body: LiveRequestBody;
  readonly #options: LiveConnectionOptions;
  readonly #abort = new AbortController();
  readonly #changes: AsyncGenerator<WireChange, undefined, undefined>;
  #attempt: AbortController | undefined;
  /** What the server asked for. */
  #retryMs = 0;
  #lastEventId: string | undefined;
  #columns: readonly ClientColumn[] = [];
  #status: LiveStatus = "connecting";
  #wasLive = false;
  #refusals = 0;

  constructor(calls: HttpCalls, body: LiveRequestBody, options: LiveConnectionOptions) {
    this.#calls = calls;
    this.#body = body;
    this.#options = options;
    this.#lastEventId = options.lastEventId;
    this.#changes = this.#run();
    const end = (): void => this.#abort.abort(options.signal?.reason);
    options.signal?.addEventListener("abort", end, { once: true, signal: this.#abort.signal });
    if (options.signal?.aborted) end();
  }

  get status(): LiveStatus {
    return this.#status;
  }

  next(): Promise<IteratorResult<WireChange, undefined>> {
    return this.#changes.next();
  }

  /** Ends it, also while somebody waits for the next change. */
  return(): Promise<IteratorResult<WireChange, undefined>> {
    this.#abort.abort();
    return this.#changes.return(undefined);
  }

  /** Connects anew and asks for the contents: what the reader holds is of no use. */
  restart(): void {
    this.#lastEventId = undefined;
    this.#attempt?.abort();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async *#run(): AsyncGenerator<WireChange, undefined, undefined> {
    const backoff = this.#calls.backoff();
    const { signal } = this.#abort;
    try {
      while (!signal.aborted) {
        let leastMs = 0;
        try {
          const end = yield* this.#connect(backoff);
          if (end === "dropped") return undefined;
          // Another definition: the contents come at once.
          if (end === "replaced") continue;
        } catch (error) {
          if (signal.aborted) break;
          if (!this.#mayRetry(error)) {
            this.#tell("failed", error);
            throw error;
          }
          if (error instanceof ClientError) leastMs = error.retryAfterMs ?? 0;
          this.#tell("reconnecting", error);
        }
        if (signal.aborted) break;
        if (this.#status === "live") this.#tell("reconnecting", undefined);
        await sleep(backoff.next(Math.max(leastMs, this.#retryMs)), signal);
      }
      return undefined;
    } finally {
      this.#attempt?.abort();
      this.#abort.abort();
      if (this.#status !== "failed") this.#tell("ended", undefined);
    }
  }

  /** The changes of one connection; gives the reason of its end where the server gave one. */
  async *#connect(backoff: Backoff): AsyncGenerator<WireChange, unknown, undefined> {
    const attempt = this.#attempt = new AbortController();
    const stop = (): void => attempt.abort();
    this.#abort.signal.addEventListener("abort", stop, { once: true });
    const silence = new Silence(this.#options.silenceMs, stop);
    let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
    try {
      const response = await this.#calls.send(this.#request(attempt.signal));
      reader = response.body?.getReader();
      if (reader === undefined) throw errorOfProblem(undefined, { status: response.status });
      const parser = new EventParser();
      const assembly = new ChangeAssembly(this.#columns);
      for (;;) {
        silence.begin();
        const { done, value } = await reader.read();
        silence.end();
        if (done) return undefined;
        const events = parser.push(value);
        this.#retryMs = parser.retryMs ?? this.#retryMs;
        for (const event of events) {
          if (event.event === "end") return reasonOf(event);
          if (event.event === "error") throw errorOfEvent(event);
          const change = assembly.add(event);
          if (change === undefined) continue;
          this.#columns = change.columns;
          this.#lastEventId = change.eventId;
          this.#wasLive = true;
          this.#refusals = 0;
          backoff.succeeded();
          this.#tell("live", undefined);
          if (!isEmpty(change)) yield change;
          // Who asked for a restart meanwhile has no use for the rest of the chunk.
          if (attempt.signal.aborted) return undefined;
        }
      }
    } catch (error) {
      if (error instanceof ClientError) throw error;
      throw new ClientError("closed", "The connection was lost", { status: 0, cause: error });
    } finally {
      silence.end();
      this.#abort.signal.removeEventListener("abort", stop);
      attempt.abort();
      reader?.cancel().catch(() => {});
    }
  }

  #request(signal: AbortSignal): HttpRequest {
    const { view, sql, params, snapshot, coalesceMs, query } = this.#body;
    const headers = { accept: "text/event-stream" };
    const lastEventId = this.#lastEventId;
    const search: Record<string, string> = {
      ...(view === undefined ? {} : { view }),
      ...(sql === undefined ? {} : { sql }),
      ...(params === undefined ? {} : { params: JSON.stringify(params) }),
      ...(snapshot === undefined ? {} : { snapshot: String(snapshot) }),
      ...(coalesceMs === undefined ? {} : { coalesceMs: String(coalesceMs) }),
      ...(lastEventId === undefined ? {} : { lastEventId }),
    };
    const length = Object.values(search).reduce((sum, text) => sum + text.length, 0);
    if (query === undefined && length <= QUERY_CHARACTERS_MAX) {
      return { method: "GET", path: "/live", query: search, headers, signal };
    }
    const body = JSON.stringify({ ...this.#body, ...(lastEventId === undefined ? {} : { lastEventId }) });
    return {
      method: "POST",
      path: "/live",
      body,
      headers: { ...headers, "content-type": "application/json" },
      signal,
    };
  }

  /** A server that was restarted may lack the view for a while, and a token may be renewed. */
  #mayRetry(error: unknown): boolean {
    if (isTransient(error)) return true;
    if (!(error instanceof ClientError) || !this.#wasLive) return false;
    const isMissing = error.status === 404 || error.status === 409;
    return isMissing && ++this.#refusals <= REFUSALS_MAX;
  }

  #tell(status: LiveStatus, error: unknown): void {
    if (this.#status === status) return;
    this.#status = status;
    this.#options.onStatus?.(status, error);
  }
}

/** Parts of changes, until they are complete. */
class ChangeAssembly {
  #columns: readonly ClientColumn[];
  #inserted: (readonly unknown[])[] = [];
  #deleted: (readonly unknown[])[] = [];

  constructor(columns: readonly ClientColumn[]) {
    this.#columns = columns;
  }

  /** The change that `event` completes. */
  add({ event, data, id }: ServerEvent): WireChange | undefined {
    if (event !== "snapshot" && event !== "delta") return undefined;
    const part = readPart(data);
    if (part.columns !== undefined) this.#columns = part.columns;
    for (const row of part.rows ?? part.inserted ?? []) this.#inserted.push(row);
    for (const row of part.deleted ?? []) this.#deleted.push(row);
    if (!part.final) return undefined;
    const change: WireChange = {
      version: part.version,
      snapshot: event === "snapshot",
      columns: this.#columns,
      inserted: this.#inserted,
      deleted: this.#deleted,
      eventId: id,
    };
    this.#inserted = [];
    this.#deleted = [];
    return change;
  }
}

interface WirePart {
  readonly version: number;
  readonly final: boolean;
  readonly columns?: readonly ClientColumn[];
  readonly rows?: readonly (readonly unknown[])[];
  readonly inserted?: readonly (readonly unknown[])[];
  readonly deleted?: readonly (readonly unknown[])[];
}

function readPart(data: string): WirePart {
  const value: unknown = JSON.parse(data);
  if (
    typeof value === "object" && value !== null && "version" in value && typeof value.version === "number" &&
    "final" in value && typeof value.final === "boolean"
  ) {
    // The server writes the other fields with these two.
    return value as WirePart;
  }
  throw new ClientError("invalid-input", "The server sent an event that is no change", {
    status: 200,
    details: { start: data.slice(0, 80) },
  });
}

/** A timer for each wait: fires when nothing comes. */
class Silence {
  readonly #ms: number;
  readonly #fire: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(ms: number, fire: () => void) {
    this.#ms = ms;
    this.#fire = fire;
  }

  begin(): void {
    this.#timer = setTimeout(this.#fire, this.#ms);
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}

function isEmpty(change: WireChange): boolean {
  return !change.snapshot && change.inserted.length === 0 && change.deleted.length === 0;
}

function reasonOf({ data }: ServerEvent): unknown {
  const value: unknown = JSON.parse(data);
  return typeof value === "object" && value !== null && "reason" in value ? value.reason : undefined;
}

function errorOfEvent({ data }: ServerEvent): ClientError {
  const problem: unknown = JSON.parse(data);
  const isNumbered = typeof problem === "object" && problem !== null && "status" in problem;
  const status = isNumbered && typeof problem.status === "number" ? problem.status : 500;
  // A stream whose token has expired goes on with a new one: the next request asks for it.
  return errorOfProblem(problem, { status: status === 401 ? 503 : status });
}

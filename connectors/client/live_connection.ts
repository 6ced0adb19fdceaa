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
import { type Backoff, sleep } from "./backoff.ts";
import { ClientError, errorOfProblem, isTransient } from "./client_error.ts";
import type { LiveEvent, LiveRequestBody, LiveTransport } from "./live_events.ts";
import type { ClientColumn } from "./wire_rows.ts";

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
  /** A wait after failures. */
  readonly backoff: () => Backoff;
  readonly onStatus?: ((status: LiveStatus, error: unknown) => void) | undefined;
}

/** Tries of a connection that was live before and is refused for want of the view: a server may be filling up. */
const REFUSALS_MAX = 20;

/** See the module header. */
export class LiveConnection implements AsyncIterableIterator<WireChange, undefined, undefined> {
  readonly #transport: LiveTransport;
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

  constructor(transport: LiveTransport, body: LiveRequestBody, options: LiveConnectionOptions) {
    this.#transport = transport;
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
    const backoff = this.#options.backoff();
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
    try {
      const lastEventId = this.#lastEventId;
      const request = { ...this.#body, ...(lastEventId === undefined ? {} : { lastEventId }) };
      const assembly = new ChangeAssembly(this.#columns);
      for await (const event of this.#transport(request, attempt.signal)) {
        if (event.event === "end") return reasonOf(event);
        if (event.event === "error") throw errorOfEvent(event);
        if (event.event === "retry") this.#retryMs = Number(event.data);
        const change = assembly.add(event);
        if (change === undefined) continue;
        this.#columns = change.columns;
        this.#lastEventId = change.eventId;
        this.#wasLive = true;
        this.#refusals = 0;
        backoff.succeeded();
        this.#tell("live", undefined);
        if (!isEmpty(change)) yield change;
        // Who asked for a restart meanwhile has no use for what waits.
        if (attempt.signal.aborted) return undefined;
      }
      return undefined;
    } finally {
      this.#abort.signal.removeEventListener("abort", stop);
      attempt.abort();
    }
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
  add({ event, data, id }: LiveEvent): WireChange | undefined {
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

function readPart(value: unknown): WirePart {
  if (
    typeof value === "object" && value !== null && "version" in value && typeof value.version === "number" &&
    "final" in value && typeof value.final === "boolean"
  ) {
    // The server writes the other fields with these two.
    return value as WirePart;
  }
  throw new ClientError("invalid-input", "The server sent an event that is no change", {
    status: 200,
    details: { start: String(JSON.stringify(value)).slice(0, 80) },
  });
}

function isEmpty(change: WireChange): boolean {
  return !change.snapshot && change.inserted.length === 0 && change.deleted.length === 0;
}

function reasonOf({ data }: LiveEvent): unknown {
  return typeof data === "object" && data !== null && "reason" in data ? data.reason : undefined;
}

function errorOfEvent({ data }: LiveEvent): ClientError {
  const isNumbered = typeof data === "object" && data !== null && "status" in data;
  const status = isNumbered && typeof data.status === "number" ? data.status : 500;
  // A stream whose token has expired goes on with a new one: the next request asks for it.
  return errorOfProblem(data, { status: status === 401 ? 503 : status });
}

/**
 * How the events of a live query come to the client: one request each as server-sent events, or many over a
 * WebSocket. Both give the same events.
 *
 * @module
 */
import { ClientError, errorOfProblem } from "./client_error.ts";
import { EventParser } from "./event_parser.ts";
import type { HttpCalls, HttpRequest } from "./http_call.ts";

/** What is subscribed to. */
export interface LiveRequestBody {
  readonly view?: string;
  readonly sql?: string;
  readonly query?: object;
  readonly params?: readonly unknown[] | Readonly<Record<string, unknown>>;
  readonly snapshot?: boolean;
  readonly coalesceMs?: number;
  /** Continue after this event. */
  readonly lastEventId?: string;
}

/** One event, its JSON read. */
export interface LiveEvent {
  /** `snapshot`, `delta`, `end`, `error`, or `retry` with the milliseconds that the server asks for. */
  readonly event: string;
  readonly data: unknown;
  /** Of an event that completes a change. */
  readonly id: string | undefined;
}

/**
 * The events of one subscription, until the server ends it. Throws a ClientError when the connection is lost or
 * refused; ends what it holds when `signal` fires or the reader returns.
 */
export type LiveTransport = (request: LiveRequestBody, signal: AbortSignal) => AsyncIterable<LiveEvent>;

/** Longer query strings go as a body. */
const QUERY_CHARACTERS_MAX = 1_500;

/** Server-sent events; after `silenceMs` without a byte the connection is taken for dead. */
export function eventStreams(calls: HttpCalls, silenceMs: number): LiveTransport {
  return (request, signal) => streamEvents(calls, request, { signal, silenceMs });
}

async function* streamEvents(
  calls: HttpCalls,
  request: LiveRequestBody,
  { signal, silenceMs }: { readonly signal: AbortSignal; readonly silenceMs: number },
): AsyncGenerator<LiveEvent, void, undefined> {
  const attempt = new AbortController();
  const stop = (): void => attempt.abort();
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  const silence = new Silence(silenceMs, stop);
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  try {
    const response = await calls.send(liveRequest(request, attempt.signal));
    reader = response.body?.getReader();
    if (reader === undefined) throw errorOfProblem(undefined, { status: response.status });
    const parser = new EventParser();
    let retryMs: number | undefined;
    for (;;) {
      silence.begin();
      const { done, value } = await reader.read();
      silence.end();
      if (done) return;
      const events = parser.push(value);
      if (parser.retryMs !== retryMs) {
        retryMs = parser.retryMs;
        yield { event: "retry", data: retryMs, id: undefined };
      }
      for (const { event, data, id } of events) yield { event, data: JSON.parse(data), id };
    }
  } catch (error) {
    if (error instanceof ClientError) throw error;
    throw new ClientError("closed", "The connection was lost", { status: 0, cause: error });
  } finally {
    silence.end();
    signal.removeEventListener("abort", stop);
    attempt.abort();
    reader?.cancel().catch(() => {});
  }
}

function liveRequest(body: LiveRequestBody, signal: AbortSignal): HttpRequest {
  const { view, sql, params, snapshot, coalesceMs, query, lastEventId } = body;
  const headers = { accept: "text/event-stream" };
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
  return {
    method: "POST",
    path: "/live",
    body: JSON.stringify(body),
    headers: { ...headers, "content-type": "application/json" },
    signal,
  };
}

/** A timer for each wait: fires when nothing comes. */
export class Silence {
  readonly #ms: number;
  readonly #fire: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(ms: number, fire: () => void) {
    this.#ms = ms;
    this.#fire = fire;
  }

  /** Begins to wait, anew when it does already. */
  begin(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#fire, this.#ms);
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}

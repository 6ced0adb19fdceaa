/**
 * Live queries over WebSockets: many share one connection, so that a page may have more of them than the six
 * connections that browsers open to one HTTP/1.1 server.
 *
 * ```
 * live query ─┐                                     ┌─► queue of a live query
 * live query ─┼─ subscribe, id ─► one socket ─► id ─┼─► queue
 * live query ─┘                                     └─► queue too long: unsubscribe, and later from the last event on
 * ```
 *
 * A socket is opened with the first subscription and closed with the last. What waits for a slow reader is bounded:
 * beyond that its subscription ends, and begins again after the last event that was read.
 *
 * @module
 */
import { ClientError, errorOfProblem } from "./client_error.ts";
import type { HttpCalls } from "./http_call.ts";
import { type LiveEvent, type LiveRequestBody, type LiveTransport, Silence } from "./live_events.ts";

/** As much of a WebSocket as is used. */
export interface ClientSocket {
  send(text: string): void;
  close(): void;
  addEventListener(type: "open" | "message" | "close", listener: (event: object) => void): void;
}

/** Opens a socket: `new WebSocket(url)` by default. */
export type OpenSocket = (url: string) => ClientSocket;

/** The server takes no more subscriptions on one socket. */
const SUBSCRIPTIONS_MAX = 100;
/** Events that wait for a reader. */
const QUEUE_MAX = 1_000;
/** The server's word for credentials that are missing or have expired. */
const UNAUTHENTICATED = 4401;

/** A transport over as few sockets as the server allows. */
export function liveSockets(
  calls: HttpCalls,
  { silenceMs, open = openWebSocket }: { readonly silenceMs: number; readonly open?: OpenSocket | undefined },
): LiveTransport {
  const channels = new Set<SocketChannel>();
  return (request, signal) => {
    let channel = [...channels].find((one) => one.hasRoom);
    if (channel === undefined) {
      const added: SocketChannel = new SocketChannel(calls, {
        silenceMs,
        open,
        onClose: () => channels.delete(added),
      });
      channels.add(added);
      channel = added;
    }
    return channel.events(request, signal);
  };
}

function openWebSocket(url: string): ClientSocket {
  return new WebSocket(url);
}

interface ChannelOptions {
  readonly silenceMs: number;
  readonly open: OpenSocket;
  readonly onClose: () => void;
}

/** One socket and its subscriptions. */
class SocketChannel {
  readonly #calls: HttpCalls;
  readonly #options: ChannelOptions;
  readonly #queues = new Map<string, EventQueue>();
  readonly #silence: Silence;
  readonly #ready: Promise<void>;
  #socket: ClientSocket | undefined;
  #onReady: () => void = () => {};
  #lastId = 0;
  #closed = false;

  constructor(calls: HttpCalls, options: ChannelOptions) {
    this.#calls = calls;
    this.#options = options;
    this.#silence = new Silence(options.silenceMs, () => this.#fail(lost("nothing was heard")));
    this.#ready = new Promise((resolve) => this.#onReady = resolve);
    this.#open().catch((error) => this.#fail(error));
  }

  get hasRoom(): boolean {
    return !this.#closed && this.#queues.size < SUBSCRIPTIONS_MAX;
  }

  /** See {@linkcode LiveTransport}. */
  events(request: LiveRequestBody, signal: AbortSignal): AsyncIterable<LiveEvent> {
    const id = String(++this.#lastId);
    const queue = new EventQueue();
    this.#queues.set(id, queue);
    return this.#events({ id, queue, request, signal });
  }

  async *#events(
    { id, queue, request, signal }: {
      readonly id: string;
      readonly queue: EventQueue;
      readonly request: LiveRequestBody;
      readonly signal: AbortSignal;
    },
  ): AsyncGenerator<LiveEvent, void, undefined> {
    const stop = (): void => queue.fail(lost("the reader ended it"));
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
    try {
      await Promise.race([this.#ready, queue.failed]);
      this.#send({ type: "subscribe", id, ...request });
      for (;;) yield await queue.next();
    } finally {
      signal.removeEventListener("abort", stop);
      this.#leave(id);
    }
  }

  /** Opens the socket, and sends the credentials, which browsers cannot send with the upgrade. */
  async #open(): Promise<void> {
    const token = await this.#calls.token();
    if (this.#closed) return;
    const socket = this.#options.open(this.#calls.socketUrl());
    this.#socket = socket;
    this.#silence.begin();
    let opened = false;
    socket.addEventListener("open", () => {
      opened = true;
      if (token === undefined) this.#onReady();
      else this.#send({ type: "authenticate", token });
    });
    socket.addEventListener("message", (event) => this.#receive("data" in event ? event.data : undefined));
    socket.addEventListener("close", (event) => {
      if ("code" in event && event.code === UNAUTHENTICATED) this.#calls.forgetToken();
      if (opened) this.#fail(lost("the server closed it"));
      else this.#whyRefused().then((error) => this.#fail(error));
    });
  }

  /** A socket that does not open does not say why; the route does. */
  async #whyRefused(): Promise<unknown> {
    try {
      await this.#calls.send({ method: "GET", path: "/socket" });
    } catch (error) {
      // The server has no sockets at all: trying again does not help.
      if (error instanceof ClientError && error.status === 501) return error;
    }
    return lost("the socket did not open");
  }

  #send(message: object): void {
    if (!this.#closed) this.#socket?.send(JSON.stringify(message));
  }

  #receive(text: unknown): void {
    this.#silence.begin();
    const message = readMessage(text);
    if (message.type === "authenticated") this.#onReady();
    const { id, problem } = message;
    if (id === undefined) {
      if (message.type === "error") this.#fail(refused(problem, this.#calls));
      return;
    }
    const queue = this.#queues.get(id);
    if (queue === undefined) return;
    if (message.type === "error") queue.fail(refused(problem, this.#calls));
    else if (queue.length < QUEUE_MAX) {
      queue.push({ event: message.type, data: message, id: message.eventId });
    } else {
      queue.fail(lost("the reader is slow"));
      this.#leave(id);
    }
  }

  /** Ends one subscription, and the socket with the last. */
  #leave(id: string): void {
    if (!this.#queues.delete(id) || this.#closed) return;
    if (this.#queues.size === 0) this.#fail(lost("nobody reads"));
    else this.#send({ type: "unsubscribe", id });
  }

  #fail(error: unknown): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#silence.end();
    this.#options.onClose();
    for (const queue of this.#queues.values()) queue.fail(error);
    try {
      this.#socket?.close();
    } catch {
      // It never opened.
    }
  }
}

/** Events of one subscription, for one reader. */
class EventQueue {
  readonly failed: Promise<never>;
  #events: LiveEvent[] = [];
  #at = 0;
  #error: unknown;
  #reject: (error: unknown) => void = () => {};
  #wake: () => void = () => {};

  constructor() {
    this.failed = new Promise((_, reject) => this.#reject = reject);
    this.failed.catch(() => {});
  }

  get length(): number {
    return this.#events.length - this.#at;
  }

  push(event: LiveEvent): void {
    this.#events.push(event);
    this.#wake();
  }

  /** What waits is read first. */
  fail(error: unknown): void {
    if (this.#error !== undefined) return;
    this.#error = error;
    this.#reject(error);
    this.#wake();
  }

  async next(): Promise<LiveEvent> {
    while (this.length === 0) {
      if (this.#error !== undefined) throw this.#error;
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    const event = this.#events[this.#at++]!;
    if (this.length === 0) {
      this.#events = [];
      this.#at = 0;
    }
    return event;
  }
}

interface SocketMessage {
  readonly type: string;
  readonly id?: string;
  readonly eventId?: string;
  readonly problem?: unknown;
}

function readMessage(text: unknown): SocketMessage {
  const value: unknown = typeof text === "string" ? JSON.parse(text) : undefined;
  if (typeof value === "object" && value !== null && "type" in value && typeof value.type === "string") {
    // The server writes the other fields with the type; what a change has is checked where it is put together.
    return value as SocketMessage;
  }
  throw new ClientError("invalid-input", "The server sent a message without a type", {
    status: 200,
    details: { start: String(text).slice(0, 80) },
  });
}

/** The error of a refusal; a token that has expired is asked for again. */
function refused(problem: unknown, calls: HttpCalls): ClientError {
  const numbered = typeof problem === "object" && problem !== null && "status" in problem;
  const status = numbered && typeof problem.status === "number" ? problem.status : 500;
  if (status === 401 && calls.forgetToken()) return errorOfProblem(problem, { status: 503 });
  return errorOfProblem(problem, { status });
}

function lost(why: string): ClientError {
  return new ClientError("closed", `The connection was lost: ${why}`, { status: 0 });
}

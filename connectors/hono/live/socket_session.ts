/**
 * One socket: many subscriptions and queries of one client.
 *
 * ```
 * message ─► rate, size, shape ─► who asks ─► subscribe ─► a loop a subscription: change ─► room? ─► send
 * ```
 *
 * Each subscription is read only when the socket has room: a client that does not read holds `socketBufferBytesMax`
 * bytes and one merged change a subscription at most, and is disconnected after `stallMs`. Where the runtime does not
 * tell how much waits in a socket, the network alone holds back. The end of the socket ends everything at once.
 *
 * @module
 */
import { LimitError, LiveViewError, QueryError } from "../../../src/base/error.ts";
import type { ChangeStream } from "../../../src/kernel/hooks.ts";
import type { Principal } from "../../../src/kernel/principal.ts";
import type { QueryOptions } from "../../../src/kernel/query_context.ts";
import { queryFromJson } from "../../../src/query/json_query.ts";
import type { AppContext } from "../app_context.ts";
import { problemOf } from "../problem.ts";
import { requireAccess } from "../route.ts";
import { wireRow } from "../wire_value.ts";
import type { ChangePart, ChangeTexts } from "./change_text.ts";
import { openLive } from "./live_target.ts";
import { MessageRate } from "./message_rate.ts";
import { type ClientMessage, type ClientMessageOf, idOf, readMessage } from "./socket_message.ts";

/** What a runtime's socket can do. */
export interface SocketPeer {
  send(text: string): void;
  close(code: number, reason: string): void;
  /** Bytes that wait to be sent; 0 where the runtime does not tell. */
  bufferedBytes(): number;
}

/** What a session is made of. */
export interface SocketSessionOptions {
  readonly context: AppContext;
  readonly texts: ChangeTexts;
  readonly principal: Principal;
  /** Who a token belongs to. */
  readonly authenticate: (token: string) => Promise<Principal>;
  readonly optionsFor: (principal: Principal, signal: AbortSignal) => QueryOptions;
}

/** Codes with which the server closes: RFC 6455, and 4000 + a status of HTTP. */
export const CLOSE_CODE = {
  tooBig: 1009,
  goingAway: 1001,
  unauthenticated: 4401,
  idle: 4408,
  rate: 4429,
} as const;

/** A subscription of the socket; without changes while it is being opened. */
interface SocketSubscription {
  changes: ChangeStream | undefined;
}

/** Refused messages in a row, after which the socket is closed. */
const REFUSALS_MAX = 100;
/** Between two looks at what waits in a socket. */
const ROOM_POLL_MS = 10;

/** See the module header. */
export class SocketSession {
  readonly #options: SocketSessionOptions;
  readonly #peer: SocketPeer;
  readonly #rate: MessageRate;
  readonly #subscriptions = new Map<string, SocketSubscription>();
  readonly #abort = new AbortController();
  #principal: Principal;
  #queries = 0;
  #refusals = 0;
  /** Monotonic. */
  #heardAt: number;
  #sentAt: number;
  #timer: ReturnType<typeof setInterval> | undefined;
  #closed = false;

  constructor(peer: SocketPeer, options: SocketSessionOptions) {
    const { context } = options;
    this.#options = options;
    this.#peer = peer;
    this.#principal = options.principal;
    this.#rate = new MessageRate(context.clock, context.live.messagesPerSecond);
    this.#heardAt = this.#sentAt = context.clock.monotonic();
    const { heartbeatMs, socketIdleMs } = context.live;
    const tickMs = Math.min(heartbeatMs, socketIdleMs) / 2;
    if (tickMs < Infinity) this.#timer = setInterval(() => this.#tick(), Math.max(1, tickMs));
    context.liveCounts.sockets++;
  }

  /** One message of the client. */
  receive(data: unknown): void {
    if (this.#closed) return;
    this.#heardAt = this.#options.context.clock.monotonic();
    const waitMs = this.#rate.take();
    if (waitMs !== undefined) {
      this.#refuse(undefined, tooFast(this.#options.context.live.messagesPerSecond, waitMs));
      return;
    }
    let message: ClientMessage;
    try {
      message = readMessage(data, this.#options.context.live.messageCharactersMax);
    } catch (error) {
      const isTooBig = error instanceof LiveViewError && error.code === "body-limit";
      this.#refuse(idOf(data), error);
      if (isTooBig) this.close(CLOSE_CODE.tooBig, "message too big");
      return;
    }
    this.#carryOut(message).then(() => this.#refusals = 0, (error) => {
      this.#refuse("id" in message ? message.id : undefined, error);
    });
  }

  /** Ends everything; the peer is told unless it went first. */
  close(code?: number, reason = ""): void {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#timer);
    this.#options.context.liveCounts.sockets--;
    this.#abort.abort();
    for (const id of [...this.#subscriptions.keys()]) this.#drop(id);
    if (code === undefined) return;
    try {
      this.#peer.close(code, reason);
    } catch {
      // It is closed already, which is what was wanted.
    }
  }

  async #carryOut(message: ClientMessage): Promise<void> {
    switch (message.type) {
      case "ping":
        this.#send(message.id === undefined ? { type: "pong" } : { type: "pong", id: message.id });
        return;
      case "authenticate":
        this.#principal = await this.#options.authenticate(message.token);
        this.#send({ type: "authenticated", subject: this.#principal.subject });
        return;
      case "subscribe":
        requireAccess(this.#principal, "read");
        await this.#subscribe(message);
        return;
      case "unsubscribe":
        if (!this.#subscriptions.has(message.id)) throw unknownSubscription(message.id);
        this.#drop(message.id);
        this.#send({ type: "end", id: message.id, reason: "unsubscribed" });
        return;
      case "query":
        requireAccess(this.#principal, "read");
        await this.#query(message);
        return;
    }
  }

  async #subscribe({ type: _, id, ...request }: ClientMessageOf<"subscribe">): Promise<void> {
    const { context, texts } = this.#options;
    if (this.#subscriptions.has(id)) throw duplicateSubscription(id);
    const limit = context.live.socketSubscriptionsMax;
    if (this.#subscriptions.size >= limit) throw tooMany(limit);
    const subscription: SocketSubscription = { changes: undefined };
    this.#subscriptions.set(id, subscription);
    // It may be cancelled while it is being opened, and its id given to another.
    const isOpen = (): boolean => !this.#closed && this.#subscriptions.get(id) === subscription;
    try {
      const { changes, columns, beginsAt } = await openLive(context, request, this.#queryOptions());
      if (!isOpen()) {
        await changes.return();
        return;
      }
      subscription.changes = changes;
      context.liveCounts.streams++;
      const first = beginsAt === undefined ? undefined : texts.begin(beginsAt, columns);
      void this.#pump(id, changes, first, isOpen);
    } catch (error) {
      if (!isOpen()) return;
      this.#subscriptions.delete(id);
      throw error;
    }
  }

  async #pump(
    id: string,
    changes: ChangeStream,
    first: ChangePart | undefined,
    isOpen: () => boolean,
  ): Promise<void> {
    try {
      if (first !== undefined) this.#sendPart(id, first);
      for (;;) {
        await this.#room();
        if (!isOpen()) return;
        const { done, value } = await changes.next();
        if (!isOpen()) return;
        if (done) {
          this.#drop(id);
          if (value === "closed") this.close(CLOSE_CODE.goingAway, "the database is closed");
          else this.#send({ type: "end", id, reason: value ?? "dropped" });
          return;
        }
        for (const part of this.#options.texts.parts(value)) {
          await this.#room();
          if (!isOpen()) return;
          this.#sendPart(id, part);
        }
      }
    } catch (error) {
      if (!isOpen()) return;
      this.#drop(id);
      this.#refuse(id, error);
    }
  }

  async #query({ id, sql, query, type: _, ...options }: ClientMessageOf<"query">): Promise<void> {
    const limit = this.#options.context.live.socketSubscriptionsMax;
    if (this.#queries >= limit) throw tooMany(limit);
    if ((sql === undefined) === (query === undefined)) throw notOneQuery();
    this.#queries++;
    try {
      const result = await this.#options.context.db.query(sql ?? queryFromJson(query), {
        ...this.#queryOptions(),
        ...options,
        readOnly: true,
      });
      const rows = result.objects().map((row) => wireRow(row, result.columns));
      const columns = result.columns.map(({ name, type, nullable }) => ({ name, type, nullable }));
      await this.#room();
      this.#send({ type: "result", id, columns, rows, rowCount: result.rowCount, version: result.version });
    } finally {
      this.#queries--;
    }
  }

  #queryOptions(): QueryOptions {
    return this.#options.optionsFor(this.#principal, this.#abort.signal);
  }

  /** Ends one subscription without a word. */
  #drop(id: string): void {
    const changes = this.#subscriptions.get(id)?.changes;
    this.#subscriptions.delete(id);
    if (changes === undefined) return;
    this.#options.context.liveCounts.streams--;
    void changes.return();
  }

  #sendPart(id: string, { event, final, version, json }: ChangePart): void {
    const { context } = this.#options;
    const stamp = final ? `,"eventId":${JSON.stringify(context.stamp(version))}` : "";
    this.#sendText(`{"type":"${event}","id":${JSON.stringify(id)}${stamp},${json.slice(1)}`);
  }

  #send(message: Readonly<Record<string, unknown>>): void {
    this.#sendText(JSON.stringify(message));
  }

  #sendText(text: string): void {
    if (this.#closed) return;
    this.#sentAt = this.#options.context.clock.monotonic();
    try {
      this.#peer.send(text);
    } catch {
      // The runtime knows that the peer is gone before it says so.
      this.close();
    }
  }

  #refuse(id: string | undefined, error: unknown): void {
    if (this.#closed) return;
    const problem = problemOf(error);
    this.#send(id === undefined ? { type: "error", problem } : { type: "error", id, problem });
    if (++this.#refusals >= REFUSALS_MAX) this.close(CLOSE_CODE.rate, "too many messages were refused");
  }

  /** Waits until the socket takes more. */
  async #room(): Promise<void> {
    const { clock, live } = this.#options.context;
    const start = clock.monotonic();
    while (!this.#closed && this.#peer.bufferedBytes() > live.socketBufferBytesMax) {
      if (clock.monotonic() - start >= live.stallMs) {
        this.close(CLOSE_CODE.idle, "the reader takes nothing");
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, ROOM_POLL_MS));
    }
  }

  #tick(): void {
    const { clock, live } = this.#options.context;
    const now = clock.monotonic();
    const { exp } = this.#principal.claims;
    if (typeof exp === "number" && clock.now() >= exp * 1000) {
      this.close(CLOSE_CODE.unauthenticated, "the credentials have expired");
    } else if (
      this.#subscriptions.size === 0 && this.#queries === 0 && now - this.#heardAt >= live.socketIdleMs
    ) {
      this.close(CLOSE_CODE.idle, "nothing was asked for");
    } else if (now - this.#sentAt >= live.heartbeatMs) {
      this.#send({ type: "heartbeat" });
    }
  }
}

function tooFast(limit: number, retryAfterMs: number): LimitError {
  return new LimitError("rate-limit", `A client may send ${limit} messages a second`, {
    details: { limit, retryAfterMs },
    hint: "send fewer, or wait",
  });
}

function tooMany(limit: number): LimitError {
  return new LimitError("connection-limit", `A socket may have ${limit} subscriptions, and as many queries`, {
    details: { limit },
    hint: "end some of them, or open another socket",
  });
}

function notOneQuery(): QueryError {
  return new QueryError("invalid-parameter", "A query message has either sql or query", {
    hint: "give one of them",
  });
}

function duplicateSubscription(id: string): QueryError {
  return new QueryError("invalid-parameter", `There is a subscription ${JSON.stringify(id)} already`, {
    details: { id },
    hint: "give each subscription an id of its own",
  });
}

function unknownSubscription(id: string): QueryError {
  return new QueryError("invalid-parameter", `There is no subscription ${JSON.stringify(id)}`, {
    details: { id },
    hint: "it may have ended before",
  });
}

/**
 * WebSockets that outlive the memory of their Durable Object.
 *
 * The runtime keeps the connections of an object that sleeps and wakes it up for a message. Its memory is gone then, so
 * what each client subscribed to is kept in SQLite. A new object opens a session for each connection that it finds, by
 * the request that opened it, and subscribes again; the client gets the whole contents, which replace what it holds.
 *
 * ```
 * upgrade ──► session ◄── messages          asleep: connection | request, subscriptions in SQLite
 * wake up ──► session by the stored request ──► stored subscriptions ──► snapshots
 * ```
 *
 * Timers would keep the object awake, so sessions have no heartbeat: the runtime answers pings by itself.
 *
 * @module
 */
import type { SocketUpgrade } from "../../connectors/hono/live/socket_route.ts";
import { defineWebSocketHelper, WSContext, type WSEvents } from "hono/ws";
import type { SnapshotStorage } from "./snapshot_store.ts";

/** A WebSocket of the runtime. */
export interface ObjectSocket {
  /** Standard. */
  readonly readyState: number;
  send(text: string | ArrayBuffer): void;
  close(code?: number, reason?: string): void;
  /** Kept by the runtime with the connection, up to 2,048 bytes. */
  serializeAttachment(value: unknown): void;
  deserializeAttachment(): unknown;
}

/** The part of a Durable Object's state that is about sockets. */
export interface SocketState {
  /** Lets the runtime hold the connection while the object sleeps. */
  acceptWebSocket(socket: ObjectSocket): void;
  /** Those that were accepted and are open. */
  getWebSockets(): readonly ObjectSocket[];
  /** Answers `request` with `response` without waking the object. */
  setWebSocketAutoResponse?(pair: unknown): void;
}

/** What the runtime has as globals. */
interface WorkerdGlobals {
  readonly WebSocketPair: new () => { readonly 0: ObjectSocket; readonly 1: ObjectSocket };
  readonly WebSocketRequestResponsePair?: new (request: string, response: string) => unknown;
}

/** A connection as it is stored. */
interface StoredSocket {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Texts of messages, by the id of their subscription. */
  readonly messages: Record<string, string>;
}

interface Session {
  readonly events: WSEvents<ObjectSocket>;
  readonly context: WSContext<ObjectSocket>;
  readonly id: string;
  readonly stored: StoredSocket;
}

const TABLE = "CREATE TABLE IF NOT EXISTS socket (id TEXT PRIMARY KEY, stored TEXT NOT NULL)";

/** What says who asks. */
const KEPT_HEADERS = ["authorization", "x-api-key", "cookie", "origin"];

const CLOSED = 3;

/** See the module header. */
export class HibernatingSockets {
  /** For the option `sockets` of `liveviewApp`. */
  readonly upgrade: SocketUpgrade;
  readonly #state: SocketState;
  readonly #storage: SnapshotStorage;
  readonly #globals: WorkerdGlobals;
  readonly #sessions = new Map<ObjectSocket, Session>();
  /** The connection that is being given a session again. */
  #restored:
    | { readonly socket: ObjectSocket; readonly id: string; readonly stored: StoredSocket }
    | undefined;

  constructor(state: SocketState, storage: SnapshotStorage, globals: unknown = globalThis) {
    this.#state = state;
    this.#storage = storage;
    // Without the globals of workerd this class has no use; a test brings its own.
    this.#globals = globals as WorkerdGlobals;
    storage.sql.exec(TABLE);
    this.upgrade = defineWebSocketHelper<ObjectSocket>((c, events) => this.#open(c.req.raw, events));
    const { WebSocketRequestResponsePair } = this.#globals;
    if (WebSocketRequestResponsePair !== undefined) {
      state.setWebSocketAutoResponse?.(
        new WebSocketRequestResponsePair('{"type":"ping"}', '{"type":"pong"}'),
      );
    }
  }

  /** Gives the connections that were open before a session each, through the app. */
  async restore(fetch: (request: Request) => Response | Promise<Response>): Promise<void> {
    const stored = new Map<string, StoredSocket>();
    for (const row of this.#storage.sql.exec("SELECT id, stored FROM socket")) {
      stored.set(String(row.id), JSON.parse(String(row.stored)));
    }
    for (const socket of this.#state.getWebSockets()) {
      const id = String(socket.deserializeAttachment());
      const found = stored.get(id);
      stored.delete(id);
      if (found === undefined) {
        socket.close(1011, "the subscriptions are lost");
        continue;
      }
      this.#restored = { socket, id, stored: found };
      const headers = { ...found.headers, upgrade: "websocket", connection: "upgrade" };
      const response = await fetch(new Request(found.url, { headers }));
      this.#restored = undefined;
      if (!response.ok || !this.#sessions.has(socket)) socket.close(4000 + response.status, "refused");
    }
    for (const id of stored.keys()) this.#storage.sql.exec("DELETE FROM socket WHERE id = ?", id);
  }

  /** A message of a client: for `webSocketMessage` of the object. */
  message(socket: ObjectSocket, data: string | ArrayBuffer): void {
    const session = this.#sessions.get(socket);
    if (session === undefined) return;
    if (typeof data === "string") this.#note(session, data);
    this.#receive(session, data);
  }

  /** The end of a connection: for `webSocketClose` and `webSocketError` of the object. */
  closed(socket: ObjectSocket, code = 1006, reason = ""): void {
    const session = this.#sessions.get(socket);
    if (session === undefined) return;
    this.#sessions.delete(socket);
    this.#storage.sql.exec("DELETE FROM socket WHERE id = ?", session.id);
    session.events.onClose?.(new CloseEvent("close", { code, reason }), session.context);
    // The runtime waits for the answer to the close of the client.
    if (socket.readyState !== CLOSED) socket.close(code === 1005 || code === 1006 ? 1000 : code, reason);
  }

  #open(request: Request, events: WSEvents<ObjectSocket>): Response {
    const again = this.#restored;
    if (again !== undefined) {
      const session = this.#begin(again.socket, again.id, again.stored, events);
      for (const message of Object.values(again.stored.messages)) this.#receive(session, message);
      return new Response(null, { status: 204 });
    }
    const pair = new this.#globals.WebSocketPair();
    const id = crypto.randomUUID();
    const headers: Record<string, string> = {};
    for (const name of KEPT_HEADERS) {
      const value = request.headers.get(name);
      if (value !== null) headers[name] = value;
    }
    this.#state.acceptWebSocket(pair[1]);
    pair[1].serializeAttachment(id);
    const session = this.#begin(pair[1], id, { url: request.url, headers, messages: {} }, events);
    this.#store(session);
    // The property is workerd's own.
    return new Response(null, { status: 101, webSocket: pair[0] } as ResponseInit);
  }

  #begin(
    socket: ObjectSocket,
    id: string,
    stored: StoredSocket,
    events: WSEvents<ObjectSocket>,
  ): Session {
    const context = new WSContext<ObjectSocket>({
      raw: socket,
      url: stored.url,
      protocol: null,
      get readyState() {
        // Numbers 0 to 3, as the standard has them.
        return socket.readyState as 0 | 1 | 2 | 3;
      },
      send: (text) => socket.send(text as string),
      close: (code, reason) => socket.close(code, reason),
    });
    const session = { events, context, id, stored };
    this.#sessions.set(socket, session);
    events.onOpen?.(new Event("open"), context);
    return session;
  }

  #receive({ events, context }: Session, data: string | ArrayBuffer): void {
    events.onMessage?.(new MessageEvent("message", { data }), context);
  }

  /** Keeps a subscription, so that it can begin again; with the whole contents, whatever was asked for then. */
  #note(session: Session, text: string): void {
    const message = objectOf(text);
    if (message === undefined || typeof message.id !== "string") return;
    const { messages } = session.stored;
    if (message.type === "unsubscribe") delete messages[message.id];
    else if (message.type === "subscribe" && messages[message.id] === undefined) {
      const { lastEventId: _id, snapshot: _snapshot, ...request } = message;
      messages[message.id] = JSON.stringify(request);
    } else return;
    this.#store(session);
  }

  #store({ id, stored }: Session): void {
    this.#storage.sql.exec(
      "INSERT OR REPLACE INTO socket (id, stored) VALUES (?, ?)",
      id,
      JSON.stringify(stored),
    );
  }
}

function objectOf(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    // An object was asked for; its members are checked where they are used.
    return typeof value === "object" && value !== null ? value as Record<string, unknown> : undefined;
  } catch {
    return undefined;
  }
}

import { describe, it } from "node:test";
import { sign } from "hono/jwt";
import { assert, assertEquals } from "@std/assert";
import { ManualClock } from "../../../src/base/clock.ts";
import { createDatabase, type Database, materializedViews } from "../../../mod.ts";
import { liveviewApp } from "../../../connectors/hono/app.ts";
import type { AppContext } from "../../../connectors/hono/app_context.ts";
import type { LiveviewAppOptions } from "../../../connectors/hono/app_options.ts";
import { ChangeTexts } from "../../../connectors/hono/live/change_text.ts";
import { DEFAULT_LIVE_LIMITS } from "../../../connectors/hono/live/live_limits.ts";
import { SocketSession } from "../../../connectors/hono/live/socket_session.ts";
import { denoSockets } from "../../../connectors/hono/runtime/deno.ts";

type ViewDatabase = Database<readonly [ReturnType<typeof materializedViews>]>;
type Message = Readonly<Record<string, unknown>>;

interface Setup extends AsyncDisposable {
  readonly db: ViewDatabase;
  readonly url: string;
}

async function open(): Promise<ViewDatabase> {
  const db = createDatabase({ plugins: [materializedViews()] });
  await db.exec(`CREATE TABLE t (id INTEGER PRIMARY KEY, v INTEGER); INSERT INTO t VALUES (1, 10);
    CREATE MATERIALIZED VIEW m AS SELECT id, v FROM t; CREATE MATERIALIZED VIEW n AS SELECT count(*) AS n FROM t`);
  return db;
}

async function serve(options: LiveviewAppOptions = {}): Promise<Setup> {
  const db = await open();
  const app = liveviewApp(db, { instance: "one", sockets: denoSockets, ...options });
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, app.fetch);
  return {
    db,
    url: `ws://127.0.0.1:${server.addr.port}/v1/socket`,
    [Symbol.asyncDispose]: async () => {
      await db.close();
      await server.shutdown();
    },
  };
}

/** A socket whose messages are awaited one by one. */
class Peer {
  readonly socket: WebSocket;
  readonly opened: Promise<void>;
  readonly closed: Promise<number>;
  #messages: Message[] = [];
  #waiting: ((message: Message) => void)[] = [];

  constructor(url: string) {
    this.socket = new WebSocket(url);
    this.opened = new Promise((resolve) => this.socket.onopen = () => resolve());
    this.closed = new Promise((resolve) => this.socket.onclose = (event) => resolve(event.code));
    this.socket.onerror = () => {};
    this.socket.onmessage = (event) => {
      const message = JSON.parse(event.data);
      const resolve = this.#waiting.shift();
      if (resolve === undefined) this.#messages.push(message);
      else resolve(message);
    };
  }

  static async open(url: string): Promise<Peer> {
    const peer = new Peer(url);
    await peer.opened;
    return peer;
  }

  send(message: unknown): void {
    this.socket.send(typeof message === "string" ? message : JSON.stringify(message));
  }

  next(): Promise<Message> {
    const message = this.#messages.shift();
    if (message !== undefined) return Promise.resolve(message);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  async close(): Promise<void> {
    this.socket.close();
    await this.closed;
  }
}

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 1000 && !condition(); i++) await new Promise((resolve) => setTimeout(resolve, 1));
  assert(condition());
}

const codeOf = (message: Message): unknown => (message["problem"] as Message | undefined)?.["code"];

describe("GET /v1/socket", () => {
  it("carries many subscriptions, queries and pings", async () => {
    await using setup = await serve();
    const { db, url } = setup;
    const peer = await Peer.open(url);
    peer.send({ type: "subscribe", id: "a", view: "m" });
    const first = await peer.next();
    assertEquals([first["type"], first["id"], first["rows"]], ["snapshot", "a", [[1, 10]]]);
    peer.send({
      type: "subscribe",
      id: "b",
      sql: "SELECT id FROM t WHERE v > $1",
      params: [15],
      coalesceMs: 1,
    });
    assertEquals((await peer.next())["rows"], []);
    await db.query("INSERT INTO t VALUES (2, 20)");
    const both = [await peer.next(), await peer.next()].sort((a, b) =>
      String(a["id"]) < String(b["id"]) ? -1 : 1
    );
    assertEquals(both.map((one) => [one["type"], one["inserted"]]), [["delta", [[2, 20]]], ["delta", [[2]]]]);
    assertEquals(both[0]!["eventId"], `one.${db.version}`);
    peer.send({
      type: "query",
      id: "q",
      sql: "SELECT sum(v) AS s FROM t WHERE id < :most",
      params: { most: 5 },
    });
    assertEquals((await peer.next())["rows"], [{ s: 30 }]);
    peer.send({ type: "ping", id: "p" });
    assertEquals(await peer.next(), { type: "pong", id: "p" });
    peer.send({ type: "unsubscribe", id: "a" });
    assertEquals(await peer.next(), { type: "end", id: "a", reason: "unsubscribed" });
    await until(() => db.plugins.materializedViews.status("m").subscriberCount === 0);
    await db.exec("DROP TABLE t CASCADE");
    assertEquals(await peer.next(), { type: "end", id: "b", reason: "dropped" });
    await peer.close();
  });

  it("continues after an event id", async () => {
    await using setup = await serve();
    const { db, url } = setup;
    const peer = await Peer.open(url);
    peer.send({ type: "subscribe", id: "keep", view: "m" });
    await peer.next();
    await db.query("UPDATE t SET v = 11");
    const { eventId } = await peer.next();
    await db.query("UPDATE t SET v = 12");
    await peer.next();
    peer.send({ type: "subscribe", id: "late", view: "m", lastEventId: eventId });
    assertEquals([(await peer.next())["inserted"], (await peer.next())["inserted"]], [[], [[1, 12]]]);
    await peer.close();
  });

  it("answers what it does not understand with a problem, and goes on", async () => {
    await using setup = await serve();
    const peer = await Peer.open(setup.url);
    const refused: readonly (readonly [unknown, string, unknown])[] = [
      ["{", "invalid-parameter", undefined],
      ["[]", "invalid-parameter", undefined],
      [{ type: "subscrib", id: "x", view: "m" }, "invalid-parameter", "x"],
      [{ type: "__proto__", id: "x" }, "invalid-parameter", "x"],
      [{ type: "subscribe", view: "m" }, "invalid-parameter", undefined],
      [{ type: "subscribe", id: "x", view: "m", sql: "SELECT 1" }, "invalid-parameter", "x"],
      [{ type: "subscribe", id: "x", view: "mm" }, "unknown-table", "x"],
      [{ type: "subscribe", id: "x", sql: "SELECT 1 / (id - 1) AS y FROM t" }, "division-by-zero", "x"],
      [{ type: "subscribe", id: "x", sql: "DROP TABLE t" }, "invalid-statement", "x"],
      [{ type: "unsubscribe", id: "x" }, "invalid-parameter", "x"],
      [{ type: "query", id: "x", sql: "DELETE FROM t" }, "access-denied", "x"],
      [{ type: "query", id: "x" }, "invalid-parameter", "x"],
      [{ type: "authenticate", token: "t" }, "unauthenticated", undefined],
    ];
    for (const [message, code, id] of refused) {
      peer.send(message);
      const answer = await peer.next();
      assertEquals(
        [answer["type"], codeOf(answer), answer["id"]],
        ["error", code, id],
        JSON.stringify(message),
      );
    }
    peer.socket.send(new Uint8Array([1, 2]));
    assertEquals(codeOf(await peer.next()), "invalid-parameter");
    peer.send({ type: "subscribe", id: "x", view: "m" });
    assertEquals((await peer.next())["type"], "snapshot");
    peer.send({ type: "subscribe", id: "x", view: "n" });
    assertEquals(codeOf(await peer.next()), "invalid-parameter");
    await peer.close();
  });

  it("limits subscriptions, the size of messages and their rate", async () => {
    await using setup = await serve({
      live: { socketSubscriptionsMax: 2, messageCharactersMax: 200, messagesPerSecond: 3 },
    });
    const peer = await Peer.open(setup.url);
    for (const id of ["1", "2", "3"]) peer.send({ type: "subscribe", id, view: "m" });
    const answers = [await peer.next(), await peer.next(), await peer.next()];
    assertEquals(answers.map(codeOf).filter((code) => code !== undefined), ["connection-limit"]);
    for (let i = 0; i < 4; i++) peer.send({ type: "ping" });
    const flood = [await peer.next(), await peer.next(), await peer.next(), await peer.next()];
    assertEquals(flood.map((one) => one["type"]), ["pong", "pong", "pong", "error"]);
    assertEquals(codeOf(flood[3]!), "rate-limit");
    const other = await Peer.open(setup.url);
    other.send({ type: "ping", id: "x".repeat(300) });
    assertEquals(codeOf(await other.next()), "body-limit");
    assertEquals(await other.closed, 1009);
    await peer.close();
  });

  it("frees everything when the client goes, also while a subscription is being opened", async () => {
    await using setup = await serve();
    const { db, url } = setup;
    const peers = await Promise.all(Array.from({ length: 5 }, () => Peer.open(url)));
    for (const peer of peers) {
      peer.send({ type: "subscribe", id: "a", view: "m" });
      peer.send({ type: "subscribe", id: "b", sql: "SELECT v FROM t" });
    }
    await Promise.all(peers.map((peer) => peer.next()));
    await Promise.all(peers.map((peer) => peer.close()));
    const counts = () => db.plugins.materializedViews.status("m").subscriberCount;
    await until(() => counts() === 0);
    await until(() => db.catalog.relationNames().every((name) => !name.startsWith("liveview.query")));
  });

  it("closes with 1001 when the database is closed", async () => {
    await using setup = await serve();
    const peer = await Peer.open(setup.url);
    peer.send({ type: "subscribe", id: "a", view: "m" });
    await peer.next();
    await setup.db.close();
    assertEquals(await peer.closed, 1001);
  });

  it("is no socket without an upgrade, nor without a runtime's help", async () => {
    const db = await open();
    const app = liveviewApp(db);
    const plain = await app.fetch(new Request("http://localhost/v1/socket"));
    const upgrade = await app.fetch(
      new Request("http://localhost/v1/socket", { headers: { upgrade: "websocket", connection: "upgrade" } }),
    );
    const able = liveviewApp(db, { sockets: denoSockets });
    const bare = await able.fetch(new Request("http://localhost/v1/socket"));
    assertEquals([plain.status, upgrade.status, bare.status], [501, 501, 400]);
    await Promise.all([plain, upgrade, bare].map((response) => response.body?.cancel()));
    await db.close();
  });
});

describe("credentials of a socket", () => {
  it("come with the upgrade, in its query string or as a message, and decide what may be asked", async () => {
    const secret = "0123456789abcdef0123456789abcdef";
    await using setup = await serve({
      anonymous: "none",
      authentication: { jwt: { keys: [{ algorithm: "HS256", key: secret }] } },
    });
    const token = await sign({ sub: "me", roles: ["read"] }, secret, "HS256");
    const bare = await Peer.open(setup.url);
    bare.send({ type: "subscribe", id: "a", view: "m" });
    assertEquals(codeOf(await bare.next()), "unauthenticated");
    for (const bad of ["nonsense", "a\r\nb: c", ""]) {
      bare.send({ type: "authenticate", token: bad });
      assertEquals(codeOf(await bare.next()), "unauthenticated", bad);
    }
    bare.send({ type: "authenticate", token });
    assertEquals(await bare.next(), { type: "authenticated", subject: "me" });
    const named = await Peer.open(`${setup.url}?access_token=${token}`);
    for (const peer of [bare, named]) {
      peer.send({ type: "subscribe", id: "a", view: "m" });
      assertEquals((await peer.next())["type"], "snapshot");
      await peer.close();
    }
  });
});

/** A session over a socket that is played by hand. */
interface Played {
  readonly session: SocketSession;
  readonly sent: Message[];
  readonly closes: number[];
  bufferedBytes: number;
}

function play(db: ViewDatabase, clock: ManualClock, live: Partial<AppContext["live"]>): Played {
  const played: { session?: SocketSession; sent: Message[]; closes: number[]; bufferedBytes: number } = {
    sent: [],
    closes: [],
    bufferedBytes: 0,
  };
  const limits = { ...DEFAULT_LIVE_LIMITS, ...live };
  const context = {
    db,
    clock,
    live: limits,
    liveCounts: { streams: 0, sockets: 0 },
    stamp: (version: number) => `one.${version}`,
    versionOf: () => undefined,
    // A session uses no more of the context than this.
  } as unknown as AppContext;
  played.session = new SocketSession({
    send: (text) => void played.sent.push(JSON.parse(text)),
    close: (code) => void played.closes.push(code),
    bufferedBytes: () => played.bufferedBytes,
  }, {
    context,
    texts: new ChangeTexts(limits.eventCharactersMax),
    principal: { subject: "me", roles: ["read"], claims: { exp: 100 } },
    authenticate: () => Promise.resolve({ subject: "you", roles: ["read"], claims: {} }),
    optionsFor: () => ({}),
  });
  return played as Played;
}

describe("a session", () => {
  it("holds changes back while the socket is full, and closes it when it stays so", async () => {
    const db = await open();
    const clock = new ManualClock();
    const played = play(db, clock, { socketBufferBytesMax: 100, stallMs: 1000 });
    played.session.receive(JSON.stringify({ type: "subscribe", id: "a", view: "m" }));
    await until(() => played.sent.length === 1);
    await db.query("UPDATE t SET v = 0");
    await until(() => played.sent.length === 2);
    played.bufferedBytes = 101;
    for (let i = 1; i <= 200; i++) await db.query("UPDATE t SET v = $1", { params: [i] });
    await new Promise((resolve) => setTimeout(resolve, 25));
    assert(played.sent.length <= 3);
    played.bufferedBytes = 0;
    await until(() => JSON.stringify(played.sent.at(-1)?.["inserted"]) === "[[1,200]]");
    assert(played.sent.length < 80, `${played.sent.length} messages`);
    played.bufferedBytes = 101;
    await db.query("UPDATE t SET v = 0");
    await new Promise((resolve) => setTimeout(resolve, 5));
    clock.advance(1000);
    await until(() => played.closes.length === 1);
    assertEquals([played.closes, db.plugins.materializedViews.status("m").subscriberCount], [[4408], 0]);
    await db.close();
  });

  it("ends when nothing is asked for, and when the credentials expire", async () => {
    const db = await open();
    for (
      const [messages, ms, code] of [[[], 40, 4408], [
        [{ type: "subscribe", id: "a", view: "m" }],
        100_000,
        4401,
      ]] as const
    ) {
      const clock = new ManualClock();
      const played = play(db, clock, { socketIdleMs: 40, heartbeatMs: 40 });
      for (const message of messages) played.session.receive(JSON.stringify(message));
      await until(() => played.sent.length === messages.length);
      clock.advance(ms);
      await until(() => played.closes.length === 1);
      assertEquals(played.closes, [code]);
    }
    await db.close();
  });

  it("sends heartbeats, and knows who authenticates", async () => {
    const db = await open();
    const clock = new ManualClock();
    const played = play(db, clock, { heartbeatMs: 4 });
    played.session.receive(JSON.stringify({ type: "authenticate", token: "t" }));
    await until(() => played.sent.length === 1);
    clock.advance(4);
    await until(() => played.sent.length === 2);
    assertEquals(played.sent, [{ type: "authenticated", subject: "you" }, { type: "heartbeat" }]);
    clock.advance(200_000);
    await until(() => played.closes.length === 1);
    await db.close();
  });
});

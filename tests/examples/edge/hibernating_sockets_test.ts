/** Sockets whose object sleeps in between: the same connections and storage, another object. */
import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { liveviewApp } from "../../../connectors/hono/app.ts";
import { DatabaseObject } from "../../../examples/edge/database_object.ts";
import { HibernatingSockets, type ObjectSocket } from "../../../examples/edge/hibernating_sockets.ts";
import { SqliteStorage } from "./sqlite_storage.ts";

/** The side of the server of a connection; what it sends is kept. */
class FakeSocket implements ObjectSocket {
  readyState = 1;
  readonly sent: Record<string, unknown>[] = [];
  closedWith: number | undefined;
  #attachment: unknown;

  send(text: string | ArrayBuffer): void {
    this.sent.push(JSON.parse(String(text)));
  }

  close(code?: number): void {
    this.readyState = 3;
    this.closedWith = code;
  }

  serializeAttachment(value: unknown): void {
    this.#attachment = structuredClone(value);
  }

  deserializeAttachment(): unknown {
    return this.#attachment;
  }
}

/** What stays when the object sleeps. */
class FakeRuntime {
  readonly storage = new SqliteStorage();
  readonly accepted: FakeSocket[] = [];
  readonly globals = {
    WebSocketPair: class {
      readonly 0 = new FakeSocket();
      readonly 1 = new FakeSocket();
    },
  };
  readonly state = {
    acceptWebSocket: (socket: ObjectSocket) => void this.accepted.push(socket as FakeSocket),
    getWebSockets: () => this.accepted.filter((socket) => socket.readyState === 1),
  };

  async start() {
    const object = await DatabaseObject.open(this.storage);
    const sockets = new HibernatingSockets(this.state, this.storage, this.globals);
    const app = liveviewApp(object.db, {
      sockets: sockets.upgrade,
      anonymous: "admin",
      live: { heartbeatMs: Infinity, socketIdleMs: Infinity },
    });
    await sockets.restore((request) => app.fetch(request));
    const connect = async (): Promise<FakeSocket> => {
      const request = new Request("http://localhost/v1/socket", { headers: { upgrade: "websocket" } });
      await app.fetch(request);
      return this.accepted.at(-1)!;
    };
    return { object, sockets, connect };
  }
}

async function until(test: () => boolean): Promise<void> {
  for (let i = 0; i < 200 && !test(); i++) await new Promise((resolve) => setTimeout(resolve, 5));
  assert(test(), "it did not happen in time");
}

/** The rows of a snapshot, or those that a delta inserts. */
function rowsOf(message: Record<string, unknown> | undefined): string {
  return JSON.stringify(message?.rows ?? message?.inserted);
}

describe("sockets of an object that sleeps", () => {
  it("have their subscriptions again, with the whole contents", async () => {
    const runtime = new FakeRuntime();
    const before = await runtime.start();
    await before.object.db.exec("CREATE TABLE t (v INTEGER); INSERT INTO t VALUES (1)");
    const socket = await before.connect();
    for (const id of ["a", "b"]) {
      const message = { type: "subscribe", id, sql: "SELECT sum(v) AS s FROM t", snapshot: false };
      before.sockets.message(socket, JSON.stringify(message));
    }
    before.sockets.message(socket, '{"type":"unsubscribe","id":"b"}');
    await until(() => socket.sent.some(({ type }) => type === "end"));
    await before.object.snapshot();
    // Memory goes without a word.
    socket.sent.length = 0;

    const after = await runtime.start();
    await until(() => socket.sent.length > 0);
    assertEquals([socket.sent[0]!.type, socket.sent[0]!.id, rowsOf(socket.sent[0])], [
      "snapshot",
      "a",
      "[[1]]",
    ]);
    await after.object.db.exec("INSERT INTO t VALUES (4)");
    await until(() => socket.sent.length > 1);
    assertEquals([socket.sent.length, socket.sent[1]!.type, rowsOf(socket.sent[1])], [
      2,
      "delta",
      "[[5]]",
    ]);
  });

  it("are forgotten when they close", async () => {
    const runtime = new FakeRuntime();
    const { sockets, connect } = await runtime.start();
    const socket = await connect();
    assertEquals([...runtime.storage.sql.exec("SELECT * FROM socket")].length, 1);
    sockets.closed(socket, 1000);
    assertEquals([...runtime.storage.sql.exec("SELECT * FROM socket")].length, 0);
  });

  it("are closed when nothing is known of them", async () => {
    const runtime = new FakeRuntime();
    const { connect } = await runtime.start();
    const socket = await connect();
    runtime.storage.sql.exec("DELETE FROM socket");
    await runtime.start();
    assertEquals(socket.closedWith, 1011);
  });
});

/** The edge example in workerd: objects that are killed and started again, and many sockets on one. */
import { after, before, describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LocalWorker, startLocalWorker } from "../../../examples/edge/local_worker.ts";

interface Message {
  readonly type: string;
  readonly id?: string;
  readonly eventId?: string;
  readonly inserted?: unknown;
}

/** A socket whose messages are waited for one by one. */
class Listener {
  readonly socket: WebSocket;
  readonly #messages: Message[] = [];
  #wake: (() => void) | undefined;

  constructor(url: string) {
    this.socket = new WebSocket(url.replace("http", "ws"));
    this.socket.onmessage = ({ data }) => {
      this.#messages.push(JSON.parse(String(data)));
      this.#wake?.();
    };
    this.socket.onclose = () => this.#wake?.();
  }

  async open(): Promise<void> {
    await new Promise((resolve) => this.socket.onopen = resolve);
  }

  send(message: object): void {
    this.socket.send(JSON.stringify(message));
  }

  async next(): Promise<Message> {
    for (;;) {
      const message = this.#messages.shift();
      if (message !== undefined) return message;
      if (this.socket.readyState === WebSocket.CLOSED) throw new Error("the socket is closed");
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.socket.addEventListener("close", resolve));
    this.socket.close();
    await closed;
  }
}

describe("a database in a Durable Object", () => {
  const folder = mkdtempSync(join(tmpdir(), "liveview-edge-"));
  let worker: LocalWorker;
  before(async () => {
    worker = await startLocalWorker({ folder });
  });
  after(async () => {
    await worker.close();
    rmSync(folder, { recursive: true });
  });

  async function query(
    name: string,
    sql: string,
  ): Promise<{ rows: unknown[]; status: number; version: number }> {
    const response = await fetch(`${worker.url}/${name}/v1/query`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ sql, write: !sql.startsWith("SELECT") }),
    });
    return { ...await response.json(), status: response.status };
  }

  async function restart(): Promise<void> {
    await worker.close();
    worker = await startLocalWorker({ folder });
  }

  it("has its rows, views and keys again after it was killed", async () => {
    for (
      const sql of [
        "CREATE TABLE sale (id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, region TEXT, price DECIMAL(15,2))",
        "CREATE MATERIALIZED VIEW totals AS SELECT region, sum(price) AS revenue FROM sale GROUP BY region",
        "INSERT INTO sale (region, price) VALUES ('north', 9.5), ('south', 3)",
      ]
    ) assertEquals((await query("shop", sql)).status, 200);
    // The alarm comes a second after the first change.
    await new Promise((resolve) => setTimeout(resolve, 1_600));
    await restart();
    const totals = "SELECT region, revenue FROM totals ORDER BY region";
    assertEquals((await query("shop", totals)).rows, [{ region: "north", revenue: 9.5 }, {
      region: "south",
      revenue: 3,
    }]);
    await query("shop", "INSERT INTO sale (region, price) VALUES ('south', 1)");
    assertEquals((await query("shop", "SELECT max(id) AS id FROM sale")).rows, [{ id: 3 }]);
    assertEquals((await query("shop", totals)).rows[1], { region: "south", revenue: 4 });
  });

  it("is apart from the databases of other names", async () => {
    assertEquals((await query("other", "SELECT * FROM sale")).status, 404);
    const response = await fetch(`${worker.url}/`);
    assertEquals(response.status, 404);
    await response.body?.cancel();
  });

  it("tells every socket of a change", async () => {
    await query("fan", "CREATE TABLE t (v INTEGER)");
    const listeners = Array.from({ length: 20 }, () => new Listener(`${worker.url}/fan/v1/socket`));
    await Promise.all(listeners.map((listener) => listener.open()));
    for (const listener of listeners) {
      listener.send({ type: "subscribe", id: "1", sql: "SELECT sum(v) AS s FROM t" });
      assertEquals((await listener.next()).type, "snapshot");
    }
    await query("fan", "INSERT INTO t VALUES (2), (3)");
    for (const listener of listeners) {
      const message = await listener.next();
      assertEquals([message.type, JSON.stringify(message.inserted)], ["delta", "[[5]]"]);
    }
    listeners[0]!.send({ type: "ping" });
    assertEquals(await listeners[0]!.next(), { type: "pong" });
    await Promise.all(listeners.map((listener) => listener.close()));
  });

  it("takes what is ingested, and keeps it", async () => {
    await query("log", "CREATE TABLE event (id INTEGER PRIMARY KEY, note TEXT)");
    const lines = Array.from({ length: 12_000 }, (_, id) => JSON.stringify({ id, note: `note ${id}` }));
    const response = await fetch(`${worker.url}/log/v1/ingest/event`, {
      method: "POST",
      headers: { "content-type": "application/x-ndjson" },
      body: lines.join("\n"),
    });
    assertEquals(response.status, 200, await response.text());
    // So many rows are written at once.
    await new Promise((resolve) => setTimeout(resolve, 600));
    await restart();
    const { rows } = await query("log", "SELECT count(*) AS n, max(note) AS last FROM event");
    assertEquals(rows, [{ n: 12_000, last: "note 9999" }]);
  });

  it("refreshes views by alarms", async () => {
    await query("timed", "CREATE TABLE t (v INTEGER)");
    const view =
      "CREATE MATERIALIZED VIEW total WITH (interval = '300 milliseconds') AS SELECT sum(v) AS s FROM t";
    assertEquals((await query("timed", view)).status, 200);
    await query("timed", "INSERT INTO t VALUES (7)");
    assertEquals((await query("timed", "SELECT s FROM total")).rows, [{ s: null }]);
    await new Promise((resolve) => setTimeout(resolve, 900));
    assertEquals((await query("timed", "SELECT s FROM total")).rows, [{ s: 7 }]);
  });

  it("begins with a new instance, which clients are told", async () => {
    const instance = async (): Promise<string> => {
      const listener = new Listener(`${worker.url}/shop/v1/socket`);
      await listener.open();
      listener.send({ type: "subscribe", id: "1", view: "totals" });
      const { type, eventId } = await listener.next();
      assertEquals(type, "snapshot");
      await listener.close();
      return eventId!.split(".")[0]!;
    };
    const before = await instance();
    await restart();
    const after = await instance();
    assert(before !== after);
  });
});

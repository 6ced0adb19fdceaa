import { describe, it } from "node:test";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { ManualClock } from "../../../src/base/clock.ts";
import { createDatabase, type Database, materializedViews } from "../../../mod.ts";
import { EventParser, type ServerEvent } from "../../../connectors/client/event_parser.ts";
import { liveviewApp } from "../../../connectors/hono/app.ts";
import type { LiveviewHono } from "../../../connectors/hono/app_context.ts";
import type { LiveviewAppOptions } from "../../../connectors/hono/app_options.ts";

type ViewDatabase = Database<readonly [ReturnType<typeof materializedViews>]>;

interface Setup extends AsyncDisposable {
  readonly db: ViewDatabase;
  readonly app: LiveviewHono;
}

async function setUp(options: LiveviewAppOptions = {}): Promise<Setup> {
  const db = createDatabase({ plugins: [materializedViews({ retainedRowsMax: 50 })] });
  await db.exec(`CREATE TABLE t (id INTEGER PRIMARY KEY, day DATE, price DECIMAL(20,2), x DOUBLE, name TEXT);
    CREATE MATERIALIZED VIEW m AS SELECT id, day, price, x, name FROM t;
    INSERT INTO t VALUES (1, '2024-05-01', 1.50, 'NaN', 'a"b')`);
  return {
    db,
    app: liveviewApp(db, { instance: "one", ...options }),
    [Symbol.asyncDispose]: () => db.close(),
  };
}

/** A stream that is read event by event. */
class LiveReader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #parser = new EventParser();
  #events: ServerEvent[] = [];
  text = "";

  constructor(response: Response) {
    assertEquals(response.status, 200);
    assertEquals(response.headers.get("content-type"), "text/event-stream; charset=utf-8");
    this.#reader = response.body!.getReader();
  }

  /** The next event, `undefined` at the end. */
  async next(): Promise<ServerEvent | undefined> {
    while (this.#events.length === 0) {
      const { done, value } = await this.#reader.read();
      if (done) return undefined;
      this.text += new TextDecoder().decode(value);
      this.#events.push(...this.#parser.push(value));
    }
    return this.#events.shift();
  }

  async data(): Promise<Record<string, unknown>> {
    return JSON.parse((await this.next())!.data);
  }

  cancel(): Promise<void> {
    return this.#reader.cancel();
  }
}

async function open(
  app: LiveviewHono,
  search: string,
  headers: Record<string, string> = {},
): Promise<LiveReader> {
  return new LiveReader(await app.fetch(new Request(`http://localhost/v1/live?${search}`, { headers })));
}

function status(db: ViewDatabase): number {
  return db.plugins.materializedViews.status("m").subscriberCount;
}

const ROW = [1, "2024-05-01", 1.5, "NaN", 'a"b'];

describe("GET /v1/live", () => {
  it("sends a snapshot with columns and id, then deltas", async () => {
    await using setup = await setUp();
    const { db, app } = setup;
    const reader = await open(app, "view=m");
    const first = (await reader.next())!;
    assertEquals([first.event, first.id], ["snapshot", `one.${db.version}`]);
    const { columns, rows, final } = JSON.parse(first.data);
    assertEquals([rows, final], [[ROW], true]);
    assertEquals(columns[1], { name: "day", type: "DATE", nullable: true });
    await db.query("INSERT INTO t (id, price) VALUES (2, 123456789012345678.25)");
    const second = (await reader.next())!;
    assertEquals([second.event, second.id], ["delta", `one.${db.version}`]);
    assertEquals(JSON.parse(second.data), {
      version: db.version,
      inserted: [[2, null, "123456789012345678.25", null, null]],
      deleted: [],
      final: true,
    });
    assertMatch(reader.text, /^retry: 1000\n\n/);
    await reader.cancel();
    assertEquals(status(db), 0);
  });

  it("sends large contents and changes in parts, of which the last alone has an id", async () => {
    await using setup = await setUp({ live: { eventCharactersMax: 200 } });
    const { db, app } = setup;
    await db.query("INSERT INTO t (id, name) SELECT i, 'some text' FROM generate_series(2, 100) AS x(i)");
    const reader = await open(app, "view=m");
    const ids: number[] = [];
    for (const [event, field] of [["snapshot", "rows"], ["delta", "deleted"]] as const) {
      let final = false;
      for (let part = 0; !final; part++) {
        const { event: name, data, id } = (await reader.next())!;
        assert(data.length < 600, `${data.length}`);
        const value = JSON.parse(data);
        final = value.final;
        assertEquals(name, event);
        assertEquals("columns" in value, event === "snapshot" && part === 0);
        if (event === "snapshot") assertEquals(id, final ? `one.${db.version}` : undefined);
        for (const row of value[field]) ids.push(row[0]);
      }
      if (event === "snapshot") await db.exec("DELETE FROM t");
    }
    const all = Array.from({ length: 100 }, (_, i) => i + 1);
    assertEquals(ids.slice(0, 100).sort((a, b) => a - b), all);
    assertEquals(ids.slice(100).sort((a, b) => a - b), all);
    await reader.cancel();
  });

  it("continues after Last-Event-ID, by header or query string", async () => {
    await using setup = await setUp();
    const { db, app } = setup;
    const first = await open(app, "view=m");
    await first.next();
    await db.exec("UPDATE t SET price = 2 WHERE id = 1");
    const id = (await first.next())!.id!;
    await first.cancel();
    await db.exec("UPDATE t SET price = 3 WHERE id = 1");
    for (
      const reader of [
        await open(app, "view=m", { "last-event-id": id }),
        await open(app, `view=m&lastEventId=${id}`),
      ]
    ) {
      const begin = await reader.data();
      assertEquals([begin["inserted"], Array.isArray(begin["columns"])], [[], true]);
      const delta = await reader.data();
      assertEquals([delta["inserted"], delta["deleted"]], [[[1, "2024-05-01", 3, "NaN", 'a"b']], [
        [1, "2024-05-01", 2, "NaN", 'a"b'],
      ]]);
      await reader.cancel();
    }
  });

  it("sends the contents to who comes back from elsewhere or too late", async () => {
    await using setup = await setUp();
    const { db, app } = setup;
    const first = await open(app, "view=m");
    const late = (await first.next())!.id!;
    await db.query("INSERT INTO t (id) SELECT i FROM generate_series(2, 100) AS x(i)");
    for (const id of ["other.3", "one.999", "one.x", "", "nonsense", late]) {
      const reader = await open(app, "view=m&snapshot=false", { "last-event-id": id });
      const events = [await reader.next()];
      if (id === late || id === "") events.push(id === "" ? undefined : await reader.next());
      const last = events.filter((event) => event !== undefined).at(-1)!;
      assertEquals(last.event, id === "" ? "delta" : "snapshot", id);
      await reader.cancel();
    }
    await first.cancel();
    assertEquals(status(db), 0);
  });

  it("answers with a problem document before anything is sent", async () => {
    await using setup = await setUp();
    const { app, db } = setup;
    const cases: Readonly<Record<string, readonly [number, string]>> = {
      "view=mm": [404, "unknown-table"],
      "sql=SELECT+nothing+FROM+t": [400, "unknown-column"],
      "sql=SELECT+1/(id-1)+FROM+t": [422, "division-by-zero"],
      "sql=DELETE+FROM+t": [400, "invalid-statement"],
      "sql=SELECT+1&view=m": [400, "invalid-parameter"],
      "": [400, "invalid-parameter"],
      "view=m&colesceMs=3": [400, "invalid-parameter"],
      "view=m&coalesceMs=-3": [400, "invalid-parameter"],
      "view=m&params=[1]": [400, "invalid-parameter"],
      "sql=SELECT+id+FROM+t+WHERE+id=$1": [400, "invalid-parameter"],
      "sql=SELECT+id+FROM+t+WHERE+id=$1&params=[": [400, "invalid-parameter"],
    };
    for (const [search, [code, name]] of Object.entries(cases)) {
      const response = await app.fetch(new Request(`http://localhost/v1/live?${search}`));
      const problem = await response.json();
      assertEquals([response.status, problem.code], [code, name], search);
    }
    assertEquals(db.plugins.materializedViews.names(), ["m"]);
  });

  it("is for those who may read", async () => {
    await using setup = await setUp({ anonymous: "none" });
    const response = await setup.app.fetch(new Request("http://localhost/v1/live?view=m"));
    assertEquals(response.status, 401);
    await response.body?.cancel();
  });
});

describe("POST /v1/live", () => {
  it("takes a query in its JSON form, with parameters", async () => {
    await using setup = await setUp();
    const response = await setup.app.fetch(
      new Request("http://localhost/v1/live", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ sql: "SELECT id FROM t WHERE name = :name", params: { name: 'a"b' } }),
      }),
    );
    const reader = new LiveReader(response);
    assertEquals((await reader.data())["rows"], [[1]]);
    await reader.cancel();
  });
});

describe("a live stream", () => {
  it("ends with the reason when its view is dropped, and without one when the database is closed", async () => {
    await using setup = await setUp();
    const { db, app } = setup;
    const dropped = await open(app, "view=m");
    const closed = await open(app, "view=t");
    await Promise.all([dropped.next(), closed.next()]);
    await db.exec("DROP MATERIALIZED VIEW m");
    const end = (await dropped.next())!;
    assertEquals([end.event, JSON.parse(end.data), await dropped.next()], [
      "end",
      { reason: "dropped" },
      undefined,
    ]);
    await db.close();
    assertEquals(await closed.next(), undefined);
  });

  it("frees everything when the reader goes, however it goes", async () => {
    await using setup = await setUp();
    const { db, app } = setup;
    const cancelled = await open(app, "view=m");
    const controller = new AbortController();
    const request = new Request("http://localhost/v1/live?view=m", { signal: controller.signal });
    const aborted = new LiveReader(await app.fetch(request));
    const query = await open(app, "sql=SELECT+id+FROM+t");
    await Promise.all([cancelled.next(), aborted.next(), query.next()]);
    assertEquals(status(db), 2);
    const waiting = cancelled.next();
    await cancelled.cancel();
    controller.abort();
    await query.cancel();
    assertEquals([await waiting, await aborted.next()], [undefined, undefined]);
    await new Promise((resolve) => setTimeout(resolve, 5));
    assertEquals(status(db), 0);
    assertEquals((await db.query("SELECT count(*) AS n FROM liveview.views")).column("n"), [1]);
  });

  it("merges what a slow reader does not take, and holds little meanwhile", async () => {
    await using setup = await setUp();
    const { db, app } = setup;
    const reader = await open(app, "view=m");
    await reader.next();
    for (let i = 0; i < 1000; i++) await db.query("UPDATE t SET price = $1", { params: [i] });
    let count = 0;
    let price: unknown;
    while (price !== 999) {
      const { inserted } = await reader.data() as { inserted: unknown[][] };
      price = inserted[0]?.[2];
      count++;
    }
    assert(count < 200, `${count} events`);
    await reader.cancel();
  });

  it("sends heartbeats while nothing happens", async () => {
    await using setup = await setUp({ live: { heartbeatMs: 4 } });
    const reader = await open(setup.app, "view=m");
    await reader.next();
    const next = reader.next();
    while (reader.text.split(": heartbeat\n\n").length <= 3) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await setup.db.exec("DELETE FROM t");
    assertEquals((await next)?.event, "delta");
    await reader.cancel();
  });

  it("is cut when the reader takes nothing for too long", async () => {
    const clock = new ManualClock();
    await using setup = await setUp({ clock, live: { stallMs: 10 } });
    const { db, app } = setup;
    const stalled = await app.fetch(new Request("http://localhost/v1/live?view=m"));
    await new Promise((resolve) => setTimeout(resolve, 12));
    assertEquals(status(db), 1);
    clock.advance(10);
    await new Promise((resolve) => setTimeout(resolve, 12));
    assertEquals(status(db), 0);
    await stalled.body!.cancel().catch(() => {});
  });

  it("merges changes for coalesceMs", async () => {
    await using setup = await setUp();
    const { db, app } = setup;
    const reader = await open(app, "view=m&coalesceMs=20");
    await reader.next();
    for (let i = 0; i < 10; i++) await db.query("UPDATE t SET price = $1", { params: [i + 100] });
    const { inserted, deleted } = await reader.data() as { inserted: unknown[][]; deleted: unknown[][] };
    assertEquals([inserted[0]![2], deleted[0]![2]], [109, 1.5]);
    await reader.cancel();
  });
});

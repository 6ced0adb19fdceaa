/**
 * `/live` over HTTP: contents and changes, resumption, errors; by the events themselves and by the client.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { createClient } from "../../../../connectors/client/client.ts";
import { EventParser, type ServerEvent } from "../../../../connectors/client/event_parser.ts";
import { as, type ConformanceCase, type Fetch, post, problemIn } from "./fixture.ts";

/** An open stream, read event by event. */
class Stream {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #parser = new EventParser();
  #events: ServerEvent[] = [];

  constructor(answer: Response) {
    assertEquals(answer.headers.get("content-type"), "text/event-stream; charset=utf-8");
    assertEquals(answer.headers.get("content-encoding"), null);
    this.#reader = answer.body!.getReader();
  }

  async next(): Promise<ServerEvent> {
    while (this.#events.length === 0) {
      const { done, value } = await this.#reader.read();
      assert(!done, "the stream ended");
      this.#events.push(...this.#parser.push(value));
    }
    return this.#events.shift()!;
  }

  async cancel(): Promise<void> {
    await this.#reader.cancel();
  }
}

async function open(
  fetch: Fetch,
  search: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Stream> {
  const answer = await fetch(`/v1/live?${search}`, { headers: { accept: "text/event-stream", ...headers } });
  if (answer.status !== 200) assertEquals(await answer.text(), "");
  return new Stream(answer);
}

async function write(fetch: Fetch, sql: string): Promise<void> {
  const answer = await fetch("/v1/query", post({ sql, write: true }, as("write")));
  assertEquals(answer.status, 200, await answer.text());
}

async function subscribers(fetch: Fetch): Promise<number> {
  const answer = await fetch("/v1/metrics", { headers: as("admin") });
  return Number(/^liveview_live_subscriptions(?:\{\})? (\d+)$/m.exec(await answer.text())?.[1]);
}

/** See the module header. */
export const liveCases: readonly ConformanceCase[] = [
  {
    name: "sends the contents, then what changes, and continues after an event id",
    run: async (fetch) => {
      const stream = await open(
        fetch,
        "sql=" + encodeURIComponent("SELECT id, day FROM sale WHERE id >= 9000"),
      );
      const first = await stream.next();
      assertEquals([first.event, JSON.parse(first.data).rows], ["snapshot", []]);
      await write(fetch, "INSERT INTO sale (id, day) VALUES (9001, '2024-05-09')");
      const second = await stream.next();
      assertEquals(JSON.parse(second.data).inserted, [[9001, "2024-05-09"]]);
      const resumed = await open(
        fetch,
        "sql=" + encodeURIComponent("SELECT id, day FROM sale WHERE id >= 9000"),
        { "last-event-id": second.id! },
      );
      const begin = JSON.parse((await resumed.next()).data);
      assertEquals([begin.inserted, begin.columns.length], [[], 2]);
      await write(fetch, "DELETE FROM sale WHERE id = 9001");
      for (const one of [stream, resumed]) {
        assertEquals(JSON.parse((await one.next()).data).deleted, [[9001, "2024-05-09"]]);
        await one.cancel();
      }
    },
  },
  {
    name: "answers wrong live requests with problem documents",
    run: async (fetch) => {
      const statuses: Readonly<Record<string, number>> = {
        "view=by_regin": 404,
        "sql=SELECT+nothing+FROM+sale": 400,
        "sql=DELETE+FROM+sale": 400,
        "": 400,
        "view=by_region&colesceMs=1": 400,
      };
      for (const [search, status] of Object.entries(statuses)) {
        assertEquals((await problemIn(await fetch(`/v1/live?${search}`))).status, status, search);
      }
    },
  },
  {
    name: "frees a stream whose reader has gone",
    run: async (fetch) => {
      const before = await subscribers(fetch);
      const stream = await open(fetch, "view=by_region");
      await stream.next();
      assertEquals(await subscribers(fetch), before + 1);
      await stream.cancel();
      for (let i = 0; i < 200 && await subscribers(fetch) > before; i++) {
        // Some runtimes see that a reader has gone when they write, some never.
        await write(fetch, `UPDATE sale SET amount = ${i} WHERE id = 3`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      await write(fetch, "UPDATE sale SET amount = 1 WHERE id = 3");
      assertEquals(await subscribers(fetch), before);
    },
  },
  {
    name: "keeps the rows of a client up to date",
    run: async (fetch) => {
      const client = createClient("http://localhost", {
        fetch: ({ url, headers, signal }) => {
          const { pathname, search } = new URL(url);
          return fetch(pathname + search, { headers, signal });
        },
      });
      const rows = client.live<{ region: string; sales: number }>("by_region").rows();
      await rows.ready;
      const before = rows.rows.length;
      await write(fetch, "INSERT INTO sale (id, region) VALUES (9100, 'elsewhere')");
      for (let i = 0; i < 500 && rows.rows.length === before; i++) {
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      assertEquals(rows.rows.find(({ region }) => region === "elsewhere")?.sales, 1);
      await rows.close();
      await write(fetch, "DELETE FROM sale WHERE id = 9100");
    },
  },
];

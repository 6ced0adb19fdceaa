/**
 * Bodies that break off or pause: only a caller in process can do that exactly, so these are no part of the suite that
 * runs over a network.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { type ConformanceCase, problemIn } from "./fixture.ts";
import { countOf, ingest, lines, reportOf } from "./ingest_cases.ts";

/** A body that breaks off after its chunks. */
function breakingOff(...chunks: readonly string[]): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let next = 0;
  return new ReadableStream({
    pull(controller) {
      if (next < chunks.length) controller.enqueue(encoder.encode(chunks[next++]!));
      else controller.error(new TypeError("connection lost"));
    },
  });
}

/** Cases that break off a body, which only a caller in process can do exactly. */
export const brokenIngest: readonly ConformanceCase[] = [
  {
    name: "keeps whole batches of a body that breaks off, and goes on where it broke",
    run: async (fetch) => {
      const headers = { "idempotency-key": "key-11000" };
      const answer = await ingest(fetch, breakingOff(lines(11_000, 250)), undefined, { headers });
      const problem = await problemIn(answer);
      assertEquals([problem.status, problem.details["acknowledged"]], [499, 200]);
      assertEquals(await countOf(fetch, "id BETWEEN 11000 AND 11999"), 200);
      const report = await reportOf(await ingest(fetch, lines(11_000, 250), undefined, { headers }));
      assertEquals([report.rows, report.resumedAfter], [50, 200]);
      assertEquals(await countOf(fetch, "id BETWEEN 11000 AND 11999"), 250);
    },
  },
  {
    name: "counts exactly what it acknowledged before a body broke off",
    run: async (fetch) => {
      const accept = { headers: { accept: "application/x-ndjson" } };
      const answer = await ingest(
        fetch,
        breakingOff(lines(12_000, 120), lines(12_120, 130)),
        undefined,
        accept,
      );
      const told = (await answer.text()).trimEnd().split("\n").map((line) => JSON.parse(line));
      assertEquals(told.slice(0, -1).map(({ rows }) => rows), [100, 200]);
      assertEquals(told.at(-1).problem.details.acknowledged, 200);
      assertEquals(await countOf(fetch, "id BETWEEN 12000 AND 12999"), 200);
    },
  },
  {
    name: "commits what has come when a body pauses, and reads no further than commits go",
    run: async (fetch) => {
      const encoder = new TextEncoder();
      let pulls = 0;
      let finish = () => {};
      const body = new ReadableStream<Uint8Array>({
        pull(controller) {
          if (pulls++ === 0) return controller.enqueue(encoder.encode(lines(13_000, 10)));
          return new Promise<void>((resolve) => {
            finish = () => {
              controller.close();
              resolve();
            };
          });
        },
      }, { highWaterMark: 0 });
      const answer = await ingest(fetch, body, undefined, { headers: { accept: "application/x-ndjson" } });
      const reader = answer.body!.getReader();
      const first = JSON.parse(new TextDecoder().decode((await reader.read()).value));
      assertEquals(first.rows, 10);
      finish();
      for (let read = await reader.read(); !read.done; read = await reader.read());
      assert(pulls <= 3);
    },
  },
];

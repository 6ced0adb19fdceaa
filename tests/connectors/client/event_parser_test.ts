import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { SeededRandom } from "../../../mod.ts";
import { EventParser, type ServerEvent } from "../../../connectors/client/event_parser.ts";

const SEED = Number(process.env["LIVEVIEW_SEED"] ?? 7);
const RUNS = 200 * Number(process.env["LIVEVIEW_RUNS"] ?? 1);

function parse(...chunks: readonly string[]): readonly ServerEvent[] {
  const parser = new EventParser();
  return chunks.flatMap((chunk) => parser.push(new TextEncoder().encode(chunk)));
}

describe("EventParser", () => {
  it("gives events with name, data and the last id", () => {
    assertEquals(parse("event: a\nid: 1\ndata: x\ndata:y\n\n: comment\ndata\n\nevent: b\n\ndata: z\n\n"), [
      { event: "a", data: "x\ny", id: "1" },
      { event: "message", data: "", id: "1" },
      { event: "message", data: "z", id: "1" },
    ]);
  });

  it("takes all line ends, also when a chunk parts CR from LF", () => {
    assertEquals(parse("data: 1\r", "\n\r", "\ndata: 2\r\rdata: 3\n", "\n").map(({ data }) => data), [
      "1",
      "2",
      "3",
    ]);
  });

  it("ignores a byte order mark, ids with NUL and fields that it does not know", () => {
    assertEquals(parse("\uFEFFdata: x\nid: a\0b\nwhat: ever\n\n"), [{
      event: "message",
      data: "x",
      id: undefined,
    }]);
  });

  it("tells the time that the server asked for", () => {
    const parser = new EventParser();
    parser.push(new TextEncoder().encode("retry: 20\nretry: x\n"));
    assertEquals(parser.retryMs, 20);
  });

  it("does not mind where chunks end", () => {
    const random = new SeededRandom(SEED);
    const lineEnds = ["\n", "\r\n", "\r"] as const;
    for (let run = 0; run < RUNS; run++) {
      const expected: ServerEvent[] = [];
      let text = "";
      for (let i = random.integer(1, 6); i > 0; i--) {
        const end = random.pick(lineEnds);
        const id = String(i);
        const data = JSON.stringify({ name: "ü€𝄞 \u2028".repeat(random.integer(0, 3)), run, i });
        if (random.next() < 0.3) text += `: heartbeat${end}${end}`;
        text += `event: delta${end}id: ${id}${end}data: ${data}${end}${end}`;
        expected.push({ event: "delta", data, id });
      }
      const bytes = new TextEncoder().encode(text);
      const parser = new EventParser();
      const found: ServerEvent[] = [];
      for (let from = 0; from < bytes.length;) {
        const to = from + random.integer(0, 9);
        found.push(...parser.push(bytes.subarray(from, to)));
        from = to;
      }
      assertEquals(found, expected, `seed ${SEED}, run ${run}`);
    }
  });
});

import { describe, it } from "node:test";
import { assertEquals, assertStrictEquals } from "@std/assert";
import type { Change } from "../../../mod.ts";
import { INTEGER } from "../../../src/storage/sql_type.ts";
import { ChangeTexts } from "../../../connectors/hono/live/change_text.ts";
import { EventBytes } from "../../../connectors/hono/live/event_text.ts";

const columns = [{ name: "v", type: "INTEGER", sqlType: INTEGER, nullable: true }];

function change(snapshot: boolean, ...weights: readonly number[]): Change {
  const rows = weights.map((weight, i) => ({ row: [i], weight }));
  return { version: 7, snapshot, columns, rows, inserted: [], deleted: [] };
}

describe("ChangeTexts", () => {
  it("writes a delta, and encodes it, once for all", () => {
    const texts = new ChangeTexts(1000);
    const bytes = new EventBytes(String);
    const one = change(false, 2, -1, 1);
    const [first] = texts.parts(one);
    const [second] = texts.parts(one);
    assertStrictEquals(first, second);
    assertStrictEquals(bytes.of(first!), bytes.of(second!));
    assertEquals(JSON.parse(first!.json), {
      version: 7,
      inserted: [[0], [0], [2]],
      deleted: [[1]],
      final: true,
    });
    assertEquals(new TextDecoder().decode(bytes.of(first!)).split("\n").slice(0, 2), [
      "event: delta",
      "id: 7",
    ]);
  });

  it("cuts what is large, and says which part is the last", () => {
    const texts = new ChangeTexts(7);
    const snapshot = [...texts.parts(change(true, 1, 1, 3))].map(({ json }) => JSON.parse(json));
    assertEquals(snapshot.map(({ rows, final }) => [rows, final]), [
      [[[0], [1]], false],
      [[[2], [2]], false],
      [[[2]], true],
    ]);
    assertEquals(snapshot.map((part) => part.columns?.length), [1, undefined, undefined]);
    const delta = [...texts.parts(change(false, 1, -1, -1))].map(({ json }) => JSON.parse(json));
    assertEquals(delta.map(({ inserted, deleted }) => [inserted, deleted]), [[[[0]], [[1]]], [[], [[2]]]]);
  });

  it("writes a snapshot without rows", () => {
    const [part] = new ChangeTexts(1000).parts(change(true));
    assertEquals([JSON.parse(part!.json).rows, part!.final], [[], true]);
  });
});

import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { createDatabase } from "../../../mod.ts";
import { tableText, type TableTextOptions } from "../../../connectors/shell/table_text.ts";
import { cutToWidth, displayWidth, printable } from "../../../connectors/shell/terminal_style.ts";

async function drawn(sql: string, options: TableTextOptions = {}): Promise<string[]> {
  await using db = createDatabase();
  return tableText(await db.query(sql), options).trimEnd().split("\n");
}

describe("tableText()", () => {
  it("draws names, types and values, numbers to the right, NULL shown", async () => {
    assertEquals(
      await drawn("SELECT 'ORD' AS origin, 12 AS n, 1.50 AS d UNION ALL SELECT NULL, 7, NULL ORDER BY n", {
        types: true,
      }),
      [
        "┌────────┬─────────┬──────────────┐",
        "│ origin │       n │            d │",
        "│ text   │ integer │ decimal(3,2) │",
        "├────────┼─────────┼──────────────┤",
        "│ NULL   │       7 │         NULL │",
        "│ ORD    │      12 │         1.50 │",
        "└────────┴─────────┴──────────────┘",
      ],
    );
  });

  it("shows the first and the last of many rows", async () => {
    const lines = await drawn("SELECT i FROM generate_series(1, 100) AS s(i)", { rowsMax: 3 });
    assertEquals(lines.slice(3, -1).map((line) => line.replace(/[│ ]/g, "")), ["1", "2", "⋮", "100"]);
  });

  it("narrows the widest columns to the width", async () => {
    const lines = await drawn("SELECT 'short' AS a, repeat('long ', 50) AS b", { width: 40 });
    assertEquals(lines.map(displayWidth), [40, 40, 40, 40, 40]);
    assert(lines[3]!.includes("…"));
  });

  it("leaves columns out of the middle when they cannot be narrowed enough", async () => {
    const names = Array.from({ length: 30 }, (_, i) => `1 AS column_${i}`);
    const lines = await drawn(`SELECT ${names.join(", ")}`, { width: 60 });
    assert(lines.every((line) => displayWidth(line) <= 60));
    assert(lines[1]!.includes("…") && lines[1]!.includes("column_0"));
  });

  it("draws one line per value when expanded", async () => {
    assertEquals(await drawn("SELECT 1 AS id, NULL AS note", { expanded: true }), [
      "─[ row 1 ]",
      "id   │ 1",
      "note │ NULL",
    ]);
  });

  it("keeps control characters away from the terminal", async () => {
    const lines = await drawn("SELECT E'a\\x1b[31mb\\nc' AS v");
    assertEquals(lines[3], "│ a·[31mb↵c │");
  });
});

describe("widths", () => {
  it("displayWidth() counts wide characters twice and marks not at all", () => {
    assertEquals(["abc", "日本", "e\u0301", "😀"].map(displayWidth), [3, 4, 1, 2]);
  });

  it("cutToWidth() ends what it cut with an ellipsis", () => {
    assertEquals([cutToWidth("abc", 3), cutToWidth("abcd", 3), cutToWidth("日本語", 4)], [
      "abc",
      "ab…",
      "日…",
    ]);
  });

  it("printable() leaves other characters alone", () => assertEquals(printable("é – 日"), "é – 日"));
});

import { assertEquals } from "@std/assert";
import { describe, it } from "node:test";
import { createDatabase } from "../../../../mod.ts";

/** Texts with characters of one to four bytes, empty and NULL. */
const TEXTS = [
  "abc",
  "a",
  "",
  null,
  "é",
  "añb",
  "\u{1d11e}x",
  "x\u{1d11e}y",
  "13-555-0101",
  "\u{10ffff}",
  "日本語",
];

async function parts(sql: string, texts: readonly (string | null)[]): Promise<readonly unknown[]> {
  await using db = createDatabase();
  await db.exec("CREATE TABLE t (id INTEGER PRIMARY KEY, s TEXT)");
  // Distinct endings keep the column from being a dictionary.
  const rows = Array.from({ length: 6000 }, (_, id) => {
    const text = texts[id % texts.length]!;
    return { id, s: text === null ? null : `${text}${"|".repeat(3)}${id}` };
  });
  await db.insert("t", rows);
  return (await db.query(`SELECT ${sql} AS part FROM t ORDER BY id`)).column("part") as readonly unknown[];
}

function expected(from: number, to: number): (string | null)[] {
  return Array.from({ length: 6000 }, (_, id) => {
    const text = TEXTS[id % TEXTS.length]!;
    return text === null ? null : [...`${text}|||${id}`].slice(from, to).join("");
  });
}

describe("substring with constant bounds", () => {
  for (const [from, length] of [[1, 2], [2, 1], [1, 0], [3, 20], [1, 7], [2, 9]] as const) {
    it(`counts characters from ${from} for ${length}`, async () => {
      assertEquals(
        Array.from(await parts(`substring(s from ${from} for ${length})`, TEXTS)),
        expected(from - 1, from - 1 + length),
      );
    });
  }

  it("gives the left part", async () => {
    assertEquals(Array.from(await parts("left(s, 3)", TEXTS)), expected(0, 3));
  });

  it("can be looked for in a list", async () => {
    const found = await parts("substring(s from 1 for 2) IN ('13', 'ab', 'zz')", TEXTS);
    const wanted = expected(0, 2).map((part) => part === null ? null : ["13", "ab"].includes(part));
    assertEquals(Array.from(found), wanted);
  });
});

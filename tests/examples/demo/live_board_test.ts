/**
 * The board of the demo on a terminal and elsewhere.
 *
 * @module
 */
import { describe, it } from "node:test";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { terminalStyle } from "../../../connectors/shell/terminal_style.ts";
import { LiveBoard } from "../../../examples/demo/live_board.ts";
import { Page } from "../../../examples/demo/page.ts";

const DAY = new Date("2024-10-04");
const CHINA = { nation: "CHINA", day: DAY, lines: 2, revenue: 1234.5 };
const JAPAN = { nation: "JAPAN", day: DAY, lines: 5, revenue: 9000 };

function board(terminal: { readonly isTTY: boolean; readonly columns: number }) {
  const printed: string[] = [];
  const page = new Page({ ...terminal, write: (text) => printed.push(text) }, terminalStyle(false));
  return { board: new LiveBoard(page, DAY.getTime()), printed };
}

/** What a board does not look at. */
const REST = { columns: [], rows: [] };

function facts(elapsedMs: number) {
  return { elapsedMs, changes: 400, commits: 4 };
}

describe("LiveBoard", () => {
  it("adds up the changes that it is given", () => {
    const { board: shown } = board({ isTTY: false, columns: 80 });
    shown.apply({ version: 1, snapshot: true, inserted: [CHINA], deleted: [], ...REST });
    shown.apply({
      version: 2,
      snapshot: false,
      inserted: [{ ...CHINA, lines: 3 }, JAPAN],
      deleted: [CHINA],
      ...REST,
    });
    assertEquals(shown.contents(), [
      "CHINA|2024-10-04T00:00:00.000Z|3|1234.5",
      "JAPAN|2024-10-04T00:00:00.000Z|5|9000",
    ]);
    assertEquals(shown.rowsChanged, 3);
  });

  it("redraws in place on a terminal", () => {
    const { board: shown, printed } = board({ isTTY: true, columns: 80 });
    shown.apply({ version: 1, snapshot: true, inserted: [CHINA, JAPAN], deleted: [], ...REST });
    shown.draw(facts(0));
    shown.draw(facts(50));
    assertEquals(printed.length, 2);
    assert(printed[1]!.startsWith("\x1b[11A\r\x1b[K"));
    assertEquals(printed[0]!.split("\n").length, 12);
    assertStringIncludes(printed[1]!, "CHINA                 2          1,234.50");
    assert(printed[1]!.indexOf("JAPAN") < printed[1]!.indexOf("CHINA"));
  });

  it("prints a line a second elsewhere, and on terminals that are too narrow", () => {
    for (const terminal of [{ isTTY: false, columns: 80 }, { isTTY: true, columns: 60 }]) {
      const { board: shown, printed } = board(terminal);
      shown.apply({ version: 1, snapshot: true, inserted: [CHINA], deleted: [], ...REST });
      for (const elapsedMs of [0, 400, 1000, 1400, 2100]) shown.draw(facts(elapsedMs));
      assertEquals(printed.length, 2);
      assertStringIncludes(printed[0]!, " 1 s       400 changes   CHINA               1,234.50\n");
    }
  });
});

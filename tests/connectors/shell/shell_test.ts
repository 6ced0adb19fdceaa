import { after, describe, it } from "node:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { createDatabase, ManualClock, materializedViews } from "../../../mod.ts";
import { fileFormats } from "../../../connectors/files/plugin.ts";
import { complete } from "../../../connectors/shell/completion.ts";
import { barText } from "../../../connectors/shell/progress_bar.ts";
import { bytesText, countText, durationText, shortCount } from "../../../connectors/shell/measure_text.ts";
import { Shell } from "../../../connectors/shell/shell.ts";
import { splitStatements } from "../../../connectors/shell/statement_split.ts";
import { terminalStyle } from "../../../connectors/shell/terminal_style.ts";

const folder = mkdtempSync(join(tmpdir(), "liveview-shell-"));
after(() => rmSync(folder, { recursive: true, force: true }));

/** A shell that keeps what it prints. */
function recorded() {
  const printed = { out: "", err: "" };
  const db = createDatabase({ plugins: [materializedViews(), fileFormats()] });
  const shell = new Shell({
    db,
    out: { write: (text) => printed.out += text },
    err: { write: (text) => printed.err += text },
    style: terminalStyle(false),
    clock: new ManualClock(),
  });
  return { db, shell, printed };
}

describe("Shell", () => {
  it("prints results, counts and errors with a caret and a hint", async () => {
    const { shell, printed } = recorded();
    assert(
      await shell.runScript("CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (1), (2); SELECT a FROM t"),
    );
    assertStringIncludes(printed.out, "INSERT, 2 rows in 0.00 ms\n");
    assertStringIncludes(printed.out, "│ 2 │\n└───┘\n2 rows in 0.00 ms\n");
    assert(!(await shell.runStatement("SELECT zzzz FROM t")));
    assertStringIncludes(printed.err, "  SELECT zzzz FROM t\n         ^^^^\nHint  in scope are a\n");
  });

  it("lists and describes relations", async () => {
    const { shell, printed } = recorded();
    await shell.runScript("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT); CREATE VIEW v AS SELECT a FROM t");
    printed.out = "";
    for (const command of ["\\d", "\\dt", "\\d t", "\\memory"]) assert(await shell.runCommand(command));
    assertStringIncludes(printed.out, "│ v    │ view  │");
    assertStringIncludes(printed.out, "│ a      │ integer │ no       │ primary │");
    assert(!(await shell.runCommand("\\d nope")));
    assert(!(await shell.runCommand("\\nope")));
    assertStringIncludes(printed.err, "\\? lists the commands");
  });

  it("stops at a script that fails, and takes quoted paths", async () => {
    const { shell, printed } = recorded();
    writeFileSync(join(folder, "bad.sql"), "SELECT 1/0;");
    writeFileSync(join(folder, "two words.csv"), "a\n1\n");
    assert(!(await shell.runCommand(`\\i ${join(folder, "bad.sql")}`)));
    assert(!(await shell.runCommand(`\\i ${join(folder, "missing.sql")}`)));
    assertStringIncludes(printed.err, "Hint  check path and permissions\n");
    assert(await shell.runCommand(`\\import '${join(folder, "two words.csv")}' two`));
    assert(await shell.runStatement("SELECT a FROM two"));
    assert(!(await shell.runCommand("\\import")));
  });

  it("loads files as tables and runs scripts", async () => {
    const { shell, printed } = recorded();
    writeFileSync(join(folder, "sales.csv"), "id,price\n1,2.5\n");
    writeFileSync(join(folder, "script.sql"), "SELECT price FROM sales;");
    assert(await shell.runCommand(`\\import ${join(folder, "sales.csv")}`));
    assert(await shell.runCommand(`\\i ${join(folder, "script.sql")}`));
    assertStringIncludes(printed.out, "│   2.5 │");
    assert(!(await shell.load(join(folder, "none.csv"))));
  });

  it("prints the changes of a watched view", async () => {
    const { shell, printed } = recorded();
    await shell.runScript(
      "CREATE TABLE t (a INTEGER); CREATE MATERIALIZED VIEW v AS SELECT count(*) AS n FROM t",
    );
    await shell.runCommand("\\watch v");
    await shell.runStatement("INSERT INTO t VALUES (1)");
    assertStringIncludes(printed.out, "  - n=0\n  + n=1\n");
    await shell.runCommand("\\unwatch v");
    printed.out = "";
    await shell.runStatement("INSERT INTO t VALUES (2)");
    assertEquals(printed.out, "INSERT, 1 row in 0.00 ms\n");
    shell.close();
  });

  it("switches expanded display and timing, explains and quits", async () => {
    const { shell, printed } = recorded();
    for (const command of ["\\x", "\\timing", "\\e SELECT 1", "\\?", "\\df substr"]) {
      assert(await shell.runCommand(command));
    }
    await shell.runStatement("SELECT 1 AS n");
    assertStringIncludes(printed.out, "n │ 1\n1 row\n");
    assertStringIncludes(printed.out, "substring");
    assertEquals(shell.quit, false);
    await shell.runCommand("\\q");
    assertEquals(shell.quit, true);
  });
});

describe("splitStatements()", () => {
  it("cuts at semicolons outside of quotes and comments", () => {
    const script = `SELECT ';' AS "a;b", E'\\';' -- ;\n; /* ; /* ; */ */ SELECT $x$;$x$;; SELECT 1`;
    assertEquals(splitStatements(script), {
      statements: [`SELECT ';' AS "a;b", E'\\';' -- ;`, "/* ; /* ; */ */ SELECT $x$;$x$"],
      rest: " SELECT 1",
      open: ";",
    });
  });

  it("says what keeps a statement open", () => {
    const open = ["", " -- x", "SELECT 1", "'x", '"x', "$$ ; ", "/* ;", "SELECT 'it''s';"].map((text) =>
      splitStatements(text).open
    );
    assertEquals(open, ["", "", ";", "'", '"', "$", "/*", ""]);
  });
});

describe("complete()", () => {
  it("offers keywords, tables, columns and functions where the grammar has them", async () => {
    await using db = createDatabase();
    await db.exec(
      'CREATE TABLE orders (id INTEGER, price INTEGER, "Big Name" TEXT); CREATE TABLE other (x INTEGER)',
    );
    const words = (text: string) => [...complete(text, db).candidates];
    assertEquals(words("sel"), ["select"]);
    assertEquals(words("SELECT * FROM or"), ["orders"]);
    assertEquals(words("SELECT pri"), ["price"]);
    assertEquals(words("SELECT o.p FROM orders o WHERE o.pr"), ["price"]);
    assert(words("SELECT id FROM orders WHERE ").includes('"Big Name"'));
    assert(words("SELECT substr").includes("substring("));
    assertEquals(words("\\ti"), ["\\timing"]);
    assertEquals(words("\\d ot"), ["other"]);
    assertEquals(words("SELECT 'unfinished"), []);
  });
});

describe("measures", () => {
  it("are short", () => {
    assertEquals([0, 999, 1234567].map(countText), ["0", "999", "1,234,567"]);
    assertEquals([9999, 12345, 999400, 3e6].map(shortCount), ["9,999", "12.3 K", "999 K", "3.0 M"]);
    assertEquals([0, 1023, 2048, 5e9].map(bytesText), ["0 B", "1023 B", "2.00 KiB", "4.66 GiB"]);
    assertEquals([0.5, 84, 842, 8420, 84000].map(durationText), [
      "0.50 ms",
      "84.0 ms",
      "842 ms",
      "8.42 s",
      "1 min 24 s",
    ]);
    assertEquals([0, 0.5, 0.375, 1].map((share) => barText(share, 4)), ["    ", "━━  ", "━╸  ", "━━━━"]);
  });
});

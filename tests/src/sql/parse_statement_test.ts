import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "node:test";
import { QueryError } from "../../../src/base/error.ts";
import { parseStatement, parseStatements } from "../../../src/sql/parse.ts";
import { shape } from "./shape.ts";
import { EXTENDED, STANDARD } from "./statements.ts";

/** The node of a statement without spans, for access by name in assertions. */
function parsed(sql: string): Record<string, unknown> {
  return shape(parseStatement(sql)) as Record<string, unknown>;
}
function body(sql: string): Record<string, unknown> {
  return parsed(sql)["body"] as Record<string, unknown>;
}
const name = (text: string) => [{ name: text }];
const column = (text: string) => ({ kind: "column", name: name(text) });

describe("parseStatements()", () => {
  it("reads none, one and many", () => {
    assertEquals(parseStatements(" ; -- nothing\n").length, 0);
    assertEquals(parseStatements("SELECT 1; SELECT 2;").map(({ kind }) => kind), ["query", "query"]);
  });
  it("reads exactly one with parseStatement()", () => {
    assertThrows(
      () => parseStatement("SELECT 1; SELECT 2"),
      QueryError,
      'Unexpected "SELECT", expected end of input',
    );
    assertThrows(() => parseStatement(""), QueryError, "Unexpected end of input");
  });
});

describe("queries", () => {
  it("read DISTINCT ON", () =>
    assertEquals(body("SELECT DISTINCT ON (a) b FROM t")["distinct"], [column("a")]));
  it("read GROUP BY ALL, with and without items", () => {
    assertEquals(body("SELECT a FROM t GROUP BY ALL")["groupBy"], { all: true, items: [] });
    assertEquals(body("SELECT a FROM t GROUP BY ALL a")["groupBy"], {
      items: [{ kind: "expression", expression: column("a") }],
    });
  });
  it("read TABLE as SELECT *", () => assertEquals(body("TABLE t"), body("SELECT * FROM t")));
  it("read FETCH and LIMIT apart", () => {
    assertEquals(parsed("SELECT 1 FETCH FIRST ROW WITH TIES")["fetch"], { withTies: true });
    assertEquals(parsed("SELECT 1 LIMIT 2, 1")["offset"], { kind: "number", text: "2" });
  });
  it("read set operations from the left, INTERSECT first", () => {
    const union = body("SELECT 1 UNION SELECT 2 INTERSECT SELECT 3");
    assertEquals([union["operator"], (union["right"] as { operator: string }).operator], [
      "union",
      "intersect",
    ]);
  });
  it("read joins nested by their conditions", () => {
    const [join] = body("SELECT 1 FROM a LEFT JOIN b JOIN c ON x ON y")["from"] as {
      right: { kind: string };
    }[];
    assertEquals(join?.right.kind, "join");
  });
  it("read ASOF joins with a match condition", () => {
    const [join] = body(
      "SELECT 1 FROM a ASOF LEFT JOIN b MATCH_CONDITION (x) USING (k)",
    )["from"] as unknown[];
    assertEquals(join, {
      kind: "join",
      type: "left",
      asof: true,
      left: { kind: "table", name: name("a") },
      right: { kind: "table", name: name("b") },
      match: column("x"),
      using: name("k"),
    });
  });
  it("read star modifiers", () => {
    assertEquals(body("SELECT * EXCLUDE a REPLACE (1 AS b) RENAME (c AS d) FROM t")["items"], [{
      expression: {
        kind: "star",
        table: [],
        exclude: [name("a")],
        replace: [{ expression: { kind: "number", text: "1" }, alias: { name: "b" } }],
        rename: [{ from: { name: "c" }, to: { name: "d" } }],
      },
    }]);
  });
  it("read QUALIFY on either side of WINDOW", () => {
    assertEquals(
      body("SELECT 1 FROM t WINDOW w AS () QUALIFY a"),
      body("SELECT 1 FROM t QUALIFY a WINDOW w AS ()"),
    );
  });
});

describe("data changes", () => {
  it("read DEFAULT VALUES as no query", () =>
    assertEquals(parsed("INSERT INTO t DEFAULT VALUES")["query"], undefined));
  it("read ON CONFLICT", () => {
    assertEquals(
      parsed("INSERT INTO t VALUES (1) ON CONFLICT (a) DO UPDATE SET b = c WHERE d")["onConflict"],
      {
        target: [column("a")],
        action: { kind: "update", set: [{ columns: [name("b")], value: column("c") }], where: column("d") },
      },
    );
  });
  it("read assignments of several columns", () => {
    const [set] = parsed("UPDATE t SET (a, b) = (1, 2)")["set"] as { columns: unknown[] }[];
    assertEquals(set?.columns, [name("a"), name("b")]);
  });
  it("refuse assignments to elements", () => {
    assertThrows(() => parseStatement("UPDATE t SET a[1] = 2"), QueryError, "not supported");
  });
  it("read MERGE actions by what is matched", () => {
    assertThrows(
      () => parseStatement("MERGE INTO t USING s ON a WHEN MATCHED THEN INSERT VALUES (1)"),
      QueryError,
    );
  });
});

describe("definitions", () => {
  it("read columns and constraints", () => {
    const table = parsed("CREATE TABLE t (a int PRIMARY KEY DEFAULT 1, CONSTRAINT u UNIQUE (a))");
    const [a] = table["columns"] as { constraints: { kind: string }[] }[];
    assertEquals(a?.constraints.map(({ kind }) => kind), ["primaryKey", "default"]);
    assertEquals(table["constraints"], [{ kind: "unique", columns: name("a"), name: { name: "u" } }]);
  });
  it("read properties as plain values", () => {
    assertEquals(
      parsed(
        "CREATE MATERIALIZED VIEW v WITH (a = 1, b = 'x', c = word, d = on, e) AS SELECT 1",
      )["properties"],
      [
        { name: "a", value: 1 },
        { name: "b", value: "x" },
        { name: "c", value: "word" },
        { name: "d", value: true },
        { name: "e" },
      ],
    );
  });
  it("read a column list of CREATE TABLE AS as names", () => {
    assertEquals(parsed("CREATE TABLE t (a, b) AS SELECT 1, 2 WITH NO DATA")["columns"], [{ name: "a" }, {
      name: "b",
    }]);
  });
});

describe("dynamic tables", () => {
  it("read their properties with lower-case names", () => {
    const sql =
      "CREATE DYNAMIC TABLE d (a INTEGER) TARGET_LAG = '1 minute' WAREHOUSE = Demo_WH CLUSTER BY (a) AS SELECT 1";
    assertEquals(parsed(sql)["properties"], [
      { name: "target_lag", value: "1 minute" },
      { name: "warehouse", value: "demo_wh" },
      { name: "cluster_by", value: [column("a")] },
    ]);
  });
  it("read a list to refresh", () => {
    assertEquals(parsed("ALTER DYNAMIC TABLE a, b REFRESH")["action"], {
      kind: "refresh",
      also: [name("b")],
    });
  });
  it("leave LAG to be a function in the query", () => {
    assertEquals(
      parsed("CREATE DYNAMIC TABLE d LAG = '1 hour' AS SELECT LAG(a) OVER (ORDER BY b) FROM t")["kind"],
      "createDynamicTable",
    );
  });
});

describe("session statements", () => {
  it("read SET, RESET and SET ... TO DEFAULT", () => {
    assertEquals(parsed("SET a.b = 'c'"), { kind: "set", name: "a.b", value: "c", local: false });
    assertEquals(parsed("RESET a"), { kind: "set", name: "a", local: false });
    assertEquals(parsed("SET a TO DEFAULT"), parsed("RESET a"));
  });
  it("read EXPLAIN with options", () => {
    const explain = parsed("EXPLAIN (ANALYZE, FORMAT json) SELECT 1");
    assertEquals([explain["analyze"], explain["options"]], [true, [{ name: "analyze" }, {
      name: "format",
      value: "json",
    }]]);
  });
  it("read SHOW of objects and of settings", () => {
    assertEquals(parsed("SHOW TABLES LIKE 'a%' IN SCHEMA s"), {
      kind: "show",
      subject: "tables",
      like: "a%",
      scope: "schema",
      name: name("s"),
    });
    assertEquals(parsed("SHOW TIME ZONE"), { kind: "show", subject: "timezone" });
  });
  it("read COPY", () => {
    assertEquals(parsed("COPY t (a) FROM 'x.csv' (HEADER)"), {
      kind: "copy",
      direction: "from",
      source: { kind: "table", name: name("t"), columns: name("a") },
      file: "x.csv",
      options: [{ name: "header" }],
    });
  });
});

/** Parts whose `kind` is no node: they are read with the node that they belong to. */
const PARTS = new Set(["unboundedPreceding", "preceding", "currentRow", "following", "unboundedFollowing"]);

function assertSpans(node: unknown, outer: { from: number; to: number }, within: string): void {
  if (Array.isArray(node)) return node.forEach((item) => assertSpans(item, outer, within));
  if (typeof node !== "object" || node === null) return;
  const { span, kind } = node as { span?: { from: number; to: number }; kind?: string };
  const part = kind === undefined || PARTS.has(kind) || /^(action|source|kind)$/.test(within);
  if (!part && within !== "actions" && span === undefined) throw new TypeError(`${kind} has no span`);
  const inner = span ?? outer;
  if (inner.from < outer.from || inner.to > outer.to) throw new TypeError(`${kind} is outside of its parent`);
  for (const [key, value] of Object.entries(node)) if (key !== "span") assertSpans(value, inner, key);
}

describe("spans", () => {
  it("are on every node, inside of the parent's", () => {
    for (const sql of [...STANDARD, ...Object.values(EXTENDED).flat()]) {
      try {
        assertSpans(parseStatement(sql), { from: 0, to: sql.length }, "");
      } catch (error) {
        throw new TypeError(`${sql}: ${error instanceof Error ? error.message : error}`, { cause: error });
      }
    }
  });
});

import { describe, it } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { ManualClock } from "../../../src/base/clock.ts";
import { LiveViewError } from "../../../src/base/error.ts";
import { createDatabase, type Database, materializedViews, type ViewProperties } from "../../../mod.ts";

type ViewDatabase = Database<readonly [ReturnType<typeof materializedViews>]>;

async function open(): Promise<ViewDatabase> {
  const db = createDatabase({ plugins: [materializedViews()], clock: new ManualClock() });
  await db.exec("CREATE TABLE t (id INTEGER PRIMARY KEY, v INTEGER)");
  return db;
}

describe("properties", () => {
  it("are read from WITH", async () => {
    await using db = await open();
    await db.exec(`CREATE MATERIALIZED VIEW a WITH (interval = '5 seconds', state_bytes_max = 1000000) AS
        SELECT sum(v) AS s FROM t;
      CREATE MATERIALIZED VIEW b WITH (refresh = 'interval', target_lag = '1 minute') AS SELECT sum(v) AS s FROM t;
      CREATE MATERIALIZED VIEW c AS SELECT v FROM t`);
    const shown = ["a", "b", "c"].map((name) => {
      const { refresh, intervalMs, targetLagMs, stateBytesMax } = db.plugins.materializedViews.status(name);
      return [refresh, intervalMs, targetLagMs, stateBytesMax];
    });
    assertEquals(shown, [
      ["interval", 5_000, undefined, 1_000_000],
      ["interval", undefined, 60_000, undefined],
      ["eager", undefined, undefined, undefined],
    ]);
  });

  // What each error must name.
  const REFUSED: Readonly<Record<string, string>> = {
    "refresh = 'sometimes'": "eager, manual, interval",
    "refresh = 3": "eager, manual, interval",
    "refresh = true": "a text or a number",
    "refresh": "a text or a number",
    "refresh = 'interval'": "target_lag",
    "refresh = 'eager', interval = '5 seconds'": "refresh = 'interval'",
    "refresh = 'manual', target_lag = '5 seconds'": "refresh = 'interval'",
    "interval = '5 seconds', target_lag = '5 seconds'": "not both",
    "interval = 'soon'": "5 seconds",
    "interval = 0": "positive",
    "interval = '-5 seconds'": "positive",
    "target_lag = -1": "positive",
    "state_bytes_max = 0": "positive whole number",
    "state_bytes_max = 1.5": "positive whole number",
    "state_bytes_max = 'much'": "positive whole number",
    "refresh = manual, refresh = eager": "twice",
    "fillfactor = 70":
      "refresh, interval, target_lag, refresh_hours, refresh_mode, on_error, state_bytes_max",
  };
  for (const [properties, named] of Object.entries(REFUSED)) {
    it(`refuse WITH (${properties})`, async () => {
      await using db = await open();
      const error = await assertRejects(
        () => db.exec(`CREATE MATERIALIZED VIEW m WITH (${properties}) AS SELECT v FROM t`),
        LiveViewError,
        named,
      );
      assertEquals(error.code, "invalid-parameter");
      assertEquals(db.plugins.materializedViews.names(), []);
    });
  }
});

describe("create()", () => {
  it("makes a view from text or AST", async () => {
    await using db = await open();
    await db.plugins.materializedViews.create({
      name: "m",
      query: "SELECT sum(v) FROM t",
      columns: ["total"],
      refresh: "manual",
    });
    await db.insert("t", [{ id: 1, v: 4 }]);
    await db.plugins.materializedViews.refresh("m");
    assertEquals((await db.query("SELECT total FROM m")).rows(), [[4]]);
  });

  it("refuses a name that is taken, and text that is no query", async () => {
    await using db = await open();
    const create = (name: string, query: string) => db.plugins.materializedViews.create({ name, query });
    const taken = await assertRejects(() => create("t", "SELECT 1 AS one"), LiveViewError);
    assertEquals(taken.code, "duplicate-object");
    const write = await assertRejects(() => create("m", "DELETE FROM t"), LiveViewError);
    assertEquals(write.code, "invalid-statement");
  });
});

describe("CREATE ... IF NOT EXISTS", () => {
  it("leaves a view that exists as it is", async () => {
    await using db = await open();
    await db.exec("CREATE MATERIALIZED VIEW m AS SELECT v FROM t");
    await db.exec("CREATE MATERIALIZED VIEW IF NOT EXISTS m WITH (refresh = manual) AS SELECT 1 AS one");
    assertEquals(db.plugins.materializedViews.status("m").refresh, "eager");
  });
});

describe("CREATE OR REPLACE", () => {
  it("keeps the old view when the new one cannot be built", async () => {
    await using db = await open();
    await db.exec("CREATE MATERIALIZED VIEW m AS SELECT v FROM t");
    await db.insert("t", [{ id: 1, v: 0 }]);
    const sql = "CREATE OR REPLACE MATERIALIZED VIEW m AS SELECT 1 / v AS inverse FROM t";
    assertEquals((await assertRejects(() => db.exec(sql), LiveViewError)).code, "division-by-zero");
    await db.insert("t", [{ id: 2, v: 7 }]);
    assertEquals((await db.query("SELECT v FROM m ORDER BY v")).rows(), [[0], [7]]);
  });

  it("ends the subscriptions of the old view", async () => {
    await using db = await open();
    await db.exec("CREATE MATERIALIZED VIEW m AS SELECT v FROM t");
    const changes = db.subscribe("m", { snapshot: false })[Symbol.asyncIterator]();
    await db.exec("CREATE OR REPLACE MATERIALIZED VIEW m AS SELECT v + 1 AS next FROM t");
    assertEquals((await changes.next()).done, true);
    await db.insert("t", [{ id: 1, v: 1 }]);
    assertEquals((await db.query("SELECT * FROM m")).rows(), [[2]]);
    assertEquals(db.memory().tables.map(({ name }) => name), ["t", "m"]);
  });

  it("refuses a view that would read itself", async () => {
    await using db = await open();
    await db.exec("CREATE MATERIALIZED VIEW m AS SELECT v FROM t");
    const sql = "CREATE OR REPLACE MATERIALIZED VIEW m AS SELECT v FROM m";
    assertEquals((await assertRejects(() => db.exec(sql), LiveViewError)).code, "circular-definition");
  });
});

describe("ALTER MATERIALIZED VIEW", () => {
  it("moves between eager and manual without losing a change", async () => {
    await using db = await open();
    await db.exec("CREATE MATERIALIZED VIEW m AS SELECT sum(v) AS s FROM t");
    await db.insert("t", [{ id: 1, v: 1 }]);
    await db.exec("ALTER MATERIALIZED VIEW m SET (refresh = manual)");
    await db.insert("t", [{ id: 2, v: 2 }]);
    assertEquals((await db.query("SELECT s FROM m")).rows(), [[1]]);
    await db.exec("ALTER MATERIALIZED VIEW m SET (refresh = eager)");
    assertEquals((await db.query("SELECT s FROM m")).rows(), [[3]]);
    await db.insert("t", [{ id: 3, v: 4 }]);
    assertEquals((await db.query("SELECT s FROM m")).rows(), [[7]]);
    assertEquals(db.plugins.materializedViews.history("m").map(({ mode }) => mode), [
      "full",
      "incremental",
      "incremental",
      "incremental",
    ]);
  });

  it("sets one property and leaves the others", async () => {
    await using db = await open();
    await db.exec("CREATE MATERIALIZED VIEW m WITH (interval = '1 hour') AS SELECT v FROM t");
    await db.plugins.materializedViews.alter("m", { stateBytesMax: 5_000 });
    const { intervalMs, stateBytesMax } = db.plugins.materializedViews.status("m");
    assertEquals([intervalMs, stateBytesMax], [3_600_000, 5_000]);
    const error = await assertRejects(
      () => db.plugins.materializedViews.alter("m", { targetLag: "never" }),
      LiveViewError,
    );
    assertEquals(error.code, "invalid-parameter");
    await db.plugins.materializedViews.alter("m", { targetLag: 500 });
    assertEquals(db.plugins.materializedViews.status("m").intervalMs, undefined);
  });

  it("renames a view that nothing reads", async () => {
    await using db = await open();
    await db.exec(`CREATE MATERIALIZED VIEW m AS SELECT v FROM t; CREATE MATERIALIZED VIEW top AS
      SELECT max(v) AS v FROM m`);
    const error = await assertRejects(() => db.exec("ALTER MATERIALIZED VIEW m RENAME TO n"), LiveViewError);
    assertEquals([error.code, error.details["dependents"]], ["dependent-objects", ["top"]]);
    await db.exec("ALTER MATERIALIZED VIEW top RENAME TO peak");
    await db.insert("t", [{ id: 1, v: 3 }]);
    assertEquals((await db.query("SELECT v FROM peak")).rows(), [[3]]);
    await assertRejects(() => db.query("SELECT v FROM top"), LiveViewError);
    await assertRejects(() => db.exec("ALTER MATERIALIZED VIEW peak RENAME TO t"), LiveViewError, "taken");
    await db.exec("ALTER MATERIALIZED VIEW IF EXISTS nothing SET (refresh = manual)");
  });

  it("does not rename columns", async () => {
    await using db = await open();
    await db.exec("CREATE MATERIALIZED VIEW m AS SELECT v FROM t");
    const sql = "ALTER MATERIALIZED VIEW m RENAME COLUMN v TO w";
    assertEquals((await assertRejects(() => db.exec(sql), LiveViewError)).code, "unsupported");
  });
});

describe("views on views", () => {
  it("are eager over eager views only", async () => {
    await using db = await open();
    await db.exec("CREATE MATERIALIZED VIEW m WITH (refresh = manual) AS SELECT v FROM t");
    const sql = "CREATE MATERIALIZED VIEW e AS SELECT sum(v) AS s FROM m";
    const error = await assertRejects(() => db.exec(sql), LiveViewError, '"m"');
    assertEquals(error.code, "unsupported");
    await db.exec("CREATE MATERIALIZED VIEW e WITH (refresh = manual) AS SELECT sum(v) AS s FROM m");
    const alter = "ALTER MATERIALIZED VIEW e SET (refresh = eager)";
    assertEquals((await assertRejects(() => db.exec(alter), LiveViewError)).code, "unsupported");
    assertEquals(db.plugins.materializedViews.status("e").refresh, "manual");
  });

  it("keep eager what eager views read", async () => {
    await using db = await open();
    await db.exec(`CREATE MATERIALIZED VIEW low AS SELECT v FROM t;
      CREATE MATERIALIZED VIEW high AS SELECT sum(v) AS s FROM low`);
    const sql = "ALTER MATERIALIZED VIEW low SET (refresh = manual)";
    const error = await assertRejects(() => db.exec(sql), LiveViewError);
    assertEquals([error.code, error.details["dependents"]], ["dependent-objects", ["high"]]);
    await db.exec(`ALTER MATERIALIZED VIEW high SET (refresh = manual); ${sql}`);
    await db.insert("t", [{ id: 1, v: 2 }]);
    await db.plugins.materializedViews.refresh("high");
    assertEquals((await db.query("SELECT (SELECT s FROM high) AS s, v FROM low")).rows(), [[2, 2]]);
  });

  it("begin at the version of what they read", async () => {
    await using db = await open();
    await db.exec("CREATE MATERIALIZED VIEW low WITH (refresh = manual) AS SELECT v FROM t");
    await db.insert("t", [{ id: 1, v: 2 }]);
    await db.exec("CREATE MATERIALIZED VIEW high WITH (refresh = manual) AS SELECT sum(v) AS s FROM low");
    assertEquals((await db.query("SELECT s, v FROM high, low")).rows(), [[2, 2]]);
    await db.insert("t", [{ id: 2, v: 3 }]);
    await db.plugins.materializedViews.refresh("high");
    assertEquals((await db.query("SELECT s FROM high")).rows(), [[5]]);
  });
});

describe("properties of the API", () => {
  it("are refused when they are of another kind", async () => {
    await using db = await open();
    await db.exec("CREATE MATERIALIZED VIEW m AS SELECT v FROM t");
    const refused: readonly Record<string, unknown>[] = [
      { retentionColumn: 5, retention: "30 days" },
      { retention: 30 },
      { interval: true },
      { refresh: 1 },
    ];
    for (const properties of refused) {
      // What the compiler refuses comes from JavaScript.
      const given = properties as ViewProperties;
      const alter = () => db.plugins.materializedViews.alter("m", given);
      assertEquals((await assertRejects(alter, LiveViewError)).code, "invalid-parameter");
    }
  });
});

describe("a definition that fails", () => {
  it("leaves nothing behind, with operators and without", async () => {
    await using db = await open();
    await db.insert("t", [{ id: 1, v: 0 }]);
    for (const mode of ["auto", "full"]) {
      const create = () =>
        db.exec(`CREATE MATERIALIZED VIEW m WITH (refresh_mode = ${mode}) AS SELECT 1 / v AS x FROM t`);
      assertEquals((await assertRejects(create, LiveViewError)).code, "division-by-zero");
      assertEquals([db.plugins.materializedViews.names(), db.memory().tables.length], [[], 1]);
    }
  });

  it("is one whose query reads the past", async () => {
    await using db = await open();
    const sql = `CREATE MATERIALIZED VIEW m AS SELECT v FROM t AT VERSION ${db.version}`;
    assertEquals((await assertRejects(() => db.exec(sql), LiveViewError)).code, "unsupported");
  });
});

describe("a view that was replaced", () => {
  it("is not refreshed by who asked before", async () => {
    await using db = await open();
    await db.exec("CREATE MATERIALIZED VIEW m AS SELECT v FROM t");
    const { create, refresh } = db.plugins.materializedViews;
    const replaced = create({ name: "m", query: "SELECT id FROM t", orReplace: true });
    const error = await assertRejects(() => refresh("m"), LiveViewError, '"m" was replaced meanwhile');
    assertEquals(error.code, "unknown-object");
    await replaced;
    await refresh("m");
  });
});

describe("statements about plain views", () => {
  it("are not those of materialized views", async () => {
    await using db = await open();
    await db.exec("CREATE VIEW p AS SELECT v FROM t; ALTER VIEW p RENAME TO q");
    assertEquals((await db.query("SELECT * FROM q")).rows(), []);
    assertEquals(db.plugins.materializedViews.names(), []);
  });
});

describe("statements about views", () => {
  it("are refused inside a transaction instead of waiting for it", async () => {
    await using db = await open();
    await db.exec("CREATE MATERIALIZED VIEW m AS SELECT v FROM t");
    const statements = [
      "CREATE MATERIALIZED VIEW n AS SELECT v FROM t",
      "REFRESH MATERIALIZED VIEW m",
      "ALTER MATERIALIZED VIEW m SET (refresh = manual)",
      "DROP MATERIALIZED VIEW m",
    ];
    for (const sql of statements) {
      const error = await assertRejects(() => db.transaction((tx) => tx.exec(sql)), LiveViewError);
      assertEquals(error.code, "invalid-statement", sql);
    }
  });

  it("name the views there are when one is unknown", async () => {
    await using db = await open();
    await db.exec("CREATE MATERIALIZED VIEW m AS SELECT v FROM t");
    for (const sql of ["REFRESH MATERIALIZED VIEW x", "ALTER MATERIALIZED VIEW x SET (refresh = manual)"]) {
      const error = await assertRejects(() => db.exec(sql), LiveViewError, "views are m");
      assertEquals(error.code, "unknown-object");
    }
    await db.exec("DROP MATERIALIZED VIEW m");
    await assertRejects(() => db.plugins.materializedViews.refresh("m"), LiveViewError, '"m"');
  });

  it("stop at viewsMax", async () => {
    await using db = createDatabase({ plugins: [materializedViews({ viewsMax: 1 })] });
    await db.exec("CREATE MATERIALIZED VIEW a AS SELECT 1 AS x");
    const error = await assertRejects(
      () => db.exec("CREATE MATERIALIZED VIEW b AS SELECT 1 AS x"),
      LiveViewError,
    );
    assert(error.message.includes("viewsMax"));
  });
});

describe("a plain view that a materialized view reads", () => {
  const PLAIN = `CREATE VIEW inner_plain AS SELECT v FROM t WHERE v > 1;
    CREATE VIEW plain AS SELECT v + 1 AS w FROM inner_plain;
    CREATE MATERIALIZED VIEW m AS SELECT sum(w) AS s FROM plain`;

  it("is not dropped, renamed or replaced under it", async () => {
    await using db = await open();
    await db.exec(PLAIN);
    for (
      const sql of [
        "DROP VIEW plain",
        "DROP VIEW inner_plain",
        "ALTER VIEW plain RENAME TO other",
        "CREATE OR REPLACE VIEW plain AS SELECT 1 AS w",
        "CREATE OR REPLACE VIEW inner_plain AS SELECT 1 AS v",
      ]
    ) {
      const error = await assertRejects(() => db.exec(sql), LiveViewError, "m");
      assertEquals(error.code, "dependent-objects", sql);
    }
    await db.exec("INSERT INTO t VALUES (1, 7)");
    await db.exec("REFRESH MATERIALIZED VIEW m");
    assertEquals((await db.query("SELECT s FROM m")).column("s"), [8]);
  });

  it("takes it along with CASCADE", async () => {
    await using db = await open();
    await db.exec(PLAIN);
    await db.exec("DROP VIEW inner_plain CASCADE");
    assertEquals(db.plugins.materializedViews.names(), []);
    assertEquals(db.catalog.relation("plain"), undefined);
  });

  it("can be replaced as long as nothing stored reads it", async () => {
    await using db = await open();
    await db.exec(PLAIN);
    await db.exec("DROP MATERIALIZED VIEW m; CREATE OR REPLACE VIEW inner_plain AS SELECT 4 AS v");
    assertEquals((await db.query("SELECT w FROM plain")).column("w"), [5]);
  });
});

import { describe, it } from "node:test";
import { assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { ManualClock } from "../../../src/base/clock.ts";
import { LiveViewError } from "../../../src/base/error.ts";
import {
  type ChangeStream,
  column,
  createDatabase,
  type Database,
  definePlugin,
  from,
  materializedViews,
  parameter,
} from "../../../mod.ts";
import type { Plan } from "../../../src/query/plan.ts";
import { mapChildren } from "../../../src/query/plan_walk.ts";
import { BOOLEAN, INTEGER } from "../../../src/storage/sql_type.ts";
import { nextChange } from "../../support/next_change.ts";

type ViewDatabase = Database<readonly [ReturnType<typeof materializedViews>]>;

async function open(clock = new ManualClock()): Promise<ViewDatabase> {
  const db = createDatabase({ plugins: [materializedViews()], clock });
  await db.exec(`CREATE TABLE t (id INTEGER PRIMARY KEY, v INTEGER, day DATE, price DECIMAL(10,2), name TEXT);
    INSERT INTO t VALUES (1, 10, '2024-05-01', 1.5, 'a'), (2, 20, '2024-05-02', 2.5, 'it''s')`);
  return db;
}

async function ids(changes: ChangeStream): Promise<unknown[]> {
  const { done, value } = await changes.next();
  return done ? [value] : value.inserted.map((row) => row["id"]).sort();
}

describe("a subscription with parameters", () => {
  it("binds values of every kind, by position and by name", async () => {
    await using db = await open();
    const cases: readonly (readonly [string, readonly unknown[] | Record<string, unknown>, unknown[]])[] = [
      ["SELECT id FROM t WHERE v > $1", [15], [2]],
      ["SELECT id FROM t WHERE v > $1", [10.5], [2]],
      ["SELECT id FROM t WHERE day = $1", ["2024-05-01"], [1]],
      ["SELECT id FROM t WHERE day = $1", [new Date("2024-05-02T00:00:00Z")], [2]],
      ["SELECT id FROM t WHERE price < $1", ["2.00"], [1]],
      ["SELECT id FROM t WHERE name = $1", ["it's"], [2]],
      ["SELECT id FROM t WHERE name = $1", [null], []],
      ["SELECT id FROM t WHERE v = :v AND name = :name", { name: "a", v: 10 }, [1]],
      ["SELECT id FROM t WHERE id = ANY ($1::integer[])", [[1, 2]], [1, 2]],
      ["SELECT id FROM t ORDER BY id LIMIT $1", [1], [1]],
    ];
    for (const [sql, params, expected] of cases) {
      const changes = db.subscribe(sql, { params });
      assertEquals(await ids(changes), expected, sql);
      assertEquals(
        (await db.query(sql, { params })).objects().map((row) => row["id"]).sort(),
        expected,
        sql,
      );
      await changes.return();
    }
  });

  it("shares a view with equal values and not with others", async () => {
    await using db = await open();
    const sql = "SELECT id FROM t WHERE v > $1";
    const same = [db.subscribe(sql, { params: [5] }), db.subscribe(sql, { params: [5] })];
    const other = db.subscribe(sql, { params: [15] });
    const all = [...same, other];
    await Promise.all(all.map((changes) => changes.opened));
    const views = await db.query("SELECT count(*) AS n FROM liveview.views");
    assertEquals(views.column("n"), [2]);
    await db.insert("t", [{ id: 3, v: 12, day: null, price: null, name: null }]);
    assertEquals([await ids(same[0]!), await ids(other)], [[1, 2], [2]]);
    assertEquals(await ids(same[0]!), [3]);
    await Promise.all(all.map((changes) => changes.return()));
  });

  it("is refused without a value for each, and on a view", async () => {
    await using db = await open();
    await db.exec("CREATE MATERIALIZED VIEW m AS SELECT id FROM t");
    const refused = [
      () => db.subscribe("SELECT id FROM t WHERE v > $1"),
      () => db.subscribe("SELECT id FROM t WHERE v > $2", { params: [1] }),
      () => db.subscribe("SELECT id FROM t WHERE v > :x", { params: { y: 1 } }),
      () => db.subscribe("m", { params: [1] }),
    ];
    for (const call of refused) assertEquals(assertThrows(call, LiveViewError).code, "invalid-parameter");
  });
});

describe("a subscription to an AST", () => {
  it("gives what its text gives, with parameters", async () => {
    await using db = await open();
    const query = from("t").where(column("v").gt(parameter(1))).select({ id: column("id") }).build();
    const changes = db.subscribe(query, { params: [15] });
    assertEquals(await ids(changes), [2]);
    await changes.return();
  });
});

/** The plan over the rows of its table whose first column is `id`. */
function onlyId(plan: Plan, id: number): Plan {
  if (plan.kind !== "scan") return mapChildren(plan, (child) => onlyId(child, id));
  const first = plan.columns.find(({ ordinal }) => ordinal === 0)!;
  const args = [
    { kind: "column", id: first.id, name: first.name, type: INTEGER },
    { kind: "literal", value: id, type: INTEGER },
  ] as const;
  const predicate = { kind: "call", name: "=", type: BOOLEAN, arguments: args } as const;
  return { kind: "filter", input: plan, predicate };
}

describe("a subscription of somebody", () => {
  const rows = definePlugin({
    name: "rows",
    setup: () => ({
      api: {},
      hooks: {
        rewritePlan: (plan, { options: { tenant } }) =>
          tenant === undefined ? plan : onlyId(plan, Number(tenant)),
      },
    }),
  });

  it("has the rows that plugins leave them, of queries, tables and views", async () => {
    await using db = createDatabase({ plugins: [rows, materializedViews()] });
    await db.exec(`CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1), (2);
      CREATE MATERIALIZED VIEW m AS SELECT id FROM t`);
    for (const target of ["t", "m", "SELECT id FROM t", "SELECT id FROM m"]) {
      const streams = ["1", "2", undefined].map((tenant) =>
        db.subscribe(target, tenant === undefined ? {} : { tenant })
      );
      assertEquals(await Promise.all(streams.map(ids)), [[1], [2], [1, 2]], target);
      await Promise.all(streams.map((changes) => changes.return()));
    }
  });

  it("shares no plan with somebody else's query of the same text", async () => {
    await using db = createDatabase({ plugins: [rows, materializedViews()] });
    await db.exec("CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1), (2)");
    for (const tenant of ["1", "2", "1"]) {
      assertEquals((await db.query("SELECT id FROM t", { tenant })).rows(), [[Number(tenant)]]);
    }
  });
});

describe("one change for many subscribers", () => {
  it("is one object, held together or not, and makes its objects once", async () => {
    const clock = new ManualClock();
    await using db = await open(clock);
    await db.exec("CREATE MATERIALIZED VIEW m AS SELECT id FROM t");
    for (const coalesceMs of [0, 50]) {
      const streams = [1, 2, 3].map(() => db.subscribe("m", { snapshot: false, coalesceMs }));
      for (const id of [3, 4]) await db.query("INSERT INTO t (id) VALUES ($1)", { params: [id] });
      clock.advance(50);
      await db.plugins.materializedViews.runDue();
      const changes = await Promise.all(streams.map(nextChange));
      assertStrictEquals(changes[0], changes[2]);
      assertStrictEquals(changes[0]!.inserted, changes[1]!.inserted);
      assertEquals(changes[0]!.inserted.length, coalesceMs === 0 ? 1 : 2);
      assertEquals(changes[0]!.columns.map(({ name, type }) => `${name} ${type}`), ["id INTEGER"]);
      await Promise.all(streams.map((stream) => stream.return()));
      await db.exec("DELETE FROM t WHERE id > 2");
    }
  });

  it("reaches who joins or leaves while changes are held exactly once", async () => {
    const clock = new ManualClock();
    await using db = await open(clock);
    await db.exec("CREATE MATERIALIZED VIEW m AS SELECT id FROM t");
    const first = db.subscribe("m", { coalesceMs: 50 });
    assertEquals(await ids(first), [1, 2]);
    await db.insert("t", [{ id: 3 }]);
    const second = db.subscribe("m", { coalesceMs: 50 });
    assertEquals([await ids(first), await ids(second)], [[3], [1, 2, 3]]);
    await db.insert("t", [{ id: 4 }]);
    await first.return();
    assertEquals(await ids(first), [4]);
    clock.advance(50);
    await db.plugins.materializedViews.runDue();
    assertEquals(await ids(second), [4]);
    await second.return();
    assertEquals(db.plugins.materializedViews.status("m").subscriberCount, 0);
  });
});

describe("the begin and the end of a subscription", () => {
  it("opens with its columns, or with what stands against it", async () => {
    await using db = await open();
    const good = db.subscribe("SELECT id, price FROM t");
    assertEquals((await good.opened).map((column) => column.type), ["INTEGER", "DECIMAL(10,2)"]);
    await good.return();
    const bad = db.subscribe("SELECT 1 / (v - v) AS x FROM t");
    assertEquals((await assertRejects(() => bad.opened, LiveViewError)).code, "division-by-zero");
  });

  it("says why it ended", async () => {
    const db = await open();
    await db.exec(
      "CREATE MATERIALIZED VIEW a AS SELECT id FROM t; CREATE MATERIALIZED VIEW b AS SELECT id FROM t",
    );
    const streams = [db.subscribe("a"), db.subscribe("b"), db.subscribe("t"), db.subscribe("t")];
    await Promise.all(streams.map(ids));
    await db.exec("DROP MATERIALIZED VIEW a; CREATE OR REPLACE MATERIALIZED VIEW b AS SELECT v AS id FROM t");
    await streams[3]!.return();
    await db.close();
    const ends = await Promise.all(streams.map((stream) => stream.next()));
    assertEquals(ends.map(({ value }) => value), ["dropped", "replaced", "closed", undefined]);
  });
});

describe("who comes back from another meaning of the name", () => {
  it("gets the contents", async () => {
    await using db = await open();
    await db.exec(
      `CREATE MATERIALIZED VIEW a AS SELECT id FROM t; CREATE MATERIALIZED VIEW b AS SELECT v FROM t;
      CREATE VIEW p AS SELECT id FROM t`,
    );
    const keep = [db.subscribe("a"), db.subscribe("b"), db.subscribe("SELECT v FROM t"), db.subscribe("p")];
    await Promise.all(keep.map(ids));
    await db.insert("t", [{ id: 3, v: 30 }]);
    const { version } = db;
    await db.exec(`DROP MATERIALIZED VIEW a; ALTER MATERIALIZED VIEW b RENAME TO a;
      CREATE OR REPLACE VIEW p AS SELECT v FROM t`);
    for (const name of ["a", "p"]) {
      const changes = db.subscribe(name, { fromVersion: version });
      const change = await nextChange(changes);
      assertEquals([change.snapshot, change.inserted.length], [true, 3], name);
      await changes.return();
    }
    await Promise.all(keep.map((changes) => changes.return()));
  });
});

describe("a transaction that runs the circuit more than once", () => {
  it("tells subscribers the sum of what its runs did", async () => {
    const clock = new ManualClock(Date.UTC(2024, 0, 1));
    await using db = createDatabase({ plugins: [materializedViews()], clock });
    await db.exec(`CREATE TABLE t (id INTEGER PRIMARY KEY, v INTEGER); INSERT INTO t VALUES (1, 1);
      CREATE MATERIALIZED VIEW f AS SELECT v, extract(epoch from now()) AS e FROM t;
      CREATE MATERIALIZED VIEW g AS SELECT v + 1 AS v, extract(epoch from now()) AS e FROM t;
      CREATE MATERIALIZED VIEW every AS SELECT v, e FROM f UNION ALL SELECT v, e FROM g;
      CREATE MATERIALIZED VIEW sums AS SELECT count(*) AS n, sum(e) AS e FROM every`);
    const followed = ["every", "sums"].map((name) => {
      const changes = db.subscribe(name);
      const counts = new Map<string, number>();
      const add = (rows: readonly object[], count: number) => {
        for (const text of rows.map((row) => JSON.stringify(row))) {
          counts.set(text, (counts.get(text) ?? 0) + count);
          if (counts.get(text) === 0) counts.delete(text);
        }
      };
      const reading = (async () => {
        for await (const { inserted, deleted } of changes) {
          add(deleted, -1);
          add(inserted, 1);
        }
      })();
      return { name, changes, counts, reading };
    });
    for (let step = 0; step < 4; step++) {
      clock.advance(1000);
      // Refreshes f and g first, and runs the circuit after each of them.
      await db.exec("REFRESH MATERIALIZED VIEW every; UPDATE t SET v = v + 1");
      await new Promise((resolve) => setTimeout(resolve, 1));
      for (const { name, counts } of followed) {
        const rows = (await db.query(`SELECT * FROM ${name}`)).objects().map((row) => JSON.stringify(row));
        assertEquals(
          [...counts].flatMap(([text, count]) => Array(count).fill(text)).sort(),
          rows.sort(),
          name,
        );
      }
    }
    await Promise.all(followed.map(({ changes }) => changes.return()));
    await Promise.all(followed.map(({ reading }) => reading));
  });
});

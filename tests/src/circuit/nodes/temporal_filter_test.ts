import process from "node:process";
import { describe, it } from "node:test";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { QueryError } from "../../../../src/base/error.ts";
import { SeededRandom } from "../../../../src/base/random.ts";
import type { WeightedRow } from "../../../../src/circuit/zset.ts";
import type { Datum } from "../../../../src/storage/sql_type.ts";
import { ClockedDatabase, type ClockedQuery } from "../time/clocked_query.ts";
import {
  DAY,
  EVENT_COLUMNS,
  HOUR,
  microsOf,
  MOMENTS,
  randomEvent,
  SECOND,
  TEMPORAL_QUERIES,
} from "../time/temporal_queries.ts";

class History {
  readonly rows: (readonly Datum[])[] = [];
  readonly #database: ClockedDatabase;
  readonly #random: SeededRandom;

  constructor(database: ClockedDatabase, random: SeededRandom) {
    this.#database = database;
    this.#random = random;
  }

  /** Some rows come, some go; often the same row twice, or there and back. */
  async change(): Promise<WeightedRow[]> {
    const random = this.#random;
    const change: WeightedRow[] = [];
    for (let i = random.integer(1, 4); i > 0; i--) {
      if (this.rows.length > 0 && random.next() < 0.4) {
        const [row] = this.rows.splice(random.integer(0, this.rows.length - 1), 1);
        change.push({ row: row!, weight: -1 });
      } else {
        const row = this.rows.length > 0 && random.next() < 0.2
          ? random.pick(this.rows)
          : randomEvent(random, this.#database.nowMicros);
        this.rows.push(row);
        change.push({ row, weight: 1 });
      }
    }
    await this.#database.change(change);
    return change;
  }

  all(): WeightedRow[] {
    return this.rows.map((row) => ({ row, weight: 1 }));
  }
}

/** Moves the clock: to what is due or just before it, by small and large steps, or somewhat back. */
function moveClock(database: ClockedDatabase, query: ClockedQuery, random: SeededRandom): void {
  const now = database.nowMicros;
  const due = query.dueMicros;
  const kind = random.next();
  if (due !== undefined && kind < 0.3) database.setNow(due);
  else if (due !== undefined && kind < 0.5) database.setNow(Math.max(now, due - 1));
  else if (kind < 0.6) database.setNow(now - random.integer(0, 59) * SECOND);
  else {
    database.setNow(now + random.integer(0, 20) * random.pick([1, SECOND, HOUR / 4, HOUR, DAY]));
  }
}

async function run(sql: string, zone: string, seed: number): Promise<void> {
  const random = new SeededRandom(seed);
  const database = await ClockedDatabase.open(EVENT_COLUMNS, zone);
  try {
    database.setNow(microsOf(random.pick(MOMENTS)) + random.integer(-3, 3) * HOUR);
    const history = new History(database, random);
    for (let i = 0; i < 10; i++) await history.change();
    let query = database.maintain(sql);
    query.step(history.all());
    for (let step = 0; step < 20; step++) {
      const message = `${sql}, ${zone}, step ${step}, seed ${seed}`;
      assertEquals(query.contents(), database.answer(sql), message);
      if (step % 7 === 6) assertEquals(query.output(history.all()), query.contents(), message);
      let change: WeightedRow[] = [];
      if (random.next() < 0.6) moveClock(database, query, random);
      else change = await history.change();
      try {
        query.step(change);
      } catch (error) {
        // The clock went back further than rows are kept.
        assert(String(error).includes("went back"), `${message}: ${String(error)}`);
        query = database.maintain(sql);
        query.step(history.all());
      }
    }
  } finally {
    await database.db.close();
  }
}

const ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Beirut"];

describe("TemporalFilterNode and TemporalMarkNode", () => {
  const seed = Number(process.env["LIVEVIEW_SEED"] ?? 1);
  const runs = Number(process.env["LIVEVIEW_RUNS"] ?? 1);
  TEMPORAL_QUERIES.forEach((sql, i) => {
    it(`maintain ${sql.slice(0, 90)}`, async () => {
      for (let n = 0; n < runs * 2; n++) {
        const zone = ZONES[(i + n) % ZONES.length]!;
        await run(sql, zone, seed * 1000 + i * 100 + n);
      }
    });
  });
});

const START = microsOf("2024-05-01T12:00:00Z");

/** An event with a time, and a date in front. */
function event(id: number, ts: number | null): WeightedRow {
  return { row: [id, 1, ts, ts, ts === null ? null : Math.floor(ts / DAY), null, null], weight: 1 };
}

async function open(
  sql: string,
  rows: readonly WeightedRow[],
  zone = "UTC",
): Promise<[ClockedDatabase, ClockedQuery]> {
  const database = await ClockedDatabase.open(EVENT_COLUMNS, zone);
  database.setNow(START);
  const query = database.maintain(sql);
  query.step(rows);
  return [database, query];
}

function negative(rows: readonly WeightedRow[]): WeightedRow[] {
  return rows.map(({ row, weight }) => ({ row, weight: -weight }));
}

const WINDOW = "SELECT id FROM event WHERE ts > now() - interval '1 day' AND ts <= now()";

describe("TemporalFilterNode", () => {
  it("is due exactly when a row comes or goes", async () => {
    const [database, query] = await open(WINDOW, [event(1, START - DAY + 1), event(2, START + 5)]);
    assertEquals(query.dueMicros, START + 1);
    database.setNow(START + 1);
    assertEquals(query.step(), 1);
    assertEquals(query.dueMicros, START + 5);
    database.setNow(START + 4);
    assertEquals(query.step(), 0);
    database.setNow(START + 5);
    assertEquals(query.step(), 1);
    assertEquals(query.contents().length, 1);
    assertEquals(query.dueMicros, START + 5 + DAY);
  });

  it("is due at the start of the local day that a date waits for", async () => {
    const sql = "SELECT id FROM event WHERE d = current_date";
    const [database, query] = await open(sql, [event(1, START + 2 * DAY)], "America/New_York");
    assertEquals(query.dueMicros, microsOf("2024-05-03T04:00:00Z"));
    database.setNow(microsOf("2024-05-03T04:00:00Z"));
    assertEquals(query.step(), 1);
    assertEquals(query.dueMicros, microsOf("2024-05-04T04:00:00Z"));
  });

  it("asks again later where the time of a row is far away", async () => {
    const [, query] = await open(WINDOW, [event(1, microsOf("9999-12-31T00:00:00Z"))]);
    assertEquals(query.dueMicros, START + 400 * DAY + 1);
  });

  it("asks again in a second where a later time cannot be told", async () => {
    const sql = "SELECT id FROM event WHERE ts < now() + interval '300 years'";
    // Timestamps of that time hold even microseconds alone.
    const [, query] = await open(sql, [event(1, microsOf("2324-05-03T12:00:00Z"))], "Europe/Berlin");
    assertEquals(query.dueMicros, START + SECOND);
  });

  it("is never due without rows that wait", async () => {
    const [, query] = await open(WINDOW, [event(1, START - 2 * DAY), event(2, null)]);
    assertEquals(query.dueMicros, undefined);
  });

  it("asks for the clock that went back further than rows are kept", async () => {
    const [database, query] = await open(WINDOW, [event(1, START)]);
    database.setNow(START - 59 * SECOND);
    query.step();
    assertEquals(query.contents(), []);
    database.setNow(START - HOUR);
    assertThrows(() => query.step(), QueryError, "The clock went back further");
  });

  it("keeps no rows whose time has passed", async () => {
    const old = Array.from({ length: 5000 }, (_, i) => event(i, START - 3 * DAY - i));
    const [, empty] = await open(WINDOW, []);
    const [, query] = await open(WINDOW, old);
    assertEquals(query.stateBytes, empty.stateBytes);
  });

  it("gives its memory back when rows leave by the clock or by deletion", async () => {
    const rows = Array.from({ length: 5000 }, (_, i) => event(i, START - i * SECOND));
    const [database, query] = await open(WINDOW, rows);
    const full = query.stateBytes;
    database.setNow(START + 2 * DAY);
    query.step();
    query.step([event(1, START + 2 * DAY)]);
    assert(query.stateBytes < full / 4, `${query.stateBytes} of ${full}`);
    const [, other] = await open(WINDOW, rows);
    other.step(negative(rows));
    assert(other.stateBytes < full / 4, `${other.stateBytes} of ${full}`);
    assertEquals(other.contents(), []);
  });

  for (const size of [1000, 10_000]) {
    it(`examines the rows that a change or the clock touches, of ${size}`, async () => {
      const rows = Array.from({ length: size }, (_, i) => event(i, START - i * SECOND));
      const [database, query] = await open(WINDOW, rows);
      const before = query.examinedRows;
      query.step([event(-1, START), ...negative([rows[3]!])]);
      database.setNow(START + 1);
      query.step();
      const oldest = rows.at(-1)!.row[2] as number;
      database.setNow(oldest + DAY);
      assertEquals(query.step(), 1);
      assert(query.examinedRows - before < 20, `${query.examinedRows - before} rows`);
    });
  }

  it("goes on with keys that are no safe numbers by starting anew", async () => {
    const sql = "SELECT id FROM event WHERE ms > epoch_us(now())";
    const row: Datum[] = [1, 1, null, null, null, 2n ** 60n, null];
    await assertRejects(() => open(sql, [{ row, weight: 1 }]), QueryError, "below 2^53");
    const beyond = "SELECT id FROM event WHERE ms > epoch_us(now()) + 9000000000000000";
    await assertRejects(() => open(beyond, []), QueryError, "below 2^53");
  });
});

describe("compileNodes()", () => {
  const obstacles: Readonly<Record<string, string>> = {
    "SELECT id, random() AS r FROM event": "function random()",
    "SELECT id FROM event WHERE random() < 0.5": "function random()",
    "SELECT id, now() AS at FROM event": "now() in the select list",
    "SELECT id, now() - ts AS age FROM event": "now() in the select list",
    "SELECT current_date AS today": "CURRENT_DATE in the select list",
    "SELECT max(now()) AS at FROM event": "now() in GROUP BY or an aggregate",
    "SELECT id FROM event WHERE extract(hour from ts) = extract(hour from now())": "EXTRACT over now()",
    "SELECT id FROM event WHERE age(now(), ts) < interval '1 month'": "AGE over now()",
    "SELECT id FROM event WHERE interval '1 day' - (now() - ts) > interval '1 hour'": "now() in a condition",
    "SELECT id FROM event WHERE d = 'today'::date + k": "'today' in a condition",
    "SELECT id, lag(now()) OVER (ORDER BY id) AS l FROM event": "now() in a window function",
    "SELECT e.id, g FROM event e, generate_series(now(), now() + interval '2 h', interval '1 h') g":
      "now() in a table function",
    "SELECT id FROM event TABLESAMPLE BERNOULLI (10)": "TABLESAMPLE",
    "SELECT id FROM event LIMIT 1": "LIMIT without ORDER BY",
    "SELECT id FROM event WHERE age(ts) > interval '1 year'": "function age()",
    "SELECT gen_random_uuid() AS u FROM event": "function gen_random_uuid()",
    "SELECT current_time_zone() AS zone FROM event": "function current_time_zone()",
    "WITH RECURSIVE r AS (SELECT id, ts FROM event WHERE ts > now() UNION SELECT id + 1, ts FROM r) SELECT id FROM r":
      "now() in a condition",
  };
  for (const [sql, construct] of Object.entries(obstacles)) {
    it(`names ${construct} in ${sql.slice(0, 80)}`, async () => {
      const database = await ClockedDatabase.open(EVENT_COLUMNS);
      assertEquals(database.obstacle(sql), construct);
    });
  }
});

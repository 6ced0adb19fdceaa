import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import type { WeightedRow } from "../../../../src/circuit/zset.ts";
import { ClockedDatabase, type ClockedQuery } from "../time/clocked_query.ts";
import { DAY, EVENT_COLUMNS, microsOf, SECOND } from "../time/temporal_queries.ts";

// With random histories it is tested in temporal_filter_test.ts.

const START = microsOf("2024-05-01T12:00:00Z");
const SQL = "SELECT id, ts > now() - interval '1 day' AS fresh, ts > now() AS ahead FROM event";

async function open(rows: readonly WeightedRow[]): Promise<[ClockedDatabase, ClockedQuery]> {
  const database = await ClockedDatabase.open(EVENT_COLUMNS);
  database.setNow(START);
  const query = database.maintain(SQL);
  query.step(rows);
  return [database, query];
}

function event(id: number, ts: number | null): WeightedRow {
  return { row: [id, 1, ts, null, null, null, null], weight: 1 };
}

describe("TemporalMarkNode", () => {
  it("takes a row back and gives it with other marks when the clock changes one", async () => {
    const [database, query] = await open([
      event(1, START + SECOND),
      event(2, null),
      event(3, START - 2 * DAY),
    ]);
    assertEquals(query.dueMicros, START + SECOND);
    database.setNow(START + SECOND);
    assertEquals(query.step(), 2);
    assertEquals(query.dueMicros, START + SECOND + DAY);
    assertEquals(query.contents().length, 3);
  });

  it("keeps the rows alone whose marks may change", async () => {
    const [, empty] = await open([]);
    const [, query] = await open(Array.from({ length: 5000 }, (_, i) => event(i, START - 3 * DAY)));
    assertEquals(query.stateBytes, empty.stateBytes);
  });

  for (const size of [1000, 10_000]) {
    it(`examines the rows that a change or the clock touches, of ${size}`, async () => {
      const rows = Array.from({ length: size }, (_, i) => event(i, START + i * SECOND));
      const [database, query] = await open(rows);
      const before = query.examinedRows;
      query.step([event(-1, START), { ...rows[3]!, weight: -1 }]);
      database.setNow(START + 5 * SECOND);
      assertEquals(query.step(), 8);
      assert(query.examinedRows - before < 40, `${query.examinedRows - before} rows`);
    });
  }
});

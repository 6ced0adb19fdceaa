import { describe, it } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { QueryError } from "../../../../src/base/error.ts";
import { retentionPredicate, withRetention } from "../../../../src/circuit/time/retention.ts";
import type { WeightedRow } from "../../../../src/circuit/zset.ts";
import { DATE, type SqlType, TEXT, TIMESTAMP, TIMESTAMPTZ } from "../../../../src/storage/sql_type.ts";
import { ClockedDatabase, ClockedQuery } from "./clocked_query.ts";
import { DAY, EVENT_COLUMNS, HOUR, microsOf } from "./temporal_queries.ts";

const START = microsOf("2024-10-26T22:30:00Z");
const TWO_DAYS = { months: 0, days: 2, micros: 0 };

/** The events of a query whose `column` is not older than two days. */
async function retained(
  column: string,
  zone: string,
  rows: readonly WeightedRow[],
): Promise<[ClockedDatabase, ClockedQuery]> {
  const database = await ClockedDatabase.open(EVENT_COLUMNS, zone);
  database.setNow(START);
  const query = database.plan(`SELECT id, ${column} FROM event WHERE k = 1`);
  const plan = withRetention(query.plan, query.columns[1]!, TWO_DAYS);
  const maintained = new ClockedQuery(database, { ...query, plan });
  maintained.step(rows);
  return [database, maintained];
}

function event(id: number, at: number | null): WeightedRow {
  return { row: [id, 1, at, at, at === null ? null : Math.floor(at / DAY), null, null], weight: 1 };
}

describe("withRetention()", () => {
  for (const column of ["ts", "local", "d"]) {
    it(`lets rows go whose ${column} is too far back, but not those without`, async () => {
      const rows = [event(1, START - 3 * DAY), event(2, START - DAY), event(3, START + DAY), event(4, null)];
      const [database, query] = await retained(column, "UTC", rows);
      assertEquals(query.contents().length, 3);
      while (query.dueMicros !== undefined) {
        database.setNow(query.dueMicros);
        query.step();
      }
      assertEquals(query.contents(), ["v1:4n;"]);
      assertEquals(query.output(rows), ["v1:4n;"]);
    });
  }

  it("counts days as the zone does", async () => {
    const [database, query] = await retained("ts", "Europe/Berlin", [event(1, START)]);
    // Summer time ends in between: two days have 49 hours.
    database.setNow(START + 2 * DAY + HOUR);
    assertEquals([query.step(), query.dueMicros], [0, START + 2 * DAY + HOUR + 1]);
  });
});

describe("retentionPredicate()", () => {
  const predicateOf = (type: SqlType) =>
    retentionPredicate({ id: 1, name: "at", type, nullable: true }, TWO_DAYS);

  it("takes the types that have a time", () => {
    assertEquals([DATE, TIMESTAMP, TIMESTAMPTZ].map((type) => predicateOf(type).kind), ["or", "or", "or"]);
  });

  it("refuses other types, with the column and its type", () => {
    assertThrows(() => predicateOf(TEXT), QueryError, "received at of type TEXT");
  });
});

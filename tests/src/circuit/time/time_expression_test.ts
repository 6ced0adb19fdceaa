import process from "node:process";
import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { SeededRandom } from "../../../../src/base/random.ts";
import type { Scalar } from "../../../../src/query/plan.ts";
import { planNodes, planScalars } from "../../../../src/query/plan_walk.ts";
import { TimeExpression } from "../../../../src/circuit/time/time_expression.ts";
import { type TimeContext, timeSteps } from "../../../../src/circuit/time/time_step.ts";
import { offsetChanges } from "../../../../src/circuit/time/zone_changes.ts";
import { timeZone } from "../../../../src/query/functions/time_zone.ts";
import { ClockedDatabase } from "./clocked_query.ts";
import { DAY, EVENT_COLUMNS, HOUR, microsOf } from "./temporal_queries.ts";

/** A database in a zone, and what the analysis needs. */
async function contextIn(zone: string): Promise<{ database: ClockedDatabase; context: TimeContext }> {
  const database = await ClockedDatabase.open(EVENT_COLUMNS, zone);
  const execution = database.host.environment(() => {
    throw new TypeError("No table is read");
  });
  return { database, context: { execution, isDeterministic: (scalar) => database.host.isImmutable(scalar) } };
}

function scalarOf(database: ClockedDatabase, sql: string): Scalar {
  for (const node of planNodes(database.plan(`SELECT ${sql} AS x FROM event`).plan)) {
    if (node.kind === "project") return planScalars(node).at(-1)!;
  }
  throw new TypeError(`No expression in ${sql}`);
}

async function expressionIn(zone: string, sql: string): Promise<TimeExpression> {
  const { database, context } = await contextIn(zone);
  const scalar = scalarOf(database, sql);
  const steps = timeSteps(scalar, context);
  if (steps === undefined) throw new TypeError(`${sql} is no expression of time`);
  return new TimeExpression(scalar, steps, context.execution);
}

const FALLING: readonly (readonly [zone: string, sql: string, from: string])[] = [
  ["Europe/Berlin", "localtimestamp", "2024-10-26T12:00:00Z"],
  ["Europe/Berlin", "now() - interval '1 day'", "2024-03-31T12:00:00Z"],
  ["Europe/Berlin", "now() + interval '1 month 1 day'", "2024-02-28T12:00:00Z"],
  ["America/New_York", "(now() AT TIME ZONE 'Europe/Berlin')::timestamptz", "2024-03-09T12:00:00Z"],
  ["America/New_York", "current_date::timestamptz", "2024-03-09T12:00:00Z"],
  ["UTC", "now() - interval '1 month'", "2024-03-27T12:00:00Z"],
  ["UTC", "now() + interval '1 month'", "2023-01-27T12:00:00Z"],
  ["UTC", "localtimestamp + interval '1 year'", "2024-02-27T12:00:00Z"],
  ["Asia/Beirut", "current_date", "2024-10-26T12:00:00Z"],
  ["Australia/Lord_Howe", "date_trunc('hour', now())", "2024-04-06T12:00:00Z"],
  ["Europe/Berlin", "dateadd('day', -2, now())", "2024-04-01T12:00:00Z"],
];

describe("TimeExpression", () => {
  for (const [zone, sql, from] of FALLING) {
    it(`knows where ${sql} falls in ${zone}`, async () => {
      const expression = await expressionIn(zone, sql);
      const start = microsOf(from);
      const step = HOUR / 4;
      for (let time = start; time < start + 5 * DAY; time += step) {
        const fell = expression.at(time + step) < expression.at(time);
        if (fell) assert(expression.risesUntil(time) < time + step, new Date(time / 1000).toISOString());
      }
    });
  }

  it("finds the first time at which it reaches or passes a value", async () => {
    const seed = Number(process.env["LIVEVIEW_SEED"] ?? 3);
    const random = new SeededRandom(seed);
    for (const [zone, sql, from] of FALLING) {
      const expression = await expressionIn(zone, sql);
      for (let run = 0; run < 20; run++) {
        const now = microsOf(from) + random.integer(0, 4 * 24) * HOUR + random.integer(-1, 1);
        const key = expression.at(now) + random.integer(1, 5) * (sql === "current_date" ? 1 : HOUR);
        for (const beyond of [false, true]) {
          const has = (time: number): boolean =>
            beyond ? expression.at(time) > key : expression.at(time) >= key;
          const at = expression.reaches(key, beyond, now);
          const message = `${sql} in ${zone} from ${now}, seed ${seed}`;
          assert(at > now && !has(at - 1), message);
          // When the value falls first, that is the time to ask again.
          assert(has(at) || expression.at(at) < expression.at(at - 1) || expression.mayFall, message);
        }
      }
    }
  });
});

describe("timeSteps()", () => {
  const known: Readonly<Record<string, number>> = {
    "now()": 0,
    "current_timestamp(3)": 0,
    "now() - interval '30 minutes'": 0,
    "interval '1 hour' + now()": 0,
    "now() - interval '1 day'": 1,
    "now() - interval '1 month'": 1,
    "localtimestamp": 1,
    "current_date - 7": 1,
    "current_date - interval '1 month'": 1,
    "current_date::timestamp": 1,
    "current_date::timestamptz": 2,
    "localtimestamp::date": 1,
    "now()::timestamp::timestamptz": 2,
    "date_trunc('month', now())": 1,
    "date_trunc('month', now(), 'Asia/Tokyo')": 1,
    "date_trunc('month', now(), 'UTC')": 0,
    "date_trunc('month', localtimestamp)": 1,
    "now() AT TIME ZONE 'UTC'": 0,
    "now() AT TIME ZONE interval '2 hours'": 0,
    "localtimestamp AT TIME ZONE 'Asia/Tokyo'": 2,
    "timezone(now())": 1,
    "epoch_ms(now()) - 1000": 0,
    "year(now())": 1,
    "year(now())::bigint + 1": 1,
    "time_bucket(interval '5 minutes', now())": 0,
    "datediff('week', DATE '2020-01-01', current_date)": 1,
    "dateadd('month', 2, now())": 1,
    "'today'::timestamp": 2,
  };
  for (const [sql, count] of Object.entries(known)) {
    it(`finds ${count} steps that may fall in ${sql}`, async () => {
      const { database, context } = await contextIn("Europe/Berlin");
      assertEquals(timeSteps(scalarOf(database, sql), context)?.length, count);
    });
  }

  it("finds none in a zone without changes but those of months", async () => {
    const { database, context } = await contextIn("Etc/GMT+5");
    const count = (sql: string): number | undefined => timeSteps(scalarOf(database, sql), context)?.length;
    assertEquals(["current_date", "now() - interval '1 day'", "'now'::timestamptz"].map(count), [0, 0, 0]);
    assertEquals(["now() - interval '1 month'", "date_trunc('day', now())"].map(count), [1, 0]);
  });

  const unknown = [
    ...["extract(year from now())", "now() - ts", "current_date + k", "to_char(now(), 'YYYY')"],
    ...["date_trunc(CASE WHEN k = 1 THEN 'day' ELSE 'hour' END, now())", "dateadd('day', k, now())"],
    ...[
      "datediff('day', current_date, DATE '2020-01-01')",
      "now() AT TIME ZONE CASE WHEN k = 1 THEN 'UTC' END",
    ],
    ...["date_trunc('day', now(), CASE WHEN k = 1 THEN 'UTC' END)", "'epoch'::timestamp + (now() - now())"],
    "CASE WHEN current_date > DATE '2024-01-01' THEN now() END",
    ...["now()::text", "date '2024-01-01' - current_date", "now() + interval '1 day' * (1 / 0)"],
  ];
  for (const sql of unknown) {
    it(`knows nothing of ${sql}`, async () => {
      const { database, context } = await contextIn("UTC");
      assertEquals(timeSteps(scalarOf(database, sql), context), undefined);
    });
  }
});

describe("offsetChanges()", () => {
  it("gives the changes of summer time after one time up to another", () => {
    const zone = timeZone("Europe/Berlin");
    const spring = microsOf("2024-03-31T01:00:00Z");
    const autumn = microsOf("2024-10-27T01:00:00Z");
    const year = offsetChanges(zone, microsOf("2024-01-01T00:00:00Z"), microsOf("2025-01-01T00:00:00Z"));
    assertEquals(year, [
      { at: spring, before: HOUR, after: 2 * HOUR },
      { at: autumn, before: 2 * HOUR, after: HOUR },
    ]);
    assertEquals(offsetChanges(zone, spring - 1, spring).length, 1);
    assertEquals(offsetChanges(zone, spring, autumn - 1).length, 0);
  });
});

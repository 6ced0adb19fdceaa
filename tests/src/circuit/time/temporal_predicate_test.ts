import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { temporalPredicate } from "../../../../src/circuit/time/temporal_predicate.ts";
import type { Scalar } from "../../../../src/query/plan.ts";
import { planNodes } from "../../../../src/query/plan_walk.ts";
import { ClockedDatabase } from "./clocked_query.ts";
import { EVENT_COLUMNS } from "./temporal_queries.ts";

/** A scalar in a few words. */
function shown(scalar: Scalar): string {
  switch (scalar.kind) {
    case "column":
      return scalar.name;
    case "literal":
      return typeof scalar.value === "object" ? JSON.stringify(scalar.value) : String(scalar.value);
    case "cast":
      return `${shown(scalar.argument)}::${scalar.type.kind}`;
    case "call": {
      const args = scalar.arguments.map(shown);
      return /^\w/.test(scalar.name) ? `${scalar.name}(${args.join(", ")})` : args.join(` ${scalar.name} `);
    }
    default:
      return scalar.kind;
  }
}

async function predicateOf(condition: string): Promise<string | undefined> {
  const database = await ClockedDatabase.open(EVENT_COLUMNS);
  const execution = database.host.environment(() => {
    throw new TypeError("No table is read");
  });
  const { plan } = database.plan(`SELECT id FROM event WHERE ${condition}`);
  const filter = [...planNodes(plan)].find((node) => node.kind === "filter");
  if (filter?.kind !== "filter") throw new TypeError(`No filter for ${condition}`);
  const predicate = temporalPredicate(filter.predicate, {
    execution,
    isDeterministic: (scalar) => database.host.isImmutable(scalar),
  });
  if (predicate === undefined) return undefined;
  return `${shown(predicate.row)} ${predicate.operator} ${shown(predicate.time.scalar)}`;
}

const HOUR = '{"months":0,"days":0,"micros":3600000000}';

describe("temporalPredicate()", () => {
  const known: Readonly<Record<string, string>> = {
    "ts > now()": "ts > now()",
    "now() > ts": "ts < now()",
    "now() - ts < interval '1 hour'": `ts > now() - ${HOUR}`,
    "interval '1 hour' <= now() - ts": `ts <= now() - ${HOUR}`,
    "ts - now() < interval '1 hour'": `ts < now() + ${HOUR}`,
    "now() - ts = interval '60 minutes'": `ts = now() - ${HOUR}`,
    "current_date - d <= 7": "d >= current_date() - 7",
    "d - current_date > 7": "d > current_date() + 7",
    "datediff('week', d, current_date) < 2": "datediff(week, 0, d) > datediff(week, 0, current_date()) - 2",
    "datediff('week', current_date, d) < 2": "datediff(week, 0, d) < datediff(week, 0, current_date()) + 2",
    "extract(year from ts) >= extract(year from now())": "year(ts) >= year(now())",
    "date_part('year', d) = date_part('year', now())": "year(d) = year(now())",
    "d > now()": "d::timestamptz > now()",
    "current_date - d < 7::bigint": "d > current_date() - 7",
  };
  for (const [condition, expected] of Object.entries(known)) {
    it(`takes ${condition} for ${expected}`, async () => {
      assertEquals(await predicateOf(condition), expected);
    });
  }

  const unknown = [
    ...["ts + (now() - ts) > ts", "k > random()", "extract(month from ts) = extract(month from now())"],
    ...[
      "age(now(), ts) < interval '1 month'",
      "now() - ts < interval '1 hour' * k",
      "local::time < localtime",
    ],
    ...["extract(year from ts) = extract(month from now())", "now() - interval '1 day' > now()"],
    ...["datediff(CASE WHEN k = 1 THEN 'day' ELSE 'week' END, d, current_date) < 3"],
    ...["datediff('day', d, current_date) < k", "now() > ts - (now() - ts)"],
    ...["CASE WHEN ts > now() THEN 1 ELSE k END = 1", "ts - (now() - ts) > TIMESTAMPTZ '2024-01-01'"],
    ...["datediff('day', d, current_date) < 1.5", "datediff('day', now(), current_date + 1) < 3"],
    ...["datediff('day', d, current_date) < 1 / 0", "ts > greatest(now(), TIMESTAMPTZ '2024-01-01')"],
    ...["date_part(CASE WHEN k = 1 THEN 'year' ELSE 'month' END, d) = date_part('year', now())"],
    ...["current_date - d < 3000000000", "now() - ts > interval '170000000 years'"],
    ...["coalesce(k, 1) - year(now()) > 3", "d - current_date < 1 / 0"],
  ];
  for (const condition of unknown) {
    it(`has none for ${condition}`, async () => {
      assertEquals(await predicateOf(condition), undefined);
    });
  }
});

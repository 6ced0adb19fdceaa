/**
 * Queries over a table of events that depend on the time, and random events around a time.
 *
 * @module
 */
import type { SeededRandom } from "../../../../src/base/random.ts";
import type { Datum } from "../../../../src/storage/sql_type.ts";

export const SECOND: number = 1_000_000;
export const HOUR: number = 3600 * SECOND;
export const DAY: number = 24 * HOUR;
export const EVENT_COLUMNS: string =
  "id INTEGER, k INTEGER, ts TIMESTAMPTZ, local TIMESTAMP, d DATE, ms BIGINT, until TIMESTAMPTZ";

/** Conditions on time, and expressions with conditions on time. */
export const TEMPORAL_QUERIES: readonly string[] = [
  "SELECT id, ts FROM event WHERE ts > now() - interval '30 days'",
  "SELECT id FROM event WHERE ts >= now() - interval '36 hours' AND ts < now()",
  "SELECT id FROM event WHERE ts BETWEEN now() - interval '1 month' AND now() + interval '1 month'",
  "SELECT id FROM event WHERE now() - ts < interval '2 days' AND k > 1",
  "SELECT id FROM event WHERE ts - now() >= interval '1 day'",
  "SELECT id FROM event WHERE ts + interval '1 day' > now() OR k = 2",
  "SELECT id FROM event WHERE until IS NULL OR until > now()",
  "SELECT id FROM event WHERE ts <= now() AND (until IS NULL OR until > now())",
  "SELECT id FROM event WHERE d = current_date",
  "SELECT id FROM event WHERE d <> current_date",
  "SELECT id FROM event WHERE d >= current_date - 7 AND d < current_date + 7",
  "SELECT id FROM event WHERE current_date - d <= 2",
  "SELECT id FROM event WHERE d > current_date - interval '1 month'",
  "SELECT id FROM event WHERE d > now() - interval '3 days'",
  "SELECT id FROM event WHERE ts::date = current_date",
  "SELECT id FROM event WHERE d > 'yesterday' AND d <= 'tomorrow'",
  "SELECT id FROM event WHERE local > localtimestamp - interval '1 month 1 day'",
  "SELECT id FROM event WHERE local >= localtimestamp",
  "SELECT id FROM event WHERE local < now() AT TIME ZONE 'America/New_York'",
  "SELECT id FROM event WHERE ts >= date_trunc('day', now())",
  "SELECT id FROM event WHERE ts >= date_trunc('month', now()) - interval '1 month' AND ts < date_trunc('hour', now())",
  "SELECT id FROM event WHERE ts >= date_trunc('day', now(), 'Asia/Tokyo')",
  "SELECT id FROM event WHERE ts >= date_trunc('week', now() AT TIME ZONE 'Europe/Berlin') AT TIME ZONE 'Europe/Berlin'",
  "SELECT id FROM event WHERE date_trunc('month', ts) = date_trunc('month', now())",
  "SELECT id FROM event WHERE extract(year from d) = extract(year from now())",
  "SELECT id FROM event WHERE year(d) = year(current_date) AND d < last_day(current_date)",
  "SELECT id FROM event WHERE datediff('month', d, current_date) <= 1",
  "SELECT id FROM event WHERE date_diff('day', ts, now()) BETWEEN 0 AND 6",
  "SELECT id FROM event WHERE datediff('hour', now(), ts) > 5",
  "SELECT id FROM event WHERE ts > dateadd('day', -3, now()) AND d > dateadd('month', -1, current_date)",
  "SELECT id FROM event WHERE ms > epoch_ms(now()) - 86400000",
  "SELECT id FROM event WHERE ts > date_bin('15 minutes', now(), TIMESTAMPTZ '2024-01-01')",
  "SELECT id, CASE WHEN d < current_date THEN 'overdue' WHEN d = current_date THEN 'today' END AS due FROM event",
  "SELECT id, ts > now() - interval '1 day' AS fresh FROM event WHERE k < 3",
  "SELECT k, count(*) AS n, count(*) FILTER (WHERE ts > now() - interval '7 days') AS week, " +
  "count(*) FILTER (WHERE ts > now() - interval '1 day') AS day FROM event GROUP BY k",
  "SELECT sum(CASE WHEN ts > now() THEN k ELSE 0 END) AS s FROM event",
  "SELECT id FROM event WHERE until IS NULL OR (ts > now() AND k = 1)",
  "SELECT id FROM event WHERE until IS NULL OR ts > now()",
  "SELECT id FROM event WHERE CASE WHEN ts > now() THEN k ELSE 0 END > 1",
  "SELECT count(*) FILTER (WHERE ts > now()) AS n, sum(k) FILTER (WHERE ts > now()) AS s FROM event",
  "SELECT ts > now() AS ahead, count(*) AS n FROM event GROUP BY 1",
  "SELECT k, count(*) AS n FROM event WHERE ts > now() - interval '2 days' GROUP BY k HAVING count(*) > 1",
  "SELECT a.id, b.id AS other FROM event a JOIN event b ON a.k = b.k AND a.ts > now() AND b.ts <= now()",
  "SELECT a.id, b.id AS other FROM event a JOIN event b ON a.k = b.k AND (a.ts > now() OR b.ts <= now())",
  "SELECT a.id, c.id AS other FROM event a JOIN event b ON a.id = b.id AND (a.d > current_date OR b.k = 1) " +
  "JOIN event c ON b.k = c.k AND greatest(a.ts, c.ts) < now()",
  "SELECT a.id, b.id AS other FROM event a LEFT JOIN event b ON a.k = b.k AND a.ts > now() AND b.ts <= now()",
  "SELECT id FROM event a WHERE EXISTS (SELECT 1 FROM event b WHERE b.k = a.k AND b.ts > now() - interval '1 day')",
  "SELECT id, row_number() OVER (PARTITION BY k, ts > now() ORDER BY id) AS n FROM event",
  "SELECT id FROM event WHERE ts > now() - interval '5 days' ORDER BY id LIMIT 3",
  "SELECT id FROM event ORDER BY ts > now(), id LIMIT 3",
  "SELECT DISTINCT k FROM event WHERE d > current_date",
  "SELECT k FROM event WHERE ts > now() UNION SELECT k FROM event WHERE d < current_date",
  "SELECT id FROM event WHERE ts > now() EXCEPT ALL SELECT id FROM event WHERE until > now()",
  "SELECT id FROM event WHERE k NOT IN (SELECT k FROM event WHERE ts > now() - interval '1 day')",
  "SELECT id, (SELECT count(*) FROM event WHERE ts > now()) AS n FROM event",
  "SELECT id, (SELECT max(b.id) FROM event b WHERE b.k = a.k AND b.ts <= now()) AS m FROM event a",
  "WITH fresh AS (SELECT k, ts FROM event WHERE ts > now() - interval '1 day') " +
  "SELECT a.k, count(*) AS n FROM fresh a JOIN fresh b ON a.k = b.k GROUP BY a.k",
  "SELECT a.id, b.id AS other FROM event a FULL JOIN event b ON a.k = b.k AND a.ts > now() AND b.d < current_date",
  "SELECT DISTINCT ON (k) k, id, ts FROM event WHERE ts <= now() ORDER BY k, ts DESC, id",
  "SELECT k, d, count(*) AS n FROM event WHERE d >= current_date - 3 GROUP BY ROLLUP (k, d)",
  "SELECT k, string_agg(id::text, ',' ORDER BY id) FILTER (WHERE until > now()) AS ids FROM event GROUP BY k",
  "SELECT id FROM event WHERE ts > now() - interval '2 days' QUALIFY row_number() OVER (PARTITION BY k ORDER BY ts, id) = 1",
  "SELECT id, x FROM event, unnest(ARRAY[k, id]) AS u(x) WHERE ts > now()",
  "SELECT id FROM event WHERE NOT (d BETWEEN current_date - 1 AND current_date + 1)",
  "SELECT id FROM event WHERE (d, ts) > (current_date, now())",
  "SELECT id FROM event WHERE (ts > now()) IS NOT TRUE",
  "SELECT id, age(until, ts) AS length FROM event WHERE until > now()",
];

/** Times around which something happens: month ends, leap days, changes of summer time. */
export const MOMENTS: readonly string[] = [
  "2023-12-31T23:00:00Z",
  "2024-02-28T22:00:00Z",
  "2024-03-10T05:30:00Z",
  "2024-03-30T23:30:00Z",
  "2024-03-31T00:30:00Z",
  "2024-10-26T21:30:00Z",
  "2024-11-03T04:30:00Z",
  "2023-03-28T20:00:00Z",
];

export function microsOf(text: string): number {
  return Date.parse(text) * 1000;
}

export function randomEvent(random: SeededRandom, now: number): readonly Datum[] {
  const maybe = (value: Datum): Datum => random.next() < 0.1 ? null : value;
  const near = (): number => {
    const unit = random.pick([SECOND, HOUR, HOUR / 2, DAY, 10 * DAY]);
    const at = now + random.integer(-8, 8) * unit;
    return random.next() < 0.5 ? at : Math.floor(at / HOUR) * HOUR;
  };
  return [
    random.integer(1, 50),
    random.integer(1, 3),
    maybe(near()),
    maybe(near()),
    maybe(Math.floor(near() / DAY)),
    maybe(Math.floor(near() / 1000)),
    maybe(near()),
  ];
}

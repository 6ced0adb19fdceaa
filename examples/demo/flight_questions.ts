/**
 * Five questions about the flights within the United States in the first half of 2001, of which the package
 * vega-datasets has three million.
 *
 * The checksums are of the answers of another engine; a test compares the two.
 *
 * @module
 */

/** A question, its query, and the checksum of its answer; see answer_checksum.ts. */
export interface FlightQuestion {
  readonly question: string;
  readonly sql: string;
  readonly checksum: string;
}

/** The questions, over a table `flights (date, delay, distance, origin, destination)`. Delays are in minutes. */
export const FLIGHT_QUESTIONS: readonly FlightQuestion[] = [
  {
    question: "Which airports are the busiest, and how late are their flights?",
    sql: `
SELECT origin, count(*) AS flights, round(avg(delay), 1) AS mean_delay,
  round(100.0 * count(*) FILTER (WHERE delay > 15) / count(*), 1) AS percent_late
FROM flights
GROUP BY origin
ORDER BY flights DESC, origin
LIMIT 5`,
    checksum: "5:344a2d07556a9a3f",
  },
  {
    question: "Does it help to leave early in the day?",
    sql: `
SELECT CASE WHEN date_part('hour', date) < 5 THEN '5 night'
    WHEN date_part('hour', date) < 9 THEN '1 morning'
    WHEN date_part('hour', date) < 13 THEN '2 noon'
    WHEN date_part('hour', date) < 18 THEN '3 afternoon'
    ELSE '4 evening' END AS part_of_day,
  count(*) AS flights, round(avg(delay), 1) AS mean_delay
FROM flights
GROUP BY 1
ORDER BY 1`,
    checksum: "5:f828a37ed23e3b9d",
  },
  {
    question: "Which busy routes are the least punctual?",
    sql: `
SELECT origin, destination, count(*) AS flights, round(avg(delay), 1) AS mean_delay, max(delay) AS worst_delay
FROM flights
GROUP BY origin, destination
HAVING count(*) >= 1000
ORDER BY avg(delay) DESC, origin, destination
LIMIT 5`,
    checksum: "5:3fe06277ee759f75",
  },
  {
    question: "What was the worst day of each of the three busiest airports?",
    sql: `
WITH daily AS (
  SELECT origin, CAST(date AS date) AS day, count(*) AS flights, round(avg(delay), 1) AS mean_delay,
    sum(count(*)) OVER (PARTITION BY origin) AS airport_flights,
    row_number() OVER (PARTITION BY origin ORDER BY avg(delay) DESC) AS place
  FROM flights
  GROUP BY origin, CAST(date AS date)
  HAVING count(*) >= 100
)
SELECT origin, day, flights, mean_delay
FROM daily
WHERE place = 1
ORDER BY airport_flights DESC
LIMIT 3`,
    checksum: "3:40d90e55ac111fd3",
  },
  {
    question: "Do long flights make up for lost time?",
    sql: `
SELECT least(distance - distance % 500, 2000) AS miles_from, count(*) AS flights, round(avg(delay), 1) AS mean_delay,
  round(100.0 * count(*) FILTER (WHERE delay <= 0) / count(*), 1) AS percent_on_time
FROM flights
GROUP BY 1
ORDER BY 1`,
    checksum: "5:5eed781637d5cd06",
  },
];

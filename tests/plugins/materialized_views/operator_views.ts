/**
 * A query for each kind of operator, over three tables, and two changes that undo each other and reach all of them.
 *
 * @module
 */
import type { SetOperator } from "../../../src/circuit/nodes/set_operation.ts";
import type { JoinKind } from "../../../src/query/plan.ts";

/** The time at which the tables are made. */
export const START_MS: number = Date.UTC(2024, 4, 1);

/** The tables of all queries; `v` is never below 1. */
export const TABLES: string = `
  CREATE TABLE a (id INTEGER PRIMARY KEY, k INTEGER, v INTEGER, s TEXT, at TIMESTAMPTZ);
  CREATE TABLE b (id INTEGER PRIMARY KEY, k INTEGER, v INTEGER);
  CREATE TABLE edge (x INTEGER, y INTEGER);
  INSERT INTO a VALUES (1, 1, 3, 'one', '2024-04-30 12:00Z'), (2, 1, 5, 'two', '2024-05-01 06:00Z'),
    (3, 2, 5, NULL, '2024-05-02 12:00Z'), (4, NULL, 8, 'four', '2024-05-01 12:00Z'), (5, 4, 1, 'one', NULL);
  INSERT INTO b VALUES (1, 1, 4), (2, 2, 6), (3, 3, 2), (4, NULL, 5);
  INSERT INTO edge VALUES (1, 2), (2, 3), (1, 3), (3, 5)`;

/** Each undoes the other. */
export const CHANGES: readonly [string, string] = [
  `UPDATE a SET v = v + 1, k = 5 - k; INSERT INTO a VALUES (9, 2, 7, 'nine', '2024-05-01 18:00Z');
   UPDATE b SET v = v + 2 WHERE id <> 3; DELETE FROM b WHERE id = 3;
   INSERT INTO edge VALUES (5, 6), (2, 4); DELETE FROM edge WHERE x = 1 AND y = 3`,
  `DELETE FROM a WHERE id = 9; UPDATE a SET v = v - 1, k = 5 - k;
   INSERT INTO b VALUES (3, 3, 2); UPDATE b SET v = v - 2 WHERE id <> 3;
   DELETE FROM edge WHERE y IN (4, 6); INSERT INTO edge VALUES (1, 3)`,
];

type AsofKind = "asof" | "asofLeft";

/** `$n` stands for a number below 1: queries with different ones give the same rows by other operators. */
const OF_MATCHES: Readonly<Record<Exclude<JoinKind, "inner" | AsofKind>, string>> = {
  left: "SELECT a.id, b.v FROM a LEFT JOIN b ON a.k = b.k WHERE a.v > $n",
  // A left join whose left side is by far the smaller one.
  right: "SELECT x.n, a.id FROM (SELECT count(*) AS n FROM b WHERE v > $n) x LEFT JOIN a ON a.k = x.n",
  full: "SELECT x.id, b.v FROM (SELECT * FROM a WHERE v > $n) x FULL JOIN b ON x.k = b.k",
  semi: "SELECT id FROM a WHERE k IN (SELECT k FROM b) AND v > $n",
  anti: "SELECT id FROM a WHERE NOT EXISTS (SELECT 1 FROM b WHERE b.k = a.k) AND v > $n",
  mark: "SELECT id, EXISTS (SELECT 1 FROM b WHERE b.k = a.k) AS found FROM a WHERE v > $n",
  single: "SELECT id, (SELECT b.v FROM b WHERE b.k = a.k) AS other FROM a WHERE v > $n",
};

const OF_PAIRS: Readonly<Record<Exclude<JoinKind, "inner" | AsofKind>, string>> = {
  left: "SELECT a.id, b.v FROM a LEFT JOIN b ON a.v < b.v WHERE a.v > $n",
  right: "SELECT x.n, a.id FROM (SELECT count(*) AS n FROM b WHERE v > $n) x LEFT JOIN a ON a.v > x.n",
  full: "SELECT x.id, b.v FROM (SELECT * FROM a WHERE v > $n) x FULL JOIN b ON x.v < b.v",
  semi: "SELECT id FROM a WHERE EXISTS (SELECT 1 FROM b WHERE b.v < a.v) AND v > $n",
  anti: "SELECT id FROM a WHERE NOT EXISTS (SELECT 1 FROM b WHERE b.v < a.v) AND v > $n",
  mark: "SELECT id, EXISTS (SELECT 1 FROM b WHERE b.v < a.v) AS found FROM a WHERE v > $n",
  single: "SELECT id, (SELECT b.v FROM b WHERE b.v < a.v AND b.k > 2) AS other FROM a WHERE v > $n",
};

const OF_NEAREST: Readonly<Record<AsofKind, string>> = {
  asof: "SELECT x.id, b.v FROM (SELECT * FROM a WHERE v > $n) x ASOF JOIN b ON x.k = b.k AND x.v >= b.v",
  asofLeft: "SELECT x.id, b.v FROM (SELECT * FROM a WHERE v > $n) x ASOF LEFT JOIN b ON x.v >= b.v",
};

/** DISTINCT is planned as a group. */
const OF_SETS: Readonly<Record<Exclude<SetOperator, "distinct">, string>> = {
  union: "SELECT k FROM a WHERE v > $n UNION SELECT k FROM b",
  intersect: "SELECT k FROM a WHERE v > $n INTERSECT SELECT k FROM b",
  except: "SELECT k FROM a WHERE v > $n EXCEPT SELECT k FROM b",
  "intersect all": "SELECT k FROM a WHERE v > $n INTERSECT ALL SELECT k FROM b",
  "except all": "SELECT k FROM a WHERE v > $n EXCEPT ALL SELECT k FROM b",
};

/** Queries by the kind of operator that they are for: its class and name. */
export const QUERIES: Readonly<Record<string, string>> = {
  "TableNode table": "SELECT id, v FROM a WHERE v > $n",
  "ConstantNode values":
    "SELECT a.id, x.label FROM a JOIN (VALUES (1, 'one'), (2, 'two')) AS x(k, label) ON a.k = x.k WHERE a.v > $n",
  "FilterNode filter": "SELECT id, v FROM a WHERE v > $n",
  "ProjectNode project": "SELECT id, v + 1 - $n AS w FROM a",
  "RenameNode rename": "SELECT s, v, id FROM a WHERE v > $n",
  "UnionNode union all": "SELECT k, v FROM a WHERE v > $n UNION ALL SELECT k, v FROM b",
  "LinearTemplateNode table function": "SELECT id, n FROM a, generate_series(1, v) AS s(n) WHERE v > $n",
  "GuardNode guard": "SELECT id, 100 / v AS x FROM a WHERE v > $n",
  "DeltaJoinNode inner join": "SELECT a.id, b.v FROM a JOIN b ON a.k = b.k WHERE a.v > $n",
  ...Object.fromEntries(Object.entries(OF_MATCHES).map(([join, sql]) => [`MatchJoinNode ${join} join`, sql])),
  ...Object.fromEntries(
    Object.entries(OF_PAIRS).map(([join, sql]) => [`PairJoinNode ${join} pair join`, sql]),
  ),
  "AsofJoinNode asof join": OF_NEAREST.asof,
  "AsofJoinNode asof left join": OF_NEAREST.asofLeft,
  "GroupNode group": "SELECT k, sum(v) AS s, min(v) AS low FROM a WHERE v > $n GROUP BY ROLLUP (k)",
  ...Object.fromEntries(Object.entries(OF_SETS).map(([name, sql]) => [`SetNode ${name}`, sql])),
  "DistinctOnNode distinct on": "SELECT DISTINCT ON (k) k, id FROM a WHERE v > $n ORDER BY k, v DESC, id",
  "WindowNode window":
    "SELECT id, sum(v) OVER (PARTITION BY k ORDER BY id) AS s, rank() OVER (ORDER BY v) AS r FROM a WHERE v > $n",
  "TopKNode top k": "SELECT id, v FROM a WHERE v > $n ORDER BY v DESC, id LIMIT 3",
  "RecursiveSetNode recursion": `WITH RECURSIVE r AS (
    SELECT x FROM edge WHERE x > $n UNION SELECT edge.y FROM r JOIN edge ON edge.x = r.x) SELECT * FROM r`,
  "RecursiveBagNode recursion": `WITH RECURSIVE r AS (
    SELECT x, y FROM edge WHERE x > $n UNION ALL SELECT r.x, edge.y FROM r JOIN edge ON edge.x = r.y)
    SELECT * FROM r`,
  "GivenNode given": `WITH RECURSIVE r AS (
    SELECT y FROM edge WHERE x > $n UNION SELECT y + 1 FROM r WHERE y < 9) SELECT * FROM r`,
  "RecomputeNode recomputed recursive query": `WITH RECURSIVE r AS (
    SELECT x FROM edge WHERE x > $n UNION (SELECT x + 1 FROM r WHERE x < 9 EXCEPT SELECT y FROM edge))
    SELECT * FROM r`,
  "RecomputeNode recomputed top k": "SELECT id, v FROM a WHERE v > $n ORDER BY v, id LIMIT 70000",
  "TemporalFilterNode temporal filter": "SELECT id FROM a WHERE at > now() - interval '1 day' AND v > $n",
  "TemporalMarkNode temporal mark": "SELECT id, at > now() AS ahead FROM a WHERE v > $n",
};

/** The query for a kind of operator, with operators of its own for each `n` below 1. */
export function queryOf(kind: string, n: number): string {
  return QUERIES[kind]!.replaceAll("$n", `(${n})`);
}

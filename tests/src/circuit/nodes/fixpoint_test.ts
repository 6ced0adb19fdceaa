import process from "node:process";
import { describe, it } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { LimitError } from "../../../../src/base/error.ts";
import { SeededRandom } from "../../../../src/base/random.ts";
import { deltaOfRows } from "../../../../src/circuit/delta.ts";
import { fixpointNode } from "../../../../src/circuit/nodes/fixpoint.ts";
import { RenameNode } from "../../../../src/circuit/nodes/linear.ts";
import { GivenNode } from "../../../../src/circuit/step_circuit.ts";
import type { Plan } from "../../../../src/query/plan.ts";
import { planColumns, planNodes } from "../../../../src/query/plan_walk.ts";
import { type Datum, INTEGER } from "../../../../src/storage/sql_type.ts";
import { environment } from "../../exec/operators/plan_run.ts";
import { optimized } from "../../planner/sql_planning.ts";
import { CircuitTrial, come, go } from "./circuit_trial.ts";
import { RandomRows } from "./random_rows.ts";

const TABLES = {
  edge: "a integer, b integer, w integer",
  start: "x integer",
  part: "whole integer, piece integer, n integer",
};
const SEED = Number(process.env["LIVEVIEW_SEED"] ?? 14);
const RUNS = Number(process.env["LIVEVIEW_RUNS"] ?? 1);

/** Queries over a graph with cycles. */
const SETS: Readonly<Record<string, string>> = {
  reachable: `WITH RECURSIVE r AS (
    SELECT x FROM start UNION SELECT edge.b FROM r JOIN edge ON edge.a = r.x) SELECT * FROM r`,
  pairs: `WITH RECURSIVE r AS (
    SELECT a, b FROM edge WHERE w < 6 UNION SELECT r.a, edge.b FROM edge JOIN r ON edge.a = r.b WHERE edge.w < 6)
    SELECT a, count(*) AS n FROM r GROUP BY a`,
  depths: `WITH RECURSIVE r AS (
    SELECT x, 0 AS depth FROM start UNION SELECT b, depth + 1 FROM r, edge WHERE a = x AND depth < 4)
    SELECT x, min(depth) AS depth FROM r GROUP BY x`,
  both_ways: `WITH RECURSIVE r AS (
    SELECT x FROM start UNION (SELECT e.y FROM r JOIN (
      SELECT a AS x, b AS y FROM edge WHERE w < 3 UNION ALL SELECT b, a FROM edge WHERE w < 3) e ON e.x = r.x))
    SELECT * FROM r`,
  branches: `WITH RECURSIVE r AS (
    SELECT x FROM start UNION (SELECT x + 1 FROM r WHERE x < 60 UNION ALL SELECT a FROM edge WHERE w = 3 ORDER BY 1))
    SELECT * FROM r`,
  lateral: `WITH RECURSIVE r AS (
    SELECT x FROM start UNION SELECT b FROM r, LATERAL (SELECT b FROM edge WHERE a = x ORDER BY b LIMIT 1) e)
    SELECT * FROM r`,
  exists: `WITH RECURSIVE r AS (
    SELECT x FROM start UNION SELECT x + 1 FROM r WHERE EXISTS (SELECT 1 FROM edge WHERE a = x AND w < 4))
    SELECT * FROM r`,
  series: `WITH RECURSIVE r AS (
    SELECT x FROM start UNION SELECT n FROM r, generate_series(x, x + 1) AS s(n) WHERE n < 80) SELECT * FROM r`,
  values: `WITH RECURSIVE r(x) AS (
    VALUES (1), (2) UNION SELECT b FROM edge JOIN r ON a = x) SELECT x FROM r WHERE x > 3`,
};

/** Queries over a tree of parts. */
const BAGS: Readonly<Record<string, string>> = {
  pieces: `WITH RECURSIVE r AS (
    SELECT whole, piece, n FROM part WHERE whole < 3
    UNION ALL SELECT part.whole, part.piece, r.n * part.n FROM r JOIN part ON part.whole = r.piece)
    SELECT piece, sum(n) AS total FROM r GROUP BY piece`,
  paths: `WITH RECURSIVE r AS (
    SELECT whole, piece FROM part UNION ALL SELECT r.whole, part.piece FROM r JOIN part ON part.whole = r.piece)
    SELECT * FROM r`,
  outer: `WITH RECURSIVE r AS (
    SELECT 1 AS x UNION ALL SELECT coalesce(part.piece, 90) FROM r LEFT JOIN part ON whole = x WHERE x < 80)
    SELECT * FROM r`,
  counting:
    "WITH RECURSIVE r AS (SELECT x FROM start UNION ALL SELECT x + 7 FROM r WHERE x < 60) SELECT * FROM r",
};

/** Queries that are recomputed. */
const WHOLE: Readonly<Record<string, string>> = {
  distinct: `WITH RECURSIVE r AS (
    SELECT a, b FROM edge WHERE w = 0 UNION SELECT DISTINCT r.a, edge.b FROM edge JOIN r ON r.b = edge.a)
    SELECT * FROM r`,
  difference: `WITH RECURSIVE r AS (
    SELECT x FROM start UNION (SELECT x + 1 FROM r WHERE x < 60 EXCEPT SELECT a FROM edge)) SELECT * FROM r`,
  mark: `WITH RECURSIVE r AS (
    SELECT x FROM start UNION ALL SELECT x + 1 FROM r WHERE x < 40 AND (x < 20 OR x IN (SELECT a FROM edge)))
    SELECT * FROM r`,
  forms: `WITH RECURSIVE r AS (
    SELECT x / 2.0 AS y FROM start UNION SELECT y + 1 FROM r WHERE y < 20) SELECT * FROM r`,
  without: `WITH RECURSIVE r AS (
    SELECT x FROM start UNION SELECT x + 1 FROM r WHERE x < 50 AND NOT EXISTS (SELECT 1 FROM edge WHERE a = x))
    SELECT * FROM r`,
};

function tables(random: SeededRandom) {
  const maybe = (value: number) => random.next() < 0.05 ? null : value;
  return {
    edge: new RandomRows(
      random,
      (): Datum[] => [random.integer(0, 60), maybe(random.integer(0, 60)), random.integer(0, 9)],
    ),
    start: new RandomRows(random, (): Datum[] => [maybe(random.integer(0, 60))]),
    part: new RandomRows(random, (): Datum[] => {
      const whole = random.integer(0, 30);
      return [whole, whole + random.integer(1, 30), random.integer(1, 3)];
    }),
  };
}

describe("fixpoint", () => {
  for (const [name, sql] of Object.entries({ ...SETS, ...BAGS, ...WHOLE })) {
    it(`has the rows of the query after random changes: ${name.replaceAll("_", " ")}`, () => {
      const random = new SeededRandom(SEED);
      const { edge, start, part } = tables(random);
      const trial = new CircuitTrial(sql, TABLES);
      assertEquals(trial.names.includes("recursion"), !(name in WHOLE), trial.names.join(" "));
      trial.apply({ edge: edge.insert(60), start: start.insert(2), part: part.insert(30) });
      for (let step = 0; step <= 40 * RUNS; step++) {
        assertEquals(trial.maintained(), trial.queried(), `step ${step}, seed ${SEED}`);
        if (step % 10 === 0) assertEquals(trial.given(), trial.queried());
        const few = (rows: RandomRows, most: number) => [
          ...rows.delete(random.integer(0, most)),
          ...rows.insert(random.integer(0, most)),
        ];
        trial.apply({
          edge: few(edge, 3),
          start: few(start, random.next() < 0.2 ? 1 : 0),
          part: few(part, 2),
        });
      }
      trial.apply({ edge: edge.delete(1000), start: start.delete(1000), part: part.delete(1000) });
      assertEquals(trial.maintained(), trial.queried());
      assertEquals(trial.given(), trial.queried());
    });
  }

  it("is no operator for steps that depend on the time, on chance, or on the recursion twice", () => {
    const { plan } = optimized(SETS.reachable!, {
      edge: { columns: TABLES.edge },
      start: { columns: TABLES.start },
    });
    const fixpoint = [...planNodes(plan)].find((node) => node.kind === "fixpoint")!;
    const compiler = {
      execution: environment([]),
      isDeterministic: () => true,
      compile: () => new GivenNode([]),
      compileStep: () => new GivenNode([]),
    };
    assert(fixpointNode(fixpoint, compiler) !== undefined);
    const join = [...planNodes(fixpoint.step)].find((node) => node.kind === "join")!;
    const steps: readonly Plan[] = [
      { ...join, lateral: true },
      { ...join, left: fixpoint.step, right: fixpoint.step },
    ];
    for (const step of steps) assertEquals(fixpointNode({ ...fixpoint, step }, compiler), undefined);
    const endless = "WITH RECURSIVE r AS (SELECT 1 AS x UNION SELECT x + 1 FROM r) SELECT * FROM r";
    const volatile = [...planNodes(optimized(endless, {}).plan)].find((node) => node.kind === "fixpoint")!;
    assertEquals(fixpointNode(volatile, { ...compiler, isDeterministic: () => false }), undefined);
  });

  it("drops a cycle that has lost its way in, also when a new edge derives it from itself", () => {
    const trial = new CircuitTrial(SETS.reachable!, TABLES);
    trial.apply({ start: come([1]), edge: come([1, 2, 0], [2, 3, 0], [3, 4, 0]) });
    assertEquals(trial.maintained(), ["1 x1", "2 x1", "3 x1", "4 x1"]);
    trial.apply({ edge: [...come([4, 2, 0]), ...go([1, 2, 0])] });
    assertEquals(trial.maintained(), ["1 x1"]);
    trial.apply({ edge: come([1, 3, 0]) });
    assertEquals(trial.maintained(), ["1 x1", "2 x1", "3 x1", "4 x1"]);
  });

  it("gives no change for a row that keeps another derivation", () => {
    const trial = new CircuitTrial(SETS.reachable!, TABLES);
    trial.apply({ start: come([1]), edge: come([1, 2, 0], [1, 2, 1], [2, 3, 0]) });
    trial.apply({ edge: go([1, 2, 1]) });
    assertEquals(trial.last, []);
    assertEquals(trial.maintained(), trial.queried());
  });

  it("looks at a bounded number of rows for a changed one, whatever the size of the graph", () => {
    for (const size of [1000, 10_000]) {
      const trial = new CircuitTrial(SETS.reachable!, TABLES);
      // A tree of ten levels or more: leaves come and go.
      const edges = Array.from({ length: size }, (_, i): Datum[] => [i >> 1, i + 1, 0]);
      trial.apply({ start: come([0]), edge: come(...edges) });
      assertEquals(trial.maintained().length, size + 1);
      for (let i = 0; i < 5; i++) {
        assert(trial.apply({ edge: go(edges[size - 1 - i]!) }) <= 16);
        assert(trial.apply({ edge: come([size - 10, 5_000_000 + i, 0]) }) <= 16);
      }
      assertEquals(trial.maintained(), trial.queried());
    }
  });

  it("is as small as before when rows have come and gone", () => {
    for (const sql of [SETS.reachable!, BAGS.counting!]) {
      const trial = new CircuitTrial(sql, TABLES);
      const edges = Array.from({ length: 1200 }, (_, i): Datum[] => [i, i + 1, 0]);
      const starts = Array.from({ length: 1200 }, (_, i): Datum[] => [-i]);
      const sizes: number[] = [];
      for (let round = 0; round < 4; round++) {
        trial.apply({ start: come([0], ...starts), edge: come(...edges) });
        trial.apply({ start: go([0], ...starts), edge: go(...edges) });
        assertEquals(trial.maintained(), []);
        sizes.push(trial.stateBytes);
      }
      assert(sizes.at(-1)! <= sizes[1]!, sizes.join(" "));
    }
  });

  it("refuses a recursion that does not end", () => {
    const endless = "WITH RECURSIVE r AS (SELECT 1 AS x UNION ALL SELECT x FROM r) SELECT * FROM r";
    const { plan } = optimized(endless, {});
    const fixpoint = [...planNodes(plan)].find((node) => node.kind === "fixpoint")!;
    const execution = environment([]);
    const node = fixpointNode(fixpoint, {
      execution,
      roundsMax: 100,
      isDeterministic: () => true,
      compile: (part) => new CircuitTrial("SELECT 1 AS x", {}, () => part).nodes.at(-2)!,
      compileStep: (step, given) => new RenameNode(given.get(fixpoint.cte)!, planColumns(step), [0]),
    })!;
    const base = deltaOfRows(come([1]), [INTEGER]);
    const epoch = { nowMicros: 0, tableDelta: () => undefined, valuesOf: () => new Set() };
    const error = assertThrows(() => node.apply([base], epoch), LimitError);
    assertEquals(error.code, "depth-limit");
  });

  it("refuses a recursion that needs too much memory", () => {
    const endless = "WITH RECURSIVE r AS (SELECT x FROM start UNION ALL SELECT x + 1 FROM r) SELECT * FROM r";
    const trial = new CircuitTrial(endless, TABLES, undefined, { memoryBytesMax: 1e6 });
    const error = assertThrows(() => trial.apply({ start: come([1]) }), LimitError);
    assertEquals(error.code, "memory-limit");
  });
});

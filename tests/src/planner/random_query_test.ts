import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { SeededRandom } from "../../../src/base/random.ts";
import { QueryError } from "../../../src/base/error.ts";
import type { BoundQuery } from "../../../src/query/plan.ts";
import { bound, optimizedPlan, planText } from "./sql_planning.ts";
import { ORACLE_TABLES, randomRows } from "./oracle_queries.ts";
import { PlanInterpreter, rowTexts } from "./plan_interpreter.ts";
import { RandomQuery } from "./random_query.ts";

const SEED = Number(Deno.env.get("LIVEVIEW_SEED") ?? 1);
const RUNS = 200 * Number(Deno.env.get("LIVEVIEW_RUNS") ?? 1);

function check(seed: number): void {
  const random = new SeededRandom(seed);
  const sql = new RandomQuery(random).query(1 + seed % 3);
  let query: BoundQuery;
  try {
    query = bound(sql, ORACLE_TABLES);
  } catch (error) {
    // Some generated queries are not valid, mostly ungrouped columns.
    if (error instanceof QueryError) return;
    throw error;
  }
  const ids = query.columns.map((column) => column.id);
  const failing = (detail: string): string => `LIVEVIEW_SEED=${seed}\n${sql}\n${detail}`;
  let plan;
  try {
    plan = optimizedPlan(query, ORACLE_TABLES);
  } catch (error) {
    if (error instanceof QueryError && error.code === "unsupported") return;
    throw new Error(failing(String(error)), { cause: error });
  }
  for (let run = 0; run < 3; run++) {
    const stored = randomRows(random);
    const expected = rowTexts(new PlanInterpreter(stored).rows(query.plan), ids);
    const actual = rowTexts(new PlanInterpreter(stored).rows(plan), ids);
    assertEquals(actual, expected, failing(`${planText(plan)}\n${JSON.stringify(stored)}`));
  }
}

describe("optimize", () => {
  it(`keeps the rows of random queries, seed ${SEED}`, () => {
    for (let run = 0; run < RUNS; run++) check(SEED + run);
  });
});

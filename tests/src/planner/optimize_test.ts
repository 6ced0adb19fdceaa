import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { SeededRandom } from "../../../src/base/random.ts";
import { LiveViewError } from "../../../src/base/error.ts";
import type { Plan } from "../../../src/query/plan.ts";
import { bound, optimizedPlan, planText } from "./sql_planning.ts";
import { ORACLE_QUERIES, ORACLE_TABLES, randomRows } from "./oracle_queries.ts";
import { PlanInterpreter, rowTexts, type StoredRows } from "./plan_interpreter.ts";

const SEED = Number(Deno.env.get("LIVEVIEW_SEED") ?? 20_241);
const RUNS = 4 * Number(Deno.env.get("LIVEVIEW_RUNS") ?? 1);

function outcome(plan: Plan, ids: readonly number[], stored: StoredRows): string[] {
  try {
    return rowTexts(new PlanInterpreter(stored).rows(plan), ids);
  } catch (error) {
    if (error instanceof LiveViewError) return [`error ${error.code}`];
    throw error;
  }
}

describe("optimize", () => {
  for (const [subject, queries] of Object.entries(ORACLE_QUERIES)) {
    for (const sql of queries) {
      it(`keeps the rows of ${subject}: ${sql}`, () => {
        const query = bound(sql, ORACLE_TABLES);
        const plan = optimizedPlan(query, ORACLE_TABLES);
        const ids = query.columns.map((column) => column.id);
        for (let run = 0; run < RUNS; run++) {
          const stored = randomRows(new SeededRandom(SEED + run));
          const expected = outcome(query.plan, ids, stored);
          const actual = outcome(plan, ids, stored);
          assertEquals(actual, expected, `seed ${SEED + run}\n${planText(plan)}\n${JSON.stringify(stored)}`);
        }
      });
    }
  }
});

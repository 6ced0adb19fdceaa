import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { SeededRandom } from "../../../src/base/random.ts";
import { LiveViewError } from "../../../src/base/error.ts";
import type { Plan } from "../../../src/query/plan.ts";
import type { Datum } from "../../../src/storage/sql_type.ts";
import { bound, optimizedPlan, planText } from "./sql_planning.ts";
import { ORACLE_QUERIES, ORACLE_TABLES } from "./oracle_queries.ts";
import { PlanInterpreter, rowTexts, type StoredRows } from "./plan_interpreter.ts";

const SEED = Number(Deno.env.get("LIVEVIEW_SEED") ?? 20_241);
const RUNS = 4 * Number(Deno.env.get("LIVEVIEW_RUNS") ?? 1);

/** Small tables full of NULLs and repetitions. */
export function randomRows(random: SeededRandom): StoredRows {
  const small = (): Datum => random.next() < 0.2 ? null : random.integer(0, 4);
  const text = (): Datum => random.next() < 0.2 ? null : `k${random.integer(0, 2)}`;
  const many = <Item>(count: number, make: (index: number) => Item): Item[] =>
    Array.from({ length: count }, (_, i) => make(i));
  return {
    r: many(random.integer(0, 7), (index) => [index, small(), small(), text()]),
    s: many(random.integer(0, 8), (index) => [index, small(), small(), text()]),
    u: many(random.integer(0, 5), () => [random.integer(0, 4), small(), random.integer(0, 4) * 100]),
  };
}

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

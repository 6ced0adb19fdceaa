import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { LiveViewError } from "../../../../src/base/error.ts";
import { SeededRandom } from "../../../../src/base/random.ts";
import type { Plan } from "../../../../src/query/plan.ts";
import { planColumns } from "../../../../src/query/plan_walk.ts";
import type { Datum } from "../../../../src/storage/sql_type.ts";
import { evaluatePlan, keyOf } from "./naive_plan.ts";
import { environment, REGISTRY, runPlan } from "./plan_run.ts";
import { PlanMaker, randomTable } from "./random_plan.ts";

const SEED = Number(Deno.env.get("LIVEVIEW_SEED") ?? 1);
const RUNS = 300 * Number(Deno.env.get("LIVEVIEW_RUNS") ?? 1);

function outcome(run: () => Datum[][], plan: Plan): unknown {
  try {
    const types = planColumns(plan).map((column) => column.type);
    return run().map((row) => keyOf(row, types)).sort();
  } catch (error) {
    if (error instanceof LiveViewError && error.code !== "invariant") return { code: error.code };
    throw error;
  }
}

describe("createExecution()", () => {
  it("gives what nested loops give, for random plans in small and large steps", () => {
    for (let run = 0; run < RUNS; run++) {
      const seed = SEED * 1_000_003 + run;
      const random = new SeededRandom(seed);
      const tables = ["r", "s", "t"].map((name) => randomTable(random, name));
      // Estimates only choose between ways; wrong ones must not change the result.
      const env = {
        ...environment(tables.map((table) => table.snapshot)),
        estimate: () => random.integer(1, 1e6),
      };
      const plan = new PlanMaker(random, tables.map((table) => table.snapshot)).plan(random.integer(1, 3));
      const naive = {
        functions: REGISTRY,
        table: (name: string) => tables.find((table) => table.snapshot.table === name)!.rows,
      };
      let actual: unknown;
      try {
        const expected = outcome(() => evaluatePlan(plan, naive), plan);
        // Errors depend on the order of evaluation.
        if (!Array.isArray(expected) || expected.length > 20000) continue;
        actual = outcome(() => runPlan(plan, env, random.pick([1, 7, 100, 1e9])), plan);
        assertEquals(actual, expected);
      } catch (error) {
        console.log(
          `seed ${seed}`,
          JSON.stringify(plan, (_, value) => typeof value === "bigint" ? `${value}n` : value),
        );
        throw error;
      }
    }
  });
});

import { after, before, describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { SeededRandom } from "../../src/base/random.ts";
import { EnginePeer } from "../oracle/engine_peer.ts";
import { PostgresPeer } from "../oracle/postgres_peer.ts";
import type { Outcome } from "../oracle/query_peer.ts";
import type { RandomTable } from "../oracle/random_table.ts";
import { compareRows, compareTypes } from "../oracle/result_comparison.ts";
import { SEED_QUERIES } from "./seed_queries.ts";
import { seedTables } from "./seed_tables.ts";

const SEED = Number(Deno.env.get("LIVEVIEW_SEED") ?? 3);
const RUNS = 12 * Number(Deno.env.get("LIVEVIEW_RUNS") ?? 1);

/** A result without the column that shows when it was computed. */
function withoutTime(outcome: Outcome, name: string): Outcome {
  if (outcome.kind !== "rows" || name !== "data_quality_dashboard") return outcome;
  const keep = (_: unknown, column: number) => column !== 1;
  return { ...outcome, types: outcome.types.filter(keep), rows: outcome.rows.map((row) => row.filter(keep)) };
}

describe("the queries of the pipeline example", () => {
  const engine = new EnginePeer();
  let postgres: PostgresPeer;
  let data: readonly (readonly RandomTable[])[];

  before(async () => {
    postgres = await PostgresPeer.start();
    const random = new SeededRandom(SEED);
    const today = await postgres.runText("SELECT CURRENT_DATE - DATE '1970-01-01'");
    const day = today.kind === "rows" ? Number(today.rows[0]![0]) : 0;
    data = Array.from({ length: RUNS }, () => seedTables(random, day));
  });

  after(async () => {
    await engine.close();
    await postgres.close();
  });

  for (const { name, sql, postgres: changed } of SEED_QUERIES) {
    const reason = changed === undefined ? "" : `; ${changed.reason}`;
    it(`${name} gives PostgreSQL's result: LIVEVIEW_SEED=${SEED}${reason}`, async () => {
      for (const tables of data) {
        // PostgreSQL has the system's clock, and so must the engine.
        await engine.load(tables, "system clock");
        await postgres.load(tables);
        const ours = withoutTime(await engine.runText(sql), name);
        const theirs = withoutTime(await postgres.runText(changed?.sql ?? sql), name);
        if (ours.kind !== "rows" || theirs.kind !== "rows") {
          assertEquals<unknown>({ ...ours, message: "" }, { ...theirs, message: "" });
          continue;
        }
        const strictness = { ordered: false, exact: true, representatives: false };
        assertEquals(compareRows(ours, theirs, strictness), undefined);
        assertEquals(compareTypes(ours, theirs), undefined);
      }
    });
  }

  it("data_quality_dashboard shows the time of the statement", async () => {
    await engine.load(data[0]!);
    const { sql } = SEED_QUERIES.find(({ name }) => name === "data_quality_dashboard")!;
    const ours = await engine.runText(sql);
    assertEquals(ours.kind === "rows" && ours.rows[0]![1], "2024-05-17 12:00:00+00");
  });
});

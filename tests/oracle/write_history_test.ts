import { after, before, describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { SeededRandom } from "../../src/base/random.ts";
import { EnginePeer } from "./engine_peer.ts";
import { PostgresPeer } from "./postgres_peer.ts";
import type { Outcome } from "./query_peer.ts";
import { type HistoryStep, randomHistory } from "./random_write.ts";
import { replay, shrinkHistory, type Writable } from "./write_replay.ts";

const SEED = Number(Deno.env.get("LIVEVIEW_SEED") ?? 9);
const HISTORIES = 30 * Number(Deno.env.get("LIVEVIEW_RUNS") ?? 1);
const STATEMENTS = 12;

describe("random histories of writes", () => {
  const engine = new EnginePeer();
  const ours: Writable = { reset: () => engine.load([]), runText: (sql) => engine.runText(sql) };
  let postgres: PostgresPeer;
  let theirs: Writable;

  before(async () => {
    postgres = await PostgresPeer.start();
    theirs = { reset: () => postgres.load([]), runText: (sql) => postgres.runText(sql) };
  });

  after(async () => {
    await engine.close();
    await postgres.close();
  });

  /** Ends what a replay left open, and tells whether the engines part. */
  async function parts(steps: readonly HistoryStep[], one: Writable): Promise<string | undefined> {
    await theirs.runText("ROLLBACK");
    return await replay(steps, one, theirs);
  }

  it(`leave the tables as PostgreSQL leaves them: LIVEVIEW_SEED=${SEED}`, async () => {
    for (let seed = SEED; seed < SEED + HISTORIES; seed++) {
      const history = randomHistory(new SeededRandom(seed), STATEMENTS);
      if (await parts(history, ours) === undefined) continue;
      const small = await shrinkHistory(history, async (steps) => await parts(steps, ours) !== undefined);
      assertEquals(`${await parts(small, ours)}\n${JSON.stringify(small, null, 1)}`, "", `seed ${seed}`);
    }
  });

  it("are made small when an engine forgets to undo", async () => {
    const broken: Writable = {
      reset: () => engine.load([]),
      runText: (sql): Promise<Outcome> => engine.runText(sql === "ROLLBACK" ? "COMMIT" : sql),
    };
    for (let seed = 1;; seed++) {
      const history = randomHistory(new SeededRandom(seed), STATEMENTS);
      if (await parts(history, broken) === undefined) continue;
      const small = await shrinkHistory(history, async (steps) => await parts(steps, broken) !== undefined);
      assertEquals(small.length, 1);
      const [block] = small;
      const undone = typeof block === "object" && block.block === "transaction" && !block.keep;
      assert(undone, JSON.stringify(small));
      assertEquals(block.steps.length, 1);
      break;
    }
  });
});

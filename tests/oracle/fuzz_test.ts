import { after, before, describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import type { Query } from "../../src/query/ast.ts";
import { EnginePeer, ReferencePeer } from "./engine_peer.ts";
import { closeOracles, fuzzCase, newReport, type Oracles, runCase, startOracles } from "./fuzz_run.ts";
import { shrinkFinding } from "./fuzz_shrink.ts";
import type { Outcome, QueryPeer } from "./query_peer.ts";
import { featuresOf } from "./query_shape.ts";
import type { RandomTable } from "./random_table.ts";

const SEED = Number(Deno.env.get("LIVEVIEW_SEED") ?? 20_261);
const CASES = 12 * Number(Deno.env.get("LIVEVIEW_RUNS") ?? 1);

/** An engine with a bug: it loses the last row of every LEFT JOIN. */
class BrokenPeer implements QueryPeer {
  readonly name = "engine";
  readonly #engine = new EnginePeer();

  load(tables: readonly RandomTable[]): Promise<void> {
    return this.#engine.load(tables);
  }

  async run(query: Query): Promise<Outcome> {
    const outcome = await this.#engine.run(query);
    if (outcome.kind !== "rows" || !featuresOf(query).has("join left")) return outcome;
    return { ...outcome, rows: outcome.rows.slice(0, -1) };
  }

  close(): Promise<void> {
    return this.#engine.close();
  }
}

describe("random queries", () => {
  let oracles: Oracles;

  before(async () => {
    oracles = await startOracles(["reference", "postgres", "duckdb"]);
  });

  after(() => closeOracles(oracles));

  it(`agree with the oracles and the metamorphic relations: LIVEVIEW_SEED=${SEED}`, async () => {
    const report = newReport();
    const texts: string[] = [];
    for (let seed = SEED; seed < SEED + CASES; seed++) {
      const fuzz = fuzzCase(seed, 25);
      await runCase(oracles, fuzz, report);
      for (const finding of [...report.unexplained.values()].flat()) {
        texts.push(`${finding.difference.detail}\n${await shrinkFinding(oracles, fuzz, finding, 500)}`);
      }
      if (texts.length > 0) break;
    }
    assertEquals(texts, []);
    // The queries mean something: most give rows, and they meet many constructs.
    assert(report.agreed.get("postgres")! > report.queryCount * 0.8);
    assert(report.relationCount > report.queryCount / 4);
    assert(report.features.size > 150);
  });
});

describe("the oracle", () => {
  it("finds a bug and makes it small", async () => {
    const oracles: Oracles = { engine: new BrokenPeer(), peers: [new ReferencePeer()] };
    const report = newReport();
    for (let seed = 1; report.unexplained.size === 0; seed++) {
      const fuzz = fuzzCase(seed, 25);
      await runCase(oracles, fuzz, report);
      const [finding] = [...report.unexplained.values()].flat();
      if (finding === undefined) continue;
      const text = await shrinkFinding(oracles, fuzz, finding);
      const query = /query: "(.*)"/.exec(text)?.[1] ?? "";
      assert(/LEFT JOIN/.test(query), text);
      assert(query.length < 120 && query.length < finding.sql.length, text);
      assert(!/INSERT.*\), \(.*\), \(/.test(text), text);
    }
    await closeOracles(oracles);
  });

  it("counts a relation that does not hold", async () => {
    const oracles: Oracles = { engine: new BrokenPeer(), peers: [] };
    const report = newReport();
    for (let seed = 1; seed <= 6; seed++) await runCase(oracles, fuzzCase(seed, 25), report);
    assert([...report.unexplained.keys()].some((cause) => cause.startsWith("engine: relation")));
    await closeOracles(oracles);
  });
});

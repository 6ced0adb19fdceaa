/**
 * Shrinks what the fuzzer found and prints it as a repro.
 *
 * @module
 */
import type { FuzzCase, FuzzFinding, Oracles } from "./fuzz_run.ts";
import { examine } from "./fuzz_run.ts";
import { reproduction } from "./reproduction.ts";
import type { Outcome } from "./query_peer.ts";
import type { RandomTable } from "./random_table.ts";
import { shrink, type Specimen } from "./shrink.ts";
import type { Outcomes } from "./verdict.ts";

/** The kind of a cause: `result`, `error`, `crash`, ... Errors count with their message. */
function kindOf(cause: string): string {
  return cause.startsWith("result") ? "result" : cause;
}

/** The smallest case found that differs in the same way, as text. */
export async function shrinkFinding(
  oracles: Oracles,
  fuzz: FuzzCase,
  finding: FuzzFinding,
  attemptsMax = 1500,
): Promise<string> {
  const { peer, cause } = finding.difference;
  const { query, strict } = fuzz.queries[finding.index]!;
  const needed = peer === "engine" || peer === "reference" ? ["reference"] : ["reference", "postgres", peer];
  const chosen: Oracles = { ...oracles, peers: oracles.peers.filter(({ name }) => needed.includes(name)) };
  let loaded: readonly RandomTable[] | undefined;
  let last: Outcomes | undefined;
  const stillFails = async ({ tables, query }: Specimen): Promise<boolean> => {
    if (loaded !== tables) {
      for (const one of [chosen.engine, ...chosen.peers]) await one.load(tables);
      loaded = tables;
    }
    const examination = await examine(chosen, query, strict);
    if (examination === undefined) return false;
    const found = examination.differences.some((difference) =>
      difference.peer === peer && difference.explanation === undefined &&
      kindOf(difference.cause) === kindOf(cause)
    );
    if (found) last = examination.outcomes;
    return found;
  };
  const start: Specimen = { tables: fuzz.tables, query };
  if (!await stillFails(start)) return `-- seed ${fuzz.seed} #${finding.index} does not fail again`;
  const small = await shrink(start, stillFails, attemptsMax);
  const expected: Outcome = (peer === "engine" ? last?.reference : last?.[peer]) ??
    { kind: "refused", reason: "no oracle answered" };
  return [
    `// ${peer}: ${cause}, seed ${fuzz.seed} #${finding.index}`,
    `// ours: ${JSON.stringify(last?.engine).slice(0, 600)}`,
    reproduction(cause, small.tables, small.query, expected),
  ].join("\n");
}

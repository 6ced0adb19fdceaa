/**
 * The view fuzzer: random queries as maintained views under random transactions, held against the batch
 * executor after every commit.
 *
 *     deno run -A --no-check tests/oracle/view_fuzz.ts [--minutes N] [--cases N] [--seed S] [--shrink N]
 *
 * A case is made from one seed: `--seed S --cases 1` replays it. Exits with 1 when a view differs.
 *
 * @module
 */
import process from "node:process";
import { parseArgs } from "node:util";
import { systemClock } from "../../src/base/clock.ts";
import { viewCase } from "./view_case.ts";
import { checkView } from "./view_check.ts";
import { shrinkView, viewScript } from "./view_shrink.ts";

/** What a run found. */
export interface ViewFuzzReport {
  caseCount: number;
  commitCount: number;
  /** Agreed cases by refresh mode, and those without a verdict by reason. */
  readonly counts: Map<string, number>;
  /** Agreed cases by operator, and by decision of a refresh. */
  readonly exercised: Map<string, number>;
  /** Findings by cause. */
  readonly broken: Map<string, string[]>;
}

/** Runs the cases of the seeds from `seed` on, until `more` says no. */
export async function fuzzViews(
  seed: number,
  more: (report: ViewFuzzReport) => boolean,
  shrinkMax = 2,
): Promise<ViewFuzzReport> {
  const report: ViewFuzzReport = {
    caseCount: 0,
    commitCount: 0,
    counts: new Map(),
    exercised: new Map(),
    broken: new Map(),
  };
  const count = (key: string) => report.counts.set(key, (report.counts.get(key) ?? 0) + 1);
  for (let at = seed; more(report); at++) {
    report.caseCount++;
    const specimen = viewCase(at);
    if (specimen === undefined) {
      count("skipped: query with several answers");
      continue;
    }
    const verdict = await checkView(specimen);
    if (verdict.kind === "skipped") count(`skipped: ${verdict.reason}`);
    else if (verdict.kind === "agreed") {
      count(`agreed: ${verdict.mode}`);
      report.commitCount += verdict.commitCount;
      for (const name of verdict.exercised) {
        report.exercised.set(name, (report.exercised.get(name) ?? 0) + 1);
      }
    } else {
      count("broken");
      const findings = report.broken.get(verdict.cause) ?? [];
      report.broken.set(verdict.cause, findings);
      if (findings.length >= shrinkMax) findings.push(`seed ${at}: ${verdict.detail}`);
      else {
        const small = await shrinkView(specimen, verdict.cause);
        const again = await checkView(small);
        const detail = again.kind === "broken" ? again.detail : verdict.detail;
        findings.push(`seed ${at}: ${detail}\n${viewScript(small)}`);
        console.log(`\n${verdict.cause}\n${findings.at(-1)}`);
      }
    }
  }
  return report;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    args: process.argv.slice(2),
    options: {
      minutes: { type: "string" },
      cases: { type: "string" },
      seed: { type: "string" },
      shrink: { type: "string" },
    },
  });
  const seed = Number(values.seed ?? systemClock.now() % 1_000_000_000);
  const cases = values.cases === undefined ? Infinity : Number(values.cases);
  const minutes = Number(values.minutes ?? (cases === Infinity ? 1 : Infinity));
  const endMs = systemClock.monotonic() + minutes * 60_000;
  console.log(`Fuzzing views with --seed ${seed}`);
  const more = ({ caseCount, commitCount }: ViewFuzzReport) => {
    if (caseCount > 0 && caseCount % 500 === 0) console.log(`${caseCount} cases, ${commitCount} commits`);
    return caseCount < cases && systemClock.monotonic() < endMs;
  };
  const report = await fuzzViews(seed, more, Number(values.shrink ?? 2));
  console.log(`\n${report.caseCount} cases, ${report.commitCount} commits compared`);
  const counts = [...report.counts].sort((a, b) => b[1] - a[1]);
  for (const [key, count] of counts) console.log(`  ${count}  ${key}`);
  console.log("Exercised, by agreed cases:");
  const exercised = [...report.exercised].sort((a, b) => b[1] - a[1]);
  for (const [name, count] of exercised) console.log(`  ${count}  ${name}`);
  for (const [cause, findings] of report.broken) {
    console.log(
      `Broken: ${findings.length}  ${cause}\n  ${findings.map((one) => one.split("\n")[0]).join("\n  ")}`,
    );
  }
  process.exit(report.broken.size > 0 ? 1 : 0);
}

if (import.meta.main) await main();

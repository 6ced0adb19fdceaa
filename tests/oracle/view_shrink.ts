/**
 * Makes a failing case of the view fuzzer small, and prints it as a SQL script.
 *
 * @module
 */
import { createTableSql, insertSql } from "./random_table.ts";
import { ourText } from "./reproduction.ts";
import { shrink } from "./shrink.ts";
import { changeSql, type ViewCase, withSql } from "./view_case.ts";
import { checkView } from "./view_check.ts";
import type { ViewVerdict } from "./view_verdict.ts";

/** The smallest case found with the same cause. */
export async function shrinkView(
  specimen: ViewCase,
  cause: string,
  attemptsMax = 1500,
  check: (candidate: ViewCase) => Promise<ViewVerdict> = checkView,
): Promise<ViewCase> {
  let attempts = 0;
  const fails = async (candidate: ViewCase): Promise<boolean> => {
    attempts++;
    const verdict = await check(candidate);
    return verdict.kind === "broken" && verdict.cause === cause;
  };
  let best = specimen;
  for (let before = ""; before !== viewScript(best) && attempts < attemptsMax;) {
    before = viewScript(best);
    best = await shrinkScript(best, fails);
    const { answer } = best;
    const whole = best;
    const { query, tables } = await shrink(
      best,
      // What the rows of such a view are is known of its own query alone.
      async (candidate) =>
        (answer === undefined || candidate.query === whole.query) && await fails({ ...whole, ...candidate }),
      attemptsMax - attempts,
    );
    best = { ...best, query, tables };
  }
  return best;
}

/** Drops transactions, then changes. */
async function shrinkScript(
  specimen: ViewCase,
  fails: (candidate: ViewCase) => Promise<boolean>,
): Promise<ViewCase> {
  let best = specimen;
  for (const plainer of plainerCases(best)) if (await fails(plainer)) best = plainer;
  for (let t = best.script.length - 1; t >= 0; t--) {
    const fewer = { ...best, script: best.script.filter((_, i) => i !== t) };
    if (await fails(fewer)) {
      best = fewer;
      continue;
    }
    for (let c = best.script[t]!.changes.length - 1; c >= 0 && best.script[t]!.changes.length > 1; c--) {
      const script = best.script.map((one, i) =>
        i === t ? { ...one, changes: one.changes.filter((_, j) => j !== c) } : one
      );
      if (await fails({ ...best, script })) best = { ...best, script };
    }
  }
  return best;
}

/** Without moves of the clock, refreshes in between, properties. */
function* plainerCases(specimen: ViewCase): Generator<ViewCase> {
  const { script, answer } = specimen;
  const plain = script.map(({ changes, keep }) => ({ changes, keep }));
  if (answer === undefined) yield { ...specimen, properties: [], lateProperties: [], script: plain };
  yield { ...specimen, script: plain };
  yield { ...specimen, script: script.map((one) => ({ ...one, stepMs: undefined })) };
  yield { ...specimen, script: script.map((one) => ({ ...one, stepMs: undefined, refresh: undefined })) };
  if (answer === undefined) yield { ...specimen, properties: [] };
}

/** A case as SQL. */
export function viewScript(specimen: ViewCase): string {
  const { tables, query, script, properties = [], lateProperties = [] } = specimen;
  const lines = tables.flatMap((table) => [createTableSql(table), insertSql(table)]);
  lines.push(`CREATE MATERIALIZED VIEW maintained${withSql(properties)} AS ${ourText(query)}`);
  if (lateProperties.length > 0) lines.push(`-- late${withSql(lateProperties)}`);
  for (const { changes, keep, nowMs, refresh, stepMs } of script) {
    if (nowMs !== undefined) lines.push(`-- at ${nowMs}`);
    if (stepMs !== undefined) lines.push(`-- each reading of the clock takes ${stepMs} ms`);
    const statements = changes.map((change) => changeSql(change, tables));
    lines.push("BEGIN", ...statements, keep ? "COMMIT" : "ROLLBACK");
    if (refresh !== undefined) lines.push(`-- refresh ${refresh}`);
  }
  return lines.filter((line) => line !== undefined).map((line) => `${line};`).join("\n");
}

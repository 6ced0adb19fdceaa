/**
 * Makes a failing case of the view fuzzer small, and prints it as a SQL script.
 *
 * @module
 */
import { createTableSql, insertSql } from "./random_table.ts";
import { ourText } from "./reproduction.ts";
import { shrink } from "./shrink.ts";
import { changeSql, type ViewCase } from "./view_case.ts";
import { checkView, type ViewVerdict } from "./view_check.ts";

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
    const { script } = best;
    const { query, tables } = await shrink(
      best,
      (candidate) => fails({ ...candidate, script }),
      attemptsMax - attempts,
    );
    best = { query, tables, script };
  }
  return best;
}

/** Drops transactions, then changes. */
async function shrinkScript(
  specimen: ViewCase,
  fails: (candidate: ViewCase) => Promise<boolean>,
): Promise<ViewCase> {
  let best = specimen;
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

/** A case as SQL. */
export function viewScript({ tables, query, script }: ViewCase): string {
  const lines = tables.flatMap((table) => [createTableSql(table), insertSql(table)]);
  lines.push(`CREATE MATERIALIZED VIEW maintained AS ${ourText(query)}`);
  for (const { changes, keep } of script) {
    const statements = changes.map((change) => changeSql(change, tables));
    lines.push("BEGIN", ...statements, keep ? "COMMIT" : "ROLLBACK");
  }
  return lines.filter((line) => line !== undefined).map((line) => `${line};`).join("\n");
}

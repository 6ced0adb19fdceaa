/**
 * Replays a history of writes in two engines and tells where they part.
 *
 * A statement that fails inside of a transaction ends the transaction in PostgreSQL and changes nothing in ours, so
 * there every statement gets a savepoint.
 *
 * @module
 */
import type { Outcome } from "./query_peer.ts";
import { isDataFailure } from "./query_peer.ts";
import { HISTORY_TABLES, HISTORY_VIEWS, type HistoryStep } from "./random_write.ts";
import { compareRows, compareTypes } from "./result_comparison.ts";

/** An engine that keeps a state between statements. */
export interface Writable {
  /** Empties the engine. */
  reset(): Promise<void>;
  runText(sql: string): Promise<Outcome>;
}

/** The first difference of a history; undefined when there is none. */
export async function replay(
  steps: readonly HistoryStep[],
  ours: Writable,
  theirs: Writable,
): Promise<string | undefined> {
  await ours.reset();
  await theirs.reset();
  for (const statement of HISTORY_TABLES.split(";").filter((text) => text.trim() !== "")) {
    await ours.runText(statement);
    await theirs.runText(statement);
  }
  return await replaySteps(steps, ours, theirs, 0);
}

async function replaySteps(
  steps: readonly HistoryStep[],
  ours: Writable,
  theirs: Writable,
  depth: number,
): Promise<string | undefined> {
  for (const step of steps) {
    const difference = typeof step === "string"
      ? await replayStatement(step, ours, theirs, depth > 0)
      : await replayBlock(step, ours, theirs, depth);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

async function replayBlock(
  { block, keep, steps }: Exclude<HistoryStep, string>,
  ours: Writable,
  theirs: Writable,
  depth: number,
): Promise<string | undefined> {
  const name = `s${depth}`;
  const [begin, end] = block === "transaction"
    ? ["BEGIN", keep ? "COMMIT" : "ROLLBACK"]
    : [`SAVEPOINT ${name}`, `${keep ? "RELEASE" : "ROLLBACK TO"} SAVEPOINT ${name}`];
  for (const engine of [ours, theirs]) await engine.runText(begin);
  const difference = await replaySteps(steps, ours, theirs, depth + 1);
  if (difference !== undefined) return difference;
  for (const engine of [ours, theirs]) await engine.runText(end);
  return await differingState(end, ours, theirs);
}

async function replayStatement(
  sql: string,
  ours: Writable,
  theirs: Writable,
  inTransaction: boolean,
): Promise<string | undefined> {
  if (inTransaction) await theirs.runText("SAVEPOINT attempt");
  const expected = await theirs.runText(sql);
  if (inTransaction && expected.kind === "failure") await theirs.runText("ROLLBACK TO SAVEPOINT attempt");
  const actual = await ours.runText(sql);
  // PostgreSQL computes constants while it plans, also those that no row needs: then nothing was written.
  const foldedEarly = expected.kind === "failure" && /^22/.test(expected.message) &&
    actual.kind === "rows" && actual.rows.length === 0;
  const difference = foldedEarly ? undefined : differingOutcome(actual, expected);
  return difference === undefined ? await differingState(sql, ours, theirs) : `${sql}: ${difference}`;
}

function differingOutcome(actual: Outcome, expected: Outcome): string | undefined {
  if (actual.kind === "refused" || expected.kind === "refused") return "refused";
  if (actual.kind === "failure" && expected.kind === "failure") {
    const alike = actual.class === expected.class ||
      (isDataFailure(actual.class) && isDataFailure(expected.class));
    return alike ? undefined : `fails with ${actual.message}, expected ${expected.message}`;
  }
  if (actual.kind === "failure") return `fails with ${actual.message}`;
  if (expected.kind === "failure") return `succeeds, expected ${expected.message}`;
  // Without RETURNING there is nothing to compare: the engines describe the command.
  if (expected.types.length === 0) return undefined;
  return compareRows(actual, expected, { ordered: false, exact: true, representatives: false }) ??
    compareTypes(actual, expected);
}

async function differingState(after: string, ours: Writable, theirs: Writable): Promise<string | undefined> {
  for (const view of HISTORY_VIEWS) {
    const difference = differingOutcome(await ours.runText(view), await theirs.runText(view));
    if (difference !== undefined) return `after ${after}: ${view}: ${difference}`;
  }
  return undefined;
}

/** The shortest history found for which `stillFails` holds: steps and blocks are dropped one by one. */
export async function shrinkHistory(
  steps: readonly HistoryStep[],
  stillFails: (steps: readonly HistoryStep[]) => Promise<boolean>,
): Promise<readonly HistoryStep[]> {
  let best = steps;
  for (let progress = true; progress;) {
    progress = false;
    for (const candidate of shorter(best)) {
      if (!await stillFails(candidate)) continue;
      best = candidate;
      progress = true;
      break;
    }
  }
  return best;
}

function* shorter(steps: readonly HistoryStep[]): Generator<readonly HistoryStep[]> {
  for (let size = Math.ceil(steps.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < steps.length; from += size) {
      yield steps.filter((_, i) => i < from || i >= from + size);
    }
  }
  for (const [i, step] of steps.entries()) {
    if (typeof step === "string") continue;
    const replaced = (...others: readonly HistoryStep[]) => [
      ...steps.slice(0, i),
      ...others,
      ...steps.slice(i + 1),
    ];
    if (step.block === "transaction") yield replaced(...step.steps.filter((one) => typeof one === "string"));
    for (const inner of shorter(step.steps)) yield replaced({ ...step, steps: inner });
  }
}

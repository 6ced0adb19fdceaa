/**
 * One peer and one workload in a process: loads the tables, makes the view, streams changes at each batch size,
 * and judges the answer.
 *
 * Changes are made before the clock starts, in blocks that grow until one takes a good while; the rate is that
 * of all blocks after the warm-up. A cell ends after `--cell-ms` or at the first block after it.
 *
 * @module
 */
import process from "node:process";
import { checksumOf, option } from "../measurement.ts";
import { type ChangeBatch, ChangeScript, type StartRows, startRows } from "./change_script.ts";
import { type Answer, type Workload, workloadOf } from "./workload.ts";

/** A system that keeps an answer up to date, or asks again after each batch. */
export interface ViewPeer {
  /** Loads the tables and makes the views; throws an Unable where it cannot. */
  start(workload: Workload, rows: StartRows): Promise<void>;
  /** Applies a batch; the answer reflects it when it returns. */
  apply(batch: ChangeBatch): Promise<void> | void;
  /** The answer now, in any order. */
  answer(): Promise<Answer> | Answer;
  /** What the system itself says of its views, for the record. */
  remarks?(): string;
  close(): Promise<void>;
}

/** Thrown by a peer that has no way to do a workload. */
export class Unable extends Error {}

/** A line of the process. */
export type ViewLine =
  | {
    readonly kind: "cell";
    readonly peer: string;
    readonly workload: string;
    readonly batchSize: number;
    readonly changes: number;
    readonly ms: number;
    readonly p50Ms: number;
    readonly p99Ms: number;
    readonly correct: boolean;
  }
  | {
    readonly kind: "start";
    readonly peer: string;
    readonly workload: string;
    readonly ms: number;
    readonly remarks: string;
  }
  | { readonly kind: "unable"; readonly peer: string; readonly workload: string; readonly reason: string };

const SEED = 20_261_121;
const BLOCK_MS = 40;
const WARM_UP_SHARE = 0.3;

/** Runs what the command line asks for. */
export async function runPeer(subject: string, peer: ViewPeer): Promise<void> {
  const workload = workloadOf(option("workload", "daily_revenue"));
  const cellMs = Number(option("cell-ms", "3000"));
  const sizes = option("batches", "1,100,10000").split(",").map(Number);
  const rows = startRows(Number(option("sf", "0.1")));
  const say = (line: ViewLine) => console.log(JSON.stringify(line));
  try {
    const start = performance.now();
    await peer.start(workload, rows);
    const ms = Math.round(performance.now() - start);
    say({ kind: "start", peer: subject, workload: workload.name, ms, remarks: peer.remarks?.() ?? "" });
    const script = new ChangeScript(SEED, rows);
    for (const batchSize of sizes) {
      const times = await stream(peer, script, batchSize, cellMs);
      const correct = await isCorrect(workload, peer, script, rows);
      say({ kind: "cell", peer: subject, workload: workload.name, ...summary(batchSize, times), correct });
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message.split("\n")[0]! : String(error);
    say({ kind: "unable", peer: subject, workload: workload.name, reason });
    if (!(error instanceof Unable)) console.error(error);
  }
  await peer.close();
  process.exit(0);
}

/** Milliseconds of each batch after the warm-up. */
async function stream(peer: ViewPeer, script: ChangeScript, size: number, cellMs: number): Promise<number[]> {
  let times: number[] = [];
  let blockSize = 1;
  let spentMs = 0;
  let warm = false;
  while (spentMs < cellMs || times.length === 0) {
    const block = Array.from({ length: blockSize }, () => script.next(size));
    const from = performance.now();
    let before = from;
    for (const batch of block) {
      const pending = peer.apply(batch);
      if (pending !== undefined) await pending;
      const now = performance.now();
      times.push(now - before);
      before = now;
    }
    const blockMs = before - from;
    spentMs += blockMs;
    if (!warm && spentMs > WARM_UP_SHARE * cellMs && spentMs < cellMs) {
      warm = true;
      times = [];
    }
    if (blockMs < BLOCK_MS) blockSize *= 2;
  }
  return times;
}

function summary(batchSize: number, times: readonly number[]) {
  const sorted = times.toSorted((left, right) => left - right);
  const round = (value: number) => Math.round(value * 10_000) / 10_000;
  return {
    batchSize,
    changes: times.length * batchSize,
    ms: round(times.reduce((sum, time) => sum + time, 0)),
    p50Ms: round(sorted[Math.floor(times.length / 2)]!),
    p99Ms: round(sorted[Math.floor(times.length * 0.99)]!),
  };
}

async function isCorrect(
  workload: Workload,
  peer: ViewPeer,
  script: ChangeScript,
  { customers, nations }: StartRows,
): Promise<boolean> {
  const expected = sorted(workload.reference({ orders: script.orders, customers, nations }));
  const actual = sorted(await peer.answer());
  if (checksumOf(expected) === checksumOf(actual)) return true;
  const at = expected.findIndex((row, i) => checksumOf([row]) !== checksumOf([actual[i] ?? []]));
  console.error(`${workload.name}: ${expected.length} rows expected, ${actual.length} found; row ${at}:`);
  console.error(JSON.stringify(expected[at]), JSON.stringify(actual[at]?.map(String)));
  return false;
}

/** By the first column, which is a key of every answer. */
function sorted(answer: Answer): Answer {
  const keyed = answer.map((row): [string, readonly unknown[]] => {
    const first = row[0];
    return [first instanceof Date ? first.toISOString().slice(0, 10) : String(first).slice(0, 10), row];
  });
  return keyed.sort((left, right) => left[0] < right[0] ? -1 : left[0] > right[0] ? 1 : 0).map((entry) =>
    entry[1]
  );
}

/**
 * The results of the views bench as Markdown.
 *
 * @module
 */
import type { FleetLine } from "./fleet.ts";
import type { ViewLine } from "./run_workload.ts";

const SUBJECT = "liveviewdb";

/** Changes per second by workload and batch size, and ours against the best of the others. */
export function rateTable(lines: readonly ViewLine[], peers: readonly string[]): string[] {
  const cells = new Map<string, Map<string, string>>();
  const rates = new Map<string, Map<string, number>>();
  for (const line of lines) {
    if (line.kind !== "cell") continue;
    const key = `${line.workload} | ${line.batchSize}`;
    const rate = line.changes / line.ms * 1000;
    const row = cells.get(key) ?? new Map<string, string>();
    row.set(line.peer, `${thousands(rate)}${line.correct ? "" : " (wrong)"}`);
    cells.set(key, row);
    const numbers = rates.get(key) ?? new Map<string, number>();
    if (line.correct) numbers.set(line.peer, rate);
    rates.set(key, numbers);
  }
  if (cells.size === 0) return [];
  return [
    `| K changes/s | batch | ${peers.join(" | ")} | ours / best peer |`,
    `|---|---:|${peers.map(() => "---:").join("|")}|---:|`,
    ...[...cells].map(([key, row]) =>
      `| ${key} | ${peers.map((peer) => row.get(peer) ?? "-").join(" | ")} | ${ratio(rates.get(key)!)} |`
    ),
  ];
}

/** Peers that cannot do a workload, and why. */
export function remarkLines(lines: readonly ViewLine[]): string[] {
  return lines.flatMap((line) =>
    line.kind === "unable" ? [`- ${line.peer} does not do ${line.workload}: ${line.reason}`] : []
  );
}

/** Figures of many views. */
export function fleetTable(lines: readonly FleetLine[]): string[] {
  if (lines.length === 0) return [];
  return [
    "",
    "| figure | value |",
    "|---|---:|",
    ...lines.map((line) => `| ${line.name} | ${line.value} ${line.unit} |`),
  ];
}

function ratio(rates: ReadonlyMap<string, number>): string {
  const ours = rates.get(SUBJECT);
  const others = [...rates].filter(([peer]) => peer !== SUBJECT).map(([, rate]) => rate);
  return ours === undefined || others.length === 0 ? "-" : (ours / Math.max(...others)).toFixed(2);
}

function thousands(rate: number): string {
  const value = rate / 1000;
  return value < 1 ? value.toFixed(3) : value < 100 ? value.toFixed(1) : value.toFixed(0);
}

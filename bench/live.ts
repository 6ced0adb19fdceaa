/**
 * The load of live dashboards: subscribers over server-sent events, views, and changes at a rate; from the begin of a
 * commit to the client. The server is one process, the subscribers are others.
 *
 * `deno task bench:live [--seconds 60] [--subscribers 200] [--views 50] [--rate 5000] [--batch 100]
 *  [--coalesce-ms 50] [--processes 1]`
 *
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { createInterface } from "node:readline";
import { LatencyHistogram } from "./live/latency_histogram.ts";
import { option } from "./measurement.ts";

/** What the bench found. */
export interface LiveFigures {
  readonly subscribers: number;
  readonly views: number;
  readonly seconds: number;
  readonly changesPerSecond: number;
  readonly commits: number;
  readonly events: number;
  /** Subscribers whose rows were not those of the view at the end. */
  readonly wrong: number;
  readonly resyncs: number;
  /** Commits times subscribers that were seen to arrive. */
  readonly arrivals: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** Processor time of the server, as a share of one core. */
  readonly serverCores: number;
}

/** How it is run. */
export interface LiveLoad {
  readonly seconds: number;
  readonly subscribers: number;
  readonly views: number;
  readonly rate: number;
  readonly batch: number;
  readonly coalesceMs: number;
  readonly processes: number;
}

/** A child whose lines are read one by one. */
class Child {
  readonly #process: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(script: string, args: Readonly<Record<string, number>>) {
    const path = new URL(`live/${script}`, import.meta.url).pathname;
    const options = Object.entries(args).flatMap(([name, value]) => [`--${name}`, String(value)]);
    this.#process = spawn(process.execPath, ["run", "-A", "--no-check", path, ...options], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.#lines = createInterface({ input: this.#process.stdout! })[Symbol.asyncIterator]();
  }

  /** The next line, as JSON. */
  async read<Value>(): Promise<Value> {
    const { done, value } = await this.#lines.next();
    if (!done) return JSON.parse(value);
    throw new Error("A process of the bench ended early: see its output above");
  }

  write(value: unknown): void {
    this.#process.stdin!.write(`${JSON.stringify(value)}\n`);
  }

  end(): void {
    this.#process.stdin!.end();
    this.#process.kill();
  }
}

interface Written {
  readonly commits: readonly (readonly [number, number])[];
  readonly changes: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
}

interface Followed {
  readonly wrong: number;
  readonly resyncs: number;
  readonly events: number;
  readonly latency: Readonly<Record<string, number>>;
}

/** Runs the load in processes of its own. */
export async function runLive(load: LiveLoad): Promise<LiveFigures> {
  const { seconds, subscribers, views, rate, batch, coalesceMs, processes } = load;
  const server = new Child("server.ts", { seconds, rate, views, batch });
  const children: Child[] = [];
  try {
    const { port } = await server.read<{ port: number }>();
    for (let i = 0; i < processes; i++) {
      const first = Math.floor(subscribers * i / processes);
      const count = Math.floor(subscribers * (i + 1) / processes) - first;
      children.push(
        new Child("subscribers.ts", { port, views, first, subscribers: count, "coalesce-ms": coalesceMs }),
      );
    }
    await Promise.all(children.map((child) => child.read()));
    server.write("go");
    const written = await server.read<Written>();
    for (const child of children) child.write(written.commits);
    const followed = await Promise.all(children.map((child) => child.read<Followed>()));
    const latency = new LatencyHistogram();
    for (const one of followed) latency.merge(one.latency);
    const total = (of: (one: Followed) => number): number => followed.reduce((sum, one) => sum + of(one), 0);
    return {
      subscribers,
      views,
      seconds: Math.round(written.seconds * 10) / 10,
      changesPerSecond: Math.round(written.changes / written.seconds),
      commits: written.commits.length,
      events: total((one) => one.events),
      wrong: total((one) => one.wrong),
      resyncs: total((one) => one.resyncs),
      arrivals: latency.size,
      p50Ms: latency.quantile(0.5),
      p99Ms: latency.quantile(0.99),
      maxMs: latency.quantile(1),
      serverCores: Math.round(written.cpuSeconds / written.seconds * 100) / 100,
    };
  } finally {
    for (const child of [server, ...children]) child.end();
  }
}

if (import.meta.main) {
  const figures = await runLive({
    seconds: Number(option("seconds", "60")),
    subscribers: Number(option("subscribers", "200")),
    views: Number(option("views", "50")),
    rate: Number(option("rate", "5000")),
    batch: Number(option("batch", "100")),
    coalesceMs: Number(option("coalesce-ms", "50")),
    processes: Number(option("processes", "1")),
  });
  for (const [name, value] of Object.entries(figures)) console.log(`${name.padEnd(18)} ${value}`);
  const isLost = figures.wrong > 0 || figures.resyncs > 0 ||
    figures.arrivals < figures.commits * figures.subscribers;
  console.log(isLost ? "something was lost" : "nothing was lost");
  process.exitCode = isLost ? 1 : 0;
}

import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { LatencyHistogram } from "../../bench/live/latency_histogram.ts";
import { runLive } from "../../bench/live.ts";

describe("the live bench", () => {
  it("loses nothing, in a small run", async () => {
    const load = { seconds: 1, subscribers: 6, views: 3, rate: 500, batch: 20, coalesceMs: 20, processes: 2 };
    const figures = await runLive(load);
    assertEquals([figures.wrong, figures.resyncs], [0, 0]);
    assert(figures.commits > 0 && figures.arrivals === figures.commits * 6);
    assert(figures.p50Ms <= figures.p99Ms && figures.p99Ms <= figures.maxMs);
  });
});

describe("LatencyHistogram", () => {
  it("gives quantiles of all that was added and merged", () => {
    const one = new LatencyHistogram();
    for (let ms = 1; ms <= 99; ms++) one.add(ms);
    const all = new LatencyHistogram();
    all.merge(one.counts);
    all.add(1000);
    assertEquals([all.size, all.quantile(0.5), all.quantile(0.99), all.quantile(1)], [100, 50, 99, 1000]);
  });
});

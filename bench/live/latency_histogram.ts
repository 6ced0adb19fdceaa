/**
 * Latencies as counts: buckets of a tenth of a millisecond up to ten seconds, so that processes can be added up.
 *
 * @module
 */
const BUCKET_MS = 0.1;
const BUCKETS = 100_000;

/** See the module header. */
export class LatencyHistogram {
  /** Bucket -> count, sparse. */
  readonly counts: Record<number, number> = {};

  /** Counts one latency. */
  add(ms: number, times = 1): void {
    const bucket = Math.min(BUCKETS, Math.max(0, Math.ceil(ms / BUCKET_MS)));
    this.counts[bucket] = (this.counts[bucket] ?? 0) + times;
  }

  /** Adds the counts of another one. */
  merge(counts: Readonly<Record<string, number>>): void {
    for (const [bucket, count] of Object.entries(counts)) {
      this.counts[Number(bucket)] = (this.counts[Number(bucket)] ?? 0) + count;
    }
  }

  /** All that were counted. */
  get size(): number {
    return Object.values(this.counts).reduce((sum, count) => sum + count, 0);
  }

  /** The latency that a share of all is not above; NaN without any. */
  quantile(share: number): number {
    let left = Math.ceil(this.size * share);
    // Keys that are whole numbers come in ascending order.
    for (const [bucket, count] of Object.entries(this.counts)) {
      left -= count;
      if (left <= 0) return Math.round(Number(bucket) * BUCKET_MS * 10) / 10;
    }
    return NaN;
  }
}

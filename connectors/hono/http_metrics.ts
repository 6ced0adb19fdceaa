/**
 * What the adapter counts of itself: requests by route and status, and how long they took.
 *
 * Routes are the patterns of the app, never paths as they came, so that the number of series is bounded.
 *
 * @module
 */

/** Seconds; each bucket counts what took at most that long. */
export const DURATION_BUCKETS_S: readonly number[] = [
  0.001,
  0.0025,
  0.005,
  0.01,
  0.025,
  0.05,
  0.1,
  0.25,
  0.5,
  1,
  2.5,
  5,
  10,
];

/** Adds a value to what is exported. */
export type AddMetric = (name: string, value: number, labels?: Readonly<Record<string, string>>) => void;

/** Durations of one route. */
export interface RouteDurations {
  readonly route: string;
  /** One count a bucket, not cumulated; the last is for what took longer than all. */
  readonly counts: Uint32Array;
  sumS: number;
  count: number;
}

/** Requests of one route with one status. */
export interface RouteCount {
  readonly route: string;
  readonly method: string;
  readonly status: number;
  count: number;
}

/** See the module header. */
export class HttpMetrics {
  readonly #counts = new Map<string, RouteCount>();
  readonly #durations = new Map<string, RouteDurations>();
  readonly #sources: ((add: AddMetric) => void)[] = [];

  /** Asked for values whenever metrics are read. */
  addSource(source: (add: AddMetric) => void): void {
    this.#sources.push(source);
  }

  /** Counts one request. */
  record({ route, method, status }: Omit<RouteCount, "count">, durationMs: number): void {
    const key = `${method} ${route} ${status}`;
    let count = this.#counts.get(key);
    if (count === undefined) this.#counts.set(key, count = { route, method, status, count: 0 });
    count.count++;
    let durations = this.#durations.get(route);
    if (durations === undefined) {
      durations = { route, counts: new Uint32Array(DURATION_BUCKETS_S.length + 1), sumS: 0, count: 0 };
      this.#durations.set(route, durations);
    }
    const seconds = durationMs / 1000;
    let bucket = 0;
    while (bucket < DURATION_BUCKETS_S.length && seconds > DURATION_BUCKETS_S[bucket]!) bucket++;
    durations.counts[bucket]! += 1;
    durations.sumS += seconds;
    durations.count++;
  }

  /** Requests by route and status. */
  counts(): Iterable<RouteCount> {
    return this.#counts.values();
  }

  /** Durations by route. */
  durations(): Iterable<RouteDurations> {
    return this.#durations.values();
  }

  /** The values of all sources. */
  collect(add: AddMetric): void {
    for (const source of this.#sources) source(add);
  }
}

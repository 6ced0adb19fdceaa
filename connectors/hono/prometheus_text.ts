/**
 * Metrics in the text format of Prometheus, version 0.0.4.
 *
 * All samples of a metric stand together below its HELP and TYPE; names get the prefix `liveview_`.
 *
 * @module
 */
import { DURATION_BUCKETS_S, type HttpMetrics } from "./http_metrics.ts";

/** The media type of the format. */
export const PROMETHEUS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** What is known of metrics by name; others are gauges of plugins. */
const KNOWN: Readonly<Record<string, readonly ["counter" | "gauge", string]>> = {
  version: ["counter", "The version of the last commit"],
  tasks: ["gauge", "Queries under way"],
  memory_bytes: ["gauge", "Bytes of tables, views, indexes and logs"],
  history_bytes: ["gauge", "Bytes of the commits that are kept for AT VERSION"],
  view_rows: ["gauge", "Rows of a materialized view"],
  view_state_bytes: ["gauge", "Bytes of the state that keeps a view up to date"],
  view_staleness_ms: ["gauge", "Age of the oldest change that a view lacks"],
  view_refreshes: ["counter", "Refreshes of a view"],
  view_failures: ["counter", "Refreshes and commits of a view that failed"],
  view_error_rows: ["gauge", "Rows that a view leaves out because an expression fails"],
  view_subscribers: ["gauge", "Subscribers of a view"],
  ingest_rows_total: ["counter", "Rows inserted over HTTP"],
  ingest_batches_total: ["counter", "Commits of rows over HTTP"],
  ingest_rows_skipped_total: ["counter", "Rows left out with onError=skip"],
  http_answer_cache_bytes: ["gauge", "Bytes of encoded answers that are kept"],
  http_answer_cache_entries: ["gauge", "Encoded answers that are kept"],
  http_idempotency_keys: ["gauge", "Idempotency keys that are remembered"],
  http_connections: ["gauge", "Requests under way"],
};

interface Metric {
  readonly type: string;
  readonly help: string;
  readonly samples: string[];
}

/** The text of the database's metrics, by name with labels, and of the adapter's. */
export function prometheusText(database: ReadonlyMap<string, number>, http: HttpMetrics): string {
  const metrics = new Map<string, Metric>();
  const add = (name: string, labels: string, value: number) => {
    let metric = metrics.get(name);
    if (metric === undefined) {
      const [type, help] = (Object.hasOwn(KNOWN, name) ? KNOWN[name] : undefined) ??
        ["gauge", `The metric ${name}`];
      metrics.set(name, metric = { type, help, samples: [] });
    }
    metric.samples.push(`${fullName(name)}${labels} ${numberText(value)}`);
  };
  for (const [key, value] of database) {
    const brace = key.indexOf("{");
    if (brace < 0) add(key, "", value);
    else add(key.slice(0, brace), key.slice(brace), value);
  }
  http.collect((name, value, labels) => add(name, labelsText(labels), value));
  return [...[...metrics].flatMap(([name, metric]) => metricLines(name, metric)), ...requestLines(http)].join(
    "\n",
  ) +
    "\n";
}

function metricLines(name: string, { type, help, samples }: Metric): string[] {
  return [`# HELP ${fullName(name)} ${helpText(help)}`, `# TYPE ${fullName(name)} ${type}`, ...samples];
}

function requestLines(http: HttpMetrics): string[] {
  const requests: string[] = [];
  for (const { route, method, status, count } of http.counts()) {
    const labels = labelsText({ method, route, status: String(status) });
    requests.push(`liveview_http_requests_total${labels} ${count}`);
  }
  const durations: string[] = [];
  for (const { route, counts, sumS, count } of http.durations()) {
    let upTo = 0;
    DURATION_BUCKETS_S.forEach((bound, i) => {
      upTo += counts[i]!;
      durations.push(
        `liveview_http_request_duration_seconds_bucket${labelsText({ route, le: String(bound) })} ${upTo}`,
      );
    });
    durations.push(
      `liveview_http_request_duration_seconds_bucket${labelsText({ route, le: "+Inf" })} ${count}`,
      `liveview_http_request_duration_seconds_sum${labelsText({ route })} ${numberText(sumS)}`,
      `liveview_http_request_duration_seconds_count${labelsText({ route })} ${count}`,
    );
  }
  return [
    "# HELP liveview_http_requests_total Requests answered",
    "# TYPE liveview_http_requests_total counter",
    ...requests,
    "# HELP liveview_http_request_duration_seconds Time until the answer began",
    "# TYPE liveview_http_request_duration_seconds histogram",
    ...durations,
  ];
}

/** Names of plugins may hold what the format does not allow. */
function fullName(name: string): string {
  return `liveview_${name.replaceAll(/[^a-zA-Z0-9_:]/g, "_")}`;
}

/** Label names are restricted, values are escaped. */
export function labelsText(labels: Readonly<Record<string, string>> = {}): string {
  const entries = Object.entries(labels);
  if (entries.length === 0) return "";
  const texts = entries.map(([name, value]) =>
    `${name.replaceAll(/[^a-zA-Z0-9_]/g, "_")}="${
      value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")
    }"`
  );
  return `{${texts.join(",")}}`;
}

function helpText(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

function numberText(value: number): string {
  if (value === Infinity) return "+Inf";
  return value === -Infinity ? "-Inf" : String(value);
}

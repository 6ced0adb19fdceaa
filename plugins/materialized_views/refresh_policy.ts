/**
 * When a view is brought up to date, and how large it may grow: its properties, read and checked.
 *
 * SQL gives them as `WITH (refresh = 'interval', interval = '5 seconds')`, the API as an object; both end in one
 * {@linkcode RefreshPolicy}. Errors name the values that are allowed.
 *
 * @module
 */
import { LiveViewError, QueryError } from "../../src/base/error.ts";
import type { Property, PropertyValue } from "../../src/query/ast.ts";
import { parseInterval } from "../../src/query/functions/interval_text.ts";
import { intervalKey } from "../../src/query/functions/interval_value.ts";
import type { Interval } from "../../src/storage/sql_type.ts";
import { parseRefreshHours, type RefreshHours } from "./refresh_hours.ts";

/** `eager`: inside the commit. `manual`: by REFRESH alone. `interval`: by the plugin's timer. */
export type RefreshTrigger = "eager" | "manual" | "interval";

/**
 * How a refresh may be done. `auto`: by the changes, or from all rows where that is expected to cost less.
 * `incremental`: by the changes alone, or refuse the view. `full`: always from all rows, without state.
 */
export type RefreshModeProperty = "auto" | "incremental" | "full";

/**
 * What becomes of a row for which an expression of the query fails, by a division by zero, say. `fail`: the commit or
 * refresh that brings it fails. `quarantine`: the view leaves it out, and liveview.view_errors shows it.
 */
export type RowErrorPolicy = "fail" | "quarantine";

/** What the definition of a view may say besides its query. */
export interface ViewProperties {
  /** When the view is brought up to date; `eager` by default, `interval` when an interval or a lag is given. */
  readonly refresh?: RefreshTrigger;
  /** Time between two refreshes: milliseconds, or an interval such as `5 seconds`. */
  readonly interval?: number | string;
  /** Age that the oldest change not yet applied may reach: milliseconds, or an interval. */
  readonly targetLag?: number | string;
  /** Hours in which the timer may refresh it, such as `22:00-06:00 Europe/Berlin`; all by default. */
  readonly refreshHours?: string;
  /** How a refresh may be done; `auto` by default. */
  readonly refreshMode?: RefreshModeProperty;
  /** What becomes of rows for which an expression fails; `fail` by default. */
  readonly onError?: RowErrorPolicy;
  /** Bytes that the state of the view's circuit may take; unlimited by default. */
  readonly stateBytesMax?: number;
  /** Age at which rows of the view leave it: an interval such as `30 days`; unlimited by default. */
  readonly retention?: string;
  /** The column that tells the age of a row; the only column of times by default. */
  readonly retentionColumn?: string;
}

/** How long rows stay. */
export interface Retention {
  readonly length: Interval;
  readonly column: string | undefined;
}

/** Properties after the checks. */
export interface RefreshPolicy {
  readonly trigger: RefreshTrigger;
  readonly intervalMs: number | undefined;
  readonly targetLagMs: number | undefined;
  readonly refreshHours: RefreshHours | undefined;
  readonly refreshMode: RefreshModeProperty;
  readonly onError: RowErrorPolicy;
  readonly stateBytesMax: number | undefined;
  readonly retention: Retention | undefined;
}

const TRIGGERS: readonly RefreshTrigger[] = ["eager", "manual", "interval"];
const REFRESH_MODES: readonly RefreshModeProperty[] = ["auto", "incremental", "full"];
const ROW_ERROR_POLICIES: readonly RowErrorPolicy[] = ["fail", "quarantine"];

// SQL name -> name in the API.
const PROPERTY_NAMES: Readonly<Record<string, keyof ViewProperties>> = {
  refresh: "refresh",
  interval: "interval",
  target_lag: "targetLag",
  refresh_hours: "refreshHours",
  refresh_mode: "refreshMode",
  on_error: "onError",
  state_bytes_max: "stateBytesMax",
  retention: "retention",
  retention_column: "retentionColumn",
};

const DAY_MS = 86_400_000;
const DAYS_PER_MONTH = 30;

/**
 * The properties of a WITH or SET list.
 *
 * @throws {QueryError} `invalid-parameter` for an unknown name, one that stands twice, and a value of another kind
 */
export function propertiesOf(list: readonly Property[]): ViewProperties {
  const properties: { -readonly [Name in keyof ViewProperties]: unknown } = {};
  for (const { name, value, span } of list) {
    const place = span === undefined ? {} : { span };
    const key = Object.hasOwn(PROPERTY_NAMES, name) ? PROPERTY_NAMES[name] : undefined;
    if (key === undefined) {
      throw new QueryError("invalid-parameter", `A view has no property "${name}"`, {
        details: { property: name, ...place },
        hint: `properties are ${Object.keys(PROPERTY_NAMES).join(", ")}`,
      });
    }
    if (properties[key] !== undefined) {
      throw new QueryError("invalid-parameter", `The property "${name}" is given twice`, {
        details: { property: name, ...place },
        hint: "leave one of them out",
      });
    }
    properties[key] = requireScalar(name, value, place);
  }
  // Kinds of the values are checked by policyOf, as they are for callers of the API.
  return properties as ViewProperties;
}

/**
 * The policy that `properties` describe; what they leave out is as in `before`.
 *
 * @throws {QueryError} `invalid-parameter`
 */
export function policyOf(properties: ViewProperties, before?: RefreshPolicy): RefreshPolicy {
  const { refresh, interval, targetLag, refreshHours, refreshMode, onError, stateBytesMax } = properties;
  const scheduled = interval !== undefined || targetLag !== undefined;
  if (refresh !== undefined && !TRIGGERS.includes(refresh)) {
    throw invalid("refresh", refresh, `one of ${TRIGGERS.join(", ")}`);
  }
  if (refreshMode !== undefined && !REFRESH_MODES.includes(refreshMode)) {
    throw invalid("refresh_mode", refreshMode, `one of ${REFRESH_MODES.join(", ")}`);
  }
  if (onError !== undefined && !ROW_ERROR_POLICIES.includes(onError)) {
    throw invalid("on_error", onError, `one of ${ROW_ERROR_POLICIES.join(", ")}`);
  }
  if (interval !== undefined && targetLag !== undefined) {
    throw new QueryError("invalid-parameter", "A view has an interval or a target_lag, not both", {
      details: { interval, targetLag },
      hint: "an interval refreshes at fixed times, a target_lag when changes have waited that long",
    });
  }
  if (scheduled && refresh !== undefined && refresh !== "interval") {
    throw new QueryError(
      "invalid-parameter",
      `A view with refresh = '${refresh}' has no interval and no target_lag`,
      { details: { refresh }, hint: "leave them out, or use refresh = 'interval'" },
    );
  }
  const trigger = refresh ?? (scheduled ? "interval" : before?.trigger ?? "eager");
  const kept = trigger === "interval" && !scheduled ? before : undefined;
  const policy: RefreshPolicy = {
    trigger,
    intervalMs: interval === undefined ? kept?.intervalMs : durationMs("interval", interval),
    targetLagMs: targetLag === undefined ? kept?.targetLagMs : durationMs("target_lag", targetLag),
    refreshHours: refreshHours === undefined ? kept?.refreshHours : parseRefreshHours(refreshHours),
    refreshMode: refreshMode ?? before?.refreshMode ?? "auto",
    onError: onError ?? before?.onError ?? "fail",
    stateBytesMax: stateBytesMax === undefined ? before?.stateBytesMax : requireBytes(stateBytesMax),
    retention: retentionOf(properties, before?.retention),
  };
  if (trigger === "interval" && policy.intervalMs === undefined && policy.targetLagMs === undefined) {
    throw new QueryError("invalid-parameter", "A view with refresh = 'interval' needs to know how often", {
      details: { refresh },
      hint: "add interval = '5 seconds' or target_lag = '1 minute'",
    });
  }
  if (trigger !== "interval" && refreshHours !== undefined) {
    throw new QueryError("invalid-parameter", `A view with refresh = '${trigger}' has no refresh_hours`, {
      details: { refresh: trigger, refreshHours },
      hint: "add interval = '1 hour' or target_lag = '1 day'",
    });
  }
  return policy;
}

function retentionOf(
  { retention, retentionColumn }: ViewProperties,
  before: Retention | undefined,
): Retention | undefined {
  if (retentionColumn !== undefined && typeof retentionColumn !== "string") {
    throw invalid("retention_column", retentionColumn, "the name of a column");
  }
  const column = retentionColumn ?? before?.column;
  if (retention !== undefined) {
    return { length: requireInterval("retention", retention, "an interval such as '30 days'"), column };
  }
  if (before !== undefined) return retentionColumn === undefined ? before : { ...before, column };
  if (column === undefined) return undefined;
  throw new QueryError("invalid-parameter", "A retention_column needs a retention", {
    details: { retentionColumn },
    hint: "add retention = '30 days'",
  });
}

function requireScalar(
  property: string,
  value: PropertyValue | undefined,
  place: { readonly span?: object },
): string | number {
  if (typeof value === "string" || typeof value === "number") return value;
  throw new QueryError("invalid-parameter", `The property "${property}" takes a text or a number`, {
    details: { property, received: value, ...place },
    hint:
      "write refresh = 'manual', interval = '5 seconds', target_lag = '1 minute', state_bytes_max = 1000000",
  });
}

function durationMs(property: string, value: unknown): number {
  const allowed = "a positive number of milliseconds, or an interval such as '5 seconds'";
  const ms = typeof value === "number" ? value : intervalMs(property, value, allowed);
  if (!Number.isFinite(ms) || ms < 1) throw invalid(property, value, allowed);
  return ms;
}

function intervalMs(property: string, value: unknown, allowed: string): number {
  const { months, days, micros } = requireInterval(property, value, allowed);
  return (months * DAYS_PER_MONTH + days) * DAY_MS + micros / 1000;
}

function requireInterval(property: string, value: unknown, allowed: string): Interval {
  if (typeof value !== "string") throw invalid(property, value, allowed);
  try {
    const interval = parseInterval(value);
    if (intervalKey(interval) > 0) return interval;
    throw invalid(property, value, `${allowed}, and longer than nothing`);
  } catch (error) {
    if (error instanceof LiveViewError) throw invalid(property, value, allowed);
    throw error;
  }
}

function requireBytes(value: unknown): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value > 0) return value;
  throw invalid("state_bytes_max", value, "a positive whole number of bytes");
}

function invalid(property: string, received: unknown, allowed: string): QueryError {
  return new QueryError(
    "invalid-parameter",
    `The property "${property}" cannot be ${JSON.stringify(received) ?? String(received)}`,
    { details: { property, received }, hint: `it is ${allowed}` },
  );
}

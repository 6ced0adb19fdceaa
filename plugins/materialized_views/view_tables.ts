/**
 * The system tables of views: `liveview.views`, `liveview.operators` and `liveview.refresh_history`.
 *
 * @module
 */
import type { OperatorStatus } from "../../src/circuit/circuit.ts";
import type { SystemTable } from "../../src/kernel/extension_points.ts";
import { BIGINT, BOOLEAN, DOUBLE, TEXT, TIMESTAMPTZ } from "../../src/storage/sql_type.ts";
import type { RowError } from "../../src/circuit/quarantine.ts";
import { toJson } from "../../src/query/functions/json_convert.ts";
import { formatJson, quoteJson } from "../../src/query/functions/json_value.ts";
import type { RefreshRecord } from "./refresh_history.ts";
import type { ViewStatus } from "./view_status.ts";

const UTC = { timeZone: "UTC" };

/** One row a view. */
export function viewsTable(status: () => readonly ViewStatus[]): SystemTable {
  return {
    name: "liveview.views",
    columns: [
      { name: "name", type: TEXT },
      { name: "temporary", type: BOOLEAN },
      { name: "refresh", type: TEXT },
      { name: "interval_ms", type: DOUBLE },
      { name: "target_lag_ms", type: DOUBLE },
      { name: "refresh_hours", type: TEXT },
      { name: "retention", type: TEXT },
      { name: "refresh_mode", type: TEXT },
      { name: "refresh_mode_reason", type: TEXT },
      { name: "requested_refresh_mode", type: TEXT },
      { name: "state", type: TEXT },
      { name: "error", type: TEXT },
      { name: "on_error", type: TEXT },
      { name: "error_row_count", type: BIGINT },
      { name: "sources", type: TEXT },
      { name: "row_count", type: BIGINT },
      { name: "as_of", type: BIGINT },
      { name: "staleness_ms", type: DOUBLE },
      { name: "refresh_count", type: BIGINT },
      { name: "no_data_count", type: BIGINT },
      { name: "failure_count", type: BIGINT },
      { name: "duration_p50_ms", type: DOUBLE },
      { name: "duration_p99_ms", type: DOUBLE },
      { name: "examined_rows", type: BIGINT },
      { name: "state_bytes", type: BIGINT },
      { name: "state_bytes_estimate", type: BIGINT },
      { name: "state_bytes_max", type: BIGINT },
      { name: "subscriber_count", type: BIGINT },
    ],
    rows: () =>
      status().map((view) => ({
        name: view.name,
        temporary: view.temporary,
        refresh: view.refresh,
        interval_ms: view.intervalMs ?? null,
        target_lag_ms: view.targetLagMs ?? null,
        refresh_hours: view.refreshHours ?? null,
        retention: view.retention ?? null,
        refresh_mode: view.refreshMode,
        refresh_mode_reason: view.refreshModeReason ?? null,
        requested_refresh_mode: view.requestedRefreshMode,
        state: view.state,
        error: view.error ?? null,
        on_error: view.onError,
        error_row_count: view.errorRowCount,
        sources: view.sources.join(", "),
        row_count: view.rowCount,
        as_of: view.asOf,
        staleness_ms: view.stalenessMs,
        refresh_count: view.refreshCount,
        no_data_count: view.noDataCount,
        failure_count: view.failureCount,
        duration_p50_ms: view.durationP50Ms ?? null,
        duration_p99_ms: view.durationP99Ms ?? null,
        examined_rows: view.examinedRows,
        state_bytes: view.stateBytes,
        state_bytes_estimate: view.stateBytesEstimate,
        state_bytes_max: view.stateBytesMax ?? null,
        subscriber_count: view.subscriberCount,
      })),
  };
}

/** One row an operator. */
export function operatorsTable(operators: () => readonly OperatorStatus[]): SystemTable {
  return {
    name: "liveview.operators",
    columns: [
      { name: "id", type: BIGINT },
      { name: "name", type: TEXT },
      { name: "inputs", type: TEXT },
      { name: "state_bytes", type: BIGINT },
      { name: "examined_rows", type: BIGINT },
      { name: "shared_by", type: TEXT },
    ],
    rows: () =>
      operators().map((operator) => ({
        id: operator.id,
        name: operator.name,
        inputs: operator.inputs.join(", "),
        state_bytes: operator.stateBytes,
        examined_rows: operator.examinedRows,
        shared_by: operator.sharedBy.join(", "),
      })),
  };
}

/** One row for each different row that a view leaves out because an expression fails for it. */
export function viewErrorsTable(
  errors: () => readonly { readonly view: string; readonly error: RowError }[],
): SystemTable {
  return {
    name: "liveview.view_errors",
    columns: [
      { name: "view", type: TEXT },
      { name: "code", type: TEXT },
      { name: "message", type: TEXT },
      { name: "row_values", type: TEXT },
      { name: "count", type: BIGINT },
      { name: "since_version", type: BIGINT },
    ],
    rows: () =>
      errors().map(({ view, error }) => ({
        view,
        code: error.code,
        message: error.message,
        row_values: rowText(error),
        count: error.count,
        since_version: error.sinceVersion ?? null,
      })),
  };
}

/** The values of a row as a JSON object, in the order of its columns. */
function rowText({ columns, row }: RowError): string {
  const entries = columns.map(({ name, type }, i) =>
    `${quoteJson(name)}: ${formatJson(toJson(row[i]!, type, UTC))}`
  );
  return `{${entries.join(", ")}}`;
}

/** One row a remembered refresh, oldest first within a view. */
export function refreshHistoryTable(records: () => readonly RefreshRecord[]): SystemTable {
  return {
    name: "liveview.refresh_history",
    columns: [
      { name: "view", type: TEXT },
      { name: "at", type: TIMESTAMPTZ },
      { name: "from_version", type: BIGINT },
      { name: "to_version", type: BIGINT },
      { name: "mode", type: TEXT },
      { name: "decision", type: TEXT },
      { name: "estimate_incremental_ms", type: DOUBLE },
      { name: "estimate_full_ms", type: DOUBLE },
      { name: "rows_in", type: BIGINT },
      { name: "rows_out", type: BIGINT },
      { name: "duration_ms", type: DOUBLE },
      { name: "state_bytes", type: BIGINT },
      { name: "error", type: TEXT },
    ],
    rows: () =>
      records().map((record) => ({
        view: record.view,
        at: record.at,
        from_version: record.fromVersion,
        to_version: record.toVersion,
        mode: record.mode,
        decision: record.decision ?? null,
        estimate_incremental_ms: record.estimateIncrementalMs ?? null,
        estimate_full_ms: record.estimateFullMs ?? null,
        rows_in: record.rowsIn,
        rows_out: record.rowsOut,
        duration_ms: record.durationMs,
        state_bytes: record.stateBytes,
        error: record.error ?? null,
      })),
  };
}

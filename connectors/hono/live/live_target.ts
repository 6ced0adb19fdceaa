/**
 * What a live request asks for, checked, and the subscription that answers it.
 *
 * @module
 */
import * as v from "valibot";
import { QueryError } from "../../../src/base/error.ts";
import type { StatementInput } from "../../../src/kernel/database.ts";
import type { ChangeStream, SubscribeOptions } from "../../../src/kernel/hooks.ts";
import type { QueryOptions } from "../../../src/kernel/query_context.ts";
import type { ResultColumn } from "../../../src/kernel/query_result.ts";
import { queryFromJson } from "../../../src/query/json_query.ts";
import { startsAsQuery } from "../../../src/sql/query_text.ts";
import { nearest } from "../../../src/sql/sql_error.ts";
import type { AppContext } from "../app_context.ts";
import { plainObject } from "../schema/query_schema.ts";

const params = v.union([v.array(v.unknown()), plainObject]);
const milliseconds = v.pipe(v.number(), v.minValue(0));

/** A subscription as a body or a message has it. */
export const liveEntries = {
  /** A view, a plain view or a table; this, `sql` or `query`. */
  view: v.exactOptional(v.string()),
  /** A query as text. */
  sql: v.exactOptional(v.string()),
  /** A query in its JSON form. */
  query: v.exactOptional(plainObject),
  /** Values of `$1`, ... as an array, or of `:name` as an object. */
  params: v.exactOptional(params),
  /** Begin with the contents; true by default. */
  snapshot: v.exactOptional(v.boolean()),
  /** Hold changes for so long and merge them. */
  coalesceMs: v.exactOptional(milliseconds),
  /** The id of the last event that was received. */
  lastEventId: v.exactOptional(v.string()),
} as const;

/** The body of `POST /live`. */
export const liveBody = v.strictObject(liveEntries);

/** See {@linkcode liveBody}. */
export type LiveRequest = v.InferOutput<typeof liveBody>;

const flag = v.pipe(
  v.picklist(["true", "false", "1", "0"]),
  v.transform((text) => text === "true" || text === "1"),
);

/** The query string of `GET /live`. */
export const liveQuery = v.strictObject({
  view: v.exactOptional(v.string()),
  sql: v.exactOptional(v.string()),
  /** A JSON array or object. */
  params: v.exactOptional(v.pipe(v.string(), v.parseJson(), params)),
  snapshot: v.exactOptional(flag),
  coalesceMs: v.exactOptional(v.pipe(v.string(), v.toNumber(), milliseconds)),
  lastEventId: v.exactOptional(v.string()),
});

/** A subscription that has begun. */
export interface LiveSubscription {
  readonly changes: ChangeStream;
  readonly columns: readonly ResultColumn[];
  /** The first event when there is no snapshot: where the reader is. */
  readonly beginsAt: number | undefined;
}

/**
 * Subscribes as `request` says, for the caller of `options`.
 *
 * @throws {LiveViewError} what stands against it; nothing is left open then
 */
export async function openLive(
  context: AppContext,
  request: LiveRequest,
  options: QueryOptions,
): Promise<LiveSubscription> {
  const target = targetOf(request, context);
  const before = context.db.version;
  const fromVersion = resumableVersion(context, request.lastEventId);
  const wantsSnapshot = request.lastEventId !== undefined || (request.snapshot ?? true);
  const coalesceMs = Math.min(request.coalesceMs ?? 0, context.live.coalesceMsMax);
  const subscribeOptions: SubscribeOptions = {
    ...(options.context === undefined ? {} : { context: options.context }),
    ...(options.tenant === undefined ? {} : { tenant: options.tenant }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    ...(request.params === undefined ? {} : { params: request.params }),
    ...(fromVersion === undefined ? { snapshot: wantsSnapshot } : { fromVersion }),
    coalesceMs,
  };
  const changes = context.db.subscribe(target, subscribeOptions);
  const columns = await changes.opened;
  return { changes, columns, beginsAt: fromVersion ?? (wantsSnapshot ? undefined : before) };
}

function targetOf(request: LiveRequest, context: AppContext): StatementInput {
  const { view, sql, query } = request;
  const given = [view, sql, query].filter((one) => one !== undefined).length;
  if (given !== 1) {
    throw new QueryError(
      "invalid-parameter",
      `A live request names one of view, sql and query: received ${given} of them`,
      { details: { received: given }, hint: "give view=<name> or sql=<query>" },
    );
  }
  if (query !== undefined) return queryFromJson(query);
  if (view === undefined) return requireQuery(sql!);
  if (context.db.catalog.relation(view) !== undefined) return view;
  const near = nearest(view, context.db.catalog.relationNames());
  throw new QueryError("unknown-table", `There is no view or table ${JSON.stringify(view)}`, {
    details: { view },
    hint: near === undefined ? "create it first, or subscribe to a query by sql" : `did you mean "${near}"`,
  });
}

function requireQuery(sql: string): string {
  if (startsAsQuery(sql)) return sql;
  throw new QueryError("invalid-statement", "A live request takes one query that changes nothing", {
    details: { start: sql.slice(0, 40) },
    hint: "give a SELECT as sql, or the name of a view or table as view",
  });
}

/** The version of a stamp of this instance; anything else gets a snapshot. */
function resumableVersion(context: AppContext, stamp: string | undefined): number | undefined {
  const version = stamp === undefined ? undefined : context.versionOf(stamp);
  return version !== undefined && version <= context.db.version ? version : undefined;
}

/**
 * A typed client for the HTTP adapter: queries, live queries and ingest, in browsers, Deno, Bun and Node.
 *
 * ```ts ignore
 * const client = createClient("https://example.org", { token });
 * const { rows } = await client.query<{ day: Date; revenue: number }>("SELECT * FROM daily WHERE day > $1", ["2024-05-01"]);
 * for await (const change of client.live("daily")) console.log(change.version, change.inserted, change.deleted);
 * const daily = client.live("daily").rows();
 * daily.subscribe(() => draw(daily.rows));
 * await client.ingest("orders", [{ id: 1, price: 9.5 }]);
 * ```
 *
 * It takes nothing from the engine but types and the base of its errors, so that it is a few kilobytes in a page.
 *
 * @module
 */
import { type ErrorCode, LiveViewError } from "../../src/base/error.ts";
import type { Query } from "../../src/query/ast.ts";
import type { BackoffOptions } from "./backoff.ts";
import { ClientError } from "./client_error.ts";
import { type Fetch, HttpCalls, type TokenSource } from "./http_call.ts";
import { type IngestOptions, type IngestReport, type IngestRow, ingestRows } from "./ingest_call.ts";
import { LiveConnection, type LiveConnectionOptions, type LiveStatus } from "./live_connection.ts";
import { eventStreams, type LiveRequestBody, type LiveTransport } from "./live_events.ts";
import { type ClientSocket, liveSockets, type OpenSocket } from "./live_sockets.ts";
import { LiveRows, type LiveRowsChange } from "./live_rows.ts";
import { type ClientColumn, RowReader } from "./wire_rows.ts";

export { ClientError, LiveRows, LiveViewError };
export type {
  BackoffOptions,
  ClientColumn,
  ClientSocket,
  ErrorCode,
  Fetch,
  IngestOptions,
  IngestReport,
  IngestRow,
  LiveRowsChange,
  LiveStatus,
  OpenSocket,
  TokenSource,
};

/** Options of {@linkcode createClient}. */
export interface ClientOptions extends BackoffOptions {
  /** A bearer token, or what gives one; a function is asked again when the server refuses the last one. */
  readonly token?: TokenSource;
  /** The platform's by default; an app's own, `(request) => app.fetch(request)`, without a network. */
  readonly fetch?: Fetch;
  /** Sent with every request, such as `X-API-Key`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Tries of a request that may be repeated; 8 by default. */
  readonly triesMax?: number;
  /**
   * How live queries come: `events`, the default, is one request each; with `socket` they share WebSockets, which a
   * page needs that has more than the six connections that browsers open to one HTTP/1.1 server.
   */
  readonly transport?: "events" | "socket";
  /** Opens a socket: `new WebSocket(url)` by default. */
  readonly openSocket?: OpenSocket;
  /** Milliseconds without a byte after which a live connection is taken for dead; 45 s by default. */
  readonly silenceMs?: number;
}

/** Values of `$1`, `$2`, ... as an array, or of `:name` as an object. */
export type ClientParameters = readonly unknown[] | Readonly<Record<string, unknown>>;

/** Options of a query. */
export interface ClientQueryOptions {
  /** Ends the request. */
  readonly signal?: AbortSignal;
  /** The answer reflects at least this version, such as that of an ingest. */
  readonly minVersion?: number;
  /** Stored views that are older are refreshed first. */
  readonly maxStalenessMs?: number;
  /** The server gives up after so long. */
  readonly deadlineMs?: number;
  /** The statement may write, for those who may; otherwise it is refused. */
  readonly write?: boolean;
}

/** An answer. */
export interface ClientResult<Row> {
  /** Names and types, in order. */
  readonly columns: readonly ClientColumn[];
  /** Objects by column name. */
  readonly rows: readonly Row[];
  /** How many there are. */
  readonly rowCount: number;
  /** Of the data that it reflects. */
  readonly version: number;
}

/** What is subscribed to: a view, a table or a query as text or AST. Text that begins as a query is one. */
export type LiveTarget = string | Query | LiveSource;

/** See {@linkcode LiveTarget}. */
export interface LiveSource {
  /** A view or a table; this, `sql` or `query`. */
  readonly view?: string;
  /** A query as text. */
  readonly sql?: string;
  /** A query as AST. */
  readonly query?: Query;
  /** Values of its parameters. */
  readonly params?: ClientParameters;
}

/** Options of a live query. */
export interface LiveOptions {
  /** Values of the parameters of a query. */
  readonly params?: ClientParameters;
  /** Ends it. */
  readonly signal?: AbortSignal;
  /** Begin with the contents; true by default. */
  readonly snapshot?: boolean;
  /** The server holds changes for so long and merges them. */
  readonly coalesceMs?: number;
  /** Continue after this event of an earlier connection. */
  readonly lastEventId?: string;
  /** Told when the connection is made, lost, or ends. */
  readonly onStatus?: (status: LiveStatus, error: unknown) => void;
}

/** A change of a live query. */
export interface LiveChange<Row> {
  /** Of the commit; of the last one where several were merged. */
  readonly version: number;
  /** It replaces everything: `inserted` has the whole contents. */
  readonly snapshot: boolean;
  /** Names and types, in order. */
  readonly columns: readonly ClientColumn[];
  /** Rows that came. */
  readonly inserted: readonly Row[];
  /** Rows that went, with the values they had. */
  readonly deleted: readonly Row[];
  /** Continues after this change, given as `lastEventId`. */
  readonly eventId: string | undefined;
}

/** A live query: iterate over its changes, or keep its rows. Each of the two opens a connection of its own. */
export interface LiveQuery<Row> extends AsyncIterable<LiveChange<Row>> {
  /** Its changes, each exactly once, whatever happens to the connection. Ends when the view is dropped. */
  [Symbol.asyncIterator](): AsyncIterableIterator<LiveChange<Row>, undefined, undefined>;
  /** Its rows as they are now. Close it when it is not needed. */
  rows(): LiveRows<Row>;
}

/** What {@linkcode createClient} gives. */
export interface Client {
  /**
   * Answers one statement. Values come back as the engine shows them: DATE and TIMESTAMP as `Date`.
   *
   * @throws {ClientError} with the code of the server
   */
  query<Row extends object = Record<string, unknown>>(
    statement: string | Query,
    params?: ClientParameters,
    options?: ClientQueryOptions,
  ): Promise<ClientResult<Row>>;
  /** A live query; nothing happens before it is iterated over or its rows are asked for. */
  live<Row extends object = Record<string, unknown>>(
    target: LiveTarget,
    options?: LiveOptions,
  ): LiveQuery<Row>;
  /**
   * Inserts rows, in batches that are each inserted whole. What gets no answer is sent again with the same key, which
   * the server carries out once.
   *
   * @throws {ClientError} with what was inserted before, as `details.acknowledged`
   */
  ingest(
    table: string,
    rows: Iterable<IngestRow> | AsyncIterable<IngestRow>,
    options?: IngestOptions,
  ): Promise<IngestReport>;
}

const SILENCE_MS = 45_000;
/** Text that is a query, and not the name of a view. */
const QUERY = /^[\s(]*(select|with|values|from|table)\b/i;

/**
 * A client of the app that is mounted at `url`.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { createDatabase } from "../../mod.ts";
 * import { liveviewApp } from "../hono/app.ts";
 * import { createClient } from "./client.ts";
 *
 * await using db = createDatabase();
 * const app = liveviewApp(db);
 * const client = createClient("http://localhost", { fetch: (request) => app.fetch(request) });
 * const { rows } = await client.query<{ next: number }>("SELECT $1 + 1 AS next", [41]);
 * assert(rows[0]?.next === 42);
 * ```
 */
export function createClient(url: string | URL, options: ClientOptions = {}): Client {
  const calls = new HttpCalls(url, options);
  const silenceMs = options.silenceMs ?? SILENCE_MS;
  const transport = options.transport === "socket"
    ? liveSockets(calls, { silenceMs, open: options.openSocket })
    : eventStreams(calls, silenceMs);
  return {
    query: (statement, params, queryOptions) => query(calls, statement, params, queryOptions),
    live: (target, liveOptions = {}) => live({ calls, transport }, target, liveOptions),
    ingest: (table, rows, ingestOptions) => ingestRows(calls, table, rows, ingestOptions),
  };
}

async function query<Row>(
  calls: HttpCalls,
  statement: string | Query,
  params: ClientParameters | undefined,
  { signal, ...options }: ClientQueryOptions = {},
): Promise<ClientResult<Row>> {
  const target = typeof statement === "string" ? { sql: statement } : { query: statement };
  const response = await calls.send({
    method: "POST",
    path: "/query",
    headers: { "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify({ ...target, ...(params === undefined ? {} : { params }), ...options }),
    signal,
  });
  const answer: unknown = await response.json();
  if (!isAnswer(answer)) {
    throw new ClientError("invalid-input", "The server sent an answer that is no result", {
      status: response.status,
      hint: "check that the URL is that of the app",
    });
  }
  const reader = new RowReader<Row>(answer.columns);
  const rows = answer.rows.map((row) => reader.fromObject(row));
  return { columns: answer.columns, rows, rowCount: rows.length, version: answer.version };
}

interface WireAnswer {
  readonly columns: readonly ClientColumn[];
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  readonly version: number;
}

function isAnswer(value: unknown): value is WireAnswer {
  return typeof value === "object" && value !== null && "columns" in value && Array.isArray(value.columns) &&
    "rows" in value && Array.isArray(value.rows) && "version" in value && typeof value.version === "number";
}

function live<Row>(
  { calls, transport }: { readonly calls: HttpCalls; readonly transport: LiveTransport },
  target: LiveTarget,
  { params, snapshot, coalesceMs, ...options }: LiveOptions,
): LiveQuery<Row> {
  const body: LiveRequestBody = {
    ...sourceOf(target),
    ...(params === undefined ? {} : { params }),
    ...(coalesceMs === undefined ? {} : { coalesceMs }),
  };
  const how: LiveConnectionOptions = { backoff: () => calls.backoff(), ...options };
  return {
    [Symbol.asyncIterator]: () => {
      const own = snapshot === undefined ? body : { ...body, snapshot };
      return new LiveChanges<Row>(new LiveConnection(transport, own, how));
    },
    // What it held before is not known: it begins with the contents.
    rows: () => new LiveRows<Row>(new LiveConnection(transport, body, { ...how, lastEventId: undefined })),
  };
}

function sourceOf(target: LiveTarget): LiveRequestBody {
  if (typeof target === "string") return QUERY.test(target) ? { sql: target } : { view: target };
  return "kind" in target ? { query: target } : target;
}

/** Changes with rows as objects. */
class LiveChanges<Row> implements AsyncIterableIterator<LiveChange<Row>, undefined, undefined> {
  readonly #connection: LiveConnection;
  #columns: readonly ClientColumn[] = [];
  #reader = new RowReader<Row>([]);

  constructor(connection: LiveConnection) {
    this.#connection = connection;
  }

  async next(): Promise<IteratorResult<LiveChange<Row>, undefined>> {
    const result = await this.#connection.next();
    if (result.done) return result;
    const change = result.value;
    if (change.columns !== this.#columns) {
      this.#columns = change.columns;
      this.#reader = new RowReader(change.columns);
    }
    const inserted = change.inserted.map((values) => this.#reader.fromArray(values));
    const deleted = change.deleted.map((values) => this.#reader.fromArray(values));
    return { done: false, value: { ...change, inserted, deleted } };
  }

  async return(): Promise<IteratorResult<LiveChange<Row>, undefined>> {
    await this.#connection.return();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

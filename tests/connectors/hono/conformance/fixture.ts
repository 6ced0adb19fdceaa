/**
 * The app that the conformance suite speaks to: the same database and options on every runtime.
 *
 * @module
 */
import type { LiveviewHono } from "../../../../connectors/hono/app_context.ts";
import { liveviewApp } from "../../../../connectors/hono/app.ts";
import type { LiveviewAppOptions } from "../../../../connectors/hono/app_options.ts";
import { sha256Hex } from "../../../../connectors/hono/auth/api_key.ts";
import type { ChartKind } from "../../../../connectors/charts/chart_kind.ts";
import {
  column,
  createDatabase,
  definePlugin,
  from,
  httpRoutes,
  materializedViews,
  principalKey,
  QueryError,
} from "../../../../mod.ts";

/** Sends a request to the app. */
export type Fetch = (path: string, init?: RequestInit) => Promise<Response>;

/** One behaviour, checked over HTTP. */
export interface ConformanceCase {
  readonly name: string;
  readonly run: (fetch: Fetch) => Promise<void>;
}

/** The secret of HS256 tokens. */
export const JWT_SECRET = "a secret of the conformance suite";

/** API keys by what they may do. */
export const KEYS = {
  read: "key-of-reader",
  write: "key-of-writer",
  admin: "key-of-admin",
  acme: "key-of-acme",
};

/** The plugin whose route the suite calls. */
export const greetingRoutes = definePlugin({
  name: "greetings",
  setup: () => ({
    api: {},
    provides: [httpRoutes.of({
      method: "GET",
      path: "/greetings/:name",
      summary: "Greets whoever is named",
      access: "write",
      handle: ({ parameters, context, tenant }) =>
        Response.json({
          hello: parameters["name"],
          by: context.get(principalKey)?.subject,
          tenant: tenant ?? null,
        }),
    })],
  }),
});

/** The smallest chart library: a spec is the name of a table, a chart is its rows. */
export const listChart: ChartKind = {
  name: "list",
  compile: (spec, catalog) => {
    const table = String(Reflect.get(Object(spec), "table"));
    if (catalog.columns(table) === undefined) {
      throw new QueryError("unknown-table", `There is no table ${table}`, {
        hint: catalog.relationNames().join(),
      });
    }
    const query = from(table).select({ id: column("id") }).orderBy(column("id").asc()).build();
    return {
      datasets: [{ name: "rows", query }],
      unsupported: [{ path: "/color", reason: "lists have no colour" }],
      fill: (rows) => ({ table, values: rows.get("rows") ?? [] }),
    };
  },
  present: (columns, rows, options) => ({
    names: columns.map(({ name }) => name),
    rows,
    title: options?.title,
  }),
};

const SCRIPT = `
  CREATE TABLE sale (
    id INTEGER PRIMARY KEY, region TEXT, day DATE, at TIMESTAMP, amount DECIMAL(10,2), big BIGINT, weight DOUBLE,
    note JSON
  );
  INSERT INTO sale VALUES
    (1, 'north', '2024-05-01', '2024-05-01 12:00:00', 9.50, 9007199254740993, 1.5, '{"a": 1}'),
    (2, 'south', '2024-05-02', '2024-05-02 12:00:00.25', 3.25, 2, 'NaN', NULL),
    (3, 'north', '2024-05-03', '2024-05-03 12:00:00.123456', 1.00, 3, 'Infinity', '[1, 2]');
  CREATE TABLE other (id INTEGER PRIMARY KEY);
  CREATE TABLE event (
    id INTEGER PRIMARY KEY, kind TEXT NOT NULL, value DOUBLE CHECK (value >= 0), at TIMESTAMP, big BIGINT,
    label TEXT DEFAULT 'none'
  );
  CREATE TABLE odd ("__proto__" TEXT, "constructor" TEXT, "a""b" TEXT);
  CREATE MATERIALIZED VIEW by_region AS SELECT region, sum(amount) AS total, count(*) AS sales FROM sale GROUP BY region;
`;

/** The options of the suite's app. */
export async function conformanceOptions(): Promise<LiveviewAppOptions> {
  const keyOf = async (key: string, role: string, tenant?: string) => ({
    sha256: await sha256Hex(key),
    principal: {
      subject: `holder of ${key}`,
      roles: [role],
      claims: {},
      ...(tenant === undefined ? {} : { tenant }),
    },
  });
  return {
    anonymous: "read",
    limits: { bodyBytesMax: 100_000, ingestBatchRows: 100, ingestErrorsMax: 5 },
    live: { heartbeatMs: 100 },
    charts: [listChart],
    cors: { origin: "https://dashboard.example" },
    authentication: {
      jwt: { keys: [{ algorithm: "HS256", key: JWT_SECRET }], issuer: "suite", audience: "liveview" },
      apiKeys: [
        await keyOf(KEYS.read, "read"),
        await keyOf(KEYS.write, "write"),
        await keyOf(KEYS.admin, "admin"),
        await keyOf(KEYS.acme, "read", "acme"),
      ],
    },
  };
}

/** The app, ready. */
export async function conformanceApp(options: LiveviewAppOptions = {}): Promise<LiveviewHono> {
  const db = createDatabase({ plugins: [materializedViews(), greetingRoutes] });
  await db.exec(SCRIPT);
  return liveviewApp(db, { ...await conformanceOptions(), ...options });
}

/** `fetch` in process. */
export async function inProcess(options: LiveviewAppOptions = {}): Promise<Fetch> {
  const app = await conformanceApp(options);
  return async (path, init) => await app.fetch(new Request(`http://localhost${path}`, init));
}

/** A POST with a JSON body. */
export function post(body: unknown, headers: Readonly<Record<string, string>> = {}): RequestInit {
  return {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  };
}

/** The headers of a caller with a role. */
export function as(role: keyof typeof KEYS): Readonly<Record<string, string>> {
  return { "x-api-key": KEYS[role] };
}

/** A problem document, as far as tests look at it. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly hint?: string;
  readonly details: Readonly<Record<string, unknown>>;
  readonly place?: { readonly line: number; readonly column: number };
}

/** The problem that an answer is; fails when it is none. */
export async function problemIn(answer: Response): Promise<Problem> {
  const type = answer.headers.get("content-type");
  const text = await answer.text();
  if (type !== "application/problem+json") {
    throw new TypeError(`no problem document: ${answer.status} ${type} ${text}`);
  }
  // The suite checks the members that it reads.
  const problem = JSON.parse(text) as Problem;
  if (problem.status !== answer.status) {
    throw new TypeError(`status ${answer.status}, document ${problem.status}`);
  }
  return problem;
}

/**
 * `/charts/:kind`. `POST { spec }`: a spec is compiled to queries, and comes back with the aggregated rows.
 * `GET ?sql=` or `?view=`: a ready spec for a result, chosen from the roles of its columns.
 *
 * The SQL of each dataset comes with the answer: `/live?sql=...` follows it.
 *
 * @module
 */
import * as v from "valibot";
import { LiveViewError, QueryError } from "../../../src/base/error.ts";
import type { StatementInput } from "../../../src/kernel/database.ts";
import { suggestion } from "../../../src/query/name_suggestion.ts";
import { printQuery } from "../../../src/sql/print.ts";
import type { ChartCatalog, ChartKind, ChartRow, PresentOptions } from "../../charts/chart_kind.ts";
import type { AppCall, AppContext, LiveviewHono } from "../app_context.ts";
import { checkInput } from "../check_input.ts";
import { readJsonBody } from "../read_body.ts";
import { quotedName, relationColumns } from "../relation_columns.ts";
import { addRoute, queryOf } from "../route.ts";
import { plainObject } from "../schema/query_schema.ts";
import { wireRow, wireValue } from "../wire_value.ts";

/** Rows of one chart: more than any screen has pixels. */
const CHART_ROWS_MAX = 100_000;

const compileRequest = v.strictObject({
  spec: plainObject,
  rows: v.exactOptional(
    v.pipe(
      v.boolean(),
      v.description("Fill the rows in; true by default. Without, subscribe to the datasets"),
    ),
  ),
});

const compileAnswer = v.object({
  spec: plainObject,
  datasets: v.array(v.object({ name: v.string(), sql: v.string() })),
  unsupported: v.array(v.object({ path: v.string(), reason: v.string() })),
  version: v.number(),
});

const pixels = v.pipe(v.string(), v.regex(/^\d{1,5}$/, "expected pixels"), v.transform(Number));

const presentParameters = v.strictObject({
  sql: v.exactOptional(v.string()),
  view: v.exactOptional(v.string()),
  title: v.exactOptional(v.string()),
  timeZone: v.exactOptional(v.string()),
  locale: v.exactOptional(v.string()),
  width: v.exactOptional(pixels),
  height: v.exactOptional(pixels),
});

/** Adds both routes. */
export function addChartRoutes(app: LiveviewHono, context: AppContext): void {
  addRoute(app, context, {
    method: "POST",
    path: "/charts/:kind",
    summary: "Compiles the spec of a chart library to queries and fills in the aggregated rows",
    access: "read",
    body: { "application/json": compileRequest },
    answers: { "application/json": compileAnswer },
  }, (c) => compiled(c, context));
  addRoute(app, context, {
    method: "GET",
    path: "/charts/:kind",
    summary: "A ready spec for a query or view",
    access: "read",
    query: presentParameters,
    answers: { "application/json": plainObject },
  }, (c) => presented(c, context));
}

async function compiled(c: AppCall, context: AppContext): Promise<Response> {
  const kind = requireKind(context, c.req.param("kind") ?? "");
  const body = await readJsonBody(c.req.raw, context.limits.bodyBytesMax);
  const { spec, rows = true } = checkInput(compileRequest, body, "the body");
  const chart = kind.compile(spec, chartCatalog(context));
  const { version } = context.db;
  const filled = new Map<string, readonly ChartRow[]>();
  if (rows) {
    for (const { name, query } of chart.datasets) filled.set(name, (await rowsOf(c, context, query)).rows);
  }
  return uncached({
    spec: chart.fill(filled),
    datasets: chart.datasets.map(({ name, query }) => ({ name, sql: printQuery(query) })),
    unsupported: chart.unsupported,
    version,
  });
}

async function presented(c: AppCall, context: AppContext): Promise<Response> {
  const kind = requireKind(context, c.req.param("kind") ?? "");
  const { sql, view, ...asked } = checkInput(presentParameters, queryOf(c), "the query string");
  const options: PresentOptions = { timeZone: context.db.timeZone, ...asked };
  requireZone(options.timeZone);
  if ((sql === undefined) === (view === undefined)) {
    throw new QueryError("invalid-parameter", "A chart needs either sql or view", {
      hint: "GET /v1/charts/vega-lite?view=name",
    });
  }
  const statement = sql ?? `SELECT * FROM ${quotedName(requireRelation(context, view!))}`;
  const { columns, rows } = await rowsOf(c, context, statement);
  return uncached(kind.present(columns, rows, options));
}

async function rowsOf(c: AppCall, context: AppContext, statement: StatementInput) {
  const options = { ...context.queryOptions(c), rowsMax: CHART_ROWS_MAX };
  const result = await context.db.query(statement, options);
  return {
    columns: result.columns.map(({ name, sqlType }) => ({ name, type: sqlType })),
    rows: result.objects().map((row) => wireRow(row, result.columns)),
  };
}

function chartCatalog({ db }: AppContext): ChartCatalog {
  return {
    timeZone: db.timeZone,
    relationNames: () => db.catalog.relationNames(),
    columns: (relation) => relationColumns(db, relation),
    describe: (query) => {
      try {
        return db.reads(query).columns;
      } catch (error) {
        if (error instanceof LiveViewError) return undefined;
        throw error;
      }
    },
  };
}

function requireKind({ options }: AppContext, name: string): ChartKind {
  const kinds = options.charts ?? [];
  const kind = kinds.find((one) => one.name === name);
  if (kind !== undefined) return kind;
  const names = kinds.map((one) => one.name);
  throw new QueryError("unknown-route", `There is no kind of chart ${JSON.stringify(name)}`, {
    details: { kind: name, kinds: names },
    hint: suggestion(name, names) ??
      (names.length === 0 ? "give charts to liveviewApp" : `kinds are ${names.join(", ")}`),
  });
}

function requireRelation({ db }: AppContext, name: string): string {
  if (db.catalog.relation(name) !== undefined) return name;
  throw new QueryError("unknown-table", `There is no table or view ${JSON.stringify(name)}`, {
    details: { view: name },
    hint: suggestion(name, db.catalog.relationNames()) ?? "GET /v1/describe lists them",
  });
}

function requireZone(timeZone: string | undefined): void {
  try {
    new Intl.DateTimeFormat("en", { ...(timeZone === undefined ? {} : { timeZone }) });
  } catch (cause) {
    throw new QueryError("invalid-parameter", `There is no time zone ${JSON.stringify(timeZone)}`, {
      details: { timeZone },
      hint: "use an IANA name such as Europe/Vienna",
      cause,
    });
  }
}

function uncached(body: unknown): Response {
  return Response.json(wireValue(body), { headers: { "cache-control": "no-store" } });
}

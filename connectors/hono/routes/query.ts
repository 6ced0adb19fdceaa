/**
 * `POST /query`: a statement and its parameters, answered.
 *
 * @module
 */
import * as v from "valibot";
import type { QueryOptions } from "../../../src/kernel/query_context.ts";
import { queryFromJson } from "../../../src/query/json_query.ts";
import type { AppCall, AppContext, LiveviewHono } from "../app_context.ts";
import { checkInput } from "../check_input.ts";
import { readJsonBody } from "../read_body.ts";
import { addRoute } from "../route.ts";
import { wireRow } from "../wire_value.ts";

const wholeNumber = v.pipe(v.number(), v.integer(), v.minValue(0));

/** The body of `POST /query`. */
export const queryRequest = v.strictObject({
  /** SQL text; either this or `query`. */
  sql: v.exactOptional(v.string()),
  /** The JSON form of a query. */
  query: v.exactOptional(v.record(v.string(), v.unknown())),
  /** Values of `$1`, ... as an array, or of `:name` as an object. */
  params: v.exactOptional(v.union([v.array(v.unknown()), v.record(v.string(), v.unknown())])),
  minVersion: v.exactOptional(wholeNumber),
  maxStalenessMs: v.exactOptional(v.pipe(v.number(), v.minValue(0))),
  deadlineMs: v.exactOptional(v.pipe(v.number(), v.minValue(1))),
  exact: v.exactOptional(v.boolean()),
});

/** Adds the route. */
export function addQueryRoutes(app: LiveviewHono, context: AppContext): void {
  addRoute(app, context, {
    method: "POST",
    path: "/query",
    summary: "Answers one statement",
    access: "read",
    body: { "application/json": queryRequest },
    answers: { "application/json": undefined },
  }, (c) => answerQuery(c, context));
}

async function answerQuery(c: AppCall, context: AppContext): Promise<Response> {
  const body = checkInput(
    queryRequest,
    await readJsonBody(c.req.raw, context.limits.bodyBytesMax),
    "the query",
  );
  const statement = body.sql ?? queryFromJson(body.query);
  const options: QueryOptions = {
    ...context.queryOptions(c),
    ...(body.params === undefined ? {} : { params: body.params }),
    ...(body.exact === undefined ? {} : { exact: body.exact }),
  };
  const result = await context.db.query(statement, options);
  const rows = result.objects().map((row) => wireRow(row, result.columns));
  return c.json({
    columns: result.columns.map(({ name, type, nullable }) => ({ name, type, nullable })),
    rows,
    rowCount: result.rowCount,
    version: result.version,
  });
}

/**
 * `POST /query`: a statement and its parameters, answered. `GET /query`: the same as a link that caches understand.
 *
 * @module
 */
import { QueryError } from "../../../src/base/error.ts";
import { queryFromJson } from "../../../src/query/json_query.ts";
import { AnswerCache } from "../answer/answer_cache.ts";
import { answerQuestion, type Question } from "../answer/answer_query.ts";
import { negotiateFormat, RESULT_PREFERENCE } from "../answer/negotiation.ts";
import { RESULT_FORMATS, type ResultFormat } from "../answer/result_format.ts";
import type { AppCall, AppContext, LiveviewHono } from "../app_context.ts";
import { checkInput } from "../check_input.ts";
import { parseJsonText } from "../../json/parse_json.ts";
import { readJsonBody } from "../read_body.ts";
import { addRoute, queryOf } from "../route.ts";
import { forTenant } from "../auth/authenticator.ts";
import { formatParameters, queryParameters, queryRequest, resultAnswer } from "../schema/query_schema.ts";

const formatsOf = ({ options }: AppContext): readonly ResultFormat[] =>
  RESULT_PREFERENCE.filter((format) => format !== "arrow" || options.arrow !== undefined);

/** Adds both routes. */
export function addQueryRoutes(app: LiveviewHono, context: AppContext): void {
  const answers = {
    ...Object.fromEntries(formatsOf(context).map((format) => [RESULT_FORMATS[format].mediaType, undefined])),
    "application/json": resultAnswer,
  };
  const cache = new AnswerCache(context.limits.answerCacheBytesMax);
  context.metrics.addSource((add) => {
    add("http_answer_cache_bytes", cache.bytes);
    add("http_answer_cache_entries", cache.size);
  });
  addRoute(app, context, {
    method: "POST",
    path: "/query",
    summary: "Answers one statement",
    access: "read",
    query: formatParameters,
    body: { "application/json": queryRequest },
    answers,
  }, async (c) => answerQuestion(c, context, cache, await questionOfBody(c, context)));
  addRoute(app, context, {
    method: "GET",
    path: "/query",
    summary: "Answers one query; with If-None-Match 304 as long as its tables have not changed",
    access: "read",
    query: queryParameters,
    answers,
  }, (c) => answerQuestion(c, context, cache, questionOfLink(c, context)));
}

async function questionOfBody(c: AppCall, context: AppContext): Promise<Question> {
  const body = checkInput(
    queryRequest,
    await readJsonBody(c.req.raw, context.limits.bodyBytesMax),
    "the query",
  );
  const { sql, query, tenant, ...options } = body;
  c.set("principal", forTenant(c.get("principal"), tenant));
  if ((sql === undefined) === (query === undefined)) {
    throw new QueryError("invalid-parameter", "The body needs either sql or query", {
      details: { issues: [{ pointer: "", reason: "either sql or query" }] },
      hint: `send {"sql": "SELECT ..."}`,
    });
  }
  return {
    ...options,
    statement: sql ?? queryFromJson(query),
    text: sql ?? JSON.stringify(query, (_, value) => typeof value === "bigint" ? String(value) : value),
    format: negotiateFormat(
      c.req.header("accept"),
      checkInput(formatParameters, queryOf(c), "the query string"),
      formatsOf(context),
    ),
  };
}

function questionOfLink(c: AppCall, context: AppContext): Question {
  const { sql, params, format, shape, ...options } = checkInput(
    queryParameters,
    queryOf(c),
    "the query string",
  );
  const values = params === undefined ? undefined : paramsOf(params);
  return {
    ...options,
    statement: sql,
    text: sql,
    ...(values === undefined ? {} : { params: values }),
    format: negotiateFormat(
      c.req.header("accept"),
      { ...(format === undefined ? {} : { format }), ...(shape === undefined ? {} : { shape }) },
      formatsOf(context),
    ),
  };
}

function paramsOf(text: string): NonNullable<Question["params"]> {
  return checkInput(queryRequest.entries.params.wrapped, parseJsonText(text, { file: "params" }), "params");
}

/**
 * `GET` and `POST /explain`: the plan of a query, and with `analyze` what each operator did.
 *
 * @module
 */
import * as v from "valibot";
import type { StatementInput } from "../../../src/kernel/database.ts";
import { queryFromJson } from "../../../src/query/json_query.ts";
import type { AppCall, AppContext, LiveviewHono } from "../app_context.ts";
import { checkInput } from "../check_input.ts";
import { typeName } from "../../../src/storage/sql_type.ts";
import { readJsonBody } from "../read_body.ts";
import { addRoute, queryOf } from "../route.ts";
import { plainObject } from "../schema/query_schema.ts";

const explainRequest = v.strictObject({
  sql: v.exactOptional(v.string()),
  query: v.exactOptional(plainObject),
  params: v.exactOptional(v.union([v.array(v.unknown()), plainObject])),
  analyze: v.exactOptional(v.pipe(v.boolean(), v.description("Run the query and count what operators do"))),
});

const explainParameters = v.strictObject({
  sql: v.string(),
  analyze: v.exactOptional(v.pipe(v.picklist(["true", "false"]), v.transform((text) => text === "true"))),
});

const explainAnswer = v.object({
  plan: v.pipe(v.array(v.string()), v.description("One line a node, indented by depth")),
  tables: v.array(v.string()),
  isRepeatable: v.boolean(),
  columns: v.array(v.object({ name: v.string(), type: v.string() })),
  operators: v.array(v.looseObject({ name: v.string(), rowsIn: v.number(), rowsOut: v.number() })),
  elapsedMs: v.nullable(v.number()),
});

type ExplainRequest = v.InferOutput<typeof explainRequest>;

/** Adds both routes. */
export function addExplainRoutes(app: LiveviewHono, context: AppContext): void {
  const shared = {
    path: "/explain",
    summary: "The plan of a query",
    access: "read",
    answers: { "application/json": explainAnswer },
  } as const;
  addRoute(
    app,
    context,
    { ...shared, method: "GET", query: explainParameters },
    (c) => explained(c, context, checkInput(explainParameters, queryOf(c), "the query string")),
  );
  addRoute(
    app,
    context,
    { ...shared, method: "POST", body: { "application/json": explainRequest } },
    async (c) => {
      const body = await readJsonBody(c.req.raw, context.limits.bodyBytesMax);
      return explained(c, context, checkInput(explainRequest, body, "the body"));
    },
  );
}

async function explained(c: AppCall, context: AppContext, request: ExplainRequest): Promise<Response> {
  const { db } = context;
  const statement: StatementInput = request.sql ?? queryFromJson(request.query);
  const params = request.params === undefined ? {} : { params: request.params };
  const { tables, isRepeatable, columns } = db.reads(statement, params);
  const explanation = await db.explain(statement, {
    ...context.queryOptions(c),
    ...params,
    analyze: request.analyze ?? false,
  });
  c.header("cache-control", "no-store");
  return c.json({
    plan: explanation.lines(),
    tables,
    isRepeatable,
    columns: columns.map(({ name, type }) => ({ name, type: typeName(type) })),
    operators: explanation.operators,
    elapsedMs: explanation.elapsedMs ?? null,
  });
}

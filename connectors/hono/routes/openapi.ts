/**
 * `GET /openapi.json`: every route as an OpenAPI 3.1 document, from the schemas that check its input.
 *
 * OpenAPI 3.1 takes JSON Schema 2020-12 as it is, which `@valibot/to-json-schema` makes; nothing else is needed, and
 * no converter of another library is loaded at run time. The document is made when it is first asked for.
 *
 * @module
 */
import { toJsonSchema } from "@valibot/to-json-schema";
import type { GenericSchema } from "valibot";
import type { AppContext, LiveviewHono } from "../app_context.ts";
import { PROBLEM_TYPE } from "../problem.ts";
import { addRoute, type RouteDocument } from "../route.ts";

type Json = Readonly<Record<string, unknown>>;

/** Adds the route. */
export function addOpenapiRoutes(app: LiveviewHono, context: AppContext): void {
  let text: string | undefined;
  addRoute(app, context, {
    method: "GET",
    path: "/openapi.json",
    summary: "This document",
    access: "public",
    answers: { "application/json": undefined },
  }, () => {
    text ??= JSON.stringify(openapiDocument(context.routes));
    return new Response(text, {
      headers: { "content-type": "application/json", "cache-control": "no-cache" },
    });
  });
}

/** The document of `routes`. */
export function openapiDocument(routes: readonly RouteDocument[]): Json {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    const path = `/v1${route.path.replaceAll(/:([^/]+)/g, "{$1}")}`;
    (paths[path] ??= {})[route.method.toLowerCase()] = operation(route);
  }
  return {
    openapi: "3.1.0",
    jsonSchemaDialect: "https://json-schema.org/draft/2020-12/schema",
    info: {
      title: "LiveViewDB",
      version: "1",
      description: "Queries, live results and chart data of an in-memory analytics database",
    },
    paths,
    components: {
      schemas: { Problem: PROBLEM_SCHEMA },
      responses: {
        Problem: {
          description: "What went wrong (RFC 9457)",
          content: { [PROBLEM_TYPE]: { schema: { $ref: "#/components/schemas/Problem" } } },
        },
      },
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer", bearerFormat: "JWT" },
        apiKey: { type: "apiKey", in: "header", name: "X-API-Key" },
      },
    },
  };
}

const PROBLEM_SCHEMA: Json = {
  type: "object",
  required: ["type", "title", "status", "detail", "code", "details"],
  properties: {
    type: { type: "string", description: "urn:liveview:problem:<code>" },
    title: { type: "string" },
    status: { type: "integer" },
    detail: { type: "string" },
    code: { type: "string" },
    hint: { type: "string" },
    details: { type: "object" },
    place: {
      type: "object",
      properties: {
        from: { type: "integer" },
        to: { type: "integer" },
        line: { type: "integer" },
        column: { type: "integer" },
      },
    },
  },
};

function operation(route: RouteDocument): Json {
  const parameters = [...pathParameters(route), ...queryParameters(route)];
  return {
    operationId: operationId(route),
    summary: route.summary,
    description: `For callers who may: ${route.access}`,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(route.body === undefined
      ? {}
      : { requestBody: { required: true, content: contentOf(route.body, "input") } }),
    responses: {
      [String(route.status ?? 200)]: {
        description: "The answer",
        content: contentOf(route.answers, "output"),
      },
      default: { $ref: "#/components/responses/Problem" },
    },
    // An empty requirement beside the others: credentials are optional where anonymous callers may come.
    security: route.access === "public" ? [{}] : [{ bearer: [] }, { apiKey: [] }, {}],
  };
}

/** `POST /views/:name/refresh` as `postViewsNameRefresh`. */
function operationId({ method, path }: RouteDocument): string {
  const words = path.split(/[^A-Za-z0-9]+/).filter((word) => word !== "");
  return method.toLowerCase() + words.map((word) => word[0]!.toUpperCase() + word.slice(1)).join("");
}

function pathParameters({ path }: RouteDocument): readonly Json[] {
  return [...path.matchAll(/:([^/]+)/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
}

function queryParameters({ query }: RouteDocument): readonly Json[] {
  if (query === undefined) return [];
  const { properties = {}, required = [] } = schemaOf(query, "input");
  // Schemas of query strings are objects.
  return Object.entries(properties as Readonly<Record<string, Json>>).map(([name, schema]) => ({
    name,
    in: "query",
    required: (required as readonly string[]).includes(name),
    schema,
  }));
}

function contentOf(
  types: Readonly<Record<string, GenericSchema | undefined>>,
  mode: "input" | "output",
): Json {
  return Object.fromEntries(
    Object.entries(types).map((
      [type, schema],
    ) => [type, schema === undefined ? {} : { schema: schemaOf(schema, mode) }]),
  );
}

function schemaOf(schema: GenericSchema, typeMode: "input" | "output"): Json {
  const { $schema: _, ...converted } = toJsonSchema(schema, {
    target: "draft-2020-12",
    typeMode,
    errorMode: "ignore",
  });
  return converted;
}

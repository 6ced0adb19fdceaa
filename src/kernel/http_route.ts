/**
 * A route that a plugin adds to the HTTP adapter. The kernel knows requests and responses as the web standard has
 * them and no framework; without the adapter a route is never called.
 *
 * @module
 */
import type { QueryContext } from "./query_context.ts";

/** What a handler gets: the adapter has authenticated it and applied its limits. */
export interface HttpCall {
  /** The request; its body has not been read, and its signal ends with the connection. */
  readonly request: Request;
  /** Values of the `:name` parts of the path, decoded. */
  readonly parameters: Readonly<Record<string, string>>;
  /** For `QueryOptions.context`: holds the principal under `principalKey`. */
  readonly context: QueryContext;
  /** For `QueryOptions.tenant`: the tenant of the principal. */
  readonly tenant: string | undefined;
}

/** See the module header. */
export interface HttpRoute {
  /** The HTTP method. */
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Below the version prefix of the adapter, with `:name` for a variable part: `/windows/:table`. */
  readonly path: string;
  /** One sentence for the OpenAPI document. */
  readonly summary: string;
  /** What the caller must be allowed to do; `read` by default. */
  readonly access?: "public" | "read" | "write" | "admin";
  /** The answer. What it throws becomes a problem document. */
  handle(call: HttpCall): Response | Promise<Response>;
}

/**
 * How routes are added: a document that says what a route is, and its handler.
 *
 * The document is the only place where method, path, access and schemas of a route stand: the OpenAPI document,
 * the answers 404 and 405, and the check of roles are made from it.
 *
 * @module
 */
import type { GenericSchema } from "valibot";
import { AccessError } from "../../src/base/error.ts";
import type { Principal } from "../../src/kernel/principal.ts";
import type { AppCall, AppContext, LiveviewHono } from "./app_context.ts";
import type { Access } from "./app_options.ts";

/** A method of HTTP that routes may have. */
export type HttpMethod = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** What a route is. */
export interface RouteDocument {
  readonly method: HttpMethod;
  /** Below `/v1`, with `:name` for a variable part. */
  readonly path: string;
  /** One sentence. */
  readonly summary: string;
  /** What the caller must be allowed to do. */
  readonly access: Access;
  /** Query string: an object schema, each entry a parameter. */
  readonly query?: GenericSchema;
  /** The body by media type; `undefined` as schema for a body that is no JSON. */
  readonly body?: Readonly<Record<string, GenericSchema | undefined>>;
  /** Successful answers by media type, with the schema of those that are JSON. */
  readonly answers: Readonly<Record<string, GenericSchema | undefined>>;
  /** Status of a successful answer; 200 by default. */
  readonly status?: number;
}

/** Adds one route. What `handle` throws becomes a problem document. */
export function addRoute(
  app: LiveviewHono,
  context: AppContext,
  document: RouteDocument,
  handle: (c: AppCall) => Response | Promise<Response>,
): void {
  context.routes.push(document);
  app.on(document.method, document.path, (c) => {
    c.set("route", document.path);
    requireAccess(c.get("principal"), document.access);
    return handle(c);
  });
}

const IMPLIED: Readonly<Record<Exclude<Access, "public">, readonly string[]>> = {
  read: ["read", "write", "admin"],
  write: ["write", "admin"],
  admin: ["admin"],
};

/** True when the roles of `principal` allow `access`. */
export function mayAccess(principal: Principal, access: Access): boolean {
  return access === "public" || principal.roles.some((role) => IMPLIED[access].includes(role));
}

/**
 * @throws {AccessError} `unauthenticated` for callers without credentials, `access-denied` for others
 */
export function requireAccess(principal: Principal, access: Access): void {
  if (mayAccess(principal, access)) return;
  const anonymous = principal.subject === ANONYMOUS;
  throw new AccessError(
    anonymous ? "unauthenticated" : "access-denied",
    anonymous
      ? `This route is for callers who may ${access}: received no credentials`
      : `This route is for callers who may ${access}: received the roles ${JSON.stringify(principal.roles)}`,
    {
      details: { access, roles: principal.roles },
      hint: anonymous ? "send Authorization: Bearer <token>, or an API key" : "ask for the role",
    },
  );
}

/** The query string of `c`, without what is the same for all routes: the tenant, and the token of streams. */
export function queryOf(c: AppCall): Readonly<Record<string, string>> {
  const { tenant: _, access_token: __, ...rest } = c.req.query();
  return rest;
}

/** The subject of callers without credentials. */
export const ANONYMOUS = "anonymous";

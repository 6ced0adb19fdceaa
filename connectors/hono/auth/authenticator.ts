/**
 * Who asks: credentials to a principal, and the tenant that a request names against the one it may see.
 *
 * @module
 */
import type { Clock } from "../../../src/base/clock.ts";
import { AccessError } from "../../../src/base/error.ts";
import type { Principal } from "../../../src/kernel/principal.ts";
import { ANONYMOUS, mayAccess } from "../route.ts";
import { type ApiKey, holderOf } from "./api_key.ts";
import { credentialOf } from "./credential.ts";
import { type JwtOptions, JwtVerifier } from "./jwt.ts";

/** How callers prove who they are. */
export interface AuthenticationOptions {
  /** Tokens in `Authorization: Bearer`. */
  readonly jwt?: JwtOptions;
  /** Keys in `X-API-Key`, or `Authorization: ApiKey`. */
  readonly apiKeys?: readonly ApiKey[];
  /**
   * Asked first, for other ways: sessions, client certificates. `undefined` leaves the request to the others; an
   * error refuses it.
   */
  readonly authenticate?: (request: Request) => Promise<Principal | undefined> | Principal | undefined;
}

/** See the module header. */
export class Authenticator {
  readonly #options: AuthenticationOptions;
  readonly #jwt: JwtVerifier | undefined;
  readonly #anonymous: Principal;

  /** `anonymousRoles` are those of callers without credentials. */
  constructor(options: AuthenticationOptions, anonymousRoles: readonly string[], clock: Clock) {
    this.#options = options;
    this.#jwt = options.jwt === undefined ? undefined : new JwtVerifier(options.jwt, clock);
    this.#anonymous = { subject: ANONYMOUS, roles: anonymousRoles, claims: {} };
  }

  /**
   * The principal of `request`.
   *
   * @throws {AccessError} `unauthenticated` for credentials that are not valid; `access-denied` for a tenant that
   * is not the principal's
   */
  async principalOf(request: Request): Promise<Principal> {
    return forTenant(await this.#identify(request), tenantOf(request));
  }

  async #identify(request: Request): Promise<Principal> {
    const known = await this.#options.authenticate?.(request);
    if (known !== undefined) return known;
    const credential = credentialOf(request);
    if (credential === undefined) return this.#anonymous;
    if (credential.kind === "token" && this.#jwt !== undefined) {
      return await this.#jwt.principalOf(credential.text);
    }
    if (credential.kind === "apiKey" && this.#options.apiKeys !== undefined) {
      const holder = await holderOf(credential.text, this.#options.apiKeys);
      if (holder !== undefined) return holder;
      throw new AccessError("unauthenticated", "The API key is not known", {
        details: { token: "invalid" },
        hint: "check the key; it may have been withdrawn",
      });
    }
    throw new AccessError("unauthenticated", `This server does not take the credentials of the request`, {
      details: { token: "invalid", kind: credential.kind },
      hint: this.#jwt === undefined ? "send none, or an API key" : "send Authorization: Bearer <token>",
    });
  }
}

/** The tenant that a request names: in `X-Tenant`, or `?tenant=`. */
function tenantOf(request: Request): string | undefined {
  const header = request.headers.get("x-tenant");
  if (header !== null) return header;
  if (!request.url.includes("tenant=")) return undefined;
  return new URL(request.url).searchParams.get("tenant") ?? undefined;
}

/**
 * `principal`, acting for `tenant`. An administrator who belongs to no tenant may act for any.
 *
 * @throws {AccessError} `access-denied`
 */
export function forTenant(principal: Principal, tenant: string | undefined): Principal {
  if (tenant === undefined || tenant === principal.tenant) return principal;
  if (principal.tenant === undefined && mayAccess(principal, "admin")) return { ...principal, tenant };
  throw new AccessError(
    "access-denied",
    `The request names the tenant ${JSON.stringify(tenant.slice(0, 100))}: it is not the caller's`,
    {
      details: { tenant: tenant.slice(0, 100) },
      hint: "leave the tenant out: it follows from the credentials",
    },
  );
}

/**
 * JSON Web Tokens: signature by hono/jwt, times by the clock of the app, claims to a principal.
 *
 * The key says which algorithm it is for, never the token: a token whose header names another one is refused before
 * any signature is computed, so neither `alg: none` nor a public key used as an HMAC secret gets anywhere. Tokens
 * that were verified are remembered, bounded; their times are checked anew each time.
 *
 * @module
 */
import { decode, verify } from "hono/jwt";
import { AccessError } from "../../../src/base/error.ts";
import type { Clock } from "../../../src/base/clock.ts";
import type { Principal } from "../../../src/kernel/principal.ts";
import { JwksKeys, type JwksOptions } from "./jwks.ts";

/** Algorithms of signatures that are taken. */
export type JwtAlgorithm = "HS256" | "HS384" | "HS512" | "RS256" | "RS384" | "RS512" | "ES256" | "EdDSA";

/** A key and the one algorithm it is for. */
export interface JwtKey {
  readonly algorithm: JwtAlgorithm;
  /** The secret of HS256; PEM text or a JWK of the public key for the others. */
  readonly key: string | JsonWebKey;
  /** When set, the key is for tokens that name it. */
  readonly kid?: string;
}

/** How tokens are checked. */
export interface JwtOptions {
  /** Keys at hand. */
  readonly keys?: readonly JwtKey[];
  /** Keys that are fetched. */
  readonly jwks?: JwksOptions;
  /** The `iss` that tokens must have. */
  readonly issuer?: string;
  /** One of these must be in `aud`. */
  readonly audience?: string | readonly string[];
  /** Seconds by which clocks may differ; 5 by default. */
  readonly leewayS?: number;
  /** Seconds since `iat` after which a token is too old, whatever its `exp` says. */
  readonly maxAgeS?: number;
  /** Makes a principal of verified claims; see {@linkcode principalOfClaims}. */
  readonly principal?: (claims: Readonly<Record<string, unknown>>) => Principal;
}

const LEEWAY_S = 5;
const VERIFIED_MAX = 1_000;

type Claims = Readonly<Record<string, unknown>>;

/** See the module header. */
export class JwtVerifier {
  readonly #options: JwtOptions;
  readonly #clock: Clock;
  readonly #jwks: JwksKeys | undefined;
  readonly #verified = new Map<string, Claims>();

  constructor(options: JwtOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
    this.#jwks = options.jwks === undefined ? undefined : new JwksKeys(options.jwks, clock);
  }

  /**
   * The principal of `token`.
   *
   * @throws {AccessError} `unauthenticated`
   */
  async principalOf(token: string): Promise<Principal> {
    let claims = this.#verified.get(token);
    if (claims === undefined) {
      claims = await this.#verify(token);
      this.#verified.set(token, claims);
      if (this.#verified.size > VERIFIED_MAX) {
        for (const oldest of this.#verified.keys()) {
          this.#verified.delete(oldest);
          break;
        }
      }
    }
    this.#checkTimes(claims);
    return (this.#options.principal ?? principalOfClaims)(claims);
  }

  async #verify(token: string): Promise<Claims> {
    const header = headerOf(token);
    const keys = await this.#keysFor(header);
    if (keys.length === 0) {
      throw refused("no key of this server is for it", { algorithm: header.alg, kid: header.kid ?? null });
    }
    for (const { algorithm, key } of keys) {
      try {
        // Times are checked by the clock of the app; the library would take the machine's.
        const claims = await verify(token, key, { alg: algorithm, exp: false, nbf: false, iat: false });
        this.#checkNames(claims);
        return claims;
      } catch (error) {
        if (error instanceof AccessError) throw error;
      }
    }
    throw refused("its signature is not valid");
  }

  async #keysFor({ alg, kid }: TokenHeader): Promise<readonly JwtKey[]> {
    const fits = (key: JwtKey) => key.algorithm === alg && (key.kid === undefined || key.kid === kid);
    const own = (this.#options.keys ?? []).filter(fits);
    if (own.length > 0 || this.#jwks === undefined) return own;
    return (await this.#jwks.keysFor(kid)).filter(fits);
  }

  #checkNames(claims: Claims): void {
    const { issuer, audience } = this.#options;
    if (issuer !== undefined && claims["iss"] !== issuer) throw refused("it comes from another issuer");
    if (audience === undefined) return;
    const wanted = typeof audience === "string" ? [audience] : audience;
    const named = Array.isArray(claims["aud"]) ? claims["aud"] : [claims["aud"]];
    if (!wanted.some((name) => named.includes(name))) throw refused("it is for another audience");
  }

  #checkTimes(claims: Claims): void {
    const { leewayS = LEEWAY_S, maxAgeS } = this.#options;
    const now = this.#clock.now() / 1000;
    const exp = secondsOf(claims, "exp");
    if (exp !== undefined && now >= exp + leewayS) throw refused("it has expired");
    const nbf = secondsOf(claims, "nbf");
    if (nbf !== undefined && now < nbf - leewayS) throw refused("it is not valid yet");
    const iat = secondsOf(claims, "iat");
    if (iat !== undefined && now < iat - leewayS) throw refused("it was issued in the future");
    if (maxAgeS !== undefined && (iat === undefined || now >= iat + maxAgeS + leewayS)) {
      throw refused(`it is older than ${maxAgeS} s, or does not say how old it is`);
    }
  }
}

/** `sub`, `tenant`, and the roles of `roles`, `role` or `scope`; `read` for a token without any. */
export function principalOfClaims(claims: Claims): Principal {
  const { sub, tenant } = claims;
  const roles = claims["roles"] ?? claims["role"] ?? claims["scope"];
  const named = typeof roles === "string" ? roles.split(/[\s,]+/) : Array.isArray(roles) ? roles : ["read"];
  return {
    subject: typeof sub === "string" ? sub : "token",
    ...(typeof tenant === "string" ? { tenant } : {}),
    roles: named.filter((role): role is string => typeof role === "string" && role !== ""),
    claims,
  };
}

interface TokenHeader {
  readonly alg: string;
  readonly kid?: string;
}

function headerOf(token: string): TokenHeader {
  let header: unknown;
  try {
    header = decode(token).header;
  } catch {
    throw refused("it is not a JSON Web Token");
  }
  if (typeof header === "object" && header !== null && "alg" in header && typeof header.alg === "string") {
    return {
      alg: header.alg,
      ...("kid" in header && typeof header.kid === "string" ? { kid: header.kid } : {}),
    };
  }
  throw refused("its header names no algorithm");
}

/** Times are numbers of seconds; anything else is no time that a token may carry. */
function secondsOf(claims: Claims, name: string): number | undefined {
  const value = claims[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw refused(`its ${name} is not a number`);
}

function refused(reason: string, details: Readonly<Record<string, unknown>> = {}): AccessError {
  return new AccessError("unauthenticated", `The token is refused: ${reason}`, {
    details: { token: "invalid", ...details },
    hint: "get a new one",
  });
}
